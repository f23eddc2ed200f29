"""A photograph from a village: water as somebody saw it. Sealed, because a face or a house may be on it; never changed.

Only the picture is kept: what the phone wrote beside it (where its owner stood, whose phone it is) is cut out before
anything is stored.
"""

import hashlib
import struct
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, String
from sqlmodel import Field, SQLModel

from geo.errors import NotAllowed

MOST_BYTES = 6_000_000
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"sRGB", b"cHRM"})
_EOI, _SOS, _APP0, _APP14, _COMMENT = 0xD9, 0xDA, 0xE0, 0xEE, 0xFE


class VillagePhoto(SQLModel, table=True):
    """`sha256` is of the picture as it is kept, so that anybody who has it can prove it is the one of that time."""

    __tablename__ = "village_photo"

    id: UUID = Field(primary_key=True)
    mode: str  # actual | exercise
    village_code: str = Field(sa_column=Column(String(8, collation="C"), nullable=False, index=True))
    sha256: str = Field(max_length=64)
    kind: str  # image/jpeg | image/png
    body_sealed: bytes
    reported_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, index=True))
    reported_by: str  # a role, never a name
    via: str
    alert_id: UUID | None = None


def cleaned(body: bytes) -> tuple[bytes, str]:
    """(the picture alone, its kind). Raises NotAllowed, worded for whoever sent it: too large, no JPEG or PNG, broken."""
    if len(body) > MOST_BYTES:
        raise NotAllowed(
            f"รูปใหญ่เกิน {MOST_BYTES // 1_000_000} MB (the picture is larger than {MOST_BYTES // 1_000_000} MB)"
        )
    try:
        if body.startswith(b"\xff\xd8\xff"):
            return _jpeg(body), "image/jpeg"
        if body.startswith(_PNG):
            return _png(body), "image/png"
    except (IndexError, struct.error, ValueError):
        raise NotAllowed("ไฟล์รูปเสีย ถ่ายใหม่อีกครั้ง (the picture is broken: please take it again)") from None
    raise NotAllowed("รับเฉพาะรูป JPEG หรือ PNG (only JPEG or PNG pictures)")


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _jpeg(body: bytes) -> bytes:
    """Tables, frames and scans; of the application's parts only those that say how colours are meant."""
    kept, at = bytearray(body[:2]), 2
    while True:
        if body[at] != 0xFF:
            raise ValueError("no marker")
        while body[at + 1] == 0xFF:  # fill bytes
            at += 1
        marker = body[at + 1]
        if marker == _EOI:
            return bytes(kept + body[at : at + 2])  # what follows is no picture
        (length,) = struct.unpack(">H", body[at + 2 : at + 4])
        end = at + 2 + length
        if length < 2 or end > len(body):
            raise ValueError("cut off")
        if not (_APP0 < marker <= 0xEF and marker != _APP14) and marker != _COMMENT:
            kept += body[at:end]
        at = end
        if marker == _SOS:
            while not (body[at] == 0xFF and body[at + 1] != 0 and not 0xD0 <= body[at + 1] <= 0xD7):
                at = body.index(b"\xff", at + 1)
            kept += body[end:at]


def _png(body: bytes) -> bytes:
    kept, at = bytearray(_PNG), len(_PNG)
    while True:
        (length,) = struct.unpack(">I", body[at : at + 4])
        name, end = body[at + 4 : at + 8], at + 12 + length
        if end > len(body):
            raise ValueError("cut off")
        if name in _PNG_KEPT:
            kept += body[at:end]
        at = end
        if name == b"IEND":
            return bytes(kept)
