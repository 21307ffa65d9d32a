"""Loops of generate, judge, train in which nothing changes, and loops with one planted fault: how often is it alarmed?

    python benchmarks/cycles.py [--loops 200] [--out benchmarks/CYCLES.md]

A loop has four cycles. In each, a policy writes six texts for each of 120 prompts, other prompts every time or the same
ones; a text's vector is that of its prompt plus one of its own, in 24 numbers, and its score rests on both. 300 pairs
are judged by an AI judge and by three people under four principles; a reward model of its own, right on 75 in 100 of
400 held-out human pairs, is tried in each cycle and scores 200 anchors. The fault comes with the third cycle:

- *collapse within*: texts of a prompt lie half as far apart; *a little*: three quarters;
- *collapse across*: prompts' texts move towards one answer by 0.3 of the way;
- *judge*: the judge's noise is three times as large;
- *reward model*: it is right on 65 in 100;
- *drift*: scores of the anchors rise by half a standard deviation;
- *repeats*: a tenth of the texts are word for word those of the cycle before.

The line: false alarms at 5% of cycles at most where nothing changed, from all figures together.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from workbench.cycles import Cycle, Generated, follow_cycles
from workbench.cycles.following import FIRST
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import SCALES
from workbench.dataset.texts import empty_texts
from workbench.deliveries import Delivery

CYCLES, PROMPTS, TEXTS, DIM, ITEMS, PEOPLE, ANCHORS, HELD_OUT = 4, 120, 6, 24, 300, 3, 200, 400
FAULT_AT = 2
KINDS = (
    "nothing, other prompts",
    "nothing, same prompts",
    "collapse within",
    "collapse within, a little",
    "collapse across",
    "judge",
    "reward model",
    "drift",
    "repeats",
)
EXPECTED = {
    "collapse within": {"spread_within"},
    "collapse within, a little": {"spread_within"},
    "collapse across": {"spread_across"},
    "judge": {"judge_agreement"},
    "reward model": {"held_out"},
    "drift": {"anchor_shift"},
    "repeats": {"seen"},
}


def loop(kind: str, rng: np.random.Generator) -> list[Cycle]:
    """A loop with that fault."""
    same = kind == "nothing, same prompts"
    fixed = rng.normal(size=(PROMPTS, DIM))
    anchors, truth = rng.normal(size=ANCHORS), rng.normal(size=HELD_OUT)
    made: list[Cycle] = []
    for t in range(CYCLES):
        fault = kind if t >= FAULT_AT else ""
        centre = fixed if same else rng.normal(size=(PROMPTS, DIM))
        names = [f"p{i}" if same else f"c{t}-p{i}" for i in range(PROMPTS)]
        made.append(
            Cycle(
                f"cycle {t + 1}",
                _labels(t, 1.5 if fault == "judge" else 0.5, rng),
                _texts(fault, centre, names, made[-1].generated if made else None, t, rng),
                {
                    f"a{i}": float(x)
                    for i, x in enumerate(anchors + 0.15 * rng.normal(size=ANCHORS) + 0.5 * (fault == "drift"))
                },
                {
                    f"h{i}": float(x)
                    for i, x in enumerate(
                        0.674 * (0.571 if fault == "reward model" else 1.0)
                        + (0.6 * truth + 0.8 * rng.normal(size=HELD_OUT))
                    )
                },
            )
        )
    return made


def _texts(
    fault: str, centre: np.ndarray, names: list[str], before: Generated | None, t: int, rng: np.random.Generator
) -> Generated:
    width = {"collapse within": 0.5, "collapse within, a little": 0.75}.get(fault, 1.0)
    if fault == "collapse across":
        centre = 0.7 * centre + 0.3 * np.ones(DIM)
    own = width * rng.normal(size=(PROMPTS, TEXTS, DIM))
    vectors = (centre[:, None] + own).reshape(-1, DIM)
    score = vectors[:, 0] + rng.normal(size=len(vectors))
    text = np.array([f"text {t} {i}" for i in range(len(vectors))], object)
    if fault == "repeats" and before is not None and before.text is not None:
        again = rng.permutation(len(text))[: len(text) // 10]
        text[again] = before.text[again]
    return Generated(np.repeat(np.array(names, object), TEXTS), score, vectors, text)


def _labels(t: int, noise: float, rng: np.random.Generator) -> Delivery:
    gap = rng.normal(size=ITEMS)
    item = np.repeat(np.arange(ITEMS), PEOPLE + 1)
    person = np.tile(np.arange(PEOPLE + 1), ITEMS)
    seen = gap[item] + np.where(person == PEOPLE, noise, 0.6) * rng.normal(size=len(item))
    ids = pd.array([f"c{t}-{i}" for i in range(ITEMS)], dtype="str")
    items = pd.DataFrame({"item_id": ids, "pair_id": ids, "pair_flipped": False})
    for name in ("prompt_key", "key_a", "key_b"):
        items[name] = np.zeros(ITEMS, np.uint64)
    principles = pd.Index(["honest", "helpful", "harmless", "brief"])
    items["slice.principle"] = pd.Categorical.from_codes(rng.integers(0, 4, ITEMS), principles)
    rows = pd.DataFrame(
        {
            "item": item.astype(np.int32),
            "annotator": person.astype(np.int32),
            "label": np.where(seen > 0, 0, 1).astype(np.int8),
            "shown_first": rng.integers(0, 2, len(item)).astype(np.int8),
            "seconds": np.float32(np.nan),
            "ended_at": np.datetime64("NaT"),
            "repeat": np.zeros(len(item), np.int16),
        }
    )
    people = pd.DataFrame(
        {
            "annotator": pd.array([*(f"p{i}" for i in range(PEOPLE)), f"judge-v{t + 1}"], dtype="str"),
            "kind": pd.array(["human"] * PEOPLE + ["ai"], dtype="str"),
        }
    )
    return Delivery(
        AnnotationSet(
            items=items,
            annotators=people,
            annotations=rows,
            gold=np.full(ITEMS, -1, np.int8),
            scale=SCALES["binary"],
            texts=empty_texts(ITEMS),
        ),
        f"cycle {t + 1}",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loops", type=int, default=18, help="of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    rows = [
        "| planted | loops | found at the third cycle | called mode collapse | cycles falsely alarmed | by what |",
        "|---|---|---|---|---|---|",
    ]
    for kind in KINDS:
        found = collapse = false = quiet = 0
        what: Counter[str] = Counter()
        for number in range(options.loops):
            steps = follow_cycles(
                loop(kind, np.random.default_rng([11, options.seed + number, KINDS.index(kind)]))
            ).steps
            expected = EXPECTED.get(kind)
            for place, step in enumerate(steps, 1):
                if expected is not None and place >= FAULT_AT:
                    continue
                quiet += 1
                false += bool(step.alarms)
                what.update(a.measure for a in step.alarms)
            at = steps[FAULT_AT - 1]
            found += expected is not None and bool(expected & {a.measure.removesuffix(FIRST) for a in at.alarms})
            collapse += bool(at.collapse)
        share = "–" if kind not in EXPECTED else f"{found / options.loops:.0%}"
        rows.append(
            f"| {kind} | {options.loops} | {share} | {collapse / options.loops:.1%} | {false / quiet:.1%} of {quiet} |"
            f" {', '.join(f'{n} {m}' for n, m in what.most_common(4))} |"
        )
    text = "\n".join(rows)
    print(text)
    if options.out:
        head = (
            f"# Cycles of generate, judge, train\n\n`python benchmarks/cycles.py --loops {options.loops} --seed"
            f" {options.seed}`. What is planted stands in the script.\n\n"
        )
        options.out.write_text(head + text + "\n", "utf-8")


if __name__ == "__main__":
    main()
