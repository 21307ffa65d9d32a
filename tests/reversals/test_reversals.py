"""Reversals: small cases by hand, planted rates, and the clean control set."""

from __future__ import annotations

import sys
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import workbench
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble
from workbench.reversals import (
    between_annotators,
    cycles,
    decompose,
    flip_probability,
    order_effect,
    reversals,
    within_annotator,
)
from workbench.reversals.rates import Clustered, Occasions, rate
from workbench.wording.numbers import percent_bounds
from workbench.wording.reversals import noise_sentence, parts_sentence


def judged(*rows: tuple[str, str, str, str, str]) -> AnnotationSet:
    """Rows of (prompt, response shown first, response shown second, annotator, label), each an item of its own."""
    prompt, one, two, annotator, label = zip(*rows, strict=True)
    ids = [f"i{k}" for k in range(len(rows))]
    items = pd.DataFrame({"item_id": ids, "prompt": prompt, "response_a": one, "response_b": two})
    return assemble(
        [
            Export(
                items=items,
                rows=pd.DataFrame({"annotator": annotator, "label": label, "shown_first": "a"}),
                source="test",
                format="test",
            )
        ]
    )


def test_the_same_content_in_the_other_order_is_no_reversal() -> None:
    data = judged(("p", "x", "y", "ann", "A"), ("p", "y", "x", "ann", "B"))
    found = within_annotator(data)
    assert (found.groups, found.contradictory, found.swapped.value) == (1, 0, 0.0)
    assert order_effect(data).inconsistent == 0


def test_always_left_is_inconsistent_in_swapped_order_only() -> None:
    data = judged(
        ("p", "x", "y", "ann", "A"),
        ("p", "y", "x", "ann", "A"),
        ("q", "x", "y", "ann", "A"),
        ("q", "x", "y", "ann", "A"),
    )
    found, order = within_annotator(data), order_effect(data)
    assert (found.groups, found.contradictory) == (2, 1)
    assert (found.swapped.value, found.same_order.value) == (1.0, 0.0)
    assert (order.groups, order.inconsistent, order.always_first, order.always_second) == (1, 1, 1, 0)
    assert order.first_position.value == 1.0


def test_choices_are_shown_in_the_orientation_of_the_pair() -> None:
    data = judged(
        ("p", "x", "y", "ann", "A"),
        ("p", "y", "x", "ann", "A"),
        ("q", "x", "y", "ann", "A"),
        ("q", "x", "y", "ann", "B"),
    )
    cases = within_annotator(data).cases
    # The same letter on exchanged sides is the other response.
    assert cases["choices"].tolist() == ["A, B", "A, B"]
    assert cases["item_ids"].tolist() == ["i0, i1", "i2, i3"]
    assert within_annotator(data).rate.name == "pairs judged twice with opposite choices"


def biased(swaps: int, same: int) -> AnnotationSet:
    """Pairs judged in both orders, the first place taken both times in six of them; pairs judged twice in one order,
    contradicted in one of them."""
    rows = []
    for k in range(swaps):
        rows += [(f"s{k}", "x", "y", f"ann{k % 5}", "A"), (f"s{k}", "y", "x", f"ann{k % 5}", "A" if k < 6 else "B")]
    for k in range(same):
        rows += [(f"e{k}", "x", "y", f"ann{k % 5}", "A"), (f"e{k}", "x", "y", f"ann{k % 5}", "B" if k < 1 else "A")]
    return judged(*rows)


