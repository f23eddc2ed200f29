"""The demo's relief leaves every kind of bucket behind, and one home's story reaches the money."""

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from geo.errors import NotAllowed
from teams.relief.event import DisasterEvent
from teams.relief.gaps import BucketKind, Gap
from tests.warning.town import Town, channel, delivers
from warning import demo_relief
from warning.alert import Mode
from warning.audit import verify
from warning.demo_relief import BEGINS_AFTER_S, PARTS, relief_at_work
from warning.relief import gap_list
from warning.store.database import Database
from warning.story import story


def of_villages(monkeypatch: pytest.MonkeyPatch) -> None:
    """The town has one village only; the script's limit a village is for a province."""
    monkeypatch.setattr(demo_relief, "STEP_S", 0.0)
    monkeypatch.setattr(demo_relief, "A_VILLAGE", 100)


async def until(lines: list[str], n: int) -> None:
    async with asyncio.timeout(20):
        while len(lines) < n:
            await asyncio.sleep(0.05)


async def test_the_script_ends_in_a_payment_and_all_kinds_of_buckets(
    database: Database, clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_villages(monkeypatch)
    town = Town(database, clock, [channel(delivers)])
    town.people([f"+6681000{n:04d}" for n in range(len(PARTS) + 2)])
    town.alert()
    await town.settle()
    lines: list[str] = []
    async with relief_at_work(town.office, "http://here", lines.append):
        await asyncio.sleep(0.8)
        assert lines == []  # not before its time
        clock.forward(timedelta(seconds=BEGINS_AFTER_S))
        await until(lines, 2)
    home = lines[1].rsplit("/", 1)[1]
    with database.session() as session:
        event = session.exec(select(DisasterEvent)).one()
        listed = gap_list(session, event.id, "auditor", clock.now())
        told = story(session, home, clock.now())
    assert f"/gaps?event={event.id}" in lines[0]
    kinds = [b.kind for b in listed.named.values()]
    gaps = [b.gap for b in listed.named.values() if b.gap]
    assert set(kinds) == set(BucketKind) and {Gap.G1, Gap.G4, Gap.G8} <= set(gaps)
    assert kinds.count(BucketKind.PAID) == 2 and gaps.count(Gap.G1) == 2
    steps = [m.step for m in told.moments]
    assert steps.index("issue") < steps.index("delivery") < steps.index("damage") < steps.index("payment")
    assert told.bucket and told.bucket.kind is BucketKind.PAID
    signed = town.rows(
        "SELECT endorsed_by, surveyed_by, approved_by FROM claim WHERE approved_by IS NOT NULL"
    )
    assert signed and all(len(set(row)) == 3 for row in signed)
    with Session(database.engine) as session:
        assert verify(session).ok


async def test_the_trainees_claim_is_left_to_the_trainee(
    database: Database, clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_villages(monkeypatch)
    monkeypatch.setattr(demo_relief, "STEP_S", 0.4)
    town = Town(database, clock, [channel(delivers)])
    town.people(["+66810000001", "+66810000002"])
    town.alert()
    await town.settle()
    clock.forward(timedelta(seconds=BEGINS_AFTER_S))
    lines: list[str] = []
    async with relief_at_work(town.office, "http://here", lines.append):
        await until(lines, 1)
        with database.session() as session:
            session.connection().exec_driver_sql("UPDATE claim SET state = 'WITHDRAWN'")
        await until(lines, 2)
    assert {r.state for r in town.rows("SELECT state FROM claim")} == {"WITHDRAWN"}


def test_no_script_in_real_life(database: Database, clock) -> None:
    office = Town(database, clock, []).office
    object.__setattr__(office, "mode", Mode.ACTUAL)
    with pytest.raises(NotAllowed, match="exercise only"):
        demo_relief._due(office)
