"""Flooded cells of GISTDA added up by tambon, whatever shape the features come in."""

import json
from typing import Any

import pytest
import requests

from sources import polite
from sources.contract import Bulletin, Observation, Payload, Rejected, SourceChanged
from sources.polite_memory import Memory
from sources.reading import source_of
from tests.shared_data import shared_data
from tests.sources.bodies import FETCHED, flooded_cell
from tests.sources.feed_server import feed_server, whole


def read(*features: Any, **around: Any) -> list[Any]:
    body = json.dumps({"type": "FeatureCollection", "features": list(features), **around}).encode()
    return list(source_of("gistda_flood").read(Payload(body, FETCHED)))


def told(readings: list[Any]) -> list[tuple[str, str, float, str]]:
    return [
        (r.station, str(r.quantity), r.value, f"{r.observed_at:%d %H:%M}")
        for r in readings
        if isinstance(r, Observation)
    ]


def why(readings: list[Any]) -> str:
    return " | ".join(r.why for r in readings if isinstance(r, Rejected))


def test_cells_of_a_tambon_are_added_up_and_measured_against_it() -> None:
    readings = read(flooded_cell("a"), flooded_cell("b"), flooded_cell("c", tb_idn=140117))
    assert told(readings) == [
        ("140117", "flooded_km2", 0.1, "22 23:13"),  # whose area we do not hold
        ("930101", "flooded_km2", 0.2, "22 23:13"),
        ("930101", "flooded_area", 1.68, "22 23:13"),  # of 11.87 km2
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"f_area": "100,000.0"}, 0.1, id="text"),
        pytest.param({"tb_idn": "930101"}, 0.1, id="code-as-text"),
        pytest.param({"f_area": None, "_area": 200_000}, 0.2, id="the-other-field"),
        pytest.param({"f_area": None, "area_rai": 100}, 0.16, id="rai"),
    ],
)
def test_bent_a_little(changes: dict[str, Any], expected: float) -> None:
    assert told(read(flooded_cell("a", **changes)))[0] == ("930101", "flooded_km2", expected, "22 23:13")


def test_a_cell_seen_twice_is_one_cell_and_the_newest_pass_counts() -> None:
    assert told(read(flooded_cell("a"), flooded_cell("a", f_area=50_000)))[0][2] == 0.1
    two = flooded_cell("a", file_name="rd2_20261123_0613, S1C_20261123_1824")
    assert told(read(two))[0][3] == "23 11:24"  # 18:24 in Bangkok
    none = flooded_cell("a", file_name=None)
    assert told(read(none))[0][3] == "23 06:22"  # when the feature was made, UTC


def test_arcgis_features_and_web_mercator() -> None:
    degrees = {"attributes": {"TAMBON_IDN": "930101", "acq_date": 1795392000000, "Area_Rai": 100}}
    assert told(read(degrees))[0] == ("930101", "flooded_km2", 0.16, "23 00:00")
    ring = [[11131949.08, 850000.0], [11133061.0, 850000.0], [11133061.0, 851111.0], [11131949.08, 851111.0]]
    drawn = {"attributes": {"acq_date": "2026-11-23T00:00:00Z"}, "geometry": {"rings": [ring]}}
    (bulletin,) = read(drawn, spatialReference={"wkid": 102100})
    assert isinstance(bulletin, Bulletin) and bulletin.hazard == "river_overflow"
    assert bulletin.polygons[0][0] == pytest.approx((7.61, 100.0), abs=0.01) and "1.2" in (
        bulletin.text_en or ""
    )


def test_a_drawn_shape_without_a_tambon_is_a_bulletin_a_pass() -> None:
    readings = read(flooded_cell("a", tb_idn=None), flooded_cell("b", tb_idn=None))
    (bulletin,) = readings
    assert isinstance(bulletin, Bulletin) and len(bulletin.polygons) == 2
    assert (bulletin.key, bulletin.areas) == ("rd2 2026-11-22T23:13Z", ())
    assert bulletin.polygons[0][0] == bulletin.polygons[0][-1] == (7.61, 100.07)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"tb_idn": 9301}, "no code of a tambon", id="amphoe-code"),
        pytest.param({"f_area": -5}, "implausible", id="negative"),
        pytest.param({"f_area": 9e9}, "implausible", id="larger-than-the-province"),
        pytest.param({"f_area": None, "_area": None, "geometry": None}, "no area is told", id="no-area"),
        pytest.param({"file_name": None, "_createdAt": None}, "no time is told", id="no-time"),
        pytest.param({"file_name": "rd2_20261124_0613"}, "ahead", id="tomorrow"),
        pytest.param(
            {"file_name": "rd2_25691123_0613", "_createdAt": "2569-11-23"}, "Buddhist", id="buddhist"
        ),
    ],
)
def test_rejected_with_its_reason(changes: dict[str, Any], says: str) -> None:
    readings = read(flooded_cell("a", **changes), flooded_cell("b"))
    assert says in why(readings) and len(told(readings)) == 2


def test_no_cell_is_an_answer_and_no_list_is_not() -> None:
    assert read() == []
    with pytest.raises(SourceChanged, match="Invalid API key"):
        source_of("gistda_flood").read(Payload(b'{"message": "Invalid API key"}', FETCHED))
    with pytest.raises(SourceChanged, match="5 of 5"):
        read(*[{"a": 1}] * 5)


def test_pages_are_one_answer_and_our_key_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(polite.get.__kwdefaults__ or {}, "memory", Memory())

    def page(nth: str) -> bytes:
        links = [{"href": "https://x/?api_key=k-s3cret", "rel": "next"}]
        return json.dumps({"features": [flooded_cell(nth)], "numberMatched": 1001, "links": links}).encode()

    with feed_server() as server, requests.Session() as http:
        from tests.sources import feed_server as answers

        server.answer = answers.in_turn(whole(page("a")), whole(page("b")))
        payload = source_of("gistda_flood", url=server.url, key="k-s3cret").fetch(http, FETCHED)
    assert b"s3cret" not in payload.body
    assert told(list(source_of("gistda_flood").read(payload)))[0][2] == 0.2


def test_the_real_cell() -> None:
    body = shared_data("feeds/gistda/flood_1day.2026-09-26.limit1.json").read_bytes()
    (cell,) = source_of("gistda_flood").read(Payload(body, FETCHED))
    assert isinstance(cell, Observation)
    assert (cell.station, cell.value, cell.station_name) == ("140117", 0.0342, "ต.คลองสวนพลู")
