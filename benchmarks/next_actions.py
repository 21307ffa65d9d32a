"""Does what the next actions predict come true when they are carried out?

    python benchmarks/next_actions.py [--first 300] [--sets 200] [--rows ROWS.jsonl] [--out benchmarks/NEXT_ACTIONS.md]

Each set is a simulated crew with trouble in it, drawn from a few kinds. A third of its prompts is what the workbench
sees, with three labels an item. The actions it proposes are then carried out:

- *set aside*: the same annotators are left out of the other two thirds, which the workbench never saw;
- *slice*: the same slice is left out there, which is the agreement to be had if it came up to the others;
- *ask*: two more labels, that the same crew gave and that were hidden, are added to the items asked about, and the
  items are labelled again by the default method;
- *gold*: the gold labels named are looked up in the planted truth.

A prediction holds where its 95% interval covers what came of it. The line is 90%.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from workbench.actions import Action, next_actions
from workbench.actions.alpha_change import alpha_change
from workbench.aggregation import DEFAULT, aggregate
from workbench.agreement.drill_down import items_of_week
from workbench.auditing.audit import audit
from workbench.cleaning.evidence import alpha_key
from workbench.dataset.annotation_set import AnnotationSet
from workbench.simulation.simulate import Simulation, simulate
from workbench.statistics.proportions import wilson

KINDS: dict[str, dict[str, object]] = {
    "usual": {},
    "binary": {"scale": "binary"},
    "three labels": {"scale": "ternary", "wrong_gold": 0.08},
    "able crew": {"skill": (0.82, 0.97), "ambiguous_share": 0.2},
    "weak crew": {"skill": (0.6, 0.8), "spammers": 3},
    "no trouble": {"spammers": 0, "speeders": 0, "left_clickers": 0, "drifters": 0, "colluders": 0},
}
HIDDEN = 2


def seen(made: Simulation, rng: np.random.Generator) -> tuple[AnnotationSet, AnnotationSet, AnnotationSet]:
    """A third of the prompts with two labels of each item hidden, the same with all labels, and the other prompts."""
    data = made.data
    groups = data.group_codes if data.group_codes is not None else np.arange(len(data.items))
    shown = (rng.permutation(int(groups.max()) + 1) % 3 == 0)[groups]
    here = shown[data.annotations["item"].to_numpy()]
    hidden = np.zeros(len(data.annotations), bool)
    codes = data.codes
    for item in np.flatnonzero(shown):
        rows = codes.row[codes.starts[item] : codes.starts[item + 1]]
        hidden[rng.permutation(rows)[:HIDDEN]] = True
    return (
        data.keep_annotations(here & ~hidden, "hidden"),
        data.keep_annotations(here, "elsewhere"),
        data.keep_annotations(~here, "elsewhere"),
    )


def came_of(action: Action, before: AnnotationSet, full: AnnotationSet, rest: AnnotationSet, made: Simulation) -> float:
    """What carrying the action out changed."""
    if action.kind == "set aside":
        gone = np.isin(rest.annotators["annotator"].to_numpy(), action.names)
        return alpha_change(rest, ~gone[rest.codes.annotator], key=alpha_key(rest.scale)).change
    if action.kind in ("slice", "week"):
        inside = np.zeros(len(rest.items), bool)
        if action.kind == "slice":
            name = action.title.removeprefix("Retrain on ")
            for column in rest.slices:
                inside |= (rest.items[column].astype(str) == name).to_numpy()
        else:
            inside[items_of_week(rest, action.title.rpartition(" ")[2])] = True
        return alpha_change(rest, ~inside[rest.codes.item], direction=True).change
    items = np.array(action.target.items)
    if action.kind == "gold":
        return float(made.truth.items["wrong_gold"].to_numpy()[items].sum())
    asked = np.isin(full.annotations["item"].to_numpy(), items)
    kept = np.isin(full.annotations.index.to_numpy(), _rows_of(before, full)) | asked
    after = full.keep_annotations(kept, "not asked")
    truth = before.scale.direction_table()[made.truth.items["label"].to_numpy()[items]]
    right = [aggregate(d, DEFAULT).direction[items] == truth for d in (before, after)]
    return float(right[1].sum()) - float(right[0].sum())


def _rows_of(part: AnnotationSet, whole: AnnotationSet) -> np.ndarray:
    """Rows of the whole that are in the part, by item, annotator and time."""
    key = ["item", "annotator", "ended_at", "repeat"]
    found = whole.annotations[key].reset_index().merge(part.annotations[key], on=key)
    return found["index"].to_numpy()


Row = tuple[str, str, float, float, float, float]
"""Kind of action and of data, predicted change, low, high, and what came of it."""


def run(number: int, annotations: int) -> list[Row]:
    """What the actions proposed for one set predict, and what comes of them."""
    kind = list(KINDS)[number % len(KINDS)]
    settings = {"labels_per_item": 5, "annotators": 24, "repeat_share": 0.0, "weeks": 4, **KINDS[kind]}
    made = simulate(annotations, seed=5_000 + number, texts=False, **settings)  # type: ignore[arg-type]
    before, full, rest = seen(made, np.random.default_rng(number))
    found: list[Row] = []
    for action in next_actions(audit(before)):
        if action.predicted is not None:
            p = action.predicted
            came = float(came_of(action, before, full, rest, made))
            found.append((action.kind, kind, p.change, p.low, p.high, came))
    return found


def table(found: dict[tuple[str, str], list[tuple[float, float, float, float]]]) -> list[str]:
    """Rows of the page: all actions, by action, then by action and kind of data."""
    whole: dict[str, list[tuple[float, float, float, float]]] = defaultdict(list)
    for (action, _), rows in found.items():
        whole[action] += rows
    lines = [
        "| action | kind of data | in the interval | of these at 95% | predicted | came of it |",
        "|---|---|---|---|---|---|",
        f"| every action | all | {_held([row for rows in whole.values() for row in rows])} | | |",
    ]
    for action in whole:
        parts = [("all", whole[action]), *((k, rows) for (a, k), rows in sorted(found.items()) if a == action)]
        for kind, rows in parts:
            r = np.array(rows)
            lines.append(f"| {action} | {kind} | {_held(rows)} | {r[:, 0].mean():+.3f} | {r[:, 3].mean():+.3f} |")
    return lines


def _held(rows: list[tuple[float, float, float, float]]) -> str:
    """How many predictions held, and between which shares that lies (Wilson)."""
    inside = sum(low <= came <= high for _, low, high, came in rows)
    bounds = wilson(inside / len(rows), len(rows))
    return f"{inside} of {len(rows)} ({inside / len(rows):.1%}) | {100 * bounds[0]:.0f} to {100 * bounds[1]:.0f}%"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=24)
    parser.add_argument("--annotations", type=int, default=6_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first set; its seed is 5000 more")
    parser.add_argument("--rows", type=Path, help="JSON lines of the sets so far: what is there is not run again")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    known = options.rows.read_text("utf-8").splitlines() if options.rows and options.rows.exists() else []
    done: dict[int, list[Row]] = {n: [tuple(r) for r in rows] for n, rows in map(json.loads, known)}
    for number in range(options.first, options.first + options.sets):
        if number in done:
            continue
        done[number] = run(number, options.annotations)
        if options.rows is not None:
            with options.rows.open("a", encoding="utf-8") as out:
                out.write(json.dumps([number, done[number]]) + "\n")
    found: dict[tuple[str, str], list[tuple[float, float, float, float]]] = defaultdict(list)
    for number in range(options.first, options.first + options.sets):
        for action, kind, *numbers in done[number]:
            found[action, kind].append(tuple(numbers))  # type: ignore[arg-type]
    lines = table(found)
    text = "\n".join(lines)
    print(text)
    if options.out:
        head = [
            "# Do the next actions do what they predict?",
            "",
            f"`python benchmarks/next_actions.py --first {options.first} --sets {options.sets} --annotations"
            f" {options.annotations}`. What each row means stands in the script. The intervals of the predictions are"
            " of 95%; the line is 90%.",
            "",
        ]
        options.out.write_text("\n".join([*head, text]) + "\n", "utf-8")


if __name__ == "__main__":
    main()
