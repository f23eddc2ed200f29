"""What the relay desk finds out about a caller nobody knew: rung back, bound to a village, or closed with its outcome."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from channels.contract import Answer
from channels.replies import meaning
from geo.errors import NotAllowed
from geo.gazetteer import UnknownPlace, gazetteer
from geo.names import id_for
from geo.people import Audience
from geo.roster_import import contact_id
from geo.sheet import Slot
from warning.alert import Alert
from warning.alert_places import villages_of
from warning.caller import CallerState, UnknownCaller, replies_of
from warning.contact_found import Found, save_contact
from warning.delivery import ReplyRow
from warning.keyed import MOST_HOMES
from warning.office import Office
from warning.step import SEVERE, Next

TRY_AGAIN = timedelta(minutes=5)
LEAST_TRIES = 3  # a cry for help is not put away after one ring nobody took; our own choice
OUTCOMES = ("safe", "told", "elsewhere", "mistake", "no_reach")
LONGEST_NOTE = 500


@dataclass(frozen=True)
class Place:
    """Where a caller is. `slot`: who they are, when they speak for the village and their number is to be kept."""

    village: str
    help: bool = False  # somebody must go there
    people: int | None = None
    note: str = field(default="", repr=False)
    slot: Slot | None = None
    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)  # of a caller by LINE, or whose number did not come


def caller_of(session: Session, caller_id: UUID, office: Office) -> UnknownCaller:
    """Raises NotAllowed when there is none in this mode."""
    caller = session.get(UnknownCaller, caller_id)
    if caller is None or caller.mode != office.mode:
        raise NotAllowed("ไม่พบผู้ติดต่อนี้ (no such caller)")
    return caller


def hold(session: Session, caller_id: UUID, user_id: UUID, name: str, now: datetime, office: Office) -> None:
    """Take a caller to ring them back. Taking over from somebody else is allowed, as with a village."""
    caller = _open(session, caller_id, office)
    caller.held_by, caller.held_name, caller.held_at, caller.changed_at = user_id, name, now, now


def no_answer(session: Session, caller_id: UUID, now: datetime, office: Office) -> None:
    """Rung back and nobody took it: due again soon."""
    caller = _open(session, caller_id, office)
    caller.tries, caller.due_at, caller.changed_at = caller.tries + 1, now + TRY_AGAIN, now


def bind(
    session: Session, caller_id: UUID, place: Place, by: UUID, now: datetime, office: Office
) -> list[Next]:
    """The caller's words get their village, and what they mean follows: a rescue, water on the map, an answer of the village.

    Only somebody with a post speaks for the village; of anybody else the words count as one home's, so that a stranger's
    message never makes a silent village look told. Raises NotAllowed, worded for the officer.
    """
    caller = _open(session, caller_id, office)
    if not known_place(place.village):
        raise NotAllowed("เลือกหมู่บ้าน (please choose the village)")
    if place.people is not None and not 0 <= place.people <= MOST_HOMES:
        raise NotAllowed(f"จำนวนต้องอยู่ระหว่าง 0 ถึง {MOST_HOMES:,} (a number from 0 to {MOST_HOMES:,})")
    wake_ups: list[Next] = []
    contact = None
    if place.slot is not None:
        if place.village.endswith("00"):
            raise NotAllowed("ผู้ติดต่อต้องมีหมู่บ้าน เลือกหมู่บ้าน (a contact belongs to a village: please choose it)")
        wake_ups += save_contact(
            session, place.village, _person(caller, place, place.slot, office), by, now, office
        )
        contact = contact_id(place.village, place.slot)
    said = replies_of(session, caller.id)
    if place.help and not any(reply.answer == Answer.NEED_HELP for reply in said):
        said.append(_heard_by_phone(session, caller, by, now))
    for reply in said:
        reply.village_code, reply.contact_id = place.village, contact
        if contact is not None:
            reply.alert_id = reply.alert_id or _alert_then(session, place.village, reply.at, office)
            _as_contact(reply, office)
        if reply.answer == Answer.NEED_HELP:
            reply.people = place.people if place.people is not None else reply.people
            if not place.help:
                reply.heard = True  # the officer spoke to them: nobody need go
                continue
        reply.heard = False
        wake_ups.append(Next("heard", str(reply.id), SEVERE))
    caller.village_code, caller.contact_id = place.village, contact
    _end(caller, CallerState.BOUND, "help" if place.help else "bound", place.note, by, now, office)
    return wake_ups


def close(
    session: Session, caller_id: UUID, outcome: str, note: str, by: UUID, now: datetime, office: Office
) -> None:
    """Put a caller away without a village. A call for help needs words, and is not given up after one unanswered ring."""
    caller = _open(session, caller_id, office)
    if outcome not in OUTCOMES:
        raise NotAllowed("เลือกผล (please choose the outcome)")
    if caller.priority == 1:
        if not note.strip():
            raise NotAllowed(
                "เขียนสั้น ๆ ว่าทราบได้อย่างไรว่าไม่ต้องไปช่วย (say in a few words how you know nobody need go)"
            )
        if outcome == "no_reach" and caller.tries < LEAST_TRIES and caller.address_sealed is not None:
            raise NotAllowed(
                f"ขอความช่วยเหลือ โทรกลับอย่างน้อย {LEAST_TRIES} ครั้งก่อนปิด "
                f"(a call for help: ring back at least {LEAST_TRIES} times before closing)"
            )
    _end(caller, CallerState.CLOSED, outcome, note, by, now, office)


def known_place(code: str) -> bool:
    """A village of the province, or a tambon as `TTTTTT00`: of some callers no more is known, and help must go all the same."""
    places = gazetteer()
    try:
        if len(code) == 8 and code.endswith("00"):
            return bool(places.tambon(code[:6]))
        return places.village(code).code == code
    except UnknownPlace:
        return False


def _open(session: Session, caller_id: UUID, office: Office) -> UnknownCaller:
    caller = caller_of(session, caller_id, office)
    session.refresh(caller, with_for_update=True)
    if caller.state is not CallerState.OPEN:
        raise NotAllowed("เรื่องนี้มีคนจัดการแล้ว (somebody has dealt with this already)")
    return caller


def _end(
    caller: UnknownCaller,
    state: CallerState,
    outcome: str,
    note: str,
    by: UUID,
    now: datetime,
    office: Office,
) -> None:
    words = note.strip()[:LONGEST_NOTE]
    caller.note_sealed = office.keyring.seal(words) if words else None
    caller.state, caller.outcome, caller.ended_by, caller.changed_at = state, outcome, by, now


def _person(caller: UnknownCaller, place: Place, slot: Slot, office: Office) -> Found:
    address = office.keyring.open(caller.address_sealed) if caller.address_sealed else ""
    by_line = caller.via == "line" and address.startswith("U")
    phone = place.phone.strip() or ("" if by_line else address)
    return Found(slot, place.name, phone, address if by_line else None)


def _heard_by_phone(session: Session, caller: UnknownCaller, by: UUID, now: datetime) -> ReplyRow:
    """They wrote something else, and said on the telephone that they need help."""
    row = ReplyRow(
        id=id_for("reply", "caller", caller.id, caller.tries), mode=caller.mode, caller_id=caller.id,
        answer=Answer.NEED_HELP.value, via="phone", keyed_by=str(by), at=now, received_at=now,
    )  # fmt: skip
    session.add(row)
    return row


def _as_contact(reply: ReplyRow, office: Office) -> None:
    """A bare digit meant what contacts were asked."""
    if reply.answer in (Answer.SAFE, Answer.SEEN) and reply.text_sealed:
        reply.answer = meaning(office.keyring.open(reply.text_sealed), Audience.CONTACT).value


def _alert_then(session: Session, village: str, at: datetime, office: Office) -> UUID | None:
    """The newest alert that spoke to the village when they answered."""
    wanted = select(Alert).where(
        Alert.mode == office.mode, col(Alert.issued_at) <= at, col(Alert.expires_at) > at
    )
    found = session.exec(wanted.order_by(col(Alert.issued_at).desc()))
    return next((alert.id for alert in found if village in villages_of(alert)), None)
