"""What a token of a judge costs: a dated table of our own, or the user's file; and what a call costs by its tokens."""

from __future__ import annotations

import json
import math
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.judging.answers import Usage
from workbench.judging.spec import JudgeSpec

CHARACTERS_A_TOKEN = 3.6
"""For the estimate before anything is sent; corrected by the usage of the first answers."""


@dataclass(frozen=True, kw_only=True)
class Price:
    """$ per million tokens of one model.

    Attributes
    ----------
    fresh, cache_read, cache_write, out : by kind of token.
    batch_discount : share taken off in a batch file.
    seen : the day the price was seen, as ISO text.
    source : where.
    """

    fresh: float
    cache_read: float
    cache_write: float
    out: float
    batch_discount: float = 0.0
    seen: str = ""
    source: str = ""

    def of(self, usage: Usage) -> float:
        r"""$ of a call: $(T_{fresh} P_{in} + T_{read} P_{cached} + T_{written} P_{written} + T_{out} P_{out}) /
        10^6$.
        """
        paid = (
            usage.fresh * self.fresh
            + usage.cache_read * self.cache_read
            + usage.cache_write * self.cache_write
            + usage.out * self.out
        )
        return paid / 1e6

    def worst(self, characters: int, max_tokens: int, characters_a_token: float = CHARACTERS_A_TOKEN) -> float:
        """$ that a call can cost at the most: its text at the dearest input price, and the longest answer."""
        tokens = math.ceil(characters / characters_a_token)
        return (tokens * max(self.fresh, self.cache_write) + max_tokens * self.out) / 1e6


FREE = Price(fresh=0.0, cache_read=0.0, cache_write=0.0, out=0.0, source="a server of one's own: no price a token")


@dataclass(frozen=True)
class PriceFound:
    """The price of a judge, or why there is none.

    Attributes
    ----------
    price : None where it is not known.
    note : what to say of it: its date, or that none is known.
    """

    price: Price | None
    note: str


def price_of(spec: JudgeSpec, file: str | Path | None = None) -> PriceFound:
    """What does this judge charge?

    Parameters
    ----------
    spec : the judge; what runs here, or on a server of one's own that the table does not know, costs nothing a token.
    file : the user's prices: our TOML form, or the JSON table that litellm publishes.

    Raises
    ------
    WorkbenchError : the file cannot be read.
    """
    table = read_prices(file) if file else {}
    own = _parse_toml(files("workbench.judging").joinpath("prices.toml").read_text("utf-8"), "prices.toml")
    for source in (table, own):
        for name in (spec.model, spec.model.rpartition("/")[2]):
            if name in source:
                found = source[name]
                return PriceFound(found, f"price of {name} as of {found.seen or 'the file'} ({found.source or file})")
    if spec.local:
        return PriceFound(FREE, FREE.source)
    return PriceFound(None, f"no price of {spec.model} is known")


def read_prices(path: str | Path) -> dict[str, Price]:
    """Prices by model from a user's file.

    Raises
    ------
    WorkbenchError : it cannot be read, or is in neither form.
    """
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WorkbenchError(
            f"{path}: the prices cannot be read.", "Check the path; the file is TOML or JSON."
        ) from error
    if text.lstrip().startswith("{"):
        try:
            return _parse_litellm(json.loads(text))
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise WorkbenchError(
                f"{path}: this is no table of prices.", "Use litellm's JSON table or our TOML form."
            ) from error
    return _parse_toml(text, str(path))


def _parse_toml(text: str, name: str) -> dict[str, Price]:
    try:
        read = tomllib.loads(text)
        return {str(model): _price(entry, read.get("as_of", "")) for model, entry in read["model"].items()}
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise WorkbenchError(
            f"{name}: this is no table of prices ({error}).",
            'Write [model."NAME"] with in and out, $ per million tokens.',
        ) from error


def _price(entry: dict[str, Any], as_of: str) -> Price:
    fresh = float(entry["in"])
    return _checked(
        Price(
            fresh=fresh,
            cache_read=float(entry.get("cached", fresh)),
            cache_write=float(entry.get("written", fresh)),
            out=float(entry["out"]),
            batch_discount=float(entry.get("batch", 0.0)),
            seen=str(entry.get("seen", as_of)),
            source=str(entry.get("source", "")),
        )
    )


def _parse_litellm(table: dict[str, Any]) -> dict[str, Price]:
    """The entries that have a price a token; in that table prices are $ a single token."""
    found = {}
    for model, entry in table.items():
        if not isinstance(entry, dict) or not isinstance(entry.get("input_cost_per_token"), (int, float)):
            continue
        fresh, out = float(entry["input_cost_per_token"]) * 1e6, float(entry.get("output_cost_per_token") or 0.0) * 1e6
        batch = entry.get("input_cost_per_token_batches")
        found[str(model)] = _checked(
            Price(
                fresh=fresh,
                cache_read=float(entry.get("cache_read_input_token_cost") or entry["input_cost_per_token"]) * 1e6,
                cache_write=float(entry.get("cache_creation_input_token_cost") or entry["input_cost_per_token"]) * 1e6,
                out=out,
                batch_discount=1 - float(batch) * 1e6 / fresh if isinstance(batch, (int, float)) and fresh > 0 else 0.0,
                source="the given table",
            )
        )
    return found


def _checked(price: Price) -> Price:
    if not all(0 <= p < 1e6 for p in (price.fresh, price.cache_read, price.cache_write, price.out)):
        raise ValueError("a price is negative or no number")
    return price
