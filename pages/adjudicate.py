"""Items that an expert decides: people disagree, contradict a gold answer, or flagged it."""

from __future__ import annotations

import _collect
import _ui
import pandas as pd
import streamlit as st

from workbench.collection.adjudication import DECISIONS, Contested, contested, decide, verdicts
from workbench.collection.batches import scale_of_batch
from workbench.collection.store import Store
from workbench.collection.triage import marks, to_relabel
from workbench.errors import WorkbenchError, counted

SAID = {
    "label": "This is its label",
    "gold wrong": "The gold answer is wrong",
    "ambiguous": "There is no right answer",
    "relabel": "Ask more people",
}


def read(item: Contested) -> None:
    """Texts and votes, without names."""
    st.subheader(_ui.safe(f"{item.source_id}: {item.why}"))
    votes = ", ".join(f"{label} {n}" for label, n in item.votes)
    known = f" The gold answer is {item.known}." if item.known else ""
    st.write(_ui.safe(f"Votes: {votes}.{known}"))
    _ui.text_block(item.prompt, empty="(no prompt)")
    left, right = st.columns(2)
    with left:
        st.caption("A")
        _ui.text_block(item.response_a)
    with right:
        st.caption("B")
        _ui.text_block(item.response_b)
    if item.reasons:
        with st.expander(f"What people wrote ({len(item.reasons)})", key="adj_reasons"):
            for reason in item.reasons:
                _ui.text_block(reason)


def settle(kept: Store, item: Contested, labels: tuple[str, ...]) -> None:
    """The expert's word; the form carries the item it was filled in for."""
    with st.form(f"adj_form_{item.item}"):
        offered = [d for d in DECISIONS if d != "gold wrong" or item.role == "gold"]
        decision = st.radio("Decision", offered, format_func=SAID.__getitem__, horizontal=True)
        label = st.radio("Label", [*labels], index=None, horizontal=True)
        rationale = st.text_area("Why", height=80)
        expert = st.text_input("Your name", lead)
        if st.form_submit_button("Save and next", type="primary"):
            try:
                decide(kept, item.item, decision, label=label, rationale=rationale, expert=expert)
            except WorkbenchError as error:
                _ui.problem(error)
                return
            st.rerun()


def marked(kept: Store) -> None:
    """What was marked in Items of the open data set, and the batch that comes of it."""
    data = _ui.dataset()
    if data is None:
        return
    table = marks(kept, _collect.source_of(data))
    if table.empty:
        return
    st.subheader("Marked in Items", help="Of the open data set. A later mark on the same item takes its place.")
    st.dataframe(table, hide_index=True, key="adj_marks", alt="Items marked while reading, with notes")
    again = to_relabel(kept, _collect.source_of(data), data)
    with st.container(horizontal=True):
        if st.button("Read them in Items", key="adj_read"):
            place = {str(name): i for i, name in enumerate(data.items["item_id"])}
            _ui.open_items([place[name] for name in table["item_id"] if name in place], "marked items")
        if again and st.button(f"Make a batch of {counted(len(again), 'item')} to ask again", key="adj_batch"):
            _ui.collect_items(again, "marked to be asked of more people")
        _ui.download(table, "marked-items", key="adj_marks_file")


st.title("Adjudicate")
lead = _collect.lead()
store = _collect.store()
marked(store)
batch = _collect.chosen_batch(store)
if batch is None:
    st.subheader("Nothing is collected yet")
    st.write("Items come here once people have judged a batch and disagree.")
    st.page_link("collect.py", label="**Go to Collect** to make a batch")
    st.stop()
queue = contested(store, batch.id)
done = verdicts(store, batch.id)
st.caption(f"{counted(len(queue), 'item waits', 'items wait')}, {counted(len(done), 'decision')} made.")
if queue:
    read(queue[0])
    settle(store, queue[0], scale_of_batch(batch).labels)
else:
    st.subheader("Nothing to decide")
    st.write(
        "No item of this batch that people have judged is contested, flagged, or contradicts its gold answer. Those"
        " that are come here as labels arrive."
    )
    st.page_link("collect.py", label="**Go to Collect** to see how the batch goes")
if done:
    with st.expander("Decisions", key="adj_done"):
        table = pd.DataFrame(done).drop(columns="item")
        st.dataframe(table, hide_index=True, key="adj_table", alt="Decisions of experts")
        _ui.download(table, "adjudication", key="adj_file")
