"""MTurk, Toloka and Appen: flat tables with one judgement a row."""

import pytest

from tests.formats.reading import codes, labels, opened
from tests.formats.samples import APPEN, MTURK, TOLOKA, csv
from workbench.errors import WorkbenchError
from workbench.formats.readers import appen, mturk, toloka


def tsv(text):
    return csv(text, "\t", "file.tsv")


def test_toloka_rows_skips_rejections_and_golden_tasks():
    data = opened(toloka, tsv(TOLOKA))
    assert labels(data) == ["B", "A", None]
    assert data.items["item_id"].tolist() == ["t1", "t2"]
    assert [data.scale.labels[g] if g >= 0 else None for g in data.gold] == ["B", None]
    assert data.ledger.set_aside == {"rejected assignments": 1}
    assert data.item_texts().iloc[0].tolist() == ["Name a prime", "9", "11"]


def test_toloka_times_belong_to_a_page_of_tasks():
    data = opened(toloka, tsv(TOLOKA))
    assert data.annotations["seconds"].tolist()[:2] == [60.0, 60.0]
    assert data.annotations["batch"].tolist() == ["a1", "a1", "a2"]
    assert next(f.count for f in data.findings if f.code == "times-shared") == 2


def test_toloka_verdicts_reject_rows():
    data = opened(
        toloka,
        tsv(
            "INPUT:text_a\tINPUT:text_b\tOUTPUT:r\tASSIGNMENT:worker_id\tACCEPT:verdict\nx\ty\ta\tw1\t+\nx\ty\tb\tw2\t-\n"
        ),
    )
    assert labels(data) == ["A"]
    assert data.ledger.set_aside == {"rejected assignments": 1}


def test_toloka_without_task_ids_knows_items_by_their_texts():
    data = opened(
        toloka,
        tsv("INPUT:text_a\tINPUT:text_b\tOUTPUT:r\tASSIGNMENT:worker_id\nx\ty\ta\tw1\nx\ty\tb\tw2\nz\ty\tb\tw2\n"),
    )
    assert data.annotations["item"].tolist() == [0, 0, 1]


def test_mturk_times_come_with_us_zones_and_rejected_work_is_set_aside():
    data = opened(mturk, csv(MTURK))
    assert labels(data) == ["B", "A"]
    assert data.annotations["seconds"].tolist() == [25.0, 30.0]
    assert str(data.annotations["ended_at"].iloc[0]) == "2026-03-02 09:14:05"
    assert data.annotations["reason"].tolist() == ["it is one", "smaller"]
    assert data.ledger.set_aside == {"rejected assignments": 1}


def test_mturk_work_time_may_be_missing():
    dropped = csv(MTURK).table.drop(columns="WorkTimeInSeconds")
    assert opened(mturk, csv(dropped.to_csv(index=False))).annotations["seconds"].tolist() == [25.0, 30.0]


def test_mturk_radio_buttons_come_as_a_column_each():
    text = """\
HITId,WorkerId,Input.text_a,Input.text_b,Answer.pref.A,Answer.pref.B,Answer.pref.tie,Answer.sure.on
h1,w1,x,y,false,true,false,true
h1,w2,x,y,false,false,true,false
h1,w3,x,y,false,false,false,
"""
    data = opened(mturk, csv(text))
    assert labels(data) == ["B", "=", None]
    assert data.annotations["dim.sure"].tolist() == ["true", "false", "false"]


def test_mturk_html_forms_come_as_json():
    answer = '"[{""pref"":{""A"":true,""B"":false},""why"":""shorter""}]"'
    data = opened(
        mturk, csv(f"HITId,WorkerId,Input.text_a,Input.text_b,Answer.taskAnswers\nh1,w1,x,y,{answer}\nh1,w2,x,y,3\n")
    )
    assert labels(data) == ["A", None]
    assert data.annotations["reason"].iloc[0] == "shorter"


def test_appen_gold_columns_tainted_rows_and_times():
    data = opened(appen, csv(APPEN))
    assert labels(data) == ["B", "A", "A"]
    assert [data.scale.labels[g] if g >= 0 else None for g in data.gold] == [None, "A"]
    assert data.annotations["seconds"].tolist() == [39.0, 10.0, 10.0]
    assert data.ledger.set_aside == {"tainted judgements, which the platform itself does not count": 1}
    assert "test-questions" in codes(data)


def test_appen_questions_are_what_differs_within_a_unit():
    text = (
        "_unit_id,_worker_id,_created_at,sentence,relation,input_x\n1,w1,3/24/2016 1:00:00,s,is_a,9\n1,w2,3/24/2016"
        " 1:00:00,s,none,9\n2,w1,3/24/2016 1:00:00,t,is_a,8\n"
    )
    data = opened(appen, csv(text))
    assert (labels(data), data.has_pairs) == (["is_a", "none", "is_a"], False)
    assert data.item_texts()["prompt"].tolist() == ["s", "t"]


def test_appen_ticked_boxes_are_one_category_in_any_order():
    text = (
        '_unit_id,_worker_id,_created_at,rel\n1,w1,3/24/2016 1:00:00,"cause\nis_a"\n1,w2,3/24/2016'
        ' 1:00:00,"is_a\ncause"\n1,w3,3/24/2016 1:00:00,is_a\n'
    )
    assert labels(opened(appen, csv(text))) == ["cause, is_a", "cause, is_a", "is_a"]


def test_appen_gold_with_several_right_answers_is_not_used():
    text = (
        '_unit_id,_worker_id,_created_at,rel,rel_gold\n1,w1,3/24/2016 1:00:00,is_a,"cause\nis_a"\n1,w2,3/24/2016'
        ' 1:00:00,other,"cause\nis_a"\n2,w1,3/24/2016 1:00:00,is_a,is_a\n'
    )
    data = opened(appen, csv(text))
    assert [data.scale.labels[g] if g >= 0 else None for g in data.gold] == [None, "is_a"]
    assert "several-right-answers" in codes(data)


@pytest.mark.parametrize("reader", [mturk, appen, toloka])
def test_a_table_without_the_platforms_columns_is_refused(reader):
    with pytest.raises(WorkbenchError, match=r"file\.csv: it has no column"):
        reader.read(csv("a,b\n1,2\n"))


def test_rows_without_an_item_are_set_aside():
    assert opened(mturk, csv(MTURK + ",s9,W9,Approved,,,3,p,x,y,A,\n")).ledger.set_aside == {
        "rows without HITId": 1,
        "rejected assignments": 1,
    }
