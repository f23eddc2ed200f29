"""Homes of which nobody knows the village, or even the tambon: each stands on one line of the gap list and in its story."""

from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import text

from geo.names import id_for
from geo.people import Household
from teams.relief.event import DisasterEvent, Evidence
from teams.relief.gaps import Gap
from teams.response.mission import Mission, MissionKind, MissionState
from teams.response.village_water import VillageWater, WaterState
from tests.warning.test_relief import a_night
from tests.warning.town import TAMBON, VILLAGE
from warning.alert import Alert
from warning.cover import homes_estimated
from warning.exposed import NOWHERE, unlisted_homes
from warning.relief import exposures, gap_list, open_event
from warning.store.database import Database
from warning.story import story


@pytest.mark.parametrize("code", ["", TAMBON, f"{TAMBON}99"], ids=["no-code", "tambon-only", "nobodys-code"])
async def test_a_home_whose_village_nobody_knows_is_exposed_with_its_tambon(
    database: Database, clock, code: str
) -> None:
    alert_id, homes = await a_night(database, clock)
    lost = homes[3]  # it has a telephone, and so a tambon
    with database.session() as session:
        session.get_one(Household, lost).village_code = code
        session.flush()
        event = open_event(session, alert_id, "officer", clock.now())
        found = gap_list(session, event.id, "officer", clock.now())
        assert {v.village_code: v.exposed for v in found.villages if v.exposed} == {
            VILLAGE: 4,
            f"{TAMBON}00": 1,
        }
        assert found.named[lost].gap is Gap.G1 and found.broad == 5
        [own] = exposures(session, event, only=lost)
        assert own.kinds == {Evidence.WARNED}


@pytest.mark.parametrize(
    ("code", "address", "line"),
    [
        pytest.param("93990101", TAMBON, f"{TAMBON}00", id="placed-by-its-address"),
        pytest.param("93010377", None, "93010300", id="of-another-tambon-no-such-village"),
        pytest.param("", None, NOWHERE, id="nowhere"),
    ],
)
async def test_who_calls_from_no_known_village_stands_on_one_line_too(
    database: Database, clock, code: str, address: str | None, line: str
) -> None:
    """Warned or not: who was rescued is exposed, and has a row and a story."""
    alert_id, homes = await a_night(database, clock)
    caller, values = homes[4], {"home": homes[4], "tambon": address, "clock": clock.now()}
    with database.session() as session:
        session.get_one(Household, caller).village_code = code
        if address:
            session.execute(
                text(
                    "UPDATE address SET household_id = :home, tambon_code = :tambon, nth = 99 WHERE household_id = :was"
                ),
                {**values, "was": homes[3]},
            )
        session.add(
            Mission(
                id=id_for("m"), mode="exercise", alert_id=alert_id, kind=MissionKind.RESCUE, state=MissionState.DONE,
                priority=1, village_code=code, household_id=caller, why="", requested_at=clock.now(),
                due_at=clock.now(), changed_at=clock.now(),
            )
        )  # fmt: skip
        event = open_event(session, alert_id, "officer", clock.now())
        found = gap_list(session, event.id, "officer", clock.now())
        told = story(session, caller, clock.now(), alert_id)
    assert {v.village_code: v.exposed for v in found.villages if v.exposed} == {VILLAGE: 4, line: 1}
    assert sum(v.exposed for v in found.villages) == found.broad == len(found.named) == 5
    assert told.village_code == line and "ไม่รู้" in told.village.th and "unknown" in told.village.en
    assert told.bucket and told.bucket.gap is Gap.G1


def water_at(village: str, alert_id: UUID, now: datetime) -> VillageWater:
    return VillageWater(id=id_for("w"), mode="exercise", village_code=village, state=WaterState.IN_HOMES,
                        since=now, reported_at=now, reported_by="resident", alert_id=alert_id)  # fmt: skip


