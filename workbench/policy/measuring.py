"""Measures a policy on held-out pairs and prompts, at every checkpoint and at the end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from workbench.checkpoints import Checkpoints
from workbench.policy.base import as_reference, causal_model, computing
from workbench.policy.checking import Measuring
from workbench.policy.curve import Curve, Measured, curve_of
from workbench.policy.log_probabilities import batch_of, divergence_by_token, pair_log_probabilities
from workbench.policy.reference import reference_log_probabilities
from workbench.policy.rewards import Reward
from workbench.policy.samples import Samples, distinct_share, draw, prompts_with_room
from workbench.policy.samples_file import write_samples
from workbench.policy.scorecard import HeldOut, Sampled
from workbench.policy.settings import PolicySettings
from workbench.policy.texts import token_pairs
from workbench.policy.training import Base
from workbench.policy.win_rate import WinRate, checked_judge, verdicts, win_rate
from workbench.progress import UNWATCHED, Watch
from workbench.reward.pairs import Pairs
from workbench.runs.folder import plain


class Examiner:
    """Asks a policy about held-out pairs and prompts.

    Parameters
    ----------
    base : the model that is trained, before it is.
    held : held-out pairs with the labels they are judged by.
    folder : of the run; points of the curve and samples go there.
    reward : what is optimised, where that is the score of a reward model.
    """

    def __init__(
        self,
        base: Base,
        held: Pairs,
        settings: PolicySettings,
        measuring: Measuring,
        folder: Path,
        about: str,
        *,
        reward: Reward | None = None,
        watch: Watch = UNWATCHED,
    ) -> None:
        self.base, self.held, self.settings, self.measuring = base, held, settings, measuring
        self.folder, self.about, self.reward, self.watch = folder, about, reward, watch
        self._other: Any = None
        self.prompts: list[str] = []
        self.group = np.empty(0, np.int64)
        self.too_long = 0
        if measuring.prompts:
            self._choose_prompts()
        self.curve_size = min(measuring.curve_prompts, len(self.prompts))
        self._before: Samples | None = None

    def _choose_prompts(self) -> None:
        first: dict[str, int] = {}
        for prompt, group in zip(self.held.prompt, self.held.group, strict=True):
            first.setdefault(str(prompt), int(group))
        every = list(first)
        fine = prompts_with_room(self.base.tokenizer, every, self.base.longest, self.settings.max_new_tokens)
        self.too_long = len(every) - len(fine)
        order = np.random.default_rng([self.settings.seed, 7]).permutation(len(fine))[: self.measuring.prompts]
        self.prompts = [every[fine[i]] for i in order]
        self.group = np.array([first[prompt] for prompt in self.prompts], np.int64)

    # ------------------------------------------------------------ at every checkpoint

    def before(self) -> Samples:
        """The reference's responses, drawn once, before anything is trained or without the low-rank additions."""
        if self._before is None:
            model = self._reference_model()
            with as_reference(self.base.model):
                self._before = self._draw(self.base.model if model is None else model, self.prompts)
        return self._before

    def at_save(self, step: int, model: Any) -> None:
        """Measures a checkpoint and writes the point down; a step measured before is measured anew."""
        if self.curve_size == 0:
            return
        prompts, training = self.prompts[: self.curve_size], model.training
        model.eval()
        drawn = self._draw(model, prompts)
        point = {
            "about": self.about,
            "step": step,
            "kl": self._by_prompt(drawn, self._divergence(model, drawn), len(prompts)),
            "wins": self._wins(drawn, prompts),
            "reward": self._rewards(drawn, prompts),
            "length": self._by_prompt(drawn, drawn.tokens.response_tokens.astype(float), len(prompts)),
        }
        place = self.folder / "points"
        place.mkdir(exist_ok=True)
        draft = place / f".{step}.draft"
        draft.write_text(json.dumps(plain(point)), "utf-8")
        draft.replace(place / f"{step}.json")
        model.train(training)

    def curve(self) -> Curve | None:
        """The points that were measured, with the reference as the first one."""
        if self.curve_size == 0:
            return None
        found = [json.loads(path.read_text("utf-8")) for path in sorted((self.folder / "points").glob("*.json"))]
        names = ("kl", "wins", "reward", "length")
        points = [
            Measured(step=each["step"], **{name: np.array(each[name], float) for name in names})
            for each in found
            if each["about"] == self.about
        ]
        prompts = self.prompts[: self.curve_size]
        start = _first(self.before(), len(prompts))
        nothing = np.full(len(prompts), np.nan)
        judged = bool(points) and bool(np.isfinite(points[0].wins).any())
        first = Measured(
            step=0,
            kl=np.zeros(len(prompts)),
            wins=np.full(len(prompts), 0.5) if judged else nothing,
            reward=self._rewards(start, prompts),
            length=self._by_prompt(start, start.tokens.response_tokens.astype(float), len(prompts)),
        )
        judge = checked_judge(self.measuring.judge, local_only=False).name if judged else ""
        return curve_of([first, *points], self.group[: self.curve_size], judge)

    # ------------------------------------------------------------ at the end

    def held_out(self, checkpoints: Checkpoints, reward_margin: np.ndarray | None = None) -> HeldOut:
        """What policy and reference say of the held-out pairs; those too long for the model are cut as in training."""
        base, settings = self.base, self.settings
        cut = "keep start" if settings.over_length == "set aside" else settings.over_length
        read = token_pairs(base.tokenizer, self.held, base.longest, cut, self.watch)
        sides, pad = (read.a, read.b), int(base.tokenizer.pad_token_id)
        other = self._reference_model()
        before = reference_log_probabilities(
            base.model if other is None else other,
            sides,
            read.kept,
            pad,
            settings.pairs_at_once,
            checkpoints,
            self.about,
            self.watch,
            name="held-out",
            half=base.half,
        )
        after = pair_log_probabilities(
            base.model,
            sides,
            read.kept,
            pad,
            settings.pairs_at_once,
            self.watch,
            "Reading held-out pairs",
            half=base.half,
        )
        tokens = np.stack([side.response_tokens[read.kept] for side in sides], 1)
        margin = reward_margin[read.kept] if reward_margin is not None else None
        return HeldOut(
            pairs=self.held.take(read.kept),
            policy=after,
            reference=before,
            tokens=tokens,
            beta=settings.beta,
            reward_margin=margin,
        )

    def sampled(self) -> tuple[Sampled, WinRate | None] | None:
        """What policy and reference answer to held-out prompts, and who wins; None where nothing is sampled."""
        if not self.prompts:
            return None
        before, after = self.before(), self._draw(self.base.model, self.prompts)
        n = len(self.prompts)
        self._write_samples(before, after)

        def both(values: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
            return np.stack([self._by_prompt(s, v, n) for s, v in zip((before, after), values, strict=True)], 1)

        found = Sampled(
            group=self.group,
            kl=self._by_prompt(after, self._divergence(self.base.model, after), n),
            length=both((before.tokens.response_tokens.astype(float), after.tokens.response_tokens.astype(float))),
            finished=both((before.finished.astype(float), after.finished.astype(float))),
            diversity=np.stack([distinct_share(s, n) for s in (before, after)], 1),
            each=self.measuring.samples,
            new_tokens=self.settings.max_new_tokens,
        )
        if not self.measuring.judge:
            return found, None
        wins = win_rate(
            self.measuring.judge,
            [self.prompts[i] for i in after.prompt],
            after.texts,
            before.texts,
            self.group[after.prompt],
            self.folder,
            local_only=self.measuring.local_only,
            watch=self.watch,
        )
        return found, wins

    # ------------------------------------------------------------ parts

    def _draw(self, model: Any, prompts: list[str]) -> Samples:
        with computing(model.device, self.base.half):
            return draw(
                model,
                self.base.tokenizer,
                prompts,
                self.measuring.samples,
                new_tokens=self.settings.max_new_tokens,
                seed=self.settings.seed + 1,
                watch=self.watch,
                doing="Answering held-out prompts",
            )

    def _divergence(self, model: Any, drawn: Samples, at_once: int = 8) -> np.ndarray:
        import torch

        pad, other = int(self.base.tokenizer.pad_token_id), self._reference_model()
        found = []
        for begin in range(0, len(drawn), at_once):
            self.watch.step(begin, len(drawn), "Measuring the KL divergence")
            part = [(drawn.tokens, i) for i in range(begin, min(begin + at_once, len(drawn)))]
            batch = batch_of(part, pad, model.device)
            with torch.inference_mode(), computing(model.device, self.base.half):
                found.append(divergence_by_token(model, other, batch).cpu().numpy())
        return np.concatenate(found)

    def _reference_model(self) -> Any:
        """A second model, only where all weights are trained and only for measuring; None where the additions can be
        left out.
        """
        if self.settings.lora_rank:
            return None
        if self._other is None:
            other, _ = causal_model(self.settings.base, "bfloat16" if self.base.half else "float32")
            self._other = other.to(self.base.model.device)
        return self._other

    def _wins(self, drawn: Samples, prompts: list[str]) -> np.ndarray:
        """Of judges on this machine alone: a server is asked at the end and not at every checkpoint."""
        judge = self.measuring.judge
        if not judge or checked_judge(judge, local_only=False).remote:
            return np.full(len(prompts), np.nan)
        start = _first(self.before(), len(prompts))
        asked = [prompts[i] for i in drawn.prompt]
        value = verdicts(checked_judge(judge), asked, drawn.texts, start.texts, self.folder).value
        return self._by_prompt(drawn, value, len(prompts))

    def _rewards(self, drawn: Samples, prompts: list[str]) -> np.ndarray:
        if self.reward is None:
            return np.full(len(prompts), np.nan)
        score = self.reward([prompts[i] for i in drawn.prompt], drawn.texts)
        return self._by_prompt(drawn, score, len(prompts))

    @staticmethod
    def _by_prompt(samples: Samples, values: np.ndarray, prompts: int) -> np.ndarray:
        known = np.isfinite(values)
        n = np.bincount(samples.prompt[known], minlength=prompts)
        total = np.bincount(samples.prompt[known], weights=values[known], minlength=prompts)
        return np.where(n > 0, total / np.maximum(n, 1), np.nan)

    def _write_samples(self, before: Samples, after: Samples) -> None:
        """The responses of both, for people to read."""
        rows = zip(after.prompt, after.texts, before.texts, strict=True)
        write_samples(self.folder, ({"prompt": self.prompts[i], "policy": a, "reference": b} for i, a, b in rows))


def _first(samples: Samples, prompts: int) -> Samples:
    """The samples of the first prompts."""
    place = np.flatnonzero(samples.prompt < prompts)
    tokens = type(samples.tokens)([samples.tokens.ids[i] for i in place], samples.tokens.start[place])
    return Samples(samples.prompt[place], [samples.texts[i] for i in place], tokens, samples.finished[place])
