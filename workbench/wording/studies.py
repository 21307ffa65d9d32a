"""What a study found, in sentences: the verdict first, as one would tell a colleague, and never more than its intervals
bear.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.estimates import with_sign
from workbench.wording.numbers import percent

Result = Mapping[str, Any]
"""What a study's `to_dict` gave, or the `result.json` of its run."""

TITLES = {
    "replay": "Selection replay",
    "threshold": "Effect of a QA threshold",
    "label-sets": "Label sets compared",
    "learning-curve": "Learning curve",
    "frontier": "Quality per dollar",
}
"""Studies by name, in the order of the page."""

OVERLAP = "overlap"

_ASKS = {
    "replay": (
        "Hides the labels, lets each strategy choose what to reveal, and says how many labels it saves over random at"
        " equal accuracy."
    ),
    "threshold": (
        "Moves one rule of cleaning and trains again, beside setting as much aside at random: does the rule pick the"
        " right ones, and is it worth it?"
    ),
    "label-sets": "Trains on the same items with labels made in different ways.",
    "learning-curve": (
        "Trains on more and more pairs, fits the curve, and says where it is going and how far to trust that."
    ),
    "frontier": (
        "Trains a reward model as each plan would, prices the plan, and says where more money is no longer worth it, if"
        " the intervals say so."
    ),
}


def asks(study: str) -> str:
    """What a study asks, in a sentence."""
    return _ASKS[study]


def verdict(result: Result) -> str:
    """The one sentence a study comes to.

    >>> curve = {
    ...     "study": "learning-curve",
    ...     "points": [{"labels": 100, "accuracy": {"value": 0.8, "interval": [0.78, 0.82]}}],
    ...     "forecasts": [],
    ... }
    >>> verdict(curve)
    'With 100 labelled pairs the reward model ranks 80.0% of held-out pairs right (95% interval 78.0 to 82.0).'
    """
    return {
        "replay": _replay,
        "threshold": _threshold,
        "label-sets": _label_sets,
        "learning-curve": _learning_curve,
        "frontier": _frontier,
    }[str(result["study"])](result)


def ground(result: Result) -> str:
    """What it was measured on, in a line."""
    held = result.get("evaluation")
    where = "prompt groups held out anew for each seed" if result.get("pairs") else ""
    if held:
        where = f"{held['pairs']:,} evaluation pairs of {held['groups']:,} prompt groups"
    beyond = {why: n for why, n in (result.get("set_aside") or {}).items() if why.startswith("beyond ")}
    parts = [
        f"{result['pairs']:,} pairs of {result['groups']:,} prompt groups" if result.get("pairs") else "",
        f"measured on {where}" if where else "",
        f"truth: {result['truth']}" if result.get("truth") else "",
        f"{result['seeds']:,} seeds" if result.get("seeds") else "",
        f"features: {result['encoder']}" if result.get("encoder") else "",
        *(f"{n:,} pairs {why} were left out" for why, n in beyond.items()),
    ]
    return "; ".join(p for p in parts if p) + "."


def backtest_sentence(result: Result) -> str:
    """How well the first half of a learning curve foretold its end; empty where it was too short for that."""
    test = result.get("backtest")
    if not test or test["forecast"]["value"] is None:
        return ""
    last = result["points"][-1]["labels"]
    return (
        f"A test of the forecast: fitted to the points up to half of the {last:,} pairs, the curve foretold"
        f" {_percent(test['forecast']['value'])}{_between(test['forecast'])} for all of them; measured is"
        f" {_percent(test['measured']['value'])}{_between(test['measured'])}."
    )


def strategy_title(name: str) -> str:
    """A strategy as people call it."""
    from workbench.selection import STRATEGIES

    if name == OVERLAP:
        return "Overlap first"
    return STRATEGIES[name].title if name in STRATEGIES else name


