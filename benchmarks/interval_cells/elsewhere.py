"""Intervals whose coverage is measured by their own room, or not yet, and bounds that are no intervals."""

from __future__ import annotations

from benchmarks.interval_cells.cells import Row

PLANTED = "[PLANTED.md](PLANTED.md)"

NO_INTERVALS = {
    "actions.candidates._clearly_lower": "a line corrected for how many parts are looked at",
    "agreement.bands": "chance of each band of a coefficient, from its interval",
    "annotators.crew": "ability of a crew on the probit scale",
    "annotators.planning": "labels needed",
    "auditing.checks_of_estimates._by_chance": "three standard errors, from an interval",
    "cycles.spread.high_scoring": "the score from which a text is among the best quarter",
    "deliveries.charts.limit": "standard errors for a false-alarm rate",
    "deliveries.growing": "what deliveries vary, for a false-alarm rate; its bounds are a confidence sequence",
    "economics.measured": "the cap on long times; its intervals are over clusters",
    "economics.power": "items and people needed for an interval so wide",
    "economics.sensitivity": "quantiles of costs over drawn inputs: a forecast, not an estimate",
    "figures": "intervals made elsewhere, brought into the form a chart takes",
    "reward.latency": "quantiles of times of calls",
    "reward.reading": "intervals read back from JSON",
    "routing.tiers": "chance that a plan passes",
    "simulation": "quantiles that generate data",
    "studies.people_or_judge": "quarters of how sure a judge is, which name kinds of pairs",
    "studies.power_law": "a fit",
}
"""Modules or functions below `workbench` that work with quantiles or bounds and form no interval, with what they do."""


def rows() -> list[Row]:
    return [
        Row(
            "an annotator's estimated accuracy and reliability",
            ("annotators.reliability.reliability", "cleaning.profile.annotator_profile"),
            elsewhere=PLANTED,
        ),
        Row("correlation of errors of two annotators", ("annotators.independence.independence",), elsewhere=PLANTED),
        Row("change of a crew in one week", ("annotators.weeks._Labels.of_week",), elsewhere=PLANTED),
        Row(
            "what a next action would change",
            ("actions.more_labels.more_labels",),
            elsewhere="[NEXT_ACTIONS.md](NEXT_ACTIONS.md)",
        ),
    ]
