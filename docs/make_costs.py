"""Writes docs/costs.md from the cost model's own inputs, parts and presets: python docs/make_costs.py."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from workbench.economics import CHOICES, INPUTS, cost, judge_correlation, presets, supported_by_judge
from workbench.economics.amounts import amount, dollars, percent
from workbench.economics.inputs import CHOICE_HELP, GROUPS
from workbench.economics.model import PARTS
from workbench.economics.sensitivity import DRAWS
from workbench.economics.units import UNITS

PAGE = Path(__file__).with_name("costs.md")

HEAD = r"""# Costs

What labels cost, how long they take and what they are worth. The same model is behind the page *Costs*, the commands `costs` and `plan`, and
`workbench.economics`. Written by `docs/make_costs.py`.

```
python -m workbench costs --preset hybrid --pairs 100K --set check_share=10% --compare human-gold ai-0.02
python -m workbench costs --preset hybrid --break-even human-1.50 --over escalated_share --sensitivity --uncertainty
python -m workbench costs --data export.json                 # measures what the export can tell
python -m workbench costs --preset hybrid --out mine.toml    # a scenario to change; --scenario mine.toml reads it
python -m workbench plan --budget 20000 --accuracy 0.9 --weeks 4
python -m workbench plan --judge-accuracy 0.8 --judge-price 0.02 --label-price 1.5
```

```python
from workbench.economics import cost, preset

cost(preset("hybrid").with_values(check_share=0.1), pairs=100_000).cost_per_item
```

## A usable pair, part by part

With $m$ labels an item, label price $c_L$, gold share $g$, rejected share $r$, and $q$ of the items going to people (1 without AI):

$$ C = c_\text{gen} + \frac{q\,m\,c_L + (1 - q)\,s\,c_L}{(1 - g)(1 - r)} + q\,a\,c_E + (1 - q)\,s\,d\,c_E + v\,c_E + c_\text{AI} + \frac{F}{n} $$

and all that runs per item over $1 - u$, where $u$ of the finished items cannot be used. $a$ adjudicated, $s$ spot checks, $d$ of them disputed, $v$ expert
review, $c_E$ an expert's label, $F$ what is paid once. $1.50 a label with three labels, 10% gold, 15% rejected and 20% adjudicated at $10 is $7.88.

{parts}

* **Label price.** As given, or wage x seconds / 3600; either times 1 + platform fee.
* **AI judgement.** As given, or by tokens: $(T_\text{in}(1 - h)P_\text{in} + T_\text{in} h P_\text{cache} + T_\text{out} P_\text{out}) / 10^6$; times orders, samples, judges, 1 + retries and 1 - batch discount.
* **Weeks.** Human judgements x seconds over annotators x hours a week x utilisation, or the experts' if they take longer, plus the weeks to start. The time of AI calls is not counted.

## What it is worth

* **Label accuracy.** Majority of $m$ independent votes, ties shared, exact; or votes weighted by the log-odds of each annotator's accuracy (known without error, two halves of the crew at
  $p \pm s$: an upper bound). Experts decide the closest votes first. A kept AI label has the panel's accuracy, $k$ judges being worth $k / (1 + (k - 1)\rho)$; where a spot check
  agrees, both are right or both are wrong. *Beware*: votes are taken as independent, beyond the
  pairs that people are split over for good (`split_share` $u$, on which every label is a coin flip and accuracy on the others is $(p - u/2)/(1 - u)$; 0 unless you set it). Shared guidelines make people
  err together, and that is not voted away: treat results above 95% with care, and hold them against gold.
* **Careless annotators** click at random until gold finds them: a sequential test (.8 against .5, errors 5%) runs on each annotator's gold answers; who is found is replaced, and the work is done again. Without gold they stay.
* **Effective labels.** A label of accuracy $1 - \eta$ keeps $(1 - 2\eta)^2 \sigma(1 - \sigma) / (p(1 - p))$, $p = \eta + (1 - 2\eta)\sigma$, of the Fisher information of a clean one; at most
  $(1 - 2\eta)^2$, at $\sigma = 1/2$. Summed over items and routes, times what active selection saves. With `training_target = "votes"` every vote counts: $m(1 - 2\eta)^2$. *Beware*: this is
  about random errors. What an AI gets wrong in one direction, every one of its labels teaches.
* **Alpha to expect.** $(2p - 1)^2$ for two sides equally common; with split pairs $(1 - u)(2p_c - 1)^2$, $p_c$ the accuracy on the others. Same crew: the binomial variance of an item's agreement over the items with two labels or more; a new crew adds the spread of accuracy between annotators, with Student's t.

## Deciding

* **What matters.** Each input from the low to the high end of its range, all else standing still; where a range is unknown, 20% to each side, marked. **Random draws** move all inputs that have a range of
  their own, each from a triangle that peaks at its value: {draws} draws, so that one seed is one answer on the page and on the command line. A figure that no drawn input moves is named
  as not varied: nothing is known of its doubt.
* **Break-even.** Every crossing over the allowed range of an input, or from 1 to 100,000,000 pairs; "never" comes with its reason.
* **Best plan.** Every combination of labels per item, share to people, spot checks, gold and adjudication on a small grid: the most effective labels for a budget, or the cheapest way to a number of pairs, within weeks and above an accuracy.
  Where the weeks run out before the money, it says how much is left. One label an item is often best by these formulas, and then neither agreement nor (without gold) careless people can be measured: keep a
  second label on 20 to 30% of the items.
