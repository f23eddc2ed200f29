"""River flood forecasts of Google Flood Hub: how bad it gets at a gauge, and the days ahead.

The Flood Forecasting API wants a key; it goes into a header, never into an address. Gauges named `hybas_…` are points of a model
without a gauge on the bank. Whether a gauge's numbers are metres or m3/s only its model says. Feed notes: docs/sources/flood_hub.md.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, NamedTuple
from urllib.parse import quote

import requests
from pydantic import Field, JsonValue, SecretStr

from sources import polite
from sources.checks import Implausible, not_ahead, number
from sources.contract import (
    UNITS,
    Bulletin,
    Forecast,
    Payload,
    Quantity,
    Reading,
    Rejected,
    Source,
    SourceChanged,
    SourceUnavailable,
)
from sources.envelope import json_of
from sources.rows import Misshapen, moment, pick, plausible, read_each, words

URL = "https://floodforecasting.googleapis.com/v1"
# What its severities mean, by its own thresholds: warning, danger and extreme danger level of each gauge.
SEVERITY = {"NO_FLOODING": None, "ABOVE_NORMAL": "Moderate", "SEVERE": "Severe", "EXTREME": "Extreme"}
WORDS = {
    "NO_FLOODING": ("ไม่คาดว่าจะท่วม", "no flooding expected"),
    "ABOVE_NORMAL": ("น้ำสูงกว่าปกติ", "above normal"),
    "SEVERE": ("น้ำท่วมรุนแรง", "severe flooding"),
    "EXTREME": ("น้ำท่วมรุนแรงมาก", "extreme flooding"),
}
TREND = {"RISE": ("กำลังขึ้น", "rising"), "FALL": ("กำลังลด", "falling"), "NO_CHANGE": ("ทรงตัว", "steady")}
LISTS = ("floodStatuses", "gaugeModels", "gauges", "significantEvents")
# Metres are above the gauge's own zero: the reference names no datum.
_OF_UNIT = {"CUBIC_METERS_PER_SECOND": Quantity.DISCHARGE, "METERS": Quantity.STAGE}
_LEVELS = (("warningLevel", "เตือนภัย", "warning"), ("dangerLevel", "อันตราย", "danger"),
           ("extremeDangerLevel", "อันตรายมาก", "extreme danger"))  # fmt: skip
MODEL_POINT = "hybas_"  # every one seen tells m3/s


class _About(NamedTuple):
    """What the answer tells of a gauge beside its status."""

    quantity: Quantity | None
    levels: tuple[tuple[str, str, float], ...]
    named: str | None


class FloodHub(Source):
    """The latest status and forecast of the gauges named."""

    needs_key: ClassVar[bool] = True
    signs: ClassVar[tuple[str, ...]] = ('"floodstatuses"', '"gaugeid"', '"forecastranges"')
    may_be_empty: ClassVar[bool] = True

    url: str = URL
    key: SecretStr = SecretStr("")
    gauges: list[str] = Field(default=[], max_length=100)  # as Flood Hub names them: hybas_4120000000
    deadline: timedelta = timedelta(seconds=30)

    def fetch(self, http: requests.Session, now: datetime) -> Payload:
        """Status, forecast and models as one answer; the status counts without the others. Raises SourceUnavailable."""
        since = (now.astimezone(UTC) - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
        status = self._ask(http, now, "floodStatus:queryLatestFloodStatusByGaugeIds", {})
        if isinstance(status, polite.NotModified):
            return Payload(b"", fetched_at=now, not_modified=True)
        try:
            told = json_of(status, self.name)
        except SourceChanged:
            return Payload(status, fetched_at=now)  # `read` says what it is
        if not isinstance(told, dict) or "error" in told:
            return Payload(status, fetched_at=now)
        for what, field, shape, params in (
            ("gauges:queryGaugeForecasts", "forecasts", dict, {"issuedTimeStart": since}),
            ("gaugeModels:batchGet", "gaugeModels", list, {}),
        ):
            found = self._beside(http, now, what, params).get(field)
            if isinstance(found, shape):
                told[field] = found
        return Payload(json.dumps(told, ensure_ascii=False).encode(), fetched_at=now)

    def _beside(
        self, http: requests.Session, now: datetime, what: str, params: dict[str, str]
    ) -> dict[str, Any]:
        """An answer beside the status; nothing where it cannot be had."""
        try:
            body = self._ask(http, now, what, params)
            told = {} if isinstance(body, polite.NotModified) else json_of(body, self.name)
        except (SourceChanged, SourceUnavailable):
            return {}
        return told if isinstance(told, dict) else {}

    def _ask(
        self, http: requests.Session, now: datetime, what: str, params: dict[str, str]
    ) -> bytes | polite.NotModified:
        field, before = ("names", "gaugeModels/") if what.startswith("gaugeModels") else ("gaugeIds", "")
        query = "&".join(f"{field}={quote(before + gauge, safe='/')}" for gauge in self.gauges)
        url = f"{self.url.rstrip('/')}/{what}" + (f"?{query}" if query else "")
        headers = {"X-Goog-Api-Key": self.key.get_secret_value()}
        return polite.get(http, url, now, params=params, headers=headers, deadline=self.deadline)

    def read(self, payload: Payload) -> list[Reading]:
        told = json_of(payload.body, self.name)
        if isinstance(told, list):
            told = {"floodStatuses": told}
        if not isinstance(told, dict):
            raise SourceChanged(f"{self.name}: no answer of Flood Hub")
        if "error" in told:
            raise SourceChanged(
                f"{self.name}: the service answered: {str(pick(told, 'error.message', 'error'))[:120]}"
            )
        forecasts = told.get("forecasts")
        known = [name for name in LISTS if isinstance(told.get(name), list)]
        if told and not known and not isinstance(forecasts, dict) and set(told) != {"nextPageToken"}:
            raise SourceChanged(f"{self.name}: neither floodStatuses nor forecasts in the answer")
        about = _about(told)
        statuses: list[JsonValue] = told["floodStatuses"] if "floodStatuses" in known else []
        readings = read_each(self.name, statuses, lambda raw: self._status(raw, payload.fetched_at, about))
        if isinstance(forecasts, Mapping):
            rows = [dict(one) if isinstance(one, Mapping) else one for one in _each(forecasts)]
            readings += read_each(self.name, rows, lambda raw: self._ahead(raw, payload.fetched_at, about))
        return readings

    def _status(self, raw: JsonValue, fetched_at: datetime, about: Mapping[str, _About]) -> Iterator[Reading]:
        gauge = words(pick(raw, "gaugeId"))
        if not isinstance(raw, dict) or gauge is None:
            raise Misshapen("no gauge is named")
        severity = (words(raw.get("severity")) or "UNKNOWN").upper()
        if severity not in SEVERITY:
            raise Implausible(f"{gauge}: its severity is {severity[:30]}, so nothing is known")
        issued_at = moment(raw.get("issuedTime"), UTC)
        not_ahead(issued_at, fetched_at)
        th, en = WORDS[severity]
        trend_th, trend_en = TREND.get((words(raw.get("forecastTrend")) or "").upper(), ("", ""))
        verified = "" if raw.get("qualityVerified") is True else " (ยังไม่ยืนยันคุณภาพ)"
        verified_en = "" if raw.get("qualityVerified") is True else " (quality not verified)"
        lat, lon = _where(pick(raw, "gaugeLocation", "location"))
        known = about.get(gauge, _About(None, (), None))
        called = f"{known.named} ({gauge})" if known.named else gauge
        unit = f" {UNITS[known.quantity]}" if known.quantity else ""
        levels_th = "".join(f" · เกณฑ์{th} {value:g}{unit}" for th, _, value in known.levels)
        levels_en = "".join(f"; {en} level {value:g}{unit}" for _, en, value in known.levels)
        yield Bulletin(
            source=self.name,
            key=f"{gauge} {issued_at:%Y-%m-%dT%H:%MZ} {severity}",
            title_th=f"Google Flood Hub {called}: {th}",
            title_en=f"Google Flood Hub {called}: {en}",
            text_th=" ".join(filter(None, (th, trend_th))) + verified + levels_th,
            text_en=", ".join(filter(None, (en, trend_en))) + verified_en + levels_en,
            announced_at=issued_at,
            effective_from=_time_or_none(pick(raw, "forecastTimeRange.start")),
            effective_to=_time_or_none(pick(raw, "forecastTimeRange.end")),
            areas=(),
            severity=SEVERITY[severity],
            hazard="river_overflow",
            lat=lat,
            lon=lon,
        )

    def _ahead(self, raw: JsonValue, fetched_at: datetime, about: Mapping[str, _About]) -> Iterator[Reading]:
        gauge = words(pick(raw, "gaugeId"))
        ranges = pick(raw, "forecastRanges")
        if not isinstance(raw, dict) or gauge is None or not isinstance(ranges, list):
            raise Misshapen("no gauge, or no forecastRanges")
        issued_at = moment(raw.get("issuedTime"), UTC)
        not_ahead(issued_at, fetched_at)
        quantity = about[gauge].quantity if gauge in about else None
        if quantity is None and gauge.startswith(MODEL_POINT):
            quantity = Quantity.DISCHARGE
        if quantity is None:
            raise Implausible(f"{gauge}: metres or m3/s? no model in the answer tells its unit")
        once: dict[datetime, float] = {}
        for told in ranges:
            try:
                value = number(pick(told, "value"))
                if value is None:
                    raise Implausible(f"{gauge}: a forecast without a value")
                plausible(quantity, value)
                if (
                    quantity is Quantity.DISCHARGE and value < 0
                ):  # a gauge near the sea may, this model may not
                    raise Implausible(f"implausible: {gauge} flows {value:g} m3/s")
                valid_at = moment(pick(told, "forecastEndTime", "forecastStartTime"), UTC)
                if once.get(valid_at) == value:
                    continue
                if once.setdefault(valid_at, value) != value:
                    raise Implausible(
                        f"{gauge}: {value:g} where it told {once[valid_at]:g} for the same time"
                    )
            except Implausible as error:  # one day of several: the others count
                yield Rejected(told, why=str(error))
                continue
            yield Forecast(
                source=self.name,
                place=gauge,
                quantity=quantity,
                value=value,
                unit=UNITS[quantity],
                valid_at=valid_at,
                issued_at=issued_at,
            )


def _about(told: Mapping[str, Any]) -> dict[str, _About]:
    """Unit, thresholds and name of each gauge, where gaugeModels or gauges stand in the answer."""
    found: dict[str, _About] = {}
    for row in [*_list(told, "gaugeModels"), *_list(told, "gauges")]:
        gauge = words(pick(row, "gaugeId"))
        if gauge is None:
            continue
        before = found.get(gauge, _About(None, (), None))
        levels = []
        for field, th, en in _LEVELS:
            try:
                value = number(pick(row, f"thresholds.{field}"))
            except Implausible:
                continue
            if value is not None:
                levels.append((th, en, value))
        unit = (words(pick(row, "gaugeValueUnit")) or "").upper()
        named = " ".join(filter(None, (words(pick(row, "siteName")), words(pick(row, "river")))))
        found[gauge] = _About(
            _OF_UNIT.get(unit, before.quantity), tuple(levels) or before.levels, named or before.named
        )
    return found


def _list(told: Mapping[str, Any], field: str) -> list[Any]:
    held = told.get(field)
    return held if isinstance(held, list) else []


def _each(forecasts: Mapping[str, Any]) -> Iterator[JsonValue]:
    """Every forecast of the answer, under its gauge or alone; each knows its gauge."""
    for gauge, held in forecasts.items():
        inside = held.get("forecasts") if isinstance(held, Mapping) else held
        for one in inside if isinstance(inside, list) else [held]:
            yield {"gaugeId": gauge, **one} if isinstance(one, Mapping) else one


def _where(told: Any) -> tuple[float, float] | tuple[None, None]:
    try:
        lat, lon = number(pick(told, "latitude", "lat")), number(pick(told, "longitude", "lon"))
    except Implausible:
        return None, None
    if lat is None or lon is None or not (-90 <= lat <= 90 and -180 <= lon <= 180):
        return None, None
    return lat, lon


def _time_or_none(told: Any) -> datetime | None:
    try:
        return moment(told, UTC)
    except Implausible:
        return None
