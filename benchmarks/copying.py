"""How often two who give the same answers are found, and how often nobody copied.

    nice python benchmarks/copying.py [--runs 12]

Crews of `benchmarks/planted_crews.py`, 30 annotators with 120 labels each, four labels an item. One copies 40 or 80%
of its answers from another one, who may work elsewhere too, with times or without. Under six nulls nobody copies, but
something else makes people alike. Writes `benchmarks/COPYING.md`; some minutes on one core.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from planted_crews import SCALES, Crowd, World, even_errors, planted
from scipy.stats import binomtest

from workbench.annotators import survey

HERE = Path(__file__).resolve().parent
PEOPLE, EACH, VOTES = 30, 120, 4


def plain(scale: str, seed: int, accuracy: float = 0.85, common: float = 0.5) -> Crowd:
    return planted(World(scale, common, accuracy, False, 0.1, PEOPLE, EACH, VOTES), seed)


def relabelled(crowd: Crowd, truth: np.ndarray, right: np.ndarray, seed: int) -> Crowd:
    """The same seats, with labels right in these shares of a truth that may differ from seat to seat."""
    label = even_errors(crowd.scale, truth, right, np.random.default_rng(seed + 50_000))
    return replace(crowd, label=label)


def popular(scale: str, seed: int) -> Crowd:
    """On three items in ten most give the same wrong answer."""
    crowd = plain(scale, seed)
    rng = np.random.default_rng(seed + 1)
    trap = (crowd.truth + rng.integers(1, len(crowd.scale), len(crowd.truth))) % len(crowd.scale)
    led = rng.random(len(crowd.truth)) < 0.3
    said = np.where(led, trap, crowd.truth)[crowd.item]
    return relabelled(crowd, said, np.where(led[crowd.item], 0.8, crowd.accuracy[crowd.annotator]), seed)


def schools(scale: str, seed: int) -> Crowd:
    """Half of the crew judges three items in ten by another rule."""
    crowd = plain(scale, seed)
    rng = np.random.default_rng(seed + 2)
    other = (crowd.truth + len(crowd.scale) // 2 + rng.integers(0, 2, len(crowd.truth))) % len(crowd.scale)
    told = np.where(rng.random(len(crowd.truth)) < 0.3, other, crowd.truth)
    truth = np.where(crowd.annotator % 2 == 1, told[crowd.item], crowd.truth[crowd.item])
    return relabelled(crowd, truth, crowd.accuracy[crowd.annotator], seed)


def again(scale: str, seed: int) -> Crowd:
    """Six items of each prompt are nearly the same: an annotator gives the answer of the first one again."""
    crowd = plain(scale, seed)
    items, votes = len(crowd.truth), VOTES
    prompt = np.arange(items) // 6
    seats = crowd.annotator.reshape(items, votes)[prompt * 6]
    labels = crowd.label.reshape(items, votes)[prompt * 6]
    order = np.argsort(seats, axis=1)
    return replace(
        crowd,
        annotator=np.take_along_axis(seats, order, 1).ravel(),
        label=np.take_along_axis(labels, order, 1).ravel(),
        truth=crowd.truth[prompt * 6],
        gold=np.where(crowd.gold >= 0, crowd.truth[prompt * 6], -1).astype(np.int8),
        item_columns={"group": np.array([f"g{p}" for p in prompt], object)},
    )


def skewed(scale: str, seed: int) -> Crowd:
    """Nearly all items go one way."""
    return plain(scale, seed, 0.9, 0.95)


def habits(scale: str, seed: int) -> Crowd:
    """A third of the crew gives the last label in three of ten cases whatever the item."""
    crowd = plain(scale, seed)
    rng = np.random.default_rng(seed + 3)
    leans = (crowd.annotator % 3 == 0) & (rng.random(len(crowd.item)) < 0.3)
    return replace(crowd, label=np.where(leans, len(crowd.scale) - 1, crowd.label))


def experts(scale: str, seed: int) -> Crowd:
    """A quarter of the crew is nearly always right, the rest in seven of ten."""
    crowd = plain(scale, seed)
    right = np.where(np.arange(PEOPLE) % 4 == 0, 0.98, 0.7)[crowd.annotator]
    return relabelled(crowd, crowd.truth[crowd.item], right, seed)


NULLS: dict[str, Callable[[str, int], Crowd]] = {
    "popular answers": popular,
    "two schools": schools,
    "nearly the same items": again,
    "95% one way": skewed,
    "shared habits": habits,
    "experts among others": experts,
}


def copied(scale: str, seed: int, share: float, elsewhere: bool, dated: bool) -> Crowd:
    """The second annotator sits where the first does (or, `elsewhere`, on half of its own seats), later, and repeats a
    share of its answers.
    """
    crowd = plain(scale, seed)
    rng = np.random.default_rng(seed + 4)
    items = len(crowd.truth)
    seats, labels = (values.reshape(items, VOTES).copy() for values in (crowd.annotator, crowd.label))
    has = (seats == 0).any(1)
    for i in np.flatnonzero((seats == 1).any(1) & ~has):
        if not elsewhere or rng.random() < 0.5:
            seats[i, seats[i] == 1] = rng.choice(np.setdiff1d(np.arange(2, PEOPLE), seats[i]))
    for i in np.flatnonzero(has & ~(seats == 1).any(1)):
        if not elsewhere or rng.random() < 0.7:
            free = np.flatnonzero(seats[i] > 1)[-1]
            seats[i, free] = 1
            labels[i, free] = even_errors(crowd.scale, crowd.truth[[i]], crowd.accuracy[[1]], rng)[0]
    both = np.flatnonzero(has & (seats == 1).any(1))
    both = both[rng.random(len(both)) < share]
    source = labels[both][seats[both] == 0]
    block = labels[both]
    block[seats[both] == 1] = source
    labels[both] = block
    columns = {}
    if dated:
        when = np.datetime64("2026-01-05", "ms") + (rng.random((items, VOTES)) * 20 * 86_400_000).astype(
            "timedelta64[ms]"
        )
        first = np.where(seats == 0, when, np.datetime64("2026-01-01", "ms")).max(1)
        when = np.where((seats == 1) & has[:, None], first[:, None] + np.timedelta64(3_600_000, "ms"), when)
        columns = {"ended_at": when.ravel()}
    return replace(crowd, annotator=seats.ravel(), label=labels.ravel(), columns=columns)


def named(crowd: Crowd) -> list[tuple[int, int, int | None]]:
    return [(min(c.first, c.second), max(c.first, c.second), c.copier) for c in survey(crowd.data()).copies]


def share(k: int, n: int) -> str:
    low, high = binomtest(k, n).proportion_ci(method="exact")
    return f"{k} of {n} ({low:.0%} to {high:.0%})"


def report(runs: int) -> str:
    scales = [name for name in SCALES if name in ("A B", "A = B", "five", "4 classes")]
    lines = [
        "# The same answers as somebody else",
        "",
        (
            f"Written by `python benchmarks/copying.py --runs {runs}`. {PEOPLE} annotators, {EACH} labels each, {VOTES}"
            " an item, a tenth of the items with gold; two, three and five labels in order and"
        ),
        f"four classes, {runs} crews each. Corrected p at most .05 over all pairs. In brackets exact 95% intervals.",
        "",
        "## Nobody copies",
        "",
        "| what makes people alike | crews in which anybody is named | people named, of all |",
        "|---|---|---|",
    ]
    for what, make in {"nothing": plain, **NULLS}.items():
        found = [named(make(scale, 100 * s + 7)) for scale in scales for s in range(runs)]
        people = sum(len({k for a, b, _ in pairs for k in (a, b)}) for pairs in found)
        lines.append(
            f"| {what} | {share(sum(bool(p) for p in found), len(found))} | {people / (PEOPLE * len(found)):.2%} |"
        )
    lines += [
        "",
        "## One copies from another",
        "",
        "Named = the pair is; came later = the copier is told from the source; wrongly = the source is called the"
        " copier; others = crews in which a third person is named.",
        "",
        "| copied | copier works | times | named | came later | wrongly | others |",
        "|---|---|---|---|---|---|---|",
    ]
    for portion in (0.4, 0.8):
        for elsewhere in (False, True):
            for dated in (False, True):
                found = [
                    named(copied(scale, 100 * s + 9, portion, elsewhere, dated))
                    for scale in scales
                    for s in range(runs)
                ]
                pair = [[p for p in pairs if p[:2] == (0, 1)] for pairs in found]
                n = len(found)
                lines.append(
                    f"| {portion:.0%} | {'elsewhere too' if elsewhere else 'on the same items'} |"
                    f" {'known' if dated else 'not known'} | {share(sum(bool(p) for p in pair), n)} |"
                    f" {sum(p[0][2] == 1 for p in pair if p)} | {sum(p[0][2] == 0 for p in pair if p)} |"
                    f" {sum(any(k > 1 for a, b, _ in pairs for k in (a, b)) for pairs in found)} |"
                )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=12)
    parser.add_argument("--out", type=Path, default=HERE / "COPYING.md")
    options = parser.parse_args()
    text = report(options.runs)
    options.out.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
