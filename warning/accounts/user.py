"""Who may press what. First start makes one administrator with a link for one use; no default password exists.

A session is a random token in a cookie; the database holds only its SHA-256, so a copy of the database signs nobody in. CSRF
tokens are derived from the session by HMAC and needed on every POST. Times are injected.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import JSON, Column, DateTime
from sqlmodel import Field, Session, SQLModel, select

from geo.errors import NotAllowed

SESSION_FOR = timedelta(hours=12)  # one shift
LINK_FOR = timedelta(hours=24)


class UserRole(StrEnum):
    ADMINISTRATOR = "administrator"  # makes users; sees no people
    DUTY_OFFICER = "duty_officer"
    APPROVER = "approver"
    RELIEF_OFFICER = "relief_officer"


ROLE_WORDS: dict[UserRole, tuple[str, str]] = {
    UserRole.ADMINISTRATOR: ("ผู้ดูแลระบบ", "administrator"),
    UserRole.DUTY_OFFICER: ("เจ้าหน้าที่เวร", "duty officer"),
    UserRole.APPROVER: ("ผู้อนุมัติ", "approver"),
    UserRole.RELIEF_OFFICER: ("เจ้าหน้าที่เยียวยา", "relief officer"),
}


class User(SQLModel, table=True):
    """A person of the office."""

    __tablename__ = "office_user"

    id: UUID = Field(primary_key=True)
    name: str
    roles: list[str] = Field(sa_column=Column(JSON, nullable=False))
    active: bool = True
    made_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class SignInLink(SQLModel, table=True):
    """Opens the office once. `hash` is SHA-256 of the token in the link."""

    __tablename__ = "sign_in_link"

    hash: str = Field(primary_key=True)
    user_id: UUID = Field(foreign_key="office_user.id")
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    used_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


class SignedIn(SQLModel, table=True):
    """One browser of one user."""

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

    def may(self, *roles: UserRole) -> bool:
        return any(role in self.roles for role in roles)

    def must(self, *roles: UserRole) -> None:
        """Raises NotAllowed, naming the role that is missing."""
        if not self.may(*roles):
            th = " หรือ ".join(ROLE_WORDS[r][0] for r in roles)
            en = " or ".join(ROLE_WORDS[r][1] for r in roles)
            raise NotAllowed(f"ต้องเป็น{th} (needs the role {en})")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def nobody_yet(session: Session) -> bool:
    return session.exec(select(User.id)).first() is None


def make_user(session: Session, name: str, roles: Iterable[UserRole], now: datetime) -> User:
    if not name.strip():
        raise NotAllowed("กรุณาใส่ชื่อ (a name is needed)")
    user = User(id=uuid4(), name=name.strip(), roles=sorted(r.value for r in roles), made_at=now)
    session.add(user)
    session.flush()
    return user


def make_link(session: Session, user_id: UUID, now: datetime) -> str:
    """A token for one sign-in within 24 h."""
    token = secrets.token_urlsafe(24)
    session.add(SignInLink(hash=_hash(token), user_id=user_id, expires_at=now + LINK_FOR))
    return token


def use_link(session: Session, token: str, now: datetime) -> str:
    """Sign in with a link; returns the session's token. Raises NotAllowed when the link is used, old or unknown."""
    link = session.get(SignInLink, _hash(token), with_for_update=True)
    if link is None or link.used_at is not None or link.expires_at <= now:
        raise NotAllowed(
            "ลิงก์นี้ใช้แล้วหรือหมดอายุ ขอลิงก์ใหม่จากผู้ดูแลระบบ (this link is used or too old: ask the administrator)"
        )
    link.used_at = now
    return sign_in(session, link.user_id, now)


def sign_in(session: Session, user_id: UUID, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    session.add(SignedIn(hash=_hash(token), user_id=user_id, expires_at=now + SESSION_FOR, last_seen_at=now))
    return token


def who(session: Session, token: str | None, now: datetime) -> Person | None:
    """Whose session a cookie names, or None."""
    if not token:
        return None
    signed_in = session.get(SignedIn, _hash(token))
    if signed_in is None or signed_in.expires_at <= now:
        return None
    user = session.get(User, signed_in.user_id)
    if user is None or not user.active:
        return None
    return Person(user.id, user.name, frozenset(user.roles))


def sign_out(session: Session, token: str) -> None:
    signed_in = session.get(SignedIn, _hash(token))
    if signed_in is not None:
        session.delete(signed_in)


def csrf_of(token: str) -> str:
    """What every form of this session carries."""
    return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()[:32]


def csrf_right(token: str | None, given: str | None) -> bool:
    return bool(token and given) and hmac.compare_digest(csrf_of(token or ""), given or "")
