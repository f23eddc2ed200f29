"""The fake provider of the benches, a process of its own and the judge: how many calls came, how many people, which keys twice.

    python -m bench.provider PORT DELAY_MS [CALLS_PER_S]

POST /send {"key": .., "text": .., "to": [..]} answers 200 after the delay; POST /one/PERSON is a message to one person, of any
body; POST /alerted what Prometheus Alertmanager sends, a label `tambon` each; GET /book returns what arrived; POST /forget
empties the book. More than CALLS_PER_S calls of /send in any one second: 429, not taken.
"""

import asyncio
import sys
import time
from collections import deque
from typing import Any

from aiohttp import web


class Book:
    def __init__(self) -> None:
        self.keys: dict[str, int] = {}
        self.people = 0
        self.repeated_people = 0
        self.first: float | None = None
        self.last: float | None = None
        self.in_flight = 0
        self.most_in_flight = 0
        self.refused = 0  # above the cap
        self.first_of: dict[str, float] = {}  # text -> when its first call came
        self.ones: dict[str, int] = {}  # person -> messages by themselves


def make_app(delay_s: float, calls_per_s: int = 0) -> web.Application:
    app = web.Application(client_max_size=8 * 2**20)
    book, lately = Book(), deque[float]()

    def above_the_cap(arrived: float) -> bool:
        while lately and lately[0] <= arrived - 1.0:
            lately.popleft()
        if calls_per_s and len(lately) >= calls_per_s:
            book.refused += 1
            return True
        lately.append(arrived)
        return False

    async def one(request: web.Request) -> web.Response:
        await request.read()
        person = request.match_info["person"]
        book.ones[person] = book.ones.get(person, 0) + 1
        book.in_flight += 1
        book.most_in_flight = max(book.most_in_flight, book.in_flight)
        await asyncio.sleep(delay_s)
        book.in_flight -= 1
        book.last = time.monotonic()
        return web.json_response({"ok": True})

    async def alerted(request: web.Request) -> web.Response:
        for alert in (await request.json())["alerts"]:
            place = alert["labels"]["tambon"]
            book.ones[place] = book.ones.get(place, 0) + 1
        return web.json_response({"ok": True})

    async def send(request: web.Request) -> web.Response:
        arrived = time.monotonic()
        if above_the_cap(arrived):
            return web.json_response({"message": "too many"}, status=429)
        book.in_flight += 1
        book.most_in_flight = max(book.most_in_flight, book.in_flight)
        body = await request.json()
        book.first = book.first or arrived
        book.first_of.setdefault(body.get("text", ""), arrived)
        seen = book.keys.get(body["key"], 0)
        book.keys[body["key"]] = seen + 1
        if seen:
            book.repeated_people += len(body["to"])
        else:
            book.people += len(body["to"])
        await asyncio.sleep(delay_s)
        book.in_flight -= 1
        book.last = time.monotonic()
        return web.json_response({"ok": True})

    async def read(_request: web.Request) -> web.Response:
        repeats = {key: times for key, times in book.keys.items() if times > 1}
        answer: dict[str, Any] = {
            "calls": sum(book.keys.values()), "keys": len(book.keys), "people": book.people,
            "repeated_calls": sum(times - 1 for times in repeats.values()), "repeated_people": book.repeated_people,
            "first": book.first, "last": book.last, "most_in_flight": book.most_in_flight,
            "refused": book.refused, "first_of": book.first_of, "ones": len(book.ones),
            "ones_again": sum(book.ones.values()) - len(book.ones),
        }  # fmt: skip
        return web.json_response(answer)

    async def forget(_request: web.Request) -> web.Response:
        book.__init__()  # type: ignore[misc]
        return web.json_response({})

    app.router.add_post("/send", send)
    app.router.add_post("/one/{person}", one)
    app.router.add_post("/alerted", alerted)
    app.router.add_get("/book", read)
    app.router.add_post("/forget", forget)
    return app


if __name__ == "__main__":
    given = make_app(float(sys.argv[2]) / 1000, int(sys.argv[3]) if len(sys.argv) > 3 else 0)
    web.run_app(given, host="127.0.0.1", port=int(sys.argv[1]), print=None)
