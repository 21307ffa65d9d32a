"""What a worker process writes down about its run: status twice a second, one line of metrics a step, the outcome."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.progress import Step
from workbench.runs.folder import CANCEL, METRICS, STATUS, end_broken_line, overwrite_json, plain, release, write_json
from workbench.runs.memory import gpu_now, memory_now, oom_kills
from workbench.runs.pace import Pace
from workbench.runs.process import BEAT_SECONDS
from workbench.runs.stopping import Stop

EVERY_LINE = 2_000
"""So many steps of a stage are written down each; after that one a second, and each that measures something else than
the one before."""
GPU_SECONDS = 2.0
"""How often the GPU is asked what its memory holds."""


class Reporter:
    """Keeps `status.json` and `metrics.jsonl` of one attempt.

    Parameters
    ----------
    folder : of the run.
    before : what the status said when this attempt was queued.
    stop : asked to stop where somebody left the mark for it.
    """

    def __init__(self, folder: Path, before: Mapping[str, Any], stop: Stop) -> None:
        self.folder, self.stop = folder, stop
        self._now: dict[str, Any] = {**before, "state": "queued", "oom_kills": oom_kills()}
        self._earlier = float(before.get("seconds") or 0.0)
        self._began: float | None = None
        self._pace, self._last_step = Pace(), time.monotonic()
        self._stage, self._lines, self._last_line, self._last_keys = "", 0, 0.0, frozenset[str]()
        self._lock = threading.Lock()
        self._trouble: OSError | None = None
        self._closed = False
        self._metrics: Any = None
        self._gpu_asked = float("-inf")

    @property
    def attempt(self) -> int:
        """1, and one more for each time the run was resumed."""
        return int(self._now["attempt"])

    def start_beating(self) -> None:
        """From now on the run says twice a second that it lives."""
        threading.Thread(target=self._beat, daemon=True, name="heartbeat").start()

    def waiting(self, ahead: int) -> None:
        """It waits for its turn."""
        with self._lock:
            self._now["ahead"] = ahead

    def begin(self) -> None:
        """It is its turn."""
        end_broken_line(self.folder / METRICS)
        with self._lock:
            self._began, self._last_step = time.monotonic(), time.monotonic()
            self._metrics = (self.folder / METRICS).open("a", buffering=1, encoding="utf-8")
            self._now |= {"state": "running", "ahead": 0, "doing": "Starting"}
            self._write()

    def step(self, step: Step) -> None:
        """The work says how far it is.

        Raises
        ------
        OSError : what it says cannot be written down: the disk is full.
        """
        now = time.monotonic()
        with self._lock:
            if self._trouble is not None:
                raise self._trouble
            if step.doing != self._stage:
                self._stage, self._lines, self._last_keys = step.doing, 0, frozenset()
                self._pace.begin()
            self._pace.tell(now, step.done)
            self._last_step = now
            figures = plain(step.figures)
            self._now |= {
                "done": int(step.done),
                "of": int(step.of),
                "doing": step.doing,
                "figures": {**self._now.get("figures", {}), **figures},
            }
            if figures and self._is_worth_a_line(step, now):
                row = {
                    "attempt": self._now["attempt"],
                    "doing": step.doing,
                    "done": int(step.done),
                    "of": int(step.of),
                    "seconds": round(self._seconds(now), 3),
                    **figures,
                }
                self._metrics.write(json.dumps(row, allow_nan=False) + "\n")
                self._lines, self._last_line, self._last_keys = self._lines + 1, now, frozenset(figures)

    def _is_worth_a_line(self, step: Step, now: float) -> bool:
        fresh = frozenset(step.figures) != self._last_keys
        return (
            fresh or self._lines < EVERY_LINE or now - self._last_line >= 1.0 or (step.of > 0 and step.done >= step.of)
        )

    def stopping(self) -> None:
        """It was asked to stop."""
        with self._lock:
            if not self._closed and self._now["state"] in ("queued", "running"):
                self._now["state"] = "stopping"
                self._write()

    def end(self, state: str, **words: Any) -> None:
        """The last word: `done`, `failed`, `cancelled` or `interrupted`. What comes after it is not heard."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._gpu_asked = float("-inf")
            self._refresh()
            self._now |= {
                "state": state,
                "ahead": 0,
                "ended_at": time.time(),
                "rate": None,
                "left": None,
                "quiet": 0.0,
                **words,
            }
            release(self.folder)
            try:
                write_json(self.folder / STATUS, self._now)
            except OSError:
                overwrite_json(self.folder / STATUS, self._now)

    def _beat(self) -> None:
        while not self._closed:
            if (self.folder / CANCEL).exists():
                self.stop.ask()
            with self._lock:
                self._write()
            time.sleep(BEAT_SECONDS)

    def _write(self) -> None:
        if self._closed:
            return
        self._refresh()
        try:
            write_json(self.folder / STATUS, self._now)
        except OSError as error:
            self._trouble = error

    def _refresh(self) -> None:
        now = time.monotonic()
        rate = self._pace.rate()
        self._now |= {
            "seconds": round(self._seconds(now), 2),
            "rate": rate,
            "left": self._pace.left(now, self._now.get("of", 0)),
            "quiet": round(now - self._last_step, 1) if self._began is not None else 0.0,
            **memory_now(),
        }
        if now - self._gpu_asked >= GPU_SECONDS:
            self._gpu_asked = now
            self._now["gpu"] = gpu_now() or self._now.get("gpu")

    def _seconds(self, now: float) -> float:
        return self._earlier + (now - self._began if self._began is not None else 0.0)