def test_the_parts_know_what_mcnemar_found() -> None:
    found = reversals(biased(swaps=30, same=12))
    parts = found.decomposition
    assert parts.order_p == found.order.p_value == pytest.approx(2 * 0.5**6)
    assert parts.position_bias.same_crew.low < 0  # 6 of 30 less 1 of 12: the size is open
    said = parts_sentence(parts)
    assert f"position bias (p = 0.031), its size uncertain: {percent_bounds(parts.position_bias.same_crew)}" in said
    assert "Not told from nothing yet: position bias" not in said
    assert parts.to_dict()["order_p"] == parts.order_p
    # Without the test nothing is known of it, as before.
    assert "Not told from nothing yet" in parts_sentence(
        decompose(found.within, found.between)
    ) or "None of the parts" in parts_sentence(decompose(found.within, found.between))
    # A rate away from one half over sides that were not exchanged is no such test.
    assert (
        reversals(
            judged(*[(f"p{k}", "x", "y", f"ann{k % 4}", "A" if k % 8 else "B") for k in range(40)])
        ).decomposition.order_p
        is None
    )


def test_noise_is_said_to_come_from_repeats_in_the_same_order() -> None:
    found = within_annotator(biased(swaps=30, same=12))
    said = noise_sentence(found)
    assert said.startswith("Of repeats in the same order alone 8.3% (12 repeats) took the other response")
    assert f"{100 * found.flips_per_judgement:.1f}%" in said


def test_a_rate_over_few_pairs_says_so() -> None:
    few = rate(
        "flips",
        Occasions(np.array([True, False, False, True]), np.array([0, 1, 2, 3]), np.arange(4)),
        "none",
    )
    assert few.few == "rests on 4 pairs"
    n = np.arange(40)
    assert rate("flips", Occasions(n % 4 == 0, n, n % 5), "none").few is None


def test_one_pair_by_three_people_has_no_interval_and_says_why() -> None:
    found = rate("flips", Occasions(np.array([True, False, True]), np.zeros(3, int), np.arange(3)), "none")
    assert (found.same_crew, found.new_crew) == (None, None)
    assert found.interval_notes[:2] == (
        "same crew: there is one pair only",
        "new crew: it needs three annotators and two pairs",
    )


def test_occasions_on_one_prompt_count_as_one_where_they_all_go_the_same_way() -> None:
    """20 prompts of 20 occasions: nothing happened 20 times, not 400 times. 1 - .025 ** (1 / 20) = .168."""
    prompt = np.repeat(np.arange(20), 20)
    found = rate("flips", Occasions(np.zeros(400, bool), prompt, np.arange(400) % 7), "none")
    assert found.same_crew is not None
    assert found.same_crew.to_list() == pytest.approx([0.0, 1 - 0.025 ** (1 / 20)])
    # Prompts of which each goes one way are worth one occasion each.
    one_way = rate("flips", Occasions(prompt < 5, prompt, np.arange(400) % 7), "none")
    alone = rate("flips", Occasions(np.arange(20) < 5, np.arange(20), np.arange(20) % 7), "none")
    assert one_way.same_crew is not None
    assert alone.same_crew is not None
    assert one_way.same_crew.to_list() == pytest.approx(alone.same_crew.to_list(), abs=1e-9)


def test_ties_are_counted_apart() -> None:
    data = judged(
        ("p", "x", "y", "ann", "A"),
        ("p", "x", "y", "ann", "="),
        ("q", "x", "y", "ann", "="),
        ("q", "x", "y", "ann", "="),
    )
    found = within_annotator(data)
    assert (found.groups, found.decisive, found.contradictory, found.changed) == (2, 0, 0, 1)
    assert found.tie_flips.value == 0.5
    assert found.rate.value is None
    assert found.rate.reason


def test_mcnemar_is_the_exact_sign_test() -> None:
    rows = []
    for k in range(9):  # nine pairs judged in both orders: 7 times the first place, twice the second
        side = "A" if k < 7 else "B"
        rows += [(f"p{k}", "x", "y", "ann", side), (f"p{k}", "y", "x", "ann", side)]
    found = order_effect(judged(*rows))
    assert (found.always_first, found.always_second) == (7, 2)
    assert found.p_value == pytest.approx(stats.binomtest(7, 9).pvalue)


