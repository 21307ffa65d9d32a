"""What the pages know of an export before it is opened: its formats, its columns, how its first rows and its labels
would be read.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble
from workbench.dataset.scales import NULL, SCALES, LabelScale, scale_of
from workbench.dataset.spellings import read_labels
from workbench.errors import WorkbenchError
from workbench.formats import READERS, load, read_guarded, recognise_format
from workbench.formats.files.document import Document
from workbench.formats.files.opening import open_documents
from workbench.formats.files.paths import is_own_form, set_in
from workbench.formats.records.date_order import settled
from workbench.formats.tables.cells import cells
from workbench.formats.tables.column_guessing import guess_columns
from workbench.formats.tables.column_mapping import NAME as BY_COLUMNS
from workbench.formats.tables.column_mapping import read_mapped
from workbench.formats.tables.mapping_fields import SAYS
from workbench.formats.tables.partial_mapping import read_partly_mapped
from workbench.locations import data_folder
from workbench.progress import UNWATCHED, Watch

LOOKED_AT = 400
"""Rows of a file that are read for its preview."""
_WORKER_IDS = re.compile(r"A[A-Z0-9]{11,14}|[0-9a-f]{24}|[0-9a-f]{32}|[^@\s]+@[^@\s]+\.[A-Za-z]{2,}|\+?\d{7,15}")


@dataclass(frozen=True, kw_only=True)
class Request:
    """What to open and how: the arguments of `workbench.load`, in plain values that can be compared, stored and sent.

    Attributes
    ----------
    paths : files, folders or patterns.
    format : name of a reader; None = recognise it.
    mapping : field -> columns, as pairs; empty = no mapping.
    scale : name of a scale or its labels in order; empty = recognise it.
    spelling : spelling -> label, as pairs.
    gold : a file of known labels, or None.
    keep_identical, hash_annotators : as in `load`.
    dates : what comes first in dates that do not tell, `month` or `day`; '' = ask.
    within : folders that every file must lie in; empty = anywhere.
    """

    paths: tuple[str, ...]
    format: str | None = None
    mapping: tuple[tuple[str, tuple[str, ...]], ...] = ()
    scale: tuple[str, ...] = ()
    spelling: tuple[tuple[str, str], ...] = ()
    gold: str | None = None
    keep_identical: bool = False
    hash_annotators: bool = False
    dates: str = ""
    within: tuple[str, ...] = ()

    def read(self, watch: Watch = UNWATCHED) -> AnnotationSet:
        """Opens it.

        Raises
        ------
        WorkbenchError
            As `workbench.load`.
        """
        return load(
            self.paths,
            self.format,
            {f: list(c) for f, c in self.mapping} or None,
            gold=self.gold,
            scale=self.label_scale(),
            spelling=dict(self.spelling) or None,
            keep_identical=self.keep_identical,
            hash_annotators=self.hash_annotators,
            dates=self.dates or None,
            watch=watch,
            root=[Path(p) for p in self.within] or None,
        )

    def label_scale(self) -> LabelScale | None:
        """The scale asked for, None where it is to be recognised."""
        if len(self.scale) == 1:
            return SCALES[self.scale[0]]
        return scale_of(self.scale) if self.scale else None

    def to_json(self) -> str:
        """As text, for another process."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Request:
        """From what `to_json` wrote.

        >>> request = Request(paths=("a.csv",), mapping=(("item", ("id",)),))
        >>> Request.from_json(request.to_json()) == request
        True
        """
        given = json.loads(text)
        given |= {name: tuple(given[name]) for name in ("paths", "scale", "within")}
        given["mapping"] = tuple((f, tuple(c)) for f, c in given["mapping"])
        given["spelling"] = tuple((s, label) for s, label in given["spelling"])
        return cls(**given)

    def to_python(self, paths: Sequence[str] | None = None) -> str:
        """The call of `workbench.load` that does the same.

        >>> print(Request(paths=("votes.csv",), mapping=(("item", ("id",)), ("label", ("vote",)))).to_python())
        workbench.load('votes.csv', mapping={'item': 'id', 'label': 'vote'})
        """
        shown = list(paths or self.paths)
        parts = [repr(shown[0]) if len(shown) == 1 else repr(shown)]
        parts += [f"format={self.format!r}"] if self.format else []
        parts += (
            [f"mapping={ {f: c[0] if len(c) == 1 else list(c) for f, c in self.mapping}!r}"] if self.mapping else []
        )
        parts += (
            [f"scale=workbench.dataset.scales.scale_of({list(scale.labels)!r})"]
            if (scale := self.label_scale())
            else []
        )
        parts += [f"spelling={dict(self.spelling)!r}"] if self.spelling else []
        parts += [f"gold={self.gold!r}"] if self.gold else []
        parts += [f"{name}=True" for name in ("keep_identical", "hash_annotators") if getattr(self, name)]
        parts += [f"dates={self.dates!r}"] if self.dates else []
        return f"workbench.load({', '.join(parts)})"


