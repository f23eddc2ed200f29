"""The door-knock list: whoever needs most first, never a word a thief could use, given out and back, and every door counted once."""

import subprocess
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import NotAllowed
from geo.people import Household, Need, NeedKind
from tests.warning.test_cover import lives
from tests.warning.town import VILLAGE
from tests.web.paper_office import Night, night, served
from tests.web.test_coverage_page import paper_of
from tests.web.visitor import press, see
from warning.accounts.user import UserRole
from warning.alert import Alert
from warning.door_knock import Door, doors_left, make_sheets, sheets_of, weight
from warning.door_knock_sheet import Code, code_text, read_code
from warning.store.database import Database

SECRET_WORDS = (
    "คนเดียว",
    "lives alone",
    "บ้านว่าง",
    "empty",
    "ติดเตียง",
    "bedridden",
    "ฟอกไต",
    "dialysis",
    "ออกซิเจน",
    "oxygen",
)


def needing(town: Night, *needs: NeedKind, house: str = "12/3") -> UUID:
    home = lives(town, VILLAGE, None, vulnerable=int(bool(needs)))
    with town.database.session() as session:
        session.get_one(Household, home).house_no_sealed = town.office.keyring.seal(house)
        session.add_all(Need(id=uuid4(), household_id=home, kind=need, source="test") for need in needs)
    return home


@pytest.fixture
def town(database: Database, clock: Any) -> Night:
    made = night(database, clock)
    made.contacts()
    return made


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("12-07-{}", id="as-printed"),
        pytest.param("1207{}", id="no-strokes"),
        pytest.param("๑๒-๐๗-{}", id="thai"),
    ],
)
def test_a_code_is_read_back(typed: str) -> None:
    assert read_code(typed.format(code_text(Code(12, 7))[-1])) == Code(12, 7)


@given(st.integers(1, 9999), st.integers(1, 30), st.data())
def test_one_wrong_digit_is_refused(sheet: int, row: int, data: Any) -> None:
    code = code_text(Code(sheet, row))
    assert read_code(code) == Code(sheet, row)
    digits = code.replace("-", "")
    place = data.draw(st.integers(0, len(digits) - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != digits[place]]))
    with pytest.raises(NotAllowed):
        read_code(digits[:place] + other + digits[place + 1 :])


def test_carried_first_then_boat_power_medicine() -> None:
    kinds = [
        (),
        (NeedKind.MEDICINE,),
        (NeedKind.POWER,),
        (NeedKind.BOAT,),
        (NeedKind.CARRY,),
        (NeedKind.CARRY, NeedKind.BOAT),
    ]
    doors = [Door(uuid4(), needs, bool(needs)) for needs in kinds] + [Door(uuid4(), (), True)]
    ordered = [door.needs for door in sorted(doors, key=weight)]
    assert ordered == [*reversed(kinds[1:]), (), ()]
    assert sorted(doors, key=weight)[-1].help_to_leave is False


def test_a_home_is_on_one_sheet_until_it_is_back(town: Night) -> None:
    homes = {needing(town, NeedKind.CARRY), needing(town), needing(town, NeedKind.BOAT)}
    lives(town, VILLAGE, "+66810000001")  # reached by SMS: nobody need go
    alert = town.flood()
    with town.database.session() as session:
        alert = session.get_one(Alert, alert.id)
        assert {door.household_id for door in doors_left(session, alert, VILLAGE)} == homes
        [sheet] = make_sheets(session, alert, VILLAGE, "me", town.clock.now())
        assert (sheet.nth, sheet.homes) == (1, 3)
        assert make_sheets(session, alert, VILLAGE, "me", town.clock.now()) == []


