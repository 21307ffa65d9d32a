"""A run in words: how it stands, how long it will take, what it measures."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from workbench.runs.status import Status

STATES = {
    "queued": "Waiting",
    "running": "Running",
    "stopping": "Stopping",
    "done": "Done",
    "failed": "Failed",
    "cancelled": "Cancelled",
    "interrupted": "Interrupted",
}
SIGNS = {
    "queued": "…",
    "running": "▶",
    "stopping": "■",
    "done": "✓",
    "failed": "✕",
    "cancelled": "–",
    "interrupted": "!",
}
"""Beside the word, so that a list reads at a glance; the word always says it too."""


def state_words(status: Status) -> str:
    """The state in a word, with a sign, and the place in the queue.

    >>> state_words(Status(state="queued", ahead=2)), state_words(Status(state="done"))
    ('… Waiting, 2 before it', '✓ Done')
    """
    if status.state == "queued":
        return (
            f"{SIGNS['queued']} {STATES['queued']}, {status.ahead:,} before it"
            if status.ahead
            else f"{SIGNS['queued']} Starting"
        )
    return f"{SIGNS.get(status.state, '')} {STATES.get(status.state, status.state)}".strip()


def progress_words(status: Status) -> str:
    """What a living run does now, how fast, and for how long yet.

    >>> progress_words(Status(state="running", doing="Training", done=120, of=1000, rate=8.0, left=110.0))
    'Training, 120 of 1,000 steps, 8.0 a second, about 2 minutes left of this part'
    """
    if status.state == "queued":
        if not status.ahead:
            return "Starting"
        return (
            f"Waiting for {' and '.join(status.devices) or 'a device'}: {status.ahead:,}"
            f" run{'s' if status.ahead > 1 else ''} before it"
        )
    parts = [status.doing or "Starting"]
    if status.of:
        parts.append(f"{status.done:,} of {status.of:,} steps")
    elif status.done:
        parts.append(f"{status.done:,} steps")
    if status.rate:
        parts.append(f"{status.rate:,.1f} a second" if status.rate >= 0.95 else f"{1 / status.rate:,.1f} s a step")
    if status.left is not None:
        parts.append(f"{lasting(status.left, about=True)} left of this part")
    if status.quiet > 15:
        parts.append(f"no step for {lasting(status.quiet)}")
    return ", ".join(parts)


def expected_words(usual: float | None) -> str:
    """How long a run will take, before it is started.

    Parameters
    ----------
    usual : seconds the last one like it took here; None where there was none.

    >>> expected_words(235.0)
    'About 4 minutes: so long the last one like it took here.'
    >>> expected_words(None)
    'No run like it ended here yet: its length is unknown.'
    """
    if usual is None:
        return "No run like it ended here yet: its length is unknown."
    told = lasting(usual, about=True)
    return f"{told[:1].upper()}{told[1:]}: so long the last one like it took here."


def whole_words(status: Status, usual: float | None) -> str:
    """How long a living run goes on in all, not only with what it does now; empty where nothing tells.

    Parameters
    ----------
    usual : seconds the last one like it took.

    >>> whole_words(Status(state="running", seconds=60.0, left=10.0), 235.0)
    'about 3 minutes left in all, if it takes as long as the last one like it'
    >>> whole_words(Status(state="running", seconds=600.0, left=110.0), 235.0)
    'longer than the last one like it: about 2 minutes left of this part, and what follows'
    """
    if usual is None or status.state != "running":
        return ""
    rest = usual - status.seconds
    if rest > (status.left or 0.0):
        return f"{lasting(rest, about=True)} left in all, if it takes as long as the last one like it"
    part = f": {lasting(status.left, about=True)} left of this part, and what follows" if status.left else ""
    return f"longer than the last one like it{part}"


def lasting(seconds: float, *, about: bool = False) -> str:
    """A length of time as people say it.

    >>> lasting(4.2), lasting(75), lasting(7300), lasting(75, about=True)
    ('4 s', '1 min 15 s', '2 h 1 min', 'about 1 minute')
    """
    whole = round(seconds)
    if about:
        if whole < 50:
            return f"about {max(5 * round(whole / 5), 1)} seconds" if whole >= 3 else "a few seconds"
        if whole < 5400:
            n = max(1, round(whole / 60))
            return f"about {n} minute{'s' if n > 1 else ''}"
        return f"about {whole / 3600:.1f} hours"
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600:,} h {whole % 3600 // 60} min"


def memory_words(status: Status) -> str:
    """What memory it takes; empty where nothing is known.

    >>> memory_words(
    ...     Status(
    ...         state="running",
    ...         memory=2_400_000_000,
    ...         gpu={"name": "NVIDIA T4", "used": 3e9, "total": 15e9, "peak": 4e9},
    ...     )
    ... )
    'memory 2.4 GB; NVIDIA T4: 3.0 of 15.0 GB, at most 4.0 GB'
    """
    parts = []
    if status.memory:
        parts.append(f"memory {size(status.memory)}")
    if status.gpu:
        gpu = status.gpu
        parts.append(
            f"{gpu.get('name', 'GPU')}: {float(gpu['used']) / 1e9:.1f} of {size(float(gpu['total']))}, at most"
            f" {size(float(gpu['peak']))}"
        )
    return "; ".join(parts)


def size(count: float) -> str:
    """Bytes as people say them.

    >>> size(2_400_000_000), size(81_000_000)
    ('2.4 GB', '81 MB')
    """
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.0f} MB"


def moment(clock: float) -> str:
    """A time of the clock, in this machine's zone: `21 Nov 2026, 09:12`."""
    return f"{datetime.fromtimestamp(clock):%-d %b %Y, %H:%M}"


def side_by_side_table(compared: pd.DataFrame) -> pd.DataFrame:
    """What `workbench.runs.compare` gives, turned to be read: a row for each setting or result, a column `what` and one
    for each run, all as text.

    >>> frame = pd.DataFrame({"run": ["a", "b"], "seconds": [75.0, 4.0], "result.loss": [0.123456, None]}, dtype=object)
    >>> side_by_side_table(frame).to_dict("list")
    {'what': ['at work', 'result.loss'], 'a': ['1 min 15 s', '0.1235'], 'b': ['4 s', '–']}
    """
    turned = compared.rename(columns={"seconds": "at work"})
    turned["at work"] = [lasting(float(each)) for each in compared["seconds"]]
    return turned.set_index("run").map(_cell).T.rename_axis("what").rename_axis(None, axis=1).reset_index()


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and value != value):
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
