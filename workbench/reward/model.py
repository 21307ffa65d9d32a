"""A reward model made of a frozen encoder and a linear head: scores, compares, says how sure it is, and lives in a
folder of plain files.

The folder holds `model.safetensors` (numbers), `model.json` (what they are) and `README.md` (the model card). Nothing
in it can run code, and no other kind of weight file is ever opened.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from workbench.drafts import as_readable_as, drafted, drafted_folder
from workbench.errors import WorkbenchError, first_five
from workbench.messages import message, name_of
from workbench.progress import UNWATCHED, Watch
from workbench.reward.calibrator import Calibrator
from workbench.reward.chat import Words, text_of_words
from workbench.reward.embedding_cache import EmbeddingCache
from workbench.reward.encoders import Encoder, encoder_recorded
from workbench.reward.features import Blocks, PairFeatures, describe, pair_features
from workbench.reward.heads import LinearHead, preference_of_margin
from workbench.reward.pairs import Pairs

SCHEMA = 1
"""Version of the folder's contents."""

_WEIGHTS, _ABOUT, _CARD = "model.safetensors", "model.json", "README.md"
_UNSAFE = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib", ".npy", ".npz", ".h5")
_TRAINED = message("Give the folder that ", name_of("train_out"), " wrote.")
_AT_ONCE = 20_000


