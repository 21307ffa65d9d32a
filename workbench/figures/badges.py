"""The verdict and its checks as they are shown: status in colour, in shape and in words, in plain HTML with every text
escaped.
"""

from __future__ import annotations

from html import escape

from workbench.actions import Action
from workbench.auditing.verdict import Check, Verdict
from workbench.figures.palette import BLUE, GREEN, GREY, OCHRE, VERMILLION, see_through
from workbench.wording.actions import effect_sentence
from workbench.wording.numbers import percent_bounds, short

LOOKS = {
    "ready": (GREEN, "border-radius:50%", "✓", "Ready"),
    "review": (OCHRE, "clip-path:polygon(50% 0,100% 92%,0 92%)", "!", "Review"),
    "stop": (VERMILLION, "clip-path:polygon(30% 0,70% 0,100% 30%,100% 70%,70% 100%,30% 100%,0 70%,0 30%)", "✕", "Stop"),
}
"""Status -> colour, shape (circle, triangle, octagon), sign and word."""


def badge_html(status: str, size: float = 1.5) -> str:
    """The status as a shape with a sign in it; `size` in rem.

    >>> "Review" in badge_html("review")
    True
    """
    colour, shape, sign, word = LOOKS.get(status, (GREY, "", "?", status))
    low = "padding-top:.28em;" if status == "review" else ""
    return (
        f'<span role="img" aria-label="{escape(word)}"'
        f' style="display:inline-flex;flex:none;align-items:center;justify-content:center;box-sizing:border-box;{low}'
        f"width:{size}rem;height:{size}rem;background:{colour};color:#fff;font-weight:700;"
        f'font-size:{size * 0.56:.2f}rem;line-height:1;{shape}">{sign}</span>'
    )


def verdict_html(verdict: Verdict, below: str = "") -> str:
    """The verdict in one box: shape, word, sentence, and a line below it.

    Parameters
    ----------
    below : what the verdict is about, such as how many judgements of how many items.
    """
    colour, _, _, word = LOOKS[verdict.status]
    head, _, rest = verdict.sentence.partition(":")
    said = f"<b>{escape(head)}</b>" + (f": {escape(rest.strip())}" if rest else "")
    return (
        '<div style="display:flex;gap:1.1rem;align-items:center;padding:1.1rem'
        " 1.3rem;border-radius:10px;border-left:6px solid"
        f' {colour};background:{see_through(colour, 0.1)}">{badge_html(verdict.status, 3.0)}<div><div'
        f' class="pw-eyebrow">Verdict: {word}</div><div'
        f' style="font-size:1.35rem;line-height:1.35;overflow-wrap:anywhere">{said}</div><div'
        f' style="opacity:.75;margin-top:.3rem">{escape(below)}</div></div></div>'
    )


def action_html(action: Action, place: int) -> str:
    """One action: its place, what to do, what it would change."""
    said = effect_sentence(action)
    return (
        '<div style="display:flex;gap:.8rem;align-items:baseline"><div style="font-weight:700;opacity:.65">'
        f'{place}</div><div><div style="font-weight:600;line-height:1.3;overflow-wrap:anywhere">{escape(action.title)}'
        '</div><div style="font-size:.92rem;line-height:1.45;opacity:.85;overflow-wrap:anywhere">'
        f"{escape(said)}</div></div></div>"
    )


def check_html(check: Check, intervals: bool = False) -> str:
    """One check: status, figure against its line, why.

    Parameters
    ----------
    intervals : write the intervals of the estimate behind the figure, too.
    """
    _, _, _, word = LOOKS.get(check.status, (BLUE, "", "", check.status))
    figure, held = check.held()
    line = f' <span style="opacity:.7;font-size:.85rem">{held}</span>' if held else ""
    what = f'<div style="font-size:.8rem;opacity:.7">{escape(check.figure)}</div>' if check.figure else ""
    return (
        f'<div style="display:flex;gap:.7rem;align-items:center">{badge_html(check.status, 1.5)}<div><div'
        f' style="font-weight:600;line-height:1.25">{escape(check.name[:1].upper() + check.name[1:])}</div>'
        f'<div class="pw-eyebrow">{word}</div></div></div>'
        f'<div style="font-size:1.5rem;margin:.55rem 0 .2rem;font-variant-numeric:tabular-nums">{figure}{line}</div>'
        f"{what}{_intervals(check) if intervals else ''}"
        "<div"
        ' style="font-size:.92rem;line-height:1.45;opacity:.85;overflow-wrap:anywhere">'
        f"{escape(check.why[:1].upper() + check.why[1:])}</div>{_remedy(check)}"
    )


def _remedy(check: Check) -> str:
    """What to do about it."""
    if not check.remedy:
        return ""
    return f'<div style="font-size:.92rem;line-height:1.45;margin-top:.35rem"><b>Next:</b> {escape(check.remedy)}</div>'


def _intervals(check: Check) -> str:
    """The intervals behind a figure, in its unit."""
    if not check.intervals or check.unit == "count":
        return ""
    told = "; ".join(
        f"{i.crew} {short(i.low)} to {short(i.high)}" if check.unit == "alpha" else f"{i.crew} {percent_bounds(i)}"
        for i in check.intervals
    )
    return f'<div style="font-size:.8rem;opacity:.7">{escape(told)}</div>'
