"""What an administrator does to users: every act locks the users first, keeps at least one administrator, and is in the trail.

`by` is the id of the user who pressed, or the command line; the caller has asked whether they may.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from geo.errors import NotAllowed
from teams.response.team import Team, known_areas
from warning.accounts.user import SignedIn, User, UserRole, forget_links, make_user, session_for
from warning.audit import record


class UserLine(NamedTuple):
    """A user with what the page of users says of them. `sessions` are those still open."""

    user: User
    last_seen_at: datetime | None
    sessions: int


def everybody(session: Session, now: datetime) -> list[UserLine]:
    """In the order in which they were made."""
    seen = (
        select(
            SignedIn.user_id,
            func.max(SignedIn.last_seen_at),
            func.count().filter(col(SignedIn.expires_at) > now),
        )
        .group_by(col(SignedIn.user_id))
    )  # fmt: skip
    by_user = {user_id: (last, opened) for user_id, last, opened in session.exec(seen)}
    users = session.exec(select(User).order_by(col(User.made_at), col(User.id)))
    return [UserLine(user, *by_user.get(user.id, (None, 0))) for user in users]


def administrators(session: Session) -> list[User]:
    """The active ones, oldest first. Locked until the transaction ends: two cannot put each other out at the same time."""
    active = select(User).where(col(User.active).is_(True)).order_by(col(User.made_at), col(User.id))
    return [
        user
        for user in session.exec(active.with_for_update(key_share=True))
        if UserRole.ADMINISTRATOR.value in user.roles
    ]


def some_administrator(session: Session, now: datetime) -> User:
    """Who a link from the terminal is for: the oldest active administrator, or a new one when none is left."""
    found = administrators(session)
    return found[0] if found else make_user(session, ADMINISTRATOR_NAME, FIRST_ROLES, now)


ADMINISTRATOR_NAME = "ผู้ดูแลระบบ"
FIRST_ROLES = (UserRole.ADMINISTRATOR, UserRole.DUTY_OFFICER, UserRole.APPROVER)


def _held(session: Session, user_id: UUID, *, stays_administrator: bool) -> User:
    """The user, locked. Raises NotAllowed when the act would leave the office without an administrator."""
    found = administrators(session)
    if not stays_administrator and [user.id for user in found] == [user_id]:
        raise NotAllowed(
            "คนนี้เป็นผู้ดูแลระบบคนสุดท้าย ตั้งผู้ดูแลอีกคนก่อน (this is the last administrator: make another one first)"
        )
    return session.exec(select(User).where(User.id == user_id).with_for_update(key_share=True)).one()


def deactivate(session: Session, user_id: UUID, by: str, now: datetime) -> None:
    """Nobody signs in as them; what they had open is closed with the next request. Twice is once."""
    session.info["actor"] = by
    user = _held(session, user_id, stays_administrator=False)
    if user.active:
        user.active, user.changed_at = False, now
    end_sessions(session, user_id, by, now)


def reactivate(session: Session, user_id: UUID, by: str, now: datetime) -> None:
    """They may be given a link again; old sessions and links stay closed."""
    session.info["actor"] = by
    user = _held(session, user_id, stays_administrator=True)
    if not user.active:
        user.active, user.changed_at = True, now


def end_sessions(session: Session, user_id: UUID, by: str, now: datetime) -> int:
    """Close every browser of a user and every link not yet used (a lost phone); returns how many browsers."""
    ended = session.execute(
        update(SignedIn)
        .where(col(SignedIn.user_id) == user_id, col(SignedIn.expires_at) > now)
        .values(expires_at=now)
    )
    forget_links(session, user_id)
    count = int(getattr(ended, "rowcount", 0))
    record(session, "user.sessions_ended", "user", user_id, {"sessions": count}, now, by)
    return count


def change_roles(session: Session, user_id: UUID, roles: Iterable[UserRole], by: str, now: datetime) -> None:
    """From the next request on. An open session lasts no longer than a new one would: a week is for the field only.

    A link not yet used dies: the short code of a team member must not open the office.
    """
    session.info["actor"] = by
    wanted = sorted({role.value for role in roles})
    if not wanted:
        raise NotAllowed("เลือกหน้าที่อย่างน้อยหนึ่งอย่าง (choose at least one role)")
    user = _held(session, user_id, stays_administrator=UserRole.ADMINISTRATOR.value in wanted)
    if user.roles == wanted:
        return
    user.roles, user.changed_at = wanted, now
    forget_links(session, user_id)
    latest = now + session_for(wanted)
    session.execute(
        update(SignedIn)
        .where(col(SignedIn.user_id) == user_id, col(SignedIn.expires_at) > latest)
        .values(expires_at=latest)
    )


def change_areas(session: Session, user_id: UUID, areas: Iterable[str], by: str, now: datetime) -> None:
    """Whose people they may see from the next request on: amphoe (4 digits) and tambon (6); none named: the whole province.

    Raises NotAllowed for an area nobody knows.
    """
    session.info["actor"] = by
    given = list(areas)
    wanted = known_areas(given) if given else None
    user = session.exec(select(User).where(User.id == user_id).with_for_update(key_share=True)).one()
    if user.areas != wanted:
        user.areas, user.changed_at = wanted, now


def join_team(session: Session, user_id: UUID, team: Team | None, by: str, now: datetime) -> None:
    """Put a user into a team, or out of theirs (None). Raises NotAllowed when the team is stood down."""
    session.info["actor"] = by
    if team is not None and not team.active:
        raise NotAllowed(f"ทีม {team.name} พักอยู่ (the team {team.name} is stood down)")
    user = session.exec(select(User).where(User.id == user_id).with_for_update(key_share=True)).one()
    wanted = team.id if team else None
    if user.team_id != wanted:
        user.team_id, user.changed_at = wanted, now
