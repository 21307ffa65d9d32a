"""The command that holds AI judges against people: `trust`."""

from __future__ import annotations

import argparse
import json
from typing import Any

from workbench.cli.reading import add_reading, load_data, put
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError


def add_commands(commands: Any) -> None:
    """Adds it to the parser."""
    trust = commands.add_parser(
        "trust",
        help="can an AI judge be trusted, beside people on the same items",
        description=(
            "Holds AI judges against people on the same items: the alternative-annotator test, agreement, biases,"
            " prediction-powered and corrected shares, and bounds that may be looked at every day."
        ),
    )
    add_reading(trust)
    trust.add_argument("--judge", metavar="NAME", help="an annotator of the data (default: every AI)")
    trust.add_argument(
        "--stands-for",
        choices=("crowd", "skilled", "expert"),
        default="crowd",
        help="whom it would stand in for: the allowance of the test (default %(default)s)",
    )
    trust.add_argument(
        "--kin", nargs="+", default=[], metavar="MODEL", help="beginnings of names of models that are its own kin"
    )
    trust.add_argument("--since", metavar="NAME", help="an earlier version of the judge among the annotators: drift")
    trust.add_argument(
        "--panel", nargs="+", default=[], metavar="NAME", help="judges together: what they decide and are worth"
    )
    trust.add_argument("--quorum", type=int, default=2, metavar="N", help="verdicts a panel needs (default 2)")
    trust.add_argument("--json", action="store_true", help="print one JSON object")
    trust.set_defaults(run=_trust)


def _trust(options: argparse.Namespace) -> int:
    data = load_data(options)
    ais = data.annotators.loc[data.annotators["kind"] == "ai", "annotator"].astype(str).tolist()
    judges = [options.judge] if options.judge else ais
    if not judges:
        raise WorkbenchError(
            "No AI judge stands in these data.",
            "Open the verdicts of one beside the people's, or name it with --judge.",
        )
    if options.since and len(judges) > 1:
        raise WorkbenchError("--since: of which judge?", "Name the later version with --judge.")
    shown = [_about(data, judge, options) for judge in judges]
    together = _together(data, options) if options.panel else None
    if options.json:
        found: dict[str, Any] = {"judges": [each for each, _ in shown]}
        if together is not None:
            found["panel"] = together[0]
        put(json.dumps(found, allow_nan=False), None)
        return 0
    lines = [text for _, text in shown]
    put("\n\n".join([*lines, *([together[1]] if together else [])]), None)
    return 0


def _about(data: AnnotationSet, judge: str, options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """One judge as JSON and as text."""
    from dataclasses import asdict

    from workbench.judging.alternative_annotator import EPSILON
    from workbench.judging.anchors import drift_in_data
    from workbench.judging.trust import trust
    from workbench.judging.watched import agreement_watched, corrected_share
    from workbench.wording.judging import (
        beyond_chance_sentence,
        bias_title,
        corrected_sentence,
        drift_sentence,
        error_words,
        saving_sentence,
        trust_sentence,
        watched_sentence,
    )

    found = trust(data, judge, epsilon=EPSILON[options.stands_for], kin=tuple(options.kin))
    corrected, watched = corrected_share(data, judge), agreement_watched(data, judge)
    bounds = [float(watched.lower[-1]), float(watched.upper[-1])] if len(watched) else None
    shown: dict[str, Any] = {
        **found.to_dict(),
        "rogan_gladen": asdict(corrected),
        "watched": {"n": len(watched), "bounds": bounds, "by_time": watched.by_time, "reason": watched.reason},
    }
    lines = [
        f"{judge}: {trust_sentence(found)}",
        beyond_chance_sentence(found),
        saving_sentence(found),
        corrected_sentence(corrected),
        watched_sentence(watched, "Agreement with people"),
    ]
    lines += [f"  prefers {bias_title(b.name).lower()}, beyond people: {error_words(b.excess)}" for b in found.biases]
    if options.since:
        drift = drift_in_data(data, options.since, judge)
        shown["drift"] = {
            "since": options.since,
            "shift": drift.shift.to_dict(),
            "moved": drift.moved.to_dict(),
            "changed": drift.changed,
        }
        lines.append(drift_sentence(drift))
    return shown, "\n".join(lines)


def _together(data: AnnotationSet, options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """A panel as JSON and as text."""
    from dataclasses import asdict

    from workbench.judging.several import several
    from workbench.wording.judging import filtered_sentence, several_sentence

    found = several(data, options.panel, quorum=options.quorum)
    kept = found.filtered
    shown = {
        "judges": list(found.judges),
        "decided": found.verdicts.decided,
        "right": found.right,
        "n": found.n_right,
        "independence": asdict(found.independence),
        "filter": {
            "kept": int(kept.kept.sum()),
            "set_aside": kept.set_aside,
            "accuracy_kept": kept.accuracy_kept,
            "accuracy_all": kept.accuracy_all,
            "error_bound": kept.error_bound,
            "bias": kept.bias,
        },
    }
    return shown, f"{several_sentence(found)}\n{filtered_sentence(kept)}"
