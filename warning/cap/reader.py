"""A CAP 1.2 message back as values. Tolerant: what a field lacks is None, what it does not know it
passes over."""

import shlex
from datetime import datetime

from lxml import etree

from warning.cap.bytes_in import NAMESPACE, Refused, tree
from warning.cap.document import Area, CapDocument, Info, Named, Reference, Ring
from warning.cap.moment import read_time
from warning.cap.shapes import read_ring
from warning.words.facts import Both

_C = f"{{{NAMESPACE}}}"


def read_cap(xml: bytes) -> CapDocument:
    """The message; times in UTC, texts trimmed, rings in lat, lon. Broken rings, times and references
    are left out
    (ask `problems` what was wrong), resources are not read.

    Raises Refused for bytes that are not safe XML, for a root that is not CAP 1.2, and without
    identifier, sender, sent.
    """
    root = tree(xml)
    if root.tag != f"{_C}alert":
        raise Refused("schema.root", Both("ไม่ใช่เอกสาร CAP 1.2", "not a CAP 1.2 alert"))
    sent = _moment(root, "sent")
    identifier, sender = _text(root, "identifier"), _text(root, "sender")
    if sent is None or identifier is None or sender is None:
        raise Refused("schema.count", Both("ขาดผู้ส่ง เลขที่ หรือเวลา", "no identifier, sender or sent"))
    return CapDocument(
        identifier=identifier, sender=sender, sent=sent, status=_text(root, "status") or "",
        msg_type=_text(root, "msgType") or "", scope=_text(root, "scope") or "", source=_text(root, "source"),
        restriction=_text(root, "restriction"), addresses=_text(root, "addresses"), codes=_texts(root,
        "code"),
        note=_text(root, "note"), references=_references(_text(root, "references") or ""),
        incidents=_words(_text(root, "incidents") or ""), infos=tuple(_info(info) for info in
        root.findall(f"{_C}info")),
    )  # fmt: skip


def _text(parent: etree._Element, name: str) -> str | None:
    return (parent.findtext(f"{_C}{name}") or "").strip() or None


def _texts(parent: etree._Element, name: str) -> tuple[str, ...]:
    found = ((element.text or "").strip() for element in parent.findall(f"{_C}{name}"))
    return tuple(text for text in found if text)


def _moment(parent: etree._Element, name: str) -> datetime | None:
    try:
        return read_time(_text(parent, name) or "")
    except ValueError:
        return None


def _words(text: str) -> tuple[str, ...]:
    """A white-space list in which names with spaces stand in double quotes."""
    lexer = shlex.shlex(text, posix=True)
    lexer.whitespace_split, lexer.quotes, lexer.escape, lexer.commenters = True, '"', "", ""
    try:
        return tuple(lexer)
    except ValueError:  # a quote left open
        return tuple(text.split())


def _references(text: str) -> tuple[Reference, ...]:
    found = []
    for triplet in text.split():
        parts = triplet.split(",")
        try:
            sender, identifier, sent = parts
            found.append(Reference(sender, identifier, read_time(sent)))
        except ValueError:
            continue
    return tuple(found)


def _pairs(parent: etree._Element, name: str) -> tuple[Named, ...]:
    pairs = parent.findall(f"{_C}{name}")
    return tuple(Named(_text(pair, "valueName") or "", _text(pair, "value") or "") for pair in pairs)


def _info(info: etree._Element) -> Info:
    return Info(
        language=_text(info, "language") or "en-US", categories=_texts(info, "category"),
        event=_text(info, "event") or "",
        urgency=_text(info, "urgency") or "", severity=_text(info, "severity") or "",
        certainty=_text(info, "certainty") or "", response_types=_texts(info, "responseType"),
        audience=_text(info, "audience"), event_codes=_pairs(info, "eventCode"),
        effective=_moment(info, "effective"),
        onset=_moment(info, "onset"), expires=_moment(info, "expires"), sender_name=_text(info, "senderName"),
        headline=_text(info, "headline"), description=_text(info, "description"),
        instruction=_text(info, "instruction"), web=_text(info, "web"), contact=_text(info, "contact"),
        parameters=_pairs(info, "parameter"), areas=tuple(_area(area) for area in info.findall(f"{_C}area")),
    )  # fmt: skip


def _area(area: etree._Element) -> Area:
    rings: list[Ring] = []
    for text in _texts(area, "polygon"):
        try:
            rings.append(read_ring(text))
        except ValueError:
            continue
    return Area(_text(area, "areaDesc") or "", tuple(rings), _pairs(area, "geocode"), _texts(area, "circle"))
