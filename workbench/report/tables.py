"""The numbers of a report as tables: one of all figures, and each that the report shows."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from workbench.report.contents import Section


def tables(sections: Sequence[Section]) -> dict[str, pd.DataFrame]:
    """Each table by its name, and `figures`: one row a figure with its intervals and counts."""
    found = {"figures": figures(sections)}
    for section in sections:
        found |= {table.name: table.frame for table in section.tables}
    return found


def figures(sections: Sequence[Section]) -> pd.DataFrame:
    """All figures, one a row: `section`, `name`, `title`, `value`, bounds of each interval, `n`, `of`, `counted`,
    `reason`, `python`.
    """
    rows = []
    for section in sections:
        for f in section.figures:
            bounds = {
                f"{s.about.replace(' ', '_')}_{end}": v
                for s in f.spans
                for end, v in (("low", s.low), ("high", s.high))
            }
            rows.append(
                {
                    "section": section.name,
                    "name": f.name,
                    "title": f.title,
                    "value": f.value,
                    **bounds,
                    "n": f.n,
                    "of": f.of,
                    "counted": f.counted if f.n is not None else None,
                    "reason": f.reason,
                    "note": f.note or None,
                    "no_interval": f.exact or None,
                    "python": f.python,
                }
            )
    frame = pd.DataFrame(rows)
    first = ["section", "name", "title", "value"]
    last = ["n", "of", "counted", "reason", "note", "no_interval", "python"]
    return frame[[*first, *[c for c in frame if c not in (*first, *last)], *last]]
