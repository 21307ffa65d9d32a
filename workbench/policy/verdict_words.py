"""A policy's scorecard said in sentences: what it has learned first, then what it has lost."""

from __future__ import annotations

from workbench.estimates import Estimate, with_sign
from workbench.policy.scorecard import PolicyScorecard
from workbench.reward.verdict_words import percent

SHARES = {
    *("accuracy", "reference", "length_only", "reward_model", "finished_before", "finished_after"),
    *("diversity_before", "diversity_after"),
}
DIFFERENCES = {"over_reference", "over_length", "over_reward_model", "diversity_change"}
"""Measures in points; all others are in nats or tokens."""


def figure(name: str, found: Estimate) -> str:
    """A figure with its interval, in its own unit.

    >>> from workbench.estimates import Interval
    >>> figure("kl", Estimate(name="KL", value=1.234, same_crew=Interval(1.0, 1.5, "same crew", ""), n=9))
    '1.23 [1.00, 1.50]'
    """
    if found.value is None:
        return f"– ({found.reason})"
    if name in SHARES:
        return percent(found)
    scale, digits = (100, 1) if name in DIFFERENCES else (1, 1 if name.startswith("length") else 2)
    sign = "+" if name in DIFFERENCES or name.endswith(("drift", "change")) else ""
    said = [found.value, *([found.same_crew.low, found.same_crew.high] if found.same_crew else [])]
    shown = [f"{scale * value:{sign}.{digits}f}".replace("-", "−") for value in said]
    return shown[0] + (f" [{shown[1]}, {shown[2]}]" if len(shown) > 1 else "")


def sentences(card: PolicyScorecard) -> list[str]:
    """Everything worth saying, the verdict first."""
    said = [
        verdict_sentence(card),
        reference_sentence(card),
        length_rule_sentence(card),
        drift_sentence(card),
        win_sentence(card),
        curve_sentence(card),
        responses_sentence(card),
    ]
    return [sentence for sentence in said if sentence]


def verdict_sentence(card: PolicyScorecard) -> str:
    """How well the policy has learned what people prefer."""
    if card.accuracy.value is None:
        return f"What the policy has learned cannot be said: {card.accuracy.reason}."
    beside = [
        f"{words} {percent(found, interval=False)}"
        for words, found in (
            ("the reference alone", card.reference),
            ("always the longer text", card.length_only),
            ("the reward model", card.reward_model),
        )
        if found is not None and found.value is not None
    ]
    said = f"Prefers the right response in {percent(card.accuracy)} of {card.accuracy.n:,} held-out pairs"
    if card.few:
        said += f", from {card.groups:,} prompt groups: too few to say more"
    return f"{said}; {', '.join(beside)}." if beside else f"{said}."


def reference_sentence(card: PolicyScorecard) -> str:
    """Whether the labels have taught it anything; empty where that is not known."""
    gain, interval = card.over_reference.value, card.over_reference.same_crew
    if gain is None or interval is None or card.few:
        return ""
    around = figure("over_reference", card.over_reference)
    if interval.low > 0:
        return f"The labels have taught it something: {around} points over the reference alone."
    if interval.high < 0:
        return f"It ranks worse than before the training: {around} points. Look at the learning rate and at the labels."
    return f"The data do not show that it learned anything: {around} points over the reference alone."


def length_rule_sentence(card: PolicyScorecard) -> str:
    """Whether it is better than counting characters; empty where that is not known."""
    gain, interval = card.over_length.value, card.over_length.same_crew
    if gain is None or interval is None or card.few:
        return ""
    around = figure("over_length", card.over_length)
    if interval.low > 0:
        return f"That is better than choosing the longer text by {around} points."
    if interval.high < 0:
        return f"That is worse than choosing the longer text, by {around} points."
    return f"The data do not show that it is better than choosing the longer text: {around} points."


def drift_sentence(card: PolicyScorecard) -> str:
    """Where the log-probabilities went: a falling preferred response is the sign of a policy that only unlearns."""
    chosen, other = card.chosen_drift, card.rejected_drift
    if chosen.value is None or other.value is None:
        return ""
    said = (
        f"Log-probabilities moved by {figure('chosen_drift', chosen)} nats for preferred responses and by"
        f" {figure('rejected_drift', other)} for the others"
    )
    if chosen.same_crew is not None and chosen.same_crew.high < 0 and not card.few:
        said += ": the preferred ones have become less likely too, so that something else has become likelier"
    return f"{said}."


def win_sentence(card: PolicyScorecard) -> str:
    """Who prefers its responses; empty without a judge."""
    found = card.wins
    if found is None:
        return ""
    if found.rate.value is None:
        return f"The judge {found.judge} answered nothing: {found.rate.reason}."
    orders = "in both orders" if found.orders == 2 else "in one order"
    said = f"{found.judge}, which took no part in the training, prefers its responses in {percent(found.rate)}"
    flips = f"; {found.flipped:,} of {found.both_orders:,} verdicts follow the order" if found.flipped else ""
    return f"{said} ({found.rate.n:,} responses, {orders}, {found.ties:,} ties{flips})."


def curve_sentence(card: PolicyScorecard) -> str:
    """Where to have stopped; empty where the curve was not judged."""
    found = card.curve
    if found is None or found.best is None:
        return ""
    last = found.points[-1].step
    if found.best == last:
        return f"The judge likes the last step ({last:,}) best of those measured: nothing speaks of over-optimisation."
    if found.best == 0:
        lead = "The judge likes no step better than the reference"
    else:
        lead = f"The judge likes step {found.best:,} of {last:,} best"
    after = found.after_best
    if after is None or after.value is None or after.same_crew is None or card.few:
        return f"{lead}."
    low, high = with_sign(100 * after.same_crew.low), with_sign(100 * after.same_crew.high)
    around = f"{with_sign(100 * after.value)} points [{low}, {high}]"
    if found.over_optimised:
        return f"{lead}; what came after is over-optimised ({around})."
    return f"{lead}; the steps after it cannot be told from it ({around})."


def responses_sentence(card: PolicyScorecard) -> str:
    """How far it moved, and what happened to its responses; empty where none were drawn."""
    if card.kl is None or card.kl.value is None:
        return ""
    said = f"It has moved {figure('kl', card.kl)} nats from the reference a response"
    if card.length_change is not None and card.length_change.value is not None:
        said += f"; responses changed by {figure('length_change', card.length_change)} tokens"
    if card.diversity_change is not None and card.diversity_change.value is not None:
        said += f", their variety by {figure('diversity_change', card.diversity_change)} points"
    ends = card.finished_after
    if ends is not None and ends.value is not None and ends.value < 0.9:
        said += f"; only {percent(ends, interval=False)} come to an end within {card.new_tokens:,} tokens"
    return f"{said}."


def limits(card: PolicyScorecard) -> list[str]:
    """What to keep in mind, for the card of the model."""
    found = [
        "It has learned what these annotators preferred on these prompts; elsewhere it is untested.",
        "Implicit-reward accuracy says how it ranks given responses, not how good its own are: read some.",
    ]
    if card.wins is None:
        found.append("Its responses were judged by nobody.")
    if card.few:
        found.append(f"It was held against {card.groups:,} prompt groups: too few for any claim.")
    return found
