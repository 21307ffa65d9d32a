"""Which pairs should be labelled next? One strategy a file, one contract (`contract.py`); arrays in, positions out."""

from workbench.selection.contract import Pool, Selection
from workbench.selection.registry import DEFAULT, STRATEGIES, Strategy, select

__all__ = ["DEFAULT", "STRATEGIES", "Pool", "Selection", "Strategy", "select"]
