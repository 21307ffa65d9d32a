"""The command that says how much is enough and how to spend: `plan`, for a budget, a deadline, a reliability, or a
judge beside people.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.cli.reading import put
from workbench.cli.scenarios import add_scenario, chosen
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.economics import Cost, Plans, Scenario, Supported
    from workbench.economics.power import GoldPlan, Needed


def add_commands(commands: Any) -> None:
    """Adds it to the parser."""
    plan = commands.add_parser(
        "plan",
        help="how much is enough, and the best plan for a budget",
        description=(
            "Items, labels, people and gold that are needed; the best plan for a budget, a number of weeks or a least"
            " accuracy; and what a judge saves where the answer must be unbiased."
        ),
    )
    add_scenario(plan)
    plan.add_argument(
        "--budget", type=float, metavar="DOLLARS", help="find the plan with the most effective labels for this money"
    )
    plan.add_argument("--weeks", type=float, metavar="W", help="be done in so many weeks")
    plan.add_argument(
        "--accuracy", type=float, metavar="SHARE", help="least share of labels that are right, such as 0.9"
    )
    plan.add_argument(
        "--keep",
        action="append",
        default=[],
        metavar="INPUT",
        help="an input the plan may not change, such as labels_per_item",
    )
    plan.add_argument(
        "--width",
        type=float,
        default=0.05,
        metavar="W",
        help="half width wanted for the interval of kappa or alpha (default %(default)s)",
    )
    plan.add_argument(
        "--kappa",
        type=float,
        metavar="K",
        help="kappa of one label, on which all that is needed then rests (default: what the scenario's accuracy gives)",
    )
    plan.add_argument(
        "--reliability",
        type=float,
        default=0.8,
        metavar="R",
        help="reliability wanted of an item's labels together (default %(default)s)",
    )
    plan.add_argument(
        "--judge-accuracy",
        type=float,
        metavar="SHARE",
        help=(
            "how often an AI judge agrees with people, such as 0.8: what it saves beside them without bias (default:"
            " the scenario's ai_accuracy)"
        ),
    )
    plan.add_argument(
        "--judge-price", type=float, metavar="USD", help="of one of its judgements (default: the scenario's)"
    )
    plan.add_argument(
        "--label-price", type=float, metavar="USD", help="of one human label beside it (default: the scenario's)"
    )
    plan.add_argument("--json", action="store_true", help="print one JSON object")
    plan.add_argument("--out", type=Path, metavar="FILE", help="write there instead of standard output")
    plan.set_defaults(run=_plan)


def _plan(options: argparse.Namespace) -> int:
    from workbench.economics import best_plan, cost
    from workbench.economics.inputs import kind_of

    scenario, pairs = chosen(options)
    for name in options.keep:
        kind_of(name)
    judge = _judge(options, scenario)
    found = cost(scenario, pairs)
    needed, gold = _needed(options, scenario, found), _gold(scenario, found)
    asked = options.budget is not None or options.weeks is not None or options.accuracy is not None
    best = (
        best_plan(
            scenario,
            budget=options.budget,
            weeks=options.weeks,
            accuracy=options.accuracy,
            pairs=pairs,
            keep=tuple(options.keep),
        )
        if asked
        else None
    )
    text = (
        json.dumps(_as_json(found, needed, gold, best, judge), ensure_ascii=False, allow_nan=False)
        if options.json
        else _as_text(found, needed, gold, best, judge)
    )
    put(text, options.out)
    return 0


def _needed(options: argparse.Namespace, scenario: Scenario, found: Cost) -> list[Needed]:
    """Items, people and labels: all from the kappa that was given, or all from the scenario's accuracy."""
    from workbench.economics import power
    from workbench.economics.alpha import accuracy_of, alpha_of
    from workbench.economics.power import Needed

    split = scenario["split_share"]
    if options.kappa is None:
        accuracy, kappa = scenario["annotator_accuracy"], alpha_of(scenario["annotator_accuracy"], split)
    elif not 0 <= options.kappa <= 0.999:
        raise WorkbenchError(
            f"--kappa {options.kappa:g}: no plan rests on that.",
            "Give a number from 0 to 0.999; where people agree less than by chance, mend the guidelines first.",
        )
    else:
        accuracy, kappa = accuracy_of(options.kappa, split), options.kappa
    votes, width = max(2, round(scenario["labels_per_item"])), options.width
    needed = [power.items_for_kappa(kappa, width)]
    if votes > 2:
        needed.append(power.items_for_alpha(accuracy, votes, width, split=split))
    needed += [
        power.crew_for_alpha(accuracy, scenario["accuracy_spread"], found.pairs, votes, width, split=split),
        power.labels_for_reliability(kappa, options.reliability),
    ]
    if options.weeks is not None and options.weeks > 0:
        left, what = options.weeks - scenario["ramp_weeks"], f"annotators, to be done in {options.weeks:g} weeks"
        if left > 0:
            hired = power.people_to_hire(
                found.human_labels,
                scenario["seconds_per_label"],
                left,
                scenario["hours_per_week"],
                scenario["utilisation"],
            )
            needed.append(replace(hired, what=what))
        else:
            needed.append(
                Needed(what, None, "", f"the {scenario['ramp_weeks']:g} weeks to start leave no time to label")
            )
    return needed


