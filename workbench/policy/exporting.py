"""Writes a policy as any program reads it: a plain model of transformers, the low-rank additions beside it, a card."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.drafts import drafted, drafted_folder
from workbench.policy.scorecard import PolicyScorecard
from workbench.policy.settings import PolicySettings
from workbench.policy.training import Base
from workbench.policy.verdict_words import limits, sentences
from workbench.reward.quiet import quiet_libraries
from workbench.reward.trainer_state import write_json

ABOUT, ADAPTER = "policy.json", "adapter"
SCHEMA = 1


def export(base: Base, settings: PolicySettings, folder: Path, facts: Mapping[str, Any]) -> Path:
    """Writes weights (safetensors), configuration and tokenizer with its chat template, and `policy.json` last.

    Low-rank additions are merged into the model, and lie in `adapter/` by themselves too: they are small, and go on the
    base anywhere. The model in memory stays as it is.
    """
    with quiet_libraries(), drafted_folder(folder, last=(ABOUT,)) as place:
        if settings.lora_rank:
            base.model.save_pretrained(place / ADAPTER)
            _without_paths(place / ADAPTER, settings)
            base.model.merge_adapter()
            try:
                _save_merged(base.model, place)
            finally:
                base.model.unmerge_adapter()
        else:
            base.model.save_pretrained(place)
        base.tokenizer.save_pretrained(place)
        write_json(place / ABOUT, {"workbench_policy": SCHEMA, **facts})
    return folder


def write_card(folder: Path, result: Mapping[str, Any], card: PolicyScorecard) -> None:
    """The card of the model, for people and for those who get it handed on; no text of the data is in it."""
    rows = [f"| {found.name} | {_figure(name, found)} | {found.n:,} |" for name, found in card.estimates.items()]
    lines = [
        "# Policy",
        "",
        *(f"{sentence}  " for sentence in sentences(card)),
        "",
        f"Trained by {result['method'].upper()} on {result['units']:,} of {result['pairs']:,} pairs"
        f" ({result['groups']:,} prompt groups) with {result['labels']} labels, from {result['base']}.",
        "",
        "## Scorecard",
        "",
        "| On held-out pairs and prompts | 95% interval | n |",
        "|---|---|---|",
        *rows,
        "",
        "## Settings",
        "",
        *(f"- {name}: {value}" for name, value in result["settings"].items()),
        "",
        "## Limits",
        "",
        *(f"- {line}" for line in limits(card)),
        "",
        "Made with " + ", ".join(f"{name} {version}" for name, version in result["versions"].items()) + ".",
    ]
    with drafted(folder / "README.md") as draft:
        draft.write_text("\n".join(lines) + "\n", "utf-8")


def _figure(name: str, found: Any) -> str:
    from workbench.policy.verdict_words import figure

    return figure(name, found)


def _save_merged(model: Any, place: Path) -> None:
    """The base with its additions in it, under the names the base has."""
    inner = model.get_base_model()
    state = {
        name.replace(".base_layer.", "."): value for name, value in inner.state_dict().items() if ".lora_" not in name
    }
    inner.save_pretrained(place, state_dict=state)


def _without_paths(folder: Path, settings: PolicySettings) -> None:
    """Takes the path of the base on this machine out of the files that go with the additions."""
    import json

    config = folder / "adapter_config.json"
    content = json.loads(config.read_text("utf-8"))
    content["base_model_name_or_path"] = Path(settings.base).name
    config.write_text(json.dumps(content, indent=2), "utf-8")
    (folder / "README.md").unlink(missing_ok=True)
