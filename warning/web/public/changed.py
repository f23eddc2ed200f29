"""Whether anything the public's pages are made of has changed: one cheap question for all of them."""

from sqlalchemy import text
from starlette.concurrency import run_in_threadpool

from warning.office import Office

_CHANGED = text(
    "SELECT (SELECT max(changed_at) FROM alert), (SELECT max(tried_at) FROM source_state), "
    "(SELECT max(reported_at) FROM village_water), (SELECT count(*) FROM voice_answer), (SELECT count(*) FROM safe_way)"
)


async def public_mark(office: Office) -> str:
    """A text that differs whenever a page would, and at least once a minute, because pages say how long ago a thing was.

    Raises DBAPIError while the database is away.
    """
    seen = await run_in_threadpool(_look, office)
    return f"{seen} {office.clock.now():%Y%m%d%H%M}"


def _look(office: Office) -> str:
    with office.database.session() as session:
        return " ".join(str(value) for value in session.execute(_CHANGED).one())
