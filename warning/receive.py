"""What comes back: reports of carriers and answers of people.

Repeats are harmless, order does not matter, nothing is dropped.

A report that matches nothing yet is parked and matched when the provider's id is known.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from channels.contract import Answer, Receipt, Reply
from channels.replies import meaning
from geo.names import id_for
from geo.people import Audience
from warning import parts
from warning.audited import audited
from warning.caller import bound, called, count
from warning.delivery import ReplyRow
from warning.forward import FORWARD
from warning.office import Office
from warning.receipts import take_receipts
from warning.step import SEVERE as URGENT
from warning.step import Next
from warning.unfollowed import unfollowed

_CONTEXT = text(
    "SELECT d.id, s.alert_id, s.mode, s.audience, d.village_code, d.household_id, d.owner_id "
    "FROM delivery d JOIN segment s ON s.id = d.segment_id WHERE d.id = :id"
)
_LIVES = text(
    "SELECT lower(audience::text) AS audience, village_code, household_id, owner_id FROM address "
    "WHERE hash = :hash ORDER BY active DESC, audience, id LIMIT 1"
)
_NEWEST_TO = text(
    "SELECT d.id FROM address a JOIN segment s ON s.tambon_code = a.tambon_code "
    "AND a.nth BETWEEN s.first_nth AND s.last_nth AND s.audience = lower(a.audience::text) "
    "JOIN alert l ON l.id = s.alert_id "
    "JOIN delivery d ON d.segment_id = s.id AND d.address_id = a.id WHERE a.hash = :hash "
    "ORDER BY (l.state = 'ISSUED') DESC, l.issued_at DESC, "
    # Nobody writes to a call: what is keyed there names its delivery.
    "EXISTS (SELECT 1 FROM chain_call c WHERE c.alert_id = l.id AND c.village_code = d.village_code AND c.delivery_id = d.id), "
    "d.id LIMIT 1"
)


def receive(
    session: Session, channel: str, items: Iterable[Receipt | Reply], now: datetime, office: Office, via: str
) -> list[Next]:
    """Write down what one webhook or connection brought. via: line | sms | link | tower. Twice is once."""
    told = sorted(items, key=_whose)
    take_receipts(session, channel, [item for item in told if isinstance(item, Receipt)], now)
    return [
        wake_up
        for item in told
        if isinstance(item, Reply)
        for wake_up in reply(session, channel, item, now, office, via)
    ]


def _whose(item: Receipt | Reply) -> tuple[str, ...]:
    """One order for all: two webhooks that name the same people in opposite order would each wait for the other's row."""
    if isinstance(item, Receipt):
        return "receipt", str(item.delivery_id or ""), item.provider_id or "", item.at.isoformat()
    return "reply", item.address or "", str(item.delivery_id or ""), item.at.isoformat(), item.event_id


def move(session: Session, delivery_id: UUID, state: str, why: str, at: datetime) -> None:
    """Move one row of the ledger forward, never back."""
    session.execute(FORWARD, {"id": delivery_id, "state": state, "why": why, "at": at})


def match_parked(session: Session, provider_ids: Sequence[str]) -> None:
    """Reports that came before the provider's id was known find their rows now."""
    found = session.execute(
        text(
            "UPDATE receipt r SET matched = true, delivery_id = d.id "
            "FROM delivery d JOIN segment s ON s.id = d.segment_id "
            "WHERE NOT r.matched AND r.provider_id = ANY(:ids) AND d.provider_id = r.provider_id AND s.channel = r.channel "
            "RETURNING d.id, r.state, r.why, r.at"
        ),
        {"ids": list(provider_ids)},
    ).all()
    for delivery_id, state, why, at in [*found, *parts.parked(session, provider_ids)]:
        move(session, delivery_id, state, why, at)


def parked(session: Session, work: str, now: datetime, office: Office) -> list[Next]:
    """Match what was parked at the very moment its number was written: neither saw the other. work: a provider's id."""
    match_parked(session, [work])
    return []


def reply(session: Session, channel: str, said: Reply, now: datetime, office: Office, via: str) -> list[Next]:
    """One person's answer. Of somebody nobody knows it is kept too, and becomes work of the relay desk."""
    fingerprint = office.keyring.fingerprint(said.address) if said.address else None
    if said.answer in (Answer.FOLLOW, Answer.UNFOLLOW):
        if fingerprint:
            session.execute(
                text("UPDATE address SET active = :active WHERE hash = :hash"),
                {"active": said.answer is Answer.FOLLOW, "hash": fingerprint},
            )
            if said.answer is Answer.UNFOLLOW:
                return unfollowed(session, channel, fingerprint, now, office)
        return []
    delivery_id = said.delivery_id
    if delivery_id is None and fingerprint:
        delivery_id = session.execute(_NEWEST_TO, {"hash": fingerprint}).scalar()
    context = session.execute(_CONTEXT, {"id": delivery_id}).first() if delivery_id else None
    home = None  # whoever answers to no alert is still known by the address
    if context is None and fingerprint:
        home = session.execute(_LIVES, {"hash": fingerprint}).first()
    who = context or home
    known = None if who or not fingerprint else bound(session, office.mode, fingerprint, now)
    contact = who is not None and who.audience == "contact"
    answer: Answer = said.answer
    if answer is Answer.SEEN and said.text:  # a bare digit means what the message asked this person
        answer = meaning(said.text, Audience.CONTACT if contact else Audience.RESIDENT)
    row = ReplyRow(
        id=id_for("reply", channel, said.event_id), alert_id=context.alert_id if context else None,
        mode=context.mode if context else office.mode,
        village_code=who.village_code if who else known.village_code if known else None,
        household_id=who.household_id if who else None, delivery_id=context.id if context else None,
        contact_id=who.owner_id if contact and who else None,
        institution_id=who.owner_id if who and who.audience == "institution" else None, caller_id=known.id if known else None,
        answer=answer.value, homes=said.homes, people=said.people, times=said.times, via=via, at=said.at, received_at=now,
        text_sealed=office.keyring.seal(said.text) if said.text else None,
    )  # fmt: skip
    if not audited(session, row):
        return []
    if context:
        move(session, context.id, "confirmed", "", said.at)
    again = "#" in said.event_id  # words that mean several things come once a meaning
    if known:
        count(known, said.at, now, again=again)
    elif who is None:
        called(session, row, said.address, now, office, again=again)
    return [Next("heard", str(row.id), URGENT)]
