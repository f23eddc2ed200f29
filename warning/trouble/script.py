"""A script of what goes wrong in one night, as somebody writes it down in YAML, checked before anything is started."""

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from geo.errors import ConfigError

Seconds = Annotated[float, Field(ge=0, le=3600)]
Share = Annotated[float, Field(ge=0, le=1)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    at: Seconds = 0  # of the wall, since the alert was issued


class AtGateway(_Entry):
    """A gateway is down, slow, throttles, fails before or after it took the message, or cuts the line after it took it."""

    gateway: Literal["line", "sms"]
    do: Literal["down", "slow", "throttle", "error", "error_after_taking", "cut"]
    lasts: Seconds | None = None  # None: until the end
    calls: int | None = Field(default=None, ge=1, le=100_000)  # so many calls only, instead of a time


class Quota(_Entry):
    """LINE's month ends half way: so many recipients are left."""

    line_quota: int = Field(ge=0)
    lasts: Seconds | None = None


class Reports(_Entry):
    """Receipts and answers: lost, doubled, late (others overtake them), early (before the answer to the submit)."""

    reports: Literal["rough"]
    lost: Share = 0
    doubled: Share = 0
    late: Share = 0
    early: Share = 0
    late_s: Annotated[float, Field(gt=0, le=60)] = 1.0
    lasts: Seconds | None = None


class DeadTowers(_Entry):
    """A share of the village loudspeakers loses its power."""

    dead_towers: Share


class Workers(_Entry):
    """kill -9 of one worker, or of all at once; a new one is started after `back_after` seconds (None: nobody does)."""

    kill: Literal["one", "all"]
    times: int = Field(default=1, ge=1, le=200)
    every: Annotated[float, Field(gt=0, le=60)] = 1.0
    back_after: Seconds | None = 1.0


class DatabaseRestart(_Entry):
    """PostgreSQL ends all sessions and is away for so long."""

    database: Literal["restart"]
    away: Annotated[float, Field(ge=0, le=60)] = 2.0


class ClockJump(_Entry):
    """The clock of every process of ours jumps: seconds, below 0 back."""

    clock_jump_s: Annotated[float, Field(ge=-7200, le=7200)]


Entry = AtGateway | Quota | Reports | DeadTowers | Workers | DatabaseRestart | ClockJump


class Script(BaseModel):
    """One night. homes: how many invented households the alert is for; sms_per_s: what the SMS account's contract allows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    homes: int = Field(default=1000, ge=1, le=200_000)
    severity: Literal["Extreme", "Severe", "Moderate", "Minor"] = "Extreme"
    sms_per_s: Annotated[float, Field(gt=0, le=10_000)] = 500
    answers: bool = True  # heads and residents answer what reached them
    workers: int = Field(default=2, ge=1, le=4)
    most_s: Annotated[float, Field(gt=0, le=1800)] = (
        120  # the night is called off after so long, whatever waits
    )
    faults: tuple[Entry, ...] = ()


def read_script(path: Path) -> Script:
    """Raises ConfigError that says where the mistake stands and what may stand there."""
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({error})") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: no YAML ({error})") from error
    if not isinstance(found or {}, dict):
        raise ConfigError(f"{path}: keys are needed: homes, severity, sms_per_s, workers, most_s, faults")
    raw = dict(found or {})
    faults = raw.pop("faults", [])
    if not isinstance(faults, list):
        raise ConfigError(f"{path}: faults needs a list, each entry with a hyphen")
    try:
        return Script(**raw, faults=tuple(_entry(path, nth, entry) for nth, entry in enumerate(faults)))
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


_BY_KEY: dict[str, type[Entry]] = {
    "gateway": AtGateway, "line_quota": Quota, "reports": Reports, "dead_towers": DeadTowers, "kill": Workers,
    "database": DatabaseRestart, "clock_jump_s": ClockJump,
}  # fmt: skip


def _entry(path: Path, nth: int, raw: object) -> Entry:
    """Which kind an entry is, is told by the one key only that kind has."""
    if not isinstance(raw, dict):
        raise ConfigError(
            f"{path}: faults[{nth}]: needs keys, e.g. {{at: 2, gateway: sms, do: down, lasts: 5}}"
        )
    kinds = [kind for key, kind in _BY_KEY.items() if key in raw]
    if len(kinds) != 1:
        raise ConfigError(f"{path}: faults[{nth}]: write exactly one of {', '.join(_BY_KEY)}")
    try:
        return kinds[0](**raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ConfigError(f"{path}: faults[{nth}].{where}: {first['msg']}") from error
