"""The one way pages read and change households: counts by village, homes without names, one home opened.

Who may see which village, and that an opening is written in the trail, is the caller's to hold.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from geo.names import id_for
from geo.needs import OF_VULNERABILITY
from geo.people import Address, AddressKind, Household, LegalBasis, Need, NeedKind, Resident, Vulnerability
from geo.sealed import Keyring

_COUNTS = text(
    "SELECT h.village_code AS code, count(*) AS homes, sum(h.people) AS people, sum(h.vulnerable) AS vulnerable, "
    "count(n.household_id) AS needing, count(a.household_id) AS reachable, "
    "count(*) FILTER (WHERE h.legal_basis IS NULL) AS without_basis FROM household h "
    "LEFT JOIN (SELECT DISTINCT household_id FROM need WHERE ended_on IS NULL) n ON n.household_id = h.id "
    "LEFT JOIN (SELECT DISTINCT household_id FROM address WHERE active AND household_id IS NOT NULL) a "
    "ON a.household_id = h.id "
    "WHERE h.village_code = ANY(:codes) GROUP BY 1 ORDER BY 1"
)


class VillageHomes(NamedTuple):
    """What is registered in one village, in numbers only."""

    code: str
    homes: int
    people: int
    vulnerable: int
    needing: int  # homes that need help to get out
    reachable: int  # homes with a number or LINE
    without_basis: int  # homes nobody said why the office may keep


@dataclass(frozen=True)
class HomeLine:
    """One home without a name. `nth`: its place in the list of its village, from 1, and no more than that."""

    id: UUID
    nth: int
    people: int
    vulnerable: int
    needs: tuple[NeedKind, ...]
    reachable: bool
    lang: str | None
    source: str
    told_on: date | None
    legal_basis: str | None


class Way(NamedTuple):
    """An address of a home, opened. `whose`: of the people here (None), of a neighbour, of a child elsewhere."""

    kind: AddressKind
    value: str
    whose: str | None
    lang: str | None
    active: bool


class OpenResident(NamedTuple):
    """needs: what their word for being vulnerable asks of a team; the word itself is not shown."""

    name: str
    needs: tuple[NeedKind, ...]


@dataclass(frozen=True)
class OpenHome:
    """One home with everything: for one who may see it, and whose look is recorded."""

    line: HomeLine
    village_code: str
    house_no: str = field(repr=False)
    residents: tuple[OpenResident, ...] = field(repr=False)
    ways: tuple[Way, ...] = field(repr=False)
    consent_at: datetime | None = None


def village_homes(session: Session, codes: Sequence[str]) -> list[VillageHomes]:
    """The villages asked for that have any home registered, in order of their code."""
    return [VillageHomes(*map(_whole, row)) for row in session.execute(_COUNTS, {"codes": list(codes)})]


def homes_of(session: Session, village: str) -> list[HomeLine]:
    """The homes of a village: those that need help first, then those with people who cannot leave alone."""
    homes = session.exec(select(Household).where(Household.village_code == village)).all()
    ids = [home.id for home in homes]
    needs = needs_by_home(session, ids)
    reached = set(
        session.exec(
            select(Address.household_id)
            .where(col(Address.household_id).in_(ids), col(Address.active))
            .distinct()
        )
    )
    ordered = sorted(homes, key=lambda h: (not needs.get(h.id), -h.vulnerable, h.id))
    return [
        _line(home, nth, needs.get(home.id, ()), reachable=home.id in reached)
        for nth, home in enumerate(ordered, start=1)
    ]


def needs_by_home(session: Session, homes: Sequence[UUID]) -> dict[UUID, tuple[NeedKind, ...]]:
    """Household -> the help it needs now, in the order of NeedKind."""
    found: dict[UUID, set[NeedKind]] = defaultdict(set)
    open_needs = select(Need).where(col(Need.household_id).in_(homes), col(Need.ended_on).is_(None))
    for need in session.exec(open_needs):
        found[need.household_id].add(need.kind)
    return {home: tuple(kind for kind in NeedKind if kind in kinds) for home, kinds in found.items()}


def open_home(session: Session, keyring: Keyring, home_id: UUID) -> OpenHome | None:
    """Everything kept of one home. The caller writes the look in the trail."""
    home = session.get(Household, home_id)
    if home is None:
        return None
    residents = session.exec(select(Resident).where(Resident.household_id == home_id)).all()
    addresses = session.exec(
        select(Address).where(Address.household_id == home_id).order_by(col(Address.kind), col(Address.id))
    )
    ways = tuple(
        Way(a.kind, keyring.open(a.sealed), a.whose, a.lang, a.active) for a in addresses if a.hash
    )  # an erased one has no hash
    needs = needs_by_home(session, [home_id]).get(home_id, ())
    return OpenHome(
        _line(home, 0, needs, reachable=any(way.active for way in ways)), home.village_code,
        keyring.open(home.house_no_sealed) if home.house_no_sealed else "",
        tuple(
            OpenResident(keyring.open(one.name_sealed), help_of(one.vulnerability)) for one in residents
        ),
        ways, home.consent_at,
    )  # fmt: skip


def change_home(
    session: Session, home_id: UUID, needs: Sequence[NeedKind], lang: str | None, basis: LegalBasis | None, by: str,
    now: datetime, today: date,
) -> list[str]:  # fmt: skip
    """Bring needs, language and legal basis to what an officer says; returns the names of the fields that changed.

    A need that is gone is ended, not removed. by: the officer's id; today: in Bangkok. Raises LookupError without such a home.
    """
    home = session.get(Household, home_id, with_for_update=True)
    if home is None:
        raise LookupError("no such household")
    changed: list[str] = []
    wanted = set(needs)
    for need in session.exec(select(Need).where(Need.household_id == home_id)).all():
        if need.kind in wanted and need.ended_on is not None:
            need.ended_on, need.source, need.noted_on = None, by, today
            changed.append(need.kind.value)
        elif need.kind not in wanted and need.ended_on is None:
            need.ended_on = today
            changed.append(need.kind.value)
        wanted.discard(need.kind)
    for kind in sorted(wanted):
        key = id_for("need", home_id, kind)
        session.add(Need(id=key, household_id=home_id, kind=kind, source=by, noted_on=today))
        changed.append(kind.value)
    if home.lang != lang:
        # Whose telephone it is reads what the home reads, but for whom somebody said otherwise.
        for address in session.exec(select(Address).where(Address.household_id == home_id)).all():
            if address.lang in (None, home.lang):
                address.lang = lang
        home.lang = lang
        changed.append("lang")
    if home.legal_basis != (basis.value if basis else None):
        home.legal_basis = basis.value if basis else None
        asked = basis is LegalBasis.CONSENT
        home.consent_at, home.consent_by = (now, by) if asked else (None, None)
        changed.append("legal_basis")
    return changed


def help_of(vulnerability: Vulnerability | None) -> tuple[NeedKind, ...]:
    return OF_VULNERABILITY.get(vulnerability, ()) if vulnerability else ()


def _line(home: Household, nth: int, needs: tuple[NeedKind, ...], *, reachable: bool) -> HomeLine:
    return HomeLine(
        home.id, nth, home.people, home.vulnerable, needs, reachable, home.lang, home.source, home.told_on,
        home.legal_basis,
    )  # fmt: skip


def _whole(value: Any) -> Any:
    return value if isinstance(value, str) else int(value)
