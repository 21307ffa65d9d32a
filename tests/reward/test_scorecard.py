"""The scorecard's figures by hand, against statsmodels and literal loops, and on planted truth."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from workbench.formats import load
from workbench.reward.ceiling import against_each, human_ceiling, majority_accuracy
from workbench.reward.pairs import Pairs, pairs_of
from workbench.reward.ranking import accuracy_by, clustered_share, compared, hits, leave_one_out, paired_difference
from workbench.reward.reading import scorecard_from
from workbench.reward.reliability import reliability
from workbench.reward.scorecard import by_strength, disagreements, scorecard
from workbench.simulation.simulate import simulate

ROOT = Path(__file__).resolve().parents[2]


def pairs_of_targets(target: np.ndarray, group: np.ndarray | None = None, **more: object) -> Pairs:
    n = len(target)
    texts = np.array([f"text {i}" for i in range(n)], object)
    values: dict[str, object] = {
        "level": np.where(target > 0.5, 0, 1).astype(np.int8),
        "levels": 2,
        "source": np.full(n, "", object),
        "response_a": texts,
        "response_b": texts + " b",
    } | more
    return Pairs(
        prompt=texts,
        target=np.asarray(target, float),
        weight=np.ones(n),
        group=np.arange(n) if group is None else group,
        item=np.arange(n),
        **values,  # type: ignore[arg-type]
    )


def test_variance_over_groups_is_that_of_statsmodels() -> None:
    import statsmodels.api as sm

    rng = np.random.default_rng(0)
    group = rng.integers(0, 40, 300)
    hit = (rng.random(300) < 0.5 + 0.4 * (group % 2)).astype(float)
    fit = sm.OLS(hit, np.ones(300)).fit(
        cov_type="cluster", cov_kwds={"groups": group, "use_correction": True, "df_correction": False}
    )
    other = (rng.random(300) < 0.6).astype(float)
    difference = sm.OLS(hit - other, np.ones(300)).fit(cov_type="cluster", cov_kwds={"groups": group})
    found = paired_difference(hit, other, group, "d")
    size = np.bincount(group)
    from scipy.stats import t

    reach = t.ppf(0.975, 300**2 / (size**2).sum() - 1) * difference.bse[0] * np.sqrt((300 - 1) / 300)
    assert found.same_crew is not None
    assert found.same_crew.high - found.value == pytest.approx(reach, rel=2e-3)
    share = clustered_share(hit, group, "s")
    assert share.same_crew is not None
    n_eff = hit.mean() * (1 - hit.mean()) / (fit.bse[0] ** 2 * (300 - 1) / 300)
    assert n_eff < 300  # pairs of a group go together, and count for less than so many
    # Few groups: their own spread is known no better than its kurtosis says, and seen too small (`_worth`).
    groups, sums = len(size), np.bincount(group, hit - hit.mean())
    n_eff *= (groups - 1) / (groups + 1)
    kurtosis = (sums**4).mean() / (sums**2).mean() ** 2
    q = t.ppf(0.975, min(300**2 / (size**2).sum() - 1, 2 * groups / (kurtosis - 1)))
    p = hit.mean()
    high = (p + q * q / (2 * n_eff) + q * np.sqrt(p * (1 - p) / n_eff + q * q / (4 * n_eff**2))) / (1 + q * q / n_eff)
    assert share.same_crew.high == pytest.approx(high, rel=2e-3)


def test_intervals_cover_where_pairs_of_a_group_go_together() -> None:
    rng = np.random.default_rng(1)
    covered = []
    for _ in range(400):
        level = rng.beta(6, 2, 30)  # each group its own accuracy, 0.75 on average
        group = np.repeat(np.arange(30), 8)
        found = clustered_share((rng.random(240) < level[group]).astype(float), group, "s").same_crew
        assert found is not None
        covered.append(found.low <= 0.75 <= found.high)
    assert 0.925 <= np.mean(covered) <= 0.985


def test_what_cannot_be_known_says_why() -> None:
    ties = clustered_share(np.full(3, np.nan), np.arange(3), "s")
    assert (ties.value, ties.n_set_aside) == (None, 3)
    assert "prefers a side" in str(ties.reason)
    one_prompt = clustered_share(np.array([1.0, 0.0, 1.0]), np.zeros(3), "s")
    assert "one prompt group" in one_prompt.interval_notes[0]
    alike = clustered_share(np.ones(50), np.arange(50), "s").same_crew
    assert alike is not None
    assert 0.9 < alike.low < 0.95
    assert alike.high == 1.0


def test_sides_can_be_exchanged() -> None:
    rng = np.random.default_rng(2)
    margin, target = rng.normal(size=200), rng.random(200).round(1)
    group = rng.integers(0, 50, 200)
    one = scorecard(margin, pairs_of_targets(target, group), np.random.default_rng(0))
    swap = rng.random(200) < 0.5
    pairs = pairs_of_targets(np.where(swap, 1 - target, target), group)
    from dataclasses import replace

    a, b = pairs.response_a, pairs.response_b
    other = scorecard(
        np.where(swap, -margin, margin),
        replace(pairs, response_a=np.where(swap, b, a), response_b=np.where(swap, a, b)),
        np.random.default_rng(0),
    )
    ours, theirs = one.to_dict(), other.to_dict()
    for card in (ours, theirs):
        card["disagreements"] = [
            {**d, "margin": abs(d["margin"]), "target": round(abs(d["target"] - 0.5), 6)} for d in card["disagreements"]
        ]  # type: ignore[union-attr]
    assert json.dumps(ours) == pytest.approx(json.dumps(theirs)) or _close(ours, theirs)


def _close(one: object, other: object) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_close(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(_close(a, b) for a, b in zip(one, other, strict=True))
    return bool(one == pytest.approx(other)) if isinstance(one, float) else one == other


def test_scaling_on_other_groups_mends_a_planted_temperature() -> None:
    rng = np.random.default_rng(4)
    margin = rng.normal(size=20_000) * 3
    target = (rng.random(20_000) < expit(margin / 2.5)).astype(float)
    found = reliability(margin, pairs_of_targets(target, np.arange(20_000) // 4), np.random.default_rng(0))
    assert found.temperature == pytest.approx(2.5, rel=0.05)
    assert found.as_given.ece.value is not None
    assert found.scaled.ece.value is not None
    assert found.as_given.ece.value > 0.05 > 0.015 > found.scaled.ece.value
    best = -np.mean(target * np.log(expit(margin / 2.5)) + (1 - target) * np.log(expit(-margin / 2.5)))
    assert found.scaled.nll == pytest.approx(best, abs=1e-3)


def test_a_pair_is_scaled_by_the_temperature_of_other_groups_alone() -> None:
    """Two groups, one too sure by far: each is scaled by what the other needs."""
    margin, group = np.repeat([np.log(9), 2 * np.log(3)], 40), np.repeat([0, 1], 40)
    target = np.concatenate([np.repeat([1.0, 0.0], [36, 4]), np.repeat([1.0, 0.0], [30, 10])])  # T = 1 and T = 2
    found = reliability(margin, pairs_of_targets(target, group), np.random.default_rng(0), folds=2)
    p = [expit(np.log(9) / 2), expit(2 * np.log(3))]
    assert found.scaled.nll == pytest.approx(
        np.mean([-(q * np.log(x) + (1 - q) * np.log(1 - x)) for q, x in zip((0.9, 0.75), p, strict=True)]), rel=1e-4
    )


def test_the_ceiling_finds_the_planted_accuracy_and_what_a_majority_reaches() -> None:
    rng = np.random.default_rng(5)
    n, k, p = 4_000, 3, 0.8
    truth = rng.random(n) < 0.5
    right = rng.random((n, k)) < p
    label = np.where(right == truth[:, None], "A", "B")
    from workbench.dataset.assembly import Export, assemble

    rows = pd.DataFrame({"annotator": np.tile([f"w{i}" for i in range(k)], n), "label": label.ravel()})
    items = pd.DataFrame(
        {"item_id": np.repeat(np.arange(n), k).astype(str), "gold": np.repeat(np.where(truth, "A", "B"), k)}
    )
    data = assemble([Export(items=items, rows=rows, source="t", format="t", sides=True)])
    found = human_ceiling(data)
    assert found.agreement.value == pytest.approx(p * p + (1 - p) ** 2, abs=0.015)
    assert found.single.value == pytest.approx(p, abs=0.015)
    assert found.majority.value == pytest.approx(0.896, abs=0.015)
    assert found.against_gold.value == pytest.approx(p, abs=0.015)
    # The other two are both right, both wrong, or split, which any label agrees with half of the time.
    assert found.one_person.value == pytest.approx(p**2 * p + (1 - p) ** 2 * (1 - p) + 2 * p * (1 - p) * 0.5, abs=0.015)
    assert found.against("raw") is found.single
    assert found.against("majority") is found.majority
    assert found.against("gold") is found.against_gold


def test_the_majority_of_five_is_the_binomial_tail() -> None:
    from math import comb

    assert majority_accuracy(0.7, np.array([5])) == pytest.approx(
        sum(comb(5, j) * 0.7**j * 0.3 ** (5 - j) for j in (3, 4, 5))
    )


def test_gold_alone_says_nothing_of_people(tmp_path: Path) -> None:
    path = tmp_path / "topic_yes.csv"
    path.write_text(
        "#id\tlabel\ta1\ta2\n" + "".join(f"arg{i}_arg{i + 9}\ta{1 + i % 2}\tfirst {i}\tsecond {i}\n" for i in range(6)),
        "utf-8",
    )
    found = human_ceiling(load(path))
    assert found.against_gold.value is None
    assert found.against_gold.reason == "the only labels are those of the gold itself"


def test_strength_and_length_and_slices_are_told_apart() -> None:
    target = np.array([1.0, 1.0, 0.5, 0.0, 0.0])
    pairs = pairs_of_targets(target, level=np.array([0, 1, 2, 3, 4], np.int8), levels=5)
    found = by_strength(np.array([1.0, -1, 1, -1, -1]), pairs)
    assert {name: (e.value, e.n) for name, e in found.items()} == {
        "strength 2 of 2": (1.0, 2),
        "strength 1 of 2": (0.5, 2),
    }
    soft = by_strength(np.array([1.0, 1.0]), pairs_of_targets(np.array([1.0, 0.7])))
    assert list(soft) == ["label 95% sure or more", "65 to 80% sure"]
    cut = accuracy_by(np.array(["x", "y", "x", "", "y"], object), np.ones(5), pairs)
    assert {k: e.n for k, e in cut.items()} == {"y": 2, "x": 1}


def test_comparisons_are_paired_and_left_out_sources_weigh_the_same() -> None:
    target = np.ones(6)
    pairs = pairs_of_targets(target, source=np.array(["u", "u", "u", "u", "v", "v"], object))
    better, worse = np.array([1.0, 1, 1, 1, 1, -1]), np.array([1.0, 1, -1, -1, 1, -1])
    found = compared(("aware", "plain"), (better, worse), pairs)
    assert found.difference.value == pytest.approx(2 / 6)
    out = leave_one_out(better, pairs)
    assert out.macro.value == pytest.approx((1 + 0.5) / 2)
    assert out.pooled.value == pytest.approx(5 / 6)


def test_disagreements_are_those_where_both_are_sure() -> None:
    pairs = pairs_of_targets(np.array([1.0, 1.0, 0.6, 0.5, 0.0]))
    found = disagreements(np.array([-1.0, 2.0, -3.0, 9.0, 0.5]), pairs, 10)
    assert [d.item for d in found] == [0, 2, 4]


def test_a_whole_card_is_read_back_from_its_json_and_knows_people_and_slices() -> None:
    data = simulate(1_200, annotators=12, seed=3).data
    pairs = pairs_of(data, "majority")
    rng = np.random.default_rng(0)
    card = scorecard(rng.normal(size=len(pairs)) + 2 * (pairs.target - 0.5), pairs, rng, data=data)
    content = json.loads(json.dumps(card.to_dict()))
    assert scorecard_from(content).to_dict() == content
    assert card.ceiling is not None
    assert card.ceiling.one_person.value is not None
    assert set(card.against.by_kind) <= {"human", "expert", "ai"}
    assert card.accuracy.n + card.ties == len(pairs)
    assert content["accuracy"] == card.accuracy.value
    assert len(content["disagreements"]) <= 100


def test_agreement_with_annotators_counts_their_own_labels() -> None:
    data = simulate(300, annotators=6, seed=4).data
    margin = np.ones(len(data.items))
    found = against_each(data, np.arange(len(data.items)), margin, fewest=1)
    direction = data.scale.direction_table()
    sides = direction[data.codes.label]
    decided = np.isin(sides, (0, direction[:-1].max()))
    assert sum(e.n for e in found.by_kind.values()) == decided.sum()
    name, first = next(iter(found.by_annotator.items()))
    own = decided & (data.codes.annotator == list(data.annotators["annotator"]).index(name))
    assert first.value == pytest.approx((sides[own] == 0).mean())


def test_ties_and_missing_margins_are_set_aside() -> None:
    found = hits(np.array([np.nan, 1.0, 0.0]), np.array([1.0, 0.5, 1.0]))
    assert np.isnan(found[:2]).all()
    assert found[2] == 0.5


def test_the_longer_text_wins_as_often_as_published_on_the_real_arguments(real_data: Path) -> None:
    import workbench

    pairs = pairs_of(workbench.load(str(real_data / "ukpconvarg" / "strict-csv")), "gold")
    card = scorecard(np.zeros(len(pairs)), pairs, np.random.default_rng(0))
    assert card.length_only.value == pytest.approx(0.775, abs=0.001)  # in characters; 0.764 in words
    assert card.accuracy.value == 0.5


def test_reading_a_card_loads_no_torch() -> None:
    code = (
        "import sys, workbench.reward.reading, workbench.reward.scorecard, workbench.reward.ceiling; print([m for m in"
        " ('torch', 'transformers', 'trl', 'streamlit', 'sklearn') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"
