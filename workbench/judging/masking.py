"""Personal data masked before a text is sent to a judge: what has a fixed form (addresses, numbers), not names."""

from __future__ import annotations

import re

_FORMS = (
    ("EMAIL", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("URL", re.compile(r"https?://[^\s<>\"')\]]+")),
    ("IBAN", re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")),
    ("IP", re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b")),
    ("CARD", re.compile(r"\b\d(?:[ -]?\d){12,18}\b")),
    ("SSN", re.compile(r"\b\d{3}-\d{2}-\d{4}\b")),
    ("PHONE", re.compile(r"(?<![\w.])\+?\(?\d{1,4}\)?(?:[ ./-]\(?\d{2,4}\)?){2,5}(?!\w)")),
)


def masked(text: str) -> str:
    """The text with each such thing replaced by its kind.

    >>> masked("Write to ann.b@mail.example.org or +44 20 7946 0958, from 10.0.0.1.")
    'Write to [EMAIL] or [PHONE], from [IP].'
    """
    for kind, form in _FORMS:
        text = form.sub(f"[{kind}]", text)
    return text
