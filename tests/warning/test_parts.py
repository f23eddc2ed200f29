"""A long SMS in the ledger: delivered when every part is, whoever hears of it, in whatever order, before or after."""

from itertools import permutations

import pytest

from channels.contract import Batch, Receipt, ReceiptState
from tests.warning.town import Town, channel
from warning.running import take_in
from warning.store.database import Database

S = ReceiptState
PHONES = ["+66810000001", "+66810000002"]


def in_parts(batch: Batch, now) -> list[Receipt]:
    """Three parts each: a1 a2 a3, b1 b2 b3, in the order of the numbers."""
    order = {m.id: "ab"[PHONES.index(m.address)] for m in batch.messages}
    ids = {i: " ".join(f"{letter}{n}" for n in (1, 2, 3)) for i, letter in order.items()}
    return [Receipt(m.id, S.ACCEPTED, now, provider_id=ids[m.id]) for m in batch.messages]


@pytest.fixture
async def town(database: Database, clock) -> Town:
    made = Town(database, clock, [channel(in_parts)])
    made.people(list(PHONES))
    return made


def tell(town: Town, *words: str) -> None:
    """Each word is a part and how it went: `a1` delivered, `-a2` not."""
    now = town.clock.now()
    for word in words:
        state = S.FAILED if word.startswith("-") else S.DELIVERED
        take_in(town.office, "sms", [Receipt(None, state, now, provider_id=word.lstrip("-"))], "sms")


@pytest.mark.parametrize(
    ("told", "states"),
    [
        pytest.param(["a1"], {"accepted": 2}, id="one-of-three-is-not-delivered"),
        pytest.param(["a1", "a1", "a1"], {"accepted": 2}, id="nor-is-one-told-three-times"),
        pytest.param(["a1", "b2", "a3"], {"accepted": 2}, id="nor-parts-of-two-messages"),
        *(
            pytest.param(list(order), {"accepted": 1, "delivered": 1}, id="-".join(order))
            for order in permutations(["a1", "a2", "a3"])
        ),
        pytest.param(["a1", "-a2", "a3"], {"accepted": 1, "failed": 1}, id="half-an-instruction-is-none"),
        pytest.param(["-a1", "a2", "a3"], {"accepted": 1, "failed": 1}, id="whatever-comes-after"),
    ],
)
async def test_delivered_when_every_part_is(town: Town, told: list[str], states: dict[str, int]) -> None:
    town.alert()
    await town.settle()
    tell(town, *told)
    assert town.states() == states


async def test_reports_before_the_numbers_are_known(database: Database, clock) -> None:
    """The SMSC was quicker than our own ledger, for one part or for all of them."""

    def early(batch: Batch, now) -> list[Receipt]:
        tell(town, "a1", "b1", "b2", "b3")
        return in_parts(batch, now)

    town = Town(database, clock, [channel(early)])
    town.people(list(PHONES))
    town.alert()
    await town.settle()
    assert town.states() == {"accepted": 1, "delivered": 1}
    tell(town, "a3", "a2")
    assert town.states() == {"delivered": 2}
    assert town.rows("SELECT 1 FROM receipt WHERE NOT matched") == []


async def test_two_reports_of_one_message_in_one_go(town: Town) -> None:
    town.alert()
    await town.settle()
    now = town.clock.now()
    take_in(
        town.office, "sms", [Receipt(None, S.DELIVERED, now, provider_id=f"a{n}") for n in (1, 2, 3)], "sms"
    )
    assert town.states() == {"accepted": 1, "delivered": 1}


async def test_another_carrier_s_part_of_the_same_number_is_another_s(town: Town) -> None:
    town.alert()
    await town.settle()
    now = town.clock.now()
    take_in(
        town.office, "other", [Receipt(None, S.DELIVERED, now, provider_id=f"a{n}") for n in (1, 2, 3)], "sms"
    )
    assert town.states() == {"accepted": 2}
