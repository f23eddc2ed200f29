"""The alert as anybody may read it: by its number or id, and only once it was issued."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from warning.alert import Alert, AlertState, Mode
from warning.words.sentences import danger_level, stored_number

PUBLIC = (AlertState.ISSUED, AlertState.SUPERSEDED, AlertState.CANCELLED, AlertState.EXPIRED)


@dataclass(frozen=True)
class AlertView:
    """`level` 1..5. `newer` is what replaced it, where something did."""

    alert: Alert
    level: int
    in_force: bool
    newer: Alert | None


def level_of(alert: Alert) -> int:
    return danger_level(alert.severity, alert.urgency) or 1


def alert_view(session: Session, reference: str, mode: Mode, now: datetime) -> AlertView | None:
    """reference: the number of a message in either language, or the id. None for drafts and for what is not ours."""
    wanted = select(Alert).where(Alert.mode == mode, col(Alert.state).in_(PUBLIC))
    try:
        wanted = wanted.where(Alert.id == UUID(reference))
    except ValueError:
        wanted = wanted.where(Alert.number == stored_number(reference))
    alert = session.exec(wanted).first()
    if alert is None:
        return None
    in_force = alert.state is AlertState.ISSUED and alert.expires_at > now
    return AlertView(alert, level_of(alert), in_force, None if in_force else _newer(session, alert))


def _newer(session: Session, alert: Alert) -> Alert | None:
    later = select(Alert).where(
        Alert.mode == alert.mode, col(Alert.state).in_(PUBLIC), col(Alert.drafted_at) > alert.drafted_at
    )
    return next(
        (
            a
            for a in session.exec(later.order_by(col(Alert.issued_at).desc()))
            if str(alert.id) in a.references
        ),
        None,
    )


def alerts_in_force(session: Session, mode: Mode, now: datetime) -> list[AlertView]:
    """Gravest first, then newest."""
    found = session.exec(
        select(Alert).where(Alert.mode == mode, Alert.state == AlertState.ISSUED, col(Alert.expires_at) > now)
    ).all()
    views = [AlertView(alert, level_of(alert), True, None) for alert in found]
    return sorted(views, key=lambda v: (-v.level, -(v.alert.issued_at or now).timestamp()))
