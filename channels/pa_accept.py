"""What a loudspeaker's controller makes of a command before it opens the amplifier. Pure; the device's side.

Two keys, two roles. What the test key signs can only be a self-test, and a self-test has no field in which a clip, a text
or a siren could stand: whoever steals the test key can make no village believe anything.
"""

import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from channels.pa_command import canonical

COMMAND_ID = r"^[A-Za-z0-9-]{1,64}$"  # it becomes a topic of the ack
CLIP = r"^[0-9a-f]{64}$"
MOST_CLIPS = 300


class Role(StrEnum):
    """What a key may ask for."""

    ALERT = "alert"
    TEST = "test"


ROLE_OF: Mapping[str, Role] = {"play": Role.ALERT, "stop": Role.ALERT, "test": Role.TEST}


class Keys(NamedTuple):
    alert: str
    test: str

    def of(self, role: Role) -> str:
        return self.alert if role is Role.ALERT else self.test


class _Command(BaseModel):
    """A field of a newer office is no reason to stay silent; of a test it is."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str = Field(pattern=COMMAND_ID)
    seq: int
    at: AwareDatetime  # when the office signed it
    not_after: AwareDatetime
    sig: str


class Play(_Command):
    verb: Literal["play"]
    alert: str
    priority: int = Field(ge=0, le=9)
    clips: list[Annotated[str, Field(pattern=CLIP)]] = Field(max_length=MOST_CLIPS)
    text: str = ""
    repeat: int = Field(ge=1, le=10)
    gap_s: float = Field(ge=0, le=120)
    volume: int = Field(ge=0, le=100)
    exercise: bool = False


class Stop(_Command):
    verb: Literal["stop"]
    alert: str = ""  # empty: whatever sounds


class SelfTest(_Command):
    """No clip, no text, no volume: the device's own sound of a test, or none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    verb: Literal["test"]
    mode: Literal["silent", "audible"]


KIND: Mapping[str, type[Play] | type[Stop] | type[SelfTest]] = {"play": Play, "stop": Stop, "test": SelfTest}


class Refused(Exception):
    """The device will not obey; `why` goes into its ack."""

    def __init__(self, why: str, command_id: str | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.command_id = command_id


class Clock(NamedTuple):
    """The box's own time, and the newest time an office signed: a clock that lost its battery cannot make an old command new."""

    own: datetime
    signed: datetime | None = None

    @property
    def now(self) -> datetime:
        return max(self.own, self.signed) if self.signed else self.own


def accept(
    verb: str, raw: bytes, keys: Keys, last_seq: Mapping[Role, int], clock: Clock
) -> Play | Stop | SelfTest:
    """The command, if it may be obeyed. Raises Refused with the reason.

    verb: of the topic it came by. last_seq: of each role apart, so that tests cannot make alerts look old.
    The signature is judged first: a stranger learns nothing of clock or sequence.
    """
    command, name = _object(raw)
    role = ROLE_OF.get(verb)
    if role is None:
        raise Refused("unknown command", name)
    if not _signed_with(keys.of(role), command):
        other = Role.TEST if role is Role.ALERT else Role.ALERT
        if _signed_with(keys.of(other), command):
            raise Refused(f"the {other} key may not {verb}", name)
        raise Refused("bad signature", name)
    if command.get("verb") != verb:
        raise Refused("another command's topic", name)
    try:
        made = KIND[verb].model_validate(command)
    except ValidationError as error:
        first = error.errors()[0]
        raise Refused(f"{'.'.join(map(str, first['loc']))}: {first['msg']}"[:100], name) from error
    if max(clock.now, made.at) > made.not_after:
        raise Refused("too late", name)
    if made.seq <= last_seq.get(role, -1):
        raise Refused("old seq", name)
    return made


def _object(raw: bytes) -> tuple[dict[str, object], str]:
    try:
        command = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Refused("not json") from error
    name = command.get("id") if isinstance(command, dict) else None
    if not isinstance(name, str):
        raise Refused("no id")
    return command, name


def _signed_with(key: str, command: Mapping[str, object]) -> bool:
    try:
        plain = canonical({k: v for k, v in command.items() if k != "sig"})
    except (ValueError, RecursionError):  # half a character: nobody signs that
        return False
    right = hmac.digest(key.encode(), plain, "sha256").hex()
    return hmac.compare_digest(str(command.get("sig", "")).encode(), right.encode())
