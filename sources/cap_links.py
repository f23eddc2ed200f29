"""Which link of a feed's entry is the CAP message: by its type, then by its ending, then by its position.

Whoever fetches it still looks at the root element. Only http and https count; a link that stays relative is named, not guessed.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from lxml import etree

_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_ALERTS = frozenset(
    {"application/cap+xml", "application/emergencycalldata.cap+xml", "text/cap+xml", "application/cap"}
)
_XML = frozenset({"application/xml", "text/xml"})
_ENDINGS = (".cap", ".xml")
_PAGES = (
    ".html",
    ".htm",
    ".xhtml",
    ".pdf",
    ".jpg",
    ".jpeg",
    ".png",
    ".gif",
    ".kml",
    ".kmz",
    ".zip",
    ".json",
    ".css",
    ".mp3",
    ".mp4",
)
_PICTURES = (".jpg", ".jpeg", ".png", ".gif")
_OF_THE_FEED = frozenset(
    {"self", "hub", "edit", "license", "next", "previous", "first", "last", "replies", "icon", "search", "up"}
)


class Link(NamedTuple):
    href: str
    type: str  # in small letters without parameters; empty where none is told
    rel: str
    fault: tuple[str, str, str] | None = None  # code, Thai, English: why it cannot be followed

    @property
    def ending(self) -> str:
        """The path's, with the dot; empty for none."""
        name = urlsplit(self.href).path.rpartition("/")[2].lower()
        return "." + name.rpartition(".")[2] if "." in name else ""


_RELATIVE = ("link.relative", "ลิงก์ไม่เต็ม และไม่รู้ที่อยู่ของฟีด", "a relative link, and nothing tells what to")
_SCHEME = ("link.scheme", "ลิงก์ไม่ใช่ http หรือ https", "a link that is neither http nor https")
_NO_LINK = ("entry.no_link", "ไม่มีทั้งลิงก์และข้อความ", "neither a link nor a message")
_ONLY_PAGE = ("entry.only_page", "มีแต่ลิงก์หน้าเว็บ", "only links to pages for people, none to a message")
_MANY = (
    "link.many",
    "มีลิงก์ข้อความ CAP มากกว่าหนึ่ง ใช้ลิงก์แรก",
    "more than one link to a CAP message: the first is taken",
)
_POSITION = (
    "link.by_position",
    "ไม่บอกชนิด เลือกตามตำแหน่ง",
    "no type and no telling ending: taken by its position",
)


def base_of(element: etree._Element, outer: str | None) -> str | None:
    """The base of relative links in the element: xml:base of it and of those around it, the outermost against `outer`."""
    base = outer
    for one in reversed([element, *element.iterancestors()]):
        told = one.get(_XML_BASE)
        if told is not None:
            base = _joined(base, str(told).strip()) or base
    return base


def feed_base(own: Sequence[Link], url: str | None) -> str | None:
    """Where the feed is: its own address, else what it says of itself."""
    told = (
        link.href for rel in ("self", "alternate") for link in own if link.rel == rel and link.fault is None
    )
    return url or next(told, None)


def links_of(element: etree._Element, outer: str | None) -> list[Link]:
    """Every link an entry (or a feed's head) has, absolute where it can be. outer: as for `base_of`.

    They stand in link, enclosure, content by address, uri, and in a guid that is one where nothing else is.
    """
    found = [_link(*told, base_of(child, outer)) for child in element for told in _told(child)]
    guid = next((child for child in element if _name(child) == "guid"), None)
    if not found and guid is not None and guid.get("isPermaLink", "true").lower() != "false":
        text = (guid.text or "").strip()
        if text.startswith(("http://", "https://")):
            found.append(_link(text, "", "alternate", outer))
    return found


def _told(child: etree._Element) -> Iterator[tuple[str, str, str]]:
    """(address, type, rel) where the child is a link of some kind."""
    if isinstance(child.tag, str):
        name = _name(child)
        if name == "link":
            href = child.get("href") or (child.text or "")
            if href.strip():
                yield href.strip(), child.get("type") or "", child.get("rel") or "alternate"
        elif name == "cap" and (child.text or "").strip().startswith("http"):
            yield str(child.text).strip(), "application/cap+xml", "enclosure"  # GDACS
        elif name == "enclosure" and child.get("url"):
            yield str(child.get("url")).strip(), child.get("type") or "", "enclosure"
        elif name == "content" and (child.get("src") or child.get("url")):
            yield str(child.get("src") or child.get("url")).strip(), child.get("type") or "", "enclosure"
        elif name in ("nonxmlcontent", "othercontent"):
            inside = {_name(part): (part.text or "").strip() for part in child}
            if inside.get("uri"):
                yield inside["uri"], inside.get("mimetype", ""), "enclosure"


def _link(href: str, kind: str, rel: str, base: str | None) -> Link:
    whole = _joined(base, href)
    kind = kind.partition(";")[0].strip().lower()
    rel = rel.strip().lower()
    if whole is None or not urlsplit(whole).scheme:
        return Link(href, kind, rel, _RELATIVE)
    parts = urlsplit(whole)
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        return Link(href, kind, rel, _SCHEME)
    return Link(whole, kind, rel)


def _joined(base: str | None, href: str) -> str | None:
    try:
        whole = urljoin(base, href) if base else href
        urlsplit(whole)
    except ValueError:  # half an IPv6 address, and the like
        return None
    return whole


def chosen(
    links: Sequence[Link], in_hand: bool = False
) -> tuple[str | None, str | None, list[tuple[str, str, str]]]:
    """(page for people, link to the message, reasons) of an entry. in_hand: the message stands in the entry itself, so that no
    link has to be guessed.
    """
    why: list[tuple[str, str, str]] = [link.fault for link in links if link.fault is not None]
    good = [link for link in links if link.fault is None]
    typed = [link for link in good if link.type in _ALERTS]
    mine = [link for link in good if link.rel not in _OF_THE_FEED]
    message = next(iter([*typed, *_by_ending(mine), *_by_xml(mine)]), None)
    if message is None and not in_hand:
        message = next((k for k in mine if not k.type and k.ending not in _PAGES), None)
        if message is not None:
            why.append(_POSITION)
    if len({link.href for link in typed}) > 1:
        why.append(_MANY)
    pages = [
        k for k in mine if "html" in k.type or (k is not message and not k.type and k.ending not in _PICTURES)
    ]
    page = next(iter(pages), message)
    if message is None and not in_hand:
        why.append(_ONLY_PAGE if good else _NO_LINK)
    return (page.href if page else None), (message.href if message else None), list(dict.fromkeys(why))


def _by_ending(links: Sequence[Link]) -> list[Link]:
    """A true ending counts more than `text/html`, which servers put on anything; a feed in the feed is no message."""
    told = [k for k in links if k.ending in _ENDINGS and k.type in ("", "text/html", *_XML)]
    return sorted(told, key=lambda k: (k.type == "text/html", k.ending != ".cap"))


def _by_xml(links: Sequence[Link]) -> list[Link]:
    return [link for link in links if link.type in _XML]


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()
