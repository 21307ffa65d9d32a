"""What is installed only where it is asked for, and the one line that says how to get it."""

from __future__ import annotations

from importlib.util import find_spec

from workbench.errors import WorkbenchError

DISTRIBUTION = "preference-workbench"
EXTRAS: dict[str, tuple[str, ...]] = {
    "app": ("streamlit", "plotly", "psutil", "safetensors"),
    "reward": (
        "torch",
        "transformers",
        "sentence_transformers",
        "trl",
        "peft",
        "accelerate",
        "safetensors",
        "sklearn",
        "psutil",
        "starlette",
        "uvicorn",
    ),
    "judges": ("openai", "anthropic", "aiohttp"),
    "scale": ("distributed",),
    "excel": ("python_calamine",),
    "collect": ("sqlalchemy", "alembic", "starlette", "uvicorn"),
}
"""Extra -> the modules it brings."""


def need(extra: str, what: str) -> None:
    """Says in one line what to install where an extra is missing.

    Parameters
    ----------
    extra : a name of `EXTRAS`.
    what : what needs it, as the beginning of a sentence.

    Raises
    ------
    WorkbenchError : one of its modules is not installed.
    """
    missing = [module for module in EXTRAS[extra] if find_spec(module) is None]
    if missing:
        raise WorkbenchError(f"{what} needs {', '.join(missing[:3])}, which is not installed.", how_to_install(extra))


def missing_extra(error: ModuleNotFoundError) -> WorkbenchError | None:
    """The same for a module that was asked for and is not there; None where no extra brings it.

    >>> missing_extra(ModuleNotFoundError("No module named 'openai'", name="openai")).remedy
    "Install it with: pip install 'preference-workbench[judges]'"
    """
    module = (error.name or "").partition(".")[0]
    extra = next((extra for extra, modules in EXTRAS.items() if module in modules), None)
    if extra is None:
        return None
    return WorkbenchError(f"This needs {module}, which is not installed.", how_to_install(extra))


def how_to_install(extra: str) -> str:
    """The command that brings an extra."""
    return f"Install it with: pip install '{DISTRIBUTION}[{extra}]'"
