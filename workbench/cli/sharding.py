"""Commands for more annotations than memory holds: `shard`, `tally` and `merge`."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.cli.reading import add_reading, how_to_read, load_data, put, thresholds_from
from workbench.cli.saying import on_the_command_line
from workbench.cli.terminal import watch_lines
from workbench.errors import WorkbenchError, counted

if TYPE_CHECKING:
    from workbench.auditing.audit import Audit
    from workbench.scale.backends import Backend
    from workbench.scale.shards import Shards

_SCHEDULER = (
    "where buckets are worked on: serial (default), threads, processes, processes:N, local:N (dask workers on this"
    " machine) or the address of a dask scheduler, tcp://HOST:PORT, whose workers see the same folder"
)


def add_commands(commands: Any) -> None:
    """Adds them to the parser."""
    shard = commands.add_parser(
        "shard",
        help="split exports of any size into buckets",
        description=(
            "Makes a sharded set, a folder that audit, check and aggregate open like an export, of exports that"
            " need not fit into memory. Stopped in the middle, the same command goes on; with other files it adds a"
            " delivery."
        ),
    )
    add_reading(shard)
    shard.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder to make, or to add to")
    shard.add_argument(
        "--buckets", type=int, metavar="N", help="how many buckets (default: as many as the memory asks for)"
    )
    add_scale(shard)
    shard.add_argument("--json", action="store_true", help="print one JSON object")
    shard.set_defaults(run=_shard)

    tally = commands.add_parser(
        "tally",
        help="count some buckets of a sharded set: one job of many",
        description=(
            "Counts every n-th bucket and keeps the sums beside it; jobs need nothing but the folder. A job that runs"
            " twice counts once."
        ),
    )
    tally.add_argument("folder", metavar="DIR", type=Path, help="a sharded set")
    tally.add_argument(
        "--bucket",
        required=True,
        metavar="i/n",
        help="the i-th of n jobs (from 1); with as many jobs as buckets, one each",
    )
    tally.add_argument("--json", action="store_true", help="print one JSON object")
    tally.set_defaults(run=_tally)

    merge = commands.add_parser(
        "merge",
        help="the audit of a sharded set out of what its jobs counted",
        description="Adds up what tally jobs counted and audits the whole; a bucket that is not counted is named.",
    )
    merge.add_argument("folder", metavar="DIR", type=Path, help="a sharded set")
    merge.add_argument("--json", action="store_true", help="print the audit as one JSON object")
    merge.add_argument("--out", type=Path, metavar="FILE", help="write there instead of standard output")
    add_scale(merge)
    merge.set_defaults(run=_merge)


def add_scale(command: argparse.ArgumentParser) -> None:
    """How a sharded set is worked on."""
    add_scheduler(command)
    command.add_argument(
        "--memory",
        default="2GB",
        metavar="SIZE",
        help="of a sharded set: what a bucket (or the rows of a close look) may take (default %(default)s)",
    )


def add_scheduler(command: argparse.ArgumentParser) -> None:
    """Where its buckets are worked on."""
    command.add_argument("--scheduler", metavar="WHERE", help=f"of a sharded set: {_SCHEDULER}")


def refuse_file(out: Path | None, what: str) -> None:
    """What is made of a sharded set is a file for each bucket, and goes into a folder.

    Raises
    ------
    WorkbenchError : a file is named.
    """
    if out is not None and out.suffix:
        raise WorkbenchError(
            f"{out}: the {what} of a sharded set are a file for each bucket.", "Name a folder, or leave --out."
        )


def size_of(text: str) -> int:
    """Bytes of a size such as `500MB` or `4GB`.

    >>> size_of("1.5GB"), size_of("200")
    (1610612736, 200)
    """
    found = re.fullmatch(r"\s*([\d.]+)\s*([KMGT]?)i?B?\s*", text, re.IGNORECASE)
    try:
        number = float(found[1]) if found else 0.0
    except ValueError:
        number = 0.0
    if found is None or number <= 0:
        raise WorkbenchError(f"--memory {text}: this is no size.", "Write it such as 500MB or 4GB.")
    return int(number * 1024 ** " KMGT".index(found[2].upper() or " "))


@contextmanager
def worked_on(options: argparse.Namespace) -> Iterator[Backend]:
    """The back-end that the options name."""
    from workbench.scale.backends import backend

    with backend(options.scheduler) as here:
        yield here


def sharded(options: argparse.Namespace) -> Shards | None:
    """The sharded set that is the one path of the options; None where it is an export.

    Raises
    ------
    WorkbenchError
        It is named beside something else, or with options that say how an export is read.
    """
    from workbench.scale.shards import is_sharded, open_shards

    named = [p for p in options.paths if is_sharded(p)]
    if not named:
        return None
    if len(options.paths) > 1:
        raise WorkbenchError(
            f"{named[0]} is a sharded set and is opened alone.", "Add the other files to it with shard first."
        )
    given = ("format", "map", "gold", "scale", "labels", "keep_identical", "hash_annotators")
    wrong = [f"--{name.replace('_', '-')}" for name in given if getattr(options, name, None)]
    if wrong:
        raise WorkbenchError(
            f"{named[0]} is a sharded set; {', '.join(wrong)} belongs to shard, which made it.",
            "Leave it out, or make the set anew with it.",
        )
    return open_shards(named[0])


def audit_of(options: argparse.Namespace, *, close_look: bool | None = None, rows: bool = False) -> Audit:
    """The audit of what the options name: an export, or a sharded set by its sums; with `rows`, for what has to look at
    single rows afterwards, beside a part of it.
    """
    from workbench.auditing.audit import audit
    from workbench.scale.audited import BYTES_AN_ANNOTATION, audit_part, audit_shards
    from workbench.scale.part import ROWS, open_part

    shards = sharded(options)
    if shards is None:
        return audit(load_data(options), thresholds=thresholds_from(options), close_look=close_look)
    with worked_on(options) as here:
        if rows:
            most = size_of(options.memory) // BYTES_AN_ANNOTATION
            return audit_part(
                open_part(shards, rows=most if close_look else min(ROWS, most)),
                thresholds=thresholds_from(options),
                close_look=close_look,
                backend=here,
                watch=watch_lines(),
            )
        return audit_shards(
            shards,
            thresholds=thresholds_from(options),
            close_look=close_look,
            memory=size_of(options.memory),
            backend=here,
            watch=watch_lines(),
        )


def _shard(options: argparse.Namespace) -> int:
    from workbench.scale.sharding import Options, shard

    if options.buckets is not None and not 1 <= options.buckets <= 100_000:
        raise WorkbenchError(f"--buckets {options.buckets}: not possible.", "Give a number from 1 to 100,000.")
    given = Options(
        format=options.format,
        gold=options.gold,
        keep_identical=options.keep_identical,
        hash_annotators=options.hash_annotators,
        buckets=options.buckets,
        memory=size_of(options.memory),
        **how_to_read(options),
    )
    with worked_on(options) as here:
        made = shard(options.paths, options.out, given, backend=here, watch=watch_lines())
    said = {
        "folder": str(made.folder),
        "key": made.key,
        "buckets": len(made.buckets),
        "items": made.n_items,
        "annotations": made.n_annotations,
        "annotators": len(made.annotators),
        "rows_read": made.ledger.rows_read,
        "set_aside": dict(made.ledger.set_aside),
        "findings": [f.to_dict(on_the_command_line) for f in made.findings],
    }
    if options.json:
        put(json.dumps(said, ensure_ascii=False), None)
    else:
        lines = [f"  {f.level}: {f.message} {f.advice(on_the_command_line)}".rstrip() for f in made.findings]
        head = (
            f"{made.folder}: {counted(made.n_annotations, 'judgement')} of {counted(made.n_items, 'item')} by"
            f" {counted(len(made.annotators), 'annotator')} in {counted(len(made.buckets), 'bucket')}."
        )
        put("\n".join([head, *lines]), None)
    return 0


def _tally(options: argparse.Namespace) -> int:
    from workbench.scale.shards import open_shards
    from workbench.scale.tallying import tally_part

    found = re.fullmatch(r"(\d+)/(\d+)", options.bucket.strip())
    if not found:
        raise WorkbenchError(f"--bucket {options.bucket}: not of the form i/n.", "Write it such as 3/64.")
    shards = open_shards(options.folder)
    files = tally_part(shards, int(found[1]), int(found[2]), watch_lines())
    if options.json:
        put(json.dumps({"counted": len(files), "buckets": len(shards.buckets), "part": options.bucket}), None)
    else:
        put(f"{counted(len(files), 'bucket')} of {len(shards.buckets):,} counted.", None)
    return 0


def _merge(options: argparse.Namespace) -> int:
    from workbench.scale.audited import audit_shards
    from workbench.scale.shards import open_shards
    from workbench.scale.tallying import refuse_uncounted

    shards = open_shards(options.folder)
    refuse_uncounted(shards)
    with worked_on(options) as here:
        result = audit_shards(shards, backend=here, watch=watch_lines())
    text = (
        json.dumps(result.to_dict(2_000, on_the_command_line), ensure_ascii=False, allow_nan=False)
        if options.json
        else result.to_text(on_the_command_line)
    )
    put(text, options.out)
    print(f"{counted(len(shards.buckets), 'bucket')} added up.", file=sys.stderr)
    return 0
