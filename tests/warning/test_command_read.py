"""`raksa read` prints lines that every JSON reader takes, whatever the feed wrote."""

import json
import os
import sys
from pathlib import Path
from subprocess import PIPE, Popen, run

import pytest

ROW = '{"waterlevel_datetime": "2024-10-09 17:00", "waterlevel_msl": %s, "station": {"tele_station_oldcode": "X.170"}}'


def only_json(word: str) -> float:
    raise AssertionError(f"{word} is no JSON")


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_rejected_row_that_is_not_quite_json_is_printed_as_json(value: str, tmp_path: Path) -> None:
    payload = tmp_path / "level.json"
    payload.write_text('{"result": "OK", "data": [%s]}' % (ROW % value))
    told = run(
        [sys.executable, "-m", "warning", "read", "thaiwater_level", str(payload)],
        capture_output=True,
        text=True,
    )
    (line,) = [json.loads(line, parse_constant=only_json) for line in told.stdout.splitlines()]
    assert "rejected" in line, told.stderr


def test_lines_are_utf_8_in_a_terminal_that_knows_no_thai(tmp_path: Path) -> None:
    payload = tmp_path / "level.json"
    payload.write_text('{"result": "OK", "data": [%s]}' % (ROW % '"สูง"'), encoding="utf-8")
    told = run(
        [sys.executable, "-m", "warning", "read", "thaiwater_level", str(payload)],
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )
    assert "สูง" in json.loads(told.stdout.decode("utf-8"))["rejected"], told.stderr


def test_a_reader_who_has_seen_enough_is_no_fault(tmp_path: Path) -> None:
    payload = tmp_path / "level.json"
    payload.write_text('{"result": "OK", "data": [' + ", ".join([ROW % '"15.5"'] * 3_000) + "]}")
    with Popen(
        [sys.executable, "-m", "warning", "read", "thaiwater_level", str(payload)], stdout=PIPE, stderr=PIPE
    ) as reading:
        assert reading.stdout is not None and reading.stderr is not None
        assert reading.stdout.readline()
        reading.stdout.close()
        assert reading.stderr.read() == b""
