"""Time: aware UTC inside, Bangkok and Buddhist years only on screen.

Thailand keeps UTC+7 all year and writes years of the Buddhist era, CE + 543.
"""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

BANGKOK = ZoneInfo("Asia/Bangkok")
BUDDHIST_OFFSET_YEARS = 543

THAI_MONTHS_SHORT = (
    "ม.ค.",
    "ก.พ.",
    "มี.ค.",
    "เม.ย.",
    "พ.ค.",
    "มิ.ย.",
    "ก.ค.",
    "ส.ค.",
    "ก.ย.",
    "ต.ค.",
    "พ.ย.",
    "ธ.ค.",
)

THAI_MONTHS_LONG = (
    "มกราคม", "กุมภาพันธ์", "มีนาคม", "เมษายน", "พฤษภาคม", "มิถุนายน",
    "กรกฎาคม", "สิงหาคม", "กันยายน", "ตุลาคม", "พฤศจิกายน", "ธันวาคม",
)  # fmt: skip
_MONTH_NUMBER = {
    name.replace(".", ""): number
    for names in (THAI_MONTHS_LONG, THAI_MONTHS_SHORT)
    for number, name in enumerate(names, start=1)
}


def thai_month(word: str) -> int | None:
    """1 to 12 for `พ.ย.`, `พย` or `พฤศจิกายน`; None for what is no month."""
    return _MONTH_NUMBER.get(word.replace(".", ""))


def utc(moment: datetime) -> datetime:
    """The same instant in UTC. Raises ValueError when `moment` has no zone: a naive time is a bug."""
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone: {moment.isoformat()}")
    return moment.astimezone(UTC)


def bangkok(moment: datetime) -> datetime:
    """The same instant as wall time in Thailand. Raises ValueError when `moment` has no zone."""
    return utc(moment).astimezone(BANGKOK)


def clock_text(moment: datetime) -> str:
    """Hour and minute in Thailand, as both languages write it: `02:14`."""
    return bangkok(moment).strftime("%H:%M")


def thai_text(moment: datetime) -> str:
    """Date and time as a Thai reader expects it: `23 พ.ย. 2569 02:14 น.`"""
    local = bangkok(moment)
    month = THAI_MONTHS_SHORT[local.month - 1]
    return f"{local.day} {month} {local.year + BUDDHIST_OFFSET_YEARS} {local:%H:%M} น."


def english_text(moment: datetime) -> str:
    """Date and time for an English reader: `23 Nov 2026 02:14`."""
    local = bangkok(moment)
    return f"{local.day} {local:%b %Y %H:%M}"


def thai_day(day: date) -> str:
    """A day without an hour, as a Thai reader expects it: `1 ต.ค. 2569`"""
    return f"{day.day} {THAI_MONTHS_SHORT[day.month - 1]} {day.year + BUDDHIST_OFFSET_YEARS}"


def english_day(day: date) -> str:
    """A day without an hour for an English reader: `1 Oct 2026`"""
    return f"{day.day} {day:%b %Y}"
