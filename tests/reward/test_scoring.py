"""`score` and `best-of-n` on the command line, and candidate files in every form they come in."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.reward.made import planted_pairs
from workbench.cli import main
from workbench.errors import WorkbenchError
from workbench.reward.candidates import read_candidates
from workbench.reward.hashed import HashedEncoder
from workbench.reward.opening import load_model
from workbench.reward.settings import HeadSettings
from workbench.reward.training import train


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    pairs = planted_pairs(150)
    encoder = HashedEncoder(32).fitted([*pairs.response_a, *pairs.response_b])
    return str(
        train(pairs, HeadSettings(penalty=1.0, views=False), encoder=encoder).save(tmp_path_factory.mktemp("model"))
    )


def test_an_export_is_scored(folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text(
        '{"prompt": "p", "chosen": "clear careful reason source", "rejected": "lol whatever nah meh"}\n' * 1
        + '{"prompt": "q", "chosen": "explain exact steps", "rejected": "idk boring"}\n'
    )
    assert main(["score", folder, str(rows), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["pairs"] == found["accuracy"]["n"] == 2
    assert found["accuracy"]["value"] == 1.0
    for row in found["scores"]:
        assert row["margin"] == pytest.approx(row["score_a"] - row["score_b"])
        assert (row["probability_a"] > 0.5) == (row["margin"] > 0) == (row["label"] == 1.0)
    assert main(["score", folder, str(rows), "--out", str(tmp_path / "s.csv")]) == 0
    assert len(pd.read_csv(tmp_path / "s.csv")) == 2


def test_the_best_of_several_is_chosen(folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "c.jsonl"
    path.write_text(json.dumps({"prompt": "p", "responses": ["lol nah", "clear careful reason steps", "meh"]}) + "\n")
    assert main(["best-of-n", folder, str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["choices"][0]["best"] == 1


def test_best_of_n_keeps_the_positions_rows_and_ids_of_the_file(
    folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A null in the list, a blank line before it, and messages as prompt and as responses."""
    path, out = tmp_path / "c.jsonl", tmp_path / "o.csv"
    said = [{"role": "assistant", "content": "clear careful reason steps"}]
    asked = [{"role": "user", "content": "p"}]
    rows = [
        {"id": "x7", "prompt": "p", "responses": ["lol nah", None, "clear careful reason steps"]},
        {"id": "x8", "prompt": asked, "responses": [[{"role": "assistant", "content": "lol nah"}], said]},
    ]
    path.write_text("\n" + "\n".join(json.dumps(row) for row in rows) + "\n")
    assert main(["best-of-n", folder, str(path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    first, second = found["choices"]
    assert (first["row"], first["id"], first["best"], first["ranking"]) == (2, "x7", 2, [2, 0])
    assert first["scores"][1] is None
    assert (second["row"], second["id"], second["best"]) == (3, "x8", 1)
    assert second["scores"][1] == pytest.approx(first["scores"][2])
    assert found["set_aside"] == {"a response has no text": 1}
    assert main(["best-of-n", folder, str(path), "--out", str(out)]) == 0
    assert "Set aside: 1, a response has no text." in capsys.readouterr().out
    table = pd.read_csv(out)
    assert table[["row", "id", "candidate", "rank"]].to_numpy().tolist() == [
        [2, "x7", 0, 2],
        [2, "x7", 2, 1],
        [3, "x8", 0, 2],
        [3, "x8", 1, 1],
    ]
    assert main(["best-of-n", folder, str(path), "--out", str(out), "--best-only", "--force"]) == 0
    assert pd.read_csv(out)["rank"].tolist() == [1, 1]


def test_calibrating_is_kept_beside_the_model_and_used(
    folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The labels of a third of the pairs are turned round, so that the margins promise too much."""
    pairs, place = planted_pairs(240, groups=40, seed=5, flips=0.3), tmp_path / "model"
    shutil.copytree(folder, place)
    rows = tmp_path / "rows.jsonl"
    with rows.open("w") as stream:
        for p, a, b, q in zip(pairs.prompt, pairs.response_a, pairs.response_b, pairs.target, strict=True):
            chosen, rejected = (a, b) if q > 0.5 else (b, a)
            stream.write(json.dumps({"prompt": p, "chosen": chosen, "rejected": rejected}) + "\n")
    assert main(["calibrate", str(place), str(rows), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["temperature"] > 1.1
    assert found["after"]["nll"] < found["before"]["nll"]
    assert found["eval"]["n"] == 240
    model, before = load_model(place), load_model(folder)
    assert model.temperature == pytest.approx(found["temperature"])
    ask = (["p"], ["clear careful reason"], ["lol nah meh"])
    assert 0.5 < model.probability_of_margin(model.margin(*ask))[0] < before.probability_of_margin(before.margin(*ask))
    assert main(["calibrate", str(place), str(rows), "--method", "isotonic"]) == 0
    said = capsys.readouterr().out
    assert "isotonic curve" in said
    assert "follows their noise" in said
    curve = load_model(place)
    forth, back = (curve.probability_of_margin(np.array([m]))[0] for m in (0.7, -0.7))
    assert forth == pytest.approx(1 - back)
    (place / "calibration.json").write_text('{"workbench_calibration": 1, "method": "isotonic"}')
    with pytest.raises(WorkbenchError, match="cannot be read"):
        load_model(place)


def test_what_cannot_be_scored_ends_with_a_reason(
    folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["score", str(tmp_path / "none"), "x.csv"]) == 2
    assert "no model folder" in capsys.readouterr().err
    assert main(["best-of-n", folder, str(tmp_path / "none.jsonl")]) == 2
    assert "There is no file" in capsys.readouterr().err


def test_candidates_come_as_lists_or_one_a_row(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(
        json.dumps([{"question": "p", "outputs": ["a", "b"]}, {"question": "q", "outputs": []}])
    )
    listed = read_candidates(tmp_path / "a.json")
    assert (listed.prompts, listed.responses, dict(listed.set_aside)) == (
        ("p",),
        (("a", "b"),),
        {"no response in the row": 1},
    )
    (tmp_path / "b.csv").write_text("prompt,response\np,a\nq,c\np,b\n")
    assert dict(
        zip(*[getattr(read_candidates(tmp_path / "b.csv"), n) for n in ("prompts", "responses")], strict=True)
    ) == {"p": ("a", "b"), "q": ("c",)}
    pd.DataFrame({"prompt": ["p"], "completions": [["a", "b"]]}).to_parquet(tmp_path / "c.parquet")
    assert read_candidates(tmp_path / "c.parquet").responses == (("a", "b"),)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("x.jsonl", "{not json", "cannot be read"),
        ("x.json", '{"a": 1}', "a list of objects"),
        ("x.csv", "prompt,z\np,1\n", "no column holds responses"),
        ("x.txt", "a", "that ending"),
        ("y.jsonl", "", "there is no row"),
    ],
)
def test_candidate_files_that_cannot_be_read(tmp_path: Path, name: str, content: str, why: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(WorkbenchError, match=why):
        read_candidates(tmp_path / name)
