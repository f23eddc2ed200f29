"""`raksa read` prints lines that every JSON reader takes, whatever the feed wrote."""

import gzip
import json
import os
import sys
from pathlib import Path
from subprocess import PIPE, Popen, run

import pytest

from warning.command import main

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


CAP = '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><status>Actual</status><msgType>Alert</msgType></alert>'
LEVELS = '{"result": "OK", "data": [%s]}' % (ROW % '"15.5"')


@pytest.mark.parametrize(
    ("kind", "text", "says"),
    [
        pytest.param("tmd_warning", CAP, "raksa read cap_feed", id="cap-to-tmd"),
        pytest.param("thaiwater_rain", LEVELS, "raksa read thaiwater_level", id="level-to-rain"),
        pytest.param("open_meteo", LEVELS, "raksa read thaiwater_level", id="level-to-forecast"),
    ],
)
def test_a_file_for_another_reader_is_told_which(
    kind: str, text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "payload"
    file.write_text(text)
    assert main(["read", kind, str(file)]) == 1
    told = capsys.readouterr().err
    assert says in told and "ดูเหมือน" in told
    assert "TMD answered" not in told  # CAP has a status of its own


def test_rows_none_of_which_can_be_read_are_no_success(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "level.json"
    file.write_text('{"result": "OK", "data": [%s]}' % (ROW % '"high"'))
    assert main(["read", "thaiwater_level", str(file)]) == 1
    told = capsys.readouterr()
    assert "none of its 1 rows" in told.err and "rejected" in told.out


def test_a_kept_payload_need_not_be_unpacked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    packed = tmp_path / "level.json.gz"
    packed.write_bytes(gzip.compress(LEVELS.encode()))
    assert main(["read", "thaiwater_level", str(packed)]) == 0
    assert json.loads(capsys.readouterr().out)["value"] == 15.5
    packed.write_bytes(gzip.compress(LEVELS.encode())[:-12])
    assert main(["read", "thaiwater_level", str(packed)]) == 1
    assert "cut-off gzip" in capsys.readouterr().err


def test_a_forgotten_kind_is_guessed_from_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "level.json"
    file.write_text(LEVELS)
    assert main(["read", str(file)]) == 2
    assert f"raksa read thaiwater_level {file}" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["replay", "cap", "thaiwater"])
def test_a_kind_that_reads_nothing_is_told_the_one_that_does(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "level.json"
    file.write_text(LEVELS)
    assert main(["read", kind, str(file)]) == 2
    assert "raksa read thaiwater_level" in capsys.readouterr().err


def test_a_file_that_is_not_there_keeps_no_other_from_being_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "level.json"
    file.write_text(LEVELS)
    assert main(["read", "thaiwater_level", str(tmp_path / "nowhere.json"), str(file)]) == 2
    told = capsys.readouterr()
    assert "nowhere.json: cannot be read" in told.err
    assert json.loads(told.out)["value"] == 15.5


OWN = """
office: {name_th: สำนักงานทดสอบ, name_en: Office under test, province: "93", phone: "1784"}
sources:
  - kind: http_json
    name: own-gauges
    on: false
    every: PT10M
    url: https://gauges.example/now
    headers: {Authorization: "${GAUGES_TOKEN}"}
    station: s
    time: t
    values: {w: {quantity: stage, unit: cm}}
channels:
  - {kind: notebook, name: notes, folder: var/notebook, instead_of: sms}
"""


def test_a_file_is_read_as_an_entry_of_the_config_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAUGES_TOKEN", "s3cret")
    config, file = tmp_path / "config.yaml", tmp_path / "own.json"
    config.write_text(OWN)
    file.write_text('[{"s": "M-1", "t": "2026-11-23 19:20", "w": 135}]')
    assert main(["read", "http_json", str(file)]) == 1
    assert "no field that names its unit" in capsys.readouterr().out
    assert main(["read", "http_json", str(file), "--config", str(config), "--name", "own-gauges"]) == 0
    line = json.loads(capsys.readouterr().out)
    assert (line["station"], line["value"], line["unit"]) == ("M-1", 1.35, "m")
    assert main(["read", "csv_drop", str(file), "--config", str(config), "--name", "own-gauges"]) == 2
    assert "raksa read http_json FILE --name own-gauges" in capsys.readouterr().err
    assert main(["read", "http_json", str(file), "--config", str(config), "--name", "other"]) == 2


def test_a_token_written_into_the_config_stops_the_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(OWN.replace("${GAUGES_TOKEN}", "Bearer s3cret"))
    assert main(["read", "http_json", str(config), "--config", str(config), "--name", "own-gauges"]) == 2
    told = capsys.readouterr().err
    assert "must not stand in the file" in told and "s3cret" not in told


def test_words_without_a_time_are_of_now(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "words.txt"
    file.write_text("น้ำ 1.35 X.170\n", encoding="utf-8")
    assert main(["read", "volunteer", str(file)]) == 0
    line = json.loads(capsys.readouterr().out)
    assert (line["station"], line["value"]) == ("X.170", 1.35)
    assert line["observed_at"] < "8999"
