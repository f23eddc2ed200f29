"""A draft's words, tried at the carriers that say beforehand what they would refuse, so that it is known before the approval.

Nobody is told anything by it. A refusal is a fault of its draft and channel: it stands on the draft beside the channel, and is gone
with new words that are taken or with the draft. In an exercise only simulated carriers are asked.
"""

import asyncio
import json
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from channels.contract import Batch, Channel, ChannelBroken, Message, TryLater
from warning.alert import Alert, AlertState, Mode
from warning.engine.worker import stop_if_cancelled
from warning.fault import mended, note
from warning.office import Office

EVERY_S = 2.0
MOST_AT_ONCE = 20  # drafts a round, the newest first
log = logging.getLogger(__name__)


@dataclass
class Tried:
    """What one process has asked. words: draft, channel -> digest of the words it was asked about."""

    words: dict[tuple[UUID, str], str] = field(default_factory=dict)
    tidy: bool = False  # refusals of drafts decided before this process began are gone


async def keep_trying(office: Office) -> None:
    """A round every two seconds of the wall, until cancelled."""
    tried = Tried()
    while True:
        try:
            await try_drafts(office, tried)
        except Exception as error:
            stop_if_cancelled()
            log.warning("words could not be tried: %s", type(error).__name__)
        await asyncio.sleep(EVERY_S)


async def try_drafts(office: Office, tried: Tried) -> int:
    """One round; how many answers came. `tried` is kept from round to round. Raises SQLAlchemyError."""
    channels = [c for c in office.channels.values() if _says_beforehand(c) and _may_be_asked(c, office)]
    if not channels:
        return 0
    drafts = await asyncio.to_thread(_drafts, office)
    answers: dict[tuple[UUID, str], tuple[str, str]] = {}
    for draft in drafts:
        digest = sha256(json.dumps(draft.words, sort_keys=True).encode()).hexdigest()
        for channel in channels:
            key, wire = (draft.id, channel.name), office.wires.get(channel.name)
            if tried.words.get(key) == digest or wire is None:
                continue
            try:
                why = await channel.try_words(wire, _batch(draft, channel))
            except (TryLater, ChannelBroken):
                continue  # asked again in the next round
            answers[key] = why, draft.number
            tried.words[key] = digest
    there = {draft.id for draft in drafts}
    decided = [key for key in tried.words if key[0] not in there]
    if answers or decided or not tried.tidy:
        await asyncio.to_thread(_write_down, office, answers, list(there))
        tried.tidy = True
    for key in decided:
        del tried.words[key]
    return len(answers)


def refused_words(session: Session, alert_id: UUID) -> dict[str, str]:
    """Channel -> why it would not take the words of this draft, `ไทย (English)`."""
    front = f"words {alert_id} "
    rows = session.execute(
        text("SELECT key, why FROM fault WHERE starts_with(key, :front)"), {"front": front}
    )
    return {str(key).removeprefix(front): str(why) for key, why in rows}


def _says_beforehand(channel: Channel) -> bool:
    return type(channel).try_words is not Channel.try_words


def _may_be_asked(channel: Channel, office: Office) -> bool:
    return channel.simulated or office.mode is Mode.ACTUAL


def _drafts(office: Office) -> list[Alert]:
    with office.database.session() as session:
        wanted = select(Alert).where(Alert.mode == office.mode, Alert.state == AlertState.DRAFT)
        found = list(session.exec(wanted.order_by(col(Alert.drafted_at).desc()).limit(MOST_AT_ONCE)))
        for alert in found:
            session.expunge(alert)
    return found


def _write_down(office: Office, answers: dict[tuple[UUID, str], tuple[str, str]], drafts: list[UUID]) -> None:
    now = office.clock.now()
    with office.database.session() as session:
        gone = (
            "DELETE FROM fault WHERE starts_with(key, 'words ') AND split_part(key, ' ', 2) <> ALL(:drafts)"
        )
        session.execute(text(gone), {"drafts": [str(one) for one in drafts]})
        for (alert_id, channel), (why, number) in answers.items():
            _one(session, f"words {alert_id} {channel}", channel, number, why, now)


def _one(session: Session, key: str, channel: str, number: str, why: str, now: datetime) -> None:
    if not why:
        mended(session, key)
        return
    said = why.translate(str.maketrans("()", "[]"))[:150]  # brackets part the two languages
    note(
        session,
        key,
        f"{channel} ไม่รับข้อความของร่าง {number}: {said} ({channel} refuses the words of draft {number}: {said})",
        now,
    )


def _batch(alert: Alert, channel: Channel) -> Batch:
    """What one resident and one contact would be sent, to nobody."""
    data = {"title": alert.words.get("headline_th", ""), "body": alert.words.get("line_body", "")}
    words = alert.words.get("line_alt_text", "")
    resident = Message(alert.id, "U" + "0" * 32, words, data=data)
    contact = resident._replace(data={**data, "role": "head", "link": "https://example.org/h/0"})
    return Batch(
        alert.id, alert.id, alert.severity, alert.mode is Mode.EXERCISE, (resident, contact),
        alert.expires_at + timedelta(seconds=1),
    )  # fmt: skip
