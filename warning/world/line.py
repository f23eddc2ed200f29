"""A LINE Messaging API on loopback: paths, limits, retry keys, quota and the errors of the real one.

What LINE never tells, this one does not tell either: a blocked friend is a 200 that is not billed and
does not arrive, an unknown id is skipped in silence. Only the book knows.
"""

import asyncio
import json
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import uuid4

from aiohttp import web

from warning.world.book import Book
from warning.world.line_menus import Menus
from warning.world.line_numbers import Numbers
from warning.world.line_rules import (
    GROUP_ID,
    RETRY_KEY,
    USER_ID,
    Bad,
    check_messages,
    check_recipients,
    check_unit,
)
from warning.world.serving import Rate, Served

RATE_TEXT = "The API rate limit has been exceeded. Try again later."
QUOTA_TEXT = "You have reached your monthly limit."
CONCURRENT_TEXT = "You have reached the limit of concurrent operations."
KEY_TEXT = "The retry key is already accepted"
KEY_LIVES = timedelta(hours=24)
MOST_BYTES = 2 * 2**20
KEYED = {"push", "multicast", "broadcast"}


class Trouble(StrEnum):
    """One coming call goes wrong so; `LineServer.troubles` is used up in order."""

    SERVER_ERROR = "500"  # nothing taken
    ERROR_AFTER_TAKING = "500_after_taking"  # taken, and yet 500: only the retry key saves from a repeat
    RATE = "429_rate"
    QUOTA = "429_quota"
    CONCURRENT = "429_concurrent"  # another operation of the account is running: neither rate nor quota
    SLOW = "slow"  # taken; the answer comes after `slow_s`
    CUT = "cut"  # taken; the connection breaks before the answer


@dataclass(frozen=True)
class Line:
    """Settings. `rates`: calls a second an endpoint; `friends` None: every well-formed id is a friend."""

    token: str
    secret: str
    quota: int | None = None  # recipients a month; None is LINE's type "none"
    rates: dict[str, float] = field(default_factory=lambda: {"push": 2000, "multicast": 200, "broadcast": 1})
    friends: frozenset[str] | None = None
    blocked: frozenset[str] = frozenset()
    latency_s: float = 0.0
    slow_s: float = 1.0


