"""The way of a request: which step may follow which, and how long it has taken since the approval."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlmodel import Session, col, select

from geo.errors import NotAllowed
from geo.sealed import Keyring
from warning.cell_broadcast.record import CellBroadcast, CellBroadcastStep, Operator, Step

EARLIEST = timedelta(hours=12)  # a minute noted down later than this is a slip of the pen
OF_OPERATOR = (Step.BROADCASTING, Step.STOPPED)
TALKED = (Step.RUNG, Step.SENT_LINE)


class Way(NamedTuple):
    """Where a request stands. `on_air`: operators broadcasting now; `was`: those that ever did."""

    steps: Sequence[CellBroadcastStep]
    accepted_at: datetime | None
    declined_at: datetime | None
    first_on_air_at: datetime | None
    on_air: frozenset[Operator]
    was: frozenset[Operator]

    @property
    def state(self) -> Step:
        if self.on_air:
            return Step.BROADCASTING
        if self.was:
            return Step.STOPPED
        if self.accepted_at is not None:
            return Step.ACCEPTED
        if self.declined_at is not None:
            return Step.DECLINED
        talked = [s for s in self.steps if s.step in TALKED]
        return Step(talked[-1].step) if talked else Step.PREPARED

    def may(self, step: Step, operator: Operator | None = None) -> bool:
        """May this be noted next?"""
        open_ = self.accepted_at is None and self.declined_at is None
        match step:
            case Step.PREPARED:
                return False
            case Step.RUNG | Step.SENT_LINE:
                return True
            case Step.ACCEPTED:
                return self.accepted_at is None and any(s.step in TALKED for s in self.steps)
            case Step.DECLINED:
                return open_ and any(s.step in TALKED for s in self.steps)
            case Step.BROADCASTING:
                return self.accepted_at is not None and operator is not None and operator not in self.was
            case Step.STOPPED:
                return operator is not None and operator in self.on_air


def way_of(steps: Sequence[CellBroadcastStep]) -> Way:
    """steps: of one request, in any order. An acceptance after a refusal counts: DDPM may think again."""
    ordered = sorted(steps, key=lambda s: (s.at, s.noted_at))
    accepted = next((s.at for s in ordered if s.step == Step.ACCEPTED), None)
    declined = next((s.at for s in ordered if s.step == Step.DECLINED), None)
    began = [s for s in ordered if s.step == Step.BROADCASTING]
    was = frozenset(Operator(s.operator) for s in began)
    over = frozenset(Operator(s.operator) for s in ordered if s.step == Step.STOPPED)
    first = min((s.at for s in began), default=None)
    return Way(ordered, accepted, None if accepted else declined, first, was - over, was)


def steps_of(session: Session, request_id: UUID) -> list[CellBroadcastStep]:
    wanted = select(CellBroadcastStep).where(CellBroadcastStep.request_id == request_id)
    return list(session.exec(wanted.order_by(col(CellBroadcastStep.at), col(CellBroadcastStep.noted_at))))


def note_step(
    session: Session, request_id: UUID, step: Step, *, operator: Operator | None, at: datetime, by: tuple[str, str],
    spoken_to: str, note: str, now: datetime, keyring: Keyring,
) -> CellBroadcastStep:  # fmt: skip
    """Write down one minute. at: when it happened, aware UTC. by: a user's id and name. spoken_to: who it was over there.

    Raises NotAllowed, worded for the officer, when it cannot have happened now, or nobody is named who said so.
    """
    request = session.get(CellBroadcast, request_id, with_for_update=True)
    if request is None:
        raise NotAllowed("ไม่มีคำขอนี้ (there is no such request)")
    way = way_of(steps_of(session, request_id))
    operator = operator if step in OF_OPERATOR else None
    if step in OF_OPERATOR and operator is None:
        raise NotAllowed("เลือกผู้ให้บริการ (choose the operator)")
    if not way.may(step, operator):
        raise NotAllowed("ขั้นนี้ยังบันทึกไม่ได้ หรือบันทึกไปแล้ว (this step cannot be noted yet, or is noted already)")
    if at > now:
        raise NotAllowed("เวลานี้ยังมาไม่ถึง (that time has not come yet)")
    if at < max(request.sent - timedelta(minutes=1), now - EARLIEST):
        raise NotAllowed("เวลานี้อยู่ก่อนเตรียมคำขอ (that time is before the request was prepared)")
    spoken_to, note = " ".join(spoken_to.split())[:80], " ".join(note.split())[:300]
    if step in (Step.RUNG, Step.ACCEPTED, Step.DECLINED) and not spoken_to:
        raise NotAllowed("เขียนว่าคุยกับใคร (write whom you spoke to)")
    if step is Step.DECLINED and not note:
        raise NotAllowed("เขียนเหตุผลที่ไม่รับ (write why it was declined)")
    made = CellBroadcastStep(
        id=uuid4(), request_id=request_id, step=step.value, operator=operator.value if operator else "", at=at,
        noted_at=now, by=by[0], by_name=by[1], spoken_to_sealed=keyring.seal(spoken_to) if spoken_to else None, note=note,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made
