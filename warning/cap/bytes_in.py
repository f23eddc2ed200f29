"""From bytes to a tree, refusing what could hurt: size, depth, DOCTYPE (external entities, entity bombs)."""

import re
from typing import Any

from lxml import etree

from warning.words.facts import Both

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
LARGEST = 1_000_000  # bytes; the largest real file seen has 447 kB
DEEPEST = 40  # elements in each other, the root counted
_TOO_DEEP = etree.XPath(
    f"boolean({'/*' * (DEEPEST + 1)})"
)  # lxml walks it without a Python object an element


# What may stand before the root: a mark of order, the declaration, instructions, comments. Then a DOCTYPE, or none.
_BEFORE_ROOT = re.compile(
    rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*+(<!DOCTYPE)?",
    re.DOTALL | re.IGNORECASE,
)


class Refused(ValueError):
    """Bytes that are not read at all. `code` is one of xml.size, xml.doctype, xml.depth, xml.form."""

    def __init__(self, code: str, text: Both) -> None:
        super().__init__(f"{text.th} ({text.en})")
        self.code, self.text = code, text


def tree(xml: bytes, *, whole: bool = False) -> etree._Element:
    """The root element. Raises Refused; nothing outside the bytes is ever opened.

    whole: keeps comments and processing instructions, for a signature may be over them.
    A DOCTYPE is looked for in the bytes first, where one may stand (zero bytes left out, so also in UTF-16): the parser
    does not meet one. One hidden by an encoding nobody uses is refused after parsing, which opens and expands nothing.
    """
    if len(xml) > LARGEST:
        raise Refused("xml.size", Both("ไฟล์ใหญ่เกิน 1 MB", "larger than 1 MB"))
    before = _BEFORE_ROOT.match(xml.replace(b"\0", b"") if b"\0" in xml[:4] else xml)
    if before and before[1]:
        raise _DOCTYPE_FOUND
    parser = _parser(whole)
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        if not _only_a_namespace(parser):
            raise Refused("xml.form", Both("ไม่ใช่ XML ที่สมบูรณ์", "not well-formed XML")) from error
        root = etree.fromstring(xml, _parser(whole, recover=True))
    if root.getroottree().docinfo.internalDTD is not None:
        raise _DOCTYPE_FOUND
    if _TOO_DEEP(root):
        raise Refused("xml.depth", Both("ซ้อนลึกเกินไป", "nested too deeply"))
    return root


def _parser(whole: bool, recover: bool = False) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=not whole,
        remove_pis=not whole,
        recover=recover,
    )


def _only_a_namespace(parser: etree.XMLParser) -> bool:
    """Is all that is wrong a namespace that is no address? Such a document is well-formed, and not CAP.

    Asked of the parser: the log of the exception is the thread's, with what went wrong in other documents before.
    """
    log: Any = parser.error_log
    return {entry.type_name for entry in log} == {"WAR_NS_URI"}


_DOCTYPE_FOUND = Refused("xml.doctype", Both("มี DOCTYPE ซึ่งไม่รับ", "carries a DOCTYPE, which is refused"))


def name_of(element: etree._Element) -> str:
    """The local name of a CAP element; a foreign one keeps its namespace, and one without any shows that."""
    tag = str(element.tag)
    return tag.removeprefix(f"{{{NAMESPACE}}}") if tag.startswith("{") else f"{{}}{tag}"
