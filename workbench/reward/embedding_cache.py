"""Vectors that were computed once are kept on disk, by the content of encoder and text, and read from there the next
time.

A folder for each encoder holds shards: `NAME.keys.npy`, the hashes of its texts (n, 2), and `NAME.npy`, their vectors
(n, dim). A shard is written under another name and moved into place, so that a reader never sees half of one, and
several processes may write at once: the worst that happens is that two compute the same vector.
"""

from __future__ import annotations

import hashlib
import shutil
import uuid
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from workbench.errors import WorkbenchError
from workbench.locations import embeddings_folder
from workbench.progress import UNWATCHED, Watch
from workbench.reward.encoders import Encoder
from workbench.reward.sentence import SentenceEncoder

_AT_ONCE = 2_048
"""Texts computed between two writes: what a killed process loses at most."""

_MOST_SHARDS = 48
"""More than this many that are not full are joined."""
_FULL = 65_536
"""Vectors of a full shard, which is never written again: what is rewritten and held at once does not grow with the
cache.
"""


class EmbeddingCache:
    """Vectors by content.

    Parameters
    ----------
    folder : where they are kept; by default the one `WORKBENCH_EMBEDDINGS` names, otherwise `data/embeddings`.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or embeddings_folder()

    def encode(
        self, encoder: Encoder, texts: Sequence[str], watch: Watch = UNWATCHED, views: Sequence[Encoder] = ()
    ) -> np.ndarray:
        """Vectors of these texts, float32 (n, dim), computed where they are not kept yet.

        Parameters
        ----------
        encoder : fitted.
        views : other views of the same model that will be asked for next; they are computed in the same pass.
        """
        if not isinstance(encoder, SentenceEncoder):
            return encoder.encode(texts, watch)  # as quick as reading it from disk, and another encoder after each fit
        keys = text_keys(texts)
        distinct, first, place = np.unique(keys, axis=0, return_index=True, return_inverse=True)
        place = place.reshape(-1)
        vectors, known = self._kept(encoder, distinct)
        missing = np.flatnonzero(~known)
        others = [
            view
            for view in views
            if isinstance(view, SentenceEncoder) and view.folder == encoder.folder and view.key != encoder.key
        ]
        for start in range(0, len(missing), _AT_ONCE):
            part = missing[start : start + _AT_ONCE]
            inside = _within(watch, start, len(missing))
            computed = encoder.encode_views([texts[i] for i in first[part]], (encoder, *others), inside)
            vectors[part] = computed[encoder.key]
            for key, found in computed.items():
                self._keep(key, distinct[part], found)
        while len(missing) and self._join(encoder.key):
            pass
        return vectors[place]

    def size(self) -> tuple[int, int]:
        """Bytes it holds, and in how many files."""
        sizes = [path.stat().st_size for path in self.folder.rglob("*.npy")] if self.folder.is_dir() else []
        return sum(sizes), len(sizes)

    def clear(self) -> None:
        """Deletes all that is kept; it is computed again when it is needed."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _kept(self, encoder: Encoder, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        vectors, known = np.zeros((len(keys), encoder.dim), np.float32), np.zeros(len(keys), bool)
        wanted = _joined(keys)
        for path in self._shards(encoder.key):
            try:
                here = _joined(np.load(path, allow_pickle=False))
                order = np.argsort(here, kind="stable")
                at = np.minimum(np.searchsorted(here, wanted, sorter=order), len(here) - 1)
                hit = np.flatnonzero((here[order[at]] == wanted) & ~known)
                if len(hit):
                    shard = np.load(_vectors_of(path), mmap_mode="r", allow_pickle=False)
                    vectors[hit] = shard[order[at[hit]]]
                    known[hit] = True
            except (OSError, ValueError, IndexError):
                continue  # joined into another by a second process, or damaged: computed again
        return vectors, known

    def _shards(self, key: str) -> list[Path]:
        return sorted((self.folder / key).glob("*.keys.npy"))

    def _keep(self, key: str, keys: np.ndarray, vectors: np.ndarray) -> Path | None:
        folder, name = self.folder / key, uuid.uuid4().hex
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # Keys last: a shard is looked up by its keys, and its vectors must be there by then.
            for ending, array in ((".npy", vectors.astype(np.float32)), (".keys.npy", keys)):
                draft = folder / f".{name}.draft"
                with draft.open("wb") as stream:
                    np.save(stream, array, allow_pickle=False)
                draft.replace(folder / f"{name}{ending}")
        except OSError as error:
            raise WorkbenchError(
                f"Vectors cannot be kept in {self.folder} ({(error.strerror or 'not writable').lower()}).",
                "Free some space, or name another folder in WORKBENCH_EMBEDDINGS.",
            ) from error
        return folder / f"{name}.keys.npy"

    def _join(self, key: str) -> bool:
        """Puts the smallest shards into one where there are many that are not full; whether there were."""
        open_ones = sorted((path for path in self._shards(key) if _rows(path) < _FULL), key=_rows)
        if len(open_ones) <= _MOST_SHARDS:
            return False
        enough = int(np.searchsorted(np.cumsum([_rows(path) for path in open_ones]), _FULL)) + 1
        shards = open_ones[:enough]
        try:
            keys = np.concatenate([np.load(path, allow_pickle=False) for path in shards])
            vectors = np.concatenate([np.load(_vectors_of(path), allow_pickle=False) for path in shards])
        except (OSError, ValueError):
            return False
        self._keep(key, keys, vectors)
        for path in shards:
            path.unlink(missing_ok=True)
            _vectors_of(path).unlink(missing_ok=True)
        return True


def _rows(keys: Path) -> int:
    """Vectors of a shard, by the size of its file of keys; many where another process has just joined it."""
    try:
        return (keys.stat().st_size - 128) // 16  # behind the head that numpy writes
    except OSError:
        return _FULL


def _vectors_of(keys: Path) -> Path:
    return keys.with_name(keys.name.replace(".keys.npy", ".npy"))


def _within(watch: Watch, start: int, of: int) -> Watch:
    """A watch for one part of the work, which counts on from where that part began."""
    return Watch(lambda step: watch.step(start + step.done, of, step.doing), watch.stop_asked)


def text_keys(texts: Sequence[str]) -> np.ndarray:
    """128-bit hash of each text, uint64 (n, 2)."""
    joined = b"".join(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest() for text in texts)
    return np.frombuffer(joined, np.uint64).reshape(-1, 2)


def _joined(keys: np.ndarray) -> np.ndarray:
    """The two halves as one sortable value, (n,)."""
    return np.ascontiguousarray(keys).view([("high", np.uint64), ("low", np.uint64)]).reshape(-1)
