"""Fine-tuning on several GPUs: the training run as the process that a launcher starts once for each of them.

    accelerate launch --num_processes 4 -m workbench.reward.launched EXPORT.json --base MODEL --out FOLDER

`--config FILE` takes any setting (`workbench.reward.config_file`), as `train` does; instead of an export and options,
CONFIG.json and FOLDER may be given, the configuration of a training run (`workbench.reward.run`). All processes train
together; the first one also judges the model, writes FOLDER/result.json and FOLDER/model, and shows each step on
stderr. A killed training goes on from FOLDER/checkpoints.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.checkpoints import Checkpoints, FolderCheckpoints, NoCheckpoints
from workbench.errors import WorkbenchError
from workbench.progress import UNWATCHED, Step, Watch
from workbench.reward.config_file import read_config
from workbench.reward.fitted import fit_model, plain_settings
from workbench.reward.run import hard_labels, material, settings_of, train_run
from workbench.reward.trainer_state import write_json


@dataclass(frozen=True)
class Place:
    """Where a launched training works."""

    folder: Path
    checkpoints: Checkpoints
    watch: Watch


def main(arguments: Sequence[str]) -> int:
    """Trains as one of the launched processes."""
    first = os.environ.get("RANK", "0") == "0"
    try:
        config, folder = asked(arguments)
        if not first:
            follow(config, folder)
            return 0
        folder.mkdir(parents=True, exist_ok=True)
        write_json(
            folder / "result.json",
            train_run(config, Place(folder, FolderCheckpoints(folder / "checkpoints"), Watch(_told))),
        )
    except WorkbenchError as error:
        print(f"workbench: {error}", file=sys.stderr)
        return 2
    return 0


def asked(arguments: Sequence[str]) -> tuple[Mapping[str, Any], Path]:
    """The configuration, and the folder to work in.

    Raises
    ------
    WorkbenchError
        They are not said.

    >>> config, folder = asked(["votes.csv", "--base", "m", "--out", "here"])
    >>> config["paths"], config["finetune"], str(folder)
    (['votes.csv'], {'base': 'm'}, 'here')
    """
    if len(arguments) == 2 and arguments[0].endswith(".json") and not arguments[1].startswith("--"):
        return json.loads(Path(arguments[0]).read_text("utf-8")), Path(arguments[1])
    parser = argparse.ArgumentParser(prog="workbench.reward.launched", exit_on_error=False)
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--base")
    parser.add_argument("--labels")
    parser.add_argument("--config", type=Path)
    try:
        given = parser.parse_args(list(arguments))
    except (argparse.ArgumentError, SystemExit) as error:
        raise WorkbenchError(
            "It is not said what to train on, and where to.", "Give an export and a folder: EXPORT.json --out FOLDER."
        ) from error
    file = read_config(given.config) if given.config else {}
    tuning = {**file.get("finetune", {}), **({"base": given.base} if given.base else {})}
    labels = {"labels": given.labels} if given.labels else {}
    return {**file, **labels, "model": "finetune", "finetune": tuning, "paths": given.paths}, given.out


def follow(config: Mapping[str, Any], folder: Path) -> None:
    """What every process but the first does: the same trainings in the same order, and nothing else."""
    settings, given = settings_of(config), material(config)
    fit_model(given.train, settings, folder / "checkpoints", UNWATCHED, NoCheckpoints())
    if config.get("plain"):
        fit_model(
            hard_labels(given.train),
            plain_settings(settings),
            folder / "checkpoints" / "plain",
            UNWATCHED,
            NoCheckpoints(),
        )


def _told(step: Step) -> None:
    figures = ", ".join(f"{name} {value:.4g}" for name, value in step.figures.items())
    print(f"{step.doing} {step.done:,}/{step.of:,} {figures}".rstrip(), file=sys.stderr)


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # a process group that others have left keeps nobody waiting
