"""One word on a message from outside: can it be taken, and what is its signature worth?"""

from datetime import datetime
from typing import NamedTuple

from lxml import etree

from warning.cap.bytes_in import Refused, tree
from warning.cap.legacy import faults_11, is_11
from warning.cap.moment import read_time
from warning.cap.places import Known
from warning.cap.signature import signature_of
from warning.cap.trust import Anchors, Signed
from warning.cap.validate import Problem, problems_of
from warning.words.facts import Both

VALID, DEFECT, LEGACY = "valid", "valid-with-defect", "valid-cap11"
NOT_XML, NOT_CAP, BREAKS_TEXT = "invalid-xml", "invalid-xsd", "invalid-semantic"
_OF_GROUP = {"xml": NOT_XML, "schema": NOT_CAP, "rule": BREAKS_TEXT, "hold": DEFECT, "mark": DEFECT}
_CAP_11 = Problem("legacy.cap11", Both("เป็น CAP 1.1", "CAP 1.1: taken only where a source's settings say so"))
_NO_ANCHORS = Problem(
    "signature.no_anchors",
    Both("ไม่ได้บอกว่าเชื่อถือใคร", "the arithmetic holds; nobody was named as trusted (--ca, --trusted)"),
)


class Judgement(NamedTuple):
    verdict: str
    reasons: tuple[Problem, ...]  # xml, schema, rule, hold, mark, note, legacy or signature; see docs/cap.md
    signature: str  # unsigned, good, bad*, good-but-*

    @property
    def is_valid(self) -> bool:
        return self.verdict.startswith("valid")


def judge(
    xml: bytes, anchors: Anchors | None, known: Known | None = None, received_at: datetime | None = None
) -> Judgement:
    """The verdict on a message. Raises nothing for any bytes; hostile ones may still kill the process (`apart.py`).

    anchors: None where nobody said whom to trust: then only the arithmetic of a signature is judged. known, received_at:
    as for `problems`. What a bad signature lets through is not known to be the sender's words: its marks are told, and the
    verdict is of the form alone, for it is the signature that stops the message.
    """
    try:
        root = tree(xml)
    except Refused as refused:
        return Judgement(NOT_XML, (Problem(refused.code, refused.text),), "unsigned")
    legacy = is_11(root)
    found = (
        [Problem(*fault) for fault in faults_11(root)] if legacy else problems_of(root, known, received_at)
    )
    signed = _signed(xml, root, anchors)
    verdict = LEGACY if legacy and not found else _word(found, signed)
    reasons = [_CAP_11, *found] if legacy else found
    if signed.why is not None:
        reasons.append(Problem("signature." + signed.word.partition(" ")[0], signed.why))
    elif signed.word == "good" and anchors is None:
        reasons.append(_NO_ANCHORS)
    return Judgement(verdict, tuple(dict.fromkeys(reasons)), signed.word)


def _word(found: list[Problem], signed: Signed) -> str:
    if found and found[0].refuses:
        return _OF_GROUP[found[0].code.partition(".")[0]]
    marked = any(problem.code.partition(".")[0] in _OF_GROUP for problem in found)
    return DEFECT if marked and not signed.is_bad else VALID


def _signed(xml: bytes, root: etree._Element, anchors: Anchors | None) -> Signed:
    if next(root.iter("{http://www.w3.org/2000/09/xmldsig#}Signature"), None) is None:
        return Signed("unsigned")
    return signature_of(tree(xml, whole=True), _sent(root.findtext("{*}sent") or ""), anchors)


def _sent(text: str) -> datetime | None:
    """When it says it was sent, to hold its certificate against: also as CAP 1.1 wrote it, which 1.2 refuses (Z, fractions)."""
    try:
        return read_time(text)
    except ValueError:
        pass
    try:
        sent = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return None if sent.tzinfo is None else sent
