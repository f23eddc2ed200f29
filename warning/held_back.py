"""Places a rule's draft leaves out for now: an officer keeps them silent, or a graver alert of the same water warns them.

What is held back is looked at again, so that nothing is lost when the silence or the graver alert ends; a danger that ended
meanwhile is not told. Extreme is never held back.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Column, DateTime, text
from sqlmodel import Field, Session, SQLModel

from warning.alert import Mode
from warning.rule import Severity
from warning.silence import ORDER, silenced, silences

LOOK_AGAIN = timedelta(minutes=10)
FOR_GOOD = timedelta(days=36_500)


class HeldBack(SQLModel, table=True):
    """An assessment of which a place at least was left out of every draft."""

    __tablename__ = "held_back"

    assessment_id: UUID = Field(primary_key=True)
    why: str  # silence | graver | over
    until: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False)
    )  # then it is looked at again


_GRAVER = text(
    """
SELECT a.severity, place.code FROM alert a, json_array_elements_text(a.tambons) place (code)
WHERE a.mode = :mode AND a.event = :event AND a.state IN ('APPROVED', 'ISSUED') AND a.kind IN ('alert', 'update')
AND a.expires_at > :now AND place.code = ANY(:tambons) AND a.rule IS DISTINCT FROM :rule
"""
)
_REMEMBER = text(
    "INSERT INTO held_back (assessment_id, why, until) VALUES (:id, :why, :until) "
    "ON CONFLICT (assessment_id) DO UPDATE SET why = excluded.why, until = excluded.until"
)
_ENDED = text(
    """
SELECT 1 FROM hazard_assessment h JOIN hazard_assessment later ON later.rule = h.rule AND later.station = h.station
AND later.level IS NOT DISTINCT FROM h.level AND later.at > h.at AND later.ends WHERE h.id = :id LIMIT 1
"""
)
_HELD = text("SELECT 1 FROM held_back WHERE assessment_id = :id")


def hold_back(
    session: Session,
    assessment: UUID,
    mode: Mode,
    rule: str,
    event: str,
    severity: str,
    tambons: Sequence[str],
    now: datetime,
) -> list[str]:
    """Those of `tambons` to draft for now, in their order; what is left out is remembered and looked at again.

    severity: the CAP word of the level. An alert of this event from elsewhere (another rule, a person), of this severity or a
    graver one, covers its places; the rule's own alerts are its draft's business.
    """
    if Severity(severity) is Severity.EXTREME:
        return list(tambons)
    if (
        session.execute(_HELD, {"id": assessment}).first()
        and session.execute(_ENDED, {"id": assessment}).first()
    ):
        _remember(session, assessment, "over", now + FOR_GOOD)
        return []
    quiet = silenced(silences(session, mode, now), event, severity, tambons)
    covered = {
        code
        for other, code in session.execute(
            _GRAVER, {"mode": mode.name, "event": event, "now": now, "tambons": list(tambons), "rule": rule}
        )
        if ORDER.index(Severity(other)) >= ORDER.index(Severity(severity))
    }
    if quiet or covered:
        _remember(session, assessment, "silence" if quiet else "graver", now + LOOK_AGAIN)
    return [code for code in tambons if code not in quiet | covered]


def was_held_back(session: Session, assessment: UUID) -> bool:
    return session.execute(_HELD, {"id": assessment}).first() is not None


def _remember(session: Session, assessment: UUID, why: str, until: datetime) -> None:
    session.execute(_REMEMBER, {"id": assessment, "why": why, "until": until})
