"""Small payload bodies of our own, in the shape of each feed; invented stations."""

import json
from datetime import UTC, datetime
from typing import Any

from sources.contract import Bulletin, Forecast, Observation, Payload, Reading, Rejected
from sources.reading import source_of

FETCHED = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)  # 19:30 in Bangkok
MISSING = object()


def level_row(**changes: Any) -> dict[str, Any]:
    """A row of the level feed: bed 10 m, lowest bank 20 m, water at 15.50 m. MISSING takes a key away."""
    station = {
        "id": 1095876,
        "tele_station_oldcode": "X.99",
        "tele_station_name": {"th": "บ้านทดสอบ ", "en": " "},
        "tele_station_lat": 7.6,
        "tele_station_long": 100.0,
        "left_bank": 663.26,
        "right_bank": 663.58,
        "min_bank": 20.0,
        "ground_level": 10.0,
        "sub_basin_id": 154,
    }
    geocode = {"province_code": "93", "amphoe_code": "07", "tumbon_code": "02"}
    row = {
        "waterlevel_datetime": "2026-11-23 19:20",
        "waterlevel_m": None,
        "waterlevel_msl": "15.50",
        "discharge": None,
        "situation_level": 3,
        "agency": {"agency_name": {"th": "กรมชลประทาน "}},
    }
    return _changed(row, changes, station=station, geocode=geocode)


def rain_row(**changes: Any) -> dict[str, Any]:
    """A row of the rain feed: 42.5 mm in 24 h, 3.5 mm in the last hour, no codes of places."""
    station = {
        "id": 1316655,
        "tele_station_oldcode": "STN9999",
        "tele_station_name": {"th": "บ้านทดสอบ"},
        "tele_station_lat": 7.6,
        "tele_station_long": 100.0,
        "sub_basin_id": "17-is",
    }
    geocode = {"warning_zone": "10", "province_code": "93", "tumbon_name": {"th": "เขาปู่"}}
    row = {
        "rain_24h": 42.5,
        "rain_1h": 3.5,
        "rainfall_datetime": "2026-11-23 19:00",
        "station_type": "rainfall_24h",
    }
    return _changed(row, changes, station=station, geocode=geocode)


def _changed(row: dict[str, Any], changes: dict[str, Any], **parts: dict[str, Any]) -> dict[str, Any]:
    made = row | parts
    for key, value in changes.items():
        home = next((part for part in parts.values() if key in part), made)
        if value is MISSING:
            home.pop(key, None)
        else:
            home[key] = value
    return made


def level_body(*rows: Any) -> bytes:
    return json.dumps({"waterlevel_data": {"result": "OK", "data": list(rows)}}, ensure_ascii=False).encode()


def rain_body(*rows: Any) -> bytes:
    return json.dumps({"result": "OK", "data": list(rows)}, ensure_ascii=False).encode()


def forecast_body(**changes: Any) -> bytes:
    told = {
        "latitude": 7.625,
        "longitude": 100.125,
        "utc_offset_seconds": 25200,
        "hourly_units": {"time": "iso8601", "precipitation": "mm"},
        "hourly": {
            "time": ["2026-11-24T00:00", "2026-11-24T01:00", "2026-11-24T02:00"],
            "precipitation": [0, 8.6, None],
        },
    }
    return json.dumps(told | changes).encode()


def warning_xml(**changes: str) -> bytes:
    """A warning of TMD, its English fields told twice: first in Thai, then in English."""
    told = {
        "IssueNo": "5",
        "AnnounceDate": "2026-11-23 17:00:00",
        "EffectStartDate": "2026-11-23 17:00:00",
        "EffectEndDate": "2026-11-25 17:00:00",
        "TitleThai": "ฝนตกหนักบริเวณภาคใต้ ฉบับที่ 5 (245/2569)",
        "HeadlineThai": "จังหวัดพัทลุงมีน้ำป่าไหลหลาก",
        "DescriptionThai": "ขอให้ระวัง",
        "WebUrlThai": "https://example.invalid/ฉบับที่5.pdf",
    } | changes
    fields = "".join(f"<{tag}>{text}</{tag}>" for tag, text in told.items())
    english = "<TitleEnglish>ฝนตกหนัก</TitleEnglish><TitleEnglish>Heavy rain No.5</TitleEnglish>"
    return (
        '<?xml version="1.0" encoding="utf-8"?><WeatherWarningNews><Header><status>200 OK</status></Header>'
        f"<Warnings><Warning>{fields}{english}</Warning></Warnings></WeatherWarningNews>"
    ).encode()


