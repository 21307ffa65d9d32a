"""Labels kept in a folder and read back: what was found in arrays, the labels chosen again from the posterior."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workbench.aggregation.contract import Aggregation, choose
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError

_ARRAYS, _ANNOTATORS, _ABOUT = "labels.safetensors", "annotators.parquet", "labels.json"
_HELD = ("posterior", "confusion", "prior", "objective")
_TOLD = ("method", "objective_name", "iterations", "converged", "n_used")
_DETAIL = "detail."


def keep_aggregation(result: Aggregation, folder: Path) -> None:
    """Writes labels into a folder: arrays as safetensors, the annotator table and frames as Parquet, the rest as JSON.

    Parameters
    ----------
    result : of `aggregate`. Details other than arrays, frames and plain values are left out, and named in `labels.json`
        under `left_out`.
    folder : is made where it is missing.

    Examples
    --------
    >>> import tempfile
    >>> from workbench.aggregation import aggregate
    >>> from workbench.workspace.demos import demo
    >>> data = demo("clean")
    >>> result = aggregate(data)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     keep_aggregation(result, Path(folder))
    ...     again = kept_aggregation(Path(folder), data)
    >>> bool((again.label == result.label).all())
    True
    """
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    arrays = {name: getattr(result, name) for name in _HELD if getattr(result, name) is not None}
    arrays["clamped"] = result.clamped
    details: dict[str, Any] = {}
    left_out, frames = [], []
    for name, value in result.details.items():
        if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
            arrays[_DETAIL + name] = value
        elif isinstance(value, pd.DataFrame):
            value.to_parquet(folder / f"{_DETAIL}{name}.parquet", index=False)
            frames.append(name)
        elif isinstance(value, np.generic) or value is None or isinstance(value, (str, int, float, bool)):
            details[name] = value.item() if isinstance(value, np.generic) else value
        else:
            left_out.append(name)
    save_file({name: np.ascontiguousarray(value) for name, value in arrays.items()}, folder / _ARRAYS)
    result.annotators.to_parquet(folder / _ANNOTATORS, index=False)
    told = {name: getattr(result, name) for name in _TOLD}
    about = {
        **told,
        "options": result.to_dict()["options"],
        "set_aside": dict(result.set_aside),
        "details": details,
        "frames": frames,
        "left_out": left_out,
    }
    (folder / _ABOUT).write_text(json.dumps(about), "utf-8")


def kept_aggregation(folder: Path, data: AnnotationSet) -> Aggregation:
    """The labels that `keep_aggregation` wrote there.

    Parameters
    ----------
    data : the annotations they were made from.

    Raises
    ------
    WorkbenchError
        There are none, they cannot be read, or they belong to other annotations.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        about = json.loads((folder / _ABOUT).read_text("utf-8"))
        arrays = load_file(folder / _ARRAYS)
        annotators = pd.read_parquet(folder / _ANNOTATORS)
        details = {
            **about["details"],
            **{name: pd.read_parquet(folder / f"{_DETAIL}{name}.parquet") for name in about["frames"]},
        }
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise WorkbenchError(f"{folder.name} holds no labels that can be read.", "Run the method again.") from error
    shape = (len(data.items), len(data.scale))
    if arrays["posterior"].shape != shape or annotators["annotator"].tolist() != data.annotators["annotator"].tolist():
        raise WorkbenchError(f"{folder.name} holds labels of other annotations.", "Run the method again on these.")
    details |= {name.removeprefix(_DETAIL): value for name, value in arrays.items() if name.startswith(_DETAIL)}
    held: dict[str, Any] = {name: arrays.get(name) for name in _HELD} | {
        name: about[name] for name in (*_TOLD, "options", "set_aside")
    }
    made = choose(arrays["posterior"], data.scale)
    return Aggregation(
        **held,
        clamped=arrays["clamped"],
        scale=data.scale,
        label=made.label,
        direction=made.direction,
        confidence=made.confidence,
        direction_confidence=made.direction_confidence,
        undecided=made.undecided,
        strength_tied=made.strength_tied,
        annotators=annotators,
        details=details,
    )
