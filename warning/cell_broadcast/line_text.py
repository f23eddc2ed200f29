"""The request as one Thai text to paste into DDPM's LINE: everything needed to type it in by hand, and the number to ring back."""

from collections.abc import Sequence

from geo.when import thai_text
from warning.alert import Alert
from warning.cell_broadcast.checks import STOPS
from warning.cell_broadcast.identifiers import IDENTIFIERS, Level, serial_text
from warning.cell_broadcast.pages import size_of
from warning.cell_broadcast.record import CellBroadcast
from warning.words.facts import PlaceFact
from warning.words.phrases import EXERCISE_FRONT
from warning.words.places import each

LINE_LETTERS = 5000


def line_text(
    request: CellBroadcast,
    alert: Alert,
    places: Sequence[PlaceFact],
    before: CellBroadcast | None,
    *,
    office: str,
    phone: str,
) -> str:
    """places: of the alert, whole tambon. office, phone: whom DDPM rings back."""
    ids = IDENTIFIERS[Level(request.level)]
    exercise = alert.mode.value == "exercise"
    wish = "ขอให้หยุดส่ง Cell Broadcast" if alert.kind in STOPS else "ขอให้ส่ง Cell Broadcast"
    lines = [
        *([EXERCISE_FRONT.th, "คำขอนี้เป็นการฝึก ห้ามออกอากาศจริง"] if exercise else []),
        f"{wish} เรื่อง {alert.number}",
        f"ระดับ: {ids.name.th} รหัสไทย {ids.thai} รหัสภาษาอื่น {ids.other}",
        f"Serial: {serial_text(request.message_code, request.update_no)}",
        *(
            [f"แทนคำขอ: {serial_text(before.message_code, before.update_no)} ({before.identifier})"]
            if before
            else []
        ),
        f"พื้นที่: {', '.join(each(place, 'th') for place in places)}",
        f"ขอบเขต: {request.points} จุด ในไฟล์ CAP",
        f"สิ้นผล: {thai_text(request.expires_at)}",
        "",
        f"ข้อความไทย ({_size(request.text_th)}):",
        request.text_th,
        "",
        f"ข้อความอังกฤษ ({_size(request.text_en)}):",
        request.text_en,
        "",
        f"อนุมัติแล้ว: {thai_text(request.approved_at)}",
        f"CAP: {request.identifier}",
        f"ผู้ขอ: {office} โทร {phone}",
        *([EXERCISE_FRONT.th] if exercise else []),
    ]
    return "\n".join(lines)


def _size(text: str) -> str:
    size = size_of(text)
    return f"{size.units} ตัวอักษร {size.pages} หน้า"
