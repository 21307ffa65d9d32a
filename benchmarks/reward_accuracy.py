"""Reward heads on real argument pairs, each topic judged by a model that has not seen it; and the time that encoding
and fitting take.

    python benchmarks/reward_accuracy.py > benchmarks/REWARD_ACCURACY.md

Needs the real data (see `WORKBENCH_REAL_DATA`) and all-MiniLM-L6-v2 on this machine. Every choice (features, penalty,
temperature) is made within the training topics of each fold.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy import stats
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from workbench.formats import load
from workbench.reward.calibration import calibration
from workbench.reward.embedding_cache import EmbeddingCache
from workbench.reward.encoders import encoder_named
from workbench.reward.heads import fit_bradley_terry
from workbench.reward.pairs import Pairs, pairs_of
from workbench.reward.ranking import hits
from workbench.reward.settings import HeadSettings
from workbench.reward.surface import log_length
from workbench.reward.training import train

DATA = (
    Path(os.environ.get("WORKBENCH_REAL_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    / "ukpconvarg"
    / "strict-csv"
)

Method = Callable[[Pairs, Pairs], tuple[np.ndarray, float, str]]
"""Training and held-out pairs -> margins of the latter, temperature, what was chosen."""


def length_only(_: Pairs, held: Pairs) -> tuple[np.ndarray, float, str]:
    return log_length(held.response_a) - log_length(held.response_b), 1.0, ""


def tf_idf(training: Pairs, held: Pairs) -> tuple[np.ndarray, float, str]:
    vectors = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=2).fit(
        [*training.response_a, *training.response_b]
    )
    x, z = (vectors.transform(p.response_a) - vectors.transform(p.response_b) for p in (training, held))
    model = LogisticRegression(fit_intercept=False, max_iter=1000).fit(x, training.target > 0.5)
    return model.decision_function(z), 1.0, ""


def head(settings: HeadSettings) -> Method:
    def method(training: Pairs, held: Pairs) -> tuple[np.ndarray, float, str]:
        model = train(training, settings)
        return (
            model.margin(held.prompt, held.response_a, held.response_b),
            model.temperature,
            f"{model.about['features']}, {model.head.penalty:g}",
        )

    return method


METHODS: dict[str, Method] = {
    "always the longer text": length_only,
    "TF-IDF, Bradley-Terry (scikit-learn)": tf_idf,
    "hashed words and characters (the fallback)": head(HeadSettings(encoder="hashed")),
    "MiniLM sentence vector": head(HeadSettings(views=False, surface=False)),
    "MiniLM sentence vector + surface": head(HeadSettings(views=False)),
    "default head": head(HeadSettings()),
}


UNSEEN_BY = ("always the longer text", "MiniLM sentence vector + surface", "default head")


def left_out(pairs: Pairs, by: np.ndarray, method: Method) -> tuple[np.ndarray, np.ndarray, dict[str, int]]:
    """Margins of every pair by the model trained without its topic, as given and divided by the temperature, and how
    often what was chosen."""
    plain, scaled, chosen = np.zeros(len(pairs)), np.zeros(len(pairs)), {}
    for k, topic in enumerate(np.unique(by)):
        held = np.flatnonzero(by == topic)
        margin, temperature, choice = method(pairs.take(np.flatnonzero(by != topic)), pairs.take(held))
        plain[held], scaled[held] = margin, margin / temperature
        chosen[choice] = chosen.get(choice, 0) + 1
        print(f"\r{k + 1} of {len(np.unique(by))} topics", end="", file=sys.stderr)
    print(file=sys.stderr)
    return plain, scaled, chosen


def row(name: str, pairs: Pairs, by: np.ndarray, method: Method) -> tuple[str, dict[str, int]]:
    began = time.process_time()
    plain, scaled, chosen = left_out(pairs, by, method)
    hit = hits(plain, pairs.target)
    each = np.array([np.nanmean(hit[by == topic]) for topic in np.unique(by)])
    reach = stats.t.ppf(0.975, len(each) - 1) * each.std(ddof=1) / np.sqrt(len(each))
    before, after = (calibration(1 / (1 + np.exp(-m)), pairs.target, by) for m in (plain, scaled))
    errors = (
        "| – | – | – "
        if name.startswith("always")
        else f"| {before.ece.value:.3f} | {after.ece.value:.3f} | {after.brier.value:.3f} "
    )
    return (
        (
            f"| {name} | {each.mean():.3f} [{each.mean() - reach:.3f}, {each.mean() + reach:.3f}] |"
            f" {np.nanmean(hit):.3f} {errors}| {time.process_time() - began:.0f} s |"
        ),
        chosen,
    )


def left_out_topics(pairs: Pairs) -> list[str]:
    """Topics that no choice was ever made on, asked of models trained on all others: gold pairs without ties."""
    lines = ["| topics | pairs | " + " | ".join(UNSEEN_BY) + " |", "|---|---|" + "---|" * len(UNSEEN_BY)]
    for name in ("dev", "contested"):
        held = pairs_of(load(str(DATA.parent / name)), labels="gold")
        found = [hits(METHODS[method](pairs, held)[0], held.target) for method in UNSEEN_BY]
        shares = " | ".join(f"{np.nanmean(hit):.3f}" for hit in found)
        lines.append(f"| {name} ({held.groups}) | {np.isfinite(found[0]).sum():,} | {shares} |")
    return lines


def encoding(pairs: Pairs, texts: int, rounds: int = 3) -> list[str]:
    """Texts a second, ours and sentence-transformers called plainly, in turns."""
    import torch
    from sentence_transformers import SentenceTransformer

    encoder = encoder_named()
    some = list(dict.fromkeys(pairs.response_a))[:texts]
    plain = SentenceTransformer(str(encoder.folder), device="cpu", local_files_only=True)  # type: ignore[attr-defined]
    both = encoder.views()
    cache = EmbeddingCache()
    ways: dict[str, Callable[[], object]] = {
        "`SentenceTransformer.encode`": lambda: plain.encode(some, show_progress_bar=False),
        "sentence vectors": lambda: encoder.encode(some),
        "sentence vectors and inner layer, one pass": lambda: encoder.encode_views(some, both),  # type: ignore[attr-defined]
        "from the cache": lambda: cache.encode(encoder, some),
    }
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for name, way in ways.items():
        way()
        print(f"warm: {name}", file=sys.stderr)
    for _ in range(rounds):
        for name, way in ways.items():
            began = time.process_time()
            way()
            spent[name].append(time.process_time() - began)
    gap = float(np.abs(plain.encode(some, show_progress_bar=False) - encoder.encode(some)).max())
    lines = [
        (
            f"{len(some)} distinct arguments of the pairs, {torch.get_num_threads()} thread(s), processor time, median"
            f" of {rounds} rounds in turns; largest difference of a vector's entries {gap:.1e}."
        ),
        "",
        "| way | texts a second |",
        "|---|---|",
    ]
    return lines + [f"| {name} | {len(some) / np.median(t):,.0f} |" for name, t in spent.items()]


def fitting(n: int = 100_000, d: int = 384) -> list[str]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, d)).astype(np.float32)
    y = (rng.random(n) < 1 / (1 + np.exp(-x @ (0.1 * rng.normal(size=d))))).astype(float)
    began = time.process_time()
    ours = fit_bradley_terry(x, y)
    between = time.process_time()
    theirs = LogisticRegression(fit_intercept=False, tol=1e-6, max_iter=1000).fit(x.astype(float), y)
    ended = time.process_time()
    gap = float(np.abs(ours.coefficients - theirs.coef_[0]).max())
    return [
        f"{n:,} pairs x {d} features, planted; processor time; largest difference of a coefficient {gap:.1e}.",
        "",
        "| way | seconds |",
        "|---|---|",
        f"| `fit_bradley_terry`, with covariance | {between - began:.1f} |",
        f"| `LogisticRegression` (lbfgs, tol 1e-6), without | {ended - between:.1f} |",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=200, help="arguments to time encoding with")
    parser.add_argument("--methods", nargs="*", default=list(METHODS), help="rows of the table")
    options = parser.parse_args()
    pairs = pairs_of(load(str(DATA)), slice="topic")
    began = time.process_time()
    print("# Reward heads on argument pairs\n")
    print("Made with `python benchmarks/reward_accuracy.py`, on a shared machine (2 cores, one thread).\n")
    print(
        f"{len(pairs):,} gold-labelled pairs of {len({*pairs.response_a} | {*pairs.response_b}):,} arguments"
        f" (UKPConvArg, strict); set aside: {dict(pairs.set_aside) or 'none'}."
    )
    print(
        "A topic is a debate and a stance (28). Each is judged by a model trained on the other 27, which chose"
        " features, penalty and temperature"
    )
    print(
        "on held-out topics among them. Macro: each topic the same; interval over topics. Calibration error: 15 bins of"
        " equal size, all topics together,"
    )
    print(
        "as given and after the temperature. Published on these data: SVM .78, BiLSTM .76 (Habernal & Gurevych 2016).\n"
    )
    print(
        "| model | accuracy, macro | all pairs | ECE | ECE scaled | Brier scaled | processor time"
        " |\n|---|---|---|---|---|---|---|"
    )
    for name in options.methods:
        line, chosen = row(name, pairs, pairs.group, METHODS[name])
        print(line, flush=True)
    print(
        "\nChosen by the default head:"
        f" {'; '.join(f'{n} x {choice}' for choice, n in sorted(chosen.items(), key=lambda kv: -kv[1]))}.\n"
    )
    print(
        "The inner layer two thirds up is a candidate beside the sentence vector in every fold, and is chosen there by"
        " the loss on held-out training topics."
    )
    print(
        "That an inner layer is among the candidates at all was decided after a look at these same topics, so that a"
        " little of its gain may be luck;"
    )
    print("the folds themselves saw none of their test topic.\n")
    line, _ = row(
        "default head, both stances of a debate left out (16 debates)",
        pairs,
        pairs.source.astype(str),
        METHODS["default head"],
    )
    print("Stricter, with the other stance of the same debate left out as well:\n")
    print(
        "| model | accuracy, macro | all pairs | ECE | ECE scaled | Brier scaled | processor time"
        " |\n|---|---|---|---|---|---|---|"
    )
    print(line)
    print("\nTopics that no choice was made on, by models trained on the 28:\n")
    print("\n".join(left_out_topics(pairs)))
    chance = calibration(np.full(len(pairs), 0.8) + np.linspace(0, 0.1, len(pairs)), pairs.target).ece_by_chance
    print(f"\nA perfectly calibrated model would show an ECE of about {chance:.3f} with so many pairs.\n")
    print("## Encoding\n")
    print("\n".join(encoding(pairs, options.texts)))
    print("\n## Fitting\n")
    print("\n".join(fitting()))
    print(f"\n{time.process_time() - began:.0f} s of processor time in all.", file=sys.stderr)


if __name__ == "__main__":
    main()
