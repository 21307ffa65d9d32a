"""What the Labels page computes, each once a data set, and what is chosen: method, use of gold, and whose probabilities
CROWDLAB takes."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import _runs
import _ui
import pandas as pd
import streamlit as st

from workbench.aggregation import DEFAULT, METHODS, Aggregation, Comparison
from workbench.aggregation.asking import (
    GOLD_USES,
    aggregate_asking,
    costly_methods,
    probability_of_a,
    quick_methods,
    side_by_side,
)
from workbench.aggregation.calibration import Calibration, calibration, confidence_bars
from workbench.aggregation.differences import Differences, against_gold, methods_differ
from workbench.aggregation.probabilities import Probabilities, read_probabilities
from workbench.aggregation.run import labels_of_run
from workbench.annotators import survey
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.formats.writers.preference_rows import decide, write_preference_rows
from workbench.reward.disagreements import held_out_file
from workbench.runs import Run, all_runs, start
from workbench.studies.bench_building import data_file
from workbench.wording.runs import moment

KINDS = ("aggregate",)
CROWDLAB = "crowdlab"
FILE = "file"


@dataclass(frozen=True)
class Chosen:
    """What the reader asked for.

    Attributes
    ----------
    method : whose labels the page is about.
    gold : one of `GOLD_USES`.
    methods : all that have labels.
    classifier : file with the probabilities that CROWDLAB takes; '' where there is none.
    """

    method: str
    gold: str
    methods: tuple[str, ...]
    classifier: str = ""

    @property
    def one(self) -> dict[str, str]:
        """What the labels of the method depend on, as parameters of a cached answer."""
        return {
            "method": self.method,
            "gold": self.gold,
            "classifier": self.classifier if self.method == CROWDLAB else "",
        }

    @property
    def code(self) -> str:
        """The Python that gives the same labels."""
        lines, given = ["from workbench.aggregation import aggregate"], ""
        if self.gold != "judge":
            lines.append("from workbench.aggregation.asking import gold_to_learn_from")
            given += f", clamp_gold=gold_to_learn_from(data, {self.gold!r})"
        if self.method == CROWDLAB:
            lines.append("from workbench.aggregation.probabilities import read_probabilities")
            given += f", probabilities=read_probabilities({self.classifier!r}, data).values"
        return "\n".join(lines) + f"\n\nresult = aggregate(data, {self.method!r}{given})\n"


# ---------------------------------------------------------------- what is computed, each once a data set


def made(data: AnnotationSet, method: str, gold: str, classifier: str) -> Aggregation | WorkbenchError:
    """One method's labels, or why it refuses these data.

    Parameters
    ----------
    classifier : file with the probabilities that CROWDLAB takes; '' where there is none.
    """
    try:
        if method == CROWDLAB:
            return aggregate_asking(
                data, method, gold_use=gold, probabilities=_ui.shared(probabilities, data, classifier=classifier).values
            )
        run = runs_of(data, gold).get(method)
        if run is not None and run.status().state == "done" and method in costly_methods(data):
            return labels_of_run(run.folder, data)
        return aggregate_asking(data, method, gold_use=gold)
    except WorkbenchError as error:
        return error


def labels_of(data: AnnotationSet, method: str, gold: str, classifier: str) -> Any:
    """One method's labels from its cache; only CROWDLAB's depend on the classifier."""
    return _ui.shared(made, data, method=method, gold=gold, classifier=classifier if method == CROWDLAB else "")


def probabilities(data: AnnotationSet, classifier: str) -> Probabilities:
    return read_probabilities(classifier, data)


SUSPECTS_UP_TO = 1_500_000
"""Judgements up to which the page looks for suspect gold: more would keep it waiting."""


def suspects(data: AnnotationSet) -> Any:
    """Items whose gold good annotators contradict, as bool by position; as many as on the Overview."""
    return _ui.shared(survey, data).gold.distrusted


def compared(data: AnnotationSet, methods: tuple[str, ...], gold: str, classifier: str) -> Comparison:
    """Several methods, each from its own cache."""
    every = {m: labels_of(data, m, gold, classifier) for m in methods}
    return side_by_side(
        data,
        {m: r for m, r in every.items() if isinstance(r, Aggregation)},
        {m: r.what.rstrip(".") for m, r in every.items() if isinstance(r, WorkbenchError)},
    )


def agreeing(data: AnnotationSet, methods: tuple[str, ...], gold: str, classifier: str) -> pd.DataFrame:
    return _ui.shared(compared, data, methods=methods, gold=gold, classifier=classifier).agreement


def contradicting(
    data: AnnotationSet, methods: tuple[str, ...], gold: str, classifier: str, method: str, what: str, direction: bool
) -> Differences:
    results = _ui.shared(compared, data, methods=methods, gold=gold, classifier=classifier).results
    return (against_gold if what == "gold" else methods_differ)(data, results, method, direction_only=direction)


def bars(data: AnnotationSet, method: str, gold: str, classifier: str) -> pd.DataFrame:
    return confidence_bars(labels_of(data, method, gold, classifier))


def calibrated(data: AnnotationSet, method: str, gold: str, classifier: str) -> Calibration:
    return calibration(labels_of(data, method, gold, classifier), data.gold)


def table_of(data: AnnotationSet, method: str, gold: str, classifier: str) -> pd.DataFrame:
    return labels_of(data, method, gold, classifier).to_frame(data)


def fate_of_items(data: AnnotationSet, method: str, gold: str, classifier: str, ties: str) -> dict[str, int]:
    """Items that become training rows, and why the others do not."""
    result = labels_of(data, method, gold, classifier)
    reasons = (
        decide(data, labels=result.label, soft=probability_of_a(result), ties=ties)
        .sidecar["reason"]
        .fillna("training rows")
    )
    return reasons.value_counts().to_dict()


def training_rows(
    data: AnnotationSet, method: str, gold: str, classifier: str, ties: str, conversational: bool, kind: str
) -> bytes:
    """The file of training rows with soft labels."""
    result = labels_of(data, method, gold, classifier)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"rows.{kind}"
        write_preference_rows(
            data, path, labels=result.label, soft=probability_of_a(result), ties=ties, conversational=conversational
        )
        return path.read_bytes()


# ---------------------------------------------------------------- what takes longer is a run


def runs_of(data: AnnotationSet, gold: str) -> dict[str, Run]:
    """Method -> its last run on these data with gold used in this way."""
    found: dict[str, Run] = {}
    for run in all_runs(KINDS):
        if run.config.get("data") == data.key and run.config.get("gold") == gold:
            found.setdefault(run.config["method"], run)
    return found


def start_method(data: AnnotationSet, method: str, gold: str) -> None:
    """Starts a run of a method."""
    try:
        path = data_file(data, _ui.shelf())
        start(
            "aggregate",
            {"paths": [str(path)], "data": data.key, "method": method, "gold": gold},
            title=f"Labels by {METHODS[method].title}",
        )
    except (OSError, WorkbenchError) as error:
        _ui.problem(
            error
            if isinstance(error, WorkbenchError)
            else WorkbenchError(
                "The data set cannot be written to this machine's shelf, so no run can read it.",
                "Make room on the disk, or name another folder in WORKBENCH_UPLOADS.",
            )
        )
        return
    st.rerun()


def follow_link(data: AnnotationSet) -> None:
    """A link to a run shows its method with gold as it used it, once."""
    if "run" not in st.query_params:
        return
    run = _runs.chosen_run(KINDS)
    _runs.choose_run(None, KINDS)
    if run is None or run.config.get("data") != data.key:
        return
    if (data.gold >= 0).any():
        st.session_state["lbl_gold"] = run.config["gold"]
    if run.status().state == "done":
        st.session_state["lbl_method"] = run.config["method"]


# ---------------------------------------------------------------- what is chosen


def choices(data: AnnotationSet) -> Chosen:
    """Which method, what gold is used for, and which methods have labels; costly ones get them from a run, CROWDLAB
    from a classifier."""
    costly, gold = costly_methods(data), "judge"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        left = st.container(width=230)
        if (data.gold >= 0).any():
            gold = st.selectbox(
                "Gold is used",
                list(GOLD_USES),
                format_func=GOLD_USES.__getitem__,
                key="lbl_gold",
                bind="query-params",
                width=290,
                help=(
                    "Methods can learn from gold who is right how often. Gold that a method was given says nothing"
                    " about how good it is, so it is judged on the rest."
                ),
            )
        classifier = classifier_choice(data)
        runs = runs_of(data, gold) if costly else {}
        more = (CROWDLAB,) if classifier else ()
        methods = (*quick_methods(data), *(m for m in costly if m in runs and runs[m].status().state == "done"), *more)
        if st.session_state.get("lbl_method", DEFAULT) not in methods:
            del st.session_state["lbl_method"]
        method = left.selectbox(
            "Labels by",
            sorted(methods, key=lambda m: m != DEFAULT),
            format_func=lambda m: METHODS[m].title,
            key="lbl_method",
            bind="query-params",
            width=230,
            help="  \n".join(f"**{METHODS[m].title}.** {METHODS[m].summary}" for m in METHODS),
        )
        for name in (m for m in costly if m not in runs):
            if st.button(
                f"Run {METHODS[name].title} too",
                key=f"lbl_run_{name}",
                help=(
                    f"It takes longer on {len(data.codes):,} judgements, so it runs beside this page; it can be"
                    " cancelled."
                ),
            ):
                start_method(data, name, gold)
    for name in (m for m in costly if m in runs and m not in methods):
        _runs.show_run(runs[name], key=f"lbl_run_of_{name}", chart=False)
    return Chosen(method, gold, methods, classifier)


def classifier_choice(data: AnnotationSet) -> str:
    """A file with a classifier's probabilities, from a training run of these data or uploaded; '' where none is chosen
    or it cannot be used."""
    trained = {run.id: (run, file) for run, file in training_runs(data)}
    with st.popover(
        "Add CROWDLAB",
        key="lbl_classifier",
        help="CROWDLAB joins the judgements with the probabilities of any classifier",
    ):
        st.markdown("**A classifier's probabilities for the items**")
        names = {
            "": "None",
            **{key: f"{run.title}, {moment(run.created_at)}" for key, (run, _) in trained.items()},
            FILE: "A file",
        }
        asked = st.selectbox(
            "From",
            list(names),
            format_func=lambda key: _ui.safe_plain(names[key]),
            key="lbl_probs",
            width=420,
            help=(
                "A reward model trained here on these data says what it thinks of the pairs it never saw. Or bring a"
                " file."
            ),
        )
        path = str(trained[asked][1]) if asked in trained else ""
        if asked == FILE:
            upload = st.file_uploader(
                "A file of probabilities", ["csv", "tsv", "parquet", "jsonl", "json"], key="lbl_probs_file"
            )
            path = _ui.kept_upload(upload) if upload is not None else ""
            st.caption(
                f"One row an item: `item_id`, and a column a label ({_ui.safe(', '.join(data.scale.labels[:7]))})"
                + (", or one with the chance that A is better: `p_a`." if data.has_pairs else ".")
                + " They must come from a classifier that was not trained on these items."
            )
        elif not trained:
            st.caption("No reward model was trained on these data yet; the page Reward models does that.")
        if not path:
            return ""
        try:
            found: Probabilities = _ui.shared(probabilities, data, classifier=path)
        except WorkbenchError as error:
            _ui.problem(error)
            return ""
        st.caption(_ui.safe(f"In use: {found}."))
    return path


def training_runs(data: AnnotationSet) -> list[tuple[Run, Path]]:
    """Finished training runs on these data that kept what their model says of the items it did not see, and where."""
    found = [
        (run, held_out_file(run.folder))
        for run in all_runs(("train",))
        if run.config.get("data") == data.key and run.status().state == "done"
    ]
    return [(run, file) for run, file in found if file is not None]
