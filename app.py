"""Front door: `streamlit run app.py` serves the hall `pages/_frame.py`, also for a link straight to one of its
pages, and the labelling page at `/label`.
"""

import streamlit as st

from workbench.collection.serving import mounted

app = st.App("pages/_frame.py", routes=[mounted()])