@dataclass(frozen=True, eq=False, kw_only=True)
class FileLook:
    """One file, looked at.

    Attributes
    ----------
    name, rows : its name, and how many rows it has (0 for XML).
    formats : the formats it may have, surest first: name, title, how sure.
    columns : its columns; empty for XML.
    guess : field -> columns, as far as names and values show it.
    doubt : what has to be asked before the guess may be used, empty where nothing has.
    ways : what settles it: when a reading is the right one, and the fields that say it.
    samples : column -> its first distinct values as text.
    head : its first rows, to be read again with other choices.
    """

    name: str
    rows: int
    formats: tuple[tuple[str, str, float], ...]
    columns: tuple[str, ...]
    guess: Mapping[str, tuple[str, ...]]
    doubt: str
    samples: Mapping[str, tuple[str, ...]]
    head: Document = field(repr=False)
    ways: tuple[tuple[str, Mapping[str, str]], ...] = ()


def look_at(paths: Sequence[str | Path], within: Sequence[str | Path] = ()) -> list[FileLook]:
    """Opens the files, and says what they seem to be; nothing is said of the workbench's own form, which needs no
    choices.

    Parameters
    ----------
    paths, within : as in `Request`.

    Raises
    ------
    WorkbenchError
        A file cannot be opened.
    """
    if any(is_own_form(Path(set_in(path))) for path in paths):
        return []
    return [_look(document) for document in open_documents(paths, [Path(p) for p in within] or None)]


def _look(document: Document) -> FileLook:
    formats = tuple(recognise_format(document))
    if document.shape == "xml":
        return FileLook(
            name=document.name, rows=0, formats=formats, columns=(), guess={}, doubt="", samples={}, head=document
        )
    guess = guess_columns(document)
    known = any(name in READERS for name, *_ in formats)
    shown = document if known else guess.document
    head = _first_rows(shown)
    columns = tuple(shown.columns)
    return FileLook(
        name=document.name,
        rows=document.rows,
        formats=formats,
        columns=columns,
        guess={f: tuple(c) for f, c in guess.mapping.items()},
        doubt="" if known or guess.confident or guess.holds_texts else guess.doubt or guess.missing,
        samples=_samples(head, columns),
        head=head,
        ways=guess.doubts[0].ways if guess.doubts and not known else (),
    )


def _first_rows(document: Document) -> Document:
    whole = document.content
    content = whole.head(LOOKED_AT) if document.shape == "table" else whole[:LOOKED_AT]
    numbers = document.row_numbers
    return replace(document, content=content, row_numbers=None if numbers is None else numbers[:LOOKED_AT])


def _samples(head: Document, columns: Sequence[str], at_most: int = 4) -> dict[str, tuple[str, ...]]:
    table = cells(head, list(columns))
    shown = {}
    for column in columns:
        values = pd.unique(table[column].dropna().astype(str).head(200))
        shown[column] = tuple(" ".join(v.split())[:60] for v in values[:at_most])
    return shown


def sample_table(look: FileLook) -> pd.DataFrame:
    """The columns of a file, each with its first distinct values."""
    return pd.DataFrame(
        {"column": look.columns, "first values": [" · ".join(look.samples[c]) or "(empty)" for c in look.columns]}
    )


def exported(look: FileLook, request: Request) -> Export:
    """The first rows of a file as these choices read them.

    Raises
    ------
    WorkbenchError
        They cannot be read so.
    """
    if request.mapping:
        return read_partly_mapped(look.head, {f: list(c) for f, c in request.mapping})
    name = request.format or (look.formats[0][0] if look.formats else None)
    if name is not None and name in READERS:
        return read_guarded(READERS[name], look.head)
    if name == BY_COLUMNS or name is None:
        if not SAYS & set(look.guess):
            raise WorkbenchError(
                f"{look.name}: it is not known which column holds the label.", "Say which column holds what."
            )
        return read_mapped(look.head, {f: list(c) for f, c in look.guess.items()})
    raise WorkbenchError(f"{look.name}: there is no format {name!r}.")


