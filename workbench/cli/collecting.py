"""Commands that have pairs labelled: `batch` and `collect`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.cli.reading import add_reading, add_seed, load_data, put
from workbench.errors import WorkbenchError, counted, first_five

if TYPE_CHECKING:
    from workbench.dataset.annotation_set import AnnotationSet

_STORE = "where labels are kept: a file (SQLite) or postgresql://USER@HOST/NAME"


def add_commands(commands: Any) -> None:
    """Adds them to the parser."""
    _add_batch(commands)
    collect = commands.add_parser("collect", help="serve a batch to people, watch it, take the labels out")
    parts = collect.add_subparsers(title="parts", metavar="PART", required=True, parser_class=type(collect))
    serve = _part(parts, "serve", "serve the labelling page", _serve, batch=False)
    serve.add_argument("--port", type=int, default=8510, metavar="P", help="(default %(default)s)")
    serve.add_argument(
        "--host", default="127.0.0.1", metavar="ADDRESS", help="who may reach it (default: this machine alone)"
    )
    _part(parts, "status", "how it stands: progress, pace, people", _status)
    export = _part(parts, "export", "take the labels out", _export)
    export.add_argument("--to", default="collection", metavar="NAME", help="a format (default: all that was recorded)")
    export.add_argument("--out", required=True, type=Path, metavar="PATH", help="file or folder to write")
    pause = _part(parts, "pause", "hand nothing out, to one person or to all", _pause)
    pause.add_argument("--person", metavar="NAME", help="only this person")
    pause.add_argument("--undo", action="store_true", help="let them go on")
    pause.add_argument(
        "--crowd", action="store_true", help="keep new people of a crowd platform out (with --undo: let them in)"
    )
    pause.add_argument("--reason", default="paused by the lead", metavar="TEXT", help="for the record")
    bonus = _part(parts, "pay", "what each person is owed, as CSV", _pay)
    bonus.add_argument("--out", type=Path, metavar="FILE", help="write there instead of standard output")
    copy = _part(parts, "backup", "copy the store while it is used", _backup, batch=False)
    copy.add_argument("--out", required=True, type=Path, metavar="FILE", help="the copy")
    back = _part(parts, "restore", "put a copy where no store is", _restore, batch=False)
    back.add_argument("--from", dest="source", required=True, type=Path, metavar="FILE", help="the copy")


def _add_batch(commands: Any) -> None:
    batch = commands.add_parser(
        "batch",
        help="make a batch with gold among it, and a link for each person",
        description=(
            "Puts pairs into a label store as a batch, and prints what it will take and one link for each person."
            " Nothing is made with --plan."
        ),
    )
    add_reading(batch)
    batch.add_argument("--store", metavar="URL", help=_STORE)
    batch.add_argument("--people", type=int, required=True, metavar="N", help="how many people judge")
    batch.add_argument("--names", type=Path, metavar="FILE", help="their names, one a line (default: person-1, ...)")
    batch.add_argument("--overlap", type=int, default=3, metavar="K", help="people an item (default %(default)s)")
    batch.add_argument(
        "--most-overlap",
        type=int,
        default=0,
        metavar="K",
        help="ask up to K people where votes leave an item undecided",
    )
    batch.add_argument(
        "--gold-share", type=float, default=0.1, metavar="G", help="share of gold tasks (default %(default)s)"
    )
    batch.add_argument(
        "--repeat-share",
        type=float,
        default=0.05,
        metavar="R",
        help="share of tasks shown again, sides exchanged (default %(default)s)",
    )
    batch.add_argument(
        "--check-share",
        type=float,
        default=0.0,
        metavar="C",
        help="share of attention checks, which say in their text what to choose (default: none)",
    )
    batch.add_argument(
        "--checks",
        type=Path,
        metavar="FILE",
        help="attention checks of your own: CSV with prompt, response_a, response_b, label (default: ten plain ones)",
    )
    batch.add_argument(
        "--only", type=Path, metavar="FILE", help="ids of the items to judge, one a line, first ones first"
    )
    batch.add_argument(
        "--crowd",
        action="store_true",
        help="let a crowd platform's people in by their id there, and print the address",
    )
    batch.add_argument(
        "--labels-on", default="five", metavar="SCALE", help="five, four, ternary or binary (default %(default)s)"
    )
    batch.add_argument("--dimension", action="append", default=[], metavar="NAME", help="ask this dimension too")
    batch.add_argument("--ask-reason", action="store_true", help="ask for a reason")
    batch.add_argument("--guideline", type=Path, metavar="FILE", help="text shown beside the items")
    batch.add_argument(
        "--pay", type=float, metavar="USD", help="paid a task, for the plan and the file of what is owed"
    )
    batch.add_argument("--name", default="batch", metavar="TEXT", help="what it is called (default %(default)s)")
    batch.add_argument("--base-url", default="http://127.0.0.1:8510", metavar="URL", help="what links begin with")
    batch.add_argument("--plan", action="store_true", help="print what it would take, and make nothing")
    add_seed(batch, "order of the items")
    batch.add_argument("--json", action="store_true", help="print one JSON object")
    batch.set_defaults(run=_batch, extra="collect")


def _part(parts: Any, name: str, help: str, run: Any, *, batch: bool = True) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = parts.add_parser(name, help=help)
    made.add_argument("--store", required=True, metavar="URL", help=_STORE)
    if batch:
        made.add_argument("--batch", metavar="NAME", help="which batch (default: the only one)")
    made.add_argument("--json", action="store_true", help="print one JSON object")
    made.set_defaults(run=run, extra="collect")
    return made


def _batch(options: argparse.Namespace) -> int:
    from workbench.collection.attention import CHECKS, checks_from
    from workbench.collection.batches import GUIDELINE, Settings, add_people, crowd_url, make_batch
    from workbench.collection.plan import plan_batch
    from workbench.collection.schedule import Shares
    from workbench.wording.collection import plan_sentences

    if not options.plan and not options.store:
        raise WorkbenchError("Where are the labels to be kept?", "Name a store with --store FILE, or ask for --plan.")
    pool = _pool(options)
    settings = Settings(
        overlap=options.overlap,
        most_overlap=options.most_overlap,
        shares=Shares(gold=options.gold_share, repeat=options.repeat_share, check=options.check_share),
        scale=options.labels_on,
        dimensions=tuple(options.dimension),
        ask_reason=options.ask_reason,
        pay_per_task=options.pay,
    ).checked()
    only = None if options.only is None else _positions(pool, options.only)
    plan = plan_batch(pool, options.people, settings, only=only)
    checks = CHECKS if options.checks is None else checks_from(options.checks)
    names = _names(options)
    said: dict[str, Any] = {"plan": plan.to_dict(), "batch": None, "links": []}
    if not options.plan:
        guideline = GUIDELINE if options.guideline is None else _read(options.guideline)
        with _opened(options.store) as store:
            made = make_batch(
                store,
                pool,
                options.name,
                settings,
                checks=checks if options.check_share > 0 else (),
                guideline=guideline,
                only=only,
                crowd=options.crowd,
                seed=options.seed,
            )
            links = add_people(store, made, names)
        said |= {
            "batch": made,
            "links": [{"name": link.name, "url": link.url(options.base_url)} for link in links],
            "crowd": crowd_url(options.base_url, made) if options.crowd else None,
        }
    if options.json:
        put(json.dumps(said, allow_nan=False), None)
        return 0
    lines = plan_sentences(plan)
    if said["batch"]:
        lines += ["", f"Batch {said['batch']}. A link for each person; they are shown this once:"]
        lines += [f"  {link['name']}\t{link['url']}" for link in said["links"]]
        if said["crowd"]:
            lines += [
                "",
                "For the crowd platform, which puts its person's id in place of the braces:",
                f"  {said['crowd']}",
            ]
    put("\n".join(lines), None)
    return 0


def _pool(options: argparse.Namespace) -> AnnotationSet:
    """Labelled or not: pairs are what counts."""
    from workbench.formats.records.unlabelled import load_candidates

    if options.map or options.format or options.gold:
        return load_data(options)
    try:
        return load_data(options)
    except WorkbenchError:
        return load_candidates([], options.paths)


def _positions(pool: AnnotationSet, file: Path) -> list[int]:
    """Where the items named in a file lie in the pool, in the file's order."""
    place = {str(name): i for i, name in enumerate(pool.items["item_id"])}
    named = list(dict.fromkeys(line.strip() for line in _read(file).splitlines() if line.strip()))
    foreign = [name for name in named if name not in place]
    if foreign or not named:
        raise WorkbenchError(
            f"{file}: {len(foreign):,} of {len(named):,} ids are not in the pool"
            + (f": {first_five(foreign)}." if foreign else "."),
            "Write ids of items of the pool, one a line.",
        )
    return [place[name] for name in named]


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WorkbenchError(f"{file}: cannot be read ({error}).", "Check the path; it must be UTF-8 text.") from error


