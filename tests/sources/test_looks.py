"""A file given to the wrong reader is told what it looks like, and which reader takes it."""

import json

import pytest

from sources.kinds import kinds
from sources.looks import advice, look
from tests.shared_data import shared_data
from tests.sources.bodies import (
    dam_body,
    dam_row,
    flooded_cells,
    forecast_body,
    level_body,
    level_row,
    pier_row,
    rain_body,
    rain_row,
    warning_xml,
)

OURS = {
    "thaiwater_level": level_body(level_row()),
    "thaiwater_rain": rain_body(rain_row()),
    "tmd_warning": warning_xml(),
    "open_meteo": forecast_body(),
    "gistda_flood": flooded_cells(),
    "thaiwater_dam": dam_body(dam_row()),
    "rid_telemetry": json.dumps({"data": [pier_row()]}).encode(),
    "cap_feed": b"""<?xml version="1.0"?><alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>x</identifier></alert>""",
}


@pytest.mark.parametrize("kind", OURS)
@pytest.mark.parametrize(
    "worn", [bytes, lambda b: b"\xef\xbb\xbf" + b, lambda b: b.decode().encode("utf-16")]
)
def test_each_feed_is_known_by_its_own_signs(kind: str, worn: object) -> None:
    assert callable(worn)
    seen = look(worn(OURS[kind]))
    assert seen is not None and seen.kind == kind
    assert advice(OURS[kind], kind) == ""
    other = next(name for name in OURS if name != kind)
    thai, english = advice(OURS[kind], other).split("\n")
    assert f"raksa read {kind}" in thai and f"raksa read {kind}" in english


def test_every_feed_that_can_be_told_has_signs() -> None:
    ours = {name for name, source in kinds().items() if source.__module__.startswith("sources.")}
    assert {name for name in ours if not kinds()[name].signs} == {
        "replay",  # reads the payloads of others
        "http_json",  # every office's own shape
    }


@pytest.mark.parametrize(
    ("body", "says"),
    [
        pytest.param(b"<!DOCTYPE html><html>", "web page", id="html"),
        pytest.param(b"PK\x03\x04...", "zip or Excel", id="zip"),
        pytest.param(b"id,name,lat,lng\n1,x,2,3\n", "CSV", id="csv"),
        pytest.param(b'{"type": "FeatureCollection", "features": []}', "GeoJSON", id="geojson"),
    ],
)
def test_what_no_reader_takes_is_named(body: bytes, says: str) -> None:
    seen = look(body)
    assert seen is not None and seen.kind is None and says in seen.en
    assert says in advice(body, "tmd_warning")


@pytest.mark.parametrize("body", [b"", b"hello", b"{}", b"\xff\xfe\x00", json.dumps([1, 2]).encode()])
def test_where_nothing_tells_nothing_is_said(body: bytes) -> None:
    assert advice(body, "thaiwater_level") == ""


@pytest.mark.parametrize(
    ("file", "says"),
    [
        ("feeds/gdacs/rss.2019-12-30.xml", "gdacs"),
        ("feeds/usgs/all_day.geojson", "usgs_quake"),
        ("feeds/thaiwater/waterlevel_graph.station795.2022-12-11_14.json", "graph of one station"),
        ("feeds/thaiwater/waterlevel_load.2026-08-02.4rows.json", "thaiwater_level"),
        ("feeds/thaiwater/rain_24h.2026-09-26.2rows.json", "thaiwater_rain"),
        ("feeds/thaiwater/snapshot_2024-10-09_waterlevel.csv", "CSV"),
        ("feeds/tmd/WeatherWarningNews_v1.CONSTRUCTED.json", "tmd_warning"),
        ("feeds/tmd/WeatherToday_V2.2024-10-13.json", "tmd_observation"),
        ("feeds/tmd/DailySeismicEvent_v1.CONSTRUCTED.xml", "tmd_quake"),
        ("feeds/dwr_ews/stn.CONSTRUCTED.json", "dwr_ews"),
        ("cap/messages/th-tmd-20260925163420-reduced.xml", "cap_feed"),
        ("cap/feeds/th-tmd-index.rss", "RSS"),
    ],
)
def test_real_files(file: str, says: str) -> None:
    seen = look(shared_data(file).read_bytes())
    assert seen is not None and says in seen.en
