"""The command that trains a reward model: `train`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.cli.reading import add_reading, add_seed, load_data, put
from workbench.cli.running import followed_training
from workbench.cli.scoring import change, label_source
from workbench.errors import WorkbenchError


def add_commands(commands: Any) -> None:
    """Adds them to the parser."""
    train = commands.add_parser(
        "train",
        help="train a reward model, and say what it is worth",
        description=(
            "Trains a reward model as a run, holds it against pairs it has not seen, against people and against the"
            " rule that the longer text is better."
        ),
    )
    add_reading(train)
    change(
        train,
        "--labels",
        metavar="SOURCE",
        help=(
            "what it learns from: gold, raw, majority, consensus, consensus-soft, or another method of aggregation"
            " (default: gold where there is any, otherwise the judgements joined). VALUE=LABEL says what a spelling"
            " means, as in other commands"
        ),
    )
    train.add_argument(
        "--eval",
        nargs="+",
        action="append",
        default=[],
        metavar="[NAME=]PATH",
        help=(
            "other pairs to judge it by (default: a share of the prompt groups); may be given several times, and each"
            " NAME=PATH has a scorecard of its own"
        ),
    )
    train.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="TOML file with any setting of the Python API; what is given as an option counts instead",
    )
    train.add_argument(
        "--share",
        type=float,
        metavar="SHARE",
        help="of the pairs, whole prompt groups, held out where there is no --eval (default 0.2)",
    )
    train.add_argument(
        "--model",
        choices=["head", "finetune"],
        help="a head on frozen vectors (default), or the whole model fine-tuned",
    )
    train.add_argument(
        "--encoder",
        metavar="NAME",
        help=(
            "sentence encoder, or model to fine-tune, by name or folder (safetensors); 'hashed' needs no weights"
            " (default: all-MiniLM-L6-v2 where it is on this machine)"
        ),
    )
    train.add_argument(
        "--slice", metavar="NAME", help="slice that tells where pairs come from, such as source or topic"
    )
    train.add_argument("--smoothing", type=float, metavar="SHARE", help="label smoothing")
    train.add_argument(
        "--flips",
        type=float,
        metavar="SHARE",
        help="corrects the loss for labels that name the wrong side this often",
    )
    train.add_argument(
        "--margins", choices=["small", "large"], help="push clearly better responses further apart, as Llama 2 did"
    )
    train.add_argument(
        "--penalty",
        type=float,
        metavar="P",
        help="of a head's coefficients (default: chosen on prompt groups held out of the training pairs)",
    )
    train.add_argument(
        "--annotator-aware", action="store_true", help="with --labels raw: learn on the way whom to believe"
    )
    train.add_argument(
        "--members",
        type=int,
        metavar="N",
        help="heads on resampled prompt groups, which say how unsure it is",
    )
    train.add_argument(
        "--no-surface",
        action="store_true",
        help="do not tell the head what texts look like (length, punctuation, layout)",
    )
    train.add_argument("--max-steps", type=int, metavar="N", help="of a fine-tuning (default: one pass over the pairs)")
    train.add_argument("--max-length", type=int, metavar="N", help="tokens a fine-tuned model reads (default 512)")
    train.add_argument("--lora-rank", type=int, metavar="N", help="fine-tune low-rank additions instead of all weights")
    train.add_argument(
        "--learning-rate", type=float, metavar="R", help="of a fine-tuning (default 2e-5, with --lora-rank 2e-4)"
    )
    train.add_argument("--epochs", type=float, metavar="N", help="passes of a fine-tuning over the pairs (default 1)")
    train.add_argument("--batch-size", type=int, metavar="N", help="pairs of one step of a fine-tuning (default 16)")
    train.add_argument(
        "--over-length",
        choices=["truncate", "keep-start", "keep-end", "set-aside"],
        help="what a fine-tuning does with longer texts (default truncate)",
    )
    train.add_argument(
        "--portable",
        action="store_true",
        help="a head on vectors of the responses alone, written also as a sentence-transformers model that gives the"
        " same scores",
    )
    train.add_argument(
        "--plain", action="store_true", help="train a plain model beside it: what did minding noise give?"
    )
    train.add_argument(
        "--sources", action="store_true", help="also train without each source in turn, and judge by it (needs --slice)"
    )
    train.add_argument(
        "--quantise", action="store_true", help="measure 8-bit weights: pairs turned round, accuracy, size, time"
    )
    add_seed(train, "the same seed makes the same model")
    train.add_argument(
        "--out", type=Path, metavar="FOLDER", help="write the model there (default: in the run's folder)"
    )
    train.add_argument("--json", action="store_true", help="print one JSON object")
    train.set_defaults(run=_train, extra="reward")


def _train(options: argparse.Namespace) -> int:
    from workbench.formats import load
    from workbench.locations import uploads_folder
    from workbench.reward.before_training import check_training
    from workbench.runs import start
    from workbench.studies.bench_building import data_file
    from workbench.workspace.dataset_store import Shelf

    config = _config(options, label_source(options))
    unnamed, named = _evaluations(options.eval, config.pop("evaluations", {}))
    data = load_data(options)
    sets = {name: load(paths) for name, paths in {**({"--eval": unnamed} if unnamed else {}), **named}.items()}
    check_training(config, data, sets)
    shelf = Shelf(uploads_folder())
    files = {name: [str(data_file(each, shelf).resolve())] for name, each in sets.items()}
    config |= {"data": data.key, "paths": [str(data_file(data, shelf).resolve())]}
    config |= {"evaluation": files.pop("--eval")} if unnamed else {}
    config |= {"evaluations": files} if files else {}
    run = start("train", config, title=f"{Path(str(options.paths[0])).name}, {config['labels']}, {config['model']}")
    result = followed_training(run)
    put(json.dumps(result, ensure_ascii=False, allow_nan=False) if options.json else _trained(result), None)
    return 0


def _evaluations(
    given: Sequence[Sequence[str]], named: Mapping[str, list[str]]
) -> tuple[list[str], dict[str, list[str]]]:
    """Paths without a name, and those with one; a path that is there is a path, whatever signs it holds."""
    unnamed: list[str] = []
    found = dict(named)
    for each in (one for several in given for one in several):
        name, sign, path = each.partition("=")
        if sign and name and not Path(each).exists():
            if name in found:
                raise WorkbenchError(f"--eval {each}: there is a set {name!r} already.", "Give each its own name.")
            found[name] = [path]
        else:
            unnamed.append(each)
    return unnamed, found


def _config(options: argparse.Namespace, labels: str | None) -> dict[str, Any]:
    """The run's configuration, checked before anything is started: the file's, and over it what options say."""
    from workbench.reward.config_file import read_config
    from workbench.reward.pairs import AUTOMATIC
    from workbench.reward.run import settings_of

    file = read_config(options.config) if options.config else {}
    if options.out is not None and options.out.exists() and not options.out.is_dir():
        raise WorkbenchError(f"--out {options.out}: that is a file.", "Name a folder.")
    kind = options.model or file.get("model", "head")
    seed = options.seed or file.get("seed", 0)
    portable = options.portable or file.get("portable", False)
    settings = dict(file.get(kind, {})) | {k: v for k, v in _settings(options, kind).items() if v is not None}
    settings.setdefault("seed", seed)
    if portable:
        if kind != "head":
            raise WorkbenchError("A fine-tuned model is plain as it is.", "Leave --portable out.")
        settings |= {"surface": False, "prompt": False}
    config = {
        "labels": labels or file.get("labels", AUTOMATIC),
        "slice": options.slice or file.get("slice"),
        "share": options.share if options.share is not None else file.get("share", 0.2),
        "model": kind,
        kind: settings,
        "seed": seed,
        "portable": portable,
        **{name: getattr(options, name) or file.get(name, False) for name in ("plain", "sources", "quantise")},
        **({"judge": file["judge"]} if "judge" in file else {}),
        **({"evaluations": file["evaluations"]} if "evaluations" in file else {}),
        **({"out": str(options.out.resolve())} if options.out is not None else {}),
    }
    if not 0 < config["share"] < 1:
        raise WorkbenchError(f"--share {config['share']}: not a share.", "Give a number between 0 and 1.")
    if config["sources"] and not config["slice"]:
        raise WorkbenchError("--sources needs to know what a source is.", "Name the slice with --slice.")
    settings_of(config)
    return config


def _settings(options: argparse.Namespace, kind: str) -> dict[str, Any]:
    """What the options say of the settings of one kind of model; None where they say nothing."""
    if kind == "head":
        return {
            "encoder": options.encoder,
            "smoothing": options.smoothing,
            "flips": options.flips,
            "margins": options.margins,
            "penalty": options.penalty,
            "annotator_aware": options.annotator_aware or None,
            "members": options.members,
            "surface": False if options.no_surface else None,
        }
    return {
        "base": options.encoder,
        "smoothing": options.smoothing,
        "flip_rate": options.flips,
        "strength_margin": {None: None, "small": 1.0, "large": 3.0}[options.margins],
        "max_steps": options.max_steps,
        "max_length": options.max_length,
        "lora_rank": options.lora_rank,
        "learning_rate": options.learning_rate,
        "epochs": options.epochs,
        "batch_size": options.batch_size,
        "over_length": options.over_length.replace("-", " ") if options.over_length else None,
    }


def _trained(result: dict[str, Any]) -> str:
    """What a person wants to know of it first."""
    from workbench.reward.reading import scorecard_from
    from workbench.reward.verdict_words import (
        beside_length_sentence,
        calibration_sentence,
        noise_sentence,
        quantisation_sentence,
        verdict_sentence,
    )

    card = scorecard_from(result["eval"])
    said = [
        verdict_sentence(card),
        beside_length_sentence(card),
        calibration_sentence(card),
        noise_sentence(card),
        quantisation_sentence(result.get("quantisation")),
    ]
    lines = [
        (
            f"Trained on {result['pairs']:,} pairs of {result['groups']:,} prompt groups with {result['labels']}"
            f" labels, on {result['encoder']}."
        ),
        *(line for line in said if line),
        *_test_sets(result),
        *(f"{note[:1].upper()}{note[1:].rstrip('.')}." for note in result.get("notes", ())),
        *(f"Set aside: {n:,}, {reason}." for reason, n in result.get("set_aside", {}).items()),
        f"The model is in {result['folder']}",
    ]
    return "\n".join(lines)


def _test_sets(result: dict[str, Any]) -> list[str]:
    """A line for each named test set, with its interval."""
    from workbench.reward.reading import scorecard_from
    from workbench.reward.verdict_words import percent

    lines = []
    for name, found in (result.get("evaluations") or {}).items():
        card = scorecard_from(found["eval"])
        best = (found["rewardbench"].get("best_of") or {}).get("value", {}).get("value")
        of = "/".join(map(str, (found["rewardbench"].get("best_of") or {}).get("of", [])))
        lines.append(
            f"{name}: {percent(card.accuracy)} of {card.accuracy.n:,} pairs right, the longer text"
            f" {percent(card.length_only, interval=False)}"
            + (f"; best of {of} right for {best:.0%} of prompts" if best is not None else "")
            + "."
        )
    return lines
