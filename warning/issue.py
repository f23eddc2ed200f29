"""From a hazard to an issued alert: drafted, approved by people (approval.py), numbered, written as CAP, never changed after.

Send-then-review lets one authorised person send an Extreme alert when under an
hour is left; a second person looks within 15 minutes and may cancel (architecture, section 6).
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from geo.names import id_for
from teams.response import mission as response
from teams.response.mission import Mission, MissionKind, MissionState
from warning import chain
from warning.alert import Alert, AlertState, ApprovalPolicy, Mode, advance, approvals_needed
from warning.approval import agreed
from warning.arriving import expect_water
from warning.assess import HazardAssessment
from warning.audit import SYSTEM
from warning.audited import audited
from warning.delivery import SegmentState
from warning.dropped import tell_dropped
from warning.ends_for import remember_ended
from warning.held_back import hold_back, was_held_back
from warning.number import next_number
from warning.office import Office
from warning.release import may_send
from warning.rule import Level, LevelName, Rule, approval_of, rank
from warning.seen import grew_by, remember_change, seen_of
from warning.stand_down import rose_again
from warning.step import EXTREME, ONE_OF_ITS_KIND, Next
from warning.told_already import remember_told
from warning.weighing import weigh
from warning.words.sentences import number_text
from warning.writing import cap_of, write

ROBOT = "exercise-robot"  # the demo's officer; only an exercise knows it
REVIEW_WITHIN = timedelta(minutes=15)
KEEP_FOR = timedelta(hours=12)  # of an alert by rule
NOT_THERE_YET = (MissionState.REQUESTED, MissionState.ACCEPTED, MissionState.EN_ROUTE)
WARNS = ("alert", "update")  # kinds of alert that warn; the others end a warning
# What a wake-up that came twice must not draft again, whatever has become of the draft since and whichever clock says so.
_TAKEN_UP = (
    f"SELECT 1 FROM alert a WHERE a.rule = :rule AND (a.assessment_id = :id OR {grew_by(':id')}) LIMIT 1"  # noqa: S608
)
_RANK = f"array_position(ARRAY{[str(name) for name in LevelName]}, CAST({{}} AS text))"
# Assessments of which one place at least is in no alert of the rule that warns, waits to, or was decided on since. It is
# asked place by place: while one river town is warned already, the next one's lost wake-up must not pass for answered.
OVERDUE = f"""
SELECT h.id::text, 30 FROM hazard_assessment h
WHERE h.fires AND (h.at > CAST(:now AS timestamptz) - interval '6 hours'
    OR EXISTS (SELECT 1 FROM held_back b WHERE b.assessment_id = h.id AND h.at > CAST(:now AS timestamptz) - interval '1 day'))
AND NOT EXISTS (SELECT 1 FROM held_back b WHERE b.assessment_id = h.id AND b.until > :now)
AND (EXISTS (SELECT 1 FROM held_back b WHERE b.assessment_id = h.id)
    OR NOT EXISTS (SELECT 1 FROM alert a WHERE a.assessment_id = h.id)
    AND NOT EXISTS (SELECT 1 FROM alert a WHERE a.rule = h.rule AND {grew_by("h.id")}))
AND EXISTS (SELECT 1 FROM json_array_elements_text(h.tambons) place (code) WHERE NOT EXISTS (
    SELECT 1 FROM alert a WHERE a.rule = h.rule AND CAST(a.tambons AS jsonb) @> to_jsonb(place.code)
    AND COALESCE({_RANK.format("a.facts ->> 'level'")} >= {_RANK.format("h.level")}, true)
    AND (a.changed_at > h.at OR a.expires_at > :now
         AND a.state IN ('DRAFT', 'APPROVED', 'ISSUED') AND a.kind IN ('alert', 'update'))))
