"""Options of every command that starts from a scenario of the cost model, and what they mean."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.cli.reading import add_reading_options, load_data
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.economics import Scenario


_JUDGED = ("ai_accuracy", "tokens_in")
"""What a judge's run tells better than an export without a judge."""


def add_scenario(command: argparse.ArgumentParser) -> None:
    """Options of every command that starts from a scenario."""
    which = command.add_mutually_exclusive_group()
    which.add_argument("--preset", metavar="NAME", help="a preset; an unknown name lists them (default: human-gold)")
    which.add_argument("--scenario", type=Path, metavar="FILE", help="a scenario of your own, as TOML")
    command.add_argument(
        "--pairs", metavar="N", help="usable pairs, such as 10000, 50K or 1M (default: the scenario's)"
    )
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="INPUT=VALUE",
        help="another value for an input, such as labels_per_item=3 or gold_share=10%%",
    )
    command.add_argument(
        "--data", dest="paths", nargs="+", metavar="PATH", help="measure what can be measured from this export"
    )
    command.add_argument(
        "--judge",
        metavar="RUN",
        help=(
            "price and accuracy of an AI judge from its finished run: the folder that judge --out wrote, or a run's id;"
            " with --data its accuracy, too"
        ),
    )
    add_reading_options(command)


def chosen(options: argparse.Namespace) -> tuple[Scenario, int | None]:
    """The scenario of the options, and the pairs asked for; what an export could not tell goes to standard error."""
    from workbench.economics import DEFAULT_PRESET, inputs_from, preset, read_scenario, scenario_with

    settings: dict[str, str] = {}
    for each in options.set:
        name, equals, text = each.partition("=")
        if not equals:
            raise WorkbenchError(
                f"--set {each}: a setting is INPUT=VALUE.", "For example --set labels_per_item=3 --set gold_share=10%."
            )
        settings[name.strip()] = text
    scenario, pairs = (
        read_scenario(options.scenario) if options.scenario else preset(options.preset or DEFAULT_PRESET),
        _pairs(options.pairs),
    )
    scenario_with(scenario, settings)  # A wrong setting is told before an export is read.
    if options.paths:
        measured = inputs_from(load_data(options))
        # Where an AI takes no part, what it did elsewhere does not matter.
        kept = {
            name: each
            for name, each in measured.inputs.items()
            if scenario["ai_judges"] > 0 or name != "escalated_share"
        }
        scenario = scenario.with_inputs(kept)
        told = {*settings, *(_JUDGED if options.judge else ())}
        _stays(scenario, {n: why for n, why in measured.not_measured.items() if n not in told})
    if options.judge:
        scenario = _judged(options, scenario, settings)
    return scenario_with(scenario, settings), pairs


def _stays(scenario: Scenario, missing: Mapping[str, str]) -> None:
    from workbench.economics.amounts import amount

    for name, why in missing.items():
        each = scenario.inputs[name]
        print(f"workbench: {name} stays at {amount(each.value, each.quantity.unit)}: {why}", file=sys.stderr)


def _judged(options: argparse.Namespace, scenario: Scenario, settings: Mapping[str, str]) -> Scenario:
    """The scenario with the judge of a finished run, one judge at least, paid for each judgement."""
    from workbench.economics import inputs_of_judge, judge_result
    from workbench.formats import load
    from workbench.runs import find

    folder = Path(options.judge)
    result, verdicts = judge_result(folder if folder.exists() else find(options.judge).folder)
    data = None
    if options.paths and verdicts is not None:
        data = load([*options.paths, verdicts]) if not _reads_specially(options) else None
    measured = inputs_of_judge(result, data)
    judged = scenario.with_values({"ai_judges": max(1.0, scenario["ai_judges"]), "ai_pay": "judgement"})
    found = judged.with_inputs(measured.inputs)
    _stays(found, {n: why for n, why in measured.not_measured.items() if n not in settings})
    return found


def _reads_specially(options: argparse.Namespace) -> bool:
    """Whether the export is read by a mapping of its own, which the judge's verdicts do not follow."""
    return bool(options.format or options.map)


def named(name: str) -> Scenario:
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
        return checked_pairs(round(float(cleaned[:-1] if times > 1 else cleaned) * times, 6))
    except (ValueError, OverflowError):
        raise WorkbenchError(f"--pairs {text}: not a number.", "Give for example 10000, 50K or 1M.") from None
    except WorkbenchError as error:
        raise WorkbenchError(f"pairs: {text.strip()[:40]} is not possible.", error.remedy) from None
