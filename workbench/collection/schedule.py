"""Which kind of task is an annotator's n-th, and which response stands left: drawn by hash, so that a reload, another
process or another machine decides the same, and nobody without the batch's secret can foresee it.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

import numpy as np

Kind = Literal["regular", "gold", "check", "repeat"]
BLOCK = 20
"""Tasks among which the shares are realised."""


@dataclass(frozen=True)
class Shares:
    """Shares of an annotator's tasks.

    Attributes
    ----------
    gold : items with a known answer, told apart from others by nobody.
    check : attention checks, which say in their text what to choose.
    repeat : items of this annotator again, sides exchanged.
    repeat_gap : tasks that lie between an item and its repeat, at least.
    """

    gold: float = 0.1
    check: float = 0.0
    repeat: float = 0.05
    repeat_gap: int = 20

    @classmethod
    def from_percent(cls, *, gold: float, repeat: float, check: float = 0.0) -> Shares:
        """Shares as a page asks for them.

        >>> Shares.from_percent(gold=10, repeat=5).regular
        0.85
        """
        return cls(gold=gold / 100, repeat=repeat / 100, check=check / 100)

    @property
    def regular(self) -> float:
        """What is left for items nobody knows the answer of."""
        return 1.0 - self.gold - self.check - self.repeat


def kind_of_task(secret: str, annotator: str, place: int, shares: Shares) -> Kind:
    """The kind of an annotator's task number `place` (from 1).

    In each block of 20 tasks a kind of share s takes floor(20 s) places and, with the chance of what is left over, one
    more (stochastic rounding): the share is exact in the mean whatever it is, where rounding down makes 5% of 50 tasks
    4%. Where in the block they stand is random.

    >>> kinds = [kind_of_task("s", "ann", n, Shares(gold=0.1, repeat=0.0)) for n in range(1, 101)]
    >>> kinds.count("gold"), kinds.count("regular")
    (10, 90)
    """
    block, inside = divmod(place - 1, BLOCK)
    rng = np.random.default_rng(_bits(secret, "kind", annotator, str(block)))
    kinds: list[Kind] = []
    wanted: tuple[tuple[Kind, float], ...] = (("gold", shares.gold), ("check", shares.check), ("repeat", shares.repeat))
    for kind, share in wanted:
        # 0.15 x 20 is a hair under 3 in floating point; without rounding it would now and then take two.
        exact = round(share * BLOCK, 9)
        kinds += [kind] * (int(exact) + int(rng.random() < exact - int(exact)))
    kinds = kinds[:BLOCK] + ["regular"] * (BLOCK - len(kinds))
    return kinds[int(rng.permutation(BLOCK)[inside])]


def first_shown(secret: str, annotator: str, item: str, round: int) -> Literal["a", "b"]:
    """Which response of an item stands left for this annotator; in the repeat it is the other one.

    >>> first_shown("s", "ann", "i1", 0) != first_shown("s", "ann", "i1", 1)
    True
    """
    bit = (_bits(secret, "side", annotator, item) + round) % 2
    return "b" if bit else "a"


def _bits(*parts: str) -> int:
    return int.from_bytes(blake2b("\x1f".join(parts).encode(), digest_size=8).digest(), "big")
