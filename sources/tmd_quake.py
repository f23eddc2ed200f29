"""Earthquakes the Thai Meteorological Department has located, in and around the country (DailySeismicEvent): XML or JSON.

Needs uid and ukey. The answer repeats a long history; each quake is one bulletin. Feed notes: docs/sources/tmd_quake.md.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import requests
from pydantic import SecretStr

from geo.when import BANGKOK
from sources import polite
from sources.checks import Implausible, not_ahead, number, within
from sources.contract import Bulletin, Payload, Reading, Rejected, Source, SourceChanged
from sources.rows import moment
from sources.tmd_body import lower, mappings, no_fault, strays, text_of, tree

URL = "https://data.tmd.go.th/api/DailySeismicEvent/v1/"
SIGNS = frozenset({"magnitude", "originthai", "datetimeutc", "datetimethai"})
ENVELOPES = frozenset({"dailyseismicevents", "dailyseismicevent", "dailyearthquakes"})


class TmdQuake(Source):
    """Bulletins of earthquakes, located by TMD."""

    needs_key: ClassVar[bool] = True
    signs: ClassVar[tuple[str, ...]] = (
        "<dailyearthquakes",
        '"dailyearthquakes"',
        "<originthai",
        '"originthai"',
    )
    may_be_empty: ClassVar[bool] = True

    url: str = URL
    uid: SecretStr = SecretStr("")
    ukey: SecretStr = SecretStr("")
    deadline: timedelta = timedelta(seconds=30)

    def fetch(self, http: requests.Session, now: datetime) -> Payload:
        keys = {"uid": self.uid.get_secret_value(), "ukey": self.ukey.get_secret_value()}
        return polite.payload(http, self.url, now, params=keys, deadline=self.deadline)

    def read(self, payload: Payload) -> list[Reading]:
        told = tree(payload.body, self.name)
        no_fault(told, self.name)
        rows = [node for node in mappings(told) if SIGNS & lower(node).keys()]
        if not rows and not any(key in ENVELOPES for node in mappings(told) for key in lower(node)):
            raise SourceChanged(f"{self.name}: no earthquakes and no place for them in the answer")
        readings = [_bulletin(row, self.name, payload.fetched_at) for row in rows]
        once = dict.fromkeys(reading for reading in readings if isinstance(reading, Bulletin))
        unread = [reading for reading in readings if isinstance(reading, Rejected)]
        no_rows = (Rejected(row, why="no earthquake") for row in strays(told, "dailyearthquakes", SIGNS))
        return [*once, *unread, *no_rows]


def _bulletin(raw: Mapping[str, Any], source: str, fetched_at: datetime) -> Reading:
    row = lower(raw)
    try:
        magnitude, lat, lon = (_number(row.get(name)) for name in ("magnitude", "latitude", "longitude"))
        if magnitude is None:
            raise Implausible("no magnitude is told")
        if lat is None or lon is None:
            raise Implausible("no place is told")
        within(magnitude, -2, 10, "magnitude")
        within(lat, -90, 90, "latitude")
        within(lon, -180, 180, "longitude")
        at = moment(text_of(row["datetimeutc"]), UTC) if text_of(row.get("datetimeutc")) else moment(
            text_of(row.get("datetimethai")), BANGKOK
        )  # fmt: skip
        not_ahead(at, fetched_at)
        depth_km = _depth_km(row.get("depth"))
        place = text_of(row.get("originthai")) or f"{lat:.2f}, {lon:.2f}"
        deep = "" if depth_km is None else f" ลึก {depth_km:g} กม."
        return Bulletin(
            source=source, key=f"{at:%Y-%m-%dT%H:%M:%SZ} {lat:.2f} {lon:.2f} M{magnitude:.1f}",
            title_th=f"แผ่นดินไหวขนาด {magnitude:.1f} {place}", title_en=f"Earthquake of magnitude {magnitude:.1f}",
            text_th=f"{text_of(row.get('titlethai')) or 'แผ่นดินไหว'} ขนาด {magnitude:.1f}{deep} {place}",
            text_en=f"Earthquake of magnitude {magnitude:.1f} at {lat:.2f}, {lon:.2f}", announced_at=at, effective_from=at,
            effective_to=None, areas=(), hazard="earthquake", lat=lat, lon=lon, magnitude=magnitude,
        )  # fmt: skip
    except Implausible as error:
        return Rejected(dict(raw), why=str(error))


def _depth_km(told: Any) -> float | None:
    """None for a depth that cannot be read: it only stands in the words, and the quake counts without it."""
    try:
        return _number(told)
    except Implausible:
        return None


def _number(told: Any) -> float | None:
    """The unit stands beside it in XML (an attribute), sometimes behind it: `5 km.`"""
    if isinstance(told, Mapping):
        told = lower(told).get("#text", lower(told).get("value"))
    if isinstance(told, str) and told.strip():
        told = told.split()[0]
    return number(told if isinstance(told, str | int | float) else None)
