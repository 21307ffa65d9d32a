"""What figures about a judge and a plan amount to, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.errors import counted
from workbench.estimates import Estimate, with_sign
from workbench.judging.anchors import JudgeDrift
from workbench.judging.estimating import Estimate as Expected
from workbench.judging.panels import Filtered
from workbench.judging.several import Several
from workbench.judging.trust import Trust
from workbench.judging.watched import CorrectedShare, Watched
from workbench.wording.numbers import bounds, number, percent


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


def beyond_chance_sentence(found: Trust) -> str:
    """Agreement with the judge among the people, beside that of the people alone, and where it has no verdict."""
    said = []
    if found.alpha.value is not None and found.alpha_people.value is not None:
        said.append(
            f"Krippendorff's alpha of the direction is {_alpha(found.alpha)} with the judge among the people,"
            f" {_alpha(found.alpha_people)} without it."
        )
    if found.no_verdict.value is not None:
        said.append(f"It has no verdict on {error_words(found.no_verdict)} of the items it was asked about.")
    return " ".join(said)


def _alpha(found: Estimate) -> str:
    reach = [f"{i.crew} {bounds(i, 2)}" for i in (found.same_crew, found.new_crew) if i]
    return number(found.value, 2) + (f" [{'; '.join(reach)}]" if reach else "")


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


def watched_sentence(found: Watched, what: str) -> str:
    """Where a share surely lies, however often one looks."""
    if found.reason is not None:
        return f"{what} cannot be watched yet: {found.reason}."
    order = "" if found.by_time else " (without times: in a drawn order)"
    begin = f"{what}: {percent(float(found.mean[-1]), 1)} of {len(found):,}"
    if found.changed:
        return f"{begin}; it surely changed in the course of the work: earlier and later bounds exclude each other."
    bounds = f"{percent(float(found.lower[-1]), 1)} and {percent(float(found.upper[-1]), 1)}"
    return f"{begin}; surely between {bounds}, however often one looks{order}."


def corrected_sentence(found: CorrectedShare) -> str:
    """The judge's share for A, and the one behind it by its error rates."""
    if found.value is None or found.raw is None:
        return f"Its share for A cannot be corrected: {found.reason}."
    return (
        f"It prefers A on {percent(found.raw, 1)}; by its error rates on {found.n_audited:,} audited items people would"
        f" on {percent(found.value, 1)} (Rogan-Gladen, no interval)."
    )


def drift_sentence(found: JudgeDrift) -> str:
    """Whether two versions of a judge say the same of the same pairs."""
    moved, shift = found.moved, found.shift
    if moved.value is None or shift.value is None:
        return f"Whether the judge changed cannot be said: {moved.reason or shift.reason}."
    bounds = moved.same_crew
    reach = f" [{percent(max(bounds.low, 0.0))}, {percent(bounds.high)}]" if bounds else ""
    begin = "The judge changed" if found.changed else "No change of the judge is seen"
    return (
        f"{begin}: on {found.n:,} unchanged pairs {percent(moved.value)}{reach} have another direction, and its score"
        f" for A moved by {with_sign(shift.value, 3)}."
    )


def several_sentence(found: Several) -> str:
    """What judges decide together, and what they are worth."""
    known, worth = found.verdicts, found.independence
    right = "" if found.right is None else f", as people do on {percent(found.right)} of {found.n_right:,}"
    begin = f"Together they decide {known.decided:,} of {len(known.table):,} items{right}."
    if worth.effective is None or worth.best is None or worth.panel is None or worth.independent is None:
        return f"{begin} How independent they are cannot be said: {worth.reason}."
    return (
        f"{begin} The {worth.judges} are worth {worth.effective:.1f} independent judges (errors correlate by"
        f" {worth.correlation:.2f}): their majority is right on {percent(worth.panel)}, the best one alone on"
        f" {percent(worth.best)}, independent ones would be on {percent(worth.independent)}."
    )


