"""What each measure is, for the help beside every number: formula, range, how to read it, when not to use it,
source.
"""

from workbench.glossary.aggregation_quality import DECIDING
from workbench.glossary.agreement import AGREEMENT
from workbench.glossary.annotator_work import WORKING
from workbench.glossary.entry import Measure
from workbench.glossary.judging import JUDGING
from workbench.glossary.labelling import LABELLING
from workbench.glossary.learning import LEARNING
from workbench.glossary.money import MONEY
from workbench.glossary.people import PEOPLE
from workbench.glossary.reversals import TURNING
from workbench.glossary.selecting import SELECTING
from workbench.glossary.studying import STUDYING

GLOSSARY: dict[str, Measure] = {
    **AGREEMENT,
    **TURNING,
    **PEOPLE,
    **WORKING,
    **LABELLING,
    **DECIDING,
    **LEARNING,
    **SELECTING,
    **STUDYING,
    **JUDGING,
    **MONEY,
}
"""Measures by the name they have in the library and in the audit."""

__all__ = ["GLOSSARY", "Measure"]
