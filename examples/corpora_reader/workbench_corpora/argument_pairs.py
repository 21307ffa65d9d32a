"""Convincing-argument pairs (UKPConvArg): `#id`, `label`, `a1`, `a2`, tab-separated, one file a topic and stance.

The label is the one the authors derived from several crowd workers; the workers are not in these files.
"""

from __future__ import annotations

import re

from workbench.dataset.assembly import Export
from workbench.dataset.scales import TERNARY
from workbench.formats.files.document import Document
from workbench.formats.records.nested import head_of, label_of, text_of
from workbench.formats.records.record_collector import Harvest

NAME = "argument-pairs"
TITLE = "Argument pairs with published labels"

_SPELLING = {"a1": "A", "a2": "B", "equal": "="}
_ANNOTATOR = "published gold"


def recognise(document: Document) -> float:
    """Knows the four columns and the labels a1, a2, equal."""
    if not {"#id", "label", "a1", "a2"} <= document.keys:
        return 0.0
    return 1.0 if any(text_of(row.get("label")) in _SPELLING for row in head_of(document)) else 0.0


def read(document: Document) -> Export:
    """One item a row; the published label is both its gold and the judgement of one annotator named `published
    gold`.
    """
    harvest = Harvest(document, NAME)
    stem = re.sub(r"(\.(csv|tsv|txt|gz))+$", "", document.name)
    topic, _, stance = stem.partition("_")
    prompt = f"{_words(topic)}: {_words(stance)}" if stance else _words(topic)
    for ref, record in harvest.records():
        a, b = text_of(record.get("a1")), text_of(record.get("a2"))
        if a is None or b is None:
            harvest.set_aside("an argument is missing", ref)
            continue
        label = label_of(record.get("label"))
        item = harvest.item(
            item_id=text_of(record.get("#id")),
            prompt=prompt,
            response_a=_lines(a),
            response_b=_lines(b),
            gold=label,
            group=stem,
            **{"slice.topic": topic, "slice.stance": stance or None},
        )
        harvest.judgement(item, label, ref, annotator=_ANNOTATOR)
    harvest.note(
        "info",
        "published-labels",
        "The file holds published labels and no workers: each label is the gold of its pair, and also the one"
        f" judgement of it, by an annotator named {_ANNOTATOR!r}.",
        "Agreement cannot be measured here, and gold accuracy is 1 by construction; train and test reward models"
        " on it.",
    )
    return harvest.export(TERNARY, _SPELLING)


def _words(slug: str) -> str:
    return re.sub(r"-+", " ", slug).strip()


def _lines(text: str) -> str:
    return re.sub(r" *<br */?> *", "\n", text)
