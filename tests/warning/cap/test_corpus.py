"""The corpus of real and made messages: the verdict and the signature of each, with whom we trust and without."""

import csv
from pathlib import Path

import pytest

from geo.areas import built_in_areas
from tests.shared_data import ROOT, shared_data
from warning.cap.bytes_in import LARGEST, Refused
from warning.cap.reader import read_cap
from warning.cap.trust import Anchors
from warning.cap.validate import problems
from warning.cap.verdict import judge

_MANIFEST = ROOT / "cap" / "manifest.csv"


def _cases() -> list[tuple[str, str, str]]:
    if not _MANIFEST.exists():
        return []
    with _MANIFEST.open(encoding="utf-8", newline="") as file:
        return [(row["file"], row["verdict"], row["signature"]) for row in csv.DictReader(file)]


def _anchors() -> Anchors:
    named = [
        shared_data(f"cap/keys/{name}.pem").read_bytes() for name in ("sender", "sender-ec", "relay-gateway")
    ]
    return Anchors.read(named, [shared_data("cap/keys/test-ca.pem").read_bytes()])


def test_the_corpus_is_here() -> None:
    shared_data("cap/manifest.csv")
    assert len([name for name, *_ in _cases() if name.startswith("messages/")]) >= 90


@pytest.mark.parametrize(
    ("name", "verdict", "signature"),
    [pytest.param(*c, id=Path(c[0]).stem) for c in _cases() if c[0].startswith("messages/")],
)
def test_verdict_and_signature(name: str, verdict: str, signature: str) -> None:
    xml = shared_data(f"cap/{name}").read_bytes()
    for anchors in (_anchors(), None):
        said = judge(xml, anchors, built_in_areas())
        assert (said.verdict, said.signature) == (verdict, signature), [r.code for r in said.reasons]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("syn-d-actual-with-exercise-headline", "hold.exercise_words"),
        ("syn-d-error-without-note", "mark.note"),
        ("syn-d-html-in-text", "mark.markup"),
        ("syn-d-info-blocks-disagree", "mark.disagree"),
        ("syn-d-no-expires", "mark.no_expires"),
        ("syn-d-unknown-tambon-code", "mark.geocode"),
        ("gb-polygon-self-intersecting", "mark.self_crossing"),
        ("gb-616-ucs2-chars", "mark.long"),
        ("mo-smg-monsoon-self-reference", "mark.self_reference"),
        ("fr-meteofrance-meteoalarm", "mark.expired"),
        ("gdacs-tc-1001150", "mark.entities"),
        ("google-xxe-doctype", "xml.doctype"),
        ("syn-x-sent-z", "schema.value"),
        ("syn-x-order-references-before-scope", "schema.order"),
        ("syn-x-text-between-elements", "schema.text"),
        ("syn-x-references-semicolon", "rule.triplet"),
        ("syn-x-polygon-nan", "rule.polygon"),
        ("syn-x-areadesc-blank", "rule.areaDesc"),
        ("sig-x-tampered-headline", "signature.bad-digest"),
        ("sig-x-unknown-key", "signature.good-but-untrusted"),
    ],
)
def test_reason(name: str, code: str) -> None:
    said = judge(shared_data(f"cap/messages/{name}.xml").read_bytes(), None, built_in_areas())
    assert code in {reason.code for reason in said.reasons}


@pytest.mark.parametrize("chain", sorted(p.name for p in (ROOT / "cap" / "chains").glob("*")))
def test_messages_of_chains_are_valid(chain: str) -> None:
    for file in sorted(shared_data(f"cap/chains/{chain}").glob("*.xml")):
        assert judge(file.read_bytes(), None, built_in_areas()).verdict == "valid", file


def test_the_national_sample_is_read() -> None:
    alert = read_cap(shared_data("cap/messages/th-tmd-20260925163420-reduced.xml").read_bytes())
    assert alert.sender == "TMD"
    assert alert.infos
    assert "ISO3166-2" in {code.name for area in alert.infos[0].areas for code in area.geocodes}


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        pytest.param(b"", "xml.form", id="nothing"),
        pytest.param(b" " * (LARGEST + 1), "xml.size", id="too-large"),
        pytest.param(
            '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode("utf-16"),
            "xml.doctype",
            id="utf-16",
        ),
        pytest.param(b"<!-- a --><?b c?>\n<!DOCTYPE a><a/>", "xml.doctype", id="doctype-behind-a-comment"),
        pytest.param(b"<a>" * 60 + b"</a>" * 60, "xml.depth", id="too-deep"),
        pytest.param(b"<a/>", "schema.root", id="another-root"),
    ],
)
def test_refused_bytes(xml: bytes, code: str) -> None:
    assert [problem.code for problem in problems(xml)] == [code]
    with pytest.raises(Refused):
        read_cap(xml)
