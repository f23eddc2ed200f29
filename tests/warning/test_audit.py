"""The audit trail: whatever is touched afterwards is named by its number."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from geo.names import id_for
from teams.relief.event import DisasterEvent
from teams.response.mission import Mission, MissionKind, MissionState, advance
from warning.alert import Alert, AlertState, ApprovalPolicy, Mode
from warning.audit import (
    FIRST,
    AuditEntry,
    canonical,
    entries,
    entries_of,
    hash_of,
    head,
    line_of,
    record,
    verify,
)
from warning.audited import audited, differences, insert_audited
from warning.delivery import ReplyRow
from warning.store.database import Database

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)


def write(database: Database, count: int, start: int = 0) -> None:
    with database.session() as session:
        for nth in range(start, start + count):
            record(session, "test.done", "test", nth, {"nth": nth}, NOW + timedelta(seconds=nth))


@contextmanager
def past_the_guard(database: Database) -> Iterator[Session]:
    """As somebody who owns the server would do it."""
    with Session(database.engine) as session, session.begin():
        session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER ALL"))
        yield session
        session.execute(text("ALTER TABLE audit_entry ENABLE TRIGGER ALL"))


def judge(database: Database, known: tuple[int, str] | None = None):
    with Session(database.engine) as session:
        return verify(session, known)


def test_an_untouched_chain_holds(database: Database) -> None:
    assert judge(database) == (True, 0, None, "")
    write(database, 3)
    write(database, 2, start=3)
    assert judge(database) == (True, 5, None, "")


def test_pages_of_a_long_chain_join(database: Database) -> None:
    write(database, 2003)
    assert judge(database) == (True, 2003, None, "")


SWAPPED = "UPDATE audit_entry a SET {columns} FROM audit_entry b WHERE a.seq IN (3, 4) AND b.seq = 7 - a.seq"
COLUMNS = ("at", "actor", "action", "subject", "subject_id", "data", "prev_hash", "hash")


@pytest.mark.parametrize(
    ("touch", "broken", "word"),
    [
        pytest.param(
            "UPDATE audit_entry SET data = replace(data, '2', '9') WHERE seq = 3", 3, "changed", id="data"
        ),
        pytest.param("UPDATE audit_entry SET data = data || ' ' WHERE seq = 3", 3, "changed", id="one-byte"),
        pytest.param("UPDATE audit_entry SET actor = 'x' WHERE seq = 1", 1, "changed", id="first-actor"),
        pytest.param(
            "UPDATE audit_entry SET at = at + interval '1 microsecond' WHERE seq = 5",
            5,
            "changed",
            id="last-time",
        ),
        pytest.param("UPDATE audit_entry SET hash = repeat('a', 64) WHERE seq = 2", 2, "changed", id="hash"),
        pytest.param(
            "UPDATE audit_entry SET prev_hash = repeat('a', 64) WHERE seq = 2", 2, "follow", id="link"
        ),
        pytest.param("DELETE FROM audit_entry WHERE seq = 3", 3, "missing", id="removed"),
        pytest.param("DELETE FROM audit_entry WHERE seq = 1", 1, "missing", id="first-removed"),
        pytest.param(
            SWAPPED.format(columns=", ".join(f"{c} = b.{c}" for c in COLUMNS)),
            3,
            "follow",
            id="swapped-whole",
        ),
        pytest.param(
            SWAPPED.format(columns=", ".join(f"{c} = b.{c}" for c in COLUMNS[:6])),
            3,
            "changed",
            id="swapped-words",
        ),
    ],
)
def test_every_touch_is_named(database: Database, touch: str, broken: int, word: str) -> None:
    write(database, 5)
    with past_the_guard(database) as session:
        session.execute(text(touch))
    verdict = judge(database)
    assert (verdict.ok, verdict.first_broken_seq) == (False, broken)
    assert word in verdict.why


def test_a_cut_tail_shows_against_a_printed_head(database: Database) -> None:
    write(database, 5)
    with Session(database.engine) as session:
        printed = head(session)
    write(database, 1, start=5)
    assert judge(database, printed).ok
    with past_the_guard(database) as session:
        session.execute(text("DELETE FROM audit_entry WHERE seq >= 4"))
    assert judge(database).ok  # from inside nothing is missing
    assert judge(database, printed).first_broken_seq == 4


def test_a_forged_whole_chain_shows_against_a_printed_head(database: Database) -> None:
    write(database, 3)
    with past_the_guard(database) as session:
        before = FIRST
        for entry in list(entries(session)):
            values = {**entry.model_dump(), "actor": "forger"}
            new = hash_of(values, before)
            session.execute(
                text("UPDATE audit_entry SET actor = 'forger', prev_hash = :p, hash = :h WHERE seq = :s"),
                {"p": before, "h": new, "s": entry.seq},
            )
            before = new
    assert judge(database).ok
    assert judge(database, (2, "0" * 64)).first_broken_seq == 2


@pytest.mark.parametrize(
    "touch", ["UPDATE audit_entry SET actor = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"]
)
def test_the_database_refuses_changes(database: Database, touch: str) -> None:
    write(database, 1)
    with pytest.raises(DBAPIError, match="never changed"), database.session() as session:
        session.execute(text(touch))
    assert judge(database).entries == 1


def test_what_is_rolled_back_was_never_there(database: Database) -> None:
    with pytest.raises(RuntimeError), database.session() as session:
        record(session, "test.done", "test", 1, {}, NOW)
        raise RuntimeError
    with database.session() as session:
        record(session, "kept.before", "test", 1, {}, NOW)
        with session.begin_nested():
            record(session, "kept.inside", "test", 2, {}, NOW)
        with pytest.raises(RuntimeError), session.begin_nested():
            record(session, "lost", "test", 3, {}, NOW)
            with session.begin_nested():
                record(session, "lost.deeper", "test", 4, {}, NOW)
            raise RuntimeError
        record(session, "kept.after", "test", 5, {}, NOW)
    with Session(database.engine) as session:
        assert [e.action for e in entries(session)] == ["kept.before", "kept.inside", "kept.after"]


def test_many_writers_make_one_chain(database: Database) -> None:
    threads = [threading.Thread(target=lambda: [write(database, 2) for _ in range(10)]) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert judge(database) == (True, 120, None, "")


def an_alert() -> Alert:
    return Alert(
        id=id_for("audit alert"), mode=Mode.EXERCISE, number="ฝึก-พท-2569-0001", identifier="x", msg_type="Alert",
        kind="alert", event="river_overflow", severity="Severe", urgency="Immediate", certainty="Observed",
        response_type="Evacuate", tambons=["931102"], words={"sms_th": "น้ำมา"},
        approval=ApprovalPolicy.DUTY_OFFICER, drafted_at=NOW, changed_at=NOW,
        facts={"value": 25.4}, expires_at=NOW + timedelta(hours=6),
    )  # fmt: skip


def a_mission(mission_id: UUID) -> dict[str, object]:
    return {
        "id": mission_id, "mode": "exercise", "kind": MissionKind.RESCUE, "state": MissionState.REQUESTED, "priority": 1,
        "village_code": "93110201", "why": "ขอความช่วยเหลือ", "requested_at": NOW, "due_at": NOW, "changed_at": NOW,
    }  # fmt: skip


def test_rows_of_a_session_are_noted_by_themselves(database: Database) -> None:
    later = NOW + timedelta(minutes=3)
    with database.session() as session:
        session.info["actor"] = "user-7"
        session.add(an_alert())
    with database.session() as session:
        alert = session.get_one(Alert, id_for("audit alert"))
        alert.state, alert.changed_at = AlertState.REJECTED, later
    with database.session() as session:
        session.get_one(Alert, id_for("audit alert")).changed_at = later  # bookkeeping of nothing
    with Session(database.engine) as session:
        first, second = entries_of(session, [str(id_for("audit alert"))])
        assert (first.action, first.actor, first.at) == ("alert.added", "user-7", NOW)
        assert (second.action, second.actor, second.at) == ("alert.changed", "system", later)
        assert json.loads(second.data) == {"state": "rejected"}
        assert verify(session).ok and differences(session) == []


def test_rows_inserted_past_the_session_are_noted_once(database: Database) -> None:
    one, two = uuid4(), uuid4()
    for ids in ([one, one], [one, two]):
        with database.session() as session:
            insert_audited(session, Mission, [a_mission(i) for i in ids])
    for new in (True, False):
        with database.session() as session:
            reply = ReplyRow(
                id=id_for("r"),
                mode="EXERCISE",
                answer="safe",
                via="line",
                text_sealed=b"0812345678",
                at=NOW,
                received_at=NOW,
            )
            assert audited(session, reply) is new
    with Session(database.engine) as session:
        found = list(entries(session))
        assert [e.action for e in found] == ["mission.added", "mission.added", "reply.added"]
        assert "0812345678" not in "".join(line_of(e) for e in found)
        assert differences(session) == []


@pytest.mark.parametrize(
    ("touch", "word"),
    [
        pytest.param("UPDATE mission SET state = 'DONE'", "state", id="changed-past-the-trail"),
        pytest.param("UPDATE mission SET outcome = 'someone'", "outcome", id="words-changed"),
        pytest.param("DELETE FROM mission", "gone", id="removed-past-the-trail"),
        pytest.param("UPDATE mission SET id = gen_random_uuid()", "does not know", id="never-met"),
    ],
)
def test_rows_that_are_not_what_the_trail_says(database: Database, touch: str, word: str) -> None:
    with database.session() as session:
        session.add(Mission(**a_mission(id_for("m"))))
    with database.session() as session:
        advance(session.get_one(Mission, id_for("m")), MissionState.ACCEPTED, NOW)
    with Session(database.engine) as session:
        assert differences(session) == []
    with database.session() as session:
        session.execute(text(touch))
    with Session(database.engine) as session:
        assert verify(session).ok
        assert any(word in line for line in differences(session))


def test_canonical_has_one_form() -> None:
    bangkok = NOW.astimezone(tz=None)
    assert canonical({"b": Decimal("9000.00"), "a": NOW, "ก": [1, None, True]}) == (
        '{"a":"2026-11-22T19:00:00+00:00","b":"9000.00","ก":[1,null,true]}'
    )
    assert canonical({"at": bangkok}) == canonical({"at": NOW})
    with pytest.raises(TypeError):
        canonical({"x": object()})
    assert AuditEntry.__tablename__ == "audit_entry"


def test_an_event_is_followed(database: Database) -> None:
    with database.session() as session:
        session.add(
            DisasterEvent(
                id=id_for("e"), mode="exercise", name_th="น้ำท่วม", name_en="flood", level=2, tambons=["931102"],
                opened_by="u", opened_at=NOW, changed_at=NOW,
            )
        )  # fmt: skip
    with Session(database.engine) as session:
        [entry] = entries(session)
        assert entry.action == "event.added" and json.loads(entry.data)["level"] == 2
