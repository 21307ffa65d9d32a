"""What is true in simulated data, kept beside it: the right labels, and who does what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd


@dataclass(frozen=True, eq=False)
class Truth:
    """The planted truth of a simulation.

    Attributes
    ----------
    items : one row an item, in the order of the data: `item_id`, `label` (true code), `strength` (latent quality of A
        minus B, in standard deviations over the ordinary items), `ambiguous` (people honestly differ),
        `quality_a` and `quality_b` (latent), `wrong_gold` (its gold label is planted wrong).
    annotators : one row an annotator: `annotator`, `kind`, `behaviour` (honest, spammer, speeder, left-clicker,
        drifter, colluder), `skill` (chance of the right direction on an ordinary item, when judging), `noise` (standard
        deviation on the latent scale), `pace`, `side_bias`, `drift_start` (when a drifter gives up, NaT for others),
        `copies` (whom a colluder copies, null for others).
    annotations : one row a judgement, in the order of the data: `how` it came about (judged, random, first side,
        copied, skipped) and `week` (1 = the first).
    models : `model` and its `strength` on the latent scale.
    settings : everything that was asked for.
    """

    items: pd.DataFrame
    annotators: pd.DataFrame
    annotations: pd.DataFrame
    models: pd.DataFrame
    settings: Mapping[str, object] = field(default_factory=dict)

    def to_frame(self, of: str = "items") -> pd.DataFrame:
        """The truth about `items`, `annotators`, `annotations` or `models` as a table."""
        return {
            "items": self.items,
            "annotators": self.annotators,
            "annotations": self.annotations,
            "models": self.models,
        }[of].copy()

    def troubled(self, behaviour: str | None = None) -> np.ndarray:
        """Positions of the annotators with this planted behaviour, or with any."""
        kept = (
            self.annotators["behaviour"] != "honest" if behaviour is None else self.annotators["behaviour"] == behaviour
        )
        return np.flatnonzero(kept)

    def write(self, folder: str | Path) -> list[Path]:
        """Writes `truth.parquet` (items) and `truth.json` (annotators, models, settings) into a folder."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        self.items.to_parquet(target / "truth.parquet", index=False)
        people = json.loads(self.annotators.to_json(orient="records", date_format="iso", double_precision=6))
        content = {
            "settings": dict(self.settings),
            "annotators": people,
            "models": json.loads(self.models.to_json(orient="records", double_precision=6)),
        }
        (target / "truth.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
        return [target / "truth.parquet", target / "truth.json"]
