"""Texts: the same each time, counted right, different in a pair, and better where the quality is."""

from __future__ import annotations

import re

import numpy as np
import pytest

from workbench.simulation.grammar import grammar
from workbench.simulation.pairs import LANGUAGES
from workbench.simulation.plan import CATEGORIES
from workbench.simulation.simulate import Simulation, simulate


@pytest.fixture(scope="module")
def made() -> Simulation:
    return simulate(12_000, seed=21)


def test_words_are_counted_without_writing(made: Simulation) -> None:
    texts = made.data.texts.frame()
    for text, words in (("prompt", "words_prompt"), ("response_a", "words_a"), ("response_b", "words_b")):
        assert texts[text].str.count(r"\S+").to_numpy().tolist() == made.data.items[words].tolist()


def test_an_item_reads_the_same_whoever_asks(made: Simulation) -> None:
    everything = made.data.texts.frame()
    some = np.array([17, 3, 3, 900])
    assert made.data.texts.frame(some).equals(everything.iloc[some].reset_index(drop=True))
    assert simulate(12_000, seed=21).data.texts.digest == made.data.texts.digest
    assert simulate(12_000, seed=22).data.texts.digest != made.data.texts.digest
    assert len(made.data.texts.frame(np.array([], int))) == 0


def test_a_response_is_the_same_in_all_pairs_of_its_prompt(made: Simulation) -> None:
    items, texts = made.data.items, made.data.texts.frame()
    group = items["group"].value_counts().idxmax()
    at = np.flatnonzero(items["group"] == group)
    seen: dict[str, set[str]] = {}
    for i in at:
        seen.setdefault(items["model_a"][i], set()).add(texts["response_a"][i])
        seen.setdefault(items["model_b"][i], set()).add(texts["response_b"][i])
    assert len(at) == 6
    assert all(len(versions) == 1 for versions in seen.values())


def test_no_pair_shows_the_same_response_twice_and_no_pair_comes_twice(made: Simulation) -> None:
    texts = made.data.texts.frame()
    assert (texts["response_a"] != texts["response_b"]).all()
    assert not texts.duplicated().any()


def test_nothing_is_left_unfilled(made: Simulation) -> None:
    texts = made.data.texts.frame()
    for column in texts:
        if column == "prompt":  # responses may show code with braces
            assert not texts[column].str.contains(r"\{(?:ask|name|n|few|day|place|hour)\}", regex=True).any()
        assert (texts[column].str.len() > 10).all()
        assert not texts[column].str.contains("<script|http", regex=True).any()


def test_texts_have_what_real_ones_have(made: Simulation) -> None:
    together = "\n".join(made.data.texts.frame().to_numpy().ravel().tolist())
    assert re.search(r"[\u0590-\u06ff]", together), "right-to-left script"
    assert "```python" in together
    assert "**" in together
    assert "🙂" in together
    assert re.search(r"^\d\. ", together, re.M)
    assert re.search(r"[äöüß].*", together)
    assert "¿" in together


def test_every_category_has_phrases_in_every_language() -> None:
    book = grammar()
    assert len(CATEGORIES) == 12
    for kind in ("frame", "context", "vague", "topic"):
        assert len(book.of[kind].count) == len(CATEGORIES) * len(LANGUAGES)
        assert book.of[kind].count.min() >= 2
    assert (book.right.count == book.wrong.count).all()
    assert book.right.count.min() >= 4
    for kind in ("name", "day", "place"):
        assert (book.of[kind].words == 1).all()
    assert all(text.count("{ask}") == 1 for text in book.of["frame"].text)
    english = {kind: book.of[kind].count[:: len(LANGUAGES)] for kind in ("frame", "context", "topic")}
    assert (sum(english.values()) >= 16).all(), "dozens of prompt fragments for each category"


def test_content_tells_quality_and_length_hardly_does(made: Simulation) -> None:
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.linear_model import LogisticRegression

    clear = np.flatnonzero(~made.truth.items["ambiguous"].to_numpy())
    texts = made.data.texts.frame(clear)
    a_better = made.truth.items["strength"].to_numpy()[clear] > 0
    group = made.data.items["group"].to_numpy()[clear]
    train = np.array([hash_of % 4 != 0 for hash_of in (int(g.rsplit("-", 1)[1]) for g in group)])
    vectors = HashingVectorizer(n_features=2**14, alternate_sign=False, norm=None, binary=True, ngram_range=(1, 2))
    difference = vectors.transform(texts["response_a"]) - vectors.transform(texts["response_b"])
    model = LogisticRegression(C=0.05, max_iter=200).fit(difference[train], a_better[train])
    learned = model.score(difference[~train], a_better[~train])
    longer = (made.data.items["words_a"].to_numpy() > made.data.items["words_b"].to_numpy())[clear]
    assert learned > 0.7
    assert 0.5 < (longer == a_better).mean() < 0.6


def test_without_texts_there_are_none() -> None:
    made = simulate(1_000, texts=False)
    assert made.data.texts.frame().isna().to_numpy().all()
    assert (made.data.items[["words_prompt", "words_a", "words_b"]] == -1).to_numpy().all()