def _names(options: argparse.Namespace) -> list[str]:
    if options.names is None:
        return [f"person-{i + 1}" for i in range(options.people)]
    names = [line.strip() for line in _read(options.names).splitlines() if line.strip()]
    if len(names) != options.people or len(set(names)) != len(names):
        raise WorkbenchError(
            f"{options.names}: {len(set(names))} different names for --people {options.people}.",
            "Write one name a line, each once.",
        )
    return names


def _opened(url: str) -> Any:
    from contextlib import closing

    from workbench.collection.store import Store

    return closing(Store(url))


def _existing(url: str) -> Any:
    """A store that must be there: asking how an empty one stands is a mistake in the path."""
    if "://" not in url and not Path(url).expanduser().exists():
        raise WorkbenchError(f"{url}: there is no label store.", "Make one with: workbench batch POOL --store URL.")
    return _opened(url)


def _serve(options: argparse.Namespace) -> int:
    from workbench.collection.serving import serve

    if not 1 <= options.port <= 65_535:
        raise WorkbenchError(f"--port {options.port}: no port.", "Give a number from 1 to 65535.")
    with _existing(options.store) as store:
        print(f"Labelling page on http://{options.host}:{options.port}/label (Ctrl-C stops it).", file=sys.stderr)
        serve(store, options.port, options.host)
    return 0


