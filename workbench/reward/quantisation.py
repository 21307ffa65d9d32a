"""What does it change to hold a model's weights in 8 bits? Measured on pairs: order, accuracy, size and time.

Dynamic quantisation keeps the weights of the linear layers as 8-bit integers and quantises what flows into them as it
comes (torch's `quantize_dynamic`). It runs on the CPU; whether it is faster depends on the processor, and whether it is
worth it on what it changes.
"""

from __future__ import annotations

import copy
import io
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from workbench.errors import WorkbenchError
from workbench.estimates import Estimate, Finite
from workbench.progress import UNWATCHED, Watch
from workbench.reward.latency import Latency, scoring_latency
from workbench.reward.model import RewardModel
from workbench.reward.pairs import Pairs
from workbench.reward.ranking import clustered_share, hits, paired_difference
from workbench.reward.sentence import SentenceEncoder
from workbench.reward.sequence_model import SequenceModel


class PairScorer(Protocol):
    """A model that scores and compares."""

    def score(self, prompt: Sequence[str], response: Sequence[str], watch: Watch = UNWATCHED) -> np.ndarray:
        """Score of each response."""

    def margin(
        self, prompt: Sequence[str], response_a: Sequence[str], response_b: Sequence[str], watch: Watch = UNWATCHED
    ) -> np.ndarray:
        """Score of A minus score of B."""


@dataclass(frozen=True, kw_only=True)
class Quantisation(Finite):
    """A model beside its quantised form, on the same pairs and the same machine.

    Attributes
    ----------
    flips : share of pairs whose order changes.
    before, after : ranking accuracy.
    change : after less before, paired.
    margin_shift : mean absolute change of a margin, over the mean absolute margin.
    bytes_before, bytes_after : size of the weights.
    latency_before, latency_after : time of a call by batch size.
    method, engine, device : how and where.
    """

    flips: Estimate
    before: Estimate
    after: Estimate
    change: Estimate
    margin_shift: float
    bytes_before: int
    bytes_after: int
    latency_before: tuple[Latency, ...]
    latency_after: tuple[Latency, ...]
    method: str
    engine: str
    device: str

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        found: dict[str, Any] = {name: getattr(self, name).to_dict() for name in ("flips", "before", "after", "change")}
        found |= {
            name: getattr(self, name)
            for name in ("margin_shift", "bytes_before", "bytes_after", "method", "engine", "device")
        }
        return found | {
            name: [each.to_dict() for each in getattr(self, name)] for name in ("latency_before", "latency_after")
        }

    def __str__(self) -> str:
        times = ", ".join(
            f"{b.batch} at once {b.median:.0f} ms -> {a.median:.0f} ms"
            for b, a in zip(self.latency_before, self.latency_after, strict=True)
        )
        change = self.change.value
        return (
            f"8-bit weights turn {100 * (self.flips.value or 0.0):.2f}% of {self.flips.n:,} pairs round, change"
            f" accuracy by {'nothing known' if change is None else f'{100 * change:+.2f} points'}, and take"
            f" {self.bytes_after / 2**20:.1f} MB instead of {self.bytes_before / 2**20:.1f} MB; {times}."
        )


def measure_quantisation(
    model: PairScorer,
    quantised: PairScorer,
    sizes: tuple[int, int],
    pairs: Pairs,
    *,
    batches: Sequence[int] = (1, 8, 32),
    watch: Watch = UNWATCHED,
) -> Quantisation:
    """What changes on these pairs?

    Parameters
    ----------
    model, quantised : the two forms.
    sizes : bytes of the weights of each.
    pairs : with labels; a few hundred show a flip rate of a per cent.
    """
    import torch

    prompt, a, b = pairs.prompt.tolist(), pairs.response_a.tolist(), pairs.response_b.tolist()
    first, second = (m.margin(prompt, a, b, watch) for m in (model, quantised))
    turned = (np.sign(first) != np.sign(second)).astype(float)
    before, after = hits(first, pairs.target), hits(second, pairs.target)
    times = [scoring_latency(m.score, prompt, a, batches=batches, watch=watch) for m in (model, quantised)]
    return Quantisation(
        flips=clustered_share(turned, pairs.group, "Pairs turned round"),
        before=clustered_share(before, pairs.group, "As trained"),
        after=clustered_share(after, pairs.group, "8-bit weights"),
        change=paired_difference(after, before, pairs.group, "8-bit less as trained"),
        margin_shift=float(np.abs(second - first).mean() / max(np.abs(first).mean(), 1e-12)),
        bytes_before=sizes[0],
        bytes_after=sizes[1],
        latency_before=times[0],
        latency_after=times[1],
        method="torch quantize_dynamic, int8 weights of linear layers",
        engine=str(torch.backends.quantized.engine),
        device=f"CPU, {torch.get_num_threads()} threads",
    )


