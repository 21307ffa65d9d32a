"""The labelling server alone, without the workbench around it."""

from __future__ import annotations

import os

from starlette.routing import Mount

from workbench.collection.server import label_app, label_mount
from workbench.collection.store import Store
from workbench.locations import data_folder


def labels_url() -> str:
    """Where the workbench's own label store is: `WORKBENCH_LABELS`, or `labels.sqlite` of the data folder."""
    return os.environ.get("WORKBENCH_LABELS") or str(data_folder() / "labels.sqlite")


def mounted() -> Mount:
    """The labelling page under the workbench's own server; its store is opened at the first request."""
    return label_mount(lambda: Store(labels_url()))


def serve(store: Store, port: int, host: str = "127.0.0.1") -> None:
    """Serves until stopped. The access log is off: it would hold the links' tokens."""
    import uvicorn

    uvicorn.run(
        label_app(store),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=1_000,
        timeout_keep_alive=30,
        h11_max_incomplete_event_size=64 * 1024,
    )
