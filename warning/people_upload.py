"""A list somebody uploaded and has not confirmed: sealed, one a row, gone when it is taken, dropped or a day old.

Nothing of it stands in the registry before the confirmation, and nothing of it stands anywhere in the clear.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import JSON, Column, DateTime, delete
from sqlmodel import Field, Session, SQLModel, col

from geo.errors import NotAllowed
from geo.sealed import Keyring
from warning.audit import record

KEPT_FOR = timedelta(hours=24)
WHAT = ("contacts", "households", "institutions")


class PeopleUpload(SQLModel, table=True):
    """`about`: source, told_on and legal_basis as the officer gave them. `fields`: our field -> their column (`#3`), as they
    changed the guess. `skip`: rows left out on purpose, from 1."""

    __tablename__ = "people_upload"

    id: UUID = Field(primary_key=True)
    what: str
    user_id: UUID
    body_sealed: bytes
    about: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    fields: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    skip: list[int] = Field(sa_column=Column(JSON, nullable=False))
    uploaded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, index=True))


def keep(
    session: Session,
    keyring: Keyring,
    what: str,
    body: bytes,
    about: Mapping[str, str],
    user_id: UUID,
    now: datetime,
) -> PeopleUpload:
    """Hold a list until its officer has looked at it. Lists forgotten for a day go. Raises NotAllowed for an empty one."""
    if what not in WHAT:
        raise NotAllowed("เลือกว่าเป็นรายการอะไร (say what kind of list this is)")
    if not body:
        raise NotAllowed("เลือกไฟล์ก่อน (choose a file)")
    forget_old(session, now)
    made = PeopleUpload(
        id=uuid4(), what=what, user_id=user_id, body_sealed=keyring.seal_bytes(body), about=dict(about), fields={}, skip=[],
        uploaded_at=now,
    )  # fmt: skip
    session.add(made)
    record(
        session,
        "people.uploaded",
        "people_upload",
        made.id,
        {"what": what, "bytes": len(body)},
        now,
        str(user_id),
    )
    return made


def held(session: Session, upload_id: UUID, user_id: UUID, now: datetime) -> PeopleUpload:
    """One's own upload, its row locked: nobody else looks at it. Raises NotAllowed when it is taken, dropped or too old."""
    found = session.get(PeopleUpload, upload_id, with_for_update=True)
    if found is None or found.user_id != user_id or found.uploaded_at <= now - KEPT_FOR:
        raise NotAllowed("ไม่มีไฟล์นี้แล้ว นำเข้าใหม่ (this list is no longer here: upload it again)")
    return found


def drop(session: Session, upload: PeopleUpload, now: datetime) -> None:
    """The officer does not want it."""
    record(
        session, "people.dropped", "people_upload", upload.id, {"what": upload.what}, now, str(upload.user_id)
    )
    session.delete(upload)


def forget_old(session: Session, now: datetime) -> None:
    session.execute(delete(PeopleUpload).where(col(PeopleUpload.uploaded_at) <= now - KEPT_FOR))
