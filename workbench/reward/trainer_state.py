"""What the trainer needs to go on where it was, in files that cannot run code: safetensors and JSON instead of pickles.

transformers writes `optimizer.pt`, `scheduler.pt`, `rng_state.pth` and `training_args.bin` with `torch.save`, and reads
them with `torch.load`. Here the optimizer's tensors go into `optimizer.safetensors` with its groups in the header, the
scheduler into `scheduler.json`, the random states into `random.safetensors`, and the arguments are not written: they
follow from the settings.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from workbench.errors import WorkbenchError

OPTIMIZER, SCHEDULER, COMPLETE = "optimizer.safetensors", "scheduler.json", "complete.json"
_PICKLED = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt")


def save_optimizer(state: Mapping[str, Any], folder: Path) -> None:
    """Writes `optimizer.state_dict()`: tensors as tensors, everything else as JSON in the header."""
    import torch
    from safetensors.torch import save_file

    tensors: dict[str, torch.Tensor] = {}
    plain: dict[str, dict[str, Any]] = {}
    for place, values in state["state"].items():
        for name, value in values.items():
            if isinstance(value, torch.Tensor):
                tensors[f"{place}.{name}"] = value.detach().contiguous().cpu()
            else:
                plain.setdefault(str(place), {})[name] = value
    note = json.dumps({"groups": state["param_groups"], "plain": plain})
    save_file(tensors, str(folder / OPTIMIZER), metadata={"note": note})


def load_optimizer(folder: Path) -> dict[str, Any]:
    """The state for `optimizer.load_state_dict`."""
    from safetensors import safe_open

    state: dict[int, dict[str, Any]] = {}
    with safe_open(str(folder / OPTIMIZER), framework="pt") as kept:
        note = json.loads(kept.metadata()["note"])
        for key in kept.keys():  # noqa: SIM118
            place, name = key.split(".", 1)
            state.setdefault(int(place), {})[name] = kept.get_tensor(key)
    for place, values in note["plain"].items():
        state.setdefault(int(place), {}).update(values)
    groups = [
        {name: tuple(value) if name == "betas" else value for name, value in group.items()} for group in note["groups"]
    ]
    return {"state": state, "param_groups": groups}


def save_random(folder: Path, process: int = 0) -> None:
    """Writes the states of Python's, numpy's, torch's and each GPU's random generator."""
    import torch
    from safetensors.torch import save_file

    _, python, gauss = random.getstate()
    name, keys, position, has_gauss, cached = np.random.get_state()  # noqa: NPY002
    tensors = {
        "python": torch.tensor(python, dtype=torch.int64),
        "numpy": torch.from_numpy(np.asarray(keys).astype(np.int64)),
        "cpu": torch.random.get_rng_state(),
    }
    if torch.cuda.is_available():
        tensors |= {f"cuda.{i}": state for i, state in enumerate(torch.cuda.random.get_rng_state_all())}
    note = json.dumps({"gauss": gauss, "numpy": [str(name), int(position), int(has_gauss), float(cached)]})
    save_file(tensors, str(folder / _random(process)), metadata={"note": note})


def load_random(folder: Path, process: int = 0) -> None:
    """Puts the random generators back where they were; a GPU that is not there any more is left out."""
    import torch
    from safetensors import safe_open

    path = folder / _random(process)
    if not path.is_file():
        return
    with safe_open(str(path), framework="pt") as kept:
        note = json.loads(kept.metadata()["note"])
        random.setstate((3, tuple(kept.get_tensor("python").tolist()), note["gauss"]))
        name, position, has_gauss, cached = note["numpy"]
        np.random.set_state((name, kept.get_tensor("numpy").numpy().astype(np.uint32), position, has_gauss, cached))  # noqa: NPY002
        torch.random.set_rng_state(kept.get_tensor("cpu"))
        gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
        for i in range(gpus):
            if f"cuda.{i}" in kept.keys():  # noqa: SIM118
                torch.cuda.random.set_rng_state(kept.get_tensor(f"cuda.{i}"), i)


def _random(process: int) -> str:
    return f"random-{process}.safetensors"


def write_json(path: Path, value: object) -> None:
    """Replaces a JSON file in one move."""
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("w", encoding="utf-8") as stream:
        json.dump(value, stream)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """A JSON file."""
    return dict(json.loads(path.read_text("utf-8")))


def mark_complete(folder: Path, about: str) -> None:
    """Says, last of all, that every file of a checkpoint is there, how large each is, and which settings and data it is
    of.

    Raises
    ------
    WorkbenchError : a file in it could run code when it is read.
    """
    if pickled := [p.name for p in folder.rglob("*") if p.suffix in _PICKLED]:
        raise WorkbenchError(
            f"The checkpoint {folder.name} would hold {pickled[0]}, a kind of file that can run code when it is read.",
            "Install the versions of transformers and TRL that constraints.txt names.",
        )
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as stream:
                os.fsync(stream.fileno())
    sizes = {
        str(p.relative_to(folder)): p.stat().st_size
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != COMPLETE
    }
    write_json(folder / COMPLETE, {"about": about, "sizes": sizes})


def last_complete(folder: Path, about: str) -> Path | None:
    """The newest checkpoint that was written to its end, or None; half-written ones are passed over.

    Raises
    ------
    WorkbenchError
        A checkpoint is of other settings or data, or holds a file that could run code when read.
    """
    if not folder.is_dir():
        return None
    numbered = [
        (int(tail), path) for path in folder.glob("checkpoint-*") if (tail := path.name.rpartition("-")[2]).isdigit()
    ]
    for _, path in sorted(numbered, reverse=True):
        mark = path / COMPLETE
        try:
            known = json.loads(mark.read_text("utf-8"))
            whole = all((path / name).stat().st_size == size for name, size in known["sizes"].items())
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if not whole:
            continue
        pickled = [p.name for p in path.rglob("*") if p.suffix in _PICKLED]
        if pickled:
            raise WorkbenchError(
                f"The checkpoint {path.name} holds {pickled[0]}, a kind of file that can run code when it is read.",
                "It was not written here. Delete it.",
            )
        if known.get("about") != about:
            raise WorkbenchError(
                f"The checkpoint {path.name} belongs to other settings or other data.",
                "Begin in another folder, or delete the old checkpoints.",
            )
        return path
    return None
