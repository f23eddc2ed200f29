"""Which rows the audit trail follows, which of their columns, and how it learns of them.

Rows added or changed through a session are noted by themselves. Rows inserted past it (`insert_new`, `inserted`) go through
`insert_audited` and `audited` here. What a person wrote in their own words, and what may lead to a person, is noted as a
digest only: enough to prove a later change, nothing to read.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any
from uuid import UUID

import sqlalchemy
import sqlalchemy.orm
from sqlalchemy import event, inspect, text
from sqlmodel import Session, SQLModel, select

from teams.relief.claim import Claim
from teams.relief.damage import DamageAssessment
from teams.relief.event import DisasterEvent
from teams.relief.payment import Payment
from teams.relief.rates import RateConfirmation
from teams.response.mission import Mission
from teams.response.team import Team
from teams.response.village_water import VillageWater
from warning.accounts.user import User
from warning.alert import Alert, Approval
from warning.audit import adoptions, canonical, entries, entries_of, record
from warning.caller import UnknownCaller
from warning.delivery import ReplyRow
from warning.door_knock_sheet import DoorKnockSheet
from warning.release import RuleRelease
from warning.silence import Silence
from warning.speech.clip import Clip
from warning.store.insert import insert_new, inserted
from warning.voice_answer import VoiceAnswer
from warning.voices import Voice


@dataclass(frozen=True)
class Followed:
    """One table in the trail. `at`: the column that says when; `key`: the column of the subject's id."""

    subject: str
    at: str
    columns: tuple[str, ...]
    digests: tuple[str, ...] = ()
    key: str = "id"
    by: str | None = None  # the column that says who, where there is one


FOLLOWED: dict[type[SQLModel], Followed] = {
    Alert: Followed(
        "alert", "changed_at",
        ("mode", "number", "identifier", "msg_type", "kind", "state", "event", "severity", "urgency", "certainty", "tambons",
         "villages", "approval", "untested", "assessment_id", "rule", "references", "drafted_by", "issued_at", "water_by",
         "expires_at", "review_due_at", "reviewed_by"),
        ("words", "cap_xml", "facts"),
    ),
    Approval: Followed("approval", "at", ("alert_id", "user_id", "seen"), key="alert_id", by="user_id"),
    ReplyRow: Followed(
        "reply", "received_at",
        ("alert_id", "mode", "village_code", "household_id", "delivery_id", "contact_id", "institution_id", "answer", "homes",
         "people", "times", "via", "keyed_by", "at"),
        ("text_sealed", "heard_from"), by="keyed_by",
    ),
    UnknownCaller: Followed(
        "caller", "changed_at",
        ("mode", "answer", "priority", "calls", "state", "tries", "village_code", "contact_id", "outcome", "ended_by"),
        ("address_sealed", "note_sealed"),
    ),
    VillageWater: Followed(
        "village_water", "reported_at", ("mode", "village_code", "state", "since", "alert_id"), ("reported_by",)
    ),
    Mission: Followed(
        "mission", "changed_at",
        ("mode", "alert_id", "kind", "state", "priority", "village_code", "household_id", "institution_id", "people", "assigned_to",
         "head_count", "due_at", "team_id"),
        ("outcome",),
    ),
    DoorKnockSheet: Followed(
        "door_knock_sheet", "changed_at",
        ("mode", "alert_id", "nth", "village_code", "homes", "made_by", "out_by", "out_at", "back_by", "back_at"),
        ("taken_by_sealed",),
    ),
    Team: Followed("team", "changed_at", ("name", "areas", "active")),
    User: Followed("user", "changed_at", ("roles", "active", "team_id", "areas"), ("name",)),
    DisasterEvent: Followed(
        "event", "changed_at",
        ("mode", "level", "tambons", "alerts", "assistance_tambons", "assistance_document", "opened_at", "closed_at"),
    ),
    Claim: Followed(
        "claim", "changed_at",
        ("mode", "event_id", "scheme", "household_id", "village_code", "state", "damage_on", "amount", "rate_versions",
         "draft_rates", "attempts", "filed_by", "endorsed_by", "surveyed_by", "approved_by"),
        ("reason",),
    ),
    DamageAssessment: Followed(
        "damage", "at",
        ("claim_id", "nth", "damage_on", "depth_cm", "days_flooded", "items", "lines", "amount", "photos", "surveyed_by"),
        by="surveyed_by",
    ),
    Payment: Followed(
        "payment", "recorded_at",
        ("mode", "claim_id", "event_id", "scheme", "household_id", "nth", "state", "amount", "method", "failure", "paid_by",
         "paid_at"),
        ("reference",),
    ),
    RuleRelease: Followed(
        "rule_release", "at", ("rule", "version", "card_sha256", "released_by", "seconded_by"), by="released_by"
    ),
    Silence: Followed(
        "silence", "changed_at",
        ("mode", "tambons", "event", "ceiling", "made_by", "begins_at", "ends_at", "ended_by"), ("reason",),
    ),
    Voice: Followed(
        "voice", "changed_at", ("mode", "who", "level", "places", "said_at", "until", "typed_by", "ended_by"), ("words",)
    ),
    VoiceAnswer: Followed(
        "voice_answer", "at", ("alert_id", "key", "who", "level", "ours", "answer", "answered_by"), by="answered_by"
    ),
    Clip: Followed(
        "clip", "changed_at",
        ("sha256", "phrase", "lang", "kind", "seconds", "source", "recorded_at", "recorded_by", "retired_at"),
        ("speaker_sealed",),
    ),
    RateConfirmation: Followed(
        "rate", "at", ("version", "amount", "document", "confirmed_by"), key="version", by="confirmed_by"
    ),
}  # fmt: skip


