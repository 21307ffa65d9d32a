"""What lies along a slider, drawn on the slider's own scale in a few bytes of HTML: it is sent again on every move."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from workbench.figures.palette import BLUE, GREY, VERMILLION, see_through

BINS = 50
TALL = 24
"""Pixels."""
_DOT = 6
_STACK = 4
STYLE = (
    f"<style>.pw-strip{{position:relative;height:{TALL}px;border-bottom:1px solid {see_through(GREY, 0.5)}}}"
    f".pw-strip>*{{position:absolute;bottom:0;box-sizing:border-box}}.pw-strip i{{width:{_DOT}px;height:{_DOT}px;"
    f"margin-left:-{_DOT // 2}px;border-radius:50%;border:1.5px solid {BLUE}}}.pw-strip .stays{{background:{BLUE}}}"
    f".pw-strip i.goes{{border-color:{VERMILLION}}}.pw-strip b.goes{{background:{VERMILLION}}}</style>"
)


def dots_html(places: Sequence[float] | np.ndarray, goes: Sequence[bool] | np.ndarray, said: str) -> str:
    """A dot for each of a few, stacked where they lie together, bars where there are many; below it what they say.

    Parameters
    ----------
    places : of each on the scale, 0 = its left end, 1 = its right end; those outside lie at the ends.
    goes : whether each goes: open rings in vermillion; those that stay are filled and blue.
    said : the line of text below, which says what the picture shows.

    >>> dots_html([0.1, 0.1, 0.9], [True, False, False], "a < b").count("<i ")
    3
    >>> "a &lt; b" in dots_html([], [], "a < b")
    True
    """
    at = np.clip(np.asarray(places, float), 0.0, 1.0)
    bins = np.minimum((at * BINS).astype(int), BINS - 1)
    gone = np.asarray(goes, bool)
    counts = np.bincount(bins, minlength=BINS)
    if counts.max(initial=0) > _STACK:
        return bars_html(counts, np.bincount(bins[gone], minlength=BINS), said)
    marks, on = [], dict.fromkeys(range(BINS), 0)
    for i in np.lexsort((~gone, at)):
        height = on[int(bins[i])] * _DOT
        on[int(bins[i])] += 1
        kind = "goes" if gone[i] else "stays"
        marks.append(f'<i class="{kind}" style="left:{100 * at[i]:.1f}%;bottom:{height}px"></i>')
    return _strip(marks, said)


def bars_html(counts: np.ndarray, gone: np.ndarray, said: str) -> str:
    """Bars of counts over equal parts of the scale; heights go with the square root, so that few are seen beside many.

    Parameters
    ----------
    counts : (n,) in all.
    gone : (n,) of them that go, drawn in vermillion from the ground.
    said : the line of text below.

    >>> bars_html(np.array([0, 4, 100]), np.array([0, 4, 0]), "").count("<b")
    3
    """
    most = max(float(counts.max(initial=1)), 1.0)
    width = 100 / max(len(counts), 1)
    marks = []
    for i in np.flatnonzero(counts):
        tall = max(2.0, (TALL - 2) * float(np.sqrt(counts[i] / most)))
        marks.append(_bar(i * width, width, tall, "stays"))
        if gone[i]:
            marks.append(_bar(i * width, width, tall * float(gone[i] / counts[i]), "goes"))
    return _strip(marks, said)


def _bar(left: float, width: float, tall: float, kind: str) -> str:
    return (
        f'<b class="{kind}" style="left:{left + 0.15 * width:.2f}%;width:{0.7 * width:.2f}%;height:{tall:.1f}px"></b>'
    )


def _strip(marks: list[str], said: str) -> str:
    drawn = f'<div class="pw-strip" aria-hidden="true">{"".join(marks)}</div>'  # the line below says what it shows
    return f'{STYLE}<div class="pw-dots">{drawn}<div>{escape(said)}</div></div>'
