"""Rows of feeds we know by their field names only: found, read one by one, and held to what a quantity can be.

Notes: docs/sources/README.md.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Literal

from pydantic import JsonValue

from geo.when import BANGKOK, BUDDHIST_OFFSET_YEARS
from sources.checks import BUDDHIST_FROM, OLDEST_YEAR, Implausible, within
from sources.contract import UNITS, Observation, Quantity, Reading, Rejected, SourceChanged
from sources.limits import limits_of

MOST = 0.5  # more rows of another shape than this share, and it is the feed that has changed
FEW = 4  # so few rows prove nothing about the feed
MOST_ROWS = 200_000  # ten times the stations of the country, and of the quakes USGS tells at once (20,000)
EPOCH_MS_FROM = 100_000_000_000  # as seconds this would be the year 5138
EPOCH_FROM = 315_532_800  # 1980: a smaller number is no time since 1970
DateOrder = Literal["dmy", "mdy"]


class Misshapen(ValueError):
    """A row that is not of the feed's shape at all; most rows of a payload so, and the feed has changed."""


def plausible(quantity: Quantity, value: float) -> None:
    """Raises Implausible for what this quantity has never been, in its own unit (sources/limits.csv)."""
    limits = limits_of(quantity)
    within(value, limits.low, limits.high, f"{quantity} in {UNITS[quantity]}")


def pick(row: Any, *paths: str) -> Any:
    """The first of these fields that holds something; a dot goes one mapping deeper. None when none does."""
    for path in paths:
        told = row.get(path) if isinstance(row, Mapping) else None
        if told is None and "." in path:
            told = row
            for part in path.split("."):
                if isinstance(told, Mapping):
                    told = told.get(part)
                elif isinstance(told, list) and part.isascii() and part.isdigit() and int(part) < len(told):
                    told = told[int(part)]
                else:
                    told = None
        if told is not None and told != "":
            return told
    return None


def words(told: Any) -> str | None:
    """Text, or a whole number as text; of names in several languages the Thai one. None for anything else."""
    if isinstance(told, Mapping):
        told = told.get("th") or told.get("en")
    if isinstance(told, bool) or not isinstance(told, str | int):
        return None
    try:
        return str(told).strip()[:120] or None
    except ValueError:  # a number of more than 4,300 digits
        return None


def point(lat: Any, lon: Any) -> tuple[float, float] | tuple[None, None]:
    """WGS 84, or nothing where one is missing, is no number or lies outside Thailand's box."""
    try:
        north, east = float(lat), float(lon)
    except (TypeError, ValueError, OverflowError):
        return None, None
    return (north, east) if 5 <= north <= 21 and 97 <= east <= 106 else (None, None)


_ISO = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]+(\d{1,2})[:.](\d\d)(?:[:.](\d\d)(?:[.,]\d+)?)?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?",
    re.IGNORECASE | re.ASCII,
)
_SLASHED = re.compile(
    r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:[T ,]+(\d{1,2})[:.](\d\d)(?:[:.](\d\d))?)?\s*(?:น\.?)?\s*(Z)?",
    re.IGNORECASE | re.ASCII,
)
_THAI_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")


