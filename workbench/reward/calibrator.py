r"""What a margin means as a probability, fitted on held-out prompts and kept beside a model in `calibration.json`.

A temperature divides all margins by one number (Guo et al. 2017). Isotonic regression (Zadrozny & Elkan 2002) takes any
rising curve; here it is fitted to each pair in both orders, so that exchanging A and B turns p into 1 − p. Neither
changes which response is preferred, but for margins that isotonic regression cannot tell apart.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from workbench.drafts import drafted
from workbench.errors import WorkbenchError
from workbench.reward.calibration import fit_temperature
from workbench.reward.heads import preference_of_margin

FILE = "calibration.json"
SCHEMA = 1
Method = Literal["temperature", "isotonic"]
_NONE = np.empty(0)


@dataclass(frozen=True, eq=False, kw_only=True)
class Calibrator:
    """From margins to probabilities.

    Attributes
    ----------
    method : how.
    temperature : by which margins and cutpoints are divided; 1 with isotonic regression.
    margin, probability : knots of the isotonic curve, rising; empty with a temperature.
    about : what it was fitted on, for JSON.
    """

    method: Method
    temperature: float = 1.0
    margin: np.ndarray = field(default_factory=lambda: _NONE)
    probability: np.ndarray = field(default_factory=lambda: _NONE)
    about: Mapping[str, Any] = field(default_factory=dict)

    def of_margin(self, margin: np.ndarray, cutpoints: np.ndarray = _NONE) -> np.ndarray:
        """Probability that A is preferred, float64 (n,); the isotonic curve knows no cutpoints.

        >>> curve = Calibrator(method="isotonic", margin=np.array([-1.0, 1.0]), probability=np.array([0.2, 0.8]))
        >>> curve.of_margin(np.array([-9.0, 0.0, 1.0])).tolist()
        [0.2, 0.5, 0.8]
        """
        if self.method == "isotonic":
            return np.interp(np.asarray(margin, float), self.margin, self.probability)
        return preference_of_margin(np.asarray(margin, float) / self.temperature, cutpoints / self.temperature)

    def save(self, place: Path) -> None:
        """Writes it to a file."""
        content = {
            "workbench_calibration": SCHEMA,
            "method": self.method,
            "temperature": self.temperature,
            "margin": self.margin.tolist(),
            "probability": self.probability.tolist(),
            "about": dict(self.about),
        }
        with drafted(place) as draft:
            draft.write_text(json.dumps(content, indent=1, ensure_ascii=False), "utf-8")

    @classmethod
    def load(cls, place: Path) -> Calibrator:
        """Reads a file that `save` wrote.

        Raises
        ------
        WorkbenchError
            It holds no calibration.
        """
        try:
            content = json.loads(place.read_text("utf-8"))
            method, t = content["method"], float(content["temperature"])
            knots, at = (np.asarray(content[name], float) for name in ("margin", "probability"))
            rising = knots.shape == at.shape and bool((np.diff(knots) >= 0).all() and (np.diff(at) >= 0).all())
            inside = bool(np.isfinite(knots).all() and ((at >= 0) & (at <= 1)).all())
            if content["workbench_calibration"] != SCHEMA or method not in ("temperature", "isotonic"):
                raise ValueError("another form")
            if not (rising and inside and math.isfinite(t) and t > 0 and (method == "temperature" or len(knots))):
                raise ValueError("no rising curve")
            return cls(method=method, temperature=t, margin=knots, probability=at, about=dict(content["about"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise WorkbenchError(
                f"{place.name} in {place.parent.name} cannot be read: {' '.join(str(error).split())[:80]}.",
                "Calibrate the model again, or delete the file.",
            ) from error


def fit_calibrator(
    margin: np.ndarray,
    target: np.ndarray,
    weight: np.ndarray,
    method: Method = "temperature",
    cutpoints: np.ndarray = _NONE,
    level: np.ndarray | None = None,
) -> Calibrator:
    """What do these margins mean, by these labels?

    Parameters
    ----------
    margin : (n,): score of A minus score of B, of pairs that were not trained on.
    target, weight : (n,): probability that A is preferred by the label, and how much the pair counts.
    cutpoints, level : of a cumulative logit, for its temperature.

    Examples
    --------
    Margins of 2 that are right in three of four cases: isotonic regression says 0.75, and 0.25 the other way round.

    >>> found = fit_calibrator(np.full(4, 2.0), np.array([1.0, 1, 1, 0]), np.ones(4), "isotonic")
    >>> found.of_margin(np.array([-2.0, 2.0])).tolist()
    [0.25, 0.75]
    """
    if method == "temperature":
        return Calibrator(method=method, temperature=fit_temperature(margin, target, weight, cutpoints, level))
    from sklearn.isotonic import IsotonicRegression

    both = np.concatenate([margin, -margin])
    curve = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip")
    curve.fit(both, np.concatenate([target, 1 - target]), np.concatenate([weight, weight]))
    # The two halves agree but for rounding; the mean of both makes them agree exactly.
    knots = np.unique(np.concatenate([curve.X_thresholds_, -curve.X_thresholds_]))
    at = (curve.predict(knots) + 1 - curve.predict(-knots)) / 2
    return Calibrator(method=method, margin=knots, probability=np.clip(at, 0.0, 1.0))
