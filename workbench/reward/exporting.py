"""A head on frozen vectors as a plain sentence-transformers model: its encoder, pooling, and one dense layer that gives
the score. It loads without the workbench.

    SentenceTransformer(FOLDER).encode(responses)[:, 0]

What such a model cannot hold is what a text looks like and how it goes with its prompt, so that only heads trained
without these can be written so.
"""

from __future__ import annotations

import copy
from pathlib import Path

from workbench.drafts import as_readable_as, drafted_folder
from workbench.errors import WorkbenchError
from workbench.reward.model import RewardModel
from workbench.reward.sentence import SentenceEncoder

PORTABLE = "sentence-transformers"
"""Folder within a model's own with the plain form of it."""


def export_head(model: RewardModel, folder: Path | str) -> Path:
    """Writes a head as a sentence-transformers model that gives the same scores of all texts it reads at once.

    A text longer than that is cut by sentence-transformers, where the workbench reads it in windows.

    Raises
    ------
    WorkbenchError
        The head uses more than vectors of the response, its encoder has no weights, or the folder cannot be written.
    """
    encoder = model.encoder
    if not isinstance(encoder, SentenceEncoder):
        raise WorkbenchError(
            f"The encoder {encoder.name!r} is none that other programs know.", "Train on a sentence encoder."
        )
    if model.blocks.surface or model.blocks.prompt or not model.blocks.embedding:
        what = "what texts look like" if model.blocks.surface else "how a response goes with its prompt"
        raise WorkbenchError(
            f"This head also reads {what}, which a plain model cannot hold.",
            "Train a portable head: on vectors of the responses alone.",
        )
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense, Pooling

    whole = copy.deepcopy(encoder.transformer()).cpu().float()
    parts = list(whole)
    if encoder.layer is not None:
        first = parts[0]
        inner = first.auto_model if hasattr(first, "auto_model") else first.model
        inner.encoder.layer = inner.encoder.layer[: encoder.layer]
        inner.config.num_hidden_layers = encoder.layer
        parts = [first, Pooling(encoder.dim, pooling_mode="mean")]
    weight = torch.tensor(model.head.coefficients * model.scale, dtype=torch.float32).reshape(1, -1)
    bias = torch.tensor([-model.offset], dtype=torch.float32)
    score = Dense(
        encoder.dim, 1, bias=True, activation_function=torch.nn.Identity(), init_weight=weight, init_bias=bias
    )
    plain = SentenceTransformer(modules=[*parts, score], device="cpu")
    plain.max_seq_length = encoder.limit
    with drafted_folder(folder) as place:
        plain.save(str(place), safe_serialization=True, create_model_card=False)
        (place / "README.md").write_text(_README, "utf-8")
        as_readable_as(place, "README.md")
    return Path(folder)


_README = """# Reward head

Gives a response its score: the higher, the better. Only differences between responses to the same prompt mean anything.

```python
from sentence_transformers import SentenceTransformer

score = SentenceTransformer(FOLDER).encode(responses)[:, 0]
```
"""
