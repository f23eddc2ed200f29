"""The first start makes one administrator, with a link for one use printed in the terminal. No default password exists."""

from sqlmodel import col, select

from warning.accounts.user import SignInLink, User, UserRole, make_link, make_user, nobody_yet
from warning.office import Office

ADMINISTRATOR = "ผู้ดูแลระบบ"


def first_link(office: Office, *, anew: bool = False) -> str | None:
    """The path of the first link, while nobody has used one; a new start makes the older link worthless.

    anew: make one even so, for the first administrator, who is locked out (`raksa run --new-link`).
    """
    now = office.clock.now()
    with office.database.session() as session:
        if nobody_yet(session):
            roles = (UserRole.ADMINISTRATOR, UserRole.DUTY_OFFICER, UserRole.APPROVER)
            user = make_user(session, ADMINISTRATOR, roles, now)
        else:
            links = session.exec(select(SignInLink)).all()
            if any(link.used_at for link in links) and not anew:
                return None
            for link in links:
                if link.used_at is None:
                    session.delete(link)
            user = session.exec(select(User).order_by(col(User.made_at)).limit(1)).one()
        return f"/sign-in/{make_link(session, user.id, now)}"
