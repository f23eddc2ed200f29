"""Siblings of the corpus: what a larger one would hold. The published schema says of each whether its form is right."""

import re
from itertools import pairwise

import pytest
import xmlschema

from geo.areas import built_in_areas
from tests.shared_data import shared_data
from tests.warning.cap.messages_made import BASE, RING, changed, real, to, two
from warning.cap.schema import CERTAINTIES, RESPONSES, SEVERITIES, URGENCIES
from warning.cap.verdict import judge

_OWN = "test@raksa.example,RK-0001,2026-11-22T06:15:00+07:00"
_OLD = "test@raksa.example,RK-0000,2026-11-21T06:15:00+07:00"
_SENT = "<sent>2026-11-22T06:15:00+07:00</sent>"
_FORM = re.compile(r"^ *<(\w+)>[^<]*</\1>\n|^ *<(\w+)>.*</\2>\n", re.MULTILINE)


def _sent(text: str) -> str:
    return changed((_SENT, f"<sent>{text}</sent>"))


def _ring(text: str) -> str:
    return changed((RING, text))


def _circle(text: str) -> str:
    return changed(("<geocode><valueName>TIS", f"<circle>{text}</circle><geocode><valueName>TIS"))


def _refer(text: str) -> str:
    return to("Update", text)


def _cap_11(*pairs: tuple[str, str]) -> str:
    """The base as CAP 1.1: with a list of events that was there at the time."""
    return changed(("cap:1.2", "cap:1.1"), ("OET:v1.2", "SAME"), *pairs)


def _resource(old: str, new: str) -> str:
    return changed((old, new))


