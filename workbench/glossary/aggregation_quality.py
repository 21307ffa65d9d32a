"""What decisions rest on: the verdict, what cleaning sets aside and changes, and how items get a label or none."""

from __future__ import annotations

from workbench.glossary.entry import Measure

DECIDING: dict[str, Measure] = {
    "verdict": Measure(
        "Verdict",
        "Can these labels be trusted enough to train on?",
        "",
        "Ready, review or stop: the worst of the checks.",
        "Each check holds one figure to a line in the same unit and says why; a project can draw its own lines. Review"
        " is a reason to look, not a ban.",
        "It knows nothing of the guidelines or of what the model is for. Ready means that no check found a reason"
        " against.",
        "Checks of this workbench; lines and their reasons are in workbench.auditing.thresholds.Thresholds.",
    ),
    "decided": Measure(
        "Items with a label",
        "How many items get a label, and why do the others get none?",
        r"|\{i : \max_d p_{id} > \text{every other } p_{id'}\}|",
        "0 to the number of items. Undecided: tied between directions, or without a judgement.",
        "A tie is left open rather than made up: judge it once more, or keep it as a soft label of one half.",
        "A method that decides more is not better for it; look at the gold.",
        "Direction with the largest posterior; equal ones are a tie.",
    ),
    "cleaning": Measure(
        "What is set aside",
        "What goes under these rules, why, and what stays?",
        "",
        "Judgements, annotators and items, each counted once under the first reason that applies.",
        "Look at what changes beside what setting aside as much at random changes.",
        "Setting people aside because they disagree raises agreement by construction. What is contested may be what"
        " there is to learn.",
        "Rules of workbench.cleaning.Cleaning; a ledger goes with every cleaned set.",
    ),
    "placebo": Measure(
        "As much at random",
        "Would setting aside as much at random have done the same?",
        r"\Delta_{\text{rules}} \text{ beside } \Delta_1, \dots, \Delta_{19} \text{ of equal-sized random removals}",
        "The change in each of 19 draws.",
        "A change beyond all of them comes up one time in 20 if the choice is as good as random. Within them, cleaning"
        " only makes the data smaller.",
        "Trying many thresholds makes a lucky one likelier. Large sets are tried on a random 25,000 items.",
        "Permutation reasoning: Phipson and Smyth (2010), Statistical Applications in Genetics and Molecular"
        " Biology 9.",
    ),
    "flips": Measure(
        "Labels that change",
        "On how many items does the label change when something is set aside?",
        r"|\{i : l_i \ne l'_i\}|",
        "0 to the number of items with a judgement before and after.",
        "Few flips: the cleaning hardly matters to training. Many: look at some, with gold beside them.",
        "Annotators' confusion tables are held as fitted to all data, so that a slider answers at once; fit again to be"
        " exact.",
        "Count of this workbench.",
    ),
    "spent": Measure(
        "Money spent on what is set aside",
        "What was paid for the judgements that go?",
        r"\text{price of a judgement} \cdot \text{judgements set aside}",
        "From nothing to all that was paid; repeats and skips are paid too.",
        "What a stricter gate at the start could have saved.",
        "Only as good as the price given.",
        "Plain product.",
    ),
}
"""The verdict, cleaning, and labels given or not."""
