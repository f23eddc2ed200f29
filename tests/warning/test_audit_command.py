"""`raksa audit`: exit codes an inspector's script can trust."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session

from warning.audit import head, record
from warning.command import main
from warning.store.database import Database

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)


@pytest.fixture
def trail(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("DATABASE_URL", database.url)
    with database.session() as session:
        for nth in range(3):
            record(session, "test.done", "test", nth, {"nth": nth}, NOW)
    return database


def raksa(*arguments: str) -> int:
    return main(["audit", *arguments])


def test_a_whole_trail(trail: Database, capsys: pytest.CaptureFixture[str]) -> None:
    assert raksa("verify") == 0
    with Session(trail.engine) as session:
        seq, newest = head(session)
    assert f"head {seq}:{newest}" in capsys.readouterr().out
    assert raksa("verify", "--head", f"{seq}:{newest}") == 0
    assert raksa("verify", "--head", f"2:{newest}") == 1
    assert raksa("verify", "--head", "yesterday") == 2


def test_a_broken_trail_names_its_entry(trail: Database, capsys: pytest.CaptureFixture[str]) -> None:
    with trail.session() as session:
        session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER ALL"))
        session.execute(text("UPDATE audit_entry SET actor = 'x' WHERE seq = 2"))
    assert raksa("verify") == 1
    assert "entry 2" in capsys.readouterr().out


def test_a_row_past_the_trail_is_named(trail: Database, capsys: pytest.CaptureFixture[str]) -> None:
    with trail.session() as session:
        session.execute(
            text(
                "INSERT INTO village_water (id, mode, village_code, state, since, reported_at, reported_by) "
                "VALUES (gen_random_uuid(), 'exercise', '93110201', 'IN_HOMES', now(), now(), 'x')"
            )
        )
    assert raksa("verify") == 1
    assert "village_water" in capsys.readouterr().out


def test_the_copy_is_one_entry_a_line(trail: Database, tmp_path: Path) -> None:
    assert raksa("export", str(tmp_path / "trail.jsonl")) == 0
    rows = [json.loads(line) for line in (tmp_path / "trail.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["seq"] for row in rows] == [1, 2, 3]
    assert [row["prev_hash"] for row in rows[1:]] == [row["hash"] for row in rows[:2]]


@pytest.mark.parametrize(
    ("url", "mend"),
    [
        pytest.param("somewhere", "write it as postgresql://", id="no-address"),
        pytest.param("mysqul://host/name", "write it as postgresql://", id="another-database"),
        pytest.param("postgresql://u:s3cret@127.0.0.1:1/x", "does not answer", id="nobody-there"),
    ],
)
def test_a_database_that_is_not_there_is_told(
    url: str, mend: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    assert raksa("verify") == 2
    (told,) = capsys.readouterr().err.splitlines()
    assert mend in told and "s3cret" not in told


def test_a_copy_that_cannot_be_written_is_told(trail: Database, tmp_path: Path) -> None:
    assert raksa("export", str(tmp_path / "no-folder" / "trail.jsonl")) == 2
