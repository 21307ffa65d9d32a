"""Runs each study and a selection once on the committed demo, and keeps the results beside it.

The pages *Studies* and *Select* show them before anything ran: `python docs/make_study_examples.py [STUDY ...]`. Few
splits, and words instead of sentence vectors, so that each takes minutes; the files say which settings and how long.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from workbench.formats import load  # noqa: E402
from workbench.locations import demo_folder  # noqa: E402
from workbench.runs import start  # noqa: E402
from workbench.simulation.demo import EXPORT  # noqa: E402
from workbench.studies.examples import example_file  # noqa: E402

SETTINGS = {
    "replay": {"strategies": ["uncertainty", "bald", "d_optimal"], "seeds": 4},
    "threshold": {"rule": "reliability", "seeds": 3},
    "label-sets": {"seeds": 4},
    "learning-curve": {"seeds": 4},
    "frontier": {"seeds": 3, "labels_per_item": [1, 2, 3]},
    "select": {"budget": 60, "again": True},
}


def main(wanted: list[str]) -> None:
    """Runs the studies that are wanted, all without one named."""
    export = demo_folder() / EXPORT
    data = load(str(export))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["WORKBENCH_RUNS"] = folder
        for study in wanted or list(SETTINGS):
            config = {"paths": [str(export)], "data": data.key, "encoder": "hashed"}
            if study == "select":
                config |= SETTINGS[study]
            else:
                config |= {"settings": SETTINGS[study], "most": 20_000, "device": "cpu"}
            run = start(study, config, title=f"{study} on the demo")
            status = run.wait(3_600)
            if status.state != "done":
                sys.exit(f"{study}: {status.state}: {status.error}")
            result = run.result() or {}
            result.pop("plane", None)  # the map of a selection is drawn from the data themselves
            for each in result["strategies"].values() if study == "select" else ():
                for name in ("items", "gains", "probability", "cost", "flip"):
                    each.pop(name, None)  # of each pick, which the example does not list
            kept = {"settings": SETTINGS[study], "encoder": "hashed", "seconds": round(status.seconds)}
            place = example_file(study)
            place.parent.mkdir(exist_ok=True)
            place.write_text(json.dumps({**kept, "result": result}, ensure_ascii=False), "utf-8")
            print(f"{place.relative_to(ROOT)}  {place.stat().st_size // 1024} KB, {status.seconds:.0f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
