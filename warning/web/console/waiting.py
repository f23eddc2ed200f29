"""What waits for a person: drafts, reviews, faults, and work that nobody has taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from teams.response.mission import Mission, MissionState
from warning.alert import Alert, approvals_needed
from warning.fault import Fault
from warning.office import Office
from warning.web.console.names import in_short, one_language, village_name

MOST_WAITING = 5


@dataclass(frozen=True)
class Waiting:
    """Something that waits for a person. `kind`: draft | review | fault | rescue | tell_village"""

    kind: str
    words: str
    since: datetime
    link: str = ""


def waiting(
    session: Session,
    drafts: Sequence[Alert],
    in_force: Sequence[Alert],
    missions: Sequence[Mission],
    lang: str,
) -> list[Waiting]:
    """The oldest first; missions of one kind are one line."""
    found = [Waiting("draft", in_short(a, lang), a.drafted_at, "#drafts") for a in drafts]
    found += [
        Waiting("review", a.number, a.issued_at or a.changed_at, f"/alerts/{a.id}")
        for a in in_force if a.review_due_at and not a.reviewed_by
    ]  # fmt: skip
    found += [Waiting("fault", one_language(f.why, lang), f.since) for f in session.exec(select(Fault))]
    for kind in ("rescue", "tell_village"):
        of_kind = [m for m in missions if m.kind.value == kind and m.state is MissionState.REQUESTED]
        if of_kind:
            words = ", ".join(village_name(m.village_code, lang) for m in of_kind[:3])
            more = f" +{len(of_kind) - 3}" if len(of_kind) > 3 else ""
            found.append(Waiting(kind, words + more, min(m.requested_at for m in of_kind), "#work"))
    return sorted(found, key=lambda w: w.since)[:MOST_WAITING]


def open_missions(session: Session, office: Office) -> list[Mission]:
    """Work that is not over, the most pressing first."""
    over = (MissionState.DONE, MissionState.CANCELLED)
    found = select(Mission).where(Mission.mode == office.mode.value, col(Mission.state).not_in(over))
    return list(session.exec(found.order_by(col(Mission.priority), col(Mission.due_at))))


def approvals_missing(session: Session, drafts: Sequence[Alert]) -> dict[UUID, int]:
    """How many more people must say yes to each draft."""
    found = session.execute(text("SELECT alert_id, count(*) FROM approval GROUP BY alert_id")).all()
    said: dict[UUID, int] = dict(tuple(row) for row in found)
    return {a.id: approvals_needed(a) - said.get(a.id, 0) for a in drafts}
