"""From a kept payload to lines a person or a program can read, with no configuration: `raksa read`."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from statistics import median_low
from typing import Any

from pydantic import ValidationError

from geo.errors import ConfigError
from geo.gazetteer import Gauge, gazetteer
from sources.checks import AHEAD_AT_MOST
from sources.contract import Bulletin, Forecast, Observation, Payload, Reading, Rejected, Source
from sources.kinds import kinds

Locate = Callable[[float, float], str | None]

SOME_DAY = datetime(9000, 1, 1, tzinfo=UTC)  # fetched so late that no reading is ahead of it
CLOCK_OFF = (timedelta(hours=5.5), timedelta(hours=8.5))  # around the 7 h between UTC and Bangkok
APART = timedelta(hours=4)  # between the clocks that are off and the newest of the others
FEW = 0.25  # no more of the stations than this can be the ones that are off


def source_of(kind: str, **fields: Any) -> Source:
    """A source of this kind with its defaults, able to read though not to fetch.

    Raises ConfigError for an unknown kind, or one that can do nothing without its entry.
    """
    known = kinds()
    if kind not in known:
        raise ConfigError(f"no source is of the kind {kind!r}; there are {', '.join(known)}")
    needed = [field for field, told in known[kind].model_fields.items() if told.is_required()]
    told = dict.fromkeys(needed, "unset") | {"kind": kind, "name": kind, "every": timedelta(minutes=10)}
    try:
        return known[kind](**told | fields)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or first["msg"]
        raise ConfigError(f"{kind} cannot read without its entry in config.yaml ({where})") from None


def locate(readings: Iterable[Reading], at: Locate) -> list[Reading]:
    """Fill in the tambon of observations and forecasts whose feed tells none.

    A gauge the gazetteer binds to a tambon has that one; else the place decides. at: (lat, lon) -> code or
    None.
    """
    gauges = gazetteer().gauges
    return [_located(reading, at, gauges) for reading in readings]


def _located(reading: Reading, at: Locate, gauges: Mapping[str, Gauge]) -> Reading:
    if isinstance(reading, Rejected | Bulletin) or reading.tambon is not None:
        return reading
    if isinstance(reading, Observation) and reading.station in gauges:
        return reading._replace(tambon=gauges[reading.station].tambon)
    if reading.lat is None or reading.lon is None:
        return reading
    return reading._replace(tambon=at(reading.lat, reading.lon))


def lines(
    kind: str,
    body: bytes,
    fetched_at: datetime | None = None,
    at: Locate | None = None,
    not_after: datetime | None = None,
    entry: Source | None = None,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Readings and rejected rows of one payload, each a JSON object. entry: a configured source, instead of a bare one.

    fetched_at: aware UTC; None takes the newest believable time of the payload itself, so that an old file
    is neither stale nor in the future. not_after: aware UTC, when the file was surely there.
    Raises SourceChanged when the payload as a whole cannot be read, ConfigError for a kind.
    """
    source = entry or source_of(kind)
    if fetched_at is None:
        fetched_at = newest_time(source.read(Payload(body, SOME_DAY)), not_after) or not_after or SOME_DAY
    readings = source.read(Payload(body, fetched_at))
    return to_lines(readings if at is None else locate(readings, at))


def newest_time(readings: Iterable[Reading], not_after: datetime | None = None) -> datetime | None:
    """When a payload was fetched, as far as it tells: its newest time, aware UTC. None when it tells none.

    A forecast tells no time of its own and counts from its first hour. A few times about 7 h ahead of the
    rest are clocks off by the zone, not the time of the fetch: they are left out. So are the times after
    `not_after`, unless most of them are: then it is the reader's own clock that is wrong.
    """
    readings = list(readings)
    times = sorted(time for _, time in set(map(_told_at, readings)) if time is not None)
    if not times:
        return min((r.valid_at for r in readings if isinstance(r, Forecast)), default=None)
    if not_after is not None:
        past = [time for time in times if time <= not_after + AHEAD_AT_MOST]
        times = past if 2 * len(past) >= len(times) else times
    soonest, latest = CLOCK_OFF
    middle = median_low(times)
    ahead = [time for time in times if soonest <= time - middle <= latest]
    if ahead and len(ahead) <= FEW * len(times) and ahead[-1] == times[-1]:
        before = times[-len(ahead) - 1]
        if ahead[0] - before >= APART:
            return before
    return times[-1]


def _told_at(reading: Reading) -> tuple[str, datetime | None]:
    match reading:
        case Observation():
            return reading.station, reading.observed_at if reading.observed_at < SOME_DAY else None
        case Bulletin():
            return reading.key, reading.announced_at
        case Forecast():
            return reading.place, reading.issued_at if reading.issued_at < SOME_DAY else None
        case Rejected():
            return "", None


def to_lines(readings: Iterable[Reading]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Readings as JSON objects, and rejected rows with their reasons. Times are UTC, ISO 8601."""
    good: list[dict[str, Any]] = []
    bad: list[dict[str, Any]] = []
    for reading in readings:
        if isinstance(reading, Rejected):
            bad.append({"rejected": reading.why, "raw": reading.raw})
        else:
            good.append(_line(reading))
    return good, bad


def _line(reading: Observation | Forecast | Bulletin) -> dict[str, Any]:
    match reading:
        case Observation():
            return {
                "source": reading.source,
                "station": reading.station,
                "quantity": reading.quantity.value,
                "value": reading.value,
                "unit": reading.unit,
                "observed_at": _iso(reading.observed_at),
                "tambon": reading.tambon,
            }
        case Forecast():
            return {
                "source": reading.source,
                "station": reading.place,
                "quantity": reading.quantity.value,
                "value": reading.value,
                "unit": reading.unit,
                "observed_at": None,  # nobody has: it is a forecast
                "valid_at": _iso(reading.valid_at),
                "issued_at": _iso(reading.issued_at),
                "tambon": reading.tambon,
            } | ({} if reading.quantile is None else {"quantile": reading.quantile})
        case Bulletin():
            told = reading._asdict()
            times = ("announced_at", "effective_from", "effective_to")
            return (
                told | {key: told[key] and _iso(told[key]) for key in times} | {"areas": list(reading.areas)}
            )


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
