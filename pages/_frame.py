"""The hall every page is entered through: navigation, the open data set, one-time setup."""

from __future__ import annotations

import _browser
import _find
import _ui
import streamlit as st

from workbench.locations import app_folder

ICON = str(app_folder() / "static" / "icon.png")
st.set_page_config(page_title="Preference Workbench", page_icon=ICON, layout="wide")
_ui.settle_once()
_ui.keep_no_longer(str(_ui.shelf().folder))
st.html(_ui.STYLE)
_browser.install()
_ui.follow_address()

st.logo(ICON, size="large")

PAGES = {
    "Open": [
        st.Page("start.py", title="Start", default=True, help="Open an export, or the demo."),
    ],
    "Can I trust it?": [
        st.Page(
            "overview.py",
            title="Overview",
            url_path="overview",
            help="Can these labels be trusted? The verdict and its checks.",
        ),
        st.Page(
            "deliveries.py",
            title="Deliveries",
            url_path="deliveries",
            help="This delivery against the last: what changed and why. Projects, charts, notes and decisions.",
        ),
        st.Page(
            "agreement.py",
            title="Agreement",
            url_path="agreement",
            help="How far annotators agree, overall, by slice, by pair.",
        ),
        st.Page(
            "reversals.py",
            title="Reversals",
            url_path="reversals",
            help="Judgements that contradict each other: between annotators, within one, by order, in circles.",
        ),
        st.Page(
            "items.py",
            title="Items",
            url_path="items",
            help="The items behind the figures, the most contested first.",
        ),
    ],
    "Who labels well?": [
        st.Page(
            "annotators.py",
            title="Annotators",
            url_path="annotators",
            help="Who labels well, whom to talk to and why.",
        ),
        st.Page("speed.py", title="Speed", url_path="speed", help="Who judges faster than the texts can be read."),
    ],
    "What are the labels?": [
        st.Page(
            "labels.py",
            title="Labels",
            url_path="labels",
            help="One label an item: methods side by side, how sure they are, training rows to take away.",
        ),
        st.Page("cleaning.py", title="Cleaning", url_path="cleaning", help="What to set aside, and what that changes."),
    ],
    "What to label next?": [
        st.Page(
            "selection.py",
            title="Select",
            url_path="select",
            help="Which pairs to label next, by which strategy, as tasks for your tool.",
        ),
        st.Page(
            "collect.py",
            title="Collect",
            url_path="collect",
            help="Have pairs labelled: batches with gold, links for people, how it goes.",
        ),
        st.Page(
            "adjudicate.py",
            title="Adjudicate",
            url_path="adjudicate",
            help="Contested, flagged and contradicted items, for an expert to decide.",
        ),
        st.Page(
            "judges.py",
            title="Judges",
            url_path="judges",
            help="Ask an AI judge within a budget, and see whether it can be trusted.",
        ),
        st.Page(
            "routing.py",
            title="Routing",
            url_path="routing",
            help="Each pair to the cheapest labeller that is good enough, at a promised risk.",
        ),
    ],
    "What does a model learn?": [
        st.Page(
            "reward_models.py",
            title="Reward models",
            url_path="reward-models",
            help="What a reward model learns from these labels, and whether it is any good.",
        ),
        st.Page(
            "policy.py",
            title="Policy",
            url_path="policy",
            help="What a language model fine-tuned on these labels has learned, and who likes its responses.",
        ),
        st.Page(
            "studies.py",
            title="Studies",
            url_path="studies",
            help="What labels, cleaning and selection do to a reward model, and what a dollar buys.",
        ),
        st.Page(
            "runs.py", title="Runs", url_path="runs", help="Long work: what runs now, what waits, what came of it."
        ),
    ],
    "What does it cost?": [
        st.Page(
            "costs.py",
            title="Costs",
            url_path="costs",
            help="What labels cost, how long they take, what they are worth, and the best plan.",
        ),
    ],
}
page = st.navigation(PAGES, expanded=True)
kept = _ui.about()
if kept is not None and _ui.may_see(kept):
    st.set_page_config(page_title=f"{page.title} · {_ui.safe_plain(kept.name)[:60]} · Preference Workbench")
else:
    st.set_page_config(page_title=f"{page.title} · Preference Workbench")
_find.button([each for group in PAGES.values() for each in group])
_ui.chooser()
page.run()
