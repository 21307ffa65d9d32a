"""The run that trains a policy: data, labels, split, training, export, scorecard. Pages and the command line start the
same one.

The configuration holds

- `paths`, `data`, `evaluation`, `labels`, `slice`, `judge` (labels of the held-out pairs), `share`, `seed`: as the
  training of a reward model has them;
- `policy`: settings (`PolicySettings`); the base `tiny` makes a model on the spot;
- `rewards`: `folders`, `weights` of reward models: what methods that sample learn from, and what the policy is held
  against;
- `measuring`: how it is measured (`Measuring`);
- `out`: where the model goes, by default `model` in the run's folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from workbench.checkpoints import FolderCheckpoints
from workbench.policy.checking import checked
from workbench.policy.exporting import export, write_card
from workbench.policy.measuring import Examiner
from workbench.policy.online import train_online
from workbench.policy.rewards import Reward, RewardModels, opened
from workbench.policy.scorecard import PolicyScorecard, policy_scorecard
from workbench.policy.settings import ONLINE, PolicySettings
from workbench.policy.tiny import TINY, make_tiny_model, read_for_a_moment
from workbench.policy.training import Trained, about_training, open_base, train_on_texts
from workbench.progress import Cancelled, Watch
from workbench.reward.pairs import Pairs
from workbench.reward.run import Material, Running, material, versions


def policy_run(config: Mapping[str, Any], run: Running) -> dict[str, Any]:
    """Trains a policy and says what it has learned.

    Returns
    -------
    `eval` (the scorecard), `pairs`, `groups`, `labels`, `method`, `base`, `read`, `set_aside`, `notes`, `train`,
    `folder`, `key`.
    """
    settings, measuring, rewards = checked(config)
    run.watch.step(0, 0, "Reading the data")
    given = material(config)
    if settings.base == TINY:
        settings = replace(settings, base=str(_tiny(run.folder / "tiny", given.train, run.watch)))
    reward = opened(rewards) if rewards and settings.needs_reward else None
    run.watch.step(0, 0, "Loading the model")
    base = open_base(settings)
    about = about_training(given.train, settings)
    examiner = Examiner(base, given.held, settings, measuring, run.folder, about, reward=reward, watch=run.watch)
    if examiner.curve_size:
        examiner.before()
    how: dict[str, Any] = {"reward": reward, "at_save": examiner.at_save, "watch": run.watch}
    if settings.method in ONLINE:
        trained = train_online(base, given.train, settings, run.folder / "checkpoints", **how)
    else:
        trained = train_on_texts(
            base, given.train, settings, run.folder / "checkpoints", checkpoints=run.checkpoints, **how
        )
    place = Path(config["out"]) if config.get("out") else run.folder / "model"
    if not run.folder.is_dir():  # deleted while it worked: nothing of it is made again
        raise Cancelled("writing the model")
    run.watch.step(0, 0, "Writing the model")
    export(base, settings, place, _facts(config, settings, given, trained))
    card = _measured(examiner, given.held, rewards, run)
    result = {
        **_facts(config, settings, given, trained),
        "eval": card.to_dict(),
        "notes": _notes(given, examiner, rewards, settings),
        "folder": str(place) if config.get("out") else place.name,
        "key": given.data.key,
    }
    write_card(place, result, card)
    return result


def _tiny(folder: Path, train: Pairs, watch: Watch) -> Path:
    """A tiny model that has read the responses of the training pairs; made once a run."""
    mark = folder / "read"
    if mark.is_file():
        return folder
    texts = [str(text) for column in (train.prompt, train.response_a, train.response_b) for text in column]
    make_tiny_model(folder, texts)
    prompts, responses = [*train.prompt, *train.prompt], [*train.response_a, *train.response_b]
    read_for_a_moment(folder, prompts, responses, watch=watch)
    mark.touch()
    return folder


def _facts(config: Mapping[str, Any], settings: PolicySettings, given: Material, trained: Trained) -> dict[str, Any]:
    """What was trained, on what, and how."""
    ended = trained.ended
    last = ended.history[-1] if ended.history else {}
    tiny = (config.get("policy") or {}).get("base") == TINY
    return {
        "method": settings.method,
        "base": TINY if tiny else Path(settings.base).name,
        "labels": given.train.labels,
        "pairs": len(given.train),
        "groups": given.train.groups,
        "units": trained.units,
        "read": trained.report.to_dict() if trained.report else None,
        "read_words": str(trained.report) if trained.report else "",
        "set_aside": {**given.train.set_aside, **trained.set_aside},
        "settings": {name: value for name, value in settings.to_dict().items() if name != "base"},
        "train": {
            "steps": ended.steps,
            "of_steps": trained.of_steps,
            "resumed_at": ended.resumed_at,
            "pairs_per_second": ended.per_second,
            "device": trained.device,
            "last": dict(last),
        },
        "versions": versions(),
    }


def _notes(given: Material, examiner: Examiner, rewards: RewardModels | None, settings: PolicySettings) -> list[str]:
    notes = list(given.notes)
    if examiner.too_long:
        notes.append(f"{examiner.too_long:,} held-out prompts leave no room for a response and were not answered")
    if settings.base.endswith(f"/{TINY}"):
        notes.append("The base is a tiny model made on the spot: its figures say that the labels arrive, and no more")
    if rewards and not settings.needs_reward:
        notes.append("The reward model took no part in the training; the policy is held against it on the same pairs")
    return notes


def _measured(examiner: Examiner, held: Pairs, rewards: RewardModels | None, run: Running) -> PolicyScorecard:
    run.watch.step(0, 0, "Holding the policy against pairs it has not seen")
    margin = None
    if rewards:
        margin = _reward_margin(opened(rewards), held)
    pairs = examiner.held_out(FolderCheckpoints(run.folder / "checkpoints"), margin)
    sampled = examiner.sampled()
    return policy_scorecard(
        pairs,
        sampled[0] if sampled else None,
        sampled[1] if sampled else None,
        examiner.curve(),
    )


def _reward_margin(reward: Reward, held: Pairs) -> np.ndarray:
    prompts = held.prompt.tolist()
    return np.asarray(reward(prompts, held.response_a.tolist()) - reward(prompts, held.response_b.tolist()))
