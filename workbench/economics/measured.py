"""Inputs that a data set can tell: how accurate its people were, how long they took, how much was gold, and what the AI
did.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np

from workbench.annotators import usable_times
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL
from workbench.dataset.usable_times import timed_units
from workbench.economics.inputs import INPUTS, Input
from workbench.economics.votes import accuracy_from_agreement
from workbench.statistics.clustered import clustered_mean, clustered_share

_CAP_QUANTILE = 0.99
_LEAST = 30
"""Observations below which nothing is measured."""
_TOKENS_PER_WORD = 4 / 3
_INSTRUCTIONS = 200


@dataclass(frozen=True)
class Measured:
    """What a data set says about the inputs.

    Attributes
    ----------
    inputs : those that could be measured, with the count behind each in its note.
    not_measured : the others that a data set could tell in principle, with the reason why this one does not.
    """

    inputs: Mapping[str, Input]
    not_measured: Mapping[str, str]


def inputs_from(data: AnnotationSet) -> Measured:
    """Which inputs of the cost model can be read off this data set?

    Intervals of shares are over prompts, those of working times over people; they are about this crew.

    Examples
    --------
    >>> import workbench
    >>> found = inputs_from(workbench.simulate(2_000, seed=1).data)
    >>> found.inputs["labels_per_item"].measured, "selection_gain" in found.not_measured
    (True, True)
    """
    found = _Found(data)
    for measure in (found.work, found.gold, found.accuracy, found.spread, found.rejected, found.judges, found.tokens):
        measure()
    found.cannot("selection_gain", "it takes a replay of active selection on this data")
    found.cannot(
        "split_share",
        "telling split pairs from careless labels takes repeats; the Reversals page has what these data say",
    )
    found.cannot("adjudicated_share", "an export does not say which labels were adjudicated")
    found.cannot(
        "unusable_share",
        "an export does not say which items training left out; the Cleaning page counts what you set aside",
    )
    return Measured(dict(found.inputs), dict(found.missing))


class _Found:
    def __init__(self, data: AnnotationSet) -> None:
        self.data = data
        self.inputs: dict[str, Input] = {}
        self.missing: dict[str, str] = {}
        kind = data.annotators["kind"].to_numpy()
        codes = data.codes
        self.prompt = np.arange(len(data.items)) if data.group_codes is None else data.group_codes
        self.is_ai = (kind == "ai")[codes.annotator] if len(kind) else np.zeros(0, bool)
        self.rows_human = (
            (kind != "ai")[data.annotations["annotator"].to_numpy()] if len(data.annotations) else np.zeros(0, bool)
        )
        # +1 for a label that prefers A, -1 for B, 0 for a tie; all 0 where labels have no sides.
        self.side = (
            np.sign(data.scale.strengths).astype(int)
            if data.scale.has_sides
            else np.zeros(max(len(data.scale), 1), int)
        )
        self.source = " ".join((data.sources[0] if data.sources else "open data set").split())[-60:]

    def cannot(self, name: str, why: str) -> None:
        self.missing[name] = why

    def put(self, name: str, value: float, note: str, low: float | None = None, high: float | None = None) -> None:
        kind = INPUTS[name]

        def inside(v: float) -> float:
            return min(max(float(v), kind.low), kind.high)

        value = inside(value)
        low, high = (
            (None if low is None else min(inside(low), value)),
            (None if high is None else max(inside(high), value)),
        )
        self.inputs[name] = Input(
            name=name,
            value=value,
            source=f"measured from {self.source}",
            date="",
            low=low,
            high=high,
            measured=True,
            note=note,
        )

    def work(self) -> None:
        """Labels per item, people, seconds."""
        codes = self.data.codes
        people = ~self.is_ai
        per_item = np.bincount(codes.item[people], minlength=codes.n_items)
        judged = per_item[per_item > 0]
        if len(judged):
            self.put(
                "labels_per_item", float(judged.mean()), f"{int(judged.sum()):,} human labels of {len(judged):,} items"
            )
            self.put("annotators", float(len(np.unique(codes.annotator[people]))), "people with a label")
        else:
            self.cannot("labels_per_item", "there is no human label")
            self.cannot("annotators", "there is no human label")
        times = usable_times(self.data)
        seconds, who = self.seconds_of_people()
        if not times.usable or len(seconds) < _LEAST:
            self.cannot(
                "seconds_per_label",
                times.reason if not times.usable and times.reason else f"{len(seconds)} human times are too few",
            )
            return
        # A forgotten tab is not working time: the longest hundredth counts as the 99th percentile, as anywhere here
        # means are capped.
        capped = clustered_mean(np.minimum(seconds, np.quantile(seconds, _CAP_QUANTILE)), who)
        self.put(
            "seconds_per_label",
            capped.value,
            f"mean of {len(seconds):,} judgements, the longest 1% cut; median {np.median(seconds):.1f}"
            + (f"; the time of each of {times.units:,} assignments counted once" if times.unit == "batch" else ""),
            capped.low,
            capped.high,
        )

    def seconds_of_people(self) -> tuple[np.ndarray, np.ndarray]:
        """Seconds that each judgement of a person took, and whose it is.

        Where a time belongs to an assignment of several judgements, each took its part of it: the assignment was worked
        once.
        """
        seconds = self.data.annotations["seconds"].to_numpy(float)
        unit, of, _ = timed_units(self.data, seconds)
        if unit == "batch":
            seconds = seconds / np.bincount(of)[of]
        used = self.rows_human & np.isfinite(seconds) & (seconds > 0)
        return seconds[used], self.data.annotations["annotator"].to_numpy()[used]

    def gold(self) -> None:
        """Share of people's tasks that were gold."""
        rows = self.data.annotations
        on_gold = self.data.gold[rows["item"].to_numpy()[self.rows_human]] != NULL
        if not on_gold.any():
            self.cannot("gold_share", "no item has a known answer")
        elif on_gold.mean() > 0.5:
            self.cannot(
                "gold_share",
                f"{on_gold.mean():.0%} of the judgements are of items with a known answer, so it is not a check among"
                " work",
            )
        else:
            self.put(
                "gold_share", float(on_gold.mean()), f"{int(on_gold.sum()):,} of {len(on_gold):,} human judgements"
            )

    def accuracy(self) -> None:
        """Of one human label: on gold, or from agreement."""
        if not self.data.scale.has_sides:
            self.cannot("annotator_accuracy", "the labels do not choose between two responses")
            return
        right, prompt = self.right_on_gold(~self.is_ai)
        if len(right) >= _LEAST:
            self.share("annotator_accuracy", right, prompt, "human labels on gold with a side")
            return
        agreeing, prompt = self.item_agreement()
        a = float(agreeing.mean()) if len(agreeing) else 0.0
        accuracy = accuracy_from_agreement(a) if len(agreeing) >= _LEAST else None
        if accuracy is None:
            why = f"fewer than {_LEAST} gold answers, and " + (
                f"two people agree on {a:.0%} of sides, no more than by chance"
                if len(agreeing) >= _LEAST
                else "too few items with two human labels"
            )
            self.cannot("annotator_accuracy", why)
            return
        around = clustered_share(agreeing, prompt)
        low, high = (accuracy_from_agreement(min(max(x, 0.5), 1.0)) for x in (around.low, around.high))
        self.put(
            "annotator_accuracy",
            accuracy,
            f"from {a:.1%} agreement on sides over {len(agreeing):,} items, one-coin model",
            low,
            high,
        )

    def spread(self) -> None:
        """Standard deviation of accuracy between annotators, chance taken out."""
        codes = self.data.codes
        if not self.data.scale.has_sides or "annotator_accuracy" not in self.inputs:
            self.cannot("accuracy_spread", "annotator_accuracy could not be measured")
            return
        share, who = self.agreement_rows()
        n = np.bincount(who, minlength=codes.n_annotators)
        some = n >= _LEAST
        if some.sum() < 5:
            self.cannot("accuracy_spread", f"fewer than five people share {_LEAST} items or more with others")
            return
        mean = np.bincount(who, share, codes.n_annotators)[some] / n[some]
        noise = np.maximum(np.bincount(who, share**2, codes.n_annotators)[some] / n[some] - mean**2, 0) / n[some]
        between = max(float(mean.var(ddof=1) - noise.mean()), 0.0)
        # Agreement with others of accuracy p is p_k (2p - 1) + (1 - p): its spread is 2p - 1 times that of accuracy.
        slope = 2 * self.inputs["annotator_accuracy"].value - 1
        if slope < 0.1:
            self.cannot("accuracy_spread", "accuracy is too close to chance to tell annotators apart")
            return
        self.put(
            "accuracy_spread",
            sqrt(between) / slope,
            f"agreement with others of {int(some.sum()):,} people, chance taken out",
        )

    def rejected(self) -> None:
        """Never: who was refused and did the work again is not in an export. A skip is an answer of its own, paid or
        not, and is only counted.
        """
        skips = int((self.data.annotations["label"].to_numpy()[self.rows_human] == NULL).sum())
        counted = (
            f"{skips:,} of {len(self.rows_human[self.rows_human]):,} human judgements are skips, which are not rejected"
            " work"
        )
        self.cannot(
            "rejected_share",
            "an export does not hold work that was refused and done again" + (f"; {counted}" if skips else ""),
        )

    def judges(self) -> None:
        """What AI judges did: accuracy, share sent to people, disagreement."""
        names = ("ai_accuracy", "escalated_share", "check_disagreement")
        if not self.is_ai.any():
            for name in names:
                self.cannot(name, "no annotator is an AI")
            return
        codes = self.data.codes
        direction = self.side[codes.label.astype(int)]
        ai, human = (
            np.bincount(codes.item[m], weights=direction[m], minlength=codes.n_items) for m in (self.is_ai, ~self.is_ai)
        )
        has_ai, has_human = (np.bincount(codes.item[m], minlength=codes.n_items) > 0 for m in (self.is_ai, ~self.is_ai))
        both = has_ai & has_human
        if has_ai.sum() >= _LEAST and has_ai.sum() >= 0.9 * (has_ai | has_human).sum():
            self.share(
                "escalated_share",
                both[has_ai],
                self.prompt[has_ai],
                "items an AI judged that people judged too, spot checks included",
            )
        else:
            self.cannot(
                "escalated_share",
                "AI and people did not judge the same stream of items: the AI saw less than 90% of it",
            )
        decisive = both & (ai != 0) & (human != 0)
        if decisive.sum() >= _LEAST:
            self.share(
                "check_disagreement",
                np.sign(ai[decisive]) != np.sign(human[decisive]),
                self.prompt[decisive],
                "items where AI and people both chose a side",
            )
        else:
            self.cannot("check_disagreement", f"{int(decisive.sum())} items have a side from both AI and people")
        right, prompt = self.right_on_gold(self.is_ai)
        if len(right) >= _LEAST:
            self.share("ai_accuracy", right, prompt, "AI labels on gold with a side")
            return
        people = self.inputs.get("annotator_accuracy")
        if decisive.sum() < _LEAST or people is None or people.value < 0.6:
            self.cannot("ai_accuracy", "too few AI labels on gold, and too few items to compare with people")
            return
        singles = decisive & (np.bincount(codes.item[~self.is_ai], minlength=codes.n_items) == 1)
        use = singles if singles.sum() >= _LEAST else decisive
        agree = float((np.sign(ai[use]) == np.sign(human[use])).mean())
        if use is decisive and not (singles.sum() >= _LEAST):
            self.cannot(
                "ai_accuracy",
                "people gave several labels on the items AI judged, and there is too little gold; score AI against gold"
                " instead",
            )
            return
        # Agreement with one person of accuracy p: x p + (1 - x)(1 - p).
        accuracy = (agree - (1 - people.value)) / (2 * people.value - 1)
        self.put(
            "ai_accuracy",
            accuracy,
            f"{agree:.1%} agreement with single people on {int(use.sum()):,} items, their own errors taken out",
        )

    def tokens(self) -> None:
        """Tokens a judge would read, from words."""
        items = self.data.items
        words = [items[c].to_numpy(float) for c in ("words_prompt", "words_a", "words_b") if c in items]
        known = np.logical_and.reduce([w >= 0 for w in words[-2:]]) if len(words) == 3 else np.zeros(len(items), bool)
        if known.sum() < _LEAST:
            self.cannot("tokens_in", "there are too few texts")
            return
        total = sum(np.maximum(w, 0) for w in words)
        mean = float(np.asarray(total)[known].mean())
        self.put(
            "tokens_in",
            mean * _TOKENS_PER_WORD + _INSTRUCTIONS,
            f"{mean:.0f} words of prompt and responses at 4 tokens for 3 words, and {_INSTRUCTIONS} for instructions;"
            " estimated",
        )

    # ---------------------------------------------------------------- pieces

    def share(self, name: str, happened: np.ndarray, prompt: np.ndarray, of: str) -> None:
        """A share with its interval over prompts."""
        found = clustered_share(np.asarray(happened, float), prompt)
        self.put(name, found.value, f"{int(np.sum(happened)):,} of {found.n:,} {of}", found.low, found.high)

    def right_on_gold(self, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Whether each label with a side on a gold item with a side names that side, and the prompt of the item."""
        codes = self.data.codes
        truth = self.data.gold[codes.item]
        used = which & (truth != NULL)
        said, right = self.side[codes.label[used].astype(int)], self.side[truth[used].astype(int)]
        sided = (said != 0) & (right != 0)
        return np.asarray(said[sided] == right[sided]), self.prompt[codes.item[used]][sided]

    def sides(self) -> tuple[np.ndarray, np.ndarray]:
        """Human labels for A and for B on each item."""
        codes = self.data.codes
        said = self.side[codes.label.astype(int)]
        a, b = (np.bincount(codes.item[~self.is_ai & (said == side)], minlength=codes.n_items) for side in (1, -1))
        return a, b

    def item_agreement(self) -> tuple[np.ndarray, np.ndarray]:
        """Share of agreeing pairs of human sides, of items with two of them, and their prompts."""
        a, b = self.sides()
        n = a + b
        many = n >= 2
        a, b, n = a[many], b[many], n[many]
        return np.asarray((a * (a - 1) + b * (b - 1)) / (n * (n - 1))), self.prompt[many]

    def agreement_rows(self) -> tuple[np.ndarray, np.ndarray]:
        """Of each human label with a side, the share of the others on its item who agree; and whose label it is."""
        codes = self.data.codes
        a, b = self.sides()
        said = self.side[codes.label.astype(int)]
        used = ~self.is_ai & (said != 0) & ((a + b)[codes.item] >= 2)
        own = np.where(said[used] > 0, a[codes.item[used]], b[codes.item[used]])
        return (own - 1) / ((a + b)[codes.item[used]] - 1), codes.annotator[used]
