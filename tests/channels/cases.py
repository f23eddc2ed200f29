"""One case a channel (and a profile): how it is built, and what its gateway says for each thing that can happen."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from channels.contract import Batch, Channel, Message
from channels.kinds import kinds
from tests.channels.gateway import Asked, Said

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
ALERT = UUID("aaaaaaaa-0000-4000-8000-000000000001")
KEY = UUID("bbbbbbbb-0000-4000-8000-000000000001")
SECRET = "s3cret"
WORDS = "น้ำท่วมฉับพลัน บ้านคลองนา ภายใน 2 ชม. ไปโรงเรียนวัดดอนเดี๋ยวนี้"

RATE = b'{"message":"The API rate limit has been exceeded. Try again later."}'
MONTHLY = b'{"message":"You have reached your monthly limit."}'


def ids(n: int) -> list[UUID]:
    return [UUID(int=0xD0000000_0000_4000_8000_000000000000 + i) for i in range(1, n + 1)]


def batch(addresses: list[str], *, data: dict[str, str] | None = None, **changed: Any) -> Batch:
    messages = tuple(
        Message(id, address, WORDS, data=data or {})
        for id, address in zip(ids(len(addresses)), addresses, strict=True)
    )
    made = Batch(KEY, ALERT, "Severe", False, messages, NOW + timedelta(hours=2))
    return made._replace(**changed)


def line_id(n: int) -> str:
    return f"U{n:032x}"


@dataclass(frozen=True)
class Case:
    kind: str
    settings: Callable[[str, Path], dict[str, Any]]  # (url of the gateway, folder)
    addresses: list[str]
    says: dict[str, Callable[[Asked], Said]] = field(default_factory=dict)  # what happened -> the answer

    def build(self, url: str, folder: Path, /, **changed: Any) -> Channel:
        about = {"kind": self.kind, "name": self.kind} | self.settings(url, folder) | changed
        return kinds()[self.kind](**about)

    def three(self) -> Batch:
        return batch(self.addresses)


PHONES = ["+66812345671", "+66812345672", "+66812345673"]


def _sms(profile: str) -> Callable[[str, Path], dict[str, Any]]:
    return lambda url, _: {
        "url": f"{url}/send",
        "token": SECRET,
        "callback_secret": SECRET,
        "sender": "PHATTHALUNG",
        "profile": profile,
        "username": "pht",
        "callback_url": f"{url}/dlr",
        "timeout_s": 0.3,
    }


def _always(said: Said) -> Callable[[Asked], Said]:
    return lambda _: said


def _rows(status: int) -> Callable[[Asked], Said]:
    def answer(asked: Asked) -> Said:
        rows = [{"key": m["key"], "status": status} for m in asked.json["messages"]]
        return Said(200, json.dumps(rows).encode())

    return answer


def _thaibulk(asked: Asked) -> Said:
    """As its answer is shaped in public code: a number of its own for each number taken."""
    numbers = parse_qs(asked.body.decode())["msisdn"][0].split(",")
    rows = [{"number": n, "message_id": f"btv151h3NUhTlmXz{n[-2:]}", "used_credit": 1} for n in numbers]
    body = {"remaining_credit": 2, "total_use_credit": 1, "credit_type": "corporate", "phone_number_list": rows,
            "bad_phone_number_list": []}  # fmt: skip
    return Said(201, json.dumps(body).encode())


def _thaibulk_bad(asked: Asked) -> Said:
    numbers = parse_qs(asked.body.decode())["msisdn"][0].split(",")
    bad = [{"number": n, "message": "PHONE_NUMBER_INVALID"} for n in numbers]
    body = {"remaining_credit": 2, "phone_number_list": [], "bad_phone_number_list": bad}
    return Said(200, json.dumps(body).encode())


def _thaibulk_error(code: int, name: str, status: int = 400) -> Said:
    error = {"error": {"code": code, "name": name, "description": name.replace("_", " ").lower()}}
    return Said(status, json.dumps(error).encode())


CASES: dict[str, Case] = {
    "sms_http": Case(
        "sms_http",
        _sms("http"),
        PHONES,
        {
            "taken": _always(Said(202, b'{"id":"p1"}')),
            "taken_before": _always(Said(409, b'{"id":"p1"}')),
            "no_mobile": _always(Said(422)),
            "throttled": _always(Said(429, headers={"Retry-After": "7"})),
            "unwell": _always(Said(503)),
            "lost": _always(Said(202, cut=True)),
            "silent": _always(Said(202, hang=True)),
            "no_credit": _always(Said(402)),
            "not_welcome": _always(Said(401)),
        },
    ),
    "sms_http-bulk": Case(
        "sms_http",
        _sms("bulk"),
        PHONES,
        {
            "taken": _rows(202),
            "taken_before": _rows(409),
            "no_mobile": _rows(422),
            "throttled": _always(Said(429, headers={"Retry-After": "7"})),
            "unwell": _always(Said(503)),
            "lost": _always(Said(200, cut=True)),
            "silent": _always(Said(200, hang=True)),
            "no_credit": _always(Said(402)),
            "not_welcome": _always(Said(401)),
        },
    ),
    "sms_http-kannel": Case(
        "sms_http",
        _sms("kannel"),
        PHONES,
        {
            "taken": _always(Said(202, b"0: Accepted for delivery")),
            "no_mobile": _always(Said(400, b"Missing receiver number, rejected")),
            "unwell": _always(Said(503, b"Temporal failure, try again later.")),
            "lost": _always(Said(202, cut=True)),
            "silent": _always(Said(202, hang=True)),
            "not_welcome": _always(Said(403, b"Authorization failed for sendsms")),
        },
    ),
    "sms_http-thaibulk": Case(
        "sms_http",
        _sms("thaibulk"),
        PHONES,
        {
            "taken": _thaibulk,
            "no_mobile": _thaibulk_bad,
            "throttled": _always(Said(429)),
            "unwell": _always(Said(503)),
            "lost": _always(Said(201, cut=True)),
            "silent": _always(Said(201, hang=True)),
            "no_credit": _always(_thaibulk_error(108, "ERROR_INSUFFICIENT_CREDIT")),
            "not_welcome": _always(_thaibulk_error(101, "ERROR_UNAUTHORIZED", 401)),
        },
    ),
    "line": Case(
        "line",
        lambda url, _: {"base_url": url, "token": SECRET, "secret": SECRET, "timeout_s": 0.3},
        [line_id(n) for n in (1, 2, 3)],
        {
            "taken": _always(Said(200, headers={"x-line-request-id": "r1"})),
            "taken_before": _always(Said(409, headers={"x-line-accepted-request-id": "r1"})),
            "bad_body": _always(Said(400, b'{"message":"The request body has 1 error(s)"}')),
            "throttled": _always(Said(429, RATE)),
            "unwell": _always(Said(500)),
            "lost": _always(Said(200, cut=True)),
            "silent": _always(Said(200, hang=True)),
            "no_credit": _always(Said(429, MONTHLY)),
            "not_welcome": _always(Said(401)),
        },
    ),
    "line_pnp": Case(
        "line_pnp",
        lambda url, _: {"base_url": url, "token": SECRET, "secret": SECRET, "timeout_s": 0.3},
        PHONES,
        {
            "taken": _always(Said(200, headers={"x-line-request-id": "r1"})),
            "no_mobile": _always(Said(422, b'{"message":"Failed to send messages"}')),
            "bad_body": _always(Said(400, b'{"message":"The request body has 1 error(s)"}')),
            "throttled": _always(Said(429, RATE)),
            "unwell": _always(Said(500)),
            "lost": _always(Said(200, cut=True)),
            "silent": _always(Said(200, hang=True)),
            "not_welcome": _always(Said(403)),
        },
    ),
    "line_group": Case(
        "line_group",
        lambda url, _: {"base_url": url, "token": SECRET, "secret": SECRET, "timeout_s": 0.3},
        [f"C{n:032x}" for n in (1, 2, 3)],
        {
            "taken": _always(Said(200, headers={"x-line-request-id": "r1"})),
            "taken_before": _always(Said(409, headers={"x-line-accepted-request-id": "r1"})),
            "bad_body": _always(Said(400, b'{"message":"The request body has 1 error(s)"}')),
            "throttled": _always(Said(429, RATE)),
            "unwell": _always(Said(500)),
            "lost": _always(Said(200, cut=True)),
            "silent": _always(Said(200, hang=True)),
            "no_credit": _always(Said(429, MONTHLY)),
            "not_welcome": _always(Said(401)),
        },
    ),
    # These have no HTTP gateway; what can happen to them stands in their own tests.
    "sms_modem": Case(
        "sms_modem",
        # A folder that cannot be made stands for a modem that is not there.
        lambda url, folder: {"folder": folder / "modem", "look_every_s": 0.02},
        PHONES,
    ),
    "email": Case(
        "email",
        lambda url, _: {
            "host": "127.0.0.1",
            "port": 1,
            "sender": "raksa@phatthalung.example",
            "password": SECRET,
            "username": "u",
        },
        ["a@example.org", "b@example.org", "c@example.org"],
    ),
    "web_push": Case(
        "web_push", lambda url, _: {"key": SECRET, "contact": "mailto:office@example.org"}, ["{}", "{}", "{}"]
    ),
    "partner_webhook": Case("partner_webhook", lambda url, _: {}, [f"whsec_{SECRET}@{n}" for n in "abc"]),
    "sms_smpp": Case(
        "sms_smpp",
        lambda url, _: {
            "host": "127.0.0.1",
            "port": 1,
            "system_id": "pht",
            "password": SECRET,
            "sender": "PHT",
        },
        PHONES,
    ),
    "notebook": Case("notebook", lambda _, folder: {"folder": folder}, PHONES),
    "village_pa": Case(
        "village_pa",
        lambda url, _: {"host": "127.0.0.1", "port": 1, "password": SECRET, "connect_s": 0.05},
        ["t1", "t2", "t3"],
    ),
    "voice_call": Case(
        "voice_call",
        lambda url, _: {
            "host": "127.0.0.1",
            "port": 1,
            "username": "raksa",
            "password": SECRET,
            "caller_id": "+6674610000",
        },
        PHONES,
    ),
}
