"""A small office with a real database, a real queue, and a carrier that does as it is told: for the ledger's tests."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, ClassVar
from uuid import UUID, uuid4

from sqlalchemy import text

from channels.contract import Batch, Channel, Plan, Proof, Receipt, ReceiptState
from geo.areas import built_in_areas
from geo.names import id_for
from geo.people import Address, AddressKind, Audience, Contact, Household, Resident, Role
from geo.sealed import Keyring
from warning.alert import Alert, AlertState, ApprovalPolicy, Mode
from warning.chain_settings import ChainSettings
from warning.clock import HandClock
from warning.engine.worker import Worker
from warning.impact import ImpactSettings
from warning.office import Office
from warning.pipeline import run_step
from warning.running import wake
from warning.step import Next
from warning.store.database import Database
from warning.sweep import sweep

TAMBON = "931102"
VILLAGE = "93110201"


class Told(Channel):
    """Keeps its own book of what arrived; `does` decides each batch."""

    batch: ClassVar[int] = 50
    proof: ClassVar[Proof] = Proof.HANDSET
    needs: ClassVar[str] = "sms"

    does: Callable[[Batch, datetime], list[Receipt]]
    book: list[Any]

    def plan(self, recipients: int) -> Plan:
        return Plan(recipients, 0, Decimal(0))

    async def send(self, wire: Any, batch: Batch, now: datetime) -> list[Receipt]:
        receipts = self.does(batch, now)
        self.book.extend((m.id, m.address, now) for m in batch.messages)
        return receipts


class ToldTwice(Told):
    """The same, of a carrier that refuses repeats of a key."""

    dedupes: ClassVar[bool] = True


class ToldByLine(Told):
    needs: ClassVar[str] = "line"


def accepts(batch: Batch, now: datetime) -> list[Receipt]:
    return [Receipt(m.id, ReceiptState.ACCEPTED, now) for m in batch.messages]


def delivers(batch: Batch, now: datetime) -> list[Receipt]:
    return [Receipt(m.id, ReceiptState.DELIVERED, now) for m in batch.messages]


def channel(
    does: Callable[[Batch, datetime], list[Receipt]], name: str = "sms", kind: type[Told] = Told
) -> Told:
    return kind(kind=kind.__name__, name=name, does=does, book=[], simulated=True, rate_per_s=10_000)


@dataclass
class Town:
    database: Database
    clock: HandClock
    channels: list[Channel]
    office: Office = field(init=False)

    def __post_init__(self) -> None:
        config = SimpleNamespace(
            channels=self.channels, rules=[], sources=[],
            ladder=SimpleNamespace(wait=timedelta(seconds=90), patience=timedelta(minutes=10)),
            retention=SimpleNamespace(payloads=timedelta(days=400), people=timedelta(days=400)),
            office=SimpleNamespace(public_url=None), chain=ChainSettings(), impact=ImpactSettings(),
            engine=SimpleNamespace(concurrency=4),
        )  # fmt: skip
        self.office = Office(
            config, self.database, self.clock, Keyring.generate(), built_in_areas(), Mode.EXERCISE
        )  # type: ignore[arg-type]
        self.office.wires.update({c.name: object() for c in self.channels})

    def people(self, phones: list[str | None], *, head: str | None = None, kind: AddressKind = AddressKind.SMS,
               vulnerable: set[int] = frozenset(), first: int = 0) -> list[UUID]:  # fmt: skip
        """One household a phone (None: no contact at all), in one village; ids in order. first: the number of the first."""
        ring, made = self.office.keyring, []
        with self.database.session() as session:
            if head:
                contact = Contact(id=uuid4(), village_code=VILLAGE, role=Role.HEAD, name_sealed=ring.seal("head"),
                                  verified_on=date(2026, 10, 1), changed_at=self.clock.now())  # fmt: skip
                session.add(contact)
                session.add(self._address(Audience.CONTACT, kind, 0, contact.id, None, head))
            for n, phone in enumerate(phones, first):
                home = Household(id=uuid4(), village_code=VILLAGE, people=2, vulnerable=int(n in vulnerable))
                session.add(home)
                session.flush()
                made.append(home.id)
                if phone:
                    person = Resident(id=uuid4(), household_id=home.id, name_sealed=ring.seal("somebody"))
                    session.add(person)
                    session.flush()
                    session.add(self._address(Audience.RESIDENT, kind, n, person.id, home.id, phone))
        return made

    def people_also(self, homes: list[UUID], where: list[str], kind: AddressKind) -> None:
        """A further address of whoever lives there, one a home."""
        with self.database.session() as session:
            for nth, (home, address) in enumerate(zip(homes, where, strict=True)):
                found = text("SELECT owner_id FROM address WHERE household_id = :h LIMIT 1")
                owner = session.execute(found, {"h": home}).scalar_one()
                session.add(self._address(Audience.RESIDENT, kind, nth, owner, home, address))

    def _address(
        self, audience: Audience, kind: AddressKind, nth: int, owner: UUID, home: UUID | None, where: str
    ) -> Address:
        ring = self.office.keyring
        return Address(id=uuid4(), audience=audience, kind=kind, tambon_code=TAMBON, village_code=VILLAGE, nth=nth,
                       owner_id=owner, household_id=home, sealed=ring.seal(where), hash=ring.fingerprint(where))  # fmt: skip

    def alert(self, *, severity: str = "Severe", hours: float = 6, villages: list[str] | None = None) -> UUID:
        """An alert issued now, its first wake-up queued."""
        now = self.clock.now()
        alert = Alert(
            id=id_for("test alert", now, severity), mode=Mode.EXERCISE, number=f"ฝึก-{now:%H%M%S}", identifier="x",
            msg_type="Alert", kind="alert", state=AlertState.ISSUED, event="river_overflow", severity=severity,
            urgency="Immediate", certainty="Observed", response_type="Evacuate", tambons=[TAMBON],
            villages=[VILLAGE] if villages is None else villages, words={"sms_th": "ฝึกซ้อม น้ำมา"},
            approval=ApprovalPolicy.DUTY_OFFICER, drafted_at=now, issued_at=now, changed_at=now,
            expires_at=now + timedelta(hours=hours),
        )  # fmt: skip
        with self.database.session() as session:
            session.add(alert)
        wake(self.office, Next("address_contacts", str(alert.id)))
        return alert.id

    def worker(self) -> Worker:
        async def nothing(lost: list[int]) -> None: ...

        return Worker(
            self.database.conninfo,
            lambda s, w, j: run_step(self.office, s, w, j),
            nothing,
            name="t",
            concurrency=1,
        )

    async def settle(self) -> None:
        """Run what is queued and overdue at this moment."""
        await self.worker().drain()
        while sweep(self.office):
            await self.worker().drain()

    async def play(self, minutes: float, every_s: float = 30) -> None:
        end = self.clock.now() + timedelta(minutes=minutes)
        while self.clock.now() < end:
            self.clock.forward(timedelta(seconds=every_s))
            await self.settle()

    def rows(self, query: str, **values: Any) -> list[Any]:
        with self.database.session() as session:
            return list(session.execute(text(query), values).all())

    def states(self, *, person: bool = False) -> dict[str, int]:
        """How many rows are in which state: of the carriers, or of the channel `person`."""
        query = (
            "SELECT state, count(*) FROM delivery_status WHERE (channel = 'person') = :person GROUP BY state"
        )
        return dict(tuple(r) for r in self.rows(query, person=person))
