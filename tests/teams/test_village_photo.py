"""Only the picture is kept: what a phone writes beside it is cut out, and what is no picture is refused."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import NotAllowed
from teams.response.village_photo import MOST_BYTES, cleaned

PLACE = b"Exif\0\0 GPS 7.617N 100.077E Phone of Somchai"


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


SCAN = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\xff\x00\x34\xff\xd0\x56"
PICTURE = (
    b"\xff\xd8" + segment(0xE0, b"JFIF\0") + segment(0xDB, b"\x00" * 65) + segment(0xC0, b"\x08" * 15) + SCAN
)
JPEG = PICTURE + b"\xff\xd9"


def with_place() -> bytes:
    head, rest = JPEG[:2], JPEG[2:]
    return head + segment(0xE1, PLACE) + segment(0xFE, PLACE) + segment(0xED, PLACE) + rest + PLACE


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


PNG = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"\0" * 13) + chunk(b"IDAT", b"x") + chunk(b"IEND", b"")


def test_what_the_phone_wrote_beside_the_picture_is_cut_out() -> None:
    assert cleaned(with_place()) == (JPEG, "image/jpeg")
    told = PNG.replace(
        chunk(b"IDAT", b"x"), chunk(b"eXIf", PLACE) + chunk(b"tEXt", PLACE) + chunk(b"IDAT", b"x")
    )
    assert cleaned(told + PLACE) == (PNG, "image/png")


def test_a_progressive_picture_keeps_all_its_scans() -> None:
    two = (
        PICTURE + segment(0xC4, b"\x00" * 20) + SCAN + b"\xff\xff\xd9"
    )  # tables between scans, a fill byte at the end
    assert cleaned(two)[0] == PICTURE + segment(0xC4, b"\x00" * 20) + SCAN + b"\xff\xd9"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "only JPEG or PNG"),
        (b"GIF89a", "only JPEG or PNG"),
        (b"<svg onload=x>", "only JPEG or PNG"),
        (JPEG[:-4], "broken"),
        (PNG[:-4], "broken"),
        (b"\xff\xd8\xff" + b"\0" * 40, "broken"),
        (JPEG + b"\0" * MOST_BYTES, "larger than 6 MB"),
    ],
)
def test_what_is_no_whole_picture_is_refused_in_words(body: bytes, says: str) -> None:
    with pytest.raises(NotAllowed, match=says):
        cleaned(body)


@given(st.integers(0, len(JPEG)), st.binary(max_size=12))
def test_a_bent_picture_is_cleaned_or_refused(at: int, noise: bytes) -> None:
    for good in (with_place(), PNG):
        try:
            body, _ = cleaned(good[:at] + noise + good[at:])
        except NotAllowed:
            continue
        assert len(body) <= len(good) + len(noise)
