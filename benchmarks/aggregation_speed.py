"""How fast labels are aggregated at the size of a large preference set, beside crowd-kit in the same run.

Run `python benchmarks/aggregation_speed.py`; it prints the table and writes `benchmarks/AGGREGATION_SPEED.md`.
crowd-kit runs where `WORKBENCH_PEERS_PYTHON` names an interpreter that has it. `--small` is a try-out at a hundredth of
the size.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
CACHE = tempfile.TemporaryDirectory()
os.environ["NUMBA_CACHE_DIR"] = CACHE.name  # so that compilation is measured, whatever was compiled before

import numpy as np  # noqa: E402
from beside_crowd_kit import Ran, peers_python, run  # noqa: E402
from crowd import Crowd, crowd  # noqa: E402

from workbench.aggregation import Aggregation, aggregate  # noqa: E402
from workbench.dataset.annotation_set import AnnotationSet  # noqa: E402

OUT = Path(__file__).with_name("AGGREGATION_SPEED.md")


def timed(
    data: AnnotationSet, method: str, options: dict[str, object], repetitions: int
) -> tuple[float, float, Aggregation]:
    """Shortest wall time and its CPU time, in seconds, and the result."""
    taken = []
    for _ in range(repetitions):
        started, cpu = time.perf_counter(), time.process_time()
        result = aggregate(data, method, **options)
        taken.append((time.perf_counter() - started, time.process_time() - cpu))
    return *min(taken), result


def likelihood(data: AnnotationSet, prior: np.ndarray, confusion: np.ndarray) -> float:
    """Log-likelihood of the judgements under class shares and tables (annotator, label, truth)."""
    from workbench.aggregation.kernels import expectation

    with np.errstate(divide="ignore"):
        return expectation(
            data.codes, np.full(len(data.items), -1, np.int8), np.log(prior), np.ascontiguousarray(np.log(confusion))
        )[2]


def compiled() -> float:
    """Seconds until every method has run once on a handful of judgements, with nothing compiled before."""
    tiny = crowd(200, 10, 3).data()
    started = time.perf_counter()
    for method, options in (
        ("majority", {}),
        ("dawid_skene", {}),
        ("dawid_skene", {"prior": "none"}),
        ("one_coin", {}),
        ("glad", {}),
        ("mace", {}),
    ):
        aggregate(tiny, method, **options)
    return time.perf_counter() - started


Run = tuple[str, dict[str, object]]
"""A method and its options."""

COLUMNS = (
    "judgements",
    "run",
    "seconds",
    "CPU seconds",
    "iterations",
    "accuracy",
    "log-likelihood",
    "workbench is faster by",
    "in CPU seconds",
)


class Table:
    """Rows of the report, printed as they come."""

    def __init__(self, judged: Crowd, repetitions: int) -> None:
        self.judged, self.data, self.repetitions = judged, judged.data(), repetitions
        self.rows: list[str] = []
        assert len(self.data.codes) == len(judged.item)

    def add(
        self,
        run: str,
        wall: float,
        cpu: float,
        iterations: int,
        right: np.ndarray,
        fit: float | None,
        beside: tuple[float, float] | None = None,
    ) -> None:
        faster = ["", ""] if beside is None else [f"**{wall / beside[0]:.0f} x**", f"{cpu / beside[1]:.0f} x"]
        cells = [
            f"{len(self.judged.item):,}",
            run,
            f"{wall:.2f}",
            f"{cpu:.2f}",
            str(iterations or ""),
            f"{right.mean():.4f}",
            "" if fit is None else f"{fit:,.0f}",
            *faster,
        ]
        self.rows.append(" | ".join(cells))
        print(self.rows[-1], flush=True)

    def ours(self, method: str, options: dict[str, object], note: str = "") -> tuple[tuple[float, float], Aggregation]:
        wall, cpu, found = timed(self.data, method, options, self.repetitions)
        given = ", ".join(f"{name}={value}" for name, value in options.items())
        fit = found.details.get("log_likelihood")
        self.add(
            f"workbench {method}{f' ({given})' if given else ''}{note}",
            wall,
            cpu,
            found.iterations,
            found.label == self.judged.truth,
            fit if isinstance(fit, float) else None,
        )
        return (wall, cpu), found

    def theirs(self, method: str, ids: str, found: Ran, beside: tuple[float, float]) -> None:
        right = found.posterior.argmax(1) == self.judged.truth
        self.add(
            f"crowd-kit {method}, ids as {ids}",
            found.seconds,
            found.cpu,
            found.iterations,
            right,
            self.fit(found),
            beside,
        )

    def fit(self, found: Ran) -> float | None:
        return (
            None
            if found.confusion is None or found.prior is None
            else likelihood(self.data, found.prior, found.confusion)
        )

    def dawid_skene(self, python: str | None) -> None:
        """The same model on both sides: to our own end, and to the first iteration with at least crowd-kit's
        likelihood."""
        options: dict[str, object] = {"prior": "none"}
        taken, found = self.ours("dawid_skene", options)
        if python:
            ran = {ids: run(python, "dawid_skene", self.judged, ids) for ids in ("text", "integers")}
            reached = max(self.fit(r) or -np.inf for r in ran.values())
            if found.objective[-1] >= reached:
                enough = int(np.argmax(found.objective >= reached)) + 1
                taken, _ = self.ours(
                    "dawid_skene", {**options, "max_iterations": enough}, ", to crowd-kit's likelihood"
                )
            for ids, r in ran.items():
                self.theirs("dawid_skene", ids, r, taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--repetitions", type=int, default=3)
    asked = parser.parse_args()
    scale = 100 if asked.small else 1
    python = peers_python()
    seconds = compiled()
    first = Table(name=crowd(20_000 // scale, 200, 5), title=asked.repetitions)
    for method in ("glad", "mace", "one_coin", "majority"):
        taken, _ = first.ours(method, {})
        if python:
            first.theirs(method, "text", run(python, method, first.judged, "text"), taken)
    first.ours("mace", {"restarts": 9})
    first.dawid_skene(python)
    first.ours("dawid_skene", {})
    second = Table(name=crowd(1_400_000 // scale, 500, 3), title=asked.repetitions)
    second.dawid_skene(python)
    for method in ("dawid_skene", "one_coin", "mace", "weighted", "majority"):
        second.ours(method, {})
    rows = first.rows + second.rows
    load = os.getloadavg()[0]
    text = f"""# Speed of aggregation

Written by `benchmarks/aggregation_speed.py` on {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}; load average
at the end {load:.1f}. Five ordered labels, annotators right with 40 to 90%, errors mostly on neighbouring labels (`benchmarks/crowd.py`).

Times are those of a whole call, from annotation set to labels, and of crowd-kit's `fit`; ours are the shortest of {asked.repetitions}, crowd-kit runs once.
Compiling all methods took {seconds:.1f} s and is not in them: it happens once on a machine, the compiled code is kept on disk.
Iterations are each method's own until it stops by its own rule. The log-likelihood is that of the observed judgements under the
class shares and confusion tables a run ended with; higher is better. The last two columns compare with the row of ours above; for Dawid-Skene that is
the run that stops at the first iteration with at least crowd-kit's likelihood. crowd-kit is given text ids, as in its documentation and in real exports, and for
Dawid-Skene also integers, which suit it better; the workbench codes ids once, when a file is opened, and that is in neither time. CPU seconds depend less on what
else ran on the machine than wall times do.

{" | ".join(COLUMNS)}
---:|---|---:|---:|---:|---:|---:|---:|---:
{chr(10).join(rows)}
"""  # noqa: E501
    if not asked.small:
        OUT.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
