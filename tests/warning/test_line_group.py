"""A village's LINE group: bound by a contact of the village alone, given back, and nothing written there is kept."""

import json
import logging
from typing import Any

import pytest

from channels import line_group_events
from geo.people import AddressKind
from tests.warning.town import VILLAGE, ToldByLine, accepts, channel
from tests.web.paper_office import Night
from warning.clock import HandClock
from warning.store.database import Database
from warning.talk.group import answer_group

GROUP, HEAD, OTHER = "C" + "a" * 32, "U" + "b" * 32, "U" + "c" * 32
BESIDE = "93110202"


@pytest.fixture
def town(database: Database, clock: HandClock) -> Night:
    town = Night(database, clock, [channel(accepts, "line", ToldByLine)])
    town.people([], head=HEAD, kind=AddressKind.LINE)
    return town


def happens(town: Night, kind: str, user: str = HEAD, text: str = "") -> list[dict[str, Any]]:
    event = {"type": kind, "source": {"type": "group", "groupId": GROUP, "userId": user}, "replyToken": "r"}
    if kind == "message":
        event["message"] = {"type": "text", "id": "1", "text": text}
    body = json.dumps({"events": [event]}).encode()
    with town.database.session() as session:
        return [
            message
            for one in line_group_events.heard(body)
            for message in answer_group(session, one, town.clock.now(), town.office)
        ]


def groups(town: Night) -> list[tuple[str, bool]]:
    rows = town.rows("SELECT village_code, active FROM address WHERE kind = 'LINE_GROUP'")
    return [tuple(row) for row in rows]


def test_asked_bound_and_given_back(town: Night) -> None:
    [asked] = happens(town, "join")
    assert "8" in asked["text"]
    for _ in range(2):  # twice is once
        assert happens(town, "message", text=f" {VILLAGE} ")
        assert groups(town) == [(VILLAGE, True)]
    assert happens(town, "leave") == []
    assert groups(town) == [(VILLAGE, False)]
    happens(town, "message", text=VILLAGE)  # invited again
    assert groups(town) == [(VILLAGE, True)]


@pytest.mark.parametrize(
    ("user", "text"),
    [
        pytest.param(OTHER, VILLAGE, id="a-stranger"),
        pytest.param(HEAD, BESIDE, id="another-village"),
        pytest.param(HEAD, "99999999", id="no-village"),
        pytest.param(HEAD, f"รหัส {VILLAGE} ช่วยด้วย", id="within-other-words"),
    ],
)
def test_nothing_is_bound_said_or_kept(
    town: Night, user: str, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert happens(town, "message", user, text) == []
    assert groups(town) == town.rows("SELECT 1 FROM reply") == town.rows("SELECT 1 FROM unknown_caller") == []
    assert text not in caplog.text
