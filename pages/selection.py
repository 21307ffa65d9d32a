"""Which pairs to label next: strategy and budget, where the picks lie, what other strategies would pick, and the batch
as tasks to take away."""

from __future__ import annotations

from typing import Any

import _runs
import _ui
import streamlit as st

from workbench.collection.task_files import FORMS, key_file, label_studio_config
from workbench.collection.tasks import Tasks, tasks_of
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.figures.canvas import describe
from workbench.figures.selection import (
    map_table,
    overlap_heat_map,
    overlap_table,
    picks_table,
    selection_map,
    slices_table,
    strategies_table,
)
from workbench.figures.tables import whole_percents
from workbench.formats.records.unlabelled import with_candidates
from workbench.runs import Run
from workbench.selection import DEFAULT, STRATEGIES
from workbench.selection.pooling import candidate_counts
from workbench.studies.bench_building import data_file
from workbench.studies.examples import example_of
from workbench.wording.runs import lasting
from workbench.wording.selection import nothing_new_sentence, pool_sentence, promise_sentence, verdict_sentence

KINDS = ("select",)
ENCODERS = {"": "all-MiniLM-L6-v2", "hashed": "words alone (hashed)"}
NO_MODEL = "fitted to the labelled pairs"


# ---------------------------------------------------------------- what is computed


def counts(data: AnnotationSet) -> tuple[int, int]:
    return candidate_counts(data)


def tasks(data: AnnotationSet, run: str, strategy: str, seed: int) -> Tasks:
    """The picks of a run as tasks."""
    result = _runs_result(run)
    return tasks_of(data, result["strategies"][strategy]["items"], seed)


def _runs_result(run_id: str) -> dict[str, Any]:
    from workbench.runs import find

    return find(run_id).result() or {}


# ---------------------------------------------------------------- what is asked for


def trained_models() -> dict[str, Run]:
    """Finished trainings by the name they are chosen under."""
    return {
        f"{run.title} ({run.id[-6:]})": run
        for run in _runs.runs_of(("train",))
        if run.status().state == "done" and (run.folder / "model").is_dir()
    }


def settings(data: AnnotationSet, new: int, labelled: int) -> dict[str, Any] | None:
    """What a run of selection needs; None where nothing can be chosen from."""
    again = bool(labelled) and (
        not new
        or st.segmented_control(
            "Choose among",
            ["new", "all"],
            default="new",
            required=True,
            key="sel_among",
            bind="query-params",
            format_func={"new": f"{new:,} new pairs", "all": f"all {new + labelled:,} pairs"}.__getitem__,
            help="All: pairs that have labels are chosen too, for one more label.",
        )
        == "all"
    )
    most = new + labelled if again else new
    if not most:
        return None
    budget = st.number_input(
        "Budget, pairs",
        1,
        None,
        min(200, most),
        key="sel_budget",
        bind="query-params",
        help="A smaller batch takes the first of the picks: they come in the order in which they were chosen.",
    )
    slices = [name.removeprefix("slice.") for name in data.slices]
    slice_ = (
        st.selectbox(
            "Balance",
            ["", *slices],
            format_func=lambda s: _ui.safe_plain(s) or "no slice",
            key="sel_slice",
            help=(
                "Equal numbers from each value of this slice; what one cannot fill goes to the others. Noise is also"
                " told apart by it."
            ),
        )
        if slices
        else ""
    )
    models = trained_models()
    chosen = st.selectbox(
        "Model",
        [NO_MODEL, *models],
        format_func=_ui.safe_plain,
        key="sel_model",
        help=(
            "Whose probabilities the strategies use. Fitted: a Bradley-Terry head on the pairs that have labels, if"
            " there are at least 20."
        ),
    )
    model = models.get(chosen)
    encoder = st.selectbox(
        "Pairs described by",
        list(ENCODERS),
        format_func=ENCODERS.__getitem__,
        key="sel_encoder",
        disabled=model is not None,
        help="A trained model brings its own.",
    )
    with st.expander("More", key="sel_more"):
        alike = st.toggle(
            "Pass over near-duplicates",
            key="sel_alike",
            bind="query-params",
            help="Pairs whose features point the same way as those of a pick, cosine 0.98 or more.",
        )
        cost = st.toggle(
            "Value per cost",
            key="sel_cost",
            bind="query-params",
            help=(
                "Value over the time a judgement is expected to take, by the words to read. For uncertainty, BALD,"
                " D-optimal and disagreement."
            ),
        )
        noise = st.toggle("Count noise", key="sel_noise", bind="query-params", help=_ui.measure_help("flip_rate"))
        seed = st.number_input(
            "Seed",
            0,
            None,
            0,
            key="sel_seed",
            bind="query-params",
            help="The same seed picks the same pairs and shows the same sides.",
        )
    return {
        "budget": int(budget),
        "again": again,
        "slice": slice_ or None,
        "balance": "equal" if slice_ else None,
        "model": str(model.folder / "model") if model else None,
        "encoder": (encoder or None) if model is None else None,
        "alike": 0.98 if alike else None,
        "cost_aware": cost,
        "noise_aware": noise,
        "seed": int(seed),
    }


