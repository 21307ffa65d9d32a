"""What studies report: labels saved, a threshold held against chance, a learning curve's forecast, dollars against
accuracy.
"""

from __future__ import annotations

from workbench.glossary.entry import Measure

STUDYING: dict[str, Measure] = {
    "labels_saved": Measure(
        "Labels saved",
        "How many labels would a random choice need for the model that a strategy's labels give?",
        r"\frac{n_{\text{random}}(a)}{n_{\text{strategy}}(a)}, \quad a = \min(\text{last accuracy of both})",
        "Above 0. 1 = nothing saved, 2 = half the labels are enough, below 1 = random is better.",
        "Believe a saving where the whole interval lies above 1. Curves are made rising first, and are compared at the"
        " highest accuracy both reach, so that winners and losers are measured alike; along the curve is the same ratio"
        " averaged over its upper half.",
        "On flat curves the ratio is at the mercy of noise, and its interval says so. It holds for a linear head on"
        " these features; noisy labels eat the edge of strategies that look at uncertainty.",
        "Replay as in Settles (2009), Active learning literature survey; interval over seeds and prompt groups after"
        " Owen (2007), The pigeonhole bootstrap.",
    ),
    "threshold_over_random": Measure(
        "Threshold over random",
        "Does a rule of cleaning make the reward model better than setting as much aside at random?",
        r"\text{accuracy}_{\text{rule}} - \text{accuracy}_{\text{as much at random}}",
        "−1 to 1; shown in points.",
        "Above 0 the rule takes the right ones. Whether it is worth it is the other difference, over everything kept.",
        "Several thresholds are tried: one in twenty intervals excludes 0 by chance. A rule that uses agreement or gold"
        " raises those by construction; held-out accuracy it does not.",
        "Paired by seed and prompt group.",
    ),
    "learning_curve": Measure(
        "Learning curve",
        "How accurate would the model be with more labelled pairs?",
        r"\text{accuracy}(n) = a - b\,n^{-c}",
        "a at most 1, b at least 0, c from 0.1 to 2.",
        "Within what was measured it smooths; up to about twice that it forecasts. The backtest says how well the first"
        " half foretold the end.",
        "Farther out the form is an assumption, and the interval knows nothing of that. The limit a is undefined where"
        " the measured part does not say where the curve ends.",
        "Cortes, Jackel, Solla, Vapnik and Denker (1994), Learning curves: asymptotic values and rate of convergence.",
    ),
    "quality_per_dollar": Measure(
        "Quality per dollar",
        "Which plan buys the best reward model for each sum, and where is more money no longer worth it?",
        r"\frac{\Delta \text{dollars}}{100\,\Delta \text{accuracy}}",
        "Dollars for a point of accuracy; without an upper bound where the gain may be nothing.",
        "Stop where the best of all dearer plans gains less than counts, at the upper end of its interval; go on where"
        " the dearest surely beats every plan at half its price.",
        "The line is drawn through the best plans measured, which flatters them. It holds for these judgements, this"
        " head and these prices.",
        "Cost model of the page Costs; steps tested in a fixed sequence (Maurer, Hothorn and Lehmacher 1995).",
    ),
}
"""Figures of studies by name."""
