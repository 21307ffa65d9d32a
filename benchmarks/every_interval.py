"""How often does each interval of the product hold what it is about?

Run `python benchmarks/every_interval.py` (a few minutes on one core); it prints as it goes and writes
`benchmarks/COVERAGE.md`. The cells lie in `benchmarks/interval_cells/`. `--only PART` measures the rows whose text
holds PART and prints them. `tests/test_every_interval.py` fails where the library forms an interval that has no row.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.interval_cells import deliveries, elsewhere, judges, models, shares
from benchmarks.interval_cells.cells import Covered, Row, measure

LEAST = 0.93
PAGE = Path(__file__).with_name("COVERAGE.md")


def every_row() -> list[Row]:
    """All rows of the table."""
    return [*shares.rows(), *models.rows(), *judges.rows(), *deliveries.rows(), *elsewhere.rows()]


def written(row: Row, found: dict[str, Covered]) -> str:
    """A row of the table: the interval, how its cells did, and who makes it."""
    if found:
        lowest = min(found.values(), key=lambda c: c.share)
        highest = max(c.share for c in found.values())
        narrow = lowest.share + 2 * lowest.error < LEAST
        said = f"{'**' if narrow else ''}{lowest.share:.3f}{'**' if narrow else ''} to {highest:.3f}"
    else:
        said = row.elsewhere
    made = ", ".join(f"`{name}`" for name in row.made_by)
    return f"| {row.interval} | {said} | {len(found)} | {row.note} | {made} |"


def detail(row: Row, found: dict[str, Covered]) -> list[str]:
    """The cells of a row."""
    lines = [f"### {row.interval[:1].upper()}{row.interval[1:]}", ""]
    lines += ["| situation | coverage | +- | median width | without one |", "|---|---|---|---|---|"]
    lines += [f"| {n} | {c.share:.3f} | {2 * c.error:.3f} | {c.width:.3f} | {c.none:.0%} |" for n, c in found.items()]
    return [*lines, ""]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0, help="runs, as a multiple of the usual ones")
    parser.add_argument("--only", default="", metavar="PART")
    parser.add_argument("--out", type=Path, default=PAGE)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    started = time.process_time()
    table, details = [], []
    for number, row in enumerate(every_row()):
        if given.only not in row.interval:
            continue
        runs = max(int(row.runs * given.scale), 10)
        found = {name: measure(draw, runs, given.seed + number) for name, draw in row.cells.items()}
        table.append(written(row, found))
        if found:
            details += [*detail(row, found)]
        print(table[-1], *(f"\n    {n}: {c.share:.3f} ({c.width:.3f})" for n, c in found.items()), flush=True)
    if given.only:
        return
    head = [
        "# Coverage of every interval",
        "",
        (
            "Written by `python benchmarks/every_interval.py`, which says how the data are drawn: each row is an"
            " interval that the workbench shows, and how often it holds what it is about, over simulated situations"
            f" from easy to hard; nominal 95%. **Bold**: clearly below {LEAST:.0%} in some situation. The situations"
            " follow below. [AGREEMENT_COVERAGE.md](AGREEMENT_COVERAGE.md) has the agreement coefficients in full."
        ),
        "",
        "| interval | coverage, lowest to highest | situations | to keep in mind | made by (`workbench.`) |",
        "|---|---|---|---|---|",
    ]
    tail = ["", "## Bounds that are no intervals", "", "| where | what |", "|---|---|"]
    tail += [f"| `{name}` | {what} |" for name, what in elsewhere.NO_INTERVALS.items()]
    took = (time.process_time() - started) / 60
    end = [f"Took {took:.0f} minutes of one core; seed {given.seed}.", ""]
    given.out.write_text("\n".join([*head, *table, "", "## Situations", "", *details, *tail, "", *end]), "utf-8")


if __name__ == "__main__":
    main()
