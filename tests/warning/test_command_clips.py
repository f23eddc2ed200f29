"""`raksa clips`: what is missing, a recording taken in from a file, the computed tones."""

import json
from pathlib import Path

import pytest
from sqlmodel import select

from tests.warning.speech.sounds_made import beep
from warning.command import main
from warning.speech.clip import Clip, file_of
from warning.speech.script import TONES
from warning.store.database import Database


@pytest.fixture(autouse=True)
def var(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RAKSA_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("DATABASE_URL", database.url)
    return tmp_path / "var"


def test_what_is_missing_is_listed_with_its_seconds_until_it_is_recorded(
    var: Path, database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["clips", "list", "--missing", "--json"]) == 1
    missing = json.loads(capsys.readouterr().out)
    assert len(missing) > 800 and {"น้ำล้นตลิ่ง", "ตำบลลำปำ", "ตีหนึ่ง"} <= {line["phrase"] for line in missing}
    assert all(line["seconds"] > 0 and line["clip"] is None for line in missing)

    (tmp_path / "a.wav").write_bytes(beep())
    assert main(["clips", "add", str(tmp_path / "a.wav"), "--phrase", "น้ำล้นตลิ่ง", "--speaker", "ผู้พูด"]) == 0
    sha = capsys.readouterr().out.split()[0]
    assert file_of(var, sha).read_bytes()[:4] == b"RIFF"
    assert main(["clips", "list", "--missing"]) == 1
    told = capsys.readouterr().out
    left = len(missing) - 1 - len(TONES)  # the first recording brings the tones along
    assert "น้ำล้นตลิ่ง\n" not in told and f"{left} of {len(missing)} phrases missing" in told
    with database.session() as session:
        clip = session.exec(select(Clip).where(Clip.phrase == "น้ำล้นตลิ่ง")).one()
        assert clip.speaker_sealed and "ผู้พูด".encode() not in clip.speaker_sealed


@pytest.mark.parametrize(
    ("phrase", "file", "why"),
    [
        pytest.param("น้ำจะไม่มา", "a.wav", "no such phrase", id="a-phrase-no-alert-says"),
        pytest.param("น้ำล้นตลิ่ง", "none.wav", "cannot be read", id="no-file"),
        pytest.param("น้ำล้นตลิ่ง", "text.wav", "not a recording", id="no-sound"),
    ],
)
def test_what_cannot_be_taken_is_refused_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], phrase: str, file: str, why: str
) -> None:
    (tmp_path / "a.wav").write_bytes(beep())
    (tmp_path / "text.wav").write_text("hello")
    assert main(["clips", "add", str(tmp_path / file), "--phrase", phrase, "--speaker", "x"]) == 2
    assert why in capsys.readouterr().err


def test_the_tones_are_taken_in_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["clips", "tones"]) == 0
    assert f"{len(TONES)} tones" in capsys.readouterr().out
    assert main(["clips", "tones"]) == 0
    assert "0 tones" in capsys.readouterr().out
