"""The last look before the wire: nothing late, no exercise and no invented address on a carrier that reaches real people."""

from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest

from channels.contract import Batch, Message
from geo.synthetic import PHONE_MARK
from tests.warning.town import Told, accepts
from warning.claim import Claimed
from warning.deliver import hand_over

REAL, INVENTED = "+66812345678", f"{PHONE_MARK}0000001"


def claimed(clock, phones: list[str], *, exercise: bool = False, simulated: bool = False, minutes: int = 60):
    carrier = Told(kind="told", name="sms", does=accepts, book=[], simulated=simulated, rate_per_s=1000)
    messages = tuple(Message(id=uuid4(), address=phone, text="น้ำมา") for phone in phones)
    expires = clock.now() + timedelta(minutes=minutes)
    batch = Batch(uuid4(), uuid4(), "Severe", exercise, messages, expires)
    return Claimed(SimpleNamespace(), 1, carrier, batch, True)  # type: ignore[arg-type]


CASES = {
    "real people are told": ([REAL], {}, [REAL], ["accepted"]),
    "an invented address is refused by a live carrier": ([INVENTED, REAL], {}, [REAL], ["accepted", "refused"]),
    "nobody real: the carrier is not called": ([INVENTED], {}, [], ["refused"]),
    "the simulated world knows invented people": ([INVENTED], {"simulated": True}, [INVENTED], ["accepted"]),
    "an exercise never goes to a live carrier": ([REAL], {"exercise": True}, [], ["suppressed"]),
    "what expired while it waited is not sent": ([REAL], {"minutes": 0}, [], ["expired"]),
}  # fmt: skip


@pytest.mark.parametrize(("phones", "how", "told", "states"), CASES.values(), ids=CASES)
async def test_the_last_look(clock, phones, how, told, states) -> None:
    work = claimed(clock, phones, **how)
    receipts = await hand_over(work, object(), clock.now())
    assert [where for _, where, _ in work.channel.book] == told  # type: ignore[attr-defined]
    assert isinstance(receipts, list) and sorted(r.state for r in receipts) == states
    assert {r.delivery_id for r in receipts} == {m.id for m in work.batch.messages}
