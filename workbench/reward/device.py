"""Which processor torch works on here, and what its memory holds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Device:
    """Where torch works.

    Attributes
    ----------
    kind : `cuda`, `mps` or `cpu`: what `tensor.to` takes.
    name : of the card, or the number of threads.
    half : the 16-bit type it computes well in, `bfloat16`; empty where there is none.
    """

    kind: str
    name: str
    half: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def gpu_memory() -> dict[str, Any] | None:
    """What the GPUs of this process hold, or None where it has none, or has not used one yet.

    Returns
    -------
    `name`; `used`, what all processes hold; `peak`, the most that this process held; `total`: bytes, summed over the
    GPUs it sees.
    """
    import torch

    if not torch.cuda.is_initialized():
        return None
    cards = range(torch.cuda.device_count())
    free, total = (sum(part) for part in zip(*(torch.cuda.mem_get_info(i) for i in cards), strict=True))
    name = torch.cuda.get_device_name(0)
    peak = sum(torch.cuda.max_memory_reserved(i) for i in cards)
    return {
        "name": name if len(cards) == 1 else f"{len(cards)} x {name}",
        "used": total - free,
        "peak": peak,
        "total": total,
    }
