"""Reports made once for all tests."""

from __future__ import annotations

from functools import cache

from workbench.auditing.audit import Audit, audit
from workbench.report import Report, make_report
from workbench.workspace.demos import demo

LOAD = "from workbench.workspace.demos import demo\n\ndata = demo('demo')"


@cache
def audited() -> Audit:
    return audit(demo("demo"))


@cache
def demo_report(texts: bool = False, shown: bool = False) -> Report:
    return make_report(audited(), load=LOAD, texts=texts, show_annotators=shown)
