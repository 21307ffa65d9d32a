"""Tables of survey tools (several header rows, a row a respondent, a column an option) brought to a row a judgement."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from workbench.dataset.foreign_words import in_english
from workbench.findings import finding
from workbench.formats.files.document import Document
from workbench.formats.files.parquet import ParquetTable
from workbench.formats.tables.column_looks import Look, same_words
from workbench.formats.tables.column_names import DERIVED, plain_name
from workbench.formats.tables.doubt import A_ROW_AN_ANSWER, Doubt
from workbench.messages import by, message

QUESTION, PERSON, ANSWER = "question", "respondent", "answer"
"""Columns of a table made from one with a row a respondent."""
_SECOND_HEADER = {"response", "open-ended response", "other (please specify)", "open-ended comment"}
_PREVIEW = {"survey preview", "survey test", "spam"}
_COUNTED = re.compile(
    r"(?:^|[^a-z])(?:q|qid|question|pair|item|task|trial|text|image|poem|summary|example|case|vignette|stimulus|statement|"
    r"comparison|video|audio|sample|document|doc|paire|g\d*q)[\W_]*\d+|^\d+_q\d*|\[\d+\]|\?|^which |^how ",
    re.I,
)
_RATER = re.compile(
    r"(?:^|[^a-z])(?:r|rater|annotator|worker|judge|coder|labell?er|evaluator|grader|reviewer|expert|human|person|"
    r"participant|user|gpt|llm|model|vote|rating|label|choice)[\W_]*(?:\d+|[a-h])(?:[\W_]|$)|^(?:human|gpt|llm|judge)|"
    r"(?:rater|annotator|worker|judge|coder|labell?er|evaluator|grader|reviewer|expert)[\W_]+\w{1,12}$",
    re.I,
)
_NUMBERED = re.compile(
    r"(?:rater|annotator|worker|judge|coder|labell?er|evaluator|grader|reviewer|expert|human)[\W_]*(?:\d+|[a-h])(?:[\W_]|$)",
    re.I,
)
_PEOPLE = (
    r"prolific|worker_?id|participant_?(?:private_)?id",
    r"annotator|rater|judge|coder|evaluator|listener|subject|participant|worker",
    r"(?:^|your |is )name|username|user",
    r"e ?mail",
    r"respondent|response ?_?id|record_?id|network id|^#$|^id$|submission",
)
_ABOUT = re.compile(
    r"status|finished|progress|complete|language|country|gender|\bsex\b|\bage\b|\bip\b|channel|consent|browser|device|"
    r"version|session|platform|collector|education|lastpage|page|score|network|^_",
    re.I,
)
_ITEM = re.compile(
    r"(?:^|_)(?:item|pair|doc|document|prompt|text|content|example|instance|sentence|unit|hit)(?:_?id)?$", re.I
)
_FEW_WORDS, _ALIKE = 4, 0.8
"""Questions of fewer words are names; those that share this part of the mean of their words are of one kind."""
_TICKED, _EMPTY = {"1", "true", "on", "yes", "x", "checked", "selected"}, {"0", "false", "off", "no", ""}


@dataclass(frozen=True)
class Crowd:
    """Columns of one table by whose answers they are.

    Attributes
    ----------
    columns : the label columns. person : the column that names the respondent of a row, if any.
    rows_are_people : a row is a respondent and a column an item; otherwise a row is an item and a column an annotator.
    """

    columns: tuple[str, ...]
    person: str | None
    rows_are_people: bool


def without_second_header(document: Document) -> Document:
    """The table without the further header rows of Qualtrics and SurveyMonkey, and without previews of the survey."""
    table = document.content
    if document.shape != "table" or isinstance(table, ParquetTable) or len(table) < 2:
        return document
    drop = _headers(table.head(3))
    kept = np.ones(len(table), bool)
    kept[:drop] = False
    notes = []
    if drop:
        said = "two more header rows" if drop == 2 else "a second header row"
        notes.append(finding("info", "second-header", f"{document.name}: {said} of the survey tool are left out."))
    status = next((c for c in table if str(c).strip().casefold() in ("status", "response type")), None)
    if status is not None:
        preview = table[status].astype(str).str.strip().str.casefold().isin(_PREVIEW).to_numpy(bool) & kept
        if preview.any():
            kept &= ~preview
            notes.append(
                finding(
                    "warning",
                    "survey-previews",
                    f"{document.name}: {int(preview.sum()):,} rows are previews or spam by their status; they are left"
                    " out.",
                    "Remove the column of the status to keep them.",
                    count=int(preview.sum()),
                )
            )
    if kept.all():
        return document
    numbers = (np.arange(len(table)) + document.first_row)[kept]
    return replace(
        document,
        content=table[kept].reset_index(drop=True),
        row_numbers=numbers,
        findings=(*document.findings, *notes),
    )


def _headers(top: pd.DataFrame) -> int:
    """How many of the first rows are headers."""
    for n in (1, 0):
        if len(top) > n:
            cells = [str(v) for v in top.iloc[n].dropna()]
            if cells and np.mean([c.lstrip().startswith('{"ImportId"') for c in cells]) > 0.5:
                return n + 1
    cells = [str(v).strip().casefold() for v in top.iloc[0].dropna()]
    return int(bool(cells) and all(c in _SECOND_HEADER for c in cells))


def with_options_joined(document: Document) -> Document:
    """The table with columns of one ticked option each (`preference:::A`, `preference:::B`) joined to one column."""
    table = document.content
    if document.shape != "table" or isinstance(table, ParquetTable):
        return document
    groups: dict[str, list[str]] = {}
    for column in map(str, table.columns):
        for mark in (":::", "::", "/", " - ", "."):
            stem, found, option = column.rpartition(mark)
            if found and stem and option:
                groups.setdefault(stem, []).append(column)
                break
    notes = []
    for stem, columns in groups.items():
        ticks = table[columns].astype(object).where(table[columns].notna(), "").astype(str)
        ticks = ticks.apply(lambda c: c.str.strip().str.casefold())
        if len(columns) < 2 or stem in table or not ticks.isin(_TICKED | _EMPTY).all(axis=None):
            continue
        on = ticks.isin(_TICKED).to_numpy(bool)
        if (on.sum(axis=1) > 1).any() or not on.any(axis=0).sum() >= 2 or on.any(axis=1).mean() < 0.5:
            continue
        names = np.array([c[len(stem) :].lstrip(":/. -") for c in columns], object)
        chosen = pd.array([names[row.argmax()] if row.any() else None for row in on], dtype="str")
        table = table.drop(columns=columns).assign(**{stem: chosen})
        notes.append(
            finding(
                "info",
                "options-joined",
                f"{document.name}: the columns {', '.join(columns[:6])} tick one option each and are read as the"
                f" answers to {stem!r}.",
            )
        )
    return replace(document, content=table, findings=(*document.findings, *notes)) if notes else document


def find_crowd(looks: Mapping[str, Look]) -> Crowd | None:
    """The columns that hold everybody's labels, where a row holds more than one; None where it does not, or where
    nothing tells whether the columns are people or items.
    """
    english = {c: in_english(c) for c in looks}
    could = [
        c
        for c, look in looks.items()
        if look.could_be_label
        and look.words
        and (_COUNTED.search(english[c]) or not _ABOUT.search(english[c]))
        and not _ITEM.search(english[c])
        and look.moments < 0.8
        and "gold" not in english[c].casefold()
        and not DERIVED.search(plain_name(c))
    ]
    called = [c for c in could if _NUMBERED.search(english[c])]
    columns = _alike(could, looks)
    if len(called) > max(1, len(columns)) and same_words([looks[c] for c in called]):
        columns = called
    if len(columns) < 2:
        return None
    # A question to which all gave one of the answers is one of them too.
    numbered = {re.sub(r"\d+", "#", c) for c in columns if re.search(r"\d", c)}
    union = set().union(*(looks[c].words for c in columns))
    columns = [
        c
        for c in looks
        if c in columns or (re.sub(r"\d+", "#", c) in numbered and c in could and looks[c].words <= union)
    ]
    raters = [c for c in columns if _RATER.search(english[c])]
    counted = [c for c in columns if _COUNTED.search(english[c])]
    others = [c for c in looks if c not in columns]
    texts = any(looks[c].texts_like and looks[c].share_distinct > 0.5 and not looks[c].moments > 0.5 for c in others)
    named_item = next((c for c in others if _ITEM.search(english[c]) and looks[c].share_distinct == 1.0), None)
    person = None if named_item or texts else _person(others, looks, english)
    rows_differ = len({re.sub(r"\d+", "#", c) for c in columns}) <= max(1, len(columns) // 3)
    if len(raters) == len(columns) and (len(raters) > len(counted) or not person):
        return Crowd(tuple(columns), None, False)
    if named_item is not None or texts:
        if len(columns) > 2 and _could_be_people(columns):
            return Crowd(tuple(columns), None, False)
        return None
    if len(columns) >= 3 and (len(counted) == len(columns) or (person and rows_differ)):
        return Crowd(tuple(columns), person, True)
    return None


def _alike(could: Sequence[str], looks: Mapping[str, Look]) -> list[str]:
    """The largest group of columns with one vocabulary."""
    best: list[str] = []
    for first in could:
        group = [first]
        for other in could:
            shares = other != first and looks[first].words & looks[other].words
            if shares and same_words([*(looks[c] for c in group), looks[other]]):
                group.append(other)
        best = group if len(group) > len(best) else best
    return [c for c in looks if c in best]


def _could_be_people(columns: Sequence[str]) -> bool:
    """Whether the columns are called like people: a capital letter each, or letters and digits."""
    return all(re.fullmatch(r"[A-ZÀ-Þ][a-zß-ÿ]+(?: [A-Z][\w.]*)?|[A-Za-z]{1,3}\d{1,5}", c) for c in columns)


def _person(columns: Sequence[str], looks: Mapping[str, Look], english: Mapping[str, str]) -> str | None:
    """The column that names respondents: a different one in each row."""
    for pattern in _PEOPLE:
        for column in columns:
            look = looks[column]
            if look.rows and look.share_distinct == 1.0 and re.search(pattern, english[column], re.I):
                return column
    return None


def mixed_questions(columns: Sequence[str], rest: Sequence[str] = ()) -> Doubt | None:
    """Whether the columns that would be items are questions of several kinds rather than one asked about each item, or
    others called alike would be left out.

    >>> mixed_questions(["Which poem 1 is better?", "Which poem 2 is better?"]) is None
    True
    """
    codes = {re.sub(r"\d+", "#", c.split()[0]) for c in columns}
    left = [c for c in rest if re.sub(r"\d+", "#", (c.split() or [""])[0]) in codes and "#" in "".join(codes)]
    if left:
        return Doubt(
            f"a row seems to be a respondent and a column a question; {len(columns)} columns answer in the same words,"
            f" and {len(left)} others called alike do not (such as {left[0].strip()[:60]!r})",
            remedy=A_ROW_AN_ANSWER,
        )
    words = [set(re.findall(r"[^\W\d_]+", in_english(c).casefold())) for c in columns]
    longest = max(words, key=len)
    if len(longest) < _FEW_WORDS:
        return None
    kinds: list[set[str]] = []
    for each in words:
        if not any(2 * len(each & kind) >= _ALIKE * len(each | kind) for kind in kinds):
            kinds.append(each)
    if len(kinds) <= 1:
        return None
    odd = next(c for c, each in zip(columns, words, strict=True) if each is kinds[-1])
    return Doubt(
        f"a row seems to be a respondent and a column a question, and the {len(columns)} questions are of"
        f" {len(kinds)} kinds (such as {columns[0].strip()[:60]!r} and {odd.strip()[:60]!r}): answers to different"
        " questions are not judgements of different items",
        remedy=A_ROW_AN_ANSWER,
    )


def melted(document: Document, crowd: Crowd) -> Document:
    """One row an answer, of a table with a row a respondent: columns `question`, `respondent`, `answer`."""
    table = document.table
    n, columns = len(table), list(crowd.columns)
    own = document.row_numbers if document.row_numbers is not None else np.arange(n) + document.first_row
    who = table[crowd.person].astype(object) if crowd.person else pd.Series([f"row {r}" for r in own], dtype=object)
    rows = pd.DataFrame(
        {
            QUESTION: np.tile(np.array(columns, object), n),
            PERSON: np.repeat(who.to_numpy(object), len(columns)),
            ANSWER: table[columns].astype(object).to_numpy().ravel(),
        }
    )
    named = f"{crowd.person!r} names them" if crowd.person else "no column names them, so they are called by their rows"
    note = finding(
        "info",
        "rows-are-respondents",
        f"{document.name}: a row is a respondent ({named}) and each of {len(columns)} columns an item, from"
        f" {columns[0]!r} to {columns[-1]!r}. Times of the whole form are not used.",
        message("If rows are items and columns annotators, say so ", by("mapping", {"label": "COLUMN,COLUMN"}), "."),
    )
    return replace(
        document,
        content=rows.where(rows.notna(), None),
        row_numbers=np.repeat(own, len(columns)),
        findings=(*document.findings, note),
    )
