"""Small bodies of the agencies' feeds, in the shape of each; nothing in them happened."""

import json
from typing import Any


def quake(**changes: Any) -> dict[str, Any]:
    """A feature of USGS: magnitude 7.9 off Sumatra at 19:00 in Bangkok, 20 km deep, reviewed."""
    properties = {
        "mag": 7.9, "place": "off the coast of Sumatra", "time": 1795435200000, "updated": 1795435900000, "alert": "orange",
        "status": "reviewed", "tsunami": 1, "net": "us", "code": "7000test", "type": "earthquake", "magType": "mww",
        "url": "https://earthquake.usgs.gov/earthquakes/eventpage/us7000test", "title": "M 7.9 - off the coast of Sumatra",
    }  # fmt: skip
    geometry = {"type": "Point", "coordinates": changes.pop("at", [95.9, 3.3, 20.0])}
    return {
        "type": "Feature",
        "id": changes.pop("id", "us7000test"),
        "geometry": geometry,
        "properties": properties | changes,
    }


def quakes(*features: Any) -> bytes:
    return json.dumps(
        {"type": "FeatureCollection", "metadata": {"status": 200}, "features": list(features)}
    ).encode()


def gdacs_item(**changes: str) -> str:
    """An item of GDACS: a cyclone in the Gulf of Thailand, Orange, still going on; a field is left out by ""."""
    told = {
        "title": "Orange alert for tropical cyclone TEST-26", "description": "A tropical storm.", "link": "https://www.gdacs.org/x",
        "pubDate": "Mon, 23 Nov 2026 12:00:00 GMT", "gdacs:iscurrent": "true", "gdacs:fromdate": "Sun, 22 Nov 2026 00:00:00 GMT",
        "gdacs:todate": "Mon, 23 Nov 2026 12:00:00 GMT", "gdacs:eventtype": "TC", "gdacs:eventid": "1001", "gdacs:episodeid": "5",
        "gdacs:alertlevel": "Green", "gdacs:episodealertlevel": "Orange", "gdacs:eventname": "TEST-26", "gdacs:country": "Thailand",
        "gdacs:bbox": "99.0 103.0 6.0 10.0", "georss:point": "8.5 101.2",
    } | {name.replace("__", ":"): value for name, value in changes.items()}  # fmt: skip
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in told.items() if value)
    return f'<item>{inside}<gdacs:severity unit="km/h" value="111">Tropical Storm</gdacs:severity></item>'


def gdacs_feed(*items: str) -> bytes:
    names = 'xmlns:gdacs="http://www.gdacs.org" xmlns:georss="http://www.georss.org/georss"'
    return f'\ufeff<?xml version="1.0" encoding="utf-8"?><rss version="2.0" {names}><channel>{"".join(items)}</channel></rss>'.encode()


def flow(**changes: Any) -> bytes:
    """GloFAS for one point: two days, the median and six members."""
    daily: dict[str, Any] = {
        "time": ["2026-11-24", "2026-11-25"], "river_discharge": [20.0, 60.0], "river_discharge_median": [22.0, 61.0],
    } | {f"river_discharge_member{nth:02}": [10.0 * nth, 20.0 * nth] for nth in range(1, 7)}  # fmt: skip
    told = {
        "latitude": 7.6, "longitude": 100.1, "utc_offset_seconds": 0, "daily": daily | changes.pop("daily", {}),
        "daily_units": {"time": "iso8601"} | {name: "m³/s" for name in daily if name != "time"},
    } | changes  # fmt: skip
    return json.dumps(told).encode()


def flood_hub(**changes: Any) -> bytes:
    """One gauge of Flood Hub, SEVERE and rising, and its forecast of two days."""
    status = {
        "gaugeId": "hybas_4120000001", "qualityVerified": True, "gaugeLocation": {"latitude": 7.6, "longitude": 100.1},
        "issuedTime": "2026-11-23T06:00:00.123456789Z", "forecastTrend": "RISE", "severity": "SEVERE",
        "forecastTimeRange": {"start": "2026-11-24T00:00:00Z", "end": "2026-11-27T00:00:00Z"},
    } | changes  # fmt: skip
    ranges = [
        {
            "value": 55.5,
            "forecastStartTime": "2026-11-24T00:00:00Z",
            "forecastEndTime": "2026-11-25T00:00:00Z",
        },
        {"value": 80, "forecastStartTime": "2026-11-25T00:00:00Z", "forecastEndTime": "2026-11-26T00:00:00Z"},
    ]
    ahead = {"gaugeId": status["gaugeId"], "issuedTime": "2026-11-23T06:00:00Z", "forecastRanges": ranges}
    return json.dumps(
        {"floodStatuses": [status], "forecasts": {str(status["gaugeId"]): {"forecasts": [ahead]}}}
    ).encode()


