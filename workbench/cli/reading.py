"""Options of every command that opens an export, and what they mean."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.cli.terminal import printable
from workbench.dataset.annotation_set import AnnotationSet
from workbench.drafts import drafted
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.auditing.thresholds import Thresholds

_MAP_HELP = (
    "what a column holds: FIELD=COLUMN or FIELD=COLUMN,COLUMN (joined into one key; several label columns are a wide"
    " table). Fields: item, prompt, response_a, response_b, model_a, model_b, annotator, label, seconds, started_at,"
    " ended_at, gold, shown_first, exchanged, group, winner and loser, score_a and score_b, slice.NAME. What is not"
    " named stays as it is recognised; FIELD= leaves a field out"
)


def add_reading(command: argparse.ArgumentParser) -> None:
    """Options of every command that opens an export."""
    command.add_argument(
        "paths", nargs="+", metavar="PATH", help="a file, a folder or a glob; several are merged on their items"
    )
    add_reading_options(command)


def add_reading_options(command: argparse.ArgumentParser) -> None:
    """How to read it, without the paths themselves."""
    command.add_argument(
        "--format", metavar="NAME", help="read as this format instead of recognising it; an unknown name lists them"
    )
    command.add_argument("--map", action="append", default=[], metavar="FIELD=COLUMN", help=_MAP_HELP)
    command.add_argument("--gold", metavar="PATH", help="a file with known right labels: columns item and label")
    command.add_argument(
        "--scale",
        metavar="NAME",
        help=(
            "label scale: binary, ternary, four, five, six, seven, or labels in order from A to B, separated by commas"
        ),
    )
    command.add_argument(
        "--labels", action="append", default=[], metavar="VALUE=LABEL", help="what a spelling means, such as 3='A>>'"
    )
    command.add_argument(
        "--keep-identical", action="store_true", help="keep items whose two responses are the same text"
    )
    command.add_argument("--hash-annotators", action="store_true", help="replace annotator ids by hashes")
    command.add_argument(
        "--dates",
        choices=("month", "day"),
        help="what comes first in dates such as 3/4/2024, where the file does not tell",
    )


def add_thresholds(command: argparse.ArgumentParser) -> None:
    """Where the verdict draws its lines."""
    command.add_argument(
        "--thresholds",
        type=Path,
        metavar="FILE",
        help="TOML file with the lines of the verdict, such as: gold = 0.8 (the Overview page writes one)",
    )


def thresholds_from(options: argparse.Namespace) -> Thresholds | None:
    """The lines of the file that was named; None = the defaults."""
    from workbench.auditing.thresholds import read_thresholds

    return None if options.thresholds is None else read_thresholds(options.thresholds)


MOST_SEED = 2**32 - 1
"""The largest seed that everything here which draws at random understands."""


def add_seed(command: argparse.ArgumentParser, help: str) -> None:
    """The seed of every command that draws at random."""
    command.add_argument("--seed", type=_seed, default=0, metavar="N", help=f"{help} (default %(default)s)")


def _seed(text: str) -> int:
    """A seed as typed; what is none is told by the parser, which exits with 2."""
    try:
        seed = int(text)
    except ValueError:
        seed = -1
    if not 0 <= seed <= MOST_SEED:
        raise argparse.ArgumentTypeError(f"{text[:40]} is no seed: give a whole number from 0 to {MOST_SEED:,}")
    return seed


def load_data(options: argparse.Namespace) -> AnnotationSet:
    """Opens what the options name."""
    from workbench.collection.opening import is_store, open_store
    from workbench.formats import load

    if len(options.paths) == 1 and is_store(options.paths[0]):
        return open_store(options.paths[0])
    return load(
        options.paths,
        options.format,
        gold=options.gold,
        keep_identical=options.keep_identical,
        hash_annotators=options.hash_annotators,
        dates=options.dates,
        **how_to_read(options),
    )


def how_to_read(options: argparse.Namespace) -> dict[str, Any]:
    """The options that say what columns and labels mean, as `load` takes them: `mapping`, `scale` and `spelling`."""
    from workbench.dataset.scales import SCALES, scale_of

    mapping: dict[str, list[str]] = {}
    for each in options.map:
        field, found, columns = each.partition("=")
        if not found or not field.strip():
            raise WorkbenchError(
                f"--map {each}: a mapping is FIELD=COLUMN.", "For example --map item=task_id --map label=choice."
            )
        mapping.setdefault(field.strip(), []).extend(c.strip() for c in columns.split(","))
    spelling = {}
    for each in options.labels:
        value, _, label = each.rpartition("=") if each.endswith("==") is False else (each[:-2], "=", "=")
        if not value:
            raise WorkbenchError(
                f"--labels {each}: a spelling is VALUE=LABEL.", "For example --labels 0== --labels 1=A."
            )
        spelling[value] = label
    scale = None
    if options.scale:
        scale = SCALES.get(options.scale) or (
            scale_of([s.strip() for s in options.scale.split(",")]) if "," in options.scale else None
        )
        if scale is None:
            raise WorkbenchError(
                f"--scale {options.scale}: there is no such scale.",
                f"Choose {', '.join(SCALES)}, or give the labels in order, separated by commas.",
            )
    return {"mapping": mapping or None, "scale": scale, "spelling": spelling or None}


def put(text: str, out: Path | None) -> None:
    """Writes a result to standard output, or to a file, whole or not at all."""
    if out is None:
        print(text)
        return
    with drafted(out) as draft:
        draft.write_text(printable(text) + "\n", "utf-8")
    print(f"Written to {out}.", file=sys.stderr)