* **How much is enough.** With `--kappa`, from that; else from the scenario's accuracy. Items for an interval of kappa (Donner & Eliasziw 1992: 1,226 items for +-0.05 at kappa 0.45, 307 for +-0.10) or alpha; labels for a reliability (Spearman-Brown); people; gold.
* **A judge beside people, without bias** (`plan --judge-accuracy 0.8 --judge-price 0.02 --label-price 1.5`, `supported_by_judge`). Where a figure must not inherit the judge's errors (a win rate, an
  audit), prediction-powered inference (PPI++; Angelopoulos, Duchi & Zrnic 2023) corrects what the judge says of all items by what people say of some. That makes one human label worth up to
  $1 / (1 - \rho^2)$, with $\rho = 2 \times \text{accuracy} - 1$ for two sides equally common: {multipliers}. At the cheapest split, $\sqrt{\rho^2 / ((1 - \rho^2)\gamma)}$ judged items for
  each human label, a label's worth costs $c_Y(1 - \rho^2 + \gamma\rho^2 + 2\sqrt{\gamma\rho^2(1 - \rho^2)})$, $\gamma = c_f / c_Y$ (Broska et al. 2024):

{judges}

  Do not use it to price training labels: a reward model may learn from biased ones.
* **A cascade of judges** (`cascade_cost`, `escalation_for`).

## Units

Every quantity carries its unit, and sums ask for the same one: $ per item never meets $ per 1,000 items unnoticed. A scenario file may state units: {units}. One of the same kind is converted (`{ value = 10, unit = "%" }`
is a share of 0.1), another is refused by name. All mistakes of a file are listed at once.

## From your data

`--data`, the switch on the page and `inputs_from(data)` measure labels per item, annotators, seconds per label (mean, the longest 1% cut), gold share, accuracy (on gold, else from agreement by the one-coin model), its spread, what
AI judges did, and tokens from words; each says from how many rows, and what could not be measured says why. Rejected work is never measured: an export does not hold what was refused
and done again, and a skip is not that.
"""  # noqa: E501


def page() -> str:
    """The page as it should be."""
    parts = "\n".join(
        ["| part | how it comes about |", "|---|---|", *(f"| {name} | {how} |" for name, how in PARTS.items())]
    )
    told = {"{parts}": parts, "{draws}": f"{DRAWS:,}", "{units}": ", ".join(f"`{name}`" for name in UNITS), **_judges()}
    head = HEAD
    for place, text in told.items():
        head = head.replace(place, text)
    lines = [head, "## Inputs\n"]
    for group in GROUPS:
        lines += [
            f"### {group}\n",
            "| input | default | allowed | what it means | source of the default |",
            "|---|---|---|---|---|",
        ]
        for k in INPUTS.values():
            if k.group == group:
                lines.append(
                    f"| `{k.name}` | {amount(k.default, k.unit)} | {k.low:g} to {k.high:,.10g} ({k.unit.name}) |"
                    f" {k.description} | {k.source}, {k.date} |"
                )
        lines.append("")
    lines += [
        "### Choices\n",
        *(
            f"* `{name}`: {' or '.join(f'`{w}`' for w in words)}; {CHOICE_HELP[name]}."
            for name, words in CHOICES.items()
        ),
        "",
    ]
    lines += ["## Presets\n", "| preset | what it is | a pair | total at its pairs | source |", "|---|---|---|---|---|"]
    for name, s in presets().items():
        found = cost(s)
        lines.append(
            f"| `{name}` | {s.title} | {dollars(found.cost_per_item)} | {dollars(found.total)} for {s.pairs:,} |"
            f" {s.source}, {s.date} |"
        )
    lines += [
        "",
        "What the sources leave open or contradict:\n",
        *(f"* `{name}`: {' '.join(s.notes)}" for name, s in presets().items() if s.notes),
    ]
    return "\n".join(lines) + "\n"


def _judges() -> dict[str, str]:
    """What a judge beside people is worth, at the figures of the sources."""
    worth = [
        f"{supported_by_judge(judge_correlation(a), 1, 0.01).multiplier:.2f} at {100 * a:.0f}%"
        for a in (0.75, 0.80, 0.85, 0.90)
    ]
    rows = ["| judge agrees | a label | a judgement | a label's worth costs | saving |", "|---|---|---|---|---|"]
    for accuracy, label, judgement in ((0.80, 1.5, 0.02), (0.80, 10.0, 0.02), (0.80, 0.67, 0.06), (0.65, 0.67, 0.06)):
        found = supported_by_judge(judge_correlation(accuracy), label, judgement)
        saving = f"{percent(round(found.saving, 2))}{'' if found.worth_it else ', not worth it'}".replace("-", "−")
        rows.append(
            f"| {percent(accuracy)} | {dollars(label)} | {dollars(judgement)} | {dollars(found.cost_per_effective)} |"
            f" {saving} |"
        )
    return {"{multipliers}": ", ".join(worth), "{judges}": "\n".join(f"  {row}" for row in rows)}


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
