"""AI judges beside people on the same items, and what came of routing: each to whoever is cheapest and good enough."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError, counted
from workbench.estimates import with_sign
from workbench.judging.trust import Trust, trust
from workbench.report.contents import Column, Drawing, Figure, Section, Table, of_estimate
from workbench.report.drawing import Row, forest
from workbench.report.written import Span
from workbench.wording.judging import bias_title, saving_sentence, trust_sentence

MOST_JUDGES = 5
"""Judges that get a close look in one report, those with most labels first."""
_NONE = "No AI judge stands in these data."
_NOT_LOOKED = "The close look at AI judges was left out, as that at annotators was."
_NOT_ROUTED = "No routing was given to this report."


def judges_section(data: AnnotationSet, *, looked: bool = True) -> Section:
    """Can the AI judges among the annotators be trusted?"""
    ais = np.flatnonzero((data.annotators["kind"] == "ai").to_numpy())
    if len(ais) == 0 or not data.has_pairs or not looked:
        return Section(name="judges", title="AI judges", absent=_NONE if len(ais) == 0 else _NOT_LOOKED)
    work = np.bincount(data.codes.annotator, minlength=len(data.annotators))
    found: dict[int, Trust] = {}
    reasons = []
    for place in sorted(ais.tolist(), key=lambda p: -work[p])[:MOST_JUDGES]:
        try:
            found[place] = trust(data, str(data.annotators["annotator"].iloc[place]))
        except WorkbenchError as error:
            reasons.append(error.what)
    if not found:
        return Section(name="judges", title="AI judges", absent=" ".join(reasons))
    code = (
        "from workbench.judging import trust\n\n"
        f"judges = {{place: trust(data, data.annotators['annotator'].iloc[place]) for place in {list(found)}}}"
    )
    says = [f"{each.judge}: {trust_sentence(each)} {saving_sentence(each)}" for each in found.values()]
    if len(ais) > len(found):
        says.append(f"{counted(len(ais) - len(found), 'further judge')} had no close look.")
    figures = [figure for place, each in found.items() for figure in _figures(f"judges[{place}]", place, each)]
    rows = [
        Row.of(f"{each.judge}: {bias_title(bias.name)}", bias.excess)
        for each in found.values()
        for bias in each.biases
        if bias.excess.value is not None
    ]
    said = ", ".join(f"{r.name} {with_sign(r.value, 3)}" for r in rows if r.value is not None)
    alt = f"What sways each judge more than people: {said}."
    drawing = Drawing("What sways a judge more than people, with 95% intervals", forest(rows, unit="share", alt=alt))
    return Section(
        name="judges",
        title="AI judges",
        says=tuple(says),
        code=code,
        figures=tuple(figures),
        tables=(_kappas(found),),
        drawings=(drawing,) if rows else (),
    )


def _figures(here: str, place: int, each: Trust) -> list[Figure]:
    name = f"judges.{place}"
    made = [
        of_estimate(
            f"{name}.agreement",
            f"{each.judge}: gives a person's direction",
            each.agreement,
            f"{here}.agreement",
            unit="share",
            counted="judgements",
            measure="alternative_annotator_test",
        ),
        of_estimate(
            f"{name}.people",
            f"{each.judge}: people with each other, same items",
            each.people,
            f"{here}.people",
            unit="share",
            counted="judgements",
        ),
    ]
    for number, bias in enumerate(each.biases):
        made.append(
            of_estimate(
                f"{name}.{bias.name}",
                f"{each.judge}: {bias_title(bias.name).lower()} preferred, beyond people",
                bias.excess,
                f"{here}.biases[{number}].excess",
                counted="items",
                measure="judge_bias",
            )
        )
    share = each.share
    made.append(
        Figure(
            name=f"{name}.share_for_a",
            title=f"{each.judge}: A preferred over all it judged, by people's labels and its own",
            value=share.value,
            python=f"{here}.share.value",
            unit="share",
            spans=(Span("same crew", *share.interval),) if share.interval else (),
            n=share.n,
            of=share.n + share.n_unlabelled,
            reason=share.reason if share.value is None else None,
            note=share.note or "",
            measure="prediction_powered_mean",
        )
    )
    return made


def _kappas(found: Mapping[int, Trust]) -> Table:
    frames = [each.kappas.assign(judge=each.judge) for each in found.values()]
    frame = pd.concat(frames, ignore_index=True)
    frame = frame[[c for c in ("judge", "items", "kappa", "kappa_low", "kappa_high") if c in frame]]
    return Table(
        name="judge_kappas",
        title="Cohen's kappa with each person",
        frame=frame,
        columns=(
            Column("judge", "Judge"),
            Column("items", "Items", "count"),
            Column("kappa", "Kappa", low="kappa_low", high="kappa_high"),
        ),
        python=f"sum((judges[place].kappas.to_dict('records') for place in {list(found)}), [])",
        shown=20,
        note="People are not named here.",
    )


def read_routing(path: str | Path) -> dict[str, Any]:
    """What `route --out` wrote: `routing.json` of its folder.

    Raises
    ------
    WorkbenchError : there is none, or it is not one.
    """
    place = Path(path)
    place = place / "routing.json" if place.is_dir() else place
    try:
        found = json.loads(place.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise WorkbenchError(
            f"{place}: no outcome of a routing can be read there.", "Name the folder that the command route wrote."
        ) from error
    if not isinstance(found, dict) or not found.get("tiers"):
        raise WorkbenchError(
            f"{place}: nothing was routed yet.", "Bring its calibration labels back first, then report it."
        )
    return found


def routing_section(found: Mapping[str, Any] | None, code: str = "") -> Section:
    """What came of routing each pair to the cheapest labeller that is good enough?

    Parameters
    ----------
    found : of `read_routing`.
    code : Python that makes the same as `routing`.
    """
    if found is None:
        return Section(name="routing", title="Routing", absent=_NOT_ROUTED)
    items, certificate = int(found["items"]), found.get("certificate") or {}

    def of(name: str, title: str, value: float, python: str, unit: Any, n: int | None = None) -> Figure:
        return Figure(name=f"routing.{name}", title=title, value=value, python=python, unit=unit, n=n, of=items)

    figures = [
        of("usd", "Spent in all", float(found["usd"]), "routing['usd']", "money", items),
        of("to_people", "Items that go to people", int(found["to_people"]), "routing['to_people']", "count"),
        of(
            "calibration",
            "Items labelled for the thresholds",
            int(found["calibration"]),
            "routing['calibration']",
            "count",
        ),
        of("checked", "Decided items that people checked", int(found["checked"]), "routing['checked']", "count"),
        _measured("error", "Error of the delivered labels", found["error"]),
        _measured("decided_error", "Error of what judges decided, from random checks", found["decided_error"]),
    ]
    tiers = pd.DataFrame(found["tiers"])
    tiers["error"] = [each.get("value") if isinstance(each, dict) else None for each in tiers.get("error", [])]
    table = Table(
        name="routing_tiers",
        title="Tiers",
        frame=tiers,
        columns=(
            Column("name", "Tier"),
            Column("items", "Items it decides", "count"),
            Column("threshold", "From confidence"),
            Column("upper_bound", "Risk at most", "share"),
            Column("usd", "Cost", "money"),
        ),
        python="routing['tiers']",
    )
    says = [str(found["verdict"]), *(f"{note}." for note in found.get("notes", ()))]
    if certificate.get("hash"):
        says.append(f"Certificate {certificate['hash']}.")
    return Section(
        name="routing", title="Routing", says=tuple(says), code=code, figures=tuple(figures), tables=(table,)
    )


def _measured(name: str, title: str, found: Mapping[str, Any]) -> Figure:
    spans = tuple(
        Span(crew.replace("_", " "), *found[crew]) for crew in ("same_crew", "new_crew") if found.get(crew) is not None
    )
    return Figure(
        name=f"routing.{name}",
        title=title,
        value=found.get("value"),
        python=f"routing[{name!r}]['value']",
        unit="share",
        spans=spans,
        n=int(found.get("n") or 0),
        reason=found.get("reason") if found.get("value") is None else None,
        measure="routing_error",
        exact="" if spans or found.get("value") is None else "none was worked out",
    )
