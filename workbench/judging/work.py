"""A judge as a run: a process of its own that survives a closed page, with its ledger where the command line keeps
it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.judging.constitution import default_constitution, read_constitution
from workbench.judging.export import labels_for, write_verdicts
from workbench.judging.judged import Judged, Options
from workbench.judging.prompt import Asking
from workbench.judging.run import ask_judge, asking_for, recorded
from workbench.judging.spec import JudgeSpec, Settings, parse_judge
from workbench.locations import judging_folder
from workbench.progress import Watch

_OPTIONS = ("orders", "samples", "mask", "seed", "budget", "prices", "at_once", "canaries")
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
    if config.get("local_only", True) and not spec.local:
        raise WorkbenchError(
            f"This judge would send the texts of these pairs to {spec.host}.",
            "Allow judges elsewhere for this project first, if the texts may leave this machine.",
        )
    constitution = read_constitution(config["constitution"]) if config.get("constitution") else default_constitution()
    asking = Asking(constitution, labels=labels_for(data.scale), principles=bool(config.get("principles", True)))
    return spec, asking_for(spec, asking), Options(**{k: config[k] for k in _OPTIONS if k in config})


def judge_run(config: Mapping[str, Any], run: Context) -> dict[str, Any]:
    """Asks the judge that `config` names about the data at `config["paths"]`; the result is what `judge --json`
    prints.
    """
    from workbench.formats import load

    run.watch.step(0, 0, "Reading the data")
    data = load(list(config["paths"]))
    spec, asking, options = asked_for(data, config)
    folder = ledger_folder(data, spec, asking)
    judged = ask_judge(data, spec, folder, asking, options, watch=run.watch)
    verdicts = write_verdicts(data, judged, folder)
    return {**judged.to_dict(), "name": judged.spec.name, "verdicts": str(verdicts)}


def verdicts_of_run(data: AnnotationSet, config: Mapping[str, Any]) -> Judged:
    """What the judge of a finished run said, from its ledger; nothing is sent."""
    spec, asking, options = asked_for(data, {**config, "local_only": False})
    folder = ledger_folder(data, spec, asking)
    if not spec.remote:
        return ask_judge(data, spec, folder, asking, options)
    return recorded(data, spec, folder, asking, options)
