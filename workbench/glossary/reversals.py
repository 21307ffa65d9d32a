"""Measures of reversals."""

from __future__ import annotations

from workbench.glossary.entry import Measure

TURNING: dict[str, Measure] = {
    "reversals_between": Measure(
        "Reversals between annotators",
        "How often do two annotators who both choose take opposite responses of the same item?",
        r"\frac{\sum_i a_i b_i}{\sum_i \binom{a_i + b_i}{2}}",
        "0 = never; 0.5 = what two coins do.",
        "Published sets have 27% (InstructGPT's labellers, OpenAI's summaries) to 37% (Anthropic's crowd). Compare"
        " with earlier batches of the same task.",
        "Mixes slips with people who differ for good reasons. A limit of 10% would fail every published set.",
        "One minus the agreement on the better response, ties left out; Ouyang et al. (2022), Stiennon et al. (2020),"
        " Bai et al. (2022) for the figures.",
    ),
    "reversals_within": Measure(
        "Reversals within an annotator",
        "How often does an annotator who sees a pair again take the other response?",
        r"R = \frac{\text{repeated pairs with both responses chosen}}{\text{repeated pairs with two choices}}",
        "0 = never; 0.5 = what a coin does.",
        "Above a tenth, look whether the guidelines are clear, and whether the order sways the choice.",
        "Annotators who recognise a pair repeat themselves; let some days pass, and show some of the repeats with the"
        " sides exchanged.",
        "Plain share; intervals clustered by pair and by annotator (Cameron, Gelbach and Miller 2011).",
    ),
    "position_bias": Measure(
        "Position bias, self-noise and ambiguity",
        "How much of what contradicts itself comes from the order, from slips, and from people who really differ?",
        r"\text{bias} = R_\text{swap} - R_\text{same} \quad q = \tfrac{1 - \sqrt{1 - 2 R_\text{same}}}{2} \quad"
        r" \text{ambiguity} = R_\text{between} - 2 q (1 - q)",
        "Each 0 to about 0.5; a difference can fall below 0 by chance.",
        "More labels mend self-noise; clearer guidelines and random sides mend position bias; ambiguity stays, and is"
        " worth keeping as soft labels.",
        "Needs repeats in the same order and in swapped order. The rates come from different pairs, so the parts are"
        " estimates, not a sum of counts.",
        "Differences of shares with Newcombe's (1998) intervals; slips as independent flips of one opinion.",
    ),
    "self_noise": Measure(
        "Self-noise",
        "How likely is a single judgement the wrong way round of what the same annotator means?",
        r"q = \tfrac{1 - \sqrt{1 - 2 R_\text{same}}}{2}",
        "0 to 0.5.",
        "Slips: more labels of an item mend it.",
        "From repeats in the same order only; who recognises the pair hides it.",
        "Two independent flips of one opinion.",
    ),
    "ambiguity": Measure(
        "Ambiguity",
        "How much of what annotators contradict each other in is no slip, but people who differ?",
        r"R_\text{between} - 2 q (1 - q)",
        "0 to about 0.5; can fall below 0 by chance.",
        "It stays however many labels are bought, and is worth keeping as soft labels.",
        "Unclear guidelines look the same: read some of the contested items before calling it taste.",
        "Difference of shares; interval by Newcombe (1998), Statistics in Medicine 17, 873-890.",
    ),
    "tie_flips": Measure(
        "A choice one time, a tie the other",
        "How often does an annotator who sees a pair again choose once and tie once?",
        r"\frac{\text{repeats with a tie and a choice}}{\text{repeats}}",
        "0 to 1.",
        "Many: the line between a tie and a slight preference is unclear; say where it lies.",
        "No reversal, and counted apart from them.",
        "Plain share; intervals clustered by pair and by annotator.",
    ),
    "first_position_rate": Measure(
        "First-position rate",
        "How often is the response shown first the one chosen?",
        r"\frac{\text{choices of the response shown first}}{\text{choices with a known order}}",
        "0.5 = the order plays no part, where sides are random.",
        "An annotator far from one half clicks a side; a whole crew away from it is swayed, or the sides were not"
        " random.",
        "Where sides are not random the rate mixes order with content and says nothing by itself. An annotator's rate"
        " is over first judgements; that of all, on the page about reversals, has repeats too.",
        "Exact binomial intervals; McNemar's (1947) test where the same annotator saw both orders.",
    ),
    "cycles": Measure(
        "Circular triads",
        "How often is A preferred to B, B to C, and C to A?",
        r"\frac{\mathrm{tr}(W^3) / 3}{\mathrm{tr}(S^3) / 6}",
        "0 = one order fits all; a quarter = what coins do.",
        "Compare with the number that slips alone would make, next to it. More than that: one score a response cannot"
        " hold these preferences.",
        "Only prompts with three responses compared with each other count.",
        "Kendall and Babington Smith (1940), Biometrika 31; expected number from Bradley and Terry (1952),"
        " Biometrika 39.",
    ),
}
"""Measures of judgements that contradict each other."""
