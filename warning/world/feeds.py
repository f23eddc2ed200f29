"""ThaiWater as it answers, from the scripted night, with every failure seen in the wild.

Shape: rows of the real feed of 2024-10 and 2026-08/09. Levels are strings, rain is a JSON number, times
are Bangkok time without a zone, a stale row keeps its old situation_level, a station without bed has no
percent and no level.
"""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from aiohttp import web

from geo.when import BANGKOK
from warning.world.night import DEMO_NIGHT, Night, rain_sum_mm, reported
from warning.world.serving import Served
from warning.world.stations import GAUGES, RAIN_GAUGES, Agency, Gauge

Row = dict[str, Any]
BASE = "/api/v1/thaiwater30"
LEVEL, RAIN = "waterlevel_load", "rain_24h"
_SOUTH = {"area_code": "5", "area_name": {"th": "ภาคใต้", "en": "South"}}
_PROVINCE = {"province_code": "93", "province_name": {"th": "พัทลุง", "en": "Phatthalung"}}
_BASIN = {"basin_code": 21, "basin_name": {"th": "ลุ่มน้ำทะเลสาบสงขลา", "en": "Songkhla Lake Basin"}, "id": 26}


class Failure(StrEnum):
    NONE = "none"
    HTML = "html"  # HTTP 200 with a page
    HALF_JSON = "half_json"
    EMPTY = "empty"  # result OK, no rows: a supplier's gap, not calm
    RESULT_NO = "result_no"  # HTTP 200, result NO, data is text
    YEAR_2569 = "year_2569"
    TIMES_TEN = "times_ten"
    CLOCK_7H = "clock_7h"  # Bangkok wall time written as if it were 7 h later
    STALE = "stale"  # rows stand still at the moment the failure began
    STATUS_503 = "503"
    HANG = "hang"


def situation_level(percent: float) -> int:
    """1 is critically low, 3 normal, 5 over the bank: <=10, >10, >30, >70, >100 %."""
    return 1 + sum(percent > limit for limit in (10, 30, 70, 100))


def _agency(agency: Agency) -> Row:
    return {
        "id": agency.id,
        "agency_name": {"th": agency.th, "en": agency.en, "jp": ""},
        "agency_shortname": {"th": agency.short_th, "en": agency.short_en, "jp": ""},
    }


def _stamp(at: datetime) -> str:
    return at.astimezone(BANGKOK).strftime("%Y-%m-%d %H:%M")


def level_row(gauge: Gauge, level: float, previous: float, at: datetime) -> Row:
    """One row of waterlevel_load. `at` aware."""
    bank_side = level - gauge.bank_m
    row: Row = {
        "agency": _agency(gauge.agency),
        "basin": _BASIN,
        "diff_wl_bank": f"{abs(bank_side):.2f}",  # a magnitude: the text tells the side
        "diff_wl_bank_text": "ล้นตลิ่ง (ม.)" if bank_side > 0 else "ต่ำกว่าตลิ่ง (ม.)",
        "discharge": None,
        "flow_rate": None,
        "geocode": {
            **_SOUTH,
            **_PROVINCE,
            "amphoe_code": gauge.tambon[2:4],
            "amphoe_name": {"th": gauge.amphoe_th},
            "tumbon_code": gauge.tambon[4:6],
            "tumbon_name": {"th": gauge.tambon_th},
        },
        "id": 1281360000 + gauge.id % 10000,
        "river_name": "",
        "sort_order": None,
        "station": {
            "agency_id": gauge.agency.id,
            "critical_level_m": None,
            "critical_level_msl": None,
            "ground_level": gauge.bed_m,
            "id": gauge.id,
            "is_key_station": gauge.agency.short_en == "RID",
            "left_bank": gauge.left_m,
            "min_bank": gauge.bank_m,
            "offset": 0 if gauge.agency.short_en == "RID" else None,
            "right_bank": gauge.right_m,
            "sub_basin_id": 2002,
            "tele_station_lat": gauge.lat,
            "tele_station_long": gauge.lon,
            "tele_station_name": {"th": gauge.th} | ({"en": gauge.en} if gauge.en is not None else {}),
            "tele_station_oldcode": gauge.code,
            "tele_station_type": "tele_waterlevel",
            "warning_level_m": None,
        },
        "station_type": "tele_waterlevel",
        "storage_percent": None,
        "waterlevel_datetime": _stamp(at),
        "waterlevel_m": None,
        "waterlevel_msl": f"{level:.2f}",
        "waterlevel_msl_previous": f"{previous:.2f}",
    }
    if gauge.bed_m is not None:
        percent = (level - gauge.bed_m) / (gauge.bank_m - gauge.bed_m) * 100
        row["storage_percent"] = f"{percent:.2f}"
        row["situation_level"] = situation_level(percent)
    return row


