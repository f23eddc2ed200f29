"""An SMS gateway on loopback: one message a call, a repeat key, receipts and replies.

POST /v1/messages {to, from, text}, Authorization: Bearer, Idempotency-Key -> 202 {id}; 409 taken
before; 422 not a mobile number; 429 with Retry-After; 5xx. POST /bulk {messages: [{key, to, text}]}, up
to 500 -> [{key, status}]. Receipts {id, key, to, state, at} and replies {from, text, at} go to the
callback address, signed in X-Signature: hex HMAC-SHA256(secret, raw body).
"""

import asyncio
import json
import random
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from hmac import new as hmac_new
from typing import Any
from uuid import uuid4

from aiohttp import web

from warning.world.book import Book
from warning.world.hooks import Hooks, Signed
from warning.world.serving import Rate, Served

# Thai mobile numbers begin 06, 08 or 09 and have ten digits (NBTC numbering plan).
MOBILE = re.compile(r"(\+66|66|0)([689]\d{8})", re.ASCII)
BULK_MOST = 500


class Trouble(StrEnum):
    """One coming call goes wrong so; `SmsServer.troubles` is used up in order."""

    SERVER_ERROR = "500"  # nothing taken
    ERROR_AFTER_TAKING = "503_after_taking"  # taken, and yet 503
    SLOW = "slow"  # taken; the answer comes after `slow_s`
    CUT = "cut"  # taken; the connection breaks before the answer
    THROTTLE = "429"


@dataclass(frozen=True)
class Sms:
    """Settings. Shares are 0..1 of messages, drawn from `seed`."""

    token: str
    secret: str
    rate_per_s: float | None = None  # messages; beyond it 429 with Retry-After: 1
    latency_s: float = 0.0
    slow_s: float = 1.0
    receipts: bool = True
    receipt_after_s: float = 0.2
    early: float = 0.0  # receipts that come before the answer to the submit
    never: float = 0.0  # messages of which no final receipt ever comes
    dead: frozenset[str] = frozenset()  # phones switched off or gone, as +66...: `undelivered`
    expiring: frozenset[str] = frozenset()  # phones out of reach until validity ends: `expired`
    seed: int = 2569


