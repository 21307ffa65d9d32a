"""The command that opens the pages: `app`."""

from __future__ import annotations

import argparse
from typing import Any


def add_commands(commands: Any) -> None:
    """Adds it to the parser."""
    from workbench.cli.launch import add_options

    app = commands.add_parser(
        "app",
        help="open the workbench in a browser, on the demo data",
        description="Starts the workbench on this machine and opens it in a browser, on the demo data.",
    )
    add_options(app)
    app.set_defaults(run=_app, extra="app")


def _app(options: argparse.Namespace) -> int:
    from workbench.cli.launch import launch

    return launch(options)