def _replay(result: Result) -> str:
    rows = {name: s["saving"] for name, s in result["strategies"].items() if s["saving"]}
    sure = {n: s for n, s in rows.items() if s["ratio"]["interval"] and s["ratio"]["interval"][0] > 1}
    worse = [strategy_title(n) for n, s in rows.items() if s["ratio"]["interval"] and s["ratio"]["interval"][1] < 1]
    tail = f" {_listed(worse)} need{'s' if len(worse) == 1 else ''} more labels than random." if worse else ""
    if sure:
        best = max(sure, key=lambda n: sure[n]["ratio"]["interval"][0])
        s = sure[best]
        head = (
            f"{strategy_title(best)} needs {s['labels']:,.0f} labels where random needs {s['labels_at_random']:,.0f},"
            f" for the same {_percent(s['accuracy'])}: {_times(s['ratio'])} as many at random."
        )
        others = [strategy_title(n) for n in sure if n != best]
        return head + (f" {_listed(others)} save{'s' if len(others) == 1 else ''} labels too." if others else "") + tail
    known = {n: s for n, s in rows.items() if s["ratio"]["value"] is not None}
    if not known:
        return (
            "No saving can be computed:"
            f" {next((s['ratio']['reason'] for s in rows.values()), 'there is nothing to compare with')}."
        )
    best = max(known, key=lambda n: known[n]["ratio"]["value"])
    return (
        "On these pairs no strategy is sure to save labels over random: the largest estimate is that of"
        f" {strategy_title(best)}, {_times(known[best]['ratio'])}, and 1 means none.{tail}"
    )


def _threshold(result: Result) -> str:
    from workbench.studies.threshold import RULES

    title = RULES[result["rule"]].title
    rows = [t for t in result["thresholds"] if t["over_random"]["value"] is not None]
    if not rows:
        return (
            "No threshold leaves enough to train on:"
            f" {next((t['over_random']['reason'] for t in result['thresholds']), 'none was tried')}."
        )
    helps = [t for t in rows if t["over_random"]["interval"] and t["over_random"]["interval"][0] > 0]
    better = [t for t in helps if t["over_all"]["interval"] and t["over_all"]["interval"][0] > 0]
    base = _percent(result["everything"]["value"])
    if better:
        best = max(better, key=lambda t: t["over_all"]["value"])
        return (
            f"Setting aside {title.format(best['threshold'])} makes the reward model better:"
            f" {_points(best['over_all'])} over the {base} with everything kept, and {_points(best['over_random'])}"
            " over setting as much aside at random."
        )
    if helps:
        best = max(helps, key=lambda t: t["over_random"]["value"])
        return (
            f"Setting aside {title.format(best['threshold'])} takes the right ones, {_points(best['over_random'])} over"
            " as much at random, but the model is not sure to be better than with everything kept"
            f" ({_points(best['over_all'])}): what is thrown away is missed about as much as the noise."
        )
    best = max(rows, key=lambda t: t["over_random"]["value"])
    return (
        "No threshold does better than setting as much aside at random: the largest difference is"
        f" {_points(best['over_random'])}, at {best['threshold']:g}. Keep everything ({base}), or look for another"
        " rule."
    )


def _label_sets(result: Result) -> str:
    base, rows = result["base"], result["sets"]
    others = [s for s in rows if s["name"] != base and s["over_base"]["value"] is not None]
    sure = [
        s
        for s in others
        if s["over_base"]["interval"] and (s["over_base"]["interval"][0] > 0 or s["over_base"]["interval"][1] < 0)
    ]
    first = next(s for s in rows if s["name"] == base)
    start = f"Trained on {base} labels the model ranks {_percent(first['accuracy']['value'])} of held-out pairs right"
    policies = _policies_of_sets(result)
    if not others:
        return f"{start}.{policies}"
    if not sure:
        most = max(others, key=lambda s: abs(s["over_base"]["value"]))
        return (
            f"{start}, and no other label set is sure to do better or worse: the largest difference is that of"
            f" {most['name']}, {_points(most['over_base'])}.{policies}"
        )
    said = [
        f"{s['name']} {'gains' if s['over_base']['value'] > 0 else 'loses'} {_points(s['over_base'], absolute=True)}"
        for s in sure
    ]
    rest = len(others) - len(sure)
    return f"{start}; {_listed(said)}." + (
        (f" The other {rest} differ{'s' if rest == 1 else ''} by no more than chance." if rest else "") + policies
    )


