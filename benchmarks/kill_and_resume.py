"""Kills real trainings with SIGKILL at ten random moments each and holds what they end with against trainings that
nobody touched: a reward head, and a policy of a tiny model.

    python benchmarks/kill_and_resume.py > benchmarks/KILL_AND_RESUME.md

Data are simulated; the encoder is the hashed one, whose vectors are computed anew after each kill.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from workbench.formats.writers.native import write_own
from workbench.runs import Run, start
from workbench.runs.folder import PROCESS, read_json
from workbench.simulation.simulate import simulate

KILLS = 10
TRAININGS: dict[str, dict[str, Any]] = {
    "train": {"head": {"encoder": "hashed", "members": 200}},
    "policy": {
        "policy": {
            "base": "tiny",
            "max_steps": 400,
            "epochs": 50.0,
            "learning_rate": 5e-3,
            "saves": 40,
            "max_new_tokens": 24,
        },
        "measuring": {"prompts": 10, "samples": 2, "curve_prompts": 4, "judge": "rule:longer"},
    },
}
UNLIKE = {"latency", "pairs_per_second", "resumed_at"}
"""What may differ between two runs of the same: how long things took, and where the last attempt began."""


def kill(run: Run) -> str:
    os.kill((read_json(run.folder / PROCESS) or {})["pid"], signal.SIGKILL)
    while run.status().living:
        time.sleep(0.01)
    status = run.status()
    assert status.state == "interrupted", status
    return f"{status.doing}, {status.done:,} of {status.of:,}" if status.of else status.doing


def final(run: Run) -> dict[str, Any]:
    """Everything the training found."""
    return dict(_comparable(run.result() or {}))


def _comparable(content: Any) -> Any:
    if isinstance(content, dict):
        return {name: _comparable(value) for name, value in content.items() if name not in UNLIKE}
    return content


def killed(kind: str, config: dict[str, Any], root: Path, seed: int) -> None:
    """Trains twice, once killed again and again, and prints what is equal."""
    plain = start(kind, config, root=root)
    assert plain.wait(900).state == "done", plain.status()
    lasted = plain.status().seconds
    rng = np.random.default_rng(seed)
    run, moments = start(kind, config, root=root), []
    while len(moments) < KILLS:
        while run.status().state == "queued":
            time.sleep(0.02)
        time.sleep(float(rng.uniform(1.0, max(0.6 * lasted, 5.0))))
        if not run.status().living:
            break
        moments.append((run.status().seconds, kill(run)))
        run.resume()
    assert run.wait(900).state == "done", run.status()
    same_weights = [
        (p.relative_to(plain.folder), p.read_bytes() == (run.folder / p.relative_to(plain.folder)).read_bytes())
        for p in sorted((plain.folder / "model").rglob("*.safetensors"))
    ]
    print(f"## `{kind}`: {(plain.result() or {})['pairs']:,} pairs, untouched {lasted:.0f} s\n")
    print("| killed after, s at work | while |\n|---|---|")
    for seconds, stage in moments:
        print(f"| {seconds:.1f} | {stage} |")
    print(
        f"\nKilled {len(moments)} times. Held-out accuracy {final(run)['eval']['accuracy']!r}, untouched"
        f" {final(plain)['eval']['accuracy']!r}."
    )
    print(
        f"All results but times equal: {final(run) == final(plain)}.",
        "; ".join(f"{name} equal: {same}" for name, same in same_weights) + ".\n",
        flush=True,
    )


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="workbench-kills-"))
    os.environ["WORKBENCH_EMBEDDINGS"] = str(folder / "embeddings")
    write_own(simulate(4_000, annotators=12, seed=8).data, folder / "set.pwb")
    given = {"paths": [str(folder / "set.pwb")], "labels": "dawid-skene-soft"}
    print("# Trainings killed at random moments\n\n`python benchmarks/kill_and_resume.py`\n")
    for seed, (kind, settings) in enumerate(TRAININGS.items(), 4):
        killed(kind, {**given, **settings}, folder / "runs", seed)


if __name__ == "__main__":
    main()
