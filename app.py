"""Front door: `streamlit run app.py` serves the hall `pages/_frame.py`, also for a link straight to one of its
pages, and the labelling page at `/label`.
"""

import sys
from pathlib import Path

import streamlit as st

from workbench.collection.serving import mounted

PAGES = str(Path(__file__).resolve().parent / "pages")
if PAGES not in sys.path:
    # Streamlit puts the folder there for one run of a page and takes it away at the run's end, also from under the
    # run of another tab that still imports.
    sys.path.insert(0, PAGES)
app = st.App("pages/_frame.py", routes=[mounted()])
