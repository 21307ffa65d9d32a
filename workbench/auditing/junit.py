"""What came of a check as a JUnit file, which every CI system shows: a test case for each line."""

from __future__ import annotations

import re
from xml.sax.saxutils import quoteattr

from workbench.auditing.gate import Gate

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML has no way to write."""


def as_junit(gate: Gate) -> str:
    """The lines as test cases: a missed one is a failure, one that counts as met but is undecided is skipped.

    >>> from workbench.auditing.gate import Outcome
    >>> missed = Outcome(name="min-alpha", line=0.4, value=0.2, passed=False, why="0.2", outcome="fail")
    >>> as_junit(Gate((missed,))).count("<failure")
    1
    """
    cases, failed, open_ = [], 0, 0
    for outcome in gate.outcomes:
        met = gate.counts_as_met(outcome)
        inside = ""
        if not met:
            failed += 1
            inside = f"<failure type={_said(outcome.outcome)} message={_said(outcome.why)}/>"
        elif outcome.outcome == "undecided":
            open_ += 1
            inside = f"<skipped message={_said(outcome.why)}/>"
        cases.append(f'  <testcase classname="workbench.check" name={_said(outcome.name)}>{inside}</testcase>')
    head = f'<testsuite name="workbench check" tests="{len(cases)}" failures="{failed}" skipped="{open_}">'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *cases, "</testsuite>"]) + "\n"


def _said(text: str) -> str:
    return quoteattr(_NOT_XML.sub("\ufffd", text))
