"""`cycles`: what changed from cycle to cycle of generate, judge, train, by more than chance."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.cli.reading import add_reading_options, how_to_read, put

if TYPE_CHECKING:
    from workbench.dataset.annotation_set import AnnotationSet


def add_commands(commands: Any) -> None:
    """Adds it to the parser."""
    command = commands.add_parser(
        "cycles",
        help="does a loop of generate, judge, train stay diverse, honest and right?",
        description=(
            "Follows cycles of generate, judge, train. Each folder is a cycle, in order, with any of: labels.* (of"
            " judges and people), texts.* (prompt, score, text), vectors.npy (an embedding a text), anchors.* (anchor,"
            " score) and held_out.* (pair, margin). Every cycle is held against the one before and the first: agreement"
            " by principle, judges against people, balance, repeated texts, spread of the texts that score high (mode"
            " collapse), drift on the anchors, and the reward model on the held-out human pairs. Exit code 1 where a"
            " figure of the last cycle got worse beyond chance and --strict is given."
        ),
    )
    command.add_argument("folders", nargs="+", metavar="FOLDER", help="one folder a cycle, the first cycle first")
    add_reading_options(command)
    command.add_argument(
        "--encoder",
        metavar="NAME",
        help="embed the texts of all cycles: hashed (needs no weights), or a model of sentence-transformers",
    )
    command.add_argument("--strict", action="store_true", help="exit with 1 where the last cycle got worse")
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.add_argument("--out", type=Path, metavar="FILE", help="write there instead of standard output")
    command.set_defaults(run=_cycles)


def _cycles(options: argparse.Namespace) -> int:
    from workbench.cycles import follow_cycles
    from workbench.cycles.reading import read_cycle, with_vectors
    from workbench.wording.cycles import loop_lines

    def read(paths: list[Path]) -> AnnotationSet:
        from workbench.formats import load

        return load(
            [str(p) for p in paths],
            options.format,
            gold=options.gold,
            keep_identical=options.keep_identical,
            hash_annotators=options.hash_annotators,
            **how_to_read(options),
        )

    cycles = [read_cycle(folder, read=read) for folder in options.folders]
    if options.encoder is not None:
        from workbench.reward.encoders import encoder_named

        encoder = encoder_named(options.encoder)
        cycles = with_vectors(cycles, lambda texts: encoder.fitted(texts).encode(texts))
    found = follow_cycles(cycles)
    put(
        json.dumps(found.to_dict(), ensure_ascii=False, allow_nan=False)
        if options.json
        else "\n".join(loop_lines(found)),
        options.out,
    )
    return 1 if options.strict and found.steps[-1].worse else 0
