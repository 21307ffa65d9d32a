"""Front door: `streamlit run app.py` serves the hall `pages/_frame.py`, also for a link straight to one of its
pages.
"""

import streamlit as st

app = st.App("pages/_frame.py")
