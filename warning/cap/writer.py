"""Our alerts as CAP 1.2 XML: UTF-8, elements in the schema's order, Thai time, nothing optional left
blank."""

from copy import deepcopy
from datetime import datetime
from functools import lru_cache
from typing import Any

from lxml import etree

from geo.errors import NotAllowed
from warning.cap.bytes_in import NAMESPACE
from warning.cap.document import Area, CapDocument, Info, Named
from warning.cap.moment import cap_time
from warning.cap.shapes import MOST_VERTICES, ring_text
from warning.cap.validate import Problem, problems

_DEFAULT: Any = {None: NAMESPACE}  # no prefix; the stubs of lxml know only named ones


class NotCap(NotAllowed):
    """A document that would break CAP 1.2; `problems` says where. Nothing is written."""

    def __init__(self, found: list[Problem]) -> None:
        super().__init__("; ".join(f"{p.text.th} ({p.code}: {p.text.en})" for p in found))
        self.problems = found


def cap_xml(document: CapDocument) -> bytes:
    """The document as bytes, the same for the same document. Raises as `written` does."""
    return written(document)[0]


def written(document: CapDocument) -> tuple[bytes, list[Problem]]:
    """The document as bytes, and what its one validation found to hold or to mark.

    Raises NotCap; ValueError for a time without a zone, for a ring of more than 100 vertices, and for characters
    that XML cannot hold.
    """
    root = etree.Element(f"{{{NAMESPACE}}}alert", nsmap=_DEFAULT)
    references = " ".join(f"{r.sender},{r.identifier},{cap_time(r.sent)}" for r in document.references)
    _put(root, "identifier", document.identifier, always=True)
    _put(root, "sender", document.sender, always=True)
    _put(root, "sent", cap_time(document.sent))
    _put(root, "status", document.status)
    _put(root, "msgType", document.msg_type)
    _put(root, "source", document.source)
    _put(root, "scope", document.scope)
    _put(root, "restriction", document.restriction)
    _put(root, "addresses", document.addresses)
    for code in document.codes:
        _put(root, "code", code)
    _put(root, "note", document.note)
    _put(root, "references", references)
    _put(root, "incidents", " ".join(f'"{name}"' if " " in name else name for name in document.incidents))
    for info in document.infos:
        _info(root, info)
    xml = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    found = problems(xml)
    if refused := [problem for problem in found if problem.refuses]:
        raise NotCap(refused)
    return xml, found


def _put(parent: etree._Element, name: str, text: str | None, always: bool = False) -> None:
    if text or always:
        etree.SubElement(parent, f"{{{NAMESPACE}}}{name}").text = text


def _time(parent: etree._Element, name: str, moment: datetime | None) -> None:
    if moment is not None:
        _put(parent, name, cap_time(moment))


def _pairs(parent: etree._Element, name: str, pairs: tuple[Named, ...]) -> None:
    for pair in pairs:
        element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
        _put(element, "valueName", pair.name, always=True)
        _put(element, "value", pair.value, always=True)


def _info(root: etree._Element, info: Info) -> None:
    element = etree.SubElement(root, f"{{{NAMESPACE}}}info")
    _put(element, "language", info.language)
    for category in info.categories:
        _put(element, "category", category)
    _put(element, "event", info.event, always=True)
    for response in info.response_types:
        _put(element, "responseType", response)
    _put(element, "urgency", info.urgency)
    _put(element, "severity", info.severity)
    _put(element, "certainty", info.certainty)
    _put(element, "audience", info.audience)
    _pairs(element, "eventCode", info.event_codes)
    _time(element, "effective", info.effective)
    _time(element, "onset", info.onset)
    _time(element, "expires", info.expires)
    _put(element, "senderName", info.sender_name)
    _put(element, "headline", info.headline)
    _put(element, "description", info.description)
    _put(element, "instruction", info.instruction)
    _put(element, "web", info.web)
    _put(element, "contact", info.contact)
    _pairs(element, "parameter", info.parameters)
    element.extend([deepcopy(_area(area)) for area in info.areas])


@lru_cache(maxsize=1024)  # a tambon is drawn the same in every alert
def _area(area: Area) -> etree._Element:
    element = etree.Element(f"{{{NAMESPACE}}}area", nsmap=_DEFAULT)
    _put(element, "areaDesc", area.desc, always=True)
    for ring in area.polygons:
        if len(ring) > MOST_VERTICES:
            raise ValueError(f"{area.desc}: {len(ring)} vertices, at most {MOST_VERTICES}")
        _put(element, "polygon", ring_text(ring))
    for circle in area.circles:
        _put(element, "circle", circle)
    _pairs(element, "geocode", area.geocodes)
    return element
