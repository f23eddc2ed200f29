"""Google's flood forecasts: how bad, and the days ahead; the key is in a header and nowhere else."""

import json
from typing import Any

import pytest
import requests

from sources import polite
from sources.contract import Bulletin, Forecast, Payload, Quantity, Rejected, SourceChanged
from sources.polite_memory import Memory
from sources.reading import source_of
from tests.sources.agency_bodies import flood_hub
from tests.sources.bodies import FETCHED
from tests.sources.feed_server import feed_server, in_turn, whole


def read(told: Any) -> list[Any]:
    return source_of("flood_hub").read(
        Payload(told if isinstance(told, bytes) else json.dumps(told).encode(), FETCHED)
    )


def test_a_gauge_that_rises() -> None:
    status, *ahead = read(flood_hub())
    assert isinstance(status, Bulletin) and status.severity == "Severe" and "กำลังขึ้น" in status.text_th
    assert [(f.value, f.quantity, f.valid_at.day) for f in ahead] == [
        (55.5, Quantity.DISCHARGE, 25), (80.0, Quantity.DISCHARGE, 26),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "severity", "words"),
    [
        pytest.param({"severity": "NO_FLOODING"}, None, "no flooding expected", id="not-now"),
        pytest.param(
            {"severity": "EXTREME", "forecastTrend": None}, "Extreme", "extreme flooding", id="extreme"
        ),
        pytest.param({"qualityVerified": False}, "Severe", "quality not verified", id="not-verified"),
        pytest.param({"gaugeLocation": {"latitude": "x"}}, "Severe", "severe", id="no-place"),
    ],
)
def test_severities(changes: dict[str, Any], severity: str | None, words: str) -> None:
    told = read(flood_hub(**changes))[0]
    assert isinstance(told, Bulletin) and told.severity == severity and words in (told.text_en or "")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"severity": "UNKNOWN"}, "nothing is known", id="unknown"),
        pytest.param({"severity": None}, "nothing is known", id="none"),
        pytest.param({"issuedTime": None}, "no time", id="no-time"),
        pytest.param({"issuedTime": "2026-11-25T00:00:00Z"}, "ahead", id="tomorrow"),
    ],
)
def test_what_makes_no_sense_is_kept_with_the_reason(changes: dict[str, Any], says: str) -> None:
    told = [r for r in read(flood_hub(**changes)) if isinstance(r, Rejected)]
    assert says in told[0].why


def test_metres_are_a_stage_where_the_model_says_so() -> None:
    told = json.loads(flood_hub())
    told["gaugeModels"] = [{"gaugeId": "hybas_4120000001", "gaugeValueUnit": "METERS"}]
    told["forecasts"]["hybas_4120000001"]["forecasts"][0]["forecastRanges"][0]["value"] = 4.5
    ahead = [r for r in read(told) if isinstance(r, Forecast)]
    assert {(f.quantity, f.unit) for f in ahead} == {(Quantity.STAGE, "m")}


def test_a_gauge_on_a_bank_tells_no_number_without_its_unit() -> None:
    told = json.loads(flood_hub(gaugeId="TH_X170"))
    readings = read(told)
    assert [type(r) for r in readings] == [Bulletin, Rejected] and "metres or m3/s" in readings[1].why
    told["gaugeModels"] = [{"gaugeId": "TH_X170", "gaugeValueUnit": "CUBIC_METERS_PER_SECOND"}]
    assert {f.unit for f in read(told) if isinstance(f, Forecast)} == {"m3/s"}