def moment(
    told: Any, zone: tzinfo = BANGKOK, *, buddhist: bool = False, order: DateOrder = "dmy"
) -> datetime:
    """A time as feeds and loggers write it -> aware UTC.

    ISO with or without an offset, 23/11/2569 19:20 in the order declared, a day alone (its first minute),
    24:00 (the next day's 00:00), seconds or milliseconds since 1970. zone: of wall times without an offset.
    buddhist: the years are of the Buddhist era; where that is not declared such a year is Implausible, and so is
    a year CE where it is.
    """
    if isinstance(told, bool) or not isinstance(told, str | int | float):
        raise Implausible("no time is told" if told is None else f"not a time: {str(told)[:40]!r}")
    text = str(told).strip().translate(_THAI_DIGITS) if isinstance(told, str) else ""
    if not isinstance(told, str) or re.fullmatch(r"\d{9,13}(\.\d+)?", text, re.ASCII):
        return _since_1970(told)
    if not text:
        raise Implausible("no time is told")
    if found := _ISO.fullmatch(text):
        year, month, day, hour, minute, second, offset = found.groups()
    elif found := _SLASHED.fullmatch(text):
        day, month, year, hour, minute, second, offset = found.groups()
        day, month = (month, day) if order == "mdy" else (day, month)
    else:
        raise Implausible(f"not a time: {text[:40]!r}")
    in_full = int(year)
    if buddhist and in_full < BUDDHIST_FROM:
        raise Implausible(f"the year {in_full} is CE where Buddhist years are declared")
    if not buddhist and in_full >= BUDDHIST_FROM:
        raise Implausible(f"the year {in_full} is of the Buddhist era, and that is not declared")
    in_full -= BUDDHIST_OFFSET_YEARS if buddhist else 0
    if in_full < OLDEST_YEAR:
        raise Implausible(f"the year {in_full} cannot be")
    midnight = hour == "24" and int(minute) == 0
    clock = f"{'00' if midnight else (hour or '0').zfill(2)}:{minute or '00'}:{second or '00'}"
    zone_text = "+00:00" if offset and offset.upper() in ("Z", "UTC") else offset or ""
    try:
        moment = datetime.fromisoformat(f"{in_full:04}-{int(month):02}-{int(day):02}T{clock}{zone_text}")
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        return moment.astimezone(UTC) + timedelta(days=midnight)
    except (ValueError, OverflowError):
        raise Implausible(f"not a time: {text[:40]!r}") from None


def _since_1970(told: str | int | float) -> datetime:
    try:
        seconds = float(told)
        seconds = seconds / 1_000 if seconds >= EPOCH_MS_FROM else seconds
        if not EPOCH_FROM <= seconds < 13_000_000_000:
            raise ValueError
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise Implausible(f"not a time: {str(told)[:40]!r}") from None


def read_each(
    name: str, raws: Sequence[JsonValue], read: Callable[[JsonValue], Iterable[Reading]]
) -> list[Reading]:
    """Every row by `read`, which raises Misshapen or Implausible for a whole row.

    A value a station tells twice for one time counts once; another value for the same time is rejected. Raises
    SourceChanged when, of more than four rows, most are Misshapen, and for more than MOST_ROWS.
    """
    if len(raws) > MOST_ROWS:
        raise SourceChanged(f"{name}: {len(raws):,} rows, and no feed of ours has more than {MOST_ROWS:,}")
    readings: list[Reading] = []
    told: dict[tuple[str, Quantity, datetime], float] = {}
    misshapen: list[str] = []
    for raw in raws:
        try:
            for reading in read(raw):
                readings += _once(reading, told, raw)
        except Misshapen as error:
            misshapen.append(str(error))
            readings.append(Rejected(raw, why=str(error)))
        except Implausible as error:
            readings.append(Rejected(raw, why=str(error)))
    if len(raws) > FEW and len(misshapen) > MOST * len(raws):
        raise SourceChanged(
            f"{name}: {len(misshapen)} of {len(raws)} rows are not what this reader knows (first: {misshapen[0]})"
        )
    return readings


def _once(
    reading: Reading, told: dict[tuple[str, Quantity, datetime], float], raw: JsonValue
) -> list[Reading]:
    if not isinstance(reading, Observation):
        return [reading]
    key = (reading.station, reading.quantity, reading.observed_at)
    if key not in told:
        told[key] = reading.value
        return [reading]
    if told[key] == reading.value:
        return []
    why = f"{reading.quantity} of {reading.station}: {reading.value:g} where it told {told[key]:g} for the same time"
    return [Rejected(raw, why=why)]
