"""The minutes of a request: what may follow what, whom one spoke to, and the clock since the approval."""

from datetime import timedelta
from itertools import permutations

import pytest

from geo.errors import NotAllowed
from tests.warning.cell_broadcast.asked_office import BY, asked, issued, noted
from tests.web.paper_office import night
from warning.cell_broadcast.minutes import note_step, steps_of, way_of
from warning.cell_broadcast.record import Operator, Step


def test_a_whole_night(database, clock) -> None:
    town = night(database, clock)
    with database.session() as session:
        request = asked(session, town, issued(session, town))
        states = []
        for step, operator in (
            (Step.SENT_LINE, None), (Step.RUNG, None), (Step.ACCEPTED, None), (Step.BROADCASTING, Operator.TRUE),
            (Step.BROADCASTING, Operator.AIS), (Step.STOPPED, Operator.AIS), (Step.STOPPED, Operator.TRUE),
        ):  # fmt: skip
            clock.forward(timedelta(minutes=3))
            noted(session, town, request, step, operator=operator)
            states.append(way_of(steps_of(session, request.id)).state)
        assert states == [
            "sent_line",
            "rung",
            "accepted",
            "broadcasting",
            "broadcasting",
            "broadcasting",
            "stopped",
        ]
        way = way_of(steps_of(session, request.id))
        assert way.first_on_air_at is not None
        assert way.first_on_air_at - request.approved_at == timedelta(minutes=4 + 12)
        assert (way.was, way.on_air) == ({Operator.AIS, Operator.TRUE}, frozenset())
        step = next(s for s in way.steps if s.step == Step.RUNG)
        assert (step.by_name, town.office.keyring.open(step.spoken_to_sealed)) == (BY[1], "เวร ปภ.")


IMPOSSIBLE = {
    "accepted-by-nobody-rung": ([], Step.ACCEPTED, None, "cannot be noted yet"),
    "on-air-before-accepted": ([Step.RUNG], Step.BROADCASTING, Operator.AIS, "cannot be noted yet"),
    "stopped-before-on-air": ([Step.RUNG, Step.ACCEPTED], Step.STOPPED, Operator.AIS, "cannot be noted yet"),
    "accepted-twice": ([Step.RUNG, Step.ACCEPTED], Step.ACCEPTED, None, "noted already"),
    "declined-after-accepted": ([Step.RUNG, Step.ACCEPTED], Step.DECLINED, None, "noted already"),
    "on-air-by-nobody": ([Step.RUNG, Step.ACCEPTED], Step.BROADCASTING, None, "choose the operator"),
    "prepared-twice": ([], Step.PREPARED, None, "noted already"),
}


def test_what_cannot_have_happened(database, clock) -> None:
    town = night(database, clock)
    with database.session() as session:
        for nth, (before, step, operator, why) in enumerate(IMPOSSIBLE.values()):
            request = asked(session, town, issued(session, town, f"พท-2569-{nth:04d}"))
            noted(session, town, request, *before)
            with pytest.raises(NotAllowed, match=why):
                noted(session, town, request, step, operator=operator, note="x")


def test_a_minute_has_its_time_and_its_person(database, clock) -> None:
    town = night(database, clock)
    now = clock.now()
    with database.session() as session:
        request = asked(session, town, issued(session, town))
        for minutes, spoken_to, why in (
            (1, "เวร", "has not come yet"),
            (-30, "เวร", "before the request"),
            (0, "  ", "whom you spoke to"),
        ):
            with pytest.raises(NotAllowed, match=why):
                note_step(session, request.id, Step.RUNG, operator=None, at=now + timedelta(minutes=minutes), by=BY,
                          spoken_to=spoken_to, note="", now=now, keyring=town.office.keyring)  # fmt: skip


def test_the_order_of_writing_down_does_not_matter(database, clock) -> None:
    """Two officers note what they heard; the times decide."""
    town = night(database, clock)
    with database.session() as session:
        request = asked(session, town, issued(session, town))
        for step, operator in ((Step.RUNG, None), (Step.ACCEPTED, None), (Step.BROADCASTING, Operator.NT)):
            clock.forward(timedelta(minutes=1))
            noted(session, town, request, step, operator=operator)
        steps = steps_of(session, request.id)
        assert {way_of(list(order)).state for order in permutations(steps)} == {Step.BROADCASTING}


def test_a_refusal_can_be_taken_back(database, clock) -> None:
    town = night(database, clock)
    with database.session() as session:
        request = asked(session, town, issued(session, town))
        noted(session, town, request, Step.RUNG)
        with pytest.raises(NotAllowed, match="why it was declined"):
            noted(session, town, request, Step.DECLINED)
        noted(session, town, request, Step.DECLINED, note="ขอบเขตกว้างไป")
        assert way_of(steps_of(session, request.id)).state == "declined"
        clock.forward(timedelta(minutes=2))
        noted(session, town, request, Step.ACCEPTED)
        assert way_of(steps_of(session, request.id)).state == "accepted"


def test_the_trail_tells_who_asked_and_who_noted_what(database, clock) -> None:
    """The names at the other end stay sealed: the trail holds a digest of them."""
    town = night(database, clock)
    with database.session() as session:
        session.info["actor"] = "7"
        request = asked(session, town, issued(session, town))
        noted(session, town, request, Step.RUNG)
    trail = town.rows(
        "SELECT subject, actor, data FROM audit_entry WHERE subject LIKE 'cell_broadcast%' ORDER BY seq"
    )
    assert sorted((entry.subject, entry.actor) for entry in trail) == [
        ("cell_broadcast", "7"), ("cell_broadcast_step", "7"), ("cell_broadcast_step", "7"),
    ]  # fmt: skip
    assert "เวร ปภ." not in "".join(entry.data for entry in trail)
