"""XML of strangers as a tree: size, DOCTYPE and depth refused before anything is made of it.

Sources may not look into `warning/`, so the guard of `warning/cap/bytes_in.py` stands here again, for feeds: these are larger than one
message. Nothing outside the bytes is ever opened.
"""

import re

from lxml import etree

LARGEST = 8_000_000  # bytes; a kind feed has 0.1 MB, the greatest real one seen 3 MB
DEEPEST = 60  # elements in each other, the root counted; a message deep in a feed is counted again by its own reader
_TOO_DEEP = etree.XPath(f"boolean({'/*' * (DEEPEST + 1)})")
_WIDE = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
_BEFORE_ROOT = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*+(<!DOCTYPE(?P<html>\s+html)?)?",
    re.DOTALL | re.IGNORECASE,
)


class Refused(ValueError):
    """Bytes not read at all. code: xml.size, xml.doctype, xml.depth or xml.form; the message is English, `th` Thai."""

    def __init__(self, code: str, th: str, en: str) -> None:
        super().__init__(en)
        self.code, self.th, self.en = code, th, en


def tree(xml: bytes) -> etree._Element:
    """The root element, without comments and processing instructions; the bytes may be in any encoding libxml2 knows.

    Raises Refused. A DOCTYPE is looked for in the bytes, before the parser meets it; one hidden by an encoding nobody uses is refused
    after parsing, which opens and expands nothing.
    """
    if len(xml) > LARGEST:
        raise Refused(
            "xml.size", f"ใหญ่เกิน {LARGEST // 1_000_000} MB", f"larger than {LARGEST // 1_000_000} MB"
        )
    if carries_doctype(xml):
        raise Refused("xml.doctype", "มี DOCTYPE ซึ่งไม่รับ", "carries a DOCTYPE, which is refused")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(xml.lstrip(b" \t\r\n"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Refused("xml.form", "ไม่ใช่ XML ที่สมบูรณ์", "not well-formed XML, or cut off") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Refused("xml.doctype", "มี DOCTYPE ซึ่งไม่รับ", "carries a DOCTYPE, which is refused")
    if _TOO_DEEP(root):
        raise Refused("xml.depth", "ซ้อนลึกเกินไป", "nested too deeply")
    return root


def carries_doctype(xml: bytes) -> bool:
    found = _BEFORE_ROOT.match(opening(xml))
    return bool(found and found[1])


def is_page(xml: bytes) -> bool:
    """A web page, told by how it begins."""
    text = opening(xml)
    found = _BEFORE_ROOT.match(text)
    rest = text[found.end() :].lstrip() if found else b""
    return bool(found and found["html"]) or rest[:5].lower() == b"<html"


def opening(xml: bytes) -> bytes:
    """The bytes as an ASCII superset: UTF-16 of either order without its zeros."""
    return xml.replace(b"\0", b"") if any(xml.startswith(mark) for mark, _ in _WIDE) else xml