def values_of(row: SQLModel, names: Sequence[str] | None = None) -> dict[str, Any]:
    """What the trail keeps of a row, or of some of its columns. A digest's name ends in `_sha256`."""
    followed = FOLLOWED[type(row)]
    wanted = (*followed.columns, *followed.digests) if names is None else names
    return {
        **{name: _settled(row, name) for name in followed.columns if name in wanted},
        **{f"{name}_sha256": _digest(getattr(row, name)) for name in followed.digests if name in wanted},
    }


def _settled(row: SQLModel, name: str) -> Any:
    """The value as it will be read back: raw SQL hands over an enum's name, and any zone is as good as another."""
    value = getattr(row, name)
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    kind = inspect(type(row)).columns[name].type
    if (
        isinstance(kind, sqlalchemy.Enum)
        and kind.enum_class
        and isinstance(value, str)
        and not isinstance(value, Enum)
    ):
        return kind.enum_class[value]
    return value


def _digest(value: Any) -> str | None:
    """None stays None. Of a JSON column, the digest of its canonical text."""
    if value is None:
        return None
    return hashlib.sha256(value if isinstance(value, bytes) else canonical(value).encode()).hexdigest()


def _note(session: sqlalchemy.orm.Session, row: SQLModel, verb: str, data: Mapping[str, Any]) -> None:
    followed = FOLLOWED[type(row)]
    who = getattr(row, followed.by) if followed.by else None
    record(
        session, f"{followed.subject}.{verb}", followed.subject, getattr(row, followed.key), data,
        getattr(row, followed.at), who,
    )  # fmt: skip


@event.listens_for(sqlalchemy.orm.Session, "after_flush")
def _flushed(session: sqlalchemy.orm.Session, _context: object) -> None:
    """What this flush added, changed or removed of the rows that are followed."""
    for row in session.new:
        if type(row) in FOLLOWED:
            _note(session, row, "added", values_of(row))
    for row in session.dirty:
        if type(row) in FOLLOWED:
            state = inspect(row)
            followed = FOLLOWED[type(row)]
            names = (*followed.columns, *followed.digests)
            changed = values_of(row, [n for n in names if state.attrs[n].history.has_changes()])
            if changed:
                _note(session, row, "changed", changed)
    for row in session.deleted:
        if type(row) in FOLLOWED:
            _note(session, row, "removed", {})


def audited(session: Session, row: SQLModel) -> bool:
    """`inserted`, noted in the trail when the row was new."""
    new = inserted(session, row)
    if new:
        _note(session, row, "added", values_of(row))
    return new


