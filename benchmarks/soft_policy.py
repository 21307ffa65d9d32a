"""Do soft labels make the better policy where a quarter of the labels is flipped? Simulated texts, a tiny model,
several seeds.

    python benchmarks/soft_policy.py [--seeds N] [--pairs N] [--cells FILE] > benchmarks/SOFT_POLICY.md

Two crews, each flipping a quarter of its labels: one judgement a pair, and three judgements a pair by annotators who
flip 5 to 45%. Every arm trains the same model on the same pairs in the same order; only the labels differ. All are held
against the right side of pairs of other prompts. With --cells, what is done is kept, and a second start goes on.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pandas as pd
from scipy import special, stats

from workbench.dataset.assembly import assemble
from workbench.dataset.export import Export
from workbench.policy.log_probabilities import pair_log_probabilities
from workbench.policy.settings import PolicySettings
from workbench.policy.texts import token_pairs
from workbench.policy.tiny import make_tiny_model, read_for_a_moment
from workbench.policy.training import open_base, train_on_texts
from workbench.progress import UNWATCHED
from workbench.reward.pairs import Pairs, pairs_of
from workbench.studies.cells import Cells, finish

FLIPS = 0.25
HELD_OUT = 300
KIND = ["clear", "because", "careful", "reason", "source", "explain", "kind", "exact", "steps", "helpful"]
CURT = ["dunno", "whatever", "nah", "boring", "meh", "ugh", "idk", "random", "nope", "skip"]
PLAIN = ["the", "answer", "question", "is", "about", "water", "and", "trees", "with", "light"]
Arms = Mapping[str, Callable[[], Pairs]]


def made(n: int, groups: int, seed: int) -> tuple[Pairs, np.ndarray]:
    """Pairs whose right side is the one with more kind words than curt ones, and that side: 1 = A."""
    rng = np.random.default_rng(seed)

    def text() -> str:
        share = rng.random()
        words = [rng.choice(KIND if rng.random() < share else CURT) if rng.random() < 0.5 else "" for _ in range(12)]
        return " ".join(word or str(rng.choice(PLAIN)) for word in words)

    def lead(text: str) -> int:
        return sum(word in KIND for word in text.split()) - sum(word in CURT for word in text.split())

    rows: list[tuple[str, str]] = []
    while len(rows) < n:
        a, b = text(), text()
        if lead(a) != lead(b):
            rows.append((a, b))
    a, b = (np.array(side, object) for side in zip(*rows, strict=True))
    right = np.array([float(lead(x) > lead(y)) for x, y in rows])
    group = rng.integers(0, groups, n)
    pairs = Pairs(
        prompt=np.array([f"question number {g}" for g in group], object),
        response_a=a,
        response_b=b,
        target=right,
        level=(1 - right).astype(np.int8),
        levels=2,
        weight=np.ones(n),
        group=group,
        source=np.full(n, "", object),
        item=np.arange(n),
        labels="made",
    )
    return pairs, right


def one_vote(pairs: Pairs, right: np.ndarray, seed: int) -> Arms:
    """One judgement a pair, a quarter of them flipped, and what can be made of knowing that."""
    seen = np.where(np.random.default_rng([seed, 1]).random(len(right)) < FLIPS, 1 - right, right)
    return {
        "hard": lambda: replace(pairs, target=seen),
        "soft, q = 0.75": lambda: replace(pairs, target=np.where(seen > 0.5, 1 - FLIPS, FLIPS)),
    }


def crew(pairs: Pairs, right: np.ndarray, seed: int) -> Arms:
    """Three judgements a pair by ten annotators who flip 5 to 45% of theirs, a quarter on average."""
    rng = np.random.default_rng([seed, 2])
    n, flips = len(right), np.linspace(0.05, 0.45, 10)
    who = np.array([rng.choice(10, 3, replace=False) for _ in range(n)]).ravel()
    item = np.repeat(np.arange(n), 3)
    for_a = (rng.random(3 * n) < flips[who]) != (right[item] > 0.5)
    items = pd.DataFrame({"item_id": item.astype(str), "prompt": pairs.prompt[item]})
    items = items.assign(response_a=pairs.response_a[item], response_b=pairs.response_b[item])
    rows = pd.DataFrame({"annotator": [f"w{k}" for k in who], "label": np.where(for_a, "A", "B")})
    data = assemble([Export(items=items, rows=rows, source="crew", format="crew", sides=True)])

    def labelled(source: str) -> Pairs:
        found = pairs_of(data, source)
        place = data.items["item_id"].astype(int).to_numpy()[found.item]
        return replace(pairs.take(place), target=found.target, weight=found.weight, labels=source)

    return {
        "majority": lambda: labelled("majority"),
        "dawid-skene, hard": lambda: labelled("dawid-skene"),
        "dawid-skene, soft": lambda: labelled("dawid-skene-soft"),
    }


def measured(arm: Pairs, held: Pairs, right: np.ndarray, settings: PolicySettings) -> dict[str, Any]:
    """Held-out accuracy and log loss of the policy that these labels make."""
    ground = open_base(settings)
    with tempfile.TemporaryDirectory() as place:
        train_on_texts(ground, arm, settings, Path(place) / "checkpoints")
    read = token_pairs(ground.tokenizer, held, ground.longest)
    sides, pad = (read.a, read.b), int(ground.tokenizer.pad_token_id)
    with ground.model.disable_adapter():
        before = pair_log_probabilities(ground.model, sides, read.kept, pad, 64, UNWATCHED)
    after = pair_log_probabilities(ground.model, sides, read.kept, pad, 64, UNWATCHED)
    ratio = after - before
    h = settings.beta * (ratio[:, 0] - ratio[:, 1])
    towards = np.where(right > 0.5, h, -h)
    return {"accuracy": float((towards > 0).mean()), "loss": float(np.logaddexp(0, -towards).mean()), "pairs": len(h)}


def cells_of(seed: int, pairs_in: int, folder: Path) -> list[tuple[str, Callable[[], Mapping[str, Any]]]]:
    """What one seed has to do: every arm of both crews."""
    pairs, right = made(pairs_in, max(pairs_in // 8, 20), seed)
    held, side = made(HELD_OUT, 60, 10_000 + seed)
    base = folder / f"base-{seed}"
    settings = PolicySettings(
        base=str(base),
        beta=0.5,
        epochs=4,
        learning_rate=1e-2,
        lora_rank=8,
        batch_size=16,
        pairs_at_once=16,
        max_length=64,
        saves=1,
        seed=seed,
    )

    def run(make: Callable[[], Pairs]) -> dict[str, Any]:
        if not base.is_dir():
            texts = [str(t) for column in (pairs.prompt, pairs.response_a, pairs.response_b) for t in column]
            make_tiny_model(base, texts, width=32, positions=64, seed=seed)
            read_for_a_moment(base, pairs.prompt.tolist(), pairs.response_a.tolist(), steps=40, seed=seed)
        return measured(make(), held, side, settings)

    arms = {
        **{f"one judgement: {name}": arm for name, arm in one_vote(pairs, right, seed).items()},
        **{f"three judgements: {name}": arm for name, arm in crew(pairs, right, seed).items()},
        "no flips": lambda: pairs,
    }
    return [(f"{seed}/{name}", lambda make=make: run(make)) for name, make in arms.items()]


def interval(values: np.ndarray) -> tuple[float, float, float]:
    """Mean over seeds with Student's 95% interval."""
    n, mean = len(values), float(values.mean())
    reach = float(special.stdtrit(n - 1, 0.975)) * float(values.std(ddof=1)) / math.sqrt(n) if n > 1 else math.nan
    return mean, mean - reach, mean + reach


