"""Simulated preference annotations with known truth, from a thousand to millions."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from workbench.dataset.annotation_set import AnnotationSet, Ledger
from workbench.dataset.scales import NULL
from workbench.dataset.texts import empty_texts
from workbench.errors import WorkbenchError
from workbench.formats.writers.native import write_own
from workbench.simulation.assignment import Assigned, assign
from workbench.simulation.clock import after_those_copied, durations, moments
from workbench.simulation.crew import BEHAVIOURS, Crew, make_crew
from workbench.simulation.demo import write_export
from workbench.simulation.judging import HOW, drift_rows, judge
from workbench.simulation.pairs import LANGUAGES, MODELS, SOURCES, Pairs, make_pairs
from workbench.simulation.plan import CATEGORIES, Plan
from workbench.simulation.presets import PRESETS
from workbench.simulation.truth import Truth
from workbench.simulation.writing import GeneratedTexts


@dataclass(frozen=True, eq=False)
class Simulation:
    """Simulated annotations and what is true about them."""

    data: AnnotationSet
    truth: Truth

    def write(self, folder: str | Path) -> list[Path]:
        """Writes the data in the workbench's own form, `annotations.pwb`, and `truth.parquet` and `truth.json` beside
        it.
        """
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        return [write_own(self.data, target / "annotations.pwb"), *self.truth.write(target)]


def simulate(
    annotations: int = 20_000,
    *,
    seed: int = 0,
    annotators: int = 40,
    labels_per_item: int = 3,
    scale: str = "five",
    spammers: float = 0.05,
    speeders: float = 0.05,
    left_clickers: float = 0.05,
    drifters: float = 0.05,
    colluders: float = 0.05,
    experts: int = 0,
    expert_share: float = 0.1,
    judges: int = 0,
    skill: tuple[float, float] = (0.65, 0.95),
    ambiguous_share: float = 0.1,
    categories: tuple[str, ...] = CATEGORIES,
    contested_category: str | None = "creative writing",
    tie_share: float = 0.12,
    taste_share: float = 0.5,
    side_bias: float = 0.0,
    repeat_share: float = 0.05,
    gold_share: float = 0.1,
    wrong_gold: float = 0.0,
    skip_share: float = 0.0,
    ranked_share: float = 0.2,
    ranking_size: int = 4,
    models: int = 6,
    weeks: int = 6,
    confused_weeks: tuple[int, ...] = (),
    confusion: float = 3.0,
    uneven: float = 0.0,
    batch_size: int = 0,
    fixed_sides: bool = False,
    start: str = "2026-01-05",
    texts: bool = True,
) -> Simulation:
    """Preference annotations whose truth is known, of any size: a thousand in 10 ms, five million in some seconds.

    Each pair of responses has a latent quality difference `gap`. An annotator who looks at it perceives
    `gap + taste + noise + side bias` and answers with the label whose interval that falls into, so that neighbouring
    labels are confused most; the noise is such that the direction is right on a share `skill` of the ordinary items.
    Some annotators do not (always) look:

    - *spammers* give random labels;
    - *speeders* take a fifth of the time and give a random label in 60% of cases;
    - *left-clickers* choose the side shown first in 80% of cases, whatever the content, and judge in the others;
    - *drifters* judge in the first half of their work and give random labels in the second;
    - *colluders* share their batches with one honest annotator and copy 80% of that one's labels, after that one gave
      them.

    The same seed and settings give the same data, with the same key.

    Parameters
    ----------
    annotations : how many judgements in all, repeats and AI verdicts included.
    seed : of the random numbers.
    annotators : size of the crowd, the troubled ones among them.
    labels_per_item : annotators of the crowd who judge each item.
    scale : binary, ternary, four, five, six or seven.
    spammers, speeders, left_clickers, drifters, colluders : a count, or (below 1) a share of the crowd.
    experts, expert_share : experts in addition to the crowd (accuracy .92 to .97), and the share of items each judges.
    judges : AI judges in addition, each judging every item in both orders, with shared errors, a liking for the side
        shown first and for the longer response.
    skill : range of the accuracy of those who judge.
    ambiguous_share : share of items about which people honestly differ.
    categories : kinds of tasks, all twelve by default.
    contested_category : slice in which items are ambiguous eight times as often as elsewhere; None for none.
    tie_share : share of the ordinary items whose true label is a tie; 0 on a scale without one.
    taste_share : share of an annotator's error variance that is the same each time that annotator sees the item.
    side_bias : shift of everybody towards the side shown first, in standard deviations of the gap.
    repeat_share : repeats for each first judgement; half of them show the sides the other way round.
    gold_share, wrong_gold : share of items with a known label, and the share of these where it is wrong.
    skip_share : share of judgements that are skips.
    ranked_share, ranking_size : share of prompts with this many responses, all pairs of which are judged.
    models : number of models that wrote the responses.
    weeks : duration of the project; longer where more than 30 hours a week would be needed.
    confused_weeks, confusion : weeks (1 = the first) in which the crowd's noise is this many times as large, as after a
        change of the guidelines.
    uneven : 0 = everybody does the same amount; larger = volumes differ more (1: most do less than half of the most).
    batch_size : items handed out together; 0 = about 50, or fewer in small data.
    fixed_sides : show the sides of an item in the same order, A first, to everybody, as tools without randomisation do;
        otherwise the order is random for each item and annotator.
    start : a Monday, the first day.
    texts : False leaves out prompts and responses.

    Raises
    ------
    WorkbenchError
        The settings contradict each other.

    Examples
    --------
    >>> made = simulate(1_000, annotators=12, spammers=1, speeders=0, left_clickers=0, drifters=0, colluders=0, seed=1)
    >>> len(made.data.annotations), made.truth.annotators["behaviour"].eq("spammer").sum().item()
    (1000, 1)
    """
    settings = {name: value for name, value in locals().items() if name in {f.name for f in fields(Plan)}}
    return carry_out(Plan(**settings).checked())


def simulate_preset(name: str) -> Simulation:
    """One of the simulations that have a name: `demo`, `clean` or `judge-vs-crowd`.

    Raises
    ------
    WorkbenchError
        There is no such name.

    Examples
    --------
    >>> len(simulate_preset("demo").data.annotators)
    18
    """
    if name not in PRESETS:
        raise WorkbenchError(f"There is no simulation called {name!r}.", f"Choose one of {', '.join(PRESETS)}.")
    return carry_out(PRESETS[name].checked())


def write_demo(folder: str | Path) -> list[Path]:
    """Makes the demo again: a Label Studio export and the truth about it. The same bytes each time."""
    made = simulate_preset("demo")
    return write_export(made.data, made.truth, folder)


def carry_out(plan: Plan, crew: Crew | None = None) -> Simulation:
    """Simulates a checked plan.

    Parameters
    ----------
    crew : who judges, where they were made before (`crew_of`); by default new ones.
    """
    rng = np.random.default_rng(plan.seed)
    n_items = max(int(np.ceil(plan.annotations / plan.load)), 1)
    pairs = make_pairs(plan, n_items, rng)
    crew = _crew(plan, pairs, rng) if crew is None else crew
    assigned = assign(plan, crew, pairs.group, rng)
    texts = _texts(plan, pairs)
    words = texts.words()
    seconds = durations(words.sum(axis=1)[assigned.item], assigned, crew, rng)
    ended, week = after_those_copied(plan, *moments(plan, seconds, assigned.annotator, rng), seconds, assigned, crew)
    label, how = judge(plan, pairs, crew, assigned, week, np.log(words[:, 1] / words[:, 2]), rng)

    rows = np.lexsort((ended, assigned.item))
    items = _item_table(pairs, words if plan.texts else np.full_like(words, -1))
    repeat = np.where(label == NULL, -1, assigned.first != np.arange(len(assigned))).astype(np.int16)
    table = pd.DataFrame(
        {
            "item": assigned.item[rows],
            "annotator": assigned.annotator[rows],
            "label": label[rows],
            "shown_first": assigned.shown_first[rows],
            "seconds": seconds[rows],
            "ended_at": ended[rows],
            "repeat": repeat[rows],
            "batch": _batch_names(assigned, rows),
        }
    )
    people = pd.DataFrame({"annotator": pd.array(crew.name, dtype="str"), "kind": pd.array(crew.kind, dtype="str")})
    data = AnnotationSet(
        items=items,
        annotators=people,
        annotations=table,
        gold=pairs.gold,
        scale=plan.label_scale,
        texts=texts if plan.texts else empty_texts(n_items),
        ledger=Ledger(len(table)),
        sources=(f"simulated, seed {plan.seed}",),
        format="simulated",
    )
    return Simulation(data, _truth(plan, pairs, crew, assigned, items["item_id"], ended, week, how, rows))


def crew_of(plan: Plan) -> Crew:
    """The crew that a simulation of this plan has: for simulating more items judged by the same people."""
    rng = np.random.default_rng(plan.seed)
    return _crew(plan, make_pairs(plan, max(int(np.ceil(plan.annotations / plan.load)), 1), rng), rng)


def _crew(plan: Plan, pairs: Pairs, rng: np.random.Generator) -> Crew:
    ordinary = pairs.gap[~pairs.ambiguous] if (~pairs.ambiguous).any() else pairs.gap
    return make_crew(plan, ordinary, pairs.cuts, rng)


def _texts(plan: Plan, pairs: Pairs) -> GeneratedTexts:
    return GeneratedTexts(
        seed=plan.seed,
        group=pairs.group,
        category=pairs.category,
        language=pairs.language,
        seat_a=pairs.seat_a,
        seat_b=pairs.seat_b,
        quality_a=pairs.quality_a,
        quality_b=pairs.quality_b,
        model_a=pairs.model_a,
        model_b=pairs.model_b,
    )


def _item_table(pairs: Pairs, words: np.ndarray) -> pd.DataFrame:
    models = pa.array(_model_names(len(pairs.strength)))
    table = pd.DataFrame({"item_id": _ids("item-", np.arange(len(pairs)) + 1)})
    table["pair_id"] = _pair_ids(len(pairs))
    table["pair_flipped"] = False
    prompt, seats = (
        pairs.group.astype(np.uint64) + np.uint64(1),
        np.uint64(max(int(pairs.seat_a.max(initial=0)), int(pairs.seat_b.max(initial=0))) + 1),
    )
    table["prompt_key"], table["key_a"], table["key_b"] = (
        prompt,
        prompt * seats + pairs.seat_a.astype(np.uint64),
        prompt * seats + pairs.seat_b.astype(np.uint64),
    )
    table["group"] = _ids("prompt-", pairs.group + 1)
    table["model_a"], table["model_b"] = (_strings(models.take(pa.array(m))) for m in (pairs.model_a, pairs.model_b))
    table["words_prompt"], table["words_a"], table["words_b"] = words.T
    for name, codes, names in (
        ("category", pairs.category, CATEGORIES),
        ("language", pairs.language, LANGUAGES),
        ("source", pairs.source, SOURCES),
    ):
        table[f"slice.{name}"] = pd.Categorical.from_codes(codes[pairs.group], pd.Index(names))
    return table


def _model_names(n: int) -> list[str]:
    return [MODELS[i] if i < len(MODELS) else f"model-{i + 1}" for i in range(n)]


def _strings(array: pa.Array) -> Any:
    return pd.Series(array.cast(pa.large_string()).to_pandas(), dtype="str")


def _ids(prefix: str, numbers: np.ndarray) -> Any:
    digits = len(str(int(numbers.max(initial=1))))
    padded = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), digits, "0")
    return _strings(pc.binary_join_element_wise(prefix, padded, ""))


def _pair_ids(n: int) -> Any:
    """Sixteen hex digits, different for each item."""
    with np.errstate(over="ignore"):
        mixed = (np.arange(n, dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    nibbles = (mixed[:, None] >> np.arange(60, -4, -4, dtype=np.uint64)) & np.uint64(15)
    letters = np.frombuffer(b"0123456789abcdef", np.uint8)[nibbles.astype(np.intp)]
    offsets = np.arange(0, 16 * n + 16, 16, dtype=np.int64)
    return _strings(
        pa.LargeStringArray.from_buffers(n, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(letters)))
    )


def _batch_names(assigned: Assigned, rows: np.ndarray) -> pd.Categorical[str]:
    n = int(assigned.batch.max()) + 1
    return pd.Categorical.from_codes(
        assigned.batch[rows], pd.Index([f"batch-{b + 1:0{len(str(n))}d}" for b in range(n)])
    )


def _truth(
    plan: Plan,
    pairs: Pairs,
    crew: Crew,
    assigned: Assigned,
    item_id: pd.Series,
    ended: np.ndarray,
    week: np.ndarray,
    how: np.ndarray,
    rows: np.ndarray,
) -> Truth:
    items = pd.DataFrame(
        {
            "item_id": item_id,
            "label": pairs.label,
            "strength": pairs.gap,
            "ambiguous": pairs.ambiguous,
            "quality_a": pairs.quality_a,
            "quality_b": pairs.quality_b,
            "wrong_gold": (pairs.gold != NULL) & (pairs.gold != pairs.label),
        }
    )
    gives_up = drift_rows(crew, assigned.annotator)
    names = np.array([*crew.name, None], object)
    people = pd.DataFrame({"annotator": pd.array(crew.name, dtype="str"), "kind": pd.array(crew.kind, dtype="str")})
    people["behaviour"] = pd.array([BEHAVIOURS[b] for b in crew.behaviour], dtype="str")
    people["skill"], people["noise"], people["pace"], people["side_bias"] = (
        crew.skill,
        crew.noise,
        crew.pace,
        crew.side_bias,
    )
    people["drift_start"] = np.where(gives_up >= 0, ended[gives_up], np.datetime64("NaT"))
    people["copies"] = pd.array(names[crew.copies], dtype="str")
    judgements = pd.DataFrame(
        {"how": pd.Categorical.from_codes(how[rows], pd.Index(HOW)), "week": (week[rows] + 1).astype(np.int16)}
    )
    models = pd.DataFrame(
        {"model": pd.array(_model_names(len(pairs.strength)), dtype="str"), "strength": pairs.strength}
    )
    return Truth(items, people, judgements, models, asdict(plan))
