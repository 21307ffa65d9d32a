r"""A prompt and a response as the turns of a conversation, and as the text a model's chat template makes of them.

Data hold a conversation as text, each turn with its role (`workbench.formats.records.conversations.readable`); files of
candidates and trainers hand over message lists. Both come out as the same turns here, so that a model reads the same
tokens wherever a conversation came from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.errors import WorkbenchError
from workbench.formats.records.conversations import Turn, readable, turns_of
from workbench.formats.writers.preference_rows import messages_of

Words = str | Sequence[Mapping[str, Any]]
"""A prompt or a response: a text, or a list of messages with `role` and `content`."""

PLAIN_TEMPLATE = (
    "{%- set n = messages | length -%}{{ BOS }}{%- for m in messages -%}"
    "{%- if n > 2 and not loop.last -%}{{ m['role'] | capitalize }}: {% endif -%}{{ m['content'] }}"
    "{%- if not loop.last %}{{ '\n\n' }}{% endif -%}{%- endfor -%}{{ EOS }}"
)
"""What a model without a chat template reads: prompt, empty line, response, end of text; turns with their roles where
there are several. It is saved with a model that was trained so, and other programs read the same then."""


def plain_template(beginning: str, end: str) -> str:
    """The plain template with a tokenizer's own marks of beginning and end, either may be empty."""
    return PLAIN_TEMPLATE.replace("{{ BOS }}", _said(beginning)).replace("{{ EOS }}", _said(end))


def _said(mark: str) -> str:
    return "{{ " + repr(mark) + " }}" if mark else ""


def turns_in(words: Words, role: str) -> list[Turn]:
    r"""The turns of a prompt or a response; a text without roles is one turn of `role`.

    >>> turns_in("System: Be brief.\n\nUser: Hi", "user")
    [('system', 'Be brief.'), ('user', 'Hi')]
    >>> turns_in("User: only one mark", "user"), turns_in("", "user")
    ([('user', 'User: only one mark')], [])
    >>> turns_in([{"role": "user", "content": "Hi"}], "user")
    [('user', 'Hi')]
    """
    if not isinstance(words, str):
        found = turns_of(list(words))
        if found is None:
            raise WorkbenchError("A message without role or content.", "Give each message a role and a content.")
        return found
    return [(each["role"], each["content"]) for each in messages_of(words, role)] if words else []


def text_of_words(words: Words, role: str = "user") -> str:
    """A prompt or a response as the text that data hold of it.

    >>> text_of_words([{"role": "user", "content": "Hi"}])
    'Hi'
    """
    if isinstance(words, str):
        return words
    return readable(turns_in(words, role)) if words else ""


@dataclass(frozen=True)
class Rendered:
    """A conversation as a model reads it.

    Attributes
    ----------
    text : with the template's marks and roles.
    contents : where in it what people and models wrote stands, first to last; all else is marks and roles.
    """

    text: str
    contents: tuple[tuple[int, int], ...]


def rendered(tokenizer: Any, turns: Sequence[Turn]) -> Rendered:
    """A conversation by the tokenizer's chat template.

    A template that knows no system turn gets it as the beginning of the first turn of the user.

    Raises
    ------
    WorkbenchError
        The template takes no such conversation.
    """
    from jinja2 import TemplateError

    for form in (list(turns), _system_in_user(turns)):
        messages = [{"role": role, "content": text} for role, text in form]
        try:
            text = str(tokenizer.apply_chat_template(messages, tokenize=False))
        except (TemplateError, ValueError, TypeError) as error:
            problem = error
            continue
        return Rendered(text, _places(text, [words for _, words in form]))
    why = " ".join(str(problem).split())[:160]
    raise WorkbenchError(
        f"The model's chat template takes no conversation of {', '.join(role for role, _ in turns[:6])}: {why}",
        "Bring the turns into the order the model was trained on.",
    ) from problem


def _system_in_user(turns: Sequence[Turn]) -> list[Turn]:
    if len(turns) < 2 or turns[0][0] != "system":
        return list(turns)
    return [(turns[1][0], f"{turns[0][1]}\n\n{turns[1][1]}"), *turns[2:]]


def _places(text: str, contents: Sequence[str]) -> tuple[tuple[int, int], ...]:
    found, at = [], 0
    for words in contents:
        for form in (words, words.strip()):
            start = text.find(form, at) if form else -1
            if start >= 0:
                at = start + len(form)
                found.append((start, at))
                break
    return tuple(found)
