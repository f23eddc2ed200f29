"""The roll of addresses: each has a place `nth` within its audience, kind and tambon, dense from 0."""

from uuid import UUID

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from geo.names import id_for
from geo.people import Address, AddressKind, Audience
from geo.sealed import Keyring

_LOCK = 0x7261_6B01  # of PostgreSQL's advisory locks: one writer of the roll at a time


class Roll:
    """Hands out the next places. Holds the roll's lock until the session's transaction ends."""

    def __init__(self, session: Session) -> None:
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        used = select(Address.audience, Address.kind, Address.tambon_code, func.max(Address.nth)).group_by(
            col(Address.audience), col(Address.kind), col(Address.tambon_code)
        )
        self._next = {
            (audience, kind, tambon): last + 1 for audience, kind, tambon, last in session.exec(used).all()
        }

    def place(self, audience: Audience, kind: AddressKind, tambon_code: str) -> int:
        nth = self._next.get((audience, kind, tambon_code), 0)
        self._next[audience, kind, tambon_code] = nth + 1
        return nth


def address_id(keyring: Keyring, owner_id: UUID, kind: AddressKind, value: str) -> UUID:
    """The same owner at the same address is the same row. Made from the keyed hash: the id tells nothing."""
    return id_for("address", owner_id, kind.value, keyring.fingerprint(value))


def given_again(keyring: Keyring, address: Address, value: str) -> None:
    """An address whose owner was wiped (`warning/people_person.py`) keeps its id and nothing else: given anew it needs its own
    number back, or it would be active and reach nobody."""
    if not address.hash:
        address.sealed, address.hash = keyring.seal(value), keyring.fingerprint(value)
