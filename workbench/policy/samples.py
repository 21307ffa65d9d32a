"""Responses that a policy gives to prompts: drawn with a seed, counted, and compared in how varied they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from workbench.errors import WorkbenchError
from workbench.policy.texts import Sequences, prompt_ids
from workbench.progress import UNWATCHED, Watch


@dataclass(frozen=True, eq=False)
class Samples:
    """Responses to prompts, all of a prompt one after the other.

    Attributes
    ----------
    prompt : int64 (n,): position of each one's prompt.
    texts : the responses, without marks.
    tokens : prompt and response as tokens, the mark of the end included.
    finished : bool (n,): whether the response came to an end by itself.
    """

    prompt: np.ndarray
    texts: list[str]
    tokens: Sequences
    finished: np.ndarray

    def __len__(self) -> int:
        return len(self.texts)


def prompts_with_room(tokenizer: Any, prompts: Sequence[str], longest: int, new: int) -> list[int]:
    """Positions of the prompts that leave room for a response of `new` tokens.

    Raises
    ------
    WorkbenchError
        None does.
    """
    fine = [i for i, prompt in enumerate(prompts) if 0 < len(prompt_ids(tokenizer, prompt)) <= longest - new]
    if not fine:
        raise WorkbenchError(
            f"No prompt leaves room for a response of {new:,} tokens in the {longest:,} that the model reads.",
            "Sample shorter responses, or open data with shorter prompts.",
        )
    return fine


def draw(
    model: Any,
    tokenizer: Any,
    prompts: Sequence[str],
    each: int,
    *,
    new_tokens: int,
    temperature: float = 1.0,
    seed: int = 0,
    at_once: int = 32,
    watch: Watch = UNWATCHED,
    doing: str = "Sampling",
) -> Samples:
    """Draws responses from the model's whole distribution, nothing of it cut away.

    Parameters
    ----------
    prompts : each leaving room for `new_tokens`.
    each : responses to a prompt.
    seed : of these samples; the random states of the process stay as they are.
    at_once : responses drawn together.
    """
    import torch

    ids = [prompt_ids(tokenizer, prompt) for prompt in prompts]
    wanted = np.repeat(np.arange(len(prompts)), each)
    texts, whole, finished = [], [], []
    end = tokenizer.eos_token_id
    stops = {end, *_ends(model)}
    devices = [model.device] if model.device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices), torch.inference_mode():
        torch.manual_seed(seed)
        for begin in range(0, len(wanted), at_once):
            watch.step(begin, len(wanted), doing)
            part = wanted[begin : begin + at_once]
            width = max(len(ids[i]) for i in part)
            pad = tokenizer.pad_token_id
            given = torch.tensor([[pad] * (width - len(ids[i])) + ids[i] for i in part], device=model.device)
            mask = torch.tensor([[0] * (width - len(ids[i])) + [1] * len(ids[i]) for i in part], device=model.device)
            out = model.generate(
                input_ids=given,
                attention_mask=mask,
                do_sample=True,
                temperature=temperature,
                top_k=0,
                top_p=1.0,
                max_new_tokens=new_tokens,
                pad_token_id=pad,
            )
            for i, row in zip(part, out[:, width:].tolist(), strict=True):
                stop = next((k for k, token in enumerate(row) if token in stops), None)
                said = row if stop is None else row[: stop + 1]
                finished.append(stop is not None)
                whole.append(ids[i] + said)
                texts.append(tokenizer.decode(said, skip_special_tokens=True).strip())
    start = np.array([len(ids[i]) for i in wanted], np.int64)
    return Samples(wanted, texts, Sequences(whole, start), np.array(finished, bool))


def distinct_share(samples: Samples, prompts: int) -> np.ndarray:
    """How varied the responses to each prompt are: distinct pairs of neighbouring words over all of them (distinct-2,
    Li et al. 2016), float64 (prompts,); NaN where no response has two words.

    >>> none = Sequences([], np.empty(0, np.int64))
    >>> distinct_share(Samples(np.array([0, 0]), ["a b c", "a b d"], none, np.ones(2, bool)), 1).tolist()
    [0.75]
    """
    pairs: list[list[tuple[str, str]]] = [[] for _ in range(prompts)]
    for i, text in zip(samples.prompt, samples.texts, strict=True):
        words = text.lower().split()
        pairs[int(i)] += pairwise(words)
    return np.array([len(set(found)) / len(found) if found else np.nan for found in pairs])


def _ends(model: Any) -> set[int]:
    """Tokens that end a response, as the model's own settings for generation say."""
    known = model.generation_config.eos_token_id
    if known is None:
        return set()
    return set(known) if isinstance(known, list | tuple) else {known}
