"""Takes the pictures of the README and of docs/pages.md from the real pages, on the committed demo: `make screenshots`.

`python docs/make_screenshots.py NAME ...` takes only those whose file name begins so. Needs a Chromium, as the browser
tests do. Writes PNG files with few colours into docs/images.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.conftest import FLAGS, Visit, chromium, start_server  # noqa: E402

PICTURES = {
    "start-light.png": ("light", "", 1_000),
    "overview-light.png": ("light", "overview", 1_060),
    "deliveries-light.png": ("light", "deliveries", 1_240),
    "cycles-light.png": ("light", "deliveries", 1_500),
    "agreement-light.png": ("light", "agreement", 1_180),
    "agreement-dark.png": ("dark", "agreement?agr_tab=By+slice", 1_480),
    "reversals-light.png": ("light", "reversals", 1_060),
    "labels-light.png": ("light", "labels", 1_180),
    "cleaning-light.png": ("light", "cleaning?cln_rel=60", 1_060),
    "items-light.png": ("light", "items", 1_060),
    "annotators-light.png": ("light", "annotators", 1_240),
    "speed-light.png": ("light", "speed", 1_060),
    "reward-models-light.png": ("light", "reward-models?run={train}", 1_240),
    "policy-light.png": ("light", "policy?run={policy}", 1_240),
    "select-light.png": ("light", "select?run={select}", 1_240),
    "studies-light.png": ("light", "studies", 1_240),
    "runs-light.png": ("light", "runs", 900),
    "judges-light.png": ("light", "judges", 1_240),
    "routing-light.png": ("light", "routing?rou_risk=0.2", 1_240),
    "costs-light.png": ("light", "costs", 1_180),
    "collect-light.png": ("light", "collect", 1_240),
    "adjudicate-light.png": ("light", "adjudicate", 1_060),
}
"""File -> theme, page, height in pixels. A kind of run in braces stands for the id of the one that was made for the
pictures."""
OTHER_DEMO = {"judges": "judge-vs-crowd", "routing": "judge-vs-crowd"}
"""Page -> the demo it is shown on, where that is not the committed one."""
POLICY = """learning_rate = 2e-2
beta = 0.3
max_steps = 30
batch_size = 8
max_length = 96
max_new_tokens = 16
saves = 3

