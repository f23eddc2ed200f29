import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

import aiohttp
import pytest

from geo.when import BANGKOK
from tests.shared_data import shared_data
from tests.world.clock import STARTS, Hand
from warning.world.feeds import LEVEL, RAIN, Failure, FeedServer, level_row, situation_level
from warning.world.night import over_bank_h
from warning.world.stations import GAUGES


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
async def feeds(hand: Hand) -> AsyncIterator[FeedServer]:
    async with FeedServer(hand, STARTS) as served:
        yield served


async def get(url: str, timeout: float = 5) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(timeout)) as http,
        http.get(url) as answer,
    ):
        return answer.status, await answer.text()


async def rows(url: str) -> list[dict[str, Any]]:
    body = json.loads((await get(url))[1])
    body = body.get("waterlevel_data", body)
    assert body["result"] == "OK"
    found: list[dict[str, Any]] = body["data"]
    return found


def of(found: list[dict[str, Any]], code: str) -> dict[str, Any]:
    return next(r for r in found if r["station"]["tele_station_oldcode"] == code)


async def test_the_gauge_passes_its_bank_in_the_feed_when_the_script_says(
    feeds: FeedServer, hand: Hand
) -> None:
    hours = over_bank_h("X.170")
    assert hours is not None
    hand.forward(hours=hours - 0.05)
    before = of(await rows(feeds.level_url), "X.170")
    hand.forward(hours=0.1)
    after = of(await rows(feeds.level_url), "X.170")
    assert (before["situation_level"], before["diff_wl_bank_text"]) == (4, "ต่ำกว่าตลิ่ง (ม.)")
    assert (after["situation_level"], after["diff_wl_bank_text"]) == (5, "ล้นตลิ่ง (ม.)")
    assert float(after["waterlevel_msl"]) > after["station"]["min_bank"] > float(before["waterlevel_msl"])
    assert after["waterlevel_datetime"] == hand().astimezone(BANGKOK).strftime("%Y-%m-%d %H:%M")
    assert after["geocode"]["amphoe_code"] == "01" and after["geocode"]["tumbon_code"] == "12"


async def test_rain_is_a_number_and_its_hour_is_missing_where_unknown(feeds: FeedServer) -> None:
    found = await rows(feeds.rain_url)
    assert of(found, "MOU510")["rain_24h"] > 90
    assert of(found, "MOU510")["rain_1h"] > 35
    assert "rain_1h" not in of(found, "STN0103")
    assert "amphoe_code" not in of(found, "STN0103")["geocode"]


async def test_a_silent_station_stays_in_the_feed_with_its_old_row(feeds: FeedServer) -> None:
    row = of(await rows(feeds.level_url), "FOP039")
    stamped = datetime.strptime(row["waterlevel_datetime"], "%Y-%m-%d %H:%M").replace(tzinfo=BANGKOK)
    assert (STARTS - stamped).total_seconds() == 9 * 3600
    assert row["situation_level"] == 4


async def test_other_provinces_are_empty(feeds: FeedServer) -> None:
    assert await rows(feeds.level_url + "?province_code=90") == []
    assert len(await rows(feeds.level_url + "?province_code=90,93")) == 11


Judge = Callable[[int, str], bool]


def first(text: str) -> dict[str, Any]:
    row: dict[str, Any] = json.loads(text)["waterlevel_data"]["data"][1]
    return row


@pytest.mark.parametrize(
    ("failure", "seen"),
    [
        pytest.param(Failure.HTML, lambda s, t: s == 200 and t.startswith("<html"), id="html"),
        pytest.param(Failure.HALF_JSON, lambda s, t: s == 200 and t[-2:] != "}}" and len(t) > 500, id="half"),
        pytest.param(Failure.EMPTY, lambda s, t: json.loads(t)["waterlevel_data"]["data"] == [], id="empty"),
        pytest.param(
            Failure.RESULT_NO, lambda s, t: json.loads(t)["waterlevel_data"]["result"] == "NO", id="no"
        ),
        pytest.param(
            Failure.YEAR_2569, lambda s, t: first(t)["waterlevel_datetime"][:4] == "2569", id="2569"
        ),
        pytest.param(
            Failure.TIMES_TEN, lambda s, t: float(first(t)["waterlevel_msl"]) == 242.0, id="times-ten"
        ),
        pytest.param(Failure.CLOCK_7H, lambda s, t: first(t)["waterlevel_datetime"][11:] == "09:00", id="7h"),
        pytest.param(Failure.STATUS_503, lambda s, t: s == 503, id="503"),
        pytest.param(Failure.NONE, lambda s, t: first(t)["waterlevel_msl"] == "24.20", id="well"),
    ],
)
async def test_fails_as_told(feeds: FeedServer, failure: Failure, seen: Judge) -> None:
    feeds.fail(LEVEL, failure)
    status, text = await get(feeds.level_url)
    assert seen(status, text)
    assert (await get(feeds.rain_url))[0] == 200


async def test_stale_stands_still_and_recovers(feeds: FeedServer, hand: Hand) -> None:
    feeds.fail(RAIN, Failure.STALE)
    at = (await rows(feeds.rain_url))[0]["rainfall_datetime"]
    hand.forward(hours=3)
    assert (await rows(feeds.rain_url))[0]["rainfall_datetime"] == at
    feeds.fail(RAIN, Failure.NONE)
    assert (await rows(feeds.rain_url))[0]["rainfall_datetime"] != at


async def test_hangs_until_the_caller_gives_up_and_stops_at_once(hand: Hand) -> None:
    async with asyncio.timeout(3):
        async with FeedServer(hand, STARTS) as feeds:
            feeds.fail(LEVEL, Failure.HANG)
            with pytest.raises(TimeoutError):
                await get(feeds.level_url, timeout=0.1)


@pytest.mark.parametrize(
    ("percent", "level"), [(10, 1), (10.1, 2), (30, 2), (30.1, 3), (70.1, 4), (100, 4), (100.1, 5)]
)
def test_situation_level_5_is_over_bank(percent: float, level: int) -> None:
    assert situation_level(percent) == level


def test_no_bed_no_percent_no_level() -> None:
    row = level_row(GAUGES["X.170"]._replace(bed_m=None), 25.9, 25.8, STARTS)
    assert row["storage_percent"] is None
    assert "situation_level" not in row


def test_rows_have_the_real_feeds_keys() -> None:
    real = json.loads(shared_data("feeds/thaiwater/waterlevel_load.2026-08-02.4rows.json").read_text())
    theirs = real["waterlevel_data"]["data"][0]
    ours = level_row(GAUGES["X.170"], 25.9, 25.8, STARTS)
    assert set(theirs) - set(ours) == {"river_gid"}
    assert set(ours) <= set(theirs)
    assert set(ours["station"]) <= set(theirs["station"])
    assert set(ours["geocode"]) == set(theirs["geocode"])
    for key in ("waterlevel_msl", "waterlevel_m", "situation_level", "storage_percent"):
        assert type(ours[key]) is type(theirs[key])
