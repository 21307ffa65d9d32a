"""The command that sends each pair to the cheapest labeller that is good enough: `route`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from workbench.cli.reading import add_reading, load_data, put
from workbench.drafts import drafted
from workbench.errors import WorkbenchError, counted


def add_commands(commands: Any) -> None:
    """Adds it to the parser."""
    route = commands.add_parser(
        "route",
        help="each pair to the cheapest labeller that is good enough",
        description=(
            "Routes pairs through tiers of judges whose thresholds are certified on people's labels, and the rest"
            " to people. With --simulate the plan is tried on data that have all labels; without, judges are asked and"
            " tasks for people are written. Started again, with the labels that came back, it goes on."
        ),
    )
    add_reading(route)
    route.add_argument("--plan", required=True, metavar="FILE", help="tiers and prices (TOML)")
    route.add_argument(
        "--risk", type=float, required=True, metavar="R", help="largest share of wrong decisions, such as 0.1"
    )
    route.add_argument(
        "--delta", type=float, default=0.1, metavar="D", help="how often that may be broken (default 0.1)"
    )
    route.add_argument("--simulate", action="store_true", help="try the plan on data that have all labels")
    route.add_argument(
        "--pool", action="append", default=[], metavar="PATH", help="pairs that nobody judged (again for more)"
    )
    route.add_argument("--budget", type=float, metavar="USD", help="never spend more on the judge of a tier")
    route.add_argument("--prices", metavar="FILE", help="prices a token, as judge takes them")
    route.add_argument(
        "--to", default="csv", metavar="FORM", help="form of the tasks: label-studio, argilla, prodigy or csv"
    )
    route.add_argument("--out", type=Path, metavar="DIR", help="labels, tasks, ledgers and the certificate")
    route.add_argument(
        "--reward-gain",
        action="store_true",
        help="with --simulate: which pairs are worth people's labels, by the gain of a small reward model",
    )
    route.add_argument("--by", metavar="SLICE", help="with --reward-gain: kinds of pairs by this slice, too")
    route.add_argument("--json", action="store_true", help="print one JSON object")
    route.set_defaults(run=_route)


def _route(options: argparse.Namespace) -> int:
    from workbench.cli.judging import watch_asking
    from workbench.judging.judged import Options
    from workbench.routing.live import NeedsLabels, route_live
    from workbench.routing.plan import read_plan
    from workbench.routing.simulate import simulate_plan
    from workbench.routing.verdicts import simulated_verdicts

    if options.reward_gain and not options.simulate:
        raise WorkbenchError("--reward-gain takes data that have all labels.", "Use it with --simulate.")
    gain: Any = None
    for name in ("risk", "delta"):
        if not 0 < getattr(options, name) < 1:
            raise WorkbenchError(
                f"--{name} {getattr(options, name):g} is not possible.", "Give a share between 0 and 1."
            )
    plan = read_plan(options.plan)
    data = _data(options)
    asked = Options(budget=options.budget, prices=options.prices)
    if options.simulate:
        verdicts = simulated_verdicts(data, plan, options.out, options=asked, watch=watch_asking())
        found: Any = simulate_plan(data, plan, verdicts, risk=options.risk, delta=options.delta)
        if options.reward_gain:
            gain = _gain(data, verdicts[0], options)
        if options.out is not None:
            options.out.mkdir(parents=True, exist_ok=True)
            (options.out / "certificate.json").write_text(json.dumps(found.certificate, indent=1), "utf-8")
    else:
        if options.out is None:
            raise WorkbenchError(
                "A live routing needs a folder.", "Name it with --out, or try the plan with --simulate."
            )
        found = route_live(
            data,
            plan,
            options.out,
            risk=options.risk,
            delta=options.delta,
            options=asked,
            form=options.to,
            watch=watch_asking(),
        )
    if options.out is not None:
        with drafted(options.out / "routing.json") as draft:
            draft.write_text(json.dumps(found.to_dict(), allow_nan=False), "utf-8")
    if options.json:
        more = {} if gain is None else {"reward_gain": gain.to_dict()}
        put(json.dumps({**found.to_dict(), **more}, allow_nan=False), None)
    elif isinstance(found, NeedsLabels):
        put(
            f"{counted(found.items, 'calibration item')} of {found.of:,} need a label first: hand out {found.tasks[0]},"
            " and start this again with what came back beside the other files.",
            None,
        )
    else:
        put("\n\n".join([_sentences(found), *([_gain_sentences(gain)] if gain else [])]), None)
    return 0


def _gain(data: Any, verdicts: Any, options: argparse.Namespace) -> Any:
    """Which pairs people should label beside the first tier's judge."""
    from workbench.cli.judging import watch_asking
    from workbench.studies.gain_run import checked_slice
    from workbench.studies.people_or_judge import gain_on_data

    return gain_on_data(data, verdicts, slice_name=checked_slice(data, options.by), watch=watch_asking())


def _gain_sentences(gain: Any) -> str:
    lines = [f"Which pairs for people, of those that {gain.labels:,} labels beyond a pilot of {gain.pilot:,} can have:"]
    for way, accuracy in gain.accuracy.items():
        beside = f", {gain.over_random[way]} over random" if way in gain.over_random else ""
        lines.append(f"  {way}: a reward model is right on {accuracy}{beside}")
    return "\n".join([*lines, gain.verdict()])


def _data(options: argparse.Namespace) -> Any:
    from workbench.formats.records.unlabelled import with_candidates

    data = load_data(options)
    return with_candidates(data, options.pool) if options.pool else data


def _sentences(found: Any) -> str:
    lines = [*filter(None, (found.verdict(), found.without_promise())), ""]
    for tier in found.tiers:
        level = (
            "decides nothing"
            if tier.threshold is None
            else f"decides from {tier.threshold:.3f} on, risk at most {tier.upper_bound:.1%}"
        )
        lines.append(
            f"  {tier.name}: {level}; {tier.items:,} of {tier.asked:,} asked, ${tier.usd:,.2f}, {_error(tier.error)}"
        )
        if tier.reason:
            lines.append(f"    {tier.reason}")
    lines.append(
        f"  people: {found.to_people:,} items, and {found.calibration:,} for calibration, {found.checked:,} checks"
    )
    lines.append(f"  in all ${found.usd:,.2f}; {_error(found.error)}")
    lines += [f"  beside it {b.name}: ${b.usd:,.2f}, {_error(b.error)}" for b in found.beside]
    lines.append(f"Certificate {found.certificate['hash']}.")
    return "\n".join(lines)


def _error(error: Any) -> str:
    if error.value is None:
        return f"error unknown ({error.reason})"
    bounds = f" [{error.same_crew.low:.1%}, {error.same_crew.high:.1%}]" if error.same_crew else ""
    return f"{error.value:.1%} wrong{bounds}"
