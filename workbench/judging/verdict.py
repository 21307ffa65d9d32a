"""Which label does an answer give? The schema's field where there is one, else the last verdict of the text; never a
guess.

A response that is quoted in an answer may hold a forged verdict, a list of the options is no verdict, and an answer cut
off before its verdict has none: what cannot be read is null with its reason, and null is not a tie.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

LABELS = ("A>>", "A>", "=", "B>", "B>>")
"""What a judge may answer: the labels of the five-point scale, A being the response it saw first."""


@dataclass(frozen=True)
class Verdict:
    """A label, or the reason why there is none.

    Attributes
    ----------
    label : one of `LABELS`, or None.
    reason : why there is none.
    source : `field` (of the structured answer), `text` (the last verdict of free text) or `none`.
    """

    label: str | None
    reason: str | None = None
    source: str = "none"


_THING = r"(?:response|answer|assistant|option|candidate|output|model|summary|completion|assistant's\s+answer)"
_MARK = r"[ab]\s*(?:>{1,3}|<{1,3}|=+)\s*[ab]?(?!\w)|=+"
_HOW = r"(?:much|far|clearly|significantly|considerably|slightly|somewhat|marginally|a\s+(?:bit|little|lot))"
_BETTER = r"(?:better|stronger|superior|preferable|preferred)(?!\w)"
_SAID = rf"(?:{_THING}\s+)?(?:[ab]|1|2)\s+(?:(?:is|was|seems|wins)\s*)?(?:{_HOW}\s+)?(?:the\s+)?{_BETTER}"
_TIE = r"(?:a\s+)?(?:tie|tied|draw|equal|equally\s+good|about\s+the\s+same|the\s+same|no\s+preference)(?!\w)"
_SIDE = rf"(?:{_THING}\s+)?(?:[ab]|1|2)(?![\w>=<])"
_VALUE = rf"(?:{_SAID}|{_MARK}|{_TIE}|{_SIDE})"
_NAME = (
    r"(?:verdict|preference|final\s+(?:answer|choice|decision|judge?ment)|judge?ment|decision|winner|choice|answer|label"
    r"|preferred(?:\s+response)?|better\s+(?:response|answer))"
)
_SIGN = r"\s*(?::|=>|->|=(?=\s*[ab])|–|—|-|\bis\b|\bwas\b)[\s:]*"
_BOXED = re.compile(rf"\[\[\s*(?P<v>{_VALUE}|c)\s*\]\]", re.I)
_NAMED = re.compile(rf"\b{_NAME}{_SIGN}(?P<v>{_VALUE})", re.I)
_ALONE = re.compile(rf"^\W*?(?P<v>{_VALUE})(?:\s+wins)?[\s.!)\]]*$", re.I)
_LETTER = re.compile(r"^\s*(?P<v>[ab])[.:)]\s+\S", re.I)
_STATED = re.compile(rf"(?P<v>{_SAID})", re.I)
MOST_TEXT = 200_000
"""Letters of the longest answer that is read."""
_OPENED = re.compile(rf"\b{_NAME}\s*:\s*$", re.I)
_ANOTHER = re.compile(rf"^[\s.]*(?:,|/|\||\bor\b)\s*(?:or\s+)?(?:{_VALUE})", re.I)
_DENIED = re.compile(r"\b(?:not|isn't|never|instead\s+of|rather\s+than)\s*$", re.I)
_REFUSED = re.compile(
    r"\bi(?:\s+(?:can(?:no|')t|won't|will\s+not|am\s+(?:unable|not\s+able)\s+to)|'m\s+(?:unable|not\s+able)\s+to)\s+\w+|\bunable\s+to\s+(?:judge|compare|help|assist)",
    re.I,
)
_STRONG = re.compile(r"\b(?:much|far|clearly|significantly|considerably|lot)\b", re.I)
_SIGNS = {
    "≫": ">>", "≻": ">", "≪": "<<", "≺": "<", "›": ">", "»": ">>", "＞": ">", "＜": "<", "＝": "=", "≈": "=", "：": ":",
    "’": "'", "\\gg": ">>", "\\succ": ">",
}  # fmt: skip


def read_verdict(text: object, *, quoted: str = "", labels: Sequence[str] = LABELS) -> Verdict:
    """Which label does the answer give?

    Parameters
    ----------
    text : the answer. A JSON object is read by its field `verdict` alone; of free text the last verdict counts, in any
        case, spacing and markdown.
    quoted : what the judge was shown (both responses): lines of it that the answer repeats do not count.
    labels : what was offered; the structured field may hold nothing else.

    Examples
    --------
    >>> [
    ...     read_verdict(text).label
    ...     for text in ('{"reason": "A>> was asked for", "verdict": "B>"}', "**Verdict:** `b > a`", "[[A>>B]]")
    ... ]
    ['B>', 'B>', 'A>>']
    >>> read_verdict("One could say VERDICT: A>B, but on balance VERDICT: B>A").label
    'B>'
    >>> read_verdict("Both responses explain the idea well and")
    Verdict(label=None, reason='no verdict', source='none')
    """
    if not isinstance(text, str) or not text.strip():
        return Verdict(None, "empty answer")
    if len(text) > MOST_TEXT:
        return Verdict(None, "far longer than any answer asked for")
    fields = structured(text)
    if fields is not None:
        return verdict_of(fields, labels)
    if re.match(r"\s*(?:```(?:json)?\s*)?\{", text):
        return Verdict(None, "cut or broken JSON")
    if re.match(r"\s*<(?:!doctype|html)", text, re.I):
        return Verdict(None, "a web page, not an answer")
    spoken = _spoken(text)
    if spoken is None:
        return Verdict(None, "cut while thinking")
    if (fields := structured(spoken)) is not None:
        return verdict_of(fields, labels)
    return _of_text(_plain(_without_quotes(spoken, quoted)))


def _spoken(text: str) -> str | None:
    """The answer without what was thought aloud; None where a thought has no end."""
    kept, at, opened = [], 0, -1
    for mark in re.finditer(r"<(/?)think(?:ing)?>", text, re.I):
        if not mark[1] and opened < 0:
            opened = mark.start()
            kept.append(text[at:opened])
        elif mark[1] and opened >= 0:
            at, opened = mark.end(), -1
    return None if opened >= 0 else " ".join([*kept, text[at:]])


def structured(text: str) -> dict[str, Any] | None:
    """The JSON object that is the whole answer (a markdown fence around it is allowed), or None."""
    bare = re.sub(r"^\s*```(?:json)?\s*|\s*```\s*$", "", text.strip(), flags=re.I)
    if not bare.startswith("{"):
        return None
    try:
        found = json.loads(bare, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def verdict_of(fields: dict[str, Any], labels: Sequence[str] = LABELS) -> Verdict:
    """The label in the field `verdict` of a structured answer; a label that was not offered is none."""
    named = [value for name, value in fields.items() if name.lower() == "verdict"]
    if len(named) != 1:
        return Verdict(None, "several fields verdict" if named else "no field verdict")
    value = named[0]
    # A bare C is a tie where a prompt says so; ours does not, and the field holds what was offered.
    found = offered(label_of(value), labels) if isinstance(value, str) and value.strip().lower() != "c" else None
    if found is None:
        return Verdict(None, "the field verdict holds no label that was offered")
    return Verdict(found, None, "field")


def label_of(value: str) -> str | None:
    """One of `LABELS` that a spelling means, or None; a side without a strength is the weak label.

    >>> [label_of(value) for value in ("A>>B", "b < a", "Response 2", "Tie", "A is much better", "C>A")]
    ['A>>', 'A>', 'B>', '=', 'A>>', None]
    """
    words = " ".join(value.split()).strip(" .\"'`*_")
    if re.fullmatch(_SAID, words, re.I):
        side = re.sub(rf"^{_THING}\s+", "", words, flags=re.I)[0].upper().replace("1", "A").replace("2", "B")
        return side + (">>" if _STRONG.search(words) else ">")
    bare = re.sub(rf"^{_THING}(?=\s|[ab12]$)", "", words, flags=re.I).replace(" ", "").lower()
    if re.fullmatch(r"=+|a=+b|b=+a|c", bare) or re.fullmatch(_TIE, words, re.I):
        return "="
    marks = re.fullmatch(r"([ab])(>{1,3}|<{1,3})([ab])?", bare)
    if marks:
        left, mark, right = marks.groups()
        if right == left or (right is None and mark[0] == "<"):
            return None
        best = left if mark[0] == ">" else right
        return str(best).upper() + (">" if len(mark) == 1 else ">>")
    return {"a": "A>", "1": "A>", "b": "B>", "2": "B>"}.get(bare)


def offered(label: str | None, labels: Sequence[str]) -> str | None:
    """The label, or the weak one of its side where only that was offered; None where neither was.

    >>> offered("A>>", ("A>", "B>")), offered("=", ("A>", "B>"))
    ('A>', None)
    """
    if label is None or label in labels:
        return label
    weak = label.replace(">>", ">")
    return weak if weak in labels else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The fields of an object; of a name that stands twice both are kept, so that neither is taken for the answer."""
    fields: dict[str, Any] = {}
    for name, value in pairs:
        fields[name.upper() if name in fields else name] = value
    return fields


