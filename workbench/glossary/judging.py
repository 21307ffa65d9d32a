"""Figures about AI judges and about routing."""

from __future__ import annotations

from workbench.glossary.entry import Measure

JUDGING: dict[str, Measure] = {
    "alternative_annotator_test": Measure(
        "Alternative-annotator test",
        "Could this judge stand in for one of the people?",
        r"\rho^f_j = P(S(f, x, -j) \ge S(h_j, x, -j)), \quad H_0: \rho^f_j \le \rho^h_j - \varepsilon",
        "Winning rate from 0 to 1; it passes from one half on.",
        "Each person is left out in turn: the judge wins against one where it agrees with the rest nearly as often as"
        " that person does. Allowance 0.1 for a crowd, 0.15 for skilled people, 0.2 for experts.",
        "It takes 30 shared items a person and at least three people; where people themselves are careless, keeping up"
        " with them is no praise.",
        "Calderon, Reichart and Dror (2025), The alternative annotator test for LLM-as-a-judge, ACL.",
    ),
    "judge_bias": Measure(
        "Bias of a judge",
        "What sways the judge more than it sways people?",
        r"\bar{J} - \bar{H} \text{ on the same items}",
        "-1 to 1; 0 = no leaning.",
        "How much more often than people the judge prefers the response that is longer, has more layout, or comes from"
        " its own kin; for the response shown first, how far over one half, content cancelled out by both orders.",
        "People lean too: this is the difference, not who is right. An interval over few prompts is wide.",
        "Zheng et al. (2023), Judging LLM-as-a-judge with MT-Bench and Chatbot Arena, for the kinds of bias.",
    ),
    "flip_rate_of_order": Measure(
        "Flips with the order",
        "How often does the verdict change when the responses change places?",
        r"P(\mathrm{dir}(f(a, b)) \ne \mathrm{dir}(f(b, a)))",
        "0 to 1.",
        "0: the order does not matter. The score of an item averages both orders, so that a pure position bias becomes"
        " one half: no verdict, and never a tie.",
        "Consistent is not correct: on adversarial pairs judges agree with themselves and are wrong.",
        "Zheng et al. (2023).",
    ),
    "canary_rate": Measure(
        "Canaries obeyed",
        "How often does the judge obey an order that stands inside a response?",
        r"\text{obeyed} / \text{answered}",
        "0 to 1; it should be 0.",
        "Plain wrong responses that order their own victory are mixed into the calls at a set rate.",
        "A judge that obeys none of a few canaries may obey cleverer ones.",
        "This project's own.",
    ),
    "prediction_powered_mean": Measure(
        "Prediction-powered mean",
        "What would people say of all items, where they labelled some and the judge all?",
        r"\hat\theta = \lambda \bar f_{unl} + \overline{(y - \lambda f)}, \quad"
        r" \lambda = \frac{\mathrm{Cov}(y, f)}{(1 + n / N) \mathrm{Var} f}",
        "That of the labels.",
        "Unbiased however wrong the judge is, and narrower where it is right: each label is worth up to"
        " 1 / (1 - correlation squared) labels.",
        "The labelled items must be a random part. Under 50 labels the interval covers a little less than it says.",
        "Angelopoulos, Duchi and Zrnic (2023), PPI++, arXiv 2311.01453; Student's t instead of the normal bounds.",
    ),
    "certified_threshold": Measure(
        "Certified threshold",
        "From which confidence on may the judge decide alone?",
        r"\hat\lambda = \min\{\lambda : \mathrm{CP}^+_{1-\delta}(k_\lambda, n_\lambda) \le \alpha"
        r" \text{ for all } \lambda' \ge \lambda\}",
        "0.5 to 1, or none.",
        "Of the items at or above it, at most the promised share is decided wrongly, in at least 1 - delta of all"
        " draws of the calibration items. Half of these choose where to test, the other half test.",
        "It is about items like the calibration items, and wrong means against the people's reference. Where none can"
        " be certified the judge abstains and people label.",
        "Jung, Brahman and Choi (2025), Trust or Escalate, ICLR; Angelopoulos et al. (2021), Learn then Test.",
    ),
    "routing_error": Measure(
        "Error of a routing plan",
        "How many of the delivered labels differ from what other people (or gold) say?",
        r"\hat e = \frac{\sum_{checked} e_i / \pi_i}{\sum_{checked} 1 / \pi_i}",
        "0 to 1.",
        "In a simulation over all items; live from random checks with known chances, which stand for the unchecked"
        " rest too. People only stands beside it, held against the same reference.",
        "A person differs from other people as well: an error of a plan below that of one person is no miracle.",
        "Horvitz and Thompson (1952); Zrnic and Candès (2024), Active statistical inference.",
    ),
    "confidence_sequence": Measure(
        "Confidence sequence",
        "Between which bounds does the mean lie, however often one looks?",
        r"\frac{\sum \lambda_i x_i}{\sum \lambda_i} \pm \frac{\log(2 / \alpha) + \sum v_i \psi_E(\lambda_i)}"
        r"{\sum \lambda_i}",
        "Bounds after each value, within 0 and 1 once cut.",
        "An alarm may be raised the day the bounds leave the wanted value out: looking daily costs nothing.",
        "Wider than an ordinary interval at any one moment; the order of the values must not depend on them.",
        "Waudby-Smith and Ramdas (2024), Estimating means of bounded random variables by betting, JRSS-B.",
    ),
}
