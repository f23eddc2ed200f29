"""Earthquakes the US Geological Survey has located, worldwide: where, how strong, how deep, and whether it looks at tsunami.

GeoJSON of its summary feeds or of its catalogue (FDSN event). A first solution is `automatic` and moves; each magnitude told of
one quake is a bulletin of its own. Feed notes: docs/sources/usgs_quake.md.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, ClassVar

import requests
from pydantic import JsonValue

from sources import polite
from sources.checks import Implausible, not_ahead, number, within
from sources.contract import Bulletin, Payload, Reading, Source, SourceChanged
from sources.envelope import json_of
from sources.rows import Misshapen, moment, pick, read_each, words

URL = "https://earthquake.usgs.gov/earthquakes/feed/v1.0/summary/4.5_day.geojson"
MAGNITUDE = (-2.0, 10.0)  # the strongest ever measured is 9.5 (Valdivia, 1960)
DEPTH_KM = (-10.0, 800.0)  # above sea level in mountains; none is known below 750 km
# PAGER's colour is its estimate of deaths and damage (earthquake.usgs.gov/data/pager).
SEVERITY = {"green": "Minor", "yellow": "Moderate", "orange": "Severe", "red": "Extreme"}


class UsgsQuake(Source):
    """Bulletins of earthquakes."""

    signs: ClassVar[tuple[str, ...]] = ('"magtype"', "earthquake.usgs.gov", '"felt"')
    may_be_empty: ClassVar[bool] = True  # a quiet day

    url: str = URL
    deadline: timedelta = timedelta(seconds=30)

    def fetch(self, http: requests.Session, now: Any) -> Payload:
        return polite.payload(http, self.url, now, deadline=self.deadline)

    def read(self, payload: Payload) -> list[Reading]:
        told = json_of(payload.body, self.name)
        features = told.get("features") if isinstance(told, dict) else told
        if isinstance(told, dict) and told.get("type") == "Feature":
            features = [told]
        if not isinstance(features, list):
            why = words(pick(told, "metadata.title", "error", "message")) or ""
            raise SourceChanged(f"{self.name}: no list of features in the answer {why}".rstrip())
        return read_each(self.name, features, lambda raw: self._read(raw, payload))

    def _read(self, raw: JsonValue, payload: Payload) -> Iterator[Reading]:
        told = pick(raw, "properties")
        if not isinstance(raw, dict) or not isinstance(told, Mapping):
            raise Misshapen("no feature with properties")
        kind = words(told.get("type")) or "earthquake"
        if kind.lower() != "earthquake":
            raise Implausible(f"no earthquake but: {kind[:40]}")
        if words(told.get("status")) == "deleted":
            raise Implausible("taken back by the agency (deleted)")
        key = words(raw.get("id")) or "".join(filter(None, (words(told.get("net")), words(told.get("code")))))
        if not key:
            raise Misshapen("no id of the quake")
        magnitude = number(told.get("mag"))
        if magnitude is None:
            raise Implausible(f"no magnitude is told of {key}")
        within(magnitude, *MAGNITUDE, "magnitude")
        lat, lon, depth_km = _where(raw.get("geometry"))
        at = moment(told.get("time"))
        not_ahead(at, payload.fetched_at)
        colour = (words(told.get("alert")) or "").lower()
        place = words(told.get("place")) or f"{lat:.2f}, {lon:.2f}"
        deep = "" if depth_km is None else f", {max(0.0, depth_km):.0f} km deep"
        deep_th = "" if depth_km is None else f" ลึก {max(0.0, depth_km):.0f} กม."
        waves = told.get("tsunami") in (1, "1", True)
        first = "" if words(told.get("status")) == "reviewed" else " (first solution)"
        yield Bulletin(
            source=self.name,
            key=f"{key} M{magnitude:.1f}",
            title_th=f"แผ่นดินไหวขนาด {magnitude:.1f} {place}",
            title_en=words(told.get("title")) or f"M {magnitude:.1f} - {place}",
            text_th=f"แผ่นดินไหวขนาด {magnitude:.1f}{deep_th} {place}"
            + (" อยู่ระหว่างพิจารณาสึนามิ" if waves else ""),
            text_en=f"Earthquake of magnitude {magnitude:.1f}{deep}: {place}{first}"
            + (". A tsunami is being looked at." if waves else ""),
            announced_at=at,
            effective_from=at,
            effective_to=None,
            areas=(),
            severity=SEVERITY.get(colour),
            url=words(told.get("url")),
            hazard="earthquake",
            lat=lat,
            lon=lon,
            magnitude=magnitude,
        )


def _where(geometry: Any) -> tuple[float, float, float | None]:
    """(lat, lon, depth in km or None). Raises Implausible where the place cannot be on earth."""
    pair = geometry.get("coordinates") if isinstance(geometry, Mapping) else None
    if not isinstance(pair, list) or len(pair) < 2:
        raise Implausible("no place is told")
    lon, lat = number(pair[0]), number(pair[1])
    if lat is None or lon is None:
        raise Implausible("no place is told")
    within(lat, -90, 90, "latitude")
    within(lon, -360, 360, "longitude")  # the catalogue runs past the date line
    depth_km = number(pair[2]) if len(pair) > 2 else None
    if depth_km is not None:
        within(depth_km, *DEPTH_KM, "depth in km")
    return lat, lon if -180 <= lon <= 180 else (lon + 180) % 360 - 180, depth_km
