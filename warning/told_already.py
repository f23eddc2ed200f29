"""Whom an Update need not wake again. Below Extreme one message that sounds is enough for three hours: whoever has proof of it
finds the rest on the pages. Whoever has none has heard nothing yet and is told the new words.

A rise of the level, another thing to do, and the end of a warning always sound (docs/decisions/0007).
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from warning.alert import Alert
from warning.rule import Severity
from warning.silence import ORDER
from warning.words.facts import Kind
from warning.words.sentences import danger_level

HEARD_FOR = timedelta(hours=3)  # a town told more often stops listening
_TOLD_BY = "told_by"  # the key of `alert.facts`: ids of alerts whose proof counts for this one


def told_by(alert: Alert) -> list[UUID]:
    """The alerts that have sounded for this one: proof of any of them is proof that its reader is warned. Most have none."""
    return [UUID(told) for told in alert.facts.get(_TOLD_BY, [])]


def remember_told(session: Session, alert: Alert, now: datetime) -> None:
    """Note in an alert about to be issued which of those it replaces its readers have heard. now: aware UTC."""
    replaced = session.exec(select(Alert).where(col(Alert.id).in_([UUID(i) for i in alert.references]))).all()
    heard: dict[str, None] = {}
    if alert.kind == Kind.UPDATE and replaced and not any(sounds(alert, old) for old in replaced):
        before = session.exec(
            select(Alert).where(col(Alert.id).in_([i for old in replaced for i in told_by(old)]))
        )
        for old in (*before, *replaced):
            if old.issued_at is not None and now - old.issued_at < HEARD_FOR:
                heard[str(old.id)] = None
    facts = {name: fact for name, fact in alert.facts.items() if name != _TOLD_BY}
    alert.facts = facts | ({_TOLD_BY: list(heard)} if heard else {})


def sounds(new: Alert, old: Alert) -> bool:
    """Is this Update to be heard whatever was heard before it? Extreme, a higher level than before, or another thing to do."""
    if new.severity == Severity.EXTREME or new.response_type != old.response_type:
        return True
    return _level(new) > _level(old)


def _level(alert: Alert) -> tuple[int, int]:
    return (danger_level(alert.severity, alert.urgency) or 0, ORDER.index(Severity(alert.severity)))
