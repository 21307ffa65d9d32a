"""Finished runs side by side: how they were set up differently, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workbench.runs.run import Run

if TYPE_CHECKING:
    import pandas as pd


def compare(runs: Sequence[Run]) -> pd.DataFrame:
    """Differences in set-up, and results, one row a run.

    Parameters
    ----------
    runs : in the order of the rows.

    Returns
    -------
    Columns `run`, `title`, `kind`, `state`, `seconds`; `config.NAME` for each setting that is not the same in all;
    `result.NAME` for each figure, text or truth value of the results, parts of parts joined by dots. What a run does
    not have is missing.
    """
    import pandas as pd

    configs = [dict(flat(run.config)) for run in runs]
    results = [dict(flat(run.result() or {})) for run in runs]
    rows = []
    for run, config, result in zip(runs, configs, results, strict=True):
        status = run.status()
        differing = {
            f"config.{name}": config.get(name)
            for name in _names(configs)
            if len({repr(c.get(name)) for c in configs}) > 1
        }
        rows.append(
            {"run": run.id, "title": run.title, "kind": run.kind, "state": status.state, "seconds": status.seconds}
            | differing
            | {f"result.{name}": result.get(name) for name in _names(results)}
        )
    return pd.DataFrame(
        rows, columns=list(rows[0]) if rows else ["run", "title", "kind", "state", "seconds"], dtype=object
    )


def flat(content: Mapping[str, Any], above: str = "") -> list[tuple[str, Any]]:
    """Single values of nested settings or results, under names joined by dots; lists of single values as text, tables
    left out.

    >>> flat({"eval": {"accuracy": 0.8, "interval": [0.7, 0.9]}, "curve": [{"n": 1}]})
    [('eval.accuracy', 0.8), ('eval.interval', '0.7, 0.9')]
    """
    found: list[tuple[str, Any]] = []
    for key, value in content.items():
        name = f"{above}{key}"
        if isinstance(value, Mapping):
            found += flat(value, f"{name}.")
        elif isinstance(value, list | tuple):
            if len(value) <= 8 and not any(isinstance(each, Mapping | list | tuple) for each in value):
                found.append((name, ", ".join(str(each) for each in value)))
        else:
            found.append((name, value))
    return found


def _names(parts: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for part in parts for name in part))
