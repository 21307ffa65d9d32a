"""What a scenario is made of: each input with its unit, its allowed range, what it means, and where its default comes
from.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Literal

from workbench.economics import units as u
from workbench.economics.units import Quantity, Unit
from workbench.errors import WorkbenchError

Group = Literal["People", "Quality", "AI judges", "Routing", "Items"]
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
GROUPS: tuple[Group, ...] = ("People", "Quality", "AI judges", "Routing", "Items")


@dataclass(frozen=True, kw_only=True)
class InputKind:
    """One input of the cost model.

    Attributes
    ----------
    name, title : in files and on the command line, and for people.
    unit : what its number counts.
    low, high : allowed range, ends included.
    default : where a scenario says nothing.
    group : where it stands on the page.
    description : what it means, and how to find it out.
    source, date : where the default comes from.
    decision : whether it is chosen (labels per item) and not merely unknown (seconds per label); chosen ones are not
        drawn at random.
    step : of a slider.
    whole : whether only whole numbers make sense.
    """

    name: str
    title: str
    unit: Unit
    low: float
    high: float
    default: float
    group: Group
    description: str
    source: str
    date: str
    decision: bool
    step: float
    whole: bool

    def checked(self, value: object, typed: str = "") -> float:
        """The value as a number within the allowed range.

        Parameters
        ----------
        typed : how somebody wrote it, such as `110%`: the message says it as it was written.

        Raises
        ------
        WorkbenchError
            It is no finite number, or lies outside the range; the message names the input.

        >>> INPUTS["gold_share"].checked(0.1)
        0.1
        """
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise WorkbenchError(f"{self.name}: {_shown(value)} is not a number.", f"Give {self._range()}.")
        number = float(value)
        percent = "%" in typed
        said, allowed = _as_typed(typed) or f"{number:g}", self._range(percent=percent)
        if not math.isfinite(number):
            raise WorkbenchError(f"{self.name}: {said} is not a finite number.", f"Give {allowed}.")
        if not self.low <= number <= self.high:
            meant = (
                self.unit.name == u.SHARE.name
                and not percent
                and 1 < number <= 100
                and self.high <= 1
                and number / 100 <= self.high
            )
            hint = f" For {number:g}% write {number / 100:g}." if meant else ""
            raise WorkbenchError(f"{self.name}: {said} is not possible.", f"Give {allowed}.{hint}")
        if self.whole and number != round(number):
            raise WorkbenchError(f"{self.name}: {said} is not a whole number.", f"Give {allowed}.")
        return number

    def _range(self, *, percent: bool = False) -> str:
        if percent:
            return f"a share from {100 * self.low:g}% to {100 * self.high:g}%"
        return f"a {'whole ' if self.whole else ''}number from {self.low:g} to {self.high:,.10g} ({self.unit.name})"


@dataclass(frozen=True, kw_only=True)
class Input:
    """The value of one input, and how far to trust it.

    Attributes
    ----------
    name, value : in the unit of its kind.
    source, date : where it comes from, and when that was true.
    low, high : the range it plausibly lies in; None where nothing is said.
    measured : whether it was measured from a data set.
    note : such as the number of judgements it was measured from.
    """

    name: str
    value: float
    source: str
    date: str
    low: float | None = None
    high: float | None = None
    measured: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        kind = kind_of(self.name)
        object.__setattr__(self, "value", kind.checked(self.value))
        for side in ("low", "high"):
            if getattr(self, side) is not None:
                object.__setattr__(self, side, kind.checked(getattr(self, side)))
        low, high = self.low, self.high
        if (low is not None and low > self.value) or (high is not None and high < self.value):
            raise WorkbenchError(
                f"{self.name}: {self.value:g} lies outside its own range, {low} to {high}.", "Mend low, value or high."
            )

    @property
    def quantity(self) -> Quantity:
        """The value with its unit."""
        return Quantity(self.value, kind_of(self.name).unit)

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        unit = kind_of(self.name).unit.name
        return {
            "value": self.value,
            "unit": unit,
            "source": self.source,
            "date": self.date,
            "low": self.low,
            "high": self.high,
            "measured": self.measured,
            "note": self.note,
        }


CHOICES: dict[str, tuple[str, ...]] = {
    "pay": ("label", "hour"),
    "ai_pay": ("judgement", "token"),
    "aggregation": ("majority", "weighted"),
    "training_target": ("label", "votes"),
}
"""Inputs that are words: how people and judges are paid, how votes become a label, and what the reward model is given.
"""

CHOICE_HELP: dict[str, str] = {
    "pay": "whether people are paid a price per label (`label_price`) or for their time (`wage` x `seconds_per_label`)",
    "ai_pay": "whether AI judges cost a price per judgement (`ai_price`) or by tokens",
    "aggregation": (
        "majority of the votes with ties shared, or votes weighted by the log-odds of each annotator's accuracy, taken"
        " as known"
    ),
    "training_target": "whether the reward model learns from one label an item, or from every vote (soft labels)",
}


def kind_of(name: str) -> InputKind:
    """The input of this name.

    Raises
    ------
    WorkbenchError
        There is none; the message names the nearest.
    """
    if name not in INPUTS:
        raise unknown(name, INPUTS, "input")
    return INPUTS[name]


def unknown(name: object, known: Iterable[str], what: str) -> WorkbenchError:
    """The error for a name nobody knows, with the nearest that is known."""
    names = list(known)
    near = get_close_matches(str(name), names, 1, 0.5)
    listed = ", ".join(names) if len(names) <= 14 else ", ".join(names[:10]) + f" and {len(names) - 10} more"
    return WorkbenchError(
        f"There is no {what} {_shown(name)}.", f"Did you mean {near[0]}?" if near else f"There are {listed}."
    )


def checked_choice(name: str, value: object) -> str:
    """One of the words a choice knows."""
    if value not in CHOICES[name]:
        raise WorkbenchError(
            f"{name}: {_shown(value)} is not a choice.", f"Give {' or '.join(CHOICES[name])}: {CHOICE_HELP[name]}."
        )
    return str(value)


def parsed(name: str, text: str) -> float | str:
    """The value of an input or choice as somebody typed it: `0.1`, `10%`, `1,000`, `weighted`.

    >>> parsed("gold_share", "10%"), parsed("aggregation", "weighted")
    (0.1, 'weighted')
    """
    if name in CHOICES:
        return checked_choice(name, text.strip())
    kind = kind_of(name)
    cleaned = text.strip().replace("$", "").replace("_", "")
    percent = cleaned.endswith("%")
    cleaned = cleaned.rstrip("% ")
    if "," in cleaned and not _THOUSANDS.fullmatch(cleaned):
        # 1,5 is one and a half in half of the world, and would be 15 with the comma taken out.
        raise WorkbenchError(
            f"{name}: {_shown(text)} is not a number.",
            f"Write a point before decimals, and commas between thousands only. Give {kind._range()}.",
        )
    try:
        value = float(cleaned.replace(",", ""))
    except ValueError:
        raise WorkbenchError(f"{name}: {_shown(text)} is not a number.", f"Give {kind._range()}.") from None
    if percent and kind.unit.name != u.SHARE.name:
        raise WorkbenchError(
            f"{name}: {_shown(text)} is a percentage, but it is counted in {kind.unit.name}.", f"Give {kind._range()}."
        )
    return kind.checked(round(value / 100, 12) if percent else value, text)


def default_inputs() -> dict[str, Input]:
    """Every input at its default."""
    return {
        kind.name: Input(name=kind.name, value=kind.default, source=kind.source, date=kind.date)
        for kind in INPUTS.values()
    }


def with_value(old: Input, value: float, source: str, date: str) -> Input:
    """The input with a value of somebody's own: a range that no longer holds it is dropped."""
    low, high = (
        (old.low, old.high) if (old.low or 0) <= value <= (math.inf if old.high is None else old.high) else (None, None)
    )
    return replace(old, value=value, source=source, date=date, low=low, high=high, measured=False, note="")


