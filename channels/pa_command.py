"""The language of village loudspeaker controllers: signed commands out, acks in. Pure.

Device contract: docs/channels/village_pa.md. A command is JSON; `sig` is hex HMAC-SHA256 over the command
without `sig` as canonical JSON (keys sorted, no spaces, UTF-8 as it is), so that a broker, or who breaks into
it, can make no tower speak. A device holds two keys: its own for `play` and `stop`, another for `test`. The
verb stands inside, so that a command published again under another topic is none. What a device makes of it:
channels/pa_accept.py.
"""

import hmac
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ValidationError

from channels.contract import Batch, Message, Receipt, ReceiptState

DEVICE = re.compile(r"[A-Za-z0-9_.-]{1,64}")  # neither a level nor a wildcard of a topic
TEST_ID = "test-"  # begins the id of a test, so that its ack is never taken for a delivery's
PRIORITY = {"Extreme": 4, "Severe": 3, "Moderate": 2, "Minor": 1}  # higher breaks into lower
CLOCK_MAY_BE_OFF = timedelta(seconds=60)


class PaProof(StrEnum):
    """What is known of a village that a loudspeaker was to tell."""

    COMMANDED = "commanded"
    PLAYED = "played"  # the device says so
    HEARD = "heard"  # its microphone, or a person with a name, says so


class _Ack(BaseModel):
    state: str
    why: str = ""
    seconds: float | None = None
    mic_ok: bool | None = None
    standing: bool = False  # the device's standing message sounded, because this one's clips were not there
    at: AwareDatetime | None = None


def command(
    batch: Batch, message: Message, *, now: datetime, repeat: int, gap_s: int, volume: int
) -> dict[str, object]:
    """One `play`. `data` of a message: clips (sha256, comma between), seq; without seq the time is the order.

    The device refuses a seq not above its last: the office's newest word wins, whatever the order of arrival.
    """
    clips = [clip for clip in message.data.get("clips", "").split(",") if clip]
    return {
        "id": str(message.id),
        "verb": "play",
        "at": now.isoformat(),
        "alert": str(batch.alert_id),
        "seq": int(message.data.get("seq") or now.timestamp() * 1000),
        "priority": PRIORITY.get(batch.severity, 0),
        "clips": clips,
        "text": message.text,
        "repeat": repeat,
        "gap_s": gap_s,
        "volume": volume,
        "exercise": batch.exercise,
        "not_after": batch.expires_at.isoformat(),
    }


def stop(command_id: str, *, now: datetime, not_after: datetime, alert: str = "") -> dict[str, object]:
    """Silence: what sounds and what waits, of one alert or of all."""
    return {
        "id": command_id,
        "verb": "stop",
        "at": now.isoformat(),
        "alert": alert,
        "seq": int(now.timestamp() * 1000),
        "not_after": not_after.isoformat(),
    }


def self_test(
    test_id: UUID, mode: Literal["silent", "audible"], *, now: datetime, not_after: datetime
) -> dict[str, object]:
    """Ask a device to try itself. It names no sound: which one a test makes, only the device knows."""
    return {
        "id": f"{TEST_ID}{test_id}",
        "verb": "test",
        "at": now.isoformat(),
        "mode": mode,
        "seq": int(now.timestamp() * 1000),
        "not_after": not_after.isoformat(),
    }


def test_key(master: str, device: str) -> str:
    """The key a device knows tests by, out of the office's one. It opens nothing but tests."""
    return hmac.digest(master.encode(), b"raksa pa test " + device.encode(), "sha256").hex()


def clip_token(device: str, device_key: str) -> str:
    """What a device shows to be given clips: made from its key, and not the key."""
    return hmac.digest(device_key.encode(), b"raksa pa clips " + device.encode(), "sha256").hex()


def canonical(unsigned: Mapping[str, object]) -> bytes:
    return json.dumps(unsigned, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def signed(unsigned: Mapping[str, object], key: str) -> bytes:
    """The command as it goes out."""
    sig = hmac.digest(key.encode(), canonical(unsigned), "sha256").hex()
    return json.dumps({**unsigned, "sig": sig}, ensure_ascii=False).encode()


def read_ack(command_id: str, payload: bytes, now: datetime) -> Receipt | None:
    """What a device says of one command; None for anything that is no ack of ours.

    Three levels of proof: the controller has the command (ACCEPTED), it says that it played (DELIVERED),
    somebody heard it (its microphone, told in `why`, or a person's answer, elsewhere). A microphone that heard
    nothing is a horn that does not sound: FAILED.
    """
    try:
        delivery_id, ack = UUID(command_id), _Ack.model_validate_json(payload)
    except (ValueError, ValidationError):
        return None
    told = _told(ack, now)
    return Receipt(delivery_id, told[0], now, why=told[1]) if told is not None else None


def _told(ack: _Ack, now: datetime) -> tuple[ReceiptState, str] | None:
    match ack.state:
        case "received":
            return ReceiptState.ACCEPTED, "the controller has it"
        case "playing":
            return ReceiptState.ACCEPTED, "playing"
        case "done" if ack.mic_ok is False:
            return ReceiptState.FAILED, "played, but its microphone heard nothing"
        case "done":
            which = " of its standing message, without this one's clips" if ack.standing else ""
            heard = HEARD if ack.mic_ok else ""
            return ReceiptState.DELIVERED, f"played {ack.seconds or 0:.0f} s{which}{heard}"
        case "failed":
            return ReceiptState.FAILED, ack.why[:100] or "the controller could not play it"
        case "refused" if ack.why == "too late":
            return ReceiptState.EXPIRED, f"reached the controller past its time{clock_told(ack.at, now)}"
        case "refused":
            return ReceiptState.REFUSED, ack.why[:100] or "refused by the controller"
        case _:
            return None


HEARD = ", heard by its microphone"


def clock_told(at: datetime | None, now: datetime) -> str:
    """Words about a device's clock that is off, from the time its ack carries: one that is ahead refuses all."""
    if at is None or abs(at - now) <= CLOCK_MAY_BE_OFF:
        return ""
    minutes = abs(at - now).total_seconds() / 60
    return f"; its clock is {minutes:.0f} min {'ahead' if at > now else 'behind'}"


def proof_of(state: ReceiptState, why: str) -> PaProof | None:
    """The level of one receipt of a loudspeaker; None when it proves nothing."""
    match state:
        case ReceiptState.CONFIRMED:
            return PaProof.HEARD
        case ReceiptState.DELIVERED:
            return PaProof.HEARD if why.endswith(HEARD) else PaProof.PLAYED
        case ReceiptState.HANDED_OVER | ReceiptState.ACCEPTED:
            return PaProof.COMMANDED
        case _:
            return None


def read_state(payload: bytes) -> bool | None:
    """Is the device online, by its own retained word or its will? None for nonsense."""
    try:
        told = json.loads(payload)
    except ValueError:
        return None
    online = told.get("online") if isinstance(told, dict) else None
    return online if isinstance(online, bool) else None