_CASES: dict[str, tuple[str | bytes, str]] = {
    "base": (BASE, "valid"),
    # times
    "sent-utc": (_sent("2026-11-22T06:15:00-00:00"), "valid"),
    "sent-plus-zero": (_sent("2026-11-22T06:15:00+00:00"), "valid"),
    "sent-plus-14": (_sent("2026-11-22T06:15:00+14:00"), "valid"),
    "sent-24": (_sent("2026-11-21T24:00:00+07:00"), "valid"),
    "sent-plus-15": (_sent("2026-11-22T06:15:00+15:00"), "invalid-xsd"),
    "sent-no-zone": (_sent("2026-11-22T06:15:00"), "invalid-xsd"),
    "sent-comma-zone": (_sent("2026-11-22T06:15:00,07:00"), "invalid-xsd"),
    "sent-blank-for-t": (_sent("2026-11-22 06:15:00+07:00"), "invalid-xsd"),
    "sent-zone-without-colon": (_sent("2026-11-22T06:15:00+0700"), "invalid-xsd"),
    "sent-day-31-november": (_sent("2026-11-31T06:15:00+07:00"), "invalid-xsd"),
    "sent-hour-25": (_sent("2026-11-22T25:15:00+07:00"), "invalid-xsd"),
    "sent-leap-second": (_sent("2026-11-22T06:15:60+07:00"), "invalid-xsd"),
    "sent-leap-day": (_sent("2026-02-29T06:15:00+07:00"), "invalid-xsd"),
    "sent-only-date": (_sent("2026-11-22"), "invalid-xsd"),
    "sent-empty": (_sent(""), "invalid-xsd"),
    "sent-two-digit-year": (_sent("26-11-22T06:15:00+07:00"), "invalid-xsd"),
    "sent-lower-case-t": (_sent("2026-11-22t06:15:00+07:00"), "invalid-xsd"),
    "sent-thai-digits": (_sent("๒๐๒๖-11-22T06:15:00+07:00"), "invalid-xsd"),
    "sent-buddhist": (_sent("2569-11-22T06:15:00+07:00"), "valid-with-defect"),
    "expires-z": (changed(("2026-11-22T18:15:00+07:00", "2026-11-22T18:15:00Z")), "invalid-xsd"),
    "expires-before-sent": (changed(("T18:15:00+07:00", "T05:15:00+07:00")), "valid-with-defect"),
    "expires-earlier-by-zone": (changed(("T18:15:00+07:00", "T18:15:00+14:00")), "valid"),
    # enumerations
    "status-lower": (changed((">Exercise<", ">exercise<")), "invalid-xsd"),
    "status-blank": (changed((">Exercise<", "> Exercise <")), "invalid-xsd"),
    "scope-unknown": (changed((">Public<", ">Open<")), "invalid-xsd"),
    "category-unknown": (changed((">Met<", ">Flood<")), "invalid-xsd"),
    "category-lower": (changed((">Met<", ">met<")), "invalid-xsd"),
    "category-cbrne": (changed((">Met<", ">CBRNE<")), "valid"),
    "category-two": (changed(("<category>Met</category>", "<category>Met</category><category>Geo</category>")), "valid"),
    "urgency-unknown": (changed((">Expected<", ">Soon<")), "invalid-xsd"),
    "severity-high": (changed((">Severe<", ">High<")), "invalid-xsd"),
    "certainty-very-likely": (changed((">Likely<", ">Very Likely<")), "invalid-xsd"),
    "response-unknown": (changed((">Prepare<", ">Run<")), "invalid-xsd"),
    # the head
    "identifier-comma": (changed(("RK-0001", "RK,0001")), "invalid-semantic"),
    "identifier-lt": (changed(("RK-0001", "RK&lt;1")), "invalid-semantic"),
    "identifier-amp": (changed(("RK-0001", "RK&amp;1")), "invalid-semantic"),
    "sender-empty": (changed(("test@raksa.example", "")), "invalid-semantic"),
    "sender-space": (changed(("test@raksa.example", "test raksa")), "invalid-semantic"),
    "sender-comma": (changed(("test@raksa.example", "test,raksa")), "invalid-semantic"),
    "restricted": (changed((">Public<", ">Restricted<")), "invalid-semantic"),
    "restricted-blank": (
        changed(("<scope>Public</scope>", "<scope>Restricted</scope><restriction> </restriction>")), "invalid-semantic",
    ),
    "restricted-told": (
        changed(("<scope>Public</scope>", "<scope>Restricted</scope><restriction>EOC</restriction>")), "valid",
    ),
    "private": (changed((">Public<", ">Private<")), "invalid-semantic"),
    "private-addressed": (
        changed(("<scope>Public</scope>", '<scope>Private</scope><addresses>a@b "c d"</addresses>')), "valid",
    ),
    "restriction-with-public": (
        changed(("<scope>Public</scope>", "<scope>Public</scope><restriction>EOC</restriction>")), "valid-with-defect",
    ),
    # references
    "update-without": (_refer(""), "invalid-semantic"),
    "cancel-without": (to("Cancel", ""), "invalid-semantic"),
    "ack-without": (to("Ack", ""), "invalid-semantic"),
    "error-without": (to("Error", ""), "invalid-semantic"),
    "update-one": (_refer(_OLD), "valid"),
    "update-two": (_refer(f"{_OLD} {_OLD.replace('0000', '000b')}"), "valid"),
    "update-two-lines": (_refer(f"{_OLD}\n\t{_OLD.replace('0000', '000b')}"), "valid"),
    "references-joined-by-comma": (_refer(f"{_OLD},{_OLD}"), "invalid-semantic"),
    "references-z": (_refer(_OLD.replace("+07:00", "Z")), "invalid-semantic"),
    "references-two-parts": (_refer("a@b,RK-0000"), "invalid-semantic"),
    "references-empty-part": (_refer("a@b,,2026-11-21T06:15:00+07:00"), "invalid-semantic"),
    "references-blank-after-comma": (_refer("a@b, RK-0000, 2026-11-21T06:15:00+07:00"), "invalid-semantic"),
    "references-itself": (_refer(_OWN), "valid-with-defect"),
    "references-later": (_refer(_OLD.replace("11-21", "12-21")), "valid-with-defect"),
    # places
    "polygon-open": (_ring("7.6,100.1 7.6,100.2 7.7,100.2 7.7,100.1"), "invalid-semantic"),
    "polygon-closed-as-number": (_ring("7.60,100.10 7.6,100.2 7.7,100.2 7.6,100.1"), "valid"),
    "polygon-lines": (_ring("7.6,100.1\n7.6,100.2\n\t7.7,100.2  7.6,100.1"), "valid"),
    "polygon-space-after-comma": (_ring("7.6, 100.1 7.6, 100.2 7.7, 100.2 7.6, 100.1"), "invalid-semantic"),
    "polygon-semicolon": (_ring("7.6,100.1;7.6,100.2;7.7,100.2;7.6,100.1"), "invalid-semantic"),
    "polygon-three-numbers": (_ring("7.6,100.1,0 7.6,100.2,0 7.7,100.2,0 7.6,100.1,0"), "invalid-semantic"),
    "polygon-lat-91": (_ring("91,100.1 7.6,100.2 7.7,100.2 91,100.1"), "invalid-semantic"),
    "polygon-lon-181": (_ring("7.6,181 7.6,100.2 7.7,100.2 7.6,181"), "invalid-semantic"),
    "polygon-lon-lat": (_ring("100.1,7.6 100.2,7.6 100.2,7.7 100.1,7.6"), "invalid-semantic"),
    "polygon-infinite": (_ring("inf,100.1 7.6,100.2 7.7,100.2 inf,100.1"), "invalid-semantic"),
    "polygon-empty": (_ring(""), "invalid-semantic"),
    "polygon-degrees": (_ring("7.6N,100.1E 7.6N,100.2E 7.7N,100.2E 7.6N,100.1E"), "invalid-semantic"),
    "polygon-crossing": (_ring("7.6,100.1 7.7,100.2 7.7,100.1 7.6,100.2 7.6,100.1"), "valid-with-defect"),
    "circle": (_circle("7.6,100.1 5"), "valid"),
    "circle-negative": (_circle("7.6,100.1 -5"), "invalid-semantic"),
    "circle-comma": (_circle("7.6,100.1,5"), "invalid-semantic"),
    "circle-unit": (_circle("7.6,100.1 5km"), "invalid-semantic"),
    "circle-nan": (_circle("7.6,100.1 NaN"), "invalid-semantic"),
    "circle-lat-91": (_circle("91,100.1 5"), "invalid-semantic"),
    "circle-empty": (_circle(""), "invalid-semantic"),
    "ceiling-below": (changed(("<altitude>0<", "<altitude>900<")), "invalid-semantic"),
    "ceiling-alone": (changed(("      <altitude>0</altitude>\n", "")), "invalid-semantic"),
    "altitude-alone": (changed(("      <ceiling>300</ceiling>\n", "")), "valid"),
    "altitude-exponent": (changed(("<altitude>0<", "<altitude>1e2<")), "invalid-xsd"),
    "altitude-empty": (changed(("<altitude>0<", "<altitude><")), "invalid-xsd"),
    "ceiling-unit": (changed((">300<", ">300 ft<")), "invalid-xsd"),
    "areadesc-missing": (changed(("      <areaDesc>ต.ลำปำ</areaDesc>\n", "")), "invalid-xsd"),
    "areadesc-empty": (changed(("ต.ลำปำ", "")), "invalid-semantic"),
    "geocode-value-missing": (changed(("<value>930109</value>", "")), "invalid-xsd"),
    "geocode-swapped": (
        changed(("<valueName>TIS1099</valueName><value>930109</value>", "<value>930109</value><valueName>TIS1099</valueName>")),
        "invalid-xsd",
    ),
    "geocode-unknown": (changed((">930109<", ">999999<")), "valid-with-defect"),
    # resources, addresses
    "mime-missing": (_resource("      <mimeType>image/png</mimeType>\n", ""), "invalid-xsd"),
    "mime-word": (_resource("image/png", "png"), "invalid-semantic"),
    "mime-parameter": (_resource("image/png", "text/html; charset=utf-8"), "valid"),
    "size-fraction": (_resource(">2048<", ">2.5<"), "invalid-xsd"),
    "size-unit": (_resource(">2048<", ">2 kB<"), "invalid-xsd"),
    "uri-relative": (_resource("https://raksa.example/m.png", "m.png"), "invalid-semantic"),
    "web-relative": (changed(("https://raksa.example/a/1", "/a/1")), "invalid-semantic"),
    "web-without-scheme": (changed(("https://raksa.example/a/1", "www.raksa.example")), "invalid-semantic"),
    # form
    "attribute": (changed(("<info>", '<info id="1">')), "invalid-xsd"),
    "foreign-element": (changed(("<scope>", '<x xmlns="urn:x"/><scope>')), "invalid-xsd"),
    "unknown-element": (changed(("<scope>", "<colour>red</colour><scope>")), "invalid-xsd"),
    "element-in-text": (changed(("น้ำท่วม</event>", "น้ำ<b>ท่วม</b></event>")), "invalid-xsd"),
    "two-senders": (changed((_SENT, f"<sender>b@c</sender>{_SENT}")), "invalid-xsd"),
    "two-expires": (changed(("</expires>", "</expires><expires>2026-11-22T19:15:00+07:00</expires>")), "invalid-xsd"),
    "text-after-info": (changed(("</info>", "</info> ข้อความ")), "invalid-xsd"),
    "cap-10": (changed(("urn:oasis:names:tc:emergency:cap:1.2", "http://www.incident.com/cap/1.0")), "invalid-xsd"),
    "cap-11": (_cap_11(), "valid-cap11"),
    "cap-11-with-words-of-later": (changed(("cap:1.2", "cap:1.1")), "invalid-xsd"),
    "cap-11-prefixed": (
        re.sub(r"<(/?)(?!\?)(\w)", r"<\1c:\2", _cap_11()).replace("xmlns=", "xmlns:c="), "valid-cap11",
    ),
    "cap-11-utf-16": (_cap_11(("UTF-8", "UTF-16")).encode("utf-16"), "valid-cap11"),
    "cap-11-z": (_cap_11((_SENT, "<sent>2026-11-21T23:15:00Z</sent>")), "valid-cap11"),
    "cap-11-fraction": (_cap_11((_SENT, "<sent>2026-11-22T06:15:00.250+07:00</sent>")), "valid-cap11"),
    "cap-11-no-zone": (_cap_11((_SENT, "<sent>2026-11-22T06:15:00</sent>")), "valid-cap11"),
    "cap-11-hour-24": (_cap_11((_SENT, "<sent>2026-11-21T24:00:00Z</sent>")), "valid-cap11"),
    "cap-11-day-31-november": (_cap_11((_SENT, "<sent>2026-11-31T06:15:00Z</sent>")), "invalid-xsd"),
    "cap-11-hour-25": (_cap_11((_SENT, "<sent>2026-11-22T25:15:00+07:00</sent>")), "invalid-xsd"),
    "cap-11-only-date": (_cap_11((_SENT, "<sent>2026-11-22</sent>")), "invalid-xsd"),
    "cap-11-no-sent": (_cap_11((_SENT, "")), "invalid-xsd"),
    "cap-11-no-mime": (_cap_11(("      <mimeType>image/png</mimeType>\n", "")), "valid-cap11"),
    "cap-11-height-with-unit": (_cap_11((">300<", ">300 ft<")), "valid-cap11"),
    "cap-11-all-clear": (_cap_11((">Prepare<", ">AllClear<")), "invalid-xsd"),
    "cap-11-avoid": (_cap_11((">Prepare<", ">Avoid<")), "invalid-xsd"),
    "cap-11-very-likely": (_cap_11((">Likely<", ">Very Likely<")), "valid-cap11"),
    "cap-11-order": (_cap_11((_SENT, ""), ("<scope>", f"{_SENT}<scope>")), "invalid-xsd"),
    "cap-11-two-senders": (_cap_11((_SENT, f"<sender>b@c</sender>{_SENT}")), "invalid-xsd"),
    "cap-11-doctype": (_cap_11(("<alert ", "<!DOCTYPE alert>\n<alert ")), "invalid-xml"),
    "cap-11-cut-short": (_cap_11()[:900], "invalid-xml"),
    "cap-11-inside-1.2": (changed(("<info>", '<info xmlns="urn:oasis:names:tc:emergency:cap:1.1">')), "invalid-xsd"),
    "cap-13": (changed(("cap:1.2", "cap:1.3")), "invalid-xsd"),
    "no-namespace": (changed((' xmlns="urn:oasis:names:tc:emergency:cap:1.2"', "")), "invalid-xsd"),
    "namespace-blank": (changed(("cap:1.2", "cap:1.2 ")), "invalid-xsd"),
    "atom-around": (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><content>' + BASE[BASE.index("<alert") :] + "</content></entry></feed>",
        "invalid-xsd",
    ),
    "root-upper": (changed(("<alert ", "<Alert "), ("</alert>", "</Alert>")), "invalid-xsd"),
    "language-blank": (changed((">th-TH<", ">th TH<")), "invalid-xsd"),
    "language-empty": (changed((">th-TH<", "><")), "valid"),
    "language-long": (changed((">th-TH<", ">thailandish<")), "invalid-xsd"),
    "comment-and-instruction": (changed(("<info>", "<!-- a --><?b c?><info>")), "valid"),
    "cdata": (changed(("น้ำท่วม</event>", "<![CDATA[น้ำท่วม]]></event>")), "valid"),
    "numbered-characters": (changed(("ต.ลำปำ", "&#3605;.&#x0E25;")), "valid"),
    "empty-optional": (changed(("<scope>", "<source></source><scope>")), "valid"),
    # bytes
    "utf-8-bom": (b"\xef\xbb\xbf" + BASE.encode(), "valid"),
    "crlf": (BASE.replace("\n", "\r\n").encode(), "valid"),
    "utf-16-le": (b"\xff\xfe" + BASE.replace("UTF-8", "UTF-16").encode("utf-16-le"), "valid"),
    "utf-16-be": (b"\xfe\xff" + BASE.replace("UTF-8", "UTF-16").encode("utf-16-be"), "valid"),
    "latin-1": (re.sub(r"[^\x00-\x7f]+", "EXERCISE", BASE.replace("UTF-8", "ISO-8859-1")).encode("latin-1"), "valid"),
    "tis-620-told": (BASE.replace("UTF-8", "TIS-620").encode("tis-620"), "valid"),
    "blank-before-declaration": (b"\n" + BASE.encode(), "invalid-xml"),
    "doctype": (BASE.replace("<alert", "<!DOCTYPE alert>\n<alert").encode(), "invalid-xml"),
    "cut-short": (BASE[: len(BASE) // 2], "invalid-xml"),
    "two-roots": (BASE + "<alert/>", "invalid-xml"),
    "control-character": (changed(("น้ำท่วม<", "น้ำ\x08<")), "invalid-xml"),
    "bare-ampersand": (changed(("น้ำท่วม<", "น้ำ & ลม<")), "invalid-xml"),
    "html-entity": (changed(("น้ำท่วม<", "น้ำ&nbsp;ท่วม<")), "invalid-xml"),
    "json": (b'{"alert": 1}', "invalid-xml"),
    "zeros": (b"\0" * 64, "invalid-xml"),
    # what a careful receiver notices
    "actual-tested": (real(("<headline>", "<headline>TEST ")), "valid-with-defect"),
    "exercise-silent": (changed(("ฝึกซ้อม ", "")), "valid-with-defect"),
    "no-area": (re.sub(r" *<area>.*</area>\n", "", BASE, flags=re.DOTALL), "valid-with-defect"),
    "cancel-without-info": (
        re.sub(r" *<info>.*</info>\n", "", to("Cancel", _OLD), flags=re.DOTALL), "valid",
    ),
    "two-languages": (two(), "valid"),
    "urgency-disagrees": (two((">Expected<", ">Future<")), "valid-with-defect"),
    "certainty-disagrees": (two((">Likely<", ">Possible<")), "valid-with-defect"),
}  # fmt: skip
for _name, _words, _was in (
    ("urgency", URGENCIES, "Expected"), ("severity", SEVERITIES, "Severe"),
    ("certainty", CERTAINTIES, "Likely"), ("response", RESPONSES, "Prepare"),
):  # fmt: skip
    for _word in _words:
        _CASES[f"{_name}-{_word}-is-a-word"] = (changed((f">{_was}<", f">{_word}<")), "valid")


def _swapped() -> dict[str, tuple[str, str]]:
    """Each element of the message and its next, the other way round."""
    found = {}
    for one, other in pairwise(_FORM.finditer(BASE)):
        if one.end() != other.start() or (one[1] or one[2]) == (other[1] or other[2]):
            continue
        swapped = BASE[: one.start()] + other[0] + one[0] + BASE[other.end() :]
        found[f"{other[1] or other[2]}-before-{one[1] or one[2]}"] = (swapped, "invalid-xsd")
    return found


_ALL = {**_CASES, **_swapped()}


@pytest.fixture(scope="module")
def published() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(str(shared_data("cap/schema/CAP-v1.2.xsd")), allow="all")


@pytest.mark.parametrize("name", _ALL)
def test_verdict(name: str) -> None:
    xml, verdict = _ALL[name]
    said = judge(xml if isinstance(xml, bytes) else xml.encode(), None, built_in_areas())
    assert said.verdict == verdict, [reason.code for reason in said.reasons]


def test_the_published_schema_agrees(published: xmlschema.XMLSchema) -> None:
    """Its own parser reads the bytes, so encodings are compared, too. It has no word against a bare DOCTYPE; we have."""
    differ = []
    for name, (xml, verdict) in _ALL.items():
        if name.endswith("doctype"):
            continue
        try:
            valid = published.is_valid(xml if isinstance(xml, bytes) else xml.encode())
        except (xmlschema.XMLSchemaException, SyntaxError, ValueError, OSError):
            valid = False
        if valid != (verdict not in ("invalid-xsd", "invalid-xml", "valid-cap11")):
            differ.append((name, verdict, valid))
    assert differ == []


def test_a_document_is_judged_by_its_own_faults_whatever_was_read_before() -> None:
    blank = changed(("cap:1.2", "cap:1.2 ")).encode()
    for _ in range(3):
        assert judge(b"<broken><a></broken>", None, built_in_areas()).verdict == "invalid-xml"
        assert judge(blank, None, built_in_areas()).verdict == "invalid-xsd"
