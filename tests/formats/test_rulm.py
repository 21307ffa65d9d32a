from workbench_corpora import rulm

from tests.formats.reading import codes, labels, opened, records, table


def row(result, worker="w1", **more):
    return {
        "result": result,
        "worker_id": worker,
        "assignment_id": "a1",
        "pool_id": 7,
        "instruction": "Переведи",
        "input": "Hi",
        "left_answer": "Привет",
        "right_answer": "Пока",
        "left_model": "m1",
        "right_model": "m2",
        "id": "1",
        **more,
    }


def test_left_is_a_and_was_shown_first():
    data = opened(rulm, records([row("left"), row("right", "w2"), row("equal", "w3")]))
    assert labels(data) == ["A", "B", "="]
    assert data.annotations["shown_first"].tolist() == [0, 0, 0]
    assert data.annotations["batch"].tolist() == ["7"] * 3
    assert data.item_texts().iloc[0].tolist() == ["Переведи\n\nHi", "Привет", "Пока"]


def test_the_pair_shown_the_other_way_round_is_the_same_item():
    turned = row("left", "w2", left_answer="Пока", right_answer="Привет", left_model="m2", right_model="m1")
    data = opened(rulm, table([row("left"), turned]))
    assert len(data.items) == 1
    assert labels(data) == ["A", "B"]
    assert data.annotations["shown_first"].tolist() == [0, 1]


def test_an_incorrect_task_is_a_skip():
    data = opened(rulm, records([row("incorrect"), row("left", "w2")]))
    assert labels(data) == [None, "A"]
    assert {"task-called-incorrect", "skips"} <= codes(data)


def test_the_aggregated_file_says_so():
    majority = {
        k: v for k, v in row("left", agreement=0.8).items() if k not in ("worker_id", "assignment_id", "pool_id")
    }
    data = opened(rulm, records([majority]))
    assert data.annotators["annotator"].tolist() == ["published majority"]
    assert "published-majority" in codes(data)
