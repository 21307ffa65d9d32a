"""Commands that say how good annotations are: `audit`, and `check` for pipelines."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from workbench.cli.delivering import add_comparing, compared
from workbench.cli.reading import add_reading, add_thresholds, put
from workbench.cli.saying import on_the_command_line
from workbench.cli.sharding import add_scale, audit_of
from workbench.drafts import drafted
from workbench.errors import WorkbenchError


def add_commands(commands: Any) -> None:
    """Adds them to the parser."""
    from workbench.auditing.gate import RULES

    audit = commands.add_parser(
        "audit",
        help="how far can these labels be trusted?",
        description=(
            "Audits annotations: counts, labels, agreement with both intervals, annotators, reversals, findings, and a"
            " verdict."
        ),
    )
    add_reading(audit)
    add_thresholds(audit)
    add_scale(audit)
    audit.add_argument("--json", action="store_true", help="print one JSON object")
    audit.add_argument(
        "--pairs",
        default="2000",
        metavar="N",
        help="annotator pairs to list, most common items first (a number or 'all'; default %(default)s)",
    )
    audit.add_argument(
        "--close-look",
        action=argparse.BooleanOptionalAction,
        default=None,
        help=(
            "estimate each annotator's accuracy and raise flags (by default up to 5,000,000 annotations; of a sharded"
            " set on a random part)"
        ),
    )
    audit.add_argument("--out", type=Path, metavar="FILE", help="write there instead of standard output")
    audit.set_defaults(run=_audit)

    check = commands.add_parser(
        "check",
        help="pass or fail, for pipelines",
        description=(
            "Fails (exit code 1) where the data miss a line. Without a line of your own, fails where the verdict of the"
            " audit is 'stop'."
        ),
    )
    add_reading(check)
    add_thresholds(check)
    add_scale(check)
    for rule in RULES:
        check.add_argument(f"--{rule.name}", type=float, metavar=rule.unit.upper(), help=rule.asks)
    check.add_argument(
        "--against",
        action="append",
        metavar="PATH",
        help="an earlier delivery: fails where a figure got worse than there by more than chance",
    )
    add_comparing(check)
    check.add_argument("--strict", action="store_true", help="fail where the verdict is 'review', too")
    check.add_argument(
        "--undecided",
        choices=("pass", "fail"),
        help=(
            "what a line counts as that the labels are too few to decide (default: as its figure says, and as missed"
            " where there is none)"
        ),
    )
    check.add_argument("--json", action="store_true", help="print one JSON object, on one line")
    check.add_argument(
        "--junit", type=Path, metavar="FILE", help="write the lines there as test cases, as CI systems read them"
    )
    check.add_argument("--out", type=Path, metavar="FILE", help="write there instead of standard output")
    check.set_defaults(run=_check)


def _audit(options: argparse.Namespace) -> int:
    from workbench.actions import next_actions, why_no_actions
    from workbench.wording.actions import actions_lines, next_step

    if options.pairs != "all" and not options.pairs.isdigit():
        raise WorkbenchError(f"--pairs {options.pairs}: not a number.", "Give a number, or 'all'.")
    result = audit_of(options, close_look=options.close_look)
    limit = None if options.pairs == "all" else int(options.pairs)
    reason, actions = why_no_actions(result), next_actions(result)
    if options.json:
        told = result.to_dict(limit, on_the_command_line)
        told |= {"next": None if reason else [next_step(action) for action in actions], "next_reason": reason}
        put(json.dumps(told, ensure_ascii=False, allow_nan=False), options.out)
        return 0
    verdict, *rest = result.to_text(on_the_command_line).split("\n\n")
    put("\n\n".join([verdict, "\n".join(actions_lines(actions, reason)), *rest]), options.out)
    return 0


def _check(options: argparse.Namespace) -> int:
    from workbench.auditing.gate import RULES, gate
    from workbench.auditing.junit import as_junit
    from workbench.wording.deliveries import outcomes_against

    lines = {rule.name: getattr(options, rule.name.replace("-", "_")) for rule in RULES}
    audited = audit_of(options, rows=bool(options.against))
    found = compared(options.against, audited.data, options) if options.against else None
    result = gate(
        audited,
        {name: line for name, line in lines.items() if line is not None},
        strict=options.strict,
        undecided=options.undecided,
        more=() if found is None else outcomes_against(found),
    )
    if options.junit is not None:
        with drafted(options.junit) as draft:
            draft.write_text(as_junit(result), "utf-8")
    told = result.to_dict() | ({} if found is None else {"against": found.to_dict()})
    put(json.dumps(told, ensure_ascii=False, allow_nan=False) if options.json else str(result), options.out)
    return 0 if result.passed else 1