def test_name_and_thresholds_stand_in_the_words() -> None:
    told = json.loads(flood_hub())
    told["gaugeModels"] = [
        {"gaugeId": "hybas_4120000001", "gaugeValueUnit": "CUBIC_METERS_PER_SECOND",
         "thresholds": {"warningLevel": 6.76, "dangerLevel": "34.07", "extremeDangerLevel": "NaN"}}, None, 5,
    ]  # fmt: skip
    told["gauges"] = [{"gaugeId": "hybas_4120000001", "siteName": "Tha Khae", "river": "Na Thom"}]
    status = read(told)[0]
    assert "Tha Khae Na Thom (hybas_4120000001)" in status.title_th
    assert status.text_en.endswith("; warning level 6.76 m3/s; danger level 34.07 m3/s")
    assert "เกณฑ์อันตราย 34.07 m3/s" in status.text_th and "nan" not in status.text_th


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param({"value": None}, "without a value", id="none"),
        pytest.param({"value": -3, "forecastEndTime": "2026-11-27T00:00:00Z"}, "implausible", id="negative"),
        pytest.param({"value": 1e9}, "outside", id="the-sea"),
        pytest.param({}, "", id="the-same-day-again"),
        pytest.param({"value": "Infinity"}, "not a number", id="infinite"),
        pytest.param({"forecastEndTime": "2569-11-25", "forecastStartTime": None}, "Buddhist", id="buddhist"),
        pytest.param({"forecastEndTime": "2026-11-26T00:00:00Z"}, "for the same time", id="a-day-twice"),
    ],
)
def test_one_bad_day_does_not_lose_the_others(change: dict[str, Any], says: str) -> None:
    told = json.loads(flood_hub())
    ranges = told["forecasts"]["hybas_4120000001"]["forecasts"][0]["forecastRanges"]
    ranges.insert(2, ranges[0] | change)
    readings = read(told)
    assert [r.value for r in readings if isinstance(r, Forecast)] == [55.5, 80.0]
    assert says in " ".join(r.why for r in readings if isinstance(r, Rejected))


def test_status_forecast_and_models_are_asked_with_the_key_in_a_header_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(polite.get.__kwdefaults__ or {}, "memory", Memory())
    monkeypatch.setitem(polite.get.__kwdefaults__ or {}, "sleep", lambda _: None)
    told = json.loads(flood_hub())
    forecasts = {"forecasts": told.pop("forecasts")}
    models = {"gaugeModels": [{"gaugeId": "hybas_4120000001", "gaugeValueUnit": "METERS"}]}
    bodies = [json.dumps(one).encode() for one in (told, forecasts, models)]
    with feed_server() as server, requests.Session() as http:
        source = source_of("flood_hub", url=server.url, key="k-s3cret", gauges=["hybas_4120000001", "a&b"])
        server.answer = in_turn(*(whole(body) for body in bodies))
        payload = source.fetch(http, FETCHED)
        assert [asked.path.split("?")[0].rpartition("/")[2] for asked in server.asked] == [
            "floodStatus:queryLatestFloodStatusByGaugeIds", "gauges:queryGaugeForecasts", "gaugeModels:batchGet",
        ]  # fmt: skip
        assert "names=gaugeModels/hybas_4120000001&names=gaugeModels/a%26b" in server.asked[2].path
        assert {asked.headers["X-Goog-Api-Key"] for asked in server.asked} == {"k-s3cret"}
        assert "s3cret" not in payload.body.decode() + repr(source) + "".join(a.path for a in server.asked)
        server.answer = in_turn(whole(bodies[0]), whole(b"no", 404))
        alone = source.fetch(http, FETCHED)
    assert {r.unit for r in source.read(payload) if isinstance(r, Forecast)} == {"m"}
    assert [type(r) for r in source.read(alone)] == [Bulletin]  # the status is true without the others


@pytest.mark.parametrize(
    ("told", "readings"),
    [
        pytest.param({}, 0, id="nothing-told"),
        pytest.param({"floodStatuses": []}, 0, id="none"),
        pytest.param({"nextPageToken": "x"}, 0, id="a-page"),
        pytest.param({"floodStatuses": [{"severity": "SEVERE"}]}, 1, id="a-row-without-gauge"),
    ],
)
def test_little_is_told(told: dict[str, Any], readings: int) -> None:
    assert len(read(told)) == readings


@pytest.mark.parametrize("told", [{"error": {"code": 403, "message": "no"}}, {"a": 1}, 5, b"<html>"], ids=str)
def test_what_is_no_answer(told: Any) -> None:
    with pytest.raises(SourceChanged):
        read(told)
