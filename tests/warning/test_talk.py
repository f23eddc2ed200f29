"""What the LINE account says to one person: registered in two taps, told how the water is, never left waiting for nobody."""

import struct
import zlib
from datetime import time, timedelta
from typing import Any

import pytest

from channels.line_talk import MOST_BUTTONS, Said
from geo.gazetteer import gazetteer
from tests.warning.town import TAMBON, VILLAGE, ToldByLine, accepts, channel
from tests.web.paper_office import Night
from warning.clock import HandClock
from warning.store.database import Database
from warning.talk.answer import answer
from warning.talk.desk import HelpDeskSettings

USER = "U" + "7" * 32


def png(grey: int) -> bytes:
    """The smallest picture: one grey point."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head, line = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0), zlib.compress(bytes([0, grey]))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", line) + chunk(b"IEND", b"")


PNG, OTHER_PNG = png(1), png(2)


@pytest.fixture
def town(database: Database, clock: HandClock) -> Night:
    town = Night(database, clock, [channel(accepts, "line", ToldByLine)])
    config: Any = town.office.config
    config.help_desk = HelpDeskSettings()
    return town


def says(town: Night, kind: str = "text", **what: Any) -> list[dict[str, Any]]:
    with town.database.session() as session:
        return answer(session, Said(USER, "r", kind, **what), town.clock.now(), town.office)


def press(town: Night, data: str) -> list[dict[str, Any]]:
    from urllib.parse import parse_qsl

    return says(town, "postback", data=dict(parse_qsl(data)))


def buttons(message: dict[str, Any]) -> dict[str, str]:
    return {i["action"]["label"]: i["action"]["data"] for i in message.get("quickReply", {}).get("items", [])}


def texts(messages: list[dict[str, Any]]) -> str:
    return "\n".join(m["text"] for m in messages)


def register(town: Night, village: str = VILLAGE, lang: str = "th") -> list[dict[str, Any]]:
    return press(town, f"t=here&l={lang}&c={village}")


def test_from_follow_to_village_by_buttons_alone(town: Night) -> None:
    [hello] = says(town, "follow")
    to_amphoe = next(d for d in buttons(hello).values() if f"c={TAMBON[:4]}" in d)
    [tambons] = press(town, to_amphoe)
    [villages] = press(town, next(d for d in buttons(tambons).values() if f"c={TAMBON}" in d))
    told = press(town, next(d for d in buttons(villages).values() if f"c={VILLAGE}" in d))
    assert len(told) == 3
    [row] = town.rows("SELECT a.village_code, a.active, h.source, h.people, a.hash FROM address a JOIN household h "
                      "ON h.id = a.household_id")  # fmt: skip
    assert tuple(row)[:4] == (VILLAGE, True, "line", 1)
    assert USER not in str(town.rows("SELECT * FROM address")) + str(town.rows("SELECT * FROM household"))


def test_every_village_can_be_chosen(town: Night) -> None:
    """Where there are more than LINE's thirteen buttons the last leads on, until all were offered."""
    tambon = max(gazetteer().tambons, key=lambda code: len(gazetteer().villages_of(code)))
    offered: set[str] = set()
    at: str | None = f"t=village&l=th&c={tambon}"
    while at:
        [message] = press(town, at)
        found = buttons(message)
        assert 0 < len(found) <= MOST_BUTTONS
        offered |= {d.rsplit("c=", 1)[1] for d in found.values() if d.startswith("t=here")}
        at = next((d for d in found.values() if d.startswith("t=village")), None)
    assert offered == {v.code for v in gazetteer().villages_of(tambon)}


@pytest.mark.parametrize("again", [VILLAGE, "93110202", "93060501"], ids=["same", "beside", "far-away"])
def test_twice_is_once_and_moving_is_one_home(town: Night, again: str) -> None:
    register(town)
    register(town, again)
    rows = town.rows(
        "SELECT a.village_code, a.tambon_code, h.village_code FROM address a JOIN household h ON true"
    )
    assert [tuple(r) for r in rows] == [(again, again[:6], again)]


async def test_an_alert_goes_to_who_registered_and_not_to_who_left(town: Night) -> None:
    register(town)
    town.alert()
    await town.settle()
    [line] = town.channels
    assert [address for _, address, _ in line.book] == [USER]  # type: ignore[attr-defined]
    assert "เลิกส่ง" in texts(says(town, text="ออก"))
    town.clock.forward(timedelta(minutes=1))
    town.alert()
    await town.settle()
    assert len(line.book) == 1  # type: ignore[attr-defined]


def test_size_and_needs_are_asked_and_may_be_skipped(town: Night) -> None:
    asked = register(town)[-1]
    [needs] = press(town, buttons(asked)["4"])
    press(town, next(d for d in buttons(needs).values() if "k=boat" in d))
    press(town, next(d for d in buttons(needs).values() if "k=carry" in d))
    [thanks] = press(town, buttons(needs)["ข้าม"])
    assert "ขอบคุณ" in thanks["text"]
    assert town.rows("SELECT people FROM household") == [(4,)]
    assert {k for (k,) in town.rows("SELECT kind FROM need WHERE ended_on IS NULL")} == {"BOAT", "CARRY"}