@pytest.mark.parametrize(
    ("code", "kinds"),
    [
        pytest.param(f"{TAMBON}00", {Evidence.WARNED}, id="no-number"),
        pytest.param(f"{TAMBON}77", {Evidence.WARNED}, id="no-such-village"),
        pytest.param("93990177", set(), id="no-such-tambon"),
    ],
)
async def test_one_strays_water_is_not_that_of_all_others(
    database: Database, clock, code: str, kinds: set[Evidence]
) -> None:
    """The homes of the line have nothing in common but that nobody knows where they are."""
    alert_id, homes = await a_night(database, clock)
    now = clock.now()
    with database.session() as session:
        for home in homes[3:]:
            session.get_one(Household, home).village_code = code
        session.execute(
            text("UPDATE address SET tambon_code = '' WHERE household_id = ANY(:h)"), {"h": homes[3:]}
        )
        session.add(water_at(code, alert_id, now))
        event = open_event(session, alert_id, "officer", now)
        by_home = {e.household_id: e.kinds for e in exposures(session, event)}
        told = story(session, homes[4], now, alert_id)
    assert by_home.get(homes[3], set()) == by_home.get(homes[4], set()) == kinds
    assert "water" not in [m.step for m in told.moments]


@pytest.mark.parametrize("warned", [[TAMBON], [TAMBON, "930101"]], ids=["not-warned", "warned"])
@pytest.mark.parametrize("seen", ["93010100", "93010106"])
async def test_water_of_a_tambon_without_villages_is_that_of_every_home_in_it(
    database: Database, clock, seen: str, warned: list[str]
) -> None:
    """Whatever number they are registered under: the tambon is their village."""
    alert_id, homes = await a_night(database, clock)
    now = clock.now()
    with database.session() as session:
        alert = session.get_one(Alert, alert_id)
        alert.tambons, alert.villages = warned, []
        session.get_one(Household, homes[3]).village_code = "93010105"
        session.get_one(Household, homes[4]).village_code = "93010100"
        session.add(water_at(seen, alert_id, now))
        event = open_event(session, alert_id, "officer", now)
        by_home = {e.household_id: e for e in exposures(session, event)}
        told = story(session, homes[3], now, alert_id)
    assert Evidence.WATER in by_home[homes[3]].kinds & by_home[homes[4]].kinds
    assert by_home[homes[3]].village_code == told.village_code == "93010100"
    assert seen != "93010100" or "water" in [m.step for m in told.moments]


async def test_who_was_told_with_a_tambon_without_villages_is_exposed(database: Database, clock) -> None:
    """Also by an alert that names villages of another tambon; the count has them on the tambon's line."""
    alert_id, homes = await a_night(database, clock)
    with database.session() as session:
        session.get_one(Alert, alert_id).tambons = [TAMBON, "930101"]
        for home, code in zip(homes[3:], ("93010105", "93010100"), strict=True):
            session.get_one(Household, home).village_code = code
        event = open_event(session, alert_id, "officer", clock.now())
        by_home = {e.household_id: (e.village_code, e.kinds) for e in exposures(session, event)}
    assert by_home[homes[3]] == by_home[homes[4]] == ("93010100", {Evidence.WARNED})


async def test_a_home_with_addresses_in_two_tambon_stands_where_it_was_warned(
    database: Database, clock
) -> None:
    """In the gap list and in its story, though the other tambon comes first."""
    alert_id, homes = await a_night(database, clock)
    with database.session() as session:
        session.get_one(Household, homes[0]).village_code = "93990101"
        session.execute(
            text("UPDATE address SET household_id = :home, tambon_code = '930101' WHERE household_id = :was"),
            {"home": homes[0], "was": homes[1]},
        )
        event = open_event(session, alert_id, "officer", clock.now())
        [line] = [e.village_code for e in exposures(session, event) if e.household_id == homes[0]]
        told = story(session, homes[0], clock.now())
    assert line == told.village_code == f"{TAMBON}00" and told.alert_id == alert_id


async def test_a_home_of_unknown_village_finds_its_alert_and_its_line(database: Database, clock) -> None:
    """Also an alert that names villages: it speaks to them too."""
    _, homes = await a_night(database, clock)
    with database.session() as session:
        session.get_one(Household, homes[4]).village_code = TAMBON
        session.execute(text("UPDATE coverage SET village_code = :line"), {"line": f"{TAMBON}00"})
        told = story(session, homes[4], clock.now())
    assert told.alert_number and "coverage" in [m.step for m in told.moments]
    assert "ไม่รู้หมู่บ้าน" in told.village.th


def test_homes_of_a_tambon_without_villages_are_registered_under_any_number(
    database: Database, clock
) -> None:
    with database.session() as session:
        session.add_all(
            Household(id=id_for("h", n), village_code=code) for n, code in enumerate(("930101", "93010105"))
        )
        event = DisasterEvent(tambons=["930101"])
        session.flush()
        assert unlisted_homes(session, event) == {"93010100": homes_estimated("93010100") - 2}
