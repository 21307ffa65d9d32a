"""Tables that were once read wrong, one of each kind, made here after them; what they say was written down by hand, and
alpha computed by the `krippendorff` package from that.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import workbench
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.numeric_labels import Unclear
from workbench.errors import WorkbenchError

krippendorff = pytest.importorskip("krippendorff")


def opened(folder: Path, text: str, name: str = "table.csv", **how: Any) -> AnnotationSet:
    """The table as `load` reads it."""
    (folder / name).write_text(text, "utf-8")
    return workbench.load(folder / name, **how)


def votes(data: AnnotationSet) -> list[tuple[str, str, str]]:
    """Item, annotator and label of every judgement with a label, in order."""
    rows = data.rows()
    return sorted(
        (i, a, s)
        for i, a, s in zip(rows["item_id"], rows["annotator"], rows["label"], strict=True)
        if isinstance(s, str)
    )


def labels(data: AnnotationSet) -> Counter[str]:
    """How often each label occurs."""
    return Counter(label for _, _, label in votes(data))


def alpha(data: AnnotationSet, level: str = "nominal") -> float:
    """Krippendorff's alpha as the audit gives it."""
    return workbench.audit(data).agreement[f"krippendorff_alpha.{level}"].value


def repeats(data: AnnotationSet) -> int:
    """Judgements that repeat an annotator's own."""
    return int((data.annotations["repeat"] > 0).sum())


def gold(data: AnnotationSet) -> Counter[str]:
    """How often each label is the right one."""
    return Counter(data.scale.labels[g] for g in data.gold if g >= 0)


# ------------------------------------------------------------ K1: models are no content

_BATTLES = "question_id,model_a,model_b,winner,judge{}\n"


def test_the_same_models_at_another_question_are_another_item(tmp_path: Path) -> None:
    rows = "q1,m,n,model_a,ed\nq1,m,n,model_b,flo\nq2,m,n,model_b,ed\nq2,m,n,model_b,flo\nq3,n,m,model_a,ed\n"
    data = opened(tmp_path, _BATTLES.format("") + rows)
    assert (len(data.items), repeats(data)) == (3, 0)


def test_two_turns_are_two_items(tmp_path: Path) -> None:
    rows = "q1,m,n,model_a,ed,1\nq1,m,n,model_b,ed,2\nq1,m,n,model_a,flo,1\nq1,m,n,model_b,flo,2\n"
    data = opened(tmp_path, _BATTLES.format(",turn") + rows)
    assert (len(data.items), repeats(data), labels(data)) == (2, 0, Counter(A=2, B=2))


def test_two_files_of_battles_join_on_their_questions(tmp_path: Path) -> None:
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_text(_BATTLES.format("") + "q1,m,n,model_a,ed\nq2,m,n,model_b,ed\nq3,m,o,model_a,ed\n")
    two.write_text(_BATTLES.format("") + "q1,m,n,model_a,flo\nq2,m,n,model_a,flo\nq4,m,o,model_a,flo\n")
    data = workbench.load([one, two])
    assert (len(data.items), repeats(data)) == (4, 0)
    assert sum(n == 2 for n in Counter(i for i, _, _ in votes(data)).values()) == 2


# ------------------------------------------------------------ K2: the annotator's column


@pytest.mark.parametrize("who", ["worker", "rater", "judge", "user", "worker_id", "coder"])
def test_the_annotator_is_found_beside_our_own_names(tmp_path: Path, who: str) -> None:
    rows = "i1,x,A\ni1,x,A\ni1,y,B\ni2,x,B\ni2,y,B\ni3,y,A\ni3,y,B\n"
    data = opened(tmp_path, f"item,{who},label\n{rows}")
    assert (sorted(data.annotators["annotator"]), repeats(data)) == (["x", "y"], 2)


# ------------------------------------------------------------ K3: judgements inside a record, gold beside them


def test_listed_decisions_are_the_judgements_and_the_label_is_gold(tmp_path: Path) -> None:
    said = [("A>B", ["A>B", "B>A"]), ("B>A", ["A>B", "A=B"]), ("B>A", ["B>A", "B>A"])]
    rows = [
        {
            "pair_id": f"p{i}",
            "question": f"{i}?",
            "response_A": f"it is {i}",
            "response_B": f"it is {i + 1}",
            "label": right,
            "judge_name": "judge-y",
            "judgments": [{"decision": d} for d in decisions],
        }
        for i, (right, decisions) in enumerate(said)
    ]
    data = opened(tmp_path, "\n".join(map(json.dumps, rows)), "log.jsonl")
    assert labels(data) == Counter({"A": 2, "B": 3, "=": 1})
    assert (gold(data), data.annotators["annotator"].tolist()) == (Counter(A=1, B=2), ["judge-y"])


