"""The numbers indicators are made with, as data; where each comes from stands beside it in settings.yaml."""

from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field

Positive = Annotated[timedelta, Field(gt=timedelta(0))]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Antecedent(_Part):
    decay_per_day: float = Field(ge=0, le=1)
    draft: bool = False


class Rise(_Part):
    short: Positive
    enough: int = Field(ge=2)
    long: Positive
    least_span: Positive


class Axis(_Part):
    from_deg: float = Field(ge=0, lt=360)
    fetch_km: float = Field(gt=0)


class Lake(_Part):
    k: float = Field(gt=0)
    gravity_m_s2: float = Field(gt=0)
    depth_m: float = Field(gt=0)
    axes: tuple[Axis, ...] = Field(min_length=1)
    draft: bool = False


class Settings(_Part):
    least_share: float = Field(gt=0, le=1)
    antecedent: Antecedent
    rise: Rise
    lake: Lake


@cache
def settings() -> Settings:
    """As shipped."""
    told = (files("warning.indicators") / "settings.yaml").read_text(encoding="utf-8")
    return Settings.model_validate(yaml.safe_load(told))
