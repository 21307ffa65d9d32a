"""The power law: exact points come back, forecasts carry their warnings, and the fit is the best on the grid."""

from __future__ import annotations

import numpy as np
import pytest

from tests.studies.grounds import linear_bench
from workbench.errors import WorkbenchError
from workbench.studies.cells import Cells
from workbench.studies.learning_curve import CurveSettings, fit_learning_curve, learning_curve
from workbench.studies.power_law import EXPONENTS, fit_power_law
from workbench.studies.resampling import Resampler, Scores

N = np.array([50.0, 100, 200, 400, 800, 1_600])


@pytest.mark.parametrize(("a", "b", "c"), [(0.9, 1.2, 0.5), (0.75, 3.0, 0.8), (0.8, 0.0, 0.5)])
def test_points_on_a_law_give_the_law_back(a: float, b: float, c: float) -> None:
    law = fit_power_law(N, a - b * N**-c)
    assert law.at(5_000)[0] == pytest.approx(a - b * 5_000.0**-c, abs=2e-3)
    assert law.error[0] < 5e-4


def test_the_fit_is_the_least_squares_one_for_its_exponent() -> None:
    rng = np.random.default_rng(0)
    y = 0.8 - 1.0 * N**-0.5 + rng.normal(0, 0.01, len(N))
    w = rng.random(len(N)) + 0.5
    law = fit_power_law(N, y, w)
    best = np.inf
    for c in EXPONENTS:
        design = np.stack([np.ones(len(N)), -(N**-c)], 1) * np.sqrt(w)[:, None]
        _, residual, *_ = np.linalg.lstsq(design, y * np.sqrt(w), rcond=None)
        best = min(best, float(residual[0]))
    assert law.error[0] ** 2 * w.sum() == pytest.approx(best, rel=1e-6)


def test_accuracy_never_passes_one_and_never_falls() -> None:
    law = fit_power_law(N, np.stack([np.linspace(0.5, 0.99, 6), np.linspace(0.9, 0.6, 6)]))
    assert (law.limit <= 1).all()
    assert (law.drop >= 0).all()
    assert law.at(10_000)[1] == pytest.approx(0.75)


def test_labels_for_inverts_the_law() -> None:
    law = fit_power_law(N, 0.9 - 1.2 * N**-0.5)
    n = law.labels_for(0.88)[0]
    assert law.at(n)[0] == pytest.approx(0.88)
    assert np.isinf(law.labels_for(0.95)[0])


def test_a_forecast_says_how_far_out_it_is() -> None:
    rng = np.random.default_rng(3)
    n = np.full((6, 12), 50.0)
    points = [Scores(rng.binomial(50, 0.9 - 1.2 * k**-0.5, (6, 12)).astype(float), n * 0.5, n) for k in N]
    curve = fit_learning_curve(N, points, Resampler(6, 12, draws=400))
    assert curve.forecast(800).warning == ""
    assert "beyond" in curve.forecast(2_000).warning
    assert "assumption" in curve.forecast(8_000).warning
    assert "guess" in curve.forecast(100_000).warning
    far = curve.forecast(6_400).accuracy
    assert far.low is not None
    assert far.high is not None
    assert far.low < 0.9 - 1.2 * 6_400**-0.5 < far.high
    assert curve.backtest is not None
    said, measured = curve.backtest
    assert said.value == pytest.approx(measured.value, abs=0.03)
    never = curve.labels_for(0.999)
    assert never.value is None
    assert never.reason is not None
    assert "not reached" in never.reason


def test_accuracy_rises_with_labels_and_resumes_to_the_same() -> None:
    bench = linear_bench(1_500)
    settings = CurveSettings("gold", sizes=(30, 120, 480), seeds=4)
    found = learning_curve(bench, settings)
    values = [a.value for a in found.accuracy]
    assert values == sorted(values)  # type: ignore[type-var]
    half = Cells()
    learning_curve(bench, CurveSettings("gold", sizes=(30, 120, 480), seeds=2), cells=half)
    assert learning_curve(bench, settings, cells=half).to_dict() == found.to_dict()


def test_too_little_data_is_said() -> None:
    with pytest.raises(WorkbenchError, match="three sizes"):
        CurveSettings(sizes=(20, 30))
    with pytest.raises(WorkbenchError, match="labelled pairs"):
        learning_curve(linear_bench(300), CurveSettings("gold", sizes=(100, 200, 400)))
