"""Commands that train many small reward models to answer one question: `replay`, `study`, `frontier`. Each is a run
that can be resumed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.cli.reading import add_reading, load_data, put
from workbench.cli.running import follow
from workbench.errors import WorkbenchError

MOST = 20_000
"""Pairs a study takes where nobody says otherwise."""

_STUDIES = {
    "threshold": "does a QA threshold make the reward model better than setting as much aside at random?",
    "label-sets": "which aggregation makes the better reward model?",
    "learning-curve": "how does accuracy grow with labels, and where is it going?",
}


def add_commands(commands: Any) -> None:
    """Adds them to the parser."""
    replay = commands.add_parser(
        "replay",
        help="how many labels does active selection save on these data?",
        description=(
            "Hides the labels, lets each strategy choose what to reveal, and says how many labels it saves over random"
            " at equal accuracy, with its interval."
        ),
    )
    _common(replay)
    replay.add_argument(
        "--strategies",
        nargs="+",
        default=[],
        metavar="NAME",
        help=(
            "uncertainty, bald, d-optimal, badge, k-means, k-centre, hybrid, disagreement; with --reveal votes also"
            " overlap (default: the first five)"
        ),
    )
    replay.add_argument(
        "--budget",
        type=int,
        default=0,
        metavar="N",
        help="labels bought in the end (default: a third of the pool, at most 1,000)",
    )
    replay.add_argument(
        "--start",
        type=int,
        default=0,
        metavar="N",
        help="labels drawn at random before anybody chooses (default: a sixteenth)",
    )
    replay.add_argument(
        "--points",
        type=int,
        default=9,
        metavar="N",
        help="how often a model is fitted on the way (default %(default)s)",
    )
    replay.add_argument(
        "--reveal",
        default="",
        metavar="NAME",
        help=(
            "what is revealed: gold, votes (one judgement at a time), majority, consensus, ... (default: gold where"
            " half of the pairs have it)"
        ),
    )
    replay.set_defaults(run=_replay, extra="reward")

    study = commands.add_parser(
        "study",
        help="what cleaning, aggregation and more labels do to a reward model",
        description=(
            "Trains small reward models that differ in one thing, and compares them on the same held-out pairs."
        ),
    )
    actions = study.add_subparsers(title="studies", metavar="STUDY", required=True, parser_class=type(study))
    for name, asks in _STUDIES.items():
        each = actions.add_parser(name, help=asks, description=f"{asks[:1].upper()}{asks[1:]}")
        _common(each)
        if name == "threshold":
            each.add_argument(
                "--rule",
                default="reliability",
                metavar="NAME",
                help="reliability, agreement, confidence or pace (seconds per 100 words); default %(default)s",
            )
            each.add_argument(
                "--thresholds",
                nargs="+",
                type=float,
                default=[],
                metavar="T",
                help="where to draw the line (default: the rule's usual ones)",
            )
        if name == "label-sets":
            each.add_argument(
                "--sets",
                nargs="+",
                default=[],
                metavar="NAME",
                help="label sets; the first is what the others are compared with (default: all)",
            )
            each.add_argument(
                "--least-reliability",
                type=float,
                default=None,
                metavar="P",
                help="what `cleaned` means: annotators estimated to be right less often go (default 0.6)",
            )
            each.add_argument(
                "--policy",
                default="",
                metavar="FOLDER",
                help="a language model to train on each label set too, by DPO; 'tiny' makes a toy of the data's words",
            )
            each.add_argument(
                "--policy-steps", type=int, default=100, metavar="N", help="of each of them (default %(default)s)"
            )
        else:
            each.add_argument(
                "--train-on", default="", metavar="NAME", help="the label set trained on (default: consensus-soft)"
            )
        if name == "learning-curve":
            each.add_argument(
                "--sizes",
                nargs="+",
                type=int,
                default=[],
                metavar="N",
                help="numbers of labelled pairs (default: nine steps to all)",
            )
            each.add_argument(
                "--forecast",
                nargs="+",
                type=int,
                default=[],
                metavar="N",
                help="numbers of pairs to forecast besides 2, 4 and 10 times",
            )
        each.set_defaults(run=_study, study=name, extra="reward")

    frontier = commands.add_parser(
        "frontier",
        help="dollars against reward-model accuracy, and where to stop",
        description=(
            "Trains a reward model as each plan would, prices the plan by the cost model, and says where more money is"
            " no longer worth it, if the intervals say so."
        ),
    )
    _common(frontier)
    frontier.add_argument(
        "--labels-per-item",
        nargs="+",
        type=int,
        default=[],
        metavar="N",
        help="labels of an item to try (default: 1 2 3 5, as far as there are)",
    )
    frontier.add_argument(
        "--labels-as",
        nargs="+",
        default=[],
        metavar="NAME",
        help="label sets to try (default: majority consensus-soft)",
    )
    frontier.add_argument(
        "--items",
        nargs="+",
        type=int,
        default=[],
        metavar="N",
        help="numbers of items to try (default: five steps to all)",
    )
    frontier.add_argument(
        "--mix",
        action="append",
        default=[],
        metavar="WHO",
        help="who labels, such as 'human' or 'human 0.7 + ai 0.3' (again for more; default: each kind there is)",
    )
    frontier.add_argument(
        "--cleaning",
        choices=["off", "on", "both"],
        default="both",
        help="plans without cleaning, with it, or both (default)",
    )
    frontier.add_argument(
        "--preset", default="human-1.50", metavar="NAME", help="prices: a preset of `costs` (default %(default)s)"
    )
    frontier.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="INPUT=VALUE",
        help="another value of one of its inputs (again for more)",
    )
    frontier.add_argument(
        "--worth",
        type=float,
        default=0.01,
        metavar="GAIN",
        help="smallest gain in accuracy that counts (default %(default)s)",
    )
    frontier.add_argument(
        "--dollars-per-point",
        type=float,
        default=None,
        metavar="USD",
        help="what a point of accuracy is worth; then a gain has to be worth its price",
    )
    frontier.set_defaults(run=_frontier, extra="reward")


def _common(command: argparse.ArgumentParser) -> None:
    add_reading(command)
    command.add_argument(
        "--eval",
        nargs="+",
        default=[],
        metavar="PATH",
        help="gold-labelled pairs to measure on (default: prompt groups held out)",
    )
    command.add_argument(
        "--encoder", metavar="NAME", help="a sentence encoder by name or folder, or hashed, which needs none"
    )
    command.add_argument("--seeds", type=int, default=10, metavar="N", help="splits (default %(default)s)")
    command.add_argument(
        "--most",
        type=int,
        default=MOST,
        metavar="N",
        help="pairs it takes; of more some are drawn, whole prompt groups each, and counted (default %(default)s)",
    )
    command.add_argument("--penalty", type=float, default=None, metavar="P", help="of the reward head")
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.add_argument("--out", type=Path, metavar="FILE", help="write there instead of standard output")


def _replay(options: argparse.Namespace) -> int:
    strategies = _words(options.strategies)
    given = {"budget": options.budget, "start": options.start, "points": options.points, "labels": options.reveal}
    return _run("replay", options, {**({"strategies": strategies} if strategies else {}), **given})


def _study(options: argparse.Namespace) -> int:
    settings: dict[str, Any] = {"labels": getattr(options, "train_on", "")}
    if options.study == "threshold":
        settings |= {"rule": options.rule, "thresholds": options.thresholds}
    elif options.study == "label-sets":
        settings = {"sets": _words(options.sets)} if options.sets else {}
        if options.least_reliability is not None:
            settings["cleaning"] = {"least_reliability": options.least_reliability}
        if options.policy:
            settings |= {"policy": options.policy, "policy_steps": options.policy_steps}
    else:
        settings |= {"sizes": options.sizes, "forecast": options.forecast}
    return _run(options.study, options, settings)


def _frontier(options: argparse.Namespace) -> int:
    from workbench.economics.inputs import parsed

    prices: dict[str, float | str] = {}
    for each in options.set:
        name, _, value = each.partition("=")
        if not value:
            raise WorkbenchError(
                f"--set {each}: a price is INPUT=VALUE.",
                "For example --set label_price=0.8; python -m workbench costs --list has them all.",
            )
        prices[name.strip()] = parsed(name.strip(), value)
    settings: dict[str, Any] = {
        "scenario": options.preset,
        "prices": prices,
        "worth": options.worth,
        "dollars_per_point": options.dollars_per_point,
        "cleaning": {"off": [False], "on": [True], "both": [False, True]}[options.cleaning],
        "mixes": options.mix,
        "items": options.items,
    }
    if options.labels_per_item:
        settings["labels_per_item"] = options.labels_per_item
    if options.labels_as:
        settings["labels_as"] = _words(options.labels_as)
    return _run("frontier", options, settings)


def _run(kind: str, options: argparse.Namespace, settings: Mapping[str, Any]) -> int:
    """Starts the study as a run, follows it to its end and prints what it found."""
    from workbench.formats import load
    from workbench.locations import uploads_folder
    from workbench.runs import start
    from workbench.studies.bench_building import data_file
    from workbench.studies.run import SETTINGS, check, settings_from
    from workbench.wording.studies import ground, verdict
    from workbench.workspace.dataset_store import Shelf

    shelf = Shelf(uploads_folder())
    chosen: dict[str, Any] = {
        "seeds": options.seeds,
        **{name: value for name, value in settings.items() if value not in ("", None)},
    }
    if options.penalty is not None:
        chosen["penalty"] = options.penalty
    # What needs no data is told before they are read, and the rest before a process is started.
    settings_from(SETTINGS[kind], chosen)
    data, evaluation = load_data(options), load(options.eval) if options.eval else None
    check(kind, chosen, data, evaluation, options.encoder, options.most)
    if shelf.about(data.key) is None:
        # So that the page of the run's result knows what it is about.
        shelf.keep(data, ", ".join(Path(p).name for p in options.paths)[:80], "the command line")
    config = {
        "data": data.key,
        "paths": [str(data_file(data, shelf))],
        "evaluation": [str(data_file(evaluation, shelf))] if evaluation is not None else [],
        "encoder": options.encoder,
        "most": options.most,
        "settings": chosen,
        "device": "cpu",
    }
    run = start(kind, config)
    follow(run, cancel_on_interrupt=True)
    result = run.result() or {}
    if options.json:
        put(json.dumps({**result, "run": run.id}, ensure_ascii=False, allow_nan=False), options.out)
    else:
        put("\n".join([verdict(result), ground(result), *result.get("notes", ()), f"Run {run.id}."]), options.out)
    return 0


def _words(given: Sequence[str]) -> list[str]:
    """Names given one by one or with commas."""
    return [name.strip() for each in given for name in each.split(",") if name.strip()]
