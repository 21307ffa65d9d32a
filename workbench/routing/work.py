"""A live routing as a run: a process of its own, with its folder where a later step finds it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, Protocol

from workbench.drafts import drafted
from workbench.errors import WorkbenchError
from workbench.formats import load
from workbench.formats.records.unlabelled import with_candidates
from workbench.judging.judged import Options
from workbench.judging.spec import parse_judge
from workbench.locations import judging_folder
from workbench.progress import Watch
from workbench.routing.live import route_live
from workbench.routing.plan import Plan, parse_plan
from workbench.routing.verdicts import is_spec


class Context(Protocol):
    """What a run hands its work."""

    @property
    def watch(self) -> Watch:
        """Is told each step."""


def routing_folder(config: Mapping[str, Any]) -> Path:
    """The folder of one plan, one promise and one set of pairs: the same choices find it again."""
    asked = repr([config[name] for name in ("data", "plan", "risk", "delta")] + sorted(config.get("pool", ())))
    return judging_folder() / "routing" / blake2b(asked.encode(), digest_size=8).hexdigest()


def kept_upload(name: str, content: bytes) -> Path:
    """A file that was handed in on a page, where runs find it; the same content is kept once."""
    suffix = Path(name).suffix.lower()
    safe = suffix if suffix[1:].isalnum() and len(suffix) <= 8 else ""
    folder = judging_folder() / "routing" / "files"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{blake2b(content, digest_size=12).hexdigest()}{safe}"
    if not path.exists():
        with drafted(path) as draft:
            draft.write_bytes(content)
    return path.resolve()


def checked_plan(text: str, *, local_only: bool) -> Plan:
    """The plan, where its judges may be asked.

    Raises
    ------
    WorkbenchError : it is no plan, or sends texts elsewhere while only local judges are allowed.
    """
    plan = parse_plan(text)
    away = [parse_judge(t.judge).host for t in plan.tiers if is_spec(t.judge) and not parse_judge(t.judge).local]
    if away and local_only:
        raise WorkbenchError(
            f"This plan would send the texts of these pairs to {away[0]}.",
            "Allow judges elsewhere for this project first, if the texts may leave this machine.",
        )
    return plan


def route_run(config: Mapping[str, Any], run: Context) -> dict[str, Any]:
    """Routes the pairs that `config` names as far as the labels allow; the result is what `route --json` prints, with
    the files that were written.
    """
    plan = checked_plan(str(config["plan"]), local_only=bool(config.get("local_only", True)))
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
