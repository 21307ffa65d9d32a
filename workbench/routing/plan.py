"""A plan of tiers: who is asked in which order, what each costs, and who labels what no tier may decide."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError, first_five

_EXAMPLE = 'Write a [[tier]] with name and judge, such as judge = "rule:longer", and [people] with price.'


@dataclass(frozen=True)
class Tier:
    """One judge of the plan.

    Attributes
    ----------
    name : of the tier.
    judge : a SPEC to be asked (`openai:MODEL@URL`, `rule:longer`, ...), or the name of an annotator whose verdicts are
        in the data.
    price : $ an item; None = as the ledger measures it (0 in a simulation).
    """

    name: str
    judge: str
    price: float | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Tiers in order of price, and people behind them.

    Attributes
    ----------
    tiers : the judges, cheapest first.
    people_price, people_labels : $ a label, and labels an item.
    expert_price : $ for settling a disagreement of judge and people.
    calibration : items that people label so that the thresholds can be certified.
    check_share : of the items that judges decide, the share that people check.
    unsure_times : how many times as often the less sure half is checked.
    seed : of all that is drawn.
    constitution : file of the principles that judges are asked by; where it is empty, the constitution of this
        installation, which the page Judges edits.
    budget : $ for all of it; items whose people it does not pay for stay without a label. None = no bound.
    """

    tiers: tuple[Tier, ...]
    people_price: float = 1.5
    people_labels: int = 1
    expert_price: float = 10.0
    calibration: int = 500
    check_share: float = 0.05
    unsure_times: float = 2.0
    seed: int = 0
    constitution: str = ""
    budget: float | None = None

    def __post_init__(self) -> None:
        names = [tier.name for tier in self.tiers]
        if not names:
            raise WorkbenchError("The plan has no tier.", _EXAMPLE)
        if len(set(names)) < len(names):
            raise WorkbenchError(f"Tiers share a name: {first_five(names)}.", "Give each a name of its own.")
        prices = [self.people_price, self.expert_price, *(t.price for t in self.tiers if t.price is not None)]
        if self.budget is not None and not self.budget >= 0:
            raise WorkbenchError("The budget of the plan is not possible.", "Give dollars, 0 or more.")
        if any(not 0 <= price < 1e6 for price in prices):
            raise WorkbenchError("A price of the plan is not possible.", "Prices are dollars, 0 or more.")
        if (
            self.people_labels < 1
            or self.calibration < 1
            or not 0 < self.check_share <= 1
            or not self.unsure_times >= 1
        ):
            raise WorkbenchError(
                "A number of the plan is not possible.",
                "labels and calibration are 1 or more, check_share is over 0 and at most 1, unsure_times 1 or more.",
            )


def read_plan(path: str | Path) -> Plan:
    """Reads a plan from its TOML file.

    Raises
    ------
    WorkbenchError : it cannot be read, or a field is missing or unknown.
    """
    try:
        return parse_plan(Path(path).read_text("utf-8"), Path(path).name)
    except (OSError, UnicodeDecodeError) as error:
        raise WorkbenchError(f"{path}: the plan cannot be read.", "Check the path; the file is TOML.") from error


def parse_plan(text: str, name: str = "plan") -> Plan:
    r"""A plan from TOML text.

    >>> plan = parse_plan('[[tier]]\nname = "floor"\njudge = "rule:longer"\n[people]\nprice = 1.5\n')
    >>> plan.tiers[0].judge, plan.people_price
    ('rule:longer', 1.5)
    """
    try:
        read = tomllib.loads(text)
        tiers = tuple(_tier(each) for each in _part(read, "tier", list))
        people, expert = _part(read, "people", dict), _part(read, "expert", dict)
        numbers: dict[str, Any] = {
            "people_price": _number(people, "price", 1.5),
            "people_labels": _whole(people, "labels", 1),
            "expert_price": _number(expert, "price", 10.0),
            "calibration": _whole(read, "calibration", 500),
            "check_share": _number(read, "check_share", 0.05),
            "unsure_times": _number(read, "unsure_times", 2.0),
            "seed": _whole(read, "seed", 0),
            "budget": None if "budget" not in read else _number(read, "budget", 0.0),
        }
        constitution = str(read.pop("constitution", ""))
    except (tomllib.TOMLDecodeError, TypeError, ValueError, AttributeError) as error:
        raise WorkbenchError(f"{name}: this is no plan ({error}).", _EXAMPLE) from error
    left = [*read, *(f"people.{k}" for k in people), *(f"expert.{k}" for k in expert)]
    if left:
        raise WorkbenchError(f"{name}: {first_five(left)} is not a field of a plan.", _EXAMPLE)
    return Plan(tiers=tiers, constitution=constitution, **numbers)


def _tier(each: object) -> Tier:
    if not isinstance(each, dict) or not isinstance(each.get("judge"), str):
        raise ValueError("a [[tier]] has no judge")
    unknown = set(each) - {"name", "judge", "price"}
    if unknown:
        raise ValueError(f"{sorted(unknown)[0]} is not a field of a [[tier]]")
    price = _number(each, "price", 0.0) if "price" in each else None
    return Tier(str(each.get("name", each["judge"])), each["judge"], price)


def _part(read: dict[str, Any], name: str, kind: type) -> Any:
    """A part of the plan that is taken out of it."""
    found = read.pop(name, kind())
    if not isinstance(found, kind):
        raise ValueError(f"{name} is written as [{name}] or, for tiers, as [[{name}]]")
    return found


def _number(read: dict[str, Any], name: str, usual: float) -> float:
    """A number that is taken out of a part."""
    found = read.pop(name, usual)
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        raise ValueError(f"{name} is {str(found)[:40]!r}, which is no number")
    return float(found)


def _whole(read: dict[str, Any], name: str, usual: int) -> int:
    """A whole number that is taken out of a part."""
    found = _number(read, name, usual)
    if not found.is_integer():
        raise ValueError(f"{name} is {found:g}, which is no whole number")
    return int(found)


def plan_text(plan: Plan) -> str:
    """The plan as TOML, as `read_plan` takes it."""
    lines = [f"{name} = {getattr(plan, name)!r}" for name in ("calibration", "check_share", "unsure_times", "seed")]
    lines += [f"budget = {plan.budget!r}"] if plan.budget is not None else []
    lines += [f"constitution = {json.dumps(plan.constitution)}"] if plan.constitution else []
    for tier in plan.tiers:
        lines += ["", "[[tier]]", f"name = {json.dumps(tier.name)}", f"judge = {json.dumps(tier.judge)}"]
        lines += [] if tier.price is None else [f"price = {tier.price!r}"]
    lines += ["", "[people]", f"price = {plan.people_price!r}", f"labels = {plan.people_labels!r}"]
    lines += ["", "[expert]", f"price = {plan.expert_price!r}"]
    return "\n".join(lines) + "\n"
