"""Which pairs to send to people by the measured gain of a reward model, beside random pairs, on real data.

Run `python benchmarks/reward_gain.py`; it writes `benchmarks/REWARD_GAIN.md`. Real data are read from `../shared/data`,
or the folder named in `WORKBENCH_REAL_DATA`. `--seeds` splits (10), `--encoder` of the
texts (hashed words, so that no weights are needed). Finished splits stay in the folder of `--kept` and are not done
again.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from workbench.dataset.annotation_set import AnnotationSet
from workbench.formats import load
from workbench.routing.tiers import Verdicts
from workbench.studies.cells import Cells
from workbench.studies.measured import Measured
from workbench.studies.people_or_judge import WAYS, PeopleOrJudge, gain_on_data

REAL = Path(os.environ.get("WORKBENCH_REAL_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
ARGUMENTS = REAL / "ukpconvarg"
STRICT = sorted((ARGUMENTS / "strict-csv").glob("*.csv"))
SETS: dict[str, str | None] = {
    "Argument pairs of 28 topics and stances; kinds by how sure the judge is": None,
    "The same pairs; kinds by topic too": "topic",
}
"""Pairs with agreed labels of people, and the longer text as judge. (The pairs with single labels of the crowd are of
three topics, too few to be split over pilot, training and measuring.)"""


def longer_text(data: AnnotationSet) -> Verdicts:
    """The longer text as a judge: the surer, the longer it is beside the other."""
    a, b = (data.items[column].to_numpy(float) for column in ("words_a", "words_b"))
    share = a / np.maximum(a + b, 1)
    said = np.where(share == 0.5, 0.5, (share > 0.5).astype(float))
    return Verdicts("the longer text", said, np.maximum(share, 1 - share))


def section(name: str, found: PeopleOrJudge, seeds: int) -> list[str]:
    """The table of one set of data."""
    pairs = found.accuracy["people only"].n // seeds
    lines = [
        "",
        f"## {name}",
        "",
        f"{found.pilot:,} pilot pairs have both labels; people label {found.labels:,} more; measured on {pairs:,}"
        f" held-out pairs in each of {seeds} splits.",
        "",
        "| who labels beyond the pilot | accuracy of the reward model | less random pairs |",
        "|---|---|---|",
    ]
    for way, what in WAYS.items():
        over = _points(found.over_random[way]) if way in found.over_random else ""
        lines.append(f"| {way}: {what} | {_share(found.accuracy[way])} | {over} |")
    return [*lines, "", found.verdict()]


def _share(found: Measured) -> str:
    reach = "" if found.interval is None else f" [{found.low:.1%}, {found.high:.1%}]"
    return "-" if found.value is None else f"{found.value:.1%}{reach}"


def _points(found: Measured) -> str:
    reach = "" if found.interval is None else f" [{found.low:+.1%}, {found.high:+.1%}]"
    return "-" if found.value is None else f"{found.value:+.1%}{reach}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--encoder", default="hashed")
    parser.add_argument("--kept", type=Path)
    options = parser.parse_args()
    lines = [
        "# Which pairs to send to people, by measured gain",
        "",
        "Written by `benchmarks/reward_gain.py`. The longer text, the surer the longer it is,"
        " judges what people do not label. A pilot of 30% of the training"
        " pairs has labels of both; people label 30% of the rest, chosen in one of these ways; a small reward model"
        f" ({options.encoder} texts) learns from all of it and is measured on held-out prompts against people."
        " Intervals: 95%, over splits and held-out prompts; differences are paired.",
    ]
    if not STRICT:
        sys.exit("The argument pairs are not here: name their folder in WORKBENCH_REAL_DATA.")
    data = load(STRICT)
    for number, (name, by) in enumerate(SETS.items()):
        kept = None if options.kept is None else options.kept / f"{number}.jsonl"
        recipe = repr([data.key, by, options.encoder])
        found = gain_on_data(
            data,
            longer_text(data),
            slice_name=by,
            encoder=options.encoder,
            seeds=options.seeds,
            cells=Cells(kept, recipe),
        )
        part = section(name, found, options.seeds)
        print("\n".join(part), flush=True)
        lines += part
    (Path(__file__).parent / "REWARD_GAIN.md").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
