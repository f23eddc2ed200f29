"""What waits for a person: drafts, reviews, faults, and work that nobody has taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from teams.response.mission import Mission, MissionState
from warning.alert import Alert, AlertState, Mode
from warning.caller import unknown_callers
from warning.fault import MOST_NAMED, Fault
from warning.office import Office
from warning.web.catalogue import say
from warning.web.console.names import in_short, village_name
from warning.words.one_language import one_language
from warning.words.sentences import number_text

MOST_WAITING = 5
TOLD_FOR = timedelta(hours=1)
LIFE_AT_RISK = ("rescue", "caller_help", "call_institution")


@dataclass(frozen=True)
class Waiting:
    """Something that waits for a person. `kind`: draft | put_away | review | fault | rescue | caller_help | caller |
    call_institution | tell_village"""

    kind: str
    words: str
    since: datetime
    link: str = ""


def waiting(
    session: Session,
    drafts: Sequence[Alert],
    in_force: Sequence[Alert],
    missions: Sequence[Mission],
    now: datetime,
    lang: str,
    mode: Mode,
) -> list[Waiting]:
    """The oldest first; missions of one kind are one line. However much waits, nobody who asked for help is left out."""
    found = [Waiting("draft", in_short(a, lang), a.drafted_at, "#drafts") for a in drafts]
    found += [
        Waiting(
            "put_away",
            say(lang, "put_away_words", number=number_text(a.number, lang), by=number_text(by["number"], lang)),
            a.changed_at, f"/alerts/{by['id']}",
        )
        for a in _put_away(session, now) if (by := a.facts.get("overtaken_by"))
    ]  # fmt: skip
    found += [
        Waiting("review", number_text(a.number, lang), a.issued_at or a.changed_at, f"/alerts/{a.id}")
        for a in in_force if a.review_due_at and not a.reviewed_by
    ]  # fmt: skip
    found += [Waiting("fault", _fault_words(f, lang), f.since) for f in session.exec(select(Fault))]
    for kind in ("rescue", "call_institution", "tell_village"):
        of_kind = [m for m in missions if m.kind.value == kind and m.state is MissionState.REQUESTED]
        if of_kind:
            words = ", ".join(village_name(m.village_code, lang) for m in of_kind[:3])
            more = f" +{len(of_kind) - 3}" if len(of_kind) > 3 else ""
            where = "/people/institutions" if kind == "call_institution" else "#work"
            found.append(Waiting(kind, words + more, min(m.requested_at for m in of_kind), where))
    found += _callers(session, mode)
    pressing = [w for w in found if w.kind in LIFE_AT_RISK]
    others = sorted((w for w in found if w.kind not in LIFE_AT_RISK), key=lambda w: w.since)
    return sorted(pressing + others[: MOST_WAITING - len(pressing)], key=lambda w: w.since)


def _callers(session: Session, mode: Mode) -> list[Waiting]:
    """Whoever nobody knows, those who ask for help on a line of their own; only the last digits of their numbers."""
    waiting_callers = unknown_callers(session, mode)
    found = []
    for kind, of_kind in (
        ("caller_help", [c for c in waiting_callers if c.priority == 1]),
        ("caller", [c for c in waiting_callers if c.priority > 1]),
    ):
        if of_kind:
            words = ", ".join(c.tail for c in of_kind[:3] if c.tail)
            more = f" +{len(of_kind) - 3}" if len(of_kind) > 3 else ""
            found.append(Waiting(kind, words + more, min(c.first_at for c in of_kind), "/relay#callers"))
    return found


def _fault_words(fault: Fault, lang: str) -> str:
    """What is broken; of a step also which one, and on how many pieces of work."""
    why = one_language(fault.why, lang)
    if not fault.works:
        return why
    count = f"{len(fault.works)}{'+' if len(fault.works) >= MOST_NAMED else ''}"
    return say(lang, "fault_step", step=fault.key.removeprefix("step "), n=count, why=why)


def _put_away(session: Session, now: datetime) -> Sequence[Alert]:
    """Drafts nobody decided on, because another went first: their authors are told for a while."""
    return session.exec(
        select(Alert).where(Alert.state == AlertState.REJECTED, col(Alert.changed_at) > now - TOLD_FOR)
    ).all()


def open_missions(session: Session, office: Office) -> list[Mission]:
    """Work that is not over, the most pressing first."""
    over = (MissionState.DONE, MissionState.CANCELLED)
    found = select(Mission).where(Mission.mode == office.mode.value, col(Mission.state).not_in(over))
    return list(session.exec(found.order_by(col(Mission.priority), col(Mission.due_at))))
