"""Can these labels be trusted? A few checks, each with its threshold and its reason, and the verdict they add up to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Literal

from workbench.estimates import Estimate

Status = Literal["ready", "review", "stop"]
_ORDER: tuple[Status, ...] = ("ready", "review", "stop")


@dataclass(frozen=True)
class Thresholds:
    """Where each check draws its lines. Each field says what it limits and why its default is what it is.

    Attributes
    ----------
    overlap : least share of items with two labels or more. Without overlap nothing about agreement or annotators can be
        known; about a fifth is what reliability estimation needs.
    overlapping_items : fewest such items; below it every interval is too wide to decide on.
    alpha_review, alpha_stop : lower end of the same-crew interval of Krippendorff's alpha (on direction) below which to
        look closer, or not to train yet. Balanced binary labels with 63 % raw agreement, the low end of published
        preference sets, have alpha .26; alpha 0 is chance.
    missing_review, missing_stop : share of judgements without a label.
    one_label : share of one label above which chance correction is unstable and the labels say little.
    uneven : how much lower than the whole a week's or a slice's alpha must be to matter; with much data every
        difference is clear.
    side : how far the share of choices for the response shown first may lie from one half.
    flagged : share of the labels that flagged annotators gave, above which to look at who they are before training on
        them.
    gold : lower end of the interval of how often the aggregated labels name the side of the gold. Single annotators of
        published preference sets agree with each other on 63 to 77 %; labels of several together should not be worse
        than one.
    """

    overlap: float = 0.20
    overlapping_items: int = 100
    alpha_review: float = 0.20
    alpha_stop: float = 0.0
    missing_review: float = 0.05
    missing_stop: float = 0.20
    one_label: float = 0.95
    side: float = 0.05
    uneven: float = 0.10
    flagged: float = 0.10
    gold: float = 0.70

    def to_dict(self) -> dict[str, float]:
        """Names and values."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass(frozen=True)
