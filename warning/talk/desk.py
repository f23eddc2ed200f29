"""Is anybody there who reads calls for help, and how many are before this one?"""

from datetime import datetime, time
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from sqlalchemy import text
from sqlmodel import Session

from geo.when import bangkok
from warning.alert import Mode


class HelpDeskSettings(BaseModel):
    """The roster that answers calls for help. Without it nobody is said to be there. Bangkok times; may pass midnight."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    roster: str = Field(default="", max_length=80)  # a post, as people know it; never a private name
    opens: time | None = None
    closes: time | None = None

    @field_validator("opens", "closes", mode="before")
    @classmethod
    def _quoted(cls, hour: Any) -> Any:
        if isinstance(hour, int | float):  # YAML reads 20:00 without quotes as 1200
            raise ValueError('write the hour in quotes, "20:00"')
        return hour

    @model_validator(mode="after")
    def _whole(self) -> "HelpDeskSettings":
        told = [bool(self.roster), self.opens is not None, self.closes is not None]
        if any(told) and not all(told):
            raise ValueError(
                "write roster, opens and closes, or leave help_desk out: nobody may wait for an empty desk"
            )
        return self

    def on_duty(self, now: datetime) -> bool:
        """now: aware UTC."""
        if self.opens is None or self.closes is None:
            return False
        at = bangkok(now).time()
        if self.opens == self.closes:
            return True  # day and night
        if self.opens < self.closes:
            return self.opens <= at < self.closes
        return at >= self.opens or at < self.closes


_BEFORE = text(
    "SELECT (SELECT count(*) FROM mission WHERE mode = :word AND kind = 'RESCUE' AND state IN ('REQUESTED', 'ACCEPTED') "
    "AND household_id IS DISTINCT FROM CAST(:home AS uuid)) + (SELECT count(*) FROM unknown_caller WHERE mode = :mode "
    "AND state = 'OPEN' AND answer = 'need_help' AND hash <> :hash)"
)


def calls_before(session: Session, mode: Mode, home: UUID | None, fingerprint: str) -> int:
    """Open calls for help of others: rescues not under way to an end, and strangers nobody has placed yet."""
    return int(
        session.execute(
            _BEFORE, {"mode": mode.name, "word": mode.value, "home": home, "hash": fingerprint}
        ).scalar_one()
    )
