"""Who and what goes, and why: arithmetic by hand, and counts that add up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cleaning.crowds import crowd, votes
from workbench.cleaning import (
    Cleaning,
    Evidence,
    clean,
    gather_evidence,
    judgements_set_aside,
    ledger_of,
    packed,
    select,
    who_goes,
)
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.simulation.simulate import simulate

SMALL = """
1 x A
1 y A
1 z B
2 x A
2 y B
3 x B
3 y ?
"""


@pytest.fixture(scope="module")
def simulated() -> tuple[AnnotationSet, Evidence]:
    data = simulate(3_000, annotators=20, seed=4, skip_share=0.05, repeat_share=0.1).data
    return data, gather_evidence(data)


def test_each_reason_by_hand() -> None:
    data = votes(SMALL, seconds=[5.0, 1.0, 9.0, 8.0, 7.0, None, 3.0])
    known = gather_evidence(data)

    def rows(**rules: object) -> dict[str, int]:
        return dict(select(data, Cleaning(**rules), known).rows)  # type: ignore[arg-type]

    assert rows() == {}
    assert rows(without=("x",)) == {"by annotators: left out by name": 3}
    # One judgement took 1 second; the one without a time stays, the skip took 3.
    assert rows(min_seconds=2) == {"faster than 2 seconds": 1}
    assert rows(min_seconds=4) == {"faster than 4 seconds": 2}
    assert rows(min_seconds=4, skips=True) == {"faster than 4 seconds": 1, "without a label": 1}
    # Item 1: one of its three pairs agrees, so two thirds name different sides; item 2: its only pair does.
    assert rows(most_contested=0.7) == {"on items whose pairs of labels name different sides in more than 70%": 2}
    assert rows(most_contested=0.5) == {"on items whose pairs of labels name different sides in more than 50%": 5}
    # Items 2 and 3 have two labels and one; the skip on item 3 goes with it.
    assert rows(min_labels_left=3) == {"on items with fewer than 3 labels left": 4}
    assert rows(min_labels_left=2) == {"on items with fewer than 2 labels left": 2}
    # Without z, item 1 has two labels left, too few as well; each judgement counts once, for its first reason.
    assert rows(min_labels_left=3, without=("z",)) == {
        "by annotators: left out by name": 1,
        "on items with fewer than 3 labels left": 6,
    }


def test_unknown_is_never_set_aside() -> None:
    data = votes("1 x A\n2 y B")  # nobody shares an item, no gold, no times
    known = gather_evidence(data)
    for rules in (
        Cleaning(least_agreement=1.0),
        Cleaning(least_gold=1.0, gold_answers=0),
        Cleaning(min_seconds=100),
        Cleaning(most_rapid=0.0),
        Cleaning(most_contested=0.0),
    ):
        assert select(data, rules, known).n_rows == 0
    assert known.no_times == "the export has no times"
    assert not known.has_gold


def test_agreement_and_gold_thresholds_pick_the_annotators_below() -> None:
    data = crowd(spammers=2)
    known = gather_evidence(data)
    gone = who_goes(known, Cleaning(least_agreement=0.6))
    assert set(gone.loc[gone["goes"], "annotator"]) == {"spam-10", "spam-11"}
    assert set(gone.loc[gone["goes"], "why"]) == {"agreement with others below 60%"}
    gone = who_goes(known, Cleaning(least_gold=0.65, least_agreement=0.6))
    assert set(gone.loc[gone["goes"], "why"]) == {
        "agreement with others below 60%; accuracy on gold below 65% in 10 answers or more"
    }
    # Nobody gave a thousand gold answers, so nobody is judged by gold.
    assert not who_goes(known, Cleaning(least_gold=1.0, gold_answers=1_000))["goes"].any()


def test_to_be_sure_takes_more_than_a_point_estimate() -> None:
    known = gather_evidence(crowd(items=60, spammers=2))
    frame = known.annotators
    middle = float(np.nanmedian(frame["agreement"]))
    below = who_goes(known, Cleaning(least_agreement=middle))["goes"].sum()
    surely = who_goes(known, Cleaning(least_agreement=middle, assured=True))
    assert 0 < surely["goes"].sum() < below
    assert (surely.loc[surely["goes"], "agreement_high"] < middle).all()


def test_names_go_and_stay_whatever_the_thresholds_say() -> None:
    data = crowd(spammers=2)
    known = gather_evidence(data)
    rules = Cleaning(least_agreement=0.6, keep=("spam-10",), without=("ann-00",))
    frame = who_goes(known, rules)
    assert set(frame.loc[frame["goes"], "annotator"]) == {"spam-11", "ann-00"}
    with pytest.raises(WorkbenchError, match="no annotator nobody"):
        who_goes(known, Cleaning(without=("nobody",)))


@settings(max_examples=30, deadline=None)
@given(
    reliability=st.sampled_from([0.0, 0.4, 0.6, 0.7]),
    seconds=st.sampled_from([0.0, 6.0, 20.0]),
    confidence=st.sampled_from([0.0, 0.7]),
    left=st.integers(1, 4),
    skips=st.booleans(),
    wpm=st.sampled_from([0.0, 900.0]),
)
def test_counts_add_up_and_the_ledger_has_every_row(
    simulated: tuple[AnnotationSet, Evidence],
    reliability: float,
    seconds: float,
    confidence: float,
    left: int,
    skips: bool,
    wpm: float,
) -> None:
    data, known = simulated
    rules = Cleaning(
        least_reliability=reliability,
        min_seconds=seconds,
        least_confidence=confidence,
        min_labels_left=left,
        skips=skips,
        max_words_per_minute=wpm,
    )
    chosen = select(data, rules, known)
    assert chosen.n_rows == int((chosen.row_reason > 0).sum())
    assert chosen.kept.sum() == (chosen.row_reason[data.codes.row] == 0).sum()
    assert chosen.by_annotator + chosen.by_judgement <= (~chosen.kept).sum()
    if not chosen.kept.any():
        with pytest.raises(WorkbenchError, match="Nothing is left"):
            clean(data, rules, known)
        return
    cleaned = clean(data, rules, known)
    assert len(cleaned.annotations) + chosen.n_rows == len(data.annotations)
    assert dict(cleaned.ledger.set_aside) == dict(chosen.rows)
    assert cleaned.ledger.steps == tuple(chosen.rows.items())
    assert len(cleaned.codes) == chosen.kept.sum()
    if left > 1:
        assert np.diff(cleaned.codes.starts)[np.diff(cleaned.codes.starts) > 0].min() >= left
    if skips:
        assert (cleaned.annotations["label"] >= 0).all()


def test_cleaned_judgements_are_the_original_ones(simulated: tuple[AnnotationSet, Evidence]) -> None:
    data, known = simulated
    rules = Cleaning(without=tuple(data.annotators["annotator"][:3]), min_seconds=5)
    cleaned, chosen = clean(data, rules, known), select(data, rules, known)
    left = data.rows(np.flatnonzero(chosen.row_reason == 0))
    assert cleaned.rows().equals(left)  # ids in words, though annotators have new positions
    assert len(cleaned.annotators) == len(data.annotators) - 3
    had, have = (set(data.annotations["item"][mask]) for mask in (chosen.row_reason >= 0, chosen.row_reason == 0))
    assert list(cleaned.items["item_id"]) == [
        name for i, name in enumerate(data.items["item_id"]) if i in have or i not in had
    ]
    assert cleaned.item_texts([3]).equals(data.item_texts([data.item_position(cleaned.items["item_id"][3])]))
    assert np.array_equal(cleaned.gold, data.gold[[data.item_position(i) for i in cleaned.items["item_id"]]])
    assert "ann" in data.annotators["annotator"][0]
    assert data.ledger.steps == ()


def test_items_without_a_judgement_left_are_named_and_the_set_survives_the_shelf(tmp_path) -> None:
    from workbench.formats.writers.native import read_own, write_own

    data = simulate(900, annotators=9, seed=2).data
    cleaned = clean(data, Cleaning(min_labels_left=3, without=(data.annotators["annotator"][0],)))
    gone = set(data.items["item_id"]) - set(cleaned.items["item_id"])
    note = cleaned.findings[-1]
    assert (note.code, note.count, set(note.rows)) == ("cleaned", len(gone), gone)
    again = read_own(write_own(cleaned, tmp_path / "cleaned.pwb"))
    assert again.key == cleaned.key
    assert again.item_texts().equals(cleaned.item_texts())
    assert again.rows().equals(cleaned.rows())


def test_without_rules_nothing_changes(simulated: tuple[AnnotationSet, Evidence]) -> None:
    data, known = simulated
    assert clean(data, Cleaning(), known) is data


def test_everybody_removed_says_what_to_do() -> None:
    data = crowd(items=30)
    with pytest.raises(
        WorkbenchError, match=r"every label aside \(90 by annotators: left out by name\)\. Lower a threshold"
    ):
        clean(data, Cleaning(without=tuple(data.annotators["annotator"])))


def test_judgements_behind_a_reason_and_of_one_annotator() -> None:
    data = votes(SMALL, seconds=[5.0, 1.0, 9.0, 8.0, 7.0, None, 3.0])
    known, rules = gather_evidence(data), Cleaning(without=("x",), min_seconds=4)
    gone = judgements_set_aside(data, rules, known)
    assert gone.n == 5
    assert gone.frame["why"].value_counts().to_dict() == {
        "by annotators: left out by name": 3,
        "faster than 4 seconds": 2,
    }
    of_y = judgements_set_aside(data, rules, known, annotator="y")
    assert of_y.n == 3
    assert of_y.frame["why"].notna().sum() == 2
    assert judgements_set_aside(data, rules, known, reason="faster than 4 seconds", limit=1).n == 2
    assert judgements_set_aside(data, rules, known, reason="no such reason").n == 0


def test_evidence_of_other_data_is_refused() -> None:
    with pytest.raises(ValueError, match="other data"):
        select(crowd(items=30), Cleaning(min_seconds=1), gather_evidence(crowd(items=40)))


@pytest.mark.parametrize(
    ("to", "ending"),
    [("workbench", ".pwb"), ("annotations", ".csv"), ("annotations", ".parquet"), ("annotations", ".jsonl")],
)
def test_a_cleaned_set_is_packed_with_its_ledger(to: str, ending: str, tmp_path) -> None:
    import io
    import json
    import zipfile

    import workbench

    data = crowd(items=60, spammers=2)
    rules = Cleaning(without=("spam-10",))
    cleaned = clean(data, rules)
    with zipfile.ZipFile(io.BytesIO(packed(cleaned, rules, to, ending))) as archive:
        ledger = json.loads(archive.read("ledger.json"))
        archive.extractall(tmp_path)
    assert ledger == json.loads(json.dumps(ledger_of(cleaned, rules)))
    assert ledger["annotations_left"] + sum(ledger["set_aside"].values()) == len(data.annotations)
    assert ledger["steps"] == [
        {"reason": "by annotators: left out by name", "rows": len(data.annotations) - len(cleaned.annotations)}
    ]
    again = workbench.load(tmp_path / f"cleaned{ending}")
    assert len(again.annotations) == len(cleaned.annotations)
    assert "spam-10" not in set(again.annotators["annotator"])