def _status(options: argparse.Namespace) -> int:
    from workbench.collection.progress import progress
    from workbench.wording.collection import progress_sentence

    with _existing(options.store) as store:
        found = progress(store, options.batch)
    if options.json:
        put(json.dumps(found.to_dict(), allow_nan=False), None)
        return 0
    lines = [
        f"{found.name} ({found.batch}), {found.state}: {progress_sentence(found)}",
        f"{found.items_done:,} of {counted(found.items, 'item')} done.",
        f"Gold {found.gold:,}, repeats {found.repeats:,}, skips {found.skips:,}, undone {found.undone:,}.",
    ]
    for row in found.people.to_dict("records"):
        reason = f": {row['state_reason']}" if row["state_reason"] else ""
        lines.append(f"  {row['name']}\t{row['done']:,} done\t{row['state']}{reason}")
    put("\n".join(lines), None)
    return 0


def _export(options: argparse.Namespace) -> int:
    from workbench.collection.collected import collected, write_collected
    from workbench.formats import write

    with _existing(options.store) as store:
        if options.to == "collection":
            n = write_collected(store, options.out, options.batch)
            print(f"{counted(n, 'judgement')} written to {options.out}.", file=sys.stderr)
            print(options.out)
            return 0
        for path in write(collected(store, options.batch), options.to, options.out):
            print(path)
    return 0


def _pause(options: argparse.Namespace) -> int:
    from workbench.collection.batches import admit_crowd, set_batch_state
    from workbench.collection.monitor import decide_by_lead
    from workbench.collection.progress import progress

    with _existing(options.store) as store:
        found = progress(store, options.batch)
        if options.crowd:
            admit_crowd(store, found.batch, options.undo)
            put(f"New people of a crowd platform are {'let in' if options.undo else 'kept out'}.", None)
            return 0
        if options.person is None:
            set_batch_state(store, found.batch, "open" if options.undo else "paused")
            put(f"{found.name} is {'open' if options.undo else 'paused'}.", None)
            return 0
        rows = found.people[found.people["name"] == options.person]
        if rows.empty:
            raise WorkbenchError(f"Nobody is called {options.person!r}.", "See: workbench collect status.")
        state = "trusted" if options.undo else "paused"
        decide_by_lead(store, str(rows["annotator"].iloc[0]), state, options.reason)  # type: ignore[arg-type]
    put(f"{options.person} {'goes on' if options.undo else 'is paused'}.", None)
    return 0


def _pay(options: argparse.Namespace) -> int:
    from workbench.collection.progress import bonus_rows, progress
    from workbench.formats.files.spreadsheet import defused

    with _existing(options.store) as store:
        rows = bonus_rows(progress(store, options.batch))
    text = rows.to_json(orient="records") if options.json else defused(rows).to_csv(index=False)
    put(text.rstrip("\n"), options.out)
    return 0


def _backup(options: argparse.Namespace) -> int:
    from workbench.collection.store import backup

    with _existing(options.store) as store:
        put(str(backup(store, options.out)), None)
    return 0


def _restore(options: argparse.Namespace) -> int:
    from workbench.collection.store import restore

    if "://" in options.store and not options.store.startswith("sqlite:///"):
        raise WorkbenchError(f"{options.store.split('@')[-1]}: only a file can be restored.", "Use pg_restore.")
    put(str(restore(options.source, Path(options.store.removeprefix("sqlite:///")))), None)
    return 0
