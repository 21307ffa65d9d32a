"""The run that trains a reward model: labels, split, training, scorecard, model folder. Pages and the command line
start the same one.

The configuration holds

- `paths` (as `workbench.load` takes them) and `data` (content key, for the pages); `evaluation`: paths of other pairs
  to judge by, or none; `evaluations`: name -> paths of further sets, each with a scorecard of its own;
- `labels`, `slice`: as `pairs_of` takes them; `judge`: labels of the held-out pairs, by default gold where there is
  enough, otherwise the same;
- `share`: of the pairs, whole prompt groups, that is held out where there is no `evaluation`; `seed`;
- `model`: `head` or `finetune`, with its settings under that name (`HeadSettings`, `FineTuning`);
- `plain`: also train a plain model on the same split, to see what minding label noise gave; `sources`: also train
  without each source in turn;
- `quantise`: also measure 8-bit weights; `out`: where the model goes, by default `model` in the run's folder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from workbench.checkpoints import Checkpoints
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL
from workbench.drafts import drafted
from workbench.errors import WorkbenchError, first_five
from workbench.progress import Cancelled, Watch
from workbench.reward.disagreements import HELD_OUT
from workbench.reward.evaluation_sets import Evaluated, EvaluationSet, evaluated, evaluation_sets, write_results
from workbench.reward.exporting import PORTABLE, export_head
from workbench.reward.finetune import FineTuning
from workbench.reward.fitted import Fitted, Model, fit_model, plain_settings, without_each_source
from workbench.reward.heads import level_probabilities, preference_of_margin
from workbench.reward.latency import scoring_latency
from workbench.reward.model import RewardModel, add_to_about
from workbench.reward.model_card import Training, model_card
from workbench.reward.pairs import AUTOMATIC, Pairs, pairs_of, split_by_group
from workbench.reward.ranking import compared
from workbench.reward.scorecard import Scorecard, scorecard
from workbench.reward.settings import HeadSettings
from workbench.reward.too_long import pairs_too_long
from workbench.version import __version__

FEWEST_GOLD = 30
"""Held-out items with gold from which on the gold is what a model is judged by, where nobody says otherwise."""

COUNTED = 50_000
"""Training pairs, evenly over all of them, whose texts are counted for the share that is too long."""

MEASURED_PAIRS = 400
"""Held-out pairs on which 8-bit weights are measured."""


class Running(Protocol):
    """What the work needs of a run."""

    @property
    def folder(self) -> Path:
        """Where its files lie."""

    @property
    def checkpoints(self) -> Checkpoints:
        """State that survives a kill."""

    @property
    def watch(self) -> Watch:
        """Who is told each step."""


def train_run(config: Mapping[str, Any], run: Running) -> dict[str, Any]:
    """Trains a reward model and says what it is worth.

    Returns
    -------
    `eval` (the scorecard), `evaluations` (of further sets), `pairs`, `groups`, `labels`, `model`, `encoder`,
    `encoder_reason`, `notes`, `train`, `set_aside`, `cut` (texts longer than the model reads at once), `folder`, and
    where measured `lengths`, `latency`, `quantisation`. The model is written before any of it is measured.
    """
    settings = settings_of(config)
    run.watch.step(0, 0, "Reading the data")
    given = material(config)
    train_pairs, held, notes = given.train, given.held, list(given.notes)
    fitted = fit_model(train_pairs, settings, run.folder / "checkpoints", run.watch, run.checkpoints)
    notes += fitted.notes
    model = fitted.model
    place = _written(config, run, fitted)
    counted = train_pairs.take(np.linspace(0, len(train_pairs) - 1, min(len(train_pairs), COUNTED)).astype(np.int64))
    cut = pairs_too_long(model, *(getattr(counted, n).tolist() for n in ("prompt", "response_a", "response_b")))
    if cut.limit is not None and not isinstance(settings, FineTuning):
        notes.append(cut.sentence)
    margin = _margin(model, held, run.watch)
    rng = np.random.default_rng(int(config.get("seed", 0)))
    noise = None
    if config.get("plain"):
        plain = fit_model(
            hard_labels(train_pairs),
            plain_settings(settings),
            run.folder / "checkpoints" / "plain",
            run.watch,
            _Prefixed(run.checkpoints, "plain-"),
        )
        noise = compared(("Noise-aware", "Plain"), (margin, _margin(plain.model, held, run.watch)), held)
    left_out = without_each_source(fitted, given.whole, given.truth, run.watch) if config.get("sources") else None
    run.watch.step(0, 0, "Holding the model against pairs it has not seen")
    card = scorecard(
        margin,
        held,
        rng,
        data=given.judged_by,
        cutpoints=model.cutpoints / model.temperature,
        left_out=left_out,
        noise=noise,
    )
    others = [evaluated(model, each, int(config.get("seed", 0)), place.name, run.watch) for each in given.others]
    result: dict[str, Any] = {
        "eval": card.to_dict(),
        "evaluations": {each.name: each.to_dict() for each in others},
        "cut": cut.to_dict(),
        "pairs": len(train_pairs),
        "groups": train_pairs.groups,
        "labels": train_pairs.labels,
        "model": "finetune" if isinstance(settings, FineTuning) else "head",
        "encoder": fitted.base,
        "encoder_reason": fitted.reason,
        "notes": notes,
        "train": fitted.about,
        "set_aside": dict(train_pairs.set_aside),
        "key": given.data.key,
        **({"lengths": fitted.lengths.to_dict()} if fitted.lengths else {}),
    }
    if given.judged_by is given.data:
        keep_held_out(run.folder, given.data, held, margin, model.cutpoints / model.temperature)
    result |= _measured(config, fitted, held, run.watch)
    _described(place, fitted, train_pairs, card, others, notes, settings, given.data.key)
    result["folder"] = str(place) if config.get("out") else place.name
    return result


def settings_of(config: Mapping[str, Any]) -> HeadSettings | FineTuning:
    """The settings of the model that is asked for.

    Raises
    ------
    WorkbenchError
        There is no such kind of model, or no setting of that name.

    >>> settings_of({"model": "head", "head": {"penalty": 1.0}}).penalty
    1.0
    """
    kind = config.get("model", "head")
    given = dict(config.get(str(kind)) or {})
    if kind == "head":
        return HeadSettings.of(given)
    if kind != "finetune":
        raise WorkbenchError(f"There is no kind of reward model {kind!r}.", "Choose `head` or `finetune`.")
    unknown = sorted(set(given) - {f.name for f in fields(FineTuning)})
    if unknown:
        raise WorkbenchError(
            f"There is no setting {first_five(unknown)}.",
            f"Settings are {', '.join(f.name for f in fields(FineTuning))}.",
        )
    return FineTuning(**{**given, "base": str(given.get("base") or "all-MiniLM-L6-v2")})


@dataclass(frozen=True, eq=False, kw_only=True)
class Material:
    """What a model is trained on and judged by.

    Attributes
    ----------
    data : the annotations.
    judged_by : those that the held-out pairs come from.
    train, held : pairs.
    whole : all pairs of the data, with the labels that are learned from.
    truth : float64 (len(whole),): the labels they are judged by, NaN where there is none.
    notes : what to know of them.
    others : further sets that the model is held against.
    """

    data: AnnotationSet
    judged_by: AnnotationSet
    train: Pairs
    held: Pairs
    whole: Pairs
    truth: np.ndarray
    notes: tuple[str, ...] = ()
    others: tuple[EvaluationSet, ...] = ()


def material(config: Mapping[str, Any]) -> Material:
    """Reads the data, chooses labels, and holds some out."""
    from workbench.formats import load

    data = load([str(path) for path in config["paths"]])
    labels, slice_name, judge = (
        str(config.get("labels") or AUTOMATIC),
        config.get("slice") or None,
        str(config.get("judge") or ""),
    )
    pairs = pairs_of(data, labels, slice_name)
    named = dict(config.get("evaluations") or {})
    others = evaluation_sets(named, pairs, judge, slice_name)
    if others and not config.get("evaluation"):
        first = others[0]
        return Material(
            data=data,
            judged_by=first.data,
            train=pairs,
            held=first.pairs,
            whole=pairs,
            truth=pairs.target,
            notes=tuple(_left_out(each.shared, f" of {each.name}") for each in others if each.shared),
            others=tuple(others),
        )
    if config.get("evaluation"):
        other = load([str(path) for path in config["evaluation"]])
        own = slice_name if slice_name and f"slice.{slice_name}" in other.slices else None
        held, shared = apart_from(pairs_of(other, judge or AUTOMATIC, own), pairs)
        return Material(
            data=data,
            judged_by=other,
            train=pairs,
            held=held,
            whole=pairs,
            truth=pairs.target,
            notes=(_left_out(shared),) if shared else (),
            others=tuple(others),
        )
    train, out = split_by_group(
        pairs, float(config.get("share", 0.2)), np.random.default_rng(int(config.get("seed", 0)))
    )
    held, notes = judged(pairs.take(out), data, judge)
    truth = pairs.target if held.labels == pairs.labels else _labels_for(pairs, pairs_of(data, held.labels))
    return Material(
        data=data, judged_by=data, train=pairs.take(train), held=held, whole=pairs, truth=truth, notes=tuple(notes)
    )


def _left_out(shared: int, of: str = "") -> str:
    return f"{shared:,} pairs{of} to judge by share a prompt or a response with the training pairs and were left out"


def _labels_for(pairs: Pairs, other: Pairs) -> np.ndarray:
    """The labels that other pairs have for the same items, NaN where they have none."""
    place = pd.Index(other.item).get_indexer(pairs.item)
    return np.where(place >= 0, other.target[place], np.nan)


def judged(held: Pairs, data: AnnotationSet, judge: str) -> tuple[Pairs, list[str]]:
    """The held-out pairs with the labels they are judged by, each item once.

    Parameters
    ----------
    judge : a label source; '' = gold where enough held-out items have it, otherwise the labels the pairs have.
    """
    once = held.take(np.unique(held.item, return_index=True)[1]) if held.labels == "raw" else held
    on_gold = int((data.gold[once.item] != NULL).sum())
    source = judge or ("gold" if on_gold >= FEWEST_GOLD else held.labels)
    if source == held.labels:
        return held, []
    with_labels = once.with_labels_of(pairs_of(data, source))
    lost = len(once) - len(with_labels)
    note = f"The model learned from {held.labels} labels and is judged by {source}" + (
        f"; {lost:,} held-out pairs have none" if lost else ""
    )
    return with_labels, [note]


def apart_from(held: Pairs, train: Pairs) -> tuple[Pairs, int]:
    """The pairs that share neither prompt nor response with the training pairs, and how many do."""
    return train.apart(held)


def _margin(model: Model, held: Pairs, watch: Watch) -> np.ndarray:
    """Margins on the scale of the model's probabilities."""
    return (
        model.margin(held.prompt.tolist(), held.response_a.tolist(), held.response_b.tolist(), watch)
        / model.temperature
    )


