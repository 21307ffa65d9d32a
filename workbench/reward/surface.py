"""What a text looks like, whatever it says: how long, how varied, how punctuated, how laid out.

A reward model that knows these directly need not guess them from an embedding, and one that knows nothing else is the
baseline to beat: readers prefer longer and better laid-out answers more often than not (Singhal et al. 2023; Chiang et
al. 2024, on style control).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from workbench.progress import UNWATCHED, Watch

NAMES = (
    "log characters",
    "log words",
    "root of words",
    "log sentences",
    "log distinct words",
    "log lines",
    "letters a word",
    "spread of letters a word",
    "log words a sentence",
    "distinct words a word",
    "long words",
    "single letters",
    "commas a word",
    "full stops a word",
    "exclamation marks a word",
    "question marks a word",
    "quotation marks a word",
    "ellipses a word",
    "capital letters",
    "words in capitals",
    "digits",
    "other signs",
    "begins with a capital",
    "ends a sentence",
    "links",
    "list items",
    "headings",
    "bold",
    "code",
)
"""The columns of `surface`, in order."""

_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’](?=[^\W\d_]))*")
_SENTENCE_END = re.compile(r"[.!?。！？…]+(?=\s|$)|\n+")
_LIST = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s", re.MULTILINE)
_OTHER = re.compile(r"[^\w\s.,!?'\"]|_")
_HEADING = re.compile(r"^#{1,6}\s", re.MULTILINE)


def surface(texts: Sequence[str], watch: Watch = UNWATCHED) -> np.ndarray:
    """Surface features of each text, float32 (n, len(NAMES)); shares and counts, on scales of about one.

    >>> found = surface(["Why? Because it works."])[0]
    >>> (
    ...     round(float(np.expm1(found[NAMES.index("log words")]))),
    ...     round(float(np.expm1(found[NAMES.index("log sentences")]))),
    ... )
    (4, 2)
    """
    found = np.zeros((len(texts), len(NAMES)), np.float32)
    for i, text in enumerate(texts):
        if i % 2_000 == 0:
            watch.step(i, len(texts), "Reading what texts look like")
        found[i] = _of(text)
    return found


def _of(text: str) -> tuple[float, ...]:
    words = _WORD.findall(text)
    letters = list(map(len, words))
    n, c = max(len(words), 1), max(len(text), 1)
    sentences = max(sum(1 for part in _SENTENCE_END.split(text) if part.strip()), 1)
    distinct = len({w.lower() for w in words})
    end = text.rstrip()[-1:]
    mean = sum(letters) / n
    return (
        np.log1p(len(text)),
        np.log1p(len(words)),
        np.sqrt(len(words)) / 4,
        np.log1p(sentences),
        np.log1p(distinct),
        np.log1p(text.strip().count("\n")),
        mean,
        max(sum(k * k for k in letters) / n - mean * mean, 0.0) ** 0.5,
        np.log1p(n / sentences),
        distinct / n,
        sum(k >= 7 for k in letters) / n,
        sum(k == 1 for k in letters) / n,
        text.count(",") / n,
        text.count(".") / n,
        text.count("!") / n,
        text.count("?") / n,
        sum(text.count(q) for q in '"“”«»') / n,
        (text.count("...") + text.count("…")) / n,
        sum(map(str.isupper, text)) / c,
        sum(k > 1 and w.isupper() for k, w in zip(letters, words, strict=True)) / n,
        sum(map(str.isdigit, text)) / c,
        len(_OTHER.findall(text)) / c,
        float(text.lstrip()[:1].isupper()),
        float(end in ".!?。！？" and end != ""),
        np.log1p(text.count("http")),
        np.log1p(len(_LIST.findall(text))),
        np.log1p(len(_HEADING.findall(text))),
        np.log1p(text.count("**") // 2),
        np.log1p(text.count("```")),
    )


def log_length(texts: Sequence[str]) -> np.ndarray:
    """ln(1 + characters) of each text, float64 (n,): all that the length-only rule knows."""
    return np.log1p(np.array([len(text) for text in texts], float))
