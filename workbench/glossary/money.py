"""Measures of what labels cost and what they are worth."""

from __future__ import annotations

from workbench.glossary.entry import Measure

MONEY: dict[str, Measure] = {
    "cost_per_item": Measure(
        "Cost of a usable pair",
        "What does one pair cost that ends up in the training data?",
        r"\frac{\text{generation} + \text{labels} + \text{gold} + \text{redone} + \text{adjudication} + \text{experts}"
        r" + \text{AI} + \text{audit} + \text{fixed}}{\text{usable pairs}}",
        "Dollars a pair.",
        "Far above the price of a label: rejected work, gold and review are paid too. The parts add up to it.",
        "Only as good as its inputs; each has a source and a date, and those measured on your data say so.",
        "Cost model of workbench.economics, described in docs/costs.md.",
    ),
    "total": Measure(
        "Total",
        "What does the whole campaign cost?",
        r"\text{cost of a usable pair} \cdot \text{usable pairs}",
        "Dollars.",
        "Fixed cost is spread over all pairs, so a small campaign pays more for each.",
        "Prices fall and wages rise: look at the dates of the inputs.",
        "Plain product.",
    ),
    "weeks": Measure(
        "Weeks",
        "How long does it take, from the start to the last label?",
        r"\text{ramp} + \frac{\text{labels} \cdot \text{seconds}}{3600 \cdot \text{people} \cdot \text{hours a week}"
        r" \cdot \text{utilisation}}",
        "Calendar weeks.",
        "More people shorten the work, not the ramp.",
        "Knows nothing of holidays and of people who leave.",
        "Plain quotient.",
    ),
    "label_accuracy": Measure(
        "Expected accuracy of a label",
        "How likely does the finished label of a pair name the better response?",
        r"\sum_{j > m/2} \binom{m}{j} p^j (1 - p)^{m - j} \text{ for a majority of } m, \text{ averaged over annotators"
        r" and items}",
        "0.5 to 1.",
        "Three labels of 75% make about 84%; what items have in common makes it less.",
        "Assumes that errors are independent beyond the spreads stated; a crew that errs together gains less.",
        "Condorcet (1785); with spreads as described in workbench.economics.votes.",
    ),
    "effective_labels": Measure(
        "Effective labels",
        "How many labels without noise would teach a reward model as much?",
        r"n\, (2p - 1)^2",
        "0 to the number of pairs.",
        "Labels right 84% of the time teach less than half of what the same number of clean ones would.",
        "A first-order figure near chance margins; the learning curve of your own data is better where there is one.",
        "Fisher information of a noisy binary label; Natarajan et al. (2013), Learning with Noisy Labels.",
    ),
    "cost_per_effective_label": Measure(
        "Cost of an effective label",
        "What does one label's worth of clean information cost?",
        r"\frac{\text{total}}{\text{effective labels}}",
        "Dollars; undefined where labels are blind.",
        "The figure to compare plans by: cheap labels that are nearly blind are the dearest.",
        "Inherits the caution of effective labels.",
        "Plain quotient.",
    ),
    "expected_alpha": Measure(
        "Expected alpha",
        "Which Krippendorff's alpha will the human labels of this plan show, and how wide will its intervals be?",
        r"\alpha \approx (2p - 1)^2 \text{ for balanced sides and even skill}",
        "As alpha; both intervals as the finished data will have them.",
        "A measured alpha clearly below it says that people are less accurate than the plan assumes.",
        "Undefined where no two items get two labels.",
        "Gwet (2014), Handbook of Inter-Rater Reliability; variance as in workbench.agreement.",
    ),
}
"""Measures of cost and worth."""
