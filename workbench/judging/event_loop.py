"""Runs a coroutine from ordinary code."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any


def run_async(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Runs a coroutine from ordinary code, also where an event loop is already running (a notebook, a page)."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work())
    result: list[Any] = []
    failed: list[BaseException] = []

    def inside() -> None:
        try:
            result.append(asyncio.run(work()))
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=inside)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return result[0]
