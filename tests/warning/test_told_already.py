"""An Update that is no worse wakes nobody who has heard, and leaves out nobody who has not."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from channels.contract import Batch, Receipt, ReceiptState
from tests.warning.town import TAMBON, VILLAGE, Town, channel
from warning.alert import Alert, AlertState, ApprovalPolicy
from warning.running import wake
from warning.step import Next
from warning.store.database import Database
from warning.told_already import told_by

HEARD, SILENT = "+66810000001", "+66810000002"


def reaches_one(batch: Batch, now: Any) -> list[Receipt]:
    """The first phone confirms each message, the other's carrier only takes it."""
    state = {HEARD: ReceiptState.DELIVERED}
    return [Receipt(m.id, state.get(m.address, ReceiptState.ACCEPTED), now) for m in batch.messages]


def update(town: Town, old: UUID, **values: Any) -> UUID:
    """An approved Update of `old`, on its way to be issued."""
    now = town.clock.now()
    with town.database.session() as session:
        was = session.get_one(Alert, old)
        plain = {
            "id": uuid4(), "mode": was.mode, "number": f"ฝึก-พท-2569-{now:%H%M}", "identifier": "", "msg_type": "Update",
            "kind": "update", "state": AlertState.APPROVED, "event": was.event, "severity": was.severity,
            "urgency": was.urgency, "certainty": was.certainty, "response_type": was.response_type,
            "tambons": [TAMBON], "villages": [VILLAGE], "words": {"sms_th": "ฝึกซ้อม น้ำมา"}, "references": [str(old)],
            "approval": ApprovalPolicy.DUTY_OFFICER, "drafted_at": now, "changed_at": now,
            "expires_at": now + timedelta(hours=6),
        }  # fmt: skip
        made = Alert(**plain | values)
        session.add(made)
        session.flush()
        found = made.id
    wake(town.office, Next("issue", str(found)))
    return found


@pytest.fixture
def town(database: Database, clock: Any, monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setattr(
        "warning.issue.cap_of", lambda session, alert, office: b"<alert/>"
    )  # its words are tested elsewhere
    town = Town(database, clock, [channel(reaches_one)])
    town.people([HEARD, SILENT, None])
    return town


def sent_to(town: Town) -> list[str]:
    return [address for _, address, _ in town.channels[0].book]  # type: ignore[attr-defined]


def reached(town: Town, alert: UUID) -> tuple[int, int]:
    [row] = town.rows("SELECT reached, waiting + unreached FROM coverage WHERE alert_id = :a", a=alert)
    return tuple(row)


@pytest.mark.parametrize(
    ("severity", "values", "minutes", "woken"),
    [
        pytest.param("Severe", {}, 60, [SILENT], id="no-worse"),
        pytest.param("Severe", {"severity": "Moderate"}, 60, [SILENT], id="a-step-down"),
        pytest.param("Severe", {"severity": "Extreme"}, 60, [HEARD, SILENT], id="a-rise"),
        pytest.param("Extreme", {}, 60, [HEARD, SILENT], id="extreme"),
        pytest.param("Severe", {"response_type": "Shelter"}, 60, [HEARD, SILENT], id="another-thing-to-do"),
        pytest.param("Severe", {}, 181, [HEARD, SILENT], id="three-hours-later"),
        pytest.param("Severe", {"kind": "all_clear", "urgency": "Past", "response_type": "AllClear"}, 60, [HEARD, SILENT],
                     id="the-end-is-told-to-all"),
    ],
)  # fmt: skip
async def test_who_is_woken_by_an_update(
    town: Town, severity: str, values: dict[str, Any], minutes: int, woken: list[str]
) -> None:
    first = town.alert(severity=severity)
    await town.settle()
    await town.play(0.5)
    assert sorted(sent_to(town)) == [HEARD, SILENT] and reached(town, first)[0] == 1
    town.clock.forward(timedelta(minutes=minutes))
    second = update(town, first, **values)
    await town.settle()
    await town.play(2)
    assert sorted(sent_to(town)[2:]) == sorted(woken)
    assert reached(town, second)[0] == 1  # whoever has heard is counted, whichever of the two reached them
    assert {state for (state,) in town.rows("SELECT state FROM alert WHERE id = :a", a=first)} == {
        "SUPERSEDED"
    }


async def test_proof_is_carried_along_a_chain_and_not_past_its_hours(town: Town) -> None:
    alerts = [town.alert()]
    await town.settle()
    for _ in range(3):
        town.clock.forward(timedelta(minutes=70))
        alerts.append(update(town, alerts[-1]))
        await town.settle()
        await town.play(1)
    with town.database.session() as session:
        told = [told_by(session.get_one(Alert, a)) for a in alerts]
    assert told == [[], alerts[:1], alerts[:2], alerts[1:3]]
    assert sent_to(town).count(HEARD) == 2  # at first, and when three hours had passed
    assert sent_to(town).count(SILENT) == 4
