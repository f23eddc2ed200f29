"""`raksa users`: the way in when every administrator is lost."""

import re
from pathlib import Path

import pytest

from warning.accounts.user import User, UserRole, make_user, use_link
from warning.clock import WallClock
from warning.command import main
from warning.store.database import Database


@pytest.fixture(autouse=True)
def office(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("RAKSA_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("DATABASE_URL", database.url)
    monkeypatch.chdir(tmp_path)  # no config.yaml, no secrets: still a way in
    return database


def link(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["users", "link", *arguments]) == 0
    found = re.search(r"/sign-in/(\S+)", capsys.readouterr().out)
    assert found
    return found[1]


def test_a_link_for_an_administrator_and_one_is_made_when_none_is_left(
    office: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    now = WallClock().now()
    with office.session() as session:
        boss = make_user(session, "ผู้ดูแลเดิม", (UserRole.ADMINISTRATOR,), now).id
    with office.session() as session:
        use_link(session, link(capsys), now)
        session.get_one(User, boss).active = False
    token = link(capsys)
    with office.session() as session:
        use_link(session, token, now)
        (row,) = session.execute(
            User.__table__.select().where(User.__table__.c.active)  # type: ignore[attr-defined]
        ).all()
    assert row.id != boss and "administrator" in row.roles


def test_a_link_by_name_and_a_name_nobody_has(office: Database, capsys: pytest.CaptureFixture[str]) -> None:
    with office.session() as session:
        make_user(session, "นาง เวร", (UserRole.DUTY_OFFICER,), WallClock().now())
    assert link(capsys, "--name", "นาง เวร")
    assert main(["users", "link", "--name", "ใคร"]) == 2
    assert main(["users", "list"]) == 0
    assert "นาง เวร  [duty_officer]" in capsys.readouterr().out
