"""The first start makes one administrator, with a link for one use printed in the terminal. No default password exists."""

from sqlmodel import col, select

from warning.accounts.admin import some_administrator
from warning.accounts.user import SignInLink, make_link
from warning.office import Office


def first_link(office: Office, *, anew: bool = False) -> str | None:
    """The path of the first link, while nobody has used one; a new start makes the older link worthless.

    anew: make one even so, for an administrator who is locked out (`raksa run --new-link`, `raksa users link`).
    """
    now = office.clock.now()
    with office.database.session() as session:
        used = select(SignInLink.hash).where(col(SignInLink.used_at).is_not(None)).limit(1)
        if not anew and session.exec(used).first() is not None:
            return None
        return f"/sign-in/{make_link(session, some_administrator(session, now).id, now)}"
