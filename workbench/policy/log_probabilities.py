r"""How probable a language model finds a response: $\ln \pi(y \mid x) = \sum_t \ln \pi(y_t \mid x, y_{<t})$."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from workbench.policy.base import as_reference, computing
from workbench.policy.texts import Sequences
from workbench.progress import UNWATCHED, Watch


@dataclass(frozen=True, eq=False)
class Batch:
    """Texts padded on the right to the longest.

    Attributes
    ----------
    ids, mask : int64 (n, t): tokens, and 1 where one is.
    response : bool (n, t): where a token is of the response.
    first : where the earliest response of the batch begins.
    """

    ids: torch.Tensor
    mask: torch.Tensor
    response: torch.Tensor
    first: int


def batch_of(texts: Sequence[tuple[Sequences, int]], pad: int, device: Any = "cpu") -> Batch:
    """These texts, each by its list and its position in it, as one batch."""
    rows = [(side.ids[i], int(side.start[i])) for side, i in texts]
    width = max(len(ids) for ids, _ in rows)
    ids = torch.tensor([list(ids) + [pad] * (width - len(ids)) for ids, _ in rows], device=device)
    length = torch.tensor([len(ids) for ids, _ in rows], device=device)[:, None]
    start = torch.tensor([at for _, at in rows], device=device)[:, None]
    place = torch.arange(width, device=device)[None, :]
    return Batch(ids, (place < length).long(), (place >= start) & (place < length), min(at for _, at in rows))


def token_log_probabilities(model: Any, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """Log-probability of each token from the second of the batch on, and whether it is of a response, (n, t').

    Logits are made from where the earliest response begins, and normalised in float32.
    """
    logits, wanted, response = _logits(model, batch)
    chosen = logits.gather(-1, wanted[..., None]).squeeze(-1).float()
    # One text after the other: a float32 copy of all logits would be the largest thing in memory.
    normaliser = torch.stack([row.float().logsumexp(-1) for row in logits])
    return chosen - normaliser, response


def response_log_probabilities(model: Any, batch: Batch) -> torch.Tensor:
    """Of each text's response, summed over its tokens, float32 (n,)."""
    found, response = token_log_probabilities(model, batch)
    return (found * response).sum(1)


def divergence_by_token(model: Any, reference: Any, batch: Batch) -> torch.Tensor:
    r"""$\mathrm{KL}(\pi(\cdot \mid y_{<t}) \,\|\, \pi_0(\cdot \mid y_{<t}))$ at each token of a response, summed over
    them: float64 (n,).

    Over responses that the policy drew itself this is an estimate of the KL divergence between the two distributions
    of whole responses, in nats, without bias and never below zero; summing the log-ratios of the drawn tokens instead
    varies far more.

    Parameters
    ----------
    reference : another model, or None for the same one without its low-rank additions.
    """
    ours, _, response = _logits(model, batch)
    with as_reference(model):
        theirs, _, _ = _logits(model if reference is None else reference, batch)
    found = []
    for mine, other, here in zip(ours, theirs, response, strict=True):
        p, q = mine[here].double().log_softmax(-1), other[here].double().log_softmax(-1)
        found.append((p.exp() * (p - q)).sum())
    return torch.stack(found)


def pair_log_probabilities(
    model: Any,
    sides: tuple[Sequences, Sequences],
    which: np.ndarray,
    pad: int,
    at_once: int,
    watch: Watch = UNWATCHED,
    doing: str = "Reading with the model",
    *,
    half: bool = False,
) -> np.ndarray:
    """Log-probabilities of both responses of each pair, float64 (len(which), 2), no gradient.

    Parameters
    ----------
    which : positions of the pairs; read in batches of about the same length, which changes the time alone.
    at_once : pairs of one forward pass.
    half : compute in bfloat16.
    """
    found = np.zeros((len(which), 2))
    size = np.array([max(len(sides[0].ids[i]), len(sides[1].ids[i])) for i in which], np.int64)
    order = np.argsort(-size, kind="stable")
    for begin in range(0, len(order), at_once):
        watch.step(begin, len(order), doing)
        part = order[begin : begin + at_once]
        texts = [(side, int(which[i])) for side in sides for i in part]
        with torch.inference_mode(), computing(model.device, half):
            both = response_log_probabilities(model, batch_of(texts, pad, model.device))
        found[part] = both.double().cpu().numpy().reshape(2, -1).T
    return found


def _logits(model: Any, batch: Batch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Logits of the tokens from the earliest response on, those tokens, and whether each is of a response."""
    width = batch.ids.shape[1]
    kept = min(width - max(batch.first, 1) + 1, width)
    options = {"logits_to_keep": kept} if _keeps_logits(model) else {}
    logits = model(input_ids=batch.ids, attention_mask=batch.mask, use_cache=False, **options).logits
    logits = logits[:, -kept:][:, :-1]
    return logits, batch.ids[:, -kept:][:, 1:], batch.response[:, -kept:][:, 1:]


def _keeps_logits(model: Any) -> bool:
    inner = getattr(model, "module", model)  # as launchers wrap it
    inner = inner.get_base_model() if hasattr(inner, "get_base_model") else inner
    return "logits_to_keep" in inspect.signature(inner.forward).parameters
