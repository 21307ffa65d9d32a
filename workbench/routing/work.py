"""A live routing as a run: a process of its own, with its folder where a later step finds it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import Any, Protocol

from workbench.errors import WorkbenchError
from workbench.formats import load
from workbench.formats.records.unlabelled import with_candidates
from workbench.judging.judged import Options
from workbench.judging.spec import parse_judge
from workbench.judging.work import kept_file, refuse_elsewhere
from workbench.locations import judging_folder
from workbench.progress import Watch
from workbench.routing.live import route_live
from workbench.routing.plan import Plan, parse_plan, plan_text
from workbench.routing.verdicts import is_spec


class Context(Protocol):
    """What a run hands its work."""

    @property
    def watch(self) -> Watch:
        """Is told each step."""


def routing_folder(config: Mapping[str, Any]) -> Path:
    """The folder of one plan, one promise and one set of pairs: the same choices find it again, with more money too."""
    plan = plan_text(replace(parse_plan(str(config["plan"])), budget=None))
    asked = repr([config["data"], plan, config["risk"], config["delta"], *sorted(config.get("pool", ()))])
    return judging_folder() / "routing" / blake2b(asked.encode(), digest_size=8).hexdigest()


def kept_upload(name: str, content: bytes) -> Path:
    """A file that was handed in on a page, where runs find it; the same content is kept once."""
    return kept_file(judging_folder() / "routing" / "files", name, content)


def checked_plan(text: str, config: Mapping[str, Any]) -> Plan:
    """The plan, where its judges may be asked.

    Parameters
    ----------
    config : as `refuse_elsewhere` takes it.

    Raises
    ------
    WorkbenchError : it is no plan, or sends texts elsewhere while only local judges are allowed.
    """
    plan = parse_plan(text)
    for tier in plan.tiers:
        if is_spec(tier.judge):
            refuse_elsewhere(parse_judge(tier.judge), config)
    return plan


def hosts_elsewhere(text: str) -> list[str]:
    """Hosts on other machines that a plan would send texts to; none where it is no plan."""
    try:
        judges = [parse_judge(tier.judge) for tier in parse_plan(text).tiers if is_spec(tier.judge)]
    except WorkbenchError:
        return []
    return list(dict.fromkeys(judge.host for judge in judges if not judge.local))


def route_run(config: Mapping[str, Any], run: Context) -> dict[str, Any]:
    """Routes the pairs that `config` names as far as the labels allow; the result is what `route --json` prints, with
    the files that were written.
    """
    plan = checked_plan(str(config["plan"]), config)
    run.watch.step(0, 0, "Reading the data")
    labels: Sequence[str] = config.get("labels", ())
    data = load([*config["paths"], *labels])
    if config.get("pool"):
        data = with_candidates(data, list(config["pool"]))
    folder = routing_folder(config)
    options = Options(**{k: config[k] for k in ("budget", "prices") if config.get(k) is not None})
    found = route_live(
        data,
        plan,
        folder,
        risk=float(config["risk"]),
        delta=float(config["delta"]),
        options=options,
        form=str(config.get("form", "csv")),
        watch=run.watch,
    )
    files = sorted(str(path) for path in folder.rglob("*") if path.suffix in (".csv", ".json", ".jsonl"))
    return {**found.to_dict(), "folder": str(folder), "files": files}
