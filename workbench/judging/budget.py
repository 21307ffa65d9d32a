"""Money for calls: the worst case is set aside before a call is sent, and settled by what it used, so that a cap is
never passed.
"""

from __future__ import annotations

from workbench.errors import WorkbenchError
from workbench.judging.answers import Usage
from workbench.judging.prices import Price
from workbench.messages import by, message

KEPT_BACK = 0.02
"""Share of a cap that is never reserved: what a wrong count of tokens may cost."""
_ASCII_A_TOKEN = 3.0
_TOKENS_A_LETTER = 1.3
"""Tokens of a letter outside ASCII, at the most in the tokenizers of today."""
_CALL = 40
"""Tokens that the frame of a call adds."""


class Budget:
    """What may still be spent.

    Parameters
    ----------
    cap : $ that may never be passed, spending of earlier processes included; None = no cap.
    spent : $ spent so far.
    price : of the judge; None only without a cap.
    max_tokens : longest answer.
    """

    def __init__(self, cap: float | None, spent: float, price: Price | None, max_tokens: int) -> None:
        if cap is not None and not cap >= 0:
            raise WorkbenchError(f"A budget of {cap:g} dollars is not possible.", "Give 0 or more.")
        if cap is not None and price is None:
            raise WorkbenchError(
                "The price of this judge is not known, so a budget cannot be kept.",
                message("Name a file of prices ", by("prices"), ", or leave the budget out."),
            )
        self.cap, self.spent, self.reserved = cap, spent, 0.0
        self._price, self._max_tokens = price, max_tokens
        self._measured = 1.0

    def worst(self, text: str) -> float:
        """$ that a call with this text can cost at the most."""
        if self._price is None:
            return 0.0
        tokens = tokens_at_most(text) * self._measured
        return (tokens * max(self._price.fresh, self._price.cache_write) + self._max_tokens * self._price.out) / 1e6

    def reserve(self, amount: float) -> bool:
        """Sets an amount aside; False where it would pass the cap."""
        if self.cap is not None and self.spent + self.reserved + amount > self.cap * (1 - KEPT_BACK):
            return False
        self.reserved += amount
        return True

    def settle(self, amount: float, usage: Usage | None, paid: bool, text: str) -> tuple[float, bool]:
        """Gives back what was set aside and adds what it cost; returns the cost, and whether it is a guess.

        Parameters
        ----------
        amount : what was reserved.
        usage : what the server says it took, or None.
        paid : whether the server did (or may have done) the work.
        text : that was sent, so that the count of tokens is learned.
        """
        self.reserved = max(0.0, self.reserved - amount)
        if not paid or self._price is None:
            return 0.0, False
        if usage is None:
            self.spent += amount
            return amount, True
        cost = self._price.of(usage)
        self.spent += cost
        counted = usage.fresh + usage.cache_read + usage.cache_write
        self._measured = max(self._measured, counted / tokens_at_most(text))
        return cost, False


def tokens_at_most(text: str) -> float:
    """Tokens a text can have at the most, by its letters.

    >>> tokens_at_most("a" * 300), tokens_at_most("字" * 100)
    (140.0, 170.0)
    """
    plain = len(text) if text.isascii() else sum(map(str.isascii, text))
    return _CALL + plain / _ASCII_A_TOKEN + (len(text) - plain) * _TOKENS_A_LETTER
