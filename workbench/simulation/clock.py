"""How long judgements take and when they end: reading speed, idle times, sessions, working days, weeks."""

from __future__ import annotations

import numpy as np

from workbench.simulation.assignment import Assigned
from workbench.simulation.crew import Crew
from workbench.simulation.plan import Plan

READING = 238.0
"""Words a minute most adults read silently (Brysbaert 2019)."""

_THINKING = 7.0
_SPREAD = 0.38
_IDLE_SHARE = 0.01
_DAY = 9.0 * 3600
_DAYS = 5
_SESSION = 1.5 * 3600
_WEEKLY_HOURS = 30.0
_WEEK = 7 * 86_400
_LATEST = 20.5 * 3600


def durations(words: np.ndarray, assigned: Assigned, crew: Crew, rng: np.random.Generator) -> np.ndarray:
    """Seconds of each judgement: lognormal around the time to read the texts and decide, times the annotator's pace.

    One in a hundred includes a pause of minutes. AI judges take seconds.
    """
    typical = (60 * words / READING + _THINKING) * crew.pace[assigned.annotator]
    artificial = np.array([kind == "ai" for kind in crew.kind])[assigned.annotator]
    typical = np.where(artificial, 2.0, typical)
    seconds = typical * np.exp(_SPREAD * rng.standard_normal(len(assigned)))
    pauses = np.flatnonzero((rng.random(len(assigned), np.float32) < _IDLE_SHARE) & ~artificial)
    seconds[pauses] += rng.uniform(240, 1_800, len(pauses))
    return np.round(np.maximum(seconds, 0.4), 1).astype(np.float32)


def moments(
    plan: Plan, seconds: np.ndarray, annotator: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """When each judgement ends (datetime64[ms]) and in which week (int, 0 = the first).

    Each annotator works in sessions of at most an hour and a half, spread over the weeks of the project, on weekdays.
    Where the work does not fit into the weeks asked for at 30 hours a week, the project takes longer.

    Parameters
    ----------
    seconds, annotator : one row a judgement, in the order in which each annotator makes them.
    """
    busy = seconds.astype(np.float64) + 2.0
    total = np.bincount(annotator, busy)
    weeks = max(plan.weeks, int(np.ceil(total.max() / 3600 / _WEEKLY_HOURS)))
    starts = np.concatenate([[0], np.cumsum(np.bincount(annotator))])
    done = np.cumsum(busy)
    done -= np.concatenate([[0.0], done])[starts[annotator]]
    length = np.clip(total / (2 * weeks), 1.0, _SESSION)
    session = ((done - busy) / length[annotator]).astype(np.int64)
    sessions = np.ceil(total / length).astype(np.int64)

    volume = np.cumsum(np.exp(rng.normal(0, 0.12, weeks)))
    progress = (session + 0.5) / np.maximum(sessions[annotator], session + 1)
    week = np.searchsorted(volume / volume[-1], progress, side="right").clip(0, weeks - 1)

    of_week = annotator.astype(np.int64) * weeks + week
    new_week = np.concatenate([[True], of_week[1:] != of_week[:-1]])
    new_session = new_week | np.concatenate([[True], session[1:] != session[:-1]])
    number = np.cumsum(new_session) - 1
    nth = number - number[np.flatnonzero(new_week)][np.cumsum(new_week) - 1]
    in_week = np.bincount(of_week[new_session], minlength=of_week.max() + 1)[of_week]
    begun = (done - busy)[np.flatnonzero(new_session)][number]
    slack = 1 - in_week * length[annotator] / (_DAYS * _DAY)
    shift = rng.random(of_week.max() + 1)[of_week] * np.maximum(slack, 0.0)
    at_work = (nth + shift) / in_week * (_DAYS * _DAY) + (done - begun)

    day = np.floor(at_work / _DAY)
    begins = (8.0 + 2.5 * rng.random(annotator.max() + 1)) * 3600
    ended = week * _WEEK + day * 86_400 + (at_work - day * _DAY) + begins[annotator]
    return np.datetime64(plan.start, "ms") + (ended * 1_000).astype("timedelta64[ms]"), week


def after_those_copied(
    plan: Plan, ended: np.ndarray, week: np.ndarray, seconds: np.ndarray, assigned: Assigned, crew: Crew
) -> tuple[np.ndarray, np.ndarray]:
    """The same times, with those of colluders moved: nobody can copy what is not there yet.

    A colluder keeps the order of its judgements, but begins each one after the one it copies from has made it, on
    working days, and never two at a time.

    Parameters
    ----------
    ended, week : as `moments` gives them; one row a judgement, in the order in which each annotator makes them.
    """
    ended, week = ended.copy(), week.copy()
    starts = np.searchsorted(assigned.annotator, np.arange(len(crew) + 1))
    zero = np.datetime64(plan.start, "ms")
    for colluder in np.flatnonzero(crew.copies >= 0):
        source = crew.copies[colluder]
        theirs, own = slice(starts[source], starts[source + 1]), slice(starts[colluder], starts[colluder + 1])
        first = assigned.first[theirs] == np.arange(theirs.start, theirs.stop)
        known = dict(
            zip(
                assigned.item[theirs][first].tolist(),
                ((ended[theirs][first] - zero).astype(np.int64) / 1_000).tolist(),
                strict=True,
            )
        )
        moved, now = [], 0.0
        for item, busy in zip(
            assigned.item[own].tolist(), (seconds[own].astype(np.float64) + 2.0).tolist(), strict=True
        ):
            begin = max(now, known.get(item, now))
            day, hour = divmod(begin, 86_400)
            if hour + busy > _LATEST:
                day, hour = day + 1, 8.0 * 3600
            if day % 7 >= _DAYS:
                day, hour = day - day % 7 + 7, 8.0 * 3600
            now = day * 86_400 + max(hour, 8.0 * 3600) + busy
            moved.append(now)
        offset = np.array(moved)
        ended[own] = zero + (offset * 1_000).astype("timedelta64[ms]")
        week[own] = (offset // _WEEK).astype(week.dtype)
    return ended, week
