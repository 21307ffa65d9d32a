"""Measures that annotators are looked at by: what each says alone, before the reliability joins them."""

from __future__ import annotations

from workbench.glossary.entry import Measure

WORKING: dict[str, Measure] = {
    "gold_accuracy": Measure(
        "Accuracy on gold",
        "How often does an annotator give the known right answer, and how often would one who guesses?",
        r"\hat p = \frac{\kappa \mu + k}{\kappa + n}, \quad p \sim \text{Beta}(\kappa \mu + k,\ \kappa (1 - \mu) + n -"
        r" k), \quad \text{chance} = \frac1n \sum_i \frac{|\{k : d(k) = d(g_i)\}|}{K}",
        "0 to 1. Direction counts the side alone, exact the label itself; chance is what picking among the labels of"
        " the scale evenly would give.",
        "The one figure that does not depend on the others being right. Read the interval: ten answers say little.",
        "Gold is often clearer than the rest, so it flatters. Suspect gold is left out and listed.",
        "Beta-binomial estimate with the crew's mean as the prior, worth four answers; Gelman et al. (2013), Bayesian"
        " Data Analysis, 3rd ed., 2.4.",
    ),
    "agreement_with_others": Measure(
        "Agreement with others",
        "How often does somebody else on the same item give the label this annotator gave?",
        r"\frac{1}{|I_a|} \sum_{i \in I_a} \frac{r_{i,c(a)} - 1}{m_i - 1}",
        "0 to 1; the own vote is left out.",
        "Compare within a crew: one far below the rest judges by other rules, or not at all.",
        "Depends on which items one got. Where all err alike it is high and says nothing; where everybody but one errs,"
        " that one looks bad.",
        "Leave-one-out share of agreeing pairs; standard error over items.",
    ),
    "estimated_accuracy": Measure(
        "Estimated accuracy",
        "How often is an annotator right over items like these, as far as gold and everybody else's labels tell?",
        r"p(\alpha \mid \text{labels}) \propto p(\alpha)\, \alpha_g^k (1 - \alpha_g)^{n - k} \prod_{i\ \text{without"
        r" gold}} \sum_t r_{it}\, P_\alpha(l_i \mid t)",
        "0 to 1, with the interval that covers it in 95 of 100 cases.",
        "Half of the answers to two sides is blind; one who is surely above that looks.",
        "Rests on the others: copies and suspect gold are left out first, but a crew that errs together is not seen.",
        "Posterior over levels of skill, prior the crew's spread; in the spirit of Dawid and Skene (1979), Applied"
        " Statistics 28, 20-28.",
    ),
    "self_consistency": Measure(
        "Agreement with oneself",
        "How often does an annotator who sees a pair again choose the same?",
        r"\frac{\text{successive judgements of a pair with the same direction}}{\text{successive judgements of a"
        r" pair}}",
        "0 to 1; 0.5 is what a coin does between two sides.",
        "Below about .8 the work is noisy, whoever is right.",
        "Needs repeats. Who recognises a pair, or always picks a side, agrees with themselves perfectly.",
        "Plain share, ties a direction of their own.",
    ),
    "label_mix": Measure(
        "Label mix",
        "Does an annotator use the labels as these items ask for?",
        r"\sum_k \frac{(o_k - e_k)^2}{e_k}, \quad e_k = \sum_i P(\text{label } k \mid \text{item } i)",
        "Share of the commonest label, beside what is expected on the same items.",
        "Far more ties or strong labels than expected is a way of using the scale; talk about the scale first.",
        "A specialist may rightly use other labels; expectation rests on the others on the same items.",
        "Pearson's chi-squared test against what others say of the same items.",
    ),
    "longest_run": Measure(
        "Longest run of one label",
        "Does an annotator repeat one label more often in a row than the items explain?",
        r"\text{expected } \frac{\ln(n (1 - p))}{\ln(1 / p)}, \quad P(\text{run} \ge r) \le \sum_{\text{label},\,"
        r" \text{start}} P(\text{starts here}) \prod P(\text{label} \mid \text{item})",
        "Labels in a row, beside the number expected.",
        "A run of 40 where 6 are expected is somebody holding down a key.",
        "Items sorted by answer make runs too; look at the order of the batch.",
        "Straight-lining in surveys: Kim et al. (2019), Social Science Computer Review 37, 214-233.",
    ),
    "drift": Measure(
        "Drift",
        "Did an annotator become less accurate at some time?",
        r"S_t = \max(0, S_{t-1} + w_t), \quad w_t = \ln \frac{p_1 r_t + (1 - p_1)(1 - r_t)}{p_0 r_t + (1 - p_0)(1 -"
        r" r_t)}",
        "Accuracy before and after the likeliest day, with a p-value corrected for all annotators. The sum signals at a"
        " line of the annotator's own.",
        "A fall after a date: tired, bored, or changed guidelines. Of annotators who stay as they are, one in twenty"
        " gets a signal at any time; the line is what the same labels in another order rarely exceed.",
        "Weeks in which the whole crew was worse are left out first. Short records cannot show it. Where many fall at"
        " once, the others' yardstick falls with them.",
        "Page (1954), Biometrika 41, 100-115, for the sum that watches; a Bayes factor for looking back.",
    ),
    "collusion": Measure(
        "Copies",
        "Do two annotators make the same choices more often than both judging well explains?",
        r"P(l, l) = (1 - \rho) \sum_t r_t C_{tl} C'_{tl} + \rho \sum_t r_t C_{tl}",
        "Share of copies from 0 to 1, with a p-value corrected for all pairs tested.",
        "Counts agreement where both are wrong. Who came later on the items both label alike is likely the copier.",
        "A couple who discuss each item are alike without copying. Needs ten shared items.",
        "Mixture of independent and copied labels; correction by Benjamini and Hochberg (1995), JRSS B 57, 289-300.",
    ),
    "effective_annotators": Measure(
        "Effective number of annotators",
        "How many independent annotators are these worth?",
        r"\frac{k}{1 + (k - 1)\, \rho}, \quad k = \text{annotators} - \text{copiers}",
        "From 1 to the number of annotators, with an interval over items.",
        "Those who copy are counted out first. Errors the rest have in common cannot be voted away: with a correlation"
        " of .44, nine are worth two.",
        "What if all of them judged the same item: of three who do, a correlation of .05 takes little. It is what two"
        " agree beyond how each labels, so it rests on that model.",
        "Design effect: Kish (1965), Survey Sampling, 5.4.",
    ),
    "suspect_gold": Measure(
        "Suspect gold",
        "Which gold labels are contradicted by annotators who are right elsewhere?",
        r"P(\text{gold wrong} \mid \text{labels}) = \frac{\epsilon \sum_{t \ne g} p_t \prod_a C_{a}(t, l_a)}{(1 -"
        r" \epsilon) \prod_a C_{a}(g, l_a) + \epsilon \sum_{t \ne g} p_t \prod_a C_{a}(t, l_a)}",
        "0 to 1 for each gold item.",
        "Have an expert look at the likeliest; those above 0.8 are held against nobody until then.",
        "Two or three labels on a gold item say little of it alone; how much gold is wrong is learned from all of it"
        " together, and the list goes on below the line.",
        "Bayes' rule with the annotators' own error rates; the share of wrong gold by its marginal likelihood, 2%"
        " expected before.",
    ),
}
"""What annotators are looked at by."""
