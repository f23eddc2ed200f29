"""What the duty officer sees, asked from the rows. One function a part of the page; values out, no HTML."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from geo.gazetteer import gazetteer
from teams.response.mission import Mission, MissionState
from warning.alert import Alert, AlertState, approvals_needed
from warning.assess import HazardAssessment
from warning.cover import totals
from warning.delivery import Coverage
from warning.fault import Fault
from warning.observe import Latest, ObservationRow, SourceState
from warning.office import Office
from warning.web.console.names import in_short, tambon_name, village_name
from warning.words.sentences import danger_level

HYDROGRAPH_SPAN = timedelta(hours=3)
SILENT_AFTER = timedelta(hours=2)
MOST_WAITING = 5
MOST_GAUGES = 3


def level_of(alert: Alert) -> int:
    """The level the alert's own words name (2-5); of an ended or unknown one the lowest."""
    return danger_level(alert.severity, alert.urgency) or 2


@dataclass(frozen=True)
class Waiting:
    """Something that waits for a person. `kind`: draft | review | fault | rescue | tell_village"""

    kind: str
    words: str
    since: datetime
    link: str = ""


@dataclass(frozen=True)
class Arrival:
    tambon: str
    at: datetime
    alert: str


@dataclass(frozen=True)
class GaugeNow:
    code: str
    name: str
    tambon: str
    value_m: float
    bank_m: float | None
    observed_at: datetime
    silent: bool
    rise_m_h: float | None
    series: tuple[tuple[datetime, float], ...]
    lat: float | None
    lon: float | None

    @property
    def below_bank_m(self) -> float | None:
        return None if self.bank_m is None else self.bank_m - self.value_m


@dataclass(frozen=True)
class ChannelNow:
    name: str
    confirmed: int
    delivered: int
    unconfirmed: int  # taken by the provider. Not reached.
    waiting: int
    failed: int

    @property
    def total(self) -> int:
        return self.confirmed + self.delivered + self.unconfirmed + self.waiting + self.failed


@dataclass(frozen=True)
class VillageNow:
    code: str
    name: str
    tambon: str
    water_at: datetime | None
    answered: bool
    announced: bool
    last_word: str | None
    homes: int
    reached: int
    waiting: int
    unreached: int
    vulnerable_unreached: int
    contacts: int


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
    approvals: dict[UUID, int]


def console(session: Session, office: Office, now: datetime, lang: str) -> Console:
    alerts = session.exec(
        select(Alert).where(Alert.mode == office.mode, col(Alert.state).in_((AlertState.DRAFT, AlertState.ISSUED)))
        .order_by(col(Alert.drafted_at))
    ).all()  # fmt: skip
    drafts = [a for a in alerts if a.state is AlertState.DRAFT]
    in_force = sorted((a for a in alerts if a.state is AlertState.ISSUED), key=lambda a: -level_of(a))
    gauges = _gauges(session, now, lang)
    missions = _missions(session, office)
    arrivals = _arrivals(session, [*in_force, *drafts], now, lang)
    return Console(
        drafts=drafts, in_force=in_force, waiting=_waiting(session, drafts, in_force, missions, lang),
        arrivals=arrivals, gauges=gauges, levels=_levels(session, in_force, now),
        silent_sources=list(session.exec(select(SourceState).where(col(SourceState.fault).is_not(None)))),
        channels=_channels(session, in_force), villages=_villages(session, in_force, lang),
        counted=dict(totals(session, office.mode)), missions=missions[:8], missions_open=len(missions),
        approvals=_approvals(session, drafts),
    )  # fmt: skip


def _approvals(session: Session, drafts: list[Alert]) -> dict[UUID, int]:
    found = session.execute(text("SELECT alert_id, count(*) FROM approval GROUP BY alert_id")).all()
    said: dict[UUID, int] = dict(tuple(row) for row in found)
    return {a.id: approvals_needed(a) - said.get(a.id, 0) for a in drafts}


def _missions(session: Session, office: Office) -> list[Mission]:
    over = (MissionState.DONE, MissionState.CANCELLED)
    found = select(Mission).where(Mission.mode == office.mode.value, col(Mission.state).not_in(over))
    return list(session.exec(found.order_by(col(Mission.priority), col(Mission.due_at))))


def _waiting(
    session: Session, drafts: list[Alert], in_force: list[Alert], missions: list[Mission], lang: str
) -> list[Waiting]:
    found = [Waiting("draft", in_short(a, lang), a.drafted_at, "#drafts") for a in drafts]
    found += [
        Waiting("review", a.number, a.issued_at or a.changed_at, f"/alerts/{a.id}")
        for a in in_force if a.review_due_at and not a.reviewed_by
    ]  # fmt: skip
    found += [Waiting("fault", _one(f.why, lang), f.since) for f in session.exec(select(Fault))]
    for kind in ("rescue", "tell_village"):
        of_kind = [m for m in missions if m.kind.value == kind and m.state is MissionState.REQUESTED]
        if of_kind:
            words = ", ".join(village_name(m.village_code, lang) for m in of_kind[:3])
            more = f" +{len(of_kind) - 3}" if len(of_kind) > 3 else ""
            found.append(Waiting(kind, words + more, min(m.requested_at for m in of_kind), "#work"))
    return sorted(found, key=lambda w: w.since)[:MOST_WAITING]


def _one(both: str, lang: str) -> str:
    """One language of a sentence written `ไทย (English)`."""
    thai, _, english = both.partition(" (")
    return english.rstrip(")") if lang == "en" and english else thai


