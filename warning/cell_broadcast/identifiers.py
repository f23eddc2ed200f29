"""Levels of a Thai cell broadcast, their message identifiers, and the serial number by which a telephone knows a repeat.

Identifiers that Android shows on a Thai SIM (MCC 520), as read in Android's own configuration for Thailand: 4370 to 4399 of
3GPP TS 23.041. Severe (4373-4378, 4386-4391) and ETWS are switched off there, so a request never uses them.
"""

from enum import StrEnum
from typing import NamedTuple

from warning.words.facts import Both


class Level(StrEnum):
    NATIONAL = "national"
    EXTREME = "extreme"
    INFORMATION = "information"
    TEST = "test"


class Identifiers(NamedTuple):
    """`other`: the same level in the second language of the telephone."""

    thai: int
    other: int
    name: Both


IDENTIFIERS: dict[Level, Identifiers] = {
    Level.NATIONAL: Identifiers(4370, 4383, Both("การแจ้งเตือนระดับชาติ", "National alert")),
    Level.EXTREME: Identifiers(4371, 4384, Both("การแจ้งเตือนภัยขั้นรุนแรง", "Extreme alert")),
    Level.INFORMATION: Identifiers(4396, 4397, Both("การแจ้งเตือนเพื่อให้ข้อมูล", "Information")),
    Level.TEST: Identifiers(4380, 4393, Both("การแจ้งเตือนเพื่อทดสอบระบบ", "Test")),
}
PLMN_WIDE = 1  # a telephone that moves to the next mast shows it once
CODES, UPDATES = 1024, 16  # 10 and 4 bits


def suggested(severity: str, urgency: str, *, test: bool, over: bool) -> Level:
    """What an officer finds chosen. test: an exercise, or an alert that says it is a test. over: all clear or cancel.

    National is the state's own level and never suggested. Extreme overrides do-not-disturb, so it is for who must act now.
    """
    if test:
        return Level.TEST
    if over or severity not in ("Extreme", "Severe") or urgency not in ("Immediate", "Expected"):
        return Level.INFORMATION
    return Level.EXTREME


def serial(code: int, update: int) -> int:
    """16 bits: geographical scope 2, message code 10, update 4. A telephone drops the same (identifier, serial) and shows a
    higher update. Raises ValueError outside the bits."""
    if not 0 <= code < CODES or not 0 <= update < UPDATES:
        raise ValueError(f"no serial of code {code}, update {update}")
    return PLMN_WIDE << 14 | code << 4 | update


def serial_text(code: int, update: int) -> str:
    """As read over a telephone: `0x4C12 (193/2)`."""
    return f"0x{serial(code, update):04X} ({code}/{update})"
