"""Reward models trained on these labels: how often they rank held-out pairs right, how sure they may be, and what a
length rule does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from workbench.figures.palette import BLUE, GREY
from workbench.report.contents import Column, Drawing, Figure, Section, Table
from workbench.report.drawing import Row, forest
from workbench.report.written import Span, Unit


@dataclass(frozen=True, kw_only=True)
class TrainedModel:
    """One finished training run.

    Attributes
    ----------
    name : for people.
    accuracy, interval, n : share of held-out pairs ranked as their labels say, its 95% interval, and the pairs.
    set_aside : reason -> pairs that were not used.
    trained_pairs : pairs it learned from.
    encoder, head : what it is made of.
    ece, ece_interval, brier : calibration error (chance taken out, where it has an interval), and Brier score on the
        held-out pairs.
    length_only : accuracy of "the longer response wins" on the same pairs.
    over_length, over_length_interval : accuracy less that of the length rule, pair by pair.
    ceiling : how often a person agrees with the labels, where that is known.
    by_slice : slice -> (accuracy, low, high, pairs).
    python, needs : expression that gives the scorecard as a mapping with `eval`, and the line that imports what it
        uses.
    """

    name: str
    accuracy: float | None
    interval: tuple[float, float] | None
    n: int
    set_aside: Mapping[str, int] = field(default_factory=dict)
    trained_pairs: int | None = None
    encoder: str = ""
    head: str = ""
    ece: float | None = None
    ece_interval: tuple[float, float] | None = None
    brier: float | None = None
    length_only: float | None = None
    over_length: float | None = None
    over_length_interval: tuple[float, float] | None = None
    ceiling: float | None = None
    by_slice: Mapping[str, tuple[float, float, float, int]] = field(default_factory=dict)
    python: str = ""
    needs: str = ""

    @classmethod
    def from_result(cls, name: str, result: Mapping[str, Any], python: str = "", needs: str = "") -> TrainedModel:
        """From what `train --json` prints, or a finished run's `result.json`.

        >>> TrainedModel.from_result("run", {"eval": {"accuracy": 0.8, "interval": [0.7, 0.9], "n": 50}}).interval
        (0.7, 0.9)
        """
        found: Mapping[str, Any] = result.get("eval") or {}
        over = (found.get("estimates") or {}).get("over_length") or {}
        sources = {
            **(found.get("by_source") or {}),
            **{k: v for each in (found.get("by_slice") or {}).values() for k, v in each.items()},
        }
        # Runs of earlier versions hold a percentile interval of the biased error, which said too much.
        debiased = found.get("ece_debiased") is not None
        return cls(
            name=name,
            accuracy=found.get("accuracy"),
            interval=_bounds(found.get("interval")),
            n=int(found.get("n") or 0),
            set_aside={"ties": int(found["ties"])} if found.get("ties") else {},
            trained_pairs=result.get("pairs") if isinstance(result.get("pairs"), int) else None,
            encoder=str(result.get("encoder") or ""),
            head=str(result.get("model") or ""),
            ece=found["ece_debiased"] if debiased else found.get("ece"),
            ece_interval=_bounds(found.get("ece_interval")) if debiased else None,
            brier=found.get("brier"),
            length_only=found.get("length_only_accuracy"),
            over_length=over.get("value"),
            over_length_interval=_bounds(over.get("same_crew")),
            ceiling=found.get("ceiling"),
            by_slice={
                str(k): (e["value"], *e["same_crew"], int(e["n"]))
                for k, e in sources.items()
                if e.get("value") is not None and e.get("same_crew")
            },
            python=python,
            needs=needs,
        )


def finished_models(key: str, most: int = 12) -> list[TrainedModel]:
    """The finished training runs of this machine on the data with this content key, the latest first."""
    from workbench.runs import all_runs

    done = [run for run in all_runs(("train",)) if run.config.get("data") == key and run.status().state == "done"]
    found = [(run, run.result()) for run in sorted(done, key=lambda run: run.created_at, reverse=True)[:most]]
    return [
        TrainedModel.from_result(
            f"{run.title} ({run.id[:15]})", result, f"find({run.id!r}).result()", "from workbench.runs import find"
        )
        for run, result in found
        if result and isinstance(result.get("eval"), Mapping)
    ]


def _bounds(listed: Any) -> tuple[float, float] | None:
    return (float(listed[0]), float(listed[1])) if listed else None


def models_section(models: Sequence[TrainedModel]) -> Section:
    """What does a reward model learn from these labels?"""
    if not models:
        return Section(
            name="reward_models", title="Reward models", absent="No finished training run was given to this report."
        )
    best = max(models, key=lambda m: m.accuracy if m.accuracy is not None else -1.0)
    figures = [figure for i, model in enumerate(models) for figure in _figures(i, model)]
    frame = pd.DataFrame(
        [
            (
                m.name,
                m.encoder,
                m.head,
                m.trained_pairs,
                m.accuracy,
                *(m.interval or (None, None)),
                m.n,
                m.ece,
                m.brier,
                m.length_only,
                m.ceiling,
            )
            for m in models
        ],
        columns=[
            "model",
            "encoder",
            "head",
            "pairs",
            "accuracy",
            "low",
            "high",
            "n",
            "ece",
            "brier",
            "length_only",
            "ceiling",
        ],
    )
    columns = tuple(
        c
        for c in (
            Column("model", "Run"),
            Column("encoder", "Encoder"),
            Column("head", "Model"),
            Column("pairs", "Trained on", "count"),
            Column("accuracy", "Ranks right", "share", low="low", high="high", n="n"),
            Column("ece", "Calibration error", "number"),
            Column("brier", "Brier", "number"),
            Column("length_only", "Length rule", "share"),
            Column("ceiling", "People", "share"),
        )
        if frame[c.name].replace("", None).notna().any()
    )
    rows = [Row(name=m.name, value=m.accuracy, same=m.interval, new=None, beside=f"{m.n:,} pairs") for m in models]
    if best.length_only is not None:
        rows.append(Row(name="The longer response", value=best.length_only, colour=GREY, beside=f"{best.n:,} pairs"))
    rows += [
        Row(
            name=name if len(models) == 1 else f"{best.name}: {name}",
            value=a,
            same=(low, high),
            new=None,
            beside=f"{n:,} pairs",
            colour=BLUE,
        )
        for name, (a, low, high, n) in best.by_slice.items()
    ]
    drawing = Drawing(
        "Held-out pairs ranked right",
        forest(
            rows,
            unit="share",
            alt="Share of held-out pairs each run ranks right, with its 95% interval.",
            lines=((0.5, "a coin"),),
            within=(0.0, 1.0),
        ),
    )
    code = "\n".join(dict.fromkeys(m.needs for m in models if m.needs))
    return Section(
        name="reward_models",
        title="Reward models",
        says=(_sentence(best),),
        code=code,
        figures=tuple(figures),
        tables=(Table(name="reward_models", title="Runs", frame=frame, columns=columns, python=""),),
        drawings=(drawing,),
    )


def _figures(i: int, m: TrainedModel) -> list[Figure]:
    whole = m.n + sum(m.set_aside.values())
    none = None if m.accuracy is not None else "nothing was held out"
    spans = (Span("new pairs", *m.interval),) if m.interval else ()
    found = [
        Figure(
            name=f"reward_models.{i}.accuracy",
            title=f"{m.name}: ranks right",
            value=m.accuracy,
            python=_expression(m, "accuracy"),
            unit="share",
            spans=spans,
            n=m.n,
            of=whole,
            counted="held-out pairs",
            reason=none,
            measure="ranking_accuracy",
        )
    ]
    more: tuple[tuple[str, str, float | None, tuple[float, float] | None, Unit, str, str], ...] = (
        (
            "ece",
            "calibration error, chance taken out" if m.ece_interval else "calibration error",
            m.ece,
            m.ece_interval,
            "number",
            "calibration",
            "['ece_debiased']" if m.ece_interval else "['ece']",
        ),
        ("brier", "Brier score", m.brier, None, "number", "brier", "['brier']"),
        (
            "length_only_accuracy",
            "the longer response wins",
            m.length_only,
            None,
            "share",
            "length_only",
            "['length_only_accuracy']",
        ),
        (
            "over_length",
            "better than the length rule by",
            m.over_length,
            m.over_length_interval,
            "points",
            "length_only",
            "['estimates']['over_length']['value']",
        ),
        ("ceiling", "what people reach on these pairs", m.ceiling, None, "share", "human_ceiling", "['ceiling']"),
    )
    for name, title, value, bounds, unit, measure, place in more:
        if value is not None:
            span = (Span("new pairs", *bounds),) if bounds else ()
            python = f"{m.python}['eval']{place}" if m.python else ""
            found.append(
                Figure(
                    name=f"reward_models.{i}.{name}",
                    title=f"{m.name}: {title}",
                    value=value,
                    python=python,
                    unit=unit,
                    spans=span,
                    n=m.n,
                    of=whole,
                    counted="held-out pairs",
                    measure=measure,
                )
            )
    return found


def _expression(m: TrainedModel, name: str) -> str:
    return f"{m.python}['eval'][{name!r}]" if m.python else ""


def _sentence(m: TrainedModel) -> str:
    if m.accuracy is None:
        return f"{m.name} was not held against pairs it had not seen."
    around = f" ({100 * m.interval[0]:.0f} to {100 * m.interval[1]:.0f}%)" if m.interval else ""
    beside = ""
    if m.length_only is not None:
        least = 0.0
        if m.over_length_interval:
            least = m.over_length_interval[0]
        elif m.interval:
            least = m.interval[0] - m.length_only
        beside = f"; always taking the longer response gets {100 * m.length_only:.0f}%" + (
            "" if least > 0 else ", which the intervals do not rule out"
        )
    return f"{m.name} ranks {100 * m.accuracy:.0f}% of {m.n:,} held-out pairs as their labels say{around}{beside}."
