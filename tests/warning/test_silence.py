"""Who may keep a lower warning back, how high, how long, and what it never keeps back."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import NotAllowed
from geo.when import bangkok
from warning.alert import Mode
from warning.event import Event
from warning.rule import Severity
from warning.silence import CEILINGS, Silence, end_silence, make_silence, shift_end, silenced, silences
from warning.store.database import Database

CHANGES = (time(8, 30), time(16, 30))
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)  # 10:00 in Bangkok
LATER = NOW + timedelta(hours=2)
WHY = "ฝายกำลังซ่อม เจ้าหน้าที่เฝ้าอยู่"


@pytest.mark.parametrize(
    ("local", "hours"),
    [("10:00", 6.5), ("16:30", 16.0), ("23:00", 9.5), ("00:10", 8 + 1 / 3), ("08:29", 1 / 60)],
)
def test_a_shift_ends_at_the_next_change(local: str, hours: float) -> None:
    now = bangkok(NOW).replace(hour=int(local[:2]), minute=int(local[3:]))
    assert shift_end(now, CHANGES) - now == timedelta(hours=hours)


def made(database: Database, **changes: object) -> Silence:
    told = {
        "tambons": ["930101"],
        "event": None,
        "ceiling": "Moderate",
        "reason": WHY,
        "until": LATER,
    } | changes
    with database.session() as session:
        return make_silence(session, Mode.ACTUAL, by=("u1", "เวร ก"), now=NOW, changes=CHANGES, **told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"ceiling": "Extreme"}, "never silenced", id="extreme"),
        pytest.param({"ceiling": "Unknown"}, "never silenced", id="unknown"),
        pytest.param({"until": NOW + timedelta(hours=7)}, "by 16:30", id="past-the-shift"),
        pytest.param({"until": NOW}, "within this shift", id="no-time-at-all"),
        pytest.param({"reason": " ok  "}, "say why", id="no-reason"),
        pytest.param({"tambons": []}, "choose the tambon", id="nowhere"),
        pytest.param({"tambons": ["930199"]}, "no tambon 930199", id="no-such-place"),
        pytest.param({"event": "rain of frogs"}, "no hazard", id="no-such-hazard"),
    ],
)
def test_what_goes_too_far_is_refused_in_words(
    database: Database, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(NotAllowed, match=words):
        made(database, **changes)


def test_it_holds_from_its_beginning_to_its_end_or_until_somebody_ends_it(database: Database) -> None:
    one, two = made(database), made(database, until=LATER + timedelta(hours=1))
    with database.session() as session:
        assert [s.id for s in silences(session, Mode.ACTUAL, NOW)] == [one.id, two.id]
        assert [s.id for s in silences(session, Mode.ACTUAL, LATER)] == [two.id]
        assert silences(session, Mode.EXERCISE, NOW) == []
        end_silence(session, two.id, "u2", LATER)
        assert silences(session, Mode.ACTUAL, LATER) == []
        with pytest.raises(NotAllowed, match="has ended"):
            end_silence(session, two.id, "u2", LATER)


def holding(ceiling: Severity, event: str | None) -> Silence:
    return Silence(tambons=["930101", "930103"], event=event, ceiling=ceiling)


@given(
    st.sampled_from(CEILINGS),
    st.none() | st.sampled_from(Event),
    st.sampled_from(Event),
    st.sampled_from(Severity),
)
def test_nothing_above_its_ceiling_and_no_other_place_or_hazard_is_held_back(
    ceiling: Severity, of: Event | None, event: Event, severity: Severity
) -> None:
    held = silenced([holding(ceiling, of)], event, severity, ["930103", "930109"])
    reaches = severity in CEILINGS[: CEILINGS.index(ceiling) + 1] and of in (None, event)
    assert held == ({"930103"} if reaches else set())


def test_the_most_dangerous_is_never_held_back() -> None:
    every = [holding(ceiling, None) for ceiling in CEILINGS]
    assert silenced(every, "river_overflow", "Extreme", ["930101"]) == set()
    assert silenced(every, "river_overflow", "Unknown", ["930101"]) == set()
