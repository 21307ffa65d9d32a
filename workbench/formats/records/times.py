"""Times as exports write them: ISO, epochs of any unit, vendors' own spellings, durations in seconds or milliseconds.

Every reader turns its columns into moments (`datetime64[ms]`, UTC, naive) and seconds here, so that one rule decides
for all formats what a number means and when a column of times is no measurement at all.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from workbench.dataset.usable_times import NO_TIMES, SO_NO_TIMES
from workbench.errors import first_five
from workbench.findings import Finding, finding
from workbench.formats.records.spoken_times import has_decimal_commas, spoken_seconds, with_points

NEVER = np.datetime64("NaT", "ms")
_EARLIEST, _LATEST = np.datetime64("1990-01-01", "ms"), np.datetime64("2100-01-01", "ms")
_EPOCHS = ((1e8, 1e11, 1e3), (1e11, 1e14, 1.0), (1e14, 1e17, 1e-3), (1e17, 1e20, 1e-6))
"""From, below, factor to milliseconds: seconds, milliseconds, microseconds and nanoseconds of any date after 1990 do
not overlap."""
_ZONES = {
    "UTC": "+0000",
    "GMT": "+0000",
    "Z": "+0000",
    "WET": "+0000",
    "BST": "+0100",
    "CET": "+0100",
    "CEST": "+0200",
    "EET": "+0200",
    "EEST": "+0300",
    "MSK": "+0300",
    "EST": "-0500",
    "EDT": "-0400",
    "CST": "-0600",
    "CDT": "-0500",
    "MST": "-0700",
    "MDT": "-0600",
    "PST": "-0800",
    "PDT": "-0700",
}
_ZONE = re.compile(rf" ?\(?\b({'|'.join(sorted(_ZONES, key=len, reverse=True))})\b\)?")
_TWO_DIGITS = re.compile(r"\d.*\d")
_SLASHED = re.compile(
    r"^(\d{1,2})[/.](\d{1,2})[/.](\d{4}|\d{2})(?:,? +(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(?:"
    r" ?([AaPp])\.?[Mm]\.?)?)?$"
)
"""Code of the finding that a column of times is a placeholder."""
_PLACEHOLDER_FROM = 10
"""Identical times are a placeholder from this many on."""
_MILLISECONDS_FROM = 5_000.0
"""A median duration above this is read as milliseconds: 5 s a judgement is usual, 83 minutes is not."""
_SLOW_REACTION = 300.0
"""The same for reaction times."""


def to_moment(values: pd.Series | Iterable[Any], day_first: bool | None = None) -> np.ndarray:
    """When each of these happened.

    ISO 8601 with or without a zone, epoch seconds, milliseconds, microseconds or nanoseconds (told apart by magnitude),
    `m/d/yyyy H:MM:SS` (day first where a first number exceeds 12), and texts such as `Mon Mar 25 07:39:42 PDT 2019`.
    A time without a zone counts as UTC.

    Parameters
    ----------
    values : numbers, texts or datetimes in any mixture, shape (n,).
    day_first : whether the day comes first in `3/4/2024`; None = as the column tells, else the month.

    Returns
    -------
    datetime64[ms] array (n,), UTC, naive; NaT where there is no time, or none between 1990 and 2100.

    Examples
    --------
    >>> to_moment(["2026-03-02T09:14:05.120000Z", 1772442845, "1772442845000", "3/2/2026 9:14:05", None]).astype(
    ...     str
    ... ).tolist()
    ['2026-03-02T09:14:05.120', '2026-03-02T09:14:05.000', '2026-03-02T09:14:05.000', '2026-03-02T09:14:05.000', 'NaT']
    >>> to_moment(["Mon Mar 25 07:39:42 PDT 2019", "2016-02-19 16:28:38.0 UTC"]).astype(str).tolist()
    ['2019-03-25T14:39:42.000', '2016-02-19T16:28:38.000']
    """
    series = values if isinstance(values, pd.Series) else pd.Series(list(values), dtype=object)
    if isinstance(series.dtype, pd.DatetimeTZDtype):
        moments = series.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy("datetime64[ms]")
    elif series.dtype.kind == "M":
        moments = series.to_numpy("datetime64[ms]")
    elif pd.api.types.is_numeric_dtype(series.dtype) and not pd.api.types.is_bool_dtype(series.dtype):
        moments = _from_numbers(series.to_numpy(np.float64, na_value=np.nan))
    else:
        plain = series.astype(object).map(_plain)
        index, distinct = pd.factorize(plain)
        moments = np.append(_from_texts(pd.Series(distinct, dtype=object), day_first), NEVER)[index]
    with np.errstate(invalid="ignore"):
        return np.where((moments >= _EARLIEST) & (moments < _LATEST), moments, NEVER)


def order_in_doubt(values: Iterable[Any]) -> int:
    """How many dates such as `3/4/2024` could be read with the day or the month first, where the column does not tell
    which; 0 where something does.

    >>> (
    ...     order_in_doubt(["3/4/2024", "5/6/2024"]),
    ...     order_in_doubt(["3/4/2024", "25/6/2024"]),
    ...     order_in_doubt(["3.4.2024"]),
    ... )
    (2, 0, 0)
    """
    found = [m for v in values if isinstance(v, str) and "/" in v and (m := _SLASHED.match(" ".join(v.split())))]
    if any(int(m[1]) > 12 or int(m[2]) > 12 or m[7] for m in found):
        return 0
    return sum(m[1] != m[2] for m in found)


def seconds_between(started: np.ndarray, ended: np.ndarray) -> np.ndarray:
    """Seconds from start to end, float64 (n,); NaN where one is unknown or the end lies before the start.

    >>> seconds_between(to_moment(["2026-03-02T09:00:00Z"]), to_moment(["2026-03-02T09:00:24.7Z"])).tolist()
    [24.7]
    """
    gap = np.asarray(ended, "datetime64[ms]") - np.asarray(started, "datetime64[ms]")
    seconds = np.where(np.isnat(gap), np.nan, gap.astype(np.int64) / 1_000.0)
    return np.where(seconds >= 0, seconds, np.nan)


@dataclass(frozen=True, eq=False)
class Durations:
    """Seconds a judgement, and what had to be assumed about them.

    Attributes
    ----------
    seconds : float64 (n,), NaN = unknown.
    findings : negative, placeholder or millisecond times.
    """

    seconds: np.ndarray
    findings: tuple[Finding, ...] = ()


def elapsed(started: np.ndarray, ended: np.ndarray) -> Durations:
    """Seconds from start to end, without those that measure nothing: before the start, or one and the same for all.

    >>> t = to_moment(["2026-03-02T09:00:00Z"] * 12)
    >>> [f.code for f in elapsed(t, t + np.timedelta64(83, "s")).findings]
    ['no-usable-times']
    """
    started, ended = np.asarray(started, "datetime64[ms]"), np.asarray(ended, "datetime64[ms]")
    backwards = np.flatnonzero(ended < started)
    found = []
    if len(backwards):
        found.append(
            finding(
                "warning",
                "negative-times",
                f"{len(backwards):,} judgements end before they start; their seconds count as unknown.",
                "Check the time zones of the two columns.",
                backwards + 1,
            )
        )
    usable = _without_placeholder(seconds_between(started, ended))
    return Durations(usable.seconds, (*found, *usable.findings))


def names_milliseconds(column: str) -> bool:
    """Whether a column by its name holds milliseconds.

    >>> names_milliseconds("rt_ms"), names_milliseconds("duration (milliseconds)"), names_milliseconds("terms")
    (True, True, False)
    """
    return re.search(r"(?:^|[^a-z])(?:ms|msec|millis(?:econds)?)(?:$|[^a-z])", column, re.I) is not None


def names_reaction_time(column: str) -> bool:
    """Whether a column by its name holds reaction times, which take seconds rather than minutes.

    >>> names_reaction_time("rt"), names_reaction_time("responseTime"), names_reaction_time("start")
    (True, True, False)
    """
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column)
    return re.search(r"(?:^|[^a-z])rts?(?:$|[^a-z])|(?:reaction|response)[\W_]*time", plain, re.I) is not None


def to_seconds(values: pd.Series | Iterable[Any], milliseconds: bool = False, *, reaction: bool = False) -> Durations:
    """Durations as numbers of seconds, or of milliseconds where the column's name or their size says so; `reaction`
    for reaction times, of which a few minutes are too long already.

    Text such as `1:05`, `95s`, `1 min 20 s` and `12,5` is read as what it says.

    >>> to_seconds([24700, 8100, "x", None]).seconds.tolist()
    [24.7, 8.1, nan, nan]
    """
    series = values if isinstance(values, pd.Series) else pd.Series(list(values), dtype=object)
    if series.dtype == object:
        series = series.map(
            lambda v: v if isinstance(v, (int, float, str, np.number)) and not isinstance(v, bool) else None
        )
        series = series.map(lambda v: np.inf if isinstance(v, int) and not -(10**300) < v < 10**300 else v)
    series = series.reset_index(drop=True)
    seconds = pd.to_numeric(series, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    found = []
    left = np.flatnonzero(np.isnan(seconds) & series.notna().to_numpy(bool)) if _has_texts(series) else np.empty(0, int)
    if len(left):
        seconds, notes = _spoken(series.iloc[left].astype(str), seconds, left)
        found += notes
    negative = np.flatnonzero((seconds < 0) | np.isinf(seconds))
    if len(negative):
        found.append(
            finding(
                "warning",
                "negative-times",
                f"{len(negative):,} durations are negative or infinite; they count as unknown.",
                "Check the time column of the export.",
                negative + 1,
            )
        )
        seconds = np.where((seconds < 0) | np.isinf(seconds), np.nan, seconds)
    known = seconds[np.isfinite(seconds)]
    if milliseconds and not len(left) and len(known):
        found.append(
            finding("info", "times-in-milliseconds", "Durations were read as milliseconds, as their column is called.")
        )
        seconds = seconds / 1_000.0
    elif len(known) and np.median(known) > (_SLOW_REACTION if reaction else _MILLISECONDS_FROM):
        median = float(np.median(known))
        found.append(
            finding(
                "info",
                "times-in-milliseconds",
                f"Durations were read as milliseconds: their median is {median:,.0f}, which would be {median / 60:,.0f}"
                " minutes if they were seconds.",
                "Convert them before opening the file if they are seconds.",
            )
        )
        seconds = seconds / 1_000.0
    usable = _without_placeholder(seconds)
    return Durations(usable.seconds, (*found, *usable.findings))


def _has_texts(series: pd.Series) -> bool:
    return series.dtype == object or isinstance(series.dtype, (pd.StringDtype, pd.CategoricalDtype))


def _spoken(texts: pd.Series, seconds: np.ndarray, left: np.ndarray) -> tuple[np.ndarray, list[Finding]]:
    """Durations written with units, as a clock shows them or with a decimal comma; what is none of these is counted."""
    index, distinct = pd.factorize(texts)
    commas = has_decimal_commas(distinct)
    read = [float(with_points(t)) if commas else spoken_seconds(t) for t in distinct]  # type: ignore[arg-type]
    values = np.array([np.nan if v is None else v for v in read])[index]
    seconds = seconds.copy()
    seconds[left] = values
    missed = left[np.isnan(values) & (texts.str.strip() != "").to_numpy(bool)]
    found = []
    if (~np.isnan(values)).any():
        example = next(t for t, v in zip(distinct, read, strict=True) if v is not None)
        said = next(v for v in read if v is not None)
        found.append(
            finding(
                "info",
                "durations-read",
                f"Durations such as {example[:40]!r} were read as {said:g} seconds.",
                "Write seconds as numbers if that is wrong.",
            )
        )
    if len(missed):
        found.append(
            finding(
                "warning",
                "unreadable-durations",
                f"{len(missed):,} durations cannot be read (such as {first_five(texts.loc[missed].unique())}); they"
                " count as unknown.",
                "Write them as seconds.",
                missed + 1,
            )
        )
    return seconds, found


def shared_times(batch: pd.Series) -> tuple[Finding, ...]:
    """Says so where several judgements share one time, because the tool timed a page of tasks and not each of them.

    >>> [f.count for f in shared_times(pd.Series(["hit-1", "hit-1", "hit-2", None]))]
    [2]
    """
    sizes = batch.dropna().value_counts()
    several = sizes[sizes > 1]
    if len(several) == 0:
        return ()
    message = (
        f"{int(several.sum()):,} judgements were made in assignments of up to {int(several.max())} tasks; each carries"
        " the time of its whole assignment."
    )
    return (
        finding(
            "warning",
            "times-shared",
            message,
            "Compare assignments, not single judgements, when judging speed; the column batch names them.",
            count=int(several.sum()),
        ),
    )


def _without_placeholder(seconds: np.ndarray) -> Durations:
    known = seconds[np.isfinite(seconds)]
    if len(known) < _PLACEHOLDER_FROM or (known != known[0]).any():
        return Durations(seconds)
    note = finding(
        "warning",
        NO_TIMES,
        f"All {len(known):,} judgements take the same {known[0]:g} s: a placeholder, not a measurement{SO_NO_TIMES}",
        "Nobody can be judged by speed; export the real times if the tool recorded them.",
        count=len(known),
    )
    return Durations(np.full(len(seconds), np.nan), (note,))


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(value.split()).encode("ascii", "ignore").decode() or None
    if isinstance(value, (bool, np.bool_)) or value is None or value is pd.NaT:
        return None
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else str(value)
    if isinstance(value, (int, float, np.number)):
        return f"{float(value):.9f}" if -(10**20) < value < 10**20 else None
    return value.isoformat() if isinstance(value, date) else None


def _from_numbers(numbers: np.ndarray) -> np.ndarray:
    milliseconds = np.full(len(numbers), np.nan)
    for low, high, factor in _EPOCHS:
        of_unit = (numbers >= low) & (numbers < high)
        milliseconds[of_unit] = np.round(numbers[of_unit] * factor)
    known = np.isfinite(milliseconds)
    moments = np.full(len(numbers), NEVER)
    moments[known] = milliseconds[known].astype(np.int64).astype("datetime64[ms]")
    return moments


def _from_texts(distinct: pd.Series, day_first: bool | None) -> np.ndarray:
    moments = np.full(len(distinct), NEVER)
    if not any(map(_TWO_DIGITS.search, distinct)):  # labels, names and most texts end here
        return moments
    texts = distinct.astype(str)
    numbers = pd.to_numeric(texts, errors="coerce").to_numpy(np.float64)
    numeric = np.isfinite(numbers) & ~texts.str.fullmatch(r"\d{8}|\d{4}").to_numpy(bool)
    moments[numeric] = _from_numbers(numbers[numeric])
    slashed = texts.str.match(_SLASHED).to_numpy(bool) & ~numeric
    if slashed.any():
        moments[slashed] = _from_slashed(texts[slashed], day_first)
    left = np.flatnonzero(~numeric & ~slashed & texts.str.contains(r"\d{4}.*\d|\d\D.*\d{4}", regex=True).to_numpy(bool))
    for layout in ("ISO8601", "named zones", "ISO8601", "%a %b %d %H:%M:%S%z %Y", "%a %b %d %H:%M:%S %Y", "mixed"):
        if layout == "named zones":
            texts = texts.iloc[left].str.replace(_ZONE, lambda m: _ZONES[m[1]], regex=True).reindex(texts.index)
            continue
        if len(left) == 0:
            break
        moments[left] = _parsed(texts.iloc[left], layout)
        left = left[np.isnat(moments[left])]
    return moments


def _from_slashed(texts: pd.Series, said: bool | None) -> np.ndarray:
    """Month first, unless somebody said otherwise or some first number cannot be a month."""
    parts = texts.str.extract(_SLASHED)
    first, second = parts[0].astype(int), parts[1].astype(int)
    dotted = texts.str.contains(r"^\d+\.", regex=True)
    told = bool((first > 12).any() and not (second > 12).any())
    day_first = dotted | (told if said is None else said)
    month, day = first.mask(day_first, second), second.mask(day_first, first)
    year = parts[2].astype(int)
    year = year.mask(year < 100, year + 2000)
    hour = parts[3].fillna("0").astype(int)
    half = parts[6].fillna("").str.lower()
    hour = hour.mask((half == "p") & (hour < 12), hour + 12).mask((half == "a") & (hour == 12), 0)
    stamps = pd.DataFrame(
        {
            "year": year,
            "month": month,
            "day": day,
            "hour": hour,
            "minute": parts[4].fillna("0").astype(int),
            "second": parts[5].fillna("0").astype(int),
        }
    )
    return pd.to_datetime(stamps, errors="coerce").to_numpy("datetime64[ms]")


def _parsed(texts: pd.Series, layout: str) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            stamps = pd.to_datetime(texts, format=layout, utc=True, errors="coerce")
        except (ValueError, OverflowError, TypeError):
            return np.full(len(texts), NEVER)
    return stamps.dt.tz_localize(None).to_numpy("datetime64[ms]")
