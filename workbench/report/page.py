"""The report as one HTML file: no script, no request, every text of the data escaped, and a policy that would stop
both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from workbench.glossary import GLOSSARY, Measure
from workbench.report.contents import About, Column, Figure, Section, Table
from workbench.report.style import STYLE
from workbench.report.written import Span, plain, write, write_span

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""What a browser may do with the page: nothing but apply its own style sheet."""
FEW, SHORT = 9, 20
"""Rows of a table that is not cut on paper, and characters of an id that is never broken."""
_UNIT = re.compile(r"(?<=[\d.]) (?=(?:%|points)(?!\w))")
LEGEND = (
    "Same crew: what to expect on new items judged by these annotators. New crew: on new items judged by new annotators"
    " of the same sort; the one to plan with. Intervals cover in 95 of 100 cases. Counts say what the file holds and"
    " have no interval; where another figure has none, the reason stands below its name. Used says how many were used,"
    " and of how many."
)


def page(about: About, sections: Sequence[Section], front: Section | None = None) -> str:
    """The whole page; what stands in front is read first, the sections are its appendix."""
    links = " ".join(f'<a href="#{s.name}">{escape(s.title)}</a>' for s in sections)
    sources = ", ".join(text(s) for s in about.sources[:12]) + (
        f" and {len(about.sources) - 12:,} more" if len(about.sources) > 12 else ""
    )
    hidden = [
        "Annotator ids are shown as they are." if about.annotators_shown else "Annotator ids are replaced by hashes."
    ]
    hidden.append(
        "Texts of the most contested items are shown." if about.texts_shown else "No text of the annotations is in it."
    )
    measures = _measures(sections)
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        (
            '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer"'
            ' content="no-referrer">'
        ),
        f"<title>{text(about.title)}</title><style>{STYLE}</style></head><body><main>",
        f"<header><h1>{text(about.title)}</h1>",
        f'<p class="facts">{escape(about.counts)}, from {sources} (read as {text(about.format)}; content key'
        f" <code>{escape(about.key[:12])}</code>).<br>"
        f"Made {about.made:%d %B %Y, %H:%M} {escape(about.made.tzname() or '')} with Preference Workbench"
        f" {escape(about.version)}. {' '.join(hidden)}</p></header>",
        f'<p class="note">{LEGEND}</p>',
        "" if front is None else _section(front, about.load, set(measures)),
        f'<div class="appendix"><h2>{"Every figure" if front is None else "Appendix: every figure"}</h2>',
        f'<nav aria-label="Sections">{links} <a href="#measures">What the figures mean</a></nav></div>',
        *(_section(section, about.load, set(measures)) for section in sections),
        (
            '<section id="measures"><h2>What the figures'
            f" mean</h2><dl>{''.join(_meaning(k, m) for k, m in measures.items())}</dl></section>"
        ),
        (
            '<footer class="quiet">Every number here can be made again: the code stands below each section, and the'
            " same numbers come as JSON and CSV.</footer>"
        ),
        "</main></body></html>",
    ]
    return "\n".join(parts)


def text(value: object) -> str:
    """Text of the data as HTML that shows as that text: escaped, no control characters, its direction kept to itself.

    >>> text("<b>x</b>")
    '<bdi>&lt;b&gt;x&lt;/b&gt;</bdi>'
    """
    line = "".join(c if c.isprintable() else " " for c in " ".join(str(value).split()))
    return f"<bdi>{escape(_kept(line))}</bdi>"


def _kept(line: str) -> str:
    """The same with a number and its unit kept on one line."""
    return _UNIT.sub("\u00a0", line)


def _section(section: Section, load: str, measures: set[str]) -> str:
    parts = [f'<section id="{section.name}"><h2>{escape(section.title)}</h2>']
    if section.absent:
        parts.append(f'<p class="absent">{text(section.absent)}</p></section>')
        return "\n".join(parts)
    parts += [f"<p>{text(said)}</p>" for said in section.says]
    parts += section.boxes
    parts += [f"<figure><figcaption>{text(d.title)}</figcaption>{d.svg}</figure>" for d in section.drawings]
    if section.figures and section.listed:
        parts.append(_figures(section.figures, measures))
    parts += [_table(table) for table in section.tables]
    code = section.python(load)
    if code:
        parts.append(
            "<details><summary>The code that gives these"
            f" numbers</summary><pre><code>{escape(code)}</code></pre></details>"
        )
    return "\n".join([*parts, "</section>"])


