"""The delivery ledger: one durable row a recipient a channel, and the segments it goes out in.

The wire is batched, the row never is. The normal outcome of a segment stands on the segment; a recipient's row is
touched only where it differs. The view `delivery_status` joins both and is the only thing read.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, String, text
from sqlmodel import Field, SQLModel

from warning.alert import Mode

PERSON = "person"  # the channel of those no machine can reach: somebody must go


class SegmentState(StrEnum):
    WAITING = "waiting"  # due_at says when it is to be sent
    SENDING = "sending"  # a worker holds it
    SENT = "sent"  # every recipient has an outcome
    CLOSED = "closed"  # expired, superseded, stopped: never sent any more


class Segment(SQLModel, table=True):
    """Up to 500 recipients of one channel: the unit of work, of retry and of the provider's repeat key."""

    __table_args__ = (
        Index("segment_due", "due_at", postgresql_where=text("state = 'WAITING'")),
        Index("segment_alert", "alert_id"),
        Index("segment_vulnerable", "alert_id", "tambon_code", postgresql_where=text("vulnerable")),
    )

    id: UUID = Field(primary_key=True)
    alert_id: UUID = Field(foreign_key="alert.id")
    mode: Mode
    channel: str
    audience: str  # contact | resident | household | village
    tambon_code: str = Field(sa_column=Column(String(6, collation="C"), nullable=False))
    first_nth: int = 0
    last_nth: int = 0
    priority: int
    rung: int = 0  # of the ladder; a later rung skips homes that are already reached
    # Homes whose people cannot leave alone, apart and before the others; its rows were made as it was planned.
    vulnerable: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    state: SegmentState = SegmentState.WAITING
    expanded: bool = False
    outcome: str = "planned"  # ReceiptState of every row that has none of its own
    why: str = ""
    retry_key: UUID
    attempts: int = 0
    due_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    job: int | None = None  # the wake-up that sends it
    sent_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


class Delivery(SQLModel, table=True):
    """One recipient, one channel. `state` NULL means: as the segment."""

    __table_args__ = (
        Index("delivery_segment", "segment_id"),
        Index("delivery_provider", "provider_id", postgresql_where=text("provider_id IS NOT NULL")),
        Index("delivery_household", "household_id", postgresql_where=text("household_id IS NOT NULL")),
    )

    id: UUID = Field(
        primary_key=True
    )  # half the segment's, half the address's: a segment's rows lie together
    segment_id: UUID  # no foreign key: a check a row would cost as much as the row (bench/fanout.py)
    owner_id: UUID | None = None  # contact, resident, tower; NULL for a village without any
    address_id: UUID | None = None
    household_id: UUID | None = None
    village_code: str = Field(sa_column=Column(String(8, collation="C"), nullable=False))
    state: str | None = None
    why: str | None = None
    provider_id: str | None = None
    changed_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


class ReceiptRow(SQLModel, table=True):
    """What a provider said, as it came: append-only. One that matches nothing yet stays parked (`matched` false)."""

    __tablename__ = "receipt"
    __table_args__ = (
        Index("receipt_parked", "provider_id", postgresql_where=text("NOT matched")),
        Index("receipt_delivery", "delivery_id"),
        # The sweep asks each second whether any came lately; they come in order of time, so a few pages of index are enough.
        Index(
            "receipt_lately", "received_at", postgresql_using="brin", postgresql_with={"pages_per_range": 16}
        ),
    )

    id: UUID = Field(primary_key=True)  # made from the event: a repeat is the same row
    channel: str
    delivery_id: UUID | None = None
    provider_id: str | None = None
    state: str
    why: str = ""
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    received_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    matched: bool = False


class ReplyRow(SQLModel, table=True):
    """What a person said back, by whatever way; answers of radio and paper are keyed on their behalf."""

    __tablename__ = "reply"
    __table_args__ = (
        Index("reply_alert", "alert_id", "village_code"),
        Index("reply_unheard", "alert_id", postgresql_where=text("NOT heard")),
        Index("reply_caller", "caller_id", postgresql_where=text("caller_id IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    alert_id: UUID | None = None
    mode: Mode
    village_code: str | None = Field(default=None, sa_column=Column(String(8, collation="C")))
    household_id: UUID | None = None
    delivery_id: UUID | None = None
    contact_id: UUID | None = None
    institution_id: UUID | None = None  # it spoke for itself, not for its village
    caller_id: UUID | None = None  # of a number nobody knows (warning/caller.py)
    answer: str  # channels.contract.Answer
    homes: int | None = None
    people: int | None = None
    times: int | None = None  # how often it was announced
    via: str  # line | sms | link | phone | radio | paper | tower
    keyed_by: str | None = None  # the officer who wrote it down
    heard_from: str | None = None  # who said it: a post, never a private name
    text_sealed: bytes | None = None
    heard: bool = False  # the step `heard` has drawn its conclusions
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    received_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class Account(SQLModel, table=True):
    """One token bucket a provider account, shared by all workers. Times are the wall's: so are gateways."""

    channel: str = Field(primary_key=True)
    tokens: float
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    paused_until: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    paused_why: str | None = None


class Coverage(SQLModel, table=True):
    """Who was reached, a village of an alert a row. reached + waiting + unreached = homes, always."""

    alert_id: UUID = Field(primary_key=True, foreign_key="alert.id")
    village_code: str = Field(sa_column=Column(String(8, collation="C"), primary_key=True))
    mode: Mode
    homes: int  # registered, or the estimate where that is more
    registered: int
    reached: int
    reached_by_announcement: int  # of the reached: only by the head's word and count of homes
    waiting: int  # sent or about to be, nothing confirmed
    sent_unconfirmed: int  # of the waiting: a provider took it. Not reached.
    unreached: int
    vulnerable_unreached: int
    contacts: int
    answered: bool  # somebody of the village said something
    announced: bool
    last_word: str | None = None
    last_word_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    by_channel: str = "{}"  # JSON: channel -> homes reached by it; a home reached by two counts in both
    counted_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


DELIVERY_STATUS_VIEW = """
CREATE VIEW delivery_status AS
SELECT d.id, d.segment_id, s.alert_id, s.mode, s.channel, s.audience, s.rung, d.owner_id, d.address_id,
       d.household_id, d.village_code, COALESCE(d.state, s.outcome) AS state,
       CASE WHEN d.state IS NULL THEN s.why ELSE d.why END AS why,
       d.provider_id, COALESCE(d.changed_at, s.sent_at) AS changed_at
FROM delivery d JOIN segment s ON s.id = d.segment_id
"""
