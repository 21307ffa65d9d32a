"""Annotations whose every text tries to be more than text: HTML, scripts, Markdown pictures and links, formulas,
icons."""

from __future__ import annotations

from functools import cache

import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble
from workbench.dataset.scales import FIVE

HOST = "hostile.example"
"""Where the texts would lead, if anything in them worked."""

ATTACKS = (
    f'<img src="http://{HOST}/a.png" onerror="alert(1)">',
    f"<script>alert(2); fetch('http://{HOST}/b')</script>",
    f"![picture](http://{HOST}/c.png)",
    f"[click](javascript:alert(3)) and http://{HOST}/d and www.{HOST} and me@{HOST}",
    '<a href="javascript:alert(4)">link</a><iframe src="http://' + HOST + '/e"></iframe>',
    r"$\href{javascript:alert(5)}{x}$ and $$\includegraphics{http://" + HOST + r"/f.png}$$",
    ":material/home: :smile: :red[red] :blue-badge[x] **bold** _it_ `code` # head",
    "<svg onload=alert(6)><style>*{background:url(http://" + HOST + "/g)}</style>",
    '"><mark class="a" onclick="alert(7)">x</mark>',
    '=HYPERLINK("http://' + HOST + '","x") \u202e reversed \x00 null \u2028 line',
)


@cache
def hostile_set() -> AnnotationSet:
    """One item for each attack, with the attack in ids, texts, slices, annotators, reasons and the file name."""
    n = len(ATTACKS)
    items = pd.DataFrame({"item_id": [f"{i} {text}" for i, text in enumerate(ATTACKS)], "prompt": ATTACKS})
    items["response_a"] = [f"{text} first" for text in ATTACKS]
    items["response_b"] = [f"{text} second {text}" for text in ATTACKS]
    items["model_a"], items["model_b"] = ATTACKS[0], ATTACKS[2]
    items[f"slice.{ATTACKS[2]}"] = [ATTACKS[i % 3] for i in range(n)]
    rows = [
        {
            "item_row": i,
            "annotator": ATTACKS[(i + j) % n],
            "label": FIVE.labels[(i * 2 + j * 3) % 5],
            "reason": ATTACKS[i] + " " * 100 + "end",
            "seconds": 3.0 + j,
        }
        for i in range(n)
        for j in range(3)
    ]
    return assemble(
        [Export(items=items, rows=pd.DataFrame(rows), source=f"{ATTACKS[0]}.csv", format="columns", scale=FIVE)]
    )


@cache
def small_sets() -> dict[str, AnnotationSet]:
    """Data at the edge: one item, one annotator, no texts, empty texts, no labels that differ, categories."""
    base = pd.DataFrame(
        {"item_id": ["x", "y"], "prompt": ["p", "q"], "response_a": ["left", "left"], "response_b": ["right", "wrong"]}
    )
    two = pd.DataFrame(
        {"item_row": [0, 0, 1, 1], "annotator": ["ann", "bob", "ann", "bob"], "label": ["A", "B", "A", "A"]}
    )
    empty = base.assign(prompt="", response_a="", response_b=None)
    return {
        "one item": assemble([Export(items=base[:1], rows=two[:2], source="one.csv", format="columns", sides=True)]),
        "one judgement": assemble(
            [Export(items=base[:1], rows=two[:1], source="one.csv", format="columns", sides=True)]
        ),
        "one annotator": assemble(
            [
                Export(
                    items=base,
                    rows=two[two["annotator"] == "ann"].reset_index(drop=True),
                    source="ann.csv",
                    format="columns",
                    sides=True,
                )
            ]
        ),
        "no texts": assemble(
            [Export(items=base[["item_id"]], rows=two, source="ids.csv", format="columns", sides=True)]
        ),
        "empty texts": assemble([Export(items=empty, rows=two, source="empty.csv", format="columns", sides=True)]),
        "all ties": assemble(
            [Export(items=base, rows=two.assign(label="="), source="ties.csv", format="columns", sides=True)]
        ),
        "skips only": assemble(
            [Export(items=base, rows=two.assign(label=[None] * 4), source="skips.csv", format="columns", scale=FIVE)]
        ),
        "categories": assemble(
            [
                Export(
                    items=base[["item_id", "prompt"]],
                    rows=two.assign(label=["3", "4", "10", "3"]),
                    source="ratings.csv",
                    format="columns",
                    sides=False,
                )
            ]
        ),
    }
