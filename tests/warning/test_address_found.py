"""A number found in the middle of a night is told at once, and once."""

from datetime import date
from uuid import UUID, uuid4

import pytest

from geo.people import AddressKind, Audience, Contact, Role
from tests.warning.town import VILLAGE, ToldByLine, Town, accepts, channel
from warning.address import address_found
from warning.clock import HandClock
from warning.running import wake
from warning.store.database import Database

HEAD, FOUND = "+66800000000", "+66800000001"


@pytest.fixture
def town(database: Database, clock: HandClock) -> Town:
    """Two rungs for whoever is not in danger of life: LINE, and SMS when nobody has proved it."""
    town = Town(database, clock, [channel(accepts, "line", ToldByLine), channel(accepts, "sms")])
    town.people([], head=HEAD)
    return town


def is_found(town: Town, phone: str, nth: int) -> UUID:
    assistant = Contact(id=uuid4(), village_code=VILLAGE, role=Role.ASSISTANT, name_sealed=b"somebody",
                        verified_on=date(2026, 11, 22), changed_at=town.clock.now())  # fmt: skip
    with town.database.session() as session:
        session.add(assistant)
        session.flush()
        session.add(town._address(Audience.CONTACT, AddressKind.SMS, nth, assistant.id, None, phone))
    return assistant.id


def is_told(town: Town, owner: UUID) -> None:
    with town.database.session() as session:
        wake_ups = address_found(session, owner, town.clock.now(), town.office)
    wake(town.office, *wake_ups)


@pytest.mark.parametrize("severity", ["Minor", "Severe"])
@pytest.mark.parametrize("planned_before", [True, False], ids=["found-after-the-plan", "saved-again"])
async def test_a_number_is_written_to_at_once_and_by_no_later_rung_again(
    town: Town, severity: str, planned_before: bool
) -> None:
    owner = None if planned_before else is_found(town, FOUND, 1)
    town.alert(severity=severity)
    await town.settle()
    owner = owner or is_found(town, FOUND, 1)
    is_told(town, owner)
    is_told(town, owner)  # pressed twice
    await town.settle()
    [sms] = [c for c in town.channels if c.name == "sms"]
    told = [address for _, address, _ in sms.book]  # type: ignore[attr-defined]
    assert told.count(FOUND) == 1
    await town.play(10)
    told = [address for _, address, _ in sms.book]  # type: ignore[attr-defined]
    assert sorted(told) == [HEAD, FOUND]
