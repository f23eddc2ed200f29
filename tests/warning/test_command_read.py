"""`raksa read` prints lines that every JSON reader takes, whatever the feed wrote."""

import json
import sys
from pathlib import Path
from subprocess import run

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
