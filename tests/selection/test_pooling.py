"""From annotations to a pool: who is a candidate, what is known of it, and by hand how noisy a label is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.hostile_data import small_sets
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble
from workbench.dataset.scales import FIVE
from workbench.errors import WorkbenchError
from workbench.formats.records.unlabelled import load_candidates
from workbench.selection import select
from workbench.selection.pooling import candidate_counts, flip_rates, pool_from, reading_seconds, sides_voted


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("WORKBENCH_EMBEDDINGS", str(tmp_path / "embeddings"))


def half_labelled(n: int = 60) -> AnnotationSet:
    """Pairs of which every other one has a label: the response that says "good" is preferred."""
    good, bad = "a good answer to number {}", "some poor words about {}"
    items = pd.DataFrame(
        {
            "item_id": [f"i{i}" for i in range(n)],
            "prompt": [f"question {i}" for i in range(n)],
            "slice.topic": np.array(["x", "y", None])[np.arange(n) % 3],
        }
    )
    items["response_a"] = [(good if i % 4 < 2 else bad).format(i) for i in range(n)]
    items["response_b"] = [(bad if i % 4 < 2 else good).format(i) for i in range(n)]
    rows = pd.DataFrame(
        {
            "item_row": np.arange(n),
            "annotator": "ann",
            "label": [("A>" if i % 4 < 2 else "B>>") if i % 2 == 0 else None for i in range(n)],
        }
    )
    return assemble([Export(items=items, rows=rows, source="half.csv", format="columns", scale=FIVE, sides=True)])


def test_a_model_is_fitted_to_what_is_labelled_and_rates_what_is_not() -> None:
    made = pool_from(half_labelled(), encoder="hashed", slice="topic")
    assert (made.labelled, made.new, len(made.pool)) == (30, 30, 60)
    assert made.model.startswith("Bradley-Terry head fitted to the 30 pairs")
    assert made.encoder == "hashed"
    new = ~made.pool.voted
    a_is_good = np.arange(60) % 4 < 2
    assert ((made.pool.probability[new] > 0.5) == a_is_good[made.items[new]]).all()
    assert set(made.pool.slice) == {"x", "y", "(none)"}
    found = select(made.pool, 10, balance="equal")
    assert found.candidates == 30
    assert found.set_aside["labelled already"] == 30
    assert made.again().voted.sum() == 0


def test_a_trained_model_is_asked_instead(tmp_path: Path) -> None:
    from workbench.reward.encoders import encoder_named
    from workbench.reward.features import pair_features
    from workbench.reward.heads import fit_bradley_terry
    from workbench.reward.model import RewardModel
    from workbench.reward.pairs import pairs_of

    data = half_labelled()
    pairs = pairs_of(data, "majority")
    features = pair_features(pairs, encoder_named("hashed"))
    head = fit_bradley_terry(features.matrix, pairs.target)
    model = RewardModel(
        encoder=features.encoder,
        blocks=features.blocks,
        scale=features.scale,
        names=features.names,
        head=head,
        members=np.empty((0, len(features.names))),
        temperature=2.0,
    )
    model.save(tmp_path / "reward")
    made = pool_from(data, tmp_path / "reward")
    assert made.model == "reward model reward"
    texts = data.item_texts(made.items)
    expected = model.probability(texts["prompt"].tolist(), texts["response_a"].tolist(), texts["response_b"].tolist())
    np.testing.assert_allclose(made.pool.probability, expected, atol=1e-4)
    np.testing.assert_allclose(made.pool.covariance, head.covariance / 4)
    assert len(select(made.pool, 10, "bald")) == 10
    with pytest.raises(WorkbenchError, match="no model folder"):
        pool_from(data, tmp_path / "nowhere")


def test_without_labels_there_is_no_model_and_it_says_so() -> None:
    data = small_sets()["one item"]
    made = pool_from(data, encoder="hashed")
    assert made.pool.probability is None
    assert "20 are needed" in made.notes[0]
    assert len(select(made.again(), 5)) == 1


def test_what_cannot_be_selected_is_counted_or_refused() -> None:
    with pytest.raises(WorkbenchError, match="two different responses"):
        pool_from(small_sets()["no texts"], encoder="hashed")
    with pytest.raises(WorkbenchError, match="compare no two responses"):
        pool_from(small_sets()["categories"], encoder="hashed")
    with pytest.raises(WorkbenchError, match="no slice 'nowhere'"):
        pool_from(half_labelled(), encoder="hashed", slice="nowhere")


def test_gold_items_are_not_candidates() -> None:
    items = pd.DataFrame(
        {"item_id": ["1", "2"], "response_a": ["x", "y"], "response_b": ["u", "v"], "gold": ["A", None]}
    )
    rows = pd.DataFrame({"item_row": [0, 1], "annotator": ["k", "k"], "label": ["A", "B"]})
    made = pool_from(assemble([Export(items=items, rows=rows, source="t", format="t", sides=True)]), encoder="hashed")
    assert made.set_aside == {"the right label is known (gold)": 1}
    assert made.items.tolist() == [1]


def voted(labels: list[list[str]], slices: list[str] | None = None) -> AnnotationSet:
    items = pd.DataFrame(
        {
            "item_id": [str(i) for i in range(len(labels))],
            "response_a": [f"a{i}" for i in range(len(labels))],
            "response_b": [f"b{i}" for i in range(len(labels))],
        }
    )
    if slices:
        items["slice.topic"] = slices
    rows = [
        {"item_row": i, "annotator": f"w{j}", "label": label}
        for i, each in enumerate(labels)
        for j, label in enumerate(each)
    ]
    return assemble([Export(items=items, rows=pd.DataFrame(rows), source="t", format="t", scale=FIVE, sides=True)])


def test_votes_by_hand() -> None:
    data = voted([["A>>", "A>", "B>"], ["=", "="], ["B>>"]])
    assert sides_voted(data).tolist() == [[2, 1], [1, 1], [0, 1]]


def test_flip_rate_by_hand() -> None:
    """Of the 4 pairs of labels with a side, 3 within the first item and 1 within the second, 2 differ: D = 1/2 is all
    noise, capped at 0.45."""
    rate, overall = flip_rates(voted([["A>>", "A>", "B>"], ["B>", "B>>"], ["=", "A>"]]))
    assert overall == 0.45
    # One of ten differs: 2 eta (1 - eta) = 0.1, eta = (1 - sqrt(0.8)) / 2.
    rate, overall = flip_rates(voted([["A>", "B>"], *[["A>", "A>>"]] * 9]))
    assert overall == pytest.approx((1 - np.sqrt(0.8)) / 2)
    assert np.allclose(rate, overall)
    assert flip_rates(voted([["A>"], ["B>"]])) == (None, None)


def test_flip_rates_differ_by_slice_and_are_drawn_to_the_whole() -> None:
    rate, overall = flip_rates(voted([["A>", "B>"], *[["A>", "A>>"]] * 9], ["x"] * 5 + ["y"] * 5), "topic")
    assert overall < rate[0]
    assert rate[9] < overall
    assert 2 * rate[0] * (1 - rate[0]) == pytest.approx((1 + 20 * 0.1) / (5 + 20))


def test_reading_seconds_follow_the_words() -> None:
    data = voted([["A>"], ["A>"]])
    assert reading_seconds(data)[0] == pytest.approx(2 * 60 / 238)


def test_unlabelled_pairs_come_from_any_file(tmp_path: Path) -> None:
    import json

    pair = {"prompt": "p {}", "response_a": "left {}", "response_b": "right {}"}
    rows = [{k: v.format(i) for k, v in pair.items()} for i in range(3)]
    files = {
        "table.csv": pd.DataFrame(rows).assign(id=range(3)).to_csv(index=False),
        "tasks.json": json.dumps([{"id": i, "data": row} for i, row in enumerate(rows)]),
        "records.jsonl": "\n".join(
            json.dumps({"id": f"r{i}", "fields": row, "metadata": {"language": "en"}}) for i, row in enumerate(rows)
        ),
        "prodigy.jsonl": "\n".join(
            json.dumps(
                {
                    "text": r["prompt"],
                    "options": [{"id": "1", "text": r["response_a"]}, {"id": "2", "text": r["response_b"]}],
                    "meta": {"source": "web"},
                }
            )
            for r in rows
        ),
        "trl.jsonl": "\n".join(
            json.dumps({"prompt": r["prompt"], "chosen": r["response_a"], "rejected": r["response_b"]}) for r in rows
        ),
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content, "utf-8")
        data = load_candidates([], [tmp_path / name])
        assert (len(data.items), len(data.codes)) == (3, 0), name
        texts = data.item_texts()
        assert texts["prompt"].tolist() == ["p 0", "p 1", "p 2"], name
        assert sorted(zip(texts["response_a"], texts["response_b"], strict=True))[0] == ("left 0", "right 0"), name


def test_a_pair_that_is_judged_and_offered_is_judged(tmp_path: Path) -> None:
    judged, offered = tmp_path / "judged.csv", tmp_path / "offered.csv"
    pd.DataFrame(
        {
            "item_id": ["j1"],
            "prompt": ["p"],
            "response_a": ["one"],
            "response_b": ["two"],
            "annotator": ["u"],
            "label": ["A"],
        }
    ).to_csv(judged, index=False)
    pd.DataFrame(
        {"id": ["n1", "n2"], "prompt": ["p", "q"], "response_a": ["two", "three"], "response_b": ["one", "four"]}
    ).to_csv(offered, index=False)
    data = load_candidates([judged], [offered])
    assert len(data.items) == 2
    assert sides_voted(data).tolist() == [[1, 0], [0, 0]]
    made = pool_from(data, encoder="hashed")
    assert (made.labelled, made.new) == (1, 1)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("note,count\nx,2\n", "no two fields look like two responses"),
        ("response_a,response_b\n,x\n", "no pair with two texts"),
    ],
)
def test_files_without_pairs_are_refused(content: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(content)
    with pytest.raises(WorkbenchError, match=said):
        load_candidates([], [tmp_path / "x.csv"])


def test_pairs_are_added_to_an_open_set_and_nothing_else_changes(tmp_path: Path) -> None:
    from workbench.formats.records.unlabelled import with_candidates

    data = voted([["A>>", "A>", "B>"], ["=", "="], ["B>>"]], ["x", "y", "y"])
    offered = tmp_path / "offered.csv"
    pd.DataFrame(
        {"id": ["n1", "n2"], "response_a": ["b0", "new one"], "response_b": ["a0", "new two"], "language": ["en", "en"]}
    ).to_csv(offered, index=False)
    more = with_candidates(data, [offered])
    assert len(more.items) == 4
    assert sides_voted(more).tolist() == [*sides_voted(data).tolist(), [0, 0]]
    assert len(more.codes) == len(data.codes)
    assert more.items["slice.topic"].tolist()[:3] == ["x", "y", "y"]
    assert candidate_counts(more) == (1, 3)
