"""The command that serves a reward model over HTTP: `serve`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from workbench.cli.scoring import MODEL_HELP, add_lengths, opened
from workbench.errors import WorkbenchError

TOKEN = "WORKBENCH_SERVE_TOKEN"


def add_commands(commands: Any) -> None:
    """Adds it to the parser."""
    serve = commands.add_parser(
        "serve",
        help="serve a reward model over HTTP: scores, preferences, health",
        description=(
            "Serves scores (POST /score), preferences (POST /compare) and a health line (GET /health) until it is"
            " stopped. Requests that come together are scored together. A token in WORKBENCH_SERVE_TOKEN is asked of"
            " every request (Authorization: Bearer TOKEN), and needed to serve other machines."
        ),
    )
    serve.add_argument("model", type=Path, metavar="MODEL", help=MODEL_HELP)
    serve.add_argument("--port", type=int, default=8090, metavar="P", help="(default %(default)s)")
    serve.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="(default %(default)s: this machine)")
    serve.add_argument("--batch", type=int, default=32, metavar="N", help="texts scored at once (default %(default)s)")
    serve.add_argument(
        "--wait",
        type=float,
        default=5.0,
        metavar="MS",
        help="milliseconds a request waits for others to join it at most (default %(default)s)",
    )
    serve.add_argument("--int8", action="store_true", help="hold weights in 8 bits, on the processor")
    add_lengths(serve)
    serve.set_defaults(run=_serve, extra="reward")


def _serve(options: argparse.Namespace) -> int:
    from workbench.reward.serving import check_address, serve, server

    if not 1 <= options.port <= 65_535:
        raise WorkbenchError(f"--port {options.port}: no port.", "Give a number from 1 to 65535.")
    if options.batch < 1 or not 0 <= options.wait <= 10_000:
        raise WorkbenchError("--batch is at least 1, --wait 0 to 10000 milliseconds.", "Leave them out for the usual.")
    token = os.environ.get(TOKEN, "")
    check_address(options.host, token)
    app = server(
        opened(options),
        options.model.name,
        token=token,
        batch=options.batch,
        wait=options.wait / 1_000,
        int8=options.int8,
    )
    asked = "a token is asked for" if token else "no token is asked for"
    print(f"Serving {options.model.name} on http://{options.host}:{options.port} ({asked}).", file=sys.stderr)
    serve(app, options.host, options.port)
    return 0
