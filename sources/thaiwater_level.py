"""Water level of rivers and canals from ThaiWater (HII), which gathers the gauges of many agencies.

Levels are metres above mean sea level, told as text; times are Bangkok wall time without a zone. A silent
gauge stays in the list with its old level, so only `observed_at` says how old a level is. The feed's own
`situation_level` (1 is critically LOW water, 5 is over the bank) and `storage_percent` are not read as
truth: rules compare the level with the bank themselves. Feed notes: docs/sources/thaiwater_level.md.
"""

from datetime import datetime, timedelta
from typing import Any, ClassVar

import requests
from pydantic import Field, JsonValue

from sources import polite
from sources.checks import Implausible, bangkok_time, not_ahead, number, within
from sources.contract import UNITS, Observation, Payload, Quantity, Reading, Rejected, Source
from sources.thaiwater import Row, Soft, read_rows

URL = "https://api-v3.thaiwater.net/api/v1/thaiwater30/public/waterlevel_load"

ANYWHERE_M = (-30.0, 2_600.0)  # below the deepest sea gate, above the highest ground of Thailand
UNDER_BED_M = 3.0  # worst of 720 stations with a bed level on 2024-10-09: 0.3 m under it
OVER_BANK_M = (
    5.0,
    15.0,
)  # the channel's own depth, kept within these; worst seen that day: 3.3 m over the bank
SLIP_TOLERANCE_M = 0.5  # a tenth of the level agrees so well with what the row says elsewhere; less near 0
SLIP_AT_LEAST_M = 1.0  # smaller differences are no slip of the decimal point
DISCHARGE_M3_S = (-20_000.0, 60_000.0)  # tides run backwards; above the Mekong's greatest flood


class _Row(Row):
    waterlevel_datetime: Any
    waterlevel_msl: Any
    waterlevel_msl_previous: Soft = None
    storage_percent: Soft = None
    discharge: Any = None

    def bank(self) -> float | None:
        """Lowest bank in m above mean sea level. Left and right bank stand in another datum at most RID
        stations.
        """
        bed, bank = self.station.ground_level, self.station.min_bank
        return None if bank is None or (bed is not None and bank <= bed) else bank


class ThaiwaterLevel(Source):
    """Water level, and discharge where a station tells it."""

    signs: ClassVar[tuple[str, ...]] = ('"waterlevel_msl"', '"waterlevel_datetime"')

    url: str = URL
    province_code: str | None = Field(
        default="93", pattern=r"^\d{2}(,\d{2})*$"
    )  # None: the whole country, 2 MB
    deadline: timedelta = timedelta(seconds=30)

    def fetch(self, http: requests.Session, now: datetime) -> Payload:
        params = {"province_code": self.province_code} if self.province_code else {}
        return polite.payload(http, self.url, now, params=params, deadline=self.deadline)

    def read(self, payload: Payload) -> list[Reading]:
        def one(row: _Row, raw: JsonValue) -> list[Reading]:
            return self._read_row(row, raw, payload.fetched_at)

        return read_rows(payload, self.name, _Row, one)

    def _read_row(self, row: _Row, raw: JsonValue, fetched_at: datetime) -> list[Reading]:
        station = row.code()
        observed_at = bangkok_time(row.waterlevel_datetime)
        not_ahead(observed_at, fetched_at)
        level = number(row.waterlevel_msl)
        if level is None:
            raise Implausible("no level above mean sea level is told")
        _plausible(level, row)
        lat, lon = row.point()

        def observation(quantity: Quantity, value: float) -> Observation:
            return Observation(
                source=self.name,
                station=station,
                quantity=quantity,
                value=value,
                unit=UNITS[quantity],
                observed_at=observed_at,
                tambon=row.tambon(),
                station_name=row.station.tele_station_name,
                lat=lat,
                lon=lon,
                bank_m=row.bank(),
            )

        readings: list[Reading] = [observation(Quantity.WATER_LEVEL, level)]
        try:
            discharge = number(row.discharge)
            if discharge is not None:
                within(discharge, *DISCHARGE_M3_S, "discharge in m3/s")
                readings.append(observation(Quantity.DISCHARGE, discharge))
        except Implausible as error:
            readings.append(Rejected(raw, why=f"discharge of {station} (its level counts): {error}"))
        return readings


def _plausible(level: float, row: _Row) -> None:
    """Raises Implausible for a level this very channel cannot have, or one that is ten times too high.

    The bed and bank are those told in the row; stations without them are held to the land they stand in only.
    """
    within(level, *ANYWHERE_M, "water level in m above mean sea level")
    bed, bank = row.station.ground_level, row.bank()
    if bed is not None and level < bed - UNDER_BED_M:
        raise Implausible(f"implausible: {level:g} m is {bed - level:.1f} m under the bed ({bed:g} m)")
    low, high = OVER_BANK_M
    depth = bank - bed if bank is not None and bed is not None else high
    if bank is not None and level > bank + min(max(depth, low), high):
        raise Implausible(f"implausible: {level:g} m is {level - bank:.1f} m over the bank ({bank:g} m)")
    for what, expected in (
        ("the reading before", row.waterlevel_msl_previous),
        ("its own percentage", _by_percent(row)),
    ):
        if expected is not None and _slipped(level, expected):
            raise Implausible(f"implausible: {level:g} m is ten times what {what} says ({expected:.2f} m)")


def _slipped(level: float, expected: float) -> bool:
    far = abs(level - expected) > max(SLIP_AT_LEAST_M, SLIP_TOLERANCE_M + abs(expected))
    close = min(SLIP_TOLERANCE_M, max(0.1, abs(expected) / 10))
    return far and abs(level / 10 - expected) <= close


def _by_percent(row: _Row) -> float | None:
    """The level the row's own storage_percent stands for (bed 0 %, lowest bank 100 %; so on all 720
    stations with both).
    """
    bed, bank = row.station.ground_level, row.bank()
    if row.storage_percent is None or bed is None or bank is None:
        return None
    return bed + row.storage_percent / 100 * (bank - bed)
