"""Commands that write data: `convert` and `simulate`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from workbench.cli.reading import add_reading, add_seed, load_data
from workbench.errors import WorkbenchError


def add_commands(commands: Any) -> None:
    """Adds them to the parser."""
    convert = commands.add_parser(
        "convert",
        help="write an export in another format",
        description="Reads any export and writes it as training rows or in the workbench's own Parquet form.",
    )
    add_reading(convert)
    convert.add_argument("--to", required=True, metavar="NAME", help="the format to write; an unknown name lists them")
    convert.add_argument("--out", required=True, type=Path, metavar="PATH", help="file or folder to write")
    convert.add_argument("--conversational", action="store_true", help="training rows as message lists")
    convert.add_argument(
        "--ties",
        choices=["drop", "soft"],
        default="drop",
        help="training rows of tied items: leave them out (counted), or keep them with a soft label of one half",
    )
    convert.add_argument(
        "--margins",
        action="store_true",
        help=(
            "training rows with the mean strength of the judgements as margin, which TRL's RewardTrainer takes off the"
            " difference of the scores; for scales with strengths"
        ),
    )
    convert.set_defaults(run=_convert)

    simulate = commands.add_parser(
        "simulate",
        help="make annotations whose truth is known",
        description="Makes seeded annotations with planted trouble, and writes the truth beside them.",
    )
    simulate.add_argument(
        "--annotations",
        type=int,
        default=20_000,
        metavar="N",
        help="about how many judgements (1,000 to 5,000,000, or any number with --buckets; default %(default)s)",
    )
    simulate.add_argument(
        "--annotators", type=int, default=40, metavar="N", help="how many people (default %(default)s)"
    )
    simulate.add_argument(
        "--labels-per-item", type=int, default=3, metavar="N", help="judgements of each item (default %(default)s)"
    )
    simulate.add_argument(
        "--scale", default="five", choices=["binary", "ternary", "five"], help="label scale (default %(default)s)"
    )
    add_seed(simulate, "the same seed makes the same data")
    simulate.add_argument(
        "--demo", action="store_true", help="make the demo data set instead (the options above do not apply)"
    )
    simulate.add_argument(
        "--buckets", type=int, metavar="N", help="straight into a sharded set of so many buckets, without texts"
    )
    simulate.add_argument("--out", required=True, type=Path, metavar="FOLDER", help="folder to write")
    simulate.set_defaults(run=_simulate)


def _convert(options: argparse.Namespace) -> int:
    from workbench.formats import write

    data = load_data(options)
    chosen = {"conversational": options.conversational, "ties": options.ties, "margins": options.margins}
    for path in write(data, options.to, options.out, **chosen):
        print(path)
    return 0


def _simulate(options: argparse.Namespace) -> int:
    from workbench.simulation.simulate import simulate, write_demo

    if options.out.suffix:
        raise WorkbenchError(
            f"--out {options.out}: data and their truth are a folder.",
            "Name one without an ending; convert writes its data in any other form.",
        )
    if options.demo:
        written = write_demo(options.out)
    elif options.buckets is not None:
        written = [_simulate_shards(options)]
    elif not 1_000 <= options.annotations <= 5_000_000:
        raise WorkbenchError(
            f"--annotations {options.annotations}: too few or too many.", "Ask for 1,000 to 5,000,000."
        )
    else:
        made = simulate(
            options.annotations,
            seed=options.seed,
            annotators=options.annotators,
            labels_per_item=options.labels_per_item,
            scale=options.scale,
        )
        written = made.write(options.out)
    for path in written:
        print(path)
    return 0


def _simulate_shards(options: argparse.Namespace) -> Path:
    from workbench.cli.terminal import watch_lines
    from workbench.scale.simulated import simulate_shards

    if not 1 <= options.buckets <= options.annotations // 100:
        raise WorkbenchError(
            f"--buckets {options.buckets}: not possible with {options.annotations:,} judgements.",
            "Ask for at least 100 judgements a bucket.",
        )
    made = simulate_shards(
        options.out,
        options.annotations,
        buckets=options.buckets,
        seed=options.seed,
        annotators=options.annotators,
        labels_per_item=options.labels_per_item,
        scale=options.scale,
        watch=watch_lines(),
    )
    return made.folder
