"""Plans of routing on data that people labelled: cost and error beside people only and each judge only.

Run `python benchmarks/routing.py`; it writes `benchmarks/ROUTING.md`. Real data are read from `../shared/data`, or the
folder named in `WORKBENCH_REAL_DATA`; what is not there is left out. Every plan is tried with five seeds; the median by
cost is shown.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from workbench.dataset.annotation_set import AnnotationSet
from workbench.formats import load
from workbench.routing.plan import Plan, Tier
from workbench.routing.routed import Routed
from workbench.routing.simulate import simulate_plan
from workbench.routing.tiers import Verdicts
from workbench.routing.verdicts import simulated_verdicts
from workbench.simulation.simulate import simulate

REAL = Path(os.environ.get("WORKBENCH_REAL_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
SEEDS = range(5)
DELTA = 0.1


def data_sets() -> dict[str, tuple[AnnotationSet, tuple[Tier, ...]]]:
    """Name -> data and tiers."""
    found: dict[str, tuple[AnnotationSet, tuple[Tier, ...]]] = {}
    pandalm = REAL / "pandalm"
    if pandalm.is_dir():
        names = ("testset-v1.json", "gpt-3.5-turbo-testset-v1.json", "pandalm-7b-testset-v1.json")
        tiers = (Tier("pandalm-7b", "judge:pandalm", 0.0005), Tier("gpt-3.5-turbo", "judge:gpt", 0.004))
        found["pandalm: 3 careful people, 2 model judges"] = (load([pandalm / n for n in names]), tiers)
    arguments = REAL / "ukpconvarg" / "dev"
    if arguments.is_dir():
        floor = (Tier("longer text", "rule:longer", 0.0),)
        found["argument pairs: crowd with gold, the longer text as judge"] = (load([arguments]), floor)
    made = simulate(30_000, seed=5, judges=3, experts=2, annotators=60).data
    judges = made.annotators.loc[made.annotators["kind"] == "ai", "annotator"].astype(str).tolist()
    tiers = (Tier("judge 1", judges[0], 0.002), Tier("judge 2", judges[1], 0.01))
    found["simulated, like MT-Bench: crowd and experts, judges that share errors"] = (made, tiers)
    return found


def tried(
    data: AnnotationSet, tiers: tuple[Tier, ...], verdicts: list[Verdicts], risk: float, people_price: float
) -> Routed:
    """The median by cost over the seeds."""
    outcomes = []
    for seed in SEEDS:
        plan = Plan(tiers=tiers, calibration=400, people_price=people_price, seed=seed)
        outcomes.append(simulate_plan(data, plan, verdicts, risk=risk, delta=DELTA))
    return sorted(outcomes, key=lambda o: o.usd)[len(outcomes) // 2]


def share(estimate) -> str:
    """An error with its interval."""
    if estimate.value is None:
        return "-"
    i = estimate.same_crew
    return f"{estimate.value:.1%} [{i.low:.1%}, {i.high:.1%}]" if i else f"{estimate.value:.1%}"


def main() -> None:
    lines = [
        "# Routing on data that people labelled",
        "",
        "Written by `benchmarks/routing.py`, which says what is tried. A person hired at $1.50 a label (or $0.30), 400"
        " calibration items, 5% of the decided items checked, $10 for a settled disagreement, delta 0.1. Error:"
        " against the other people of an item, or gold; the same for judges and people. Same-crew intervals.",
    ]
    for name, (data, tiers) in data_sets().items():
        lines += ["", f"## {name}", "", "| plan | judges decide | $ | error | verdict |", "|---|---|---|---|---|"]
        verdicts = simulated_verdicts(data, Plan(tiers=tiers), None)
        first = tried(data, tiers, verdicts, 0.1, 1.5)
        for way in first.beside:
            lines.append(f"| {way.name} | | {way.usd:,.0f} | {share(way.error)} | |")
        for price in (1.5, 0.3):
            for risk in (0.05, 0.1, 0.2, 0.3):
                got = tried(data, tiers, verdicts, risk, price)
                decided = sum(t.items for t in got.tiers)
                label = f"risk {risk:.0%}, people ${price:.2f}"
                decides = f"{decided:,} of {got.items:,}"
                lines.append(f"| {label} | {decides} | {got.usd:,.0f} | {share(got.error)} | {got.verdict()} |")
        print("\n".join(lines[-12:]), flush=True)
    (Path(__file__).parent / "ROUTING.md").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
