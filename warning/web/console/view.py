"""What the duty officer sees, put together from the rows. A part of the page is a file beside this one; values, no HTML."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from teams.response.mission import Mission
from warning.alert import Alert, AlertState
from warning.cover_totals import totals
from warning.office import Office
from warning.plan import ChannelPlan
from warning.plan_now import plan_of
from warning.silence import Silence, silences
from warning.source_state import SourceState
from warning.translation import unread
from warning.voice_answer import VoiceAnswer
from warning.voices import Differing, Spoken
from warning.web.console.arrivals import Arrival, arrivals
from warning.web.console.drafts import ToDecide, to_decide
from warning.web.console.gauges import GaugeNow, gauges_now
from warning.web.console.map_levels import level_of, map_levels
from warning.web.console.reach import ChannelNow, VillageNow, channels_now, villages_now
from warning.web.console.spoken import SpokenDraft, spoken_drafts
from warning.web.console.voices import beside, heard
from warning.web.console.waiting import Waiting, open_missions, waiting

MOST_MISSIONS = 8


@dataclass(frozen=True)
class Console:
    drafts: list[Alert]
    in_force: list[Alert]
    waiting: list[Waiting]
    arrivals: list[Arrival]
    gauges: list[GaugeNow]
    levels: dict[str, int]  # tambon -> level of the map
    silent_sources: list[SourceState]
    channels: list[ChannelNow]
    villages: list[VillageNow]
    counted: dict[str, Any]
    missions: list[Mission]
    missions_open: int
    deciding: dict[UUID, ToDecide]
    plans: dict[UUID, ChannelPlan]  # draft -> whom each channel can address
    spoken: dict[UUID, SpokenDraft]  # draft -> how it will sound
    unread: dict[
        UUID, dict[str, int]
    ]  # draft -> language -> homes that will get Thai though they read another
    silences: list[Silence]  # in force
    voices: list[Spoken]  # of others, the newest first
    differing: dict[UUID, list[Differing]]  # alert -> who gives its places another level
    answered: dict[tuple[UUID, str], VoiceAnswer]


def console(
    session: Session, office: Office, now: datetime, lang: str, read: Mapping[UUID, str] | None = None
) -> Console:
    """lang: th | en, of the places' names. read: draft -> the version its reader has on the page already."""
    alerts = session.exec(
        select(Alert).where(Alert.mode == office.mode, col(Alert.state).in_((AlertState.DRAFT, AlertState.ISSUED)))
        .order_by(col(Alert.drafted_at))
    ).all()  # fmt: skip
    drafts = [a for a in alerts if a.state is AlertState.DRAFT]
    in_force = sorted((a for a in alerts if a.state is AlertState.ISSUED), key=lambda a: -level_of(a))
    missions = open_missions(session, office)
    voices = heard(session, office, now)
    return Console(
        drafts=drafts, in_force=in_force, waiting=waiting(session, drafts, in_force, missions, now, lang, office.mode),
        arrivals=arrivals(session, [*in_force, *drafts], now, lang), gauges=gauges_now(session, now, lang),
        levels=map_levels(session, in_force, now),
        silent_sources=list(session.exec(select(SourceState).where(col(SourceState.fault).is_not(None)))),
        channels=channels_now(session, in_force), villages=villages_now(session, in_force, lang),
        counted=dict(totals(session, office.mode)), missions=missions[:MOST_MISSIONS], missions_open=len(missions),
        deciding=to_decide(session, drafts, read or {}, now), silences=silences(session, office.mode, now),
        plans={alert.id: plan_of(session, alert, office, now) for alert in drafts},
        spoken=spoken_drafts(session, drafts, office), unread={alert.id: unread(session, alert) for alert in drafts},
        voices=voices, **beside(session, alerts, voices)._asdict(),
    )  # fmt: skip
