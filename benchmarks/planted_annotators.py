"""How many annotators with planted trouble are found, and how many honest ones are flagged.

    python benchmarks/planted_annotators.py [--runs 30]

Simulates crews of 100 annotators, three labels an item, honest accuracy .65 to .95, five of each kind of trouble, with
30, 100 and 300 labels each, and asks `workbench.annotators.flag_annotators` with its defaults whom to look at; beside
it other rules. Writes `benchmarks/PLANTED.md`. Some minutes on two cores.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import logsumexp, ndtr
from scipy.stats import binomtest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from workbench.aggregation import aggregate
from workbench.annotators import FlagThresholds, composite_preset, flag_annotators, survey
from workbench.annotators.flags import Flags
from workbench.annotators.survey import Survey
from workbench.dataset.scales import NULL
from workbench.simulation.crew import noise_for
from workbench.simulation.simulate import Simulation, simulate

HERE = Path(__file__).resolve().parent
CREW, EACH = 100, 5
KINDS = ("spammer", "speeder", "left-clicker", "drifter", "colluder")
VOLUMES = (30, 100, 300)
ALLOWED = 0.02


CONFUSED, CONFUSION = 4, 8.0


def crew(labels: int, seed: int, confused_weeks: tuple[int, ...] = ()) -> Simulation:
    counts = {kind.replace("-", "_") + "s": EACH for kind in KINDS}
    return simulate(
        labels * CREW,
        seed=seed,
        annotators=CREW,
        texts=False,
        confused_weeks=confused_weeks,
        confusion=CONFUSION,
        **counts,
    )


def gold_rule(found: Survey) -> np.ndarray:
    """Cumulative gold accuracy below .6 at any time from the fifth gold answer on."""
    held = found.others
    direction, gold = found.data.scale.direction_table(), found.data.gold
    flagged = np.zeros(CREW, bool)
    for k in range(CREW):
        own = held.order[held.bounds[k] : held.bounds[k + 1]]
        item = held.codes.item[own]
        known = gold[item] != NULL
        right = direction[held.codes.label[own][known]] == direction[gold[item[known]]]
        running = np.cumsum(right) / np.arange(1, len(right) + 1)
        flagged[k] = (running[4:] < 0.6).any()
    return flagged


def worst(score: np.ndarray, honest: np.ndarray) -> np.ndarray:
    """Those below the threshold that flags 2% of the honest ones of the same crew: the best that could be chosen, were
    it known."""
    return score < np.quantile(score[honest], ALLOWED)


def rules(made: Simulation, found: Survey, flags: Flags) -> dict[str, np.ndarray]:
    names = made.truth.annotators["annotator"]
    honest = (made.truth.annotators["behaviour"] == "honest").to_numpy()
    nothing = np.full((len(made.data.items), len(made.data.scale)), np.nan)
    mace = aggregate(made.data, "mace").annotators["knows"].to_numpy()
    crowdlab = aggregate(made.data, "crowdlab", probabilities=nothing).annotators["accuracy"].to_numpy()
    return {
        "workbench": names.isin(flags.flagged).to_numpy(),
        "gold below .6 after 5": gold_rule(found),
        "composite below .6": ~composite_preset(made.data)["passes"].to_numpy(),
        "MACE, best threshold": worst(mace, honest),
        "CROWDLAB, best threshold": worst(crowdlab, honest),
    }


def drifter_bound(made: Simulation) -> tuple[np.ndarray, np.ndarray]:
    """Log Bayes factor of drift for all drifters and all honest annotators, by one who knows everything but the quality
    of the items.

    Known are the thresholds, everybody else's skill, and which of the others' labels were judged and which were clicked
    or copied; of the annotator in question, that it is honest (skill .65 to .95) or a drifter (the same, and random
    labels from some place on).
    """
    truth, codes = made.truth, made.data.codes
    gap, label = truth.items["strength"].to_numpy(), truth.items["label"].to_numpy()
    clear = gap[~truth.items["ambiguous"].to_numpy()]
    cuts = np.array([(gap[label == 4 - i].max() + gap[label == 3 - i].min()) / 2 for i in range(4)])
    edges = np.concatenate([[np.inf], cuts[::-1], [-np.inf]])
    z = np.quantile(gap, (np.arange(41) + 0.5) / 41)

    def table(noise: float) -> np.ndarray:
        parts = [np.diff(ndtr((z[:, None] - edges) / s), axis=1) for s in (noise, np.hypot(noise, 1.0))]
        return 0.9 * parts[0] + 0.1 * parts[1]

    levels = np.stack([table(s) for s in noise_for(np.linspace(0.65, 0.95, 10), clear, cuts)])
    each = np.stack([table(s) for s in noise_for(truth.annotators["skill"].to_numpy(), clear, cuts)])
    judged = (truth.annotations["how"] == "judged").to_numpy()[codes.row]
    spoken = np.where(judged[:, None], np.log(np.maximum(each[codes.annotator, :, codes.label], 1e-12)), 0.0)
    total = np.zeros((codes.n_items, len(z)))
    np.add.at(total, codes.item, spoken)
    r = total[codes.item] - spoken
    gold = made.data.gold[codes.item]
    r[(gold != NULL)[:, None] & ((4 - np.digitize(z, cuts))[None, :] != gold[:, None])] = -1e9
    r = np.exp(r - r.max(1, keepdims=True))
    r /= r.sum(1, keepdims=True)
    chance = np.log(np.stack([(r * t[:, codes.label].T).sum(1) for t in levels], axis=1))
    ended = made.data.annotations["ended_at"].to_numpy()[codes.row]
    found: dict[str, list[float]] = {"drifter": [], "honest": []}
    for k, kind in enumerate(truth.annotators["behaviour"]):
        if kind not in found:
            continue
        own = np.flatnonzero(codes.annotator == k)
        path = np.vstack([np.zeros(10), np.cumsum(chance[own[np.argsort(ended[own], kind="stable")]], axis=0)])
        n = len(own)
        blind = -np.log(5) * (n - np.arange(n))
        found[kind].append(float(logsumexp(logsumexp(path[:-1], axis=1) + blind) - np.log(n) - logsumexp(path[-1])))
    return np.array(found["drifter"]), np.array(found["honest"])


def measure(labels: int, runs: int) -> tuple[pd.DataFrame, pd.DataFrame, float, float]:
    rows, kinds, seconds = [], [], 0.0
    drifters, honest = [], []
    for seed in range(runs):
        made = crew(labels, 10_000 + seed)
        start = time.perf_counter()
        found = survey(made.data)
        flags = flag_annotators(found, FlagThresholds())
        seconds += time.perf_counter() - start
        people = made.truth.annotators
        for rule, flagged in rules(made, found, flags).items():
            rows += [(rule, kind, bool(f)) for kind, f in zip(people["behaviour"], flagged, strict=True)]
        for name, kind in zip(people["annotator"], people["behaviour"], strict=True):
            given = {flag.kind for flag in flags.by_annotator.get(name, ())} - {"few-labels"}
            kinds += [(kind, g) for g in given]
        d, h = drifter_bound(made)
        drifters.append(d)
        honest.append(h)
        print(f"{labels} labels, run {seed + 1} of {runs}", end="\r", file=sys.stderr)
    line = np.quantile(np.concatenate(honest), 0.995)
    bound = float((np.concatenate(drifters) > line).mean())
    return (
        pd.DataFrame(rows, columns=["rule", "kind", "flagged"]),
        pd.DataFrame(kinds, columns=["kind", "flag"]),
        seconds / runs,
        bound,
    )


def confused(labels: int, runs: int) -> tuple[pd.DataFrame, int, int]:
    """Who is flagged where everybody's noise is eight times as large in one week of six; and in how many crews that
    week, and another, is found."""
    rows, right, wrong = [], 0, 0
    for seed in range(runs):
        made = crew(labels, 10_000 + seed, (CONFUSED,))
        found = survey(made.data)
        planted = str((np.datetime64("2026-01-05") + 7 * (CONFUSED - 1)).astype("datetime64[D]"))
        right += planted in found.confused
        wrong += bool(set(found.confused) - {planted})
        people, flagged = made.truth.annotators, set(flag_annotators(found).flagged)
        rows += [(kind, name in flagged) for kind, name in zip(people["behaviour"], people["annotator"], strict=True)]
    return pd.DataFrame(rows, columns=["kind", "flagged"]), right, wrong


def share(flagged: pd.Series) -> str:
    k, n = int(flagged.sum()), len(flagged)
    low, high = binomtest(k, n).proportion_ci(method="exact")
    return f"{k / n:.1%} ({low:.1%} to {high:.1%})"


def report(runs: int) -> str:
    lines = [
        "# Planted trouble: who is found",
        "",
        (
            f"Written by `python benchmarks/planted_annotators.py --runs {runs}`. Crews of {CREW} annotators, three"
            " labels an item on a five-point scale, a tenth of the"
        ),
        (
            "items with gold, a tenth ambiguous; honest annotators are right in .65 to .95 of the ordinary items. Five"
            " each of: spammers (random labels), speeders (a"
        ),
        (
            "fifth of the time, 60% random), left-clickers (80% for the side shown first), drifters (random from half"
            " way), colluders (80% copied from one other with"
        ),
        (
            f"the same batches, after that one). {runs} crews each, so {runs * EACH} of each kind and"
            f" {runs * (CREW - 5 * EACH):,} honest ones. Found = flagged for whatever"
        ),
        (
            "reason, with the default thresholds. In brackets exact binomial 95% intervals. MACE and CROWDLAB score"
            " annotators but draw no line; theirs is drawn in each"
        ),
        "crew where it flags 2% of the honest ones, which only a simulation knows. CROWDLAB has no classifier here.",
    ]
    for labels in VOLUMES:
        table, kinds, seconds, bound = measure(labels, runs)
        lines += [
            "",
            f"## {labels} labels each",
            "",
            "| rule | " + " | ".join(KINDS) + " | honest flagged |",
            "|---|" + "---|" * (len(KINDS) + 1),
        ]
        for rule, part in table.groupby("rule", sort=False):
            cells = [share(part.loc[part["kind"] == kind, "flagged"]) for kind in (*KINDS, "honest")]
            lines.append(f"| {rule} | " + " | ".join(cells) + " |")
        counted = pd.crosstab(kinds["kind"], kinds["flag"])
        lines += [
            "",
            "Flags by kind (an annotator can have several):",
            "",
            "| | " + " | ".join(counted.columns) + " |",
            "|---|" + "---|" * len(counted.columns),
        ]
        lines += [
            f"| {kind} | " + " | ".join(str(v) for v in counted.loc[kind]) + " |"
            for kind in (*KINDS, "honest")
            if kind in counted.index
        ]
        lines += [
            "",
            (
                f"{seconds:.1f} s a crew. Bound for drifters: one who knows every other annotator's skill and"
                f" behaviour, and all but the quality of the items, finds {bound:.1%}"
            ),
            "of them by their labels at 0.5% of the honest flagged.",
        ]
    lines += [
        "",
        "## A week in which everybody was confused",
        "",
        (
            f"The same crews, but in the fourth of six weeks everybody's noise is {CONFUSION:g} times as large, as"
            " after a change of the guidelines. Found = crews in which that"
        ),
        "week is named; another = crews in which (also) another week is. Annotators with the default thresholds.",
        "",
        "| labels each | week found | another | " + " | ".join(KINDS) + " | honest flagged |",
        "|---|---|---|" + "---|" * (len(KINDS) + 1),
    ]
    for labels in VOLUMES:
        table, right, wrong = confused(labels, runs)
        cells = [share(table.loc[table["kind"] == kind, "flagged"]) for kind in (*KINDS, "honest")]
        lines.append(f"| {labels} | {right} of {runs} | {wrong} of {runs} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=30)
    options = parser.parse_args()
    text = report(options.runs)
    (HERE / "PLANTED.md").write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
