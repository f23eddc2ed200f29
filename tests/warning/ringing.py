"""A village of three people with telephones, and a trunk that rings them: for the tests of the chain."""

from collections.abc import Callable
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID, uuid4

from channels.contract import Answer, Batch, Receipt, ReceiptState, Reply
from geo.people import AddressKind, Audience, Contact, Role
from tests.warning.town import VILLAGE, Told, Town, accepts, channel
from warning import chain
from warning.alert import Alert
from warning.clock import HandClock
from warning.engine.app import defer
from warning.receive import receive
from warning.store.database import Database

HEAD, ASSISTANT, KEY_HOLDER = "+66812340001", "+66812340002", "+6674612345"
PEOPLE = {HEAD: Role.HEAD, ASSISTANT: Role.ASSISTANT, KEY_HOLDER: Role.KEY_HOLDER}


class Rings(Told):
    """A trunk: each call is handed over, and ends as `ends` says when the test asks for it."""

    batch: ClassVar[int] = 1
    needs: ClassVar[str] = "voice"
    lines: int = 30


def hands_over(batch: Batch, now: datetime) -> list[Receipt]:
    return [Receipt(m.id, ReceiptState.HANDED_OVER, now) for m in batch.messages]


class Village:
    """One village of three people with telephones, and what its trunk did."""

    def __init__(self, town: Town, trunk: Rings) -> None:
        self.town, self.trunk = town, trunk

    @property
    def rung(self) -> list[str]:
        return [address for _, address, _ in self.trunk.book]

    @property
    def last(self) -> UUID:
        return UUID(str(self.trunk.book[-1][0]))

    def issue(self, **changed: str) -> UUID:
        alert = self.town.alert(**changed)  # type: ignore[arg-type]
        with self.town.database.session() as session:
            wake_ups = chain.make(
                session, session.get_one(Alert, alert), self.town.clock.now(), self.town.office
            )
            defer(session, wake_ups)
        return alert

    def ends(self, why: str) -> None:
        self._hear(Receipt(self.last, ReceiptState.FAILED, self.town.clock.now(), why))

    def answers(self, answer: Answer, delivery: UUID | None = None) -> None:
        at = self.town.clock.now()
        self._hear(Reply(uuid4().hex, answer, at, delivery_id=delivery or self.last))

    def _hear(self, item: Receipt | Reply) -> None:
        with self.town.database.session() as session:
            defer(
                session, receive(session, "voice", [item], self.town.clock.now(), self.town.office, "phone")
            )

    def calls(self) -> list[tuple[str, str, int, str]]:
        found = self.town.rows(
            "SELECT role, lower(state::text), tries, outcome FROM chain_call ORDER BY place"
        )
        return [tuple(row) for row in found]


def village_of(
    database: Database, clock: HandClock, does: Callable[..., list[Receipt]] = hands_over
) -> Village:
    trunk = Rings(kind="rings", name="voice", does=does, book=[], simulated=True, rate_per_s=10_000)
    town = Town(database, clock, [channel(accepts), trunk])
    with database.session() as session:
        for nth, (phone, role) in enumerate(reversed(PEOPLE.items())):
            who = Contact(id=uuid4(), village_code=VILLAGE, role=role, name_sealed=b"x", verified_on=date(2026, 10, 1),
                          changed_at=clock.now())  # fmt: skip
            kind = AddressKind.VOICE if phone == KEY_HOLDER else AddressKind.SMS
            session.add(who)
            session.add(town._address(Audience.CONTACT, kind, nth, who.id, None, phone))
    return Village(town, trunk)
