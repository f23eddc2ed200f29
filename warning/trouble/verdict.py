"""The ledger against what the simulated world really received: is anybody lost, told twice, or said to be told who was not?

The world's book knows only what came to a telephone, a LINE user or a loudspeaker. The ledger knows what we believe. Where
the two differ in a way that no honest "we do not know" explains, the night is wrong.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from warning import audit
from warning.cover_totals import totals
from warning.office import Office
from warning.world.world import World

CHANNELS = {"sms": "sms", "line": "line", "tower": "towers"}  # the book's word -> the ledger's channel
WENT_OUT = {"accepted", "delivered", "confirmed"}
MAY_HAVE = {"handed_over", "unknown", "try_later"}  # honest not-knowing: may have arrived, may not
CONFIRMED = {"delivered", "confirmed"}
_ROWS = text(
    "SELECT s.channel, s.state AS segment, d.state, a.sealed, a.id AS address FROM delivery_status d "
    "JOIN segment s ON s.id = d.segment_id JOIN address a ON a.id = d.address_id WHERE d.alert_id = :alert"
)
_ADDRESSES = text(
    "SELECT lower(kind::text), count(*) FROM address WHERE active AND lower(kind::text) = ANY(:kinds) GROUP BY 1"
)
_UNMADE = text(
    "SELECT s.channel, count(*) FROM segment s JOIN address a ON a.tambon_code = s.tambon_code AND a.nth BETWEEN s.first_nth "
    "AND s.last_nth AND lower(a.audience::text) = s.audience AND lower(a.kind::text) = :kind AND a.active "
    "WHERE s.alert_id = :alert AND s.channel = :channel AND NOT s.expanded "
    "AND NOT EXISTS (SELECT 1 FROM segment v JOIN delivery d ON d.segment_id = v.id WHERE v.alert_id = s.alert_id "
    "AND v.vulnerable AND v.channel = s.channel AND d.address_id = a.id) GROUP BY 1"
)


def verdict(session: Session, office: Office, world: World, alert_id: UUID) -> dict[str, Any]:
    """`{right, why, channels: {channel: {...}}, coverage, audit}`; `why` names each thing that is wrong, with its number."""
    wrong: list[str] = []
    rows: dict[str, list[Any]] = {}
    for row in session.execute(_ROWS, {"alert": alert_id}):
        rows.setdefault(row.channel, []).append(row)
    registered: dict[str, int] = dict(
        tuple(r) for r in session.execute(_ADDRESSES, {"kinds": [c.needs for c in office.channels.values()]})
    )
    channels = {}
    for word, name in CHANNELS.items():
        if name in office.channels:
            kind = office.channels[name].needs
            unmade = session.execute(_UNMADE, {"alert": alert_id, "channel": name, "kind": kind}).all()
            told = _channel(
                office, world, word, rows.get(name, []), registered.get(kind, 0), sum(n for _, n in unmade)
            )
            wrong += [f"{name}: {why}" for why in told.pop("wrong")]
            channels[name] = told
    counted = totals(session, office.mode, alert_id)
    wrong += _adds_up(counted)
    trail = audit.verify(session)
    if not trail.ok:
        wrong.append("the audit trail does not verify")
    return {
        "right": not wrong, "why": wrong, "channels": channels,
        "coverage": {"households": counted["households"], "villages": counted["villages"]},
        "audit": {"ok": trail.ok, "entries": trail.entries},
    }  # fmt: skip


def _channel(
    office: Office, world: World, word: str, rows: list[Any], registered: int, unmade: int
) -> dict[str, Any]:
    """One channel's ledger beside the book. unmade: addresses of segments that were never expanded (closed, or still waiting)."""
    opened = office.keyring.open
    states = Counter(row.state for row in rows)
    by_address: dict[str, Counter[str]] = {}
    for row in rows:
        on_the_wire = (
            row.segment == "SENDING" and row.state == "planned"
        )  # a worker holds it, or died holding it
        by_address.setdefault(opened(row.sealed), Counter())["unknown" if on_the_wire else row.state] += 1
    arrived = world.book.addresses(word)
    repeats = [r for r in world.book.repeats(word) if r.times > 1]
    believed = {address for address, seen in by_address.items() if WENT_OUT & set(seen)}
    proven = {address for address, seen in by_address.items() if CONFIRMED & set(seen)}
    unsure = {address for address, seen in by_address.items() if MAY_HAVE & set(seen)}
    silent = _dead(world, word)
    wrong = []
    if (lost := registered - len(rows) - unmade) != 0:
        wrong.append(f"{abs(lost)} addresses {'have no row' if lost > 0 else 'have more rows than one'}")
    if false := believed - arrived - silent:
        wrong.append(f"{len(false)} are said to be sent and nothing arrived")
    if false := proven - arrived:
        wrong.append(f"{len(false)} are said to be reached and nothing arrived")
    if hidden := arrived - believed - unsure:
        wrong.append(f"{len(hidden)} got it and the ledger says they did not")
    if repeats:
        wrong.append(f"{len(repeats)} got the same message twice")
    return {
        "registered": registered, "rows": len(rows), "not_made": unmade, "states": dict(states), "arrived": len(arrived),
        "told_twice": len(repeats), "refused_by_gateway": _turned_away(world, word), "wrong": wrong,
    }  # fmt: skip


def _dead(world: World, word: str) -> set[str]:
    """Telephones that are off: a gateway takes their message and says so, and nothing arrives."""
    return (
        world.sms.dead | world.sms.expiring
        if word == "sms"
        else set(world.line.blocked)
        if word == "line"
        else set()
    )


def _turned_away(world: World, word: str) -> dict[str, int]:
    return {why: n for (channel, why), n in world.book.turned_away.items() if channel == word}


def _adds_up(counted: Mapping[str, Any]) -> list[str]:
    homes, villages = counted["households"], counted["villages"]
    return [
        f"{name}: reached, waiting and unreached do not add up to the total"
        for name, part in (("households", homes), ("villages", villages))
        if part["reached"] + part["waiting"] + part["unreached"] != part["total"]
    ]
