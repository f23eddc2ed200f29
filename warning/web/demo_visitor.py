"""Whoever opens the demo is its trainee: signed in by opening the page, because nothing in an exercise's own database is real."""

from sqlmodel import select

from warning.accounts.user import User, UserRole, make_user, sign_in
from warning.office import Office

TRAINEE = "ผู้ฝึก / trainee"


def demo_token(office: Office) -> str:
    """A session of the trainee, who may do what every role may."""
    now = office.clock.now()
    with office.database.session() as session:
        user = session.exec(select(User).where(User.name == TRAINEE)).first()
        if user is None:
            user = make_user(
                session, TRAINEE, (UserRole.DUTY_OFFICER, UserRole.APPROVER, UserRole.RELIEF_OFFICER), now
            )
        return sign_in(session, user.id, now)
