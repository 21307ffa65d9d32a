"""Where files lie: in a clone of the project beside the code, elsewhere in the folder the system has for a user's data.

Nothing is ever written beside installed code. Each folder can be named in the environment.
"""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def clone() -> Path | None:
    """The clone of the project this code runs from; None where it is installed."""
    root = _PACKAGE.parent
    return root if (root / "pyproject.toml").is_file() and (root / "app.py").is_file() else None


def app_folder() -> Path:
    """The folder with `app.py`, `pages/`, `static/` and `.streamlit/`: the clone, or their place in the package."""
    return clone() or _PACKAGE / "_app"


def demo_folder() -> Path:
    """The folder of the demo's export."""
    return app_folder() / "data" / "demo"


def data_folder() -> Path:
    """Where the user's files lie: `data/` of the clone, or the user's data folder of this system.

    >>> data_folder().name in ("data", "preference-workbench")
    True
    """
    if (root := clone()) is not None:
        return root / "data"
    from platformdirs import user_data_path

    return user_data_path("preference-workbench", appauthor=False)


def uploads_folder() -> Path:
    """Where opened data sets are kept: `WORKBENCH_UPLOADS`, or `uploads` of the data folder."""
    return _named("WORKBENCH_UPLOADS") or data_folder() / "uploads"


def runs_folder() -> Path:
    """Where long work has its folders: `WORKBENCH_RUNS`, or `runs` of the data folder."""
    return (_named("WORKBENCH_RUNS") or data_folder() / "runs").resolve()


def embeddings_folder() -> Path:
    """Where vectors of texts are kept: `WORKBENCH_EMBEDDINGS`, or `embeddings` of the data folder."""
    return _named("WORKBENCH_EMBEDDINGS") or data_folder() / "embeddings"


def judging_folder() -> Path:
    """Where answers of AI judges are kept: `WORKBENCH_JUDGING`, or `judging` of the data folder."""
    return _named("WORKBENCH_JUDGING") or data_folder() / "judging"


def working_folder() -> Path:
    """Where processes of the workbench run: the clone, so that they find its code; elsewhere the data folder, which
    is made.
    """
    if (root := clone()) is not None:
        return root
    folder = data_folder()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def short_path(path: Path) -> str:
    """A path as people know it: in a clone, relative to it where it lies in it."""
    root = clone()
    return str(path.relative_to(root)) if root is not None and path.is_relative_to(root) else str(path)


def _named(variable: str) -> Path | None:
    given = os.environ.get(variable)
    return Path(given).expanduser() if given else None
