"""What a village head's link shows, and what their button means. Queries only: the pages and routes stand beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from channels.contract import Answer, Reply
from geo.people import Contact, Tower
from teams.response.village_water import WaterState
from warning.alert import Alert, AlertState
from warning.compose import delivery_of
from warning.cover import homes_estimated
from warning.delivery import Delivery, ReplyRow, Segment
from warning.keyed import MOST_HOMES
from warning.office import Office

ANSWERS = (Answer.ANNOUNCED, Answer.WILL_ANNOUNCE, Answer.WATER_HERE, Answer.NEED_HELP)
WATERS = (WaterState.ON_ROAD, WaterState.IN_HOMES, WaterState.CUT_OFF, WaterState.FALLING)
SINCE_MINUTES = (0, 30, 60, 120)
TIMES = (1, 2, 3)
MOST_TIMES = 50  # a day's announcements; more is a slip of the finger


@dataclass(frozen=True)
class HeadView:
    """One link: which village, which alert, what its holder said before (newest first)."""

    delivery_id: UUID
    village_code: str
    role: str
    alert: Alert
    homes: int
    said: tuple[ReplyRow, ...]
    earshot: int | None = None  # homes that hear the village's loudspeakers; None: nobody has counted
    standby: bool = False  # this person speaks where the key-holder does not


def head_view(session: Session, token: str, now: datetime, office: Office) -> HeadView | None:
    """None when the link is not ours, or its alert is no longer in force."""
    delivery_id = delivery_of(token, office.keyring)
    delivery = session.get(Delivery, delivery_id) if delivery_id else None
    segment = session.get(Segment, delivery.segment_id) if delivery else None
    alert = session.get(Alert, segment.alert_id) if segment else None
    if delivery is None or alert is None or alert.state is not AlertState.ISSUED or alert.expires_at <= now:
        return None
    contact = session.get(Contact, delivery.owner_id) if delivery.owner_id else None
    said = session.exec(
        select(ReplyRow).where(ReplyRow.delivery_id == delivery.id).order_by(col(ReplyRow.at).desc()).limit(5)
    )
    towers = session.exec(select(Tower).where(Tower.village_code == delivery.village_code)).all()
    heard_in = [tower.homes_in_earshot for tower in towers]
    return HeadView(
        delivery.id, delivery.village_code, contact.role.value if contact else "", alert,
        homes_estimated(delivery.village_code), tuple(said),
        sum(n or 0 for n in heard_in) if heard_in and None not in heard_in else None,
        contact is not None and contact.id in [tower.substitute_id for tower in towers],
    )  # fmt: skip


class Unclear(ValueError):
    """What was pressed cannot be understood; the text is a key of the words."""


@dataclass(frozen=True)
class Heard:
    """A button of the page, read: the answer, and of water what it does and since when."""

    reply: Reply
    water: WaterState | None
    since: datetime


def read_answer(view: HeadView, form: Mapping[str, str], now: datetime) -> Heard:
    """Raises Unclear with the key of the sentence to show. The form's own id makes pressing twice once."""
    try:
        answer = Answer(form.get("answer", ""))
        event = UUID(hex=form.get("event", "")).hex
    except ValueError as error:
        raise Unclear("head.which") from error
    if answer not in ANSWERS:
        raise Unclear("head.which")
    water = None
    if answer is Answer.WATER_HERE:
        if form.get("water") not in WATERS:
            raise Unclear("head.which")
        water = WaterState(form["water"])
    minutes = number(form.get("since", "")) or 0
    pressed = _pressed(form.get("ago", ""), view.alert, now)
    reply = Reply(
        event_id=f"{view.delivery_id.hex}-{event}", answer=answer, at=pressed, delivery_id=view.delivery_id,
        homes=number(form.get("homes", "")) if answer is Answer.ANNOUNCED else None,
        people=number(form.get("people", "")) if answer is Answer.NEED_HELP else None,
        times=_times(form.get("times", "")) if answer is Answer.ANNOUNCED else None,
    )  # fmt: skip
    return Heard(reply, water, pressed - timedelta(minutes=min(minutes, 24 * 60)))


def _pressed(ago: str, alert: Alert, now: datetime) -> datetime:
    """When the button was pressed: `ago` seconds before now, of a phone that had no network then; not before the alert."""
    seconds = int(ago) if ago.isdecimal() and len(ago) < 7 else 0
    return min(now, max(now - timedelta(seconds=seconds), alert.issued_at or now))


def _times(written: str) -> int | None:
    """How often it was announced; empty is None. Raises Unclear."""
    times = number(written)
    if times is not None and not 0 < times <= MOST_TIMES:
        raise Unclear("head.bad_number")
    return times


def number(written: str) -> int | None:
    """Digits of either script; empty is None. Raises Unclear for words, and for more than any village has."""
    if not written.strip():
        return None
    try:
        value = int(written)  # int() reads Thai digits too
    except ValueError as error:
        raise Unclear("head.bad_number") from error
    if not 0 <= value <= MOST_HOMES:
        raise Unclear("head.bad_number")
    return value
