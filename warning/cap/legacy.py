"""CAP 1.1 (OASIS, October 2005): not what we take, but told apart from what is no CAP at all."""

import re
from collections.abc import Iterator
from copy import deepcopy

from lxml import etree

from warning.cap.bytes_in import NAMESPACE
from warning.cap.moment import read_time
from warning.cap.schema import ALERT, CERTAINTIES, RESPONSES, Element, Fault, faults
from warning.words.facts import Both

NAMESPACE_11 = "urn:oasis:names:tc:emergency:cap:1.1"
_FRACTION_OR_ZULU = re.compile(r"(T\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_LATER = re.compile(r"OET:v\d")  # the OASIS Event Terms List came ten years after CAP 1.1


def _is_time(text: str) -> bool:
    """An xs:dateTime: as in 1.2, and with a fraction, with Z or without a zone. The day must be in the calendar."""
    plain = _FRACTION_OR_ZULU.sub(lambda m: m[1] + (m[2] or "Z").replace("Z", "+00:00"), text, count=1)
    try:
        read_time(plain)
    except ValueError:
        return False
    return True


# What 1.2 changed: a stricter time, mimeType required, heights as numbers, the responses Avoid and AllClear. "Very Likely" is
# of 1.0; the text of 1.1 wants it read as "Likely", though its schema has no such word.
_CHANGED: dict[str, Element] = {
    name: Element(name, 1 if name == "sent" else 0, 1, _is_time)
    for name in ("sent", "effective", "onset", "expires")
} | {
    "mimeType": Element("mimeType", 0, 1),
    "altitude": Element("altitude", 0, 1),
    "ceiling": Element("ceiling", 0, 1),
    "responseType": Element(
        "responseType", 0, 1_000_000, tuple(r for r in RESPONSES if r not in ("Avoid", "AllClear"))
    ),
    "certainty": Element("certainty", 1, 1, (*CERTAINTIES, "Very Likely")),
}


def _of_11(table: tuple[Element, ...]) -> tuple[Element, ...]:
    made = []
    for element in table:
        inner = element.holds
        if isinstance(inner, tuple) and inner and isinstance(inner[0], Element):
            element = element._replace(holds=_of_11(tuple(e for e in inner if isinstance(e, Element))))
        made.append(_CHANGED.get(element.name, element))
    return tuple(made)


_ALERT_11 = _of_11(ALERT)


def is_11(root: etree._Element) -> bool:
    return root.tag == f"{{{NAMESPACE_11}}}alert"


def faults_11(root: etree._Element) -> Iterator[Fault]:
    """Every place where a tree in the namespace of 1.1 is not of its form; a Signature at its end is let through."""
    if any(_LATER.match(named.text or "") for named in root.iter(f"{{{NAMESPACE_11}}}valueName")):
        yield Fault(
            "schema.root",
            Both("อ้างว่าเป็น CAP 1.1 แต่ใช้คำที่เกิดทีหลัง", "the namespace of CAP 1.1 with words that came after it"),
        )
        return
    same = deepcopy(root)
    for element in same.iter(f"{{{NAMESPACE_11}}}*"):
        element.tag = f"{{{NAMESPACE}}}{etree.QName(element).localname}"
    yield from faults(same, _ALERT_11)
