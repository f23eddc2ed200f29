"""What the office answers a voice that says another level for the same place: the public is told ours, or it is noted and left.

To align means to change the draft itself, which its own form does. A correction stands on the alert's public page for as
long as the alert does; it names who said what and when, and what counts, and blames nobody.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid5

from sqlalchemy import Column, DateTime
from sqlmodel import Field, Session, SQLModel, col, select

from geo.errors import NotAllowed
from geo.names import NAMESPACE
from warning.alert import Alert, AlertState
from warning.voices import Spoken, differing, level_said

Answer = Literal["correct", "stand"]  # tell the public; or keep ours and tell nobody


class VoiceAnswer(SQLModel, table=True):
    """One answer to one voice, for one alert. Fixed when given."""

    __tablename__ = "voice_answer"

    id: UUID = Field(primary_key=True)
    alert_id: UUID = Field(foreign_key="alert.id", index=True)
    key: str  # of the voice
    who: str
    level: str  # theirs
    ours: str
    said_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    answer: str
    answered_by: str  # a user's id
    answered_by_name: str
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


def answer_voice(
    session: Session, alert_id: UUID, key: str, answer: Answer, voices: Sequence[Spoken], by: tuple[str, str], now: datetime
) -> VoiceAnswer:  # fmt: skip
    """voices: in force now. by: a user's id and name. Raises NotAllowed where there is nothing to answer any more."""
    alert = session.get(Alert, alert_id)
    if alert is None or alert.state not in (AlertState.DRAFT, AlertState.APPROVED, AlertState.ISSUED):
        raise NotAllowed("การเตือนนี้สิ้นสุดแล้ว (this alert has ended)")
    found = next((d.spoken for d in differing(alert, voices) if d.spoken.key == key), None)
    if found is None or found.level is None:
        raise NotAllowed("เขาไม่ได้บอกต่างจากเราแล้ว (they no longer say otherwise)")
    answer_id = uuid5(NAMESPACE, f"voice {alert_id} {key} {level_said(alert)}")
    made = VoiceAnswer(
        id=answer_id, alert_id=alert_id, key=key, who=found.who, level=found.level,
        ours=level_said(alert), said_at=found.said_at, answer=answer, answered_by=by[0], answered_by_name=by[1], at=now,
    )  # fmt: skip
    if session.get(VoiceAnswer, made.id) is not None:
        raise NotAllowed("มีคนตอบเรื่องนี้แล้ว (somebody has answered this already)")
    session.add(made)
    session.flush()
    return made


def answers_of(session: Session, alert_ids: Sequence[UUID]) -> list[VoiceAnswer]:
    rows = select(VoiceAnswer).where(col(VoiceAnswer.alert_id).in_(alert_ids)).order_by(col(VoiceAnswer.at))
    return list(session.exec(rows))


def corrections(session: Session, alert: Alert) -> list[VoiceAnswer]:
    """What the public page says about others' words: only where the alert still has the level that was told then."""
    return [
        a for a in answers_of(session, [alert.id]) if a.answer == "correct" and a.ours == level_said(alert)
    ]
