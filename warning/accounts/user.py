"""Who may press what. First start makes one administrator with a link for one use; no default password exists.

A session is a random token in a cookie; the database holds only its SHA-256, so a copy of the database signs nobody in. CSRF
tokens are derived from the session by HMAC and needed on every POST. Times are injected. What an administrator does to users
stands in `admin.py`.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import JSON, Column, DateTime, delete, update
from sqlmodel import Field, Session, SQLModel, col, select

from geo.errors import NotAllowed
from teams.response.team import Team
from warning.audit import record

SESSION_FOR = timedelta(hours=12)  # one shift at a desk others sit at too
# A phone in the field: who hands out links may be unreachable for days, and what it opens is missions only. A lost one is
# closed from the page of users.
FIELD_SESSION_FOR = timedelta(days=7)
LINK_FOR = timedelta(hours=24)
SEEN_EVERY = timedelta(
    minutes=1
)  # "last seen" is as exact as this; a write a request would be paid by every page
CODE_DIGITS = (
    16  # 53 bits: read aloud over a telephone in four groups, hopeless to guess in the 24 h it lives
)


class UserRole(StrEnum):
    ADMINISTRATOR = "administrator"  # makes users; sees no people
    DUTY_OFFICER = "duty_officer"
    APPROVER = "approver"
    RELIEF_OFFICER = "relief_officer"
    TEAM_MEMBER = "team_member"  # sees the missions of the own team, nothing else


ROLE_WORDS: dict[UserRole, tuple[str, str]] = {
    UserRole.ADMINISTRATOR: ("ผู้ดูแลระบบ", "administrator"),
    UserRole.DUTY_OFFICER: ("เจ้าหน้าที่เวร", "duty officer"),
    UserRole.APPROVER: ("ผู้อนุมัติ", "approver"),
    UserRole.RELIEF_OFFICER: ("เจ้าหน้าที่เยียวยา", "relief officer"),
    UserRole.TEAM_MEMBER: ("สมาชิกทีมภาคสนาม", "team member"),
}


class User(SQLModel, table=True):
    """A person of the office or of a field team. Followed by the audit trail (`warning/audited.py`)."""

    __tablename__ = "office_user"

    id: UUID = Field(primary_key=True)
    name: str
    roles: list[str] = Field(sa_column=Column(JSON, nullable=False))
    active: bool = True
    areas: list[str] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True))
    )  # amphoe and tambon whose people they may see; None: the whole province
    team_id: UUID | None = Field(
        default=None, foreign_key=f"{Team.__tablename__}.id"
    )  # the field team they go out with
    made_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class SignInLink(SQLModel, table=True):
    """Opens the office once. `hash` is SHA-256 of the token in the link."""

    __tablename__ = "sign_in_link"

    hash: str = Field(primary_key=True)
    user_id: UUID = Field(foreign_key="office_user.id")
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    used_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


class SignedIn(SQLModel, table=True):
    """One browser of one user. An ended session stays until the next sign-in, to say when its user was last seen."""

    __tablename__ = "signed_in"

    hash: str = Field(primary_key=True)
    user_id: UUID = Field(foreign_key="office_user.id")
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    last_seen_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class Person(NamedTuple):
    """Who is asking, as routes see it."""

    id: UUID
    name: str
    roles: frozenset[str]
    team_id: UUID | None = None
    areas: tuple[str, ...] | None = None  # amphoe and tambon; None: the whole province

    def sees(self, place: str) -> bool:
        """Are the people of this village or tambon this person's to look at?"""
        return self.areas is None or place.startswith(self.areas)

    @property
    def only_field(self) -> bool:
        """A member of a team, or nobody yet: the pages of the office are not theirs."""
        return only_field(self.roles)

    def may(self, *roles: UserRole) -> bool:
        return any(role in self.roles for role in roles)

    def must(self, *roles: UserRole) -> None:
        """Raises NotAllowed, naming the role that is missing."""
        if not self.may(*roles):
            th = " หรือ ".join(ROLE_WORDS[r][0] for r in roles)
            en = " or ".join(ROLE_WORDS[r][1] for r in roles)
            raise NotAllowed(f"ต้องเป็น{th} (needs the role {en})")


def only_field(roles: Iterable[str]) -> bool:
    return not set(roles) - {UserRole.TEAM_MEMBER.value}


