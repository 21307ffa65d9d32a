from __future__ import annotations

import json

import pytest

from tests.formats.reading import opened, records
from tests.formats.samples import POTATO_LINES, POTATO_STATE
from workbench.formats import load
from workbench.formats.readers import potato


def votes(data) -> dict[tuple[str, str], str]:
    names, people = data.items["item_id"].tolist(), data.annotators["annotator"].tolist()
    return {
        (names[row.item], people[row.annotator]): data.scale.labels[row.label]
        for row in data.annotations.itertuples()
        if row.label >= 0
    }


def test_lines_of_a_pairwise_question_with_texts_times_and_the_reason():
    data = opened(potato, records(POTATO_LINES))
    assert votes(data) == {("q0", "ann"): "A", ("q0", "bob"): "B", ("q1", "ann"): "=", ("q1", "bob"): "A"}
    assert data.item_texts([0]).iloc[0][["response_a", "response_b"]].tolist() == ["first of q0", "second of q0"]
    assert data.annotations["seconds"].tolist() == pytest.approx([12.5, 12.5, 12.501, 12.501])
    assert data.annotations["reason"].tolist()[0] == "because 0"


def test_a_slider_is_negative_for_the_left_response():
    data = opened(potato, records(POTATO_STATE))
    assert votes(data) == {("q0", "ann"): "A>>", ("q1", "ann"): "=", ("q0", "bob"): "B>>>", ("q1", "bob"): "A>"}


def test_a_slider_of_many_steps_gives_the_side_alone():
    rows = [
        {
            "user_id": "ann",
            "instance_id_to_label_to_value": {
                "q0": [[{"schema": "p", "name": "scale_value"}, "-5"]],
                "q1": [[{"schema": "p", "name": "scale_value"}, "1"]],
            },
        }
    ]
    assert votes(opened(potato, records(rows))) == {("q0", "ann"): "A", ("q1", "ann"): "B"}


def test_ticked_labels_and_the_time_in_words_of_early_versions(tmp_path):
    folder = tmp_path / "carla"
    folder.mkdir()
    rows = [
        {
            "id": f"q{n}",
            "displayed_text": f"A. one {n}<br>B. two {n}",
            "label_annotations": {"better": {label: "true"}},
            "span_annotations": [],
            "behavioral_data": {"time_string": "Time spent: 0d 0h 1m 5s "},
        }
        for n, label in enumerate(["A", "B"])
    ]
    (folder / "annotated_instances.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    data = load(folder / "annotated_instances.jsonl")
    assert votes(data) == {("q0", "carla"): "A", ("q1", "carla"): "B"}
    assert data.annotations["seconds"].tolist() == [65.0, 65.0]


def test_an_instance_without_a_label_is_counted():
    rows = [*POTATO_LINES, {**POTATO_LINES[0], "instance_id": "q9", "label_annotations": {}}]
    assert opened(potato, records(rows)).ledger.set_aside == {"an instance without a label": 1}
