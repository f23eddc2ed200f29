"""SMPP 3.4 in bytes: what we send, what we are told. Pure; no socket, no clock.

Source: Short Message Peer to Peer Protocol Specification v3.4, issue 1.2 (SMPP Developers Forum, 1999): header 3.2, commands
5.1.2, statuses 5.1.3, esm_class 5.2.12, data_coding 5.2.19, validity 7.1.1, receipts appendix B. Joining of parts: 3GPP TS
23.040, 9.2.3.24.1.
"""

import re
import struct
from collections.abc import Iterator
from datetime import timedelta
from enum import IntEnum
from typing import NamedTuple

from channels import sms_text
from channels.contract import ReceiptState

HEADER = struct.Struct(">4I")  # length, command, status, sequence
LAST_SEQUENCE = 0x7FFFFFFF
MOST_BYTES = 64 * 1024  # no PDU of an SMSC is nearly as long: what claims to be is another protocol
RESPONSE = 0x80000000
UCS2 = 8
JOINED = 0x40  # esm_class: a header of user data comes first
_RECEIPT_BITS, _IS_RECEIPT = 0x3C, 0x04
_TLV_RECEIPTED_ID, _TLV_STATE, _TLV_PAYLOAD = 0x001E, 0x0427, 0x0424
_TLV_REF, _TLV_TOTAL, _TLV_NTH = 0x020C, 0x020E, 0x020F


class Command(IntEnum):
    SUBMIT = 0x04
    DELIVER = 0x05
    UNBIND = 0x06
    BIND_TRANSCEIVER = 0x09
    ENQUIRE_LINK = 0x15
    GENERIC_NACK = 0x80000000


class Status(IntEnum):
    OK = 0x00
    NOT_BOUND = 0x04
    ALREADY_BOUND = 0x05
    SYSTEM_ERROR = 0x08
    BAD_SOURCE = 0x0A
    BAD_DESTINATION = 0x0B
    BIND_FAILED = 0x0D
    BAD_PASSWORD = 0x0E
    BAD_SYSTEM_ID = 0x0F
    QUEUE_FULL = 0x14
    THROTTLED = 0x58


SLOWER = frozenset({Status.THROTTLED, Status.QUEUE_FULL})
NOT_WELCOME = frozenset({Status.BIND_FAILED, Status.BAD_PASSWORD, Status.BAD_SYSTEM_ID})

# message_state (5.2.28) and the words of a receipt's text (appendix B).
STATES: dict[int | str, ReceiptState] = {
    1: ReceiptState.ACCEPTED, 2: ReceiptState.DELIVERED, 3: ReceiptState.EXPIRED, 4: ReceiptState.FAILED,
    5: ReceiptState.FAILED, 6: ReceiptState.ACCEPTED, 7: ReceiptState.ACCEPTED, 8: ReceiptState.FAILED,
    "ENROUTE": ReceiptState.ACCEPTED, "DELIVRD": ReceiptState.DELIVERED, "EXPIRED": ReceiptState.EXPIRED,
    "DELETED": ReceiptState.FAILED, "UNDELIV": ReceiptState.FAILED, "ACCEPTD": ReceiptState.ACCEPTED,
    "UNKNOWN": ReceiptState.ACCEPTED, "REJECTD": ReceiptState.FAILED,
}  # fmt: skip
_REPORT = re.compile(r"id:\s*(\S+).*?stat:\s*(\w+)(?:.*?err:\s*(\w+))?", re.DOTALL | re.IGNORECASE)


class Pdu(NamedTuple):
    command: int
    status: int
    sequence: int
    body: bytes


class Delivered(NamedTuple):
    """A deliver_sm: a report of ours, or an SMS somebody sent."""

    source: str
    destination: str
    esm_class: int
    coding: int
    text: bytes  # without its header of user data
    part: tuple[int, int, int] | None  # reference, of how many, which (from 1)
    tlvs: dict[int, bytes]


class Report(NamedTuple):
    message_id: str
    state: ReceiptState
    why: str


def pdu(command: int, status: int, sequence: int, body: bytes = b"") -> bytes:
    return HEADER.pack(16 + len(body), command, status, sequence) + body


def cut(buffer: bytearray) -> Iterator[Pdu]:
    """Take every whole PDU out of the buffer. Raises ValueError for a length that cannot be: the stream is lost."""
    at, end = 0, len(buffer)
    try:
        while end - at >= 16:
            length, command, status, sequence = HEADER.unpack_from(buffer, at)
            if not 16 <= length <= MOST_BYTES:
                raise ValueError(f"a PDU of {length} bytes")
            if end - at < length:
                return
            body = bytes(buffer[at + 16 : at + length])
            at += length
            yield Pdu(command, status, sequence, body)
    finally:
        del buffer[:at]


def bind(system_id: str, password: str, system_type: str = "") -> bytes:
    """Body of a bind_transceiver. Raises ValueError for what does not fit (15, 8 and 12 letters)."""
    for what, value, most in (
        ("system_id", system_id, 15), ("password", password, 8), ("system_type", system_type, 12),
    ):  # fmt: skip
        if len(value) > most:
            raise ValueError(f"{what} has more than {most} letters")
    return b"%b\0%b\0%b\0\x34\0\0\0" % (system_id.encode(), password.encode(), system_type.encode())


