"""Google's flood forecasts: how bad, and the days ahead; the key is in a header and nowhere else."""

import json
from typing import Any

import pytest

from sources.contract import Bulletin, Forecast, Payload, Quantity, Rejected, SourceChanged
from sources.reading import source_of
from tests.sources.agency_bodies import flood_hub
from tests.sources.bodies import FETCHED


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
