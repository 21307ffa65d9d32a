"""Holding judgements against what everybody else says, in parts on several threads."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from workbench.annotators.crew import Crew
from workbench.dataset.annotation_set import Codes

_SHARE = 50_000

Before = tuple[np.ndarray, np.ndarray, np.ndarray]
"""What `leave_one_out` found before, and bool (n_items,): where that still holds."""


def leave_one_out(
    codes: Codes,
    gold: np.ndarray,
    crew: Crew,
    log_tables: np.ndarray,
    silent: np.ndarray,
    partners: np.ndarray,
    camp: np.ndarray | None = None,
    before: Before | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """What gold, or all votes but one's own, say of each judgement's item, float32 (n, Z), and whether there are any,
    bool (n,).

    Parameters
    ----------
    silent : bool (n,): votes that do not count.
    partners : int32 (n_annotators,): annotators with the same number (0 or above) are not held against each other.
    camp : int8 (n,): a vote is held against votes of its own camp only; None = there is one.
    before : what was found before, and the items, bool (n_items,), where that still holds.
    """
    from workbench.aggregation.kernels import parts_of
    from workbench.annotators.kernels import leave_one_out as held
    from workbench.parallel import in_parts

    of = np.zeros(len(codes), np.int8) if camp is None else camp

    if before is None:
        posterior = np.empty((len(codes), len(crew.prior)), np.float32)
        informed, left_alone = np.zeros(len(codes), bool), np.zeros(codes.n_items, bool)
    else:
        posterior, informed, left_alone = before[0].copy(), before[1].copy(), before[2]
    log_prior, inverse = crew.log_prior, np.exp(-log_tables)

    def work(low: int, high: int) -> tuple:
        args = (log_prior, log_tables, inverse, silent, partners, of, left_alone, low, high, posterior, informed)
        held(codes.starts, codes.annotator, codes.label, gold, *args)
        return ()

    in_parts(parts_of(codes, 0) if len(codes) else [], work)
    return posterior, informed


def skill_totals(
    codes: Codes,
    order: np.ndarray,
    bounds: np.ndarray,
    used: np.ndarray,
    posterior: np.ndarray,
    tables: np.ndarray,
    most: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Log-likelihood of each annotator's labels at each table (T, Z, K), (n_annotators, T), and how many labels that
    were.
    """
    from workbench.annotators.kernels import skill_totals as summed
    from workbench.parallel import in_parts

    totals = np.zeros((codes.n_annotators, len(tables)))
    by_label = np.ascontiguousarray(tables.transpose(2, 1, 0))

    def work(low: int, high: int) -> tuple:
        return (summed(order, bounds, used, posterior, codes.label, by_label, most, low, high, totals),)

    done = in_parts(shares_of(bounds), work)
    return totals, sum((d[0] for d in done), np.zeros(codes.n_annotators, np.int64))


def shares_of(bounds: np.ndarray) -> list[tuple[int, int]]:
    """Ranges of annotators with about equally many judgements."""
    n = bounds[-1]
    parts = int(np.clip(n // _SHARE, 1, 8))
    edges = np.unique(
        np.concatenate([[0], np.searchsorted(bounds, np.linspace(0, n, parts + 1)[1:-1]), [len(bounds) - 1]])
    )
    return [(low, high) for low, high in pairwise(edges.tolist())]


def of_items(codes: Codes, kept: np.ndarray) -> tuple[Codes, np.ndarray]:
    """Some items' judgements, items numbered anew, and where they stand in `codes`."""
    size = np.diff(codes.starts)[kept]
    starts = np.concatenate([[0], np.cumsum(size)])
    rows = np.arange(starts[-1]) + np.repeat(codes.starts[kept] - starts[:-1], size)
    item = np.repeat(np.arange(len(kept), dtype=np.int32), size)
    return (
        Codes(
            item=item,
            annotator=codes.annotator[rows],
            label=codes.label[rows],
            row=codes.row[rows],
            starts=starts,
            n_annotators=codes.n_annotators,
            n_labels=codes.n_labels,
        ),
        rows,
    )
