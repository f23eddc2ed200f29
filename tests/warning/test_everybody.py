"""A batch says whether its alert is for the whole of the office's area: only then may one call stand for all."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from channels.contract import Batch, Receipt
from geo.areas import built_in_areas
from tests.warning.town import TAMBON, VILLAGE, Town, accepts, channel
from warning.store.database import Database


@pytest.mark.parametrize(
    ("tambons", "villages", "everybody"),
    [
        pytest.param(list(built_in_areas().codes), [], True, id="all"),
        pytest.param([TAMBON], [], False, id="one-tambon"),
        pytest.param(list(built_in_areas().codes), [VILLAGE], False, id="villages-only"),
    ],
)
async def test_everybody(
    database: Database, clock: Any, tambons: list[str], villages: list[str], everybody: bool
) -> None:
    seen: list[bool] = []

    def does(batch: Batch, now: Any) -> list[Receipt]:
        seen.append(batch.everybody)
        return accepts(batch, now)

    town = Town(database, clock, [channel(does)])
    town.people(["+66810000001"])
    town.alert()
    with database.session() as session:
        session.execute(
            text("UPDATE alert SET tambons = :t, villages = :v"),
            {"t": json.dumps(tambons), "v": json.dumps(villages)},
        )
    await town.settle()
    assert seen == [everybody]
