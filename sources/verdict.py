"""What quality control says of a value: a verdict, and why. Words for people stand beside the codes.

A verdict is given when the value arrives and is never taken back; a later judgement is a second record beside it.
"""

from enum import StrEnum
from typing import Final, NamedTuple


class Verdict(StrEnum):
    GOOD = "good"
    SUSPECT = "suspect"  # may be true: rules see it only where their policy says so
    BAD = "bad"  # cannot be true, or says nothing new: no rule ever sees it
    MISSING = "missing"  # nothing was told


class Reason(StrEnum):
    NONE = "none"
    RANGE = "range"  # outside what this quantity, or this station, can show
    STEP = "step"  # further from the last value believed than water goes in that time
    SPIKE = "spike"  # said later, of a step that went back
    DROPOUT = "dropout"  # 0.000 far below the last value believed
    FLAT = "flat"  # the very same value for too long
    NEIGHBOUR = "neighbour"  # the gauges around say something else
    UPSTREAM = "upstream"  # the gauge upstream says something else
    STALE = "stale"  # old already when it came
    CLOCK_SKEW = "clock_skew"  # its clock runs ahead of ours
    DUPLICATE = "duplicate"  # this instant has been told already
    DATUM_JUMP = "datum_jump"  # a step that stays, larger or quicker than water makes
    CONFIRMED = "confirmed"  # said later, of a step the next reading bore out


VERDICTS: Final = (Verdict.GOOD, Verdict.SUSPECT, Verdict.BAD, Verdict.MISSING)  # place = int8 code
REASONS: Final = tuple(Reason)  # place = int8 code
GOOD, SUSPECT, BAD, MISSING = range(4)
CODE: Final = {reason: code for code, reason in enumerate(REASONS)}


class Words(NamedTuple):
    th: str
    en: str
    symbol: str = ""  # a shape of its own: colour belongs to alert levels


VERDICT_WORDS: Final[dict[Verdict, Words]] = {
    Verdict.GOOD: Words("ใช้ได้", "good", "✓"),
    Verdict.SUSPECT: Words("น่าสงสัย", "suspect", "?"),
    Verdict.BAD: Words("ใช้ไม่ได้", "bad", "✕"),
    Verdict.MISSING: Words("ไม่มีข้อมูล", "no data", "–"),
}
REASON_WORDS: Final[dict[Reason, Words]] = {
    Reason.NONE: Words("", ""),
    Reason.RANGE: Words("ค่าเป็นไปไม่ได้สำหรับสถานีนี้", "outside what this station can show"),
    Reason.STEP: Words("ค่ากระโดด รอค่าถัดไปยืนยัน", "jumped, waiting for the next reading"),
    Reason.SPIKE: Words("ค่ากระโดดแล้วกลับที่เดิม", "jumped and went back"),
    Reason.DROPOUT: Words("สัญญาณหลุด ขึ้นเป็นศูนย์", "dropped out to zero"),
    Reason.FLAT: Words("ค่าค้าง ไม่ขยับ", "stuck at one value"),
    Reason.NEIGHBOUR: Words("ไม่ตรงกับสถานีรอบข้าง", "unlike the gauges around it"),
    Reason.UPSTREAM: Words("ไม่ตรงกับสถานีต้นน้ำ", "unlike the gauge upstream"),
    Reason.STALE: Words("ข้อมูลเก่า", "old"),
    Reason.CLOCK_SKEW: Words("นาฬิกาสถานีเดินเร็วกว่าจริง", "its clock runs ahead"),
    Reason.DUPLICATE: Words("เวลานี้บอกมาแล้ว", "told already for this time"),
    Reason.DATUM_JUMP: Words("ฐานระดับน่าจะเปลี่ยน", "its datum seems to have moved"),
    Reason.CONFIRMED: Words("ค่าถัดไปยืนยันแล้ว", "borne out by the next reading"),
}
