"""The fake provider of the benches, a process of its own and the judge: how many calls came, how many people, which keys twice.

    python -m bench.provider PORT DELAY_MS

POST /send {"key": .., "to": [..]} answers 200 after the delay; GET /book returns what arrived; POST /forget empties the book.
"""

import asyncio
import sys
import time
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


def make_app(delay_s: float) -> web.Application:
    app = web.Application(client_max_size=8 * 2**20)
    book = Book()

    async def send(request: web.Request) -> web.Response:
        arrived = time.monotonic()
        book.in_flight += 1
        book.most_in_flight = max(book.most_in_flight, book.in_flight)
        body = await request.json()
        book.first = book.first or arrived
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
        }  # fmt: skip
        return web.json_response(answer)

    async def forget(_request: web.Request) -> web.Response:
        book.__init__()  # type: ignore[misc]
        return web.json_response({})

    app.router.add_post("/send", send)
    app.router.add_get("/book", read)
    app.router.add_post("/forget", forget)
    return app


if __name__ == "__main__":
    web.run_app(make_app(float(sys.argv[2]) / 1000), host="127.0.0.1", port=int(sys.argv[1]), print=None)
