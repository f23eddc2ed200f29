"""People who register themselves from their own LINE account: one account is one home, one place at a time.

No name and no number of an identity card is asked. Leaving keeps the row and sends nothing more, so that a return is no
second home.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from geo.names import id_for
from geo.people import Address, AddressKind, Audience, Household, LegalBasis
from geo.people_roll import Roll, address_id, given_again
from geo.sealed import Keyring
from geo.when import bangkok

SOURCE = "line"  # of a household that registered itself


class Registered(NamedTuple):
    """Where an account lives. `own`: it registered itself, so size and needs are its own to say."""

    household_id: UUID | None
    village_code: str
    lang: str | None
    own: bool


def home_of(keyring: Keyring, user: str) -> UUID:
    return id_for("household", SOURCE, keyring.fingerprint(user))


def place_of(session: Session, keyring: Keyring, user: str) -> Registered | None:
    """The home an account is told for now; None: it is in no active list."""
    found = select(Address).where(
        Address.hash == keyring.fingerprint(user), Address.kind == AddressKind.LINE, col(Address.active)
    )
    one = session.exec(found.order_by(col(Address.audience).desc(), col(Address.id)).limit(1)).first()
    if one is None:
        return None
    own = one.household_id == home_of(keyring, user)
    return Registered(one.household_id, one.village_code, one.lang, own)


def register(session: Session, keyring: Keyring, user: str, village: str, lang: str, now: datetime) -> None:
    """Bind an account to a village, or to another one. Twice is once. village: 8 digits of the gazetteer; now: aware UTC.

    An account that a list already holds as a resident is told through its own registration from now on, not twice.
    """
    roll = Roll(session)  # one writer at a time: two taps at once make one home
    home = home_of(keyring, user)
    mine = address_id(keyring, home, AddressKind.LINE, user)
    fingerprint = keyring.fingerprint(user)
    for other in session.exec(
        select(Address).where(Address.hash == fingerprint, Address.audience == Audience.RESIDENT)
    ):
        other.active = other.id == mine
    kept = session.get(Household, home)
    if kept is None:
        session.add(
            Household(id=home, village_code=village, source=SOURCE, told_on=bangkok(now).date(), lang=lang,
                      legal_basis=LegalBasis.CONSENT, consent_at=now)
        )  # fmt: skip
        session.flush()
    else:
        kept.village_code, kept.lang, kept.told_on = village, lang, bangkok(now).date()
        if kept.legal_basis is None:  # it was wiped, and asks anew
            kept.legal_basis, kept.consent_at = LegalBasis.CONSENT, now
    address = session.get(Address, mine)
    if address is None:
        session.add(
            Address(id=mine, audience=Audience.RESIDENT, kind=AddressKind.LINE, tambon_code=village[:6],
                    village_code=village, nth=roll.place(Audience.RESIDENT, AddressKind.LINE, village[:6]),
                    owner_id=home, household_id=home, sealed=keyring.seal(user), hash=fingerprint,
                    verified_on=bangkok(now).date(), lang=lang)
        )  # fmt: skip
        return
    if address.tambon_code != village[:6]:
        address.tambon_code = village[:6]
        address.nth = roll.place(Audience.RESIDENT, AddressKind.LINE, village[:6])
    address.village_code, address.lang, address.active = village, lang, True
    given_again(keyring, address, user)
    address.verified_on = bangkok(now).date()


def leave(session: Session, keyring: Keyring, user: str) -> bool:
    """Send nothing more to this resident's account. False: it was told nothing anyhow. What a village's contact holds by
    office stays: the office ends that."""
    found = session.exec(
        select(Address).where(
            Address.hash == keyring.fingerprint(user),
            Address.audience == Audience.RESIDENT,
            col(Address.active),
        )
    ).all()
    for address in found:
        address.active = False
    return bool(found)


def speak(session: Session, keyring: Keyring, user: str, lang: str) -> bool:
    """The language of an account. False: it is in no list."""
    found = session.exec(select(Address).where(Address.hash == keyring.fingerprint(user))).all()
    for address in found:
        address.lang = lang
    return bool(found)
