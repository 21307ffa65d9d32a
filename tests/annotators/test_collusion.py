"""Copies: the likelihood by hand, who copied from whom, and two good annotators who copy from nobody."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.annotators.people import annotated, crew, mostly, random_letters
from workbench.annotators import Independence, collusion, effective_annotators, independence, others, survey
from workbench.annotators.collusion import SHARES, Given, votes_on_same_item
from workbench.annotators.copying_kernels import copying
from workbench.simulation.simulate import simulate


def test_effective_annotators() -> None:
    assert effective_annotators(9, 0.4375) == pytest.approx(2.0)
    assert effective_annotators(3, 0.0) == 3.0
    assert effective_annotators(3, 1.0) == 1.0


def test_likelihood_of_a_copy_by_hand() -> None:
    # Known item of class 0; both say 1, which the only level of skill does with chance .2. Independent: .04; a copy:
    # .2.
    tables = np.array([[[0.8, 0.2], [0.3, 0.7]]])
    log_prior = np.log(np.array([[1.0, 1e-300], [1e-300, 1.0], [0.5, 0.5]]))
    given = Given(
        np.array([0, 2]),
        np.zeros(2, np.int32),
        np.array([0, 1], np.int32),
        np.array([1, 1], np.int8),
        np.array([0], np.int8),
        log_prior,
        np.zeros((2, 2, 2)),
        np.zeros(2, np.int8),
        np.full(1, -1, np.int32),
        np.zeros((0, 3, 2)),
        False,
    )
    found = np.zeros((1, 1, len(SHARES)))
    copying(given, tables, tables, np.array([0], np.int32), np.array([1], np.int32), SHARES, found)
    assert found[0, 0] == pytest.approx(np.log((1 - SHARES) * 0.04 + SHARES * 0.2))


def people(n: int = 300, **extra: str) -> dict[str, str]:
    truth = random_letters(n, 11)
    return {**{f"p{i}": mostly(truth, 0.75, i) for i in range(6)}, **extra}


def test_a_copier_is_found_and_told_from_the_one_copied() -> None:
    honest = people()
    labels = {**honest, "c": mostly(honest["p2"], 0.95, 50)}
    rows = [(f"{i:04d}", name, letter) for name, letters in labels.items() for i, letter in enumerate(letters)]
    when = [pd.Timestamp("2026-01-05") + pd.Timedelta(minutes=2 * int(item) + (name == "c")) for item, name, _ in rows]
    found = survey(annotated(rows, ended_at=when))
    assert len(found.copies) == 1
    copy = found.copies[0]
    assert (copy.first, copy.second, copy.copier) == (2, 6, 6)
    assert copy.share >= 0.6
    assert copy.p_value < 0.01
    assert "came later" in copy.why
    # The copier's votes no longer speak for the one it copies.
    assert found.others.ignored.tolist() == [False] * 6 + [True]


def test_who_copied_is_not_guessed() -> None:
    honest = people()
    found = survey(crew({**honest, "c": mostly(honest["p2"], 0.95, 50)}))
    assert [copy.copier for copy in found.copies] == [None]
    assert found.copies[0].suspected == (2, 6)


def test_good_annotators_who_agree_are_no_copies() -> None:
    truth = random_letters(200, 12)
    labels = {f"p{i}": mostly(truth, 0.97 if i < 2 else 0.75, i) for i in range(7)}
    found = collusion(others(crew(labels)))
    assert (found.pairs["adjusted"] > 0.05).all()
    assert found.tested == 21


def test_no_pair_shares_items() -> None:
    found = collusion(others(crew({"x": "ABAB    ", "y": "    ABAB"})))
    assert (found.tested, len(found.pairs), found.effective(3)) == (0, 0, 3.0)


def test_the_skilled_are_not_taken_for_copies_in_a_large_crew() -> None:
    made = simulate(
        120_000, annotators=600, seed=3, spammers=0, speeders=0, left_clickers=0, drifters=0, colluders=0, texts=False
    )
    found = collusion(others(made.data))
    assert found.tested > 5_000
    assert (found.pairs["adjusted"] <= 0.05).sum() <= 1


def test_copies_are_counted_out_before_what_the_rest_have_in_common() -> None:
    found = Independence(annotators=18, copies=2, correlation=0.05, low=0.0, high=0.1, pairs_of_votes=900)
    # 16 left; 16 / (1 + 15 * .05) = 9.14, 16 / (1 + 15 * .1) = 6.4, and 16 with no correlation.
    assert found.left == 16
    assert (found.worth, found.worth_low, found.worth_high) == pytest.approx((16 / 1.75, 6.4, 16.0))
    assert (
        str(found) == "2 whose answers are another's are counted out, which leaves 16 of 18; errors that these have in"
        " common (correlation 0.050)"
        " make them worth about 9.1 independent ones (6.4 to 16.0)."
    )


def test_independent_people_are_worth_their_number() -> None:
    nobody = dict.fromkeys(("spammers", "speeders", "left_clickers", "drifters", "colluders"), 0)
    plain = independence(others(simulate(20_000, annotators=20, seed=4, texts=False, **nobody).data))
    assert plain.copies == 0
    # Nothing below 0 is told, so that chance shows on one side: .021, .000, .000 and .015 with seeds 4 to 7. The
    # interval is 2 x .017 wide, a standard error of .009: .03 is 3.4 of them, .02 would be 2.3.
    assert plain.correlation == pytest.approx(0.0, abs=0.03)
    # Careless ones agree with nobody; that is no correlation below 0 that would hide one above.
    careless = independence(
        others(
            simulate(
                20_000,
                annotators=20,
                seed=4,
                spammers=4,
                speeders=0,
                left_clickers=0,
                drifters=0,
                colluders=0,
                texts=False,
            ).data
        )
    )
    assert careless.correlation == pytest.approx(0.0, abs=0.03)


def test_two_copiers_count_for_nothing() -> None:
    made = simulate(
        20_000, annotators=20, seed=4, spammers=0, speeders=0, left_clickers=0, drifters=0, colluders=2, texts=False
    )
    found = survey(made.data).independence
    assert (found.annotators, found.copies, found.left) == (20, 2, 18)
    assert found.worth is not None
    assert found.worth <= 18


def test_errors_in_common_lower_the_worth() -> None:
    # On every fifth item the others are all made to say the same wrong thing: errors in common.
    truth = random_letters(400, 21)
    rng = np.random.default_rng(2)
    swayed = "".join(("B" if t == "A" else "A") if rng.random() < 0.2 else t for t in truth)
    gold = {f"{i:04d}": t for i, t in enumerate(truth)}
    rows = [(f"{i:04d}", f"p{k}", letter) for k in range(6) for i, letter in enumerate(mostly(swayed, 0.95, k))]
    apart = [(f"{i:04d}", f"p{k}", letter) for k in range(6) for i, letter in enumerate(mostly(truth, 0.77, k))]
    together, alone = (independence(others(annotated(r, gold))) for r in (rows, apart))
    # Right in .8 * .95 + .2 * .05 = .77 of the items; two are wrong together in .2 * .95^2 + .8 * .05^2 = .1825 of
    # them, apart in .23^2 = .0529: correlation (.1825 - .0529) / (.23 * .77) = .73.
    assert together.correlation == pytest.approx(0.73, abs=0.08)
    assert alone.correlation == pytest.approx(0.0, abs=0.05)
    assert together.worth is not None
    assert together.worth < 1.6 < 4 < float(alone.worth or 0)


def test_nobody_shares_an_item() -> None:
    found = independence(others(crew({"x": "ABAB    ", "y": "    ABAB"})))
    assert (found.correlation, found.worth, found.worth_low) == (None, None, None)
    assert "not known" in str(found)
    alone = replace(found, copies=1)
    assert str(alone).startswith("One whose answers are another's is counted out, which leaves 1 of 2")


def test_one_item_with_thousands_of_annotators_is_compared_among_neighbours_and_it_is_said() -> None:
    """8 million pairs of votes on one item are not all looked at."""
    people = 4_000
    rows = [("0", f"p{k}", "AB"[k % 3 == 0]) for k in range(people)]
    rows += [(str(1 + k % 40), f"p{k}", "AB"[k % 4 == 0]) for k in range(400)]
    found = others(annotated(rows))
    one, _ = votes_on_same_item(found)
    assert len(one) < 20 * people
    pairs = collusion(found)
    assert pairs.partial
    assert pairs.tested == 0
