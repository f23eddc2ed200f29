"""`raksa cap feed`: a line a file, messages in the feed judged, and hostile bytes that take nobody along."""

import json
import time
from pathlib import Path

import pytest

from sources.cap_apart import Apart
from sources.cap_xml import LARGEST
from tests.shared_data import shared_data
from warning.cap.feed_apart import read_apart
from warning.command import main

BOMB = b'<!DOCTYPE feed [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><feed>&b;</feed>'


def lines(out: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.splitlines()]


def test_a_line_a_file_and_the_exit_code_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad, big = tmp_path / "ก.atom", tmp_path / "bad.atom", tmp_path / "big.xml"
    good.write_bytes(
        '<feed xmlns="http://www.w3.org/2005/Atom"><id>f</id><title>ฟีด</title><entry><id>1</id><title>น้ำล้นตลิ่ง</title>'
        '<link type="application/cap+xml" href="1.xml"/></entry></feed>'.encode()
    )
    bad.write_bytes(BOMB)
    big.write_bytes(b"<feed>" + b" " * LARGEST)
    assert main(["cap", "feed", str(good), "--json", "--url", "https://a.example/cap/feed"]) == 0
    out = capsys.readouterr().out
    assert "น้ำล้นตลิ่ง" in out  # readable, not escaped
    (said,) = lines(out)
    assert (said["file"], said["format"], said["verdict"], said["count"]) == (str(good), "atom", "valid", 1)
    assert said["links"] == ["https://a.example/cap/1.xml"]
    began = time.monotonic()
    assert main(["cap", "feed", str(bad), str(big), "--json"]) == 1
    assert time.monotonic() - began < 30
    found = lines(capsys.readouterr().out)
    assert [(f["verdict"], f["reasons"][0]["code"]) for f in found] == [
        ("invalid", "xml.doctype"),
        ("invalid", "xml.size"),
    ]  # type: ignore[index]
    assert main(["cap", "feed", str(tmp_path / "none"), str(good)]) == 2


def test_a_message_inside_is_judged_as_cap_check_would() -> None:
    alert = shared_data("cap/messages/syn-v-base.xml").read_bytes().partition(b"?>")[2].strip()
    broken = alert.replace(b"<scope>Public</scope>", b"")
    inside = b"".join(
        b"<entry><id>%d</id><content>%s</content></entry>" % (nth, xml)
        for nth, xml in enumerate((alert, broken))
    )
    with Apart() as apart:
        said = read_apart(
            apart, b'<feed xmlns="http://www.w3.org/2005/Atom"><id>f</id>' + inside + b"</feed>"
        )
    assert [one[0].said.verdict for one in said.inside] == ["valid", "invalid-xsd"]
    assert said.inside[0][0].told["status"] == "Exercise"


def test_a_hung_reader_is_ended_and_the_next_feed_is_read() -> None:
    many = b"".join(
        b'<entry><id>%d</id><link href="https://a.example/%d.cap"/></entry>' % (n, n) for n in range(2000)
    )
    body = b'<feed xmlns="http://www.w3.org/2005/Atom"><id>f</id>' + many + b"</feed>"
    with Apart() as apart:
        assert read_apart(apart, body).feed.verdict == "valid"
        apart.limit_s = 0.0
        assert read_apart(apart, body).feed.reasons[0].code == "xml.slow"
        apart.limit_s = 10.0
        assert read_apart(apart, body).feed.verdict == "valid"
