"""Trains a policy by any of the methods that learn from fixed texts; `workbench.policy.online` has the others."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from workbench.checkpoints import Checkpoints, NoCheckpoints
from workbench.errors import WorkbenchError
from workbench.hashing import digest_of_arrays, digest_of_strings
from workbench.policy import sampled_data
from workbench.policy.base import causal_model, computes_in_half, positions_of, with_low_rank_additions
from workbench.policy.objectives import ChosenTexts, Preferences
from workbench.policy.pace import pace_of, units_of
from workbench.policy.reference import reference_log_probabilities
from workbench.policy.rewards import Reward
from workbench.policy.samples import draw, prompts_with_room
from workbench.policy.settings import PolicySettings
from workbench.policy.texts import ReadReport, Sequences, TokenPairs, token_pairs
from workbench.progress import UNWATCHED, Watch
from workbench.reward.loop import AtSave, Ended, Objective, run_loop
from workbench.reward.pairs import Pairs


@dataclass(frozen=True, eq=False, kw_only=True)
class Base:
    """The model that is trained, which without its low-rank additions is the reference.

    Attributes
    ----------
    model, tokenizer : of transformers; `model` with its additions where there are any.
    longest : tokens it reads of prompt and response together.
    half : whether it computes in bfloat16.
    """

    model: Any
    tokenizer: Any
    longest: int
    half: bool


@dataclass(frozen=True, eq=False, kw_only=True)
class Trained:
    """A policy and how it came about.

    Attributes
    ----------
    ended : steps and history.
    of_steps : steps that were planned.
    report : how pairs were read; None for methods that train on samples.
    set_aside : reason -> pairs or prompts not trained on.
    units : pairs, texts or prompts trained on.
    device : what it ran on, in words.
    """

    ended: Ended
    of_steps: int
    units: int
    device: str
    report: ReadReport | None = None
    set_aside: Mapping[str, int] = field(default_factory=dict)


def open_base(settings: PolicySettings) -> Base:
    """Loads the model, puts low-rank additions on it, and moves it to the processor it is trained on."""
    import torch
    from transformers import set_seed

    set_seed(settings.seed)
    half = computes_in_half(settings)
    # Low-rank additions stay in float32, and so do weights that are trained; only frozen ones are kept in half.
    model, tokenizer = causal_model(settings.base, "bfloat16" if half and settings.lora_rank else "float32")
    longest = positions_of(model, tokenizer, settings.max_length)
    if settings.lora_rank:
        model = with_low_rank_additions(model, settings)
    model = model.eval().to("cuda" if torch.cuda.is_available() else "cpu")
    return Base(model=model, tokenizer=tokenizer, longest=longest, half=half)


def device_words() -> str:
    """The card, or CPU."""
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"


def train_on_texts(
    base: Base,
    pairs: Pairs,
    settings: PolicySettings,
    folder: Path,
    *,
    reward: Reward | None = None,
    checkpoints: Checkpoints | None = None,
    at_save: AtSave | None = None,
    watch: Watch = UNWATCHED,
) -> Trained:
    """Trains on the labels of these pairs, or on samples that a reward model has chosen, or goes on from the newest
    checkpoint in `folder`.

    Parameters
    ----------
    pairs : with labels; of methods that sample, their prompts alone.
    folder : for checkpoints.
    reward : of methods that sample.
    checkpoints : for what is computed before the training.
    at_save : is told step and model at every checkpoint.

    Raises
    ------
    WorkbenchError
        Nothing is left to train on, or the loss is no number any more.
    """
    if len(pairs) == 0:
        raise WorkbenchError("There is no pair to train on.", "Look at what was set aside, and why.")
    about = about_training(pairs, settings)
    store = checkpoints or NoCheckpoints()
    report: ReadReport | None = None
    if settings.needs_reward:
        objective, aside = _from_samples(base, pairs, settings, reward, about, store, watch)
    else:
        read = token_pairs(base.tokenizer, pairs, base.longest, settings.over_length, watch)
        watch.step(0, 0, str(read.report))
        report, aside = read.report, dict(read.report.set_aside)
        objective = _preferences(base, read, pairs, settings, about, store, watch)
    pace = pace_of(objective.units, settings, int(os.environ.get("WORLD_SIZE", "1")))
    ended = run_loop(base.model, objective, pace, folder, about, at_save=at_save, watch=watch)
    return Trained(
        ended=ended,
        of_steps=pace.of_steps,
        units=objective.units,
        device=device_words(),
        report=report,
        set_aside=aside,
    )


def about_training(pairs: Pairs, settings: PolicySettings) -> str:
    """What a checkpoint is of: settings and pairs, as a digest; a longer run of the same is another run."""
    texts = digest_of_strings([pairs.prompt.astype(str), pairs.response_a.astype(str), pairs.response_b.astype(str)])
    labels = digest_of_arrays([pairs.target, pairs.weight])
    content = json.dumps([asdict(settings), texts, labels], sort_keys=True)
    return hashlib.blake2b(content.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _preferences(
    base: Base, read: TokenPairs, pairs: Pairs, settings: PolicySettings, about: str, store: Checkpoints, watch: Watch
) -> Preferences:
    pad = int(base.tokenizer.pad_token_id)
    comes_to = units_of(len(read.kept), settings)
    reference = np.full((len(read.kept), 2), np.nan)
    reference[comes_to] = reference_log_probabilities(
        base.model,
        (read.a, read.b),
        read.kept[comes_to],
        pad,
        settings.pairs_at_once,
        store,
        about,
        watch,
        half=base.half,
    )
    return Preferences(read, pairs, settings, reference, pad, half=base.half)


def _from_samples(
    base: Base,
    pairs: Pairs,
    settings: PolicySettings,
    reward: Reward | None,
    about: str,
    store: Checkpoints,
    watch: Watch,
) -> tuple[Objective, dict[str, int]]:
    """Draws samples to every prompt, has them scored, and makes of them what is to be learned."""
    if reward is None:
        raise WorkbenchError(
            f"The method {settings.method} learns from the scores of a reward model.", "Name its folder."
        )
    prompts = list(dict.fromkeys(str(p) for p in pairs.prompt))
    fine = prompts_with_room(base.tokenizer, prompts, base.longest, settings.max_new_tokens)
    aside = {"the prompt leaves no room for a sample": len(prompts) - len(fine)} if len(fine) < len(prompts) else {}
    asked = [prompts[i] for i in fine]
    found = sampled_data.kept(store, about)
    if found is None:
        drawn = draw(
            base.model,
            base.tokenizer,
            asked,
            settings.samples,
            new_tokens=settings.max_new_tokens,
            temperature=settings.temperature,
            seed=settings.seed,
            watch=watch,
        )
        watch.step(0, 0, "Scoring the samples")
        found = drawn, reward([asked[i] for i in drawn.prompt], drawn.texts)
        sampled_data.keep(store, *found, about)
    samples, score = found
    pad = int(base.tokenizer.pad_token_id)
    if settings.method == "rejection":
        best = sampled_data.best_of_each(samples, score)
        tokens = Sequences([samples.tokens.ids[i] for i in best], samples.tokens.start[best])
        return ChosenTexts(tokens, pad, half=base.half), aside
    chosen, sure, alike = sampled_data.pairs_of_samples(samples, score, settings.pairs_of_samples)
    aside |= {"both samples score or read the same": alike} if alike else {}
    if len(chosen) == 0:
        raise WorkbenchError(
            "The reward model sees no difference between any two samples.", "Draw more samples, or warmer ones."
        )
    a, b = (Sequences([samples.tokens.ids[i] for i in side], samples.tokens.start[side]) for side in chosen.T)
    n = len(chosen)
    read = TokenPairs(a, b, np.arange(n), _all_read(n, base.longest, bool(base.tokenizer.chat_template)))
    of_samples = replace(
        pairs.take(np.zeros(n, np.int64)),
        target=sure,
        weight=np.ones(n),
        labels="the reward model's choice among samples",
    )
    return _preferences(base, read, of_samples, settings, about, store, watch), aside


def _all_read(n: int, longest: int, template: bool) -> ReadReport:
    return ReadReport(
        n=n,
        over=0,
        preferred_over=0,
        other_over=0,
        set_aside={},
        seams=0,
        max_length=longest,
        longest=longest,
        action="keep start",
        template=template,
    )
