"""What a tower's controller makes of a command before it opens the amplifier. Pure.

A command is JSON {id, alert, seq, priority, clips, repeat, gap_s, volume, not_after, sig}; `sig` is hex
HMAC-SHA256, with the device's own key, over the command without `sig` as canonical JSON (keys sorted,
no spaces, UTF-8 as it is). `not_after` is ISO 8601 with an offset, or seconds since 1970.
"""

import hmac
import json
from datetime import UTC, datetime
from typing import Any


class Refused(Exception):
    """The device will not obey; `why` goes into its ack."""

    def __init__(self, why: str, command_id: str | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.command_id = command_id


def canonical(command: dict[str, Any]) -> bytes:
    body = {k: v for k, v in command.items() if k != "sig"}
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def signature(key: str, command: dict[str, Any]) -> str:
    return hmac.digest(key.encode(), canonical(command), "sha256").hex()


def accept(raw: bytes, key: str, last_seq: int, now: datetime, verb: str = "play") -> dict[str, Any]:
    """The command, if it may be obeyed at `now` (aware). Raises Refused with the reason.

    key: of this verb's role; without one nothing is obeyed. verb: of the topic; a command that carries its verb
    must say the same. A self-test names no clip.

    The signature is judged first: an unsigned stranger learns nothing of clock or sequence.
    """
    try:
        command = json.loads(raw)
    except ValueError as error:
        raise Refused("not json") from error
    if not isinstance(command, dict) or not isinstance(command.get("id"), str):
        raise Refused("no id")
    name = command["id"]
    if not key:
        raise Refused("no key for this", name)
    if not hmac.compare_digest(str(command.get("sig", "")).encode(), signature(key, command).encode()):
        raise Refused("bad signature", name)
    if command.get("verb", verb) != verb:
        raise Refused("another command's topic", name)
    if verb == "test" and {"clips", "text", "volume"} & set(command):
        raise Refused("a self-test names no clip", name)
    until = _moment(command.get("not_after"))
    if until is None:
        raise Refused("no not_after", name)
    if now > until:
        raise Refused("too late", name)
    seq = command.get("seq")
    if not isinstance(seq, int) or seq <= last_seq:
        raise Refused("old seq", name)
    return command


def _moment(value: object) -> datetime | None:
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