def test_between_counts_pairs_of_decisive_judgements() -> None:
    # Item 1: A, A, B: 2 of 3 pairs reversed. Item 2: A, =, B: one decisive pair, reversed. Item 3: B, B: none of 1.
    item = ["1", "1", "1", "2", "2", "2", "3", "3"]
    rows = pd.DataFrame({"annotator": [f"r{k}" for k in range(8)], "label": ["A", "A", "B", "A", "=", "B", "B", "B"]})
    data = assemble([Export(items=pd.DataFrame({"item_id": item}), rows=rows, source="t", format="t", sides=True)])
    found = between_annotators(data)
    assert (found.pairs, found.reversed) == (5, 3)
    assert found.rate.value == pytest.approx(3 / 5)


@pytest.mark.parametrize(("differs", "flip"), [(0.10, 0.0528), (0.20, 0.1127), (0.5, 0.5), (0.0, 0.0)])
def test_flips_per_judgement(differs: float, flip: float) -> None:
    assert flip_probability(differs) == pytest.approx(flip, abs=5e-5)


def tournament(wins: dict[str, str], annotator: str = "ann") -> list[tuple[str, str, str, str, str]]:
    return [("p", pair[0], pair[1], annotator, "A" if winner == pair[0] else "B") for pair, winner in wins.items()]


def test_one_circle_is_one_cyclic_triad() -> None:
    found = cycles(judged(*tournament({"xy": "x", "yz": "y", "xz": "z"})))
    assert (found.within_annotator.triads, found.within_annotator.cyclic) == (1, 1)
    assert found.within_annotator.by_chance == 0.25


def test_two_annotators_do_not_make_a_circle_together() -> None:
    data = judged(*tournament({"xy": "x", "yz": "y"}, "ann"), *tournament({"xz": "z"}, "bob"))
    found = cycles(data)
    assert found.within_annotator.triads == 0
    assert found.within_annotator.reason
    assert (found.majority.triads, found.majority.cyclic) == (1, 1)


