"""Measures of labels made from several judgements."""

from __future__ import annotations

from workbench.glossary.entry import Measure

LABELLING: dict[str, Measure] = {
    "gold_accuracy_labels": Measure(
        "Gold accuracy of the labels",
        "On how many of the items whose right label is known does the method give it?",
        r"\frac{1}{n} \sum_i \frac{[\text{gold}_i \in T_i]}{|T_i|}, \quad T_i = \text{labels tied for the most"
        r" probable}",
        "0 to 1; a tie of two that holds the gold label counts one half.",
        "How far it may be off is in its interval. Whether one method is better than another is not: both answer the"
        " same items, so look at their difference.",
        "Only on gold the method was not given. Gold itself can be wrong: look at the surest contradictions.",
        "Jeffreys interval: Brown, Cai and DasGupta (2001), Statistical Science 16, 101-133.",
    ),
    "gold_lead": Measure(
        "Lead on the same gold",
        "On how many more of the same gold items is one method right than another?",
        r"\frac{1}{n} \sum_i (r_i - r'_i), \quad r_i = \frac{[\text{gold}_i \in T_i]}{|T_i|}",
        "In points, -100 to 100; 0 = right as often.",
        "A star: more than chance, all the methods compared allowed for. Without one, take either, or label more gold.",
        "It rests on the items where the two part, which can be few. With fewer than ten prompts it speaks of new items"
        " of these prompts alone.",
        "Agresti and Min (2005), Statistics in Medicine 24, 729-740, over prompt groups; Holm (1979), Scandinavian"
        " Journal of Statistics 6, 65-70.",
    ),
    "posterior_nll": Measure(
        "Cost of the soft labels",
        "How surprised is the method, on average, by the gold label?",
        r"-\frac{1}{n} \sum_i \ln p_i(\text{gold}_i)",
        "0 nats = always sure and right; ln K = what taking all K labels for equally likely costs (1.61 for five, 0.69"
        " for two).",
        "What overconfidence costs: the figure to choose a method by if its probabilities become soft labels.",
        "One gold label a method held impossible costs as much as dozens it had right. On scales with strengths most of"
        " it can be strength: compare the cost of the side.",
        "Logarithmic score: Good (1952), JRSS B 14, 107-114.",
    ),
    "confidence": Measure(
        "Confidence",
        "How probable is the chosen side, or for categories the chosen label, by the method's own account?",
        r"\max_d \sum_{k \in d} p_{ik}",
        "From 1 / number of sides to 1.",
        "Low ones are the items to judge once more; many near one half mean a contested task or a thin overlap.",
        "It is what the method believes; calibration, beside it, says what that is worth.",
        "Posterior probability of the method.",
    ),
    "calibration": Measure(
        "Calibration",
        "Of the labels that are said to be 90% sure, are nine in ten right?",
        r"\text{ECE} = \sum_b \frac{n_b}{n} \, | \text{right}_b - \text{confidence}_b |",
        "0 = as right as sure in every bin.",
        "Points below the diagonal: surer than right. Then soft labels pass on false certainty.",
        "Judged on items with gold only, and these are often easier than the rest.",
        "Guo et al. (2017), On Calibration of Modern Neural Networks; bins of equal size.",
    ),
    "method_agreement": Measure(
        "Agreement between methods",
        "On how many items that both decide do two methods give the same label?",
        r"\frac{|\{i : l_i = l'_i\}|}{|\{i : \text{both decided}\}|}",
        "0 to 1.",
        "Near 1: the choice of method hardly matters here. Where they part, look at the items.",
        "Methods that err alike agree too.",
        "Plain share.",
    ),
    "soft_label": Measure(
        "Soft label",
        "How probable is it that the chosen response is the better one?",
        r"P(A) + \tfrac{1}{2} P(=)",
        "0.5 to 1 for the chosen response.",
        "Train on it in place of a hard 1 so that contested pairs pull less.",
        "As good as the method's calibration.",
        "Posterior of the aggregation; a tie counts one half for each side.",
    ),
}
"""Measures of aggregated labels."""
