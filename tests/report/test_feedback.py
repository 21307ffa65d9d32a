"""Feedback pages: planted trouble is shown with examples, nobody else is named, nothing of the data runs."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.auditing.audit import Audit, audit
from workbench.errors import WorkbenchError
from workbench.report.feedback import (
    EXAMPLES,
    agreed_items,
    annotator_feedback,
    example_items,
    missed_gold,
    vendor_feedback,
)
from workbench.workspace.demos import demo


@pytest.fixture(scope="module")
def audited() -> Audit:
    return audit(demo("demo"))


def test_examples_are_items_on_which_the_others_are_sure(audited: Audit) -> None:
    who = audited.flags.flagged[0]
    items = example_items(audited, who)
    assert 0 < len(items) <= EXAMPLES
    codes, data = audited.data.codes, audited.data
    way = data.scale.direction_table()
    me = int(np.flatnonzero(data.annotators["annotator"].to_numpy() == who)[0])
    label = audited.labelled.results[audited.to_dict()["aggregation"]["default"]].label
    for item in items:
        rows = slice(codes.starts[item], codes.starts[item + 1])
        mine = codes.label[rows][codes.annotator[rows] == me]
        assert way[mine[0]] != way[label[item]]
    for item in missed_gold(audited, who):
        assert data.gold[item] >= 0
    for item in agreed_items(audited, who):
        assert item not in items


def test_a_page_names_one_person_and_accuses_nobody(audited: Audit) -> None:
    for who in audited.flags.flagged:
        page = annotator_feedback(audited, who)
        named = [other for other in audited.data.annotators["annotator"] if other != who and other in page]
        assert named == []
        assert who in page
        assert who not in annotator_feedback(audited, who, show_id=False)
        body = page.partition("<body>")[2].lower()
        assert not any(word in body for word in ("cheat", "fraud", "spam", "at fault", "punish"))
        assert "<script" not in page


def test_a_vendor_sees_its_own_people_only(audited: Audit) -> None:
    ids = audited.annotators["annotator"].tolist()
    page = vendor_feedback(audited, "North <b>", ids[:3])
    assert all(who in page for who in ids[:3])
    assert not any(who in page for who in ids[3:])
    assert "<b>North" not in page
    assert "North &lt;b&gt;" in page


def test_nobody_of_that_name(audited: Audit) -> None:
    with pytest.raises(WorkbenchError, match="There is no annotator"):
        annotator_feedback(audited, "nobody")
    with pytest.raises(WorkbenchError, match="No annotator of"):
        vendor_feedback(audited, "South", ["nobody"])
