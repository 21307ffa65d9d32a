"""Sentence encoders: any sentence-transformers model in a local folder, its sentence vectors or the mean of an inner
layer.

The last layer of such a model was trained to say what a text is about; how well it is written shows better some layers
before (Tenney et al. 2019, *BERT rediscovers the classical NLP pipeline*, on what sits where). One pass gives both.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from workbench.errors import WorkbenchError
from workbench.hashing import digest_of_folder
from workbench.progress import UNWATCHED, Watch
from workbench.reward.windows import LongTexts, longer_than, windows_of

_TOKENS_AT_ONCE = 4096
"""Tokens of one forward pass, padding counted: what keeps two cores busy without leaving their caches."""


class SentenceEncoder:
    """A sentence-transformers model on this machine; torch is loaded with the first text it encodes.

    Parameters
    ----------
    folder : of the model; safetensors only.
    layer : mean over the tokens of this layer's output (1 = first); None = the model's own sentence vector.
    name : what to call it; the folder's name by default.
    by_path : it was given as a folder and cannot be found again by its name.
    long : how texts are read that are longer than the model reads at once.
    """

    reason = ""

    def __init__(
        self,
        folder: Path,
        layer: int | None = None,
        name: str = "",
        *,
        by_path: bool = False,
        long: LongTexts = "windows",
    ) -> None:
        self.folder, self.layer, self.base, self.by_path = folder, layer, name or folder.name, by_path
        self.long: LongTexts = long
        if layer is not None and not 1 <= layer <= self.layers:
            raise WorkbenchError(f"{self.base} has no layer {layer}.", f"Choose one from 1 to {self.layers}.")

    @property
    def name(self) -> str:
        """The model's name, with the layer where it is an inner one."""
        return self.base if self.layer is None else f"{self.base}@{self.layer}"

    @cached_property
    def key(self) -> str:
        """Hash of all files the vectors depend on, of the layer, and of how long texts are read."""
        read = f"{digest_of_folder(self.folder)} {self.layer}" + (" windows" if self.long == "windows" else "")
        return hashlib.blake2b(read.encode(), digest_size=16).hexdigest()

    @cached_property
    def _config(self) -> dict[str, Any]:
        places = [self.folder / "config.json", *sorted(self.folder.glob("*/config.json"))]
        for place in places:
            if place.is_file():
                content = json.loads(place.read_text("utf-8"))
                if "hidden_size" in content:
                    return dict(content)
        raise WorkbenchError(
            f"The folder {self.folder.name!r} is no sentence-transformers model: it has no config.json.",
            "Give the folder that holds modules.json.",
        )

    @property
    def layers(self) -> int:
        """Number of layers."""
        return int(self._config.get("num_hidden_layers", 1))

    @cached_property
    def dim(self) -> int:
        """Length of the vectors."""
        if self.layer is not None:
            return int(self._config["hidden_size"])
        dense = sorted(self.folder.glob("*_Dense/config.json"))
        return (
            int(json.loads(dense[-1].read_text("utf-8"))["out_features"]) if dense else int(self._config["hidden_size"])
        )

    def views(self) -> tuple[SentenceEncoder, ...]:
        """The sentence vector, and the mean of the layer two thirds up."""
        inner = max(round(self.layers * 2 / 3), 1)
        how: dict[str, Any] = {"by_path": self.by_path, "long": self.long}
        return tuple(SentenceEncoder(self.folder, layer, self.base, **how) for layer in (None, inner))

    def fitted(self, texts: Sequence[str], watch: Watch = UNWATCHED) -> SentenceEncoder:  # noqa: ARG002
        """Itself: it was trained before."""
        return self

    def record(self) -> dict[str, Any]:
        """Name, layer and content hash, and the folder where its name does not lead to it."""
        where = {"folder": str(self.folder.resolve())} if self.by_path else {}
        about = {"kind": "sentence", "name": self.base, "layer": self.layer, "key": self.key, "dim": self.dim}
        return {**about, "long": self.long, **where}

    def arrays(self) -> Mapping[str, np.ndarray]:
        """Nothing of its own."""
        return {}

    def transformer(self) -> Any:
        """The sentence-transformers model, loaded with the first text and kept."""
        return _loaded(str(self.folder))

    @property
    def limit(self) -> int:
        """Tokens it reads at once."""
        return int(self.transformer().max_seq_length or 512)

    def too_long(self, texts: Sequence[str]) -> np.ndarray:
        """Which texts have more tokens than it reads at once, bool (n,)."""
        return longer_than(self.transformer().tokenizer, texts, self.limit)

    def encode(self, texts: Sequence[str], watch: Watch = UNWATCHED) -> np.ndarray:
        """Vectors of these texts, float32 (n, dim)."""
        return self.encode_views(texts, (self,), watch)[self.key]

    def encode_views(
        self, texts: Sequence[str], views: Sequence[SentenceEncoder], watch: Watch = UNWATCHED
    ) -> dict[str, np.ndarray]:
        """Vectors of these texts in several views of the same model, by their keys, in one pass.

        Texts of about the same length go together, as many as fit into a fixed number of tokens; the results do not
        depend on it beyond rounding. A text longer than the model reads at once is read in windows, and its vector is
        their mean over tokens, unless it is to be cut.
        """
        if self.long == "cut":
            return self._encoded(texts, views, watch)
        windows = windows_of(self.transformer().tokenizer, texts, self.limit)
        found = self._encoded(windows.pieces, views, watch)
        return {key: windows.pooled(vectors, len(texts)) for key, vectors in found.items()}

    def _encoded(
        self, texts: Sequence[str], views: Sequence[SentenceEncoder], watch: Watch = UNWATCHED
    ) -> dict[str, np.ndarray]:
        """Vectors of texts of which the model reads no more than its limit."""
        import torch

        model = self.transformer()
        found = {view.key: np.empty((len(texts), view.dim), np.float32) for view in views}
        order = np.argsort([-len(text) for text in texts], kind="stable")
        limit = self.limit
        at = 0
        while at < len(texts):
            watch.step(at, len(texts), "Encoding texts")
            # About four characters a token; the longest text of a batch comes first.
            tokens = min(max(len(texts[order[at]]) // 3, 8), limit)
            part = order[at : at + max(_TOKENS_AT_ONCE // tokens, 1)]
            at += len(part)
            with torch.inference_mode():
                features = model.preprocess([texts[i] for i in part])
                moved = {k: v.to(model.device) if hasattr(v, "to") else v for k, v in features.items()}
                mask = moved["attention_mask"].unsqueeze(-1).float()
                out = model(moved)
                for view in views:
                    if view.layer is None:
                        vectors = out["sentence_embedding"]
                    else:
                        hidden = out["all_layer_embeddings"][view.layer]
                        vectors = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1.0)
                    found[view.key][part] = vectors.float().cpu().numpy()
        watch.step(len(texts), len(texts), "Encoding texts")
        return found


@lru_cache(maxsize=2)
def _loaded(folder: str) -> Any:
    """The model itself; safetensors only, and no code that lies beside the weights is run."""
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        model = SentenceTransformer(
            folder,
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
            config_kwargs={"output_hidden_states": True},
        )
    except (OSError, ValueError, KeyError, ImportError, RuntimeError, TypeError) as error:
        why = " ".join(str(error).split())[:160]
        raise WorkbenchError(
            f"The encoder {Path(folder).name!r} cannot be read: {why}",
            "Give the folder of a sentence-transformers model.",
        ) from error
    return model.eval()
