"""How far annotators agree: every coefficient with both intervals, where agreement is low, and who agrees with whom."""

from __future__ import annotations

from collections.abc import Mapping

from workbench.agreement import to_frame
from workbench.auditing.audit import Audit
from workbench.estimates import Estimate
from workbench.figures.palette import GREY
from workbench.report.contents import Column, Drawing, Figure, Section, Table, of_estimate
from workbench.report.drawing import Row, forest
from workbench.report.names import Name
from workbench.statistics.proportions import wilson
from workbench.wording.agreement import agreement_sentence, undefined_reasons

ALPHA = "krippendorff_alpha.nominal"
"""What weeks and slices are compared by, on direction: what the verdict looks at."""
SLICES = 6
"""Slice columns in a report; the others are counted."""
PAIRS = 1_000
"""Pairs of annotators in a report; those with the most common items."""

_PART = (
    Column("name", "Part"),
    Column("value", "Alpha on direction", "number"),
    Column("", "Same crew", "number", low="same_crew_low", high="same_crew_high"),
    Column("", "New crew", "number", low="new_crew_low", high="new_crew_high"),
    Column("n", "Items used", "count"),
    Column("n_set_aside", "Not used", "count"),
    Column("reason", "Why undefined"),
)


def agreement_section(result: Audit, code: str, name: Name) -> Section:
    """How far do annotators agree, and where is it low?"""
    data = result.data
    figures = [*_figures(result.agreement, "agreement", "")]
    if result.direction is not result.agreement:
        figures += _figures(result.direction, "direction", ", direction only")
    level = "ordinal" if data.scale.has_sides else "nominal"
    says = [
        agreement_sentence(
            result.agreement["percent_agreement"],
            result.agreement[f"krippendorff_alpha.{level}"],
            sides=data.scale.has_sides,
        )
    ]
    says += undefined_reasons(result.agreement)
    parts = {"week": ("Weeks", "to_frame(result.weeks)", result.weeks)}
    for i, (column, values) in enumerate(list(result.slices.items())[:SLICES]):
        parts[f"slice_{i + 1}"] = (
            f"Slices: {column.removeprefix('slice.')}",
            f"to_frame(result.slices[{column!r}])",
            values,
        )
    hidden = len(data.slices) - min(len(result.slices), SLICES)
    if hidden:
        says.append(
            f"{hidden:,} of {len(data.slices):,} slice columns are not shown: they have too many values to be slices,"
            f" or come after the first {SLICES}."
        )
    tables = [
        Table(
            name=f"agreement_by_{key}",
            title=title,
            frame=to_frame(found),
            columns=_PART,
            python=python,
            note=(
                "Each part held against the whole: a lower interval that does not meet that of the whole is worth a"
                " look."
            ),
        )
        for key, (title, python, found) in parts.items()
        if len(found) > 1
    ]
    pairs = result.pairs.to_frame(PAIRS)
    pairs["annotator_1"], pairs["annotator_2"] = pairs["annotator_1"].map(name), pairs["annotator_2"].map(name)
    pairs["percent_low"], pairs["percent_high"] = wilson(
        pairs["percent"].to_numpy(float), pairs["items"].to_numpy(float)
    )
    left = len(result.pairs) - len(pairs)
    tables.append(
        Table(
            name="cohen_kappa",
            title="Cohen's kappa of pairs of annotators",
            frame=pairs,
            columns=(
                Column("annotator_1", "Annotator", "id"),
                Column("annotator_2", "and", "id"),
                Column("items", "Common items", "count"),
                Column("kappa", "Kappa", "number"),
                Column("", "Same crew", "number", low="kappa_low", high="kappa_high"),
                Column("linear", "Linear weights", "number"),
                Column("quadratic", "Quadratic weights", "number"),
                Column("percent", "Same label", "share", low="percent_low", high="percent_high"),
                Column("reason", "Why undefined"),
            ),
            python=f"result.pairs.to_frame({PAIRS})",
            shown=25,
            note="The pairs with the most common items first. No interval is worked out for weighted kappas; that of"
            " kappa"
            " says how far they may be off."
            + (f" {left:,} more pairs share fewer items and are left out." if left else ""),
        )
    )
    drawings = [Drawing("Agreement beyond chance", _drawn(result))]
    drawings += [
        Drawing(
            f"Alpha on direction by {'week' if key == 'week' else title.removeprefix('Slices: ')}",
            _parts_drawn(result, found),
        )
        for key, (title, _, found) in parts.items()
        if 1 < len(found) <= 40
    ]
    code = f"from workbench.agreement import to_frame\n\n{code}"
    return Section(
        name="agreement",
        title="Agreement",
        says=tuple(says),
        code=code,
        figures=tuple(figures),
        tables=tuple(tables),
        drawings=tuple(drawings),
    )


def _figures(estimates: Mapping[str, Estimate], attribute: str, suffix: str) -> list[Figure]:
    return [
        of_estimate(
            f"{attribute}.{key}",
            found.name + suffix,
            found,
            f"result.{attribute}[{key!r}]",
            unit="share" if key.startswith("percent") else "number",
            measure=key,
        )
        for key, found in estimates.items()
    ]


def _drawn(result: Audit) -> str:
    rows = [Row.of(e.name, e) for key, e in result.agreement.items() if not key.startswith("percent")]
    alpha = result.direction[ALPHA]
    if result.direction is not result.agreement:
        rows.append(Row.of("Alpha on direction", alpha))
    return forest(
        rows,
        unit="number",
        alt="Agreement beyond chance by each coefficient, with both intervals.",
        lines=((0.0, "chance"),),
        within=(-1.0, 1.0),
    )


def _parts_drawn(result: Audit, found: Mapping[str, Estimate]) -> str:
    whole = result.direction[ALPHA]
    rows = [Row.of("All", whole, colour=GREY), *(Row.of(str(key), e) for key, e in found.items())]
    lines = () if whole.value is None else ((whole.value, "all"),)
    return forest(
        rows, unit="number", alt="Alpha on direction in each part, beside that of all.", lines=lines, within=(-1.0, 1.0)
    )
