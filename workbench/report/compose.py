"""Puts the report together from an audit and what else was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from workbench.actions.next_actions import next_actions, usual_cleaning
from workbench.auditing.audit import Audit
from workbench.auditing.people import CLOSE_LOOK_UP_TO
from workbench.cleaning import Effect
from workbench.economics import Cost
from workbench.report.agreement import agreement_section
from workbench.report.cleaning import cleaning_section
from workbench.report.contents import About, Section
from workbench.report.contested import contested_section
from workbench.report.costs import costs_section
from workbench.report.front import front_section
from workbench.report.judges import judges_section, routing_section
from workbench.report.labelling import labels_section
from workbench.report.models import TrainedModel, models_section
from workbench.report.names import naming
from workbench.report.next_steps import next_section
from workbench.report.people import people_section
from workbench.report.report import Report
from workbench.report.reversals import reversals_section
from workbench.report.verdict import data_section, judged_by, verdict_section
from workbench.version import __version__


def make_report(
    result: Audit,
    *,
    load: str = "data = workbench.load(PATH)",
    title: str = "Quality of preference annotations",
    cleaning: Effect | str | None = None,
    reward_models: Sequence[TrainedModel] = (),
    costs: Cost | str | None = None,
    costs_code: str = "",
    routing: Mapping[str, Any] | None = None,
    routing_code: str = "",
    sections: Sequence[Section] = (),
    texts: bool = False,
    show_annotators: bool = False,
    made: datetime | None = None,
) -> Report:
    """What is to be told about these annotations, each number with its intervals, its counts and the code that gives it
    again?

    Parameters
    ----------
    result : of `workbench.audit(data)`.
    load : Python that opens the same data as `data`; the code of every section begins with it.
    cleaning : of `usual_cleaning(result)` or of `cleaning_effect` with rules of one's own, or why there is none; worked
        out where None.
    reward_models : finished training runs.
    costs, costs_code : of `workbench.economics.cost(scenario)` or why there is none, and the Python that makes it as
        `costs`.
    routing, routing_code : what `route --out` wrote, as `read_routing` gives it, and the Python that makes it as
        `routing`.
    sections : more sections, before the contested items.
    texts : show the texts of the most contested items. Without it the report holds no text of the annotations.
    show_annotators : show annotator ids as they are; otherwise their hashes.
    made : when; now where None.

    Examples
    --------
    >>> import workbench
    >>> report = make_report(workbench.audit(workbench.simulate(1_500, annotators=10, seed=2).data))
    >>> report.section("agreement").figures[0].name, report.to_html().count("<script")
    ('agreement.krippendorff_alpha.nominal', 0)
    """
    data, counts = result.data, result.counts
    name = naming(show_annotators)
    looked = result.surveyed is not None
    usual = bool(result.of) or counts["annotations"] <= CLOSE_LOOK_UP_TO
    asked = "" if looked == usual else f", close_look={looked}"
    own = result.verdict.thresholds.to_python()
    lines = f", thresholds={own}" if own else ""
    head = "from workbench.auditing.thresholds import Thresholds\n\n" if own else ""
    audit = "workbench.audit"
    if result.of:
        head, audit = f"{head}from workbench.scale.audited import audit_part\n\n", "audit_part"
    code = f"{head}result = {audit}(data{asked}{lines})"
    effect = usual_cleaning(result) if cleaning is None else cleaning
    actions, agreement = next_actions(result, effect=effect), agreement_section(result, code, name)
    below = judged_by(counts)
    every = [
        verdict_section(result, code),
        next_section(actions, code),
        data_section(result, code),
        agreement,
        people_section(result, code, name, looked=looked),
        reversals_section(result, code),
        labels_section(result, code),
        cleaning_section(effect, name),
        models_section(reward_models),
        judges_section(data, looked=looked),
        routing_section(routing, routing_code),
        costs_section(costs, costs_code),
        *sections,
        *([contested_section(data)] if texts else []),
    ]
    about = About(
        title=title,
        sources=tuple(data.sources),
        format=data.format,
        key=result.key,
        made=made or datetime.now(UTC),
        version=__version__,
        load=load,
        counts=below,
        annotators_shown=show_annotators,
        texts_shown=texts,
    )
    front = front_section(result, actions, below, agreement.drawings[0] if agreement.drawings else None)
    return Report(about, tuple(every), front)
