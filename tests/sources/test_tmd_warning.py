"""Facts of TMD's warnings, and of the words tables."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from sources.contract import SourceChanged
from sources.tmd_words import CHANGWAT_CODES, EAST_COAST, WEST_COAST, areas_named, severity_of
from tests.sources.bodies import bulletins, read, reasons, warning_xml

KIND = "tmd_warning"
V1 = {
    "header": {"lastBuidDate": "2026-11-23 17:10:00", "status": "200 OK"},
    "WarningNews": {
        "IssueNo": "5",
        "AnnounceDateTime": "2026-11-23 17:00:00",
        "TitleThai": "ฝนตกหนักบริเวณภาคใต้",
        "TitleEnglish": "Heavy Rain in the South",
        "DescriptionThai": "จังหวัดพัทลุง และสงขลา",
        "DocumentFile": "https:\\\\example.invalid\\warning5.pdf",
        "ContactDetail": {},
    },
}


def test_xml_takes_the_last_of_doubled_fields_and_keys_by_number_and_year() -> None:
    (only,) = bulletins(read(KIND, warning_xml()))
    assert only.key == "5 (245/2569) 2026-11-23T10:00Z"
    assert only.title_en == "Heavy rain No.5"
    assert only.text_th == "จังหวัดพัทลุงมีน้ำป่าไหลหลาก\nขอให้ระวัง"
    assert f"{only.announced_at:%d %H:%M%z}" == "23 10:00+0000"
    assert only.effective_to is not None and f"{only.effective_to:%d %H:%M}" == "25 10:00"
    assert "93" in only.areas
    assert only.severity == "Severe"
    assert only.url is not None and only.url.isascii()


def test_json_v1() -> None:
    (only,) = bulletins(read(KIND, json.dumps(V1).encode()))
    assert (only.key, only.title_en) == ("5 2026-11-23T10:00Z", "Heavy Rain in the South")
    assert only.url == "https://example.invalid/warning5.pdf"
    assert only.text_en is None


def test_json_with_keys_told_twice_and_several_warnings() -> None:
    row = (
        '{"IssueNo":"%d","AnnounceDate":"2026-11-23 17:00:00","TitleThai":"ฝน",'
        '"TitleEnglish":"ฝน","TitleEnglish":"Rain"}'
    )
    body = '{"WeatherWarningNews":{"Warnings":{"Warning":[' + row % 1 + "," + row % 2 + "]}}}"
    assert [b.title_en for b in bulletins(read(KIND, body.encode()))] == ["Rain", "Rain"]


def test_several_warnings_in_xml() -> None:
    one = warning_xml().decode()
    warning = one[one.index("<Warning>") : one.index("</Warnings>")]
    body = one.replace("</Warnings>", warning.replace("ฉบับที่ 5", "ฉบับที่ 6") + "</Warnings>")
    keys = [b.key[:1] for b in bulletins(read(KIND, body.encode()))]
    assert keys == ["5", "6"]


@pytest.mark.parametrize(
    ("changes", "announced", "reason"),
    [
        pytest.param(
            {"AnnounceDate": "2569-11-23 17:00:00"}, "2026-11-23 10:00", "", id="buddhist-year-put-right"
        ),
        pytest.param({"AnnounceDate": "23/11/2569 17:00"}, "2026-11-23 10:00", "", id="day-first-buddhist"),
        pytest.param({"AnnounceDate": "22 พ.ย. 2569 17:00"}, "2026-11-22 10:00", "", id="thai-month"),
        pytest.param(
            {"AnnounceDate": "๒๒ พฤศจิกายน ๒๕๖๙ เวลา ๑๗.๓๐ น."},
            "2026-11-22 10:30",
            "",
            id="as-letters-write-it",
        ),
        pytest.param({"AnnounceDate": "11/22/2026 6:00"}, "2026-11-21 23:00", "", id="month-first-for-sure"),
        pytest.param({"AnnounceDate": "2026-11-22T17:00:00+07:00"}, "2026-11-22 10:00", "", id="with-a-zone"),
        pytest.param({"AnnounceDate": "22 พ.ค.ย. 2569 17:00"}, None, "not a time", id="no-such-month"),
        pytest.param({"AnnounceDate": "05/11/2026 17:00"}, None, "day or the month", id="day-or-month"),
        pytest.param({"AnnounceDate": "2026-11-24 00:00:00"}, None, "h ahead", id="clock-ahead"),
        pytest.param({"AnnounceDate": ""}, None, "no time", id="no-date"),
        pytest.param({"TitleThai": "", "HeadlineThai": " "}, None, "without a title", id="no-title"),
    ],
)
def test_dates(changes: dict[str, str], announced: str | None, reason: str) -> None:
    readings = read(KIND, warning_xml(**changes))
    assert [f"{b.announced_at:%Y-%m-%d %H:%M}" for b in bulletins(readings)] == (
        [announced] if announced else []
    )
    assert reason in reasons(readings)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<html><body>login</body></html>", id="html"),
        pytest.param(b"<!DOCTYPE html><html><body>x</body></html>", id="html-with-doctype"),
        pytest.param(warning_xml()[:400], id="half-xml"),
        pytest.param(b'<!DOCTYPE x [<!ENTITY a "b">]><x><Warning/></x>', id="entities"),
        pytest.param(b'{"header":{"status":"401 Unauthorized"},"WarningNews":{}}', id="status-in-header"),
        pytest.param(b'{"hello": 1}', id="something-else"),
        pytest.param(b"Invalid uid", id="plain-text"),
    ],
)
def test_a_changed_feed_is_said_so(body: bytes) -> None:
    with pytest.raises(SourceChanged):
        read(KIND, body)


@pytest.mark.parametrize(
    "body",
    [b"<WeatherWarningNews><Warnings/></WeatherWarningNews>", b'{"WarningNews": {}}', b'{"WarningNews": []}'],
)
def test_no_warning_in_force(body: bytes) -> None:
    assert read(KIND, body) == []


SOUTH = set(EAST_COAST + WEST_COAST)


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        pytest.param("จังหวัดสงขลาและพัทลุง", {"90", "93"}, id="provinces"),
        pytest.param("บริเวณภาคใต้", SOUTH, id="whole-south"),
        pytest.param("ภาคใต้ฝั่งตะวันออก", set(EAST_COAST), id="east-coast"),
        pytest.param("ฝนในภาคใต้ ภาคใต้ฝั่งตะวันตกมีฝน", set(WEST_COAST), id="the-side-decides"),
        pytest.param("จังหวัดเลย น่าน และตาก", {"42", "55", "63"}, id="short-names-in-a-list"),
        pytest.param("ไม่มีฝนเลยในน่านน้ำ แพร่กระจาย", set(), id="everyday-words"),
        pytest.param("กรุงเทพฯ", {"10"}, id="bangkok-short"),
        pytest.param("เพชรบูรณ์", {"67"}, id="alike-names"),
        pytest.param("ประเทศฟิลิปปินส์", set(), id="abroad"),
    ],
)
def test_areas(words: str, codes: set[str]) -> None:
    assert areas_named(words) == tuple(sorted(codes))


def test_all_provinces_once() -> None:
    assert len(CHANGWAT_CODES) == len(set(CHANGWAT_CODES.values())) == 77
    assert set(CHANGWAT_CODES.values()) >= SOUTH


@pytest.mark.parametrize(
    ("words", "severity"),
    [
        ("พายุไต้ฝุ่น", "Extreme"),
        ("ฝนตกหนักถึงหนักมาก", "Severe"),
        ("ฝนตกหนัก", "Moderate"),
        ("Very Heavy Rain", "Severe"),
        ("ท้องฟ้าแจ่มใส", None),
    ],
)
def test_severity(words: str, severity: str | None) -> None:
    assert severity_of(words) == severity


def test_keys_are_not_shown() -> None:
    from sources.reading import source_of

    made: Any = source_of(KIND, uid="u-s3cret", ukey="k-s3cret")
    assert "s3cret" not in repr(made) + str(made.model_dump_json())


def test_words_around_a_date() -> None:
    told = "วันที่ 23 เดือน พฤศจิกายน พ.ศ. 2569 เวลา 17.00 น."
    (bulletin,) = bulletins(read("tmd_warning", warning_xml(AnnounceDate=told)))
    assert bulletin.announced_at == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def test_no_warning_is_over_before_it_began() -> None:
    (bulletin,) = bulletins(read("tmd_warning", warning_xml(EffectEndDate="2026-11-20 17:00:00")))
    assert bulletin.effective_from is not None and bulletin.effective_to is None


@pytest.mark.parametrize("says", ["utf-8", "utf-16"])
def test_xml_in_utf_16_is_read(says: str) -> None:
    body = warning_xml().decode().replace("utf-8", says).encode("utf-16")
    assert len(bulletins(read("tmd_warning", body))) == 1
