"""One person's data by their telephone or LINE account: shown, handed over, and wiped (PDPA 2562 s. 30 and 33).

Found by the keyed hash; nothing else is opened. A LINE account that registered itself is found by whoever writes from it, or by
its home. What was sent, and to which alert, stays in the ledger under an id that leads to nobody any more. Relief claims and
payments stay whole: keeping them is a legal duty.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, text, update
from sqlmodel import Session, col, select

from geo.errors import NotAllowed
from geo.households import help_of, needs_by_home
from geo.institution import Institution
from geo.people import Address, AddressKind, Contact, Household, Need, Resident, Tower
from geo.phone import e164
from geo.sealed import Keyring
from geo.self_registered import SOURCE as BY_LINE
from warning.audit import record
from warning.caller import CallerState, UnknownCaller
from warning.delivery import ReplyRow

FORMAT = "raksa person export 1"
_SENT = text(
    "SELECT l.number, d.channel, l.issued_at, d.state FROM delivery_status d JOIN alert l ON l.id = d.alert_id "
    "WHERE d.address_id = ANY(:ids) ORDER BY l.issued_at, d.id"
)


@dataclass(frozen=True)
class Kept:
    """Rows about one telephone or account. `addresses` hold the number itself; `owned` also the other ways to the same person.
    `homes`: registered by the account itself, so all that is kept of them is its own."""

    addresses: Sequence[Address]
    owned: Sequence[Address]
    residents: Sequence[Resident]
    contacts: Sequence[Contact]
    institutions: Sequence[Institution]
    callers: Sequence[UnknownCaller]
    replies: Sequence[ReplyRow]
    homes: Sequence[Household] = ()

    @property
    def villages(self) -> set[str]:
        """Where anything of it stands: whoever may not see one of these may not see the person."""
        found = {a.village_code for a in self.addresses} | {c.village_code for c in self.contacts}
        return found | {c.village_code for c in self.callers if c.village_code}

    @property
    def nothing(self) -> bool:
        return not (self.addresses or self.callers)


def kept_of(session: Session, keyring: Keyring, phone: str) -> Kept:
    """phone: as people write it. Raises NotAllowed when it is no Thai number."""
    try:
        number = e164(phone)
    except ValueError as error:
        thai, _, english = str(error).partition(" / ")
        raise NotAllowed(f"{thai} ({english})") from error
    return _kept(session, keyring.fingerprint(number))


def kept_of_line(session: Session, keyring: Keyring, user: str) -> Kept:
    """user: the LINE id of whoever writes, of a webhook whose signature was checked."""
    return _kept(session, keyring.fingerprint(user))


def kept_of_home(session: Session, home_id: UUID) -> Kept | None:
    """Of a home that registered itself by LINE; None: it did not, or is wiped."""
    home = session.get(Household, home_id)
    found = select(Address).where(
        Address.owner_id == home_id, Address.kind == AddressKind.LINE, Address.hash != ""
    )
    one = session.exec(found).first() if home is not None and home.source == BY_LINE else None
    return None if one is None else _kept(session, one.hash)


def _kept(session: Session, mark: str) -> Kept:
    addresses = session.exec(select(Address).where(Address.hash == mark)).all()
    own = {a.owner_id for a in addresses if a.whose in (None, "own")}
    residents = session.exec(select(Resident).where(col(Resident.id).in_(own))).all()
    contacts = session.exec(select(Contact).where(col(Contact.id).in_(own))).all()
    houses = session.exec(select(Institution).where(col(Institution.id).in_(own))).all()
    homes = session.exec(
        select(Household).where(col(Household.id).in_(own), Household.source == BY_LINE)
    ).all()
    people = {r.id for r in residents} | {c.id for c in contacts}
    others = session.exec(select(Address).where(col(Address.owner_id).in_(people))).all()
    callers = session.exec(select(UnknownCaller).where(UnknownCaller.hash == mark)).all()
    owned = list({a.id: a for a in (*addresses, *others)}.values())
    replies = session.exec(
        select(ReplyRow).where(
            or_(
                col(ReplyRow.contact_id).in_([c.id for c in contacts]),
                col(ReplyRow.caller_id).in_([c.id for c in callers]),
                col(ReplyRow.household_id).in_([h.id for h in homes]),
                text(
                    "reply.delivery_id IN (SELECT id FROM delivery WHERE address_id = ANY(:mine))"
                ).bindparams(mine=[a.id for a in owned]),
            )
        )
    ).all()
    return Kept(addresses, owned, residents, contacts, houses, callers, replies, homes)


def export(session: Session, keyring: Keyring, kept: Kept) -> dict[str, Any]:
    """All of it, opened, as plain JSON values. The caller writes the look in the trail."""
    homes = {r.household_id for r in kept.residents} | {h.id for h in kept.homes}
    households = session.exec(select(Household).where(col(Household.id).in_(homes))).all()
    needs = needs_by_home(session, list(homes))
    sent = session.execute(_SENT, {"ids": [a.id for a in kept.owned]}).all()
    return {
        "format": FORMAT,
        "ways": [
            {"kind": a.kind.value, "as": a.audience.value, "value": keyring.open(a.sealed), "village": a.village_code,
             "whose": a.whose or "own", "language": a.lang, "verified_on": _day(a.verified_on), "active": a.active}
            for a in kept.owned
        ],
        "people": [
            {"name": keyring.open(r.name_sealed), "help_needed": [n.value for n in help_of(r.vulnerability)],
             "source": r.vulnerability_source, "as_of": _day(r.vulnerability_on)}
            for r in kept.residents
        ] + [
            {"name": keyring.open(c.name_sealed), "role": c.role.value, "village": c.village_code, "source": c.source,
             "verified_on": _day(c.verified_on)}
            for c in kept.contacts
        ],
        "institutions": [{"name": one.name, "village": one.village_code} for one in kept.institutions],
        "households": [
            {"village": h.village_code, "house_no": keyring.open(h.house_no_sealed) if h.house_no_sealed else None,
             "people": h.people, "help_needed": [n.value for n in needs.get(h.id, ())], "language": h.lang,
             "source": h.source, "as_of": _day(h.told_on), "legal_basis": h.legal_basis, "consent_at": _day(h.consent_at)}
            for h in households
        ],
        "answers": [
            {"at": r.at.isoformat(), "via": r.via, "answer": r.answer,
             "text": keyring.open(r.text_sealed) if r.text_sealed else None}
            for r in kept.replies
        ],
        "calls": [{"at": c.first_at.isoformat(), "via": c.via, "answer": c.answer, "state": c.state.value} for c in kept.callers],
        "alerts_sent": [
            {"alert": row.number, "channel": row.channel, "issued_at": _day(row.issued_at), "state": row.state} for row in sent
        ],
    }  # fmt: skip


def erase(session: Session, keyring: Keyring, kept: Kept, by: str, now: datetime) -> dict[str, int]:
    """Wipe it; returns how many rows of each kind. A household stays as a number of heads, without house number and position
    when nobody else of it has a name. A contact's role falls empty. Raises NotAllowed where somebody waits to be rung back."""
    if any(c.state is CallerState.OPEN for c in kept.callers):
        raise NotAllowed("คนนี้รอให้โทรกลับ ปิดงานก่อนจึงลบได้ (somebody waits to be rung back: close that first)")
    blank = keyring.seal("")
    numbers = {keyring.open(a.sealed) for a in kept.addresses}
    people = {r.id for r in kept.residents} | {c.id for c in kept.contacts}
    for address in kept.owned:
        address.sealed, address.hash, address.active, address.verified_on = blank, "", False, None
    for resident in kept.residents:
        _forget_resident(session, keyring, resident, blank)
    for home in kept.homes:
        _forget_home(session, home)
        home.lang, home.legal_basis, home.consent_at = None, None, None
    for house in kept.institutions:  # the house stays, who answers there does not
        house.contact_sealed, house.changed_at = None, now
        if house.landline_sealed and keyring.open(house.landline_sealed) in numbers:
            house.landline_sealed = None
    for contact in kept.contacts:
        session.execute(
            update(Tower).where(col(Tower.key_holder_id) == contact.id).values(key_holder_id=None)
        )
        session.flush()
        session.delete(contact)
    for reply in kept.replies:
        reply.text_sealed = None
    for caller in kept.callers:
        caller.address_sealed, caller.note_sealed, caller.hash, caller.tail = None, None, "", ""
        caller.changed_at = now
    counts = {
        "addresses": len(kept.owned), "people": len(people), "answers": len(kept.replies), "callers": len(kept.callers),
        "homes": len(kept.homes),
    }  # fmt: skip
    about = next(iter(sorted(people, key=str)), None) or next((a.id for a in kept.owned), None)
    record(session, "person.erased", "person", about or "caller", counts, now, by)
    return counts


