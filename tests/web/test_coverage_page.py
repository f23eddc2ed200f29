"""The report of an alert: the same sums on the page, in the sheet, on paper and as data; reached is confirmed and nothing else."""

import io
import subprocess
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from teams.response.mission import Mission, MissionKind
from teams.response.team import make_team
from tests.warning.test_cover import lives
from tests.warning.town import VILLAGE, accepts, channel
from tests.web.paper_office import Night, night, served
from tests.web.visitor import see
from warning.accounts.user import UserRole
from warning.coverage_history import history
from warning.coverage_report import Numbers, added, report
from warning.store.database import Database
from warning.web.coverage.curve import curve
from warning.web.coverage.exports import as_xlsx
from warning.web.coverage.words import share_words
from warning.web.render import COOKIE

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)


def flooded(town: Night, homes: int = 3) -> Any:
    town.contacts()
    for n in range(homes):
        lives(town, VILLAGE, f"+6681000000{n}", nth=n)
    lives(town, VILLAGE, None, vulnerable=1)
    return town.flood()


def paper_of(url: str, token: str) -> requests.Response:
    """Shaping Thai takes a while on a busy machine."""
    return requests.get(url, cookies={COOKIE: token}, timeout=60)


def test_every_form_of_the_report_has_the_same_sums(database: Database, clock) -> None:
    town = night(database, clock)
    alert = flooded(town)
    token = town.officer(UserRole.DUTY_OFFICER)
    with served(town) as url:
        page = f"{url}/alerts/{alert.id}/coverage"
        assert f"/alerts/{alert.id}/coverage" in see(f"{url}/alerts/{alert.id}", token).text
        data = see(f"{page}.json", token).json()
        seen = see(page, token, lang="en").text
        book = load_workbook(io.BytesIO(see(f"{page}.xlsx", token, lang="en").content))
        pdf = paper_of(f"{page}.pdf", token)
        assert see(page).status_code != 200  # nobody signed in
        assert see(f"{page}.json", town.officer(UserRole.TEAM_MEMBER)).status_code != 200
    whole = data["households"]
    assert whole["reached"] == 3
    assert whole["registered"] == 4
    assert f"{whole['reached']:,} of {whole['homes']:,} homes confirmed" in seen
    assert pdf.content[:5] == b"%PDF-"
    for name in (
        "homes",
        "registered",
        "unregistered",
        "reached",
        "waiting",
        "accepted",
        "unreached",
        "silent",
    ):
        assert whole[name] == sum(t["households"][name] for t in data["tambons"])
        assert whole[name] == sum(v["households"][name] for t in data["tambons"] for v in t["villages"])
    rows = list(book.worksheets[0].iter_rows(min_row=3, values_only=True))
    assert [rows[-1][n] for n in (3, 6)] == [whole["homes"], whole["reached"]]
    assert sum(row[3] for row in rows[:-1]) == whole["homes"]
    [mine] = [v for t in data["tambons"] for v in t["villages"] if v["code"] == VILLAGE]
    assert mine["by_channel"][0]["channel"] == "sms"
    assert mine["best_proof"] == "handset"


def test_a_name_somebody_gave_is_never_a_formula_of_the_sheet(database: Database, clock) -> None:
    town = night(database, clock)
    alert = flooded(town)
    evil = '=HYPERLINK("http://x.example","ดู")'
    with database.session() as session:
        team = make_team(session, evil, ["9311"], clock.now())
        session.add(
            Mission(id=uuid4(), mode="exercise", alert_id=alert.id, village_code=VILLAGE, kind=MissionKind.SILENT_HOMES,
                    team_id=team.id, why="", priority=3, requested_at=clock.now(), due_at=clock.now(), changed_at=clock.now())
        )  # fmt: skip
        session.flush()
        made = as_xlsx(report(session, session.merge(alert)), "th")
    cells = [cell for page in load_workbook(io.BytesIO(made)) for row in page.iter_rows() for cell in row]
    assert [c.data_type for c in cells if str(c.value).startswith(evil)] == ["s"]
    assert not [c for c in cells if c.data_type == "f"]


