"""A fine-tuned reward model: one transformers sequence classifier with a single output, the score of a response to its
prompt.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from workbench.drafts import as_readable_as, drafted_folder
from workbench.errors import WorkbenchError
from workbench.progress import UNWATCHED, Watch
from workbench.reward.calibrator import Calibrator
from workbench.reward.chat import Words, plain_template
from workbench.reward.classifiers import LONGEST, open_classifier
from workbench.reward.heads import preference_of_margin
from workbench.reward.model import SCHEMA, read_about, recorded_number
from workbench.reward.tokens import OVER_LENGTH, OverLength, Tokens, longest_readable, tokens_of
from workbench.reward.trainer_state import write_json

ABOUT = "model.json"

_AT_ONCE = 4_096
"""Texts whose tokens are held at once, so that memory does not grow with the number of texts."""

_TOKENS_AT_ONCE = 32_768
"""Tokens of one forward pass, padding counted."""


class SequenceModel:
    """Scores texts with a sequence classifier.

    Parameters
    ----------
    model, tokenizer : of transformers, the model with one score or two classes.
    max_length : tokens of prompt and response that are read; longer texts are cut.
    temperature : by which margins are divided where they become probabilities.
    about : how it was trained, for JSON.
    over_length : how longer texts are cut, see `workbench.reward.tokens.OverLength`.
    good : of two classes, the one whose logit less the other's is the score.
    notes : what a user should know of how it is read.
    calibrator : says what margins mean instead of the temperature, where there is one.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        max_length: int,
        temperature: float = 1.0,
        about: Mapping[str, Any] | None = None,
        *,
        over_length: OverLength = "truncate",
        good: int | None = None,
        notes: tuple[str, ...] = (),
        calibrator: Calibrator | None = None,
    ) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.max_length = longest_readable(tokenizer, model.config, max_length)
        self.temperature = temperature
        self.about: Mapping[str, Any] = about or {}
        self.over_length = over_length
        self.good = good
        self.notes = notes
        self.calibrator = calibrator

    @classmethod
    def load(cls, folder: Path | str, max_length: int | None = None, device: str | None = None) -> SequenceModel:
        """Reads a folder that transformers, peft or `save` wrote; safetensors only, and no code that lies beside the
        weights is run.

        Parameters
        ----------
        max_length : tokens to read; by default what the folder says, or what the model can.
        device : `cpu`, `cuda`, ...; a GPU where there is one by default.

        Raises
        ------
        WorkbenchError
            There is no such folder, or no sequence classifier in it.
        """
        place = Path(folder)
        known = read_about(place) if (place / ABOUT).is_file() else {}
        try:
            recorded = {"max_length": LONGEST, "temperature": 1.0, **known}
            length = max_length or int(recorded_number(recorded, "max_length", above=0.0))
            temperature = recorded_number(recorded, "temperature", above=0.0)
        except ValueError as error:
            raise WorkbenchError(
                f"{ABOUT} in {place.name} cannot be read: {error}.", "Train it again, or copy the whole folder."
            ) from error
        found = open_classifier(place, length, device)
        over = known.get("over_length")
        return cls(
            found.model,
            found.tokenizer,
            found.limit,
            temperature,
            known.get("about"),
            over_length=over if over in OVER_LENGTH else "truncate",
            good=found.good,
            notes=found.notes,
        )

    def save(self, folder: Path | str) -> Path:
        """Writes weights (safetensors), configuration and tokenizer, and `model.json` last; any program that reads
        transformers models can use them.
        """
        content = {
            "workbench_reward_model": SCHEMA,
            "kind": "finetune",
            "max_length": self.max_length,
            "over_length": self.over_length,
            "temperature": self.temperature,
            "about": dict(self.about),
        }
        with drafted_folder(folder, last=(ABOUT,)) as place:
            self.model.save_pretrained(place)
            self.tokenizer.save_pretrained(place)
            write_json(place / ABOUT, content)
            as_readable_as(place, ABOUT)
        return Path(folder)

    def with_weights(self, model: Any) -> SequenceModel:
        """The same with another form of its weights."""
        found = copy.copy(self)
        found.model = model
        return found

    @property
    def cutpoints(self) -> np.ndarray:
        """None: a preference is the logistic of the margin."""
        return np.empty(0)

    def probability_of_margin(self, margin: np.ndarray) -> np.ndarray:
        """Probability that A is preferred, after the temperature or by the calibrator."""
        if self.calibrator is not None:
            return self.calibrator.of_margin(margin)
        return preference_of_margin(np.asarray(margin, float) / self.temperature, self.cutpoints)

    def too_long(self, prompt: Sequence[Words], response: Sequence[Words], watch: Watch = UNWATCHED) -> np.ndarray:
        """Which texts are longer than the model reads, so that they are cut; bool (n,)."""
        found = np.zeros(len(response), bool)
        for start in range(0, len(response), _AT_ONCE):
            watch.step(start, len(response), "Reading texts")
            part = slice(start, start + _AT_ONCE)
            found[part] = self._tokens(prompt[part], response[part]).length > self.max_length
        return found

    def score(
        self, prompt: Sequence[Words], response: Sequence[Words], watch: Watch = UNWATCHED, batch: int = 32
    ) -> np.ndarray:
        """Score of each response to its prompt, float64 (n,); the higher the better, on a scale of its own.

        Parameters
        ----------
        prompt, response : n texts each, or lists of messages; an empty prompt where there is none.
        batch : texts scored at once, fewer where they are long. Texts of about the same length are scored together,
            which changes the time and not the scores.
        """
        import torch

        n = len(response)
        found = np.empty(n)
        device = self.model.device
        half = device.type == "cuda" and torch.cuda.is_bf16_supported()
        for begin in range(0, n, _AT_ONCE):
            tokens = self._tokens(prompt[begin : begin + _AT_ONCE], response[begin : begin + _AT_ONCE])
            order = np.argsort([-len(i) for i in tokens.ids], kind="stable")
            start = 0
            while start < len(order):
                watch.step(begin + start, n, "Scoring")
                at_once = max(min(batch, _TOKENS_AT_ONCE // max(len(tokens.ids[order[start]]), 1)), 1)
                part = order[start : start + at_once]
                start += at_once
                with torch.inference_mode(), torch.autocast(device.type, dtype=torch.bfloat16, enabled=half):
                    logits = self.model(**self._batch(tokens, part)).logits.float().cpu().numpy()
                found[begin + part] = self._score_of(logits)
        return found

    def _score_of(self, logits: np.ndarray) -> np.ndarray:
        """One score a text: the only logit, or that of the good class less that of the other."""
        if self.good is None:
            return logits.reshape(len(logits), -1)[:, 0]
        return logits[:, self.good] - logits[:, 1 - self.good]

    def _tokens(self, prompt: Sequence[Words], response: Sequence[Words]) -> Tokens:
        return tokens_of(self.tokenizer, list(prompt), list(response), self.max_length, self.over_length)

    def margin(
        self,
        prompt: Sequence[Words],
        response_a: Sequence[Words],
        response_b: Sequence[Words],
        watch: Watch = UNWATCHED,
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

    from workbench.reward.quiet import quiet_libraries
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
    if train and not tokenizer.chat_template and tokenizer.sep_token is None:
        begins = bool(tokenizer.bos_token and tokenizer("x")["input_ids"][:1] == [tokenizer.bos_token_id])
        tokenizer.chat_template = plain_template(tokenizer.bos_token if begins else "", tokenizer.eos_token or "")
    return (model.train() if train else model.eval()), tokenizer
