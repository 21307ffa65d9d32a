"""What a policy has learned, in the terms a data lead decides by; made of arrays alone, so that any policy has one.

Neither torch nor any text is kept in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.estimates import Estimate
from workbench.policy.curve import Curve
from workbench.policy.measures import mean_estimate
from workbench.policy.win_rate import WinRate
from workbench.reward.pairs import Pairs
from workbench.reward.ranking import clustered_share, hits, paired_difference
from workbench.reward.reading import estimate_from
from workbench.reward.reliability import FEWEST_GROUPS
from workbench.reward.scorecard import characters

TITLES = {
    "accuracy": "Policy (implicit reward)",
    "reference": "Reference alone",
    "length_only": "Always the longer text",
    "reward_model": "Reward model",
    "over_reference": "Policy less the reference alone",
    "over_length": "Policy less the longer text",
    "over_reward_model": "Policy less the reward model",
    "chosen_drift": "Log-probability of the preferred response, change",
    "rejected_drift": "Log-probability of the other response, change",
    "kl": "KL divergence from the reference",
    "length_before": "Tokens of a response, reference",
    "length_after": "Tokens of a response, policy",
    "length_change": "Tokens of a response, change",
    "finished_before": "Responses that come to an end, reference",
    "finished_after": "Responses that come to an end, policy",
    "diversity_before": "Distinct word pairs, reference",
    "diversity_after": "Distinct word pairs, policy",
    "diversity_change": "Distinct word pairs, change",
}
"""Measure -> what people call it."""


@dataclass(frozen=True, eq=False, kw_only=True)
class HeldOut:
    """What policy and reference say of held-out pairs.

    Attributes
    ----------
    pairs : with the labels they are judged by.
    policy, reference : float64 (n, 2): log-probabilities of both responses.
    tokens : int64 (n, 2): tokens of both responses.
    beta : that the policy was trained with.
    reward_margin : (n,): a reward model's score of A less that of B; None without one.
    """

    pairs: Pairs
    policy: np.ndarray
    reference: np.ndarray
    tokens: np.ndarray
    beta: float
    reward_margin: np.ndarray | None = None

    @property
    def margin(self) -> np.ndarray:
        r"""Implicit reward of A less that of B: $\beta h$, float64 (n,)."""
        ratio = self.policy - self.reference
        return np.asarray(self.beta * (ratio[:, 0] - ratio[:, 1]))

    @property
    def reference_margin(self) -> np.ndarray:
        """How much more probable the reference finds a token of A than one of B, in the mean: what it prefers without
        having seen a label. Sums would prefer the shorter response.
        """
        each = self.reference / np.maximum(self.tokens, 1)
        return np.asarray(each[:, 0] - each[:, 1])


@dataclass(frozen=True, eq=False, kw_only=True)
class Sampled:
    """What policy and reference answer to held-out prompts.

    Attributes
    ----------
    group : int64 (prompts,): prompt group of each.
    kl : (prompts,): KL divergence from the reference, mean over the prompt's responses.
    length, finished, diversity : (prompts, 2): mean tokens of a response, share that came to an end by themselves, and
        share of distinct word pairs, of the reference and of the policy.
    each : responses to a prompt.
    new_tokens : the most that a response may have.
    """

    group: np.ndarray
    kl: np.ndarray
    length: np.ndarray
    finished: np.ndarray
    diversity: np.ndarray
    each: int
    new_tokens: int


@dataclass(frozen=True, kw_only=True)
class PolicyScorecard:
    """A policy on held-out pairs and prompts.

    Attributes
    ----------
    accuracy : how often the preferred response has the higher implicit reward, interval over prompt groups.
    reference, length_only, reward_model : the same for the reference's own likelihood of a token, for the rule "the
        longer text is better", and for a reward model (None without one).
    over_reference, over_length, over_reward_model : accuracy less theirs, paired.
    chosen_drift, rejected_drift : how the log-probabilities of preferred and other responses have moved, in nats.
    kl : in nats a response.
    length_before, length_after, length_change : tokens of a response.
    finished_before, finished_after : share of responses that come to an end before they are cut.
    diversity_before, diversity_after, diversity_change : distinct pairs of words among the responses to a prompt.
    wins : against the reference by a judge; None without one.
    curve : reward against KL over the training; None where it was not measured.
    labels, pairs, groups, ties : of the held-out pairs.
    sampled_prompts, samples_each, new_tokens : of the responses.
    """

    accuracy: Estimate
    reference: Estimate
    length_only: Estimate
    over_reference: Estimate
    over_length: Estimate
    chosen_drift: Estimate
    rejected_drift: Estimate
    labels: str
    pairs: int
    groups: int
    ties: int
    reward_model: Estimate | None = None
    over_reward_model: Estimate | None = None
    kl: Estimate | None = None
    length_before: Estimate | None = None
    length_after: Estimate | None = None
    length_change: Estimate | None = None
    finished_before: Estimate | None = None
    finished_after: Estimate | None = None
    diversity_before: Estimate | None = None
    diversity_after: Estimate | None = None
    diversity_change: Estimate | None = None
    wins: WinRate | None = None
    curve: Curve | None = None
    sampled_prompts: int = 0
    samples_each: int = 0
    new_tokens: int = 0

    @property
    def few(self) -> bool:
        """Whether there are too few prompt groups to claim anything of other prompts."""
        return self.groups < FEWEST_GROUPS

    @property
    def estimates(self) -> dict[str, Estimate]:
        """Every figure that there is, by name."""
        return {name: found for name in TITLES if (found := getattr(self, name)) is not None}

    def to_dict(self) -> dict[str, Any]:
        """As `policy --json` prints it under `eval`; `policy_scorecard_from` reads it back."""
        interval = self.accuracy.same_crew
        return {
            "accuracy": self.accuracy.value,
            "interval": interval.to_list() if interval else None,
            "n": self.accuracy.n,
            "reference_accuracy": self.reference.value,
            "length_only_accuracy": self.length_only.value,
            "kl": self.kl.value if self.kl else None,
            "win_rate": self.wins.rate.value if self.wins else None,
            **{
                name: getattr(self, name)
                for name in ("labels", "pairs", "groups", "ties", "sampled_prompts", "samples_each", "new_tokens")
            },
            "estimates": {name: found.to_dict() for name, found in self.estimates.items()},
            "wins": self.wins.to_dict() if self.wins else None,
            "curve": self.curve.to_dict() if self.curve else None,
        }


def policy_scorecard(
    held: HeldOut, sampled: Sampled | None = None, wins: WinRate | None = None, curve: Curve | None = None
) -> PolicyScorecard:
    """What has a policy learned that gives these log-probabilities to held-out pairs, and these responses?"""
    pairs, group = held.pairs, held.pairs.group
    hit, before = hits(held.margin, pairs.target), hits(held.reference_margin, pairs.target)
    longer = hits(characters(pairs.response_a) - characters(pairs.response_b), pairs.target)
    drift = held.policy - held.reference
    for_a, for_b = pairs.target > 0.5, pairs.target < 0.5
    chosen = np.where(for_a, drift[:, 0], np.where(for_b, drift[:, 1], np.nan))
    rejected = np.where(for_a, drift[:, 1], np.where(for_b, drift[:, 0], np.nan))
    found: dict[str, Estimate] = {}

    def share(name: str, values: np.ndarray) -> None:
        found[name] = clustered_share(values, group, TITLES[name])

    share("accuracy", hit)
    share("reference", before)
    share("length_only", longer)
    found["over_reference"] = paired_difference(hit, before, group, TITLES["over_reference"])
    found["over_length"] = paired_difference(hit, longer, group, TITLES["over_length"])
    if held.reward_margin is not None:
        scored = hits(held.reward_margin, pairs.target)
        share("reward_model", scored)
        found["over_reward_model"] = paired_difference(hit, scored, group, TITLES["over_reward_model"])
    for name, values in (("chosen_drift", chosen), ("rejected_drift", rejected)):
        found[name] = mean_estimate(values, group, TITLES[name])
    if sampled is not None:
        found |= _of_samples(sampled)
    return PolicyScorecard(
        **found,
        wins=wins,
        curve=curve,
        labels=pairs.labels,
        pairs=len(pairs),
        groups=pairs.groups,
        ties=pairs.ties,
        sampled_prompts=len(sampled.group) if sampled else 0,
        samples_each=sampled.each if sampled else 0,
        new_tokens=sampled.new_tokens if sampled else 0,
    )


def _of_samples(sampled: Sampled) -> dict[str, Estimate]:
    found = {"kl": mean_estimate(sampled.kl, sampled.group, TITLES["kl"])}
    for name, both in (("length", sampled.length), ("diversity", sampled.diversity)):
        sides: Sequence[tuple[str, np.ndarray]] = (
            (f"{name}_before", both[:, 0]),
            (f"{name}_after", both[:, 1]),
            (f"{name}_change", both[:, 1] - both[:, 0]),
        )
        for title, values in sides:
            found[title] = mean_estimate(values, sampled.group, TITLES[title])
    for title, values in (("finished_before", sampled.finished[:, 0]), ("finished_after", sampled.finished[:, 1])):
        found[title] = clustered_share(values, sampled.group, TITLES[title])
    return found


def policy_scorecard_from(content: Mapping[str, Any]) -> PolicyScorecard:
    """The scorecard that `PolicyScorecard.to_dict` wrote."""
    wins, curve = content.get("wins"), content.get("curve")
    plain = ("labels", "pairs", "groups", "ties", "sampled_prompts", "samples_each", "new_tokens")
    figures: dict[str, Any] = {name: estimate_from(each, TITLES[name]) for name, each in content["estimates"].items()}
    return PolicyScorecard(
        **figures,
        **{name: content[name] for name in plain},
        wins=WinRate(**{**wins, "rate": estimate_from(wins["rate"], "Win rate")}) if wins else None,
        curve=Curve.of(curve) if curve else None,
    )
