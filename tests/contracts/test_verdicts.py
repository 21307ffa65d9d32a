"""Planted data, each with the verdict and the finding an expert would give. A contract of the whole audit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from workbench.auditing.audit import Audit, audit
from workbench.auditing.verdict import Verdict
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble
from workbench.dataset.scales import TERNARY

ITEMS, PEOPLE, LABELS = 400, 12, 3
WEEKS = pd.to_datetime("2026-03-02") + pd.to_timedelta(np.arange(5) * 7, unit="D")


def planted(
    *,
    items: int = ITEMS,
    right: Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray] | float = 0.85,
    labels: int = LABELS,
    prompts: int | None = None,
    gold: float = 0.0,
    seed: int = 1,
) -> tuple[pd.DataFrame, pd.DataFrame, np.random.Generator]:
    """Items whose better response is A or B, each labelled by some of twelve people of the same accuracy.

    Parameters
    ----------
    right : how often a judgement names the better side; or a function of item, annotator and generator that gives it.
    gold : share of the items that have gold.
    """
    rng = np.random.default_rng(seed)
    truth = rng.choice(["A", "B"], items)
    prompt = np.arange(items) if prompts is None else np.arange(items) % prompts
    shown = pd.DataFrame({"item_id": [f"i{k}" for k in range(items)], "prompt": [f"question {k}" for k in prompt]})
    shown["response_a"], shown["response_b"] = shown["item_id"] + " one", shown["item_id"] + " two"
    shown["gold"] = np.where(rng.random(items) < gold, truth, None)
    item = np.repeat(np.arange(items), labels)
    who = (np.argsort(rng.random((items, PEOPLE)), 1)[:, :labels]).ravel()
    chance = right(item, who, rng) if callable(right) else np.full(len(item), right)
    hit = rng.random(len(item)) < chance
    label = np.where(hit, truth[item], np.where(truth[item] == "A", "B", "A"))
    rows = pd.DataFrame({"item_row": item, "annotator": [f"person {w}" for w in who], "label": label})
    rows["shown_first"] = rng.choice(["a", "b"], len(rows))
    return shown, rows, rng


def made(shown: pd.DataFrame, rows: pd.DataFrame) -> AnnotationSet:
    return assemble([Export(items=shown, rows=rows, source="made.csv", format="made", scale=TERNARY)])


def careful() -> AnnotationSet:
    return made(*planted(gold=0.3)[:2])


def nothing_but_ties() -> AnnotationSet:
    shown, rows, _ = planted()
    return made(shown, rows.assign(label="="))


def hardly_anything_but_ties() -> AnnotationSet:
    shown, rows, rng = planted()
    return made(shown, rows.assign(label=np.where(rng.random(len(rows)) < 0.98, "=", rows["label"])))


def categories() -> AnnotationSet:
    shown, rows, _ = planted()
    names = rows["label"].map({"A": "toxic", "B": "fine"})
    return assemble(
        [
            Export(
                items=shown[["item_id", "prompt"]],
                rows=rows.assign(label=names),
                source="made.csv",
                format="made",
                sides=False,
            )
        ]
    )


def coins() -> AnnotationSet:
    return made(*planted(right=0.5)[:2])


def nobody_twice() -> AnnotationSet:
    return made(*planted(labels=1)[:2])


def contradicting_themselves() -> AnnotationSet:
    """44% of the pairs that somebody judges again get the opposite choice."""
    shown, rows, rng = planted()
    again = rows.sample(300, random_state=1)
    other = again["label"].map({"A": "B", "B": "A"})
    return made(shown, pd.concat([rows, again.assign(label=other.where(rng.random(300) < 0.44, again["label"]))]))


def swayed_by_order() -> AnnotationSet:
    """Judged in both orders, three in ten go to the first place both times: p far below one in a million."""
    shown, rows, rng = planted()
    again = rows.sample(500, random_state=1)
    turned = again["shown_first"].map({"a": "b", "b": "a"})
    to_first = rng.random(500) < 0.3
    firsts = again.assign(label=np.where(again["shown_first"] == "a", "A", "B"))
    once = again["label"].where(~to_first, firsts["label"])
    twice = again["label"].where(~to_first, turned.map({"a": "A", "b": "B"}))
    rest = rows.drop(again.index)
    return made(shown, pd.concat([rest, again.assign(label=once), again.assign(label=twice, shown_first=turned)]))


def swayed_by_place() -> AnnotationSet:
    shown, rows, rng = planted()
    place = rows["shown_first"].str.upper()
    return made(shown, rows.assign(label=place.where(rng.random(len(rows)) < 0.25, rows["label"])))


def two_schools_on_one_slice() -> AnnotationSet:
    """On code, half of the crew prefers what the other half rejects."""
    code = np.arange(ITEMS) % 4 == 0

    def right(item: np.ndarray, who: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        del rng
        return np.where(code[item] & (who % 2 == 0), 0.1, 0.9)

    shown, rows, _ = planted(right=right)
    return made(shown.assign(**{"slice.topic": np.where(code, "code", "prose")}), rows)


def a_bad_week() -> AnnotationSet:
    def right(item: np.ndarray, who: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        del who, rng
        return np.where(item % 5 == 3, 0.5, 0.9)

    shown, rows, _ = planted(items=600, right=right)
    return made(shown, rows.assign(ended_at=WEEKS[rows["item_row"] % 5]))


def labels_missing() -> AnnotationSet:
    shown, rows, rng = planted()
    return made(shown, rows.assign(label=rows["label"].where(rng.random(len(rows)) > 0.3, None)))


def gold_the_wrong_way_round() -> AnnotationSet:
    shown, rows, _ = planted(gold=0.5)
    return made(shown.assign(gold=shown["gold"].map({"A": "B", "B": "A"})), rows)


def gold_of_few_prompts() -> AnnotationSet:
    """200 gold items of 20 prompts, of which four are always labelled wrong: .80 on gold, and known to 20 prompts."""

    def right(item: np.ndarray, who: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        del who, rng
        return np.where(item % 20 < 4, 0.05, 0.95)

    return made(*planted(items=200, prompts=20, right=right, gold=1.0)[:2])


def without_one_accurate(
    who: int, chance: float
) -> Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]:
    def right(item: np.ndarray, people: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        del item, rng
        return np.where(people == who, chance, 0.9)

    return right


def one_of_twelve_at_random() -> AnnotationSet:
    return made(*planted(right=without_one_accurate(4, 0.5))[:2])


def without_that_one() -> AnnotationSet:
    shown, rows, _ = planted(right=without_one_accurate(4, 0.5))
    return made(shown, rows[rows["annotator"] != "person 4"])


def one_takes_the_left_and_places_are_unknown() -> AnnotationSet:
    """Eight in ten, where the others say that half are; right in seven of ten, which others are, too."""
    shown, rows, rng = planted(labels=4, right=0.9)
    leans = (rows["annotator"] == "person 4") & (rng.random(len(rows)) < 0.7)
    return made(shown, rows.assign(label=rows["label"].mask(leans, "A")).drop(columns="shown_first"))


def one_gives_nothing_but_ties() -> AnnotationSet:
    shown, rows, rng = planted(right=0.9)
    tied = np.where(rng.random(len(rows)) < 0.1, "=", rows["label"])
    return made(shown, rows.assign(label=np.where(rows["annotator"] == "person 4", "=", tied)))


def four_of_twelve_want_the_opposite() -> AnnotationSet:
    def right(item: np.ndarray, who: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        del item, rng
        return np.where(who < 4, 0.08, 0.92)

    return made(*planted(right=right, labels=4)[:2])


def two_files(turned: str, *, shared: bool, gold: float = 0.0) -> AnnotationSet:
    """Each file has half of the people, or half of the items; one of them may have A and B exchanged."""
    shown, rows, _ = planted(labels=4, right=0.9, gold=gold)
    late = rows["annotator"].isin([f"person {w}" for w in range(6)]) if shared else rows["item_row"] >= ITEMS // 2
    exports = []
    for name, part in (("one.csv", rows[~late]), ("two.csv", rows[late])):
        labels = part["label"].map({"A": "B", "B": "A"}) if name == turned else part["label"]
        used = np.unique(part["item_row"])
        here = part.assign(label=labels, item_row=np.searchsorted(used, part["item_row"]))
        exports.append(Export(items=shown.iloc[used], rows=here, source=name, format="made", scale=TERNARY))
    return assemble(exports)


def one_file_turned_round() -> AnnotationSet:
    return two_files("two.csv", shared=True)


def one_file_turned_round_as_gold_tells() -> AnnotationSet:
    return two_files("two.csv", shared=False, gold=0.3)


def two_files_of_different_items() -> AnnotationSet:
    return two_files("", shared=False, gold=0.3)


def everything_is_a() -> AnnotationSet:
    shown, rows, _ = planted()
    return made(shown, rows.assign(label="A"))


def mostly_one_prompt() -> AnnotationSet:
    shown, rows, _ = planted(right=0.9)
    return made(shown.assign(prompt=shown["prompt"].mask(np.arange(ITEMS) % 2 == 0, "the same for half")), rows)


def a_pilot() -> AnnotationSet:
    return made(*planted(items=30, right=0.9)[:2])


CASES: dict[Callable[[], AnnotationSet], tuple[str, set[str]]] = {
    careful: ("ready", set()),
    nothing_but_ties: ("stop", {"preferences"}),
    hardly_anything_but_ties: ("stop", {"preferences"}),
    categories: ("review", {"preferences"}),
    coins: ("stop", {"agreement beyond chance"}),
    nobody_twice: ("stop", {"overlap"}),
    contradicting_themselves: ("review", {"own judgements"}),
    swayed_by_order: ("review", {"order"}),
    swayed_by_place: ("review", {"sides"}),
    two_schools_on_one_slice: ("review", {"consistency across slices"}),
    a_bad_week: ("review", {"consistency over time"}),
    labels_missing: ("stop", {"missing labels"}),
    gold_the_wrong_way_round: ("stop", {"labels on gold"}),
    gold_of_few_prompts: ("review", {"labels on gold"}),
    one_of_twelve_at_random: ("review", {"annotators"}),
    without_that_one: ("ready", set()),
    one_takes_the_left_and_places_are_unknown: ("review", {"annotators"}),
    one_gives_nothing_but_ties: ("review", {"annotators"}),
    four_of_twelve_want_the_opposite: ("stop", {"agreement between schools"}),
    one_file_turned_round: ("stop", {"sides of the files"}),
    one_file_turned_round_as_gold_tells: ("stop", {"sides of the files"}),
    two_files_of_different_items: ("ready", set()),
    everything_is_a: ("stop", {"preferences"}),
    mostly_one_prompt: ("review", {"spread over prompts"}),
    a_pilot: ("review", {"overlap"}),
}


@pytest.fixture(scope="module")
def audits() -> dict[str, Audit]:
    return {case.__name__: audit(case()) for case in CASES}


@pytest.fixture(scope="module")
def verdicts(audits: dict[str, Audit]) -> dict[str, Verdict]:
    return {name: each.verdict for name, each in audits.items()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_the_verdict_and_its_reason_are_those_of_an_expert(
    case: Callable[[], AnnotationSet], verdicts: dict[str, Verdict]
) -> None:
    status, reasons = CASES[case]
    verdict = verdicts[case.__name__]
    turning = {check.name for check in verdict.checks if check.status == verdict.status}
    assert verdict.status == status, str([(c.name, c.status, c.why) for c in verdict.checks])
    assert status == "ready" or reasons <= turning


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_ready_is_where_the_figure_meets_its_line(
    case: Callable[[], AnnotationSet], verdicts: dict[str, Verdict]
) -> None:
    for check in verdicts[case.__name__].checks:
        if check.meets is not None:
            assert check.meets == (check.status == "ready"), check


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_what_is_not_ready_says_what_to_do(case: Callable[[], AnnotationSet], verdicts: dict[str, Verdict]) -> None:
    for check in verdicts[case.__name__].checks:
        assert bool(check.remedy) == (check.status != "ready"), check


def test_the_first_sentence_names_cause_and_figures(verdicts: dict[str, Verdict]) -> None:
    said = {name: verdict.sentence for name, verdict in verdicts.items()}
    assert said["a_pilot"].startswith("Too few to say: 30 of 30 items")
    assert said["one_of_twelve_at_random"].startswith(
        "Review first: annotators. 1 of 12 annotators is flagged (random)"
    )
    assert "A and B are exchanged in two.csv" in said["one_file_turned_round_as_gold_tells"]
    assert "one.csv or two.csv" in said["one_file_turned_round"]
    assert "two schools: 8 and 4" in said["four_of_twelve_want_the_opposite"]


@pytest.mark.parametrize("case", ["nothing_but_ties", "hardly_anything_but_ties", "categories", "everything_is_a"])
def test_that_there_are_no_preferences_is_said_first(case: str, verdicts: dict[str, Verdict]) -> None:
    assert verdicts[case].sentence.startswith("No preferences to learn from: ")
    assert verdicts[case].checks[0].name == "preferences"


def test_what_is_wrong_is_not_said_of_careful_work(verdicts: dict[str, Verdict]) -> None:
    assert {check.status for check in verdicts["careful"].checks} == {"ready"}


def test_the_cause_is_named_once_and_nobody_else_is(audits: dict[str, Audit]) -> None:
    flagged = {name: each.flags.flagged for name, each in audits.items()}
    alone = ("one_of_twelve_at_random", "one_takes_the_left_and_places_are_unknown", "one_gives_nothing_but_ties")
    assert {flagged[name] for name in alone} == {("person 4",)}
    nobody = ("careful", "without_that_one", "everything_is_a", "a_pilot", "one_file_turned_round_as_gold_tells")
    assert {flagged[name] for name in nobody} == {()}
    kinds = [flag.kind for flag in audits["one_gives_nothing_but_ties"].flags.by_annotator["person 4"]]
    assert kinds == ["straight-lining"]
    codes = {finding.code for finding in audits["one_file_turned_round_as_gold_tells"].findings}
    assert "swapped-file" in codes
    assert "suspect-gold" not in codes