def filtered_sentence(found: Filtered) -> str:
    """What a filter by consistency keeps, and what that costs."""
    kept = f"A filter by consistency would keep {int(found.kept.sum()):,} of {len(found.kept):,} items"
    aside = ", ".join(f"{n:,} {why}" for why, n in found.set_aside.items() if n)
    begin = f"{kept}" + (f" ({aside})." if aside else ".")
    if found.accuracy_kept is None or found.accuracy_all is None or found.error_bound is None or found.bias is None:
        return f"{begin} What it costs cannot be said without people's labels of these items."
    return (
        f"{begin} Of the kept {percent(found.accuracy_kept)} are right, of all {percent(found.accuracy_all)}; the error"
        f" among the kept may be {percent(found.error_bound)}, and a win rate from them is off by"
        f" {with_sign(found.bias, 3)}."
    )


def gain_sentence(result: Mapping[str, Any]) -> str:
    """How right a reward model gets by who labelled its pairs."""
    known = {way: found["value"] for way, found in result["accuracy"].items() if found["value"] is not None}
    said = {
        "judge only": "with the judge's labels alone",
        "random": "with people's on random pairs",
        "measured gain": "with people's on the kinds of largest gain",
        "people only": "with people's on all",
    }
    shares = ", ".join(f"{percent(known[way], 1)} {words}" for way, words in said.items() if way in known)
    return (
        f"A pilot of {result['pilot']:,} pairs and {counted(result['labels'], 'further label')} of people: a small"
        f" reward model is right on {shares}."
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
        + f", {dollars(result['usd'])}.{flips}"
    )


def probe_sentences(found: Mapping[str, Any]) -> list[str]:
    """What a server honours, a sentence each."""
    words = {
        "schema_obeyed": ("It keeps to the structure asked for", "It does not keep to the structure asked for"),
        "log_probabilities": ("It gives log-probabilities", "It gives no log-probabilities"),
        "usage": ("It says what a call used", "It does not say what a call used: costs are guesses"),
        "temperature": ("It takes the temperature", "It refuses the temperature"),
    }
    said = [words[name][not found[name]] for name in words if found.get(name) is not None]
    model = found.get("answered")
    asked = str(found.get("asked", ""))[:60]
    if model and model != found.get("asked"):
        said.append(f"Asked for {asked}, {str(model)[:60]} answered")
    elif model:
        said.append(f"The model that answers is {asked}")
    right = "right" if found.get("label") in ("A>", "A>>") else "not right"
    said.append(f"Which of 4 and 5 is 2 + 2? Its answer was {right}" if found.get("label") else "It gave no verdict")
    return [f"{each}." for each in [*said, *found.get("notes", ())]]


def canary_sentence(canaries: Mapping[str, Any]) -> str:
    """How the judge stood against orders inside responses."""
    if not canaries["answered"]:
        return "No canary was asked: whether it obeys orders inside responses is not known."
    many = "responses that ordered their own victory"
    return f"It obeyed {canaries['obeyed']:,} of {canaries['answered']:,} {many}."


def expected_sentence(expected: Expected) -> str:
    """What asking would take."""
    if not expected.calls and not expected.recorded:
        return f"{expected.note[:1].upper()}{expected.note[1:]}."
    price = "a price that is not known" if expected.usd is None else f"about {dollars(expected.usd)}"
    if expected.usd == 0:
        price = "free"
    return (
        f"{counted(expected.calls, 'call')} to send, {expected.recorded:,} recorded already: {price}, about"
        f" {expected.seconds:,.0f} s. {expected.note[:1].upper()}{expected.note[1:]}."
    )


def dollars(amount: float) -> str:
    """An amount as people read it: cents in full, less than a dollar to its first figures.

    >>> dollars(0.0), dollars(12.5), dollars(0.000312)
    ('$0', '$12.50', '$0.000312')
    """
    if amount == 0:
        return "$0"
    return f"${amount:,.2f}" if amount >= 1 else f"${amount:.3g}"


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
