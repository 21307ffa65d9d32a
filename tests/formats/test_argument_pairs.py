import pytest
from workbench_corpora import argument_pairs

from tests.formats.reading import codes, labels, opened, table
from workbench import formats

ROWS = [
    {"#id": "arg1_arg2", "label": "a1", "a1": "First. <br/> Second.", "a2": 'Only "one"'},
    {"#id": "arg1_arg3", "label": "a2", "a1": "First.", "a2": "Third."},
    {"#id": "arg2_arg3", "label": "equal", "a1": "Two.", "a2": "Third."},
    {"#id": "arg2_arg4", "label": "maybe", "a1": "Two.", "a2": "Fourth."},
]


def test_a_published_label_is_gold_and_one_judgement():
    data = opened(argument_pairs, table(ROWS, "tv-is-better-than-books_tv.csv"))
    assert labels(data) == ["A", "B", "=", None]
    assert data.gold.tolist() == [0, 2, 1, -1]
    assert data.annotators["annotator"].tolist() == ["published gold"]
    assert {"published-labels", "unreadable-labels"} <= codes(data)


def test_topic_and_stance_come_from_the_file_name():
    data = opened(argument_pairs, table(ROWS[:1], "tv-is-better-than-books_tv.csv.gz"))
    item = data.items.iloc[0]
    assert (item["slice.topic"], item["slice.stance"], item["group"]) == (
        "tv-is-better-than-books",
        "tv",
        "tv-is-better-than-books_tv",
    )
    texts = data.item_texts().iloc[0]
    assert texts["prompt"] == "tv is better than books: tv"
    assert texts["response_a"] == "First.\nSecond."


def test_a_table_with_the_same_columns_and_other_labels_is_something_else():
    assert argument_pairs.recognise(table([{"#id": "1", "label": "spam", "a1": "x", "a2": "y"}])) == 0


def test_all_published_topics_open(real_data):
    folder = real_data / "ukpconvarg" / "strict-csv"
    if not folder.is_dir():
        pytest.skip(f"no {folder}")
    files = sorted(folder.glob("*.csv"))
    lines = sum(len([line for line in file.read_text("utf-8").splitlines() if line.strip()]) - 1 for file in files)
    data = formats.load(files)
    assert len(data.annotations) == lines == 10_295
    assert data.items["group"].nunique() == len(files) == 28
    assert (data.gold >= 0).all()