def test_water_says_what_is_not_known(town: Night) -> None:
    assert "ไม่รู้" in texts(says(town, text="น้ำตอนนี้"))  # where the person lives
    register(town)
    told = texts(says(town, text="น้ำตอนนี้"))
    assert "เราไม่รู้" in told and f"http://127.0.0.1/now/{VILLAGE}" in told


def test_english_on_request(town: Night) -> None:
    [asked] = says(town, text="English")
    assert "district" in asked["text"]
    register(town, lang="en")
    assert "we do not know" in texts(says(town, text="water now"))
    says(town, text="ไทย")
    assert "เราไม่รู้" in texts(says(town, text="น้ำตอนนี้"))


@pytest.mark.parametrize("what", [{"text": "ช่วยด้วย"}, {"kind": "location", "lat": 7.6, "lon": 100.0}],
                         ids=["words", "place"])  # fmt: skip
def test_nobody_waits_for_an_empty_desk(town: Night, what: dict[str, Any]) -> None:
    told = texts(says(town, **what))
    assert "1669" in told and "1784" in told and "ผู้ใหญ่บ้าน" in told and "คิว" not in told


def test_on_duty_the_place_in_the_queue_is_told(town: Night) -> None:
    config: Any = town.office.config
    config.help_desk = HelpDeskSettings(roster="เวรศูนย์", opens=time(0), closes=time(0))
    told = texts(says(town, text="ช่วยด้วย"))
    assert "คิวของคุณคือ 1 " in told and "1669" in told


@pytest.mark.parametrize(
    ("opens", "closes", "there"),
    [(time(8), time(20), False), (time(20), time(8), True), (time(2), time(3), True), (None, None, False)],
    ids=["day", "night", "this-hour", "nobody"],
)
def test_the_roster_keeps_its_hours(opens: time | None, closes: time | None, there: bool) -> None:
    from tests.channels.cases import NOW

    at_0203 = NOW.replace(hour=19, minute=3)  # 02:03 in Thailand
    assert (
        HelpDeskSettings(roster="เวร" if opens else "", opens=opens, closes=closes).on_duty(at_0203) is there
    )


def test_safe_is_no_relief_claim(town: Night) -> None:
    assert "ไม่เปลี่ยนสิทธิ" in texts(says(town, text="ปลอดภัย"))
    assert says(town, text="สวัสดีครับ") == []


@pytest.mark.parametrize(
    "odd", ["t=here&c=99999999", "t=tambon", "t=x", "t=size&n=9", "t=need&k=carry", "t=village&c=1&s=-1"]
)
def test_a_made_up_button_begins_again(town: Night, odd: str) -> None:
    [message] = press(town, odd)
    assert buttons(message)
    assert town.rows("SELECT 1 FROM household") == []


@pytest.mark.parametrize(
    "odd",
    [{"opens": 1200}, {"closes": "20:00"}, {"roster": ""}],
    ids=["without-quotes", "no-start", "no-roster"],
)
def test_a_roster_is_whole_or_absent(odd: dict[str, Any]) -> None:
    whole = {"roster": "เวร", "opens": "08:00", "closes": "20:00"} | odd
    if odd == {"closes": "20:00"}:
        del whole["opens"]
    with pytest.raises(ValueError, match=r"quotes|leave help_desk out"):
        HelpDeskSettings.model_validate(whole)


def test_a_picture_is_kept_with_its_village_and_is_no_call_for_help(town: Night) -> None:
    assert "ยังไม่รู้ว่าคุณอยู่ที่ไหน" in texts(town_says_picture(town, PNG))
    register(town)
    [kept] = town_says_picture(town, PNG)
    assert "ไม่ใช่การขอความช่วยเหลือ" in kept["text"] and buttons(kept) == {"ต้องการช่วย": "a=help"}
    [row] = town.rows("SELECT village_code, via, reported_by, body_sealed FROM village_photo")
    assert tuple(row)[:3] == (VILLAGE, "line", "resident")
    assert town.office.keyring.open_bytes(row.body_sealed).startswith(PNG[:8]) and PNG not in bytes(
        row.body_sealed
    )
    town_says_picture(town, PNG)
    assert len(town.rows("SELECT 1 FROM village_photo")) == 1  # twice is once


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        pytest.param(None, "ตอนนี้", id="line-has-it-no-more"),
        pytest.param(b"GIF89a", "JPEG", id="of-another-kind"),
        pytest.param(b"\xff\xd8\xff", "เสีย", id="torn"),
    ],
)
def test_a_picture_that_cannot_be_kept_is_told(town: Night, sent: bytes | None, why: str) -> None:
    register(town)
    assert why in texts(town_says_picture(town, sent))
    assert town.rows("SELECT 1 FROM village_photo") == []


def test_a_flood_of_pictures_does_not_fill_the_disk(town: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("warning.talk.answer.MOST_PICTURES", 1)
    register(town)
    town_says_picture(town, PNG)
    assert "ตอนนี้" in texts(town_says_picture(town, OTHER_PNG))
    town.clock.forward(timedelta(hours=2))
    assert "ตอนนี้" not in texts(town_says_picture(town, OTHER_PNG))


def town_says_picture(town: Night, sent: bytes | None) -> list[dict[str, Any]]:
    with town.database.session() as session:
        return answer(session, Said(USER, "r", "picture", text="1"), town.clock.now(), town.office, sent)
