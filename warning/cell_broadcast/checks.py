"""What is looked at before a request may be prepared, and again before DDPM is rung: each line with its own yes or no.

The service-live, not-expired and previous-event checks are those the United Kingdom's operators ask of their sender.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from warning.alert import Alert, AlertState, Mode
from warning.cell_broadcast.identifiers import IDENTIFIERS, Level
from warning.cell_broadcast.minutes import Way
from warning.cell_broadcast.outline import MOST_POINTS
from warning.cell_broadcast.pages import ADVISED_PAGES, MOST_PAGES, MOST_UCS2, size_of
from warning.words.facts import Both
from warning.words.phrases import EXERCISE_FRONT, TEST

STOPS = ("cancel", "correction")  # kinds of alert that end a broadcast and begin none
LONG_ENOUGH = timedelta(minutes=15)  # to ring, to be accepted, to go on air, to be read


class Check(NamedTuple):
    """ok False stops the request; `advice` only asks somebody to look."""

    name: str
    ok: bool
    said: Both
    advice: bool = False


class Before(NamedTuple):
    """The request before this one in the same chain, and how far it came."""

    way: Way


def is_test(alert: Alert) -> bool:
    return alert.mode is Mode.EXERCISE or alert.event == TEST


def checks(
    alert: Alert, level: Level, text_th: str, text_en: str, points: int, before: Before | None, now: datetime
) -> list[Check]:
    """In the order in which they are told. `before`: None when nothing of this chain was asked of DDPM."""
    return [
        _in_force(alert),
        _in_time(alert, now),
        *_words(text_th, text_en),
        _area(points),
        _level(alert, level),
        *_exercise(alert, text_th, text_en),
        *_chain(alert, before),
    ]


def stopped_by(found: Sequence[Check]) -> list[Check]:
    return [check for check in found if not check.ok and not check.advice]


def _in_force(alert: Alert) -> Check:
    ok = alert.state is AlertState.ISSUED
    return Check("in_force", ok, Both("การเตือนมีผลอยู่", "The alert is in force") if ok
                 else Both("การเตือนไม่มีผลแล้ว หรือยังไม่อนุมัติ", "The alert is not in force, or not approved"))  # fmt: skip


def _in_time(alert: Alert, now: datetime) -> Check:
    left = int((alert.expires_at - now).total_seconds() // 60)
    ok = alert.expires_at - now >= LONG_ENOUGH
    return Check("in_time", ok, Both(f"เหลือเวลา {left} นาทีก่อนสิ้นผล", f"{left} minutes left before it ends") if ok
                 else Both("สิ้นผลแล้ว หรือเหลือไม่ถึง 15 นาที", "It has ended, or ends within 15 minutes"))  # fmt: skip


def _words(text_th: str, text_en: str) -> list[Check]:
    thai, english = size_of(text_th), size_of(text_en)
    return [
        Check("thai", thai.fits and thai.units <= MOST_UCS2,
              Both(f"ไทย {thai.units} ตัวอักษร {thai.pages} หน้า (มากสุด {MOST_UCS2} ตัว {MOST_PAGES} หน้า)",
                   f"Thai: {thai.units} letters, {thai.pages} pages (at most {MOST_UCS2} letters, {MOST_PAGES} pages)")),
        Check("english", english.fits,
              Both(f"อังกฤษ {english.units} ตัวอักษร {english.pages} หน้า",
                   f"English: {english.units} letters, {english.pages} pages")),
        Check("short", thai.advised and english.advised,
              Both(f"คนอ่านไหว: ไม่เกิน {ADVISED_PAGES} หน้า", f"Short enough to be read: up to {ADVISED_PAGES} pages"), advice=True),
    ]  # fmt: skip


def _area(points: int) -> Check:
    ok = 4 <= points <= MOST_POINTS
    return Check("area", ok, Both(f"ขอบเขต {points} จุด (มากสุด {MOST_POINTS})", f"Area of {points} points (at most {MOST_POINTS})")
                 if points else Both("ไม่มีแผนที่ของตำบล", "No map of these tambon"))  # fmt: skip


def _level(alert: Alert, level: Level) -> Check:
    ids, test = IDENTIFIERS[level], is_test(alert)
    ok = (level is Level.TEST) == test
    if not ok and test:
        said = Both("การฝึกหรือทดสอบใช้ได้เฉพาะระดับทดสอบ", "An exercise or test may use the test level only")
    elif not ok:
        said = Both("เหตุจริงใช้ระดับทดสอบไม่ได้ โทรศัพท์ส่วนใหญ่ไม่แสดง",
                    "Real danger cannot use the test level: most telephones hide it")  # fmt: skip
    else:
        said = Both(f"{ids.name.th} รหัส {ids.thai} / {ids.other}", f"{ids.name.en}, {ids.thai} / {ids.other}")
    return Check("level", ok, said)


def _exercise(alert: Alert, text_th: str, text_en: str) -> list[Check]:
    if alert.mode is not Mode.EXERCISE:
        return []
    ok = text_th.startswith(EXERCISE_FRONT.th) and text_en.startswith(EXERCISE_FRONT.en)
    return [Check("exercise", ok, Both("ขึ้นต้นด้วยคำว่าฝึกซ้อมทั้งสองภาษา", "Begins with the exercise words in both languages") if ok
                  else Both("ข้อความไม่ขึ้นต้นด้วยคำว่าฝึกซ้อม", "The text does not begin with the exercise words"))]  # fmt: skip


def _chain(alert: Alert, before: Before | None) -> list[Check]:
    """An update must not overtake what it updates: DDPM must have answered about the request before."""
    never = before is None or before.way.declined_at is not None
    if alert.kind in STOPS and never:
        return [Check("chain", False, Both("ไม่เคยออกอากาศเรื่องนี้ จึงไม่มีอะไรต้องยกเลิก",
                                           "Nothing of this went out, so there is nothing to cancel"))]  # fmt: skip
    if before is None:
        return []
    answered = before.way.accepted_at is not None or before.way.declined_at is not None
    return [Check("chain", answered, Both("ปภ. ตอบคำขอก่อนหน้าแล้ว", "DDPM has answered the request before") if answered
                  else Both("ปภ. ยังไม่ตอบคำขอก่อนหน้า โทรตามก่อน", "DDPM has not answered the request before: ring first"))]  # fmt: skip
