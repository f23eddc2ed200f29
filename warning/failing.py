"""A step that failed on a piece of work is a fault until that piece works, or is no longer due. Another's success is no cure."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from warning import issue
from warning.fault import Fault, mended, note
from warning.office import Office

_ISSUED = "SELECT id::text FROM alert WHERE state = 'ISSUED'"
# Which pieces of a step's work can still be asked for. Sources and rules are asked for ever: they are not named here.
STILL_DUE: Mapping[str, str] = {
    "draft": f"SELECT id FROM ({issue.OVERDUE}) overdue (id, priority)",  # noqa: S608 - our own words only
    "issue": "SELECT id::text FROM alert WHERE state = 'APPROVED'",
    "address_contacts": _ISSUED,
    "address_vulnerable": _ISSUED,
    "address_residents": _ISSUED,
    "address_persons": _ISSUED,
    "deliver": "SELECT id::text FROM segment WHERE state IN ('WAITING', 'SENDING')",
    "cover": _ISSUED,
    "respond": _ISSUED,
    "heard": "SELECT id::text FROM reply WHERE NOT heard",
    "expire": _ISSUED,
    "parked": "SELECT provider_id FROM receipt WHERE NOT matched",
}


def key_of(step: str) -> str:
    return f"step {step}"


def named(step: str, work: str) -> str:
    """As `office.faults` knows it."""
    return f"{key_of(step)} {work}"


def failed(office: Office, step: str, work: str, error: Exception) -> None:
    """A fault somebody sees; `office.faults` knows it by its piece, so that this piece's success clears it."""
    office.faults.add(named(step, work))
    with office.database.session() as session:
        note(session, key_of(step), _without_rows(error), office.clock.now(), work)


def worked(office: Office, step: str, work: str) -> None:
    """A piece that had failed is done."""
    with office.database.session() as session:
        mended(session, key_of(step), work)
    office.faults.discard(named(step, work))


def let_go(session: Session, live: Collection[tuple[str, str]], now: datetime) -> int:
    """Pieces that are no longer due fail no more: their alert is over, another process sent them. Returns how many.

    live: (step, work) of the wake-ups that wait or run.
    """
    gone = 0
    for fault in session.exec(select(Fault)).all():
        step = fault.key.removeprefix("step ")
        if not fault.works or step not in STILL_DUE:
            continue
        due = set(_due(session, step, fault.works, now))
        for work in fault.works:
            if work not in due and (step, work) not in live:
                mended(session, fault.key, work)
                gone += 1
    return gone


def _due(session: Session, step: str, works: list[str], now: datetime) -> list[str]:
    query = STILL_DUE[step]
    values = {"works": works} | ({"now": now} if ":now" in query else {})
    asked = text(f"SELECT work FROM ({query}) due (work) WHERE work = ANY(:works)")  # noqa: S608 - our own words only
    return list(session.execute(asked, values).scalars())


def _without_rows(error: Exception) -> str:
    """What went wrong; of the database's words only the first line, because the next ones quote rows, and so people."""
    told = str(error.orig).split("\n", 1)[0] if isinstance(error, DBAPIError) else str(error)
    return f"{type(error).__name__}: {told}"