[measuring]
prompts = 16
curve_prompts = 16
"""
"""Settings of the policy in the pictures, a toy trained for a moment."""
LARGEST = 150_000
"""Bytes of a picture."""


def main(wanted: list[str]) -> None:
    """Opens the demo, visits the pages, takes the pictures."""
    from playwright.sync_api import sync_playwright

    path = chromium()
    if path is None:
        sys.exit(
            "No Chromium was found; install one (Debian: apt-get install chromium) or name it in WORKBENCH_CHROMIUM."
        )
    shelf = Path(tempfile.mkdtemp(prefix="workbench-pictures-"))
    server = start_server(shelf, WORKBENCH_LABELS=str(shelf / "labels.sqlite"))
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=path, args=FLAGS)
            asked = {n: p for n, p in PICTURES.items() if not wanted or n.startswith(tuple(wanted))}
            if {"collect-light.png", "adjudicate-light.png"} & set(asked):
                collect_labels(shelf / "labels.sqlite")
            kinds = {
                k for k in ("train", "policy", "select") if any(f"{{{k}}}" in page for _, page, _ in asked.values())
            }
            kinds |= {"train", "select"} if any(page == "runs" for _, page, _ in asked.values()) else set()
            runs = made_runs(shelf, kinds)
            for name, (theme, page, height) in asked.items():
                context = browser.new_context(viewport={"width": 1360, "height": height}, color_scheme=theme)
                tab = Visit(context.new_page())
                tab.open(server.url)
                if page == "deliveries":
                    kept_demo(shelf, "clean")
                other = OTHER_DEMO.get(page.partition("?")[0])
                if other:
                    key = kept_demo(shelf, other)
                    tab.open(f"{server.url}/{page}{'&' if '?' in page else '?'}data={key}")
                elif page:
                    tab.page.get_by_role("button", name="Open the demo").click()
                    tab.page.wait_for_url("**/overview?data=*")
                    tab.settle()
                    key = tab.page.url.partition("data=")[2].partition("&")[0]
                    address = page.format_map(runs) if "{" in page else page
                    tab.open(f"{server.url}/{address}{'&' if '?' in address else '?'}data={key}")
                if name.startswith("cycles"):
                    tab.page.get_by_role("tab", name="Cycles").click()
                    tab.page.locator(".st-key-cyc_files input").set_input_files(packed_cycles(shelf))
                    tab.page.locator(".st-key-cyc_chart .scatterlayer").first.wait_for()
                tab.page.wait_for_timeout(1_500)
                tab.settle()
                tab.page.mouse.move(2, 2)
                picture = ROOT / "docs" / "images" / name
                picture.parent.mkdir(parents=True, exist_ok=True)
                tab.page.screenshot(path=picture)
                fewer_colours(picture)
                print(f"{picture.relative_to(ROOT)}  {picture.stat().st_size // 1024} KB")
                context.close()
            browser.close()
    finally:
        server.stop()
        shutil.rmtree(shelf, ignore_errors=True)


def kept_demo(shelf: Path, name: str) -> str:
    """Puts a demo on the shelf and gives its key."""
    from workbench.workspace.dataset_store import Shelf
    from workbench.workspace.demos import demo

    data = demo(name)
    Shelf(shelf).keep(data, name, "demo")
    return data.key


def packed_cycles(folder: Path) -> list[Path]:
    """A ZIP file for each cycle of a simulated loop whose policy comes to write nearly the same text every time."""
    import io
    import zipfile

    import numpy as np
    import pandas as pd

    from benchmarks.cycles import loop

    made = []
    for cycle in loop("collapse within", np.random.default_rng(3)):
        texts, vectors = cycle.generated, io.BytesIO()
        np.save(vectors, texts.vectors)
        tables = {
            "texts.csv": {"prompt": texts.prompt, "score": texts.score},
            "anchors.csv": {"anchor": list(cycle.anchors), "score": list(cycle.anchors.values())},
            "held_out.csv": {"pair": list(cycle.held_out), "margin": list(cycle.held_out.values())},
        }
        made.append(folder / f"{cycle.name}.zip")
        with zipfile.ZipFile(made[-1], "w") as packed:
            packed.writestr("vectors.npy", vectors.getvalue())
            for name, columns in tables.items():
                packed.writestr(name, pd.DataFrame(columns).to_csv(index=False))
    return made


def collect_labels(place: Path) -> None:
    """Has simulated people label a part of the demo: six careful ones, and one who clicks at random."""
    import uuid

    import numpy as np

    from workbench.collection.batches import Settings, add_people, make_batch
    from workbench.collection.handing_out import next_task
    from workbench.collection.monitor import Monitor
    from workbench.collection.saving import answer_from, save
    from workbench.collection.store import Store
    from workbench.workspace.demos import demo

    rng, store = np.random.default_rng(0), Store(place)
    data = demo("demo")
    links = add_people(store, make_batch(store, data, "Week 1", Settings()), [f"person-{i + 1}" for i in range(7)])
    monitor, better = Monitor(store), np.random.default_rng(1).random(len(data.items)) < 0.5
    place_of = {text: i for i, text in enumerate(data.texts.frame()["response_a"])}
    for _ in range(40):
        for link in links:
            task = next_task(store, link.annotator)
            if task is None:
                continue
            left_is_a = task.left in place_of
            item = place_of[task.left if left_is_a else task.right]
            truth = data.gold[item] < 2 if data.gold[item] >= 0 else better[item]
            right = rng.random() < (0.5 if link.name == "person-7" else 0.88)
            choice = "left>" if (truth == left_is_a) == right else "right>"
            sent = {"id": str(uuid.UUID(bytes=rng.bytes(16))), "lease": task.lease, "choice": choice}
            save(store, link.annotator, answer_from({**sent, "active_ms": int(rng.gamma(4, 9_000))}))
            monitor.after(link.annotator, task.item)
    store.close()


def made_runs(shelf: Path, wanted: set[str]) -> dict[str, str]:
    """Makes the runs that pages show, those of the kinds wanted, and gives the id of each kind."""
    from workbench.formats import load
    from workbench.locations import demo_folder
    from workbench.runs import all_runs, start
    from workbench.simulation.demo import EXPORT

    os.environ |= {"WORKBENCH_RUNS": str(shelf / "runs"), "WORKBENCH_UPLOADS": str(shelf)}
    export = str(demo_folder() / EXPORT)
    command = [sys.executable, "-m", "workbench"]
    if "train" in wanted:
        training = [*command, "train", "--labels", "majority", "--encoder", "hashed", export]
        subprocess.run(training, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    if "policy" in wanted:
        steered = shelf / "policy.toml"
        steered.write_text(POLICY, "utf-8")
        given = ["--model", "tiny", "--labels", "consensus-soft", "--judge", "rule:longer", "--config", str(steered)]
        subprocess.run([*command, "policy", *given, export], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    if "select" in wanted:
        picks = start(
            "select",
            {"paths": [export], "data": load(export).key, "budget": 60, "again": True, "encoder": "hashed"},
            title="Selection of 60",
        )
        picks.wait(600)
    return {run.kind: run.id for run in all_runs()}


def fewer_colours(picture: Path) -> None:
    """Reduces a picture to so few colours that it is small; flat pages do not show it."""
    from PIL import Image

    with Image.open(picture) as image:
        plain = image.convert("RGB")
    for colours in (256, 128, 64):
        plain.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(picture, optimize=True)
        if picture.stat().st_size <= LARGEST:
            return


if __name__ == "__main__":
    main(sys.argv[1:])
