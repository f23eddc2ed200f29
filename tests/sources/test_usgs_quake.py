"""Quakes of USGS: each magnitude told of one is a bulletin of its own; what is no quake is kept with the reason."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sources.contract import Bulletin, Payload, Rejected, SourceChanged
from sources.reading import source_of
from tests.shared_data import shared_data
from tests.sources.agency_bodies import quake, quakes
from tests.sources.bodies import FETCHED


def read(*features: Any) -> list[Any]:
    return source_of("usgs_quake").read(Payload(quakes(*features), FETCHED))


def test_a_great_quake_off_sumatra() -> None:
    [told] = read(quake())
    assert isinstance(told, Bulletin)
    assert (told.key, told.hazard, told.magnitude, told.lat, told.lon, told.severity) == (
        "us7000test M7.9 orange tsunami?", "earthquake", 7.9, 3.3, 95.9, "Severe",
    )  # fmt: skip
    assert told.announced_at == datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    assert "สึนามิ" in told.text_th and "tsunami" in (told.text_en or "")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"mag": None}, "no magnitude", id="not-measured-yet"),
        pytest.param({"mag": 99}, "implausible", id="magnitude-99"),
        pytest.param({"type": "quarry blast"}, "quarry blast", id="a-blast"),
        pytest.param({"status": "deleted"}, "taken back", id="deleted"),
        pytest.param({"time": None}, "no time", id="no-time"),
        pytest.param({"time": 1795521600000}, "ahead", id="tomorrow"),
        pytest.param({"at": [95.9, 93.3, 5]}, "latitude", id="beyond-the-pole"),
        pytest.param({"at": []}, "no place", id="no-place"),
    ],
)
def test_what_makes_no_sense_is_kept_with_the_reason(changes: dict[str, Any], says: str) -> None:
    [told] = read(quake(**changes))
    assert isinstance(told, Rejected) and says in told.why


@pytest.mark.parametrize(
    ("changes", "key", "severity"),
    [
        pytest.param({"alert": None}, "us7000test M7.9 tsunami?", None, id="no-colour-yet"),
        pytest.param({"alert": "mauve", "tsunami": 0}, "us7000test M7.9", None, id="no-colour-of-theirs"),
        pytest.param({"mag": "6.2", "tsunami": None}, "us7000test M6.2 orange", "Severe", id="text"),
        pytest.param({"alert": "RED", "mag": 8.1}, "us7000test M8.1 red tsunami?", "Extreme", id="revised"),
        pytest.param(
            {"at": [195.9, 3.3], "id": None}, "us7000test M7.9 orange tsunami?", "Severe", id="past-180"
        ),
        pytest.param(
            {"at": [95.9, 3.3, 6400]}, "us7000test M7.9 orange tsunami?", "Severe", id="depth-unknown"
        ),
        pytest.param(
            {"time": "2026-11-23T12:00:00"}, "us7000test M7.9 orange tsunami?", "Severe", id="iso-is-utc"
        ),
    ],
)
def test_bent_a_little(changes: dict[str, Any], key: str, severity: str | None) -> None:
    [told] = read(quake(**changes))
    assert (told.key, told.severity) == (key, severity) and -180 <= told.lon < 180
    assert told.announced_at == datetime(2026, 11, 23, 12, 0, tzinfo=UTC) and "6400" not in told.text_th


def test_a_graver_word_of_the_same_quake_is_a_bulletin_of_its_own() -> None:
    calm, flagged, red = ([quake(alert=None, tsunami=0)], [quake(alert=None)], [quake(alert="red")])
    assert len({read(*told)[0].key for told in (calm, flagged, red)}) == 3


@pytest.mark.parametrize(
    ("newer", "says", "magnitudes"),
    [
        pytest.param({}, "", [7.9], id="twice-the-same"),
        pytest.param({"updated": 1795436000000, "mag": 8.2}, "an earlier solution", [8.2], id="revised-up"),
        pytest.param(
            {"updated": 1795435800000, "mag": 7.1}, "an earlier solution", [7.9], id="an-old-one-last"
        ),
        pytest.param({"updated": 1795436000000, "status": "deleted"}, "taken back", [], id="taken-back"),
        pytest.param(
            {"updated": 1795436000000, "type": "quarry blast"}, "no earthquake", [], id="a-blast-after-all"
        ),
        pytest.param(
            {"updated": 1795436000000, "mag": None}, "no magnitude", [7.9], id="newer-but-unreadable"
        ),
        pytest.param({"updated": "soon", "mag": 8.2}, "an earlier solution", [7.9], id="no-time-of-update"),
    ],
)
def test_of_several_solutions_of_one_quake_the_newest_counts(
    newer: dict[str, Any], says: str, magnitudes: list[float]
) -> None:
    readings = read(quake(), quake(**newer), quake(id="us7000other", mag=5.0))
    assert [r.magnitude for r in readings if isinstance(r, Bulletin) and r.magnitude != 5.0] == magnitudes
    assert says in " ".join(r.why for r in readings if isinstance(r, Rejected))
    assert 5.0 in [r.magnitude for r in readings if isinstance(r, Bulletin)]


def test_one_feature_alone_and_none_at_all() -> None:
    import json

    source = source_of("usgs_quake")
    assert len(source.read(Payload(json.dumps(quake()).encode(), FETCHED))) == 1
    assert source.read(Payload(quakes(), FETCHED)) == []
    with pytest.raises(SourceChanged, match="no list of features"):
        source.read(Payload(b'{"metadata": {"title": "Not found"}}', FETCHED))


def test_a_day_of_the_world() -> None:
    body = shared_data("feeds/usgs/all_day.geojson").read_bytes()
    told = source_of("usgs_quake").read(Payload(body, datetime(2018, 9, 16, 5, tzinfo=UTC)))
    good = [reading for reading in told if isinstance(reading, Bulletin)]
    assert len(told) == 188 and len({b.key for b in good}) == len(good) > 170
    assert {r.why.split(":")[0] for r in told if isinstance(r, Rejected)} <= {
        "no earthquake but",
        "no magnitude is told of",
    }
