"""The command that trains a policy on the labels: `policy`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from workbench.cli.reading import add_reading, add_seed, load_data, put
from workbench.cli.running import followed_training
from workbench.errors import WorkbenchError

_OWN_OPTION = ("base", "method", "seed")
"""Settings that have an option of their own."""


def add_commands(commands: Any) -> None:
    """Adds it to the parser."""
    policy = commands.add_parser(
        "policy",
        help="fine-tune a language model on the preferences, and say what it has learned",
        description=(
            "Trains a policy as a run: by DPO or IPO on labels that need not be certain, or from the scores of a reward"
            " model. Then holds it against pairs it has not seen, the model it was made from, the rule that the longer"
            " text is better, and a judge."
        ),
    )
    add_reading(policy)
    next(a for a in policy._actions if "--labels" in a.option_strings).help = (
        "what it learns from: gold, raw, majority, consensus, consensus-soft, or another method of aggregation"
        " (default: gold where there is any, otherwise the judgements joined). VALUE=LABEL says what a spelling means,"
        " as in other commands"
    )
    policy.add_argument(
        "--model",
        required=True,
        metavar="FOLDER",
        help=(
            "causal language model of transformers, the start of the policy and what it is held to (safetensors);"
            " 'tiny' makes a toy of the data's words, to try everything without a download"
        ),
    )
    policy.add_argument(
        "--method",
        default="dpo",
        choices=["dpo", "ipo", "rloo", "grpo", "best-of-n", "rejection"],
        help=(
            "dpo and ipo learn from the labels (default %(default)s); the others sample and learn from the scores of"
            " --reward"
        ),
    )
    policy.add_argument(
        "--reward",
        action="append",
        default=[],
        metavar="FOLDER",
        help="reward model that scores samples, and that the policy is held against; may be given several times",
    )
    policy.add_argument(
        "--judge",
        default="",
        metavar="SPEC",
        help=(
            "who compares its responses with those of the model it was made from, in both orders: model:FOLDER,"
            " rule:longer, openai:MODEL@URL, ...; not a reward model it was trained on"
        ),
    )
    policy.add_argument(
        "--judge-elsewhere", action="store_true", help="allow a judge on another machine: texts are sent to it"
    )
    policy.add_argument(
        "--eval",
        nargs="+",
        default=[],
        metavar="PATH",
        help="other pairs to judge it by (default: a share of the groups)",
    )
    policy.add_argument(
        "--share",
        type=float,
        default=0.2,
        metavar="SHARE",
        help="of the pairs, whole prompt groups, held out where there is no --eval (default %(default)s)",
    )
    policy.add_argument(
        "--judge-labels", default="", metavar="SOURCE", help="labels of the held-out pairs (default: gold where enough)"
    )
    policy.add_argument("--slice", metavar="NAME", help="slice that tells where pairs come from")
    policy.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="TOML file with any setting of docs/policy.md, and of the measuring under [measuring]",
    )
    add_seed(policy, "the same seed makes the same policy")
    policy.add_argument(
        "--out", type=Path, metavar="FOLDER", help="write the model there (default: in the run's folder)"
    )
    policy.add_argument("--json", action="store_true", help="print one JSON object")
    policy.set_defaults(run=_policy, extra="reward")


def _policy(options: argparse.Namespace) -> int:
    from workbench.formats import load
    from workbench.locations import uploads_folder
    from workbench.runs import start
    from workbench.studies.bench_building import data_file
    from workbench.workspace.dataset_store import Shelf

    sources = [each for each in options.labels if "=" not in each]
    if len(sources) > 1:
        raise WorkbenchError(f"--labels {' '.join(sources)}: a policy learns from one label source.", "Name one.")
    options.labels = [each for each in options.labels if "=" in each]
    config = _config(options, sources[0] if sources else None)
    data = load_data(options)
    shelf = Shelf(uploads_folder())
    config |= {"data": data.key, "paths": [str(data_file(data, shelf).resolve())]}
    config |= {"evaluation": [str(data_file(load(options.eval), shelf).resolve())]} if options.eval else {}
    name = Path(str(options.paths[0])).name
    run = start("policy", config, title=f"{name}, {sources[0] if sources else 'auto'}, {options.method}")
    result = followed_training(run)
    put(json.dumps(result, ensure_ascii=False, allow_nan=False) if options.json else _trained(result), None)
    return 0


def _config(options: argparse.Namespace, labels: str | None) -> dict[str, Any]:
    """The run's configuration, checked before anything is read or started."""
    from workbench.policy.run import checked
    from workbench.policy.settings import PolicySettings, read_settings
    from workbench.policy.tiny import TINY
    from workbench.reward.pairs import AUTOMATIC, label_sources
    from workbench.reward.weights import find_weights

    if labels is not None and labels not in (AUTOMATIC, *label_sources()):
        raise WorkbenchError(
            f"--labels {labels}: there is no such label source.", f"Choose one of {', '.join(label_sources())}."
        )
    if not 0 < options.share < 1:
        raise WorkbenchError(f"--share {options.share}: not a share.", "Give a number between 0 and 1.")
    if options.out is not None and options.out.exists() and not options.out.is_dir():
        raise WorkbenchError(f"--out {options.out}: that is a file.", "Name a folder.")
    if absent := [folder for folder in options.reward if not Path(folder).is_dir()]:
        raise WorkbenchError(f"--reward {absent[0]}: there is no such folder.", "Give the folder of a reward model.")
    given = read_settings(options.config) if options.config else {}
    if twice := [name for name in _OWN_OPTION if name in given]:
        raise WorkbenchError(
            f"--config {options.config}: {twice[0]} has an option of its own.", "Take it out of the file."
        )
    measuring = dict(given.pop("measuring", {}))
    measuring |= {"judge": options.judge} if options.judge else {}
    measuring |= {"local_only": not options.judge_elsewhere}
    base = TINY if options.model == TINY else str(find_weights(options.model).resolve())
    settings = PolicySettings.of({**given, "base": base, "method": options.method, "seed": options.seed})
    config = {
        "labels": labels or AUTOMATIC,
        "judge": options.judge_labels,
        "slice": options.slice,
        "share": options.share,
        "seed": options.seed,
        "policy": {**given, "base": settings.base, "method": settings.method, "seed": settings.seed},
        "measuring": measuring,
        "rewards": {"folders": [str(Path(folder).resolve()) for folder in options.reward]},
        **({"out": str(options.out.resolve())} if options.out is not None else {}),
    }
    checked(config)
    return config


def _trained(result: dict[str, Any]) -> str:
    """What a person wants to know of it first."""
    from workbench.policy.scorecard import policy_scorecard_from
    from workbench.policy.verdict_words import sentences

    train = result["train"]
    rate = train.get("pairs_per_second")
    lines = [
        (
            f"Trained by {result['method'].upper()} on {result['units']:,} of {result['pairs']:,} pairs of"
            f" {result['groups']:,} prompt groups with {result['labels']} labels, from {result['base']}:"
            f" {train['steps']:,} steps on {train['device']}" + (f", {rate:.3g} pairs a second." if rate else ".")
        ),
        *([result["read_words"]] if result.get("read_words") else []),
        *sentences(policy_scorecard_from(result["eval"])),
        *(f"{note[:1].upper()}{note[1:].rstrip('.')}." for note in result.get("notes", ())),
        *(f"Set aside: {n:,}, {reason}." for reason, n in result.get("set_aside", {}).items()),
        f"The model is in {result['folder']}",
    ]
    return "\n".join(lines)