def read(kind: str, body: bytes, fetched_at: datetime = FETCHED, **fields: Any) -> list[Reading]:
    return source_of(kind, **fields).read(Payload(body, fetched_at))


def observations(readings: list[Reading]) -> list[Observation]:
    return [r for r in readings if isinstance(r, Observation)]


def forecasts(readings: list[Reading]) -> list[Forecast]:
    return [r for r in readings if isinstance(r, Forecast)]


def bulletins(readings: list[Reading]) -> list[Bulletin]:
    return [r for r in readings if isinstance(r, Bulletin)]


def reasons(readings: list[Reading]) -> str:
    return "\n".join(r.why for r in readings if isinstance(r, Rejected))


OWN_SENSORS: dict[str, Any] = {
    "path": "data",
    "station": "stn",
    "time": "at",
    "values": {"level": {"quantity": "stage", "unit": "cm"}, "rain": {"quantity": "rain_1h"}},
}


def own_sensors() -> bytes:
    """One station of an office's own, as OWN_SENSORS declares it: 1.35 m at its gauge, 3.5 mm in the hour."""
    return json.dumps(
        {"data": [{"stn": "M-1", "at": "2026-11-23 19:20", "level": 135, "rain": "3.5"}]}
    ).encode()


def flooded_cell(key: str, **changes: Any) -> dict[str, Any]:
    """A cell of GISTDA in Khuha Sawan: a tenth of a km2, seen by Radarsat at 06:13 Bangkok time on 23 Nov 2026."""
    ring = [[100.07, 7.61], [100.07, 7.613], [100.073, 7.613], [100.07, 7.61]]
    properties: dict[str, Any] = {
        "_createdAt": "2026-11-23T06:22:30.668Z",
        "f_area": 100_000.0,
        "file_name": "rd2_20261123_0613",
        "h3_address": key,
        "tb_idn": 930101,
        "tb_tn": "ต.ทดสอบ",
    }
    geometry = changes.pop("geometry", {"type": "MultiPolygon", "coordinates": [[ring]]})
    return {"type": "Feature", "id": key, "geometry": geometry, "properties": properties | changes}


def flooded_cells() -> bytes:
    return json.dumps(
        {"type": "FeatureCollection", "features": [flooded_cell("a")], "numberMatched": 1}
    ).encode()


def dam_row(**changes: Any) -> dict[str, Any]:
    """A daily row of ThaiWater: 60 of 80 million m3, 1.5 in and 2 out, of them 0.5 over the spillway."""
    row = {
        "id": 9_000_001,
        "dam_date": "2026-11-23",
        "dam_storage": 60.0,
        "dam_storage_percent": 75.0,
        "dam_inflow": 1.5,
        "dam_released": 1.5,
        "dam_spilled": 0.5,
        "dam_uses_water": 50,
        "agency": {"agency_shortname": {"th": "ชป."}},
    }
    about = {
        "id": 77,
        "dam_name": {"th": "ห้วยทดสอบ ", "en": " "},
        "dam_lat": 7.6,
        "dam_long": 99.95,
        "normal_storage": 80,
        "max_storage": 90,
    }
    geocode = {"province_code": "93", "province_name": {"th": "พัทลุง"}}
    return _changed(row, changes, dam=about, geocode=geocode)


def dam_body(*rows: dict[str, Any], **lists: Any) -> bytes:
    return json.dumps({"result": "OK", "data": {"dam_daily": list(rows), **lists}}).encode()


def pier_row(**changes: Any) -> dict[str, Any]:
    """A row of RID's table of piers: bank 20 m, water at 15.50 m, 42 m3/s at 19:00 in Bangkok."""
    row = {
        "station_code": "X.99",
        "station_detail": "บ้านทดสอบ ",
        "province_t": "พัทลุง",
        "latitude": 7.6,
        "longitude": 100.0,
        "hourly_time_utc": "2026-11-23T12:00:00Z",
        "wl_values_msl": 15.5,
        "brae_level_msl": 20.0,
        "pier_diff": -4.5,
        "q_values": "42.00",
        "wl_trend": "คงที่",
    }
    return _changed(row, changes)
