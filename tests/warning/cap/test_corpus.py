"""The corpus of real and made messages: what must be refused is refused for its reason, what is valid
is not."""

import csv
from pathlib import Path

import pytest

from tests.shared_data import ROOT, shared_data
from warning.cap.bytes_in import LARGEST, Refused
from warning.cap.reader import read_cap
from warning.cap.validate import problems

_MANIFEST = ROOT / "cap" / "manifest.csv"


def _cases() -> list[tuple[str, str]]:
    if not _MANIFEST.exists():
        return []
    with _MANIFEST.open(encoding="utf-8", newline="") as file:
        return [(row["file"], row["verdict"]) for row in csv.DictReader(file)]


_KINDS = {
    "valid": {"", "mark", "hold"},
    "valid-with-defect": {"", "mark", "hold"},
    "valid-cap11": {"schema"},
    "invalid-xsd": {"schema"},
    "invalid-semantic": {"rule"},
    "invalid-xml": {"xml"},
}


def test_the_corpus_is_here() -> None:
    shared_data("cap/manifest.csv")
    assert len([name for name, _ in _cases() if name.startswith("messages/")]) >= 90


@pytest.mark.parametrize(
    ("name", "verdict"),
    [pytest.param(*c, id=Path(c[0]).stem) for c in _cases() if c[0].startswith("messages/")],
)
def test_verdict(name: str, verdict: str) -> None:
    found = problems(shared_data(f"cap/{name}").read_bytes())
    kinds = {problem.code.split(".")[0] for problem in found} or {""}
    assert kinds <= _KINDS[verdict], [problem.code for problem in found]


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
        ("google-xxe-doctype", "xml.doctype"),
        ("syn-x-sent-z", "schema.value"),
        ("syn-x-order-references-before-scope", "schema.order"),
        ("syn-x-text-between-elements", "schema.text"),
        ("syn-x-references-semicolon", "rule.triplet"),
        ("syn-x-polygon-nan", "rule.polygon"),
        ("syn-x-areadesc-blank", "rule.areaDesc"),
    ],
)
def test_reason(name: str, code: str) -> None:
    found = problems(shared_data(f"cap/messages/{name}.xml").read_bytes(), known_tambon={"930109"})
    assert code in {problem.code for problem in found}


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
        pytest.param(b"<a>" * 60 + b"</a>" * 60, "xml.depth", id="too-deep"),
        pytest.param(b"<a/>", "schema.root", id="another-root"),
    ],
)
def test_refused_bytes(xml: bytes, code: str) -> None:
    assert [problem.code for problem in problems(xml)] == [code]
    with pytest.raises(Refused):
        read_cap(xml)
