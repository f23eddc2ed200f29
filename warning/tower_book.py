"""The loudspeakers of each village in one book: who opens them, how far they are heard, and whether they would sound tonight.

A controller tells for itself (`towers`); a microphone in somebody's house is known only by what people say: that it was tried, that
somebody announced over it.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from geo.errors import NotAllowed
from geo.people import Contact, Tower, TowerKind
from geo.roster_import import tower_id
from warning.audit import record
from warning.towers import Alive, TowerState, tower_states

TRIED_WITHIN = timedelta(days=35)  # a test a month, and some days for whoever makes it
MOST_HOMES = 5_000
MOST_BATTERY_H = 240.0
_ORDER = (Alive.DEAD, Alive.UNKNOWN, Alive.SILENT, Alive.ALIVE)


@dataclass(frozen=True)
class Line:
    """One tower of a village, or the lack of one. `tested_why`: what a controller's newest test found wrong."""

    code: str
    tower: Tower | None
    alive: Alive
    heard_at: datetime | None = None  # by anybody: its own word, an announcement, a test
    tested_at: datetime | None = None
    tested_ok: bool | None = None
    tested_why: str = ""
    holder: Contact | None = None
    substitute: Contact | None = None

    @property
    def works(self) -> bool:
        return self.tower is not None and self.alive is Alive.ALIVE


_ANNOUNCED = text(
    "SELECT village_code, max(at) FROM reply WHERE answer = 'announced' AND village_code = ANY(:villages) GROUP BY 1"
)
_TESTS = text(
    "SELECT DISTINCT ON (tower_id) tower_id, coalesce(at, due_at), result FROM tower_test "
    "WHERE result IN ('good', 'fault', 'refused', 'no_answer') ORDER BY tower_id, due_at DESC"
)


def book(session: Session, villages: Collection[str], now: datetime) -> list[Line]:
    """A line a tower, and one for each village without: what does not work first. villages: 8 digits; `now` aware UTC."""
    wanted = list(villages)
    found: dict[str, list[Tower]] = defaultdict(list)
    for tower in session.exec(
        select(Tower).where(col(Tower.village_code).in_(wanted)).order_by(col(Tower.id))
    ):
        found[tower.village_code].append(tower)
    contacts = {c.id: c for c in session.exec(select(Contact).where(col(Contact.village_code).in_(wanted)))}
    announced: dict[str, datetime] = dict(
        tuple(row) for row in session.execute(_ANNOUNCED, {"villages": wanted})
    )
    tests = {row[0]: (row[1], row[2]) for row in session.execute(_TESTS)}
    boxes = {state.device_id: state for state in tower_states(session, now)}
    lines = []
    for code in wanted:
        towers = found.get(code)
        if not towers:
            lines.append(Line(code, None, Alive.UNKNOWN))
            continue
        for tower in towers:
            if tower.kind is TowerKind.MQTT:
                lines.append(_box(tower, boxes, tests, contacts))
            else:
                lines.append(_microphone(tower, announced.get(code), contacts, now))
    return sorted(lines, key=lambda line: (_ORDER.index(line.alive), line.code))


def microphone_alive(
    tower: Tower, announced_at: datetime | None, now: datetime
) -> tuple[Alive, datetime | None]:
    """(how a microphone tower stands, when it was last heard). The newest word counts: a failed test after an announcement is dead."""
    good = [
        at for at in (announced_at, tower.last_heard_at, tower.tested_at if tower.tested_ok else None) if at
    ]
    last = max(good, default=None)
    if tower.tested_ok is False and tower.tested_at is not None and (last is None or tower.tested_at >= last):
        return Alive.DEAD, last
    if last is None:
        return Alive.UNKNOWN, None
    return (Alive.ALIVE if now - last <= TRIED_WITHIN else Alive.SILENT), last


def _microphone(
    tower: Tower, announced_at: datetime | None, contacts: Mapping[UUID, Contact], now: datetime
) -> Line:
    alive, last = microphone_alive(tower, announced_at, now)
    return Line(
        tower.village_code, tower, alive, last, tower.tested_at, tower.tested_ok,
        holder=_of(contacts, tower.key_holder_id), substitute=_of(contacts, tower.substitute_id),
    )  # fmt: skip