class SmsServer(Served):
    def __init__(
        self, settings: Sms, book: Book, hooks: Hooks, now: Callable[[], datetime], port: int = 0
    ) -> None:
        super().__init__(port)
        self.settings, self.book, self.hooks, self._now = settings, book, hooks, now
        self.dead, self.expiring = set(settings.dead), set(settings.expiring)
        self.troubles: deque[Trouble] = deque()
        self.always: Trouble | None = None  # what every call meets when none of these is left
        self._rate = Rate(settings.rate_per_s)
        self._draw = random.Random(settings.seed)
        self._run = uuid4().hex[:8]
        self._taken: dict[str, tuple[str, int]] = {}  # key -> provider id, what it carried

    @property
    def submit_url(self) -> str:
        return f"{self.url}/v1/messages"

    @property
    def bulk_url(self) -> str:
        return f"{self.url}/bulk"

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/v1/messages", self._one),
            web.post("/bulk", self._bulk),
            web.get("/v1/balance", self._balance),
        ]

    def reply(self, number: str, text: str) -> None:
        """Somebody answers by SMS."""
        body = {"from": number, "text": text, "at": self._now().isoformat()}
        self.hooks.put(lambda _: self.signed(body))

    def signed(self, body: dict[str, Any]) -> Signed:
        raw = json.dumps(body, ensure_ascii=False).encode()
        mark = hmac_new(self.settings.secret.encode(), raw, sha256).hexdigest()
        return Signed(raw, {"Content-Type": "application/json", "X-Signature": mark})

    async def _one(self, request: web.Request) -> web.StreamResponse:
        if self.settings.latency_s:
            await asyncio.sleep(self.settings.latency_s)
        if not self._authorised(request):
            return self._refuse(401, "bad token")
        body, key = await _json(request), request.headers.get("Idempotency-Key")
        if body is None or not key or not all(isinstance(body.get(k), str) for k in ("to", "from", "text")):
            return self._refuse(400, "to, from, text and an Idempotency-Key are needed")
        trouble = self.troubles.popleft() if self.troubles else self.always
        if trouble is Trouble.THROTTLE or not self._rate.take():
            return self._refuse(429, "slower", {"Retry-After": "1"})
        if trouble is Trouble.SERVER_ERROR:
            return self._refuse(500, "internal error")
        status = self._take(key, body["to"], body["text"])
        provider_id = self._taken[key][0] if key in self._taken else ""
        if status == 422:
            return self._refuse(422, "not a mobile number")
        if status == 409:
            return web.json_response({"id": provider_id, "error": "taken before"}, status=409)
        if self.settings.early and self._draw.random() < self.settings.early:
            for state in self._fate(body["to"]):
                await self.hooks.post(self._receipt(provider_id, key, body["to"], state))
        else:
            self._report(provider_id, key, body["to"])
        if trouble is Trouble.ERROR_AFTER_TAKING:
            return self._refuse(503, "try later")
        if trouble is Trouble.CUT and request.transport is not None:
            request.transport.abort()
        if trouble is Trouble.SLOW:
            await asyncio.sleep(self.settings.slow_s)
        return web.json_response({"id": provider_id}, status=202)

    async def _bulk(self, request: web.Request) -> web.StreamResponse:
        if self.settings.latency_s:
            await asyncio.sleep(self.settings.latency_s)
        if not self._authorised(request):
            return self._refuse(401, "bad token")
        body = await _json(request)
        rows = body.get("messages") if body else None
        if not isinstance(rows, list) or not 1 <= len(rows) <= BULK_MOST:
            return self._refuse(400, f"messages: a list of 1 to {BULK_MOST}")
        trouble = self.troubles.popleft() if self.troubles else self.always
        if trouble is Trouble.THROTTLE:
            return self._refuse(429, "slower", {"Retry-After": "1"})
        if trouble is Trouble.SERVER_ERROR:
            return self._refuse(500, "internal error")
        answers = []
        for row in rows:
            key, to = str(row["key"]), str(row["to"])
            status = self._take(key, to, str(row["text"])) if self._rate.take() else 429
            answers.append({"key": key, "status": status})
            if status == 202:
                self._report(self._taken[key][0], key, to)
        if trouble is Trouble.ERROR_AFTER_TAKING:
            return self._refuse(503, "try later")
        if trouble is Trouble.CUT and request.transport is not None:
            request.transport.abort()
        return web.json_response(answers)

    async def _balance(self, request: web.Request) -> web.StreamResponse:
        if not self._authorised(request):
            return self._refuse(401, "bad token")
        return web.json_response({"remaining": 1_000_000})

    def _take(self, key: str, to: str, text: str) -> int:
        number = mobile(to)
        if number is None:
            return 422
        carried = hash((number, text))
        before = self._taken.get(key)
        if before is not None:
            self.book.turn_away("sms", "409 taken before")
            if before[1] != carried:
                self.book.turn_away("sms", "changed body under an old key")
            return 409
        self._taken[key] = (f"{self._run}{len(self._taken):08x}", carried)
        if number not in self.dead and number not in self.expiring:
            self.book.record("sms", [number], key, text, text)
        return 202

    def _fate(self, to: str) -> list[str]:
        number = mobile(to)
        if number in self.dead:
            return ["accepted", "undelivered"]
        if number in self.expiring:
            return ["accepted", "expired"]
        return ["accepted"] if self._draw.random() < self.settings.never else ["accepted", "delivered"]

    def _report(self, provider_id: str, key: str, to: str) -> None:
        if not self.settings.receipts or self.hooks.url is None:
            return
        for i, state in enumerate(self._fate(to)):
            self.hooks.put(
                self._receipt(provider_id, key, to, state), self.settings.receipt_after_s * (i + 1)
            )

    def _receipt(self, provider_id: str, key: str, to: str, state: str) -> Callable[[int], Signed]:
        body = {"id": provider_id, "key": key, "to": to, "state": state, "at": self._now().isoformat()}
        return lambda _: self.signed(body)

    def _authorised(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") == f"Bearer {self.settings.token}"

    def _refuse(self, status: int, why: str, headers: dict[str, str] | None = None) -> web.Response:
        self.book.turn_away("sms", str(status))
        return web.json_response({"error": why}, status=status, headers=headers)


def mobile(number: str) -> str | None:
    """A Thai mobile number as +66..., None for anything else."""
    if len(number) != 12 or "-" in number:
        number = number.replace("-", "").replace(" ", "")
    found = MOBILE.fullmatch(number)
    return f"+66{found[2]}" if found else None


async def _json(request: web.Request) -> dict[str, Any] | None:
    try:
        body = json.loads(await request.read())
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
