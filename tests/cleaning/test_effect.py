"""What cleaning changes: against the measures of the cleaned set itself, and against placebo where the truth is
planted."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.cleaning.crowds import crowd, votes
from workbench.aggregation import aggregate, score
from workbench.agreement import krippendorff_alpha
from workbench.cleaning import (
    Cleaning,
    Compared,
    Evidence,
    clean,
    cleaning_effect,
    flipped_labels,
    gather_evidence,
    select,
)
from workbench.cleaning.at_random import set_aside_at_random
from workbench.cleaning.effect import _paired
from workbench.cleaning.evidence import METHOD, OPTIONS, labels_of
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL
from workbench.simulation.simulate import simulate


@pytest.fixture(scope="module")
def simulated() -> tuple[AnnotationSet, Evidence]:
    data = simulate(4_000, annotators=20, seed=4, skip_share=0.05, repeat_share=0.1).data
    return data, gather_evidence(data)


RULES = (
    Cleaning(least_reliability=0.6),
    Cleaning(min_seconds=10),
    Cleaning(least_confidence=0.7),
    Cleaning(min_labels_left=3, least_reliability=0.5),
    Cleaning(skips=True),
)


@pytest.mark.parametrize("rules", RULES, ids=lambda r: "-".join(r.chosen))
def test_the_effect_is_that_of_the_cleaned_set(simulated: tuple[AnnotationSet, Evidence], rules: Cleaning) -> None:
    data, known = simulated
    found, cleaned = cleaning_effect(data, rules, known, 0.25), clean(data, rules, known)
    assert found.n_set_aside > 0
    alpha = krippendorff_alpha(cleaned, "ordinal")
    assert found.alpha_after.value == pytest.approx(alpha.value, abs=1e-12)
    assert found.alpha_after.same_crew is not None
    assert alpha.same_crew is not None
    assert found.alpha_after.same_crew.to_list() == pytest.approx(alpha.same_crew.to_list())
    assert found.alpha_after.new_crew is not None
    assert alpha.new_crew is not None
    assert found.alpha_after.new_crew.to_list() == pytest.approx(alpha.new_crew.to_list())
    per_item = np.diff(cleaned.codes.starts)
    assert (found.after.annotations, found.after.labels, found.after.items, found.after.overlapping) == (
        len(cleaned.annotations),
        len(cleaned.codes),
        (per_item > 0).sum(),
        (per_item > 1).sum(),
    )
    assert found.before.annotations - found.after.annotations == sum(found.set_aside.values())
    assert found.spent == pytest.approx(0.25 * found.n_set_aside)
    assert found.flips.items + found.flips.lost == found.before.items
    json.dumps(found.to_dict())


def test_what_comes_of_rules_does_not_depend_on_the_rules_before(simulated: tuple[AnnotationSet, Evidence]) -> None:
    """Evidence that many rules were tried on gives what fresh evidence gives."""
    data, known = simulated
    walk = [Cleaning(least_reliability=r / 100) for r in (50, 60, 70, 90, 60, 0)] + [
        *RULES,
        Cleaning(),
        *reversed(RULES),
        Cleaning(without=tuple(data.annotators["annotator"])),
    ]
    for rules in walk[::3]:
        fresh = gather_evidence(data)
        one, other = cleaning_effect(data, rules, known), cleaning_effect(data, rules, fresh)
        assert (one.after, one.flips, one.set_aside, one.placebo) == (
            other.after,
            other.flips,
            other.set_aside,
            other.placebo,
        )
        assert (one.alpha_after, one.gold_after, one.gold_change) == (
            other.alpha_after,
            other.gold_after,
            other.gold_change,
        )


def test_labels_before_are_those_of_the_method(simulated: tuple[AnnotationSet, Evidence]) -> None:
    data, known = simulated
    made = aggregate(data, METHOD, **OPTIONS)
    assert np.array_equal(known.whole.label, made.label)
    assert np.array_equal(
        known.confidence[made.label >= 0], made.direction_confidence[made.label >= 0].astype(np.float32)
    )
    found = cleaning_effect(data, Cleaning(), known)
    assert found.gold_before.value == pytest.approx(score(made, data.gold).direction)
    assert found.gold_after.value == found.gold_before.value
    assert (found.flips.label, found.flips.lost, found.placebo, found.notes) == (0, 0, None, ())


def test_what_is_left_is_read_with_the_tables_of_the_default(simulated: tuple[AnnotationSet, Evidence]) -> None:
    """One E-step with the judgements kept, and what the default says beyond it by the square of the share kept."""
    from workbench.aggregation.contract import choose

    data, known = simulated
    kept = select(data, Cleaning(least_reliability=0.6, min_seconds=8), known).kept
    whole, codes, made = known.whole, data.codes, aggregate(data, METHOD, **OPTIONS)
    label, _ = labels_of(codes, kept, known.tables, whole.beyond, whole.gold, whole)
    prior, confusion = made.details["log_prior"], made.details["log_confusion"]
    read, every = (np.tile(prior, (codes.n_items, 1)) for _ in range(2))
    np.add.at(every, codes.item, confusion[codes.annotator, codes.label])
    np.add.at(read, codes.item[kept], confusion[codes.annotator[kept], codes.label[kept]])
    n = np.bincount(codes.item[kept], minlength=codes.n_items)
    share = n / np.maximum(np.bincount(codes.item, minlength=codes.n_items), 1)
    log_p = read + (share**2)[:, None] * (np.log(np.maximum(made.posterior, 1e-9)) - every)
    posterior = np.exp(log_p - log_p.max(1, keepdims=True))
    posterior /= posterior.sum(1, keepdims=True)
    posterior[n == 0] = np.nan
    assert np.array_equal(label, choose(posterior, data.scale).label)
    # Sums of logarithms, used where products fall below what a number can hold, say the same.
    far = whole.beyond - 600.0 / np.maximum(share, 0.1)[:, None] ** 2
    assert np.array_equal(labels_of(codes, kept, known.tables, far, whole.gold, whole)[0], label)


def test_what_is_left_is_labelled_nearly_as_by_fitting_again(simulated: tuple[AnnotationSet, Evidence]) -> None:
    """A step of a slider says what a new fit of the default to the rest would, on most items that lose any."""
    data, known = simulated
    rules = Cleaning(least_reliability=0.6, min_seconds=8)
    kept, whole = select(data, rules, known).kept, known.whole
    quick, _ = labels_of(data.codes, kept, known.tables, whole.beyond, whole.gold, whole)
    again = whole.label.copy()
    cleaned = clean(data, rules, known)
    place = [data.item_position(item) for item in cleaned.items["item_id"]]
    again[place] = aggregate(cleaned, METHOD, **OPTIONS).label
    touched = np.unique(data.codes.item[~kept])
    touched = touched[np.isin(touched, data.codes.item[kept])]
    direction = data.scale.direction_table()
    assert (quick[touched] == again[touched]).mean() > 0.85  # of five labels
    assert (direction[quick[touched]] == direction[again[touched]]).mean() > 0.9


def test_flips_listed_are_those_counted(simulated: tuple[AnnotationSet, Evidence]) -> None:
    data, known = simulated
    rules = Cleaning(least_reliability=0.6)
    found, listed = cleaning_effect(data, rules, known).flips, flipped_labels(data, rules, known)
    assert found.label == len(listed.positions) == len(listed.frame) > 0
    assert found.direction == listed.frame["direction"].sum()
    assert (listed.frame["labels_after"] < listed.frame["labels_before"]).all()
    assert (listed.frame["labels_after"] > 0).all()
    assert len(flipped_labels(data, rules, known, limit=1).frame) == 1
    again = flipped_labels(data, rules, known, refit=True)
    cleaned = clean(data, rules, known)
    place = np.array([data.item_position(i) for i in cleaned.items["item_id"]])
    changed = (aggregate(cleaned, METHOD, **OPTIONS).label != known.whole.label[place]) & (
        np.diff(cleaned.codes.starts) > 0
    )
    assert np.array_equal(again.positions, place[changed])


def test_gold_by_hand() -> None:
    # x and y agree on everything, z says the opposite on items 1 to 4; gold sides with x and y on 1 to 3 and has
    # nothing on 4.
    text = "\n".join(f"{i} {who} {label}" for i in range(1, 5) for who, label in (("x", "A"), ("y", "A"), ("z", "B")))
    data = votes(text, gold={"1": "A", "2": "A", "3": "B"})
    found = cleaning_effect(data, Cleaning(without=("z",)), gather_evidence(data))
    assert (found.gold_before.value, found.gold_before.n) == (pytest.approx(2 / 3), 3)
    assert (found.gold_after.value, found.gold_change.value, found.gold_change.n) == (pytest.approx(2 / 3), 0.0, 3)
    alone = cleaning_effect(data, Cleaning(without=("x", "y")), gather_evidence(data))
    assert alone.alpha_after.value is None
    assert "two annotators" in str(alone.alpha_after.reason)


def test_paired_change_by_hand() -> None:
    # 10 items: 3 gained, 1 lost. With two items added, half of one won and half lost: middle 2 / 12; squares around it
    # 4 - 4/6 + 10/36 of the ten, times 10 / 9, and 1 + 2/36 of the two.
    from scipy import stats

    found = _paired(np.array([1.0] * 3 + [-1.0] + [0.0] * 6), None)
    assert found.value == pytest.approx(0.2)
    assert found.same_crew is not None
    squares = 10 / 9 * (4 - 4 / 6 + 10 / 36) + 1 + 2 / 36
    reach = stats.t.ppf(0.975, 9) * np.sqrt(squares) / 12
    assert found.same_crew.to_list() == pytest.approx([2 / 12 - reach, 2 / 12 + reach])


def test_setting_spammers_aside_beats_placebo() -> None:
    data = crowd(spammers=3)
    known = gather_evidence(data)
    found = cleaning_effect(data, Cleaning(least_agreement=0.6), known)
    assert found.annotators_gone == ("spam-09", "spam-10", "spam-11") or set(found.annotators_gone) == {
        "spam-09",
        "spam-10",
        "spam-11",
    }
    assert found.placebo is not None
    assert found.placebo.alpha is not None
    assert found.alpha_change is not None
    assert found.placebo.alpha.beyond(found.alpha_change) == "above"
    assert found.placebo.alpha.advantage(found.alpha_change) > 0.1


def test_on_a_clean_crew_names_at_random_do_not_beat_placebo() -> None:
    """Choosing without looking is a random removal itself: above all 19 draws in one case of 20 on average."""
    above = 0
    for seed in range(20):
        data = crowd(items=200, seed=seed)
        gone = np.random.default_rng(seed + 100).choice(data.annotators["annotator"].to_numpy(), 3, replace=False)
        found = cleaning_effect(data, Cleaning(without=tuple(gone)), gather_evidence(data))
        assert found.placebo is not None
        assert found.placebo.alpha is not None
        assert found.alpha_change is not None
        above += found.placebo.alpha.beyond(found.alpha_change) == "above"
    assert above <= 4  # P(more than 4 of 20 at 1/20) = 0.3%


def test_slow_clicks_at_random_do_not_beat_placebo_but_planted_fast_ones_do() -> None:
    rng = np.random.default_rng(3)
    data = crowd(items=1_500, seed=5)
    rows = data.annotations.copy()
    fast = rng.random(len(rows)) < 0.15
    rows["seconds"] = np.where(fast, 1.0, 20.0)
    from dataclasses import replace

    unrelated = replace(data, annotations=rows)
    wrong = rows.copy()
    wrong["label"] = np.where(fast, rng.integers(0, 2, len(rows)), rows["label"]).astype(np.int8)
    related = replace(data, annotations=wrong)
    for made, expected in ((unrelated, "within"), (related, "above")):
        # 85% of times are exactly 20 s, a placeholder; a little noise makes them times.
        made = replace(
            made,
            annotations=made.annotations.assign(seconds=made.annotations["seconds"] * rng.uniform(0.9, 1.1, len(rows))),
        )
        found = cleaning_effect(made, Cleaning(min_seconds=2), gather_evidence(made))
        assert found.placebo is not None
        assert found.placebo.alpha is not None
        assert found.alpha_change is not None
        assert found.placebo.alpha.beyond(found.alpha_change) == expected


@pytest.mark.parametrize(("drawn", "others", "items"), [(30, 0, 0), (10, 25, 7), (0, 0, 60), (500, 5, 0), (0, 0, 0)])
def test_as_many_at_random_is_exactly_as_many(drawn: int, others: int, items: int) -> None:
    codes = crowd(items=60).codes
    who = np.zeros(codes.n_annotators, bool)
    who[[2, 5]] = True
    had = int(who[codes.annotator].sum())
    kept = np.empty(len(codes), bool)
    set_aside_at_random(codes.starts, codes.annotator, who, drawn, others, 0, 11, kept)
    assert (~kept & who[codes.annotator]).sum() == min(drawn, had)
    assert (~kept & ~who[codes.annotator]).sum() == others
    set_aside_at_random(codes.starts, codes.annotator, who, 0, 0, items, 11, kept)
    gone = np.bincount(codes.item[~kept], minlength=codes.n_items)
    assert (gone > 0).sum() == items
    assert set(gone[gone > 0]) <= {3}  # whole items


def test_every_judgement_is_as_likely_to_go() -> None:
    codes = crowd(items=40).codes
    who, kept, times = np.zeros(codes.n_annotators, bool), np.empty(len(codes), bool), np.zeros(len(codes))
    for seed in range(2_000):
        set_aside_at_random(codes.starts, codes.annotator, who, 0, 30, 0, seed, kept)
        times += ~kept
    # 30 of 120 go in each of 2,000 draws: 500 times each, standard deviation 19.4.
    assert abs(times - 500).max() < 4.5 * 19.4


def test_the_placebo_sets_as_many_aside(simulated: tuple[AnnotationSet, Evidence]) -> None:
    data, known = simulated
    rules = Cleaning(least_reliability=0.6, min_seconds=8, min_labels_left=2)
    chosen, found = select(data, rules, known), cleaning_effect(data, rules, known)
    assert found.placebo is not None
    assert (found.placebo.annotators, found.placebo.judgements, found.placebo.items_gone) == (
        int(chosen.gone.sum()),
        chosen.by_annotator + chosen.by_judgement,
        chosen.items,
    )
    assert cleaning_effect(data, rules, known) == found  # the same each time


def test_a_sample_of_items_stands_for_all(
    simulated: tuple[AnnotationSet, Evidence], monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.cleaning import evidence

    data, known = simulated
    rules = Cleaning(least_reliability=0.6)
    whole = cleaning_effect(data, rules, known).placebo
    monkeypatch.setattr(evidence, "SAMPLE", 700)
    part = cleaning_effect(data, rules, gather_evidence(data)).placebo
    assert whole is not None
    assert part is not None
    assert (part.items, part.of_items) == (700, len(data.items))
    assert whole.items == whole.of_items
    assert whole.alpha is not None
    assert part.alpha is not None
    assert part.alpha.mean == pytest.approx(whole.alpha.mean, abs=0.04)


def test_nothing_left_is_a_value() -> None:
    data = crowd(items=30)
    found = cleaning_effect(data, Cleaning(without=tuple(data.annotators["annotator"])), gather_evidence(data), 1.0)
    assert found.nothing_left
    assert (found.alpha_after.value, found.alpha_after.reason) == (None, "everything is set aside")
    assert (found.gold_after.value, found.placebo, found.after.labels, found.after.items) == (None, None, 0, 0)
    assert found.spent == len(data.annotations)
    assert found.flips.lost == 30


@pytest.mark.parametrize(
    "data",
    [
        votes("1 x A\n2 x B\n3 x A"),
        votes("1 x A"),
        votes("1 x ?\n2 y ?"),
        votes("1 x =\n1 y =\n2 x =\n2 y ="),
        votes("1 x A\n1 y B"),
    ],
    ids=["one annotator", "one judgement", "skips only", "one label", "two of two minds"],
)
def test_data_at_the_edge(data: AnnotationSet) -> None:
    known = gather_evidence(data)
    for rules in (
        Cleaning(),
        Cleaning(min_labels_left=2),
        Cleaning(without=("x",)),
        Cleaning(least_confidence=1.0),
        Cleaning(least_reliability=1.0),
        Cleaning(skips=True),
    ):
        found = cleaning_effect(data, rules, known, 0.1)
        assert found.before.annotations == found.after.annotations + found.n_set_aside
        assert (found.alpha_after.value is None) == (found.alpha_after.reason is not None)


def test_what_rises_by_construction_is_said() -> None:
    data = crowd(spammers=2)
    known = gather_evidence(data)
    notes = {
        name: cleaning_effect(data, rules, known).notes
        for name, rules in {
            "items": Cleaning(least_confidence=0.9),
            "peers": Cleaning(least_agreement=0.6),
            "gold": Cleaning(least_gold=0.65),
            "names": Cleaning(without=("spam-10",)),
        }.items()
    }
    assert "by construction" in notes["items"][0]
    assert "by construction" in notes["peers"][0]
    assert "gold" in notes["gold"][0]
    assert notes["names"] == ()


def test_compared() -> None:
    drawn = Compared((0.01, 0.03, -0.01), 0.5)
    assert drawn.mean == pytest.approx(0.01)
    assert drawn.advantage(0.05) == pytest.approx(0.04)
    assert [drawn.beyond(x) for x in (0.04, 0.03, 0.0, -0.02)] == ["above", "within", "within", "below"]


def test_gold_is_not_given_to_the_method() -> None:
    """Turning all gold round changes what is measured and nothing else."""
    from dataclasses import replace

    data = crowd(spammers=2)
    turned = replace(data, gold=np.where(data.gold == NULL, NULL, 1 - data.gold))
    rules = Cleaning(least_agreement=0.6)
    one, other = (
        cleaning_effect(data, rules, gather_evidence(data)),
        cleaning_effect(turned, rules, gather_evidence(turned)),
    )
    assert one.flips == other.flips
    assert one.gold_after.value is not None
    assert other.gold_after.value == pytest.approx(1 - one.gold_after.value)


def test_the_choice_is_compared_with_other_choices() -> None:
    """One of three annotators goes: each draw takes one of the other two, never the same."""
    from workbench.cleaning.placebo import _others_drawn

    gone = np.array([False, True, False])
    drawn = np.array([_others_drawn(np.random.default_rng(seed), np.arange(3), gone) for seed in range(40)])
    assert (drawn.sum(1) == 1).all()
    assert not drawn[:, 1].any()
    assert drawn[:, 0].any()
    assert drawn[:, 2].any()
    assert _others_drawn(np.random.default_rng(0), np.arange(3), np.ones(3, bool)).all()


def test_flags_set_aside_whom_they_name() -> None:
    data = simulate(6_000, annotators=20, spammers=2, speeders=2, left_clickers=0, drifters=0, colluders=0, seed=3).data
    known = gather_evidence(data)
    kinds = {flag for flags in known.annotators["flags"] for flag in flags}
    assert "few-labels" not in kinds
    assert kinds & {"random", "speeding"}
    found = cleaning_effect(data, Cleaning(flags=tuple(kinds)), known)
    flagged = known.annotators.loc[[len(f) > 0 for f in known.annotators["flags"]], "annotator"]
    assert set(found.annotators_gone) == set(flagged)
    assert found.placebo is not None
    assert found.placebo.alpha is not None
    assert found.alpha_change is not None
    assert found.placebo.alpha.beyond(found.alpha_change) == "above"