def _arrivals(session: Session, alerts: list[Alert], now: datetime, lang: str) -> list[Arrival]:
    """Where water is expected next, earliest first; an estimate until travel times are measured."""
    found: dict[str, Arrival] = {}
    for alert in alerts:
        assessment = session.get(HazardAssessment, alert.assessment_id) if alert.assessment_id else None
        for code, at in (assessment.water_by if assessment else {}).items():
            arrival = Arrival(tambon_name(code, lang), datetime.fromisoformat(at), alert.number)
            if arrival.at > now and (code not in found or arrival.at < found[code].at):
                found[code] = arrival
    return sorted(found.values(), key=lambda a: a.at)[:8]


def _gauges(session: Session, now: datetime, lang: str) -> list[GaugeNow]:
    """Level gauges, the nearest to its bank first."""
    places = gazetteer()
    rows = session.exec(select(Latest).where(Latest.quantity == "water_level")).all()
    found = []
    for row in rows:
        known = places.gauges.get(row.station)
        bank = known.bank_m if known and known.bank_m is not None else row.bank_m
        name = (known.th if lang == "th" else known.en) if known else (row.station_name or row.station)
        place = tambon_name(row.tambon, lang) if row.tambon and row.tambon in places.tambons else ""
        found.append(
            GaugeNow(row.station, name, place, row.value, bank, row.observed_at, now - row.observed_at > SILENT_AFTER,
                     None, (), row.lat or (known.lat if known else None), row.lon or (known.lon if known else None))
        )  # fmt: skip
    found.sort(key=lambda g: (g.silent, g.below_bank_m if g.below_bank_m is not None else 99))
    return [_with_series(session, g, now) if n < MOST_GAUGES else g for n, g in enumerate(found)]


def _with_series(session: Session, gauge: GaugeNow, now: datetime) -> GaugeNow:
    rows = session.exec(
        select(ObservationRow.observed_at, ObservationRow.value)
        .where(ObservationRow.station == gauge.code, ObservationRow.quantity == "water_level",
               col(ObservationRow.observed_at) > now - HYDROGRAPH_SPAN)
        .order_by(col(ObservationRow.observed_at))
    ).all()  # fmt: skip
    series = tuple((at, value) for at, value in rows)
    hour_ago = [value for at, value in series if at >= now - timedelta(hours=1)]
    first = next(((at, v) for at, v in series if at >= now - timedelta(hours=1)), None)
    rise = None
    if first and len(hour_ago) > 1 and series[-1][0] > first[0]:
        rise = (series[-1][1] - first[1]) / ((series[-1][0] - first[0]).total_seconds() / 3600)
    return GaugeNow(**{**gauge.__dict__, "series": series, "rise_m_h": rise})


def _levels(session: Session, in_force: list[Alert], now: datetime) -> dict[str, int]:
    """5..2 by the alert in force; else 1 with a speaking instrument, -1 with silent ones only, 0 with none."""
    speaking: dict[str, bool] = {}
    for code, newest in session.execute(
        text("SELECT tambon, max(observed_at) FROM latest WHERE tambon IS NOT NULL GROUP BY tambon")
    ):
        speaking[code] = now - newest <= SILENT_AFTER
    places = gazetteer()
    levels = {code: _quiet_level(speaking.get(code), bool(places.gauges_of(code))) for code in places.tambons}
    for alert in reversed(in_force):
        for code in alert.tambons:
            levels[code] = level_of(alert)
    return levels


def _quiet_level(speaking: bool | None, has_instrument: bool) -> int:
    if speaking is None:
        return -1 if has_instrument else 0
    return 1 if speaking else -1


_BY_CHANNEL = text(
    """
SELECT channel, count(*) FILTER (WHERE state = 'confirmed') AS confirmed, count(*) FILTER (WHERE state = 'delivered') AS delivered,
       count(*) FILTER (WHERE state IN ('accepted', 'handed_over', 'unknown')) AS unconfirmed,
       count(*) FILTER (WHERE state IN ('planned', 'try_later')) AS waiting,
       count(*) FILTER (WHERE state IN ('failed', 'expired', 'refused', 'suppressed')) AS failed
FROM delivery_status WHERE alert_id = ANY(:alerts) GROUP BY channel ORDER BY channel = 'person', channel
"""
)


def _channels(session: Session, in_force: list[Alert]) -> list[ChannelNow]:
    if not in_force:
        return []
    rows = session.execute(_BY_CHANNEL, {"alerts": [a.id for a in in_force]}).all()
    return [ChannelNow(*row) for row in rows]


def _villages(session: Session, in_force: list[Alert], lang: str) -> list[VillageNow]:
    """In order of the water; a village under two alerts once, with the more severe one's numbers."""
    found: dict[str, VillageNow] = {}
    for alert in in_force:
        assessment = session.get(HazardAssessment, alert.assessment_id) if alert.assessment_id else None
        hours = {
            code: datetime.fromisoformat(at)
            for code, at in (assessment.water_by if assessment else {}).items()
        }
        for row in session.exec(select(Coverage).where(Coverage.alert_id == alert.id)):
            code = row.village_code
            found.setdefault(
                code,
                VillageNow(
                    code, village_name(code, lang), tambon_name(code[:6], lang), hours.get(code[:6], alert.issued_at),
                    row.answered, row.announced, row.last_word, row.homes, row.reached, row.waiting, row.unreached,
                    row.vulnerable_unreached, row.contacts,
                ),
            )  # fmt: skip
    far = datetime.max.replace(tzinfo=next((v.water_at.tzinfo for v in found.values() if v.water_at), None))
    return sorted(found.values(), key=lambda v: (v.answered, v.water_at or far, v.code))