def test_what_is_only_taken_by_a_provider_is_never_reached(database: Database, clock) -> None:
    town = Night(database, clock, [channel(accepts)])
    alert = flooded(town)
    with database.session() as session:
        found = report(session, session.merge(alert))
    assert (found.numbers.reached, found.numbers.accepted) == (0, 3)
    assert found.numbers.silent == found.numbers.homes
    assert found.heard == ()


async def test_the_history_grows_only_when_the_totals_change_and_adds_up(database: Database, clock) -> None:
    town = night(database, clock)
    town.people(["+66810000001", None])
    alert = town.alert(villages=[VILLAGE])
    await town.settle()
    await town.play(0.5)
    with database.session() as session:
        first = history(session, alert)
        assert first
    await town.play(3)
    lives(town, VILLAGE, None, vulnerable=1)
    with database.session() as session:
        kept = history(session, alert)
    assert len(kept) == len({(p.homes, p.reached, p.waiting, p.accepted, p.unreached) for p in kept})
    for point in kept:
        assert point.reached + point.waiting + point.unreached == point.homes
        assert 0 <= point.accepted <= point.waiting
    assert kept[-1].reached == 1


@settings(deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 3000)] * 4), max_size=30))
def test_parts_added_up_stay_a_partition(parts: list[tuple[int, int, int, int]]) -> None:
    whole = added(
        Numbers(
            homes=a + b + c, registered=min(d, a + b + c), unregistered=a + b + c - min(d, a + b + c), reached=a,
            by_head=0, waiting=b, accepted=min(b, d), unreached=c, vulnerable_left=0, need_help=0,
        )
        for a, b, c, d in parts
    )  # fmt: skip
    assert (
        whole.reached + whole.waiting + whole.unreached
        == whole.homes
        == whole.registered + whole.unregistered
    )
    assert whole.silent == whole.homes - whole.reached
    words = share_words(whole, "en")
    assert words.startswith("0 %") == (whole.homes > 0 and whole.reached == 0)
    assert ("100 %" in words) == (whole.homes > 0 and whole.reached == whole.homes)


def point(minutes: int, homes: int, reached: int, accepted: int) -> Any:
    return SimpleNamespace(
        at=NOW + timedelta(minutes=minutes), homes=homes, reached=reached, accepted=accepted
    )


@pytest.mark.parametrize(
    "points",
    [
        pytest.param([], id="nothing-counted"),
        pytest.param([point(0, 0, 0, 0)], id="nobody-to-reach"),
    ],
)
def test_no_curve_of_nothing(points: list[Any]) -> None:
    assert curve(points, NOW, "x", "all") == ""


def test_accepted_is_hatched_and_drawn_above_the_reached() -> None:
    drawn = curve(
        [point(0, 100, 0, 0), point(5, 100, 20, 60)], NOW + timedelta(minutes=10), "20 < 100", "all"
    )
    assert 'fill="url(#accepted)"' in drawn
    assert "20 &lt; 100" in drawn
    accepted = drawn.split('class="accepted"')[1].split("/>")[0]
    reached = drawn.split('class="reached"')[1].split("/>")[0]
    assert accepted.count("M") == reached.count("M") == 1  # of the first count nothing is drawn
    top_of_reached = float(reached.split("V")[1].split("H")[0])
    assert f",{top_of_reached:g}V" in accepted or f",{top_of_reached}V" in accepted


def test_the_paper_can_be_read_back_in_thai(database: Database, clock, tmp_path) -> None:
    town = night(database, clock)
    alert = flooded(town)
    token = town.officer(UserRole.APPROVER)
    with served(town) as url:
        (tmp_path / "r.pdf").write_bytes(paper_of(f"{url}/alerts/{alert.id}/coverage.pdf", token).content)
    read = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "r.pdf", "-"], capture_output=True, check=True
    ).stdout.decode()
    read = "".join(read.split())  # the reader puts room after each mark
    assert "ฝึกซ้อม" in read
    assert read.count("ต้องรู้") >= 2  # the head of the table is on each page
    assert "1/2" in read
    assert "2/2" in read
