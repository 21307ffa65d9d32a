"""An encoder without weights: hashed words and character sequences, weighed by how rare they are, and brought down to a
few hundred numbers.

Term frequency times inverse document frequency on hashed features (Weinberger et al. 2009), then a truncated singular
value decomposition (latent semantic analysis, Deerwester et al. 1990). What it learns from the training texts is kept
with the model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import sparse

from workbench.errors import WorkbenchError
from workbench.hashing import digest_of_arrays
from workbench.progress import UNWATCHED, Watch

_WORDS, _CHARACTERS = 2**13, 2**13
_MOST = 2_000
"""Texts it is learned from at most: a seeded sample of more."""


class HashedEncoder:
    """Latent semantic analysis of hashed words (one and two) and of character sequences (three to five) within words.

    Parameters
    ----------
    dim : length of the vectors, or fewer where there are fewer texts.
    reason : why it stands in for another encoder.
    idf, basis : what it has learned: (features,) and (features, dim); None before.
    """

    name = "hashed"

    def __init__(
        self, dim: int = 256, reason: str = "", idf: np.ndarray | None = None, basis: np.ndarray | None = None
    ) -> None:
        self.size, self.reason, self.idf, self.basis = dim, reason, idf, basis

    @property
    def dim(self) -> int:
        """Length of the vectors."""
        return self.size if self.basis is None else self.basis.shape[1]

    @property
    def key(self) -> str:
        """Hash of what it has learned."""
        return digest_of_arrays([np.array([self.dim, _WORDS, _CHARACTERS]), *self.arrays().values()])

    def views(self) -> tuple[HashedEncoder, ...]:
        """Itself."""
        return (self,)

    def record(self) -> dict[str, Any]:
        """Its kind and size."""
        return {"kind": "hashed", "name": self.name, "dim": self.dim, "key": self.key, "reason": self.reason}

    def arrays(self) -> Mapping[str, np.ndarray]:
        """How rare each feature is, and the basis."""
        return {} if self.basis is None or self.idf is None else {"idf": self.idf, "basis": self.basis}

    @classmethod
    def recorded(cls, record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> HashedEncoder:
        """The encoder a model was trained with."""
        return cls(int(record["dim"]), str(record.get("reason", "")), arrays["idf"], arrays["basis"])

    def fitted(self, texts: Sequence[str], watch: Watch = UNWATCHED) -> HashedEncoder:
        """The encoder learned from these texts; itself where it has learned already."""
        if self.basis is not None:
            return self
        from scipy.linalg import eigh

        distinct = sorted(set(texts))
        if not distinct:
            raise WorkbenchError("There is no text to learn the hashed encoder from.", "Open data with texts.")
        if len(distinct) > _MOST:
            distinct = [
                distinct[i] for i in np.sort(np.random.default_rng(0).choice(len(distinct), _MOST, replace=False))
            ]
        counts = _counts(distinct, watch)
        seen = np.bincount(counts.indices, minlength=counts.shape[1])
        idf = (np.log((1 + len(distinct)) / (1 + seen)) + 1).astype(np.float32)
        weighed = _weighed(counts, idf)
        watch.step(0, 0, "Learning the hashed encoder")
        # Through the products of the texts, of which there are fewer than features: W = U S V' and W W' = U S^2 U'.
        products = (weighed @ weighed.T).toarray().astype(float)
        most = min(self.size, len(distinct))
        square, left = eigh(products, subset_by_index=[len(distinct) - most, len(distinct) - 1])
        kept = np.flatnonzero(square > 1e-6 * max(float(square[-1]), 1e-12))[::-1]
        basis = (weighed.T @ (left[:, kept] / np.sqrt(square[kept]))).astype(np.float32)
        return HashedEncoder(self.size, self.reason, idf, np.ascontiguousarray(basis))

    def encode(self, texts: Sequence[str], watch: Watch = UNWATCHED) -> np.ndarray:
        """Vectors of these texts, float32 (n, dim)."""
        if self.basis is None or self.idf is None:
            raise ValueError("the hashed encoder has to be fitted on texts first: encoder.fitted(texts)")
        if len(texts) == 0:
            return np.empty((0, self.dim), np.float32)
        return np.asarray(_weighed(_counts(texts, watch), self.idf) @ self.basis, np.float32)


def _counts(texts: Sequence[str], watch: Watch) -> sparse.csr_matrix:
    from sklearn.feature_extraction.text import HashingVectorizer

    words = HashingVectorizer(n_features=_WORDS, ngram_range=(1, 2), norm=None, alternate_sign=False, dtype=np.float32)
    characters = HashingVectorizer(
        n_features=_CHARACTERS,
        analyzer="char_wb",
        ngram_range=(3, 5),
        norm=None,
        alternate_sign=False,
        dtype=np.float32,
    )
    parts = []
    for i in range(0, len(texts), 2_000):
        watch.step(i, len(texts), "Encoding texts")
        some = list(texts[i : i + 2_000])
        parts.append(sparse.hstack([words.transform(some), characters.transform(some)], format="csr"))
    return sparse.vstack(parts, format="csr")


def _weighed(counts: sparse.csr_matrix, idf: np.ndarray) -> sparse.csr_matrix:
    """(1 + ln count) times idf, words and characters each of length one over the square root of two."""
    from sklearn.preprocessing import normalize

    weighed = counts.copy()
    weighed.data = (1 + np.log(weighed.data)) * idf[weighed.indices]
    halves = [normalize(weighed[:, :_WORDS]), normalize(weighed[:, _WORDS:])]
    return sparse.hstack(halves, format="csr") * np.float32(np.sqrt(0.5))
