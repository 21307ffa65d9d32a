"""A fine-tuned reward model: one transformers sequence classifier with a single output, the score of a response to its
prompt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from workbench.drafts import drafted_folder
from workbench.errors import WorkbenchError
from workbench.progress import UNWATCHED, Watch
from workbench.reward.heads import preference_of_margin
from workbench.reward.lengths import Tokens, longest_readable, tokens_of
from workbench.reward.model import SCHEMA, read_about, recorded_number
from workbench.reward.trainer_state import write_json

ABOUT = "model.json"


class SequenceModel:
    """Scores texts with a sequence classifier.

    Parameters
    ----------
    model, tokenizer : of transformers, the model with `num_labels = 1`.
    max_length : tokens of prompt and response that are read; longer texts are cut.
    temperature : by which margins are divided where they become probabilities.
    about : how it was trained, for JSON.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        max_length: int,
        temperature: float = 1.0,
        about: Mapping[str, Any] | None = None,
    ) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.max_length = longest_readable(tokenizer, model.config, max_length)
        self.temperature = temperature
        self.about: Mapping[str, Any] = about or {}

    @classmethod
    def load(cls, folder: Path | str, max_length: int = 512, device: str | None = None) -> SequenceModel:
        """Reads a folder that transformers or `save` wrote; safetensors only, and no code that lies beside the weights
        is run.

        Parameters
        ----------
        max_length : where the folder does not say it.
        device : `cpu`, `cuda`, ...; a GPU where there is one by default.

        Raises
        ------
        WorkbenchError
            There is no such folder, or no sequence classifier in it.
        """
        import torch

        known = read_about(Path(folder)) if (Path(folder) / ABOUT).is_file() else {}
        try:
            recorded = {"max_length": max_length, "temperature": 1.0, **known}
            length = int(recorded_number(recorded, "max_length", above=0.0))
            temperature = recorded_number(recorded, "temperature", above=0.0)
        except ValueError as error:
            raise WorkbenchError(
                f"{ABOUT} in {Path(folder).name} cannot be read: {error}.", "Train it again, or copy the whole folder."
            ) from error
        model, tokenizer = base_model(folder)
        model = model.eval().to(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        return cls(model, tokenizer, length, temperature, known.get("about"))

    def save(self, folder: Path | str) -> Path:
        """Writes weights (safetensors), configuration and tokenizer, and `model.json` last; any program that reads
        transformers models can use them.
        """
        content = {
            "workbench_reward_model": SCHEMA,
            "kind": "finetune",
            "max_length": self.max_length,
            "temperature": self.temperature,
            "about": dict(self.about),
        }
        with drafted_folder(folder, last=(ABOUT,)) as place:
            self.model.save_pretrained(place)
            self.tokenizer.save_pretrained(place)
            write_json(place / ABOUT, content)
        return Path(folder)

    @property
    def cutpoints(self) -> np.ndarray:
        """None: a preference is the logistic of the margin."""
        return np.empty(0)

    def probability_of_margin(self, margin: np.ndarray) -> np.ndarray:
        """Probability that A is preferred, after the temperature."""
        return preference_of_margin(np.asarray(margin, float) / self.temperature, self.cutpoints)

    def score(
        self, prompt: Sequence[str], response: Sequence[str], watch: Watch = UNWATCHED, batch: int = 32
    ) -> np.ndarray:
        """Score of each response to its prompt, float64 (n,); the higher the better, on a scale of its own.

        Parameters
        ----------
        prompt, response : n texts each; an empty prompt where there is none.
        batch : texts scored at once. Texts of about the same length are scored together, which changes the time and not
            the scores.
        """
        import torch

        n = len(response)
        found = np.empty(n)
        tokens = (
            tokens_of(self.tokenizer, list(prompt), list(response), self.max_length)
            if n
            else Tokens([], [], np.empty(0, np.int64))
        )
        order = np.argsort([-len(i) for i in tokens.ids], kind="stable")
        device = self.model.device
        half = device.type == "cuda" and torch.cuda.is_bf16_supported()
        for start in range(0, n, batch):
            watch.step(start, n, "Scoring")
            part = order[start : start + batch]
            with torch.inference_mode(), torch.autocast(device.type, dtype=torch.bfloat16, enabled=half):
                found[part] = self.model(**self._batch(tokens, part)).logits.squeeze(-1).float().cpu().numpy()
        return found

    def margin(
        self, prompt: Sequence[str], response_a: Sequence[str], response_b: Sequence[str], watch: Watch = UNWATCHED
    ) -> np.ndarray:
        """Score of A minus score of B, float64 (n,)."""
        n = len(prompt)
        both = self.score([*prompt, *prompt], [*response_a, *response_b], watch)
        return both[:n] - both[n:]

    def _batch(self, tokens: Tokens, part: np.ndarray) -> dict[str, Any]:
        import torch

        width = max(len(tokens.ids[i]) for i in part)
        pad = self.tokenizer.pad_token_id or 0
        columns = {
            "input_ids": ([tokens.ids[i] for i in part], pad),
            "attention_mask": ([[1] * len(tokens.ids[i]) for i in part], 0),
        }
        if tokens.types:
            columns["token_type_ids"] = ([tokens.types[i] for i in part], 0)
        return {
            name: torch.tensor([row + [fill] * (width - len(row)) for row in rows], device=self.model.device)
            for name, (rows, fill) in columns.items()
        }


def base_model(name: Path | str, *, train: bool = False) -> tuple[Any, Any]:
    """A sequence classifier with one output, and its tokenizer, from a local folder, or by name where downloads are
    switched on.

    A model that was not trained as a reward model gets a new, random last layer.

    Raises
    ------
    WorkbenchError
        There is no such folder, downloads are off, or what is there is no such model.
    """
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    from workbench.reward.soft_trainer import quiet_libraries
    from workbench.reward.weights import find_weights

    place = find_weights(str(name))
    try:
        with quiet_libraries():
            options: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
            tokenizer = AutoTokenizer.from_pretrained(place, **options)
            model = AutoModelForSequenceClassification.from_pretrained(
                place, num_labels=1, use_safetensors=True, dtype="float32", **options
            )
    except (OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
        why = " ".join(str(error).split())[:160]
        raise WorkbenchError(
            f"The model {place.name!r} cannot be read: {why}",
            "Name the folder of a transformers model with config.json, model.safetensors and its tokenizer.",
        ) from error
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    model.config.get_text_config().pad_token_id = tokenizer.pad_token_id
    return (model.train() if train else model.eval()), tokenizer
