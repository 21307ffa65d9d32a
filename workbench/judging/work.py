"""A judge as a run: a process of its own that survives a closed page, with its ledger where the command line keeps
it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import Any, Protocol

from workbench.dataset.annotation_set import AnnotationSet
from workbench.drafts import drafted
from workbench.errors import WorkbenchError
from workbench.judging.anchor_rounds import keep_anchors
from workbench.judging.constitution import default_constitution, read_constitution
from workbench.judging.export import labels_for, write_verdicts
from workbench.judging.judged import Judged, Options
from workbench.judging.probed import try_judge
from workbench.judging.prompt import Asking
from workbench.judging.run import ask_judge, asking_for, recorded
from workbench.judging.spec import JudgeSpec, Settings, parse_judge
from workbench.locations import judging_folder
from workbench.progress import Watch

_OPTIONS = ("orders", "samples", "mask", "seed", "budget", "prices", "at_once", "canaries", "anchors")
_SETTINGS = ("temperature", "max_tokens", "effort", "log_probabilities", "timeout")


class Context(Protocol):
    """What a run hands its work."""

    @property
    def watch(self) -> Watch:
        """Is told each step."""


def ledger_folder(data: AnnotationSet, spec: JudgeSpec, asking: Asking) -> Path:
    """Where the calls of this judge about these data lie: `data/judging`, or the folder named in `WORKBENCH_JUDGING`.

    One folder a version of the judge and a data set, so that whoever asks again asks nothing twice.
    """
    return judging_folder() / f"{data.key[:12]}-{spec.version(asking.hash)}"


def asked_for(data: AnnotationSet, config: Mapping[str, Any]) -> tuple[JudgeSpec, Asking, Options]:
    """The judge, the questions and the options of a run's configuration.

    Raises
    ------
    WorkbenchError : the judge is none, or only judges of one's own are allowed and this one is elsewhere.
    """
    spec = parse_judge(str(config["judge"]), Settings(**{k: config[k] for k in _SETTINGS if k in config}))
    refuse_elsewhere(spec, config)
    constitution = read_constitution(config["constitution"]) if config.get("constitution") else default_constitution()
    asking = Asking(constitution, labels=labels_for(data.scale), principles=bool(config.get("principles", True)))
    return spec, asking_for(spec, asking), Options(**{k: config[k] for k in _OPTIONS if k in config})


def kept_prices(name: str, content: bytes) -> Path:
    """A file of prices that was handed in on a page."""
    return kept_file(judging_folder() / "prices", name, content)


def kept_file(folder: Path, name: str, content: bytes) -> Path:
    """A file that was handed in, under the hash of its content; the same content is kept once."""
    suffix = Path(name).suffix.lower()
    safe = suffix if suffix[1:].isalnum() and len(suffix) <= 8 else ""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{blake2b(content, digest_size=12).hexdigest()}{safe}"
    if not path.exists():
        with drafted(path) as draft:
            draft.write_bytes(content)
    return path.resolve()


def tried(data: AnnotationSet, config: Mapping[str, Any]) -> dict[str, Any]:
    """What the server of a run's judge honours, before the run."""
    spec, asking, options = asked_for(data, config)
    return try_judge(spec, ledger_folder(data, spec, asking), asking, options)


def refuse_elsewhere(spec: JudgeSpec, config: Mapping[str, Any]) -> None:
    """Refuses a judge on another machine that was not allowed.

    Parameters
    ----------
    config : `local_only` (true where it is not said), and `hosts`: those that may be sent texts; where it is not there,
        any.

    Raises
    ------
    WorkbenchError : the judge is elsewhere and was not allowed.
    """
    if spec.local or (not config.get("local_only", True) and spec.host in config.get("hosts", [spec.host])):
        return
    raise WorkbenchError(
        f"This judge would send the texts of these pairs to {spec.host}.",
        "Allow that host for this project first, if the texts may leave this machine.",
    )


def judge_run(config: Mapping[str, Any], run: Context) -> dict[str, Any]:
    """Asks the judge that `config` names about the data at `config["paths"]`; the result is what `judge --json`
    prints.
    """
    from workbench.formats import load

    run.watch.step(0, 0, "Reading the data")
    data = load(list(config["paths"]))
    spec, asking, options = asked_for(data, config)
    if options.anchors is not None and not Path(options.anchors).exists():
        keep_anchors(data, Path(options.anchors), mask=options.mask)
    folder = ledger_folder(data, spec, asking)
    judged = ask_judge(data, spec, folder, asking, options, watch=run.watch)
    verdicts = write_verdicts(data, judged, folder)
    return {**judged.to_dict(), "name": judged.spec.name, "verdicts": str(verdicts)}


def verdicts_of_run(data: AnnotationSet, config: Mapping[str, Any]) -> Judged:
    """What the judge of a finished run said, from its ledger; nothing is sent."""
    spec, asking, options = asked_for(data, {k: v for k, v in config.items() if k != "hosts"} | {"local_only": False})
    folder = ledger_folder(data, spec, asking)
    if not spec.remote:
        return ask_judge(data, spec, folder, asking, replace(options, anchors=None))
    return recorded(data, spec, folder, asking, options)
