"""How long work says how far it is, and how it is told to stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


class Cancelled(Exception):
    """The work was asked to stop, and stopped between two steps."""


@dataclass(frozen=True)
class Step:
    """How far a piece of work is.

    Attributes
    ----------
    done, of : steps done, and steps in all (0 = not known yet).
    doing : what is being done, in a few words; a new wording begins a new stage with its own count.
    figures : what was measured at this step, such as `loss` and `accuracy`.
    """

    done: int
    of: int
    doing: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)


def _nobody(_: Step) -> None:
    return None


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Watch:
    """Passed to every function that takes more than a second; it calls `step` at least a few times a second.

    Parameters
    ----------
    on_step : is told each step.
    stop_asked : says whether the work is to stop.

    >>> seen = []
    >>> watch = Watch(on_step=lambda step: seen.append((step.done, step.figures["loss"])))
    >>> watch.step(1, 2, "Training", loss=0.6)
    >>> seen
    [(1, 0.6)]
    """

    on_step: Callable[[Step], None] = _nobody
    stop_asked: Callable[[], bool] = _never

    def step(self, done: int, of: int, doing: str = "", **figures: float) -> None:
        """Tells how far the work is.

        Raises
        ------
        Cancelled : somebody asked the work to stop. Let it pass through; what is on disk stays there.
        """
        if self.stop_asked():
            raise Cancelled(doing)
        self.on_step(Step(done, of, doing, figures))


UNWATCHED = Watch()
"""Nobody looks and nobody stops it: what functions take by default."""
