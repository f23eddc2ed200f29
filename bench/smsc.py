"""The SMSC of the benches, a process of its own and the judge: how many parts came, for how many phones, which twice, how fast.

    python -m bench.smsc PORT CONTROL_PORT [PARTS_A_SECOND]

Whoever connects to CONTROL_PORT and sends `k` is told what came, as JSON; after an `f` the book is emptied as well.
"""

import asyncio
import json
import sys
from datetime import UTC, datetime
from typing import Any

from warning.world.book import Book
from warning.world.smsc import Part, Smsc, SmscRules

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)


class Judge(Smsc):
    def __init__(self, rate_per_s: float | None, port: int) -> None:
        rules = SmscRules(rate_per_s=rate_per_s, receipts=False, keep_texts=False)
        super().__init__(rules, Book(lambda: NOW), lambda: NOW, port)
        self.phones: set[str] = set()
        self.twice = 0
        self.first = self.last = 0.0

    def forget(self) -> None:
        self.phones.clear()
        self.twice = self.taken = 0
        self.first = self.last = 0.0
        self.refusals.clear()

    def take(self, session: Any, part: Part, wants_receipt: bool) -> str:
        self.last = asyncio.get_running_loop().time()
        self.first = self.first or self.last
        before = len(self.phones)
        self.phones.add(part.phone)
        self.twice += len(self.phones) == before
        return super().take(session, part, wants_receipt)


async def serve(port: int, control: int, rate_per_s: float | None) -> None:
    smsc = Judge(rate_per_s, port)
    async with smsc:

        async def tell(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            book = {
                "taken": smsc.taken, "phones": len(smsc.phones), "twice": smsc.twice, "span_s": smsc.last - smsc.first,
                "throttled": sum(smsc.refusals.values()),
            }  # fmt: skip
            if await reader.read(1) == b"f":
                smsc.forget()
            writer.write(json.dumps(book).encode())
            await writer.drain()
            writer.close()

        async with await asyncio.start_server(tell, "127.0.0.1", control) as server:
            await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]) if len(sys.argv) > 3 else None))
