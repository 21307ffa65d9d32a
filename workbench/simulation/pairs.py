"""What is judged: prompts, models of different strength, responses of different quality, and the pairs they make."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from workbench.dataset.scales import NULL, LabelScale
from workbench.simulation.plan import CATEGORIES, Plan

LANGUAGES = ("en", "de", "es")
LANGUAGE_SHARES = (0.72, 0.16, 0.12)
SOURCES = ("chat logs", "written by experts", "support tickets")
SOURCE_SHARES = (0.5, 0.3, 0.2)
MODELS = ("aster-7b", "birch-13b", "cedar-34b", "dahlia-8b", "elder-70b", "fern-3b", "ginkgo-22b", "hazel-1b")

_OF_MODEL = 0.6
_AMBIGUOUS_GAP = 0.15
_CONTESTED = 8.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Pairs:
    """Prompts, their responses, and the pairs of responses to judge.

    Attributes
    ----------
    group : int32 (n_items,): prompt of each item; pairs of one prompt stand side by side.
    category, language, source : int8 (n_groups,): slices of each prompt.
    model_a, model_b : int16 (n_items,).
    seat_a, seat_b : int8 (n_items,): which of its prompt's responses stand on the two sides.
    quality_a, quality_b : float32 (n_items,): latent quality, in standard deviations of the difference.
    gap : float64 (n_items,): quality_a - quality_b, of variance 1 over the ordinary items.
    ambiguous : bool (n_items,): people honestly differ about it; all pairs of a prompt or none.
    label, gold : int8 (n_items,): true code, and the code known as gold (NULL where there is none).
    cuts : float64 (n_labels - 1,): thresholds on the latent scale, ascending; above the last is the strongest A.
    strength : float64 (n_models,): Bradley-Terry-like strength of each model on the latent scale.
    """

    group: np.ndarray
    category: np.ndarray
    language: np.ndarray
    source: np.ndarray
    model_a: np.ndarray
    model_b: np.ndarray
    seat_a: np.ndarray
    seat_b: np.ndarray
    quality_a: np.ndarray
    quality_b: np.ndarray
    gap: np.ndarray
    ambiguous: np.ndarray
    label: np.ndarray
    gold: np.ndarray
    cuts: np.ndarray
    strength: np.ndarray

    def __len__(self) -> int:
        return len(self.group)


def make_pairs(plan: Plan, n_items: int, rng: np.random.Generator) -> Pairs:
    """Draws prompts and responses, and pairs the responses: one pair for most prompts, all pairs for ranked ones."""
    n_groups, group, left, right = _seats(plan, n_items, rng)
    category = np.array([CATEGORIES.index(name) for name in plan.categories], np.int8)[
        rng.integers(0, len(plan.categories), n_groups)
    ]
    language = rng.choice(len(LANGUAGES), n_groups, p=LANGUAGE_SHARES).astype(np.int8)
    source = rng.choice(len(SOURCES), n_groups, p=SOURCE_SHARES).astype(np.int8)

    model_of = rng.permuted(np.broadcast_to(np.arange(plan.models), (n_groups, plan.models)), axis=1)[
        :, : plan.ranking_size
    ]
    strength = np.linspace(-1, 1, plan.models)
    strength = rng.permutation(strength / strength.std())
    own = rng.standard_normal(model_of.shape)
    quality = _OF_MODEL * strength[model_of] + np.sqrt(1 - _OF_MODEL**2) * own

    contested = rng.random(n_groups) < _ambiguity(plan, category)
    quality = np.where(
        contested[:, None],
        (1 - _AMBIGUOUS_GAP) * quality.mean(axis=1, keepdims=True) + _AMBIGUOUS_GAP * quality,
        quality,
    )
    ambiguous = contested[group]
    swap = rng.random(n_items) < 0.5
    seat_a, seat_b = np.where(swap, right, left), np.where(swap, left, right)
    quality_a, quality_b = quality[group, seat_a], quality[group, seat_b]
    gap = quality_a - quality_b
    spread = gap[~ambiguous].std() if (~ambiguous).sum() > 1 else np.sqrt(2.0)
    gap = gap / spread
    cuts = cut_points(plan.label_scale, plan.tie_share, gap[~ambiguous] if (~ambiguous).any() else gap)
    label = answer(gap, cuts)
    gold = _gold(plan, label, ambiguous, rng)
    return Pairs(
        group=group,
        category=category,
        language=language,
        source=source,
        model_a=model_of[group, seat_a].astype(np.int16),
        model_b=model_of[group, seat_b].astype(np.int16),
        seat_a=seat_a.astype(np.int8),
        seat_b=seat_b.astype(np.int8),
        quality_a=(quality_a / spread).astype(np.float32),
        quality_b=(quality_b / spread).astype(np.float32),
        gap=gap,
        ambiguous=ambiguous,
        label=label,
        gold=gold,
        cuts=cuts,
        strength=strength * _OF_MODEL / spread,
    )


def cut_points(scale: LabelScale, tie_share: float, gap: np.ndarray) -> np.ndarray:
    """Thresholds by which `tie_share` of the gaps are ties and the rest falls evenly on the strengths of each side.

    >>> from workbench.dataset.scales import FIVE
    >>> cut_points(FIVE, 0.2, np.linspace(-1, 1, 2001)).round(2).tolist()
    [-0.6, -0.2, 0.2, 0.6]
    """
    levels = len(scale) // 2
    first = tie_share if scale.tie is not None else 0.0
    shares = first + (1 - first) * np.arange(levels) / levels
    positive = (
        np.quantile(np.abs(gap), shares) if scale.tie is not None else np.r_[0.0, np.quantile(np.abs(gap), shares[1:])]
    )
    return np.concatenate([-positive[::-1], positive if scale.tie is not None else positive[1:]])


def answer(perceived: np.ndarray, cuts: np.ndarray) -> np.ndarray:
    """Code of the label whose interval the perceived difference falls into; 0 = the strongest preference for A.

    >>> answer(np.array([2.0, 0.0, -0.5]), np.array([-1.0, -0.2, 0.2, 1.0])).tolist()
    [0, 2, 3]
    """
    code = np.full(len(perceived), len(cuts), np.int8)
    for cut in cuts:
        code -= perceived > cut
    return code


def _seats(plan: Plan, n_items: int, rng: np.random.Generator) -> tuple[int, np.ndarray, np.ndarray, np.ndarray]:
    """Prompt and the two seats of each item: a ranked prompt has all pairs of its responses."""
    every = np.array(list(combinations(range(plan.ranking_size), 2)), np.int64)
    prompts = n_items / (1 + plan.ranked_share * (len(every) - 1))
    ranked = min(round(prompts * plan.ranked_share), n_items // len(every))
    single = n_items - ranked * len(every)
    pairs_of = rng.permutation(np.repeat([len(every), 1], [ranked, single]))
    group = np.repeat(np.arange(len(pairs_of), dtype=np.int32), pairs_of)
    nth = np.arange(n_items) - np.repeat(np.cumsum(pairs_of) - pairs_of, pairs_of)
    return len(pairs_of), group, every[nth, 0], every[nth, 1]


def _ambiguity(plan: Plan, category: np.ndarray) -> np.ndarray:
    """Chance that an item of each prompt is ambiguous: the same everywhere, but higher in the contested category."""
    share = np.full(len(category), plan.ambiguous_share)
    if plan.contested_category in CATEGORIES and plan.ambiguous_share > 0:
        share[category == CATEGORIES.index(plan.contested_category)] *= _CONTESTED
        share *= plan.ambiguous_share / max(share.mean(), 1e-12)
    return np.minimum(share, 0.9)


def _gold(plan: Plan, label: np.ndarray, ambiguous: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The true label of some clear items; of `wrong_gold` of these the opposite one."""
    clear = np.flatnonzero(~ambiguous & (label != plan.label_scale.tie if plan.label_scale.tie is not None else True))
    chosen = rng.permutation(clear)[: round(plan.gold_share * len(label))]
    gold = np.full(len(label), NULL, np.int8)
    gold[chosen] = label[chosen]
    wrong = chosen[: round(plan.wrong_gold * len(chosen))]
    gold[wrong] = plan.label_scale.flip(label[wrong])
    return gold