def test_results_by_name_are_the_judgements(tmp_path: Path) -> None:
    rows = [
        {
            "input": f"Name thing {i}.",
            "output_1": f"one {i}",
            "output_2": f"two {i}",
            "label": right,
            "results": {"straight": {"winner": a}, "swapped": {"winner": b}},
        }
        for i, (right, a, b) in enumerate([(1, "2", "1"), (2, "2", "2"), (2, "1", "2")])
    ]
    data = opened(tmp_path, json.dumps(rows), "log.json")
    assert (labels(data), gold(data)) == (Counter(A=2, B=4), Counter(A=1, B=2))


# ------------------------------------------------------------ K4: MTurk as it is

_HIT = '"HITId","AssignmentId","WorkerId","WorkTimeInSeconds","Input.text1","Input.text2","Answer.better"'


def _hits(end: str, a: str = "A", b: str = "B") -> str:
    said = [("H1", "W1", a), ("H1", "W2", a), ("H2", "W1", b), ("H2", "W2", a), ("H3", "W1", b), ("H3", "W2", b)]
    return "".join(
        f'"{hit}","S{n}","{who}","{30 + n}","one of {hit}","two of {hit}","{s}"{end}\n'
        for n, (hit, who, s) in enumerate(said)
    )


def test_rows_without_their_empty_last_cells(tmp_path: Path) -> None:
    data = opened(tmp_path, f'{_HIT},"Approve","Reject"\n{_hits("")}')
    assert labels(data) == Counter(A=3, B=3)
    assert "short-rows" in {f.code for f in data.findings}
    assert alpha(data) == pytest.approx(krippendorff.alpha([[0, 1, 1], [0, 0, 1]], level_of_measurement="nominal"))


@pytest.mark.parametrize("thing", ["Sentence", "Image", "System", "Translation", "Limerick"])
def test_the_two_sides_of_anything(tmp_path: Path, thing: str) -> None:
    data = opened(tmp_path, f'{_HIT},"Approve","Reject"\n{_hits(chr(44) * 2, f"{thing} A", f"{thing} B")}')
    assert labels(data) == Counter(A=3, B=3)


# ------------------------------------------------------------ K5: what numbers mean


def _numbers(column: str, said: list[object], **more: list[object]) -> str:
    return "\n".join(
        json.dumps(
            {"prompt": f"Write {i}", "response 1": f"Runs {i}", "response 2": f"Goes {i}", column: v}
            | {name: values[i] for name, values in more.items()}
        )
        for i, v in enumerate(said)
    )


def test_numbers_that_nothing_explains_are_asked_about(tmp_path: Path) -> None:
    text = _numbers("label", [0, 1, 2, 0, 0])
    with pytest.raises(Unclear, match=r"2 is a tie: A 3, = 1, B 1.*spelling={'0': 'A', '1': 'B', '2': '='}") as caught:
        opened(tmp_path, text, "votes.jsonl")
    assert len(caught.value.ways) == 3
    data = opened(tmp_path, text, "votes.jsonl", spelling=caught.value.ways[1][1])
    assert labels(data) == Counter({"A": 3, "B": 1, "=": 1})


@pytest.mark.parametrize(
    ("column", "one_is"),
    [
        ("is_A_selected", "A"),
        ("a_wins", "A"),
        ("prefers_response_b", "B"),
        ("response_2_is_better", "B"),
        ("chosen_index", "B"),
        ("better_response_id", "B"),
    ],
)
def test_a_name_tells_what_one_means(tmp_path: Path, column: str, one_is: str) -> None:
    data = opened(tmp_path, _numbers(column, [1, 0, 1, 1, 0]), "votes.jsonl")
    assert labels(data)[one_is] == 3
    assert {"numbers-read", "labels-read"} & {f.code for f in data.findings}


@pytest.mark.parametrize("one_is", ["A", "B"])
def test_scores_beside_the_labels_tell_what_one_means(tmp_path: Path, one_is: str) -> None:
    said = [1, 0, 1, 1, 0, 1, 0, 1]
    high = [9 if (v == 1) == (one_is == "A") else 2 for v in said]
    text = _numbers("labels", said, score_1=high, score_2=[11 - h for h in high])
    mapping = {"prompt": "prompt", "response_a": "response 1", "response_b": "response 2", "label": "labels"}
    for how in ({}, {"mapping": mapping}):
        assert labels(opened(tmp_path, text, "votes.jsonl", **how))[one_is] == 5


# ------------------------------------------------------------ K6: the winner by its name


def test_a_label_that_is_the_id_of_one_side(tmp_path: Path) -> None:
    data = opened(tmp_path, "worker,left,right,winner\nx,0,1,0\ny,0,1,1\nx,2,0,0\ny,1,2,1\nx,1,2,2\n")
    assert (labels(data), len(data.items)) == (Counter(A=2, B=3), 3)


