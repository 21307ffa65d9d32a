"""Cycles of generate, judge, train, as a part of the page Deliveries."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

import _ui
import streamlit as st

from workbench.cycles import Loop, Step, follow_cycles
from workbench.cycles.reading import FILES, read_packed_cycle, with_vectors
from workbench.deliveries import Comparison
from workbench.errors import WorkbenchError
from workbench.figures.canvas import describe
from workbench.figures.cycles import cycles_chart, measures_of
from workbench.figures.deliveries import comparison_table, difference_chart
from workbench.reward.encoders import encoder_named
from workbench.wording.cycles import step_sentence, units_of
from workbench.wording.deliveries import alarm_line

OWN, HASHED = "those in the files", "hashed words of the texts"


def section() -> None:
    """Cycles from ZIP files: the verdict on the latest first, every figure over all of them, and each step."""
    files = st.file_uploader(
        "One ZIP file a cycle",
        accept_multiple_files=True,
        type=["zip"],
        key="cyc_files",
        max_upload_size=500,
        help="Named so that they sort in the order of the cycles. They are read and not kept.",
    )
    chosen = sorted(files or [], key=lambda f: f.name)
    vectors = st.segmented_control("Vectors", [OWN, HASHED], default=OWN, key="cyc_vectors", required=True)
    if len(chosen) < 2:
        st.info("Give two cycles or more: each is held against the one before it and against the first.")
        st.markdown("\n".join(f"- `{name}.*`: {_ui.safe(said)}" for name, said in FILES.items()))
        st.caption("Each ZIP file holds any of these; what one of two cycles lacks is not compared.")
        return
    mark = hashlib.blake2b(
        b"".join(hashlib.blake2b(f.getvalue()).digest() + f.name.encode() for f in chosen) + str(vectors).encode()
    ).hexdigest()
    held = st.session_state.get("cyc_found")
    if held is None or held[0] != mark:
        try:
            with st.spinner("Following the cycles ...", show_time=True):
                cycles = [read_packed_cycle(f.getvalue(), f.name) for f in chosen]
                if vectors == HASHED:
                    encoder = encoder_named("hashed")
                    cycles = with_vectors(cycles, lambda texts: encoder.fitted(texts).encode(texts))
                held = (mark, follow_cycles(cycles))
        except WorkbenchError as error:
            _ui.problem(error)
            return
        st.session_state["cyc_found"] = held
        st.session_state.pop("cyc_of", None)  # of other files: the figure that alarms there is shown first
    draw(held[1])


def draw(found: Loop) -> None:
    """The verdict on the latest cycle, one figure over all, and every step."""
    verdict(found.steps[-1])
    titles = {name: m.title for name, m in measures_of(found).items()}
    alarmed = [a.measure for step in reversed(found.steps) for a in step.alarms if a.measure in titles]
    first = alarmed[0] if alarmed else next(iter(titles))
    name = st.selectbox("Figure", list(titles), list(titles).index(first), format_func=titles.__getitem__, key="cyc_of")
    chart = cycles_chart(found, name)
    _ui.chart(chart, "cyc_chart", alt=describe(chart), name="cycles")
    for place, step in enumerate(reversed(found.steps)):
        with st.expander(_ui.safe_plain(f"{step.a} to {step.b}"), expanded=place == 0):
            if place:
                verdict(step)
            figure = difference_chart(step)
            _ui.chart(figure, f"cyc_step_{place}", alt=describe(figure), name=f"cycle-{place}")
            st.dataframe(
                comparison_table(step).drop(columns=["new crew", "driven by"]),
                hide_index=True,
                key=f"cyc_table_{place}",
                alt="Every figure of both cycles",
            )
    st.caption(
        f"Where nothing changed, all figures of a cycle together give a false alarm in {found.steps[0].rate:.0%} of"
        " cycles."
    )
    _ui.download(
        json.dumps(found.to_dict(), ensure_ascii=False, indent=1).encode(), "cycles.json", key="cyc_json",
        label="Download the cycles",
    )  # fmt: skip


def verdict(step: Step) -> None:
    """What changed at one cycle."""
    changes(step, step_sentence(step), units_of(step))


def changes(found: Comparison | Step, sentence: str, units: Mapping[str, str]) -> None:
    """The outcome of a comparison in a box whose colour says how bad it is, and what changed beyond chance.

    Parameters
    ----------
    units : figure -> its unit.
    """
    calm = st.warning if found.alarms else st.success
    show = st.error if found.worse else calm
    show(_ui.safe(sentence))
    if found.alarms:
        st.markdown("\n".join(f"- {_ui.safe(alarm_line(a, units[a.measure]))}" for a in found.alarms))
