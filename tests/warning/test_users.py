"""Users: who may come in, for how long, and that the office is never left without an administrator."""

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, text
from sqlmodel import Session

from geo.errors import NotAllowed
from teams.response.team import make_team
from warning.accounts.admin import (
    administrators,
    change_roles,
    deactivate,
    end_sessions,
    everybody,
    join_team,
    reactivate,
    some_administrator,
)
from warning.accounts.user import (
    FIELD_SESSION_FOR,
    SESSION_FOR,
    User,
    UserRole,
    code_of,
    make_link,
    make_user,
    sign_in,
    sign_out,
    use_link,
    who,
)
from warning.audit import entries, verify
from warning.audited import differences
from warning.clock import HandClock
from warning.store.database import Database

BOSS = "command line"


def user(database: Database, clock: HandClock, *roles: UserRole, name: str = "นายสมมุติ") -> UUID:
    with database.session() as session:
        return make_user(session, name, roles or (UserRole.DUTY_OFFICER,), clock.now()).id


def signed(database: Database, clock: HandClock, of: UUID) -> str:
    with database.session() as session:
        return sign_in(session, of, clock.now())


def person(database: Database, clock: HandClock, token: str) -> object:
    with database.session() as session:
        return who(session, token, clock.now())


def test_a_deactivated_user_is_out_with_the_next_request_and_so_are_open_links(
    database: Database, clock: HandClock
) -> None:
    boss, officer = user(database, clock, UserRole.ADMINISTRATOR), user(database, clock)
    token = signed(database, clock, officer)
    with database.session() as session:
        link = make_link(session, officer, clock.now())
    assert person(database, clock, token)
    with database.session() as session:
        deactivate(session, officer, str(boss), clock.now())
    assert person(database, clock, token) is None
    with database.session() as session, pytest.raises(NotAllowed, match="deactivated"):
        make_link(session, officer, clock.now())
    with database.session() as session:
        reactivate(session, officer, str(boss), clock.now())
    assert person(database, clock, token) is None  # what was closed stays closed
    with database.session() as session, pytest.raises(NotAllowed, match="used or too old"):
        use_link(session, link, clock.now())
    with database.session() as session:
        again = use_link(session, make_link(session, officer, clock.now()), clock.now())
    assert person(database, clock, again)


def test_all_sessions_end_at_once_and_only_those_of_one_user(database: Database, clock: HandClock) -> None:
    lost, other = user(database, clock), user(database, clock)
    tokens = [signed(database, clock, lost), signed(database, clock, lost)]
    others = signed(database, clock, other)
    with database.session() as session:
        assert end_sessions(session, lost, BOSS, clock.now()) == 2
    assert [person(database, clock, t) for t in tokens] == [None, None]
    assert person(database, clock, others)


def test_last_seen_is_written_once_a_minute_not_once_a_request(database: Database, clock: HandClock) -> None:
    officer = user(database, clock)
    token = signed(database, clock, officer)
    written: list[str] = []
    event.listen(
        database.engine, "before_cursor_execute",
        lambda _c, _k, statement, *_: written.append(statement) if statement.startswith("UPDATE") else None,
    )  # fmt: skip
    for _ in range(59):
        clock.forward(timedelta(seconds=1))
        person(database, clock, token)
    assert written == []
    for _ in range(2):
        clock.forward(timedelta(seconds=1))
        person(database, clock, token)
    assert len(written) == 1
    seen = clock.now() - timedelta(seconds=1)
    with database.session() as session:
        sign_out(session, token, clock.now())
    with database.session() as session:
        (line,) = everybody(session, clock.now())
    assert (line.last_seen_at, line.sessions) == (seen, 0)  # known after signing out too


def test_the_last_administrator_stays(database: Database, clock: HandClock) -> None:
    first = user(database, clock, UserRole.ADMINISTRATOR)
    user(database, clock, UserRole.APPROVER)
    with database.session() as session:
        asleep = make_user(session, "ผู้ดูแลที่ถูกระงับ", (UserRole.ADMINISTRATOR,), clock.now()).id
        deactivate(session, asleep, BOSS, clock.now())
    for act in (
        lambda s: deactivate(s, first, BOSS, clock.now()),
        lambda s: change_roles(s, first, [UserRole.APPROVER], BOSS, clock.now()),
    ):
        with database.session() as session, pytest.raises(NotAllowed, match="last administrator"):
            act(session)
    user(database, clock, UserRole.ADMINISTRATOR)
    with database.session() as session:
        deactivate(session, first, BOSS, clock.now())


