"""Legal, but a careful receiver notices: `hold` waits for a person, `mark` is told beside it, `note` is only worth knowing."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import combinations

from lxml import etree

from warning.cap.bytes_in import NAMESPACE
from warning.cap.moment import read_time
from warning.cap.places import Known, strange_places
from warning.cap.rules import text_of
from warning.cap.schema import Fault
from warning.cap.shapes import crosses_itself, read_ring
from warning.words.facts import Both
from warning.words.sizes import cell_broadcast_pages

_C = f"{{{NAMESPACE}}}"
# Held only for what is shouted or Thai: "exercise caution" and "tested" are words of real warnings.
_DRILL = re.compile(r"ฝึกซ้อม|ทดสอบ|\b(?:EXERCISE(?!\s+(?:\w+\s+){0,2}(?:CAUTION|CARE|VIGILANCE))|TEST)\b")
_MAYBE_DRILL = re.compile(r"\b(?:this is|only) an? (?:\w+ ){0,3}(?:test|exercise|drill)\b", re.IGNORECASE)
_SAYS_DRILL = re.compile(r"ซ้อม|ทดสอบ|exercise|exercice|ejercicio|drill|test|simula|latihan", re.IGNORECASE)
_MARKUP = re.compile(r"</?[A-Za-z][A-Za-z0-9]*(?:\s[^<>]*)?/?>|<!--")
_ENTITY = re.compile(r"&(?:#\d+|#[xX][0-9A-Fa-f]+|[A-Za-z][A-Za-z0-9]+);")
_BROADCAST_PAGES = 15
_TEXTS = ("event", "headline", "description", "instruction")
_DAY = timedelta(days=1)
_BUDDHIST = 2400  # a Gregorian year as late as this is one of the Buddhist era


def marks(root: etree._Element, known: Known | None, received_at: datetime | None) -> Iterator[Fault]:
    """Of a message that has the right form and breaks no rule."""
    infos = list(root.iter(f"{_C}info"))
    texts = "\n".join(text_of(info, name) for info in infos for name in _TEXTS)
    status = text_of(root, "status")
    if status == "Actual" and _DRILL.search(texts):
        yield Fault(
            "hold.exercise_words",
            Both("สถานะจริงแต่ข้อความว่าฝึกซ้อม", "Actual, but the text says exercise or test"),
        )
    elif status == "Actual" and _MAYBE_DRILL.search(texts):
        yield Fault("note.exercise_words", Both("ข้อความอาจเป็นการทดสอบ", "Actual, but it may speak of a test"))
    if status == "Exercise" and infos and not _SAYS_DRILL.search(texts):
        yield Fault("hold.exercise_silent", Both("ฝึกซ้อมแต่ข้อความไม่บอก", "Exercise, but no text says so"))
    written = [element.text for element in root.iter(f"{_C}*") if element.text and not len(element)]
    if any("<" in text and _MARKUP.search(text) for text in written):
        yield Fault("mark.markup", Both("มีคำสั่งจัดหน้าในข้อความ", "markup in the text"))
    if any("&" in text and _ENTITY.search(text) for text in written):
        yield Fault("mark.entities", Both("มีรหัส HTML ในข้อความ", "HTML entities in the text: escaped twice"))
    if text_of(root, "restriction") and text_of(root, "scope") != "Restricted":
        yield Fault(
            "mark.restriction", Both("มี restriction ทั้งที่ไม่ใช่ Restricted", "restriction, but not Restricted")
        )
    if text_of(root, "msgType") == "Error" and not text_of(root, "note"):
        yield Fault("mark.note", Both("Error ไม่มีเหตุผล", "Error without note"))
    yield from _times(root, infos, received_at)
    yield from _lacking(root, infos)
    for info in infos:
        yield from _info(info)
    yield from strange_places(root, known)
    yield from _between(infos)


def _times(
    root: etree._Element, infos: list[etree._Element], received_at: datetime | None
) -> Iterator[Fault]:
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
    said = [(name, text_of(info, name)) for info in infos for name in ("effective", "onset", "expires")]
    if any(read_time(text).year > _BUDDHIST for _, text in (("sent", text_of(root, "sent")), *said) if text):
        yield Fault("hold.year", Both("ปีเป็นพุทธศักราช", "a Buddhist year where a Gregorian one belongs"))
    for info in infos:
        expires, effective = text_of(info, "expires"), text_of(info, "effective")
        if expires and read_time(expires) <= max(sent, read_time(effective) if effective else sent):
            yield Fault("mark.expired", Both("สิ้นสุดก่อนเริ่ม", "expires before it begins"))


def _lacking(root: etree._Element, infos: list[etree._Element]) -> Iterator[Fault]:
    """What no block of a message has is a defect of it; what one block lacks may stand in another."""
    warns = text_of(root, "msgType") in ("Alert", "Update")
    for code, said in (
        ("expires", Both("ไม่มีเวลาสิ้นสุด", "no expires")),
        ("area", Both("ไม่มีพื้นที่", "info without area")),
    ):
        bare = [
            info
            for info in infos
            if info.find(f"{_C}{code}") is None or (code == "expires" and not text_of(info, code))
        ]
        if bare:
            yield Fault(f"{'mark' if warns and len(bare) == len(infos) else 'note'}.no_{code}", said)


def _info(info: etree._Element) -> Iterator[Fault]:
    said = text_of(info, "description")
    if cell_broadcast_pages(said) > _BROADCAST_PAGES:
        # Long text is cut at a space. Where there is none for a whole broadcast, it cannot be.
        if any(cell_broadcast_pages(word) > _BROADCAST_PAGES for word in said.split()):
            yield Fault(
                "mark.long",
                Both("ยาวเกินเซลล์บรอดแคสต์และตัดไม่ได้", "longer than a cell broadcast, nowhere to cut"),
            )
        else:
            yield Fault("note.long", Both("ยาวเกินเซลล์บรอดแคสต์", "longer than a cell broadcast holds: cut it"))
    rings = [read_ring(drawn.text or "") for drawn in info.iter(f"{_C}polygon")]
    if any(map(crosses_itself, rings)):
        yield Fault("mark.self_crossing", Both("เส้นรอบพื้นที่ตัดกันเอง", "a ring crosses itself"))


def _between(infos: list[etree._Element]) -> Iterator[Fault]:
    """Blocks of several languages must speak of the same alert, in different words."""
    told: set[str] = set()
    for one, other in combinations(infos[:12], 2):
        if _language(one) == _language(other):
            continue
        if _subject(one) == _subject(other):
            told.update(
                n for n in ("severity", "urgency", "certainty") if text_of(one, n) != text_of(other, n)
            )
        for name in ("headline", "description", "instruction"):
            if text_of(one, name) and text_of(one, name) == text_of(other, name):
                told.add("same_text")
    for name in sorted(told - {"same_text"}):
        yield Fault("mark.disagree", Both(f"{name} ต่างกันระหว่างภาษา", f"{name} differs between languages"))
    if "same_text" in told:
        yield Fault("mark.same_text", Both("ข้อความเดียวกันสองภาษา", "the same text under two languages"))


def _language(info: etree._Element) -> str:
    return (text_of(info, "language") or "en-US").partition("-")[0].lower()


def _subject(info: etree._Element) -> tuple[frozenset[tuple[str, str]], frozenset[str]]:
    """Of which event and which ground a block speaks: one message may hold several."""
    codes = frozenset((text_of(c, "valueName"), text_of(c, "value")) for c in info.iter(f"{_C}eventCode"))
    ground = (text_of(c, "value") for c in info.iter(f"{_C}geocode"))
    drawn = ((shape.text or "").strip() for shape in info.iter(f"{_C}polygon", f"{_C}circle"))
    return codes, frozenset((*ground, *drawn))
