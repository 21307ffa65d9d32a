"""Colours that read on light and on dark, and to the colour-blind; and text made safe for a chart.

The hues are those of Okabe and Ito, "Color Universal Design" (2008), with blue, orange and purple moved to a middle
lightness, so that each has a contrast of at least 3:1 against a white page and against a near-black one (WCAG 2.2,
1.4.11). No chart tells two things apart by colour alone: width, shape or a word always says it too.
"""

from __future__ import annotations

from collections.abc import Sequence

BLUE = "#1F83C5"
VERMILLION = "#D55E00"
GREEN = "#008F6B"
PURPLE = "#C0689A"
OCHRE = "#B97F00"
GREY = "#808891"

SERIES = (BLUE, VERMILLION, GREEN, PURPLE, OCHRE, GREY)
"""In this order for things that have none."""

TRANSPARENT = "rgba(0,0,0,0)"


def see_through(colour: str, alpha: float) -> str:
    """The colour with an opacity, so that what is behind it (page, grid, band) shows through.

    >>> see_through("#1F83C5", 0.25)
    'rgba(31,131,197,0.25)'
    """
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha:g})"


def in_full(colour: str) -> str:
    """A see-through colour as its full hue, for the outline of what is drawn in it.

    >>> in_full("rgba(31,131,197,0.4)")
    'rgba(31,131,197,1)'
    """
    return f"{colour[: colour.rindex(',')]},1)"


_BANDS = {BLUE: 0.82, VERMILLION: 0.84, GREEN: 0.82, PURPLE: 0.88, OCHRE: 0.92, GREY: 0.92}


def band_colour(colour: str) -> str:
    """The colour of an interval's band: as light as a contrast of 3:1 against both pages allows.

    >>> band_colour(BLUE)
    'rgba(31,131,197,0.82)'
    """
    return see_through(colour, _BANDS[colour])


def diverging(labels: int) -> list[str]:
    """Colours of ordered labels from A (blue) over the tie (grey) to B (vermillion), strongest at the ends.

    Parameters
    ----------
    labels : how many; an odd number has a grey middle.

    >>> diverging(3)
    ['rgba(31,131,197,1)', 'rgba(128,136,145,0.75)', 'rgba(213,94,0,1)']
    """
    half = labels // 2
    steps = [1.0 if half == 1 else 1.0 - 0.6 * i / (half - 1) for i in range(half)]
    middle = [see_through(GREY, 0.75)] if labels % 2 else []
    return (
        [see_through(BLUE, round(s, 2)) for s in steps]
        + middle
        + [see_through(VERMILLION, round(s, 2)) for s in reversed(steps)]
    )


def around_zero(low: float, high: float) -> list[list[object]]:
    """Plotly colour scale from vermillion (negative) over nearly nothing (zero) to blue (positive).

    Parameters
    ----------
    low, high : the values at its ends, `low <= 0 < high`.

    >>> [stop for stop, _ in around_zero(-1.0, 1.0)]
    [0.0, 0.5, 0.5, 1.0]
    """
    zero = -low / (high - low)
    reach = min(1.0, -low / high)
    below = (
        [[0.0, see_through(VERMILLION, 0.1 + 0.9 * reach)], [zero, see_through(VERMILLION, 0.1)]] if zero > 0 else []
    )
    return [*below, [zero, see_through(BLUE, 0.06)], [1.0, see_through(BLUE, 1.0)]]


def plain(text: object, limit: int = 60) -> str:
    """An id as text: Plotly draws a subset of HTML, which an id must never be able to speak.

    Line breaks become blanks and a long id is cut in its middle.

    >>> plain("<b>x</b> & y")
    '&lt;b&gt;x&lt;/b&gt; &amp; y'
    """
    line = " ".join(str(text).split())
    if len(line) > limit:
        line = f"{line[: limit // 2]}…{line[-(limit // 2 - 1) :]}"
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def label_colours(labels: Sequence[str], has_sides: bool) -> list[str]:
    """One colour a label: diverging where the labels choose between A and B, shades of blue where they only differ.

    Categories are told apart by their place and name; beyond six, distinct hues could not be told apart anyway.
    """
    return diverging(len(labels)) if has_sides else [see_through(BLUE, 0.85)] * len(labels)