def keep_held_out(folder: Path, data: AnnotationSet, held: Pairs, margin: np.ndarray, cutpoints: np.ndarray) -> None:
    """Writes what the model says of the items it was not trained on, as `workbench.aggregation.probabilities` reads it.

    Where the model knows the levels of the scale there is one column a label (`p.A>>`), else the chance that A is
    better (`p_a`).
    """
    once = np.unique(held.item, return_index=True)[1]
    at, table = margin[once], pd.DataFrame({"item_id": data.items["item_id"].to_numpy()[held.item[once]]})
    if len(cutpoints) + 1 == len(data.scale):
        levels = level_probabilities(at, cutpoints)
        table = table.assign(**{f"p.{label}": levels[:, k] for k, label in enumerate(data.scale.labels)})
    else:
        table["p_a"] = preference_of_margin(at, cutpoints)
    table.to_parquet(folder / HELD_OUT, index=False)


def hard_labels(pairs: Pairs) -> Pairs:
    """The same pairs with labels taken as certain, all of equal weight, without ties."""
    decided = pairs.take(np.flatnonzero(pairs.target != 0.5))
    return replace(
        decided,
        target=(decided.target > 0.5).astype(float),
        weight=np.ones(len(decided)),
        annotator=np.full(len(decided), -1),
    )


