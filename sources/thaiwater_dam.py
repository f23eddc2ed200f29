"""Reservoirs, large, medium and small, from ThaiWater (HII), which gathers those of RID and EGAT.

One answer holds four lists with two shapes. A dam stands in several of them, told by several agencies; rows of gauges
given up years ago stay for ever. Feed notes: docs/sources/thaiwater_dam.md.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

import requests
from pydantic import Field, JsonValue

from sources import polite
from sources.checks import Implausible
from sources.contract import Payload, Reading, Source, SourceChanged
from sources.envelope import json_of
from sources.reservoir import Dam, Shape, readings_of
from sources.rows import Misshapen, moment, pick, point, read_each, words
from sources.thaiwater import Geocode

URL = "https://api-v3.thaiwater.net/api/v1/thaiwater30/analyst/dam"
LISTS = ("dam_daily", "dam_medium", "dam_small_tele", "dam_hourly", "dam_small", "dam")

DAILY = Shape(
    storage=("dam_storage",),
    percent=("dam_storage_percent",),
    inflow=("dam_inflow",),
    release=("dam_released",),
    spill=("dam_spilled",),
    capacity=("dam.normal_storage", "normal_storage"),
)
HOURLY = DAILY._replace(inflow=(), release=(), spill=())  # its flows are of the hour, not of the day
SMALL = Shape(
    storage=("volume", "dam_storage"),
    percent=("percent_storage", "dam_storage_percent"),
    inflow=("dam_inflow",),
    release=("dam_released",),
    capacity=("dam.normal_storage", "normal_storage"),
)


class ThaiwaterDam(Source):
    """Storage, percent, inflow and release."""

    signs: ClassVar[tuple[str, ...]] = (
        '"dam_storage"',
        '"dam_storage_percent"',
        '"dam_daily"',
        '"dam_small_tele"',
    )

    url: str = URL
    province_code: str | None = Field(
        default=None, pattern=r"^\d{2}$"
    )  # of the rows kept; None: the whole country
    deadline: timedelta = timedelta(seconds=45)

    def fetch(self, http: requests.Session, now: datetime) -> Payload:
        return polite.payload(http, self.url, now, deadline=self.deadline)

    def read(self, payload: Payload) -> list[Reading]:
        def one(raw: JsonValue) -> Iterable[Reading]:
            return self._read_row(raw, payload.fetched_at)

        return read_each(self.name, self._rows(json_of(payload.body, self.name)), one)

    def _rows(self, told: Any) -> list[Any]:
        """All rows of all lists. Raises SourceChanged: `result: NO`, or no list of dams."""
        for _ in range(6):
            if isinstance(told, list):
                return told
            if not isinstance(told, Mapping):
                break
            if str(told.get("result", "OK")).strip().upper() != "OK":
                raise SourceChanged(
                    f"{self.name}: the feed answered {told.get('result')}: {str(told.get('data'))[:120]}"
                )
            if "dam_date" in told or "smalldam_datetime" in told:
                return [told]
            lists = [told[name] for name in LISTS if isinstance(told.get(name), list)]
            if lists:
                return [row for rows in lists for row in rows]
            inside = next(
                (told[key] for key in ("data", "dam", "rows") if isinstance(told.get(key), list | Mapping)),
                None,
            )
            if inside is None:
                break
            told = inside
        raise SourceChanged(f"{self.name}: no list of dams in the answer")

    def _read_row(self, raw: JsonValue, fetched_at: datetime) -> Iterable[Reading]:
        if not isinstance(raw, Mapping):
            raise Misshapen("no object")
        about = raw.get("dam") if isinstance(raw.get("dam"), Mapping) else raw
        geocode = (
            Geocode.model_validate(raw["geocode"]) if isinstance(raw.get("geocode"), Mapping) else Geocode()
        )
        if self.province_code and geocode.province_code and geocode.province_code != self.province_code:
            return []
        name = words(pick(about, "dam_name", "smalldam_name", "name"))
        station = words(pick(about, "dam_oldcode", "tele_station_oldcode", "id", "dam_id")) or name
        when = pick(raw, "dam_date", "smalldam_datetime", "dam_datetime", "date")
        if when is None and "dam_date" not in raw and "smalldam_datetime" not in raw:
            raise Misshapen("no date of a dam")
        if station is None:
            raise Implausible("no dam is told")
        lat, lon = point(
            pick(about, "dam_lat", "tele_station_lat", "lat"),
            pick(about, "dam_long", "tele_station_long", "long", "lon"),
        )
        shape = HOURLY if isinstance(when, str) and ":" in when else DAILY
        shape = SMALL if "smalldam_datetime" in raw or "percent_storage" in raw else shape
        dam = Dam(self.name, station, name, lat, lon)
        return readings_of(raw, dict(raw), shape, dam, moment(when), fetched_at)
