"""The alert: a record that never changes once issued, and the one table of its states."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, DateTime, UniqueConstraint
from sqlmodel import Field, SQLModel

from geo.errors import NotAllowed


class Mode(StrEnum):
    """Real life, or a drill. Part of every key: the two can never meet in one row."""

    ACTUAL = "actual"
    EXERCISE = "exercise"


class AlertState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    ISSUED = "issued"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"


NEXT: dict[AlertState, set[AlertState]] = {
    AlertState.DRAFT: {AlertState.APPROVED, AlertState.REJECTED},
    AlertState.APPROVED: {AlertState.ISSUED, AlertState.REJECTED},
    AlertState.ISSUED: {AlertState.SUPERSEDED, AlertState.CANCELLED, AlertState.EXPIRED},
    AlertState.SUPERSEDED: set(),
    AlertState.CANCELLED: set(),
    AlertState.EXPIRED: set(),
    AlertState.REJECTED: set(),
}


class ApprovalPolicy(StrEnum):
    NONE = "none"
    DUTY_OFFICER = "duty_officer"
    TWO_PERSON = "two_person"
    SEND_THEN_REVIEW = "send_then_review"


class Alert(SQLModel, table=True):
    """CAP 1.2 in rows. Everything but `state`, `changed_at` and the review is fixed when it is issued."""

    __table_args__ = (UniqueConstraint("mode", "number"),)

    id: UUID = Field(primary_key=True)
    mode: Mode
    number: str  # short, readable by radio: พท-2569-0012
    identifier: str  # CAP identifier
    msg_type: str  # Alert | Update | Cancel
    kind: str  # alert | update | cancel | all_clear | correction: which words it was written with
    state: AlertState = AlertState.DRAFT
    event: str  # which template: river_overflow, flash_flood, ...
    severity: str
    urgency: str
    certainty: str
    response_type: str
    tambons: list[str] = Field(sa_column=Column(JSON, nullable=False))
    villages: list[str] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )  # empty: whole tambon
    facts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    words: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    cap_xml: bytes | None = None
    approval: ApprovalPolicy
    untested: bool = False  # drafted by a rule not yet released: a person must look
    assessment_id: UUID | None = None
    rule: str | None = None
    references: list[str] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )  # alert ids it replaces
    drafted_by: str = "rule"  # a user's id, or "rule"
    drafted_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    issued_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    water_by: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    review_due_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    reviewed_by: str | None = None
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class Approval(SQLModel, table=True):
    """One person's yes to one version of a draft. The same person counts once."""

    alert_id: UUID = Field(primary_key=True, foreign_key="alert.id")
    user_id: str = Field(primary_key=True)
    seen: str = Field(primary_key=True)  # the version they read: `seen.seen_of`
    user_name: str
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


def advance(alert: Alert, to: AlertState, now: datetime) -> None:
    """Move an alert one step. Raises NotAllowed, worded for the person who pressed the button."""
    if to not in NEXT[alert.state]:
        raise NotAllowed(
            f"การเตือน {alert.number} อยู่ในสถานะ {alert.state} จึงเปลี่ยนเป็น {to} ไม่ได้ "
            f"(alert {alert.number} is {alert.state} and cannot become {to})"
        )
    alert.state, alert.changed_at = to, now


LIFE_SAFETY = frozenset({"Severe", "Extreme"})


BY_RULE = "rule"  # `drafted_by` of an alert no person wrote


def approvals_needed(alert: Alert) -> int:
    """How many different people must say yes before it goes out.

    Two-person means two different people: whoever wrote the draft is one of them, and cannot be the other.
    """
    if alert.approval is ApprovalPolicy.TWO_PERSON:
        return 2 if alert.drafted_by == BY_RULE else 1
    return 0 if alert.approval is ApprovalPolicy.NONE else 1
