"""Measures of annotators."""

from __future__ import annotations

from workbench.glossary.entry import Measure

PEOPLE: dict[str, Measure] = {
    "reliability": Measure(
        "Reliability",
        "How likely does a label of this annotator name the right direction, all evidence together?",
        r"x = \mu + \sum_e \frac{w_e (x_e - \mu) / s_e^2}{1/\tau^2 + \sum_e w_e / s_e^2}",
        "A chance, with the interval that covers it in 95 of 100 cases.",
        "Gold, agreement with others (own vote left out), self-consistency, side, speed and drift are joined in"
        " log-odds, each by how much it tells. Agreement is put on the scale of the gold first; where gold items are"
        " clearer than the others, a reliability, which is over all items, lies below accuracy on gold. The parts add"
        " up and are shown.",
        "Where all annotators err alike, agreement with others looks like reliability; only gold tells, so intervals"
        " are wide without it. Not known where an annotator has no gold answer and nobody else labelled the same"
        " items.",
        "Normal model of the log-odds with the crew's spread as the prior; agreement by Dawid and Skene (1979).",
    ),
    "flags": Measure(
        "Flags",
        "Whose work should somebody look at, and why?",
        "",
        "One kind a question: random labels, speeding, a side, drift, copies, repeated labels.",
        "Of each kind one flag in twenty at most is expected to be false, however many annotators were looked at.",
        "A reason to look, not a verdict: people who judge otherwise than the crew can be the ones who are right.",
        "Benjamini and Hochberg (1995), JRSS B 57, 289-300, over all annotators; each test is described in"
        " workbench.annotators.",
    ),
    "sequential_test": Measure(
        "Sequential test",
        "After how many answers is it clear whether an annotator is reliable?",
        r"\Lambda = \sum \ln \frac{P(\text{answer} \mid \text{unreliable})}{P(\text{answer} \mid \text{honest})}, \quad"
        r" \text{flag at } \ln \tfrac{1 - \beta}{\alpha}, \ \text{clear at } \ln \tfrac{\beta}{1 - \alpha}",
        "Flag, clear, or undecided yet.",
        "Error rates are chosen, and one may look after every answer. Between the two accuracies the answer may be"
        " either.",
        "Holds for one look at one annotator; allow for how many are tested. What others say counts as far as they are"
        " sure.",
        "Wald (1945), Annals of Mathematical Statistics 16, 117-186.",
    ),
    "rapid": Measure(
        "Rapid judgements",
        "Which judgements are of a kind with those of somebody who does not read?",
        r"\ln t = a + b \ln(\text{words}) + e, \quad e \sim \lambda\, N(\mu_r, \sigma_r) + (1 - \lambda)\, N(0,"
        r" \sigma)",
        "A chance from 0 to 1 for each judgement.",
        "A bump on the left is a second way of working: clicking. Where there is one bell only, nothing is called"
        " rapid.",
        "A quick reader is no clicker: look at what the quick ones get right before setting anybody aside.",
        "Schnipke and Scrams (1997), Journal of Educational Measurement 34, 213-232.",
    ),
    "reading_floor": Measure(
        "Reading floor",
        "Which judgements came faster than the texts can have been read?",
        r"\text{words a minute} = \frac{60 \cdot \text{words of prompt and responses}}{\text{seconds}}",
        "Most adults read 238 words of non-fiction a minute; three times that is skimming.",
        "Above 700 nobody takes in both responses. Somebody who is there all the time did not read.",
        "A response may be decided by its first line; tools that start the clock late make everybody look fast.",
        "Brysbaert (2019), How many words do we read per minute?, Journal of Memory and Language 109.",
    ),
    "pace": Measure(
        "Pace",
        "How long does an annotator take, beside what the crew takes for texts of the same length?",
        r"\exp(\text{median residual of } \ln t)",
        "1 = as the crew; 0.5 = half the time; 2 = twice.",
        "Squares mark a pace that would be rare in this crew; the p-value allows for how many annotators were"
        " looked at.",
        "Breaks are cut, interruptions are not: a slow pace says little.",
        "Robust line through log times (Theil-Sen) and the spread of paces within the crew.",
    ),
}
"""Measures of annotators."""
