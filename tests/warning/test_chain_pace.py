"""670 heads are rung for the first time within 20 minutes on 30 lines, though half of them lift no receiver and are rung again."""

from datetime import timedelta
from itertools import islice
from uuid import UUID, uuid4

from sqlalchemy import text

from geo.gazetteer import gazetteer
from geo.people import Address, AddressKind, Audience, Contact, Role
from tests.warning.ringing import Rings, hands_over
from tests.warning.town import Town
from warning import chain, chain_turn
from warning.alert import Alert
from warning.clock import HandClock
from warning.store.database import Database

HEADS, LINES = 670, 30
STEP = timedelta(seconds=5)
RINGS, TALKS = timedelta(seconds=25), timedelta(seconds=55)
ENDED = text(
    "UPDATE delivery d SET state = 'failed', why = 'no_answer' FROM chain_call c WHERE c.delivery_id = d.id AND c.id = ANY(:ids)"
)
ON = text("SELECT id, village_code, changed_at FROM chain_call WHERE state = 'RINGING'")
RUNG = text("SELECT count(*) FROM chain_call WHERE place = 0 AND (tries > 0 OR state <> 'WAITING')")


def test_all_heads_are_rung_within_twenty_minutes(database: Database, clock: HandClock) -> None:
    trunk = Rings(kind="rings", name="voice", does=hands_over, book=[], simulated=True)
    town = Town(database, clock, [trunk])
    villages = list(islice(gazetteer().villages, HEADS))
    assert len(villages) == HEADS
    alert = town.alert(villages=villages)
    with database.session() as session:
        for nth, code in enumerate(villages):
            who = Contact(
                id=uuid4(), village_code=code, role=Role.HEAD, name_sealed=b"x", changed_at=clock.now()
            )
            session.add(who)
            session.add(Address(id=uuid4(), audience=Audience.CONTACT, kind=AddressKind.SMS, tambon_code=code[:6],
                                village_code=code, nth=nth, owner_id=who.id, sealed=b"x", hash=str(nth)))  # fmt: skip
        session.flush()
        chain.make(session, session.get_one(Alert, alert), clock.now(), town.office)
    began, most = clock.now(), 0
    while True:
        with database.session() as session:
            chain_turn.ring(session, "voice", clock.now(), town.office)
            session.flush()
            on = session.execute(ON).all()
            most = max(most, len(on))
            over = [c for c in on if clock.now() - c.changed_at >= (TALKS if c.id.int % 2 else RINGS)]
            session.execute(ENDED, {"ids": [c.id for c in over]})
            for call in over:
                chain_turn.chain(session, f"{alert}:{call.village_code}", clock.now(), town.office)
            session.flush()
            rung = session.execute(RUNG).scalar_one()
        if rung == HEADS:
            break
        assert clock.now() - began < timedelta(minutes=40), rung
        clock.forward(STEP)
    took = clock.now() - began
    print(f"{HEADS} heads first rung in {took}")
    assert took <= timedelta(minutes=20)
    assert most <= LINES
    assert isinstance(alert, UUID)