def _figures(figures: Sequence[Figure], measures: set[str]) -> str:
    """All figures of a section, with a column for each kind of interval that any of them has."""
    crews = ("same crew", "new crew")
    spans = sorted(
        dict.fromkeys(s.about for f in figures for s in f.spans),
        key=lambda about: crews.index(about) if about in crews else len(crews),
    )
    head = "".join(f'<th class="n">{escape(about[:1].upper() + about[1:])}</th>' for about in spans)
    rows = []
    for f in figures:
        of = {s.about: s for s in f.spans}
        title = (
            f'<a href="#measure-{escape(f.measure)}">{text(f.title)}</a>' if f.measure in measures else text(f.title)
        )
        why = f.reason or f.note
        below = "".join(
            f"<small>{text(said)}</small>" for said in (why, f"No interval: {f.exact}." if f.exact else "") if said
        )
        value = f"<b>{text(f.written)}</b>" if f.value is not None else "undefined"
        cells = "".join(_span_cell(of.get(about), f) for about in spans)
        used = escape(f.used).replace(" of ", "\u00a0of\u00a0", 1)
        rows.append(
            f'<tr><th scope="row">{title}{below}</th><td class="n">{value}</td>{cells}<td class="n'
            f' used">{used}</td></tr>'
        )
    return (
        f'<div class="{_wide(len(rows))}"><table><thead><tr><th>Figure</th><th class="n">Value</th>{head}<th'
        f' class="n">Used</th></tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    )


def _span_cell(span: Span | None, f: Figure) -> str:
    return f'<td class="n">{"" if span is None else escape(_kept(write_span(span, f.unit)))}</td>'


def _table(table: Table) -> str:
    """A table below its title and its note, without columns that hold nothing; what does not fit is counted."""
    frame = table.frame.head(table.shown)
    if frame.empty:
        return ""
    columns = [c for c in table.columns if not c.name or frame[c.name].map(lambda v: plain(v) not in (None, "")).any()]
    left = len(table.frame) - len(frame)
    more = f" {left:,} more rows are in the CSV and JSON files." if left else ""
    head = "".join(f'<th class="{_side(c)}">{text(c.title)}</th>' for c in columns)
    body = "".join(f"<tr>{''.join(_cell(c, row) for c in columns)}</tr>" for row in frame.to_dict("records"))
    note = f'<p class="note">{text(table.note + more)}</p>' if table.note or more else ""
    return (
        f"<h3>{text(table.title)}</h3>{note}<div"
        f' class="{_wide(len(frame))}"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _cell(column: Column, row: dict[Any, Any]) -> str:
    """A value, and below it its interval and its count."""
    below = []
    low, high, n = (plain(row.get(name)) if name else None for name in (column.low, column.high, column.n))
    if low is not None and high is not None:
        below.append(write_span(Span("", low, high), column.unit))
    if n is not None and n > 0:
        below.append(f"of {n:,.0f}")
    if not column.name:
        return f'<td class="n">{escape(_kept(", ".join(below)))}</td>'
    small = "".join(f"<small>{escape(_kept(line))}</small>" for line in below)
    said = write(row.get(column.name), column.unit)
    return f'<td class="{_side(column)}{" short" if len(said) <= SHORT else ""}">{text(said)}{small}</td>'


def _side(column: Column) -> str:
    return {"text": "t", "id": "id"}.get(column.unit, "n")


def _wide(rows: int) -> str:
    """The class of the box around a table: one of few rows stays on one page of paper."""
    return "wide few" if rows <= FEW else "wide"


def _measures(sections: Sequence[Section]) -> dict[str, Measure]:
    """Entries of the glossary that some figure refers to, and the two kinds of interval."""
    asked: Iterable[str] = ("same_crew", "new_crew", *(f.measure for s in sections for f in s.figures))
    return {name: GLOSSARY[name] for name in dict.fromkeys(asked) if name in GLOSSARY}


def _meaning(name: str, m: Measure) -> str:
    said = _kept(f"{m.question} {m.range} {m.reading}")
    return (
        f'<dt id="measure-{escape(name)}">{escape(m.title)}</dt><dd>{escape(said)}'
        f'<br><span class="quiet">Beware:</span> {escape(_kept(m.beware))}'
        f'<br><span class="quiet">Source: {escape(m.source)}</span></dd>'
    )
