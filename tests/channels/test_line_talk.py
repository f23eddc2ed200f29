"""What one person says to the account, and the answer by reply token."""

import json
from typing import Any

import aiohttp
import pytest

from channels.line_talk import Topic, heard, talk, topic, words
from tests.channels.test_line_webhook import event, hear, said
from warning.clock import WallClock
from warning.world.book import Book
from warning.world.line import Line, LineServer

USER = {"type": "user", "userId": "U" + "1" * 32}


def body(*events: dict[str, Any]) -> bytes:
    return json.dumps({"destination": "U0", "events": list(events)}).encode()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        pytest.param("น้ำตอนนี้", Topic.WATER, id="water"),
        pytest.param(" น้ำตอนนี้ ?", Topic.WATER, id="with-a-mark"),
        pytest.param("นํ้าตอนนี้", None, id="misspelt-is-no-topic"),
        pytest.param("ลงทะเบียน", Topic.REGISTER, id="register"),
        pytest.param("English", Topic.ENGLISH, id="english"),
        pytest.param("ออก", Topic.LEAVE, id="leave"),
        pytest.param("ออกจากบ้านไม่ได้ ช่วยด้วย", None, id="a-cry-that-begins-so"),
        pytest.param("ปลอดภัย", None, id="an-answer-to-an-alert"),
    ],
)
def test_only_the_bare_word_is_a_topic(text: str, meant: Topic | None) -> None:
    assert topic(text) is meant
    assert (hear(said(text)) == []) == (meant is not None)


def test_who_is_heard() -> None:
    group = {"type": "group", "groupId": "C" + "1" * 32, "userId": "U" + "2" * 32}
    text = {"type": "text", "id": "1", "text": "น้ำตอนนี้"}
    got = heard(
        body(
            event(type="follow", source=USER, replyToken="r1"),
            event(type="message", source=USER, replyToken="r2", message=text),
            event(type="message", source=group, replyToken="r3", message=text),
            event(type="message", source=USER, message=text),
            event(type="postback", source=USER, replyToken="r4", postback={"data": "t=village&c=93110201"}),
            event(type="later", source=USER, replyToken="r5"),
        )
    )
    assert [(s.reply_token, s.kind) for s in got] == [("r1", "follow"), ("r2", "text"), ("r4", "postback")]
    assert got[2].data == {"t": "village", "c": "93110201"}
    assert heard(b"[]") == heard(b"{}") == heard(b"x") == []


async def test_the_answer_arrives_once_and_costs_nothing() -> None:
    book = Book(WallClock().now)
    async with LineServer(Line(token="tok", secret="sec"), book, WallClock().now) as server:
        server.reply_tokens["token"] = USER["userId"]
        message = words("หมู่บ้านไหน", [(f"{n}", f"t=village&c={n}") for n in range(20)])
        async with aiohttp.ClientSession() as wire:
            told = [await talk(wire, server.url, server.settings.token, "token", [message]) for _ in range(2)]
        assert told == [True, False]
        assert server.used == 0
        assert book.addresses("line_reply") == {USER["userId"]}
