"""What a device says of a self-test. Pure; contract: docs/channels/village_pa.md."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from channels.pa_command import TEST_ID


class SelfTestAnswer(BaseModel):
    """The last word about one test. What a box cannot tell is None."""

    state: Literal["done", "failed", "refused"]
    at: AwareDatetime | None = None  # by the box's own clock
    amplifier: bool | None = None
    mic: bool | None = None  # the microphone answers, without a sound
    mic_ok: bool | None = None  # it heard the sound
    battery_v: float | None = Field(None, ge=0, le=100, allow_inf_nan=False)
    seconds: float | None = Field(None, ge=0, le=3600, allow_inf_nan=False)
    why: str = ""


def read_test(command_id: str, payload: bytes) -> tuple[UUID, SelfTestAnswer] | None:
    """None for what is no last word about a test of ours."""
    try:
        return UUID(command_id.removeprefix(TEST_ID)), SelfTestAnswer.model_validate_json(payload)
    except (ValueError, ValidationError):
        return None
