"""What they answer: a latent quality difference, seen with noise, cut into labels - unless they do not look."""

from __future__ import annotations

import numpy as np

from workbench.dataset.scales import NULL
from workbench.simulation.assignment import Assigned
from workbench.simulation.crew import COLLUDER, DRIFTER, LEFT_CLICKER, SPAMMER, SPEEDER, Crew
from workbench.simulation.pairs import Pairs, answer
from workbench.simulation.plan import Plan

HOW = ("judged", "random", "first side", "copied", "skipped")
JUDGED, RANDOM, FIRST_SIDE, COPIED, SKIPPED = range(5)

SPEEDER_RANDOM, CLICKED, COPY_SHARE = 0.6, 0.8, 0.8
_CONTESTED_TASTE = 1.0
_JUDGES_ALIKE = 0.5
_VERBOSITY = 0.5


def judge(
    plan: Plan,
    pairs: Pairs,
    crew: Crew,
    assigned: Assigned,
    week: np.ndarray,
    longer: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Label of each judgement, and how it came about (position in `HOW`), both int8.

    An annotator who looks perceives `gap + taste + noise + side bias`: the taste is the same whenever that annotator
    sees the item, the noise is new each time, together they have the annotator's variance; on ambiguous items tastes
    differ by a full standard deviation more. Adjacent labels are therefore confused most.

    Parameters
    ----------
    week : week of each judgement, 0 = the first.
    longer : float (n_items,): log of the ratio of words in A to words in B; AI judges lean to the longer response.
    """
    item, who = assigned.item, assigned.annotator
    n, first = len(item), assigned.first
    artificial = np.array([kind == "ai" for kind in crew.kind])
    noise = crew.noise[who]
    if plan.confused_weeks:
        noise = noise * np.where(np.isin(week + 1, plan.confused_weeks) & ~artificial[who], plan.confusion, 1.0)
    alike = rng.standard_normal(len(pairs))
    own = rng.standard_normal(n, np.float32)[first]
    taste = np.where(artificial[who], np.sqrt(_JUDGES_ALIKE) * alike[item] + np.sqrt(1 - _JUDGES_ALIKE) * own, own)
    lasting = np.sqrt(plan.taste_share * noise**2 + _CONTESTED_TASTE**2 * pairs.ambiguous[item])
    perceived = (
        pairs.gap[item] + lasting * taste + np.sqrt(1 - plan.taste_share) * noise * rng.standard_normal(n, np.float32)
    )
    perceived += crew.side_bias[who] * (1 - 2 * assigned.shown_first)
    perceived += np.where(artificial[who], _VERBOSITY * longer[item], 0.0)
    label = answer(perceived, pairs.cuts)

    how = _how(crew, assigned, rng)
    clicked = how == RANDOM
    label[clicked] = rng.integers(0, len(plan.label_scale), int(clicked.sum()))
    left = how == FIRST_SIDE
    strength = rng.integers(0, len(plan.label_scale) // 2, int(left.sum())).astype(np.int8)
    label[left] = np.where(assigned.shown_first[left] == 0, strength, len(plan.label_scale) - 1 - strength)
    _copy(label, how, crew, assigned, len(pairs))
    if plan.skip_share:
        how[(rng.random(n) < plan.skip_share) & (first == np.arange(n)) & ~artificial[who]] = SKIPPED
        how[how[first] == SKIPPED] = SKIPPED
        label[how == SKIPPED] = NULL
    return label, how


def drift_rows(crew: Crew, annotator: np.ndarray) -> np.ndarray:
    """Row at which each drifter gives up, half way through that annotator's judgements; -1 for all others."""
    counts = np.bincount(annotator, minlength=len(crew))
    half = np.concatenate([[0], np.cumsum(counts)[:-1]]) + (counts + 1) // 2
    return np.where(crew.behaviour == DRIFTER, np.minimum(half, len(annotator) - 1), -1)


def _how(crew: Crew, assigned: Assigned, rng: np.random.Generator) -> np.ndarray:
    behaviour = crew.behaviour[assigned.annotator]
    chance = rng.random(len(assigned), np.float32)
    how = np.full(len(assigned), JUDGED, np.int8)
    given_up = (behaviour == DRIFTER) & (
        np.arange(len(assigned)) >= drift_rows(crew, assigned.annotator)[assigned.annotator]
    )
    how[(behaviour == SPAMMER) | ((behaviour == SPEEDER) & (chance < SPEEDER_RANDOM)) | given_up] = RANDOM
    how[(behaviour == LEFT_CLICKER) & (chance < CLICKED)] = FIRST_SIDE
    how[(behaviour == COLLUDER) & (chance < COPY_SHARE)] = COPIED
    return how


def _copy(label: np.ndarray, how: np.ndarray, crew: Crew, assigned: Assigned, n_items: int) -> None:
    """Writes the source's label of the item over the colluder's own; where the source has none, it was judged after
    all.
    """
    copied = np.flatnonzero(how == COPIED)
    if len(copied) == 0:
        return
    sources = np.flatnonzero(
        np.isin(assigned.annotator, crew.copies[crew.copies >= 0]) & (assigned.first == np.arange(len(assigned)))
    )
    key = assigned.annotator[sources].astype(np.int64) * n_items + assigned.item[sources]
    order = np.argsort(key)
    wanted = crew.copies[assigned.annotator[copied]] * n_items + assigned.item[copied]
    place = np.searchsorted(key, wanted, sorter=order).clip(0, len(key) - 1)
    found = key[order[place]] == wanted
    label[copied[found]] = label[sources[order[place[found]]]]
    how[copied[~found]] = JUDGED
