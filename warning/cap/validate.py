"""Is this a CAP 1.2 message one may publish? Form first, then the rules of the text, then what
deserves a mark."""

from datetime import datetime
from typing import NamedTuple

from lxml import etree

from warning.cap.bytes_in import NAMESPACE, Refused, tree
from warning.cap.marks import marks
from warning.cap.places import Known
from warning.cap.rules import broken
from warning.cap.schema import faults
from warning.words.facts import Both


class Problem(NamedTuple):
    code: str  # xml.* schema.* rule.* refuse; hold.* wait for a person; mark.* are told; note.* are no defect
    text: Both

    @property
    def refuses(self) -> bool:
        return self.code.startswith(("xml.", "schema.", "rule."))


def problems(xml: bytes, known: Known | None = None, received_at: datetime | None = None) -> list[Problem]:
    """Everything wrong with a message, grave first; an empty list means it may go out. Raises nothing
    for any bytes.

    known: the tambon there are, to mark strange `TIS1099` geocodes and shapes far from them. received_at: aware, to notice
    a clock gone wrong. Rules are checked only on a document of the right form, marks only when no rule is broken.
    """
    try:
        root = tree(xml)
    except Refused as refused:
        return [Problem(refused.code, refused.text)]
    drawn = _without_known_areas(root) if known is None else ()
    found = problems_of(root, known, received_at)
    if found and found[0].refuses:
        return found
    if not any(mark.code == "mark.self_crossing" for mark in found):
        _known_areas.update(drawn)
    return found


def problems_of(root: etree._Element, known: Known | None, received_at: datetime | None) -> list[Problem]:
    """The same of a document already read, without its comments."""
    for check in (faults, broken):
        found = [Problem(*fault) for fault in check(root)]
        if found:
            return found
    return [Problem(*mark) for mark in marks(root, known, received_at)]


# Areas found without a fault, byte for byte: a tambon is drawn the same in every alert, and is not read again in each.
_known_areas: set[bytes] = set()
_MOST_KNOWN = 32_768  # both languages of all Thailand's tambon, twice


def _without_known_areas(root: etree._Element) -> list[bytes]:
    """Take out of the tree what need not be read again, one area of each block left in its place. Returns the others."""
    if len(_known_areas) > _MOST_KNOWN:
        _known_areas.clear()
    others: list[bytes] = []
    for info in root.iter(f"{{{NAMESPACE}}}info"):
        for area in list(info.iterchildren(f"{{{NAMESPACE}}}area"))[1:]:
            drawn = etree.tostring(area, with_tail=False)
            if drawn in _known_areas and not (area.tail or "").strip():
                info.remove(area)
            else:
                others.append(drawn)
    return others