def _forget_resident(session: Session, keyring: Keyring, resident: Resident, blank: bytes) -> None:
    home = session.get_one(Household, resident.household_id)
    if resident.vulnerability is not None:
        home.vulnerable = max(0, home.vulnerable - 1)
    resident.name_sealed, resident.vulnerability = blank, None
    resident.vulnerability_source, resident.vulnerability_on = None, None
    for need in session.exec(select(Need).where(Need.resident_id == resident.id)):
        session.delete(need)
    session.flush()
    others = session.exec(select(Resident).where(Resident.household_id == home.id)).all()
    if not any(keyring.open(one.name_sealed) for one in others):
        _forget_home(session, home)


def _forget_home(session: Session, home: Household) -> None:
    """Its heads stay counted; where it stands and what it needs do not."""
    home.house_no_sealed, home.lat, home.lon, home.consent_by = None, None, None, None
    for need in session.exec(select(Need).where(Need.household_id == home.id)):
        session.delete(need)


def _day(value: Any) -> str | None:
    return None if value is None else str(value.isoformat())


def looked(session: Session, kept: Kept, action: str, by: str, now: datetime) -> None:
    """A look at, or a hand-over of, one person's data; without the number, which would be personal data in the trail."""
    about: UUID | str = next((a.id for a in kept.owned), None) or next((c.id for c in kept.callers), "nobody")
    counts = {"addresses": len(kept.owned), "answers": len(kept.replies), "callers": len(kept.callers)}
    record(session, action, "person", about, counts, now, by)
