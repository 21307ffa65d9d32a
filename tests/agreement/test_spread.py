"""What lies along the sliders of a choice: what is said to be outside is what the choice sets aside."""

from __future__ import annotations

import numpy as np

from workbench.agreement import Choice, tally
from workbench.agreement.ranges import ranges
from workbench.agreement.spread import along, spread
from workbench.simulation.simulate import simulate


def test_what_lies_outside_is_what_the_choice_sets_aside() -> None:
    data = simulate(2_000, seed=8, annotators=30).data
    r = ranges(data)
    lies = spread(data, r)
    for name, options, found, one in (
        ("min_labels_per_annotator", r.labels_per_annotator, lies.annotators, "annotator"),
        ("min_seconds", r.seconds, lies.judgements, "judgement"),
    ):
        for place, value in enumerate(options):
            kept = tally(data, Choice(**{name: value})).n_labels
            out = int(found.outside(place).sum())
            if one == "judgement":
                assert abs(out - (tally(data).n_labels - kept)) <= int((data.annotations["repeat"] != 0).sum())
            else:
                assert out == int((np.bincount(data.codes.annotator) < value).sum())
    for place, value in enumerate(r.labels_per_item):
        assert lies.items.outside(place).sum() == sum(0 < n < value for n in np.diff(data.codes.starts))
    inside = lies.weeks.counts.sum() - lies.weeks.outside(1, len(r.weeks) - 2).sum()
    assert inside == data.annotations["ended_at"].between(r.weeks[1], str(np.datetime64(r.weeks[-1]) - 0)).sum()


def test_what_is_beyond_an_end_counts_there() -> None:
    found = along([0, 1, 2, 70], [1, 2, 5, 7])
    assert (found.counts[0], found.counts[found.each], found.counts[-1]) == (2, 1, 1)
