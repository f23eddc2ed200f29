"""How many CAP messages a second does one core judge? Verdict, reasons and signature, against the form alone by `xmlschema`.

The messages are made here and one in three is signed; the oracle is the verdict each was made for. The second peer goes the way of
google/cap-library's validator: the published form by an engine in C (libxml2), then rules of the text, for which it borrows ours.
Both peers judge less than we do: no signature, no marks. Without the published schema in shared/ there is no peer.
"""

import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from bench.row import Row, Tell, row
from warning.cap.sign import Signer
from warning.cap.trust import Anchors
from warning.cap.verdict import judge

SCHEMA = Path("cap/schema/CAP-v1.2.xsd")
_TARGET = 200.0  # messages a second and core
Judge = Callable[[bytes], bool]
Case = tuple[bytes, str]


def measure(quick: bool, tell: Tell) -> list[Row]:
    signer = Signer.throwaway()
    cases = messages(60 if quick else 256, signer)
    runs = 1 if quick else 4
    ours, wrong = _ours(cases, runs, Anchors.read([_pem(signer)], []))
    rows = []
    for phase, peer in _peers().items():
        theirs = _rate(peer, cases, runs) if not isinstance(peer, str) else None
        why = f"{len(cases)} messages, a third signed, one core; target {_TARGET:g}"
        if isinstance(peer, str):
            why = f"{why}; {peer}"
        rows.append(row(phase, ours, "messages/s", wrong=wrong, peer=theirs, more_is_better=True, why=why))
    return rows


def messages(count: int, signer: Signer) -> list[Case]:
    """A message and its verdict: a third sound and signed, a third sound with a defect, a third broken in form or in text."""
    from tests.warning.cap.messages_made import BASE, changed

    made = []
    for n in range(count):
        other = ("RK-0001", f"RK-{n:04d}")
        if n % 3 == 0:
            made.append((signer.signed(changed(other).strip().encode()), "valid"))
        elif n % 3 == 1:
            made.append((changed(other, (">930109<", ">999999<")).encode(), "valid-with-defect"))
        elif n % 2:
            made.append((changed(other, (">Severe<", ">High<")).encode(), "invalid-xsd"))
        else:
            made.append((BASE.replace("7.60,100.12 7.60", "7.60,100.12,7.60").encode(), "invalid-semantic"))
    return made


def _ours(cases: list[Case], runs: int, anchors: Anchors) -> tuple[float, str]:
    from geo.areas import built_in_areas

    areas = built_in_areas()
    judge(cases[0][0], anchors, areas)
    start = time.perf_counter()
    said = [judge(xml, anchors, areas) for _ in range(runs) for xml, _ in cases]
    took = time.perf_counter() - start
    wrong = [
        f"{found.verdict} {found.signature} for {verdict}"
        for found, (xml, verdict) in zip(said, cases * runs, strict=True)
        if found.verdict != verdict or (found.signature == "good") != (b"Signature" in xml)
    ]
    return len(said) / took, "; ".join(wrong[:2])


def _pem(signer: Signer) -> bytes:
    return signer.certificates[0].public_bytes(Encoding.PEM)


def _rate(peer: Judge, cases: list[Case], runs: int) -> float:
    start = time.perf_counter()
    for _ in range(runs):
        for xml, _ in cases:
            peer(xml)
    return runs * len(cases) / (time.perf_counter() - start)


def _peers() -> dict[str, Judge | str]:
    from tests.shared_data import ROOT

    schema = ROOT / SCHEMA
    if not schema.exists():
        nothing = "no peer: the published schema is not here"
        return {"cap": nothing, "cap_google_style": nothing}
    import xmlschema

    published = xmlschema.XMLSchema(str(schema))
    return {"cap": published.is_valid, "cap_google_style": _google_style(schema)}


def _google_style(schema: Path) -> Judge | str:
    import xmlschema
    from lxml import etree

    from warning.cap.rules import broken

    try:
        parser = etree.XMLParser(no_network=True, resolve_entities=False)
        form = etree.XMLSchema(etree.parse(_with_dsig(schema, Path(xmlschema.__file__).parent), parser))
    except (etree.XMLSchemaParseError, OSError) as error:
        return f"no peer: libxml2 does not take the schema here ({str(error)[:60]})"

    def check(xml: bytes) -> bool:
        root = etree.fromstring(xml, parser)
        return form.validate(root) and not list(broken(root))

    return check


def _with_dsig(schema: Path, library: Path) -> str:
    """The schema's address, its import of XML-DSig left to what stands beside it or in the library."""
    held = next(iter(sorted(library.rglob("*xmldsig*.xsd"))), None)
    text = schema.read_text(encoding="utf-8")
    if held is not None:
        text = re.sub(r'schemaLocation="[^"]*xmldsig[^"]*"', f'schemaLocation="{held.as_uri()}"', text)
    with tempfile.NamedTemporaryFile("w", suffix=".xsd", delete=False, encoding="utf-8") as file:
        file.write(text)
    return file.name
