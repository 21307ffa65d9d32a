"""Reward models made elsewhere score as plain transformers scores them, and what is none is refused in words."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.reward import tiny
from workbench.cli import main
from workbench.errors import WorkbenchError
from workbench.reward import reward_func
from workbench.reward.chat import turns_in
from workbench.reward.opening import load_model
from workbench.reward.tokens import tokens_of

torch = pytest.importorskip("torch")

PROMPT = [
    {"role": "system", "content": "be brief"},
    {"role": "user", "content": "hi"},
    {"role": "assistant", "content": "hello "},
    {"role": "user", "content": "the answer"},
]
ANSWERS = ["a clear answer because the reason is careful", "lol whatever", "nah\n\nnah"]


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.decoder(tmp_path_factory.mktemp("base"))


def plain(folder: Path, **options: object) -> tuple[object, object]:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    model = AutoModelForSequenceClassification.from_pretrained(folder, dtype="float32", **options)
    return model, AutoTokenizer.from_pretrained(folder)


def conversations() -> list[list[dict[str, str]]]:
    return [[*PROMPT, {"role": "assistant", "content": answer}] for answer in ANSWERS]


@pytest.mark.parametrize("form", ["one file", "shards", "bfloat16"])
def test_a_classifier_scores_conversations_as_transformers_does(tmp_path: Path, form: str) -> None:
    folder = tiny.decoder(
        tmp_path, shard="20KB" if form == "shards" else None, dtype="bfloat16" if form == "bfloat16" else "float32"
    )
    assert (len(list(folder.glob("*.safetensors"))) > 1) == (form == "shards")
    expected = np.array(tiny.reference(*plain(folder), conversations()))[:, 0]
    assert np.ptp(expected) > 0.05
    found = load_model(folder).score([PROMPT] * 3, ANSWERS)
    assert np.abs(found - expected).max() < 1e-5


def test_an_adapter_scores_as_peft_does_on_its_base(base: Path, tmp_path: Path) -> None:
    from peft import PeftModel

    folder = tiny.adapter(tmp_path / "adapter", base)
    model, tokenizer = plain(base)
    expected = np.array(tiny.reference(PeftModel.from_pretrained(model, str(folder)), tokenizer, conversations()))[:, 0]
    opened = load_model(folder)
    assert np.abs(opened.score([PROMPT] * 3, ANSWERS) - expected).max() < 1e-5
    assert np.abs(load_model(base).score([PROMPT] * 3, ANSWERS) - expected).max() > 1e-3
    assert "LoRA adapter" in opened.notes[0]


@pytest.mark.parametrize("names", [{0: "LABEL_0", 1: "LABEL_1"}, {0: "GOOD", 1: "BAD"}])
def test_two_classes_are_read_as_the_difference_of_their_logits(tmp_path: Path, names: dict[int, str]) -> None:
    folder = tiny.decoder(tmp_path, labels=2)
    config = json.loads((folder / "config.json").read_text())
    config["id2label"], config["label2id"] = names, {v: k for k, v in names.items()}
    (folder / "config.json").write_text(json.dumps(config))
    logits = np.array(tiny.reference(*plain(folder), conversations()))
    sign = 1 if names[0] == "LABEL_0" else -1
    opened = load_model(folder)
    assert np.abs(opened.score([PROMPT] * 3, ANSWERS) - sign * (logits[:, 1] - logits[:, 0])).max() < 1e-5
    assert "two classes" in opened.notes[0]


def test_a_conversational_export_keeps_its_turns(base: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    rows = [
        {
            "prompt": PROMPT,
            "chosen": [{"role": "assistant", "content": ANSWERS[0]}],
            "rejected": [{"role": "assistant", "content": bad}],
        }
        for bad in ANSWERS[1:]
    ]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert main(["score", str(base), str(tmp_path / "rows.jsonl"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    good, *bad = np.array(tiny.reference(*plain(base), conversations()))[:, 0]
    for row, each in zip(found["scores"], bad, strict=True):
        assert sorted((row["score_a"], row["score_b"])) == pytest.approx(sorted((good, each)), abs=1e-5)


def test_what_is_too_long_is_cut_in_its_words_and_never_in_its_roles() -> None:
    tokenizer = tiny.chat_tokenizer()
    long = [*PROMPT[:3], {"role": "user", "content": "the answer " * 60}]
    marks = ["<s>", "<|system|>", "<|user|>", "<|assistant|>", "<|user|>", "<|assistant|>", "<|end|>", "</s>"]
    for how, last in (("truncate", "the reason"), ("keep end", "the reason"), ("keep start", "")):
        read = tokens_of(tokenizer, [long], ["clear because of the reason"], 40, how)
        text = tokenizer.decode(read.ids[0])
        assert len(read.ids[0]) == 40 < read.length[0]
        assert all(mark in text for mark in marks)
        assert text.startswith("<s><|system|>")
        assert ("the reason<|end|></s>" in text) == bool(last)
        assert ("be brief" in text) == (how == "keep start")
    many = [PROMPT[0], *(PROMPT[1:3] * 30)]
    few = tokenizer.decode(tokens_of(tokenizer, [many], ["hi"], 30, "truncate").ids[0])
    assert few.startswith("<s><|system|>")
    assert few.endswith("hi<|end|></s>")


def test_texts_without_a_template_lose_words_and_not_marks() -> None:
    bare = tiny.chat_tokenizer(template=None)
    read = tokens_of(bare, ["the answer " * 30], ["clear reason"], 20, "keep end")
    assert len(read.ids[0]) == 20
    assert bare.decode(read.ids[0]).endswith("clear reason</s>")
    assert "the answer" in bare.decode(tokens_of(bare, ["the answer " * 30], ["x"], 20, "keep start").ids[0])


def test_turns_come_back_from_the_text_that_data_hold_of_them() -> None:
    from workbench.formats.records.conversations import readable, turns_of

    turns = turns_of(PROMPT)
    assert turns is not None
    assert turns_in(readable(turns), "user") == turns


def test_what_is_no_reward_model_is_refused_in_words(base: Path, tmp_path: Path) -> None:
    from transformers import AutoTokenizer, LlamaConfig, LlamaModel

    tokenizer = AutoTokenizer.from_pretrained(base)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    LlamaModel(LlamaConfig(vocab_size=len(tokenizer), **sizes)).save_pretrained(tmp_path / "bare")
    tokenizer.save_pretrained(tmp_path / "bare")
    with pytest.raises(WorkbenchError, match=r"no reward model: it has no weights for score\.weight"):
        load_model(tmp_path / "bare")
    with pytest.raises(WorkbenchError, match="3 classes"):
        load_model(tiny.decoder(tmp_path / "three", labels=3))
    with pytest.raises(WorkbenchError, match="no model folder"):
        load_model(tmp_path / "nothing")
    (tiny.decoder(tmp_path / "pickled") / "model.safetensors").rename(tmp_path / "pickled" / "pytorch_model.bin")
    with pytest.raises(WorkbenchError, match="cannot be read"):
        load_model(tmp_path / "pickled")


def test_a_reward_function_takes_texts_and_messages_of_several_models(base: Path, tmp_path: Path) -> None:
    other = tiny.decoder(tmp_path / "other", seed=5)
    messages = [[{"role": "assistant", "content": answer}] for answer in ANSWERS]
    first, second = (load_model(each).score([PROMPT] * 3, ANSWERS) for each in (base, other))
    reward = reward_func([base, other], weights=[2.0, -1.0], clip=0.2)
    found = reward(prompts=[PROMPT] * 3, completions=messages, completion_ids=[[1]] * 3, extra=["x"] * 3)
    assert found == pytest.approx(2 * np.clip(first, -0.2, 0.2) - np.clip(second, -0.2, 0.2))
    assert reward_func(str(base))(prompts=[PROMPT] * 3, completions=ANSWERS) == pytest.approx(first)
    with pytest.raises(WorkbenchError, match="2 models and 1 weights"):
        reward_func([base, other], weights=[1.0])
