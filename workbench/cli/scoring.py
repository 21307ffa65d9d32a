"""Commands that use a reward model: `score`, `best-of-n`, `calibrate`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.cli.labelling import write_labels
from workbench.cli.reading import add_reading, add_seed, load_data, put
from workbench.cli.sharding import add_scheduler, refuse_file, sharded, worked_on
from workbench.cli.terminal import watch_lines
from workbench.errors import WorkbenchError
from workbench.progress import Step, Watch

if TYPE_CHECKING:
    from workbench.reward.model import RewardModel
    from workbench.reward.scoring import Scored
    from workbench.reward.scoring_in_buckets import ScoredShards
    from workbench.reward.sequence_model import SequenceModel
    from workbench.scale.shards import Shards

MODEL_HELP = (
    "folder of a reward model: trained here, a transformers sequence classifier (one score or two classes) or a LoRA"
    " adapter; safetensors only. Or the name of one on this machine"
)


def add_commands(commands: Any) -> None:
    """Adds them to the parser."""
    score = commands.add_parser(
        "score",
        help="score the responses of an export with a reward model",
        description=(
            "Scores both responses of every pair, says which one the model prefers and how sure it is, and how often"
            " that is what the labels say."
        ),
    )
    score.add_argument("model", type=Path, metavar="MODEL", help=MODEL_HELP)
    add_reading(score)
    add_lengths(score)
    score.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help=(
            "write the scores there: .csv, .parquet or .jsonl, a row a pair; of a sharded set a folder, a Parquet file"
            " a bucket (default: beside the buckets)"
        ),
    )
    add_scheduler(score)
    score.add_argument("--json", action="store_true", help="print one JSON object")
    score.set_defaults(run=_score, extra="reward")

    best = commands.add_parser(
        "best-of-n",
        help="the best of several responses to each prompt",
        description="Ranks the candidate responses of each prompt by a reward model.",
    )
    best.add_argument("model", type=Path, metavar="MODEL", help=MODEL_HELP)
    best.add_argument(
        "path",
        type=Path,
        metavar="PATH",
        help=(
            ".jsonl, .json, .csv, .tsv or .parquet with prompt and responses (a list), or a response a row; texts or"
            " lists of messages"
        ),
    )
    best.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="write all candidates with score and rank there: .csv, .parquet or .jsonl, a row a candidate",
    )
    best.add_argument("--best-only", action="store_true", help="write the best candidate of each prompt alone")
    add_lengths(best)
    best.add_argument("--json", action="store_true", help="print one JSON object")
    best.set_defaults(run=_best_of_n, extra="reward")

    calibrate = commands.add_parser(
        "calibrate",
        help="fit what a reward model's margins mean, on prompts it was not trained on",
        description=(
            "Fits a temperature or an isotonic curve on held-out pairs and keeps it in the model's folder"
            " (calibration.json), where score, judge and serve find it. Says how far its probabilities can be believed"
            " before and after, and prints the model's scorecard on these pairs."
        ),
    )
    calibrate.add_argument("model", type=Path, metavar="MODEL", help=MODEL_HELP)
    add_reading(calibrate)
    change(
        calibrate,
        "--labels",
        metavar="SOURCE",
        help="what the pairs are judged by: gold, majority, consensus-soft, ... (default: as train); or VALUE=LABEL",
    )
    calibrate.add_argument(
        "--method",
        choices=["temperature", "isotonic"],
        default="temperature",
        help="one number, or any rising curve, which needs a thousand pairs (default %(default)s)",
    )
    add_lengths(calibrate)
    add_seed(calibrate, "the same seed makes the same folds")
    calibrate.add_argument("--no-save", action="store_true", help="only report; leave the model's folder as it is")
    calibrate.add_argument("--json", action="store_true", help="print one JSON object")
    calibrate.set_defaults(run=_calibrate, extra="reward")


def add_lengths(command: argparse.ArgumentParser) -> None:
    """How a sequence classifier reads what is too long."""
    command.add_argument(
        "--max-length", type=int, metavar="N", help="tokens a sequence model reads (default: as it was trained)"
    )
    command.add_argument(
        "--over-length",
        choices=["truncate", "keep-start", "keep-end"],
        help="how it cuts longer texts (default: as it was trained)",
    )


def change(command: argparse.ArgumentParser, option: str, **words: str) -> None:
    """Gives an option that reading has already another description."""
    action = next(a for a in command._actions if option in a.option_strings)
    for name, value in words.items():
        setattr(action, name, value)


def label_source(options: argparse.Namespace) -> str | None:
    """The label source among `--labels`, checked; what is left there says what spellings mean.

    Raises
    ------
    WorkbenchError
        Several are named, or there is none of that name.
    """
    from workbench.reward.pairs import AUTOMATIC, label_sources

    sources = [each for each in options.labels if "=" not in each]
    if len(sources) > 1:
        raise WorkbenchError(f"--labels {' '.join(sources)}: there can be one label source.", "Name one.")
    if sources and sources[0] not in (AUTOMATIC, *label_sources()):
        raise WorkbenchError(
            f"--labels {sources[0]}: there is no such label source.", f"Choose one of {', '.join(label_sources())}."
        )
    options.labels = [each for each in options.labels if "=" in each]
    return sources[0] if sources else None


def opened(options: argparse.Namespace) -> RewardModel | SequenceModel:
    """The model that is named; what there is to know of how it is read goes to standard error."""
    from workbench.reward.opening import load_model
    from workbench.reward.sequence_model import SequenceModel

    if options.max_length is not None and options.max_length < 8:
        raise WorkbenchError(f"--max-length {options.max_length}: too few to read anything.", "Give at least 8.")
    over = options.over_length.replace("-", " ") if options.over_length else None
    model = load_model(options.model, max_length=options.max_length, over_length=over)
    for note in model.notes if isinstance(model, SequenceModel) else ():
        print(f"{options.model.name}: {note}", file=sys.stderr)
    return model


def told_stages() -> Watch:
    """Tells each stage on standard error."""
    said: list[str] = []

    def tell(step: Step) -> None:
        if step.doing and step.doing not in said:
            said.append(step.doing)
            print(step.doing, file=sys.stderr)

    return Watch(tell)


def plain(value: Any) -> Any:
    """What JSON has no word for, in plain values."""
    return value.item() if hasattr(value, "item") else str(value)


def _score(options: argparse.Namespace) -> int:
    from workbench.reward.scoring import score_items

    if (shards := sharded(options)) is not None:
        return _score_shards(options, shards)
    model = opened(options)
    found = score_items(model, load_data(options), told_stages())
    if options.out is not None:
        write_labels(found.table, options.out)
        print(f"Written to {options.out}.", file=sys.stderr)
    if options.json:
        rows = found.table.astype(object).where(found.table.notna(), None).to_dict("records")
        scores = {} if options.out is not None else {"scores": rows}
        put(json.dumps({**found.to_dict(), **scores}, allow_nan=False, default=plain), None)
        return 0
    if options.out is None:
        put(found.table.to_string(index=False, max_rows=20, float_format=lambda v: f"{v:.3f}"), None)
    put(_scored(found, len(found.table)), None)
    return 0


def _score_shards(options: argparse.Namespace, shards: Shards) -> int:
    """Scores of a sharded set, a file a bucket."""
    from workbench.reward.scoring_in_buckets import score_shards

    refuse_file(options.out, "scores")
    opened(options)
    over: Any = options.over_length.replace("-", " ") if options.over_length else None
    with worked_on(options) as here:
        found = score_shards(
            options.model,
            shards,
            options.out,
            max_length=options.max_length,
            over_length=over,
            backend=here,
            watch=watch_lines(),
        )
    print(f"Written to {found.files[0].parent}.", file=sys.stderr)
    put(json.dumps(found.to_dict(), allow_nan=False) if options.json else _scored(found, found.pairs), None)
    return 0


def _scored(found: Scored | ScoredShards, pairs: int) -> str:
    """What came of it in a sentence or two."""
    said = f"Scored {pairs:,} pairs"
    if found.accuracy.value is not None:
        interval = found.accuracy.same_crew
        within = f" [{interval.low:.1%}, {interval.high:.1%}]" if interval else ""
        said += (
            f"; on {found.accuracy.n:,} with a label ({found.labels}) the model prefers what the label prefers in"
            f" {found.accuracy.value:.1%}{within}"
        )
    cut = f" {found.cut.sentence}" if found.cut else ""
    return f"{said}.{cut}" + "".join(f" Set aside: {n:,}, {why}." for why, n in found.set_aside.items())


def _best_of_n(options: argparse.Namespace) -> int:
    from workbench.reward.best_of_n import best_of_n, candidate_table, choices
    from workbench.reward.candidates import read_candidates
    from workbench.reward.too_long import texts_too_long

    model, given = opened(options), read_candidates(options.path)
    if not given.prompts:
        raise WorkbenchError(
            f"{options.path.name}: no row holds a response.", "Write a prompt and its responses in each row."
        )
    found = best_of_n(model, given.prompts, given.responses, told_stages())
    asked = [p for p, each in zip(given.prompts, given.responses, strict=True) for _ in each]
    cut = texts_too_long(model, asked, [text for each in given.responses for text in each])
    if options.out is not None:
        table = candidate_table(found, given)
        write_labels(table[table["rank"] == 1] if options.best_only else table, options.out)
        print(f"Written to {options.out}.", file=sys.stderr)
    told = choices(found, given)
    if options.json:
        about = {"prompts": len(found), "set_aside": dict(given.set_aside), "cut": cut.to_dict(), "choices": told}
        put(json.dumps(about, allow_nan=False, default=plain), None)
        return 0
    lines = [_choice(each) for each in told[:20]]
    lines += [f"and {len(found) - 20:,} more; --out or --json gives all"] if len(found) > 20 else []
    lines += [cut.sentence, *(f"Set aside: {n:,}, {why}." for why, n in given.set_aside.items())]
    put("\n".join(lines), None)
    return 0


def _choice(each: dict[str, Any]) -> str:
    scores, best, lead = each["scores"], each["best"], each["lead"]
    name = f"row {each['row']}" + (f" ({each['id']})" if each["id"] is not None else "")
    ahead = "the only one" if lead is None else f"ahead by {lead:.3f}"
    return f"{name}: candidate {best + 1} of {len(scores)}, score {scores[best]:.3f}, {ahead}"


def _calibrate(options: argparse.Namespace) -> int:
    from workbench.reward.calibrating import calibrate
    from workbench.reward.calibrator import FILE
    from workbench.reward.opening import model_folder
    from workbench.reward.pairs import AUTOMATIC
    from workbench.reward.verdict_words import beside_length_sentence, calibrated_sentence, verdict_sentence

    source = label_source(options)
    model, data = opened(options), load_data(options)
    found = calibrate(model, data, options.method, source or AUTOMATIC, told_stages(), options.seed)
    place = model_folder(options.model) / FILE
    if not options.no_save:
        found.calibrator.save(place)
    if options.json:
        kept = None if options.no_save else str(place)
        put(json.dumps({**found.to_dict(), "written": kept}, allow_nan=False, default=plain), None)
        return 0
    lines = [
        verdict_sentence(found.card),
        beside_length_sentence(found.card),
        calibrated_sentence(found.calibrator, found.before, found.after),
        *(f"{note[:1].upper()}{note[1:]}." for note in found.notes),
        "Nothing was written." if options.no_save else f"Written to {place}.",
    ]
    put("\n".join(line for line in lines if line), None)
    return 0
