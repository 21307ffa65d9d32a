"""A reward model of the workbench as a judge: it sends nothing, sees through the order, and counts as an annotator."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.reward.made import planted_pairs
from workbench.cli import main
from workbench.reward.hashed import HashedEncoder
from workbench.reward.settings import HeadSettings
from workbench.reward.training import train


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pairs = planted_pairs(150)
    encoder = HashedEncoder(32).fitted([*pairs.response_a, *pairs.response_b])
    made = train(pairs, HeadSettings(penalty=1.0, views=False), encoder=encoder)
    return Path(made.save(tmp_path_factory.mktemp("model")))


def test_a_reward_model_judges_a_file_and_is_held_against_people(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = planted_pairs(60)
    better = np.asarray(pairs.target) > 0.5
    rows = pd.DataFrame({"prompt": pairs.prompt, "response_a": pairs.response_a, "response_b": pairs.response_b})
    rows["item_id"] = [f"i{n}" for n in range(len(rows))]
    people = pd.concat([rows.assign(annotator=who, label=np.where(better, "A", "B")) for who in ("ann", "bob", "cyd")])
    people.to_csv(tmp_path / "people.csv", index=False)
    asked = ["judge", str(tmp_path / "people.csv"), "--judge", f"model:{model}", "--out", str(tmp_path / "out")]
    assert main([*asked, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["judged"] == len(rows)
    assert (found["sent"], found["usd"], found["flip_rate"]) == (0, 0.0, 0.0)
    assert not (tmp_path / "out" / "ledger.sqlite").exists()
    verdicts = pd.read_csv(tmp_path / "out" / "verdicts.csv")
    assert ((verdicts["label"] == "A").to_numpy() == better).mean() > 0.9
    assert main(["trust", str(tmp_path / "people.csv"), str(tmp_path / "out" / "verdicts.csv"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["judges"][0]["agreement"]["value"] > 0.9
