"""What figures about a judge and a plan amount to, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.errors import counted
from workbench.estimates import Estimate
from workbench.judging.estimating import Estimate as Expected
from workbench.judging.trust import Trust
from workbench.wording.numbers import percent


def trust_sentence(found: Trust) -> str:
    """Whether the judge may stand in for a person, and how often it says what people say."""
    agree, people, test = found.agreement, found.people, found.test
    figures = ""
    if agree.value is not None:
        beside = f", people with each other on {percent(people.value)}" if people.value is not None else ""
        figures = f" It gives a person's direction on {percent(agree.value)} of the judgements{beside}."
    if test.passes is None:
        return f"Whether this judge could stand in for a person cannot be said: {test.reason}.{figures}"
    wins = f"{sum(one.wins for one in test.against)} of {counted(len(test.against), 'person', 'people')}"
    begin = "could stand in for a person" if test.passes else "is not as good as a person"
    return f"This judge {begin}: it keeps up with {wins} (allowance {test.epsilon:g}).{figures}"


def saving_sentence(found: Trust) -> str:
    """What the judge's answers are worth where the estimate must stay unbiased."""
    share = found.share
    if share.value is None or share.multiplier is None or share.interval is None:
        return f"What it saves cannot be said: {share.reason or 'its answers do not vary'}."
    if share.n_unlabelled < 2:
        if not found.correlation:
            return "On which items it could save labels cannot be said: all that it judged have some."
        worth = 1 / max(1 - found.correlation**2, 1e-9)
        return (
            f"All items that it judged have labels of people. On many more items each label would be worth {worth:.2f}"
            f" with its answers beside it (correlation {found.correlation:.2f})."
        )
    bounds = " to ".join(percent(bound) for bound in share.interval)
    return (
        f"Over all {share.n + share.n_unlabelled:,} items it judged, people would prefer A on {percent(share.value)}"
        f" [{bounds}]; each person's label is worth {share.multiplier:.2f} with the judge's answers beside it."
    )


def asked_sentence(result: Mapping[str, Any]) -> str:
    """What came of asking."""
    bad = [s for s in ("refused", "cut", "unreadable", "failed", "ambiguous") if result.get(s)]
    states = ", ".join(f"{result[s]:,} {s}" for s in bad)
    rate = result["flip_rate"]
    flips = "" if rate is None else f" The direction changes with the order on {percent(rate)} of the pairs."
    return (
        f"{counted(result['judged'], 'pair')} judged of {result['items']:,}, {result['answered']:,} answers"
        + (f"; {states}" if states else "")
        + f", ${result['usd']:,.4f}.{flips}"
    )


def canary_sentence(canaries: Mapping[str, Any]) -> str:
    """How the judge stood against orders inside responses."""
    if not canaries["answered"]:
        return "No canary was asked: whether it obeys orders inside responses is not known."
    many = "responses that ordered their own victory"
    return f"It obeyed {canaries['obeyed']:,} of {canaries['answered']:,} {many}."


def expected_sentence(expected: Expected) -> str:
    """What asking would take."""
    price = "a price that is not known" if expected.usd is None else f"about ${expected.usd:,.4f}"
    return (
        f"{counted(expected.calls, 'call')} to send, {expected.recorded:,} recorded already: {price}, about"
        f" {expected.seconds:,.0f} s. {expected.note[:1].upper()}{expected.note[1:]}."
    )


def bias_title(name: str) -> str:
    """What a leaning is called."""
    return {
        "position": "Shown first",
        "length": "Longer",
        "verbosity": "Longer, where people see no difference",
        "format": "More layout",
        "self-preference": "Its own kin",
    }.get(name, name)


def error_words(error: Estimate) -> str:
    """An error with its interval, or why there is none.

    >>> error_words(Estimate(name="error", value=None, reason="nothing was checked"))
    'not known: nothing was checked'
    """
    if error.value is None:
        return f"not known: {error.reason}"
    i = error.same_crew
    return f"{percent(error.value, 1)}" + (f" [{percent(i.low, 1)}, {percent(i.high, 1)}]" if i else "")