def preview_rows(look: FileLook, request: Request, at_most: int = 8) -> pd.DataFrame:
    """The first judgements as they will be read: item, texts (their beginnings), annotator, label, side, time.

    Raises
    ------
    WorkbenchError
        They cannot be read so.
    """
    data = assemble(
        settled([exported(look, request)], request.dates or "month"),
        scale=request.label_scale(),
        spelling=dict(request.spelling),
        keep_identical=True,
        hash_annotators=request.hash_annotators,
    )
    rows = data.rows(range(min(at_most, len(data.annotations))))  # type: ignore[arg-type]
    texts = data.item_texts(data.annotations["item"].to_numpy()[: len(rows)])
    for at, column in enumerate(c for c in texts if texts[c].notna().any()):
        rows.insert(
            1 + at,
            str(column),
            [t[:80] + ("..." if len(t) > 80 else "") if isinstance(t, str) else None for t in texts[column]],
        )
    return rows.dropna(axis="columns", how="all").drop(columns=["repeat"], errors="ignore")


def spelling_table(look: FileLook, request: Request, at_most: int = 60) -> tuple[pd.DataFrame, tuple[str, ...], str]:
    """How each spelling of a label is read: a table of spelling, how often, and label (empty = counts as missing); the
    scale; and a sentence.

    Raises
    ------
    WorkbenchError
        The labels cannot be read so.
    """
    export = exported(look, request)
    values = export.rows["label"].reset_index(drop=True)
    has_sides = export.sides
    if has_sides is None and export.scale:
        has_sides = export.scale.has_sides
    elif has_sides is None:
        has_sides = any(c in export.items and export.items[c].notna().any() for c in ("response_b", "model_b"))
    read = read_labels(
        values,
        sides=has_sides,
        scale=request.label_scale() or export.scale,
        spelling={**export.spelling, **dict(request.spelling)},
    )
    names = [*read.scale.labels, ""]
    table = pd.DataFrame(
        {
            "spelling": values.astype("object").where(values.notna(), "").map(str),
            "label": [names[code] if code != NULL else "" for code in read.codes],
        }
    )
    counted = table.value_counts(sort=True).rename("rows").reset_index()
    return counted[["spelling", "rows", "label"]].head(at_most), read.scale.labels, read.how


def ledger_table(data: AnnotationSet) -> pd.DataFrame:
    """Where every row of the export went: read, used, repeats, skips, set aside by reason."""
    repeats, nothing = int((data.annotations["repeat"] > 0).sum()), int((data.annotations["label"] == NULL).sum())
    rows = [
        ("read from the export", data.ledger.rows_read),
        ("used: first judgements with a label", len(data.codes)),
        ("repeats of an annotator's own judgement (self-consistency only)", repeats),
        ("without a label (skips and unreadable ones)", nothing),
        *((f"set aside: {reason}", n) for reason, n in data.ledger.set_aside.items()),
    ]
    return pd.DataFrame(rows, columns=["what", "rows"])


def name_people(annotators: Iterable[str]) -> bool:
    """Whether annotator ids look like those of a crowd platform, e-mail addresses or telephone numbers, which can lead
    to a person.

    >>> (
    ...     name_people(["A2K5ICP43ML4PW", "A1VRX31UZ8G3QR"]),
    ...     name_people(["ann", "bob"]),
    ...     name_people(["eve@example.org", "x"]),
    ... )
    (True, False, True)
    """
    listed = [str(a).strip() for a in annotators][:1_000]
    return bool(listed) and sum(bool(_WORKER_IDS.fullmatch(a)) for a in listed) * 4 >= len(listed)


def allowed_roots() -> list[Path]:
    """Folders whose files may be opened by path from a page, each once: the data folder, and those in
    `WORKBENCH_DATA_ROOTS`, separated as in PATH.
    """
    named = [Path(p).expanduser() for p in os.environ.get("WORKBENCH_DATA_ROOTS", "").split(os.pathsep) if p.strip()]
    return list(dict.fromkeys(p.resolve() for p in (data_folder(), *named)))
