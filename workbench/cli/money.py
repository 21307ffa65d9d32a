"""Commands about money: `costs` of a way to label, and `plan` for a budget, a deadline or a reliability."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.cli.reading import add_reading_options, load_data, put
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.economics import Scenario


def add_commands(commands: Any) -> None:
    """Adds them to the parser."""
    costs = commands.add_parser("costs", help="what labels cost, how long they take, what they are worth", description="Prices a way to label: every part of a usable pair, weeks, expected accuracy and alpha, effective labels. Inputs with their units, sources and dates are in docs/costs.md.")  # fmt: skip
    _add_scenario(costs)
    costs.add_argument("--compare", nargs="+", default=[], metavar="NAME", help="other presets or scenario files, side by side")
    costs.add_argument("--break-even", metavar="NAME", help="where this preset or scenario file costs the same; over pairs, or --over an input")
    costs.add_argument("--over", default="pairs", metavar="INPUT", help="what --break-even moves: pairs, or an input (default %(default)s)")
    costs.add_argument(
        "--sensitivity", nargs="?", const="cost_per_item", metavar="FIGURE", help="which inputs move a figure most (default: cost_per_item)"
    )
    costs.add_argument("--uncertainty", action="store_true", help="draw the inputs that have a range, and say how far the figures may be off")
    costs.add_argument("--seed", type=int, default=0, help="of --uncertainty (default %(default)s)")
    costs.add_argument("--list", action="store_true", help="list presets and inputs with units, and stop")
    costs.add_argument("--json", action="store_true", help="print one JSON object")
    costs.add_argument("--out", type=Path, metavar="FILE", help="write there instead of standard output; .toml writes the scenario itself")
    costs.set_defaults(run=_costs)

    plan = commands.add_parser("plan", help="how much is enough, and the best plan for a budget", description="Items, labels, people and gold that are needed; and the best plan for a budget, a number of weeks or a least accuracy.")  # fmt: skip
    _add_scenario(plan)
    plan.add_argument("--budget", type=float, metavar="DOLLARS", help="find the plan with the most effective labels for this money")
    plan.add_argument("--weeks", type=float, metavar="W", help="be done in so many weeks")
    plan.add_argument("--accuracy", type=float, metavar="SHARE", help="least share of labels that are right, such as 0.9")
    plan.add_argument("--keep", action="append", default=[], metavar="INPUT", help="an input the plan may not change, such as labels_per_item")
    plan.add_argument(
        "--width", type=float, default=0.05, metavar="W", help="half width wanted for the interval of kappa or alpha (default %(default)s)"
    )
    plan.add_argument("--kappa", type=float, metavar="K", help="kappa of one label (default: what the scenario's accuracy gives)")
    plan.add_argument(
        "--reliability", type=float, default=0.8, metavar="R", help="reliability wanted of an item's labels together (default %(default)s)"
    )
    plan.add_argument("--json", action="store_true", help="print one JSON object")
    plan.add_argument("--out", type=Path, metavar="FILE", help="write there instead of standard output")
    plan.set_defaults(run=_plan)


def _add_scenario(command: argparse.ArgumentParser) -> None:
    which = command.add_mutually_exclusive_group()
    which.add_argument("--preset", metavar="NAME", help="a preset; an unknown name lists them (default: human-gold)")
    which.add_argument("--scenario", type=Path, metavar="FILE", help="a scenario of your own, as TOML")
    command.add_argument("--pairs", metavar="N", help="usable pairs, such as 10000, 50K or 1M (default: the scenario's)")
    command.add_argument("--set", action="append", default=[], metavar="INPUT=VALUE", help="another value for an input, such as labels_per_item=3 or gold_share=10%%")  # fmt: skip
    command.add_argument("--data", dest="paths", nargs="+", metavar="PATH", help="measure what can be measured from this export")
    add_reading_options(command)


def _costs(options: argparse.Namespace) -> int:
    from workbench.economics import break_even, compare, cost
    from workbench.economics.words import break_even_sentence, printed, printed_side_by_side

    if options.list:
        put(_listing(as_json=options.json), options.out)
        return 0
    scenario, pairs = _chosen(options)
    if options.out is not None and options.out.suffix == ".toml":
        put(scenario.to_toml().rstrip("\n"), options.out)
        return 0
    found = cost(scenario, pairs)
    others = compare([_named(name) for name in options.compare], found.pairs)
    crossing = break_even(scenario, _named(options.break_even), found.pairs, options.over) if options.break_even else None
    if options.json:
        result = found.to_dict()
        if others:
            result["compared"] = [other.to_dict() for other in others]
        if crossing is not None:
            result["break_even"] = {"with": crossing.other, "over": crossing.over, "unit": crossing.unit, "at": list(crossing.at), "cheaper": list(crossing.cheaper), "reason": crossing.reason}  # fmt: skip
        result.update(_further(options, scenario, found.pairs, as_json=True))
        put(json.dumps(result, ensure_ascii=False, allow_nan=False), options.out)
        return 0
    lines = [printed(found)]
    if others:
        lines.append(printed_side_by_side([found, *others]))
    if crossing is not None:
        lines.append(f"Break-even with {crossing.other}. {break_even_sentence(crossing)}")
    put("\n\n".join([*lines, *_further(options, scenario, found.pairs, as_json=False).values()]), options.out)
    return 0


def _further(options: argparse.Namespace, scenario: Scenario, pairs: int, *, as_json: bool) -> dict[str, Any]:
    """Sensitivity and uncertainty, where they are asked for."""
    import numpy as np

    from workbench.economics import MEASURES, draw, tornado
    from workbench.economics.amounts import value
    from workbench.economics.inputs import unknown
    from workbench.economics.words import spread_sentence, tornado_sentence

    found: dict[str, Any] = {}
    if options.sensitivity:
        if options.sensitivity not in MEASURES:
            raise unknown(options.sensitivity, MEASURES, "figure")
        swings = tornado(scenario, pairs, options.sensitivity)
        if as_json:
            found["sensitivity"] = [{"input": s.name, "low": s.low, "high": s.high, "at_low": s.at_low, "at_high": s.at_high, "assumed_range": s.assumed} for s in swings.swings]  # fmt: skip
        else:
            rows = [f"  {s.name:<22} {value(swings.measure, s.at_low):>14} to {value(swings.measure, s.at_high):<14} {'(range assumed: 20 % each way)' if s.assumed else ''}".rstrip() for s in swings.swings[:12]]  # fmt: skip
            found["sensitivity"] = "\n".join([tornado_sentence(swings), *rows])
    if options.uncertainty:
        spreads = draw(scenario, pairs, np.random.default_rng(options.seed), measures=("total", "cost_per_item", "accuracy", "weeks"))
        if as_json:
            found["uncertainty"] = {name: {"low": s.low, "middle": s.middle, "high": s.high, "level": 0.9} for name, s in spreads.items()}
        else:
            found["uncertainty"] = "\n".join(dict.fromkeys(spread_sentence(s) for s in spreads.values()))
    return found


def _plan(options: argparse.Namespace) -> int:
    from workbench.economics import best_plan, cost, power
    from workbench.economics.alpha import alpha_of
    from workbench.economics.amounts import dollars
    from workbench.economics.inputs import kind_of
    from workbench.economics.words import plan_sentence, settings_in_words

    scenario, pairs = _chosen(options)
    for name in options.keep:
        kind_of(name)
    found = cost(scenario, pairs)
    accuracy, split = scenario["annotator_accuracy"], scenario["split_share"]
    kappa = options.kappa if options.kappa is not None else alpha_of(accuracy, split)
    votes = max(2, round(scenario["labels_per_item"]))
    needed = [
        power.items_for_kappa(kappa, options.width),
        power.items_for_alpha(accuracy, votes, options.width, split=split),
        power.crew_for_alpha(accuracy, scenario["accuracy_spread"], found.pairs, votes, options.width, split=split),
        power.labels_for_reliability(kappa, options.reliability),
    ]
    if options.weeks and options.weeks > scenario["ramp_weeks"]:
        needed.append(power.people_to_hire(found.human_labels, scenario["seconds_per_label"], options.weeks - scenario["ramp_weeks"], scenario["hours_per_week"], scenario["utilisation"]))  # fmt: skip
    gold = power.gold_to_write(found.human_labels * (1 - scenario["gold_share"]) / scenario["annotators"], scenario["gold_share"]) if scenario["gold_share"] > 0 else None  # fmt: skip
    asked = options.budget is not None or options.weeks is not None or options.accuracy is not None
    best = best_plan(scenario, budget=options.budget, weeks=options.weeks, accuracy=options.accuracy, pairs=pairs, keep=tuple(options.keep)) if asked else None  # fmt: skip
    if options.json:
        result: dict[str, Any] = {
            "scenario": scenario.name,
            "pairs": found.pairs,
            "needed": [n.to_dict() for n in needed],
            "gold": None,
            "plan": None,
        }
        if gold is not None:
            result["gold"] = {"to_write": gold.to_write, "random_clicker_found": gold.found, "tasks_to_decision": gold.tasks_to_decision, "answers_to_decision": gold.answers_to_decision}  # fmt: skip
        if best is not None:
            plans = [p for p in (best.best, *best.runners_up) if p is not None]
            result["plan"] = {"wanted": best.wanted, "tried": best.tried, "feasible": best.feasible, "reason": best.reason, "plans": [{"settings": dict(p.settings), **p.cost.to_dict()} for p in plans]}  # fmt: skip
        put(json.dumps(result, ensure_ascii=False, allow_nan=False), options.out)
        return 0
    lines = [f"{scenario.name}: {scenario.title}, {found.pairs:,} pairs", ""]
    lines += [f"  {n.value:>10,} {n.what:<24} {n.because}" if n.value is not None else f"  {'–':>10} {n.what:<24} {n.reason}" for n in needed]
    if gold is not None:
        lines.append(f"  {gold.to_write:>10,} {'gold items to write':<24} each annotator gets as many; a random clicker is found with {gold.found:.0%}, after {gold.tasks_to_decision:,.0f} tasks on average")  # fmt: skip
    if best is not None:
        lines += ["", plan_sentence(best)]
        lines += [f"  next: {settings_in_words(p)}: {p.cost.pairs:,} pairs, {dollars(p.cost.total)}, {p.cost.label_accuracy:.1%} right, {p.cost.effective_labels:,.0f} effective labels" for p in best.runners_up]  # fmt: skip
    put("\n".join(lines), options.out)
    return 0


def _chosen(options: argparse.Namespace) -> tuple[Scenario, int | None]:
    """The scenario of the options, and the pairs asked for."""
    from workbench.economics import DEFAULT_PRESET, inputs_from, preset, read_scenario, scenario_with
    from workbench.economics.amounts import amount

    scenario = read_scenario(options.scenario) if options.scenario else preset(options.preset or DEFAULT_PRESET)
    if options.paths:
        measured = inputs_from(load_data(options))
        # Where an AI takes no part, what it did elsewhere does not matter.
        kept = {name: each for name, each in measured.inputs.items() if scenario["ai_judges"] > 0 or name != "escalated_share"}
        scenario = scenario.with_inputs(kept)
        for name, why in measured.not_measured.items():
            each = scenario.inputs[name]
            print(f"workbench: {name} stays at {amount(each.value, each.quantity.unit)}: {why}", file=sys.stderr)
    settings: dict[str, str] = {}
    for each in options.set:
        name, equals, text = each.partition("=")
        if not equals:
            raise WorkbenchError(f"--set {each}: a setting is INPUT=VALUE.", "For example --set labels_per_item=3 --set gold_share=10%.")
        settings[name.strip()] = text
    return scenario_with(scenario, settings), _pairs(options.pairs)


def _named(name: str) -> Scenario:
    """A preset, or a scenario file."""
    from workbench.economics import preset, read_scenario

    return read_scenario(Path(name)) if name.endswith(".toml") else preset(name)


def _pairs(text: str | None) -> int | None:
    from workbench.economics.scenario import checked_pairs

    if text is None:
        return None
    cleaned = text.strip().replace(",", "").replace("_", "")
    times = {"k": 1_000, "m": 1_000_000}.get(cleaned[-1:].lower(), 1)
    try:
        return checked_pairs(float(cleaned[:-1] if times > 1 else cleaned) * times)
    except ValueError:
        raise WorkbenchError(f"--pairs {text}: not a number.", "Give for example 10000, 50K or 1M.") from None


def _listing(*, as_json: bool) -> str:
    """Presets and inputs."""
    from workbench.economics import CHOICES, INPUTS, presets
    from workbench.economics.amounts import amount
    from workbench.economics.inputs import CHOICE_HELP

    if as_json:
        inputs = {k.name: {"title": k.title, "unit": k.unit.name, "low": k.low, "high": k.high, "default": k.default, "group": k.group, "description": k.description, "source": k.source, "date": k.date} for k in INPUTS.values()}  # fmt: skip
        return json.dumps({"presets": {name: s.title for name, s in presets().items()}, "inputs": inputs, "choices": {k: list(v) for k, v in CHOICES.items()}}, ensure_ascii=False)  # fmt: skip
    lines = ["Presets", *(f"  {name:<22} {s.title}" for name, s in presets().items()), "", "Inputs (name, default, allowed range)"]
    lines += [f"  {k.name:<22} {amount(k.default, k.unit):<30} {k.low:g} to {k.high:,.10g}   {k.description}" for k in INPUTS.values()]
    lines += ["", "Choices", *(f"  {name:<22} {' or '.join(words)}: {CHOICE_HELP[name]}" for name, words in CHOICES.items())]
    return "\n".join(lines)
