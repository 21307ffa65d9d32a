"""The methods by name, and the one function that runs any of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import singledispatch
from importlib import import_module
from types import ModuleType

import numpy as np
import pandas as pd

from workbench.aggregation.contract import Aggregation, ChosenLabels, Fit, choose
from workbench.aggregation.votes import Votes
from workbench.dataset.annotation_set import AnnotationSet, Codes
from workbench.dataset.scales import NULL, LabelScale
from workbench.errors import WorkbenchError, first_five
from workbench.messages import by, message
from workbench.plugins import METHODS as GROUP
from workbench.plugins import Parts
from workbench.progress import UNWATCHED, Watch

DEFAULT = "consensus"
"""The method used where none is named."""

SOFT = "-soft"
"""What a label source is called after its method where it is the probabilities, and not one label each."""

DEFAULT_LABELS = DEFAULT + SOFT
"""The labels that models are taught, and studies are done with, where none are named."""


@dataclass(frozen=True)
class Method:
    """One way to aggregate; its module is loaded when it is first used.

    Attributes
    ----------
    name : its name in `aggregate` and on the command line;
    title : its name in sentences.
    summary : what it does, in one line.
    needs : options it cannot run without.
    where : the module with its `fit`; by default `workbench.aggregation.NAME`.
    """

    name: str
    title: str
    summary: str
    needs: tuple[str, ...] = ()
    where: str = ""

    @property
    def module(self) -> ModuleType:
        """The module with its `fit`."""
        return import_module(self.where or f"workbench.aggregation.{self.name}")

    @property
    def fit(self) -> Callable[..., Fit]:
        """Its `fit(votes, **options)`."""
        fit: Callable[..., Fit] = self.module.fit
        return fit

    @property
    def options(self) -> dict[str, object]:
        """Its options with their defaults."""
        parameters = list(inspect.signature(self.fit).parameters.values())[1:]
        return {
            p.name: None if p.default is inspect.Parameter.empty else p.default for p in parameters if p.name != "watch"
        }

    @property
    def iterative(self) -> bool:
        """Whether its `fit` goes round and tells a `watch`."""
        return "watch" in inspect.signature(self.fit).parameters


_OWN = {
    method.name: method
    for method in (
        Method(
            "consensus",
            "Consensus",
            "What methods of different structure say together, corrected by gold where there is enough.",
        ),
        Method(
            "latent_strength",
            "Latent strength",
            "A strength of preference for each item, and annotators who differ in sensitivity, side and width of ties.",
        ),
        Method(
            "hard_items",
            "Dawid-Skene with hard items",
            "A confusion table for each annotator and a difficulty for each item.",
        ),
        Method("majority", "Majority vote", "Every judgement counts the same; equal votes stay an open tie."),
        Method(
            "weighted",
            "Weighted vote",
            "Each annotator's vote weighs the log-odds of being right, from agreement with others.",
        ),
        Method("one_coin", "One-coin", "One accuracy for each annotator; errors fall on the other labels evenly."),
        Method(
            "dawid_skene",
            "Dawid-Skene",
            "A confusion table for each annotator, drawn to what all have in common as far as the data ask for it.",
        ),
        Method("glad", "GLAD", "One ability for each annotator and one difficulty for each item."),
        Method(
            "mace", "MACE", "Each annotator either knows the label or fills one in by habit, in proportions of its own."
        ),
        Method(
            "crowdlab",
            "CROWDLAB",
            "The judgements together with the probabilities of any classifier, each trusted as far as it agrees.",
            ("probabilities",),
        ),
        Method(
            "bradley_terry",
            "Bradley-Terry",
            "One strength for each response or model, with ties, left bias and a reliability for each annotator.",
        ),
    )
}


def _brought(name: str, where: str, module: ModuleType) -> Method:
    return Method(name, module.TITLE, module.SUMMARY, tuple(getattr(module, "NEEDS", ())), where)


METHODS: Mapping[str, Method] = Parts(_OWN, GROUP, _brought)
"""The aggregation methods by name, those of other packages last."""


def aggregate(
    data: AnnotationSet,
    method: str = DEFAULT,
    *,
    clamp_gold: bool | np.ndarray = False,
    watch: Watch = UNWATCHED,
    **options: object,
) -> Aggregation:
    """What is the one label of each item, and how sure is it?

    Parameters
    ----------
    data : the annotations; first judgements with a label are used.
    method : one of `METHODS`.
    clamp_gold : give the method the gold labels it may learn annotators from: all (True), or those of some items (bool,
        (n_items,)).
    watch : is told each iteration of a method that iterates.
    options : the method's own, see `METHODS[method].options` and the `fit` of its module.

    Returns
    -------
    Posterior, label and confidence of each item, and what the method thinks of each annotator.

    Raises
    ------
    WorkbenchError
        There is no such method or option, or an option's value makes no sense.
    Cancelled
        The watch asked it to stop.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.dataset.assembly import Export, assemble
    >>> rows = pd.DataFrame(
    ...     {"item_id": ["1", "1", "1", "2"], "annotator": ["x", "y", "z", "x"], "label": ["A", "A", "B", "B"]}
    ... )
    >>> data = assemble(
    ...     [Export(items=rows[["item_id"]], rows=rows[["annotator", "label"]], source="t", format="t", sides=True)]
    ... )
    >>> aggregate(data, "majority").posterior.round(3).tolist()
    [[0.667, 0.333], [0.0, 1.0]]
    """
    if method not in METHODS:
        raise WorkbenchError(f"There is no aggregation method {method!r}.", f"Choose one of {', '.join(METHODS)}.")
    chosen = METHODS[method]
    unknown = sorted(set(options) - set(chosen.options))
    if unknown:
        raise WorkbenchError(
            f"{chosen.title} has no option {first_five(unknown)}.",
            f"Its options are {', '.join(chosen.options) or 'none'}.",
        )
    missing = [name for name in chosen.needs if options.get(name) is None]
    if missing:
        raise WorkbenchError(
            f"{chosen.title} needs {first_five(missing)}.",
            message("Give them ", by(missing[0]), "."),
        )
    codes = data.codes
    clamp = _clamp(data, clamp_gold)
    watched = {"watch": watch} if chosen.iterative else {}
    votes = Votes(data, codes, clamp)
    fitted = chosen.fit(votes, **watched, **options)
    repeat, label = data.annotations["repeat"].to_numpy(), data.annotations["label"].to_numpy()
    unused = {
        "later judgements of the same item by the same annotator": int((repeat > 0).sum()),
        "judgements without a label": int((label == NULL).sum()),
    }
    return aggregation_of(
        chosen,
        fitted,
        votes,
        scale=data.scale,
        names=data.annotators["annotator"].to_numpy(),
        options=options,
        set_aside={reason: n for reason, n in unused.items() if n},
    )


def _clamp(data: AnnotationSet, clamp_gold: bool | np.ndarray) -> np.ndarray:
    if isinstance(clamp_gold, (bool, np.bool_)):
        return data.gold.astype(np.int8) if clamp_gold else np.full(len(data.items), NULL, np.int8)
    chosen = np.asarray(clamp_gold)
    if chosen.dtype != bool or chosen.shape != (len(data.items),):
        raise WorkbenchError(
            f"clamp_gold has shape {chosen.shape} and type {chosen.dtype}, there are {len(data.items):,} items.",
            "Give True, False, or one true or false for each item.",
        )
    return np.where(chosen, data.gold, NULL).astype(np.int8)


@singledispatch
def chosen_labels(codes: Codes, posterior: np.ndarray, scale: LabelScale) -> ChosenLabels:  # noqa: ARG001
    """`choose`, wherever the numbers of the items stand."""
    return choose(posterior, scale)


def aggregation_of(
    method: Method,
    fitted: Fit,
    votes: Votes,
    *,
    scale: LabelScale,
    names: np.ndarray,
    options: Mapping[str, object],
    set_aside: Mapping[str, int],
) -> Aggregation:
    """What a fit says of the items: labels chosen from its posterior, and its annotators by their names."""
    made = chosen_labels(votes.codes, fitted.posterior, scale)
    return Aggregation(
        method=method.name,
        options={**method.options, **options},
        scale=scale,
        posterior=fitted.posterior,
        label=made.label,
        direction=made.direction,
        confidence=made.confidence,
        direction_confidence=made.direction_confidence,
        undecided=made.undecided,
        strength_tied=made.strength_tied,
        annotators=pd.DataFrame({"annotator": names, "n": votes.per_annotator, **fitted.annotators}),
        confusion=fitted.confusion,
        prior=fitted.prior,
        objective=np.asarray(fitted.objective, float),
        objective_name=fitted.objective_name,
        iterations=fitted.iterations,
        converged=fitted.converged,
        clamped=votes.clamp != NULL,
        n_used=len(votes.codes),
        set_aside=dict(set_aside),
        details=dict(fitted.details),
    )