class LineServer(Served):
    def __init__(self, settings: Line, book: Book, now: Callable[[], datetime], port: int = 0) -> None:
        super().__init__(port)
        self.settings, self.book, self._now = settings, book, now
        self.friends = None if settings.friends is None else set(settings.friends)
        self.blocked = set(settings.blocked)
        self.troubles: deque[Trouble] = deque()
        self.always: Trouble | None = None  # what every call meets when none of these is left
        self.used = 0  # recipients billed
        self.dislikes: set[str] = set()  # words it refuses as LINE does, by a rule nobody told us
        self.asked: Counter[str] = Counter()  # calls that send nothing, by their path's end
        self.menus = Menus()
        self.numbers = Numbers(book, self._say)
        self.groups: dict[str, set[str]] = {}  # the account was invited; its members, the account not counted
        self.reply_tokens: dict[str, str] = {}  # token -> user; filled by the phones, single use
        self._rates = {path: Rate(rate) for path, rate in settings.rates.items()}
        self._keys: dict[str, tuple[datetime, str, dict[str, Any]]] = {}

    def routes(self) -> list[web.RouteDef]:
        base = "/v2/bot/message"
        return [
            *(web.post(f"{base}/{kind}", self._send) for kind in ("push", "multicast", "broadcast", "reply")),
            web.post(f"{base}/narrowcast", self._not_entitled),
            web.post(f"{base}/validate/{{kind}}", self._validate),
            web.get(f"{base}/quota", self._quota),
            web.get(f"{base}/quota/consumption", self._consumption),
            web.get("/v2/bot/info", self._info),
            web.get("/v2/bot/group/{id}/members/count", self._for_us(self._members)),
            web.post("/bot/pnp/push", self._for_us(self.numbers.push)),
            *(web.route(one.method, one.path, self._for_us(one.handler)) for one in self.menus.routes()),
        ]

    def _for_us(self, handler: Any) -> Callable[[web.Request], Any]:
        """A call that sends nothing, answered to whoever has the token."""

        async def answer(request: web.Request) -> web.StreamResponse:
            refusal = self._unauthorised(request)
            answered: web.StreamResponse = refusal if refusal is not None else await handler(request)
            return answered

        return answer

    async def _send(self, request: web.Request) -> web.StreamResponse:
        kind = request.path.rsplit("/", 1)[1]
        if self.settings.latency_s:
            await asyncio.sleep(self.settings.latency_s)
        if (refusal := self._unauthorised(request)) is not None:
            return refusal
        raw = await request.read()
        if len(raw) > MOST_BYTES:
            return self._say(413, "Request entity too large", kind)
        key = request.headers.get("X-Line-Retry-Key")
        if key is not None and (kind not in KEYED or not RETRY_KEY.fullmatch(key)):
            return self._say(400, "The retry key is invalid", kind)
        try:
            users, messages = self._checked(kind, _read(raw))
        except Bad as bad:
            return self._say(400, bad.message, kind, bad.details)
        trouble = self.troubles.popleft() if self.troubles else self.always
        if trouble is Trouble.RATE or not self._within_rate(kind):
            return self._say(429, RATE_TEXT, kind)
        if trouble is Trouble.CONCURRENT:
            return self._say(429, CONCURRENT_TEXT, kind)
        if key is not None and (again := self._accepted(key)) is not None:
            self.book.turn_away("line", "retry key already accepted")
            return self._answer(409, {"message": KEY_TEXT, **again[1]}, accepted=again[0])
        if trouble is Trouble.SERVER_ERROR:
            return self._say(500, "Internal Server Error", kind)
        reached = [u for u in users if u not in self.blocked]
        if trouble is Trouble.QUOTA or self._over_quota(self._billed(reached) if kind != "reply" else 0):
            return self._say(429, QUOTA_TEXT, kind)
        request_id, body = self._take(kind, reached, messages, key)
        if trouble is Trouble.ERROR_AFTER_TAKING:
            return self._say(500, "Internal Server Error", kind)
        if trouble is Trouble.CUT and request.transport is not None:
            request.transport.abort()
        if trouble is Trouble.SLOW:
            await asyncio.sleep(self.settings.slow_s)
        return self._answer(200, body, request_id=request_id)

    def _take(
        self, kind: str, reached: list[str], messages: list[dict[str, Any]], key: str | None
    ) -> tuple[str, dict[str, Any]]:
        request_id = str(uuid4())
        body: dict[str, Any] = {}
        if kind in ("push", "reply"):
            body = {"sentMessages": [{"id": str(uuid4().int % 10**18), "quoteToken": "q"} for _ in messages]}
        if key is not None:
            self._keys[key] = (self._now(), request_id, body)
        if kind != "reply":
            self.used += self._billed(reached)
        text = json.dumps(messages, ensure_ascii=False, sort_keys=True)
        # An answer in a conversation is no alert: whoever asks twice is answered twice.
        self.book.record("line_reply" if kind == "reply" else "line", reached, key, text, messages)
        return request_id, body

    def _checked(self, kind: str, body: dict[str, Any]) -> tuple[list[str], list[dict[str, Any]]]:
        """Who is meant and known, and what they are told. Raises Bad."""
        self._read_messages(body)
        check_unit(body)
        if kind == "reply":
            user = self.reply_tokens.pop(str(body.get("replyToken")), None)
            if user is None:
                raise Bad("Invalid reply token")
            users = [user]
        elif kind == "broadcast":
            users = sorted(self.friends or ())
        elif kind == "multicast":
            users = check_recipients(body.get("to"))
        else:
            to = body.get("to")
            if isinstance(to, str) and GROUP_ID.fullmatch(to):
                if to not in self.groups:
                    raise Bad("Failed to send messages")
                return [to], body["messages"]
            if not isinstance(to, str) or not USER_ID.fullmatch(to):
                raise Bad("The property, 'to', in the request body is invalid (line: -, column: -)")
            users = [to]
        return [u for u in users if self.friends is None or u in self.friends or u in self.groups], body[
            "messages"
        ]

    def _read_messages(self, body: dict[str, Any]) -> None:
        """Raises Bad."""
        check_messages(body.get("messages"))
        for n, message in enumerate(body["messages"]):
            if any(word in json.dumps(message, ensure_ascii=False) for word in self.dislikes):
                raise Bad("The request body has 1 error(s)", [("Invalid value", f"messages[{n}]")])

    def _accepted(self, key: str) -> tuple[str, dict[str, Any]] | None:
        taken = self._keys.get(key)
        if taken is None or self._now() - taken[0] > KEY_LIVES:
            return None
        return taken[1], taken[2]

    def _within_rate(self, kind: str) -> bool:
        rate = self._rates.get(kind)
        return rate is None or rate.take()

    def _billed(self, reached: list[str]) -> int:
        """Of a group each member."""
        return sum(len(self.groups.get(one, {one})) for one in reached)

    async def _members(self, request: web.Request) -> web.StreamResponse:
        members = self.groups.get(request.match_info["id"])
        if members is None:
            return self._say(404, "Not found", "group")
        return self._answer(200, {"count": len(members)})

    def _over_quota(self, recipients: int) -> bool:
        return self.settings.quota is not None and self.used + recipients > self.settings.quota

    def _unauthorised(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Authorization") == f"Bearer {self.settings.token}":
            return None
        text = "Authentication failed. Confirm that the access token in the authorization header is valid."
        return self._say(401, text, "token")

    async def _not_entitled(self, request: web.Request) -> web.StreamResponse:
        return self._unauthorised(request) or self._say(403, "Access to this API is not available", "plan")

    async def _validate(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["kind"] not in {*KEYED, "narrowcast", "reply"}:
            return self._say(404, "Not found", "validate")
        self.asked[f"validate/{request.match_info['kind']}"] += 1
        if (refusal := self._unauthorised(request)) is not None:
            return refusal
        try:
            self._read_messages(_read(await request.read()))
        except Bad as bad:
            return self._say(400, bad.message, "validate", bad.details)
        return self._answer(200, {})

    async def _quota(self, request: web.Request) -> web.StreamResponse:
        limit = self.settings.quota
        body: dict[str, Any] = {"type": "none"} if limit is None else {"type": "limited", "value": limit}
        return self._unauthorised(request) or self._answer(200, body)

    async def _consumption(self, request: web.Request) -> web.StreamResponse:
        return self._unauthorised(request) or self._answer(200, {"totalUsage": self.used})

    async def _info(self, request: web.Request) -> web.StreamResponse:
        body = {"userId": "U" + "0" * 32, "basicId": "@raksa", "displayName": "ฝึกซ้อม / EXERCISE",
                "chatMode": "bot", "markAsReadMode": "auto"}  # fmt: skip
        return self._unauthorised(request) or self._answer(200, body)

    def _say(
        self, status: int, message: str, kind: str, details: list[tuple[str, str]] | None = None
    ) -> web.Response:
        self.book.turn_away("line", f"{status} {kind}")
        body: dict[str, Any] = {"message": message}
        if details:
            body["details"] = [{"message": why, "property": where} for why, where in details]
        return self._answer(status, body)

    def _answer(
        self, status: int, body: dict[str, Any], *, request_id: str | None = None, accepted: str | None = None
    ) -> web.Response:
        headers = {"x-line-request-id": request_id or str(uuid4())}
        if accepted is not None:
            headers["x-line-accepted-request-id"] = accepted
        return web.json_response(body, status=status, headers=headers)


def _read(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise Bad("The request body could not be parsed as JSON") from error
    if not isinstance(body, dict):
        raise Bad("The request body could not be parsed as JSON")
    return body
