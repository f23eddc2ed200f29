"""A bound group hears the alert of its village beside the account's friends, delays no rung and proves nothing."""

from typing import Any, ClassVar

import pytest
from sqlalchemy import text

from channels.contract import Proof
from channels.line_group import LineGroup
from geo.people import AddressKind
from tests.warning.test_line_group import GROUP, HEAD, happens
from tests.warning.town import VILLAGE, Told, ToldByLine, accepts, channel
from tests.web.paper_office import Night
from warning.alert import Alert
from warning.plan_now import plan_of
from warning.store.database import Database


class ToldInGroup(Told):
    needs: ClassVar[str] = "line_group"
    proof: ClassVar[Proof] = Proof.NOTHING
    dedupes: ClassVar[bool] = True


@pytest.mark.parametrize("severity", ["Severe", "Moderate"])
async def test_the_group_is_told_with_line_and_the_sms_waits_no_longer_for_it(
    database: Database, clock: Any, severity: str
) -> None:
    line, group, sms = (
        channel(accepts, "line", ToldByLine), channel(accepts, "line-groups", ToldInGroup), channel(accepts),
    )  # fmt: skip
    town = Night(database, clock, [line, group, sms])
    town.people(["+66810000001"], head=HEAD, kind=AddressKind.SMS)
    with database.session() as session:
        session.execute(text("UPDATE address SET kind = 'LINE' WHERE audience = 'CONTACT'"))
    happens(town, "message", text=VILLAGE)
    town.alert(severity=severity)
    await town.settle()
    assert [address for _, address, _ in group.book] == [GROUP]
    assert [address for _, address, _ in line.book] == [HEAD]
    assert len(sms.book) == (1 if severity == "Severe" else 0)
    rungs = dict(
        tuple(row)
        for row in town.rows("SELECT channel, max(rung) FROM segment WHERE channel <> 'person' GROUP BY 1")
    )
    assert rungs == {"line": 0, "line-groups": 0, "sms": 0 if severity == "Severe" else 1}
    await town.play(1.8)
    assert len(sms.book) == 1  # a rung later, not two
    [row] = town.rows("SELECT homes, reached FROM coverage")
    assert row.reached == 0


async def test_the_plan_names_the_members_a_group_is_billed_for_and_reaches_nobody_by_it(
    database: Database, clock: Any
) -> None:
    made = LineGroup(
        kind="line_group", name="line-groups", token="t", secret="s", members_a_group=90, simulated=True
    )  # type: ignore[arg-type]
    town = Night(database, clock, [channel(accepts, "line", ToldByLine), made])
    town.people([], head=HEAD, kind=AddressKind.LINE)
    happens(town, "message", text=VILLAGE)
    alert = town.alert()
    with database.session() as session:
        plan = plan_of(session, session.get_one(Alert, alert), town.office, clock.now())
    (groups,) = [line for line in plan.lines if line.name == "line-groups"]
    assert (groups.people, groups.baht, groups.reach) == (90, 9, 0)
    assert plan.reach == 0 and plan.without_address == plan.people  # a group is nobody's own address
