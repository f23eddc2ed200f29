"""The answers of data.tmd.go.th, XML or JSON by their first letter, as mappings; and the faults TMD tells with HTTP 200."""

import html
import re
from collections.abc import Iterator, Mapping, Set
from typing import Any

from lxml import etree

from sources.contract import SourceChanged
from sources.envelope import json_of

DEEPEST = 8


def tree(body: bytes, name: str, *, all_told: bool = False) -> Any:
    """The answer as mappings. Of an element that stands twice the last one counts, or with `all_told` a list of all.

    Raises SourceChanged for a page, broken or cut-off bytes, and a document type.
    """
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):  # UTF-16, whatever its first line claims
        told = body.decode("utf-16", "replace").lstrip()
        if told.startswith("<"):
            body = re.sub(r"^<\?xml[^>]*\?>", "", told).encode()
    start = body[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start.startswith(b"<"):
        return json_of(body, name)  # of a key that stands twice the last one wins there too
    if re.match(rb"<(!doctype\s+)?html", start, re.IGNORECASE):
        raise SourceChanged(f"{name}: a page of HTML instead of data")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body.lstrip(b"\xef\xbb\xbf \t\r\n"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SourceChanged(f"{name}: broken or cut-off XML ({str(error)[:80]})") from None
    information: Any = root.getroottree().docinfo
    if information.doctype:
        raise SourceChanged(f"{name}: XML with a document type, which this feed never had")
    return {_tag(root): _mapped(root, all_told=all_told)}


def no_fault(told: Any, name: str) -> None:
    """TMD tells faults in a header, with HTTP 200. Raises SourceChanged.

    Elsewhere only a number of HTTP counts: other documents have a status as well (`Actual` in CAP).
    """
    for node in mappings(told):
        inside = lower(node)
        for place, sign in ((inside.get("header"), r"(?!200)\S"), (inside, r"(?!200)[1-5]\d\d\b")):
            status = text_of(lower(place).get("status")) if isinstance(place, Mapping) else ""
            if re.match(sign, status):
                raise SourceChanged(f"{name}: TMD answered {status[:80]}")


def text_of(told: Any) -> str:
    return (
        html.unescape(str(told)).strip() if isinstance(told, str | int) and not isinstance(told, bool) else ""
    )


def _tag(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _mapped(element: Any, depth: int = 0, *, all_told: bool = False) -> Any:
    children = [child for child in element if isinstance(child.tag, str)]
    if not children or depth > DEEPEST:
        return (element.text or "").strip()
    tags = [_tag(child) for child in children]
    told: dict[str, Any] = {}
    for tag, child in zip(tags, children, strict=True):
        value = _mapped(child, depth + 1, all_told=all_told)
        if (all_told or isinstance(value, dict)) and tags.count(
            tag
        ) > 1:  # rows beside one another, not a field told twice
            told.setdefault(tag, []).append(value)
        else:
            told[tag] = value
    return told


def lower(node: Mapping[str, Any]) -> dict[str, Any]:
    return {str(key).lower(): value for key, value in node.items()}


def strays(told: Any, place: str, signs: Set[str]) -> Iterator[Any]:
    """What stands in a list of rows and is none: null, text, a mapping with none of the fields a row is known by.

    place: the list's name, and signs: those fields, in small letters.
    """
    for node in mappings(told):
        inside = lower(node).get(place)
        for item in inside if isinstance(inside, list) else []:
            if not isinstance(item, Mapping) or not signs & lower(item).keys():
                yield item


def mappings(told: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    if depth > DEEPEST:
        return
    if isinstance(told, list):
        for item in told:
            yield from mappings(item, depth + 1)
    elif isinstance(told, Mapping):
        yield told
        for value in told.values():
            yield from mappings(value, depth + 1)
