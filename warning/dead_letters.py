"""What could not be told and why: deliveries that failed for good, expired, or nobody knows of. A person works through them.

A dead letter counts as open while nothing else has reached its home or person, and nobody has taken it in hand. What the
carrier or the ledger wrote as the reason is a row's `why`; rows of one alert, channel, state and reason are one group.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Column, DateTime
from sqlmodel import Field, SQLModel


class TakenCare(StrEnum):
    HANDED = "handed"  # to somebody who goes or rings
    CORRECTED = "corrected"  # the number or address was put right in the registry
    DONE = "done"  # they know


class Undelivered(SQLModel, table=True):
    """What a person did about one dead letter; without a row nobody has."""

    delivery_id: UUID = Field(primary_key=True)
    alert_id: UUID = Field(index=True)
    care: TakenCare
    to_whom: str = ""  # a post or a team, never a private name
    by: str  # the user
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
