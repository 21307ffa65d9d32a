"""From annotations to a bench: texts become features once, kept by content; what is known to be true is noted, and
evaluation pairs stand apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL
from workbench.errors import WorkbenchError
from workbench.progress import UNWATCHED, Watch
from workbench.studies.bench import Bench, HeldOut

if TYPE_CHECKING:
    from workbench.reward.pairs import Pairs
    from workbench.workspace.dataset_store import Shelf

MOST = 20_000
"""Pairs a study takes where nobody says otherwise; more are drawn from at random, whole groups each."""

FEWEST_GOLD = 150
"""With fewer pairs of known side, unless they are half of all, labels aggregated from the crew stand in for the rest.
"""

DIMS = 0
"""Main directions the features are turned to where nobody says otherwise: as many as the pairs carry, `usual_dims`."""

FEWEST_DIMS = 64
"""With few pairs so many directions rank as well as all of them, in a hundredth of the time."""

PAIRS_A_DIRECTION = 20
"""With more pairs than this for each direction the others begin to tell, and fewer would hold the model back."""


def open_paths(
    paths: Sequence[str | Path],
    evaluation: Sequence[str | Path] = (),
    encoder: str | None = None,
    *,
    most: int = MOST,
    dims: int = DIMS,
    watch: Watch = UNWATCHED,
) -> Bench:
    """A bench from files, as `workbench.load` reads them.

    Parameters
    ----------
    paths : annotations to train on.
    evaluation : gold-labelled pairs that accuracy is measured on; none = prompt groups of the first are held out.
    encoder : name or folder of an encoder, see `workbench.reward.encoders.encoder_named`.
    most : pairs a study takes.
    dims : main directions of the features that are kept; 0 = as many as the pairs carry.
    """
    from workbench.formats import load

    watch.step(0, 0, "Reading the data")
    data = load([str(p) for p in paths])
    return open_bench(
        data, load([str(p) for p in evaluation]) if evaluation else None, encoder, most=most, dims=dims, watch=watch
    )


def open_bench(
    data: AnnotationSet,
    evaluation: AnnotationSet | None = None,
    encoder: str | None = None,
    *,
    most: int = MOST,
    dims: int = DIMS,
    watch: Watch = UNWATCHED,
) -> Bench:
    """The bench on which all studies of these data run.

    Truth is the gold, ties left out. Where fewer than `FEWEST_GOLD` pairs have it, the most probable side
    by the default aggregation stands in, and the bench says so: such a truth comes from the crew that is
    studied.

    Parameters
    ----------
    data : annotations of response pairs with their texts.
    evaluation : pairs to measure on; those that share a prompt group or a response with the data are left out, and
        counted.

    Raises
    ------
    WorkbenchError
        There are no texts, or no pairs with a known right side.
    """
    bench, pairs, measured = _ground(data, evaluation, most)
    matrix, other, name = features_of(pairs, measured, encoder, dims, watch)
    held = bench.evaluation
    if held is not None:
        assert other is not None
        held = replace(held, features=other)
    return replace(bench, features=matrix, evaluation=held, encoder=name)


def bare_bench(data: AnnotationSet, evaluation: AnnotationSet | None = None, *, most: int = MOST) -> Bench:
    """The same bench without features, which are what takes long: enough to say whether a study can be done at all,
    before it is started.

    >>> from workbench.simulation.simulate import simulate
    >>> bench = bare_bench(simulate(1_000, seed=1, gold_share=1.0).data)
    >>> bench.features.shape[1], len(bench.split(0).truth) > 20
    (0, True)
    """
    return _ground(data, evaluation, most)[0]


def _ground(data: AnnotationSet, evaluation: AnnotationSet | None, most: int) -> tuple[Bench, Pairs, Pairs | None]:
    """A bench without features, its pairs, and those it is measured on."""
    pairs = _drawn(_listed(data), most)
    truth, truth_is = _truth(data)
    held = measured = None
    if evaluation is not None:
        measured, apart = _apart(_listed(evaluation), pairs)
        value, truth_is = _truth(evaluation)
        measured = measured.take(np.flatnonzero(np.isfinite(value[measured.item])))
        truth_is = f"{truth_is} of the evaluation set"
        held = HeldOut(np.zeros((len(measured), 0), np.float32), value[measured.item], measured.group)
        pairs = replace(pairs, set_aside={**pairs.set_aside, **apart})
    bare = np.zeros((len(pairs), 0), np.float32)
    bench = Bench(
        features=bare,
        group=pairs.group,
        truth=truth[pairs.item],
        evaluation=held,
        data=data,
        item=pairs.item,
        truth_is=truth_is,
        set_aside=pairs.set_aside,
    )
    return bench, pairs, measured


def features_of(
    pairs: Pairs, others: Pairs | None, encoder: str | None, dims: int = DIMS, watch: Watch = UNWATCHED
) -> tuple[np.ndarray, np.ndarray | None, str]:
    """Difference features of the pairs and of the evaluation pairs, float32 (n, d), on the main directions of the
    first; and what they are, in words.

    Main directions are those of the uncentred second moment, so that exchanging the sides still changes the sign and
    nothing else. With a strong penalty the others hardly speak, and every fit of a study is a hundredth of the work.
    """
    from workbench.reward.encoders import encoder_named
    from workbench.reward.features import pair_features

    found = pair_features(pairs, encoder_named(encoder), watch=watch)
    other = None if others is None else found.like(others, watch).matrix
    matrix, name = found.matrix, f"{found.encoder.name} with surface features"
    dims = dims or usual_dims(len(pairs))
    if matrix.shape[1] > dims:
        root, directions = np.linalg.eigh(matrix.T.astype(float) @ matrix)
        turn = directions[:, ::-1][:, :dims].astype(np.float32)
        share = float(root[::-1][:dims].sum() / root.sum())
        matrix, other = matrix @ turn, None if other is None else other @ turn
        name += f", {dims} main directions with {share:.0%} of the differences"
    return matrix, other, name + (f" ({found.encoder.reason})" if found.encoder.reason else "")


def usual_dims(pairs: int) -> int:
    """Main directions for a study of so many pairs; all there are where they are fewer.

    >>> usual_dims(500), usual_dims(8_000)
    (64, 400)
    """
    return max(FEWEST_DIMS, pairs // PAIRS_A_DIRECTION)


def _listed(data: AnnotationSet) -> Pairs:
    """All items with two texts, whatever their labels."""
    from workbench.reward.pairs import pairs_of

    # A label for everybody, so that none is set aside for having none: studies bring their own.
    return pairs_of(replace(data, gold=np.zeros(len(data.items), data.gold.dtype)), "gold")


def _drawn(pairs: Pairs, most: int) -> Pairs:
    """At most so many pairs, whole groups at random."""
    if len(pairs) <= most:
        return pairs
    _, code, size = np.unique(pairs.group, return_inverse=True, return_counts=True)
    order = np.random.default_rng(303).permutation(len(size))
    kept = np.zeros(len(size), bool)
    kept[order[np.cumsum(size[order]) <= most]] = True
    rows = np.flatnonzero(kept[code.ravel()])
    reason = f"beyond the {most:,} pairs a study takes"
    return replace(pairs.take(rows), set_aside={**pairs.set_aside, reason: len(pairs) - len(rows)})


def _truth(data: AnnotationSet) -> tuple[np.ndarray, str]:
    """1 where A is better, 0 where B is, NaN where unknown or a tie, (n_items,); and where that comes from."""
    from workbench.aggregation import aggregate
    from workbench.reward.pairs import hard_target

    gold = hard_target(data.scale, data.gold)
    known = np.isfinite(gold) & (gold != 0.5)
    if known.sum() >= min(FEWEST_GOLD, len(gold) / 2) and known.any():
        value, said = gold, "gold labels"
    else:
        value, said = (
            hard_target(data.scale, aggregate(data).label),
            "labels aggregated from this crew, since the data have no gold",
        )
        if known.any():
            value, said = (
                np.where(np.isfinite(gold), gold, value),
                f"{int(known.sum()):,} gold labels, too few alone, and labels aggregated from this crew",
            )
    return np.where(value == 0.5, np.nan, value), said


def _apart(evaluation: Pairs, training: Pairs) -> tuple[Pairs, Mapping[str, int]]:
    """Evaluation pairs that share neither prompt nor response with the training pairs."""
    seen = {*training.response_a, *training.response_b}
    prompts = set(training.prompt) - {""}
    shared = np.array(
        [
            a in seen or b in seen or p in prompts
            for a, b, p in zip(evaluation.response_a, evaluation.response_b, evaluation.prompt, strict=True)
        ],
        bool,
    )
    kept = evaluation.take(np.flatnonzero(~shared))
    if len(kept) == 0:
        raise WorkbenchError(
            "All evaluation pairs share a prompt or a response with the training data.", "Evaluate on other data."
        )
    return kept, (
        {"evaluation pairs that share a prompt or a response with the data": int(shared.sum())} if shared.any() else {}
    )


def data_file(data: AnnotationSet, shelf: Shelf) -> Path:
    """The file of the shelf from which a run reads these data; written where it is not there yet."""
    from workbench.formats.writers.native import write_own

    path = shelf.path(data.key)
    if not path.exists():
        shelf.folder.mkdir(parents=True, exist_ok=True)
        write_own(data, path)
    return path.resolve()


def why_no_study(data: AnnotationSet) -> str:
    """Why studies cannot be run on these data, in a sentence; empty where they can.

    >>> from workbench.simulation.simulate import simulate
    >>> why_no_study(simulate(1_000, annotators=12, texts=False).data)
    'The items carry no texts of their responses, and a reward model is trained on texts.'
    """
    if not data.has_pairs:
        return "These labels compare no two responses, and a reward model is trained on preferences."
    if (
        not {"words_a", "words_b"} <= set(data.items)
        or not ((data.items["words_a"] >= 0) & (data.items["words_b"] >= 0)).any()
    ):
        return "The items carry no texts of their responses, and a reward model is trained on texts."
    if len(data.codes) == 0 and not (data.gold != NULL).any():
        return "No item has a label."
    return ""