def more_pairs(data: AnnotationSet) -> None:
    """New pairs to choose from, out of a file."""
    with st.popover("Add new pairs", key="sel_add", help="Pairs that nobody has judged yet, from a file"):
        upload = st.file_uploader(
            "A file of pairs",
            key="sel_file",
            help=(
                "CSV, JSON, JSON lines or Parquet with two responses a row: tasks of Label Studio, Argilla or Prodigy,"
                " TRL rows, your own table. Labels in it are not read."
            ),
        )
        if upload is None:
            return
        if st.button("Open them with this data set", key="sel_join", type="primary"):
            try:
                kept = _ui.about()
                joined = with_candidates(data, [_ui.kept_upload(upload)])
                _ui.open_data(
                    joined,
                    f"{kept.name if kept else 'data'}, with new pairs",
                    "new pairs added",
                    original=st.session_state["data"],
                )
            except WorkbenchError as error:
                _ui.problem(error)
                return
            st.rerun()


# ---------------------------------------------------------------- what was picked


def result_of(data: AnnotationSet, run: Run, result: dict[str, Any]) -> None:
    """The sentence, the pool, and the open tab."""
    ran = [name for name in STRATEGIES if name in result["strategies"]]
    strategy = st.selectbox(
        "Strategy",
        ran,
        index=ran.index(DEFAULT) if DEFAULT in ran else 0,
        format_func=lambda n: STRATEGIES[n].title,
        key="sel_strategy",
        bind="query-params",
        width=290,
        help="  \n".join(f"**{STRATEGIES[n].title}.** {STRATEGIES[n].summary}" for n in STRATEGIES),
    )
    st.markdown(f"#### {_ui.safe(verdict_sentence(result, strategy))}", help=_ui.measure_help(f"select_{strategy}"))
    st.write(_ui.safe(promise_sentence()))
    st.caption(_ui.safe(pool_sentence(result["pool"])))
    found, pool = result["strategies"][strategy], result["pool"]
    out = {**pool["set_aside"], **found["set_aside"]}
    total = pool["pairs"] + sum(pool["set_aside"].values())
    st.caption(
        _ui.safe(
            f"Chosen from {found['candidates']:,} of {total:,} items"
            + (f" (left out: {'; '.join(f'{why}, {n:,}' for why, n in out.items())})" if out else "")
            + "."
        )
    )
    for note in (*pool["notes"], *found["notes"]):
        st.caption(_ui.safe(note))
    if found["picked"] < found["budget"] and found["reason"]:
        st.info(_ui.safe(f"Fewer than the {found['budget']:,} asked for: {found['reason']}."))
    for tab, draw in zip(st.tabs(list(TABS), key="sel_tab", bind="query-params"), TABS.values(), strict=True):
        if tab.open:
            with tab:
                draw(data, run, result, strategy)


def worked_example() -> None:
    """What the answer looks like, and what it takes, before any selection ran here."""
    example = example_of("select")
    if example is None:
        return
    with st.container(border=True):
        st.markdown("**An example: the answer on the demo data**")
        st.caption(
            _ui.safe(
                f"{example.settings['budget']:,} picks took {lasting(example.seconds)} on two processors, with texts"
                f" described by {example.encoder} words. The figures are of the demo, not of your data."
            )
        )
        st.markdown(f"##### {_ui.safe(verdict_sentence(example.result, DEFAULT))}")
        st.caption(_ui.safe(pool_sentence(example.result["pool"])))
        compared(example.result)