def session_for(roles: Iterable[str]) -> timedelta:
    """How long a sign-in lasts for somebody with these roles."""
    given = set(roles)
    return FIELD_SESSION_FOR if given and only_field(given) else SESSION_FOR


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def nobody_yet(session: Session) -> bool:
    return session.exec(select(User.id)).first() is None


def make_user(session: Session, name: str, roles: Iterable[UserRole], now: datetime) -> User:
    name = " ".join(name.split())
    if not name:
        raise NotAllowed("กรุณาใส่ชื่อ (a name is needed)")
    user = User(id=uuid4(), name=name, roles=sorted(r.value for r in roles), made_at=now, changed_at=now)
    session.add(user)
    session.flush()
    return user


def make_link(session: Session, user_id: UUID, now: datetime, by: str | None = None) -> str:
    """A token for one sign-in within 24 h; an older unused one dies. For a team member it is 16 digits, to be read aloud.

    by: whoever asked for it, for the audit trail. Raises NotAllowed when the user may not come in.
    """
    user = session.exec(select(User).where(User.id == user_id).with_for_update(key_share=True)).one()
    if not user.active:
        raise NotAllowed("ผู้ใช้นี้ถูกระงับอยู่ เปิดใช้ก่อน (this user is deactivated: reactivate first)")
    if session_for(user.roles) is FIELD_SESSION_FOR:
        token = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    else:
        token = secrets.token_urlsafe(24)
    forget_links(session, user_id)
    session.add(SignInLink(hash=_hash(token), user_id=user_id, expires_at=now + LINK_FOR))
    record(session, "user.link_made", "user", user_id, {}, now, by)
    return token


def forget_links(session: Session, user_id: UUID) -> None:
    """Links nobody has used yet no longer open anything."""
    session.execute(
        delete(SignInLink).where(col(SignInLink.user_id) == user_id, col(SignInLink.used_at).is_(None))
    )


def code_of(typed: str) -> str:
    """A code as somebody typed it: spaces and dashes are for the eye, Thai digits are digits."""
    return "".join(str(int(sign)) if sign.isdecimal() else sign for sign in typed if sign not in " -\u2013\t")


def use_link(session: Session, token: str, now: datetime) -> str:
    """Sign in with a link; returns the session's token. Raises NotAllowed when the link is used, old or unknown."""
    link = session.get(SignInLink, _hash(token), with_for_update=True)
    user = session.get(User, link.user_id) if link else None
    if link is None or user is None or not user.active or link.used_at is not None or link.expires_at <= now:
        raise NotAllowed(
            "ลิงก์นี้ใช้แล้วหรือหมดอายุ ขอลิงก์ใหม่จากผู้ดูแลระบบ (this link is used or too old: ask the administrator)"
        )
    link.used_at = now
    record(session, "user.signed_in", "user", user.id, {}, now, str(user.id))
    return sign_in(session, user.id, now)


def sign_in(session: Session, user_id: UUID, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    lasts = session_for(session.get_one(User, user_id).roles)
    session.execute(delete(SignedIn).where(col(SignedIn.user_id) == user_id, col(SignedIn.expires_at) <= now))
    session.add(SignedIn(hash=_hash(token), user_id=user_id, expires_at=now + lasts, last_seen_at=now))
    return token


def who(session: Session, token: str | None, now: datetime) -> Person | None:
    """Whose session a cookie names, or None. Notes that they were seen, at most once a minute."""
    if not token:
        return None
    signed_in = session.get(SignedIn, _hash(token))
    if signed_in is None or signed_in.expires_at <= now:
        return None
    user = session.get(User, signed_in.user_id)
    if user is None or not user.active:
        return None
    if now - signed_in.last_seen_at >= SEEN_EVERY:  # asked again below: of several pages at once one writes
        session.execute(
            update(SignedIn)
            .where(col(SignedIn.hash) == signed_in.hash, col(SignedIn.last_seen_at) <= now - SEEN_EVERY)
            .values(last_seen_at=now)
        )
    areas = None if user.areas is None else tuple(user.areas)
    return Person(user.id, user.name, frozenset(user.roles), user.team_id, areas)


def sign_out(session: Session, token: str, now: datetime) -> None:
    session.execute(update(SignedIn).where(col(SignedIn.hash) == _hash(token)).values(expires_at=now))


def csrf_of(token: str) -> str:
    """What every form of this session carries."""
    return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()[:32]


def csrf_right(token: str | None, given: str | None) -> bool:
    return bool(token and given) and hmac.compare_digest(csrf_of(token or ""), given or "")
