"""Every reader against thousands of damaged files: each must end in annotations or in one readable error, nothing else.

    python benchmarks/fuzz_readers.py --files 10000 --seed 0

A file is read by the reader that recognises it, and every third time by the reader of its undamaged form, so that files
too damaged to be recognised reach that reader too. `unforeseen` counts readers that tripped and were caught by the net
in `workbench.formats.read_guarded`; `failure` would be another exception, or a result that contradicts itself.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.formats.corpus import corpus
from tests.formats.mutations import mutated, outcome
from workbench.errors import WorkbenchError
from workbench.formats import recognise_format
from workbench.formats.files.opening import open_bytes


def main() -> int:
    """Prints what became of the files; exit code 1 where one of them ended in anything but a result or our own
    error."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=20, help="distinct troubles to print")
    options = parser.parse_args()

    files = corpus()
    names = sorted(files)
    own = {name: native(files[name], name) for name in names}
    kinds: Counter[str] = Counter()
    troubles: dict[str, list[str]] = {}
    by_file: dict[str, Counter[str]] = {name: Counter() for name in names}
    started = time.perf_counter()
    for number in range(options.files):
        rng = random.Random(f"{options.seed}:{number}")
        name = names[number % len(names)]
        forced = own[name] if rng.random() < 1 / 3 else None
        result = outcome(mutated(files[name], name, rng), name, forced)
        kinds[result.kind] += 1
        by_file[name][result.kind] += 1
        if result.kind in ("unforeseen", "failure"):
            troubles.setdefault(f"{result.kind}: {result.detail}", []).append(f"{number} ({name})")
    print(
        f"{options.files:,} files from {len(names)} valid ones, seed {options.seed},"
        f" {time.perf_counter() - started:.0f} s"
    )
    for kind in ("result", "error", "unforeseen", "failure"):
        print(f"  {kind:<11}{kinds[kind]:>7,}")
    for name in names:
        print(
            f"  {name:<32}{own[name] or '(guessed)':<26}"
            + "  ".join(f"{k} {n:,}" for k, n in sorted(by_file[name].items()))
        )
    for trouble, where in sorted(troubles.items(), key=lambda t: -len(t[1]))[: options.show]:
        print(f"{len(where):>5} x {trouble}  e.g. {', '.join(where[:3])}")
    return 1 if kinds["failure"] else 0


def native(data: bytes, name: str) -> str | None:
    """Format of the undamaged file."""
    try:
        found = recognise_format(open_bytes(data, name)[0])
    except WorkbenchError:
        return None
    return found[0][0] if found else None


if __name__ == "__main__":
    sys.exit(main())