def picks(data: AnnotationSet, run: Run, result: dict[str, Any], strategy: str) -> None:  # noqa: ARG001
    """The picks in order; one click shows the texts."""
    frame = picks_table(data, result, strategy)
    if frame.empty:
        st.info("No pair was picked.")
        return
    number = st.column_config.NumberColumn
    event = st.dataframe(
        whole_percents(frame.head(1_000), ("probability", "flip")),
        hide_index=True,
        key=f"sel_picks_{strategy}",
        on_select="rerun",
        selection_mode="single-row",
        height=min(38 + 35 * len(frame), 400),
        placeholder="–",
        alt="The picks in order",
        column_config={
            "place": number("Place"),
            "item_id": st.column_config.TextColumn("Item"),
            "gain": number("Worth", format="%.4f", help=_ui.safe(result["strategies"][strategy]["gain"]["name"])),
            "slice": st.column_config.TextColumn("Slice"),
            "probability": st.column_config.ProgressColumn(
                "Chance of A", min_value=0.0, max_value=1.0, format="percent"
            ),
            "labels_so_far": number("Labels so far"),
            "cost": number("Expected seconds", format="%.0f"),
            "flip": number("Wrong side", format="percent", help=_ui.measure_help("flip_rate")),
        },
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(f"Open all {len(frame):,} in Items", key="sel_open"):
            _ui.open_items(result["strategies"][strategy]["items"], f"picks of {STRATEGIES[strategy].title}")
        if st.button("Have them judged here", key="sel_collect", help="As a batch on Collect, in this order"):
            _ui.collect_items(result["strategies"][strategy]["items"], f"picks of {STRATEGIES[strategy].title}")
        _ui.download(lambda: frame, "picks", key="sel_picks_file", label="Download table", strategy=strategy)
        st.caption("Pick a row to read the pair." + (" The first 1,000 are listed." if len(frame) > 1_000 else ""))
    if event.selection.rows:
        texts = data.item_texts([result["strategies"][strategy]["items"][event.selection.rows[0]]]).iloc[0]
        st.markdown("**Prompt**")
        _ui.text_block(texts["prompt"])
        left, right = st.columns(2)
        with left:
            st.markdown("**A**")
            _ui.text_block(texts["response_a"])
        with right:
            st.markdown("**B**")
            _ui.text_block(texts["response_b"])


def on_the_map(data: AnnotationSet, run: Run, result: dict[str, Any], strategy: str) -> None:  # noqa: ARG001
    """Where the picks lie."""
    others = [name for name in result["strategies"] if name != strategy]
    beside = st.selectbox(
        "Beside",
        ["", *others],
        index=others.index("random") + 1 if "random" in others else 0,
        format_func=lambda n: STRATEGIES[n].title if n else "nothing",
        key="sel_beside",
        width=290,
    )
    figure = selection_map(result, strategy, beside or None)
    _ui.chart(
        figure, "sel_map", alt=describe(figure), rows=lambda: map_table(result), name="selection-map", strategy=strategy
    )
    st.caption(
        f"Shades: all pairs, darker where more lie. The two directions hold {result['plane']['explained']:.0%} of the"
        " variance, so pairs that are apart may lie together here, not the other way round."
    )


def side_by_side(data: AnnotationSet, run: Run, result: dict[str, Any], strategy: str) -> None:  # noqa: ARG001
    """What the other strategies pick."""
    compared(result)


def compared(result: dict[str, Any]) -> None:
    """The strategies below one another, whether they pick the same pairs, and from which slices."""
    table = strategies_table(result)
    number = st.column_config.NumberColumn
    st.dataframe(
        table,
        hide_index=True,
        key="sel_strategies",
        placeholder="–",
        alt="Strategies side by side",
        column_config={
            "title": st.column_config.TextColumn("Strategy"),
            "picks": number("Picks", format="localized"),
            "information": number(
                "Expected information", format="%.1f", help=_ui.measure_help("selection_information")
            ),
            "over_random": number(
                "Over random",
                format="%.2f",
                help="Expected information over that of a random batch of the same size. It is no measured saving.",
            ),
            "openness": number("Mean p (1 - p)", format="%.3f", help=_ui.measure_help("select_uncertainty")),
            "cost": number("Expected seconds", format="%.0f"),
            "labelled_already": number("Labelled already", format="localized"),
        },
    )
    if result["skipped"]:
        st.caption(
            _ui.safe(
                "Not run: " + "; ".join(f"{STRATEGIES[n].title} ({why})" for n, why in result["skipped"].items()) + "."
            )
        )
    _ui.download(lambda: table, "strategies", key="sel_strategies_file", label="Download table")
    if len(result["strategies"]) > 1:
        st.markdown("##### Do they pick the same pairs?")
        figure = overlap_heat_map(result)
        _ui.chart(
            figure, "sel_overlap", alt=describe(figure), rows=lambda: overlap_table(result), name="selection-overlap"
        )
    mix = slices_table(result)
    if not mix.empty:
        st.markdown("##### From which slices?")
        st.dataframe(
            whole_percents(mix, mix.columns[1:]),
            hide_index=True,
            key="sel_mix",
            alt="Share of each slice in the pool and in the picks of each strategy",
            column_config={c: number(_ui.safe_plain(c), format="percent") for c in mix.columns[1:]},
        )


def take_away(data: AnnotationSet, run: Run, result: dict[str, Any], strategy: str) -> None:
    """The batch as tasks."""
    if not result["strategies"][strategy]["picked"]:
        st.info("No pair was picked.")
        return
    try:
        made: Tasks = _ui.shared(tasks, data, run=run.id, strategy=strategy, seed=result["seed"])
    except WorkbenchError as error:
        _ui.problem(error)
        return
    st.write(
        f"{len(made):,} tasks. On {made.left_is_a:,} of them A stands left, on the others B; task names say nothing"
        " about pair or side. The key says which pair each task is: keep it, annotators do not need it. Open what"
        " comes back together with the original export; pairs are recognised by their texts."
    )
    name = {"strategy": strategy, "n": len(made)}
    for form in FORMS.values():
        st.markdown(f"**{form.title}**", help=form.how)
        with st.container(horizontal=True):
            st.download_button(
                "Tasks",
                lambda f=form: f.write(made),
                f"{_ui.file_stem('tasks', form=form.name, **name)}{form.ending}",
                form.media,
                key=f"sel_tasks_{form.name}",
                on_click="ignore",
            )
            if form.name == "label-studio":
                st.download_button(
                    "Labelling configuration",
                    lambda: label_studio_config(made),
                    "label-config.xml",
                    "application/xml",
                    key="sel_config",
                    on_click="ignore",
                )
    st.download_button(
        "Key",
        lambda: key_file(made),
        f"{_ui.file_stem('tasks-key', **name)}.csv",
        "text/csv",
        key="sel_key",
        type="primary",
        on_click="ignore",
    )


TABS = {"Picks": picks, "Map": on_the_map, "Side by side": side_by_side, "Take away": take_away}


# ---------------------------------------------------------------- the page


def explore(data: AnnotationSet) -> None:
    """Settings, the run, and what came of it."""
    new, labelled = _ui.cached(counts, data)
    left, right = _ui.beside([1, 2.8])
    with left:
        config = settings(data, new, labelled)
        if config is not None:
            try:
                # Written when it is needed: a demo is not on the shelf.
                path = data_file(data, _ui.shelf()) if st.session_state.get("sel_go") else _ui.shelf().path(data.key)
                _runs.start_run(
                    "select",
                    {"paths": [str(path)], "data": data.key, **config},
                    title=f"Selection of {config['budget']:,}",
                    label="Pick pairs",
                    key="sel_go",
                )
            except (OSError, WorkbenchError):
                st.warning("The data set cannot be written to this machine's shelf, so no run can read it.")
        more_pairs(data)
        run = _runs.earlier_runs(KINDS, data=data.key, key="sel_runs")
    with right:
        if run is None:
            said = f"{new:,} pairs wait for a label." if new else nothing_new_sentence(labelled, len(data.items))
            st.markdown(f"#### {_ui.safe(said)}")
            if not new and labelled:
                st.write("Choose some of them for one more label with *Pick pairs*, or add new pairs to choose from.")
            elif new:
                st.write("Set a budget and press *Pick pairs*: every strategy picks its batch, and you compare.")
            worked_example()
            return
        result = run.result()
        if result is None or run.status().state != "done":
            _runs.show_run(run, key="sel_run", chart=False)
        elif run.config.get("data") != data.key:
            st.info("This run picked from another data set. Open that one, or start a run of your own.")
        else:
            result_of(data, run, result)


data = _ui.require_data()
st.title("Select")
_ui.need_extra("reward", "Choosing pairs with a model")
if not data.has_pairs:
    with st.container(border=True):
        st.subheader("There are no pairs to choose from")
        st.write("These labels compare no two responses; selection is for pairs of responses.")
else:
    explore(data)