def test_a_label_that_is_the_file_of_one_side(tmp_path: Path) -> None:
    rows = "t1,x,c1_p.wav,c1_q.wav,c1_q.wav,2310\nt1,y,c1_p.wav,c1_q.wav,c1_p.wav,1890\n"
    data = opened(tmp_path, f"trial,listener,stimA,stimB,preferred,rt_ms\n{rows}")
    assert (labels(data), len(data.items)) == (Counter(A=1, B=1), 1)
    assert data.annotations["seconds"].tolist() == pytest.approx([2.31, 1.89])


def test_winner_and_loser(tmp_path: Path) -> None:
    rows = "x,tune3,tune1\ny,tune3,tune1\nz,tune1,tune3\nx,tune2,tune1\ny,tune1,tune2\nz,tune2,tune1\n"
    data = opened(tmp_path, f"judge,winner,loser\n{rows}")
    assert len(data.items) == 2
    table = [[1, 1], [1, 0], [0, 1]]
    assert alpha(data) == pytest.approx(krippendorff.alpha(table, level_of_measurement="nominal"))


# ------------------------------------------------------------ K7: a row a respondent


def test_a_form_with_a_row_a_respondent(tmp_path: Path) -> None:
    header = "Timestamp,Your name," + ",".join(f"Pair {i}: which is nicer?" for i in (1, 2, 3))
    rows = "2024/03/01 9:01:10 AM GMT+1,Ivo,Text A,Text B,Same\n2024/03/01 9:14:31 AM GMT+1,Jo,Text A,Text A,Text B\n"
    data = opened(tmp_path, f"{header}\n{rows}")
    assert (len(data.items), sorted(data.annotators["annotator"])) == (3, ["Ivo", "Jo"])
    assert labels(data) == Counter({"A": 3, "B": 2, "=": 1})


def test_a_survey_with_three_header_rows_and_a_preview(tmp_path: Path) -> None:
    fixed = "StartDate,Status,Finished,ResponseId"
    imports = ",".join(f'"{{""ImportId"":""{n}""}}"' for n in ("startDate", "status", "finished", "_recordId", *"abcd"))
    rows = "".join(
        f"2024-05-0{n} 10:00:00,{status},True,R_{n},{said},p{n}\n"
        for n, status, said in ((1, "IP Address", "A,B,A"), (2, "IP Address", "A,A,B"), (3, "Survey Preview", "B,B,B"))
    )
    text = f"{fixed},Q1,Q2,Q3,PROLIFIC_PID\nStart Date,Response Type,Finished,Response ID,Which?,Which?,Which?,PID\n"
    data = opened(tmp_path, f"{text}{imports}\n{rows}")
    assert (sorted(data.annotators["annotator"]), labels(data)) == (["p1", "p2"], Counter(A=4, B=2))
    assert {"second-header", "survey-previews"} <= {f.code for f in data.findings}


# ------------------------------------------------------------ K8: what cannot be


def test_answers_of_a_survey_are_no_responses(tmp_path: Path) -> None:
    rows = "".join(f"img{i // 2},A dog.,A cat.,Rain.,{1 + i % 3},{1 + i // 3 % 3},{1 + i % 2}\n" for i in range(12))
    with pytest.raises(WorkbenchError, match="could be the label"):
        opened(tmp_path, f"image,statement_1,statement_2,statement_3,answer1,answer2,answer3\n{rows}")


def test_a_text_is_no_label(tmp_path: Path) -> None:
    rows = "".join(
        f'{n},r{n % 3},F,10{n // 3},P1,"USER: hi","BOT: hello {n // 3}",{["Yes", "No", "Unsure"][(n * n) % 3]},No\n'
        for n in range(9)
    )
    data = opened(tmp_path, f"id,rater_id,rater_gender,item_id,phase,context,response,Q_overall,Q1_whole\n{rows}")
    assert set(labels(data)) <= {"Yes", "No", "Unsure"}
    assert len(data.items) == 3


def test_too_many_values_to_be_labels(tmp_path: Path) -> None:
    rows = "".join(f"i{n},x,some words {n}\n" for n in range(400))
    with pytest.raises(WorkbenchError, match=r"400 different values .*cannot be labels"):
        opened(tmp_path, f"item,who,label\n{rows}")


# ------------------------------------------------------------ K9: the key is the answer


