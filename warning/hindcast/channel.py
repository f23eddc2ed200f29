"""Series read from files: one channel for each station and quantity, its times in seconds of the epoch."""

import csv
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from geo.errors import ConfigError
from warning.hindcast.study import SeriesFile, zone_of

Floats = NDArray[np.float64]
HOUR = 3600.0

_LARGEST = 400 * 1024 * 1024  # bytes of a series; fifty years of minutes are less
_MISSING = {"", "-", "na", "n/a", "nan", "null", "none", "m", "--", "#n/a"}
_MISSING_NUMBERS = {-999.0, -9999.0, -99999.0, -999.9, -9999.9, 9999.0, 99999.0, -99.9}
_TOO_MUCH = 1e12  # in any unit; and what is no number is not less
_YEARS = range(1800, 2200)  # a Buddhist year is none of these
_OTHER_FORMS = (
    "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d",
    "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M",
)  # fmt: skip


@dataclass(frozen=True)
class Channel:
    """Values of one station's quantity, oldest first, no time twice; NaN where the file has no number."""

    station: str
    quantity: str
    unit: str
    at: Floats  # seconds of the epoch
    value: Floats

    @property
    def is_rain(self) -> bool:
        return self.quantity.startswith(("rain", "precip"))

    @property
    def step(self) -> float:
        """Usual seconds between two rows."""
        return float(np.median(np.diff(self.at))) if len(self.at) > 1 else HOUR


def read_channels(files: Sequence[SeriesFile]) -> list[Channel]:
    """All channels of the files, those of one station and quantity joined; where two files have a time, the later one counts.

    Raises ConfigError naming file, line and mistake.
    """
    parts: dict[tuple[str, str], list[tuple[str, Floats, Floats]]] = {}
    for file in files:
        at, columns = _read(file)
        for name, column in file.columns.items():
            parts.setdefault((column.station, column.quantity), []).append((column.unit, at, columns[name]))
    return [_joined(*key, pieces) for key, pieces in parts.items()]


def _joined(station: str, quantity: str, pieces: Sequence[tuple[str, Floats, Floats]]) -> Channel:
    units = {unit for unit, _, _ in pieces}
    if len(units) > 1:
        raise ConfigError(
            f"{station} {quantity}: units {', '.join(sorted(units))}; give one unit in all files"
        )
    at = np.concatenate([a for _, a, _ in pieces])
    value = np.concatenate([v for _, _, v in pieces])
    order = np.argsort(at, kind="stable")
    at, value = at[order], value[order]
    last = np.append(np.diff(at) > 0, True) if len(at) else np.zeros(0, bool)
    return Channel(station, quantity, units.pop(), at[last], value[last])


def _read(file: SeriesFile) -> tuple[Floats, dict[str, Floats]]:
    name = file.file.name
    text = _text(file.file)
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    rows = csv.reader(StringIO(text), delimiter=delimiter)
    try:
        header = [cell.strip() for cell in next(rows, [])]
        for wanted in (file.time, *file.columns):
            if wanted not in header:
                raise ConfigError(f"{name}: has no column `{wanted}`; its columns are {', '.join(header)}")
        when = header.index(file.time)
        places = {column: header.index(column) for column in file.columns}
        lines = [(nth, row) for nth, row in enumerate(rows, start=2) if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise ConfigError(f"{name}: cannot be read as CSV ({error})") from error
    if not lines:
        raise ConfigError(f"{name}: has a header and no row")
    at = _seconds(name, file, [(nth, row[when] if when < len(row) else "") for nth, row in lines])
    comma = delimiter != ","
    values = {
        column: np.array(
            [_number(name, nth, column, row[p] if p < len(row) else "", comma=comma) for nth, row in lines]
        )
        for column, p in places.items()
    }
    return at, values


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            raise ConfigError(f"{path.name}: larger than {_LARGEST >> 20} MB; cut it into years")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be read ({error.strerror}); `file` is looked for beside the study"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path.name}: is not UTF-8 text; save it as UTF-8") from error


def _number(file: str, line: int, column: str, raw: str, *, comma: bool) -> float:
    text = raw.strip()
    if text.lower() in _MISSING:
        return math.nan
    try:
        number = float(text.replace(",", ".") if comma else text)
    except ValueError:
        raise ConfigError(f"{file} line {line}: {column}: `{text[:40]}` is no number") from None
    return math.nan if not abs(number) < _TOO_MUCH or number in _MISSING_NUMBERS else number


def _seconds(name: str, file: SeriesFile, cells: Iterable[tuple[int, str]]) -> Floats:
    times = [_time(name, line, file.time, cell) for line, cell in cells]
    if all(t.tzinfo is not None for t in times):
        return np.array([t.timestamp() for t in times])
    if file.timezone is None:
        raise ConfigError(
            f"{name}: times without an offset; add `timezone: Asia/Bangkok` (or their own zone)"
        )
    zone = zone_of(file.timezone)
    naive = [t for t in times if t.tzinfo is None]
    fixed = _winter(zone, naive) if any(_skipped(t, zone) for t in naive) else None
    return np.array(list(_utc(times, fixed or zone)))


def _utc(times: Sequence[datetime], zone: tzinfo) -> Iterator[float]:
    """In the hour that comes twice in autumn, rows that would go back belong to its second time."""
    before = -math.inf
    for time in times:
        here = time if time.tzinfo is not None else time.replace(tzinfo=zone)
        second = here.timestamp()
        if second <= before and time.tzinfo is None:
            again = here.replace(fold=1).timestamp()
            second = again if again > before else second
        before = second
        yield second


def _skipped(time: datetime, zone: tzinfo) -> bool:
    """A wall time the zone never shows (clocks go forward over it)."""
    there = time.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    return there.replace(tzinfo=None) != time


def _winter(zone: tzinfo, times: Sequence[datetime]) -> tzinfo | None:
    """A logger that shows a wall time its zone never has does not follow summer time: one offset all year."""
    if not isinstance(zone, ZoneInfo):
        return None
    year = times[0].year
    offsets = [datetime(year, month, 15, tzinfo=zone).utcoffset() for month in range(1, 13)]
    least = min((o for o in offsets if o is not None), default=timedelta(0))
    return zone_of(f"{'-' if least < timedelta(0) else '+'}{_hours(abs(least))}")


def _hours(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _time(file: str, line: int, column: str, raw: str) -> datetime:
    text = raw.strip()
    found = _parsed(text)
    if found is not None and found.year in _YEARS:
        return found
    raise ConfigError(
        f"{file} line {line}: {column}: `{text[:40]}` is no time; write 2026-11-22 05:00 (years of the common era)"
    )


def _parsed(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for form in _OTHER_FORMS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the zone is the study's, put on by the caller
        except ValueError:
            continue
    return None
