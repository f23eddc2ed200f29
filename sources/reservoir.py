"""What the feeds of reservoirs have in common: storage, percent, inflow and release of one row, and what makes no sense.

Volumes are million m3, flows million m3 a day, as RID and HII tell them. Notes: docs/sources/thaiwater_dam.md.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pydantic import JsonValue

from sources.checks import Implausible, not_ahead, number
from sources.contract import UNITS, Observation, Quantity, Reading, Rejected
from sources.rows import Misshapen, pick, plausible

PERCENT_APART = 25.0  # told percent against volume over capacity: agencies differ in which capacity they mean
DEAD_FOR = timedelta(days=366)  # rows of 1970 and of gauges given up years ago stay in the lists for ever
VALUES = (Quantity.STORAGE, Quantity.STORAGE_PERCENT, Quantity.INFLOW, Quantity.RELEASE)


class Shape(NamedTuple):
    """Where one feed keeps what; the first field that holds something counts."""

    storage: tuple[str, ...]
    percent: tuple[str, ...]
    inflow: tuple[str, ...]
    release: tuple[str, ...]
    spill: tuple[str, ...] = ()  # told beside the release, where it is not counted in it
    capacity: tuple[str, ...] = ()  # normal high water

    def fields(self) -> tuple[str, ...]:
        return (*self.storage, *self.percent, *self.inflow, *self.release)


class Dam(NamedTuple):
    """Who told a row: the station's code, its name and place."""

    source: str
    station: str
    name: str | None
    lat: float | None
    lon: float | None
    tambon: str | None = None


def readings_of(
    row: Mapping[str, Any], raw: JsonValue, shape: Shape, dam: Dam, at: datetime, fetched_at: datetime
) -> Iterable[Reading]:
    """Up to four values; a bad one is rejected and the others count.

    A percentage of 0 beside no volume means that nobody measured (RID writes it so): it is no reading. Raises
    Misshapen for a row with none of the fields, Implausible for a row that tells nothing or is of another age.
    """
    not_ahead(at, fetched_at)
    if fetched_at.year < 9000 and fetched_at - at > DEAD_FOR:
        raise Implausible(f"a row of {at:%Y-%m-%d}: this gauge has told nothing for more than a year")
    if not any(_has(row, field) for field in shape.fields()):
        raise Misshapen("neither storage, percent, inflow nor release")
    readings: list[Reading] = []
    told: dict[Quantity, float] = {}
    for quantity, fields in zip(
        VALUES, (shape.storage, shape.percent, shape.inflow, shape.release), strict=True
    ):
        try:
            value = number(_dash(pick(row, *fields)))
            if quantity is Quantity.RELEASE and shape.spill:
                spill = number(_dash(pick(row, *shape.spill)))
                if spill is not None and (value is not None or spill > 0):
                    value = (value or 0.0) + spill
            if value is None:
                continue
            plausible(quantity, value)
            told[quantity] = round(value, 4)
        except Implausible as error:
            readings.append(Rejected(raw, why=f"{quantity} of {dam.station}: {error}"))
    _percent(told, row, shape, dam, raw, readings)
    if not told and not readings:
        raise Implausible(f"nothing is told of {dam.station}")
    return [
        *(
            Observation(
                source=dam.source,
                station=dam.station,
                quantity=quantity,
                value=value,
                unit=UNITS[quantity],
                observed_at=at,
                tambon=dam.tambon,
                station_name=dam.name,
                lat=dam.lat,
                lon=dam.lon,
            )
            for quantity, value in told.items()
        ),
        *readings,
    ]


def _percent(
    told: dict[Quantity, float],
    row: Mapping[str, Any],
    shape: Shape,
    dam: Dam,
    raw: JsonValue,
    readings: list[Reading],
) -> None:
    """Percent told, or counted from volume and capacity; a told one that contradicts both is rejected."""
    storage, percent = told.get(Quantity.STORAGE), told.get(Quantity.STORAGE_PERCENT)
    try:
        capacity = number(_dash(pick(row, *shape.capacity)))
    except Implausible:
        capacity = None
    if percent == 0 and not storage:
        told.pop(Quantity.STORAGE_PERCENT)
        if storage == 0 and capacity:  # nothing at all in it, told as two noughts: nobody measured
            told.pop(Quantity.STORAGE)
        return
    if storage is None or not capacity or capacity <= 0:
        return
    counted = round(100 * storage / capacity, 2)
    if not 0 <= counted <= 300:
        return
    if percent is None or percent == 0:
        told[Quantity.STORAGE_PERCENT] = counted
    elif abs(percent - counted) > max(PERCENT_APART, 0.25 * counted):
        told.pop(Quantity.STORAGE_PERCENT)
        why = f"storage_percent of {dam.station}: {percent:g} where {storage:g} of {capacity:g} million m3 is {counted:g}"
        readings.append(Rejected(raw, why=why))


def _has(row: Mapping[str, Any], path: str) -> bool:
    return path in row or ("." in path and path.split(".")[0] in row)


def _dash(told: Any) -> Any:
    """RID writes " - " for no value."""
    return None if isinstance(told, str) and told.strip() in ("", "-", "--") else told
