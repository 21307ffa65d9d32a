"""The command that prices a way to label: `costs`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.cli.reading import add_seed, put
from workbench.cli.scenarios import add_scenario, chosen, named

if TYPE_CHECKING:
    from workbench.economics import Scenario


def add_commands(commands: Any) -> None:
    """Adds it to the parser."""
    costs = commands.add_parser(
        "costs",
        help="what labels cost, how long they take, what they are worth",
        description=(
            "Prices a way to label: every part of a usable pair, weeks, expected accuracy and alpha, effective labels."
            " Inputs with their units, sources and dates are in docs/costs.md."
        ),
    )
    add_scenario(costs)
    costs.add_argument(
        "--compare", nargs="+", default=[], metavar="NAME", help="other presets or scenario files, side by side"
    )
    costs.add_argument(
        "--break-even",
        metavar="NAME",
        help="where this preset or scenario file costs the same; over pairs, or --over an input",
    )
    costs.add_argument(
        "--over",
        default="pairs",
        metavar="INPUT",
        help="what --break-even moves: pairs, or an input (default %(default)s)",
    )
    costs.add_argument(
        "--sensitivity",
        nargs="?",
        const="cost_per_item",
        metavar="FIGURE",
        help="which inputs move a figure most (default: cost_per_item)",
    )
    costs.add_argument(
        "--uncertainty",
        action="store_true",
        help="draw the inputs that have a range, and say how far the figures may be off",
    )
    add_seed(costs, "of --uncertainty")
    costs.add_argument("--list", action="store_true", help="list presets and inputs with units, and stop")
    costs.add_argument("--json", action="store_true", help="print one JSON object")
    costs.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="write there instead of standard output; .toml writes the scenario itself",
    )
    costs.set_defaults(run=_costs)


def _costs(options: argparse.Namespace) -> int:
    from workbench.economics import break_even, compare, cost
    from workbench.wording.costs import printed, printed_side_by_side
    from workbench.wording.economics import break_even_sentence

    if options.list:
        put(_listing(as_json=options.json), options.out)
        return 0
    scenario, pairs = chosen(options)
    if options.out is not None and options.out.suffix == ".toml":
        put(scenario.to_toml().rstrip("\n"), options.out)
        return 0
    found = cost(scenario, pairs)
    others = compare([named(name) for name in options.compare], found.pairs)
    crossing = (
        break_even(scenario, named(options.break_even), found.pairs, options.over) if options.break_even else None
    )
    if options.json:
        result = {
            **found.to_dict(),
            "changed": {name: {"from": was, "to": now} for name, (was, now) in scenario.changes.items()},
        }
        if others:
            result["compared"] = [other.to_dict() for other in others]
        if crossing is not None:
            result["break_even"] = {
                "with": crossing.other,
                "over": crossing.over,
                "unit": crossing.unit,
                "at": list(crossing.at),
                "cheaper": list(crossing.cheaper),
                "reason": crossing.reason,
            }
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
    from workbench.wording.economics import spreads_sentences, tornado_sentence

    found: dict[str, Any] = {}
    if options.sensitivity:
        if options.sensitivity not in MEASURES:
            raise unknown(options.sensitivity, MEASURES, "figure")
        swings = tornado(scenario, pairs, options.sensitivity)
        if as_json:
            found["sensitivity"] = [
                {
                    "input": s.name,
                    "low": s.low,
                    "high": s.high,
                    "at_low": s.at_low,
                    "at_high": s.at_high,
                    "assumed_range": s.assumed,
                }
                for s in swings.swings
            ]
        else:
            rows = [
                f"  {s.name:<22} {value(swings.measure, s.at_low):>14} to {value(swings.measure, s.at_high):<14}"
                f" {'(range assumed: 20% each way)' if s.assumed else ''}".rstrip()
                for s in swings.swings[:12]
            ]
            found["sensitivity"] = "\n".join([tornado_sentence(swings), *rows])
    if options.uncertainty:
        spreads = draw(
            scenario,
            pairs,
            np.random.default_rng(options.seed),
            measures=("total", "cost_per_item", "accuracy", "weeks"),
        )
        if as_json:
            found["uncertainty"] = {
                name: {"low": s.low, "middle": s.middle, "high": s.high, "level": 0.9, "varied": s.varied}
                for name, s in spreads.items()
            }
            found["drawn"] = {name: list(ends) for name, ends in next(iter(spreads.values())).drawn.items()}
        else:
            found["uncertainty"] = "\n".join(spreads_sentences(list(spreads.values())))
    return found


def _listing(*, as_json: bool) -> str:
    """Presets and inputs."""
    from workbench.economics import CHOICES, INPUTS, presets
    from workbench.economics.amounts import amount
    from workbench.economics.inputs import CHOICE_HELP

    if as_json:
        inputs = {
            k.name: {
                "title": k.title,
                "unit": k.unit.name,
                "low": k.low,
                "high": k.high,
                "default": k.default,
                "group": k.group,
                "description": k.description,
                "source": k.source,
                "date": k.date,
            }
            for k in INPUTS.values()
        }
        return json.dumps(
            {
                "presets": {name: s.title for name, s in presets().items()},
                "inputs": inputs,
                "choices": {k: list(v) for k, v in CHOICES.items()},
            },
            ensure_ascii=False,
        )
    lines = [
        "Presets",
        *(f"  {name:<22} {s.title}" for name, s in presets().items()),
        "",
        "Inputs (name, default, allowed range)",
    ]
    lines += [
        f"  {k.name:<22} {amount(k.default, k.unit):<30} {k.low:g} to {k.high:,.10g}   {k.description}"
        for k in INPUTS.values()
    ]
    lines += [
        "",
        "Choices",
        *(f"  {name:<22} {' or '.join(words)}: {CHOICE_HELP[name]}" for name, words in CHOICES.items()),
    ]
    return "\n".join(lines)
