"""Trains a reward head on frozen features: encode, choose what predicts unseen prompt groups best, fit, and set the
temperature.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from workbench.checkpoints import Checkpoints, NoCheckpoints
from workbench.errors import WorkbenchError
from workbench.hashing import digest_of_arrays, digest_of_strings
from workbench.progress import UNWATCHED, Watch
from workbench.reward.annotator_aware import fit_annotator_aware
from workbench.reward.calibration import fit_temperature
from workbench.reward.choosing import Choice, choose_features
from workbench.reward.embedding_cache import EmbeddingCache
from workbench.reward.encoders import Encoder, encoder_named
from workbench.reward.features import Blocks, PairFeatures, describe, pair_features
from workbench.reward.heads import LinearHead, fit_bradley_terry, fit_cumulative_logit
from workbench.reward.losses import corrected_target, smoothed_target, strength_push
from workbench.reward.model import RewardModel
from workbench.reward.pairs import Pairs
from workbench.reward.settings import PENALTIES, HeadSettings

MOST_CHOICE_PAIRS = 20_000
"""Choices are made on whole groups of at most about so many pairs: more would change them little and take minutes."""


def train(
    pairs: Pairs,
    settings: HeadSettings | None = None,
    watch: Watch = UNWATCHED,
    checkpoints: Checkpoints | None = None,
    *,
    encoder: Encoder | None = None,
    cache: EmbeddingCache | None = None,
) -> RewardModel:
    """What reward model do these pairs make?

    The same pairs, settings and seed give the same model, also where the work was interrupted and went on from its
    checkpoints.

    Parameters
    ----------
    pairs : the training pairs.
    settings : every choice; the defaults suit a few hundred to some hundred thousand pairs.
    watch : is told loss and accuracy on held-out groups, and can end the training.
    checkpoints : keep what was tried already.
    encoder : instead of the one the settings name.
    cache : where vectors are kept; the one on disk by default.

    Raises
    ------
    WorkbenchError
        There is nothing to train on, the encoder is not here, or the labels do not suit the loss.

    Examples
    --------
    >>> o = lambda *texts: np.array(texts, object)
    >>> a = o("good one", "a good day", "bad", "bad dog")
    >>> b = o("bad one", "a bad day", "good", "good dog")
    >>> nothing, each = o("", "", "", ""), np.arange(4)
    >>> pairs = Pairs(
    ...     prompt=nothing,
    ...     response_a=a,
    ...     response_b=b,
    ...     target=np.array([1.0, 1, 0, 0]),
    ...     level=np.array([0, 0, 1, 1]),
    ...     levels=2,
    ...     weight=np.ones(4),
    ...     group=each,
    ...     source=nothing,
    ...     item=each,
    ... )
    >>> model = train(pairs, HeadSettings(encoder="hashed", penalty=1.0))
    >>> bool(model.margin([""], ["good cat"], ["bad cat"])[0] > 0)
    True
    """
    settings = settings or HeadSettings()
    if len(pairs) == 0:
        raise WorkbenchError("There is no pair to train on.", "Look at what was set aside, and why.")
    if not (pairs.target != 0.5).any():
        raise WorkbenchError(
            "All pairs are ties, so there is no preference to learn.",
            "Choose another label source, or look at the labels.",
        )
    encoder = encoder or encoder_named(settings.encoder, settings.long_texts)
    encoder = encoder.fitted(_texts(pairs), watch)
    loss = loss_for(pairs, settings)
    kept = checkpoints or NoCheckpoints()
    key = _key(pairs, settings, encoder)
    rng = np.random.default_rng(settings.seed)
    used = _chosen_by(pairs, rng)
    some = pairs if len(used) == len(pairs) else pairs.take(used)
    offered = _candidates(pairs, encoder, settings)
    candidates = [
        (name, pair_features(some, view, blocks=blocks, cache=cache, watch=watch, views=encoder.views()))
        for name, view, blocks in offered
    ]
    choice = _choice(candidates, pairs, used, settings, loss, rng, watch, kept, key)
    features = candidates[choice.candidate][1]
    if len(used) < len(pairs):  # only what was chosen is described of all pairs: the others would take as much memory
        _, view, blocks = offered[choice.candidate]
        features = pair_features(pairs, view, blocks=blocks, cache=cache, watch=watch)
    watch.step(0, 1, "Fitting the head")
    head = fit_head(features.matrix, pairs, settings, loss, choice.penalty)
    temperature = _temperature(choice, pairs, settings, head)
    members = _members(features.matrix, pairs, settings, loss, choice.penalty, head, rng, watch, kept, key)
    watch.step(1, 1, "Fitting the head", loss=head.loss)
    name = candidates[choice.candidate][0]
    chosen = next((t for t in choice.tried if (t.features, t.penalty) == (name, choice.penalty)), None)
    about: dict[str, Any] = {
        "train": {
            "pairs": len(pairs),
            "groups": pairs.groups,
            "ties": pairs.ties,
            "labels": pairs.labels,
            "set_aside": dict(pairs.set_aside),
        },
        "loss": loss,
        "settings": {**settings.to_dict(), "encoder": encoder.name},
        "encoder": encoder.name,
        "encoder_reason": encoder.reason,
        "features": candidates[choice.candidate][0],
        "chosen": None if chosen is None else chosen.to_dict(),
        "tried": [t.to_dict() for t in choice.tried],
    }
    bare = RewardModel(
        encoder=features.encoder,
        blocks=features.blocks,
        scale=features.scale,
        names=features.names,
        head=head,
        members=members,
        temperature=temperature,
        offset=0.0,
        about=about,
    )
    return _centred(bare, pairs, watch, cache)


def loss_for(pairs: Pairs, settings: HeadSettings) -> str:
    """The loss that is used: the one asked for, or the cumulative logit where labels are graded and all pairs have one.

    Raises
    ------
    WorkbenchError
        The cumulative logit is asked for, and some pairs have no label on the scale.
    """
    graded = pairs.levels > 2 and bool((pairs.level >= 0).all()) and len(np.unique(pairs.level)) > 2
    certain = bool(np.isin(pairs.target, (0.0, 0.5, 1.0)).all())
    if settings.loss == "auto":
        return "cumulative-logit" if graded and certain and not settings.needs_sides else "bradley-terry"
    if settings.loss == "cumulative-logit" and not (pairs.level >= 0).all():
        raise WorkbenchError(
            f"{int((pairs.level < 0).sum()):,} pairs have no label on the scale, which the cumulative logit needs.",
            "Choose a hard label source, or the loss bradley-terry.",
        )
    return settings.loss


def fit_head(
    x: np.ndarray,
    pairs: Pairs,
    settings: HeadSettings,
    loss: str,
    penalty: float,
    start: LinearHead | None = None,
    hessian: np.ndarray | None = None,
    draft: bool = False,
) -> LinearHead:
    """Fits the head that the settings describe; `start`, `hessian` and `draft` are those of the fits in
    `workbench.reward.heads`.
    """
    if loss == "cumulative-logit":
        return fit_cumulative_logit(
            x, pairs.level, pairs.levels, pairs.weight, penalty, start=start, hessian=hessian, draft=draft
        )
    target = corrected_target(smoothed_target(pairs.target, settings.smoothing), settings.flips)
    if settings.annotator_aware:
        if (pairs.annotator < 0).any():
            raise WorkbenchError(
                "Annotator-aware training needs raw votes, each with who gave it.", "Choose the label source 'raw'."
            )
        return fit_annotator_aware(x, target, pairs.annotator, pairs.weight, penalty, start=start, draft=draft).head
    push = strength_push(pairs.level, pairs.levels, settings.margins) if settings.margins else 0.0
    return fit_bradley_terry(x, target, pairs.weight, penalty, push=push, start=start, hessian=hessian, draft=draft)


def _candidates(pairs: Pairs, encoder: Encoder, settings: HeadSettings) -> list[tuple[str, Encoder, Blocks]]:
    views: Sequence[Encoder] = encoder.views() if settings.views else (encoder,)
    prompted = len(set(pairs.prompt)) > 1
    found = [(view.name, view, Blocks(surface=settings.surface)) for view in views]
    if settings.prompt or (settings.prompt is None and settings.views and prompted):
        with_prompt = [(f"{view.name} x prompt", view, Blocks(surface=settings.surface, prompt=True)) for view in views]
        found = with_prompt if settings.prompt else found + with_prompt[-1:]
    return found


def _chosen_by(pairs: Pairs, rng: np.random.Generator) -> np.ndarray:
    """Positions of the pairs that choices are made on: all, or whole groups of about `MOST_CHOICE_PAIRS`."""
    if len(pairs) <= MOST_CHOICE_PAIRS:
        return np.arange(len(pairs))
    groups = np.unique(pairs.group)
    order = rng.permutation(len(groups))
    size = np.bincount(np.searchsorted(groups, pairs.group))[order]
    some = groups[order[: max(int(np.searchsorted(np.cumsum(size), MOST_CHOICE_PAIRS)), 2)]]
    return np.flatnonzero(np.isin(pairs.group, some))


def _choice(
    candidates: list[tuple[str, PairFeatures]],
    pairs: Pairs,
    used: np.ndarray,
    settings: HeadSettings,
    loss: str,
    rng: np.random.Generator,
    watch: Watch,
    kept: Checkpoints,
    key: str,
) -> Choice:
    """Chooses on held-out groups of the pairs `used`, whose features the candidates are; where there is a single group,
    on nothing: the middle penalty and the first candidate.
    """
    penalties = PENALTIES if settings.penalty is None else (settings.penalty,)
    if pairs.groups < 2:
        return Choice(0, penalties[len(penalties) // 2], np.full(len(pairs), np.nan), np.empty((len(pairs), 0)), ())
    made = choose_features(
        [(name, f.matrix) for name, f in candidates],
        pairs.take(used),
        lambda x, some, penalty, start, hessian: fit_head(x, some, settings, loss, penalty, start, hessian, draft=True),
        penalties,
        settings.folds,
        rng,
        watch,
        kept,
        key,
    )
    margin = np.full(len(pairs), np.nan)
    margin[used] = made.margin
    cutpoints = np.full((len(pairs), made.cutpoints.shape[1]), np.nan)
    cutpoints[used] = made.cutpoints
    return Choice(made.candidate, made.penalty, margin, cutpoints, made.tried)


def _temperature(choice: Choice, pairs: Pairs, settings: HeadSettings, head: LinearHead) -> float:
    """From margins of unseen groups; 1 where labels are known to be noisier than what the head learned, since they
    would draw it back to them.
    """
    known = np.flatnonzero(np.isfinite(choice.margin))
    if settings.flips or settings.annotator_aware or len(known) < 20:
        return 1.0
    return fit_temperature(
        choice.margin[known], pairs.target[known], pairs.weight[known], head.cutpoints, pairs.level[known]
    )


def _members(
    x: np.ndarray,
    pairs: Pairs,
    settings: HeadSettings,
    loss: str,
    penalty: float,
    head: LinearHead,
    rng: np.random.Generator,
    watch: Watch,
    kept: Checkpoints,
    key: str,
) -> np.ndarray:
    """Coefficients of heads on resampled prompt groups, (members, d)."""
    found = np.empty((settings.members, x.shape[1]))
    codes = np.unique(pairs.group, return_inverse=True)[1]
    groups = int(codes.max()) + 1
    times = rng.multinomial(groups, np.full(groups, 1 / groups), settings.members)
    for m in range(settings.members):
        watch.step(m, settings.members, "Fitting members")
        before = kept.load(f"member-{m}")
        if before is not None and before[1].get("key") == key:
            found[m] = before[0]["coefficients"]
            continue
        drawn = np.flatnonzero(times[m][codes])
        some = pairs.take(drawn)
        some = replace(some, weight=some.weight * times[m][codes[drawn]])
        found[m] = fit_head(x[drawn], some, settings, loss, penalty, head, draft=True).coefficients
        kept.save(f"member-{m}", {"coefficients": found[m]}, {"key": key})
    return found


def _centred(model: RewardModel, pairs: Pairs, watch: Watch, cache: EmbeddingCache | None) -> RewardModel:
    """The model with its scores shifted so that an average training response has 0 (of at most ten thousand pairs)."""
    part = pairs.take(np.linspace(0, len(pairs) - 1, min(len(pairs), 10_000)).astype(np.int64))
    both = describe(part.prompt, (part.response_a, part.response_b), model.encoder, model.blocks, cache, watch).rows
    mean = np.mean([rows.mean(0, dtype=float) for rows in both], axis=0) * model.scale
    return replace(model, offset=float(mean @ model.head.coefficients))


def _texts(pairs: Pairs) -> list[str]:
    return list(dict.fromkeys([*pairs.response_a, *pairs.response_b, *(text for text in pairs.prompt if text)]))


def _key(pairs: Pairs, settings: HeadSettings, encoder: Encoder) -> str:
    """Of everything the result depends on."""
    numbers = digest_of_arrays([pairs.target, pairs.level, pairs.weight, pairs.group, pairs.annotator])
    texts = digest_of_strings([pairs.prompt, pairs.response_a, pairs.response_b])
    return digest_of_strings(
        [[numbers, texts, encoder.key, repr(sorted(asdict(settings).items(), key=lambda kv: kv[0]))]]
    )
