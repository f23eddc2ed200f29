"""A feed of CAP messages as values: Atom, RSS 0.9 to 2.0 and 1.0 (RDF), EDXL-DE, and plain words for what is no feed.

Pure. `read_feed` raises for nothing: what cannot be used is told by the verdict and its reasons, in both languages.
Times of feeds are not to be trusted (TMD labels UTC as Thai time), so they are kept as written; `sent` of the message
counts. Which link of an entry is the message: docs/sources/cap_feed.md.
"""

import json
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from lxml import etree

from sources.cap_cut import CAP_NAMESPACES, alerts_in, told_by
from sources.cap_links import Link, chosen, feed_base, links_of
from sources.cap_xml import Refused, is_page, opening, tree

VALID, INVALID = "valid", "invalid"
MOST_ENTRIES = 2_000
_ATOM = ("http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#", "")
_EDXL = "edxldistribution"
_TEXT_MOST = 500  # characters of a title or an id that are kept


class Reason(NamedTuple):
    code: str
    th: str
    en: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, in the feed's order. Addresses are absolute where a base was known."""

    id: str | None
    title: str | None
    updated: str | None  # as written
    link: str | None  # the page for people, or the only link there is
    cap_link: str | None  # the message
    alerts: tuple[
        bytes, ...
    ] = ()  # messages that stand in the entry itself, cut out as bytes where that was possible
    reasons: tuple[Reason, ...] = ()

    @property
    def is_usable(self) -> bool:
        return self.cap_link is not None or bool(self.alerts)


@dataclass(frozen=True, slots=True)
class Feed:
    format: str  # atom, rss, edxl-de, not-a-feed
    verdict: (
        str  # valid: a usable feed, be it empty; invalid: the source is down, never "nothing is happening"
    )
    reasons: tuple[Reason, ...] = ()
    id: str | None = None
    title: str | None = None
    updated: str | None = None
    self_link: str | None = None
    hub: str | None = None  # WebSub
    entries: tuple[Entry, ...] = field(default=())

    @property
    def links(self) -> tuple[str, ...]:
        """Of the messages, each once, in order."""
        return tuple(dict.fromkeys(e.cap_link for e in self.entries if e.cap_link))


_NO_ENTRY = Reason(
    "feed.no_message", "ไม่มีรายการใดที่อ่านเป็นข้อความได้", "no entry has a link to a message or a message in it"
)
_NO_FORM = Reason(
    "feed.form", "ขาดส่วนที่ฟีดต้องมี", "lacks what a feed of its kind must have (id, title or description)"
)
_MANY = Reason(
    "feed.many",
    f"มีมากกว่า {MOST_ENTRIES:,} รายการ",
    f"more than {MOST_ENTRIES:,} entries; the rest is left out",
)
_REPEATED = Reason("entry.duplicate", "รหัสซ้ำกับรายการก่อนหน้า", "the id of an earlier entry again")
_NO_ID = Reason("entry.no_id", "ไม่มีรหัส", "no id")
_OLD_ATOM = Reason("feed.namespace", "Atom รุ่นเก่าหรือไม่มี namespace", "Atom of an old namespace, or of none")


def read_feed(body: bytes, url: str | None = None) -> Feed:
    """url: where it was fetched from, the last base for relative links. Raises nothing, whatever the bytes."""
    strange = _no_xml(body)
    if strange is not None:
        return Feed("not-a-feed", INVALID, (strange,))
    try:
        root = tree(body)
    except Refused as refused:
        page = (_PAGE,) if is_page(body) else ()
        return Feed("not-a-feed", INVALID, (Reason(refused.code, refused.th, refused.en), *page))
    space, name = _named(root)
    if name in ("feed", "entry") and space in _ATOM:
        return _atom(root, body, url, space, name)
    if name == "rss" or (name == "rdf" and _children(root, "channel")):
        return _rss(root, body, url)
    if name == _EDXL:
        return _edxl(root, body, url)
    return Feed("not-a-feed", INVALID, (_other(space, name),))


_PAGE = Reason("feed.html", "เป็นหน้าเว็บ ไม่ใช่ฟีด", "a web page, not a feed: an error or a log-in page")
_EMPTY = Reason("feed.empty", "ไม่มีข้อมูลเลย", "no bytes at all")
_JSON = Reason("feed.json", "เป็น JSON ไม่ใช่ฟีด", "JSON, not a feed")
_NO_XML = Reason("xml.form", "ไม่ใช่ XML", "not XML")
_ALERT = Reason("feed.cap", "เป็นข้อความ CAP เอง ไม่ใช่ฟีด", "a CAP message itself, not a feed: raksa cap check")


def _no_xml(body: bytes) -> Reason | None:
    start = opening(body[:4_000]).lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if not start:
        return _EMPTY if not body.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n") else _NO_XML
    if start[:1] in b"{[":
        try:
            json.loads(body)
        except (ValueError, RecursionError):
            return _NO_XML
        return _JSON
    return None if start[:1] == b"<" else _NO_XML


def _other(space: str, name: str) -> Reason:
    if name == "alert" and space in CAP_NAMESPACES:
        return _ALERT
    if name == "html":
        return _PAGE
    return Reason("feed.root", f"<{name[:40]}> ไม่ใช่ฟีด", f"<{name[:40]}> is the root of no feed")


