"""Many rows at once are the same rows as one by one; what is there already stays and is not told as new."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from geo.names import id_for
from warning.assess import HazardAssessment, RuleStateRow
from warning.observation import ObservationRow, RejectedRow
from warning.store.database import Database
from warning.store.insert import insert_new, upsert

NOW = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
PAYLOAD = UUID(int=7)


def observations(count: int, start: int = 0) -> list[dict[str, Any]]:
    return [
        {"source": "s", "station": f"X.{n}", "quantity": "water_level", "observed_at": NOW + timedelta(minutes=n),
         "value": n / 7, "unit": "ม.รทก.", "payload_id": PAYLOAD, "not a column": n}
        for n in range(start, start + count)
    ]  # fmt: skip


def kept(session: Session) -> set[tuple[Any, ...]]:
    rows = session.exec(select(ObservationRow)).all()
    return {(r.source, r.station, r.quantity, r.observed_at, r.value, r.unit, r.payload_id) for r in rows}


def given(rows: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    return {tuple(value for name, value in row.items() if name != "not a column") for row in rows}


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 2500])
def test_rows_come_in_as_they_are(count: int, database: Database) -> None:
    rows = observations(count)
    with database.session() as session:
        new = insert_new(session, ObservationRow, rows, returning=("station", "observed_at"))
    assert set(new) == {(r["station"], r["observed_at"]) for r in rows}
    with database.session() as session:
        assert kept(session) == given(rows)


@pytest.mark.parametrize("count", [3, 40])
def test_what_is_there_stays_and_is_not_new(count: int, database: Database) -> None:
    with database.session() as session:
        insert_new(session, ObservationRow, observations(count))
    again = [row | {"value": -1.0} for row in observations(2 * count)] + observations(1)
    with database.session() as session:
        new = insert_new(session, ObservationRow, again, returning=("station",))
        assert {station for (station,) in new} == {r["station"] for r in observations(count, count)}
        assert {row[4] for row in kept(session)} == {n / 7 for n in range(count)} | {-1.0}


@pytest.mark.parametrize("count", [3, 40])
def test_a_whole_number_among_others_loses_no_row(count: int, database: Database) -> None:
    rows = [row | {"value": n if n % 2 else n + 0.5} for n, row in enumerate(observations(count))]
    with database.session() as session:
        insert_new(session, ObservationRow, rows)
    with database.session() as session:
        assert kept(session) == given(rows)


@pytest.mark.parametrize("count", [2, 30])
def test_signs_that_mean_something_in_an_array_are_only_signs(count: int, database: Database) -> None:
    odd = ['{"a": 1}', "NULL", "", "\\", 'x","y', "ก\nข", "%(id)s :id ::"]
    rows = [{"payload_id": PAYLOAD, "nth": n, "source": "s", "raw": odd[n % len(odd)], "why": odd[-1 - n % len(odd)]}
            for n in range(count)]  # fmt: skip
    with database.session() as session:
        insert_new(session, RejectedRow, rows)
        found = session.exec(select(RejectedRow)).all()
        assert {r.nth: (r.raw, r.why) for r in found} == {r["nth"]: (r["raw"], r["why"]) for r in rows}


@pytest.mark.parametrize("count", [2, 30])
def test_lists_and_documents_come_back_as_they_were(count: int, database: Database) -> None:
    rows = [
        {"id": id_for("test", n), "rule": "r", "rule_version": "1", "station": f"X.{n}", "state": "active", "at": NOW,
         "value": None, "why": "because", "fires": True, "tambons": ["930112"], "observations": [{"n": n}], "water_by": {}}
        for n in range(count)
    ]  # fmt: skip
    with database.session() as session:
        insert_new(session, HazardAssessment, rows)
        assert session.execute(text("SELECT count(*) FROM hazard_assessment")).scalar() == count
        assert {a.observations[0]["n"] for a in session.exec(select(HazardAssessment))} == set(range(count))


@pytest.mark.parametrize("count", [3, 40])
def test_the_newest_stays(count: int, database: Database) -> None:
    def states(minute: int, word: str) -> list[dict[str, Any]]:
        return [
            {"rule": "r", "station": f"X.{n}", "state": {"phase": word, "n": n}, "changed_at": NOW + timedelta(minutes=minute)}
            for n in range(count)
        ]  # fmt: skip

    with database.session() as session:
        upsert(session, RuleStateRow, states(0, "calm"), only_if_newer="changed_at")
        upsert(session, RuleStateRow, states(5, "active")[1:], only_if_newer="changed_at")
        upsert(session, RuleStateRow, states(3, "late"), only_if_newer="changed_at")
    with database.session() as session:
        found = {row.station: row.state for row in session.exec(select(RuleStateRow))}
    assert found == {f"X.{n}": {"phase": "active" if n else "late", "n": n} for n in range(count)}
    with database.session() as session:
        upsert(session, RuleStateRow, states(1, "again"))
        assert {row.state["phase"] for row in session.exec(select(RuleStateRow))} == {"again"}