"""  # noqa: S608 - our own words only


def draft(session: Session, work: str, now: datetime, office: Office) -> list[Next]:
    """Open the alert an assessment calls for. Twice is once.

    Tambon that an alert of the same rule in force already warns, of this level or a higher one, are not warned again; while
    a draft of the level still waits and nobody has agreed to it, further tambon are added to it, so that the officer decides
    once. What somebody has agreed to never grows: a draft of its own follows. A higher level raises the draft of a lower one
    that still waits, and updates an alert of a lower one that went out, where it warns all its tambon.
    """
    assessment = session.get_one(HazardAssessment, UUID(work))
    rule = next((r for r in office.config.rules if r.name == assessment.rule), None)
    level = level_of(rule, assessment) if rule else None
    if rule is None or level is None:
        return []
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:rule))"), {"rule": f"draft {rule.name}"})
    taken_up = session.execute(text(_TAKEN_UP), {"rule": rule.name, "id": assessment.id}).first() is not None
    if taken_up and not was_held_back(session, assessment.id):
        return []
    rose_again(session, rule.name, level, assessment.tambons, now)
    running = _in_force(session, rule.name, office.mode, now)
    mine = rank(level.name)
    warned = {code for alert in running if _rank(alert, mine) >= mine for code in alert.tambons}
    tambons = [code for code in assessment.tambons if code not in warned]
    tambons = hold_back(
        session, assessment.id, office.mode, rule.name, level.alert.event, level.alert.severity, tambons, now
    )
    if not tambons:
        return []
    released = may_send(session, rule, office.mode)
    waits = [a for a in running if a.state is AlertState.DRAFT and not agreed(session, a)]
    lower = [a for a in running if _rank(a, mine) < mine and set(a.tambons) <= set(tambons)]
    waiting = next((a for a in waits if _rank(a, mine) == mine), None)
    if waiting is not None:
        _grow(session, waiting, level, tambons, assessment, now, office)
        return []
    raised = next((a for a in waits if a in lower), None)
    if raised is not None:
        _raise(session, raised, level, tambons, assessment, now, office)
        raised.approval = _approval(level, assessment, released=released)
        return []
    # An update names all it replaces; what somebody has just agreed to goes out and is replaced at once.
    replaced = [a for a in lower if a.state in (AlertState.APPROVED, AlertState.ISSUED)]
    update = bool(replaced)
    alert = Alert(
        id=id_for("alert", office.mode, assessment.id, *(tambons if taken_up else ())), mode=office.mode,
        number=next_number(session, office, now), identifier="",
        msg_type="Update" if update else "Alert", kind="update" if update else "alert",
        event=level.alert.event, severity=level.alert.severity,
        urgency=level.alert.urgency, certainty=level.alert.certainty, response_type=level.alert.response_type,
        tambons=tambons, approval=_approval(level, assessment, released=released), untested=not released,
        assessment_id=assessment.id, references=[str(a.id) for a in replaced],
        rule=rule.name, drafted_at=now, expires_at=now + KEEP_FOR, changed_at=now,
        facts=_facts(level, assessment) | {"because": rule.because}
        | ({"replaces": replaced[-1].number} if update else {}),
    )  # fmt: skip
    expect_water(alert, assessment.water_by, now)
    weigh(session, alert, level.alert.severity, office)
    write(session, alert, office)
    if not approvals_needed(alert):
        advance(alert, AlertState.APPROVED, now)
    if not audited(session, alert) or alert.state is not AlertState.APPROVED:
        return []
    return [Next("issue", str(alert.id), EXTREME)]


def level_of(rule: Rule, assessment: HazardAssessment) -> Level | None:
    """The level an assessment speaks of, None when the rule has it no more. One older than levels: the rule's highest."""
    if assessment.level is None:
        return rule.highest
    return next((level for level in rule.levels if level.name == assessment.level), None)


def _rank(alert: Alert, unknown: int) -> int:
    level = alert.facts.get("level")
    return rank(level) if level else unknown


def _approval(level: Level, assessment: HazardAssessment, *, released: bool) -> ApprovalPolicy:
    return approval_of(level, released=released and assessment.sure)


def _facts(level: Level, assessment: HazardAssessment) -> dict[str, Any]:
    seen = assessment.observations[-1] if assessment.observations else {}
    quality = {f"quality_{lang}": words for lang, words in (assessment.quality or {}).items()}
    said = {"measured_th": seen["said_th"], "measured_en": seen["said_en"]} if seen.get("said_th") else {}
    quantity = seen.get("quantity") or next(level.leaves())[0].subject().name
    return {
        "level": str(level.name), "station": assessment.station, "value": assessment.value, "why": assessment.why,
        "quantity": quantity, "seen_at": assessment.at.isoformat(), **quality, **said,
        **({"stays_days": list(level.stays_days)} if level.stays_days else {}),
    }  # fmt: skip


def _grow(
    session: Session, waiting: Alert, level: Level, tambons: list[str], assessment: HazardAssessment, now: datetime,
    office: Office,
) -> None:  # fmt: skip
    before = seen_of(waiting)
    waiting.tambons, waiting.changed_at = [*waiting.tambons, *tambons], now
    expect_water(waiting, assessment.water_by, now)
    weigh(session, waiting, level.alert.severity, office)
    write(session, waiting, office)
    remember_change(waiting, before, tambons, now, assessment=assessment.id)


