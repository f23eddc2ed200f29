"""The book of loudspeakers: what would not sound stands first; what an officer writes down is kept, checked and noted."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from channels.contract import Answer, Reply
from geo.people import Contact, Role, Tower, TowerKind
from tests.warning.town import VILLAGE
from tests.web.paper_office import Night, night, served
from tests.web.test_pages_seen import AXE, SHOTS, SIZES, browser, opened
from tests.web.visitor import press, see
from warning.accounts.user import UserRole
from warning.clock import HandClock
from warning.running import take_in
from warning.store.database import Database
from warning.tower_book import TRIED_WITHIN, book, microphone_alive
from warning.towers import Alive

__all__ = ["browser"]  # a fixture


@pytest.fixture
def town(database: Database, clock: HandClock) -> Night:
    made = night(database, clock)
    made.contacts()
    return made


@pytest.fixture
def url(town: Night) -> Iterator[str]:
    with served(town) as address:
        yield address


def microphone(town: Night, **fields: Any) -> UUID:
    row = Tower(id=uuid4(), village_code=VILLAGE, kind=TowerKind.MICROPHONE, **fields)
    with town.database.session() as session:
        session.add(row)
        return row.id


def contact(town: Night, role: str) -> str:
    return str(
        town.rows("SELECT id FROM contact WHERE village_code = :v AND role = :r", v=VILLAGE, r=role)[0].id
    )


def tower(town: Night) -> Any:
    return town.rows("SELECT * FROM tower WHERE village_code = :v", v=VILLAGE)[0]


_DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("tested", "ok", "announced", "alive"),
    [
        pytest.param(None, None, None, Alive.UNKNOWN, id="nobody-ever-said"),
        pytest.param(3 * _DAY, True, None, Alive.ALIVE, id="tried-and-heard"),
        pytest.param(None, None, 3 * _DAY, Alive.ALIVE, id="announced-over"),
        pytest.param(3 * _DAY, False, None, Alive.DEAD, id="tried-and-not-heard"),
        pytest.param(3 * _DAY, False, 9 * _DAY, Alive.DEAD, id="failed-after-an-announcement"),
        pytest.param(9 * _DAY, False, 3 * _DAY, Alive.ALIVE, id="announced-after-it-failed"),
        pytest.param(TRIED_WITHIN + _DAY, True, None, Alive.SILENT, id="not-tried-for-too-long"),
    ],
)
def test_a_microphone_is_known_by_the_newest_word(
    clock: HandClock, tested: timedelta | None, ok: bool | None, announced: timedelta | None, alive: Alive
) -> None:
    now = clock.now()
    row = Tower(
        id=uuid4(), village_code=VILLAGE, kind=TowerKind.MICROPHONE, tested_ok=ok, tested_at=now - tested if tested else None
    )  # fmt: skip
    assert microphone_alive(row, now - announced if announced else None, now)[0] is alive


def test_an_announcement_of_the_village_makes_its_microphone_heard(town: Night) -> None:
    microphone(town)
    town.flood()
    (row,) = town.rows(
        "SELECT id FROM delivery WHERE village_code = :v AND owner_id IS NOT NULL LIMIT 1", v=VILLAGE
    )
    take_in(town.office, "link", [Reply("e", Answer.ANNOUNCED, town.clock.now(), delivery_id=row.id)], "link")
    with town.database.session() as session:
        (line,) = book(session, [VILLAGE], town.clock.now())
        assert (line.alive, line.heard_at) == (Alive.ALIVE, town.clock.now())


def test_what_does_not_work_stands_first_and_villages_without_are_counted(town: Night) -> None:
    other = f"{VILLAGE[:6]}02"
    microphone(town, tested_ok=True, tested_at=town.clock.now())
    with town.database.session() as session:
        session.add(
            Tower(
                id=uuid4(),
                village_code=other,
                kind=TowerKind.MICROPHONE,
                tested_ok=False,
                tested_at=town.clock.now(),
            )
        )
    with town.database.session() as session:
        lines = book(session, [VILLAGE, other, f"{VILLAGE[:6]}03"], town.clock.now())
        assert [(line.code, line.alive) for line in lines] == [
            (other, Alive.DEAD), (f"{VILLAGE[:6]}03", Alive.UNKNOWN), (VILLAGE, Alive.ALIVE),
        ]  # fmt: skip
        assert [line.works for line in lines] == [False, False, True]


def test_an_officer_writes_down_a_tower_and_it_is_noted(town: Night, url: str) -> None:
    token, helper = town.officer(UserRole.DUTY_OFFICER), contact(town, "HEALTH_VOLUNTEER")
    at = f"{url}/towers/{VILLAGE}"
    assert "เพิ่มหอกระจายข่าว" in see(at, token).text
    press(at, token, homes="๖๒", battery="4,5", substitute=helper, tower="")
    row = tower(town)
    assert (row.homes_in_earshot, row.battery_hours, str(row.substitute_id), row.kind) == (
        62,
        4.5,
        helper,
        "MICROPHONE",
    )
    press(at, token, homes="70", battery="", substitute="", tower=str(row.id))
    again = tower(town)
    assert (again.id, again.homes_in_earshot, again.battery_hours, again.substitute_id) == (
        row.id,
        70,
        None,
        None,
    )
    actions = [
        r.action for r in town.rows("SELECT action FROM audit_entry WHERE subject = 'tower' ORDER BY seq")
    ]
    assert actions == ["tower.added", "tower.changed"]


@pytest.mark.parametrize(
    ("form", "why"),
    [
        pytest.param({"homes": "หลายหลัง"}, "ใส่จำนวนบ้านเป็นตัวเลข", id="homes-in-words"),
        pytest.param({"homes": "5001"}, "ระหว่าง 0 ถึง 5,000", id="more-than-any-village"),
        pytest.param({"battery": "นาน"}, "ใส่ชั่วโมงแบตเตอรี่", id="battery-in-words"),
        pytest.param({"battery": "nan"}, "ระหว่าง 0 ถึง 240", id="not-a-number"),
        pytest.param({"substitute": "x"}, "แบบฟอร์มนี้เก่าแล้ว", id="no-id"),
        pytest.param({"substitute": str(uuid4())}, "ต้องเป็นผู้ติดต่อของหมู่บ้านนี้", id="nobody-of-here"),
        pytest.param({"tower": str(uuid4())}, "ไม่มีหอกระจายข่าวนี้แล้ว", id="a-tower-that-is-gone"),
    ],
)
def test_what_cannot_be_is_refused_in_words(town: Night, url: str, form: dict[str, str], why: str) -> None:
    answer = press(f"{url}/towers/{VILLAGE}", town.officer(UserRole.DUTY_OFFICER), **form)
    assert answer.status_code == 422 and why in answer.text
    assert town.rows("SELECT 1 FROM tower") == []


def test_the_substitute_is_another_person_than_the_key_holder(town: Night, url: str) -> None:
    head = contact(town, "HEAD")
    made = microphone(town, key_holder_id=UUID(head))
    answer = press(
        f"{url}/towers/{VILLAGE}", town.officer(UserRole.DUTY_OFFICER), tower=str(made), substitute=head
    )
    assert answer.status_code == 422 and "ต้องเป็นอีกคนหนึ่ง" in answer.text


def test_a_substitute_who_leaves_the_registry_leaves_the_tower(town: Night) -> None:
    with town.database.session() as session:
        person = Contact(
            id=uuid4(),
            village_code=VILLAGE,
            role=Role.ASSISTANT,
            name_sealed=b"x",
            changed_at=town.clock.now(),
        )
        session.add(person)
        session.flush()
        session.add(
            Tower(id=uuid4(), village_code=VILLAGE, kind=TowerKind.MICROPHONE, substitute_id=person.id)
        )
    with town.database.session() as session:
        session.delete(session.get_one(Contact, person.id))
    assert tower(town).substitute_id is None


@pytest.mark.parametrize(("heard", "alive"), [("yes", "ใช้ได้"), ("no", "ใช้ไม่ได้")])
def test_somebodys_word_of_a_trial_is_kept(town: Night, url: str, heard: str, alive: str) -> None:
    made, token = microphone(town), town.officer(UserRole.DUTY_OFFICER)
    page = press(f"{url}/towers/{VILLAGE}/{made}/tried", token, heard=heard).text
    assert f'<strong class="name">{alive}</strong>' in page and "23 พ.ย. 2569 02:00" in page
    assert tower(town).tested_ok is (heard == "yes")
    assert (
        f'>1</strong> <a href="/towers?alive={"alive" if heard == "yes" else "dead"}"'
        in see(f"{url}/towers", token).text
    )


@pytest.mark.parametrize("role", [UserRole.RELIEF_OFFICER, UserRole.TEAM_MEMBER])
def test_others_do_not_write_in_the_book(town: Night, url: str, role: UserRole) -> None:
    token = town.officer(role)
    assert see(f"{url}/towers", token).status_code in (403, 409)
    assert press(f"{url}/towers/{VILLAGE}", token, homes="1").status_code in (403, 409)
    assert town.rows("SELECT 1 FROM tower") == []


@pytest.mark.service
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["th", "en"])
def test_the_book_is_whole(town: Night, browser: Any, size: str, lang: str) -> None:
    now = town.clock.now()
    microphone(
        town,
        homes_in_earshot=62,
        battery_hours=4,
        tested_ok=True,
        tested_at=now,
        key_holder_id=UUID(contact(town, "HEAD")),
    )
    SHOTS.mkdir(exist_ok=True)
    wrong: list[str] = []
    with served(town) as url:
        page = opened(browser, url, town.officer(UserRole.DUTY_OFFICER), size)
        for name, path in {
            "towers": "/towers?q=นาวง&",
            "tower": f"/towers/{VILLAGE}?",
            "tower-none": f"/towers/{VILLAGE[:6]}03?",
        }.items():
            page.goto(f"{url}{path}lang={lang}")
            page.evaluate("document.fonts.ready")
            page.screenshot(path=SHOTS / f"{name}-{size}-{lang}.png", full_page=True)
            if page.evaluate("document.documentElement.scrollWidth") > SIZES[size][0]:
                wrong.append(f"{name}: wider than the screen")
            if AXE.exists():
                page.evaluate(AXE.read_text(encoding="utf-8"))
                found = page.evaluate(
                    "axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes[0].html))"
                )
                wrong += [f"{name}: {violation}" for violation in found]
    assert wrong == []
