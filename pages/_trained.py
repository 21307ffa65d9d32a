"""What a training leaves: the folder of the model, its card, the figures, and the lines that start it again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from workbench.reward.packed import packed_model
from workbench.runs import Run


def take_away(run: Run, result: Mapping[str, Any], *, model: str, figures: str, key: str, help: str) -> None:
    """Downloads of the model folder, its card and the figures; files are named by what they hold and the run."""
    folder = run.folder / "model"
    with st.container(horizontal=True):
        if folder.is_dir():
            st.download_button(
                "Model folder (zip)",
                lambda: packed_model(folder),
                f"{model}-{run.id}.zip",
                "application/zip",
                key=f"{key}_zip",
                on_click="ignore",
                help=help,
            )
            card = folder / "README.md"
            if card.is_file():
                st.download_button(
                    "Model card", card.read_bytes, "README.md", "text/markdown", key=f"{key}_card", on_click="ignore"
                )
        st.download_button(
            "All figures (JSON)",
            lambda: json.dumps(dict(result), indent=1).encode(),
            f"{figures}-{run.id}.json",
            "application/json",
            key=f"{key}_json",
            on_click="ignore",
        )


def code_of(run: Run) -> str:
    """The lines that start the same run from a notebook."""
    config = dict(run.config)
    return (
        f"from workbench.runs import start\n\nrun = start({run.kind!r}, {config!r})"
        "\nrun.wait(3600)\nrun.result()['eval']"
    )
