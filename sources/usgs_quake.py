"""Earthquakes the US Geological Survey has located, worldwide: where, how strong, how deep, and whether it looks at tsunami.

GeoJSON of its summary feeds or of its catalogue (FDSN event). A first solution is `automatic` and moves: of several in one answer
the newest counts, and whatever makes it graver or milder (magnitude, colour, tsunami flag) makes it a bulletin of its own. The feed
tells no radius of shaking, so none is given. Feed notes: docs/sources/usgs_quake.md.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import requests
from pydantic import JsonValue

from sources import polite
from sources.checks import Implausible, not_ahead, number, within
from sources.contract import Bulletin, Payload, Reading, Source, SourceChanged
from sources.envelope import json_of
from sources.rows import MOST_ROWS, Misshapen, moment, pick, read_each, words

URL = "https://earthquake.usgs.gov/earthquakes/feed/v1.0/summary/4.5_day.geojson"
MAGNITUDE = (-2.0, 10.0)  # the strongest ever measured is 9.5 (Valdivia, 1960)
DEPTH_KM = (-10.0, 800.0)  # above sea level in mountains; none is known below 750 km
# PAGER's colour is its estimate of deaths and damage (earthquake.usgs.gov/data/pager).
SEVERITY = {"green": "Minor", "yellow": "Moderate", "orange": "Severe", "red": "Extreme"}

# Its flag is 1 for every large event in oceanic regions; it does not say that there is or was a tsunami
# (earthquake.usgs.gov/data/comcat, "tsunami").
WAVES_TH = "แผ่นดินไหวใหญ่ในเขตทะเล ให้ติดตามประกาศสึนามิของศูนย์เตือนภัย"
WAVES_EN = (
    "Large and in an oceanic region: follow the tsunami centres; the flag itself says nothing of a tsunami."
)


class UsgsQuake(Source):
    """Bulletins of earthquakes."""

    signs: ClassVar[tuple[str, ...]] = ('"magtype"', "earthquake.usgs.gov", '"felt"')
    may_be_empty: ClassVar[bool] = True  # a quiet day

    url: str = URL
    deadline: timedelta = timedelta(seconds=30)

    def fetch(self, http: requests.Session, now: datetime) -> Payload:
        return polite.payload(http, self.url, now, deadline=self.deadline)

    def read(self, payload: Payload) -> list[Reading]:
        told = json_of(payload.body, self.name)
        features = told.get("features") if isinstance(told, dict) else told
        if isinstance(told, dict) and told.get("type") == "Feature":
            features = [told]
        if not isinstance(features, list):
            why = words(pick(told, "metadata.title", "error", "message")) or ""
            raise SourceChanged(f"{self.name}: no list of features in the answer {why}".rstrip())
        told_of: dict[str, JsonValue] = {}
        newest_first = (
            sorted(features, key=_updated, reverse=True) if len(features) <= MOST_ROWS else features
        )
        return read_each(self.name, newest_first, lambda raw: self._read(raw, payload.fetched_at, told_of))

    def _read(self, raw: JsonValue, fetched_at: datetime, told_of: dict[str, JsonValue]) -> Iterator[Reading]:
        """told_of: the row that counts for each id, so far. One taken back counts too: the older ones are void."""
        told = pick(raw, "properties")
        if not isinstance(raw, dict) or not isinstance(told, Mapping):
            raise Misshapen("no feature with properties")
        key = words(raw.get("id")) or "".join(filter(None, (words(told.get("net")), words(told.get("code")))))
        if not key:
            raise Misshapen("no id of the quake")
        if key in told_of:
            if told_of[key] == raw:
                return
            raise Implausible(f"an earlier solution of {key}: a newer one stands in the same answer")
        kind = words(told.get("type")) or "earthquake"
        status = (words(told.get("status")) or "").lower()
        if kind.lower() != "earthquake" or status == "deleted":
            told_of[key] = raw
            raise Implausible(
                f"no earthquake but: {kind[:40]}"
                if kind.lower() != "earthquake"
                else "taken back by the agency (deleted)"
            )
        magnitude = number(told.get("mag"))
        if magnitude is None:
            raise Implausible(f"no magnitude is told of {key}")
        within(magnitude, *MAGNITUDE, "magnitude")
        lat, lon, depth_km = _where(raw.get("geometry"))
        at = moment(told.get("time"), UTC)
        not_ahead(at, fetched_at)
        told_of[key] = raw
        colour = (words(told.get("alert")) or "").lower()
        place = words(told.get("place")) or f"{lat:.2f}, {lon:.2f}"
        deep = "" if depth_km is None else f", {max(0.0, depth_km):.0f} km deep"
        deep_th = "" if depth_km is None else f" ลึก {max(0.0, depth_km):.0f} กม."
        waves = told.get("tsunami") in (1, "1", True)
        first = "" if status == "reviewed" else " (first solution)"
        grave = colour if colour in SEVERITY else ""
        yield Bulletin(
            source=self.name,
            key=" ".join(filter(None, (key, f"M{magnitude:.1f}", grave, "tsunami?" if waves else ""))),
            title_th=f"แผ่นดินไหวขนาด {magnitude:.1f} {place}",
            title_en=words(told.get("title")) or f"M {magnitude:.1f} - {place}",
            text_th=f"แผ่นดินไหวขนาด {magnitude:.1f}{deep_th} {place}" + (f" {WAVES_TH}" if waves else ""),
            text_en=f"Earthquake of magnitude {magnitude:.1f}{deep}: {place}{first}"
            + (f". {WAVES_EN}" if waves else ""),
            announced_at=at,
            effective_from=at,
            effective_to=None,
            areas=(),
            severity=SEVERITY.get(colour),
            url=address if (address := str(told.get("url") or "")).startswith("http") else None,
            hazard="earthquake",
            lat=lat,
            lon=lon,
            magnitude=magnitude,
        )


def _where(geometry: Any) -> tuple[float, float, float | None]:
    """(lat, lon, depth in km or None). Raises Implausible where the place cannot be on earth.

    A depth that cannot be is unknown: a quake off our coast must not be lost for it.
    """
    pair = geometry.get("coordinates") if isinstance(geometry, Mapping) else None
    if not isinstance(pair, list) or len(pair) < 2:
        raise Implausible("no place is told")
    lon, lat = number(pair[0]), number(pair[1])
    if lat is None or lon is None:
        raise Implausible("no place is told")
    within(lat, -90, 90, "latitude")
    within(lon, -360, 360, "longitude")  # the catalogue runs past the date line
    try:
        depth_km = number(pair[2]) if len(pair) > 2 else None
        if depth_km is not None:
            within(depth_km, *DEPTH_KM, "depth in km")
    except Implausible:
        depth_km = None
    return lat, lon if -180 <= lon <= 180 else (lon + 180) % 360 - 180, depth_km


def _updated(raw: Any) -> datetime:
    """When this solution was made; of a row that does not say, long ago."""
    try:
        return moment(pick(raw, "properties.updated"), UTC)
    except Implausible:
        return datetime.min.replace(tzinfo=UTC)