class FeedServer(Served):
    """waterlevel_load and rain_24h at the injected clock's time. `fail` may be called at any moment."""

    def __init__(
        self, now: Callable[[], datetime], starts: datetime, night: Night = DEMO_NIGHT, port: int = 0
    ) -> None:
        super().__init__(port)
        self._now, self._starts, self._night = now, starts, night
        self.failures: dict[str, Failure] = {}
        self._since: dict[str, datetime] = {}
        self.asked: dict[str, int] = {LEVEL: 0, RAIN: 0}

    @property
    def level_url(self) -> str:
        return f"{self.url}{BASE}/public/{LEVEL}"

    @property
    def rain_url(self) -> str:
        return f"{self.url}{BASE}/public/{RAIN}"

    def fail(self, feed: str, failure: Failure) -> None:
        """From now on `feed` fails so; Failure.NONE mends it. `feed` is LEVEL or RAIN."""
        self.failures[feed] = failure
        self._since[feed] = self._now()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(f"{BASE}/public/{LEVEL}", self._level),
            web.get(f"{BASE}/public/{RAIN}", self._rain),
        ]

    def level_rows(self, at: datetime) -> list[Row]:
        rows = []
        for code in self._night.rises:
            reading = reported(code, self._hours(at), self._night)
            before = reported(code, reading.at_h - self._night.tick.total_seconds() / 3600, self._night)
            taken = self._starts + timedelta(hours=reading.at_h)
            rows.append(level_row(GAUGES[code], reading.level_m, before.level_m, taken))
        return rows

    def rain_rows(self, at: datetime) -> list[Row]:
        tick_s = self._night.tick.total_seconds()
        t = self._hours(at) * 3600 // tick_s * tick_s / 3600
        stamp = _stamp(self._starts + timedelta(hours=t))
        rows = []
        for place in RAIN_GAUGES.values():
            name = {"th": place.th}
            row: Row = {
                "id": 312090000 + place.id % 10000,
                "rain_24h": round(rain_sum_mm(place.code, t, 24, self._night), 1),
                "rain_1h": round(rain_sum_mm(place.code, t, 1, self._night), 1),
                "rainfall_datetime": stamp,
                "station_type": "rainfall_24h",
                "agency": {k: v for k, v in _agency(place.agency).items() if k != "id"},
                "geocode": {
                    "warning_zone": "10",
                    **_SOUTH,
                    "amphoe_name": {"th": place.amphoe_th},
                    "tumbon_name": {"th": place.tambon_th},
                    **_PROVINCE,
                },
                "station": {
                    "id": place.id,
                    "tele_station_name": name,
                    "tele_station_lat": place.lat,
                    "tele_station_long": place.lon,
                    "tele_station_oldcode": place.code,
                    "tele_station_type": "rainfall_24h",
                    "sub_basin_id": "2002",  # text here, a number in waterlevel_load
                },
                "basin": _BASIN,
            }
            if place.agency.short_en == "DWR":
                del row["rain_1h"]  # absent when unknown, as the real feed does
            rows.append(row)
        return rows

    def _hours(self, at: datetime) -> float:
        return (at - self._starts).total_seconds() / 3600

    async def _level(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, LEVEL, self.level_rows, lambda body: {"waterlevel_data": body})

    async def _rain(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, RAIN, self.rain_rows, lambda body: body)

    async def _answer(
        self,
        request: web.Request,
        feed: str,
        rows_at: Callable[[datetime], list[Row]],
        envelope: Callable[[Row], Row],
    ) -> web.StreamResponse:
        self.asked[feed] += 1
        failure = self.failures.get(feed, Failure.NONE)
        rows = rows_at(self._since[feed] if failure is Failure.STALE else self._now())
        wanted = request.query.get("province_code", "93").split(",")
        body: Row = {"result": "OK", "data": rows if "93" in wanted else []}
        match failure:
            case Failure.HTML:
                return web.Response(
                    text="<html><body>Service maintenance</body></html>", content_type="text/html"
                )
            case Failure.STATUS_503:
                return web.Response(status=503, text="upstream")
            case Failure.HANG:
                await asyncio.sleep(3600)
            case Failure.EMPTY:
                body["data"] = []
            case Failure.RESULT_NO:
                body = {"result": "NO", "data": "pq: canceling statement due to statement timeout"}
            case Failure.YEAR_2569 | Failure.TIMES_TEN | Failure.CLOCK_7H:
                for row in rows:
                    _spoil(row, failure)
            case _:
                pass
        text = json.dumps(envelope(body), ensure_ascii=False)
        if failure is Failure.HALF_JSON:
            text = text[: len(text) // 2]
        return web.Response(text=text, content_type="application/json")


def _spoil(row: Row, failure: Failure) -> None:
    when = "waterlevel_datetime" if "waterlevel_datetime" in row else "rainfall_datetime"
    if failure is Failure.TIMES_TEN:
        if "waterlevel_msl" in row:
            row["waterlevel_msl"] = f"{float(row['waterlevel_msl']) * 10:.2f}"
        else:
            row["rain_24h"] *= 10
    elif failure is Failure.CLOCK_7H:
        later = datetime.strptime(row[when], "%Y-%m-%d %H:%M").replace(tzinfo=BANGKOK) + timedelta(hours=7)
        row[when] = _stamp(later)
    else:
        row[when] = str(int(row[when][:4]) + 543) + row[when][4:]
