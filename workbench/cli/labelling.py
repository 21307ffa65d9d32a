"""The command that decides one label an item: `aggregate`."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from workbench.cli.reading import add_reading, load_data, put
from workbench.errors import WorkbenchError
from workbench.watch import Step, Watch


def add_commands(commands: Any) -> None:
    """Adds it to the parser."""
    aggregate = commands.add_parser("aggregate", help="one label an item, and how sure it is", description="Aggregates the judgements of each item into one label with its probability, and says what that makes of each annotator.")  # fmt: skip
    add_reading(aggregate)
    aggregate.add_argument("--method", default=None, metavar="NAME", help="aggregation method (default: Dawid-Skene with a prior learned from the data); an unknown name lists them")  # fmt: skip
    aggregate.add_argument("--clamp-gold", action="store_true", help="let the method learn the annotators from the gold")
    aggregate.add_argument("--compare", action="store_true", help="run every method and print how they do against gold and each other")
    aggregate.add_argument("--out", type=Path, metavar="FILE", help="write the labels there: .csv, .parquet or .jsonl, a row an item")
    aggregate.add_argument("--json", action="store_true", help="print one JSON object")
    aggregate.set_defaults(run=_aggregate)


def _aggregate(options: argparse.Namespace) -> int:
    from workbench.aggregation import DEFAULT, aggregate, compare, score

    data = load_data(options)
    watch = _progress()
    if options.compare:
        comparison = compare(data, clamp_gold=options.clamp_gold, watch=watch)
        text = json.dumps(comparison.to_dict(), allow_nan=False) if options.json else comparison.table.to_string(index=False)
        put(text, None)
        for method, why in comparison.skipped.items():
            print(f"workbench: {method} did not run: {why}", file=sys.stderr)
        return 0
    result = aggregate(data, options.method or DEFAULT, clamp_gold=options.clamp_gold, watch=watch)
    if options.out is not None:
        write_labels(result.to_frame(data), options.out)
        print(f"Written to {options.out}.", file=sys.stderr)
    summary = {**result.to_dict(), **score(result, data.gold).to_dict()}
    if options.json:
        put(json.dumps(summary, allow_nan=False), None)
    else:
        put(_sentence(summary), None)
    return 0


def _progress() -> Watch:
    """Tells on standard error how far it is, every two seconds; what takes less says nothing."""
    last = time.monotonic()

    def tell(step: Step) -> None:
        nonlocal last
        if time.monotonic() - last >= 2.0:
            last = time.monotonic()
            print(f"{step.doing}: {step.done:,} of {step.of:,}", file=sys.stderr)

    return Watch(tell)


def write_labels(frame: Any, path: Path) -> None:
    """One row an item, in the form the ending names; cells a spreadsheet would run as formulas are defused in CSV."""
    from workbench.formats.spreadsheet import defused

    if path.suffix == ".parquet":
        frame.to_parquet(path, index=False)
    elif path.suffix == ".csv":
        defused(frame).to_csv(path, index=False)
    elif path.suffix in (".jsonl", ".ndjson"):
        frame.to_json(path, orient="records", lines=True, force_ascii=False)
    else:
        raise WorkbenchError(f"{path}: labels cannot be written with that ending.", "Use .csv, .parquet or .jsonl.")


def _sentence(summary: dict[str, Any]) -> str:
    undecided = ", ".join(f"{n:,} {why}" for why, n in summary["items_undecided"].items())
    lines = [
        f"{summary['method']}: {summary['items_decided']:,} of {summary['items']:,} items decided" + (f" ({undecided})" if undecided else "") + f", from {summary['labels_used']:,} judgements.",
    ]  # fmt: skip
    if summary["gold_n"]:
        low, high = summary["gold_interval"]
        lines.append(
            f"Right on {summary['gold_accuracy']:.1%} of {summary['gold_n']:,} gold items [{low:.1%}, {high:.1%}], ties shared; right on the direction of {summary['gold_direction_accuracy']:.1%}."
        )
    else:
        lines.append(f"Not compared with gold: {summary['reason']}.")
    return "\n".join(lines)
