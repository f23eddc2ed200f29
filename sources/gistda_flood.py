"""Land under water as satellites see it, from GISTDA: how much of each tambon, at the time of the pass.

The feed tells H3 cells with the tambon each lies in; they are added up here. Radar sees neither between houses nor under
trees, so no cell never means no water. The answer repeats our key in its links: those are taken out before
anything is kept. Feed notes: docs/sources/gistda_flood.md.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, ClassVar, Literal, NamedTuple

import requests
from pydantic import Field, JsonValue, SecretStr

from geo.gazetteer import gazetteer
from sources import polite
from sources.checks import Implausible, not_ahead, number, within
from sources.contract import (
    UNITS,
    Bulletin,
    Observation,
    Payload,
    Quantity,
    Reading,
    Rejected,
    Ring,
    Source,
    SourceChanged,
)
from sources.envelope import json_of
from sources.rows import FEW, MOST, Misshapen, moment, pick, words

URL = "https://api-gateway.gistda.or.th/api/2.0/resources/features/flood"
PAGE = 1_000
MOST_PAGES = 20  # 20,000 cells of a tenth of a km2 are most of the province
MOST_POLYGONS = 500  # of features without a tambon: what a bulletin carries
CELL_KM2 = (0.0, 200.0)  # a cell has a tenth; a drawn polygon may be a whole plain
RAI_M2 = 1_600
_PASS = re.compile(r"(20\d\d)(\d\d)(\d\d)[_T-]?([01]\d|2[0-3])([0-5]\d)")  # rd2_20260926_0613: Bangkok time


class _Cell(NamedTuple):
    key: str
    tambon: str | None
    km2: float
    at: datetime
    sensor: str
    name: str | None
    rings: tuple[Ring, ...]


class GistdaFlood(Source):
    """Flooded land of the last day, three, seven or thirty."""

    needs_key: ClassVar[bool] = True
    signs: ClassVar[tuple[str, ...]] = ('"tb_idn"', '"h3_address"')
    may_be_empty: ClassVar[bool] = True

    url: str = URL
    key: SecretStr = SecretStr("")
    days: Literal[1, 3, 7, 30] = 1
    province_code: str = Field(default="93", pattern=r"^\d{2}$")
    deadline: timedelta = timedelta(seconds=30)

    def fetch(self, http: requests.Session, now: datetime) -> Payload:
        """All pages as one, without the links. Raises SourceUnavailable."""
        first = self._page(http, now, 0)
        if isinstance(first, polite.NotModified):
            return Payload(b"", fetched_at=now, not_modified=True)
        try:
            told = json_of(first, self.name)
        except SourceChanged:
            return Payload(first, fetched_at=now)  # `read` says what it is
        if not isinstance(told, dict) or not isinstance(told.get("features"), list):
            return Payload(first, fetched_at=now)
        matched = told.get("numberMatched")
        pages = math.ceil(matched / PAGE) if isinstance(matched, int) and not isinstance(matched, bool) else 1
        if "links" not in told and pages <= 1:
            return Payload(first, fetched_at=now)
        told.pop("links", None)
        for nth in range(1, min(pages, MOST_PAGES)):
            further = self._page(http, now, nth * PAGE)
            body = b"" if isinstance(further, polite.NotModified) else further
            try:
                inside = json_of(body, self.name)
            except SourceChanged:
                break  # what came so far is true; numberMatched says how much is not there
            features = inside.get("features") if isinstance(inside, dict) else None
            if not isinstance(features, list) or not features:
                break
            told["features"] += features
        return Payload(json.dumps(told, ensure_ascii=False).encode(), fetched_at=now)

    def _page(self, http: requests.Session, now: datetime, offset: int) -> bytes | polite.NotModified:
        days = f"{self.days}day" + ("s" if self.days > 1 else "")
        params = {"pv_idn": self.province_code, "limit": str(PAGE)} | (
            {"offset": str(offset)} if offset else {}
        )
        headers = {"API-Key": self.key.get_secret_value(), "Accept": "application/json"}
        url = f"{self.url.rstrip('/')}/{days}"
        return polite.get(http, url, now, params=params, headers=headers, deadline=self.deadline)

    def read(self, payload: Payload) -> list[Reading]:
        told = json_of(payload.body, self.name)
        features = told.get("features") if isinstance(told, Mapping) else told
        if isinstance(told, Mapping) and told.get("type") == "Feature":
            features = [told]
        if not isinstance(features, list):
            why = str(pick(told, "message", "error.message", "error", "detail") or "")[:120]
            raise SourceChanged(f"{self.name}: no list of features in the answer {why}".rstrip())
        mercator = str(pick(told, "spatialReference.latestWkid", "spatialReference.wkid")) in (
            "3857",
            "102100",
        )
        cells: dict[str, _Cell] = {}
        rejected: list[Reading] = []
        misshapen = 0
        for nth, raw in enumerate(features):
            try:
                cell = _cell(raw, nth, mercator)
                not_ahead(cell.at, payload.fetched_at)
                if (
                    cell.key not in cells or cells[cell.key].km2 < cell.km2
                ):  # a cell two passes saw is one cell
                    cells[cell.key] = cell
            except (Misshapen, Implausible) as error:
                misshapen += isinstance(error, Misshapen)
                rejected.append(Rejected(raw, why=str(error)))
        if len(features) > FEW and misshapen > MOST * len(features):
            raise SourceChanged(
                f"{self.name}: {misshapen} of {len(features)} features are not what this reader knows"
            )
        return [*self._by_tambon(cells.values()), *self._without_tambon(cells.values()), *rejected]

    def _by_tambon(self, cells: Iterable[_Cell]) -> Iterable[Reading]:
        under: dict[str, list[_Cell]] = {}
        for cell in cells:
            if cell.tambon is not None:
                under.setdefault(cell.tambon, []).append(cell)
        tambons = gazetteer().tambons
        for code, inside in sorted(under.items()):
            km2 = round(sum(cell.km2 for cell in inside), 4)
            known = tambons.get(code)
            values = {Quantity.FLOODED_KM2: km2}
            if known is not None:
                values[Quantity.FLOODED_AREA] = round(min(100.0, 100 * km2 / known.area_km2), 2)
            for quantity, value in values.items():
                yield Observation(
                    source=self.name,
                    station=code,
                    quantity=quantity,
                    value=value,
                    unit=UNITS[quantity],
                    observed_at=max(cell.at for cell in inside),
                    tambon=code,
                    station_name=inside[0].name,
                )

    def _without_tambon(self, cells: Iterable[_Cell]) -> Iterable[Reading]:
        """A polygon that names no tambon: handed on as it is, a bulletin a pass; where it lies is found later."""
        passes: dict[tuple[str, datetime], list[_Cell]] = {}
        for cell in cells:
            if cell.tambon is None:
                passes.setdefault((cell.sensor, cell.at), []).append(cell)
        for (sensor, at), inside in sorted(passes.items()):
            km2 = sum(cell.km2 for cell in inside)
            largest = sorted(inside, key=lambda cell: -cell.km2)
            yield Bulletin(
                source=self.name,
                key=f"{sensor or 'satellite'} {at:%Y-%m-%dT%H:%MZ}",
                title_th="พื้นที่น้ำท่วมจากภาพถ่ายดาวเทียม",
                title_en="Flooded land seen from space",
                text_th=f"GISTDA พบพื้นที่น้ำท่วม {km2:.2f} ตร.กม. ({sensor or 'ไม่ระบุดาวเทียม'})",
                text_en=f"GISTDA sees {km2:.2f} km2 of flooded land ({sensor or 'satellite not told'})",
                announced_at=at,
                effective_from=at,
                effective_to=None,
                areas=(),
                hazard="river_overflow",
                polygons=tuple(ring for cell in largest for ring in cell.rings)[:MOST_POLYGONS],
            )


def _cell(raw: JsonValue, nth: int, mercator: bool) -> _Cell:
    """GeoJSON or ArcGIS. Raises Misshapen for what is no feature, Implausible for what makes no sense."""
    told = pick(raw, "properties", "attributes")
    if not isinstance(raw, dict) or not isinstance(told, Mapping):
        raise Misshapen("no feature with properties")
    fields = {str(key).lower(): value for key, value in told.items()}
    rings = _rings(raw.get("geometry"), mercator)
    code = words(pick(fields, "tb_idn", "tambon_idn", "tambon_code", "tb_code", "tam_code"))
    if code is not None and not re.fullmatch(r"\d{6}", code, re.ASCII):
        raise Implausible(f"no code of a tambon: {code[:20]!r}")
    if code is None and not rings:
        raise Misshapen("neither a tambon nor a shape")
    sensor, at = _pass(fields)
    return _Cell(
        words(pick(fields, "h3_address", "_id")) or words(raw.get("id")) or f"#{nth}",
        code, _km2(fields, rings), at, sensor, words(pick(fields, "tb_tn", "tambon_th", "tam_nam_t")), rings,
    )  # fmt: skip


def _km2(fields: Mapping[str, Any], rings: tuple[Ring, ...]) -> float:
    told = number(pick(fields, "f_area", "_area"))
    if told is None and (rai := number(pick(fields, "area_rai", "rai"))) is not None:
        told = rai * RAI_M2
    if told is None and rings:
        told = sum(_ring_m2(ring) for ring in rings)
    if told is None:
        raise Implausible("no area is told")
    within(told / 1e6, *CELL_KM2, "flooded land in km2")
    return told / 1e6


def _pass(fields: Mapping[str, Any]) -> tuple[str, datetime]:
    """Which satellite, and when: of several passes the newest. Else when the feature was made."""
    names = words(pick(fields, "file_name", "filename", "image", "satellite")) or ""
    found = [(one[0], one) for one in _PASS.finditer(names)]
    if found:
        newest = max(found, key=lambda one: one[1].groups())[1]
        year, month, day, hour, minute = newest.groups()
        sensor = re.split(r"[,\s]+", names[: newest.start()].rstrip("_-"))[-1].strip("_-") or names[:12]
        return sensor, moment(f"{year}-{month}-{day} {hour}:{minute}")
    made = pick(
        fields, "acq_date", "acquisition_date", "date", "flood_date", "_updatedat", "_createdat", "created"
    )
    return names[:40], moment(made)


def _rings(geometry: Any, mercator: bool) -> tuple[Ring, ...]:
    """Outer rings as (lat, lon), closed. Nothing for what is no polygon."""
    if not isinstance(geometry, Mapping):
        return ()
    coordinates = geometry.get("coordinates")
    match geometry.get("type"):
        case "Polygon" if isinstance(coordinates, list):
            raws = coordinates[:1]
        case "MultiPolygon" if isinstance(coordinates, list):
            raws = [part[0] for part in coordinates if isinstance(part, list) and part]
        case _ if isinstance(geometry.get("rings"), list):
            raws = geometry["rings"]
        case _:
            return ()
    rings = (_ring(raw, mercator) for raw in raws)
    return tuple(ring for ring in rings if ring is not None)


def _ring(raw: Any, mercator: bool) -> Ring | None:
    try:
        points = [(float(pair[1]), float(pair[0])) for pair in raw]
    except (TypeError, ValueError, LookupError, OverflowError):
        return None
    if mercator:
        points = [_degrees(y, x) for y, x in points]
    if len(points) < 3 or not all(5 <= lat <= 21 and 97 <= lon <= 106 for lat, lon in points):
        return None
    return tuple(points if points[0] == points[-1] else [*points, points[0]])


def _degrees(y: float, x: float) -> tuple[float, float]:
    """Web mercator (EPSG 3857), metres -> (lat, lon)."""
    y = max(-2e7, min(2e7, y))
    return math.degrees(2 * math.atan(math.exp(y / 6_378_137)) - math.pi / 2), math.degrees(x / 6_378_137)


def _ring_m2(ring: Ring) -> float:
    """Area of a small ring on the sphere, within a percent: Thailand is near the equator."""
    metres = math.radians(1) * 6_371_008.8
    narrow = math.cos(math.radians(sum(lat for lat, _ in ring) / len(ring)))
    twice = sum(a[1] * b[0] - b[1] * a[0] for a, b in pairwise(ring))
    return abs(twice) / 2 * metres * metres * narrow
