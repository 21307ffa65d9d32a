"""Libraries that say less: what matters is reported through the watch."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator


@contextlib.contextmanager
def quiet_libraries() -> Iterator[None]:
    """Keeps transformers' progress bars and load reports out of the log; what matters is reported through the watch."""
    from transformers.utils import logging as library

    before = library.get_verbosity()
    library.set_verbosity_error()
    library.disable_progress_bar()
    try:
        yield
    finally:
        library.set_verbosity(before)
        library.enable_progress_bar()
