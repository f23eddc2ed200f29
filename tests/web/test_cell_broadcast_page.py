"""The page of a request: an officer prepares it, hands it over, and notes each minute; the sheet is one page of real Thai."""

import re
from datetime import timedelta

import pytest
import requests

from geo.gazetteer import gazetteer
from tests.warning.cell_broadcast.asked_office import asked, issued, noted
from tests.web.paper_office import night, served
from tests.web.visitor import press, see
from warning.accounts.user import UserRole
from warning.alert import Mode
from warning.cap.reader import read_cap
from warning.cell_broadcast.record import Step
from warning.cell_broadcast.sheet import sheet
from warning.pdf import FACE, a4, put_away
from warning.store.database import Database
from warning.web.cell_broadcast.routes import last_hour
from warning.web.cell_broadcast.view import area_words


def test_from_the_alert_to_on_air(database: Database, clock) -> None:
    town = night(database, clock)
    with database.session() as session:
        alert = str(issued(session, town).id)
    token = town.officer(UserRole.DUTY_OFFICER)
    with served(town) as url:
        page = f"{url}/alerts/{alert}/broadcast"
        assert f"/alerts/{alert}/broadcast" in see(f"{url}/alerts/{alert}", token).text
        before = see(page, token).text
        assert "การแจ้งเตือนภัยขั้นรุนแรง" in before
        assert "ไม่ผ่าน:" not in before
        refused = press(page, token, level="test")
        assert refused.status_code == 409
        assert press(page, token, level="extreme").status_code == 200  # and back on the page
        asked_page = see(page, token, lang="en").text
        assert "Prepared, DDPM not rung yet" in asked_page
        assert "4371 / 4384" in asked_page
        assert "4 min since the approval" in asked_page
        cap = see(f"{page}.cap", token)
        assert read_cap(cap.content).infos[0].parameters[-1].value in before
        pdf = see(f"{page}.pdf", token)
        assert (pdf.headers["content-type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
        clock.forward(timedelta(minutes=5))
        assert (
            press(f"{page}/steps", token, step="accepted", spoken_to="x").status_code == 409
        )  # nobody was rung
        for form in (
            {"step": "rung", "spoken_to": "ร.ต.สมมุติ", "at": "02:03"},
            {"step": "accepted", "spoken_to": "ร.ต.สมมุติ"},
            {"step": "broadcasting", "operator": "ais"},
        ):
            assert press(f"{page}/steps", token, **form).status_code == 200
        seen = see(page, token, lang="en").text
        assert "On air" in seen
        assert "on air 9 min after the approval" in seen
        assert "spoke to ร.ต.สมมุติ" in seen
        assert re.search(r"02:03</b> <span>Rang DDPM", seen)


@pytest.mark.parametrize(
    "role", [UserRole.ADMINISTRATOR, UserRole.RELIEF_OFFICER, UserRole.TEAM_MEMBER, None]
)
def test_who_may_not_ask(database: Database, clock, role) -> None:
    town = night(database, clock)
    with database.session() as session:
        alert = issued(session, town)
        asked(session, town, alert)
    token = town.officer(role) if role else None
    with served(town) as url:
        for path in ("broadcast", "broadcast.cap", "broadcast.pdf"):
            answer = requests.get(f"{url}/alerts/{alert.id}/{path}", cookies={"raksa_session": token} if token else None,
                                  timeout=10, allow_redirects=False)  # fmt: skip
            assert answer.status_code != 200
        press(f"{url}/alerts/{alert.id}/broadcast/steps", token, step="rung", spoken_to="x")
    assert [tuple(row) for row in town.rows("SELECT step FROM cell_broadcast_step")] == [("prepared",)]


def test_the_sheet_is_one_page_for_one_tambon_and_for_all(database: Database, clock) -> None:
    town = night(database, clock)
    told = town.office.config.office
    made = {}
    with database.session() as session:
        for name, changed in (
            ("two", {"number": "พท-2569-0001"}), ("all", {"number": "พท-2569-0002", "tambons": sorted(gazetteer().tambons)}),
            ("exercise", {"number": "ฝึก-พท-2569-0003", "mode": Mode.EXERCISE}),
        ):  # fmt: skip
            alert = issued(session, town, **changed)
            request = asked(session, town, alert)
            made[name] = sheet(request, alert, area_words(alert), told, clock.now())
            again = sheet(request, alert, area_words(alert), told, clock.now())
            assert made[name] == again  # same values, same bytes
    assert {name: len(re.findall(rb"/Type /Page\b", pdf)) for name, pdf in made.items()} == dict.fromkeys(
        made, 1
    )
    assert all(len(pdf) < 200_000 for pdf in made.values())


def test_thai_is_shaped(database: Database) -> None:
    """A mark above a mark is lifted: without shaping both lie on one another. The widths tell: sara am joins its letter."""
    pdf = a4("x")
    pdf.add_page()
    pdf.set_font(FACE, "", 20)
    shaped = pdf.get_string_width("น้ำ")
    pdf.set_text_shaping(False)
    plain = pdf.get_string_width("น้ำ")
    assert shaped != plain
    fonts = set(pdf.fonts)
    assert {"looped", "loopedB", "looped-latin", "looped-latinB"} <= fonts
    put_away(pdf)


@pytest.mark.parametrize(
    ("told", "minutes_ago"),
    [("", 0), ("01:58", 2), ("2:00", 0), ("01.30", 30), ("23:50", 130)],
    ids=["now", "two-minutes", "this-minute", "with-a-dot", "before-midnight"],
)
def test_the_last_time_the_clock_showed_it(clock, told: str, minutes_ago: int) -> None:
    assert last_hour(told, clock.now()) == clock.now() - timedelta(minutes=minutes_ago)


def test_an_alert_that_ended_asks_for_a_stop(database: Database, clock) -> None:
    town = night(database, clock)
    with database.session() as session:
        alert = issued(session, town)
        noted(session, town, asked(session, town, alert), Step.RUNG, Step.ACCEPTED)
    token = town.officer(UserRole.APPROVER)
    with served(town) as url:
        assert "The alert has ended" not in see(f"{url}/alerts/{alert.id}/broadcast", token, lang="en").text
        clock.forward(timedelta(hours=9))
        assert "The alert has ended" in see(f"{url}/alerts/{alert.id}/broadcast", token, lang="en").text
