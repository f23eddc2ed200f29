"""River flood forecasts of Google Flood Hub: how bad it gets at a gauge, and the days ahead.

The Flood Forecasting API wants a key; it goes into a header, never into an address. Gauges named `hybas_…` are points of a model
without a gauge on the bank. Feed notes: docs/sources/flood_hub.md.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote

import requests
from pydantic import Field, JsonValue, SecretStr

from sources import polite
from sources.checks import Implausible, not_ahead, number
from sources.contract import UNITS, Bulletin, Forecast, Payload, Quantity, Reading, Source, SourceChanged
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
_OF_UNIT = {"CUBIC_METERS_PER_SECOND": Quantity.DISCHARGE, "METERS": Quantity.STAGE}


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
        """Status and forecast as one answer. Raises SourceUnavailable."""
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
        ahead = self._ask(http, now, "gauges:queryGaugeForecasts", {"issuedTimeStart": since})
        try:
            forecasts = None if isinstance(ahead, polite.NotModified) else json_of(ahead, self.name)
        except SourceChanged:
            forecasts = None  # the status is true all the same
        if isinstance(forecasts, dict) and isinstance(forecasts.get("forecasts"), dict):
            told["forecasts"] = forecasts["forecasts"]
        return Payload(json.dumps(told, ensure_ascii=False).encode(), fetched_at=now)

    def _ask(
        self, http: requests.Session, now: datetime, what: str, params: dict[str, str]
    ) -> bytes | polite.NotModified:
        query = "&".join(f"gaugeIds={quote(gauge, safe='')}" for gauge in self.gauges)
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
        models = {
            words(pick(m, "gaugeId")): pick(m, "gaugeValueUnit")
            for m in told.get("gaugeModels") or []
            if isinstance(m, dict)
        }
        statuses: list[JsonValue] = told["floodStatuses"] if "floodStatuses" in known else []
        readings = read_each(self.name, statuses, lambda raw: self._status(raw, payload.fetched_at))
        if isinstance(forecasts, Mapping):
            rows = [dict(one) if isinstance(one, Mapping) else one for one in _each(forecasts)]
            readings += read_each(self.name, rows, lambda raw: self._ahead(raw, payload.fetched_at, models))
        return readings

    def _status(self, raw: JsonValue, fetched_at: datetime) -> Iterator[Reading]:
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
        yield Bulletin(
            source=self.name,
            key=f"{gauge} {issued_at:%Y-%m-%dT%H:%MZ} {severity}",
            title_th=f"Google Flood Hub {gauge}: {th}",
            title_en=f"Google Flood Hub {gauge}: {en}",
            text_th=" ".join(filter(None, (th, trend_th))) + verified,
            text_en=", ".join(filter(None, (en, trend_en))) + verified_en,
            announced_at=issued_at,
            effective_from=_time_or_none(pick(raw, "forecastTimeRange.start")),
            effective_to=_time_or_none(pick(raw, "forecastTimeRange.end")),
            areas=(),
            severity=SEVERITY[severity],
            hazard="river_overflow",
            lat=lat,
            lon=lon,
        )

    def _ahead(
        self, raw: JsonValue, fetched_at: datetime, models: Mapping[str | None, Any]
    ) -> Iterator[Reading]:
        gauge = words(pick(raw, "gaugeId"))
        ranges = pick(raw, "forecastRanges")
        if not isinstance(raw, dict) or gauge is None or not isinstance(ranges, list):
            raise Misshapen("no gauge, or no forecastRanges")
        issued_at = moment(raw.get("issuedTime"), UTC)
        not_ahead(issued_at, fetched_at)
        quantity = _OF_UNIT.get(words(models.get(gauge)) or "", Quantity.DISCHARGE)
        for told in ranges:
            value = number(pick(told, "value"))
            if value is None:
                raise Implausible(f"{gauge}: a forecast without a value")
            plausible(quantity, value)
            yield Forecast(
                source=self.name,
                place=gauge,
                quantity=quantity,
                value=value,
                unit=UNITS[quantity],
                valid_at=moment(pick(told, "forecastEndTime", "forecastStartTime"), UTC),
                issued_at=issued_at,
            )


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
