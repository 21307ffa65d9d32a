"""Which kinds of long work there are, each named by the function that does it and loaded only by the process that runs
it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from workbench.errors import WorkbenchError

_DOTTED = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


@dataclass(frozen=True)
class Kind:
    """One kind of work.

    Attributes
    ----------
    entry : `module:function`; the function takes `(config, run)` and gives what becomes `result.json`.
    title : what people call it.
    page : file name of the page that shows its result; empty where only the Runs page does.
    headline : the figure of the result that a list of runs shows, such as `eval.accuracy`.
    lane : what its runs wait for instead of a processor, one at a time; empty = a processor.
    listed : whether it stands in lists of all runs; what a page starts, watches and takes away itself does not.
    """

    entry: str
    title: str
    page: str = ""
    headline: str = ""
    lane: str = ""
    listed: bool = True


KINDS: dict[str, Kind] = {
    "train": Kind("workbench.reward.run:train_run", "Reward model", "reward_models.py", "eval.accuracy"),
    "policy": Kind("workbench.policy.run:policy_run", "Policy", "policy.py", "eval.accuracy"),
    "aggregate": Kind("workbench.aggregation.run:aggregate_run", "Labels", "labels.py", "gold_accuracy"),
    "select": Kind("workbench.selection.run:select_run", "Selection", "selection.py"),
    "judge": Kind("workbench.judging.work:judge_run", "AI judge", "judges.py", "flip_rate"),
    "route": Kind("workbench.routing.work:route_run", "Routing", "routing.py", "usd"),
    "reward-gain": Kind("workbench.studies.gain_run:reward_gain_run", "People or judge", "routing.py"),
    "replay": Kind("workbench.studies.run:replay_run", "Selection replay", "studies.py"),
    "threshold": Kind("workbench.studies.run:threshold_run", "Effect of a QA threshold", "studies.py"),
    "label-sets": Kind("workbench.studies.run:label_sets_run", "Label sets compared", "studies.py"),
    "learning-curve": Kind("workbench.studies.run:learning_curve_run", "Learning curve", "studies.py"),
    "import": Kind(
        "workbench.workspace.import_run:import_run", "Opening an export", "start.py", lane="reading", listed=False
    ),
    "frontier": Kind("workbench.studies.run:frontier_run", "Quality per dollar", "studies.py"),
}
"""Name -> kind. A name that is `module:function` itself stands for that function."""


def kind_named(name: str) -> Kind:
    """The kind with this name.

    Raises
    ------
    WorkbenchError : there is none.

    >>> kind_named("train").title
    'Reward model'
    >>> kind_named("my.package:work").entry
    'my.package:work'
    """
    if name in KINDS:
        return KINDS[name]
    if _DOTTED.fullmatch(name):
        return Kind(name, name.rpartition(":")[2].replace("_", " "))
    raise WorkbenchError(f"There is no kind of run named {name}.", f"Choose one of {', '.join(sorted(KINDS))}.")


def function_of(entry: str) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """Loads the function behind `module:function`.

    Raises
    ------
    WorkbenchError : this version has no such function.
    """
    module, _, name = entry.partition(":")
    try:
        found = getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        if error.name and not module.startswith(error.name):
            raise  # the module is there; something it needs is not
        raise WorkbenchError(
            f"This version of the workbench has no {entry}.", "Start the run again from its page."
        ) from error
    except AttributeError as error:
        raise WorkbenchError(
            f"This version of the workbench has no {entry}.", "Start the run again from its page."
        ) from error
    return found
