"""Which fields of a task are the prompt, the responses in the order shown, their models, the gold label, the slices.

Annotation tools let every team name its own fields: `answer1`/`answer2`, `response_a`/`response_b`,
`textLeft`/`textRight`, `model_a_response`. The names are taken apart into words and side marks; what was taken as what
is said in a finding.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.findings import Finding, finding
from workbench.formats.records.conversations import content_of, readable, turns_of
from workbench.formats.records.nested import text_of
from workbench.messages import by, message

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_FAMILIES = (
    {c: i for i, c in enumerate("abcdefgh")},
    {str(n): n for n in range(10)},
    {"left": 0, "right": 1},
    {"first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4},
    {"one": 1, "two": 2, "three": 3, "four": 4},
)
_RESPONSE = (
    "response",
    "answer",
    "completion",
    "output",
    "reply",
    "candidate",
    "continuation",
    "generation",
    "generated",
    "summary",
    "translation",
    "story",
    "argument",
    "arg",
    "option",
    "choice",
    "sample",
    "text",
    "message",
    "html",
    "image",
    "img",
    "audio",
    "video",
    "url",
    "doc",
    "document",
)
_MODEL = ("model", "system", "policy", "generator", "engine", "bot", "assistant")
_NOT_TEXT = {
    "id",
    "ids",
    "hash",
    "score",
    "scores",
    "rating",
    "length",
    "len",
    "tokens",
    "token",
    "count",
    "logprob",
    "time",
    "date",
    "index",
    "idx",
    "rank",
    "gold",
    "uuid",
    "key",
    "label",
    "type",
    "status",
    "words",
    "position",
    "order",
    "seed",
    "temperature",
    "version",
    "reward",
}
_PROMPT = (
    "prompt",
    "instruction",
    "instructions",
    "question",
    "query",
    "conversation",
    "dialogue",
    "dialog",
    "messages",
    "message",
    "chat",
    "history",
    "context",
    "input",
    "request",
    "post",
    "premise",
    "passage",
    "article",
    "document",
    "source_text",
    "text",
    "sentence",
    "caption",
    "title",
    "content",
)
_COUNTS = {"num", "number", "count", "per"}
"""Words of names such as `num_examples_per_prompt`, which is no prompt."""
_SLICE = {
    "source",
    "language",
    "lang",
    "category",
    "domain",
    "topic",
    "dataset",
    "subset",
    "split",
    "difficulty",
    "subject",
    "genre",
    "locale",
    "country",
    "tasktype",
    "task",
}
_GOLD = re.compile(
    r"(?:^|_)(?:gold(?:en)?|groundtruth|ground_truth|honeypot|expected(?:_\w+)?|correct_(?:answer|label|choice|response))(?:_label|_answer|_choice)?$"
)


@dataclass(frozen=True)
class Roles:
    """The fields of a task by what they are; empty where there is none.

    Attributes
    ----------
    prompt : fields that make the prompt, one below the other.
    responses : fields of the responses in the order they are shown, A or left first.
    models : fields that name the model of each response, in the same order.
    group : field that names the prompt.
    gold : field with the known right label.
    slices : fields that tell kinds of items apart.
    """

    prompt: tuple[str, ...] = ()
    responses: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    group: str | None = None
    gold: str | None = None
    slices: tuple[str, ...] = ()

    @property
    def has_pair(self) -> bool:
        """Whether two responses, or two models, are compared."""
        return len(self.responses) == 2 or len(self.models) == 2

    def finding(self) -> Finding:
        """What was taken as what, for the person who knows the project."""
        parts = [f"the prompt from {' and '.join(self.prompt)}" if self.prompt else "no prompt"]
        if self.responses:
            letters = "ABCDEFGHIJ"
            parts.append(
                ", ".join(f"response {letters[i]} from {name}" for i, name in enumerate(self.responses[: len(letters)]))
                + " in the order shown"
            )
        else:
            parts.append("no pair of responses")
        if self.gold:
            parts.append(f"gold from {self.gold}")
        return finding(
            "info",
            "fields-taken",
            f"Taken from the task's fields: {', '.join(parts)}.",
            message("If that is wrong, name the fields ", by("mapping", {"FIELD": "COLUMN"}), "."),
        )

    def item(self, task: Mapping[str, Any], sides: tuple[int, int] = (0, 1)) -> dict[str, Any]:
        """Columns of `Export.items` for one task.

        Parameters
        ----------
        task : its fields.
        sides : which two of the responses are A and B.
        """
        columns: dict[str, Any] = {}
        texts = [text for name in self.prompt if (text := shown_text(task.get(name)))]
        columns["prompt"] = "\n\n".join(texts) or None
        for side, i in zip("ab", sides, strict=True):
            if i < len(self.responses):
                columns[f"response_{side}"] = shown_text(task.get(self.responses[i]))
            if i < len(self.models):
                columns[f"model_{side}"] = text_of(task.get(self.models[i]))
        if self.group is not None:
            columns["group"] = text_of(task.get(self.group))
        if self.gold is not None:
            gold = task.get(self.gold)
            columns["gold"] = None if isinstance(gold, (bool, np.bool_)) else self.side_named(text_of(gold), task)
        for name in self.slices:
            columns[f"slice.{name}"] = text_of(task.get(name))
        return columns

    def side_named(self, label: str | None, task: Mapping[str, Any] | None = None) -> str | None:
        """A or B where the label is the name of a response field or the text of a response, else the label itself.

        >>> Roles(responses=("answer1", "answer2")).side_named("answer2")
        'B'
        """
        if label is None or len(self.responses) != 2:
            return label
        names = [name.casefold() for name in self.responses]
        if label.strip().casefold() in names:
            return "AB"[names.index(label.strip().casefold())]
        if task is not None and len(label) > 1:
            shown = [shown_text(task.get(name)) for name in self.responses]
            if shown.count(label) == 1:
                return "AB"[shown.index(label)]
        return label


def find_roles(names: Iterable[str], responses: Sequence[str] = (), any_pair: bool = False) -> Roles:
    """Sorts the fields of a task.

    Parameters
    ----------
    names : the fields, in the file's order.
    responses : the fields of the responses, where the format says which they are.
    any_pair : fields that differ only in a side mark are responses whatever they are called (`joke1`, `joke2`), because
        the format says that two things are compared.

    Examples
    --------
    >>> roles = find_roles(["id", "prompt", "answer2", "answer1", "model_1", "model_2", "source"])
    >>> roles.prompt, roles.responses, roles.models, roles.slices
    (('prompt',), ('answer1', 'answer2'), ('model_1', 'model_2'), ('source',))
    >>> find_roles(["question", "textLeft", "textRight"]).responses
    ('textLeft', 'textRight')
    """
    listed = [str(name) for name in dict.fromkeys(names)]
    words = {name: [w.lower() for w in _WORD.findall(name)] for name in listed}
    ranked = _families(words, any_pair)
    texts = tuple(responses) or next((members for _, members in ranked["responses"]), ())
    models = next(
        (
            members
            for _, members in ranked["models"]
            if not set(members) & set(texts) and len(members) == len(texts or members)
        ),
        (),
    )
    taken = {*texts, *models}
    prompts = [
        (_PROMPT.index(w[-1]), i, name)
        for i, (name, w) in enumerate(words.items())
        if name not in taken and w and w[-1] in _PROMPT and not _COUNTS & {*w}
    ]
    best = min(prompts, default=None)
    prompt: tuple[str, ...] = () if best is None else (best[2],)
    if prompt and words[prompt[0]][-1].startswith("instruction"):
        prompt += tuple(name for name in listed if name not in taken and words[name] == ["input"])
    taken |= set(prompt)
    group = next(
        (
            n
            for n in listed
            if n not in taken and len(words[n]) > 1 and words[n][-1] == "id" and words[n][-2] in _PROMPT
        ),
        None,
    )
    gold = next(
        (
            n
            for n in listed
            if n not in taken and words[n][:1] not in (["is"], ["has"]) and _GOLD.search("_".join(words[n]))
        ),
        None,
    )
    slices = tuple(
        n
        for n in listed
        if n not in {*taken, gold, group}
        and words[n]
        and ("".join(words[n]) in _SLICE or (len(words[n]) > 1 and words[n][-1] in _SLICE - {"task"}))
    )
    return Roles(prompt, texts, models, group, gold, slices)


def _families(
    words: Mapping[str, Sequence[str]], any_pair: bool
) -> dict[str, list[tuple[tuple[int, int], tuple[str, ...]]]]:
    """Fields that differ only in a side mark, in order, best first: those of texts, and those of names of models."""
    found: dict[str, list[tuple[tuple[int, int], tuple[str, ...]]]] = {"responses": [], "models": []}
    for order, (family, stem, fields) in enumerate(_side_groups(words)):
        plain = {w.removesuffix("s") if w.removesuffix("s") in _RESPONSE else w for w in stem}
        rank = next((i for i, word in enumerate(_RESPONSE) if word in plain), None)
        if plain & _NOT_TEXT:
            continue
        names_model = (rank is None and plain & {*_MODEL, "name"}) or ([w for w in stem if w != "|"] or [""])[-1] in {
            "model",
            "name",
        }
        if names_model:
            found["models"].append(((0, order), fields))
        elif rank is not None or stem == ("|",) or family == 2:
            found["responses"].append(((len(_RESPONSE) if rank is None else rank, order), fields))
        elif any_pair:
            found["responses"].append(((len(_RESPONSE) + 1, order), fields))
    return {kind: sorted(listed) for kind, listed in found.items()}


def _side_groups(words: Mapping[str, Sequence[str]]) -> list[tuple[int, tuple[str, ...], tuple[str, ...]]]:
    """Family of marks, common words and names, in order, of fields that differ only in a side mark."""
    groups: dict[tuple[int, tuple[str, ...]], dict[int, str]] = {}
    for name, tokens in words.items():
        for place in reversed(range(len(tokens))):
            family = next((f for f, marks in enumerate(_FAMILIES) if tokens[place] in marks), None)
            if family is not None:
                stem = (*tokens[:place], "|", *tokens[place + 1 :])
                groups.setdefault((family, stem), {}).setdefault(_FAMILIES[family][tokens[place]], name)
                break
    complete = []
    for (family, stem), members in groups.items():
        places = sorted(members)
        if (
            len(places) >= 2
            and places[0] <= (1 if family in (1, 4) else 0)
            and places == list(range(places[0], places[0] + len(places)))
        ):
            complete.append((family, stem, tuple(members[p] for p in places)))
    return complete


def side_pairs(names: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of names that differ only in a side mark, first side first.

    >>> side_pairs(["tone_b", "tone_a", "rating1", "rating2", "overall"])
    [('tone_a', 'tone_b'), ('rating1', 'rating2')]
    """
    groups = _side_groups({name: [w.lower() for w in _WORD.findall(name)] for name in dict.fromkeys(names)})
    return [(members[0], members[1]) for _, _, members in groups if len(members) == 2]


def shown_text(value: Any) -> str | None:
    r"""Any field as the text an annotator saw: strings as they are, chat messages as a dialogue, other structures as
    JSON.

    >>> shown_text([{"role": "user", "content": "Hi"}]), shown_text({"a": 1}), shown_text(None)
    ('Hi', '{"a": 1}', None)
    """
    if isinstance(value, str) and value.lstrip()[:1] not in ("[", "{"):
        return text_of(value)
    turns = turns_of(value)
    if turns is not None:
        return readable(turns)
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, (list, tuple)) and value and all(isinstance(part, str) for part in value):
        return content_of(list(value))
    if isinstance(value, (list, tuple, Mapping)):
        try:
            return text_of(json.dumps(value, ensure_ascii=False, default=str)) if value else None
        except (TypeError, ValueError, RecursionError):
            return None
    return text_of(value)