class Check:
    """One question asked of the data.

    Attributes
    ----------
    name : what is checked.
    status : ready, review or stop.
    value : the figure it turns on; None where it is undefined.
    threshold : the line it was held against.
    why : one sentence in plain words.
    page : the page that shows more, by its URL path.
    """

    name: str
    status: Status
    value: float | None
    threshold: float | None
    why: str
    page: str = ""

    def to_dict(self) -> dict[str, object]:
        """The check as the command line prints it."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass(frozen=True)
class Flagged:
    """Flagged annotators.

    Attributes
    ----------
    annotators, of_annotators : how many are flagged, of how many.
    labels, of_labels : labels they gave, of all.
    """

    annotators: int
    of_annotators: int
    labels: int
    of_labels: int


@dataclass(frozen=True)
class Verdict:
    """All checks, and the worst status among them.

    Attributes
    ----------
    checks : in the order they were asked.
    """

    checks: tuple[Check, ...]

    @property
    def status(self) -> Status:
        """The worst status of any check."""
        return max((check.status for check in self.checks), key=_ORDER.index, default="review")

    @property
    def sentence(self) -> str:
        """The verdict in one sentence, naming what it turns on."""
        turning = [check for check in self.checks if check.status == self.status]
        names = ", ".join(check.name for check in turning)
        return {
            "ready": "Ready: no check found a reason against training on these labels.",
            "review": f"Review first: {names}.",
            "stop": f"Do not train on these labels yet: {names}.",
        }[self.status]

    def to_dict(self) -> dict[str, object]:
        """The verdict as the command line prints it."""
        return {"status": self.status, "sentence": self.sentence, "checks": [check.to_dict() for check in self.checks]}


def judge(
    *,
    counts: Mapping[str, int],
    labels: Mapping[str, int],
    alpha: Estimate,
    first_position: tuple[int, int],
    weeks: Iterable[tuple[str, Estimate]] = (),
    slices: Iterable[tuple[str, Estimate]] = (),
    flagged: Flagged | None = None,
    gold: Estimate | None = None,
    thresholds: Thresholds | None = None,
) -> Verdict:
    """Asks every check.

    Parameters
    ----------
    counts : `items`, `items_with_overlap`, `annotations`, `skips`.
    labels : label -> how often it was given.
    alpha : Krippendorff's alpha on direction.
    first_position : choices for the response shown first, and choices with a known position.
    weeks, slices : the same alpha within each week and each slice, by name.
    flagged : how many annotators are flagged, and how much they gave; None where nobody was looked at closely.
    gold : how often the aggregated labels name the side of the gold; None where there is none.
    thresholds : the lines; defaults where None.
    """
    t = thresholds or Thresholds()
    checks = [
        _overlap(counts, t),
        _agreement(alpha, t),
        _missing(counts, t),
        _label_mix(labels, t),
        _sides(first_position, t),
        _steady("consistency over time", "week", weeks, alpha, t),
        _steady("consistency across slices", "slice", slices, alpha, t),
        _annotators(flagged, t),
        _gold(gold, t),
    ]
    return Verdict(tuple(check for check in checks if check is not None))


def _overlap(counts: Mapping[str, int], t: Thresholds) -> Check:
    items, shared = counts["items"], counts["items_with_overlap"]
    share = shared / items if items else None
    if shared == 0:
        return Check(
            "overlap",
            "stop",
            share,
            t.overlap,
            "No item was labelled by two annotators, so nothing is known about how far the labels can be trusted.",
            "items",
        )
    said = f"{shared:,} of {items:,} items were labelled by two annotators or more"
    if share is not None and share < t.overlap:
        return Check(
            "overlap", "review", share, t.overlap, f"Only {said}; the rest rests on one opinion each.", "items"
        )
    if shared < t.overlapping_items:
        return Check(
            "overlap",
            "review",
            share,
            t.overlap,
            f"{said}; fewer than {t.overlapping_items} are too few to decide on.",
            "items",
        )
    return Check("overlap", "ready", share, t.overlap, f"{said}.", "items")


def _agreement(alpha: Estimate, t: Thresholds) -> Check:
    name = "agreement beyond chance"
    if alpha.value is None:
        return Check(name, "review", None, t.alpha_review, f"Agreement is undefined: {alpha.reason}.", "agreement")
    low = alpha.same_crew.low if alpha.same_crew else alpha.value
    said = f"alpha on direction is {alpha.value:.2f}" + (
        f", at least {low:.2f} for this crew" if alpha.same_crew else ""
    )
    if low <= t.alpha_stop < alpha.value and alpha.few:
        why = (
            f"{said}; the interval {alpha.few}, too few to tell agreement from chance, or to say that it cannot be"
            " told."
        )
        return Check(name, "review", low, t.alpha_stop, why, "agreement")
    if low <= t.alpha_stop:
        return Check(name, "stop", low, t.alpha_stop, f"{said}: it cannot be told from chance.", "agreement")
    if low < t.alpha_review:
        return Check(
            name,
            "review",
            low,
            t.alpha_review,
            f"{said}: below what published preference sets show (about .26 to .55).",
            "agreement",
        )
    return Check(name, "ready", low, t.alpha_review, f"{said}.", "agreement")


def _missing(counts: Mapping[str, int], t: Thresholds) -> Check:
    total = counts["annotations"] + counts["skips"]
    share = counts["skips"] / total if total else None
    status: Status = (
        "ready" if share is None or share <= t.missing_review else "review" if share <= t.missing_stop else "stop"
    )
    return Check(
        "missing labels",
        status,
        share,
        t.missing_review,
        f"{counts['skips']:,} of {total:,} judgements have no label.",
        "start",
    )


def _label_mix(labels: Mapping[str, int], t: Thresholds) -> Check:
    total = sum(labels.values())
    top = max(labels, key=labels.__getitem__) if total else ""
    share = labels[top] / total if total else None
    status: Status = "review" if share is None or share > t.one_label else "ready"
    why = f"The commonest label is {top}, {share:.0%} of all." if share is not None else "There are no labels."
    return Check("label mix", status, share, t.one_label, why, "overview")


def _sides(first_position: tuple[int, int], t: Thresholds) -> Check | None:
    first, counted = first_position
    if counted == 0:
        return None
    rate = first / counted
    # Three standard errors, so that a small set is not sent back for what a fair coin does.
    off = abs(rate - 0.5) > max(t.side, 3 * (0.25 / counted) ** 0.5)
    why = f"The response shown first was chosen in {rate:.1%} of {counted:,} choices" + (
        "; the position sways the choice, or the sides were not randomised." if off else "."
    )
    return Check("sides", "review" if off else "ready", rate, 0.5 + t.side, why, "annotators")


def _annotators(found: Flagged | None, t: Thresholds) -> Check | None:
    if found is None or found.of_labels == 0:
        return None
    share = found.labels / found.of_labels
    status: Status = "review" if share > t.flagged else "ready"
    if found.annotators == 0:
        why = "Nobody is flagged." if found.of_annotators > 1 else "The one annotator is not flagged."
    else:
        why = (
            f"{found.annotators:,} of {found.of_annotators:,} annotators {'is' if found.annotators == 1 else 'are'}"
            f" flagged; {share:.0%} of the labels are theirs."
        )
    return Check("annotators", status, share, t.flagged, why, "annotators")


def _gold(found: Estimate | None, t: Thresholds) -> Check | None:
    if found is None or found.value is None or found.same_crew is None:
        return None
    low, high = found.same_crew.low, found.same_crew.high
    status: Status = "stop" if high <= 0.5 else "review" if low < t.gold else "ready"
    why = (
        f"The items' labels name the side of the gold on {found.value:.0%} ({low:.0%} to {high:.0%}) of {found.n:,}"
        " gold items."
    )
    return Check("labels on gold", status, low, t.gold, why, "labels")


def _steady(
    name: str, unit: str, parts: Iterable[tuple[str, Estimate]], whole: Estimate, t: Thresholds
) -> Check | None:
    """Whether some part agrees clearly less than the whole does: its interval lies wholly below the whole's, by enough
    to matter.
    """
    known = [(label, part) for label, part in parts if part.value is not None and part.same_crew is not None]
    if len(known) < 2 or whole.same_crew is None or whole.value is None:
        return None
    # With k parts, one falling below by chance is likelier: widen each part's interval as a Bonferroni correction
    # would.
    widening = _normal_quantile(1 - 0.025 / len(known)) / _normal_quantile(0.975)
    low = [
        (label, part)
        for label, part in known
        if part.value + widening * (part.same_crew.high - part.value) < whole.same_crew.low  # type: ignore[operator,union-attr]
        and part.value < whole.value - t.uneven  # type: ignore[operator]
    ]
    worst = min(known, key=lambda p: p[1].value)  # type: ignore[arg-type,return-value]
    if not low:
        return Check(
            name,
            "ready",
            worst[1].value,
            whole.same_crew.low,
            f"No {unit} agrees clearly less than the rest (lowest: {worst[0]}, alpha {worst[1].value:.2f}).",
            "agreement",
        )
    listed = ", ".join(f"{label} ({part.value:.2f})" for label, part in sorted(low, key=lambda p: p[1].value)[:3])  # type: ignore[arg-type,return-value]
    plural = f"{len(low)} {unit}s agree" if len(low) > 1 else f"One {unit} agrees"
    return Check(
        name,
        "review",
        min(part.value or 0.0 for _, part in low),
        whole.same_crew.low,
        f"{plural} clearly less than the whole: {listed}.",
        "agreement",
    )


def _normal_quantile(probability: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(probability)
