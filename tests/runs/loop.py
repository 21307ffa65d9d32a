"""Work to put into runs: a small training that is the same each time, and works that fail in each way there is."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from workbench.errors import WorkbenchError
from workbench.runs import RunContext


def train(config: Mapping[str, Any], run: RunContext) -> dict[str, Any]:
    """Logistic regression by stochastic gradient with momentum; the order of the examples is drawn anew each epoch."""
    truth = np.random.default_rng(0)
    x = truth.normal(size=(200, 5))
    y = (x @ truth.normal(size=5) + truth.normal(size=200) > 0).astype(float)
    kept = run.checkpoints.load("training")
    if kept:
        arrays, note = kept
        w, speed, epoch = arrays["w"], arrays["speed"], note["epoch"]
    else:
        w, speed, epoch = np.zeros(5), np.zeros(5), 0
    epochs = int(config["epochs"])
    loss = accuracy = float("nan")
    while epoch < epochs:
        order = np.random.default_rng([7, epoch]).permutation(200)
        for part in np.array_split(order, 10):
            error = 1 / (1 + np.exp(-x[part] @ w)) - y[part]
            speed = 0.9 * speed + x[part].T @ error / len(part)
            w = w - 0.05 * speed
        epoch += 1
        p = 1 / (1 + np.exp(-x @ w))
        loss = float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))
        accuracy = float(np.mean((p > 0.5) == y))
        run.watch.step(
            epoch, epochs, "Training", loss=loss, accuracy=accuracy
        )  # then saved: a kill between the two does the step again
        if epoch % int(config.get("every", 3)) == 0:
            run.checkpoints.save("training", {"w": w, "speed": speed}, {"epoch": epoch})
        time.sleep(float(config.get("pause", 0.0)))
    run.log("Trained.")
    return {"loss": loss, "accuracy": accuracy, "weights": w.tolist()}


def head(config: Mapping[str, Any], run: RunContext) -> dict[str, Any]:
    """A real reward head on hashed words, with a pause at each step to be killed in."""
    from workbench.progress import Step, Watch
    from workbench.reward.pairs import pairs_of
    from workbench.reward.settings import HeadSettings
    from workbench.reward.training import train
    from workbench.simulation.simulate import simulate

    def step(step: Step) -> None:
        run.watch.step(step.done, step.of, step.doing, **step.figures)
        time.sleep(float(config.get("pause", 0.0)))

    pairs = pairs_of(simulate(1_000, annotators=12, seed=8).data, "majority")
    settings = HeadSettings(encoder="hashed", views=False, penalty=3.0, members=8, folds=3)
    model = train(pairs, settings, Watch(step, run.watch.stop_asked), run.checkpoints)
    return {
        "about": model.about,
        "coefficients": model.head.coefficients,
        "members": model.members,
        "temperature": model.temperature,
    }


def alone(config: Mapping[str, Any], run: RunContext) -> dict[str, Any]:
    """Says from when to when it worked."""
    began = time.time()
    time.sleep(0.2)
    return {"from": began, "to": time.time()}


def deaf(config: Mapping[str, Any], run: RunContext) -> dict[str, Any]:
    """Looks at nothing for a long time, with a child of its own."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    (run.folder / "child").write_text(str(child.pid))
    run.watch.step(0, 1, "Deep in thought")
    time.sleep(60)
    return {}


def forks(config: Mapping[str, Any], run: RunContext) -> dict[str, Any]:
    """Has a forked child that is told to end, and leaves another behind."""
    os.kill(_idle_child(), signal.SIGTERM)
    for i in range(20):
        run.watch.step(i, 20, "Working")
        time.sleep(0.05)
    (run.folder / "child").write_text(str(_idle_child()))
    run.watch.step(20, 20, "Waiting to be killed")
    time.sleep(60 if config.get("stay") else 0)
    return {}


def _idle_child() -> int:
    pid = os.fork()
    if pid == 0:
        time.sleep(60)
        os._exit(0)
    return pid


def tidy(config: Mapping[str, Any], run: RunContext) -> dict[str, Any]:
    """Hears at once, then takes its time to put things away."""
    try:
        while True:
            run.watch.step(0, 0, "Working")
            time.sleep(0.05)
    finally:
        time.sleep(1.5)
        (run.folder / "tidied").touch()


def crash(config: Mapping[str, Any], run: RunContext) -> dict[str, Any]:
    """Fails in the way that the configuration names."""
    match config["how"]:
        case "full disk":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(run.folder / "model.safetensors"))
        case "memory":
            np.zeros(1 << 62, np.int8)
        case "memory filled":
            resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000, resource.RLIM_INFINITY))
            held = []
            for i in range(10_000):
                held.append(np.ones(3_000_000))
                run.watch.step(i, 0, "Filling the memory", held=i)
        case "gpu":
            for name in ("torch", "workbench.reward.device"):
                sys.modules[name] = ModuleType(name)
                sys.modules[name].__spec__ = ModuleSpec(name, None)
            sys.modules["workbench.reward.device"].gpu_memory = lambda: {
                "name": "Pretended",
                "used": 1e9,
                "peak": 2e9,
                "total": 4e9,
            }
            run.watch.step(1, 1, "Computing")
        case "gpu memory":
            raise type("OutOfMemoryError", (RuntimeError,), {"__module__": "torch"})(
                "CUDA out of memory. Tried to allocate 20.00 GiB"
            )
        case "cpu memory":
            raise RuntimeError(
                "[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory: you tried to allocate"
                " 8000000000000 bytes."
            )
        case "missing model":
            raise WorkbenchError(
                "The encoder folder /models/none is not there.",
                "Name a folder with a model, or take the hashed encoder.",
            )
        case "missing file":
            Path("/models/none.safetensors").read_bytes()
        case "missing package":
            import no_such_package_at_all  # noqa: F401
        case "unforeseen":
            secret = "How do I tell my landlord that the heating is broken?"
            float(secret)
        case "leaves":
            sys.exit(3)
        case "killed":
            os.kill(os.getpid(), 9)
    return {}


def fills(config: Mapping[str, Any], run: RunContext) -> dict[str, Any]:
    """Writes checkpoints until there is no room."""
    for i in range(10_000):
        run.checkpoints.save(f"part-{i}", {"x": np.zeros(25_000)}, {})
        run.watch.step(i, 10_000, "Filling the disk", size=float(i))
    return {}
