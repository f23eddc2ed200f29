"""An office on a flood night with a real server on a free port: for the tests of the white pages."""

import asyncio
import datetime as dt
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import uvicorn
from fastapi import FastAPI

from geo.gazetteer import gazetteer
from geo.names import id_for
from geo.people import Address, AddressKind, Audience, Contact, Role
from tests.warning.town import TAMBON, VILLAGE, Town, channel, delivers
from warning.accounts.user import UserRole, make_user, sign_in
from warning.alert import Alert, AlertState, ApprovalPolicy, Mode
from warning.assess import HazardAssessment
from warning.clock import HandClock
from warning.compose import head_token
from warning.config import ApprovalSettings
from warning.running import wake
from warning.step import Next
from warning.store.database import Database
from warning.web.app import make_app
from warning.writing import write

HEAD_PHONE = "+66812345678"
FAR = "930605"  # another tambon, where the water comes later


class Night(Town):
    """Town with words, two tambon and a head's link."""

    def __post_init__(self) -> None:
        super().__post_init__()
        config: Any = self.office.config
        config.office = SimpleNamespace(
            public_url="http://127.0.0.1",
            phone="074-613-409",
            broadcast_phone="1784",
            name_th="ศูนย์เตือนภัยพัทลุง",
            name_en="Phatthalung centre",
            shift_changes=[dt.time(8, 30), dt.time(16, 30)],
        )
        config.approval = ApprovalSettings()

    def flood(self, *, number: str = "ฝึก-พท-2569-0012", severity: str = "Severe") -> Alert:
        now = self.clock.now()
        water = {
            TAMBON: (now + timedelta(minutes=55)).isoformat(),
            FAR: (now + timedelta(minutes=190)).isoformat(),
        }
        seen = HazardAssessment(
            id=uuid4(), rule="khlong", rule_version="1", station="X.170", state="danger", at=now, value=18.9,
            why="ระดับน้ำ 18.90 ม.รทก. สูงกว่า 18.50 ม.รทก. (water level 18.90 m MSL, above 18.50 m MSL)",
            fires=True, tambons=[TAMBON, FAR],
            observations=[{"at": (now - timedelta(minutes=10)).isoformat(), "value": 18.9}], water_by=water,
        )  # fmt: skip
        alert = Alert(
            id=id_for("night", number), mode=Mode.EXERCISE, number=number, identifier="x", msg_type="Alert", kind="alert",
            event="river_overflow", severity=severity, urgency="Immediate", certainty="Observed", response_type="Evacuate",
            tambons=[TAMBON, FAR], facts={"shelter_th": "โรงเรียนวัดนาท่อม", "shelter_en": "Wat Na Thom school", "shelter_open": True,
                    "quantity": "water_level"},
            approval=ApprovalPolicy.DUTY_OFFICER, assessment_id=seen.id, rule="khlong", drafted_at=now, changed_at=now,
            water_by=now + timedelta(minutes=55), expires_at=now + timedelta(hours=8),
        )  # fmt: skip
        alert.state, alert.issued_at = AlertState.ISSUED, now
        with self.database.session() as session:
            write(session, alert, self.office)
            session.add(seen)
            session.flush()
            session.add(alert)
        wake(self.office, Next("address_contacts", str(alert.id)))
        self.run()
        return alert

    def run(self) -> None:
        """Settle in a thread of its own: a browser test has a loop running already."""
        thread = threading.Thread(target=lambda: asyncio.run(self.settle()))
        thread.start()
        thread.join()

    def contacts(self) -> None:
        """Two villages of the tambon have somebody to ring; all others have nobody."""
        ring = self.office.keyring
        with self.database.session() as session:
            villages = [v.code for v in gazetteer().villages_of(TAMBON)][:2]
            people = [(villages[0], Role.HEAD, "นายสมมุติ ใจดี", HEAD_PHONE),
                      (villages[0], Role.HEALTH_VOLUNTEER, "นางตัวอย่าง มีสุข", "+66898765432"),
                      (villages[1], Role.HEAD, "นายทดสอบ รักน้ำ", "+66861112222")]  # fmt: skip
            for nth, (village, role, name, phone) in enumerate(people):
                contact = Contact(id=uuid4(), village_code=village, role=role, name_sealed=ring.seal(name),
                                  verified_on=date(2026, 10, 1), changed_at=self.clock.now())  # fmt: skip
                session.add(contact)
                session.add(
                    Address(id=uuid4(), audience=Audience.CONTACT, kind=AddressKind.SMS, tambon_code=TAMBON, village_code=village,
                            nth=nth, owner_id=contact.id, sealed=ring.seal(phone), hash=ring.fingerprint(phone))
                )  # fmt: skip

    def head_token(self) -> str:
        (row,) = self.rows(
            "SELECT d.id FROM delivery d JOIN contact c ON c.id = d.owner_id WHERE d.village_code = :v AND c.role = 'HEAD'",
            v=VILLAGE,
        )
        return head_token(row.id, self.office.keyring)

    def officer(self, *roles: UserRole, name: str = "นางเวร ทดสอบ") -> str:
        """A signed-in officer's session token."""
        with self.database.session() as session:
            user = make_user(session, name, roles or (UserRole.DUTY_OFFICER,), self.clock.now())
            return sign_in(session, user.id, self.clock.now())


def night(database: Database, clock: HandClock) -> Night:
    return Night(database, clock, [channel(delivers)])


@contextmanager
def served(town: Night, app: FastAPI | None = None) -> Iterator[str]:
    """The pages on a free port of loopback; those of `app` where the office's own are not meant."""
    config = uvicorn.Config(
        app or make_app(town.office),
        host="127.0.0.1",
        port=0,
        log_level="error",
        lifespan="off",
        access_log=False,
        timeout_graceful_shutdown=1,  # a live page keeps its stream open
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
