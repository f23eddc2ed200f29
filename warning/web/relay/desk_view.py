"""What the relay desk shows: every village of the alerts in force, those the water reaches first on top."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from channels.contract import Answer
from geo.people import Address, AddressKind, Audience, Contact, Role
from geo.phone import masked, shown
from geo.sealed import Keyring
from warning.alert import Alert, AlertState, Mode
from warning.alert_places import villages_of
from warning.arriving import arrivals_told
from warning.assess import HazardAssessment
from warning.cover import homes_estimated
from warning.keyed import HOLD_FOR, RelayClaim

_ORDER = tuple(Role)
_LAST_WORDS = text(
    "SELECT DISTINCT ON (alert_id, village_code) alert_id, village_code, answer, via, homes, at, heard_from FROM reply "
    "WHERE alert_id = ANY(:alerts) AND village_code IS NOT NULL AND household_id IS NULL "
    "AND institution_id IS NULL "
    "ORDER BY alert_id, village_code, at DESC"
)
_ANSWERED = text(
    "SELECT DISTINCT alert_id, village_code FROM reply WHERE alert_id = ANY(:alerts) AND village_code IS NOT NULL "
    "AND household_id IS NULL AND institution_id IS NULL AND answer <> 'no_answer'"
)


@dataclass(frozen=True)
class ContactLine:
    """One person of a village. Name and phone are masked unless `opened`; `dial` is E.164 and then only."""

    contact_id: UUID
    role: str
    name: str
    phone: str
    dial: str
    verified_on: date | None
    opened: bool


@dataclass(frozen=True)
class VillageLine:
    """One village of one alert. water_at: aware UTC, None when nobody can say; answered: somebody said something."""

    alert_id: UUID
    number: str
    code: str
    water_at: datetime | None
    homes: int
    contacts: int
    phones: int
    answered: bool
    last_word: str | None
    last_via: str | None
    last_homes: int | None
    last_at: datetime | None
    held_by: UUID | None
    held_name: str
    held_at: datetime | None


@dataclass(frozen=True)
class Desk:
    alerts: tuple[Alert, ...]
    lines: tuple[VillageLine, ...]

    @property
    def left(self) -> tuple[VillageLine, ...]:
        """Those that have not answered, water first."""
        return tuple(line for line in self.lines if not line.answered)

    @property
    def told(self) -> tuple[VillageLine, ...]:
        return tuple(line for line in self.lines if line.answered)

    @property
    def said(self) -> Sequence[tuple[str, int]]:
        """Of those that answered: (last word, villages), calls for help and water first."""
        count = Counter(line.last_word for line in self.told if line.last_word)
        first = (Answer.NEED_HELP, Answer.WATER_HERE)
        return sorted(count.items(), key=lambda said: (said[0] not in first, said[0]))

    @property
    def without_phone(self) -> int:
        return sum(not line.phones for line in self.lines)

    def after(self, alert_id: UUID, code: str) -> VillageLine | None:
        """The first village that has not answered and that nobody holds, other than this one."""
        return next(
            (
                li
                for li in self.lines
                if not li.answered and not li.held_by and (li.alert_id, li.code) != (alert_id, code)
            ),
            None,
        )


def desk(session: Session, mode: Mode, now: datetime) -> Desk:
    """A village under two alerts stands once, with the newer."""
    alerts = session.exec(
        select(Alert)
        .where(Alert.mode == mode, Alert.state == AlertState.ISSUED, col(Alert.expires_at) > now)
        .order_by(col(Alert.issued_at).desc())
    ).all()
    of: dict[str, Alert] = {}
    for alert in alerts:
        for code in villages_of(alert):
            of.setdefault(code, alert)
    ids = {"alerts": [alert.id for alert in alerts]}
    words = {(row.alert_id, row.village_code): row for row in session.execute(_LAST_WORDS, ids)}
    answered = {(row.alert_id, row.village_code) for row in session.execute(_ANSWERED, ids)}
    held = {
        (c.alert_id, c.village_code): c
        for c in session.exec(
            select(RelayClaim).where(
                col(RelayClaim.alert_id).in_(ids["alerts"]), col(RelayClaim.at) > now - HOLD_FOR
            )
        )
    }
    contacts, phones = _counts(session, list(of))
    water = {alert.id: water_by(session, alert) for alert in alerts}
    lines = []
    for code, alert in of.items():
        key = (alert.id, code)
        word, hold = words.get(key), held.get(key)
        lines.append(
            VillageLine(
                alert.id, alert.number, code, water[alert.id].get(code[:6], alert.water_by), homes_estimated(code),
                contacts.get(code, 0), phones.get(code, 0), key in answered, word.answer if word else None,
                word.via if word else None, word.homes if word else None, word.at if word else None,
                hold.user_id if hold else None, hold.user_name if hold else "", hold.at if hold else None,
            )
        )  # fmt: skip
    return Desk(tuple(alerts), tuple(in_order(lines)))


_CHANGED = text(
    "SELECT (SELECT max(changed_at) FROM alert), (SELECT max(at) FROM relay_claim), (SELECT max(received_at) FROM reply), "
    "(SELECT max(changed_at) FROM unknown_caller), (SELECT max(changed_at) FROM contact)"
)


def desk_mark(session: Session, now: datetime, *about: object) -> str:
    """An ETag that changes with anything the desk shows, and with every minute, since it says how long is left."""
    seen = (*session.execute(_CHANGED).one(), now.replace(second=0, microsecond=0), *about)
    return f'"{hashlib.sha256(repr(seen).encode()).hexdigest()[:24]}"'


def in_order(lines: Iterable[VillageLine]) -> list[VillageLine]:
    """Water first, unknown times last, then by code."""
    return sorted(
        lines, key=lambda li: (li.water_at is None, li.water_at.timestamp() if li.water_at else 0.0, li.code)
    )


def _counts(session: Session, villages: Sequence[str]) -> tuple[dict[str, int], dict[str, int]]:
    there = {"villages": list(villages)}
    contacts = session.execute(
        text("SELECT village_code, count(*) FROM contact WHERE village_code = ANY(:villages) GROUP BY 1"),
        there,
    )
    phones = session.execute(
        text(
            "SELECT village_code, count(DISTINCT owner_id) FROM address WHERE village_code = ANY(:villages) "
            "AND audience = 'CONTACT' AND kind IN ('SMS', 'VOICE') AND active GROUP BY 1"
        ),
        there,
    )
    return _by_village(contacts), _by_village(phones)


def _by_village(rows: Iterable[Any]) -> dict[str, int]:
    return {village: count for village, count in rows}  # noqa: C416 - rows are not pairs to the type checker


def water_by(session: Session, alert: Alert) -> Mapping[str, datetime]:
    """Tambon -> when water may be there, by the assessments the chain of alerts began with; empty when drawn by hand."""
    seen: set[UUID] = set()
    while alert.assessment_id is None and alert.references and alert.id not in seen:
        seen.add(alert.id)
        before = session.get(Alert, UUID(alert.references[0]))
        if before is None:
            return {}
        alert = before
    found = session.get(HazardAssessment, alert.assessment_id) if alert.assessment_id else None
    first = found.water_by if found else {}
    return {code: datetime.fromisoformat(at) for code, at in first.items()} | arrivals_told(alert)


def contacts_of(
    session: Session, villages: Sequence[str], keyring: Keyring, *, opened: bool
) -> dict[str, list[ContactLine]]:
    """Who can be rung, a village a list, in the order they are rung. `opened` is for one who may see names and numbers."""
    people = session.exec(select(Contact).where(col(Contact.village_code).in_(villages))).all()
    addresses = session.exec(
        select(Address).where(
            col(Address.village_code).in_(villages), Address.audience == Audience.CONTACT,
            col(Address.kind).in_((AddressKind.SMS, AddressKind.VOICE)), col(Address.active).is_(True),
        ).order_by(col(Address.kind).desc())
    )  # fmt: skip
    # Of two numbers the mobile one counts: it comes last.
    phone_of = {a.owner_id: keyring.open(a.sealed) for a in addresses}
    found: dict[str, list[ContactLine]] = {}
    for person in sorted(people, key=lambda p: (_ORDER.index(p.role), p.rank)):
        phone = phone_of.get(person.id, "")
        found.setdefault(person.village_code, []).append(
            ContactLine(
                person.id, person.role.value, keyring.open(person.name_sealed) if opened else "",
                (shown(phone) if opened else masked(phone)) if phone else "", phone if opened else "",
                person.verified_on, opened,
            )
        )  # fmt: skip
    return found


def minutes_left(at: datetime | None, now: datetime) -> int | None:
    """Whole minutes until then, negative when it is past."""
    return None if at is None else round((at - now) / timedelta(minutes=1))
