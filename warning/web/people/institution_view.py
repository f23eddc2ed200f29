"""What the pages say of institutions: all of them masked, and of each alert in force who answered and who is silent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from geo.institution import HOLDS_PEOPLE, Institution
from geo.people import Address, AddressKind, Audience
from geo.phone import masked, shown
from geo.sealed import Keyring
from warning.alert import Alert
from warning.alert_places import villages_of
from warning.institution_silence import answers_of
from warning.office import Office
from warning.web.public.alert_view import alerts_in_force


@dataclass(frozen=True)
class HouseLine:
    """One institution. `numbers`: as written where opened, else masked; `dial`: E.164, only where opened."""

    house: Institution
    numbers: tuple[str, ...]
    dial: tuple[str, ...] = ()
    contact: str = ""
    line: bool = False

    @property
    def code(self) -> str:
        return self.house.village_code

    @property
    def holds_people(self) -> bool:
        return self.house.kind in HOLDS_PEOPLE


class Asked(NamedTuple):
    """An institution under one alert; `answer` None: silent."""

    alert: Alert
    line: HouseLine
    answer: str | None = None
    via: str = ""
    at: datetime | None = None


def houses(
    session: Session, keyring: Keyring, found: Sequence[Institution], *, opened: bool = False
) -> list[HouseLine]:
    """opened: with names and numbers; the route writes that look down."""
    numbers: dict[object, list[Address]] = {}
    mine = select(Address).where(
        Address.audience == Audience.INSTITUTION, col(Address.active),
        col(Address.owner_id).in_([house.id for house in found]),
    )  # fmt: skip
    for address in session.exec(mine.order_by(col(Address.nth))):
        numbers.setdefault(address.owner_id, []).append(address)
    return [_line(keyring, house, numbers.get(house.id, []), opened=opened) for house in found]


def _line(keyring: Keyring, house: Institution, addresses: Sequence[Address], *, opened: bool) -> HouseLine:
    dial = [keyring.open(a.sealed) for a in addresses if a.kind is AddressKind.SMS]
    if house.landline_sealed:
        dial.append(keyring.open(house.landline_sealed))
    return HouseLine(
        house, tuple(shown(n) if opened else masked(n) for n in dial), tuple(dial) if opened else (),
        keyring.open(house.contact_sealed) if opened and house.contact_sealed else "",
        any(a.kind is AddressKind.LINE for a in addresses),
    )  # fmt: skip


def asked(session: Session, office: Office, lines: Sequence[HouseLine], now: datetime) -> list[Asked]:
    """Every institution of `lines` under each alert in force: the silent ones that hold people first, then the other silent
    ones, then who answered."""
    found: list[Asked] = []
    for view in alerts_in_force(session, office.mode, now):
        alert = view.alert
        answers, here = answers_of(session, alert), set(villages_of(alert))
        for line in lines:
            if line.code in here:
                found.append(Asked(alert, line, *answers.get(line.house.id, (None, "", None))))
    return sorted(found, key=lambda a: (a.answer is not None, not a.line.holds_people, a.line.code))
