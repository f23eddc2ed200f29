"""The papers somebody takes from door to door: sheet n of an alert, its rows, who took it, when it came back.

A sheet is a snapshot: what is printed stays what its row codes mean. Whoever took it stands here sealed, in the trail as a digest.
"""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, String
from sqlmodel import Field, SQLModel

from geo.errors import NotAllowed

MOST_ROWS = 30  # of one sheet: an hour or two on foot, two pages of A4; our own choice


class Found(StrEnum):
    """What somebody met at a door. Nothing says that a house stands empty."""

    TOLD = "told"  # spoken to: they know
    NEED_HELP = "need_help"
    NO_ANSWER = "no_answer"  # go again


class DoorKnockSheet(SQLModel, table=True):
    """`nth` counts within one alert. Followed by the audit trail (`warning/audited.py`)."""

    __tablename__ = "door_knock_sheet"
    __table_args__ = (Index("door_knock_sheet_nth", "alert_id", "nth", unique=True),)

    id: UUID = Field(primary_key=True)
    mode: str
    alert_id: UUID = Field(foreign_key="alert.id")
    nth: int
    village_code: str = Field(sa_column=Column(String(8, collation="C"), nullable=False))
    homes: int
    made_by: str  # a user's id
    made_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    taken_by_sealed: bytes | None = None  # who carries it: a name or a post
    out_by: str | None = None  # the user who gave it out
    out_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    back_by: str | None = None
    back_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class DoorKnockRow(SQLModel, table=True):
    """One home of a sheet, and what was found there once it is keyed."""

    __tablename__ = "door_knock_row"
    __table_args__ = (Index("door_knock_row_home", "household_id"),)

    sheet_id: UUID = Field(primary_key=True, foreign_key="door_knock_sheet.id")
    nth: int = Field(primary_key=True)
    household_id: UUID
    needs: str = ""  # words of NeedKind, by commas
    found: str | None = None  # Found
    people: int | None = None
    found_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    keyed_by: str | None = None


class Code(NamedTuple):
    sheet: int
    row: int


def code_text(code: Code) -> str:
    """`12-07-9`: sheet, row, and a digit that betrays a slip of the finger (Luhn, ISO/IEC 7812-1 annex B)."""
    return f"{code.sheet}-{code.row:02d}-{_check(f'{code.sheet}{code.row:02d}')}"


def read_code(typed: str) -> Code:
    """The code as somebody types it, Thai digits too, with or without the strokes. Raises NotAllowed."""
    digits = "".join(str(int(c)) for c in typed if c.isdecimal())
    if len(digits) < 4 or len(digits) > 9 or _check(digits[:-1]) != int(digits[-1]):
        raise NotAllowed(
            "รหัสแถวไม่ถูกต้อง อ่านจากกระดาษอีกครั้ง (this row code is not right: read it from the paper again)"
        )
    return Code(int(digits[:-3]), int(digits[-3:-1]))


def _check(digits: str) -> int:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        n = int(digit) * (2 if place % 2 == 0 else 1)
        total += n - 9 if n > 9 else n
    return -total % 10