def validity(left: timedelta) -> bytes:
    """How long it may wait at the SMSC, in the relative form; at least a second, at most 99 days."""
    seconds = max(1, min(int(left.total_seconds()), 99 * 86400))
    minutes, s = divmod(seconds, 60)
    hours, m = divmod(minutes, 60)
    days, h = divmod(hours, 24)
    return b"0000%02d%02d%02d%02d000R" % (days, h, m, s)


def submits(
    text: str, number: str, *, source: tuple[int, int, str], valid_for: timedelta, reference: int
) -> list[bytes]:
    """Bodies of the submit_sm of one message, a part each.

    number: E.164. source: type of number, numbering plan, sender. reference: 0..255, another for the next message.
    Each part is UCS-2, 140 bytes with its header; a receipt is asked of each.
    """
    ton, npi, sender = source
    pieces = sms_text.parts(text)
    joined = len(pieces) > 1
    head = b"\0%c%c%b\0\1\1%b\0%c\0\0\0%b\0\1\0%c\0" % (
        ton, npi, sender.encode("ascii"), number.removeprefix("+").encode("ascii"), JOINED if joined else 0,
        validity(valid_for), UCS2,
    )  # fmt: skip
    done = []
    for nth, piece in enumerate(pieces, 1):
        words = piece.encode("utf-16-be", "surrogatepass")
        if joined:
            words = b"\5\0\3%c%c%c%b" % (reference, len(pieces), nth, words)
        done.append(b"%b%c%b" % (head, len(words), words))
    return done


def message_id(body: bytes) -> str:
    """Of a submit_sm_resp; empty when there is none."""
    return body.split(b"\0", 1)[0].decode("latin-1").strip()


def delivered(body: bytes) -> Delivered:
    """Raises ValueError on nonsense."""
    try:
        return _delivered(body)
    except (IndexError, struct.error) as error:
        raise ValueError("a deliver_sm that ends too soon") from error


def _delivered(body: bytes) -> Delivered:
    at = body.index(b"\0") + 3  # service_type; type and plan of the source
    end = body.index(b"\0", at)
    source = body[at:end].decode("latin-1")
    at = end + 3
    end = body.index(b"\0", at)
    destination = body[at:end].decode("latin-1")
    esm = body[end + 1]
    at = body.index(b"\0", end + 4) + 1  # protocol_id, priority, schedule
    at = body.index(b"\0", at) + 1  # validity
    coding, length = body[at + 2], body[at + 4]
    text = body[at + 5 : at + 5 + length]
    tlvs = dict(_tlvs(body, at + 5 + length))
    text = tlvs.get(_TLV_PAYLOAD, text)
    part: tuple[int, int, int] | None = None
    if esm & JOINED and text:
        header, text = text[1 : 1 + text[0]], text[1 + text[0] :]
        part = _part(header)
    elif _TLV_REF in tlvs and _TLV_TOTAL in tlvs and _TLV_NTH in tlvs:
        part = (int.from_bytes(tlvs[_TLV_REF], "big"), tlvs[_TLV_TOTAL][0], tlvs[_TLV_NTH][0])
    return Delivered(source, destination, esm, coding, text, part, tlvs)


def _tlvs(body: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(body):
        tag, length = struct.unpack_from(">2H", body, at)
        yield tag, body[at + 4 : at + 4 + length]
        at += 4 + length


def _part(header: bytes) -> tuple[int, int, int] | None:
    """Elements 0 (reference of 8 bits) and 8 (of 16) of a header of user data."""
    at = 0
    while at + 2 <= len(header):
        kind, length = header[at], header[at + 1]
        value = header[at + 2 : at + 2 + length]
        if kind == 0 and len(value) == 3:
            return value[0], value[1], value[2]
        if kind == 8 and len(value) == 4:
            return int.from_bytes(value[:2], "big"), value[2], value[3]
        at += 2 + length
    return None


def report(told: Delivered) -> Report | None:
    """None when it is no report but somebody's SMS. Raises ValueError for a report without an id."""
    if told.esm_class & _RECEIPT_BITS != _IS_RECEIPT:
        return None
    found = _REPORT.search(told.text.decode("latin-1"))
    named = told.tlvs.get(_TLV_RECEIPTED_ID, b"").split(b"\0", 1)[0].decode("latin-1").strip()
    name = named or (found[1] if found else "")
    if not name:
        raise ValueError("a report without an id")
    numbered = told.tlvs.get(_TLV_STATE, b"")
    word: int | str = numbered[0] if numbered else found[2].upper() if found else ""
    state = STATES.get(word, ReceiptState.ACCEPTED)
    good = state in (ReceiptState.ACCEPTED, ReceiptState.DELIVERED)
    return Report(name, state, "" if good else f"{found[2]} err {found[3]}" if found else f"state {word}")


def words(told: Delivered) -> str:
    """What somebody wrote: UCS-2, Latin-1, or the SMSC's own alphabet read as ASCII."""
    if told.coding & 0x0C == UCS2:
        return told.text.decode("utf-16-be", errors="replace")
    return told.text.decode("latin-1")
