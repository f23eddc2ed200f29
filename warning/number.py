"""The number people call an alert by."""

from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session

from geo.when import BUDDHIST_OFFSET_YEARS, bangkok
from warning.alert import Mode
from warning.office import Office


def next_number(session: Session, office: Office, now: datetime) -> str:
    """A number a radio operator can read: `พท-2569-0012`; an exercise's begins with ฝึก.

    Gaps are possible, repeats are not.
    """
    year = bangkok(now).year + BUDDHIST_OFFSET_YEARS
    prefix = f"{'ฝึก-' if office.mode is Mode.EXERCISE else ''}พท-{year}-"
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:prefix))"), {"prefix": prefix})
    last = session.execute(
        text('SELECT max(number COLLATE "C") FROM alert WHERE number LIKE :like'), {"like": f"{prefix}%"}
    ).scalar()
    return f"{prefix}{int(last.rsplit('-', 1)[1]) + 1 if last else 1:04d}"