def insert_audited(session: Session, model: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> list[UUID]:
    """`insert_new`, noted in the trail for the rows that were new; returns their ids. Not for the ledger's hot paths."""
    ids: list[UUID] = [row_id for (row_id,) in insert_new(session, model, rows, returning=("id",))]
    first = {
        values["id"]: values for values in reversed(rows)
    }  # the same id twice in one call: the first was inserted
    for row_id in ids:
        row = model(**first[row_id])
        _note(session, row, "added", values_of(row))
    return ids


_SENT = text(
    """
SELECT count(*) FILTER (WHERE state IN ('WAITING', 'SENDING')) AS open, count(*) AS segments,
       encode(sha256(convert_to(string_agg(
           concat_ws(' ', id, channel, state, outcome, attempts, extract(epoch FROM sent_at)), chr(10) ORDER BY id),
           'UTF8')), 'hex') AS digest
FROM segment WHERE alert_id = :alert
"""
)
_OUTCOMES = text(
    "SELECT channel, outcome, count(*) FROM segment WHERE alert_id = :alert GROUP BY channel, outcome ORDER BY 1, 2"
)


def note_sent(session: Session, alert_id: UUID, now: datetime) -> None:
    """Once nothing of an alert waits to be sent: how its segments ended, with a digest of them all. Same again is not noted.

    One entry an alert instead of one a segment: a fan-out must not queue for the chain.
    """
    sent = session.execute(_SENT, {"alert": alert_id}).one()
    if sent.open or not sent.segments:
        return
    outcomes: dict[str, dict[str, int]] = {}
    for channel, outcome, count in session.execute(_OUTCOMES, {"alert": alert_id}):
        outcomes.setdefault(channel, {})[outcome] = count
    data = {"segments": sent.segments, "outcomes": outcomes, "sha256": sent.digest}
    before = [e for e in entries_of(session, [str(alert_id)]) if e.action == "segments.sent"]
    if not before or before[-1].data != canonical(data):
        record(session, "segments.sent", "segments", alert_id, data, now)


def differences(session: Session) -> list[str]:
    """Rows that are not what the trail says of them: changed or removed past it. One line a row, no personal data.

    Folds the whole trail, so it is for an auditor, not for a page. Rows the trail never met are named too.
    """
    said: dict[tuple[str, str], dict[str, Any]] = {}
    for entry in entries(session):
        verb = entry.action.rpartition(".")[2]
        if verb in ("added", "adopted", "changed"):
            said.setdefault(_about(entry.subject, entry.subject_id, entry.data), {}).update(
                _parsed(entry.data)
            )
        elif verb == "removed":
            said.pop((entry.subject, entry.subject_id), None)
    found: list[str] = []
    if len(adoptions(session)) > 1:
        found.append("รับแถวเก่าเข้าบันทึกมากกว่าหนึ่งครั้ง (old rows were adopted more than once)")
    tables = set(inspect(session.connection()).get_table_names())
    for model, followed in FOLLOWED.items():
        if str(model.__tablename__) not in tables:
            continue  # older than this one, or dropped: then what the trail knows of it is found to be gone
        for row in session.exec(select(model)).all():
            data = canonical(values_of(row))
            key = _about(followed.subject, str(getattr(row, followed.key)), data)
            trail = said.pop(key, None)
            name = f"{followed.subject} {key[1]}"
            if trail is None:
                found.append(f"{name}: ไม่มีในบันทึก (the trail does not know it)")
                continue
            wrong = sorted(
                column
                for column, value in _parsed(data).items()
                # a column younger than the row: the trail never heard of it, and it holds nothing
                if trail.get(column) != value and (column in trail or value)
            )
            if wrong:
                found.append(f"{name}: ไม่ตรงกับบันทึก (not what the trail says): {', '.join(wrong)}")
    known = {followed.subject for followed in FOLLOWED.values()}
    found.extend(f"{s} {i}: หายไปจากตาราง (gone from its table)" for s, i in said if s in known)
    return found


def _parsed(data: str) -> dict[str, Any]:
    return dict(json.loads(data))


def _about(subject: str, subject_id: str, data: str) -> tuple[str, str]:
    """Approvals of one alert are told apart by who gave them, and to which version."""
    if subject != "approval":
        return subject, subject_id
    yes = _parsed(data)
    return subject, f"{subject_id} {yes['user_id']} {yes.get('seen', '')}".rstrip()
