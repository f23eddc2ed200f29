"""What the text of CAP 1.2 demands and its schema does not check, each with a code. A document that
breaks one is refused."""

import base64
import re
from collections.abc import Iterator

from lxml import etree

from warning.cap.bytes_in import NAMESPACE
from warning.cap.moment import read_time
from warning.cap.schema import Fault
from warning.cap.shapes import check_circle, read_ring
from warning.words.facts import Both

_C = f"{{{NAMESPACE}}}"
_FORBIDDEN = re.compile(r"[\s,<&]")
_KINDS_OF_MEDIA = "application|audio|font|haptics|image|message|model|multipart|text|video|x-[a-z0-9-]+"
_MIME = re.compile(rf"(?:{_KINDS_OF_MEDIA})/[a-z0-9][\w.+-]*(\s*;.*)?", re.ASCII | re.IGNORECASE)
_FULL_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+-]*:\S+")
_REFERS = frozenset({"Update", "Cancel", "Ack", "Error"})


def text_of(parent: etree._Element, name: str) -> str:
    """The trimmed text of one child, or nothing."""
    return (parent.findtext(f"{_C}{name}") or "").strip()


def broken(root: etree._Element) -> Iterator[Fault]:
    for name in ("identifier", "sender"):
        raw = root.findtext(f"{_C}{name}") or ""
        if not raw.strip() or _FORBIDDEN.search(raw.strip()):
            yield Fault(
                f"rule.{name}",
                Both(f"{name} ว่างหรือมีอักขระต้องห้าม", f"{name} is empty or holds space, comma, < or &"),
            )
    scope = text_of(root, "scope")
    if scope == "Restricted" and not text_of(root, "restriction"):
        yield Fault(
            "rule.restriction", Both("Restricted แต่ไม่มี restriction", "Restricted without restriction")
        )
    if scope == "Private" and not text_of(root, "addresses"):
        yield Fault("rule.addresses", Both("Private แต่ไม่มี addresses", "Private without addresses"))
    if text_of(root, "msgType") in _REFERS and not text_of(root, "references"):
        yield Fault(
            "rule.references", Both("ต้องอ้างถึงข้อความเดิม", f"{text_of(root, 'msgType')} without references")
        )
    for triplet in text_of(root, "references").split():
        if not _is_triplet(triplet):
            yield Fault(
                "rule.triplet", Both("รายการอ้างถึงผิดรูป", f"not sender,identifier,sent: {triplet[:60]}")
            )
    for info in root.iter(f"{_C}info"):
        yield from _info(info)


def _is_triplet(text: str) -> bool:
    parts = text.split(",")
    if len(parts) != 3 or not all(parts):
        return False
    try:
        read_time(parts[2])
    except ValueError:
        return False
    return True


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        return False
    return True


def _info(info: etree._Element) -> Iterator[Fault]:
    web = text_of(info, "web")
    if web and not _FULL_ADDRESS.fullmatch(web):
        yield Fault("rule.web", Both("web ต้องเป็นที่อยู่เต็ม", "web is not a full address"))
    for resource in info.iter(f"{_C}resource"):
        if not _MIME.fullmatch(text_of(resource, "mimeType")):
            yield Fault("rule.mime", Both("mimeType ผิดรูป", "not a MIME type"))
        uri, content = text_of(resource, "uri"), text_of(resource, "derefUri")
        if uri and not _FULL_ADDRESS.fullmatch(uri) and not content:
            yield Fault("rule.uri", Both("uri ไม่เต็มและไม่มีเนื้อหา", "relative uri without derefUri"))
        if not _is_base64(content):
            yield Fault("rule.derefUri", Both("derefUri ไม่ใช่ base64", "derefUri is not base64"))
    for area in info.iter(f"{_C}area"):
        yield from _area(area)


def _area(area: etree._Element) -> Iterator[Fault]:
    if not text_of(area, "areaDesc"):
        yield Fault("rule.areaDesc", Both("ไม่มีชื่อพื้นที่", "blank areaDesc"))
    for name, check in (("polygon", read_ring), ("circle", check_circle)):
        for drawn in area.iter(f"{_C}{name}"):
            try:
                check(drawn.text or "")
            except ValueError as error:
                yield Fault(f"rule.{name}", Both(f"{name} ผิดรูป", f"{name}: {error}"))
    ceiling, altitude = text_of(area, "ceiling"), text_of(area, "altitude")
    try:
        low = bool(ceiling) and (not altitude or float(ceiling) < float(altitude))
    except ValueError:
        return  # not numbers: the schema says so
    if low:
        yield Fault(
            "rule.ceiling", Both("ceiling ไม่มี altitude หรือต่ำกว่า", "ceiling without altitude or below it")
        )
