"""How a policy is trained: every choice with its default, checked before anything begins; from a TOML file too."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from workbench.errors import WorkbenchError, first_five

PREFERENCE = ("dpo", "ipo")
"""Methods that learn from the labels of the pairs."""
ONLINE = ("rloo", "grpo")
"""Methods that sample while they learn, from the scores of a reward model."""
OFFLINE_SAMPLES = ("best-of-n", "rejection")
"""Cheap baselines: samples are drawn and scored once. `best-of-n` is DPO on the best sample against the worst;
`rejection` learns the best sample by heart."""
METHODS = (*PREFERENCE, *ONLINE, *OFFLINE_SAMPLES)

Cut = Literal["keep start", "keep end", "set aside"]
"""What becomes of a pair with a text that is too long."""

LEARNING_RATES = {"lora": 2e-4, "all weights": 1e-6}
"""Of DPO where none is given. Low-rank additions start at zero and need a rate two orders above that of all weights."""


@dataclass(frozen=True, kw_only=True)
class PolicySettings:
    r"""How a policy is trained.

    Attributes
    ----------
    base : folder of a causal language model of transformers, which is also the reference.
    method : one of `METHODS`.
    beta : $\beta$, how strongly the policy is held to the reference; $\tau$ of IPO.
    epochs : passes over the pairs.
    max_steps : ends earlier where it is above zero; of online methods, the steps (0 = one pass over the prompts).
    learning_rate : of AdamW; None = 2e-4 for low-rank additions, 1e-6 for all weights.
    warmup, weight_decay : the rate rises over the first share `warmup` of the steps and falls to zero linearly.
    batch_size : pairs of one step.
    pairs_at_once : pairs of one forward pass; a step of more is gathered from several, which needs less memory.
    max_length : tokens of prompt and response together.
    over_length : `keep start` cuts the end of the response (as TRL does), `keep end` the beginning of the
        prompt's words and none of its roles, `set aside` leaves the pair out; every one of them is counted.
    smoothing : label smoothing, $q' = (1 - 2\varepsilon) q + \varepsilon$.
    flip_rate : corrects for labels that are flipped this often, $q' = (q - \varepsilon) / (1 - 2\varepsilon)$.
    lora_rank : trains low-rank additions of this rank, where above zero; the reference is the model without them.
    lora_alpha : their scale; 0 = twice the rank.
    lora_targets : layers that get them: `all-linear`, or names separated by commas.
    precision : `auto` = bfloat16 where the card has it, or `bf16`, `fp32`.
    save_memory : recomputes activations in the backward pass.
    saves : checkpoints over the run; each is a point of the curve of reward against KL.
    reward_clip : scores of a reward model are cut to this distance from zero, where above zero.
    samples : responses drawn per prompt by methods that sample.
    max_new_tokens : tokens of a sampled response at most.
    temperature : of the samples.
    pairs_of_samples : of `best-of-n`: `best against worst`, or `all`.
    seed : of the order of the pairs, LoRA's start and the samples.
    """

    base: str
    method: str = "dpo"
    beta: float = 0.1
    epochs: float = 1.0
    max_steps: int = 0
    learning_rate: float | None = None
    warmup: float = 0.1
    weight_decay: float = 0.0
    batch_size: int = 16
    pairs_at_once: int = 4
    max_length: int = 1024
    over_length: Cut = "keep start"
    smoothing: float = 0.0
    flip_rate: float = 0.0
    lora_rank: int = 16
    lora_alpha: float = 0.0
    lora_targets: str = "all-linear"
    precision: Literal["auto", "bf16", "fp32"] = "auto"
    save_memory: bool = False
    saves: int = 8
    reward_clip: float = 0.0
    samples: int = 4
    max_new_tokens: int = 128
    temperature: float = 1.0
    pairs_of_samples: Literal["best against worst", "all"] = "best against worst"
    seed: int = 0

    def __post_init__(self) -> None:
        choices = [
            ("method", self.method, METHODS),
            ("treatment of long pairs", self.over_length, ("keep start", "keep end", "set aside")),
            ("precision", self.precision, ("auto", "bf16", "fp32")),
            ("choice of pairs", self.pairs_of_samples, ("best against worst", "all")),
        ]
        for name, value, known in choices:
            if value not in known:
                raise WorkbenchError(f"There is no {name} {value!r}.", f"Choose one of {', '.join(known)}.")
        wrong = [
            ("beta", self.beta, 0 < self.beta <= 100),
            ("number of passes", self.epochs, 0 < self.epochs <= 1_000),
            ("number of steps", self.max_steps, self.max_steps >= 0),
            ("learning rate", self.learning_rate, self.learning_rate is None or 0 < self.learning_rate <= 1),
            ("warm-up share", self.warmup, 0 <= self.warmup < 1),
            ("weight decay", self.weight_decay, 0 <= self.weight_decay <= 1),
            ("batch size", self.batch_size, self.batch_size >= 1),
            ("number of pairs at once", self.pairs_at_once, self.pairs_at_once >= 1),
            ("maximum length", self.max_length, self.max_length >= 8),
            ("label smoothing", self.smoothing, 0 <= self.smoothing < 0.5),
            ("flip rate", self.flip_rate, 0 <= self.flip_rate < 0.5),
            ("LoRA rank", self.lora_rank, self.lora_rank >= 0),
            ("LoRA alpha", self.lora_alpha, self.lora_alpha >= 0),
            ("number of checkpoints", self.saves, self.saves >= 1),
            ("clip", self.reward_clip, self.reward_clip >= 0),
            ("number of samples", self.samples, self.samples >= 2),
            ("length of samples", self.max_new_tokens, self.max_new_tokens >= 1),
            ("temperature", self.temperature, 0 < self.temperature <= 10),
        ]
        for name, number, fine in wrong:
            if not fine:
                raise WorkbenchError(f"A {name} of {number} cannot be used.", "See docs/policy.md for its range.")

    @property
    def rate(self) -> float:
        """The learning rate in use."""
        return self.learning_rate or LEARNING_RATES["lora" if self.lora_rank else "all weights"]

    @property
    def needs_reward(self) -> bool:
        """Whether samples are scored in training."""
        return self.method in (*ONLINE, *OFFLINE_SAMPLES)

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it; the base by its folder's name alone."""
        return {**asdict(self), "base": Path(self.base).name}

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> PolicySettings:
        """The settings in a run's configuration.

        Raises
        ------
        WorkbenchError
            There is a setting of another name, or of another kind.

        >>> PolicySettings.of({"base": "model", "method": "ipo"}).rate
        0.0002
        """
        kinds = {field.name: str(field.type) for field in fields(cls)}
        if unknown := sorted(set(content) - set(kinds)):
            raise WorkbenchError(
                f"There is no setting {first_five(unknown)}.", f"Settings are {', '.join(sorted(kinds))}."
            )
        for name, value in content.items():
            if not _fits(value, kinds[name]):
                raise WorkbenchError(f"The setting {name} cannot be {value!r}.", "See docs/policy.md for its values.")
        return cls(**content)


def read_settings(path: Path) -> dict[str, Any]:
    """The settings in a TOML file, at its top or under `[policy]`.

    Raises
    ------
    WorkbenchError
        It cannot be read.
    """
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise WorkbenchError(f"There is no file {path.name!r}.", "Give a TOML file.") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WorkbenchError(f"{path.name} cannot be read: {error}.", "Write NAME = VALUE on each line.") from error
    found = content.pop("policy", {})
    return {**content, **(found if isinstance(found, dict) else {"policy": found})}


def _fits(value: object, kind: str) -> bool:
    if value is None:
        return "None" in kind
    if isinstance(value, bool):
        return kind == "bool"
    if isinstance(value, int):
        return kind.startswith(("int", "float"))
    if isinstance(value, float):
        return kind.startswith("float")
    return isinstance(value, str) and not kind.startswith(("int", "float", "bool"))
