"""The language of village loudspeaker controllers: signed commands out, acks in. Pure.

Device contract: docs/channels/village_pa.md. A command is JSON; `sig` is hex HMAC-SHA256 with the device's
own key over the command without `sig` as canonical JSON (keys sorted, no spaces, UTF-8 as it is), so that a
broker, or who breaks into it, can make no tower speak.
"""

import hmac
import json
import re
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ValidationError

from channels.contract import Batch, Message, Receipt, ReceiptState

DEVICE = re.compile(r"[A-Za-z0-9_.-]{1,64}")  # neither a level nor a wildcard of a topic
PRIORITY = {"Extreme": 4, "Severe": 3, "Moderate": 2, "Minor": 1}  # higher breaks into lower


class _Ack(BaseModel):
    state: str
    why: str = ""
    seconds: float | None = None
    mic_ok: bool | None = None


def command(
    batch: Batch, message: Message, *, now: datetime, repeat: int, gap_s: int, volume: int
) -> dict[str, object]:
    """One `play`. `data` of a message: clips (sha256, comma between), seq; without seq the time is the order.

    The device refuses a seq not above its last: the office's newest word wins, whatever the order of arrival.
    """
    clips = [clip for clip in message.data.get("clips", "").split(",") if clip]
    return {
        "id": str(message.id),
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


def canonical(unsigned: Mapping[str, object]) -> bytes:
    return json.dumps(unsigned, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def signed(unsigned: Mapping[str, object], key: str) -> bytes:
    """The command as it goes out."""
    sig = hmac.digest(key.encode(), canonical(unsigned), "sha256").hex()
    return json.dumps({**unsigned, "sig": sig}, ensure_ascii=False).encode()


def read_ack(command_id: str, payload: bytes, now: datetime) -> Receipt | None:
    """What a device says of one command; None for anything that is no ack of ours.

    Three levels of proof: the controller has the command (ACCEPTED), it says that it played (DELIVERED),
    somebody heard it (a person's answer, elsewhere). A microphone that heard nothing is a horn that does not
    sound: FAILED.
    """
    try:
        delivery_id, ack = UUID(command_id), _Ack.model_validate_json(payload)
    except (ValueError, ValidationError):
        return None
    match ack.state:
        case "received":
            return Receipt(delivery_id, ReceiptState.ACCEPTED, now, why="the controller has it")
        case "playing":
            return Receipt(delivery_id, ReceiptState.ACCEPTED, now, why="playing")
        case "done" if ack.mic_ok is False:
            return Receipt(
                delivery_id, ReceiptState.FAILED, now, why="played, but its microphone heard nothing"
            )
        case "done":
            heard = ", heard by its microphone" if ack.mic_ok else ""
            return Receipt(
                delivery_id, ReceiptState.DELIVERED, now, why=f"played {ack.seconds or 0:.0f} s{heard}"
            )
        case "refused" if ack.why == "too late":
            return Receipt(delivery_id, ReceiptState.EXPIRED, now, why="reached the controller past its time")
        case "refused":
            return Receipt(
                delivery_id, ReceiptState.REFUSED, now, why=ack.why[:100] or "refused by the controller"
            )
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
