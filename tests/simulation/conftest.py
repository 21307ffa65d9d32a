"""One simulation that the tests of planted truth share."""

from __future__ import annotations

import pytest

from workbench.simulation.simulate import Simulation, simulate


@pytest.fixture(scope="session")
def planted() -> Simulation:
    """60,000 annotations of 60 people, three of each kind of trouble."""
    return simulate(
        60_000,
        annotators=60,
        seed=11,
        spammers=3,
        speeders=3,
        left_clickers=3,
        drifters=3,
        colluders=3,
        repeat_share=0.1,
    )