def quantise(module: Any) -> Any:
    """A copy of a torch module on the CPU with the weights of its linear layers in 8 bits; the original stays as it is.

    Raises
    ------
    WorkbenchError
        This processor, or this build of torch, has no 8-bit kernels.
    """
    import torch

    engines = [name for name in torch.backends.quantized.supported_engines if name != "none"]
    if not engines:
        raise WorkbenchError("This build of torch has no 8-bit kernels for this processor.", "Use the model as it is.")
    if torch.backends.quantized.engine == "none":
        torch.backends.quantized.engine = engines[-1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch announces a successor, which needs a compiler to be fast
        return torch.ao.quantization.quantize_dynamic(
            copy.deepcopy(module).cpu().eval(), {torch.nn.Linear}, dtype=torch.qint8
        )


def weight_bytes(module: Any) -> int:
    """Bytes of a module's weights when written down."""
    import torch

    stream = io.BytesIO()
    torch.save(module.state_dict(), stream)
    return stream.getbuffer().nbytes


def quantised_sequence_model(model: SequenceModel) -> SequenceModel:
    """A sequence model with 8-bit weights, for scoring on the CPU."""
    return model.with_weights(quantise(model.model))


def quantised_model(model: RewardModel | SequenceModel) -> RewardModel | SequenceModel:
    """Any model with 8-bit weights of its linear layers, which computes every vector anew.

    Raises
    ------
    WorkbenchError
        A head's encoder is none with weights, or this processor has no 8-bit kernels.
    """
    if isinstance(model, SequenceModel):
        return quantised_sequence_model(model)
    encoder = _with_weights(model)
    return replace(model, encoder=DirectEncoder(encoder, quantise(encoder.transformer())))


def _with_weights(model: RewardModel) -> SentenceEncoder:
    if not isinstance(model.encoder, SentenceEncoder):
        raise WorkbenchError(
            f"The encoder {model.encoder.name!r} has no weights to hold in 8 bits.",
            "Train on a sentence encoder to measure this.",
        )
    return model.encoder


def measure_sequence_model(
    model: SequenceModel, pairs: Pairs, *, batches: Sequence[int] = (1, 8, 32), watch: Watch = UNWATCHED
) -> Quantisation:
    """What do 8-bit weights change in a fine-tuned model? Both forms run on the CPU."""
    plain = model.with_weights(copy.deepcopy(model.model).cpu())
    small = quantised_sequence_model(plain)
    return measure_quantisation(
        plain, small, (weight_bytes(plain.model), weight_bytes(small.model)), pairs, batches=batches, watch=watch
    )


class DirectEncoder:
    """A sentence encoder that computes every vector anew, with these weights: what time and 8-bit weights are measured
    with.

    Parameters
    ----------
    encoder : whose folder, layer and name it has.
    module : the sentence-transformers model it computes with.
    """

    reason = ""

    def __init__(self, encoder: SentenceEncoder, module: Any) -> None:
        self._encoder = _WithModule(encoder, module)

    @property
    def name(self) -> str:
        """The encoder's name."""
        return self._encoder.name

    @property
    def key(self) -> str:
        """Of nothing that is kept: its vectors are never."""
        return f"direct {self._encoder.key}"

    @property
    def dim(self) -> int:
        """Length of its vectors."""
        return self._encoder.dim

    def encode(self, texts: Sequence[str], watch: Watch = UNWATCHED) -> np.ndarray:
        """Vectors of these texts, float32 (n, dim)."""
        return self._encoder.encode_views(texts, (self._encoder,), watch)[self._encoder.key]

    def fitted(self, texts: Sequence[str], watch: Watch = UNWATCHED) -> DirectEncoder:  # noqa: ARG002
        """Itself."""
        return self

    def views(self) -> tuple[DirectEncoder, ...]:
        """Itself alone."""
        return (self,)

    def record(self) -> dict[str, Any]:
        """That of the encoder."""
        return self._encoder.record()

    def arrays(self) -> Mapping[str, np.ndarray]:
        """Nothing of its own."""
        return {}


class _WithModule(SentenceEncoder):
    def __init__(self, encoder: SentenceEncoder, module: Any) -> None:
        super().__init__(encoder.folder, encoder.layer, encoder.base, by_path=encoder.by_path, long=encoder.long)
        self._module = module

    def transformer(self) -> Any:
        return self._module


def measure_head(
    model: RewardModel, pairs: Pairs, *, batches: Sequence[int] = (1, 8, 32), watch: Watch = UNWATCHED
) -> Quantisation:
    """What do 8-bit weights of the encoder change in a head on it? Both forms run on the CPU and compute every vector
    anew.

    Raises
    ------
    WorkbenchError
        The encoder is none with weights.
    """
    encoder = _with_weights(model)
    plain = copy.deepcopy(encoder.transformer()).cpu().eval()
    small = quantise(plain)
    forms = [replace(model, encoder=DirectEncoder(encoder, module)) for module in (plain, small)]
    return measure_quantisation(
        forms[0], forms[1], (weight_bytes(plain), weight_bytes(small)), pairs, batches=batches, watch=watch
    )
