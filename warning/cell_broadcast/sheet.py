"""The request as one page of A4 in Thai: to be read down a telephone, faxed, or held before a camera."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from fpdf import FPDF

from geo.when import thai_text, utc
from warning.alert import Alert, Mode
from warning.cap.document import Ring
from warning.cap.reader import read_cap
from warning.cell_broadcast.checks import STOPS
from warning.cell_broadcast.identifiers import IDENTIFIERS, Level, serial_text
from warning.cell_broadcast.pages import size_of
from warning.cell_broadcast.record import CellBroadcast
from warning.pdf import FACE, MARGIN_MM, a4, as_bytes, put_away
from warning.words.phrases import EXERCISE_FRONT

_WIDE = 210 - 2 * MARGIN_MM
_MAP_MM = 46.0
_LABEL_MM = 36.0
SIZES = (11.0, 10.0, 9.0, 8.0, 7.0, 6.0)  # points
_BLANKS = "เวลา ................ ผู้แจ้ง ..........................................."


def sheet(request: CellBroadcast, alert: Alert, places: Sequence[str], told: Any, now: datetime) -> bytes:
    """One page whatever the length of the text: the letters shrink until it fits.

    places: the tambon in Thai. told: the office's settings (name_th, phone, broadcast_phone). Same values, same bytes.
    """
    for points in SIZES:
        pdf = _drawn(request, alert, places, told, now, points)
        if pdf.pages_count == 1 or points == SIZES[-1]:
            return as_bytes(pdf)
        put_away(pdf)
    raise AssertionError("no size of letters")


def _drawn(
    request: CellBroadcast, alert: Alert, places: Sequence[str], told: Any, now: datetime, points: float
) -> FPDF:
    ids = IDENTIFIERS[Level(request.level)]
    exercise = alert.mode is Mode.EXERCISE
    pdf = a4(f"ขอส่ง Cell Broadcast {alert.number}")
    pdf.set_creation_date(utc(now))
    pdf.add_page()
    line = points * 0.62  # mm; Thai stacks marks above and below
    if exercise:
        _bar(pdf, f"{EXERCISE_FRONT.th}  ห้ามออกอากาศจริง", points + 3)
    pdf.set_font(FACE, "B", points + 6)
    wish = "ขอให้หยุดส่ง Cell Broadcast" if alert.kind in STOPS else "ขอให้ส่ง Cell Broadcast"
    pdf.multi_cell(0, line * 1.7, f"{wish}", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(FACE, "B", points + 4)
    pdf.multi_cell(0, line * 1.5, f"โทรหาเวร ปภ. {told.broadcast_phone}", new_x="LMARGIN", new_y="NEXT")
    top = pdf.get_y() + 1
    _map(pdf, _rings(request), 210 - MARGIN_MM - _MAP_MM, top)
    for label, value in (
        ("เรื่อง", alert.number),
        ("ระดับบนโทรศัพท์", ids.name.th),
        ("รหัสข้อความ", f"{ids.thai} (ไทย)  {ids.other} (ภาษาอื่น)"),
        ("Serial", serial_text(request.message_code, request.update_no)),
        ("อนุมัติแล้ว", thai_text(request.approved_at)),
        ("สิ้นผล", thai_text(request.expires_at)),
        ("ขอบเขต", f"{request.points} จุด ในไฟล์ CAP"),
        ("CAP", request.identifier),
    ):
        _row(pdf, label, value, points, line, _WIDE - _MAP_MM - 4)
    pdf.set_y(max(pdf.get_y(), top + _MAP_MM + 2))
    _row(pdf, "พื้นที่", ", ".join(p.replace(" ", "\u00a0") for p in places), points, line, _WIDE)
    for name, words in (("ข้อความไทย", request.text_th), ("ข้อความอังกฤษ", request.text_en)):
        _text(pdf, name, words, points, line)
    pdf.set_font(FACE, "B", points)
    pdf.multi_cell(0, line, f"ผู้ขอ: {told.name_th}  โทรกลับ {told.phone}", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(1)
    for step in ("โทรคุยกับ", "ปภ. รับคำขอ", "AIS ออกอากาศ", "True ออกอากาศ", "NT ออกอากาศ", "หยุดออกอากาศ"):
        pdf.set_font(FACE, "", points)
        pdf.cell(_LABEL_MM, line * 1.1, step)
        pdf.cell(
            0,
            line * 1.1,
            _BLANKS,
            new_x="LMARGIN",
            new_y="NEXT",
        )
    if exercise:
        pdf.ln(1)
        _bar(pdf, EXERCISE_FRONT.th, points + 1)
    return pdf


def _bar(pdf: FPDF, words: str, points: float) -> None:
    pdf.set_font(FACE, "B", points)
    pdf.set_draw_color(0)
    pdf.multi_cell(0, points * 0.75, words, border=1, align="C", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(2)


def _row(pdf: FPDF, label: str, value: str, points: float, line: float, wide: float) -> None:
    y = pdf.get_y()
    pdf.set_font(FACE, "", points)
    pdf.set_text_color(80)
    pdf.cell(_LABEL_MM, line, label)
    pdf.set_text_color(0)
    pdf.set_font(FACE, "B", points)
    pdf.set_xy(MARGIN_MM + _LABEL_MM, y)
    pdf.multi_cell(wide - _LABEL_MM, line, value, align="L", new_x="LMARGIN", new_y="NEXT")


def _text(pdf: FPDF, name: str, words: str, points: float, line: float) -> None:
    size = size_of(words)
    pdf.set_font(FACE, "", points)
    pdf.set_text_color(80)
    pdf.cell(0, line, f"{name}: {size.units} ตัวอักษร {size.pages} หน้า", new_x="LMARGIN", new_y="NEXT")
    pdf.set_text_color(0)
    pdf.set_font(FACE, "B", points + 1)
    pdf.multi_cell(0, line * 1.1, words, border=1, align="L", padding=2, new_x="LMARGIN", new_y="NEXT")
    pdf.ln(1.5)


def _rings(request: CellBroadcast) -> tuple[Ring, ...]:
    return tuple(ring for area in read_cap(request.cap_xml).infos[0].areas for ring in area.polygons)


def _map(pdf: FPDF, rings: Iterable[Ring], left: float, top: float) -> None:
    """The outline as it stands in the CAP document, north up, in a square."""
    drawn = list(rings)
    points = [point for ring in drawn for point in ring]
    if not points:
        return
    south, north = min(lat for lat, _ in points), max(lat for lat, _ in points)
    west, east = min(lon for _, lon in points), max(lon for _, lon in points)
    scale = (_MAP_MM - 4) / max(north - south, east - west, 1e-6)
    pdf.set_draw_color(120)
    pdf.rect(left, top, _MAP_MM, _MAP_MM)
    pdf.set_draw_color(0)
    pdf.set_fill_color(225)
    for ring in drawn:
        pdf.polygon(
            [(left + 2 + (lon - west) * scale, top + 2 + (north - lat) * scale) for lat, lon in ring],
            style="DF",
        )
