"""The labelling page in a notebook: `workbench.label(data)` shows it in a frame, and its labels come back as data."""

from __future__ import annotations

import html
import secrets
import socket
import threading
import time
from pathlib import Path
from typing import Any

from workbench.collection.batches import GUIDELINE, Settings, batches, link_anew, make_batch
from workbench.collection.collected import collected
from workbench.collection.schedule import Shares
from workbench.collection.server import framed_app
from workbench.collection.store import Store
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.locations import data_folder


class Labelling:
    """A page to label on, and what was labelled.

    Attributes
    ----------
    url : of the page; it works on this machine alone.
    batch : id in the store.
    store : where the labels are kept.
    """

    def __init__(self, store: Store, batch: str, token: str, height: int) -> None:
        import uvicorn

        self.store, self.batch, self._height = store, batch, height
        prefix = f"/{secrets.token_urlsafe(24)}/label"
        listening = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(framed_app(store, token, prefix), log_level="error", access_log=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([listening],), daemon=True)
        self._thread.start()
        until = time.monotonic() + 20
        while not self._server.started and time.monotonic() < until:
            time.sleep(0.02)
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}{prefix}/"

    def labels(self) -> AnnotationSet:
        """The labels so far.

        Raises
        ------
        WorkbenchError : nothing has been judged yet.
        """
        return collected(self.store, self.batch)

    def stop(self) -> None:
        """Ends the server; the labels stay in the store."""
        self._server.should_exit = True
        self._thread.join(10)
        self.store.close()

    def _repr_html_(self) -> str:
        address = html.escape(self.url)
        return (
            f'<iframe src="{address}" title="Labelling page" width="100%" height="{self._height}"'
            ' style="border:1px solid #8884;border-radius:8px"></iframe>'
        )

    def __repr__(self) -> str:
        return f"Labelling page at {self.url} (labels in {self.store.shown}, batch {self.batch})"


def label(
    data: AnnotationSet,
    *,
    name: str = "notebook",
    person: str = "me",
    scale: str = "five",
    guideline: str = GUIDELINE,
    store: str | Path | None = None,
    height: int = 760,
    **settings: Any,
) -> Labelling:
    """Opens the labelling page on these pairs.

    Parameters
    ----------
    data : pairs with texts; labels and gold it has are not shown.
    name : of the batch; a batch of this name that stands in the store is gone on with.
    person : who labels.
    scale, guideline : as in a batch.
    store : where labels are kept; `notebook.sqlite` in the data folder by default.
    height : of the frame, in pixels.
    settings : further fields of `Settings`.

    Returns
    -------
    An object that a notebook shows as the page; its `labels()` are the labels so far.

    Raises
    ------
    WorkbenchError : the pairs have no texts, or the store cannot be opened.
    """
    kept = Store(store or data_folder() / "notebook.sqlite")
    known = next((row for row in batches(kept) if row.name == name), None)
    if known is None:
        plain = {"overlap": 1, "shares": Shares(gold=0.0, repeat=0.0), **settings}
        everything = list(range(len(data.items)))
        batch = make_batch(kept, data, name, Settings(scale=scale, **plain), guideline=guideline, only=everything)
    else:
        batch = str(known.id)
        if known.state != "open":
            raise WorkbenchError(f"The batch {name!r} is {known.state}.", "Choose another name for a new one.")
    return Labelling(kept, batch, link_anew(kept, batch, person).token, height)