def shown(values: np.ndarray, scale: float = 100, digits: int = 1, sign: str = "") -> str:
    mean, low, high = (scale * x for x in interval(values))
    return f"{mean:{sign}.{digits}f} [{low:{sign}.{digits}f}, {high:{sign}.{digits}f}]".replace("-", "−")


def page(records: Mapping[str, Mapping[str, Any]], seeds: int, pairs: int) -> str:
    """The page, with what the figures allow to be said."""
    arms = list(dict.fromkeys(key.partition("/")[2] for key in records))
    of = {
        arm: {m: np.array([records[f"{s}/{arm}"][m] for s in range(seeds)]) for m in ("accuracy", "loss")}
        for arm in arms
    }
    lines = [
        "# Soft labels and the policy",
        "",
        f"Written by `python benchmarks/soft_policy.py --seeds {seeds} --pairs {pairs}`. {pairs} simulated pairs a"
        " seed, a quarter of all judgements flipped; a Llama of two thin layers (LoRA rank 8, DPO with β = 0.5,"
        f" four passes); accuracy of the implicit reward and log loss on {HELD_OUT} pairs of other prompts, against the"
        f" right side. Mean over {seeds} seeds with Student's 95% interval, differences paired by seed.",
        "",
        "labels | held-out accuracy, % | log loss, nats",
        "---|---|---",
        *(f"{arm} | {shown(of[arm]['accuracy'])} | {shown(of[arm]['loss'], 1, 3)}" for arm in arms),
        "",
        "soft less hard | accuracy, points | log loss, nats | p of the accuracy",
        "---|---|---|---",
    ]
    verdicts = []
    for soft, hard in (
        ("one judgement: soft, q = 0.75", "one judgement: hard"),
        ("three judgements: dawid-skene, soft", "three judgements: dawid-skene, hard"),
        ("three judgements: dawid-skene, soft", "three judgements: majority"),
    ):
        gain, loss = (of[soft][m] - of[hard][m] for m in ("accuracy", "loss"))
        p = float(stats.ttest_1samp(gain, 0).pvalue) if gain.std() > 0 else math.nan
        lines.append(f"{soft} − {hard} | {shown(gain, sign='+')} | {shown(loss, 1, 3, '+')} | {p:.2g}")
        verdicts.append((f"{soft} against {hard}", interval(gain), interval(loss)))
    said = []
    for name, (gain, low, high), (_, loss_low, loss_high) in verdicts:
        better = "more accurate" if low > 0 else "less accurate" if high < 0 else "not shown to rank better or worse"
        surer = "with a lower log loss" if loss_high < 0 else "with a higher log loss" if loss_low > 0 else ""
        said.append(
            f"- {name}: {better} ({100 * gain:+.1f} points)".replace("-", "−", 0) + (f", {surer}." if surer else ".")
        )
    return "\n".join([*lines, "", "What this shows:", "", *said, "", *ENDING]) + "\n"


ENDING = [
    "With one judgement a pair, a soft label of 0.75 is label smoothing: all pairs are pulled less far, in the same"
    " direction, so there is little reason for the ranking to change; what changes is how sure the policy is. An"
    " interval that holds zero is no proof that there is nothing: more seeds (`--seeds`) make it narrower.",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--pairs", type=int, default=320)
    parser.add_argument("--cells", type=Path, help="keep what is done there, and go on from it")
    options = parser.parse_args()
    import torch

    torch.set_num_threads(1)
    kept = Cells(options.cells, f"{options.pairs}")
    with tempfile.TemporaryDirectory() as place:
        work = [cell for seed in range(options.seeds) for cell in cells_of(seed, options.pairs, Path(place))]
        records = finish(kept, work)
    print(page(records, options.seeds, options.pairs), end="")


if __name__ == "__main__":
    main()
