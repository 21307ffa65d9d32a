"""Feedback to one annotator or one vendor: what the labels show, examples, gold missed, what good looks like.

The page speaks of labels, not of character: it says what was seen, beside what is usual in this crew, and asks. It
holds texts of the data, since examples are its point, and names nobody else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from workbench.aggregation import DEFAULT
from workbench.auditing.audit import Audit
from workbench.errors import WorkbenchError, counted, first_five
from workbench.report.names import naming
from workbench.report.page import POLICY, text
from workbench.report.style import CARDS, STYLE
from workbench.wording.numbers import percent

EXAMPLES = 5
SURE = 0.9
"""How sure the label of an example is, at least."""
CHARACTERS = 1_500
FIRST = (
    "This page is for learning. Every annotator differs from the others on some items; some of these items may have"
    " more than one good answer. Where you think that the others or the gold are wrong, say so: that is worth as much."
)
GOOD = (
    "Read the whole prompt, then both responses to their end, before choosing.",
    "Choose by what the guidelines name, not by length, tone or the side a response stands on.",
    "Take the strong label only where you could tell a colleague in a sentence why; take the tie where you could not.",
    "Skip, with a word why, where the item cannot be judged.",
)
"""What good looks like, whatever the task."""


def annotator_feedback(result: Audit, annotator: str, *, show_id: bool = True) -> str:
    """One HTML page for an annotator.

    Parameters
    ----------
    result : of `workbench.audit(data)`.
    show_id : show the id; otherwise its hash.

    Raises
    ------
    WorkbenchError
        There is no such annotator.

    Examples
    --------
    >>> import workbench
    >>> result = workbench.audit(workbench.simulate(900, annotators=8, seed=2).data)
    >>> page = annotator_feedback(result, result.annotators["annotator"][0], show_id=False)
    >>> page.count("<h2>"), "<script" in page
    (5, False)
    """
    row = _row(result, annotator)
    examples = example_items(result, annotator)
    missed = missed_gold(result, annotator)
    name = naming(show_id)(annotator)
    parts = [
        f"<h2>What your labels show</h2>{_evidence(result, row)}",
        f"<h2>Examples</h2>{_items(result, annotator, examples, 'the others')}",
        f"<h2>Gold you answered otherwise</h2>{_items(result, annotator, missed, 'the gold')}",
        f"<h2>Where all agreed</h2>{_items(result, annotator, agreed_items(result, annotator), 'the others')}",
        "<h2>What good looks like</h2><ul>" + "".join(f"<li>{escape(said)}</li>" for said in GOOD) + "</ul>",
    ]
    return _page(f"Feedback for {name}", _labels_of(row), parts)


def vendor_feedback(result: Audit, vendor: str, annotators: Sequence[str], *, show_ids: bool = True) -> str:
    """One HTML page for a vendor: its annotators beside the rest of the crew.

    Parameters
    ----------
    annotators : ids of its people.

    Raises
    ------
    WorkbenchError
        None of them is in the data.
    """
    frame, name = result.annotators, naming(show_ids)
    theirs = frame["annotator"].isin(list(annotators))
    if not theirs.any():
        raise WorkbenchError(f"No annotator of {vendor} is in the data.", "Check the table of vendors.")
    rows = []
    for row in frame[theirs].sort_values("annotations", ascending=False).to_dict("records"):
        seen = [
            _without_others(f.why)
            for f in result.flags.by_annotator.get(row["annotator"], ())
            if f.kind != "few-labels"
        ]
        rows.append([name(row["annotator"]), f"{row['annotations']:,}", *_figures(row), seen[0] if seen else ""])
    usual = [_usual(frame, c) for c in ("gold_estimate", "agreement_with_others", "self_consistency")]
    head = ["Annotator", "Labels", "Right on gold", "Agrees with others", "Repeats alike", "To look at"]
    table = _table(head, [*rows, ["whole crew, median", "", *usual, ""]])
    parts = [
        f"<h2>Your annotators</h2>{table}",
        "<h2>What good looks like</h2><ul>" + "".join(f"<li>{escape(said)}</li>" for said in GOOD) + "</ul>",
    ]
    return _page(f"Feedback for {vendor}", f"{counted(int(theirs.sum()), 'annotator')}", parts)


def example_items(result: Audit, annotator: str) -> list[int]:
    """Positions of items with a sure label on another side than this annotator's, the surest first: at most five."""
    given, others = _given(result, annotator)
    label = result.labelled.results[DEFAULT]
    way = result.data.scale.direction_table()
    differs = [i for i, mine in given.items() if others[i] and label.label[i] >= 0 and way[mine] != way[label.label[i]]]
    sure = [i for i in differs if label.direction_confidence[i] >= SURE and result.data.gold[i] < 0]
    return sorted(sure, key=lambda i: -label.direction_confidence[i])[:EXAMPLES]


def missed_gold(result: Audit, annotator: str) -> list[int]:
    """Positions of gold items that this annotator answered on another side, gold that is doubted left out."""
    given, _ = _given(result, annotator)
    way, gold = result.data.scale.direction_table(), result.data.gold
    doubted = result.surveyed.gold.distrusted if result.surveyed is not None else np.zeros(len(gold), bool)
    return [i for i, mine in given.items() if gold[i] >= 0 and way[mine] != way[gold[i]] and not doubted[i]][:EXAMPLES]


