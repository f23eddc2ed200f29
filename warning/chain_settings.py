"""The office's settings of the chain: whose alerts ring people in turn, whom, and how often."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field, field_validator

from geo.people import Role
from warning.rule import Severity


class ChainSettings(BaseModel):
    """Who is rung in turn in one village. Only where all channels speak at once: below Severe the ladder goes first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    levels: tuple[Severity, ...] = (Severity.EXTREME, Severity.SEVERE)
    roles: tuple[Role, ...] = Field(default=(Role.HEAD, Role.ASSISTANT, Role.KEY_HOLDER), min_length=1)
    tries: int = Field(default=3, ge=1, le=10)  # of one person, then the next one
    again: timedelta = Field(default=timedelta(seconds=90), gt=timedelta(0))  # between two tries

    @field_validator("levels")
    @classmethod
    def _together(cls, levels: tuple[Severity, ...]) -> tuple[Severity, ...]:
        if not set(levels) <= {Severity.EXTREME, Severity.SEVERE}:
            raise ValueError("only Severe and Extreme ring people in turn; lower levels go down the ladder")
        return levels
