"""Whoever registered by LINE sees what is kept and has it wiped, from the account or through an officer; a return is told again."""

from typing import Any

import pytest
from sqlmodel import select

from geo.people import Address, AddressKind, Contact, Household, Need
from tests.warning.test_talk import USER, buttons, press, register, says, texts, town
from tests.warning.town import VILLAGE
from tests.web.paper_office import Night, served
from tests.web.visitor import press as press_page
from tests.web.visitor import see
from warning.accounts.user import UserRole
from warning.audit import verify
from warning.audited import differences

__all__ = ["town"]  # a fixture


def registered(town: Night) -> Any:
    """Four people who need a boat."""
    register(town)
    press(town, "t=size&l=th&n=4")
    press(town, "t=need&l=th&k=boat")
    return town.rows("SELECT id, people, legal_basis, lang FROM household")[0]


def nothing_left(town: Night) -> None:
    with town.database.session() as session:
        [address] = session.exec(select(Address)).all()
        [home] = session.exec(select(Household)).all()
        assert (address.hash, address.active, town.office.keyring.open(address.sealed)) == ("", False, "")
        assert (home.people, home.lang, home.legal_basis, home.consent_at) == (4, None, None, None)
        assert session.exec(select(Need)).all() == []
        assert verify(session).ok
        assert [
            d for d in differences(session) if not d.startswith("user ")
        ] == []  # a test changed one by hand


def wipe(town: Night) -> str:
    [asked] = says(town, text="ลบข้อมูล")
    [do] = buttons(asked).values()
    return texts(press(town, do))


def test_the_account_tells_what_is_kept_of_it(town: Night) -> None:
    registered(town)
    told = texts(says(town, text="ข้อมูลของฉัน"))
    assert "4 คน" in told and "เรือ" in told and "074-613-409" in told
    assert town.rows("SELECT count(*) AS n FROM reply")[0].n == 0 and "คำตอบที่ส่งมา 0" in told
    assert len(town.rows("SELECT 1 FROM audit_entry WHERE action = 'person.shown' AND actor = 'line'")) >= 1


def test_a_word_wipes_nothing_the_button_wipes_all_and_the_account_is_told_nothing_more(town: Night) -> None:
    registered(town)
    says(town, text="ลบข้อมูล")
    assert town.rows("SELECT active FROM address")[0].active
    assert "ลบแล้ว" in wipe(town)
    nothing_left(town)
    assert "ไม่ได้เก็บ" in texts(says(town, text="ลบข้อมูล")) and "ไม่ได้เก็บ" in texts(says(town, text="ข้อมูลของฉัน"))


def test_whoever_comes_back_is_told_again_in_the_same_home(town: Night) -> None:
    registered(town)
    wipe(town)
    register(town)
    with town.database.session() as session:
        [address] = session.exec(select(Address)).all()
        [home] = session.exec(select(Household)).all()
    assert address.active and town.office.keyring.open(address.sealed) == USER
    assert address.hash == town.office.keyring.fingerprint(USER)
    assert (home.legal_basis, home.consent_at) == ("consent", town.clock.now())


def test_a_village_head_is_not_wiped_by_a_button(town: Night) -> None:
    town.contacts()
    ring = town.office.keyring
    with town.database.session() as session:
        sms = session.exec(select(Address)).first()
        assert sms is not None
        session.add(
            Address(**sms.model_dump(exclude={"id", "kind", "sealed", "hash"}), id=sms.owner_id, kind=AddressKind.LINE,
                    sealed=ring.seal(USER), hash=ring.fingerprint(USER))
        )  # fmt: skip
    assert "074-613-409" in texts(says(town, text="ลบข้อมูล"))
    assert "074-613-409" in texts(press(town, "t=erase&l=th"))
    with town.database.session() as session:
        assert len(session.exec(select(Contact)).all()) == 3
        assert all(a.hash for a in session.exec(select(Address)))


def test_an_officer_hands_over_and_wipes_a_home_of_their_area_on_record(town: Night) -> None:
    home = registered(town)
    token, far = town.officer(), town.officer(name="อีกอำเภอ")
    town.rows("UPDATE office_user SET areas = '[\"9306\"]' WHERE name = 'อีกอำเภอ' RETURNING id")
    with served(town) as url:
        at = f"{url}/people/households/{VILLAGE}/{home.id}"
        assert f"{home.id}/erase" in press_page(at, token).text
        body = press_page(f"{at}/export", token).json()
        assert body["households"][0]["help_needed"] == ["boat"] and body["ways"][0]["value"] == USER
        for wrong in (far, town.officer(UserRole.APPROVER, name="ผู้อนุมัติ")):
            assert press_page(f"{at}/export", wrong).status_code == 409
            assert press_page(f"{at}/erase", wrong, sure="yes").status_code == 409
        assert press_page(f"{at}/erase", token).status_code == 409  # not sure
        assert "ลบแล้ว" in press_page(f"{at}/erase", token, sure="yes").text
        assert f"{home.id}/erase" not in press_page(at, token).text
        assert see(f"{url}/people/households/{VILLAGE}", token).status_code == 200
    nothing_left(town)
    assert (
        len(town.rows("SELECT 1 FROM audit_entry WHERE action IN ('person.exported', 'person.erased')")) == 2
    )


@pytest.mark.parametrize("word", ["ลบข้อมูลของฉัน", "erase my data", "Delete my data."])
def test_the_words_people_use(town: Night, word: str) -> None:
    registered(town)
    assert buttons(says(town, text=word)[0])
