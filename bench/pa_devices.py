"""The loudspeakers of the bench, a process of its own: `python -m bench.pa_devices PORT COUNT`.

Says `ready` when all have said hello; then, for each line it is sent, how often each device sounded, as JSON.
"""

import asyncio
import json
import sys
from collections import Counter
from datetime import UTC, datetime

from warning.world.book import Book
from warning.world.towers import Mqtt, TowerPlan, Towers


def plans(count: int) -> list[TowerPlan]:
    return [
        TowerPlan(f"pa-{n:04d}", f"key of {n:04d}, a long one", play_s=0.0, mic_ok=True) for n in range(count)
    ]


async def serve(port: int, count: int) -> None:
    book = Book(lambda: datetime.now(UTC))
    towers = Towers(plans(count), Mqtt("127.0.0.1", port, qos=1), book, lambda: datetime.now(UTC))
    await towers.start(within_s=60)
    print("ready", flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(Counter(len(t.heard) for t in towers.by_device.values())), flush=True)
    await towers.stop()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
