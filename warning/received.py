"""CAP messages of others, as they came: every byte kept for ever, with the verdict, and what became of each in its life.

What is quarantined, in conflict, told before or ended already makes no bulletin; what ends a message ends its bulletin,
whatever arrives first. A drill never meets the real: their lives are kept apart by `warning/cap/lifecycle.py`.
"""

import hashlib
import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import JSON, Column, DateTime, or_, text
from sqlmodel import Field, Session, SQLModel, col, select

from geo.names import NAMESPACE
from sources.cap_feed import CapFeed, Received
from sources.contract import Bulletin, Payload, Reading, Source
from warning.cap.apart import Apart
from warning.cap.lifecycle import Book
from warning.cap.trust import Anchors
from warning.cap.verdict import Judgement
from warning.store.insert import insert_new

REMEMBERED = timedelta(days=14)  # of what was taken: an Update or a Cancel names messages that still run
QUARANTINED = "quarantined"
MOST_HELD = 20
_JUDGES: dict[tuple[tuple[bytes, ...], ...], Apart] = {}  # by what is pinned: starting one takes a second
_LOCK = Lock()  # a process judges one message at a time
_NO_NEWS = frozenset({"accepted-already-cancelled", "accepted-already-superseded"})


class ReceivedMessage(SQLModel, table=True):
    """One message of one source. The same bytes from the same source are one row."""

    __tablename__ = "received_message"

    id: UUID = Field(primary_key=True)
    source: str = Field(index=True)
    via: str  # the link it was fetched from, or `in the feed`
    received_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, index=True))
    digest: str = Field(index=True)  # SHA-256 of the bytes, hex
    body: bytes  # zlib-compressed, byte for byte
    verdict: str  # warning.cap.verdict
    signature: str
    reasons: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))  # {code, th, en}
    became: str  # accepted..., duplicate, conflict, quarantined (warning.cap.lifecycle)
    named: str | None = None  # `sender,identifier,sent` as written; None where it could not be read
    status: str | None = None  # Actual, Exercise, ...
    msg_type: str | None = None

    @property
    def xml(self) -> bytes:
        return zlib.decompress(self.body)


class Judged(NamedTuple):
    """A message with its verdict, before anything is written."""

    received: Received
    digest: str
    said: Judgement
    stopped: bool  # by the source's policy on signatures


def judge_new(source: Source, payload: Payload, known: set[str]) -> list[Judged]:
    """Judge what has not been seen of a source, in a process that may die. known: digests already kept. No session is held.

    Raises SourceChanged as `source.read` does.
    """
    if not isinstance(source, CapFeed):
        return []
    new: dict[str, Received] = {}
    for received in source.received(payload):
        new.setdefault(hashlib.sha256(received.xml).hexdigest(), received)
    new = {digest: received for digest, received in new.items() if digest not in known}
    if not new:
        return []
    pem = [tuple(told.encode() for told in given) for given in (source.trusted, source.authorities)]
    pinned = any(pem)
    if pinned:
        Anchors.read(*pem)  # a certificate that cannot be read stops here, with its own words
    with _LOCK:
        apart = _JUDGES.setdefault((pem[0], pem[1]), Apart(*(pem if pinned else (None, None))))
        said = {digest: apart.judge(received.xml) for digest, received in new.items()}
    return [
        Judged(received, digest, said[digest], _stopped(source.signature, said[digest].signature, pinned))
        for digest, received in new.items()
    ]


def digests(session: Session, source: str) -> set[str]:
    """Of all messages a source has brought."""
    return set(session.exec(select(ReceivedMessage.digest).where(ReceivedMessage.source == source)))


def _stopped(policy: str, signature: str, pinned: bool) -> bool:
    """A signature that does not hold is worse than none; one nobody can be held to counts only where somebody was pinned."""
    word = signature.split(" ", 1)[0]
    if policy == "ignored":
        return False
    if policy == "required":
        return word != "good" or not pinned
    return word.startswith("bad") or (pinned and word not in ("good", "unsigned"))


def take_in(session: Session, source: Source, judged: Sequence[Judged], now: datetime) -> list[str]:
    """Keep them with what became of each. Returns the names of all messages that no longer stand."""
    if not judged:
        return []
    book = _book(session, now)
    rows = []
    for nth, (received, digest, said, stopped) in enumerate(judged):
        # A microsecond apart: the order of arrival is kept.
        at = now + timedelta(microseconds=nth)
        arrival = None if stopped else book.arrive(received.xml, at)
        message = arrival.message if arrival else None
        reasons = {
            (p.code, p.text.th, p.text.en) for p in (*said.reasons, *(arrival.reasons if arrival else ()))
        }
        rows.append({
            "id": uuid5(NAMESPACE, f"received {source.name} {digest}"), "source": source.name, "via": received.via,
            "received_at": at, "digest": digest, "body": zlib.compress(received.xml), "verdict": said.verdict,
            "signature": said.signature, "became": arrival.expect if arrival else QUARANTINED,
            "reasons": [{"code": code, "th": th, "en": en} for code, th, en in sorted(reasons)],
            "named": message.named if message else None, "status": message.document.status if message else None,
            "msg_type": message.document.msg_type if message else None,
        })  # fmt: skip
    insert_new(session, ReceivedMessage, rows)
    standing = set(book.at(now + timedelta(seconds=1)).active)
    taken = (a.message.named for a in book.arrivals if a.message and a.expect.startswith("accepted"))
    return [named for named in taken if named not in standing]


def only_accepted(session: Session, source: Source, readings: Sequence[Reading]) -> list[Reading]:
    """Readings without the bulletins of messages that may not speak: only what was accepted and is not ended does."""
    if not isinstance(source, CapFeed):
        return list(readings)
    rows = session.exec(
        select(ReceivedMessage.named, ReceivedMessage.became).where(ReceivedMessage.source == source.name)
        .where(col(ReceivedMessage.named).in_([r.key for r in readings if isinstance(r, Bulletin)]))
    ).all()  # fmt: skip
    good = {named for named, became in rows if became.startswith("accepted") and became not in _NO_NEWS}
    return [r for r in readings if not isinstance(r, Bulletin) or r.key in good]


def held(session: Session, now: datetime) -> list[ReceivedMessage]:
    """What came in the last day and may not speak though it is, or may be, real: a person looks, the newest first."""
    rows = (
        select(ReceivedMessage).where(col(ReceivedMessage.became).in_((QUARANTINED, "conflict")))
        .where(ReceivedMessage.received_at > now - timedelta(days=1))
        .where(or_(col(ReceivedMessage.status).is_(None), col(ReceivedMessage.status) == "Actual"))
        .order_by(col(ReceivedMessage.received_at).desc()).limit(MOST_HELD)
    )  # fmt: skip
    return list(session.exec(rows))


def _book(session: Session, now: datetime) -> Book:
    """What was taken from any source: the same message may come by several ways."""
    book = Book()
    taken = (
        select(ReceivedMessage).where(col(ReceivedMessage.became).startswith("accepted"))
        .where(ReceivedMessage.received_at > now - REMEMBERED).order_by(col(ReceivedMessage.received_at))
    )  # fmt: skip
    for row in session.exec(taken):
        book.arrive(row.xml, row.received_at)
    return book


_END = text(
    "UPDATE bulletin SET effective_to = :now WHERE key = :key AND (effective_to IS NULL OR effective_to > :now)"
)


def end_bulletins(session: Session, over: Sequence[str], now: datetime) -> None:
    """A bulletin whose message stands no longer has ended now, not at the end it was given."""
    for key in over:
        session.execute(_END, {"now": now, "key": key})
