"""What a dollar buys: plans trained on real crowd judgements, priced by the cost model, with the statement the
intervals support.

WORKBENCH_REAL_DATA=FOLDER python benchmarks/frontier.py > benchmarks/FRONTIER.md
"""

from __future__ import annotations

import argparse
import os
import platform
from pathlib import Path

from workbench.simulation.simulate import simulate
from workbench.studies.bench import Bench
from workbench.studies.bench_building import open_bench, open_paths
from workbench.studies.cells import Cells
from workbench.studies.frontier import Frontier, FrontierSettings, frontier
from workbench.studies.measured import Measured
from workbench.wording.studies import verdict

DATA = (
    Path(os.environ.get("WORKBENCH_REAL_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")) / "ukpconvarg"
)


def report(title: str, found: Frontier, bench: Bench) -> None:
    """One study in Markdown, ending with its statement."""
    held = (
        "prompt groups held out for each seed"
        if bench.evaluation is None
        else f"{len(bench.evaluation):,} evaluation pairs of {bench.buckets} other prompt groups"
    )
    print(f"\n## {title}\n")
    print(
        f"{len(bench):,} pairs, {len(bench.data.codes):,} judgements; {len(found.tried)} plans,"  # type: ignore[union-attr]
        f" {found.settings.seeds} seeds; measured on {held}; truth: {found.truth_is}. "
        f"Features: {found.encoder}. Priced by: {found.priced_by}.\n"
    )
    print("The line: plans that no cheaper one beats.\n")
    print("| plan | dollars | held-out accuracy | step: dollars more | gain, points | dollars a point |")
    print("|---|---|---|---|---|---|")
    to = {s.end: s for s in found.steps}
    for place in found.line:
        tried, step = found.tried[place], to.get(place)
        more = (
            ["", "", ""]
            if step is None
            else [f"{step.dollars:,.0f}", interval(step.gain, 100, 1), interval(step.dollars_per_point, 1, 0)]
        )
        print(f"| {tried.plan.name} | {tried.dollars:,.0f} | {interval(tried.accuracy, 1, 3)} | {' | '.join(more)} |")
    most = found.tried[-1].plan
    print(f"\nAll ways at {most.items:,} items:\n\n| way | dollars | held-out accuracy |\n|---|---|---|")
    for tried in found.tried:
        if tried.plan.items == most.items:
            print(f"| {tried.plan.way} | {tried.dollars:,.0f} | {interval(tried.accuracy, 1, 3)} |")
    if found.onward:
        print(
            "\nForecast of the learning curve of the way the line ends with:\n\n| items | dollars | accuracy |"
            " |\n|---|---|---|---|"
        )
        for o in found.onward:
            print(
                f"| {o.forecast.labels:,} | {o.dollars:,.0f} | {interval(o.forecast.accuracy, 1, 3)} |"
                f" {o.forecast.warning} |"
            )
    print(f"\n**{verdict(found.to_dict())}**\n")
    for note in found.notes:
        print(f"- {note}")


def interval(figure: Measured, times: float, digits: int) -> str:
    """A figure with its interval."""
    if figure.value is None:
        return str(figure.reason)
    bounds = (
        f" [{times * figure.low:,.{digits}f}, {times * figure.high:,.{digits}f}]"
        if figure.low is not None and figure.high is not None
        else ""
    )
    return f"{times * figure.value:,.{digits}f}{bounds}"


def cells_for(title: str, bench: Bench, settings: object) -> Cells:
    """Finished cells, kept where `--cells` says, so that a benchmark that was stopped goes on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=Path, help="folder for finished cells")
    folder = parser.parse_args().cells
    return Cells(folder / f"{title.replace('/', ' ')}.jsonl" if folder else None, f"{bench.key} {settings!r}")


def main() -> None:
    """Measures and prints."""
    print("# Quality per dollar\n")
    print(
        f"Made by `python benchmarks/frontier.py`. Python {platform.python_version()}, {os.cpu_count()} cores. A plan"
        " buys so many labels of so many items from the judgements there are; its labels are aggregated from these"
        " alone, a linear head on frozen embeddings is trained on them, and its price is that of the cost model."
        " Intervals are over seeds and held-out prompt groups."
    )

    def measured(title: str, bench: Bench, settings: FrontierSettings) -> None:
        found = frontier(bench, settings, cells=cells_for(title, bench, settings))
        report(title, found, bench)

    if DATA.is_dir():
        settings = FrontierSettings(labels_per_item=(1, 3, 5), items=(80, 320, 1_280), seeds=8)
        measured(
            "Argument pairs: crowd judgements of 3 topics, measured on the gold of 25 other topics",
            open_paths([DATA / "dev"], [DATA / "strict-csv"]),
            settings,
        )
    crowd = simulate(
        16_000, seed=7, labels_per_item=3, judges=2, gold_share=1.0, scale="binary", spammers=0.1, skill=(0.7, 0.9)
    ).data
    mixed = FrontierSettings(
        labels_per_item=(1, 2, 3),
        labels_as=("majority", "dawid-skene-soft"),
        cleaning=(False,),
        items=(60, 240, 960),
        mixes=("human", "ai", "human 0.5 + ai 0.5"),
        seeds=8,
    )
    measured("Simulated texts: people, AI judges and a mix of both", open_bench(crowd, encoder="hashed"), mixed)


if __name__ == "__main__":
    main()
