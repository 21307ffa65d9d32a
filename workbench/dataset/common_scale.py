"""Label scales of several files brought onto one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workbench.dataset.scales import NULL, SCALES, LabelScale, categories
from workbench.errors import WorkbenchError, first_five
from workbench.messages import by, message


def common_scale(scales: Sequence[LabelScale], sources: Sequence[str]) -> LabelScale:
    """The smallest scale on which all labels of these scales have a place.

    Raises
    ------
    WorkbenchError
        Some files compare two responses and others sort into categories.

    >>> from workbench.dataset.scales import BINARY, TERNARY
    >>> common_scale([BINARY, TERNARY], ["a", "b"]).name
    'ternary'
    """
    distinct = list(dict.fromkeys(scales))
    if len(distinct) == 1:
        return distinct[0]
    if not any(scale.has_sides for scale in distinct):
        return categories(label for scale in distinct for label in scale.labels)
    if not all(scale.has_sides for scale in distinct):
        plain = [s for s, scale in zip(sources, scales, strict=True) if not scale.has_sides]
        raise WorkbenchError(
            f"{first_five(plain)}: the labels are categories, those of the other files choose between two responses.",
            message("Name the scale ", by("scale"), ", or open the files apart."),
        )
    wanted = {strength for scale in distinct for strength in scale.strengths}
    fitting = [scale for scale in SCALES.values() if wanted <= set(scale.strengths)]
    return min(fitting, key=len)


def recode(codes: np.ndarray, scale: LabelScale, onto: LabelScale) -> np.ndarray:
    """Codes of one scale as codes of a wider one; NULL stays NULL."""
    if scale == onto:
        return codes
    if scale.has_sides and onto.has_sides:
        table = [onto.strengths.index(s) if s in onto.strengths else NULL for s in scale.strengths]
    else:
        table = [onto.labels.index(label) if label in onto.labels else NULL for label in scale.labels]
    kind = np.int8 if len(onto) < 127 else np.int32
    return np.array([*table, NULL], kind)[codes]
