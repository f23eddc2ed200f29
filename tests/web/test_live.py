"""The live line costs the database one look a second, however many watch, and never calls a lost database live."""

import asyncio
import threading
import time
from contextlib import ExitStack, suppress
from datetime import timedelta
from typing import Any

import requests
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from tests.web.paper_office import night, served
from warning.alert import Approval
from warning.clock import HandClock
from warning.fault import mended, note
from warning.store.database import Database
from warning.web.console.live import Watch, mark_of
from warning.web.one_for_all import OneForAll
from warning.web.render import COOKIE

VIEWERS = 12


class Sea:
    """What the poller looks at; counts the looks."""

    def __init__(self) -> None:
        self.mark, self.looks, self.away = "1", 0, False

    def look(self) -> str:
        self.looks += 1
        if self.away:
            raise OperationalError("SELECT 1", {}, Exception("gone"))
        return self.mark


async def test_many_viewers_one_look() -> None:
    sea = Sea()
    watch = Watch(sea.look, every_s=0.05)

    async def viewer() -> list[str | None]:
        with watch.viewer():
            first = await watch.next_after("", 2)
            return [first, await watch.next_after(first or "", 2)]

    viewers = [asyncio.create_task(viewer()) for _ in range(50)]
    await asyncio.sleep(0.2)
    sea.mark = "2"
    assert await asyncio.gather(*viewers) == [["1", "2"]] * 50
    assert sea.looks < 12  # 50 viewers of their own would have looked 250 times
    looks = sea.looks
    await asyncio.sleep(0.2)
    assert sea.looks == looks  # nobody watches, nobody looks


async def test_who_comes_late_hears_what_it_missed() -> None:
    sea = Sea()
    watch = Watch(sea.look, every_s=0.05)
    with watch.viewer():
        assert await watch.next_after("an older mark", 1) == "1"
        assert await watch.next_after("1", 0.15) is None  # nothing new: a breath is due, no news
        with watch.viewer():
            assert await watch.next_after("an older mark", 1) == "1"


async def test_a_lost_database_ends_the_line_and_a_new_viewer_starts_it() -> None:
    sea = Sea()
    watch = Watch(sea.look, every_s=0.05)
    with watch.viewer():
        assert await watch.next_after("", 1) == "1"
        sea.away = True
        assert await watch.next_after("1", 5) is None and watch.blind
    sea.away = False
    with watch.viewer():
        assert not watch.blind
        assert await watch.next_after("", 1) == "1"


def test_twelve_streams_ask_the_database_as_often_as_one(database: Database, clock: HandClock) -> None:
    town = night(database, clock)
    asked: list[float] = []
    event.listen(database.engine, "before_cursor_execute",
                 lambda *a: asked.append(time.monotonic()) if "counted_at" in a[2] else None)  # fmt: skip
    token = town.officer()
    with served(town) as url, ExitStack() as streams:
        for _ in range(VIEWERS):
            answer = requests.get(f"{url}/live", cookies={COOKIE: token}, stream=True, timeout=5)
            lines = streams.enter_context(answer).iter_lines()
            assert any(line == b"data: changed" for line in lines)
        start, before = time.monotonic(), len(asked)
        time.sleep(2.5)
        assert len(asked) - before <= (time.monotonic() - start) + 1


def test_the_line_tells_of_a_first_yes_and_of_a_fault_that_is_over(
    database: Database, clock: HandClock
) -> None:
    town = night(database, clock)
    alert = town.flood()
    with database.session() as session:
        note(session, "channel sms", "cut", clock.now())
        clock.forward(timedelta(minutes=1))
        note(session, "channel line", "cut", clock.now())
    marks = [mark_of(town.office)]
    with database.session() as session:
        mended(session, "channel sms")  # not the newest
    marks.append(mark_of(town.office))
    clock.forward(timedelta(minutes=1))
    with database.session() as session:
        session.add(Approval(alert_id=alert.id, user_id="a", seen="v", user_name="A", at=clock.now()))
    marks.append(mark_of(town.office))
    assert len(set(marks)) == 3


def test_questions_that_come_together_are_asked_once() -> None:
    together: OneForAll[int] = OneForAll()
    asked: list[int] = []
    gate = threading.Event()

    def ask() -> int:
        asked.append(1)
        gate.wait(5)
        return len(asked)

    got: list[Any] = []
    threads = [threading.Thread(target=lambda: got.append(together("th", ask))) for _ in range(20)]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    gate.set()
    for thread in threads:
        thread.join(5)
    assert len(got) == 20 and len(asked) == 2  # the first, and one for all who came while it was at work
    assert together("th", ask) == 3  # who asks later is never given an old answer


def test_a_question_that_failed_is_asked_by_the_next() -> None:
    together: OneForAll[str] = OneForAll()

    def fails() -> str:
        raise ValueError

    with suppress(ValueError):
        together("th", fails)
    assert together("th", lambda: "water") == "water"