def _raise(
    session: Session,
    waiting: Alert,
    level: Level,
    tambons: list[str],
    assessment: HazardAssessment,
    now: datetime,
    office: Office,
) -> None:
    """A draft nobody has agreed to yet becomes one of the higher level; whoever read it is asked to read it again."""
    words = level.alert
    waiting.severity, waiting.urgency, waiting.certainty = words.severity, words.urgency, words.certainty
    waiting.response_type, waiting.facts = words.response_type, waiting.facts | _facts(level, assessment)
    _grow(
        session,
        waiting,
        level,
        [code for code in tambons if code not in waiting.tambons],
        assessment,
        now,
        office,
    )


def _in_force(session: Session, rule: str, mode: Mode, now: datetime) -> list[Alert]:
    """What warns already, or waits to. An all-clear or a cancel warns nobody: a river that rises again is told again.

    Locked, so that no alert is approved while a draft of it grows.
    """
    states = (AlertState.DRAFT, AlertState.APPROVED, AlertState.ISSUED)
    found = select(Alert).where(
        Alert.rule == rule, Alert.mode == mode, col(Alert.state).in_(states), col(Alert.kind).in_(WARNS),
        col(Alert.expires_at) > now,
    )  # fmt: skip
    return list(session.exec(found.order_by(col(Alert.number)).with_for_update()))


def issue(session: Session, work: str, now: datetime, office: Office) -> list[Next]:
    """An approved alert becomes words nobody can change any more, and ends what it replaces."""
    alert = session.get_one(Alert, UUID(work), with_for_update=True)
    if alert.state is not AlertState.APPROVED:
        return []
    alert.issued_at = now
    if alert.approval is ApprovalPolicy.SEND_THEN_REVIEW:
        alert.review_due_at = now + REVIEW_WITHIN
    with session.no_autoflush:  # one change and one line in the trail, not two
        remember_told(session, alert, now)
        remember_ended(session, alert)
        alert.cap_xml = cap_of(session, alert, office)
    advance(alert, AlertState.ISSUED, now)
    replaced = [old for ended in alert.references if (old := _end(session, UUID(ended), alert, now))]
    session.flush()
    tell_dropped(session, alert, replaced, now, office)
    ended = [
        Next("cover", ended_one, ONE_OF_ITS_KIND) for ended_one in alert.references
    ]  # nothing of theirs is on its way any more
    rung = chain.make(session, alert, now, office)
    return [Next("address_contacts", work, office.severity_priority(alert.severity) + 1), *rung, *ended]


def _end(session: Session, replaced: UUID, by: Alert, now: datetime) -> Alert | None:
    """Queued work of what is replaced is closed everywhere: an old text never goes out after a newer one. None: it had ended."""
    old = session.get(Alert, replaced, with_for_update=True)
    if old is None or old.state is not AlertState.ISSUED:
        return None
    advance(old, AlertState.CANCELLED if by.msg_type == "Cancel" else AlertState.SUPERSEDED, now)
    why = f"แทนด้วย {by.number} (replaced by {number_text(by.number, 'en')})"
    close_queued(session, old.id, "suppressed", why)
    call_off(session, old.id, why, now)
    return old


def expire(session: Session, work: str, now: datetime, office: Office) -> list[Next]:
    """What is over is closed. It is never told as an all clear: that is a person's word."""
    alert = session.get_one(Alert, UUID(work), with_for_update=True)
    if alert.state is not AlertState.ISSUED or alert.expires_at > now:
        return []
    advance(alert, AlertState.EXPIRED, now)
    close_queued(session, alert.id, "expired", "หมดเวลา (expired)")
    call_off(session, alert.id, "การเตือนหมดเวลา (the alert expired)", now)
    return [Next("cover", work, ONE_OF_ITS_KIND)]


def call_off(session: Session, alert_id: UUID, why: str, now: datetime) -> None:
    """Nobody need go and tell what is no longer so, and a team on its way is told why.

    Who has arrived writes down what was found. Calls for help stay open: they do not end with an alert's words.
    """
    telling = select(Mission).where(
        Mission.alert_id == alert_id,
        Mission.kind != MissionKind.RESCUE,
        col(Mission.state).in_(NOT_THERE_YET),
    )
    for mission in session.exec(telling.order_by(col(Mission.id)).with_for_update()).all():
        response.call_off(session, mission, why, SYSTEM, now)


def close_queued(session: Session, alert_id: UUID, outcome: str, why: str) -> None:
    """Segments still waiting are closed; what is on the wire this moment ends by its own expiry. What may have been taken by a
    call whose answer was lost stays `unknown`: it is never said that nothing was sent."""
    session.execute(
        text(
            "UPDATE segment SET state = 'CLOSED', why = :why, "
            "outcome = CASE WHEN outcome = 'unknown' THEN outcome ELSE :outcome END "
            "WHERE alert_id = :alert AND state = :waiting"
        ),
        {"outcome": outcome, "why": why, "alert": alert_id, "waiting": SegmentState.WAITING.name},
    )
