"""A segment becomes rows, one a recipient: made just before it is sent, by one statement, and never twice."""

from functools import cache
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlmodel import Session

from geo.people import Audience
from warning.alert import Alert
from warning.alert_places import villages_elsewhere
from warning.delivery import Segment
from warning.ends_for import MAY_HAVE_THE_OLD, ends_for
from warning.told_already import told_by

_EXPAND = """
WITH chosen AS (
    SELECT CAST(:prefix || right(a.id::text, 17) AS uuid) AS id, a.id AS address_id, a.owner_id, a.household_id,
           a.village_code, a.sealed
    FROM address a
    WHERE a.audience = :audience AND a.kind = :kind AND a.tambon_code = :tambon
      AND a.nth BETWEEN :first AND :last AND a.active {villages} {unproved} {alone} {had} {apart}
), made AS (
    INSERT INTO delivery (id, segment_id, owner_id, address_id, household_id, village_code)
    SELECT id, CAST(:segment AS uuid), owner_id, address_id, household_id, village_code FROM chosen
    WHERE NOT EXISTS (SELECT 1 FROM delivery WHERE segment_id = CAST(:segment AS uuid))
) SELECT id, sealed, {owner} FROM chosen ORDER BY id
"""
_IN_VILLAGES = "AND a.village_code <> ALL(:elsewhere)"
# Of the owners and homes of one tambon who have proof: read once a segment. Asked a recipient at a time, an Update for half a
# million would keep the database busy for half an hour (bench/fanout.py); an address stands in the tambon of its home.
_PROOF = """(
    SELECT d.{whose} FROM segment p JOIN delivery d ON d.segment_id = p.id
    WHERE p.alert_id = ANY(CAST(:proof_of AS uuid[])) AND p.tambon_code = :tambon AND d.{whose} IS NOT NULL
    AND COALESCE(d.state, p.outcome) IN ('delivered', 'confirmed'))"""
_WITHOUT_PROOF = (
    f"AND a.owner_id NOT IN {_PROOF.format(whose='owner_id')} "
    f"AND (a.household_id IS NULL OR a.household_id NOT IN {_PROOF.format(whose='household_id')})"
)
_NOT_BY_ITSELF = """AND NOT EXISTS (
    SELECT 1 FROM segment own WHERE own.alert_id = CAST(:alert AS uuid) AND own.id <> CAST(:segment AS uuid)
    AND own.channel = :channel AND own.audience = :heard AND own.tambon_code = :tambon
    AND own.first_nth = a.nth AND own.last_nth = a.nth)"""
_APART = """AND a.id NOT IN (
    SELECT d.address_id FROM segment v JOIN delivery d ON d.segment_id = v.id
    WHERE v.alert_id = CAST(:alert AS uuid) AND v.tambon_code = :tambon AND v.vulnerable AND d.address_id IS NOT NULL)"""
_AMONG = "AND a.id = ANY(CAST(:among AS uuid[]))"


class Row(NamedTuple):
    """One recipient of a segment: the delivery's id, the sealed address, whose it is (of contacts: residents are told alike)."""

    id: UUID
    sealed: bytes
    owner_id: UUID | None


def expand(
    session: Session, segment: Segment, alert: Alert, needs: str, *, among: list[UUID] | None = None
) -> list[Row]:
    """Make the rows of one segment, ordered by id. A later rung leaves out whoever is reached by now, and whoever was told
    over this channel by itself (`address_found`); an Update leaves out whoever has heard what it replaces (`told_already`);
    the end of a warning goes to whoever may have its words (`ends_for`); residents leave out whom the vulnerable homes'
    segments have (`vulnerable_first`, whose own are made of `among`). Twice is once.

    Its rows come all together or not at all, and the caller holds its row: so one look for the whole segment is enough.
    ON CONFLICT, which looks at each row twice, took a third more of the database's time.

    A delivery's id is half its segment's and half its address's: the rows of a segment lie together in the index, so
    that half a million of them are written in order.
    """
    villages = _IN_VILLAGES if alert.villages else ""
    proof_of = [*told_by(alert), *([alert.id] if segment.rung else [])]
    unproved = _WITHOUT_PROOF if proof_of else ""
    alone = _NOT_BY_ITSELF if segment.rung else ""
    had = MAY_HAVE_THE_OLD if ends_for(alert) else ""
    apart = _AMONG if among is not None else _APART if segment.audience == Audience.RESIDENT else ""
    values: dict[str, object] = {
        "segment": str(segment.id), "prefix": str(segment.id)[:19], "audience": Audience(segment.audience).name,
        "kind": needs.upper(), "tambon": segment.tambon_code, "first": segment.first_nth, "last": segment.last_nth,
    }  # fmt: skip
    if villages:
        values["elsewhere"] = villages_elsewhere(alert)
    if unproved:
        values["proof_of"] = proof_of
    if alone:
        values |= {"alert": str(alert.id), "channel": segment.channel, "heard": segment.audience}
    if had:
        values["ends"] = ends_for(alert)
    if among is not None:
        values["among"] = among
    elif apart:
        values["alert"] = str(alert.id)
    owner = "owner_id" if segment.audience == "contact" else "NULL"  # each would be made an object of
    found = session.execute(_expanding(villages, unproved, alone, had, apart, owner), values)
    return list(map(Row._make, found.cursor.fetchall()))  # type: ignore[attr-defined]  # 500 at once, as they are


@cache
def _expanding(villages: str, unproved: str, alone: str, had: str, apart: str, owner: str) -> TextClause:
    return text(
        _EXPAND.format(villages=villages, unproved=unproved, alone=alone, had=had, apart=apart, owner=owner)
    )
