"""Conversations in the shapes exports hold them, as prompt and responses that a person reads.

Message lists (`role`/`content`, `from`/`value`), content lists with text and images, FastChat's `[role, text]` pairs,
JSON text of any of these, and dialogues in one string with `Human:` and `Assistant:`. The same conversation gives the
same text whichever shape it came in, so that files of several formats merge on content.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from workbench.formats.records.nested import first_of, list_of, text_of

Turn = tuple[str, str]
"""Role and text of one message."""

_ROLES = {
    "human": "user",
    "prompter": "user",
    "gpt": "assistant",
    "bot": "assistant",
    "model": "assistant",
    "chatgpt": "assistant",
}
_MARKER = re.compile(r"(?:^|\n\n)(Human|Assistant):")
_SPLIT = "\n\nAssistant:"


def turns_of(value: Any) -> list[Turn] | None:
    r"""The messages of a conversation, or None where the value is not one.

    >>> turns_of([{"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": "image"}]}])
    [('user', 'Hi\n[image]')]
    >>> turns_of([["USER", "hi"], ["ASSISTANT", "yo"]])
    [('user', 'hi'), ('assistant', 'yo')]
    """
    if isinstance(value, Mapping):
        messages: list[Any] = [value]
    else:
        messages = list_of(value)
    turns = []
    for message in messages:
        turn = _turn(message)
        if turn is None:
            return None
        turns.append(turn)
    return turns or None


def _turn(message: Any) -> Turn | None:
    if isinstance(message, Mapping):
        role = text_of(first_of(message, ("role", "from")))
        content = content_of(first_of(message, ("content", "value", "text")))
        return None if role is None or content is None else (_role(role), content)
    if isinstance(message, (list, tuple, np.ndarray)) and len(message) == 2:
        role, content = text_of(message[0]), content_of(message[1])
        return None if role is None else (_role(role), content or "")
    return None


def _role(role: str) -> str:
    plain = role.strip().lower()
    return _ROLES.get(plain, plain)


def content_of(content: Any) -> str | None:
    r"""Text of a message's content: a string, or a list of parts, of which those that are not text show as `[type]`.

    >>> content_of([{"type": "text", "text": "Look:"}, {"type": "image_url", "image_url": {"url": "x"}}])
    'Look:\n[image]'
    """
    if isinstance(content, Mapping):
        content = [content]
    if not isinstance(content, (list, tuple, np.ndarray)):
        return text_of(content)
    parts = []
    for part in content:
        if isinstance(part, Mapping):
            kind = text_of(part.get("type")) or "text"
            shown = text_of(part.get("text")) if kind == "text" else f"[{kind.removesuffix('_url')}]"
        else:
            shown = text_of(part)
        if shown is not None:
            parts.append(shown)
    return "\n".join(parts) if parts else None


def readable(turns: Sequence[Turn]) -> str:
    r"""A conversation as text: the words alone of a single message, otherwise each with its role.

    >>> readable([("user", "Hi")]), readable([("user", "Hi"), ("assistant", "Hello")])
    ('Hi', 'User: Hi\n\nAssistant: Hello')
    """
    if len(turns) == 1:
        return turns[0][1]
    return "\n\n".join(f"{role.capitalize()}: {text}" for role, text in turns)


def common_prompt(a: Sequence[Turn], b: Sequence[Turn]) -> tuple[list[Turn], list[Turn], list[Turn]]:
    """Splits two conversations into the messages they share at the start and what is left of each, at least one
    message.

    >>> common_prompt([("user", "Hi"), ("assistant", "x")], [("user", "Hi"), ("assistant", "y")])
    ([('user', 'Hi')], [('assistant', 'x')], [('assistant', 'y')])
    """
    most = min(len(a), len(b)) - 1
    same = 0
    while same < most and a[same] == b[same]:
        same += 1
    return list(a[:same]), list(a[same:]), list(b[same:])


def is_dialogue(value: Any) -> bool:
    """Whether a string holds a dialogue with `Human:` and `Assistant:` at the start of its paragraphs."""
    return isinstance(value, str) and _MARKER.match(value.strip(" ")) is not None


def dialogue_turns(text: str) -> list[Turn]:
    r"""The turns of a dialogue in one string; an empty last turn, which only announces the reply, is left out.

    >>> dialogue_turns("\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: Bye\n\nAssistant:")
    [('user', 'Hi'), ('assistant', 'Hello'), ('user', 'Bye')]
    """
    pieces = _MARKER.split(text)
    turns = [(_role(role), words.strip()) for role, words in zip(pieces[1::2], pieces[2::2], strict=True)]
    if pieces[0].strip():
        turns.insert(0, ("system", pieces[0].strip()))
    return turns[:-1] if turns and turns[-1] == ("assistant", "") else turns


def prompt_text(value: str) -> str:
    """A prompt string as the other formats would show it: a dialogue as its turns, anything else unchanged."""
    return readable(dialogue_turns(value)) if is_dialogue(value) else value


def split_dialogues(a: str, b: str) -> tuple[str, str, str] | None:
    r"""Prompt and responses of two dialogues: what they share up to the last `Assistant:` both have; None where there
    is none.

    >>> split_dialogues("\n\nHuman: Hi\n\nAssistant: Hello there", "\n\nHuman: Hi\n\nAssistant: What")
    ('Hi', 'Hello there', 'What')
    """
    shared = _shared(a, b) if a != b else len(a)
    cut = a.rfind(_SPLIT, 0, shared)
    if cut < 0:
        return None
    prompt = dialogue_turns(a[:cut])
    if not prompt:
        return None
    return readable(prompt), _reply(a[cut:]), _reply(b[cut:])


def _reply(text: str) -> str:
    words = text[len(_SPLIT) :]
    return words.strip() if _MARKER.search(words) is None else readable(dialogue_turns(text))


def _shared(a: str, b: str) -> int:
    """Length of the common beginning, by bisection: comparing slices is fast, comparing characters is not."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[:middle] == b[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def split_strings(a: str, b: str) -> tuple[str | None, str, str]:
    """Prompt and responses of two plain strings: their common beginning, cut back to whole words, and the rest of each.

    Nothing else marks the prompt where a file holds only two strings. Two equal strings have no prompt.

    >>> split_strings("Q: Capital? A: Lima", "Q: Capital? A: Limerick")
    ('Q: Capital? A:', 'Lima', 'Limerick')
    """
    if a == b:
        return None, a, b
    shared = _shared(a, b)
    cut = max(a.rfind(" ", 0, shared), a.rfind("\n", 0, shared)) + 1
    prompt = a[:cut].strip()
    return prompt or None, a[cut:], b[cut:]
