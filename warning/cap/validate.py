"""Is this a CAP 1.2 message one may publish? Form first, then the rules of the text, then what
deserves a mark."""

from collections.abc import Container
from datetime import datetime
from typing import NamedTuple

from warning.cap.bytes_in import Refused, tree
from warning.cap.marks import marks
from warning.cap.rules import broken
from warning.cap.schema import faults
from warning.words.facts import Both


class Problem(NamedTuple):
    code: str  # xml.* schema.* rule.* refuse; hold.* wait for a person; mark.* are only said
    text: Both

    @property
    def refuses(self) -> bool:
        return self.code.startswith(("xml.", "schema.", "rule."))


def problems(
    xml: bytes, known_tambon: Container[str] | None = None, received_at: datetime | None = None
) -> list[Problem]:
    """Everything wrong with a message, grave first; an empty list means it may go out. Raises nothing
    for any bytes.

    known_tambon: codes that exist, to mark strange `TIS1099` geocodes. received_at: aware, to notice a
    clock or a
    Buddhist year gone wrong. Rules are checked only on a document of the right form, marks only when
    no rule is broken.
    """
    try:
        root = tree(xml)
    except Refused as refused:
        return [Problem(refused.code, refused.text)]
    for check in (faults, broken):
        found = [Problem(*fault) for fault in check(root)]
        if found:
            return found
    return [Problem(*mark) for mark in marks(root, known_tambon, received_at)]
