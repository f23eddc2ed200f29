"""What no row may claim, whichever feed it came from: an impossible clock, an impossible number.

The functions raise Implausible; its text becomes the reason of the rejected row.
"""

import math
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from geo.when import BANGKOK, BUDDHIST_OFFSET_YEARS, clock_text

AHEAD_AT_MOST = timedelta(minutes=15)  # a station's clock may run ahead of ours by as much
BUDDHIST_FROM = 2400  # no Gregorian year of a reading is that late
OLDEST_YEAR = 1900
SENTINELS = frozenset(
    {999999.0, 99999.0, 9999.0, -9999.0, -99999.0, -999999.0, -999.0}
)  # "no value" of HII's backend
WALL_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")  # any other comma may be a decimal one
NO_VALUE = frozenset({"", "-", "--", "n/a", "na", "null", "none", "nan"})


class Implausible(ValueError):
    """A value that makes no sense; the text says why."""


def number(told: Any) -> float | None:
    """A number told as number or text: `46.00`, `" 1,204.5 "`, Thai digits. None when nothing was told.

    Raises Implausible for text that is no number, for booleans, for sentinels and for what is not finite.
    """
    if told is None:
        return None
    if isinstance(told, bool) or not isinstance(told, int | float | str):
        raise Implausible(f"not a number: {str(told)[:40]!r}")
    text: str | float = told if isinstance(told, int | float) else ""
    if isinstance(told, str):
        text = told.strip()
        if text.lower() in NO_VALUE:
            return None
        if THOUSANDS.fullmatch(text):
            text = text.replace(",", "")
        if "_" in text:  # Python would read 1_0 as 10
            raise Implausible(f"not a number: {told[:40]!r}")
    try:
        value = float(text)
    except (ValueError, OverflowError):
        raise Implausible(f"not a number: {str(told)[:40]!r}") from None
    if value in SENTINELS:
        raise Implausible(f"{value:g} is the feed's sign for no value")
    if not math.isfinite(value):
        raise Implausible(f"not a number: {value}")
    return value


def bangkok_time(told: Any) -> datetime:
    """Wall time of Thailand without a zone, `2026-08-02 19:20` -> aware UTC.

    Raises Implausible for a missing or odd time, a Buddhist year, and any zone but +07:00: the feed never
    had one, so it has changed and nobody knows yet what it means. A Buddhist year is not put right: a
    sender whose calendar moved may have moved its clock as well.
    """
    return _bangkok(told.strip() if isinstance(told, str) else "" if told is None else str(told))


@lru_cache(maxsize=1 << 10)
def _bangkok(text: str) -> datetime:
    """Most stations of an answer tell the same few times."""
    if not text:
        raise Implausible("no time is told")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Implausible(f"not a time: {text[:40]!r}") from None
    if not WALL_TIME.fullmatch(text):  # Python would read 19.20 as 19:00 and 0.2 s
        raise Implausible(f"not a time of day: {text[:40]!r}")
    if moment.year >= BUDDHIST_FROM:
        raise Implausible(
            f"the year {moment.year} is of the Buddhist era"
            f" (CE {moment.year - BUDDHIST_OFFSET_YEARS}); this feed tells CE"
        )
    if moment.year < OLDEST_YEAR:
        raise Implausible(f"the year {moment.year} cannot be")
    if moment.tzinfo is not None and moment.utcoffset() != timedelta(hours=7):
        raise Implausible(f"a time zone where this feed never had one: {text!r}")
    return moment.replace(tzinfo=BANGKOK).astimezone(UTC)


def not_ahead(moment: datetime, fetched_at: datetime) -> None:
    """Raises Implausible when a reading says it was made after we fetched it. Both aware UTC."""
    ahead = moment - fetched_at
    if ahead > AHEAD_AT_MOST:
        hours = ahead / timedelta(hours=1)
        hint = ", as if Bangkok time were added twice" if 6.5 <= hours <= 7.25 else ""
        raise Implausible(
            f"its clock is {hours:.1f} h ahead:"
            f" observed {clock_text(moment)}, fetched {clock_text(fetched_at)}{hint}"
        )


def within(value: float, low: float, high: float, what: str) -> None:
    """Raises Implausible when a value lies outside what this quantity has ever been."""
    if not low <= value <= high:
        raise Implausible(f"implausible: {what} {value:g} is outside {low:g} to {high:g}")