def _gold(scenario: Scenario, found: Cost) -> GoldPlan | None:
    from workbench.economics import power

    share = scenario["gold_share"]
    return power.gold_to_write(found.human_labels * (1 - share) / scenario["annotators"], share) if share > 0 else None


def _judge(options: argparse.Namespace, scenario: Scenario) -> tuple[Supported, float, float, float] | None:
    """What a judge beside people saves, with its accuracy and both prices; None where nobody asked."""
    from workbench.economics import judge_correlation, supported_by_judge

    if options.judge_accuracy is None and options.judge_price is None and options.label_price is None:
        return None
    accuracy = scenario["ai_accuracy"] if options.judge_accuracy is None else options.judge_accuracy
    if not 0.5 <= accuracy < 1:
        hint = f" For {accuracy:g}% write {accuracy / 100:g}." if 50 <= accuracy < 100 else ""
        raise WorkbenchError(
            f"--judge-accuracy {accuracy:g}: not possible.",
            f"Give a share from 0.5, which is chance, to below 1.{hint}",
        )
    people, judgement = prices(scenario)
    people = people if options.label_price is None else options.label_price
    judgement = judgement if options.judge_price is None else options.judge_price
    if not 0 < people < float("inf"):
        raise WorkbenchError(f"--label-price {people:g}: not possible.", "Give dollars above 0.")
    if not 0 <= judgement < float("inf"):
        raise WorkbenchError(f"--judge-price {judgement:g}: not possible.", "Give dollars, 0 or more.")
    return supported_by_judge(judge_correlation(accuracy), people, judgement), accuracy, people, judgement


def prices(scenario: Scenario) -> tuple[float, float]:
    """$ of one human label with the platform's fee, and of one AI judgement, as the scenario has them."""
    from workbench.economics.model import outcome

    people = outcome(scenario.with_values({"escalated_share": 1.0, "labels_per_item": 1.0}), 1.0)
    judge = outcome(
        scenario.with_values({"escalated_share": 0.0, "ai_judges": 1.0, "ai_orders": 1.0, "ai_samples": 1.0}), 1.0
    )
    return float(people.parts["labels"]), float(judge.parts["AI judges"])


def _as_json(
    found: Cost,
    needed: Sequence[Needed],
    gold: GoldPlan | None,
    best: Plans | None,
    judge: tuple[Supported, float, float, float] | None,
) -> dict[str, Any]:
    result: dict[str, Any] = {
        "scenario": found.scenario.name,
        "pairs": found.pairs,
        "needed": [n.to_dict() for n in needed],
        "gold": None,
        "plan": None,
        "judge": None,
    }
    if gold is not None:
        result["gold"] = {
            "to_write": gold.to_write,
            "random_clicker_found": gold.found,
            "tasks_to_decision": gold.tasks_to_decision,
            "answers_to_decision": gold.answers_to_decision,
        }
    if best is not None:
        plans = [p for p in (best.best, *best.runners_up) if p is not None]
        result["plan"] = {
            "wanted": best.wanted,
            "tried": best.tried,
            "feasible": best.feasible,
            "reason": best.reason,
            "unspent": best.unspent,
            "plans": [{"settings": dict(p.settings), **p.cost.to_dict()} for p in plans],
        }
    if judge is not None:
        s, accuracy, people, judgement = judge
        result["judge"] = {
            "accuracy": accuracy,
            "label_price": people,
            "judge_price": judgement,
            "correlation": s.correlation,
            "multiplier": s.multiplier,
            "cost_per_effective_label": s.cost_per_effective,
            "saving": s.saving,
            "worth_it": s.worth_it,
            # A judge that costs nothing sees whatever there is.
            "judged_per_human": s.judged_per_human if judgement > 0 else None,
        }
    return result


def _as_text(
    found: Cost,
    needed: Sequence[Needed],
    gold: GoldPlan | None,
    best: Plans | None,
    judge: tuple[Supported, float, float, float] | None,
) -> str:
    from workbench.economics.amounts import dollars
    from workbench.wording.economics import judge_sentence, plan_sentence, settings_in_words, title_of

    rows = [
        (n.what, "–" if n.value is None else f"{n.value:,}", n.because if n.value is not None else n.reason)
        for n in needed
    ]
    if gold is not None:
        rows.append(
            (
                "gold items to write",
                f"{gold.to_write:,}",
                (
                    f"each annotator gets as many; a random clicker is found with {100 * gold.found:.0f}%, after"
                    f" {gold.tasks_to_decision:,.0f} tasks on average"
                ),
            )
        )
    width = max(len(what) for what, *_ in rows)
    lines = [f"{found.scenario.name}: {title_of(found.scenario)}, {found.pairs:,} pairs", ""]
    lines += [f"  {value:>10} {what:<{width}} {because}" for what, value, because in rows]
    if best is not None:
        lines += ["", plan_sentence(best)]
        lines += [
            f"  next: {settings_in_words(p)}: {p.cost.pairs:,} pairs, {dollars(p.cost.total)},"
            f" {100 * p.cost.label_accuracy:.1f}% right, {p.cost.effective_labels:,.0f} effective labels"
            for p in best.runners_up
        ]
    if judge is not None:
        lines += [
            "",
            judge_sentence(*judge),
            (
                "This is for a figure that must be unbiased, such as a win rate; a reward model may be taught by biased"
                " labels."
            ),
        ]
    return "\n".join(lines)
