"""Self-tests of loudspeakers as rows: one silent a day, one audible a month, each due once and with one result.

A person's word that a horn was heard stands on the tower itself (`Tower.tested_at`); here stands what the device said.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, text
from sqlmodel import Field, Session, SQLModel, select

from channels.pa_answer import SelfTestAnswer
from geo.names import id_for
from geo.people import Tower, TowerKind
from geo.when import BANGKOK, bangkok
from warning.store.insert import insert_new

ANSWER_WITHIN = timedelta(minutes=30)
UNKNOWN_AFTER = timedelta(hours=6)  # a broker that is away may come back in that time
LOWEST_BATTERY_V = 11.5  # of a 12 V lead battery at rest: about a quarter left
CLOCK_MAY_BE_OFF = timedelta(seconds=60)


class SelfTestKind(StrEnum):
    SILENT = "silent"
    AUDIBLE = "audible"


class SelfTestResult(StrEnum):
    PLANNED = "planned"
    SENT = "sent"
    GOOD = "good"
    FAULT = "fault"  # it answered, and something is broken
    REFUSED = "refused"
    NO_ANSWER = "no_answer"


class TowerTest(SQLModel, table=True):
    """One test of one tower. Its id is made from tower, kind and day or month: twice is once."""

    __tablename__ = "tower_test"
    __table_args__ = (
        Index("tower_test_due", "due_at", postgresql_where=text("result IN ('planned', 'sent')")),
        Index("tower_test_tower", "tower_id", "due_at"),
    )

    id: UUID = Field(primary_key=True)
    tower_id: UUID = Field(foreign_key="tower.id", ondelete="CASCADE")
    device_id: str
    kind: str  # SelfTestKind
    result: str = SelfTestResult.PLANNED.value
    due_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    sent_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))  # of the answer
    mic_ok: bool | None = None  # of an audible one: did its microphone hear it
    amplifier_ok: bool | None = None
    battery_v: float | None = None
    seconds: float | None = None
    why: str = ""


class Hours(NamedTuple):
    """Bangkok."""

    silent: time
    audible: time
    audible_day: int  # of the month, 1 to 28


class Due(NamedTuple):
    id: UUID
    tower_id: UUID
    device_id: str
    kind: SelfTestKind


def plan(session: Session, hours: Hours, now: datetime) -> int:
    """Make the rows of today and of this month, from half a minute before they are due; how many are new.

    Silent ones are spread over an hour, so that 670 boxes do not answer at once; audible ones sound together, because a
    village between two horns should hear one test and not two.
    """
    today = bangkok(now)
    soon = now + timedelta(seconds=30)
    silent_at, audible_at = _at(today, hours.silent), _at(today, hours.audible)
    rows: list[dict[str, object]] = []
    for tower in session.exec(select(Tower).where(Tower.kind == TowerKind.MQTT)):
        if tower.device_id is None or tower.device_key_sealed is None:
            continue
        silent = silent_at + timedelta(seconds=tower.id.int % 3600)
        if silent <= soon:  # also late in the day, when the office was away at its hour
            rows.append(_row(tower, SelfTestKind.SILENT, f"{today:%Y-%m-%d}", max(silent, now)))
        if today.day >= hours.audible_day and audible_at <= soon:
            rows.append(_row(tower, SelfTestKind.AUDIBLE, f"{today:%Y-%m}", audible_at))
    return len(insert_new(session, TowerTest, rows, returning=["id"])) if rows else 0


def put_off(session: Session, hours: Hours, in_force: Sequence[str], now: datetime) -> int:
    """An audible test whose half hour has passed, or whose village an alert speaks to now, sounds tomorrow at its hour.

    in_force: codes of tambon with an alert. A test heard in the middle of a warning would be taken for one.
    """
    moved = session.execute(
        text(
            "UPDATE tower_test t SET due_at = :tomorrow FROM tower w WHERE w.id = t.tower_id AND t.kind = 'audible' "
            "AND t.result = 'planned' AND t.due_at <= :now AND (t.due_at < :over OR left(w.village_code, 6) = ANY(:tambons))"
        ),
        {
            "tomorrow": _at(bangkok(now) + timedelta(days=1), hours.audible), "now": now, "over": now - ANSWER_WITHIN,
            "tambons": list(in_force),
        },
    )  # fmt: skip
    return int(moved.rowcount)  # type: ignore[attr-defined]


def claim(session: Session, devices: Sequence[str], now: datetime, most: int = 200) -> list[Due]:
    """Take tests that are due for devices of one broker; each is taken once, by whichever worker is first."""
    rows = session.execute(
        text(
            "UPDATE tower_test SET result = 'sent', sent_at = :now WHERE id IN (SELECT id FROM tower_test "
            "WHERE result = 'planned' AND due_at <= :now AND device_id = ANY(:devices) "
            "AND (kind = 'silent' OR due_at >= :over) ORDER BY due_at LIMIT :most "
            "FOR UPDATE SKIP LOCKED) RETURNING id, tower_id, device_id, kind"
        ),
        {"now": now, "devices": list(devices), "most": most, "over": now - ANSWER_WITHIN},
    )
    return [Due(i, tower, device, SelfTestKind(kind)) for i, tower, device, kind in rows]


def give_up(session: Session, now: datetime) -> int:
    """Tests that nobody answered, and silent ones never sent because no broker knew the device, have their result."""
    over = session.execute(
        text(
            "UPDATE tower_test SET result = 'no_answer', why = CASE WHEN result = 'sent' THEN 'no answer' "
            "ELSE 'no broker knows the device' END WHERE (result = 'sent' AND sent_at < :over) "
            "OR (result = 'planned' AND kind = 'silent' AND due_at < :unknown)"
        ),
        {"over": now - ANSWER_WITHIN, "unknown": now - UNKNOWN_AFTER},
    )
    return int(over.rowcount)  # type: ignore[attr-defined]


def record(session: Session, test_id: UUID, device: str, answer: SelfTestAnswer, now: datetime) -> None:
    """Write down what a device said; a late answer is better than none, a second one changes nothing."""
    row = session.get(TowerTest, test_id, with_for_update=True)
    if (
        row is None
        or row.device_id != device
        or row.result not in (SelfTestResult.SENT, SelfTestResult.NO_ANSWER)
    ):
        return
    row.at = now
    row.mic_ok, row.amplifier_ok = answer.mic_ok, answer.amplifier
    row.battery_v, row.seconds = answer.battery_v, answer.seconds
    result, row.why = judged(answer, SelfTestKind(row.kind), now)
    row.result = result.value
    session.add(row)


def judged(answer: SelfTestAnswer, kind: SelfTestKind, now: datetime) -> tuple[SelfTestResult, str]:
    """Is this tower fit for tonight? The reasons in the order in which one mends them."""
    if answer.state == "refused":
        return SelfTestResult.REFUSED, answer.why[:100] or "refused"
    wrong = []
    if answer.state == "failed":
        wrong.append(answer.why[:100] or "it could not")
    if answer.amplifier is False:
        wrong.append("amplifier")
    if answer.mic is False:
        wrong.append("microphone")
    if kind is SelfTestKind.AUDIBLE and answer.mic_ok is False:
        wrong.append("its microphone heard nothing")
    if answer.battery_v is not None and answer.battery_v < LOWEST_BATTERY_V:
        wrong.append(f"battery {answer.battery_v:.1f} V")
    if answer.at is not None and abs(answer.at - now) > CLOCK_MAY_BE_OFF:
        minutes = abs(answer.at - now).total_seconds() / 60
        wrong.append(f"clock {minutes:.0f} min {'ahead' if answer.at > now else 'behind'}")
    return (SelfTestResult.FAULT, "; ".join(wrong)) if wrong else (SelfTestResult.GOOD, "")


def _row(tower: Tower, kind: SelfTestKind, when: str, due_at: datetime) -> dict[str, object]:
    return {
        "id": id_for("tower test", str(tower.id), kind.value, when), "tower_id": tower.id, "device_id": tower.device_id,
        "kind": kind.value, "result": SelfTestResult.PLANNED.value, "due_at": due_at, "why": "",
    }  # fmt: skip


def _at(day: datetime, hour: time) -> datetime:
    return datetime.combine(day.date(), hour, BANGKOK)
