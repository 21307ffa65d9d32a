"""The command that looks after long work: `runs list`, `show`, `watch`, `cancel`, `resume`, `delete`, `compare`."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from workbench.cli.reading import put
from workbench.cli.saying import line_of, on_the_command_line
from workbench.cli.terminal import rewrite_line
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.runs import Run, Status

_ACTIONS = {
    "list": "all runs, the last started first",
    "show": "how one stands, its settings and its result",
    "watch": "follow one to its end; Ctrl-C stops watching, not the run",
    "cancel": "stop it; its last checkpoint is kept",
    "resume": "let one that stopped go on from its last checkpoint",
    "delete": "remove its folder, with the model it made",
    "compare": "settings that differ, and results, side by side",
}
_SEVERAL = ("cancel", "delete", "compare")


def add_commands(commands: Any) -> None:
    """Adds it to the parser."""
    runs = commands.add_parser(
        "runs",
        help="trainings, replays and studies: list, watch, cancel, resume",
        description=(
            "Long work is a run: a process of its own with a folder under data/runs (or WORKBENCH_RUNS). An id may be"
            " cut short, or be 'last'."
        ),
    )
    actions = runs.add_subparsers(title="actions", metavar="ACTION", required=True, parser_class=type(runs))
    for name, does in _ACTIONS.items():
        action = actions.add_parser(name, help=does, description=f"{does[:1].upper()}{does[1:]}.")
        if name == "list":
            action.add_argument("--kind", default="", metavar="NAME", help="only runs of this kind")
            action.add_argument("--last", type=int, default=20, metavar="N", help="how many (default %(default)s)")
        else:
            action.add_argument(
                "runs",
                nargs="+" if name in _SEVERAL else 1,
                metavar="RUN",
                help="its id, the end or the beginning of it, or 'last'",
            )
        if name == "resume":
            action.add_argument("--from-start", action="store_true", help="forget the checkpoints and begin again")
        if name in ("list", "show", "compare"):
            action.add_argument("--json", action="store_true", help="print one JSON object")
        action.set_defaults(run=globals()[f"_{name}"])


def follow(run: Run, *, cancel_on_interrupt: bool = False) -> Status:
    """Tells on standard error how far a run is, until it ends.

    Parameters
    ----------
    cancel_on_interrupt : Ctrl-C cancels the run instead of leaving it to itself.

    Raises
    ------
    WorkbenchError : it failed, was cancelled or was interrupted; says why.
    """
    from workbench.runs.folder import plain
    from workbench.wording.runs import STATES, progress_words

    alone = sys.stderr.isatty()
    said, stage, told = "", "", 0.0
    stopped: KeyboardInterrupt | None = None
    try:
        while (status := run.status()).living:
            line = f"{progress_words(status)}{_figures(plain(status.figures))}"
            if line != said and (alone or status.doing != stage or time.monotonic() - told >= 5):
                rewrite_line(line) if alone else print(line, file=sys.stderr, flush=True)
                said, stage, told = line, status.doing, time.monotonic()
            time.sleep(0.2)
    except KeyboardInterrupt as interrupt:
        print(file=sys.stderr)
        stopped = interrupt
        if not cancel_on_interrupt:
            raise WorkbenchError(
                f"Run {run.id} goes on.", f"Follow it with: python -m workbench runs watch {run.id}"
            ) from interrupt
        status = run.cancel()
    if alone:
        rewrite_line("")
    if status.state != "done":
        lead = "Once that is mended, it goes on with" if status.state == "failed" else "It goes on with"
        # Where the run was started with what made it fail, nothing outside it can be mended.
        again = f"{lead}: python -m workbench runs resume {run.id}" if status.can_resume and not status.settled else ""
        remedy = status.error.told[1].say(on_the_command_line)
        remedy += "" if not remedy or remedy.endswith((".", "!", "?")) else "."
        raise WorkbenchError(
            f"{STATES[status.state]}: {status.what}" if status.what else f"{STATES[status.state]}.", f"{remedy} {again}"
        ) from stopped
    return status


def followed_training(run: Run) -> dict[str, Any]:
    """The result of a training once it has ended, with the run and where the model lies; Ctrl-C cancels it."""
    follow(run, cancel_on_interrupt=True)
    result = run.result() or {}
    folder = run.folder / str(result.get("folder", "model"))  # an absolute folder stays as it is
    return result | {"folder": str(folder), "run": run.id}


def _figures(found: dict[str, Any]) -> str:
    shown = [f"{name} {value:.4g}" for name, value in found.items() if isinstance(value, int | float)]
    return f" ({', '.join(shown)})" if shown else ""


def _named(word: str) -> Run:
    """The run that a word stands for: its id, the end or beginning of one, or `last`."""
    from workbench.runs import all_runs, find

    runs = all_runs()
    if word == "last" and runs:
        return runs[0]
    fitting = [run for run in runs if run.id == word] or [
        run for run in runs if len(word) >= 3 and (run.id.endswith(word) or run.id.startswith(word))
    ]
    if len(fitting) > 1:
        raise WorkbenchError(
            f"{word} fits {len(fitting)} runs: {', '.join(run.id for run in fitting[:5])}.", "Give more of the id."
        )
    return fitting[0] if fitting else find(word)


def _list(options: argparse.Namespace) -> int:
    from workbench.runs import all_runs, run_table
    from workbench.wording.runs import lasting, state_words

    runs = all_runs((options.kind,) if options.kind else ())[: max(options.last, 0)]
    table = run_table(runs)
    if options.json:
        put(json.dumps({"runs": json.loads(table.to_json(orient="records", date_format="iso"))}), None)
    elif not runs:
        print(
            "No run was started yet. Training, replays and studies are runs; see python -m workbench --help",
            file=sys.stderr,
        )
    else:
        for run, row in zip(runs, table.to_dict("records"), strict=True):
            figure = f"  {row['headline']} {row['figure']:.3f}" if row["figure"] == row["figure"] else ""
            print(f"{run.id}  {state_words(run.status())}, {lasting(row['seconds'])}  {run.title}{figure}")
    return 0


def _show(options: argparse.Namespace) -> int:
    from workbench.runs.folder import plain
    from workbench.wording.runs import lasting, progress_words, state_words

    run = _named(options.runs[0])
    status = run.status()
    if options.json:
        about = {"run": run.id, "kind": run.kind, "title": run.title, "folder": str(run.folder), "config": run.config}
        put(json.dumps(plain({**about, "status": asdict(status), "result": run.result()}), ensure_ascii=False), None)
        return 0
    lines = [
        f"{run.title}: {state_words(status)}",
        f"folder     {run.folder}",
        f"at work    {lasting(status.seconds)}, attempt {status.attempt}",
    ]
    if status.living:
        lines.append(f"now        {progress_words(status)}{_figures(plain(status.figures))}")
    if status.what:
        lines.append(f"why        {line_of(status.error)}")
    lines += [f"config     {json.dumps(plain(run.config), ensure_ascii=False)}"]
    if status.state == "failed":
        lines += ["log", *(f"  {line}" for line in run.log_tail(60, details=True))]
    result = run.result()
    if result is not None:
        lines.append(f"result     {json.dumps(result, ensure_ascii=False)}")
    put("\n".join(lines), None)
    return 0


def _watch(options: argparse.Namespace) -> int:
    run = _named(options.runs[0])
    follow(run)
    put(json.dumps(run.result() or {}, ensure_ascii=False), None)
    return 0


def _cancel(options: argparse.Namespace) -> int:
    for run in _all_named(options.runs):
        before = run.status().state
        print(
            f"{run.id}: {run.cancel().state}"
            if before in ("queued", "running", "stopping")
            else f"{run.id}: was {before} already"
        )
    return 0


def _resume(options: argparse.Namespace) -> int:
    run = _named(options.runs[0])
    run.resume(from_start=options.from_start)
    print(f"{run.id}: queued. Follow it with: python -m workbench runs watch {run.id}")
    return 0


def _delete(options: argparse.Namespace) -> int:
    for run in _all_named(options.runs):
        run.delete()
        print(f"{run.id}: deleted")
    return 0


def _compare(options: argparse.Namespace) -> int:
    from workbench.runs import compare
    from workbench.runs.folder import plain

    frame = compare(_all_named(options.runs))
    if options.json:
        put(json.dumps(plain({"runs": frame.to_dict("records")}), ensure_ascii=False), None)
    else:
        put(frame.set_index("run").T.to_string(na_rep="–"), None)
    return 0


def _all_named(words: Sequence[str]) -> list[Run]:
    return list({run.id: run for run in (_named(word) for word in words)}.values())
