"""Users older than their trail are adopted by one migration: known from then on, and a way round the trail for nobody."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from tests.postgres import Server, administer, of
from warning.accounts.user import User, UserRole, make_user
from warning.audit import AuditEntry, canonical, entries, record, verify
from warning.audited import differences
from warning.command import main
from warning.store.database import Database
from warning.store.migrate import migrate

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
OLD = UUID(int=1)
UNFOLLOWED, BEFORE_ADOPTION = "0005", "0010"  # users were followed from 0006 on


@pytest.fixture
def office(server: Server) -> Iterator[Database]:
    """A database as it was before users were followed, with one user."""
    name = f"t_{uuid4().hex[:12]}"
    administer(server, f"CREATE DATABASE {name}")
    made = Database.connect(of(server, name), pool=4)
    try:
        migrate(made, UNFOLLOWED)
        run(made, "INSERT INTO office_user (id, name, roles, active, made_at) VALUES (:id, 'นางเวร', '[\"approver\"]', true, :at)",
            id=OLD, at=NOW - timedelta(days=30))  # fmt: skip
        migrate(made, BEFORE_ADOPTION)
        yield made
    finally:
        made.close()
        administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def run(database: Database, statement: str, **values: object) -> None:
    with database.session() as session:
        session.execute(text(statement), values)


def slipped_in(database: Database, at: datetime) -> UUID:
    user = uuid4()
    run(
        database,
        "INSERT INTO office_user (id, name, roles, active, made_at, changed_at) "
        "VALUES (:id, 'x', '[\"administrator\"]', true, :at, :at)",
        id=user, at=at,
    )  # fmt: skip
    return user


def trail(database: Database) -> list[AuditEntry]:
    with Session(database.engine) as session:
        return list(entries(session))


def wrong(database: Database) -> list[str]:
    with Session(database.engine) as session:
        assert verify(session).ok
        return differences(session)


def followed(database: Database, verb: str, user: UUID, roles: list[str], name: str = "") -> None:
    """What the platform of those days wrote of a user into the trail: the tables have grown since, so it is written by hand."""
    told: dict[str, object] = {"roles": roles}
    if verb == "added":
        told |= {
            "active": True,
            "team_id": None,
            "name_sha256": hashlib.sha256(canonical(name).encode()).hexdigest(),
        }
    with database.session() as session:
        record(session, f"user.{verb}", "user", user, {} if verb == "removed" else told, NOW)


def made(database: Database, name: str) -> UUID:
    user = uuid4()
    run(
        database,
        "INSERT INTO office_user (id, name, roles, active, made_at, changed_at) "
        "VALUES (:id, :name, '[\"duty_officer\"]', true, :at, :at)",
        id=user, name=name, at=NOW,
    )  # fmt: skip
    followed(database, "added", user, ["duty_officer"], name)
    return user


def test_a_user_older_than_the_trail_is_known_from_the_migration_on(office: Database) -> None:
    assert trail(office) == []  # which does not know the user
    migrate(office)
    assert wrong(office) == []
    (entry,) = trail(office)
    assert (entry.seq, entry.actor, entry.action, entry.subject_id) == (1, "system", "user.adopted", str(OLD))
    with office.session() as session:
        assert abs(entry.at - session.execute(text("SELECT now()")).scalar_one()) < timedelta(minutes=5)
    assert "นางเวร" not in entry.data
    with office.session() as session:
        user = session.get_one(User, OLD)
        user.active, user.changed_at = False, NOW
    assert wrong(office) == []


@pytest.mark.parametrize(
    ("touch", "column"),
    [
        ("UPDATE office_user SET roles = '[\"administrator\"]'", "roles"),
        ("UPDATE office_user SET active = false", "active"),
        ("UPDATE office_user SET name = 'somebody else'", "name_sha256"),
        ("DELETE FROM office_user", "gone from its table"),
    ],
    ids=["roles", "active", "name", "removed"],
)
def test_what_is_touched_after_the_adoption_is_found(office: Database, touch: str, column: str) -> None:
    migrate(office)
    run(office, touch)
    (found,) = wrong(office)
    assert str(OLD) in found and column in found


def test_what_the_trail_knew_of_an_old_user_is_not_adopted_otherwise(office: Database) -> None:
    followed(office, "changed", OLD, [UserRole.DUTY_OFFICER.value])
    run(office, "UPDATE office_user SET roles = '[\"administrator\"]'")  # past the trail
    migrate(office)
    (found,) = wrong(office)
    assert str(OLD) in found and found.endswith(": roles")


def test_who_was_made_when_users_were_followed_already_is_not_adopted(office: Database) -> None:
    known = made(office, "นายใหม่")
    stranger = slipped_in(office, NOW + timedelta(minutes=1))
    gone = made(office, "นายลา")
    run(office, "DELETE FROM office_user WHERE id = :id", id=gone)
    followed(office, "removed", gone, [])
    run(office, "INSERT INTO office_user (id, name, roles, active, made_at, changed_at) VALUES (:id, 'x', '[]', true, :at, :at)",
        id=gone, at=NOW - timedelta(days=30))  # fmt: skip
    migrate(office)
    assert [entry.subject_id for entry in trail(office) if entry.action == "user.adopted"] == [str(OLD)]
    found = wrong(office)
    assert len(found) == 2 and all(str(user) in "".join(found) for user in (stranger, gone))
    assert str(known) not in "".join(found)


def cut_off(database: Database) -> None:
    """As somebody who owns the server would do it: the newest entry is taken out, its user stays."""
    run(database, "ALTER TABLE audit_entry DISABLE TRIGGER ALL")
    run(database, "DELETE FROM audit_entry WHERE seq = (SELECT max(seq) FROM audit_entry)")
    run(database, "ALTER TABLE audit_entry ENABLE TRIGGER ALL")


def test_a_user_whose_entry_was_taken_out_is_not_adopted_by_a_start(office: Database) -> None:
    migrate(office)
    with office.session() as session:
        user = make_user(session, "นายใหม่", [UserRole.ADMINISTRATOR], NOW)
    cut_off(office)
    migrate(office)
    assert [str(user.id) in line for line in wrong(office)] == [True]


def test_nor_by_the_migration_run_again(office: Database) -> None:
    migrate(office)
    stranger = slipped_in(office, NOW - timedelta(days=60))  # says that it is older than the trail
    run(office, f"UPDATE alembic_version SET version_num = '{BEFORE_ADOPTION}'")
    with pytest.raises(DBAPIError, match="adopted by a migration, once"):
        migrate(office)
    assert len(trail(office)) == 1 and str(stranger) in "".join(wrong(office))


def test_nobody_else_adopts(office: Database) -> None:
    migrate(office)
    with pytest.raises(DBAPIError, match="adopted by a migration, once"), office.session() as session:
        record(session, "user.adopted", "user", uuid4(), {"roles": []}, NOW)


def test_an_adoption_at_another_moment_is_found(office: Database) -> None:
    migrate(office)
    run(office, "ALTER TABLE audit_entry DISABLE TRIGGER ALL")
    with office.session() as session:
        record(session, "user.adopted", "user", OLD, {"active": True}, NOW)
    assert "more than once" in "".join(wrong(office))


def test_an_office_without_old_users_adopts_nobody(database: Database) -> None:
    assert trail(database) == []


def test_the_auditor_is_told_how_many_are_older_than_the_trail(
    office: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", office.url)
    assert main(["audit", "verify"]) == 0  # the command brings the database to the newest schema
    assert "older than their trail: 1 rows" in capsys.readouterr().out