def _as_typed(text: str) -> str:
    return " ".join(text.split())[:40]


def _shown(value: object) -> str:
    return f"{_as_typed(str(value))!r}"


_NONE = "not part of this scenario unless it is set"
_OWN = "assumption of this workbench; replace it by your own"
_FARM = "AlpacaFarm / AlpacaEval README"
_DAY = "2026-11"


def _table(rows: Iterable[InputKind]) -> Mapping[str, InputKind]:
    return {row.name: row for row in rows}


def _in(
    name: str,
    title: str,
    unit: Unit,
    low: float,
    high: float,
    default: float,
    group: Group,
    description: str,
    source: str = _NONE,
    date: str = _DAY,
    *,
    decision: bool = False,
    step: float = 0.01,
    whole: bool = False,
) -> InputKind:
    return InputKind(
        name=name,
        title=title,
        unit=unit,
        low=low,
        high=high,
        default=default,
        group=group,
        description=description,
        source=source,
        date=date,
        decision=decision,
        step=step,
        whole=whole,
    )


INPUTS: Mapping[str, InputKind] = _table(
    [
        _in(
            "label_price",
            "Price per label",
            u.DOLLARS_PER_LABEL,
            0,
            1_000,
            1.50,
            "People",
            "What one human judgement costs, before the platform's fee. Used where `pay` is `label`.",
            "original design notes, cost table",
            "undated",
            step=0.05,
        ),
        _in(
            "wage",
            "Wage",
            u.DOLLARS_PER_HOUR,
            0,
            1_000,
            21,
            "People",
            "Pay for an hour of labelling. Used where `pay` is `hour`.",
            _FARM,
            "2023",
            step=0.5,
        ),
        _in(
            "seconds_per_label",
            "Seconds per label",
            u.SECONDS_PER_LABEL,
            0.5,
            14_400,
            36.8,
            "People",
            "Working time for one judgement, reading included. It makes the calendar, and the price where `pay` is"
            " `hour`.",
            _FARM,
            "2023",
            step=1,
        ),
        _in("platform_fee", "Platform fee", u.SHARE, 0, 1, 0, "People", "What the platform or agency adds to pay."),
        _in(
            "labels_per_item",
            "Labels per item",
            u.LABELS_PER_ITEM,
            1,
            25,
            1,
            "People",
            "Human labels for each item that goes to people; 1.3 means a second label for 30% of them.",
            decision=True,
            step=0.1,
        ),
        _in(
            "annotators",
            "Annotators",
            u.PEOPLE,
            1,
            100_000,
            20,
            "People",
            "People who label at the same time.",
            _OWN,
            decision=True,
            step=1,
            whole=True,
        ),
        _in(
            "hours_per_week",
            "Hours a week",
            u.HOURS_PER_WEEK,
            0.5,
            100,
            30,
            "People",
            "Hours one annotator is at work in a week.",
            _OWN,
            step=1,
        ),
        _in(
            "utilisation",
            "Utilisation",
            u.SHARE,
            0.05,
            1,
            0.8,
            "People",
            "Share of those hours spent on labels, after breaks, meetings and waiting.",
            _OWN,
            step=0.05,
        ),
        _in(
            "ramp_weeks",
            "Weeks to start",
            u.WEEKS,
            0,
            104,
            0,
            "People",
            "Hiring, guidelines and training before the first label that counts.",
            step=0.5,
        ),
        _in(
            "annotator_accuracy",
            "Annotator accuracy",
            u.SHARE,
            0.5,
            1,
            0.836,
            "People",
            "Chance that one human label names the better response. From agreement a of two annotators: (1 + sqrt(2a -"
            " 1)) / 2.",
            "from 72.6% agreement (InstructGPT), one-coin model",
            "2022",
            step=0.005,
        ),
        _in(
            "accuracy_spread",
            "Spread of accuracy",
            u.SHARE,
            0,
            0.25,
            0.05,
            "People",
            "Standard deviation of accuracy between annotators: what weighting can use, and what widens the new-crew"
            " interval.",
            _OWN,
            step=0.005,
        ),
        _in(
            "careless_share",
            "Careless annotators",
            u.SHARE,
            0,
            0.5,
            0,
            "People",
            "Share of annotators who click at random until gold finds them. Without gold they stay.",
        ),
        _in(
            "gold_share",
            "Gold share",
            u.SHARE,
            0,
            0.9,
            0,
            "Quality",
            "Share of people's tasks whose answer is known: paid, and not usable as labels.",
            decision=True,
        ),
        _in(
            "gold_items",
            "Gold items to write",
            u.ITEMS,
            0,
            1_000_000,
            0,
            "Quality",
            "Items with a known answer that experts make beforehand.",
            decision=True,
            step=10,
            whole=True,
        ),
        _in(
            "gold_labels",
            "Expert labels per gold item",
            u.LABELS_PER_ITEM,
            1,
            25,
            3,
            "Quality",
            "How many experts agree on each gold answer.",
            "gold written by three experts each",
            _DAY,
            decision=True,
            step=1,
        ),
        _in(
            "rejected_share",
            "Rejected work",
            u.SHARE,
            0,
            0.9,
            0,
            "Quality",
            "Share of human work that is paid, refused and done again.",
        ),
        _in(
            "unusable_share",
            "Unusable items",
            u.SHARE,
            0,
            0.9,
            0,
            "Quality",
            "Share of finished items that training cannot use: broken pairs, wrong guidelines, items set aside by"
            " cleaning.",
        ),
        _in(
            "adjudicated_share",
            "Adjudicated",
            u.SHARE,
            0,
            1,
            0,
            "Quality",
            "Share of people's items whose votes are too close and go to an expert; the closest first.",
            decision=True,
        ),
        _in(
            "expert_review_share",
            "Expert review",
            u.SHARE,
            0,
            1,
            0,
            "Quality",
            "Share of all finished items that an expert labels again, drawn at random.",
            decision=True,
        ),
        _in(
            "expert_price",
            "Price per expert label",
            u.DOLLARS_PER_LABEL,
            0,
            5_000,
            10,
            "Quality",
            "Adjudication, review, spot-check disputes and gold.",
            "original design notes leave it out; $10 and $25 were examined",
            _DAY,
            step=0.5,
        ),
        _in(
            "expert_accuracy",
            "Expert accuracy",
            u.SHARE,
            0.5,
            1,
            0.95,
            "Quality",
            "Chance that an expert's label names the better response.",
            _OWN,
            step=0.005,
        ),
        _in(
            "experts",
            "Experts",
            u.PEOPLE,
            1,
            10_000,
            3,
            "Quality",
            "Experts who work at the same time.",
            _OWN,
            decision=True,
            step=1,
            whole=True,
        ),
        _in(
            "expert_seconds",
            "Seconds per expert label",
            u.SECONDS_PER_LABEL,
            0.5,
            14_400,
            180,
            "Quality",
            "Working time for one expert label.",
            _OWN,
            step=10,
        ),
        _in(
            "ai_judges",
            "AI judges",
            u.NUMBER,
            0,
            50,
            0,
            "AI judges",
            "Different judges asked about every item; 0 = no AI.",
            decision=True,
            step=1,
            whole=True,
        ),
        _in(
            "ai_orders",
            "Orders",
            u.NUMBER,
            1,
            2,
            1,
            "AI judges",
            "1 = each pair shown once; 2 = both orders, which takes position bias out.",
            decision=True,
            step=1,
            whole=True,
        ),
        _in(
            "ai_samples",
            "Samples",
            u.NUMBER,
            1,
            100,
            1,
            "AI judges",
            "How often each judge is asked in each order.",
            decision=True,
            step=1,
            whole=True,
        ),
        _in(
            "ai_price",
            "Price per AI judgement",
            u.DOLLARS_PER_JUDGEMENT,
            0,
            100,
            0.02,
            "AI judges",
            "One call. Used where `ai_pay` is `judgement`.",
            "original design notes, cost table",
            "undated",
            step=0.005,
        ),
        _in(
            "tokens_in",
            "Tokens in",
            u.TOKENS_PER_JUDGEMENT,
            1,
            2_000_000,
            1_200,
            "AI judges",
            "Instructions, prompt and both responses.",
            "worked example: 1,200 in, 20 out",
            "2025",
            step=50,
        ),
        _in(
            "tokens_out",
            "Tokens out",
            u.TOKENS_PER_JUDGEMENT,
            1,
            200_000,
            20,
            "AI judges",
            "The verdict, with its reasoning where it is asked for.",
            "worked example: 1,200 in, 20 out",
            "2025",
            step=5,
        ),
        _in(
            "price_in",
            "Price of tokens in",
            u.DOLLARS_PER_MILLION_TOKENS,
            0,
            10_000,
            2.50,
            "AI judges",
            "List price per million tokens read.",
            "third-party price table",
            "2025",
            step=0.05,
        ),
        _in(
            "price_out",
            "Price of tokens out",
            u.DOLLARS_PER_MILLION_TOKENS,
            0,
            10_000,
            10,
            "AI judges",
            "List price per million tokens written.",
            "third-party price table",
            "2025",
            step=0.1,
        ),
        _in(
            "cached_share",
            "Tokens from cache",
            u.SHARE,
            0,
            1,
            0,
            "AI judges",
            "Share of the tokens read that come from the provider's cache, such as long instructions.",
        ),
        _in(
            "price_cached",
            "Price of cached tokens",
            u.DOLLARS_PER_MILLION_TOKENS,
            0,
            10_000,
            0,
            "AI judges",
            "List price per million cached tokens.",
            step=0.05,
        ),
        _in(
            "retry_share",
            "Retries",
            u.SHARE,
            0,
            5,
            0,
            "AI judges",
            "Calls repeated because nothing came back or it could not be read, per call.",
        ),
        _in(
            "batch_discount",
            "Batch discount",
            u.SHARE,
            0,
            0.95,
            0,
            "AI judges",
            "What a batch interface takes off the price.",
            step=0.05,
        ),
        _in(
            "ai_accuracy",
            "AI accuracy",
            u.SHARE,
            0.5,
            1,
            0.78,
            "AI judges",
            "Chance that one judge names the better response, on the items whose AI label is kept.",
            "RLAIF, alignment of the largest labeller, 78.0%",
            "2023",
            step=0.005,
        ),
        _in(
            "judge_correlation",
            "Correlation of judges",
            u.SHARE,
            0,
            1,
            0.4375,
            "AI judges",
            "How far judges err together: k judges are worth k / (1 + (k - 1) rho). Nine judges were found to be worth"
            " two.",
            "arXiv 2605.29800",
            "2026",
        ),
        _in(
            "escalated_share",
            "Sent to people",
            u.SHARE,
            0,
            1,
            1,
            "Routing",
            "Share of items that people label: those the AI is unsure of. 1 where there is no AI.",
            decision=True,
        ),
        _in(
            "check_share",
            "Spot checks",
            u.SHARE,
            0,
            1,
            0,
            "Routing",
            "Share of kept AI labels that one human label checks.",
            decision=True,
        ),
        _in(
            "check_disagreement",
            "Checks that disagree",
            u.SHARE,
            0,
            1,
            0.27,
            "Routing",
            "Share of spot checks where human and AI differ; an expert decides them.",
            "1 less 73% agreement",
            "2022",
        ),
        _in(
            "audit_items",
            "Audit items",
            u.ITEMS,
            0,
            10_000_000,
            0,
            "Routing",
            "Items that people label only to measure quality, so that the estimate is unbiased.",
            decision=True,
            step=50,
            whole=True,
        ),
        _in(
            "generation_price",
            "Generation",
            u.DOLLARS_PER_ITEM,
            0,
            1_000,
            0,
            "Items",
            "Prompt and two responses of one item.",
            step=0.001,
        ),
        _in(
            "selection_pool",
            "Candidates per item",
            u.NUMBER,
            1,
            10_000,
            1,
            "Items",
            "Pairs generated and scored for each one that is labelled; 1 = no selection.",
            decision=True,
            step=1,
        ),
        _in(
            "selection_price",
            "Scoring a candidate",
            u.DOLLARS_PER_ITEM,
            0,
            100,
            0,
            "Items",
            "Embedding and scoring one candidate.",
            step=0.0001,
        ),
        _in(
            "selection_gain",
            "Selection saves",
            u.NUMBER,
            0.1,
            20,
            1,
            "Items",
            "Labels a random choice would need for the same model, per selected label. Measured: 1 (no gain) to 3.",
            step=0.1,
        ),
        _in(
            "fixed_cost",
            "Fixed cost",
            u.DOLLARS,
            0,
            1_000_000_000,
            0,
            "Items",
            "Guidelines, training, tooling, project management: paid once.",
            step=500,
        ),
        _in(
            "split_share",
            "Split pairs",
            u.SHARE,
            0,
            0.8,
            0,
            "Items",
            "Share of pairs that people are split over for good: every label is a coin flip, and more votes do not"
            " help. The accuracies of people and AI include them.",
            "none: votes err independently, so redundancy looks as good as it can",
            _DAY,
        ),
        _in(
            "preference_strength",
            "Strength of preferences",
            u.SHARE,
            0.5,
            0.99,
            0.5,
            "Items",
            "How sure a perfect model would be of the better side. At 0.5 a label of accuracy p keeps (2p - 1)^2 of its"
            " information, which is the most; clear pairs keep less.",
            "upper bound",
            _DAY,
        ),
    ]
)
"""Every input by its name."""