def _policies_of_sets(result: Result) -> str:
    """Whether the labels that make the better reward model make the better policy; empty where none was trained."""
    rows = [s for s in result["sets"] if (s.get("policy") or {}).get("value") is not None]
    if not rows:
        return ""
    base = next((s for s in rows if s["name"] == result["base"]), rows[0])
    said = f" A policy trained on {base['name']} labels ranks {_percent(base['policy']['value'])} of them right"
    others = [s for s in rows if s is not base and s["policy_over_base"]["interval"]]
    sure = [s for s in others if s["policy_over_base"]["interval"][0] > 0 or s["policy_over_base"]["interval"][1] < 0]
    if not sure:
        return f"{said}, and no label set is sure to make a better or worse one."
    changes = [
        f"{s['name']} {'gains' if s['policy_over_base']['value'] > 0 else 'loses'}"
        f" {_points(s['policy_over_base'], absolute=True)}"
        for s in sure
    ]
    alike = all(s["over_base"]["value"] * s["policy_over_base"]["value"] > 0 for s in sure)
    agree = "in the same direction as the reward model" if alike else "not always in the direction of the reward model"
    return f"{said}; {_listed(changes)}, {agree}."


def _learning_curve(result: Result) -> str:
    last = result["points"][-1]
    head = (
        f"With {last['labels']:,} labelled pairs the reward model ranks {_percent(last['accuracy']['value'])} of"
        f" held-out pairs right{_between(last['accuracy'])}."
    )
    twice = next((f for f in result["forecasts"] if f["labels"] == 2 * last["labels"]), None)
    if twice is None or twice["accuracy"]["value"] is None:
        return head
    gain = twice["accuracy"]["value"] - last["accuracy"]["value"]
    return (
        f"{head} Twice as many would bring it to about"
        f" {_percent(twice['accuracy']['value'])}{_between(twice['accuracy'])}, {_signed(gain)} points, if the curve"
        " keeps its form."
    )


def _frontier(result: Result) -> str:
    stop = result["stop"]
    counts = f"{100 * stop['worth']:g} point{'s' if stop['worth'] != 0.01 else ''}"
    point = stop["dollars_per_point"]
    if stop["verdict"] == "stop":
        enough = (
            f"less than the {counts} that count{'s' if stop['worth'] == 0.01 else ''}"
            if point is None
            else f"not worth the price, at {_dollars(point)} a point"
        )
        return (
            f"Stop at {stop['at']}, for {_dollars(stop['dollars'])}: no dearer plan measured gains more than"
            f" {100 * max(stop['most_gain'], 0):.2f} points over it (upper end of the 95% interval of the best of"
            f" them), {enough}."
        )
    if stop["verdict"] == "go on":
        enough = (
            f"more than the {counts} that count{'s' if stop['worth'] == 0.01 else ''}"
            if point is None
            else f"worth the price, at {_dollars(point)} a point"
        )
        return (
            f"Go on beyond {stop['at']}, for {_dollars(stop['dollars'])}: it still gains at least"
            f" {100 * stop['sure_gain']:.1f} points over every plan on the line at half its price or less, {enough}."
            " The measured plans do not reach the end."
        )
    few = [note for note in result.get("notes", ()) if "too few to say anything of others" in note]
    if few:
        return (
            "There is no statement about where to stop: the held-out pairs come from too few prompt groups to say how"
            " other prompts would fare. Open data with more prompts, or measure on an evaluation set with more."
        )
    enough = (
        f"to gain the {counts} that count{'s' if stop['worth'] == 0.01 else ''}"
        if point is None
        else f"to be worth its price, at {_dollars(point)} a point"
    )
    return (
        f"The intervals support no statement about where to stop: they allow a dearer plan {enough}, and they allow it"
        " not to. More held-out pairs or seeds would narrow them."
    )


def _times(ratio: Result) -> str:
    interval = ratio["interval"]
    return f"{ratio['value']:.2f} times" + (
        f" (95% interval {interval[0]:.2f} to {interval[1]:.2f})" if interval else f" ({ratio['note']})"
    )


def _points(figure: Result, *, absolute: bool = False) -> str:
    value, interval = figure["value"], figure["interval"]
    said = f"{100 * abs(value):.1f} points" if absolute else f"{_signed(value)} points"
    return said + (f" (95% interval {_signed(interval[0])} to {_signed(interval[1])})" if interval else "")


def _between(figure: Result) -> str:
    interval = figure["interval"]
    return f" (95% interval {100 * interval[0]:.1f} to {100 * interval[1]:.1f})" if interval else ""


def _signed(value: float) -> str:
    return with_sign(100 * value)


def _percent(value: float | None) -> str:
    return percent(value, 1)


def _dollars(value: float) -> str:
    return f"${value:,.0f}" if abs(value) >= 100 else f"${value:,.2f}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
