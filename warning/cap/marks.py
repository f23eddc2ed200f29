"""Legal, but a careful receiver notices: each with a code. `hold` ones wait for a person."""

import re
from collections.abc import Container, Iterator
from datetime import datetime, timedelta

from lxml import etree

from warning.cap.bytes_in import NAMESPACE
from warning.cap.moment import read_time
from warning.cap.rules import text_of
from warning.cap.schema import Fault
from warning.cap.shapes import crosses_itself, read_ring
from warning.words.facts import Both
from warning.words.sizes import utf16_units

_C = f"{{{NAMESPACE}}}"
_DRILL = re.compile(r"ฝึกซ้อม|ทดสอบ|\bEXERCISE\b|\bTEST\b")
_MARKUP = re.compile(r"<[A-Za-z/][^>]*>")
_BROADCAST_MOST = 615  # UCS-2 units of 15 pages
_TEXTS = ("event", "headline", "description", "instruction")
_DAY = timedelta(days=1)


def marks(
    root: etree._Element, known_tambon: Container[str] | None, received_at: datetime | None
) -> Iterator[Fault]:
    infos = list(root.iter(f"{_C}info"))
    texts = " ".join(text_of(info, name) for info in infos for name in _TEXTS)
    status, drill = text_of(root, "status"), _DRILL.search(texts)
    if status == "Actual" and drill:
        yield Fault(
            "hold.exercise_words",
            Both("สถานะจริงแต่ข้อความว่าฝึกซ้อม", "Actual, but the text says exercise or test"),
        )
    if status == "Exercise" and infos and not drill:
        yield Fault("hold.exercise_silent", Both("ฝึกซ้อมแต่ข้อความไม่บอก", "Exercise, but no text says so"))
    if _MARKUP.search(texts):
        yield Fault("mark.markup", Both("มีคำสั่งจัดหน้าในข้อความ", "markup in the text"))
    if text_of(root, "restriction") and text_of(root, "scope") == "Public":
        yield Fault("mark.restriction", Both("Public แต่มี restriction", "restriction with scope Public"))
    if text_of(root, "msgType") == "Error" and not text_of(root, "note"):
        yield Fault("mark.note", Both("Error ไม่มีเหตุผล", "Error without note"))
    yield from _times(root, received_at)
    for info in infos:
        yield from _info(info, known_tambon)
    yield from _between(infos)


def _times(root: etree._Element, received_at: datetime | None) -> Iterator[Fault]:
    sent = read_time(text_of(root, "sent"))
    own = (text_of(root, "sender"), text_of(root, "identifier"))
    for triplet in text_of(root, "references").split():
        sender, identifier, when = triplet.split(",")
        if (sender, identifier) == own:
            yield Fault("mark.self_reference", Both("อ้างถึงตัวเอง", "refers to itself"))
        elif read_time(when) > sent:
            yield Fault("mark.later_reference", Both("อ้างถึงข้อความที่มาทีหลัง", "refers to a later message"))
    if received_at is not None and abs(received_at - sent) > _DAY:
        yield Fault(
            "hold.sent", Both("เวลาที่ส่งห่างจากเวลาที่รับเกินหนึ่งวัน", "sent more than a day from its arrival")
        )
    for info in root.iter(f"{_C}info"):
        expires, effective = text_of(info, "expires"), text_of(info, "effective")
        if not expires:
            yield Fault("mark.no_expires", Both("ไม่มีเวลาสิ้นสุด", "no expires"))
        elif read_time(expires) <= max(sent, read_time(effective) if effective else sent):
            yield Fault("mark.expired", Both("สิ้นสุดก่อนเริ่ม", "expires before it begins"))


def _info(info: etree._Element, known_tambon: Container[str] | None) -> Iterator[Fault]:
    areas = list(info.iter(f"{_C}area"))
    if not areas:
        yield Fault("mark.no_area", Both("ไม่มีพื้นที่", "info without area"))
    if utf16_units(text_of(info, "description")) > _BROADCAST_MOST:
        yield Fault("mark.long", Both("ยาวเกินเซลล์บรอดแคสต์", "longer than a cell broadcast holds"))
    for area in areas:
        rings = [read_ring(drawn.text or "") for drawn in area.iter(f"{_C}polygon")]
        if any(map(crosses_itself, rings)):
            yield Fault("mark.self_crossing", Both("เส้นรอบพื้นที่ตัดกันเอง", "a ring crosses itself"))
        for geocode in area.iter(f"{_C}geocode"):
            value = text_of(geocode, "value")
            if (
                known_tambon is not None
                and text_of(geocode, "valueName") == "TIS1099"
                and value not in known_tambon
            ):
                yield Fault("mark.geocode", Both(f"ไม่รู้จักตำบล {value}", f"unknown tambon {value}"))


def _between(infos: list[etree._Element]) -> Iterator[Fault]:
    """Blocks of several languages must speak of the same alert, in different words."""
    for name in ("severity", "urgency", "certainty"):
        if len({text_of(info, name) for info in infos}) > 1:
            yield Fault(
                "mark.disagree", Both(f"{name} ต่างกันระหว่างภาษา", f"{name} differs between info blocks")
            )
    seen: dict[str, str] = {}
    for info in infos:
        said, language = text_of(info, "description"), text_of(info, "language") or "en-US"
        if said and seen.setdefault(said, language) != language:
            yield Fault("mark.same_text", Both("ข้อความเดียวกันสองภาษา", "the same text under two languages"))
