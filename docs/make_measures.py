"""Writes docs/measures.md from the glossary: python docs/make_measures.py."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from workbench.glossary import GLOSSARY
from workbench.glossary.audit_fields import MEASURED, PLAIN

PAGE = Path(__file__).with_name("measures.md")


def page() -> str:
    """The page as it should be."""
    head = (
        "# Measures\n\nWhat each figure is, how to read it and when not to use it: the same texts as the help beside"
        " the numbers in the workbench. Written by `docs/make_measures.py`.\n\nEvery measure carries two intervals"
        " where it can: *same crew*, for new items judged by these annotators, and *new crew*, for new items judged by"
        " new annotators of the same sort. [COVERAGE.md](../benchmarks/COVERAGE.md) has how often each covers.\n"
    )
    entries = "".join(
        f"\n## {measure.title}\n\n`{name}`\n\n{measure.to_markdown()}\n" for name, measure in GLOSSARY.items()
    )
    return head + entries + fields()


def fields() -> str:
    """What each field of `audit --json` is."""
    rows = {
        **{path: f"[{GLOSSARY[name].title}](#{anchor(GLOSSARY[name].title)})" for path, name in MEASURED.items()},
        **PLAIN,
    }
    return (
        "\n## Fields of audit --json\n\nAn estimate is an object: `value`, the bounds `same_crew` and `new_crew`, `n`"
        " used, `n_set_aside`, and the `reason` where it is undefined. `[]` stands for any entry of a list, `*` for any"
        " name.\n\n| field | what it is |\n|---|---|\n"
        + "".join(f"| `{path}` | {said} |\n" for path, said in sorted(rows.items()))
    )


def anchor(title: str) -> str:
    """The address of a heading on the page."""
    return "".join(c for c in title.lower().replace(" ", "-") if c.isalnum() or c == "-")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