def test_two_administrators_cannot_put_each_other_out_in_the_same_moment(
    database: Database, clock: HandClock
) -> None:
    pair = [user(database, clock, UserRole.ADMINISTRATOR) for _ in range(2)]
    both, refused = threading.Barrier(2), []

    def put_out(one: UUID) -> None:
        try:
            with database.session() as session:
                session.execute(text("SELECT 1"))
                both.wait()
                deactivate(session, one, BOSS, clock.now())
        except NotAllowed as error:
            refused.append(str(error))

    threads = [threading.Thread(target=put_out, args=(one,)) for one in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.session() as session:
        assert (len(administrators(session)), len(refused)) == (1, 1)


@pytest.mark.parametrize(
    ("roles", "lasts"),
    [
        pytest.param([UserRole.TEAM_MEMBER], FIELD_SESSION_FOR, id="phone-in-the-field"),
        pytest.param([UserRole.TEAM_MEMBER, UserRole.DUTY_OFFICER], SESSION_FOR, id="also-an-officer"),
        pytest.param([UserRole.APPROVER], SESSION_FOR, id="office"),
        pytest.param([], SESSION_FOR, id="no-role"),
    ],
)
def test_a_week_is_for_the_field_only(
    database: Database, clock: HandClock, roles: list[UserRole], lasts: timedelta
) -> None:
    with database.session() as session:
        token = sign_in(session, make_user(session, "x", roles, clock.now()).id, clock.now())
    clock.forward(lasts - timedelta(seconds=1))
    assert person(database, clock, token)
    clock.forward(timedelta(seconds=1))
    assert person(database, clock, token) is None


def test_a_member_who_becomes_an_officer_keeps_neither_the_week_nor_the_short_code(
    database: Database, clock: HandClock
) -> None:
    member = user(database, clock, UserRole.TEAM_MEMBER)
    token = signed(database, clock, member)
    with database.session() as session:
        code = make_link(session, member, clock.now())
        change_roles(session, member, [UserRole.TEAM_MEMBER, UserRole.APPROVER], BOSS, clock.now())
    with database.session() as session, pytest.raises(NotAllowed):
        use_link(session, code, clock.now())
    clock.forward(SESSION_FOR)
    assert person(database, clock, token) is None


def test_nobody_is_left_without_a_role(database: Database, clock: HandClock) -> None:
    officer = user(database, clock)
    with database.session() as session, pytest.raises(NotAllowed, match="at least one"):
        change_roles(session, officer, [], BOSS, clock.now())


@pytest.mark.parametrize("typed", ["{} {} {} {}", "{}-{}-{}-{}", "{}{}{}{}"])
def test_a_members_code_can_be_read_aloud_and_typed(database: Database, clock: HandClock, typed: str) -> None:
    member = user(database, clock, UserRole.TEAM_MEMBER)
    with database.session() as session:
        code = make_link(session, member, clock.now())
        assert len(code) == 16 and code.isdecimal()
        groups = [code[n : n + 4] for n in range(0, 16, 4)]
        thai = typed.format(*groups).translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))
        assert use_link(session, code_of(thai), clock.now())


def test_a_new_link_makes_the_older_one_worthless(database: Database, clock: HandClock) -> None:
    officer, other = user(database, clock), user(database, clock)
    with database.session() as session:
        old, theirs = make_link(session, officer, clock.now()), make_link(session, other, clock.now())
        make_link(session, officer, clock.now())
    with database.session() as session, pytest.raises(NotAllowed):
        use_link(session, old, clock.now())
    with database.session() as session:
        assert use_link(session, theirs, clock.now())


def test_every_act_is_in_the_trail_with_who_did_it_and_no_name(database: Database, clock: HandClock) -> None:
    boss, member = user(database, clock, UserRole.ADMINISTRATOR), user(database, clock, name="นางลับ ชื่อจริง")
    with database.session() as session:
        session.info["actor"] = str(boss)
        team = make_team(session, "ทีมเรือ 1", ["930112"], clock.now())
    with database.session() as session:
        use_link(session, make_link(session, member, clock.now(), str(boss)), clock.now())
        change_roles(session, member, [UserRole.TEAM_MEMBER], str(boss), clock.now())
        join_team(session, member, team, str(boss), clock.now())
    with database.session() as session:
        end_sessions(session, member, str(boss), clock.now())
        deactivate(session, member, str(boss), clock.now())
    with database.session() as session:
        reactivate(session, member, str(boss), clock.now())
    with Session(database.engine) as session:
        assert verify(session).ok and differences(session) == []
        found = [e for e in entries(session) if e.subject_id == str(member)]
    assert sorted(e.action for e in found[1:]) == [
        *["user.changed"] * 4, "user.link_made", *["user.sessions_ended"] * 2, "user.signed_in",
    ]  # fmt: skip
    assert {e.actor for e in found[1:]} == {str(boss), str(member)}
    assert not any("ลับ" in e.data for e in found)


def test_a_role_given_past_the_pages_is_found_by_the_auditor(database: Database, clock: HandClock) -> None:
    officer = user(database, clock)
    with database.session() as session:
        session.execute(text("UPDATE office_user SET roles = '[\"administrator\"]'"))
    with Session(database.engine) as session:
        (found,) = differences(session)
    assert str(officer) in found and "roles" in found


def test_when_every_administrator_is_lost_another_is_made(database: Database, clock: HandClock) -> None:
    with database.session() as session:
        made = some_administrator(session, clock.now())
        assert some_administrator(session, clock.now()).id == made.id
        session.get_one(User, made.id).active = False
        session.flush()
        assert some_administrator(session, clock.now()).id != made.id
