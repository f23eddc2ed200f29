"""CAP messages that stand inside a feed, cut out of it as bytes.

A signature is over bytes: a message re-written by us would no longer be its sender's. Where the message leans on a prefix declared
around it, or the feed is not in UTF-8, it has to be written again, with the same meaning.
"""

from collections.abc import Sequence
from xml.parsers import expat

from lxml import etree

from sources.cap_xml import Refused, tree

CAP_NAMESPACES = (
    "urn:oasis:names:tc:emergency:cap:1.2",
    "urn:oasis:names:tc:emergency:cap:1.1",
    "urn:oasis:names:tc:emergency:cap:1.0",
    "http://www.incident.com/cap/1.0",
)
_TAGS = tuple(f"{{{space}}}alert" for space in CAP_NAMESPACES)
_IN_TEXT = frozenset({"content", "encoded", "description", "summary", "embeddedxmlcontent"})


def alerts_in(body: bytes, elements: Sequence[etree._Element]) -> list[tuple[bytes, ...]]:
    """The messages inside each element, in the order of `elements`; none where it holds none."""
    if not elements:
        return []
    everything = elements[0].getroottree().getroot()
    outermost = [a for a in everything.iter(*_TAGS) if not any(p.tag in _TAGS for p in a.iterancestors())]
    encoding = (everything.getroottree().docinfo.encoding or "UTF-8").upper()
    slices = (
        _slices(body.lstrip(b" \t\r\n")) if outermost and encoding in ("UTF-8", "ASCII", "US-ASCII") else []
    )
    cut: dict[etree._Element, bytes] = {}
    for nth, alert in enumerate(outermost):
        raw = slices[nth] if len(slices) == len(outermost) else b""
        cut[alert] = (
            raw if _stands_alone(raw, alert) else etree.tostring(alert, encoding="UTF-8", with_tail=False)
        )
    return [
        tuple(cut[a] for a in element.iter(*_TAGS) if a in cut) or _written_out(element)
        for element in elements
    ]


def told_by(alert: bytes) -> dict[str, str]:
    """What a message says of itself: identifier, sender, sent, status, msgType, and as title its first headline or event."""
    try:
        root = tree(alert)
    except Refused:
        return {}
    names = ("identifier", "sender", "sent", "status", "msgType")
    told = {name: (root.findtext(f"{{*}}{name}") or "").strip() for name in names}
    told["title"] = (root.findtext(".//{*}headline") or root.findtext(".//{*}event") or "").strip()
    return {name: text for name, text in told.items() if text}


def _written_out(element: etree._Element) -> tuple[bytes, ...]:
    """A message given as text, escaped or in CDATA."""
    found = []
    for child in element.iter():
        text = (child.text or "").strip() if isinstance(child.tag, str) else ""
        if (
            str(child.tag).rpartition("}")[2].lower() in _IN_TEXT
            and text.startswith("<")
            and "alert" in text[:2_000]
        ):
            raw = text.encode()
            try:
                root = tree(raw)
            except Refused:
                continue
            if root.tag in _TAGS:
                found.append(raw)
    return tuple(found)


def _stands_alone(raw: bytes, alert: etree._Element) -> bool:
    if not raw:
        return False
    try:
        return tree(raw).tag == alert.tag
    except Refused:
        return False


def _slices(body: bytes) -> list[bytes]:
    """Each outermost alert from its first `<` to its last `>`. The tree has been read, so it is well-formed and has no DOCTYPE."""
    parser = expat.ParserCreate(namespace_separator="}")
    begun: list[int] = []
    found: list[tuple[int, int]] = []
    names = {f"{space}}}alert" for space in CAP_NAMESPACES}

    def opened(name: str, _: object) -> None:
        if name in names:
            begun.append(parser.CurrentByteIndex)

    def closed(name: str) -> None:
        if name in names:
            start = begun.pop()
            if not begun:
                found.append((start, body.find(b">", parser.CurrentByteIndex) + 1))

    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    try:
        parser.Parse(body, True)
    except expat.ExpatError:
        return []
    return [body[start:end] for start, end in found]