def dust(**changes: Any) -> bytes:
    """A station of Air4Thai: 26 ug/m3 of fine dust at 19:00."""
    last = {
        "date": "2026-11-23", "time": "19:00", "PM25": {"aqi": "26", "value": "26"}, "AQI": {"aqi": "26"},
        "SO2": {"aqi": "-999", "value": "-1"},
    } | changes  # fmt: skip
    station = {"stationID": "99t", "nameTH": "ที่ทดสอบ", "lat": "7.6", "long": "100.0", "AQILast": last}
    return json.dumps({"stations": [station]}, ensure_ascii=False).encode()


def ews_row(**changes: Any) -> dict[str, Any]:
    """A foothill station of DWR at 19:15: 118 mm in 12 h, its light at 2."""
    return {
        "stn": "STN9999", "name": "บ้านทดสอบ", "stn_type": "RF", "tambon": "กงหรา", "amphoe": "กงหรา", "province": "พัทลุง",
        "latitude": "7.47", "longitude": "99.92", "status": "2", "warn": None, "rain": "3.5", "rain12h": "118.0", "rain07h": "64.5",
        "temp": "24.1", "wl": "1.25", "wl07h": "N/A", "soil": "61.2", "date": "2026-11-23 19:15:00",
    } | changes  # fmt: skip


def ews(*rows: Any) -> bytes:
    return json.dumps(list(rows or (ews_row(),)), ensure_ascii=False).encode()


def three_hours(**changes: Any) -> bytes:
    """A station of TMD at 19:00: 12.4 mm in 3 h, 36 km/h from the east."""
    seen = {
        "DateTime": "11/23/2026 19:00:00", "MeanSeaLevelPressure": "1009.5", "AirTemperature": "24.5", "RelativeHumidity": "96",
        "WindDirection": "090", "WindSpeed": "36.0", "Rainfall": "12.4",
    } | changes  # fmt: skip
    station = {
        "WmoStationNumber": "48999",
        "StationNameThai": "ที่ทดสอบ",
        "Latitude": "7.6",
        "Longitude": "100.1",
        "Observation": seen,
    }
    return json.dumps(
        {"Header": {"status": "200 OK"}, "Stations": {"Station": [station]}}, ensure_ascii=False
    ).encode()


def seven_days(**changes: Any) -> bytes:
    """Two days of Phatthalung, the newest first: heavy rain on the second."""
    days = {
        "ForecastDate": ["24/11/2026", "23/11/2026"], "MaximumTemperature": ["29.0", "30.0"], "WindSpeed": ["36", "18"],
        "PercentRainCover": ["80", "40"], "DescriptionThai": ["ฝนตกหนัก", "ฝนฟ้าคะนอง"],
        "DescriptionEnglish": ["Heavy Rain", "Heavy Rain"],
    } | changes  # fmt: skip
    province = {"ProvinceNameThai": "พัทลุง", "ProvinceNameEnglish": "Pattalung", "SevenDaysForecast": days}
    return json.dumps(
        {"header": {"status": "200 OK"}, "Provinces": {"Province": [province]}}, ensure_ascii=False
    ).encode()


def seismic_xml(**changes: str) -> bytes:
    """A quake of magnitude 4.1 at 19:00, 5 km deep."""
    told = {
        "OriginThai": "&#xE2D;.&#xE40;&#xE21;&#xE37;&#xE2D;&#xE07;", "DateTimeUTC": "2026-11-23 12:00:00.000",
        "DateTimeThai": "2026-11-23 19:00:00.000", "Depth": "5", "Magnitude": "4.1", "Latitude": "8.10", "Longitude": "98.90",
    } | changes  # fmt: skip
    inside = "".join(f"<{name}>{text}</{name}>" for name, text in told.items() if text)
    return f"<DailySeismicEvents><DailyEarthquakes>{inside}</DailyEarthquakes></DailySeismicEvents>".encode()
