"""How a judge is asked about data, and what came of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workbench.judging.anchor_rounds import Round
from workbench.judging.answers import STATES
from workbench.judging.canaries import CanaryResult
from workbench.judging.estimating import Estimate
from workbench.judging.reconciling import Reconciled
from workbench.judging.spec import JudgeSpec


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a judge is asked about data.

    Attributes
    ----------
    orders, samples, mask, seed : as `questions_of` takes them.
    budget : $ that may not be passed, all restarts with the same ledger together; None = none.
    prices : the user's file of prices.
    at_once : calls at once at the most.
    canaries : canaries for each item.
    anchors : file of frozen pairs that are judged again too; None = none.
    """

    orders: int = 2
    samples: int = 1
    mask: bool = False
    seed: int = 0
    budget: float | None = None
    prices: str | Path | None = None
    at_once: int = 64
    canaries: float = 0.01
    anchors: str | Path | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Judged:
    """What a judge said of an export.

    Attributes
    ----------
    spec, version : the judge with the settings that its server accepts, and the hash of both and the prompt.
    verdicts : one an item.
    items : int64: positions of the items asked about.
    states : state -> calls about the data, all runs of this ledger together.
    calls, cached, unsent : sendings about the data in this run, calls that had an answer before, and calls left out for
        the budget.
    sent : all sendings of this run, those of the probe and the canaries included.
    interrupted : calls that were in flight when an earlier process ended: paid for, perhaps twice.
    usd : $ of this judge version so far; guesses where the server names no usage.
    estimate : what was expected of this run.
    canaries : how often it obeyed an order inside a response.
    answered_models : that its answers name.
    probe : what the probe found, as the ledger has it.
    tokens : fresh, cache_read, cache_write, out, reasoning.
    set_aside : reason -> items not asked about.
    notes : what to know.
    anchors : what it said of the frozen pairs in this run; None where there were none.
    """

    spec: JudgeSpec
    version: str
    verdicts: Reconciled
    items: np.ndarray
    states: Counter[str]
    calls: int
    cached: int
    unsent: int
    sent: int
    interrupted: int
    usd: float
    estimate: Estimate
    canaries: CanaryResult
    answered_models: tuple[str, ...]
    probe: dict[str, Any]
    tokens: dict[str, int]
    set_aside: dict[str, int]
    notes: tuple[str, ...]
    anchors: Round | None = None

    def to_dict(self) -> dict[str, Any]:
        """The result as the command line prints it."""
        c = self.canaries
        return {
            "judged": int(self.verdicts.table["score"].notna().sum()),
            "calls": self.calls,
            **{state: self.states[state] for state in STATES},
            "cached": self.cached,
            "usd": self.usd,
            "estimated_usd": self.estimate.usd,
            "flip_rate": self.verdicts.flip_rate,
            "both_orders": self.verdicts.both_orders,
            "judge_version": self.version,
            "sent": self.sent,
            "unsent": self.unsent,
            "interrupted": self.interrupted,
            "items": len(self.items),
            "without_label": int(self.verdicts.table["label"].isna().sum()),
            "canaries": {"asked": c.asked, "answered": c.answered, "obeyed": c.obeyed, "rate": c.rate},
            "judge": {
                "kind": self.spec.kind,
                "asked": self.spec.model,
                "answered": list(self.answered_models),
                "host": self.spec.host,
                "parameters": self.spec.parameters(),
            },
            "probe": self.probe,
            "tokens": self.tokens,
            "set_aside": self.set_aside,
            "anchors": asdict(self.anchors) if self.anchors else None,
            "notes": list(self.notes),
        }