def _atom(root: etree._Element, body: bytes, url: str | None, space: str, name: str) -> Feed:
    alone = name == "entry"
    own: list[Link] = [] if alone else links_of(root, url)
    base = feed_base(own, url)
    found = []
    elements = [root] if alone else _children(root, "entry")
    cut = alerts_in(body, elements[:MOST_ENTRIES])
    for element, alerts in zip(elements, cut, strict=False):
        links = links_of(element, base)
        found.append(_entry(
            element, _text(element, "id"), _text(element, "updated", "modified", "published", "issued", "created"), links, alerts
        ))  # fmt: skip
    head = Feed(
        "atom", VALID, () if space == _ATOM[0] else (_OLD_ATOM,), _text(root, "id"), _text(root, "title"),
        _text(root, "updated", "modified"), _href(own, "self"), _href(own, "hub"),
    )  # fmt: skip
    return _judged(
        head, found, len(elements), bool(head.id or head.title) and (alone or bool(head.updated or head.id))
    )


def _rss(root: etree._Element, body: bytes, url: str | None) -> Feed:
    channel = next(iter(_children(root, "channel")), root)
    own = links_of(channel, url)
    base = feed_base(own, url)
    elements = _children(channel, "item") + (_children(root, "item") if channel is not root else [])
    cut = alerts_in(body, elements[:MOST_ENTRIES])
    found = []
    for element, alerts in zip(elements, cut, strict=False):
        links = links_of(element, base)
        about = next((str(v) for k, v in element.attrib.items() if str(k).endswith("}about")), None)
        found.append(
            _entry(
                element,
                _text(element, "guid") or about,
                _text(element, "pubDate", "date", "updated"),
                links,
                alerts,
            )
        )
    title, described = _text(channel, "title"), _text(channel, "description")
    head = Feed(
        "rss", VALID, (), _href(own, "self") or _href(own, "alternate"), title,
        _text(channel, "lastBuildDate", "pubDate", "date"), _href(own, "self"), _href(own, "hub"),
    )  # fmt: skip
    return _judged(head, found, len(elements), bool(title or described))


def _edxl(root: etree._Element, body: bytes, url: str | None) -> Feed:
    elements = [e for e in root.iter() if _named(e)[1] == "contentobject"]
    cut = alerts_in(body, elements[:MOST_ENTRIES])
    sent, told_id = _text(root, "dateTimeSent"), _text(root, "distributionID")
    found = []
    for nth, (element, alerts) in enumerate(zip(elements, cut, strict=False), 1):
        links = links_of(element, url)
        own = told_by(alerts[0]) if alerts else {}
        entry_id = _text(element, "contentID", "contentObjectID") or own.get("identifier")
        made = _entry(element, entry_id or (f"{told_id}#{nth}" if told_id else None), sent, links, alerts)
        found.append(replace(made, title=made.title or own.get("title")))
    head = Feed("edxl-de", VALID, (), told_id, _text(root, "senderID"), sent)
    return _judged(head, found, len(elements), bool(told_id))


def _entry(
    element: etree._Element,
    entry_id: str | None,
    updated: str | None,
    links: list[Link],
    alerts: tuple[bytes, ...],
) -> Entry:
    page, message, said = chosen(links, in_hand=bool(alerts))
    reasons = [Reason(*why) for why in said]
    if entry_id is None:
        reasons.append(_NO_ID)
    title = _text(element, "title", "contentDescription")
    return Entry(entry_id, title, updated, page, message, alerts, tuple(reasons))


def _judged(head: Feed, found: list[Entry], count: int, formed: bool) -> Feed:
    """Repeated ids marked; unusable where it has entries and none can be used, or where it is empty and not even a feed in form."""
    seen: set[str] = set()
    marked = []
    for entry in found:
        again = entry.id is not None and entry.id in seen
        seen.add(entry.id or "")
        marked.append(_with(entry, _REPEATED) if again else entry)
    reasons = list(head.reasons)
    if not formed:
        reasons.append(_NO_FORM)
    if count > MOST_ENTRIES:
        reasons.append(_MANY)
    usable = any(entry.is_usable for entry in marked) if marked else formed
    if marked and not usable:
        reasons.append(_NO_ENTRY)
    return Feed(
        head.format, VALID if usable else INVALID, tuple(reasons), head.id, head.title, head.updated, head.self_link, head.hub,
        tuple(marked),
    )  # fmt: skip


def _with(entry: Entry, reason: Reason) -> Entry:
    return replace(entry, reasons=(*entry.reasons, reason))


def _named(element: etree._Element) -> tuple[str, str]:
    """Namespace and name in small letters; a comment or instruction has neither."""
    if not isinstance(element.tag, str):
        return "", ""
    space, _, name = element.tag.rpartition("}")
    return space.lstrip("{"), name.lower()


def _children(parent: etree._Element, name: str) -> list[etree._Element]:
    return [child for child in parent if _named(child)[1] == name]


def _text(parent: etree._Element, *names: str) -> str | None:
    """The first child of such a name with text in it, as text without markup."""
    for name in names:
        for child in _children(parent, name.lower()):
            text = "".join(map(str, child.itertext())).strip()
            if text:
                return text[:_TEXT_MOST]
    return None


def _href(links: list[Link], rel: str) -> str | None:
    return next((link.href for link in links if link.rel == rel and link.fault is None), None)
