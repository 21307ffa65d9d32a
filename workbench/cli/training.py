"""The command that trains a reward model: `train`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from workbench.cli.reading import add_reading, add_seed, load_data, put
from workbench.cli.running import follow
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
            "what it learns from: gold, raw, majority, dawid-skene, dawid-skene-soft, or another method of aggregation"
            " (default: gold where there is any, otherwise the judgements joined). VALUE=LABEL says what a spelling"
            " means, as in other commands"
        ),
    )
    train.add_argument(
        "--eval",
        nargs="+",
        default=[],
        metavar="PATH",
        help="other pairs to judge it by (default: a share of the prompt groups)",
    )
    train.add_argument(
        "--share",
        type=float,
        default=0.2,
        metavar="SHARE",
        help="of the pairs, whole prompt groups, held out where there is no --eval (default %(default)s)",
    )
    train.add_argument(
        "--model",
        choices=["head", "finetune"],
        default="head",
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
    train.add_argument("--smoothing", type=float, default=0.0, metavar="SHARE", help="label smoothing")
    train.add_argument(
        "--flips",
        type=float,
        default=0.0,
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
        default=0,
        metavar="N",
        help="heads on resampled prompt groups, which say how unsure it is",
    )
    train.add_argument(
        "--no-surface",
        action="store_true",
        help="do not tell the head what texts look like (length, punctuation, layout)",
    )
    train.add_argument(
        "--max-steps", type=int, default=0, metavar="N", help="of a fine-tuning (default: one pass over the pairs)"
    )
    train.add_argument(
        "--max-length", type=int, default=512, metavar="N", help="tokens a fine-tuned model reads (default %(default)s)"
    )
    train.add_argument(
        "--lora-rank", type=int, default=0, metavar="N", help="fine-tune low-rank additions instead of all weights"
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
    from workbench.runs import start
    from workbench.studies.bench_building import data_file
    from workbench.workspace.dataset_store import Shelf

    source = label_source(options)
    data = load_data(options)
    config = _config(options, source)
    shelf = Shelf(uploads_folder())
    config |= {"data": data.key, "paths": [str(data_file(data, shelf).resolve())]}
    config |= {"evaluation": [str(data_file(load(options.eval), shelf).resolve())]} if options.eval else {}
    run = start(
        "train",
        config,
        title=f"{Path(str(options.paths[0])).name}, {source or 'auto'}, {options.model}",
    )
    follow(run, cancel_on_interrupt=True)
    result = run.result() or {}
    folder = Path(str(result.get("folder", "model")))
    result |= {"folder": str(folder if folder.is_absolute() else run.folder / folder), "run": run.id}
    put(json.dumps(result, ensure_ascii=False, allow_nan=False) if options.json else _trained(result), None)
    return 0


def _config(options: argparse.Namespace, labels: str | None) -> dict[str, Any]:
    """The run's configuration, checked before anything is started."""
    from workbench.reward.pairs import AUTOMATIC

    if not 0 < options.share < 1:
        raise WorkbenchError(f"--share {options.share}: not a share.", "Give a number between 0 and 1.")
    if options.out is not None and options.out.exists() and not options.out.is_dir():
        raise WorkbenchError(f"--out {options.out}: that is a file.", "Name a folder.")
    if options.sources and not options.slice:
        raise WorkbenchError("--sources needs to know what a source is.", "Name the slice with --slice.")
    if options.model == "head":
        from workbench.reward.settings import HeadSettings

        given = {
            "encoder": options.encoder,
            "smoothing": options.smoothing,
            "flips": options.flips,
            "margins": options.margins,
            "penalty": options.penalty,
            "annotator_aware": options.annotator_aware,
            "members": options.members,
            "surface": not options.no_surface,
            "seed": options.seed,
        }
        settings = {k: v for k, v in HeadSettings.of(given).to_dict().items() if k in given and v is not None}
    else:
        strength = {None: 0.0, "small": 1.0, "large": 3.0}[options.margins]
        settings = {
            "smoothing": options.smoothing,
            "flip_rate": options.flips,
            "strength_margin": strength,
            "max_steps": options.max_steps,
            "max_length": options.max_length,
            "lora_rank": options.lora_rank,
            "seed": options.seed,
        } | ({"base": options.encoder} if options.encoder else {})
    return {
        "labels": labels or AUTOMATIC,
        "slice": options.slice,
        "share": options.share,
        "model": options.model,
        options.model: settings,
        "seed": options.seed,
        "plain": options.plain,
        "sources": options.sources,
        "quantise": options.quantise,
        **({"out": str(options.out.resolve())} if options.out is not None else {}),
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
        *(f"{note[:1].upper()}{note[1:].rstrip('.')}." for note in result.get("notes", ())),
        *(f"Set aside: {n:,}, {reason}." for reason, n in result.get("set_aside", {}).items()),
        f"The model is in {result['folder']}",
    ]
    return "\n".join(lines)
