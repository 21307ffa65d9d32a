"""The labelling server alone, without the workbench around it."""

from __future__ import annotations

from workbench.collection.server import label_app
from workbench.collection.store import Store


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
