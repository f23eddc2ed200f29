"""The relay desk over real HTTP: numbers found by ringing round, callers nobody knew, and what others do meanwhile."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
import requests
from sqlmodel import select

from channels.sms_callback import said as sms_said
from geo.people import Role
from geo.roster_import import import_contacts
from geo.sheet import Person, Slot, VillageRow
from tests.warning.town import VILLAGE
from tests.web.paper_office import FAR, HEAD_PHONE, Night, night, served
from tests.web.visitor import press, see
from warning import chain
from warning.accounts.user import UserRole
from warning.alert import Alert
from warning.chain import ChainCall
from warning.clock import HandClock
from warning.fault import note
from warning.running import take_in
from warning.store.database import Database
from warning.web.render import COOKIE

STRANGER, SHOWN = "+66899990001", "089-999-0001"
FAR_VILLAGE = f"{FAR}01"


@pytest.fixture
def town(database: Database, clock: HandClock) -> Night:
    made = night(database, clock)
    made.contacts()
    return made


@pytest.fixture
def url(town: Night) -> Iterator[str]:
    with served(town) as address:
        yield address


@pytest.mark.parametrize(
    ("lang", "day"), [("th", "ตรวจเบอร์ 1 ต.ค. 2569"), ("en", "verified 1 Oct 2026")], ids=["thai", "english"]
)
def test_a_card_shows_its_days_as_people_write_them(town: Night, url: str, lang: str, day: str) -> None:
    alert = town.flood()
    card = f"{url}/relay/{alert.id}/{VILLAGE}"
    text = see(card, town.officer(), lang=lang).text
    shown = re.sub(r"<[^>]+>", " ", text)
    assert day in shown and not re.search(r"\b20\d\d-\d\d-\d\d\b", shown)


@pytest.fixture
def listed(town: Night) -> Night:
    """The sheet named a head with a wrong number in a village of the other tambon."""
    row = VillageRow(
        FAR_VILLAGE,
        {Slot(Role.HEAD, 1): Person("นายเดิม คนเก่า", "+66690000001", "U" + "b" * 32, date(2026, 1, 5))},
    )
    with town.database.session() as session:
        import_contacts(session, town.office.keyring, [row], town.clock.now())
    return town


def sms(town: Night, text: str, sender: str = STRANGER) -> None:
    take_in(town.office, "sms", sms_said(sender, text, town.clock.now(), uuid4().hex, ""), "sms")


def told(town: Night, phone: str) -> int:
    book: Any = town.channels[0]
    return sum(address == phone for _, address, _ in book.book)


def saved(url: str, alert: Any, token: str, **form: str) -> requests.Response:
    return press(f"{url}/relay/{alert.id}/{FAR_VILLAGE}/contact", token, **{"slot": "head_1"} | form)


def test_a_new_heads_number_is_saved_rung_and_written_to(listed: Night, url: str) -> None:
    town, alert = listed, listed.flood()
    token = town.officer()
    press(f"{url}/relay/{alert.id}/{FAR_VILLAGE}/take", token)
    assert told(town, "+66690000001") == 1
    card = saved(url, alert, token, name="นายใหม่ คนปัจจุบัน", phone="๐๘๙-๙๙๙ ๐๐๐๑").text
    assert f"tel:{STRANGER}" in card and "นายใหม่" in card and "22 พ.ย. 2569" not in card
    assert "ตรวจเบอร์ 23 พ.ย. 2569" in card  # of today in Bangkok, not in UTC
    assert "tel:+66690000001" not in card and "นายเดิม" not in card
    town.run()
    assert told(town, STRANGER) == 1  # the alert in force goes to the new number at once
    assert saved(url, alert, token, name="นายใหม่ คนปัจจุบัน", phone=SHOWN).status_code == 200  # twice is once
    town.run()
    assert told(town, STRANGER) == 1
    (row,) = town.rows("SELECT name_sealed, source FROM contact WHERE village_code = :v", v=FAR_VILLAGE)
    assert town.office.keyring.open(row.name_sealed) == "นายใหม่ คนปัจจุบัน" and row.source == "relay desk"
    on = town.rows(
        "SELECT kind, active, verified_on FROM address WHERE village_code = :v ORDER BY active, kind",
        v=FAR_VILLAGE,
    )
    assert [tuple(a) for a in on][-1] == ("SMS", True, date(2026, 11, 23)) and [a.active for a in on] == [
        False,
        False,
        True,
    ]
    trail = town.rows("SELECT data, actor FROM audit_entry WHERE action = 'contact.saved' ORDER BY seq")
    assert "phone" in trail[0].data and STRANGER[3:] not in trail[0].data and "นายใหม่" not in trail[0].data
    town.clock.forward(timedelta(minutes=5))
    town.flood(number="ฝึก-พท-2569-0013")
    assert (told(town, STRANGER), told(town, "+66690000001")) == (2, 1)  # and the next alert goes there only


def test_the_same_person_with_another_number_keeps_name_and_line(listed: Night, url: str) -> None:
    alert, token = listed.flood(), listed.officer()
    press(f"{url}/relay/{alert.id}/{FAR_VILLAGE}/take", token)
    assert "นายเดิม" in saved(url, alert, token, phone=SHOWN).text
    on = listed.rows(
        "SELECT kind FROM address WHERE village_code = :v AND active ORDER BY kind", v=FAR_VILLAGE
    )
    assert sorted(a.kind for a in on) == ["LINE", "SMS"]


@pytest.mark.parametrize(
    ("form", "why"),
    [
        pytest.param({"phone": "12345", "name": "นาย ก"}, "ไม่ถูกต้อง", id="no-telephone-number"),
        pytest.param({"phone": "074-612-345", "name": "นาย ก"}, "เบอร์บ้าน", id="landline"),
        pytest.param({"phone": "", "name": "นาย ก"}, "ใส่เบอร์มือถือ", id="no-number"),
        pytest.param({"phone": SHOWN, "name": "-"}, "ใส่ชื่อ", id="nobody"),
        pytest.param({"phone": SHOWN, "slot": "key_holder_1"}, "ใส่ชื่อ", id="new-post-without-name"),
        pytest.param({"phone": SHOWN, "slot": "king"}, "เลือกตำแหน่ง", id="no-such-post"),
    ],
)
def test_a_number_that_cannot_be_kept_is_refused_with_what_was_typed(
    listed: Night, url: str, form: dict[str, str], why: str
) -> None:
    alert, token = listed.flood(), listed.officer()
    press(f"{url}/relay/{alert.id}/{FAR_VILLAGE}/take", token)
    answer = saved(url, alert, token, **form)
    assert answer.status_code == 422 and why in answer.text and f'value="{form["phone"]}"' in answer.text
    assert "tel:+66690000001" in answer.text
    assert listed.rows("SELECT 1 FROM audit_entry WHERE action = 'contact.saved'") == []


def test_a_stranger_stands_on_the_desk_and_the_console_and_the_number_only_to_who_rings(
    town: Night, url: str
) -> None:
    sms(town, "ช่วยด้วย น้ำเข้าบ้าน")  # no alert is in force: the desk shows the call all the same
    token, other = town.officer(), town.officer(name="คนที่สอง")
    desk = see(f"{url}/relay", token).text
    assert (
        "ไม่รู้ว่าเป็นใคร" in desk and "unknown caller" in desk and "ช่วยด้วย น้ำเข้าบ้าน" in desk and "•••001" in desk
    )
    assert "ขอความช่วยเหลือ ไม่รู้ว่าเป็นใคร" in see(url, token).text and "•••001" in see(url, token).text
    (page,) = {f"{url}{path}" for path in re.findall(r"/relay/callers/[0-9a-f-]{36}", desk)}
    assert SHOWN not in desk + see(page, token).text and STRANGER not in see(page, token).text
    assert town.rows("SELECT 1 FROM audit_entry WHERE action = 'caller.shown'") == []
    assert f"tel:{STRANGER}" in press(f"{page}/take", token).text
    assert STRANGER not in see(page, other).text + see(f"{page}/now", token).text
    assert len(town.rows("SELECT 1 FROM audit_entry WHERE action = 'caller.shown'")) == 1
    assert (
        see(page).status_code == 401 and see(page, town.officer(UserRole.RELIEF_OFFICER)).status_code == 409
    )
    town.clock.forward(timedelta(minutes=11))  # taken and forgotten: masked again
    assert STRANGER not in see(page, token).text


def test_a_stranger_is_bound_to_a_village_from_the_desk(town: Night, url: str) -> None:
    town.flood()
    sms(town, "ช่วยด้วย")
    token = town.officer()
    (page,) = {
        f"{url}{path}"
        for path in re.findall(r"/relay/callers/[0-9a-f-]{36}", see(f"{url}/relay", token).text)
    }
    press(f"{page}/take", token)
    wrong = press(f"{page}/bind", token, village="", help="yes", note="หลังวัด")
    assert wrong.status_code == 422 and "เลือกหมู่บ้าน" in wrong.text and "หลังวัด" in wrong.text
    assert (
        press(f"{page}/bind", token, village=VILLAGE, note="หลังวัด").status_code == 422
    )  # help or not: say so
    form = {
        "village": VILLAGE,
        "help": "yes",
        "people": "๔",
        "note": "บ้านหลังวัด",
        "slot": "head_1",
        "name": "นายหัวหน้า",
    }
    done = press(f"{page}/bind", token, **form)
    assert done.status_code == 200 and "บันทึกหมู่บ้านของผู้ติดต่อแล้ว" in done.text and 'id="callers"' not in done.text
    town.run()
    assert [
        tuple(m) for m in town.rows("SELECT village_code, people FROM mission WHERE kind = 'RESCUE'")
    ] == [(VILLAGE, 4)]
    assert told(town, STRANGER) == 1
    (who,) = town.rows("SELECT state, ended_by IS NOT NULL, note_sealed FROM unknown_caller")
    assert who.state == "BOUND" and who[1] and town.office.keyring.open(who.note_sealed) == "บ้านหลังวัด"
    assert "บ้านหลังวัด" in see(page, token).text and "เสร็จแล้ว" in see(page, token).text
    assert press(f"{page}/bind", token, **form).status_code == 422  # somebody dealt with it already


def test_a_stranger_is_put_away_with_its_outcome(town: Night, url: str) -> None:
    sms(town, "ฝนหยุดยัง")
    token = town.officer()
    (page,) = {
        f"{url}{path}"
        for path in re.findall(r"/relay/callers/[0-9a-f-]{36}", see(f"{url}/relay", token).text)
    }
    assert press(f"{page}/no-answer", token).status_code == 200
    assert "โทรกลับแล้วไม่รับ 1 ครั้ง" in see(f"{url}/relay", token).text
    assert press(f"{page}/close", token, outcome="nothing").status_code == 422
    assert "ปิดเรื่องแล้ว" in press(f"{page}/close", token, outcome="told").text
    assert "•••001" not in see(f"{url}/relay", token).text


def test_the_desk_says_only_when_something_changed(town: Night, url: str) -> None:
    alert, token, other = town.flood(), town.officer(), town.officer(name="นายข้างโต๊ะ")

    def now(mark: str = "", path: str = "/relay/now") -> requests.Response:
        headers = {"If-None-Match": mark} if mark else {}
        return requests.get(url + path, headers=headers, cookies={COOKIE: token}, timeout=10)

    first = now()
    assert first.status_code == 200 and "<html" not in first.text and VILLAGE in first.text
    assert now(first.headers["ETag"]).status_code == 304
    press(f"{url}/relay/{alert.id}/{VILLAGE}/take", other)
    second = now(first.headers["ETag"])
    assert second.status_code == 200 and "นายข้างโต๊ะ" in second.text
    assert "นายข้างโต๊ะ" in now(path=f"/relay/{alert.id}/{VILLAGE}/now").text
    sms(town, "น้ำมาแล้ว", HEAD_PHONE)
    third = now(second.headers["ETag"])
    assert third.status_code == 200 and "น้ำถึงแล้ว" in third.text
    sms(town, "ช่วยด้วย")
    assert "•••001" in now(third.headers["ETag"]).text
    assert (
        town.rows("SELECT 1 FROM audit_entry WHERE action = 'contacts.shown'") != []
    )  # by who took it, once
    assert len(town.rows("SELECT 1 FROM audit_entry WHERE action = 'contacts.shown'")) == 1
    assert requests.get(f"{url}/relay/now", timeout=10).status_code == 401


def test_however_much_waits_a_strangers_cry_for_help_stays_on_the_console(town: Night, url: str) -> None:
    with town.database.session() as session:
        for nth in range(9):
            note(session, f"step {nth}", f"ขัดข้อง {nth} (fault {nth})", town.clock.now() - timedelta(hours=9))
    sms(town, "ช่วยด้วย")
    sms(town, "ฝนตก", "+66899990002")
    seen = see(url, town.officer()).text
    card = seen[seen.index('id="waiting"') : seen.index("</section>", seen.index('id="waiting"'))]
    assert "•••001" in card and "/relay#callers" in card and card.count("<li") == 5


def test_villages_that_answered_are_folded_beneath_those_to_be_rung(town: Night, url: str) -> None:
    alert = town.flood()
    token = town.officer()
    answer = {"answer": "announced", "homes": "12", "via": "phone", "heard_from": "ผู้ใหญ่บ้าน"}
    assert "<details" not in see(f"{url}/relay", token).text
    press(f"{url}/relay/{alert.id}/{VILLAGE}/answer", token, event=uuid4().hex, **answer)
    page = see(f"{url}/relay", token, lang="en").text
    left, told = page.split('<details class="answer folded" id="told">')
    assert f'id="v{VILLAGE}"' in told and f'id="v{VILLAGE}"' not in left
    assert (
        "Answered: 1 villages" in told.split("</summary>")[0] and " open" not in told.split("</summary>")[0]
    )
    assert "/relay/print?left=1" in left
    assert "Thai, to be read aloud" in see(f"{url}/relay/{alert.id}/{VILLAGE}", token, lang="en").text
    printed = see(f"{url}/relay/print?left=1", token).text
    assert VILLAGE not in printed


def test_the_card_says_who_is_next_and_takes_what_a_call_brought(town: Night, url: str) -> None:
    """The same chain as the machine's: three tries, then the next one; an old page changes nothing."""
    alert = town.flood()
    with town.database.session() as session:
        chain.make(session, session.get_one(Alert, alert.id), town.clock.now(), town.office)
        first = session.exec(
            select(ChainCall).where(ChainCall.village_code == VILLAGE, ChainCall.place == 0)
        ).one()
    officer, card = town.officer(), f"{url}/relay/{alert.id}/{VILLAGE}"
    page = see(card, officer, lang="en").text
    assert "try 1 of 3" in page
    form = {"call": str(first.id), "tried": "busy"}
    assert press(f"{card}/tried", officer, **form).status_code in (200, 303)
    page = see(card, officer, lang="en").text
    assert "try 2 of 3" in page and "Line busy" in page
    press(f"{card}/tried", officer, **(form | {"tried": "wrong_number"}))
    assert press(f"{card}/tried", officer, **form).status_code == 422
    assert press(f"{card}/tried", officer, **(form | {"tried": "sleeping"})).status_code == 422
