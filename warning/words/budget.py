"""Does each text fit its channel? One row a text, with a sentence for the person who approves."""

from dataclasses import dataclass
from typing import NamedTuple

from warning.words.facts import Both, Lang
from warning.words.phrases import EXERCISE_FRONT
from warning.words.sizes import cell_broadcast_pages, seconds_aloud, sms_size, utf16_units
from warning.words.template import (
    CB_PAGES,
    EXERCISE_EXTRA,
    HEADLINE_LETTERS,
    LINE_ALT_LETTERS,
    LINE_BODY_LETTERS,
    PA_SECONDS,
    SMS_PARTS,
    AlertWords,
)


class Row(NamedTuple):
    channel: str  # sms | cb | line | pa | headline
    text: str  # which field of AlertWords
    used: float
    limit: float
    unit: str  # parts | pages | letters | seconds
    ok: bool
    sentence: Both


@dataclass(frozen=True, slots=True)
class Budget:
    rows: tuple[Row, ...]

    @property
    def ok(self) -> bool:
        return all(row.ok for row in self.rows)


_ALT = Both("บรรทัดแจ้งเตือน LINE", "LINE notification")
_BODY = Both("ข้อความ LINE", "LINE text")
_HEADLINE_TH = Both("พาดหัว", "Thai headline")
_HEADLINE_EN = Both("พาดหัวอังกฤษ", "English headline")
_FITS = Both("พอดี", "fits")
_LONG = Both("ยาวเกินไป ตัดรายชื่อหรือแยกการเตือน", "too long: shorten the list of places or split the alert")


def _row(channel: str, text: str, used: float, limit: float, unit: Both, size: Both) -> Row:
    ok = used <= limit
    verdict = _FITS if ok else _LONG
    sentence = Both(
        f"{size.th} จากที่ให้ไม่เกิน {limit:g} {unit.th}: {verdict.th}",
        f"{size.en} of at most {limit:g} {unit.en}: {verdict.en}",
    )
    return Row(channel, text, used, limit, unit.en, ok, sentence)


def _extra(text: str) -> int:
    return EXERCISE_EXTRA if text.startswith(tuple(EXERCISE_FRONT)) else 0


def _sms(field: str, text: str) -> Row:
    size = sms_size(text)
    said = Both(
        f"SMS {size.units} หน่วย {size.parts} ข้อความ" + ("" if size.ucs2 else " (อักษรละติน)"),
        f"SMS of {size.units} units in {size.parts} parts" + (" (Thai letters)" if size.ucs2 else ""),
    )
    return _row("sms", field, size.parts, SMS_PARTS + _extra(text), Both("ข้อความ", "parts"), said)


def _broadcast(field: str, text: str) -> Row:
    pages = cell_broadcast_pages(text)
    said = Both(f"เซลล์บรอดแคสต์ {pages} หน้า", f"cell broadcast of {pages} pages")
    return _row("cb", field, pages, CB_PAGES + _extra(text), Both("หน้า", "pages"), said)


def _letters(channel: str, field: str, text: str, limit: int, name: Both) -> Row:
    used = utf16_units(text)
    said = Both(f"{name.th} {used} ตัวอักษร", f"{name.en} of {used} letters")
    return _row(channel, field, used, limit, Both("ตัวอักษร", "letters"), said)


def _aloud(field: str, text: str, lang: Lang) -> Row:
    seconds = round(seconds_aloud(text, lang), 1)
    said = Both(f"อ่านออกเสียงราว {seconds:.0f} วินาที", f"about {seconds:.0f} seconds read aloud")
    return _row("pa", field, seconds, PA_SECONDS, Both("วินาที", "seconds"), said)


def budget(words: AlertWords) -> Budget:
    """Room used and room given of every text, in the order an officer looks at them."""
    return Budget(
        (
            _sms("sms_th", words.sms_th),
            _sms("sms_en", words.sms_en),
            _letters("line", "line_alt_text", words.line_alt_text, LINE_ALT_LETTERS, _ALT),
            _letters("line", "line_body", words.line_body, LINE_BODY_LETTERS, _BODY),
            _aloud("pa_script_th", words.pa_script_th, "th"),
            _aloud("pa_script_en", words.pa_script_en, "en"),
            _broadcast("cb_th", words.cb_th),
            _broadcast("cb_en", words.cb_en),
            _letters("headline", "headline_th", words.headline_th, HEADLINE_LETTERS, _HEADLINE_TH),
            _letters("headline", "headline_en", words.headline_en, HEADLINE_LETTERS, _HEADLINE_EN),
        )
    )  # fmt: skip
