"""The form of CAP 1.2 as tables: order, counts and types of elements (OASIS CAP-v1.2-os, section 3.2).

Written anew from the standard's tables; tests hold it against the published schema.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple, cast

from lxml import etree

from warning.cap.bytes_in import NAMESPACE, name_of
from warning.cap.moment import read_time
from warning.words.facts import Both

STATUSES = ("Actual", "Exercise", "System", "Test", "Draft")
MSG_TYPES = ("Alert", "Update", "Cancel", "Ack", "Error")
SCOPES = ("Public", "Restricted", "Private")
CATEGORIES = (
    "Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra",
    "CBRNE", "Other",
)  # fmt: skip
RESPONSES = ("Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None")
URGENCIES = ("Immediate", "Expected", "Future", "Past", "Unknown")
SEVERITIES = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
CERTAINTIES = ("Observed", "Likely", "Possible", "Unlikely", "Unknown")

BLANKS = " \t\r\n"  # all that XML calls white space; a non-breaking space is text
_MANY = 1_000_000
_SCHEMA_PLACES = frozenset(
    f"{{http://www.w3.org/2001/XMLSchema-instance}}{name}"
    for name in ("schemaLocation", "noNamespaceSchemaLocation")
)
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)


def _is_time(text: str) -> bool:
    try:
        read_time(text)
    except ValueError:
        return False
    return True


def _fits(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text.strip(BLANKS)) is not None


def _is_language(text: str) -> bool:
    return not text or _fits(_LANGUAGE)(text)  # the schema reads an empty element as its default, en-US


def _any(text: str) -> bool:
    return True


class Element(NamedTuple):
    name: str
    least: int
    most: int
    holds: "tuple[str, ...] | Callable[[str], bool] | tuple[Element, ...]" = _any


_PAIR = (Element("valueName", 1, 1), Element("value", 1, 1))
_RESOURCE = (
    Element("resourceDesc", 1, 1), Element("mimeType", 1, 1), Element("size", 0, 1, _fits(_INTEGER)),
    Element("uri", 0, 1), Element("derefUri", 0, 1), Element("digest", 0, 1),
)  # fmt: skip
_AREA = (
    Element("areaDesc", 1, 1), Element("polygon", 0, _MANY), Element("circle", 0, _MANY),
    Element("geocode", 0, _MANY, _PAIR), Element("altitude", 0, 1, _fits(_DECIMAL)),
    Element("ceiling", 0, 1, _fits(_DECIMAL)),
)  # fmt: skip
_INFO = (
    Element("language", 0, 1, _is_language), Element("category", 1, _MANY, CATEGORIES),
    Element("event", 1, 1),
    Element("responseType", 0, _MANY, RESPONSES), Element("urgency", 1, 1, URGENCIES),
    Element("severity", 1, 1, SEVERITIES), Element("certainty", 1, 1, CERTAINTIES), Element("audience", 0, 1),
    Element("eventCode", 0, _MANY, _PAIR), Element("effective", 0, 1, _is_time), Element("onset", 0, 1,
    _is_time),
    Element("expires", 0, 1, _is_time), Element("senderName", 0, 1), Element("headline", 0, 1),
    Element("description", 0, 1), Element("instruction", 0, 1), Element("web", 0, 1),
    Element("contact", 0, 1),
    Element("parameter", 0, _MANY, _PAIR), Element("resource", 0, _MANY, _RESOURCE), Element("area", 0,
    _MANY, _AREA),
)  # fmt: skip
ALERT = (
    Element("identifier", 1, 1), Element("sender", 1, 1), Element("sent", 1, 1, _is_time),
    Element("status", 1, 1, STATUSES), Element("msgType", 1, 1, MSG_TYPES), Element("source", 0, 1),
    Element("scope", 1, 1, SCOPES), Element("restriction", 0, 1), Element("addresses", 0, 1),
    Element("code", 0, _MANY), Element("note", 0, 1), Element("references", 0, 1), Element("incidents", 0, 1),
    Element("info", 0, _MANY, _INFO),
)  # fmt: skip


class Fault(NamedTuple):
    code: str  # schema.root, schema.text, schema.attribute, schema.order, schema.count, schema.value
    text: Both


def faults(root: etree._Element, table: "tuple[Element, ...] | None" = None) -> Iterator[Fault]:
    """Every place where the tree is not a CAP 1.2 document. A root that is not ours is the only fault then.

    table: the elements of `alert` when they are not those of CAP 1.2.
    """
    if root.tag != f"{{{NAMESPACE}}}alert":
        yield Fault("schema.root", Both("ไม่ใช่เอกสาร CAP 1.2", f"not a CAP 1.2 alert but {root.tag}"))
        return
    signatures = 0
    for child in reversed(list(root)):
        if not str(child.tag).startswith("{http://www.w3.org/2000/09/xmldsig#}"):
            break
        signatures += 1
    yield from _children(root, list(root)[: len(root) - signatures], table or ALERT)


def _children(
    parent: etree._Element, children: list[etree._Element], table: tuple[Element, ...]
) -> Iterator[Fault]:
    where = name_of(parent)
    if not _SCHEMA_PLACES.issuperset(map(str, parent.keys())):
        yield Fault("schema.attribute", Both(f"{where} มีแอตทริบิวต์", f"{where} has an attribute"))
    if (parent.text or "").strip(BLANKS) or any((child.tail or "").strip(BLANKS) for child in parent):
        yield Fault("schema.text", Both(f"มีข้อความลอยใน {where}", f"text between the elements of {where}"))
    places = _places(table)
    counts = dict.fromkeys(places, 0)
    reached = 0
    for child in children:
        name = name_of(child)
        if name not in places:
            yield Fault("schema.order", Both(f"{where} มี {name} ซึ่งไม่รู้จัก", f"{where} may not hold {name}"))
            continue
        if places[name] < reached:
            yield Fault(
                "schema.order", Both(f"{name} ใน {where} ผิดลำดับ", f"{name} stands too late in {where}")
            )
        reached = max(reached, places[name])
        counts[name] += 1
        element = table[places[name]]
        if isinstance(element.holds, tuple) and element.holds and isinstance(element.holds[0], Element):
            yield from _children(child, list(child), cast("tuple[Element, ...]", element.holds))
        elif wrong := _value(child, element):
            yield wrong
    for element in table:
        if counts[element.name] < element.least:
            yield Fault("schema.count", Both(f"{where} ขาด {element.name}", f"{where} has no {element.name}"))
        if counts[element.name] > element.most:
            yield Fault(
                "schema.count", Both(f"{where} มี {element.name} ซ้ำ", f"{where} has {element.name} twice")
            )


def _value(element: etree._Element, rule: Element) -> Fault | None:
    holds = rule.holds
    text = element.text or ""
    good = text in holds if isinstance(holds, tuple) else holds(text)
    if good and not len(element) and _SCHEMA_PLACES.issuperset(map(str, element.keys())):
        return None
    shown = text.strip()[:60]
    return Fault("schema.value", Both(f"{rule.name} มีค่า “{shown}” ไม่ได้", f"{rule.name} may not be “{shown}”"))


@cache
def _places(table: tuple[Element, ...]) -> dict[str, int]:
    return {element.name: index for index, element in enumerate(table)}
