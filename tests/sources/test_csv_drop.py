"""Files that appear in a folder: read when complete, once as they are, in whatever way Excel or a logger wrote them."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from pydantic import ValidationError

from sources.contract import Observation, Payload, Rejected, SourceChanged, SourceUnavailable
from sources.csv_drop import CsvDrop
from sources.reading import source_of
from tests.sources.bodies import FETCHED

TABLE = "station,time,level\nM-1,2026-11-23 19:20,135\n"
VALUES = {"level": {"quantity": "stage", "unit": "cm"}}
FIELDS: dict[str, Any] = {"station": "station", "time": "time", "values": VALUES}
HTTP = requests.Session()


def read(body: str | bytes, **changes: Any) -> list[Any]:
    raw = body.encode() if isinstance(body, str) else body
    return list(source_of("csv_drop", **FIELDS | changes).read(Payload(raw, FETCHED)))


def told(readings: list[Any]) -> list[tuple[str, float, str]]:
    return [(r.station, r.value, f"{r.observed_at:%H:%M}") for r in readings if isinstance(r, Observation)]


def why(readings: list[Any]) -> str:
    return " | ".join(r.why for r in readings if isinstance(r, Rejected))


THAI: dict[str, Any] = {
    "station": "สถานี", "time": ["วันที่", "เวลา"], "values": {"ระดับน้ำ": {"quantity": "stage", "unit": "m"}},
    "decimal_comma": True, "buddhist_years": True,
}  # fmt: skip


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        pytest.param(TABLE, {}, id="plain"),
        pytest.param(b"\xef\xbb\xbf" + TABLE.encode(), {}, id="byte-order-mark"),
        pytest.param(TABLE.encode("utf-16"), {}, id="utf-16"),
        pytest.param(TABLE.replace(",", ";").replace("\n", "\r\n"), {}, id="semicolon-and-crlf"),
        pytest.param("sep=;\n" + TABLE.replace(",", ";"), {}, id="excel-names-its-separator"),
        pytest.param(TABLE.replace(",", "\t"), {}, id="tab"),
        pytest.param("Logger 7\nM-1\n" + TABLE, {"skip_lines": 2}, id="lines-above-the-header"),
        pytest.param(
            'station,time,level\n"M-1","2026-11-23 19:20","135"\n\n', {}, id="quoted-and-an-empty-line"
        ),
        pytest.param("สถานี;วันที่;เวลา;ระดับน้ำ\nM-1;23/11/2569;19:20;1,35\n", THAI, id="thai-excel"),
        pytest.param("สถานี;วันที่;เวลา;ระดับน้ำ\nM-1;๒๓/๑๑/๒๕๖๙;19.20;1,35\n".encode("cp874"), THAI, id="tis-620"),
    ],
)
def test_reads_however_it_was_written(body: str | bytes, changes: dict[str, Any]) -> None:
    assert told(read(body, **changes)) == [("M-1", 1.35, "12:20")]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        pytest.param("M-1,2026-11-23 19:20,-", "no value", id="no-value"),
        pytest.param("M-1,2026-11-23 19:20", "", id="cell-cut-off"),
        pytest.param("M-1", "1 cells where the header has 3", id="line-cut-off"),
        pytest.param("M-1,23/11/2569 19:20,135", "Buddhist era", id="buddhist-not-declared"),
        pytest.param("M-1,2026-11-23 19:20,\"1,35\"", "not a number", id="comma-not-declared"),
        pytest.param("M-1,2026-11-23 19:20,999999", "no value", id="sentinel"),
    ],
)  # fmt: skip
def test_a_bad_line_leaves_the_others(line: str, says: str) -> None:
    readings = read(TABLE + line + "\n")
    assert told(readings) == [("M-1", 1.35, "12:20")] and says in why(readings)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        pytest.param("", "empty file", id="empty"),
        pytest.param("a,b\n1,2\n", "no column level, time, station; there are a, b", id="another-table"),
        pytest.param("PK\x03\x04", "save an Excel sheet as CSV", id="xlsx"),
        pytest.param('{"a": 1}', "no table of text", id="json"),
        pytest.param("<html>", "no table of text", id="html"),
    ],
)
def test_what_is_no_such_table_is_a_changed_source(body: str, says: str) -> None:
    with pytest.raises(SourceChanged, match=says):
        read(body)


def test_without_an_entry_columns_that_name_their_unit_are_read() -> None:
    readings = read("สถานี,วันที่,ระดับน้ำ (ซม.)\nM-1,2026-11-23 19:20,135\n", station="", time="", values={})
    assert told(readings) == [("M-1", 1.35, "12:20")]


def test_without_an_entry_a_short_comma_is_a_decimal_one() -> None:
    body = "Date Time;Level (m);Battery V\n23/11/2026 19:20;1,35;3,6\n23/11/2026 19:25;1,350;3,6\n"
    readings = read(body, station="", time="", values={})
    assert told(readings) == [("csv_drop", 1.35, "12:20")] and "implausible" in why(readings)


def drop(folder: Path, name: str = "own", **changes: Any) -> CsvDrop:
    entry = {"kind": "csv_drop", "name": name, "every": "PT1M", "folder": folder, **FIELDS}
    return CsvDrop.model_validate(entry | changes)


def test_a_folder_is_read_once_and_what_changed_again(tmp_path: Path) -> None:
    source = drop(tmp_path)
    (tmp_path / "a.csv").write_text(TABLE)
    (tmp_path / "notes.txt").write_text("not a table")
    later = FETCHED + timedelta(days=3650)  # long after the files were written
    first = source.fetch(HTTP, later)._replace(fetched_at=FETCHED)
    assert told(list(source.read(first))) == [("M-1", 1.35, "12:20")]
    assert source.fetch(HTTP, later).not_modified
    (tmp_path / "a.csv").write_text(TABLE + "M-1,2026-11-23 19:25,140\n")
    (tmp_path / "b.csv").write_text("something,else\n1,2\n")
    again = source.read(source.fetch(HTTP, later)._replace(fetched_at=FETCHED))
    assert [value for _, value, _ in told(list(again))] == [1.35, 1.4]
    assert "b.csv: no column" in why(list(again))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.csv", "b.csv", "notes.txt"]


def test_a_file_that_still_grows_waits_for_the_next_look(tmp_path: Path) -> None:
    source = drop(tmp_path, "growing")
    file = tmp_path / "a.csv"
    file.write_text("station,time,level\nM-1,2026-11-23 19:20,1")
    soon = FETCHED.timestamp()
    os.utime(file, (soon, soon))
    assert source.fetch(HTTP, FETCHED).not_modified  # written this second
    file.write_text(TABLE)
    os.utime(file, (soon, soon))
    assert source.fetch(HTTP, FETCHED).not_modified  # and it grew
    assert told(list(source.read(source.fetch(HTTP, FETCHED)))) == [("M-1", 1.35, "12:20")]  # now it is still


def test_no_folder_is_a_source_that_is_away(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="no folder gone"):
        drop(tmp_path / "gone", "away").fetch(HTTP, FETCHED)


@pytest.mark.parametrize("missing", ["values", "time", "station"])
def test_an_entry_that_cannot_work_says_why(missing: str, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=f"{missing}: "):
        drop(tmp_path, **{missing: {} if missing == "values" else ""})
