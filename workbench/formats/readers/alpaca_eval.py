"""AlpacaEval `annotations.json`: pairs of outputs judged by a model, and AlpacaFarm's human cross-annotations.

`preference` runs from 1 (output_1) to 2 (output_2). Weighted judges give any number between: it is read as AlpacaEval
scores it, below 1.5 as output_1 and above as output_2; exactly 1.5 is a tie. The number itself stays as
`dim.preference`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from workbench.dataset.assembly import Export
from workbench.dataset.scales import TERNARY
from workbench.formats.files.document import Document
from workbench.formats.records.nested import dict_of, first_of, number_of, text_of
from workbench.formats.records.record_collector import Harvest, slices

NAME = "alpaca-eval"
TITLE = "AlpacaEval annotations"

_HUMAN_SECONDS = 9.2 * 60 / 15
"""Time a human annotation is given by AlpacaEval's own constants: a mean, the same for each, not a measurement."""
_PRICE = ("price_per_example", "preference_price_per_example")
_SECONDS = ("time_per_example", "preference_time_per_example")


def recognise(document: Document) -> float:
    """Knows the pair of outputs and the preference."""
    return 0.95 if {"instruction", "output_1", "output_2", "preference"} <= document.keys else 0.0


def read(document: Document) -> Export:
    """One judgement a row; rows of the same instruction and outputs are one item, in one file or in several judges'."""
    harvest = Harvest(document, NAME)
    legacy, missing, outside, constant, weighted = [], [], [], [], []
    for ref, record in harvest.records():
        instruction, one, two = (text_of(record.get(name)) for name in ("instruction", "output_1", "output_2"))
        if one is None or two is None:
            harvest.set_aside("an output is missing", ref)
            continue
        extra = text_of(record.get("input"))
        prompt = f"{instruction}\n\n{extra}" if instruction and extra else instruction
        item = harvest.item(
            prompt=prompt,
            response_a=one,
            response_b=two,
            model_a=text_of(record.get("generator_1")),
            model_b=text_of(first_of(record, ("generator_2", "generator"))),
            **slices(record, ("dataset", "datasplit")),
        )
        preference = number_of(record.get("preference"))
        label = _label(preference)
        if preference == 0:
            legacy.append(ref)
        elif math.isnan(preference) or preference == -1:
            missing.append(ref)
        elif label is None:
            outside.append(ref)
        elif preference not in (1, 1.5, 2):
            weighted.append(ref)
        name, kind = _annotator(record)
        seconds = number_of(first_of(record, _SECONDS))
        if math.isclose(seconds, _HUMAN_SECONDS, abs_tol=1e-6):
            constant.append(ref)
            seconds = math.nan
        harvest.judgement(
            item,
            label,
            ref,
            annotator=name,
            annotator_kind=kind,
            seconds=seconds,
            reason=_reason(record),
            ended_at=first_of(record, ("preference_date",)),
            **_dims(record, preference),
        )
    if weighted:
        harvest.note(
            "info",
            "weighted-preferences",
            f"{len(weighted):,} preferences lie between 1 and 2: below 1.5 was read as output_1, above as output_2; the"
            " number itself stays as dim.preference.",
            "",
            weighted,
        )
    if legacy:
        harvest.note(
            "info",
            "legacy-ties",
            f"{len(legacy):,} preferences are 0, an older spelling of a tie, and were read as ties.",
            "",
            legacy,
        )
    if missing:
        harvest.note(
            "info",
            "no-preference",
            f"{len(missing):,} preferences are null, NaN or -1: the judge gave no answer; they count as missing.",
            "",
            missing,
        )
    if outside:
        harvest.note(
            "warning",
            "preference-out-of-range",
            f"{len(outside):,} preferences lie outside 1 to 2; they count as missing.",
            "Check the file.",
            outside,
        )
    if constant:
        harvest.note(
            "info",
            "constant-times",
            f"{len(constant):,} judgements carry the constant {_HUMAN_SECONDS:g} s that AlpacaEval gives all human"
            " annotations; their times count as unknown.",
            "",
            constant,
        )
    return harvest.export(TERNARY)


def _label(preference: float) -> str | None:
    """The label of a preference; None for a missing one and for one outside the range."""
    if preference == 0 or preference == 1.5:
        return "="
    if not 1 <= preference <= 2:
        return None
    return "A" if preference < 1.5 else "B"


def _annotator(record: Mapping[str, Any]) -> tuple[str | None, str]:
    """Name and kind. Human rows name a crowd or an index within the item, which is nobody: they get no name."""
    name = text_of(record.get("annotator"))
    human = number_of(first_of(record, _PRICE)) == 0.3 and math.isclose(
        number_of(first_of(record, _SECONDS)), _HUMAN_SECONDS, abs_tol=1e-6
    )
    if name is None or name.lower().strip() in ("human", "humans"):
        return None, "human"
    return name, "human" if human or name.lower().startswith("human") else "ai"


def _dims(record: Mapping[str, Any], preference: float) -> dict[str, float]:
    price = number_of(first_of(record, _PRICE))
    found = {} if math.isnan(price) else {"dim.price": price}
    return (
        found if math.isnan(preference) or preference in (-1, 0, 1, 1.5, 2) else found | {"dim.preference": preference}
    )


def _reason(record: Mapping[str, Any]) -> str | None:
    """The judge's words, where it gave any."""
    completion = first_of(record, ("raw_completion", "preference_raw_completion"))
    fields = dict_of(completion)
    return text_of(first_of(fields, ("concise_explanation", "explanation"))) if fields else text_of(completion)