def test_from_the_list_to_the_door_and_back(town: Night, tmp_path: Any) -> None:
    carried, other = needing(town, NeedKind.CARRY, house="99/1"), needing(town, house="12/3")
    with town.database.session() as session:
        session.get_one(Household, carried).vulnerable = 1
    alert = town.flood()
    token = town.officer(UserRole.DUTY_OFFICER)
    with served(town) as url:
        page = f"{url}/alerts/{alert.id}/door-knock"
        assert VILLAGE in see(page, token).text
        assert press(f"{page}/{VILLAGE}", token).status_code == 200
        with town.database.session() as session:
            [sheet] = sheets_of(session, alert.id)
        out = press(f"{page}/{VILLAGE}/1", token, do="out", to="อสม. หมู่ 1")
        assert "อสม. หมู่ 1" in out.text
        assert "99/1" not in out.text  # house numbers are for whoever goes
        phone = see(f"{url}/field/sheet/{sheet.id}", token).text
        assert phone.index("99/1") < phone.index("12/3")
        assert "อุ้ม" in phone
        pdf = paper_of(f"{page}/{VILLAGE}/1.pdf", token)
        (tmp_path / "s.pdf").write_bytes(pdf.content)
        for words in (
            phone,
            see(page, token, lang="en").text,
            see(f"{page}/{VILLAGE}", token).text,
            read(tmp_path / "s.pdf"),
        ):
            assert [w for w in SECRET_WORDS if w in words] == []
        code = code_text(Code(1, 1))
        assert press(f"{page}/key", token, code="99999", answer="told").status_code == 422
        assert press(f"{page}/key", token, code=code, answer="told", people="4").status_code == 200
        assert (
            press(f"{url}/field/sheet/{sheet.id}/2", token, answer="need_help", people="2").status_code == 200
        )
        assert (
            press(f"{url}/field/sheet/{sheet.id}/2", token, answer="need_help", people="2").status_code == 200
        )
        town.run()
        assert press(f"{page}/{VILLAGE}/1", token, do="back").status_code == 200
        told = see(f"{url}/alerts/{alert.id}/coverage.json", token).json()
        assert see(f"{url}/field/sheet/{sheet.id}", town.officer(UserRole.TEAM_MEMBER)).status_code != 200
        assert see(page, town.officer(UserRole.RELIEF_OFFICER)).status_code != 200
        elsewhere = town.officer(UserRole.DUTY_OFFICER, name="อีกอำเภอ")
        town.rows("UPDATE office_user SET areas = '[\"9306\"]' WHERE name = 'อีกอำเภอ' RETURNING id")
        assert "99/1" not in see(f"{url}/field/sheet/{sheet.id}", elsewhere).text
        assert press(f"{url}/field/sheet/{sheet.id}/1", elsewhere, answer="told").status_code == 409
        assert "no such sheet" in see(f"{url}/field/sheet/{sheet.id}", elsewhere, lang="en").text
    assert told["households"]["reached"] == 2
    [mine] = [v for t in told["tambons"] for v in t["villages"] if v["code"] == VILLAGE]
    assert mine["by_channel"][0] | {"first_at": 0, "last_at": 0} == {
        "channel": "person",
        "homes": 2,
        "first_at": 0,
        "last_at": 0,
    }
    assert mine["households"]["need_help"] == 1
    assert (
        len(town.rows("SELECT 1 FROM reply WHERE household_id = :h AND answer = 'need_help'", h=other)) == 1
    )
    kept = {
        row.action for row in town.rows("SELECT action FROM audit_entry WHERE subject = 'door_knock_sheet'")
    }
    assert kept >= {
        "door_knock_sheet.added",
        "door_knock_sheet.changed",
        "door_knock.printed",
        "door_knock.shown",
    }
    taken = town.rows("SELECT data FROM audit_entry WHERE subject = 'door_knock_sheet'")
    assert not any("อสม." in str(row.data) for row in taken)


def test_nobody_who_was_told_becomes_untold(town: Night) -> None:
    needing(town)
    alert = town.flood()
    token = town.officer(UserRole.DUTY_OFFICER)
    with served(town) as url:
        page = f"{url}/alerts/{alert.id}/door-knock"
        press(f"{page}/{VILLAGE}", token)
        for answer in ("no_answer", "told", "no_answer"):
            press(f"{page}/key", token, code=code_text(Code(1, 1)), answer=answer)
    [row] = town.rows("SELECT found FROM door_knock_row")
    assert row.found == "told"


def read(path: Any) -> str:
    done = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True)
    return "".join(done.stdout.decode().split())
