"""The oracle of the loudspeakers' bench: a device that says a word twice, or not at all, makes the speed unprintable."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest

from bench.pa import VILLAGES, batches, judged
from channels.contract import Receipt, ReceiptState

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
S = ReceiptState
IDS = [UUID(int=n) for n in range(3)]
SAID = [
    Receipt(i, state, NOW, why=why)
    for i in IDS
    for state, why in ((S.ACCEPTED, "the controller has it"), (S.ACCEPTED, "playing"), (S.DELIVERED, "played 1 s"))
]  # fmt: skip
OVER = [Receipt(i, S.HANDED_OVER, NOW) for i in IDS]


def test_every_village_is_commanded_once() -> None:
    devices = [m.address for b in batches() for m in b.messages]
    assert len(devices) == len(set(devices)) == VILLAGES


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        pytest.param(lambda said: said, "", id="right"),
        pytest.param(lambda said: said[:-1], "2 of 3 devices said 'played'", id="one-never-played"),
        pytest.param(lambda said: [*said, said[-1]], "2 of 3 devices said 'played'", id="one-said-it-twice"),
        pytest.param(lambda said: said[1:], "2 of 3 devices said 'the'", id="one-never-had-it"),
        pytest.param(
            lambda said: [*said, Receipt(IDS[0], S.REFUSED, NOW, why="old seq")],
            "something else",
            id="one-refused-besides",
        ),
    ],
)
def test_the_oracle(change: Callable[[list[Receipt]], list[Receipt]], wrong: str) -> None:
    found = judged(set(IDS), OVER, change(SAID))
    assert found == wrong if not wrong else wrong in found