def _box(
    tower: Tower, boxes: Mapping[str, TowerState], tests: Mapping[UUID, tuple[datetime, str]], contacts: Mapping[UUID, Contact]
) -> Line:  # fmt: skip
    state = boxes.get(tower.device_id or "")
    at, result = tests.get(tower.id, (None, ""))
    return Line(
        tower.village_code, tower, state.alive if state else Alive.UNKNOWN, tower.last_heard_at, at or tower.tested_at,
        result == "good" if at else tower.tested_ok, state.why if state else "",
        _of(contacts, tower.key_holder_id), _of(contacts, tower.substitute_id),
    )  # fmt: skip


def _of(contacts: Mapping[UUID, Contact], contact_id: UUID | None) -> Contact | None:
    return contacts.get(contact_id) if contact_id else None


@dataclass(frozen=True)
class Told:
    """What an officer writes down of one tower; None: not known."""

    homes_in_earshot: int | None
    battery_hours: float | None
    substitute_id: UUID | None


def write_down(
    session: Session, village: str, tower: UUID | None, told: Told, now: datetime, actor: str
) -> Tower:
    """Change a tower, or with none enter a microphone for a village without. Raises NotAllowed for what cannot be."""
    if told.homes_in_earshot is not None and not 0 <= told.homes_in_earshot <= MOST_HOMES:
        raise NotAllowed(
            f"จำนวนบ้านต้องอยู่ระหว่าง 0 ถึง {MOST_HOMES:,} (homes: a number from 0 to {MOST_HOMES:,})"
        )
    if told.battery_hours is not None and not 0 <= told.battery_hours <= MOST_BATTERY_H:
        raise NotAllowed("ชั่วโมงแบตเตอรี่ต้องอยู่ระหว่าง 0 ถึง 240 (battery hours: from 0 to 240)")
    if told.substitute_id is not None:
        person = session.get(Contact, told.substitute_id)
        if person is None or person.village_code != village:
            raise NotAllowed(
                "ผู้ถือกุญแจสำรองต้องเป็นผู้ติดต่อของหมู่บ้านนี้ (the substitute must be a contact of this village)"
            )
    row = _entered(session, village) if tower is None else _known(session, village, tower)
    if told.substitute_id is not None and told.substitute_id == row.key_holder_id:
        raise NotAllowed("ผู้ถือกุญแจสำรองต้องเป็นอีกคนหนึ่ง (the substitute must be another person)")
    changes = {name: value for name, value in vars(told).items() if getattr(row, name) != value}
    for name, value in changes.items():
        setattr(row, name, value)
    session.add(row)
    if changes or tower is None:
        record(
            session,
            "tower.added" if tower is None else "tower.changed",
            "tower",
            row.id,
            {"village": village, **changes},
            now,
            actor,
        )
    return row


def tried(session: Session, village: str, tower: UUID, ok: bool, now: datetime, actor: str) -> None:
    """Somebody there says whether the village heard it just now."""
    row = _known(session, village, tower)
    row.tested_at, row.tested_ok = now, ok
    if ok and row.kind is TowerKind.MICROPHONE:  # a controller's `last_heard_at` is its own word
        row.last_heard_at = now
    session.add(row)
    record(session, "tower.tried", "tower", row.id, {"village": village, "heard": ok}, now, actor)


def _known(session: Session, village: str, tower: UUID) -> Tower:
    row = session.get(Tower, tower, with_for_update=True)
    if row is None or row.village_code != village:
        raise NotAllowed("ไม่มีหอกระจายข่าวนี้แล้ว (this loudspeaker is no longer here)")
    return row


def _entered(session: Session, village: str) -> Tower:
    row = session.get(Tower, tower_id(village), with_for_update=True)
    return row or Tower(id=tower_id(village), village_code=village, kind=TowerKind.MICROPHONE)
