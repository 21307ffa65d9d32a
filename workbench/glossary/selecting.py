"""Strategies that choose what to label next, and the figures beside them."""

from __future__ import annotations

from workbench.glossary.entry import Measure

_SAVED = (
    "Published savings over random run from none to about three times fewer labels (Gleave & Irving 2022: none; BAL-PM"
    " 2024: 1.5 to 3.1 times); what it saves on your data, the replay measures."
)

SELECTING: dict[str, Measure] = {
    "select_random": Measure(
        "Random selection",
        "Which pairs would a lottery pick?",
        r"P(i) = \frac{1}{n}",
        "Any pairs, each as likely.",
        "The yardstick: a strategy that does not beat it on your data is not worth its trouble.",
        "It is the only strategy whose labels stand for the whole pool; keep a random part if you also want to measure"
        " agreement or accuracy.",
        "Simple random sampling.",
    ),
    "select_uncertainty": Measure(
        "Uncertainty sampling",
        "Of which pairs can the model tell the label least?",
        r"p_i (1 - p_i)",
        "0 (the model is sure) to 0.25 (even chances).",
        "High values: by the model, either response could win.",
        "A true tie looks the same as ignorance, and near-duplicates come together. An uncalibrated model misplaces all"
        " of them. " + _SAVED,
        "Lewis and Gale (1994), A sequential algorithm for training text classifiers.",
    ),
    "select_bald": Measure(
        "BALD",
        "On which pairs do the possible versions of the model disagree?",
        r"H(\bar p_i) - E\,H(p_i)",
        "0 to ln 2 = 0.69 nats.",
        "How much a label would tell about the model. Near 0 for true ties, on which all versions agree that chances"
        " are even.",
        "It does not see that labels are noisy; with many wrong labels its edge over random goes. As good as the"
        " model's account of its own uncertainty.",
        "Houlsby, Huszár, Ghahramani and Lengyel (2011), Bayesian active learning for classification and preference"
        " learning.",
    ),
    "select_d_optimal": Measure(
        "D-optimal selection",
        "Which pairs together pin the reward model down most?",
        r"\ln\left(1 + p_i (1 - p_i)\, x_i^\top V x_i\right), \quad V \leftarrow V - \frac{w\, V x x^\top V}{1 + w\,"
        r" x^\top V x}",
        "From 0 up; it falls with every pick.",
        "Gain in ln det of the information, pick after pick: where the curve has flattened, more labels of this pool"
        " tell little.",
        "Optimal for a linear model on these features, if it is right; it goes to long texts and outliers, which are"
        " large in the features. " + _SAVED,
        "Fedorov (1972), Theory of optimal experiments; Nemhauser, Wolsey and Fisher (1978) for greedy picking.",
    ),
    "select_badge": Measure(
        "BADGE",
        "Which pairs have large gradients that differ from each other?",
        r"P(i) \propto \min_{j \in S} \| g_i - g_j \|^2, \quad g_i = (p_i - y_i)\, x_i",
        "Squared distance between gradients, from 0 up.",
        "A draw, not a ranking: another seed picks others that are as good.",
        "Gradients are those of the labels the model expects; where it is confidently wrong they are short and it does"
        " not look.",
        "Ash, Zhang, Krishnamurthy, Langford and Agarwal (2020), Deep batch active learning by diverse, uncertain"
        " gradient lower bounds.",
    ),
    "select_k_means": Measure(
        "k-means selection",
        "Which pairs stand for all the kinds of pairs there are?",
        r"\min_{c} \sum_i \min_k \| x_i - c_k \|^2",
        "The figure of a pick is the number of pairs in its cluster.",
        "Good for a first batch, before there is a model: the pool in small.",
        "It sees no probabilities, so it also picks what the model knows already.",
        "Sculley (2010), Web-scale k-means clustering.",
    ),
    "select_k_centre": Measure(
        "k-centre selection",
        "Which pairs leave no other far from a picked one?",
        r"\arg\max_i \min_{j \in S} \| x_i - x_j \|^2",
        "Squared distance, from 0 up; it falls with every pick.",
        "The last value is how far the worst-covered pair is from the batch.",
        "Outliers first: broken texts and odd languages are picked before the middle of the pool.",
        "Gonzalez (1985), Clustering to minimize the maximum intercluster distance; Sener and Savarese (2018).",
    ),
    "select_hybrid": Measure(
        "Hybrid of the original design notes",
        "Which pairs are uncertain and far from those picked?",
        r"\frac{0.6}{1 + |\Delta_i|} + 0.4\, \frac{\min_{j \in S} \| x_i - x_j \|}{\max_k \min_{j \in S} \| x_k -"
        r" x_j \|}",
        "0 to 1.",
        "Kept so that earlier batches can be compared; the picks are those of the formula to the letter.",
        "The scale of the margin is arbitrary, so the weights mean nothing in particular; ties count as ignorance; the"
        " distance is divided by a figure that changes with every pick. Prefer D-optimal.",
        "The project's original design notes.",
    ),
    "select_disagreement": Measure(
        "Disagreement",
        "Is another label worth more on a pair that has some, or on a new one?",
        r"H(q_i) - H(\eta), \quad q_i = \pi_i (1 - \eta) + (1 - \pi_i) \eta",
        "0 to ln 2 - H(flip) nats.",
        "High for pairs whose labels contradict each other and for new pairs that the model leaves open; low for what"
        " is settled.",
        "It asks what the right side of a pair is, not what the reward model would learn from it. A pair without a"
        " right side never settles.",
        "Sheng, Provost and Ipeirotis (2008), Get another label?; Lin, Mausam and Weld (2016), Re-active learning.",
    ),
    "selection_information": Measure(
        "Expected information of a batch",
        "How much do these picks together tell about a linear reward model?",
        r"\ln\det\left(I + V \sum_{i \in S} p_i (1 - p_i)\, x_i x_i^\top\right)",
        "From 0 up; the same measure for all strategies.",
        "Compare strategies at the same budget: half of a difference is in nats. D-optimal is made to be highest.",
        "It is what a model expects of itself. Whether accuracy follows, only labels show: see the replay.",
        "Chaloner and Verdinelli (1995), Bayesian experimental design.",
    ),
    "flip_rate": Measure(
        "Wrong-side rate of a label",
        "How often does one label name the wrong side?",
        r"\eta = \tfrac{1}{2}\left(1 - \sqrt{1 - 2 D}\right), \quad D = P(\text{two labels of a pair name different"
        r" sides})",
        "0 to one half.",
        "A label keeps about (1 - 2 flip)^2 of its information: at 0.1 still 64%, at 0.25 only 25%.",
        "Pairs without a better side count as errors. Ties are left out. Two annotators who err together look right.",
        "Two independent labels that err alike disagree with chance 2 flip (1 - flip).",
    ),
}
"""Strategies by `select_NAME`, and the figures of the page Select."""
