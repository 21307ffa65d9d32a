"""Exports whose layout hides what a judgement is: a column an answer, counts of votes, a question in place of the item,
flags called as prompts, and answers that are words of a rating scale.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import workbench
from workbench.errors import WorkbenchError

PEOPLE = ("ann", "bo", "cy")


def written(folder: Path, header: str, rows: list[tuple[object, ...]]) -> Path:
    place = folder / "t.csv"
    place.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n", "utf-8")
    return place


def judged(items: int = 12) -> list[tuple[str, str, str]]:
    """Item, person, and one of three answers."""
    return [(f"q{i}", who, "ABT"[(i + 2 * k) % 3]) for i in range(items) for k, who in enumerate(PEOPLE)]


def test_a_column_an_answer_is_asked_about(tmp_path: Path) -> None:
    words = {"A": "A is better", "B": "B is better", "T": "Tie"}
    rows = [(who, item, *(words[w] if w == said else "" for w in "ABT")) for item, who, said in judged()]
    place = written(tmp_path, "user,item_id,preference:A is better,preference:B is better,preference:Tie", rows)
    with pytest.raises(WorkbenchError, match="the answers to one question, a column each"):
        workbench.load(place)


def test_counts_of_votes_are_no_judgements(tmp_path: Path) -> None:
    rows = [
        (
            f"what is asked in {i}?",
            f"one answer that was given to {i}",
            f"another answer that was given to {i}",
            a,
            5 - a,
        )
        for i, a in enumerate([3, 1, 4, 5, 0, 2] * 4)
    ]
    place = written(tmp_path, "question,output_a,output_b,votes_a,votes_b", rows)
    with pytest.raises(WorkbenchError, match="count how many people voted"):
        workbench.load(place)
    found = workbench.load(place, mapping={"score_a": "votes_a", "score_b": "votes_b"})
    assert len(found.annotations) == len(rows)


def test_what_is_the_same_throughout_is_not_what_was_judged(tmp_path: Path) -> None:
    rows = [(n, "which is better", item, who, said) for n, (item, who, said) in enumerate(judged())]
    with pytest.raises(WorkbenchError, match="may name who judged or what was judged"):
        workbench.load(written(tmp_path, "id,task,subject_id,user_name,label", rows))


def test_a_flag_is_no_prompt_though_it_is_called_a_question(tmp_path: Path) -> None:
    rows = [(item, who, said.replace("T", "tie"), "true" if item == "q1" else "false") for item, who, said in judged()]
    found = workbench.load(written(tmp_path, "task_id,worker_id,choice,is_test_question", rows))
    assert found.group_codes is None


def test_a_verb_may_stand_before_the_side(tmp_path: Path) -> None:
    said = {"A": "Strongly prefer A", "B": "Slightly prefer B", "T": "No preference"}
    rows = [(item, who, said[label]) for item, who, label in judged()]
    found = workbench.load(written(tmp_path, "item,annotator,label", rows))
    assert found.scale.has_sides
    assert found.scale.labels[0][0] == "A"


def test_agreement_has_an_order(tmp_path: Path) -> None:
    said = {"A": "Agree", "B": "Strongly disagree", "T": "Neutral"}
    rows = [(item, who, said[label]) for item, who, label in judged()]
    found = workbench.load(written(tmp_path, "item,annotator,label", rows))
    assert found.scale.labels == ("Strongly disagree", "Neutral", "Agree")


@pytest.mark.parametrize("title", ["Preference study", "Preference study,,", '"Wave 2, March"\n\nExported today'])
def test_titles_above_the_header_are_left_out(tmp_path: Path, title: str) -> None:
    rows = [(item, who, said.replace("T", "tie")) for item, who, said in judged()]
    place = written(tmp_path, f"{title}\nitem,annotator,label", rows)
    found = workbench.load(place)
    assert (len(found.items), len(found.annotators), len(found.annotations)) == (12, 3, 36)
    assert [f.code for f in found.findings].count("titles-left-out") == 1


def test_a_header_is_no_title_though_cells_below_hold_another_separator(tmp_path: Path) -> None:
    rows = [(f"{item};1;x", f"{who};2;y", f"{said.replace('T', 'tie')}") for item, who, said in judged()]
    found = workbench.load(written(tmp_path, "item,annotator,label", rows))
    assert (len(found.items), len(found.annotators)) == (12, 3)


def test_a_broken_row_below_a_title_is_named_by_its_line(tmp_path: Path) -> None:
    rows = [("q1", "ann", "A"), ("q2", "bo", "B", "extra"), *judged(1)]
    place = written(tmp_path, "Study 2\n\nitem,annotator,label", rows)
    with pytest.raises(WorkbenchError, match=r"\(line 5\): 4 cells where the header has 3"):
        workbench.load(place)


def test_places_called_far_right_are_no_sides(tmp_path: Path) -> None:
    said = {"A": "far left", "B": "far right", "T": "centre"}
    rows = [(item, who, said[label]) for item, who, label in judged()]
    assert not workbench.load(written(tmp_path, "item,annotator,label", rows)).scale.has_sides
