"""One call to LINE, and what its answer means. There is no error code to go by, only the status and a sentence.

Of the three meanings of 429 two are told apart by their words; whatever else is a 429 concerns another operation of the account
(uploads of audiences): this call waits by itself, and the account's other calls do not.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import aiohttp
from pydantic import SecretStr

from channels import webhook
from channels.contract import ChannelBroken, QuotaSpent, TryLater

SLOWER = timedelta(seconds=1)  # LINE sends no Retry-After; its limits are a second's
MONTHLY = "monthly limit"
RATE = "rate limit"
MOST_BYTES = 2 * 2**20


class TooLarge(Exception):
    """413: nothing taken; fewer recipients a call may pass."""


class NotEntitled(ChannelBroken):
    """403: the account's plan has not this call. Others of the account still work."""


class Refused(Exception):
    """400, 422: nothing taken, nor will be. The words are LINE's own."""

    def __init__(self, said: str, details: Sequence[str] = ()) -> None:
        super().__init__(said)
        self.details = tuple(details)  # "<where>: <why>"


class Taken(NamedTuple):
    """LINE has it, by this call or by an earlier one with the same key (`again`). request_id: for LINE's support."""

    request_id: str
    again: bool
    body: bytes


class LineAccount(NamedTuple):
    """Where and as whom. Two channels with the same one share its quota."""

    base_url: str
    token: SecretStr
    timeout_s: float

    async def post(
        self, wire: Any, path: str, body: Mapping[str, Any], key: UUID | None = None,
        headers: Mapping[str, str] = {},
    ) -> Taken:  # fmt: skip
        """Raises TryLater, QuotaSpent, ChannelBroken (NotEntitled), Refused, TooLarge."""
        keyed = {} if key is None else {"X-Line-Retry-Key": str(key)}
        return await self._ask(wire, "POST", self.base_url + path, {**headers, **keyed}, json=body)

    async def upload(self, wire: Any, path: str, content: bytes, kind: str) -> Taken:
        """Binary content, which LINE takes at an address of its own. Raises as `post`."""
        url = self.base_url.replace("//api.", "//api-data.", 1) + path
        return await self._ask(wire, "POST", url, {"Content-Type": kind}, data=content)

    async def delete(self, wire: Any, path: str) -> Taken:
        """Raises as `post`."""
        return await self._ask(wire, "DELETE", self.base_url + path, {})

    async def _ask(self, wire: Any, method: str, url: str, headers: Mapping[str, str], **what: Any) -> Taken:
        sent = {"Authorization": self._bearer(), **headers}
        limit = aiohttp.ClientTimeout(total=self.timeout_s)
        try:
            async with wire.request(method, url, headers=sent, timeout=limit, **what) as answer:
                status, raw, told = answer.status, bytes(await answer.read()), dict(answer.headers)
        except (aiohttp.ClientError, TimeoutError) as error:
            reached = not isinstance(error, aiohttp.ClientConnectorError)  # else nothing was sent
            raise TryLater(f"LINE: no answer ({type(error).__name__})", maybe_taken=reached) from error
        if status == 409 or 200 <= status < 300:
            name = "x-line-accepted-request-id" if status == 409 else "x-line-request-id"
            return Taken(webhook.header(told, name) or "", status == 409, raw)
        raise _refusal(status, raw)

    async def get(self, wire: Any, path: str, timeout_s: float | None = None) -> bytes:
        """Raises TryLater, ChannelBroken (NotEntitled)."""
        limit = aiohttp.ClientTimeout(total=timeout_s or self.timeout_s)
        sent = {"Authorization": self._bearer()}
        try:
            async with wire.get(self.base_url + path, headers=sent, timeout=limit) as answer:
                status, body = answer.status, bytes(await answer.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            raise TryLater(f"no answer ({type(error).__name__})") from error
        if status == 429 or status >= 500:
            raise TryLater(f"HTTP {status}")
        if status != 200:
            raise (
                _refusal(status, body)
                if status == 403
                else ChannelBroken(f"HTTP {status} {said(body)}".rstrip())
            )
        return body

    def _bearer(self) -> str:
        return f"Bearer {self.token.get_secret_value()}"


def _refusal(status: int, raw: bytes) -> Exception:
    words = said(raw)
    if status == 429:
        if MONTHLY in words:
            return QuotaSpent(f"LINE: {words}")
        return TryLater(f"LINE: {words}", SLOWER if RATE in words or not words else None)
    if status >= 500:
        return TryLater(f"LINE: HTTP {status}", maybe_taken=True)  # LINE may have taken it before it fell
    if status in (400, 422):  # 422 by number: nobody of LINE has it, or does not want such messages
        return Refused(f"LINE: {words}", _details(raw))
    if status == 413:
        return TooLarge(f"LINE: {words}")
    return (NotEntitled if status == 403 else ChannelBroken)(f"LINE: HTTP {status} {words}".rstrip())


def said(body: bytes) -> str:
    """LINE's own sentence; "" where the answer is not LINE's."""
    return str(_told(body).get("message", ""))[:200]


def _details(body: bytes) -> list[str]:
    details = _told(body).get("details")
    if not isinstance(details, list):
        return []
    return [
        f"{one.get('property', '')}: {one.get('message', '')}"[:200]
        for one in details[:10]
        if isinstance(one, dict)
    ]


def _told(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
