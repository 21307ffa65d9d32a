"""Measures of reward models trained on the labels."""

from __future__ import annotations

from workbench.glossary.entry import Measure

LEARNING: dict[str, Measure] = {
    "ranking_accuracy": Measure(
        "Ranking accuracy",
        "On how many pairs it has not seen does the preferred response score higher?",
        r"\frac{1}{n} \sum_i [\, \text{sign}(s(x_i, a_i) - s(x_i, b_i)) = \text{sign of the label} \,]",
        "0 to 1; 0.5 is a coin. Tied labels are left out and counted, equal scores count one half.",
        "Hold it against the length rule and against what people reach on the same pairs, not against 1.",
        "Pairs of one prompt are alike: splits and intervals keep prompts together. New topics are harder than new"
        " pairs of old ones.",
        "Share of pairs with an interval clustered by prompt.",
    ),
    "length_only": Measure(
        "The length rule",
        "How far does always taking the longer response get?",
        r"\frac{1}{n} \sum_i [\, \text{the longer response of } i \text{ is the preferred one} \,]",
        "0 to 1.",
        "A model that is not clearly above it may have learned nothing but length.",
        "Where people do prefer longer responses, length is a true part of the preference.",
        "Singhal et al. (2023), A Long Way to Go: Investigating Length Correlations in RLHF.",
    ),
    "human_ceiling": Measure(
        "What people reach",
        "How accurate could a perfect model be, held against labels that are sometimes wrong?",
        r"a = p^2 + (1 - p)^2 \;\Rightarrow\; p = \frac{1 + \sqrt{2a - 1}}{2}, \text{ and for a majority of } k \text{"
        r" labels the chance that it is right}",
        "0.5 to 1 between two sides.",
        "A model near it has learned what these labels can teach; better labels come before a larger model.",
        "Against gold it is how often one person finds the gold's side, which a model can exceed.",
        "From the agreement a of two labels on the side, as in workbench.reward.ceiling; rather too high than too low"
        " where items differ in how hard they are.",
    ),
    "brier": Measure(
        "Brier score",
        "How far are the model's probabilities from what happened, on average?",
        r"\frac{1}{n} \sum_i (p_i - y_i)^2",
        "0 = sure and right; 0.25 = one half always.",
        "Falls with both accuracy and calibration; compare models on the same pairs only.",
        "Hides which of the two is bad; look at the reliability diagram.",
        "Brier (1950), Monthly Weather Review 78, 1-3.",
    ),
}
"""Measures of reward models."""
