"""What the browser itself has to do for the pages: three listeners, put there once a tab."""

from __future__ import annotations

import streamlit as st

SCRIPT = """<script>
(() => {
  if (window.preferenceWorkbench) return;
  window.preferenceWorkbench = true;
  // Back leads to the view that a link or a picked row was followed from. Streamlit puts the address of the next page
  // into the history twice, first under the page that is left, whose own choices that entry lacks: such an entry is
  // held back until it is known what follows.
  const push = history.pushState.bind(history), replace = history.replaceState.bind(history);
  let held = null, timer = 0;
  const place = address => new URL(address, location.href);
  const release = () => {
    clearTimeout(timer);
    if (!held) return;
    const {state, before, after} = held;
    held = null;
    replace(state, "", before);
    push(state, "", after);
  };
  history.pushState = (state, title, address) => {
    const next = place(address ?? location.href);
    if (next.pathname === location.pathname) {
      release();
      held = {state, before: location.href, after: next.href};
      replace(state, title, next.href);
      timer = setTimeout(release, 1500);
      return;
    }
    if (held && next.search === location.search) {
      clearTimeout(timer);
      replace(held.state, "", held.before);
      held = null;
    } else release();
    push(state, title, next.href);
  };
  history.replaceState = (state, title, address) => {
    release();
    replace(state, title, address ?? location.href);
  };
  addEventListener("popstate", () => { clearTimeout(timer); held = null; }, true);
  // Find is typed into at once. The groups of the navigation are boxes between the list and its points, which a
  // screen reader would not count.
  let due = 0;
  const seen = () => { due = 0; roles(); typing(); };
  const roles = () => {
    const list = document.querySelector('[data-testid="stSidebarNavItems"]');
    if (!list || !list.querySelector(":scope > div > li")) return;
    list.setAttribute("role", "presentation");
    for (const group of list.querySelectorAll(":scope > div")) {
      group.setAttribute("role", "group");
      for (const point of group.querySelectorAll(":scope > li")) point.setAttribute("role", "presentation");
    }
  };
  const typing = () => {
    const box = document.querySelector(".st-key-find_what input");
    if (!box || box.dataset.ready) return;
    box.dataset.ready = "yes";
    box.focus();
  };
  const watch = new MutationObserver(() => { due ||= setTimeout(seen, 120); });
  watch.observe(document.body, {childList: true, subtree: true});
  seen();
  // A joiner that keeps ":" and "@" in the data from being read as markup is seen by nobody, and copied by nobody.
  document.addEventListener("copy", event => {
    const said = String(document.getSelection() ?? "");
    if (!said.includes("\\u2060")) return;
    event.clipboardData.setData("text/plain", said.replaceAll("\\u2060", ""));
    event.preventDefault();
  });
})();
</script>"""


def install() -> None:
    """Puts the listeners into the tab; where they are there already nothing happens."""
    st.html(SCRIPT, unsafe_allow_javascript=True)
