"""Measures of agreement, and orders of contested items."""

from __future__ import annotations

from workbench.glossary.entry import Measure

_ALPHA = (
    r"\alpha = 1 - \frac{D_o}{D_e} = 1 - (n-1)\,\frac{\sum_{c<k} o_{ck}\,\delta^2_{ck}}{\sum_{c<k}"
    r" n_c\,n_k\,\delta^2_{ck}}"
)
_ALPHA_RANGE = "1 = perfect agreement, 0 = what chance would give, below 0 = systematic disagreement."
_ALPHA_READING = (
    "Krippendorff asks for .800 before relying on data and allows tentative conclusions from .667, for codings that can"
    " be right or wrong. Published preference sets lie far lower, because people do differ: 63 to 77% raw agreement on"
    " two balanced labels is an alpha of .26 to .54. Compare with earlier batches of the same task first."
)
_ALPHA_SOURCE = "Krippendorff (2011), Computing Krippendorff's Alpha-Reliability."
_GWET = "Gwet (2014), Handbook of Inter-Rater Reliability, 4th ed.; Gwet (2008), BJMSP 61, 29-48."

AGREEMENT: dict[str, Measure] = {
    "krippendorff_alpha": Measure(
        "Krippendorff's alpha",
        "How far do annotators agree beyond chance, with any number of labels an item and any that are missing?",
        _ALPHA,
        _ALPHA_RANGE,
        _ALPHA_READING,
        "Undefined where all labels are the same. With one label on nearly all items it is low even if annotators"
        " rarely differ; look at percent agreement too.",
        _ALPHA_SOURCE,
    ),
    "krippendorff_alpha.nominal": Measure(
        "Krippendorff's alpha, nominal",
        "How far do annotators choose the same label, all differences counting alike?",
        _ALPHA + r",\quad \delta^2_{ck} = [c \ne k]",
        _ALPHA_RANGE,
        _ALPHA_READING,
        "Does not see that A>> and A> are nearer than A>> and B>>.",
        _ALPHA_SOURCE,
    ),
    "krippendorff_alpha.ordinal": Measure(
        "Krippendorff's alpha, ordinal",
        "How far do annotators agree on the order of the labels, without assuming that the steps are equal?",
        _ALPHA + r",\quad \delta_{ck} = \sum_{g=c}^{k} n_g - \frac{n_c+n_k}{2}",
        _ALPHA_RANGE,
        _ALPHA_READING,
        "The right one for A>> A> = B> B>>; its distances depend on how often each label is used, so compare sets with"
        " the same scale.",
        _ALPHA_SOURCE,
    ),
    "krippendorff_alpha.interval": Measure(
        "Krippendorff's alpha, interval",
        "How far do annotators agree if each step of the scale counts the same?",
        _ALPHA + r",\quad \delta^2_{ck} = (c-k)^2",
        _ALPHA_RANGE,
        _ALPHA_READING,
        "Needs equal steps: -3..3 ratings may have them, A>> to B>> rarely does.",
        _ALPHA_SOURCE,
    ),
    "fleiss_kappa": Measure(
        "Fleiss' kappa",
        "How far do annotators agree beyond chance, on the items with the most common number of labels?",
        r"\kappa = \frac{\bar P - \bar P_e}{1 - \bar P_e},\quad \bar P = \frac1N\sum_i \frac{\sum_k n_{ik}^2 -"
        r" m}{m(m-1)},\quad \bar P_e = \sum_k \Bigl(\frac{1}{Nm}\sum_i n_{ik}\Bigr)^2",
        "1 = perfect, 0 = chance, can be negative.",
        "Close to nominal alpha on large sets. Read it beside percent agreement.",
        "Needs the same number of labels on every item, so items with another number are left out and counted. Treats"
        " labels as unordered, and falls when one label dominates. Landis and Koch's words for it (fair, moderate,"
        " substantial) rest on no evidence.",
        "Fleiss (1971), Psychological Bulletin 76, 378-382.",
    ),
    "fleiss_kappa_generalised": Measure(
        "Fleiss' kappa, for any number of labels an item",
        "How far do annotators agree beyond chance, each item weighing the same however many labels it has?",
        r"\kappa = \frac{p_a - p_e}{1 - p_e},\quad p_a = \frac1{N'}\sum_{i:\,r_i\ge 2}\sum_k"
        r" \frac{r_{ik}(r_{ik}-1)}{r_i(r_i-1)},\quad p_e = \sum_k \pi_k^2,\quad \pi_k = \frac1N\sum_i"
        r" \frac{r_{ik}}{r_i}",
        "1 = perfect, 0 = chance, can be negative.",
        "Equal to Fleiss' kappa where every item has the same number of labels.",
        "Treats labels as unordered, and falls when one label dominates.",
        "Gwet (2014), Handbook of Inter-Rater Reliability, 4th ed.",
    ),
    "gwet_ac1": Measure(
        "Gwet's AC1",
        "How far do annotators agree beyond chance, where one label is far more frequent than the others?",
        r"AC_1 = \frac{p_a - p_e}{1 - p_e},\quad p_e = \frac{1}{q-1}\sum_k \pi_k (1-\pi_k)",
        "1 = perfect, 0 = chance, can be negative.",
        "Nearly always above alpha and kappa, so never compare it with their thresholds.",
        "Assumes that only some items are hard and guessed at. A high AC1 beside a low alpha means that one label"
        " dominates, not that the labels are good.",
        _GWET,
    ),
    "gwet_ac2": Measure(
        "Gwet's AC2",
        "AC1 for ordered labels: near misses count in part. With quadratic weights it is what Llama 2 reports.",
        r"AC_2 = \frac{p_a - p_e}{1 - p_e},\quad p_e = \frac{\sum_{kl} w_{kl}}{q(q-1)}\sum_k \pi_k(1-\pi_k)",
        "1 = perfect, 0 = chance, can be negative.",
        "Llama 2 reports .37 to .55 for helpfulness and safety on a 7-point scale.",
        "The weights do much of the work: compare only figures with the same weights and the same scale.",
        _GWET + " Touvron et al. (2023), Llama 2.",
    ),
    "brennan_prediger": Measure(
        "Brennan-Prediger",
        "How far do annotators agree beyond picking labels with equal chances?",
        r"BP = \frac{p_a - 1/q}{1 - 1/q}",
        "1 = perfect, 0 = as if labels were drawn with equal chances, can be negative.",
        "Does not depend on how often each label is used, so two batches with different shares can be compared.",
        "Flatters where some labels are hardly ever right: a scale with more unused labels scores higher.",
        "Brennan and Prediger (1981), Educational and Psychological Measurement 41, 687-699.",
    ),
    "percent_agreement": Measure(
        "Percent agreement",
        "How often do two annotators give an item the same label?",
        r"p_a = \frac1{N'}\sum_{i:\,r_i\ge2}\sum_k \frac{r_{ik}(r_{ik}-1)}{r_i(r_i-1)}",
        "0 to 1. Chance alone gives 1/2 on two balanced labels, 1/3 on three.",
        "Easy to tell a colleague. Published preference sets: 72.6% (InstructGPT), about 63% (Anthropic), 77%"
        " between OpenAI researchers.",
        "Not corrected for chance: compare only sets with the same labels and similar shares. Each item weighs the"
        " same, with two labels or with ten.",
        "Gwet (2014). Figures: Ouyang et al. (2022), Bai et al. (2022), Stiennon et al. (2020).",
    ),
    "percent_agreement_pooled": Measure(
        "Percent agreement, pooled",
        "Of all pairs of labels given to the same item, how many agree?",
        r"\frac{\sum_i \sum_k r_{ik}(r_{ik}-1)}{\sum_i r_i(r_i-1)}",
        "0 to 1.",
        "Equal to the mean over items where every item has the same number of labels.",
        "An item with ten labels weighs as much as 45 items with two: a few much-labelled items can carry the figure.",
        "Plain share of pairs.",
    ),
    "cohen_kappa": Measure(
        "Cohen's kappa",
        "How far do two annotators agree beyond what their own habits would give by chance?",
        r"\kappa = \frac{p_o - \sum_k p_{k\cdot}\,p_{\cdot k}}{1 - \sum_k p_{k\cdot}\,p_{\cdot k}}",
        "1 = perfect, 0 = chance, can be negative.",
        "Look for a row of the heat map that is pale throughout: one annotator who agrees with nobody.",
        "With fewer than about 50 shared items its interval is wide; pairs below the chosen number of shared items are"
        " left empty, not zero.",
        "Cohen (1960), Educational and Psychological Measurement 20, 37-46.",
    ),
    "cohen_kappa_linear": Measure(
        "Cohen's kappa, linear weights",
        "Kappa with a miss counting by the number of steps.",
        r"\kappa_w = 1 - \frac{\sum v_{ij}\,p_{ij}}{\sum v_{ij}\,p_{i\cdot}\,p_{\cdot j}},\quad v_{ij} = |i-j|",
        "1 = perfect, 0 = chance, can be negative.",
        "Lies between plain and quadratic kappa on most sets.",
        "A change of side by one step (A> to B> without a tie) counts like any other step.",
        "Cohen (1968), Psychological Bulletin 70, 213-220.",
    ),
    "cohen_kappa_quadratic": Measure(
        "Cohen's kappa, quadratic weights",
        "Kappa with a miss counting by the square of the number of steps.",
        r"\kappa_w = 1 - \frac{\sum v_{ij}\,p_{ij}}{\sum v_{ij}\,p_{i\cdot}\,p_{\cdot j}},\quad v_{ij} = (i-j)^2",
        "1 = perfect, 0 = chance, can be negative.",
        "Close to a correlation of the two annotators' labels.",
        "Hides changes of side between neighbouring labels; read it beside the agreement on direction.",
        "Cohen (1968); Fleiss and Cohen (1973).",
    ),
    "same_crew": Measure(
        "Same-crew interval",
        "Where would the figure lie for other items of this kind, judged by these annotators?",
        "",
        "An interval at 95%, from drawing items (or their groups) anew.",
        "Use it to compare slices and weeks of one crew's work.",
        "Says nothing about other annotators: with 20 annotators of unequal skill it covered the figure of a new crew"
        " in 43 of 100 simulated sets.",
        "Efron and Tibshirani (1993), bootstrap over items.",
    ),
    "new_crew": Measure(
        "New-crew interval",
        "Where would the figure lie for other items and other annotators from the same source?",
        "",
        "An interval at 95%, from leaving out one annotator at a time, with Student's t.",
        "Use it to promise a figure for next month's annotators. It is wider, and honest.",
        "Needs about ten annotators; below that it is very wide or missing.",
        "Jackknife over annotators: Efron and Stein (1981), Annals of Statistics 9, 586-596.",
    ),
    "direction": Measure(
        "Share of pairs that differ in side",
        "How often do two labels of this item not name the same side?",
        r"1 - \sum_s \frac{r_s (r_s - 1)}{r (r-1)}",
        "0 = all name the same side; 1 = no two do.",
        "Strength is ignored: A>> and A> are the same side. A tie is a side of its own.",
        "With two labels it is 0 or 1; sort by number of labels to see the well-attested ones.",
        "One minus the item's part of percent agreement on direction.",
    ),
    "disagreement": Measure(
        "Share of pairs that differ",
        "How often are two labels of this item not the same?",
        r"1 - \sum_k \frac{r_k (r_k - 1)}{r (r-1)}",
        "0 = all labels alike; 1 = no two alike.",
        "Counts A>> against A> like A>> against B>>.",
        "Finer scales disagree more by themselves.",
        "One minus the item's part of percent agreement.",
    ),
    "distance": Measure(
        "Mean distance",
        "How many steps of the scale lie between two labels of this item?",
        r"\frac{2}{r(r-1)}\sum_{i<j} |c_i - c_j|",
        "0 to the number of steps of the scale.",
        "Finds the items where one says A>> and another B>>.",
        "Takes all steps as equal.",
        "Gini's mean difference of the label codes.",
    ),
    "entropy": Measure(
        "Entropy of the labels",
        "How undecided is the vote?",
        r"-\sum_k \frac{r_k}{r} \log_2 \frac{r_k}{r}",
        "0 bits = unanimous; log2 of the number of labels = all alike often.",
        "Grows with the number of labels given; compare items with equally many.",
        "Ignores the order of the labels.",
        "Shannon (1948).",
    ),
    "against_gold": Measure(
        "Share against gold",
        "How many of the labels miss the known right one?",
        r"1 - \frac{r_{g}}{r}",
        "0 = all hit it; 1 = none does.",
        "Near 1 with several labels: the gold label may be the wrong one.",
        "Exact label, not direction.",
        "One minus the plain share.",
    ),
}
"""Measures of agreement, and of how contested an item is."""
