"""Which villages cannot surely be told: nobody known, no number anybody verified, one person only, or not asked since October.

Contacts are asked again every October, before the rains of the east coast (November to January) bring their floods.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from sqlmodel import Session, col, select

from geo.gazetteer import gazetteer
from geo.people import Address, AddressKind, Audience, Contact
from geo.roster import ENOUGH_PHONES
from geo.when import bangkok

ASKED_AGAIN_IN = 10  # October


class Gap(StrEnum):
    """The gravest first."""

    NO_CONTACT = "no_contact"
    NO_VERIFIED_PHONE = "no_verified_phone"
    ONE_CONTACT = "one_contact"  # fewer than two different telephones: one person sleeps
    DUE = "due"  # somebody was not verified since the last first of October


class VillageContacts(NamedTuple):
    """`phones`: different active numbers; `verified`: of those, ever verified; `due`: contacts not verified since October."""

    code: str
    contacts: int
    phones: int
    verified: int
    due: int
    gaps: tuple[Gap, ...]


def last_october(now: datetime) -> date:
    """The newest first of October that is not after today in Bangkok. now: aware UTC."""
    today = bangkok(now).date()
    return date(today.year - (today.month < ASKED_AGAIN_IN), ASKED_AGAIN_IN, 1)


def village_contacts(
    session: Session, now: datetime, codes: Sequence[str] | None = None
) -> list[VillageContacts]:
    """Every village asked for (all of the province by default): those with the gravest gap first, then by code."""
    since = last_october(now)
    people: dict[str, list[Contact]] = defaultdict(list)
    for contact in session.exec(select(Contact)):
        people[contact.village_code].append(contact)
    phones: dict[str, set[str]] = defaultdict(set)
    verified: dict[str, set[str]] = defaultdict(set)
    active = select(Address).where(
        Address.audience == Audience.CONTACT, Address.kind == AddressKind.SMS, col(Address.active)
    )
    for address in session.exec(active):
        phones[address.village_code].add(address.hash)
        if address.verified_on is not None:
            verified[address.village_code].add(address.hash)
    found = []
    for code in gazetteer().villages if codes is None else codes:
        here = people[code]
        due = sum(c.verified_on is None or c.verified_on < since for c in here)
        counts = (len(here), len(phones[code]), len(verified[code]), due)
        found.append(VillageContacts(code, *counts, _gaps(*counts)))
    order = list(Gap)
    return sorted(found, key=lambda v: (min((order.index(g) for g in v.gaps), default=len(order)), v.code))


def contacts_due(session: Session, now: datetime) -> list[VillageContacts]:
    """Villages of the province with any gap, the gravest first."""
    return [village for village in village_contacts(session, now) if village.gaps]


def _gaps(contacts: int, phones: int, verified: int, due: int) -> tuple[Gap, ...]:
    if not contacts:
        return (Gap.NO_CONTACT,)
    found: tuple[Gap, ...] = ()
    if not verified:
        found += (Gap.NO_VERIFIED_PHONE,)
    if phones < ENOUGH_PHONES:
        found += (Gap.ONE_CONTACT,)
    if due:
        found += (Gap.DUE,)
    return found