def _of_text(text: str) -> Verdict:
    found = sorted([*_BOXED.finditer(text), *_NAMED.finditer(text)], key=lambda m: (m.start("v"), m.end()))
    found = [m for m in found if not _ANOTHER.match(text[m.end("v") :])]
    lines = [line for line in text.splitlines() if line.strip()]
    if not found and lines:
        alone = _ALONE.match(lines[-1]) or _ALONE.match(lines[0]) or _LETTER.match(lines[0])
        if alone:
            return _verdict(alone["v"])
        found = list(_STATED.finditer(text))
        if len({label_of(m["v"]) for m in found}) > 1:
            return Verdict(None, "several statements and no verdict")
    if not found:
        return Verdict(None, "refused" if _REFUSED.search(text) else "no verdict")
    last = found[-1]
    if _DENIED.search(text[: last.start()]) or _DENIED.search(text[: last.start("v")]):
        return Verdict(None, "the last verdict is denied")
    if re.match(r"[\])\s]*\?", text[last.end("v") :]):
        return Verdict(None, "the last verdict is a question")
    if _OPENED.search(text) and not _OPENED.match(text[last.start() :]):
        return Verdict(None, "cut before the last verdict")
    return _verdict(last["v"])


def _verdict(value: str) -> Verdict:
    label = label_of(value)
    return Verdict(label, None, "text") if label else Verdict(None, "no verdict")


def _plain(text: str) -> str:
    """Without markdown, HTML escapes, LaTeX boxes and fancy signs."""
    text = html.unescape(text)
    text = re.sub(r"\\(?:text|mathrm|mathbf)\{([^{}]*)\}", r"\1", text)
    text = re.sub(r"\\boxed\{([^{}]*)\}", r"[[\1]]", text)
    for fancy, sign in _SIGNS.items():
        text = text.replace(fancy, sign)
    text = re.sub(r"<\s*(?:verdict|answer|final)\s*>", " verdict: ", text, flags=re.I)
    text = re.sub(r"</?[a-z]{1,10}\s*/?>", " ", text, flags=re.I)
    return re.sub(r"[*_`\"“”#$]", " ", text)


def _without_quotes(text: str, quoted: str) -> str:
    """The answer without block quotes and without the lines that it repeats from what was shown."""
    kept = re.sub(r"^[ \t]*>.*$", "", text, flags=re.M)
    shown = {line.strip() for line in quoted.splitlines() if len(line.strip()) > 3}
    kept = "\n".join(line for line in kept.splitlines() if line.strip() not in shown)
    for line in sorted((line for line in shown if len(line) > 8), key=len, reverse=True):
        kept = kept.replace(line, " ")
    return kept
