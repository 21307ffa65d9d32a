"""How often an annotator chooses what the others chose."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet


def agreement_with_others(data: AnnotationSet) -> pd.DataFrame:
    r"""How often does each annotator agree with another one on the same item?

    The annotator's own label is left out, so one who is alone on an item gets no credit for it. On an item with m
    labels, of which $r_c$ are the annotator's label c, the share of the others who agree is $(r_c - 1) / (m - 1)$; the
    figure is the mean of that over the annotator's items with at least two labels.

    Parameters
    ----------
    data : the annotations; first judgements with a label are used.

    Returns
    -------
    Frame with one row an annotator, in the order of `data.annotators`: `agreement` (0..1, NaN where it shares no item
    with anybody), `standard_error` (over items), `items` (shared items it rests on).

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.dataset.assembly import Export, assemble
    >>> rows = pd.DataFrame(
    ...     {"item_id": ["1"] * 3 + ["2"], "annotator": ["x", "y", "z", "x"], "label": ["A", "A", "B", "B"]}
    ... )
    >>> data = assemble(
    ...     [Export(items=rows[["item_id"]], rows=rows[["annotator", "label"]], source="t", format="t", sides=True)]
    ... )
    >>> agreement_with_others(data)["agreement"].tolist()
    [0.5, 0.5, 0.0]
    """
    from workbench.annotators.kernels import agreement_by_annotator

    codes = data.codes
    items, total, squares = (
        np.zeros(codes.n_annotators, np.int64),
        np.zeros(codes.n_annotators),
        np.zeros(codes.n_annotators),
    )
    agreement_by_annotator(codes.starts, codes.annotator, codes.label, codes.n_labels, items, total, squares)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / items
        variance = np.maximum(squares / items - mean**2, 0.0) * items / (items - 1)
        return pd.DataFrame({"agreement": mean, "standard_error": np.sqrt(variance / items), "items": items})