@pytest.mark.parametrize(("n", "most"), [(4, 2), (5, 5), (6, 8), (7, 14)])
def test_cyclic_triads_of_tournaments_are_kendalls_d(n: int, most: int) -> None:
    """d = C(n, 3) - sum s (s - 1) / 2; the most a tournament of n can have is known."""
    rng = np.random.default_rng(n)
    names = "abcdefg"[:n]
    for _ in range(5):
        wins = {x + y: x if rng.random() < 0.5 else y for x, y in combinations(names, 2)}
        scores = pd.Series(list(wins.values())).value_counts().reindex(list(names), fill_value=0)
        d = n * (n - 1) * (n - 2) // 6 - int((scores * (scores - 1) // 2).sum())
        found = cycles(judged(*tournament(wins)), replicates=0).within_annotator
        assert (found.triads, found.cyclic) == (n * (n - 1) * (n - 2) // 6, d)
        assert found.cyclic <= most


def test_noise_of_a_transitive_judge_is_not_read_as_circles() -> None:
    rng = np.random.default_rng(1)
    strength = dict(zip("abcdefgh", np.linspace(-1, 1, 8), strict=True))
    rows = []
    for prompt, (x, y) in product(range(30), combinations("abcdefgh", 2)):
        better = rng.random() < 1 / (1 + np.exp(strength[y] - strength[x]))
        rows.append((f"p{prompt}", x, y, "ann", "A" if better else "B"))
    found = cycles(judged(*rows), rng=np.random.default_rng(2)).within_annotator
    assert found.cyclic > 0
    assert found.p_value is not None
    assert found.p_value > 0.02


def test_triads_listed_are_those_of_the_products(monkeypatch: pytest.MonkeyPatch) -> None:
    """The noise model lists the triads once; with no room for the list it multiplies matrices, and says the same."""
    rng = np.random.default_rng(8)
    names = [f"r{i}" for i in range(9)]
    rows = [
        ("p", a, b, f"ann{k}", "A" if rng.random() < 0.6 else "B")
        for k in range(4)
        for a, b in combinations(names, 2)
        if rng.random() < 0.8
    ]
    data = judged(*rows)
    listed = cycles(data, rng=np.random.default_rng(2))
    monkeypatch.setattr(sys.modules[cycles.__module__], "MOST_PATHS", 0)
    multiplied = cycles(data, rng=np.random.default_rng(2))
    for one, other in ((listed.within_annotator, multiplied.within_annotator), (listed.majority, multiplied.majority)):
        assert one.triads == other.triads > 20
        assert (one.cyclic, one.p_value, one.modelled) == (other.cyclic, other.p_value, other.modelled)
        assert one.expected == pytest.approx(other.expected)


def test_planted_position_bias_and_noise_are_recovered() -> None:
    """Each judgement takes the first place with chance .15, else the better response, flipped with chance .08."""
    rng = np.random.default_rng(3)
    rows = []
    for k, annotator in product(range(150), range(10)):
        for one, two in (("x", "y"), ("x", "y"), ("y", "x")):
            right = "A" if (one == "x") == (k % 2 == 0) else "B"
            honest = right if rng.random() > 0.08 else "AB"[right == "A"]
            rows.append((f"p{k}", one, two, f"r{annotator}", "A" if rng.random() < 0.15 else honest))
    data = judged(*rows)
    found = decompose(within_annotator(data), between_annotators(data))
    # Chance of A when A is right: .15 + .85 * .92 = .932; when B is right: .15 + .85 * .08 = .218.
    same = (2 * 0.932 * 0.068 + 2 * 0.218 * 0.782) / 2
    swapped = 0.932 * 0.218 + 0.068 * 0.782
    assert found.position_bias.same_crew is not None
    assert found.position_bias.same_crew.low < swapped - same < found.position_bias.same_crew.high
    assert found.position_bias.value == pytest.approx(swapped - same, abs=0.03)
    assert found.self_noise.value == pytest.approx(flip_probability(same), abs=0.03)


def test_repeats_needed_is_the_usual_sample_size() -> None:
    data = judged(("p", "x", "y", "ann", "A"))
    found = decompose(within_annotator(data), between_annotators(data))
    assert found.position_bias.value is None
    # Nothing known: both rates one half, 1.96^2 * 2 * .25 / .05^2.
    assert found.repeats_needed == 769


def test_rate_intervals_cover_under_clustering() -> None:
    """Annotators differ (SD .1 on the rate): the new-crew interval covers the population rate, the same-crew one falls
    short."""
    rng = np.random.default_rng(4)
    covered = np.zeros(2)
    for _ in range(200):
        skill = np.clip(rng.normal(0.3, 0.1, 15), 0.01, 0.99)
        annotator = rng.integers(0, 15, 600)
        occasions = Occasions(rng.random(600) < skill[annotator], np.arange(600), annotator)
        found = rate("r", occasions, "none")
        assert found.same_crew is not None
        assert found.new_crew is not None
        covered += [i.low <= 0.3 <= i.high for i in (found.same_crew, found.new_crew)]
    assert covered[1] >= 0.91 * 200
    assert covered[0] < 0.85 * 200


def test_real_control_set_is_nearly_free_of_contradictions(real_data) -> None:  # type: ignore[no-untyped-def]
    data = workbench.load(real_data / "pandalm" / "testset-v1.json")
    found = within_annotator(data)
    groups = data.items.groupby("pair_id")["pair_flipped"].agg(["size", "nunique"])
    assert (groups["size"] > 1).sum() == 86
    assert (groups["nunique"] > 1).sum() == 37
    assert found.groups == 86 * 3
    assert found.changed == 2


@pytest.mark.parametrize("step", [1, 1_000_003])
def test_clusters_are_summed_alike_whatever_their_numbers(step: int) -> None:
    cluster, happened = np.array([5, 2, 5, 5, 0, 2]), np.array([True, True, False, True, False, False])
    found = Clustered.of(happened, cluster * step)
    # Occasions 3, 2 and 1; it happened on 2, 1 and 0 of them.
    assert (found.number, found.sizes, found.products, found.events) == (3, 14, 8, 5)
