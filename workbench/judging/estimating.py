"""What asking would take, before anything is sent: calls, tokens, dollars, time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.judging.prices import CHARACTERS_A_TOKEN, PriceFound
from workbench.judging.probe import PROBE
from workbench.judging.prompt import Asking, Question, nonce_of
from workbench.judging.spec import JudgeSpec


@dataclass(frozen=True)
class Estimate:
    """What asking would take, before anything is sent.

    Attributes
    ----------
    calls : to be sent; recorded answers are not.
    recorded : calls that have an answer already.
    tokens_in, tokens_out : likely ones.
    usd : likely price, None where no price is known.
    worst_usd : the most it can cost without repeats; None likewise.
    seconds : likely time at the given number of calls at once.
    note : where the price is from.
    """

    calls: int
    recorded: int
    tokens_in: int
    tokens_out: int
    usd: float | None
    worst_usd: float | None
    seconds: float
    note: str


def estimate_of(
    keyed: Sequence[tuple[str, Question]],
    known: set[str],
    spec: JudgeSpec,
    asking: Asking,
    price: PriceFound,
    at_once: int,
) -> Estimate:
    """What these calls would take, those with a recorded answer left out; time is a guess by the length of the
    answers.
    """
    frame = len(asking.system) + len(asking.user(PROBE, nonce_of("probe")))
    new = {key: q for key, q in keyed if key not in known}
    characters = [frame + len(q.request) + len(q.first) + len(q.second) for q in new.values()]
    tokens_in = round(sum(characters) / CHARACTERS_A_TOKEN)
    words = 15 + 70 * asking.reason + 10 * len(asking.constitution.used) * asking.principles
    each = 0 if spec.kind in ("decisions", "systemone") else min(words, spec.settings.max_tokens)
    tokens_out = len(new) * each
    p = price.price
    likely = None if p is None else (tokens_in * p.fresh + tokens_out * p.out) / 1e6
    worst = None if p is None else sum(p.worst(n, spec.settings.max_tokens) for n in characters)
    seconds = len(new) * (0.5 if each == 0 else 0.5 + each / 60) / max(1, at_once)
    return Estimate(len(new), len(dict(keyed)) - len(new), tokens_in, tokens_out, likely, worst, seconds, price.note)


NOTHING = Estimate(0, 0, 0, 0, 0.0, 0.0, 0.0, "it runs here and costs nothing a call")
"""Of a judge that sends nothing."""
