"""Which villages cannot surely be told, and since when a contact counts as asked."""

from datetime import UTC, date, datetime

import pytest

from geo.contacts_due import Gap, contacts_due, last_october, village_contacts
from geo.people import Role
from geo.roster_import import import_contacts
from geo.sealed import Keyring
from geo.sheet import Person, Slot, VillageRow
from warning.store.database import Database

RING = Keyring.generate()
NOW = datetime(2026, 11, 22, 19, tzinfo=UTC)
A = "93010301"
HEAD, ASSISTANT = Slot(Role.HEAD, 1), Slot(Role.ASSISTANT, 1)
OCTOBER, SEPTEMBER = date(2026, 10, 1), date(2026, 9, 30)


@pytest.mark.parametrize(
    ("now", "since"),
    [
        (datetime(2026, 9, 30, 16, 59, tzinfo=UTC), date(2025, 10, 1)),
        (datetime(2026, 9, 30, 17, 0, tzinfo=UTC), date(2026, 10, 1)),
        (datetime(2027, 1, 5, tzinfo=UTC), date(2026, 10, 1)),
    ],
    ids=["the-night-before", "midnight-in-bangkok", "in-january"],
)
def test_the_year_of_contacts_begins_in_october(now: datetime, since: date) -> None:
    assert last_october(now) == since


@pytest.mark.parametrize(
    ("people", "gaps"),
    [
        pytest.param({}, (Gap.NO_CONTACT,), id="nobody"),
        pytest.param(
            {HEAD: Person("ก", "+66690000001")}, (Gap.NO_VERIFIED_PHONE, Gap.ONE_CONTACT, Gap.DUE), id="never"
        ),
        pytest.param(
            {HEAD: Person("ก", "+66690000001", None, OCTOBER), ASSISTANT: Person("ก", "+66690000001", None, OCTOBER)},
            (Gap.ONE_CONTACT,), id="one-person-two-roles",
        ),
        pytest.param(
            {HEAD: Person("ก", "+66690000001", None, OCTOBER), ASSISTANT: Person("ข", "+66690000002", None, SEPTEMBER)},
            (Gap.DUE,), id="one-not-asked-this-october",
        ),
        pytest.param(
            {HEAD: Person("ก", "+66690000001", None, OCTOBER), ASSISTANT: Person("ข", "+66690000002", None, OCTOBER)},
            (), id="well",
        ),
    ],
)  # fmt: skip
def test_each_gap_is_named(database: Database, people: dict[Slot, Person], gaps: tuple[Gap, ...]) -> None:
    with database.session() as session:
        import_contacts(session, RING, [VillageRow(A, people)], NOW)
    with database.session() as session:
        (village,) = village_contacts(session, NOW, [A])
        listed = {v.code for v in contacts_due(session, NOW)}
    assert village.gaps == gaps
    assert (A in listed) is bool(gaps)


def test_the_gravest_stands_first(database: Database) -> None:
    with database.session() as session:
        import_contacts(session, RING, [VillageRow("93010302", {HEAD: Person("ก", "+66690000001")})], NOW)
    with database.session() as session:
        codes = [v.code for v in village_contacts(session, NOW, ["93010302", "93010303"])]
    assert codes == ["93010303", "93010302"]