@dataclass(frozen=True, eq=False, kw_only=True)
class RewardModel:
    r"""Scores a response to its prompt: $r = \beta^\top\varphi(\text{prompt}, \text{response})$.

    Attributes
    ----------
    encoder : turns texts into vectors.
    blocks, scale, names : what a response is described by, and what each column is multiplied by.
    head : coefficients with their covariance.
    members : float64 (k, d): coefficients of heads on resampled groups; (0, d) where there are none.
    temperature : by which margins and cutpoints are divided where they become probabilities.
    offset : mean score of the training responses before it was taken off, so that an average response scores 0.
    about : how it was trained, for JSON and the model card.
    calibrator : says what margins mean instead of the temperature, where there is one.
    """

    encoder: Encoder
    blocks: Blocks
    scale: np.ndarray
    names: tuple[str, ...]
    head: LinearHead
    members: np.ndarray
    temperature: float = 1.0
    offset: float = 0.0
    about: Mapping[str, Any] = field(default_factory=dict)
    calibrator: Calibrator | None = None

    @property
    def cutpoints(self) -> np.ndarray:
        """Of a cumulative logit, on the scale of `margin`; empty for Bradley-Terry."""
        return self.head.cutpoints

    def features(self, pairs: Pairs, watch: Watch = UNWATCHED, cache: EmbeddingCache | None = None) -> PairFeatures:
        """Difference features of pairs as this model sees them, for its head and for active selection."""
        return pair_features(pairs, self.encoder, blocks=self.blocks, scale=self.scale, cache=cache, watch=watch)

    def score(
        self,
        prompt: Sequence[Words],
        response: Sequence[Words],
        watch: Watch = UNWATCHED,
        cache: EmbeddingCache | None = None,
    ) -> np.ndarray:
        """Score of each response to its prompt, float64 (n,); the higher the better, an average training response 0.

        Parameters
        ----------
        prompt, response : n texts each, or lists of messages; '' where there is no prompt.
        """
        found = np.empty(len(response))
        asked, given = np.empty(len(prompt), object), np.empty(len(response), object)
        asked[:] = [text_of_words(words) for words in prompt]
        given[:] = [text_of_words(words, "assistant") for words in response]
        for i in range(0, len(found), _AT_ONCE):
            rows = describe(
                asked[i : i + _AT_ONCE], (given[i : i + _AT_ONCE],), self.encoder, self.blocks, cache, watch
            ).rows[0]
            found[i : i + _AT_ONCE] = (rows * self.scale).astype(float) @ self.head.coefficients - self.offset
        return found

    def margin(
        self,
        prompt: Sequence[Words],
        response_a: Sequence[Words],
        response_b: Sequence[Words],
        watch: Watch = UNWATCHED,
        cache: EmbeddingCache | None = None,
    ) -> np.ndarray:
        """Score of A minus score of B, float64 (n,)."""
        n = len(prompt)
        both = self.score([*prompt, *prompt], [*response_a, *response_b], watch, cache)
        return both[:n] - both[n:]

    def probability_of_margin(self, margin: np.ndarray) -> np.ndarray:
        """Probability that A is preferred, half of a tie counted in, after the temperature or by the calibrator."""
        if self.calibrator is not None:
            return self.calibrator.of_margin(margin, self.cutpoints)
        return preference_of_margin(np.asarray(margin, float) / self.temperature, self.cutpoints / self.temperature)

    def probability(
        self,
        prompt: Sequence[Words],
        response_a: Sequence[Words],
        response_b: Sequence[Words],
        watch: Watch = UNWATCHED,
        cache: EmbeddingCache | None = None,
    ) -> np.ndarray:
        """Probability that A is preferred, float64 (n,)."""
        return self.probability_of_margin(self.margin(prompt, response_a, response_b, watch, cache))

    def member_probabilities(self, features: np.ndarray) -> np.ndarray:
        """Probability that A is preferred by each member, float64 (k, n); k = 0 where the model was trained without
        members.
        """
        margins = self.members @ np.asarray(features, float).T
        return np.array([self.probability_of_margin(row) for row in margins]).reshape(len(self.members), len(features))

    def save(self, folder: Path | str) -> Path:
        """Writes the model to a folder: whole where there was none, else file by file with `model.json` last."""
        from safetensors.numpy import save_file

        arrays = {
            "coefficients": self.head.coefficients,
            "covariance": self.head.covariance,
            "cutpoints": self.head.cutpoints,
            "members": self.members,
            "scale": self.scale,
            **{f"encoder.{name}": value for name, value in self.encoder.arrays().items()},
        }
        content = {
            "workbench_reward_model": SCHEMA,
            "kind": "head",
            "encoder": self.encoder.record(),
            "blocks": self.blocks.to_dict(),
            "names": list(self.names),
            "head": {k: getattr(self.head, k) for k in ("penalty", "n", "loss", "iterations", "converged")},
            "temperature": self.temperature,
            "offset": self.offset,
            "about": dict(self.about),
        }
        with drafted_folder(folder, last=(_ABOUT,)) as place:
            save_file({name: np.ascontiguousarray(value) for name, value in arrays.items()}, str(place / _WEIGHTS))
            (place / _CARD).write_text(model_card(content), "utf-8")
            (place / _ABOUT).write_text(json.dumps(content, indent=1, ensure_ascii=False), "utf-8")
            as_readable_as(place, _ABOUT)
        return Path(folder)

    @classmethod
    def load(cls, folder: Path | str) -> RewardModel:
        """Reads a folder that `save` wrote, here or elsewhere.

        Raises
        ------
        WorkbenchError
            There is no such model, its weights are no safetensors, its parts do not fit together, or its encoder is not
            on this machine.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        place = Path(folder)
        content = read_about(place)
        if content.get("kind") != "head":
            raise WorkbenchError(
                f"{place.name} is no reward head but {content.get('kind')!r}.", "Open it with `load_model`."
            )
        try:
            arrays = load_file(str(place / _WEIGHTS))
            own = {
                name.removeprefix("encoder."): value for name, value in arrays.items() if name.startswith("encoder.")
            }
            names, scale, beta = tuple(map(str, content["names"])), arrays["scale"], arrays["coefficients"]
            d = len(names)
            cuts, members = arrays["cutpoints"], arrays["members"]
            shapes = {"scale": (d,), "coefficients": (d,), "covariance": (d, d)}
            shapes |= {"members": (len(members), d), "cutpoints": (cuts.size,)}
            wrong = [name for name, shape in shapes.items() if arrays[name].shape != shape]
            if wrong:
                raise ValueError(f"{first_five(wrong)} does not fit {d} features")
            wrong = [n for n, a in arrays.items() if a.dtype.kind not in "fiub" or not np.isfinite(a).all()]
            if wrong:
                raise ValueError(f"{first_five(wrong)} holds what is no number")
            for name in content["head"]:
                recorded_number(content["head"], name) if name != "converged" else bool(content["head"][name])
            head = LinearHead(coefficients=beta, covariance=arrays["covariance"], cutpoints=cuts, **content["head"])
            temperature, offset = recorded_number(content, "temperature", above=0.0), recorded_number(content, "offset")
            encoder = encoder_recorded(content["encoder"], own)
            return cls(
                encoder=encoder,
                blocks=Blocks(**content["blocks"]),
                scale=scale,
                names=names,
                head=head,
                members=members,
                temperature=temperature,
                offset=offset,
                about=dict(content["about"]),
            )
        except (SafetensorError, OSError, KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            why = " ".join(str(error).split())[:120]
            raise WorkbenchError(
                f"The reward model in {place.name} cannot be read: {why}", "Train it again, or copy the whole folder."
            ) from error


def recorded_number(content: Mapping[str, Any], name: str, *, above: float = -math.inf) -> float:
    """A number of `model.json`.

    Raises
    ------
    ValueError
        It is none, not finite, or too small.
    """
    value = content[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value <= above:
        limit = f" above {above:g}" if above > -math.inf else ""
        raise ValueError(f"{name} is {str(value)[:40]}, not a number{limit}")
    return float(value)


def read_about(folder: Path) -> dict[str, Any]:
    """The `model.json` of a model folder, checked for what it claims to be.

    Raises
    ------
    WorkbenchError
        There is no such folder, no model in it, or one in a form that is not read.
    """
    if folder.is_file():
        raise WorkbenchError(
            f"{folder.name} is a file.",
            "A reward model is a folder with model.json and model.safetensors; nothing else is opened.",
        )
    if not folder.is_dir():
        raise WorkbenchError(f"There is no model folder {folder.name!r}.", _TRAINED)
    if not any((folder / name).is_file() for name in (_WEIGHTS, f"{_WEIGHTS}.index.json")):
        unsafe = sorted(p.name for p in folder.iterdir() if p.suffix in _UNSAFE)
        found = f" It holds {first_five(unsafe)}, which can run code when opened and is never read." if unsafe else ""
        raise WorkbenchError(
            f"There is no {_WEIGHTS} in {folder.name}.{found}", "Reward models are read as safetensors only."
        )
    if not (folder / _ABOUT).is_file():
        raise WorkbenchError(f"There is no {_ABOUT} in {folder.name}.", _TRAINED)
    try:
        content = json.loads((folder / _ABOUT).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise WorkbenchError(f"{_ABOUT} in {folder.name} cannot be read.", "Copy the whole folder again.") from error
    if not isinstance(content, dict) or content.get("workbench_reward_model") != SCHEMA:
        raise WorkbenchError(
            f"{_ABOUT} in {folder.name} is not of this version of the workbench.", "Train the model again."
        )
    return content


def add_to_about(folder: Path, more: Mapping[str, Any]) -> None:
    """Adds to what the `model.json` of a folder says about the model; its weights stay as they are."""
    content = read_about(folder)
    content["about"] = {**content.get("about", {}), **more}
    with drafted(folder / _ABOUT) as draft:
        draft.write_text(json.dumps(content, indent=1, ensure_ascii=False), "utf-8")


def model_card(content: Mapping[str, Any]) -> str:
    """The README of a model folder, in the form model hubs read, without any text of the data."""
    about, encoder = content["about"], content["encoder"]
    train = about.get("train", {})
    blocks = [name for name, used in content["blocks"].items() if used]
    lines = [
        "---",
        "tags: [reward-model, preference-workbench]",
        "library_name: preference-workbench",
        "---",
        "",
        "# Reward model",
        "",
        (
            f"A linear head on frozen features ({', '.join(blocks)}) of the encoder `{encoder['name']}`. It ranks"
            " responses to the same prompt; scores of responses to different prompts cannot be compared."
        ),
        "",
        "## Training",
        "",
        (
            f"* Pairs: {train.get('pairs', 0):,} in {train.get('groups', 0):,} prompt groups, {train.get('ties', 0):,}"
            " of them ties."
        ),
        f"* Labels: {train.get('labels', '')}.",
        (
            f"* Loss: {about.get('loss', '')}, penalty {content['head']['penalty']:g}; temperature"
            f" {content['temperature']:.3f}, fitted on groups held out in training."
        ),
    ]
    lines += [f"* Set aside: {n:,}, {reason}." for reason, n in train.get("set_aside", {}).items()]
    chosen = about.get("chosen")
    if chosen:
        lines.append(
            f"* On prompt groups held out in training: accuracy {chosen['accuracy']:.3f}, loss {chosen['loss']:.3f}."
        )
    evaluation = about.get("eval") or {}
    if evaluation.get("accuracy") is not None:
        low, high = evaluation.get("interval") or (float("nan"), float("nan"))
        lines += [
            "",
            "## Evaluation",
            "",
            (
                f"* Ranking accuracy {evaluation['accuracy']:.3f} [{low:.3f}, {high:.3f}] on {evaluation['n']:,}"
                f" held-out pairs; always taking the longer text: {evaluation['length_only_accuracy']:.3f}."
            ),
            f"* Expected calibration error {evaluation['ece']:.3f}.",
        ]
    lines += [
        "",
        "## Limits",
        "",
        (
            "* It repeats the taste and the errors of whoever labelled the data. High scores far from the training data"
            " mean little, and the best of many responses is the one it overrates most."
        ),
        "* Load it with `workbench.reward.model.RewardModel.load(folder)`, or `python -m workbench score FOLDER PATH`.",
        "",
    ]
    return "\n".join(lines)
