import math

import krippendorff
import numpy as np
import pytest

from tests.formats.reading import codes, labels, opened, parquet, records, table
from workbench import formats
from workbench.formats.readers import alpaca_eval


def row(preference, **more):
    return {
        "instruction": "Name a prime",
        "output_1": "9",
        "generator_1": "base",
        "dataset": "helpful_base",
        "output_2": "11",
        "generator_2": "m2",
        "annotator": "judge-x",
        "preference": preference,
        "price_per_example": 0.02,
        "time_per_example": 1.6,
        **more,
    }


def many(*preferences):
    return [row(p, instruction=f"question {i}") for i, p in enumerate(preferences)]


@pytest.mark.parametrize("shape", [records, table])
def test_preferences_and_what_surrounds_them(shape):
    data = opened(alpaca_eval, shape(many(1, 2, 1.5)))
    assert labels(data) == ["A", "B", "="]
    assert data.annotators.to_dict("records") == [{"annotator": "judge-x", "kind": "ai"}]
    assert data.annotations["seconds"].tolist() == pytest.approx([1.6] * 3)
    assert data.annotations["dim.price"].tolist() == [0.02] * 3
    assert data.items.iloc[0][["model_a", "model_b", "slice.dataset"]].tolist() == ["base", "m2", "helpful_base"]


def test_weighted_preferences_are_read_by_the_side_of_one_and_a_half():
    data = opened(alpaca_eval, records(many(1.000012, 1.49, 1.51, 1.999, 1.5)))
    assert labels(data) == ["A", "A", "B", "B", "="]
    assert data.annotations["dim.preference"].tolist()[:4] == [1.000012, 1.49, 1.51, 1.999]
    assert "weighted-preferences" in codes(data)


def test_zero_is_an_old_tie_and_missing_is_missing():
    data = opened(alpaca_eval, records(many(0, None, -1, 2.5, "x", 1)))
    assert labels(data) == ["=", None, None, None, None, "A"]
    assert {"legacy-ties", "no-preference", "preference-out-of-range"} <= codes(data)


def test_nan_from_parquet_is_missing():
    assert labels(opened(alpaca_eval, parquet(many(math.nan, 2.0)))) == [None, "B"]


def test_the_constant_time_of_humans_is_no_measurement():
    rows = [row(p, annotator="humans", price_per_example=0.3, time_per_example=9.2 * 60 / 15) for p in (1, 2, 1, 1)]
    data = opened(alpaca_eval, records(rows))
    assert data.annotations["seconds"].isna().all()
    assert data.annotators["annotator"].tolist() == [
        "slot 1",
        "slot 2",
        "slot 3",
        "slot 4",
    ], "`humans` is a crowd, not one person"
    assert set(data.annotators["kind"]) == {"human"}
    assert len(data.items) == 1
    assert {"constant-times", "anonymous-annotators"} <= codes(data)


def test_the_newer_prefixed_keys():
    newer = {k: v for k, v in row(2).items() if k not in ("price_per_example", "time_per_example")}
    newer |= {
        "preference_price_per_example": 0.01,
        "preference_time_per_example": 2.5,
        "preference_date": "2024-05-01T10:00:00",
    }
    newer["preference_raw_completion"] = {
        "concise_explanation": "11 is a prime.",
        "referenced_models": {"M": "output_1"},
    }
    rows = opened(alpaca_eval, records([newer])).annotations
    assert rows["seconds"].tolist() == [2.5]
    assert rows["dim.price"].tolist() == [0.01]
    assert rows["reason"].tolist() == ["11 is a prime."]
    assert rows["ended_at"].notna().all()


def test_an_output_that_is_missing_is_counted():
    data = opened(alpaca_eval, records([row(1), row(1, output_2=None)]))
    assert data.ledger.set_aside == {"an output is missing": 1}


def test_three_published_judges_agree_as_published(real_data):
    files = sorted((real_data / "alpaca_eval_judges").glob("*.json"))
    if not files:
        pytest.skip("no alpaca_eval_judges")
    data = formats.load(files, keep_identical=True)
    assert (len(data.items), len(data.annotators), len(data.annotations)) == (805, 3, 2415)
    table = np.full((3, 805), np.nan)
    table[data.codes.annotator, data.codes.item] = data.codes.label
    assert krippendorff.alpha(table, level_of_measurement="nominal") == pytest.approx(0.506244, abs=5e-7)
    assert krippendorff.alpha(table, level_of_measurement="ordinal") == pytest.approx(0.504412, abs=5e-7)
    pairs = [(table[i] == table[j]).mean() for i, j in ((0, 1), (0, 2), (1, 2))]
    assert np.mean(pairs) == pytest.approx(0.927950, abs=5e-7)


def test_identical_outputs_are_set_aside_unless_kept(real_data):
    files = sorted((real_data / "alpaca_eval_judges").glob("*.json"))
    if not files:
        pytest.skip("no alpaca_eval_judges")
    assert formats.load(files[0]).ledger.set_aside == {"identical responses": 1}