def _measured(config: Mapping[str, Any], fitted: Fitted, held: Pairs, watch: Watch) -> dict[str, Any]:
    """Scoring time, and 8-bit weights where asked for."""
    part = held.take(np.arange(min(len(held), MEASURED_PAIRS)))
    if config.get("quantise"):
        found = fitted.quantised(part, watch)
        return {"quantisation": found.to_dict(), "latency": [each.to_dict() for each in found.latency_before]}
    model = fitted.direct()
    return {
        "latency": [
            e.to_dict()
            for e in scoring_latency(
                model.score, part.prompt.tolist(), part.response_a.tolist(), seconds=6.0, watch=watch
            )
        ]
    }


def _written(config: Mapping[str, Any], run: Running, fitted: Fitted) -> Path:
    """Writes the model folder, before anything is measured, and gives its place."""
    place = Path(config["out"]) if config.get("out") else run.folder / "model"
    if not run.folder.is_dir():  # deleted while it worked: nothing of it is made again
        raise Cancelled("writing the model")
    fitted.save(place, {})
    if config.get("portable") and isinstance(fitted.model, RewardModel):
        export_head(fitted.model, place / PORTABLE)
    return place


def _described(
    place: Path,
    fitted: Fitted,
    train: Pairs,
    card: Scorecard,
    others: Sequence[Evaluated],
    notes: list[str],
    settings: HeadSettings | FineTuning,
    key: str,
) -> None:
    """Adds card, results and figures to the model folder."""
    if not place.is_dir():
        raise Cancelled("describing the model")
    add_to_about(place, {"eval": _short(card), "evaluations": {each.name: _short(each.card) for each in others}})
    write_results(place, others)
    training = Training(
        model="finetune" if isinstance(settings, FineTuning) else "head",
        base=fitted.base,
        labels=train.labels,
        pairs=len(train),
        groups=train.groups,
        ties=train.ties,
        set_aside=train.set_aside,
        key=key,
        settings={
            name: value
            for name, value in settings.to_dict().items()
            if name not in ("base", "encoder") and value is not None
        },
        notes=tuple(notes),
        versions=versions(),
    )
    with drafted(place / "README.md") as draft:
        draft.write_text(model_card(training, card, {each.name: each.card for each in others}), "utf-8")


def _short(card: Scorecard) -> dict[str, Any]:
    """The figures of a scorecard that a model's own JSON keeps."""
    return {
        name: value for name, value in card.to_dict().items() if not isinstance(value, dict) and name != "disagreements"
    }


def versions() -> dict[str, str]:
    """Versions of what took part."""
    found = {"preference-workbench": __version__}
    for name in ("torch", "transformers", "sentence-transformers", "trl"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


class _Prefixed:
    """The same checkpoints under other names."""

    def __init__(self, inner: Checkpoints, prefix: str) -> None:
        self.inner, self.prefix = inner, prefix

    def save(self, name: str, arrays: Mapping[str, np.ndarray], note: Mapping[str, Any]) -> None:
        """Replaces what was kept."""
        self.inner.save(self.prefix + name, arrays, note)

    def load(self, name: str) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
        """What was kept."""
        return self.inner.load(self.prefix + name)
