"""How the tables of many tools' layouts are read without an option: right, asked about, or wrong in silence.

`python benchmarks/layout_reading.py` prints both halves and what was written later; `--each` every table that was
not read right. The guesser is tuned on the one half only.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent))

from tests.formats.layouts.scoring import Outcome, half_of, score
from tests.formats.layouts.world import LAYOUTS


def main() -> int:
    """Prints the score; fails where a table was read wrong in silence."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--each", choices=["tuning", "reporting", "afresh", "doubtful", "both"], help="list the tables not read right"
    )
    parser.add_argument("--only", help="one layout by name")
    options = parser.parse_args()
    names = [name for name in LAYOUTS if options.only in (None, name)]
    if options.each not in (None, "both"):
        names = [name for name in names if half_of(name) == options.each]
    outcomes = [score(name) for name in names]
    for outcome in outcomes:
        if outcome.result != "right" and options.each in (outcome.half, "both"):
            print(f"{outcome.result:6} {outcome.half:9} {outcome.layout:38} {' '.join(outcome.why.split())[:300]}")
    for half in ("tuning", "reporting", "afresh", "doubtful"):
        print(_line(half, [o for o in outcomes if o.half == half]))
    return int(any(o.result == "wrong" for o in outcomes))


def _line(half: str, outcomes: list[Outcome]) -> str:
    of = Counter(o.result for o in outcomes)
    share = of["right"] / max(1, len(outcomes))
    return (
        f"{half}: {len(outcomes)} tables, right {of['right']} ({share:.1%}), asked {of['asked']}, wrong {of['wrong']}"
    )


if __name__ == "__main__":
    raise SystemExit(main())
