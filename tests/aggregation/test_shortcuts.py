"""What spares a pass over the judgements gives the same numbers, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

from tests.aggregation.cases import judged, planted
from workbench.aggregation import aggregate
from workbench.aggregation.iteration import Ending, iterate, posterior_of
from workbench.aggregation.kernels import counts_given, counts_of_votes, vote_shares
from workbench.aggregation.votes import Votes
from workbench.dataset.scales import FIVE


@pytest.mark.parametrize("clamped", [False, True])
def test_the_first_counts_come_straight_from_the_votes(clamped: bool) -> None:
    rng = np.random.default_rng(0)
    item = np.sort(rng.integers(0, 40_000, 120_000))  # enough for several threads; some items without a judgement
    annotator, label = rng.integers(0, 20, 120_000), rng.integers(0, 5, 120_000)
    data = judged(item, annotator, label, FIVE, items=40_010, annotators=20)
    clamp = np.where(clamped & (np.arange(40_010) % 7 == 0), 2, -1).astype(np.int8)
    counts, totals = counts_of_votes(data.codes, clamp)
    by_shares = counts_given(data.codes, vote_shares(data.codes, clamp))
    assert np.array_equal(counts, by_shares[0])
    assert np.array_equal(totals, by_shares[1])
    assert counts.sum() == pytest.approx(len(data.codes))


@pytest.mark.parametrize(
    "options",
    [{"prior": "none", "max_iterations": 3}, {"prior": "none"}, {"prior": "diagonal"}, {}, {"max_iterations": 1}],
)
@pytest.mark.parametrize("clamped", [False, True])
def test_the_posterior_of_the_last_step_is_that_of_one_more(
    options: dict, clamped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, _ = planted(seed=1)
    clamp = np.arange(len(data.items)) < 50 if clamped else False
    found = aggregate(data, "dawid_skene", clamp_gold=clamp, **options)
    monkeypatch.setattr(Ending, "foresee", lambda *_: None)  # never foreseen: one more step
    again = aggregate(data, "dawid_skene", clamp_gold=clamp, **options)
    assert np.array_equal(found.posterior, again.posterior, equal_nan=True)
    assert found.iterations == again.iterations


def test_the_last_step_is_foreseen(monkeypatch: pytest.MonkeyPatch) -> None:
    data, _ = planted(seed=1)
    more: list[int] = []
    monkeypatch.setattr(
        "workbench.aggregation.iteration.posterior_of", lambda *given: more.append(1) or posterior_of(*given)
    )
    settled = aggregate(data, "dawid_skene", prior="none")
    stopped = aggregate(data, "dawid_skene", prior="none", max_iterations=4)
    assert settled.converged
    assert not stopped.converged
    assert more == []


def test_a_step_foreseen_as_the_last_that_was_not_is_no_posterior() -> None:
    data, _ = planted(seed=2, items=30)
    votes = Votes(data, data.codes, np.full(30, -1, np.int8))
    ending, near = Ending(votes), []
    # Gains of 8, 4, 2, 1.05, then 3 again, then .1, where less than 1 ends it: the fourth and fifth look like the last,
    # the sixth, which is, does not.
    values = iter(np.cumsum([0.0, 8, 4, 2, 1.05, 3, 0.1]))

    def steps():
        for value in values:
            near.append(ending.near)
            ending.into()
            yield (value,)

    objective, _, converged = iterate(steps(), 50, 1.0, ending=ending)
    assert converged
    assert len(objective) == 7
    assert near == [False, False, False, False, True, True, False]


def test_restarts_start_from_the_votes_too() -> None:
    data, _ = planted(seed=3, items=120)
    plain, several = (
        aggregate(data, "dawid_skene", prior="none"),
        aggregate(data, "dawid_skene", prior="none", restarts=2),
    )
    assert several.details["objectives"][0] == pytest.approx(float(plain.objective[-1]))
