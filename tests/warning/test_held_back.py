"""Drafts that wait: under a silence, under a graver alert of the same water; what still stands is drafted when they end."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from geo.people import Household
from geo.when import bangkok
from tests.warning.rule_cases import rule
from tests.warning.test_issue import OTHER, alerts, drafted, fires
from tests.warning.town import TAMBON, Town
from warning.alert import Alert, AlertState, ApprovalPolicy, Mode
from warning.assess import HazardAssessment
from warning.config import ApprovalSettings
from warning.held_back import LOOK_AGAIN
from warning.issue import OVERDUE
from warning.silence import end_silence, make_silence
from warning.store.database import Database


@pytest.fixture
def town(database: Database, clock) -> Town:
    return town_of(Town(database, clock, []), "Moderate")


def town_of(town: Town, severity: str) -> Town:
    rises = rule(
        name="rises",
        approval="duty_officer",
        released=True,
        alert={"severity": severity, "event": "river_overflow"},
    )
    config = town.office.config
    config.rules, config.office.phone, config.approval = [rises], "074000000", ApprovalSettings()
    return town


def quiet(town: Town, *tambons: str, ceiling: str = "Severe", hours: float = 1) -> UUID:
    now = town.clock.now()
    with town.database.session() as session:
        return make_silence(
            session, town.office.mode, tambons, None, ceiling, "ฝายกำลังซ่อม เฝ้าอยู่", now + timedelta(hours=hours),
            ("u1", "เวร ก"), now, [(bangkok(now) - timedelta(minutes=1)).time()],
        ).id  # fmt: skip


def overdue(town: Town) -> list[str]:
    with town.database.session() as session:
        return [work for work, _ in session.execute(text(OVERDUE), {"now": town.clock.now()})]


def graver(
    town: Town, event: str = "river_overflow", severity: str = "Severe", mode: Mode | None = None
) -> Alert:
    now = town.clock.now()
    alert = Alert(
        id=uuid4(), mode=mode or town.office.mode, number=f"พท-2569-9{uuid4().int % 1000:03d}", identifier="x", msg_type="Alert",
        kind="alert", state=AlertState.ISSUED, event=event, severity=severity, urgency="Immediate", certainty="Observed",
        response_type="Evacuate", tambons=[TAMBON], approval=ApprovalPolicy.DUTY_OFFICER, drafted_by="u1", drafted_at=now,
        issued_at=now, expires_at=now + timedelta(hours=6), changed_at=now,
    )  # fmt: skip
    with town.database.session() as session:
        session.add(alert)
    return alert


def test_a_silent_place_is_left_out_and_drafted_when_the_silence_ends(town: Town) -> None:
    silence = quiet(town, TAMBON)
    assessment = fires(town, TAMBON, OTHER)
    assert [a.tambons for a in alerts(town)] == [[OTHER]]
    assert overdue(town) == []  # nobody asks every second
    with town.database.session() as session:
        end_silence(session, silence, "u2", town.clock.now())
    town.clock.forward(LOOK_AGAIN + timedelta(seconds=1))
    drafted(town, assessment)
    assert sorted(code for a in alerts(town) for code in a.tambons) == sorted([OTHER, TAMBON])


def test_what_is_silent_alone_waits_and_comes_back_by_itself(town: Town) -> None:
    quiet(town, TAMBON, hours=7.5)
    town.clock.forward(timedelta(minutes=1))
    assessment = fires(town, TAMBON)
    assert alerts(town) == [] and overdue(town) == []
    town.clock.forward(
        timedelta(hours=7.4, minutes=20)
    )  # longer ago than what is looked for without a silence
    assert overdue(town) == [assessment]
    drafted(town, assessment)
    assert [a.tambons for a in alerts(town)] == [[TAMBON]] and overdue(town) == []


def test_a_danger_that_ended_under_a_silence_is_not_told(town: Town) -> None:
    quiet(town, TAMBON)
    assessment = fires(town, TAMBON)
    town.clock.forward(timedelta(minutes=30))
    with town.database.session() as session:
        session.add(
            HazardAssessment(
                id=uuid4(), rule="rises", rule_version="1", station="X.170", state="calm", at=town.clock.now(), value=18.0,
                why="below", ends=True, tambons=[TAMBON], observations=[],
            )
        )  # fmt: skip
    town.clock.forward(timedelta(hours=1))
    assert overdue(town) == [assessment]
    drafted(town, assessment)
    town.clock.forward(timedelta(hours=1))
    assert alerts(town) == [] and overdue(town) == []


@pytest.mark.parametrize(("severity", "waits"), [("Moderate", True), ("Severe", True), ("Extreme", False)])
def test_the_most_dangerous_is_drafted_under_any_silence(
    database: Database, clock, severity: str, waits: bool
) -> None:
    town = town_of(Town(database, clock, []), severity)
    quiet(town, TAMBON)
    fires(town, TAMBON)
    assert (alerts(town) == []) is waits


@pytest.mark.parametrize(
    ("other", "covers"),
    [
        pytest.param({}, True, id="graver-same-water"),
        pytest.param({"severity": "Moderate"}, True, id="as-grave-same-water"),
        pytest.param({"severity": "Minor"}, False, id="less-grave"),
        pytest.param({"event": "landslide"}, False, id="another-hazard"),
        pytest.param({"mode": Mode.ACTUAL}, False, id="real-life-beside-an-exercise"),
    ],
)
def test_a_graver_alert_of_the_same_water_covers_a_lower_draft(
    town: Town, other: dict[str, str], covers: bool
) -> None:
    graver(town, **other)  # type: ignore[arg-type]
    fires(town, TAMBON)
    assert [a for a in alerts(town) if a.rule] == [] if covers else [a for a in alerts(town) if a.rule] != []


def test_when_the_graver_alert_is_over_the_lower_one_is_drafted(town: Town) -> None:
    over = graver(town)
    assessment = fires(town, TAMBON)
    with town.database.session() as session:
        session.get_one(Alert, over.id).state = AlertState.CANCELLED
    town.clock.forward(LOOK_AGAIN + timedelta(seconds=1))
    assert overdue(town) == [assessment]
    drafted(town, assessment)
    assert [a.tambons for a in alerts(town) if a.rule] == [[TAMBON]]


def test_a_draft_rises_where_many_need_help_to_leave_and_says_why(town: Town) -> None:
    with town.database.session() as session:
        for nth in range(800):
            session.add(Household(id=uuid4(), village_code=f"930101{1 + nth % 9:02d}", vulnerable=1))
    fires(town, "930101")
    (alert,) = alerts(town)
    assert alert.severity == "Severe"
    assert "800" in alert.facts["impact_th"] and "ยกระดับ" in alert.words["description_th"]
    fires(town, OTHER)  # joins the draft, which stays as high as its worst place
    (grown,) = alerts(town)
    assert (grown.severity, len(grown.tambons)) == ("Severe", 2)
