"""Opens the exports of annotation tools: recognises the format, reads it, and assembles one `AnnotationSet`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble
from workbench.dataset.scales import LabelScale
from workbench.errors import WorkbenchError, first_five, shortened
from workbench.findings import finding
from workbench.formats.files.document import Document, Reader
from workbench.formats.files.opening import open_document, open_documents
from workbench.formats.files.paths import Root, is_own_form, refuse_outside, set_in
from workbench.formats.files.spreadsheet import restored
from workbench.formats.readers import (
    alpaca_eval,
    anthropic_hh,
    appen,
    argilla,
    candidate_columns,
    candidate_lists,
    candidate_rows,
    chatbot_arena,
    chosen_lists,
    collection,
    helpsteer,
    label_studio,
    label_studio_min,
    labelbox,
    mt_bench,
    mturk,
    multipref,
    nectar,
    oasst,
    openai_summaries,
    potato,
    prodigy,
    sagemaker,
    scale_ai,
    toloka,
    trl,
    ultrafeedback,
)
from workbench.formats.records.date_order import settled
from workbench.formats.records.record_collector import NothingRead
from workbench.formats.records.remedies import ANOTHER_FORMAT
from workbench.formats.tables import column_mapping
from workbench.formats.tables.asking import asked
from workbench.formats.tables.cells import has_column
from workbench.formats.tables.column_guessing import MOST_LOOKED_AT, guess_columns
from workbench.formats.tables.column_mapping import read_mapped
from workbench.formats.tables.mapping_fields import Mapping_
from workbench.formats.tables.partial_mapping import changes_only_rows, overlaid, read_partly_mapped
from workbench.formats.tables.side_files import SideTexts, holds_texts, read_gold, with_gold
from workbench.formats.writers.native import read_own
from workbench.formats.writers.writing import WRITERS as WRITERS
from workbench.formats.writers.writing import write as write
from workbench.messages import by, message, quoted
from workbench.plugins import READERS as GROUP
from workbench.plugins import Parts
from workbench.progress import UNWATCHED, Watch

_OWN: tuple[Reader, ...] = (
    collection,
    label_studio,
    label_studio_min,
    argilla,
    prodigy,
    potato,
    toloka,
    mturk,
    appen,
    labelbox,
    scale_ai,
    sagemaker,
    multipref,
    helpsteer,
    ultrafeedback,
    nectar,
    openai_summaries,
    mt_bench,
    chatbot_arena,
    alpaca_eval,
    anthropic_hh,
    oasst,
    trl,
    chosen_lists,
    candidate_rows,
    candidate_lists,
    candidate_columns,
)

READERS: Mapping[str, Reader] = Parts(
    {reader.NAME: reader for reader in _OWN}, GROUP, lambda _name, _where, module: module
)
"""All readers by name, those of other packages last; where two are equally sure, the earlier one reads."""

_WHOLE = 1_000
"""Steps of opening an export, of which reading the files takes 600."""


def load(
    path: str | Path | Sequence[str | Path],
    format: str | None = None,
    mapping: Mapping_ | None = None,
    *,
    gold: str | Path | None = None,
    scale: LabelScale | None = None,
    spelling: Mapping[str, str] | None = None,
    keep_identical: bool = False,
    hash_annotators: bool = False,
    dates: str | None = None,
    watch: Watch = UNWATCHED,
    root: Root = None,
) -> AnnotationSet:
    r"""Opens one export or several as one annotation set.

    Parameters
    ----------
    path : a file, a folder, a pattern such as `exports/*.xml`, or several of them; gzip and zip are unpacked. Several
        files merge on item ids where these agree, else on the content of the pair. A file of texts without labels
        completes the others by item id.
    format : name of the reader; by default the one that recognises the file.
    mapping : field -> column or columns (`workbench.formats.tables.mapping_fields`), for any table; no format is looked
        for then.
    gold : a file of known right labels: columns item and label, or the same mapping.
    scale, spelling : the user's own reading of the labels.
    keep_identical : keep items whose two responses are the same text.
    hash_annotators : replace annotator ids by hashes.
    dates : what comes first in dates such as `3/4/2024`, `month` or `day`; asked for where nothing in the file tells.
    watch : is told how far it is, in thousandths; may stop it between two files.
    root : folder or folders that every file must lie in.

    Raises
    ------
    WorkbenchError
        A file cannot be read, its format is not known, there are no annotations in it, or what numbers or dates mean
        has to be asked; nothing partial is returned.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "votes.csv"
    >>> _ = file.write_text("pair,who,vote\n1,ann,left\n1,bob,right\n2,ann,tie\n")
    >>> data = load(file, mapping={"item": "pair", "annotator": "who", "label": "vote"})
    >>> len(data.items), len(data.annotations), data.scale.labels
    (2, 3, ('A', '=', 'B'))
    """
    paths = [set_in(each) for each in ([path] if isinstance(path, (str, Path)) else path)]
    own = [p for p in paths if is_own_form(Path(p))]
    if own:
        foreign = [
            n
            for n, given in (("format", format), ("mapping", mapping), ("scale", scale), ("spelling", spelling))
            if given
        ]
        return _own(own, paths, root, foreign, mapping, gold, hash_annotators)
    watch.step(0, _WHOLE, "Opening the files")
    with guarded(first_five(Path(p).name for p in paths)):
        documents = open_documents(paths, root)
        exports, sides = read_all(documents, format, mapping, watch)
    exports = settled(exports, dates)
    if not exports:
        raise WorkbenchError(
            f"{first_five(d.name for d in documents)}: there are texts but no labels.",
            "Open the file of annotations together with the file of texts.",
        )
    for side in sides:
        exports = side.joined(exports)
    if gold is not None:
        exports = [*exports, read_gold(open_document(gold, root), mapping)]
    watch.step(600, _WHOLE, "Joining items and judgements")
    with guarded(first_five(Path(p).name for p in paths)):
        data = assemble(
            exports, scale=scale, spelling=spelling, keep_identical=keep_identical, hash_annotators=hash_annotators
        )
        for side in sides:
            data = side.attached(data)
    watch.step(_WHOLE, _WHOLE, "Done")
    return data


@contextmanager
def guarded(names: str) -> Iterator[None]:
    """What nobody foresaw about a file ends in an error that names it, not in a traceback."""
    try:
        yield
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, RecursionError) as error:
        reason = shortened(f"{type(error).__name__}: {error}", 160)
        raise WorkbenchError(
            f"{names}: something in it cannot be read ({reason}).",
            message(
                "Map other columns ",
                by("mapping", {"label": "COLUMN"}),
                ", or write the odd values as plain text, numbers or ISO 8601.",
            ),
        ) from error


def recognise_format(path: str | Path | Document, root: Root = None) -> list[tuple[str, str, float]]:
    """The formats that a file may have, surest first: name, title, and how sure (1 = no other format looks like
    this).
    """
    document = path if isinstance(path, Document) else open_documents([path], root)[0]
    scored = [(reader.NAME, reader.TITLE, _sureness(reader, document)) for reader in READERS.values()]
    if document.shape != "xml" and guess_columns(document).confident:
        scored.append((column_mapping.NAME, column_mapping.TITLE, 0.1))
    return sorted((s for s in scored if s[2] > 0), key=lambda s: -s[2])


def format_names() -> dict[str, str]:
    """Name and title of every format that can be read."""
    return {**{reader.NAME: reader.TITLE for reader in READERS.values()}, column_mapping.NAME: column_mapping.TITLE}


def read_all(
    documents: Sequence[Document],
    format: str | None = None,
    mapping: Mapping_ | None = None,
    watch: Watch = UNWATCHED,
) -> tuple[list[Export], list[SideTexts]]:
    """What each file holds: judgements, or texts of the items of others. The step of `load` before anything is
    joined.
    """
    exports: list[Export] = []
    sides: list[SideTexts] = []
    for i, document in enumerate(documents):
        watch.step(600 * i // len(documents), _WHOLE, f"Reading {document.name}")
        if mapping and holds_texts(document, mapping):
            sides.append(SideTexts.open(document, mapping))
        elif mapping:
            exports.append(_read_mapped(document, _here(mapping, document, documents), format))
        elif (reader := _reader(document, format)) is not None:
            exports.append(_read_recognised(reader, document, format))
        elif len(documents) > 1 and document.shape != "xml" and guess_columns(document).holds_texts:
            sides.append(SideTexts.open(document, None))
        else:
            exports.append(_read_guessed(document))
    return exports, sides


def _read_recognised(reader: Reader, document: Document, format: str | None) -> Export:
    """Reads a file by the format its columns remind of; where it holds nothing of that format after all, by what its
    columns seem to hold.
    """
    try:
        return read_guarded(reader, document)
    except NothingRead:
        if format is None and document.shape != "xml" and guess_columns(document).confident:
            return _read_guessed(document)
        raise


def _read_mapped(document: Document, mapping: Mapping_, format: str | None) -> Export:
    """Reads a file of which some fields are named; the others stay as they are recognised."""
    if document.shape != "xml" and changes_only_rows(mapping) and (reader := _reader(document, format)) is not None:
        return overlaid(read_guarded(reader, document), document, mapping)
    if document.shape == "xml":
        return read_mapped(document, mapping)
    return read_partly_mapped(document, mapping)


def _here(mapping: Mapping_, document: Document, documents: Sequence[Document]) -> Mapping_:
    """The part of a mapping that speaks of this file: a field may be missing here where another file has it, but for
    the label.
    """
    if len(documents) == 1 or document.shape == "xml":
        return mapping

    def there(each: Document, columns: str | Sequence[str]) -> bool:
        return each.shape != "xml" and all(
            has_column(each, c) for c in ([columns] if isinstance(columns, str) else columns)
        )

    return {
        f: c
        for f, c in mapping.items()
        if f in ("label", "item") or there(document, c) or not any(there(other, c) for other in documents)
    }


def _reader(document: Document, format: str | None) -> Reader | None:
    if format is None:
        scored = [(_sureness(reader, document), -i, reader) for i, reader in enumerate(READERS.values())]
        score, _, reader = max(scored, key=lambda s: s[:2])
        return reader if score > 0 else None
    if format == column_mapping.NAME:
        return None
    if format not in READERS:
        raise WorkbenchError(
            message(quoted("format", value=format), ": there is no such format."),
            f"Formats are {', '.join(format_names())}.",
        )
    return READERS[format]


def recognise_reader(document: Document, format: str | None = None) -> str | None:
    """Name of the reader that `load` would take; None where the columns are looked at instead."""
    reader = _reader(document, format)
    return None if reader is None else reader.NAME


def _sureness(reader: Reader, document: Document) -> float:
    """How sure a reader is; one that trips over a strange file does not recognise it."""
    try:
        return float(reader.recognise(document))
    except WorkbenchError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, RecursionError):
        return 0.0


def read_guarded(reader: Reader, document: Document) -> Export:
    """Reads a file; one that breaks its format's rules in a way nobody foresaw ends in an error that names it, not in a
    traceback.
    """
    try:
        return _with_notes(reader.read(document), document)
    except KeyError as error:
        if error.args and isinstance(error.args[0], str) and error.args[0] not in document.keys:
            raise WorkbenchError(
                f"{document.name}: files of {reader.TITLE} have {error.args[0]!r}, this one has not.",
                ANOTHER_FORMAT,
            ) from error
        raise _unforeseen(reader, document, error) from error
    except (ValueError, TypeError, IndexError, AttributeError, ArithmeticError, RecursionError) as error:
        raise _unforeseen(reader, document, error) from error


def _unforeseen(reader: Reader, document: Document, error: Exception) -> WorkbenchError:
    reason = " ".join(f"{type(error).__name__}: {error}".split())[:160]
    return WorkbenchError(
        f"{document.name}: this looks like {reader.TITLE}, but something in it is not as that format has it"
        f" ({reason}).",
        message("Export it again, or name the columns ", by("mapping", {"FIELD": "COLUMN"}), "."),
    )


def _with_notes(export: Export, document: Document) -> Export:
    """What opening the file had to assume belongs to the findings."""
    missing = [f for f in document.findings if f not in export.findings]
    return replace(export, findings=(*missing, *export.findings)) if missing else export


def _read_guessed(document: Document) -> Export:
    if document.shape == "xml":
        raise WorkbenchError(
            f"{document.name}: this kind of XML is not known.", f"Known formats are {', '.join(format_names())}."
        )
    guess = guess_columns(document)
    if not guess.confident:
        raise asked(guess, document, guess.doubts)
    if (
        document.extension == "csv" and {"item_id", "annotator", "label", "scale"} <= document.keys
    ):  # written by the workbench, cells defused
        document = replace(document, content=restored(document.table))
        guess = replace(guess, document=document)
    export = replace(read_mapped(guess.document, guess.mapping), guessed=True)
    if len(document.columns) > MOST_LOOKED_AT:
        note = finding(
            "info",
            "columns-not-looked-at",
            f"{document.name}: of its {len(document.columns):,} columns only the first {MOST_LOOKED_AT:,} were looked"
            " at.",
            message("Name others ", by("mapping", {"FIELD": "COLUMN"}), "."),
        )
        export = replace(export, findings=(*export.findings, note))
    if all(score == 1.0 for score in guess.scores.values()):
        return export
    note = finding(
        "info",
        "columns-guessed",
        f"{document.name}: the columns were guessed: {guess.sentence()}.",
        message("Check them; name others ", by("mapping", {"FIELD": "COLUMN"}), "."),
    )
    return replace(export, findings=(*export.findings, note))


def _own(
    own: Sequence[str | Path],
    paths: Sequence[str | Path],
    root: Root,
    foreign: Sequence[str],
    mapping: Mapping_ | None,
    gold: str | Path | None,
    hash_annotators: bool,
) -> AnnotationSet:
    """Opens a set in the workbench's own form: alone, and as it was written, but for a gold file."""
    if len(paths) > 1:
        raise WorkbenchError(
            f"{own[0]} is a whole annotation set and is opened alone.",
            "Open it without the other files, or merge the exports it was made from.",
        )
    if foreign:
        raise WorkbenchError(
            f"{own[0]} is in the workbench's own form; {', '.join(foreign)} cannot change how it is read.",
            "Leave it out, or open the export it was made from.",
        )
    refuse_outside(Path(own[0]), root)
    data = read_own(Path(own[0]), hash_annotators=hash_annotators)
    return data if gold is None else with_gold(data, read_gold(open_document(gold, root), mapping))
