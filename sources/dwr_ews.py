"""Early-warning stations of the Department of Water Resources in the foothills: rain, water, soil, and the station's own light.

Asked by a form; everything is text, -9.99 is a sensor's fault, N/A is none. The light (watch, prepare, critical) is
the agency's word: a bulletin for its tambon. Feed notes: docs/sources/dwr_ews.md.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

import requests
from pydantic import JsonValue

from geo.gazetteer import gazetteer
from sources import polite
from sources.checks import Implausible, not_ahead, number
from sources.contract import (
    UNITS,
    Bulletin,
    Observation,
    Payload,
    Quantity,
    Reading,
    Rejected,
    Source,
    SourceChanged,
)
from sources.envelope import json_of
from sources.rows import Misshapen, moment, pick, plausible, point, read_each, words

URL = "https://ews.dwr.go.th/ews/web-service/stn"
FAULT = -9.99
# (field, quantity, factor to our unit). The station is asked every 15 min and tells the rain of these.
FIELDS = (
    ("rain", Quantity.RAIN_15M, 1.0),
    ("rain12h", Quantity.RAIN_12H, 1.0),
    ("rain07h", Quantity.RAIN_TODAY, 1.0),
    ("wl", Quantity.STAGE, 1.0),
    ("soil", Quantity.SOIL_MOISTURE, 0.01),  # told in percent
    ("temp", Quantity.AIR_TEMPERATURE, 1.0),
)
DARK = "0"
LIGHTS = {
    "1": ("Minor", "เฝ้าระวัง", "watch"),
    "2": ("Moderate", "เตรียมพร้อม", "prepare"),
    "3": ("Severe", "วิกฤต", "critical"),
}


class DwrEws(Source):
    """What the stations measure, and what their light says."""

    signs: ClassVar[tuple[str, ...]] = ('"stn_type"', '"rain12h"', '"rain07h"')

    url: str = URL
    deadline: timedelta = timedelta(seconds=30)

    def fetch(self, http: requests.Session, now: datetime) -> Payload:
        return polite.payload(http, self.url, now, form={"action": "LoadStation"}, deadline=self.deadline)

    def read(self, payload: Payload) -> list[Reading]:
        told = json_of(payload.body, self.name)
        rows = pick(told, "data", "stations", "result", "stn") if isinstance(told, Mapping) else told
        if isinstance(told, Mapping) and isinstance(told.get("stn"), str):
            rows = [told]
        if isinstance(rows, Mapping):  # one station where a list of them stands, or an empty element
            rows = [rows] if rows else []
        if isinstance(told, Mapping) and rows is None and any(key in told for key in ("data", "stations")):
            rows = []
        if not isinstance(rows, list):
            why = words(pick(told, "message", "error")) or ""
            raise SourceChanged(f"{self.name}: no list of stations in the answer {why}".rstrip())
        return read_each(self.name, rows, lambda raw: self._read(raw, payload.fetched_at))

    def _read(self, raw: JsonValue, fetched_at: datetime) -> Iterator[Reading]:
        station = words(pick(raw, "stn", "stn_id", "station"))
        if not isinstance(raw, dict) or station is None:
            raise Misshapen("no station with a code")
        observed_at = moment(pick(raw, "date", "datetime"))
        not_ahead(observed_at, fetched_at)
        lat, lon = point(pick(raw, "latitude", "lat"), pick(raw, "longitude", "lon"))
        tambon, silent = _tambon(raw), True
        for field, quantity, factor in FIELDS:
            try:
                value = number(raw.get(field))
                if value is None:
                    continue
                silent = False
                if value == FAULT:
                    raise Implausible(f"{field} of {station}: -9.99 is its sign of a sensor's fault")
                value = round(value * factor, 6)
                plausible(quantity, value)
            except Implausible as error:
                silent = False
                yield Rejected(raw, why=str(error))
                continue
            yield Observation(
                source=self.name, station=station, quantity=quantity, value=value, unit=UNITS[quantity], observed_at=observed_at,
                tambon=tambon, station_name=words(raw.get("name")), lat=lat, lon=lon,
            )  # fmt: skip
        light = words(raw.get("status"))
        if light in LIGHTS:
            yield self._bulletin(raw, station, light, observed_at, tambon, lat, lon)
        elif light != DARK and pick(raw, "status") is not None:  # a light nobody knows is not taken for none
            yield Rejected(raw, why=f"status of {station}: no light we know: {str(raw['status'])[:40]!r}")
        elif silent:
            raise Implausible(f"nothing is told by {station}")

    def _bulletin(
        self, raw: Mapping[str, Any], station: str, light: str, at: datetime, tambon: str | None, lat: float | None, lon: float | None
    ) -> Bulletin:  # fmt: skip
        severity, th, en = LIGHTS[light]
        name = words(raw.get("name")) or station
        place = " ".join(
            filter(None, (words(raw.get("tambon")), words(raw.get("amphoe")), words(raw.get("province"))))
        )
        return Bulletin(
            source=self.name, key=f"{station} {light} {at:%Y-%m-%dT%H:%MZ}",
            title_th=f"กรมทรัพยากรน้ำ สถานี {name}: {th}", title_en=f"DWR station {station}: {en}",
            text_th=f"สถานีเตือนภัย {name} {place} อยู่ในระดับ{th}", text_en=f"Early-warning station {station} is at: {en}",
            announced_at=at, effective_from=at, effective_to=None, areas=(tambon,) if tambon else (), severity=severity,
            hazard="flash_flood", lat=lat, lon=lon,
        )  # fmt: skip


def _tambon(raw: Mapping[str, Any]) -> str | None:
    """By its name within its amphoe; None for places of other provinces, and where two fit."""
    if "พัทลุง" not in (words(raw.get("province")) or ""):
        return None
    places = gazetteer()
    named = (words(raw.get("tambon")) or "").removeprefix("ตำบล").removeprefix("ต.").strip()
    amphoe = (words(raw.get("amphoe")) or "").removeprefix("อำเภอ").removeprefix("อ.").strip()
    found = [
        t.code for t in places.named(named) if places.amphoe(t.amphoe).th.removeprefix("อำเภอ") == amphoe
    ]
    return found[0] if len(found) == 1 else None
