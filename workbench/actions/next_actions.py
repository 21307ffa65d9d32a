"""What to do next: the few actions that would change most."""

from __future__ import annotations

from workbench.actions.action import Action
from workbench.actions.candidates import (
    ask_more_labels,
    mend_reading,
    repair_gold,
    set_aside_flagged,
    weakest_part,
)
from workbench.aggregation import DEFAULT
from workbench.auditing.audit import Audit
from workbench.auditing.check import ORDER
from workbench.cleaning import USUAL, Cleaning, Effect, cleaning_effect, gather_evidence
from workbench.errors import WorkbenchError
from workbench.parallel import beside

MOST = 5
"""Actions that are named."""
PRICE = 1.5
"""US dollars a label where no price is given: the usual price of a crowd label, as on the Costs page."""
NOT_TRIED = (
    "annotators were not looked at closely on all judgements, and the usual rules go by that; ask for a close look when"
    " the report is made"
)


def usual_cleaning(result: Audit, rules: Cleaning = USUAL) -> Effect | str:
    """What rules would change in the audited data, or why that cannot be said.

    Parameters
    ----------
    rules : by default, annotators flagged for labels that do not follow the content go.
    """
    if result.surveyed is None or result.surveyed.data is not result.data:
        return NOT_TRIED
    if len(result.data.codes) == 0:
        return "there is no judgement with a label"
    try:
        return cleaning_effect(
            result.data, rules, gather_evidence(result.data, result.surveyed, result.labelled.results[DEFAULT])
        )
    except WorkbenchError as error:
        return str(error)


def why_no_actions(result: Audit) -> str | None:
    """Why actions cannot be worked out for an audit; None where they can."""
    if len(result.data.annotations) or not result.counts["annotations"]:
        return None
    return "the audit was added up from sums, and what an action would change needs single rows"


def next_actions(result: Audit, *, effect: Effect | str | None = None, price: float = PRICE) -> tuple[Action, ...]:
    """What should be done about these labels first, and what would it change?

    At most five actions, and none where `why_no_actions` says why. Those that bear on a check that says stop come
    first, then those on one that says review; among these, the one that would put most labels right, as far as that can
    be said.

    Parameters
    ----------
    result : of `workbench.audit(data)`.
    effect : of `usual_cleaning(result)`, where it is at hand.
    price : US dollars a label.

    Examples
    --------
    >>> import workbench
    >>> found = next_actions(workbench.audit(workbench.simulate(1_500, annotators=10, spammers=2, seed=2).data))
    >>> found[0].kind, found[0].predicted.low < found[0].predicted.change < found[0].predicted.high
    ('set aside', True)
    """
    if why_no_actions(result):
        return ()
    if len(result.data.codes) == 0:
        return tuple(a for a in (mend_reading(result),) if a is not None)
    with beside(len(result.data.annotations)) as meanwhile:
        # Trying the usual rules takes as long as all other proposals together.
        trying = meanwhile.submit(usual_cleaning, result) if effect is None else None
        others = (mend_reading(result), weakest_part(result), ask_more_labels(result, price), repair_gold(result))
        cleaned = effect if trying is None else trying.result()
    gone = set_aside_flagged(result, cleaned if isinstance(cleaned, Effect) else None)
    proposed = (others[0], gone, *others[1:])
    found = [action for action in proposed if action is not None]
    return tuple(sorted(found, key=lambda a: (-ORDER.index(a.status), -a.points))[:MOST])
