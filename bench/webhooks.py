"""A flood of receipts: how many webhooks a second one process of pages takes in, a tenth of them replays.

The clock runs from the first post to the last 200, which is given when the report is on disk. Oracle: each delivery ended as
its report says, one row of `receipt` a report however often it came, and nothing was answered but 200.
"""

import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from hmac import new as hmac_new
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import psycopg

from bench.office import Bench, _wait_for, stop
from bench.office import bench as make
from bench.row import Row, Tell, row
from warning.running import free_port

TARGET_PER_S, REPLAYS, CONNECTIONS = 2000, 0.1, 64
SECRET = "bench-secret"


def measure(quick: bool, tell: Tell) -> list[Row]:
    reports = 5_000 if quick else 20_000
    with make(delay_ms=5) as bench:
        ids = _accepted(bench, reports)
        with _served(bench) as url:
            took_s, statuses = asyncio.run(_flood(url, ids))
        wrong = _wrong(bench, len(ids), statuses)
    posts = sum(statuses.values())
    why = f"{posts} posts over {CONNECTIONS} connections, a tenth of them replays, each answered when on disk; target {TARGET_PER_S}/s"
    return [row("webhooks", posts / took_s, "posts/s", wrong=wrong, why=why)]


def _accepted(bench: Bench, count: int) -> list[UUID]:
    """So many deliveries of one alert that a carrier has accepted."""
    alert_id, segment_id = bench.issue(), uuid4()
    bench.sql("DELETE FROM procrastinate_jobs")
    bench.sql(
        "INSERT INTO segment (id, alert_id, mode, channel, audience, tambon_code, first_nth, last_nth, priority, rung, "
        "state, expanded, outcome, why, retry_key, attempts, due_at, expires_at) "
        "SELECT CAST(:id AS uuid), id, mode, 'sms', 'resident', '930112', 0, 0, 40, 0, "
        "'SENT', true, 'accepted', '', gen_random_uuid(), 1, now(), expires_at FROM alert WHERE id = :alert",
        id=str(segment_id), alert=alert_id,
    )  # fmt: skip
    ids = [uuid4() for _ in range(count)]
    with (
        psycopg.connect(bench.office.database.conninfo) as raw,
        raw.cursor() as cursor,
        cursor.copy("COPY delivery (id, segment_id, village_code) FROM STDIN") as copy,
    ):
        for one in ids:
            copy.write_row((one, segment_id, "93011201"))
    bench.sql("ANALYZE delivery")
    return ids


@contextmanager
def _served(bench: Bench) -> Iterator[str]:
    port = free_port("127.0.0.1", 18800)
    command = [
        sys.executable,
        "-m",
        "bench.page_server",
        bench.office.database.url,
        str(bench.keyfile),
        str(port),
        SECRET,
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(f"{url}/status")
        yield url
    finally:
        stop([process])


async def _flood(url: str, ids: list[UUID]) -> tuple[float, dict[int, int]]:
    at = "2026-11-22T19:00:00+00:00"
    posts = [
        json.dumps({"id": f"p{n}", "key": str(one), "to": "x", "state": "delivered", "at": at}).encode()
        for n, one in enumerate(ids)
    ]
    chance = random.Random(93)
    posts += chance.sample(posts, int(len(posts) * REPLAYS))
    chance.shuffle(posts)
    statuses: dict[int, int] = {}
    queue = iter(posts)

    async def one(net: aiohttp.ClientSession) -> None:
        for body in queue:
            mark = hmac_new(SECRET.encode(), body, sha256).hexdigest()
            async with net.post(f"{url}/hooks/sms", data=body, headers={"X-Signature": mark}) as answer:
                statuses[answer.status] = statuses.get(answer.status, 0) + 1

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as net:
        began = time.perf_counter()
        await asyncio.gather(*(one(net) for _ in range(CONNECTIONS)))
        return time.perf_counter() - began, statuses


def _wrong(bench: Bench, count: int, statuses: dict[int, int]) -> str:
    delivered: Any = bench.sql("SELECT count(*) AS n FROM delivery WHERE state = 'delivered'")[0].n
    kept: Any = bench.sql("SELECT count(*) AS n FROM receipt")[0].n
    if set(statuses) != {200}:
        return f"answers {statuses}"
    return "" if delivered == kept == count else f"{delivered} delivered, {kept} reports kept, of {count}"
