"""Payload in, JSON lines out: what `raksa read` prints."""

from collections.abc import Iterable
from datetime import timedelta
from time import process_time

import pytest

from geo.errors import ConfigError
from sources.contract import Source
from sources.kinds import kinds
from sources.reading import lines, source_of
from tests.sources.bodies import (
    FETCHED,
    forecast_body,
    level_body,
    level_row,
    rain_body,
    rain_row,
    warning_xml,
)


def test_a_level_is_one_line() -> None:
    good, bad = lines("thaiwater_level", level_body(level_row(), level_row(waterlevel_msl="999999")))
    assert good == [
        {
            "source": "thaiwater_level",
            "station": "X.99",
            "quantity": "water_level",
            "value": 15.5,
            "unit": "m",
            "observed_at": "2026-11-23T12:20:00+00:00",
            "tambon": "930702",
        }
    ]
    assert [b["rejected"] for b in bad] == ["999999 is the feed's sign for no value"]
    assert bad[0]["raw"]["waterlevel_msl"] == "999999"


def at_times(*times: str) -> bytes:
    return level_body(
        *(level_row(tele_station_oldcode=f"S{n}", waterlevel_datetime=told) for n, told in enumerate(times))
    )


@pytest.mark.parametrize(
    ("times", "kept", "reason"),
    [
        pytest.param(["2011-11-23 19:20"], 1, "", id="an-old-file-is-not-stale"),
        pytest.param(["2026-11-23 19:20", "2026-11-20 07:00", "2026-11-20 07:00"], 3, "", id="most-stale"),
        pytest.param(
            ["2026-11-23 18:00", "2026-11-23 19:20", "2026-11-24 02:20", "2026-11-23 19:00"],
            3,
            "Bangkok time",
            id="one-clock-7-h-ahead",
        ),
        pytest.param(["2026-11-23 19:20", "2569-11-23 19:20"], 1, "Buddhist", id="one-buddhist-year"),
    ],
)
def test_without_a_fetch_time_the_payload_tells_it(times: Iterable[str], kept: int, reason: str) -> None:
    good, bad = lines("thaiwater_level", at_times(*times))
    assert len(good) == kept
    assert reason in "".join(b["rejected"] for b in bad)
    assert bool(bad) == bool(reason)


@pytest.mark.parametrize(
    ("now_in_days", "kept"),
    [pytest.param(0, 3, id="one-station-a-year-ahead"), pytest.param(-700, 4, id="our-own-clock-is-behind")],
)
def test_no_file_was_fetched_later_than_it_is_read(now_in_days: int, kept: int) -> None:
    body = at_times("2026-11-23 18:00", "2026-11-23 19:20", "2027-11-23 19:20", "2026-11-23 19:00")
    now = FETCHED + timedelta(days=now_in_days)
    good, bad = lines("thaiwater_level", body, not_after=now)
    assert len(good) == kept
    assert all("its clock is 8760" in row["rejected"] for row in bad)


def test_the_stations_of_the_whole_world_are_read_in_seconds() -> None:
    """Of 20,000 stations: a median asked for each of them would take minutes."""
    body = at_times(*["2026-11-23 19:20"] * 20_000)
    begun = process_time()
    assert len(lines("thaiwater_level", body)[0]) == 20_000
    assert process_time() - begun < 20


def test_with_a_fetch_time_the_future_is_rejected() -> None:
    assert lines("thaiwater_level", level_body(level_row()), FETCHED - timedelta(hours=7))[0] == []


@pytest.mark.parametrize(
    ("station", "tambon"),
    [
        pytest.param("STN9999", "930000", id="by-its-place"),
        pytest.param("MDC005", "gauge", id="a-known-gauge-by-its-binding"),
    ],
)
def test_rain_gets_its_tambon(station: str, tambon: str) -> None:
    from geo.gazetteer import gazetteer

    expected = gazetteer().gauge(station).tambon if tambon == "gauge" else tambon
    row = rain_row(tele_station_oldcode=station)
    good, _ = lines("thaiwater_rain", rain_body(row), FETCHED, at=lambda lat, lon: "930000")
    assert {line["tambon"] for line in good} == {expected}


def test_forecasts_and_bulletins_have_their_own_lines() -> None:
    (first, *_), _ = lines("open_meteo", forecast_body())
    assert first["valid_at"] == first["issued_at"] == "2026-11-23T17:00:00+00:00"
    assert first["observed_at"] is None
    (bulletin,), _ = lines("tmd_warning", warning_xml())
    assert bulletin["announced_at"] == "2026-11-23T10:00:00+00:00"


@pytest.mark.parametrize("kind", ["no_such_feed", "replay"])
def test_what_cannot_read_says_so(kind: str) -> None:
    with pytest.raises(ConfigError, match=kind):
        lines(kind, b"[]")


def test_kinds_are_the_files_of_the_folder() -> None:
    assert list(kinds()) == sorted(kinds())
    assert kinds()["thaiwater_level"].__module__ == "sources.thaiwater_level"
    assert isinstance(source_of("thaiwater_level"), Source)
    assert "contract" not in kinds()


class _Offered:
    def __init__(self, name: str, value: object) -> None:
        self.name, self.value = name, value

    def load(self) -> object:
        return self.value


@pytest.mark.parametrize(
    ("name", "value", "refused"),
    [
        pytest.param("river_gauge", kinds()["thaiwater_level"], None, id="another-package-offers-one"),
        pytest.param("river_gauge", dict, "not a Source", id="no-source"),
        pytest.param("open_meteo", kinds()["thaiwater_level"], "takes the name", id="a-name-of-ours"),
    ],
)
def test_entry_points(monkeypatch: pytest.MonkeyPatch, name: str, value: object, refused: str | None) -> None:
    monkeypatch.setattr("sources.kinds.entry_points", lambda group: [_Offered(name, value)])
    if refused is None:
        assert name in kinds.__wrapped__()
    else:
        with pytest.raises(TypeError, match=refused):
            kinds.__wrapped__()