def test_the_option_that_is_ticked_is_the_label(tmp_path: Path) -> None:
    said = [
        ("u1", "p1", "A"),
        ("u2", "p1", "A"),
        ("u1", "p2", "B"),
        ("u2", "p2", "A"),
        ("u1", "p3", "B"),
        ("u2", "p3", "B"),
    ]
    rows = [
        {
            "user_id": who,
            "instance_id": item,
            "displayed_text": "A: hi B: hello",
            "label_annotations": {"preference": {option: "1"}},
            "behavioral_data": {"time_string": "Time spent: 0d 0h 1m 12s "},
        }
        for who, item, option in said
    ]
    data = opened(tmp_path, "\n".join(map(json.dumps, rows)), "out.jsonl")
    assert votes(data) == sorted((item, who, option) for who, item, option in said)
    assert alpha(data) == pytest.approx(krippendorff.alpha([[0, 1, 1], [0, 0, 1]], level_of_measurement="nominal"))
    assert set(data.annotations["seconds"]) == {72.0}


# ------------------------------------------------------------ K10: decimal commas


def test_scores_with_decimal_commas_are_in_the_order_of_numbers(tmp_path: Path) -> None:
    data = opened(tmp_path, "item;annotator;label\ni1;x;3,5\ni1;y;3,0\ni2;x;10,0\ni2;y;9,5\ni3;x;1,0\ni3;y;1,5\n")
    assert data.scale.labels == ("1", "1.5", "3", "3.5", "9.5", "10")
    table = [[3.5, 10, 1], [3, 9.5, 1.5]]
    for level in ("nominal", "ordinal", "interval"):
        assert alpha(data, level) == pytest.approx(krippendorff.alpha(table, level_of_measurement=level))


def test_seconds_with_decimal_commas(tmp_path: Path) -> None:
    data = opened(tmp_path, "item;annotator;label;seconds\ni1;x;A;12,5\ni1;y;A;8,25\ni2;x;B;30,0\ni2;y;B;7,5\n")
    assert data.annotations["seconds"].tolist() == [12.5, 8.25, 30.0, 7.5]


# ------------------------------------------------------------ K11: a part of a mapping


def test_a_part_of_a_mapping_changes_only_what_it_names(tmp_path: Path) -> None:
    rows = "x,tune three,tune one\nx,tune two,tune one\ny,tune one,tune three\n"
    data = opened(tmp_path, f"judge,chosen,rejected\n{rows}", mapping={"annotator": "judge"})
    assert (sorted(data.annotators["annotator"]), len(data.items), data.format) == (["x", "y"], 2, "trl")
    table = "task,worker,vote,other\n1,x,left,up\n1,y,right,up\n2,x,left,down\n2,y,left,down\n"
    data = opened(tmp_path, table, mapping={"annotator": "", "slice.other": "other"})
    assert data.annotators["annotator"].tolist() == ["slot 1", "slot 2"]
    assert data.items["slice.other"].tolist() == ["up", "down"]


# ------------------------------------------------------------ K12: missing in words


@pytest.mark.parametrize("word", ["None", "?", ".", "missing", "#N/A", "NaN"])
def test_words_for_missing_are_no_category(tmp_path: Path, word: str) -> None:
    data = opened(tmp_path, f"item,rater1,rater2,rater3\ni1,1,1,{word}\ni2,1,1,1\ni3,2,{word},2\n")
    assert labels(data) == Counter({"1": 5, "2": 2})
    assert alpha(data) == 1.0


# ------------------------------------------------------------ also seen


def test_a_matrix_of_raters_needs_no_item_column(tmp_path: Path) -> None:
    data = opened(tmp_path, "r1,r2,r3,r4\nyes,no,yes,yes\nno,no,no,yes\n", mapping={"label": ["r1", "r2", "r3", "r4"]})
    assert (len(data.items), len(data.annotators), labels(data)) == (2, 4, Counter(yes=4, no=4))


def test_what_was_assumed_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from workbench.cli import main

    (tmp_path / "votes.csv").write_text("task,worker,vote\n1,x,left\n1,y,right\n2,x,left\n2,y,left\n")
    assert main(["audit", str(tmp_path / "votes.csv")]) == 0
    assert "the columns were guessed: item is task, annotator is worker, label is vote" in capsys.readouterr().out
    (tmp_path / "numbers.jsonl").write_text(_numbers("label", [0, 1, 2, 0, 0]))
    assert main(["audit", str(tmp_path / "numbers.jsonl")]) == 2
    assert "2 is a tie: A 3, = 1, B 1" in capsys.readouterr().err


@pytest.mark.parametrize("gold", ["gold", "gold_label", "ground_truth", "GoldAnswer"])
def test_gold_beside_columns_that_are_called_as_the_fields_is_gold(tmp_path: Path, gold: str) -> None:
    path = tmp_path / "labels.csv"
    rows = "".join(f"p{i},one {i},two {i},{'AB'[k]},{'AB'[i % 2]}\n" for i in range(30) for k in range(2))
    path.write_text(f"item,response_a,response_b,label,{gold}\n{rows}")
    data = workbench.load(path)
    assert data.gold.tolist() == [i % 2 for i in range(30)]