def agreed_items(result: Audit, annotator: str, most: int = 2) -> list[int]:
    """Positions of items that this annotator and the others labelled alike, the surest first."""
    given, others = _given(result, annotator)
    label = result.labelled.results[DEFAULT]
    alike = [i for i, mine in given.items() if others[i] > 1 and label.label[i] == mine]
    return sorted(alike, key=lambda i: -label.direction_confidence[i])[:most]


def _given(result: Audit, annotator: str) -> tuple[dict[int, int], np.ndarray]:
    """Item -> this annotator's label, and how many others labelled each item."""
    data, codes = result.data, result.data.codes
    ids = data.annotators["annotator"].to_numpy()
    mine = codes.annotator == int(np.flatnonzero(ids == annotator)[0])
    others = np.diff(codes.starts) - np.bincount(codes.item[mine], minlength=codes.n_items)
    return dict(zip(codes.item[mine].tolist(), codes.label[mine].tolist(), strict=True)), others


def _row(result: Audit, annotator: str) -> dict[str, Any]:
    frame = result.annotators
    found = frame[frame["annotator"] == annotator]
    if found.empty:
        listed = first_five(frame["annotator"].tolist())
        raise WorkbenchError(f"There is no annotator {annotator!r}.", f"There are {listed}.")
    return {str(k): v for k, v in found.iloc[0].to_dict().items()}


def _evidence(result: Audit, row: dict[str, Any]) -> str:
    """What was seen, beside what is usual, and the reasons to look, in the words of the flags."""
    frame = result.annotators
    gold, peers, own = _figures(row)
    low, high = row["gold_low"], row["gold_high"]
    inside = f" ({percent(low)} to {percent(high)})" if row["gold_n"] else ""
    rows = [
        [f"Right on gold, of {int(row['gold_n']):,}", gold + inside, _usual(frame, "gold_estimate")],
        [f"Agrees with others, on {int(row['shared_items']):,} items", peers, _usual(frame, "agreement_with_others")],
        [
            f"Own judgement repeated alike, of {int(row['self_consistency_n']):,}",
            own,
            _usual(frame, "self_consistency"),
        ],
    ]
    if pd.notna(row["median_seconds"]):
        middle = frame["median_seconds"].median()
        rows.append(["Median seconds a judgement", f"{row['median_seconds']:.0f}", f"{middle:.0f}"])
    seen = [f.why for f in result.flags.by_annotator.get(row["annotator"], ()) if f.kind != "few-labels"]
    why = "".join(f"<li>{text(_without_others(said))}</li>" for said in seen)
    asked = f"<p>What we would like to understand together:</p><ul>{why}</ul>" if why else ""
    return _table(["", "You", "Median of the crew"], rows) + asked


def _without_others(said: str) -> str:
    """A reason that names nobody else."""
    return "Many labels are the same as those of one other annotator." if said.startswith("Same label as") else said


def _figures(row: Mapping[Any, Any]) -> list[str]:
    return [_share(row[c]) for c in ("gold_estimate", "agreement_with_others", "self_consistency")]


def _usual(frame: pd.DataFrame, column: str) -> str:
    return _share(frame[column].median())


def _share(value: Any) -> str:
    return percent(float(value)) if pd.notna(value) else "–"


def _items(result: Audit, annotator: str, items: Sequence[int], beside: str) -> str:
    """Items with their texts, the annotator's label and the one it is held against."""
    if not items:
        return "<p class='absent'>None.</p>"
    data, given = result.data, _given(result, annotator)[0]
    texts = data.item_texts(np.array(items)).to_dict("records")
    label = result.labelled.results[DEFAULT].label
    cards = []
    for item, words in zip(items, texts, strict=True):
        held = data.gold[item] if beside == "the gold" else label[item]
        parts = [
            f"<h4><bdi>{escape(str(data.items['item_id'].iloc[item]))}</bdi></h4>"
            f"<p><b>You: {escape(data.scale.labels[given[item]])}</b>; {escape(beside)}:"
            f" {escape(data.scale.labels[int(held)])}</p>"
        ]
        for column, title in (("prompt", "Prompt"), ("response_a", "Response A"), ("response_b", "Response B")):
            said = words.get(column)
            if isinstance(said, str) and said.strip():
                parts.append(f'<p class="quiet">{title}</p><pre class="text">{escape(said[:CHARACTERS])}</pre>')
        cards.append(f'<div class="card">{"".join(parts)}</div>')
    return "".join(cards)


def _labels_of(row: dict[str, Any]) -> str:
    return f"{int(row['annotations']):,} judgements"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(h)}</th>" for h in head)
    body = "".join(f"<tr>{''.join(f'<td>{text(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="wide few"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def _page(title: str, facts: str, parts: Sequence[str]) -> str:
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{text(title)}</title><style>{STYLE}{CARDS}</style></head><body><main>",
            f'<header><h1>{text(title)}</h1><p class="facts">{escape(facts)}</p><p>{escape(FIRST)}</p></header>',
            *parts,
            "</main></body></html>",
        ]
    )
