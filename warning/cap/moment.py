"""CAP's way of writing a time: `2026-11-22T23:30:00+07:00`, no fractions, no Z, UTC as -00:00."""

import re
from datetime import UTC, datetime, timedelta

from geo.when import bangkok

PATTERN = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)([+-])(\d\d):(\d\d)", re.ASCII)
_WIDEST = timedelta(hours=14)


def cap_time(moment: datetime) -> str:
    """The instant in Thai time, whole seconds (fractions are dropped). ValueError for a time without a
    zone."""
    return bangkok(moment).strftime("%Y-%m-%dT%H:%M:%S+07:00")


def read_time(text: str) -> datetime:
    """The instant in UTC. `24:00:00` is the next midnight. ValueError when the text is not a CAP time."""
    found = PATTERN.fullmatch(text.strip(" \t\r\n"))
    if found is None:
        raise ValueError(f"not a CAP time: {text!r}")
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    extra = timedelta()
    if (hour, minute, second) == (24, 0, 0):
        hour, extra = 0, timedelta(days=1)
    off_minutes = int(found[9])
    offset = timedelta(hours=int(found[8]), minutes=off_minutes)
    if off_minutes > 59 or offset > _WIDEST:
        raise ValueError(f"no such time zone: {text!r}")
    local = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    try:
        return local + extra - (offset if found[7] == "+" else -offset)
    except OverflowError as error:
        raise ValueError(f"a time outside the calendar: {text!r}") from error
