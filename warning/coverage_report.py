"""The report of one alert: every village's homes, who heard by what and when, what is left and who goes.

All numbers are the count's own (`warning/cover.py`): homes = registered + unregistered estimate = reached + waiting + unreached,
in each village, in each tambon and in all; `accepted` is a part of the waiting and never of the reached.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from teams.response.mission import OVER, Mission, MissionKind
from teams.response.team import Team
from warning.alert import Alert
from warning.alert_places import villages_of
from warning.cover import line_of
from warning.coverage_history import CoverageHistory, history
from warning.delivery import Coverage
from warning.told_already import told_by

BY_HEAD = "announcement"  # the homes a head says have heard it; no channel of ours
_HEARD = text(
    "SELECT d.village_code, s.tambon_code, d.channel, count(DISTINCT d.household_id) AS homes, min(d.changed_at) AS first_at, "
    "max(d.changed_at) AS last_at, bool_or(d.state = 'confirmed') AS answered FROM delivery_status d "
    "JOIN segment s ON s.id = d.segment_id WHERE d.alert_id = ANY(:told) AND d.household_id IS NOT NULL "
    "AND d.state IN ('delivered', 'confirmed') GROUP BY 1, 2, 3"
)
_GOES_FIRST = (MissionKind.SILENT_HOMES, MissionKind.TELL_VILLAGE)


class Heard(NamedTuple):
    """Homes that one channel reached. A home reached by two stands in both."""

    channel: str
    homes: int
    first_at: datetime | None  # aware UTC
    last_at: datetime | None
    answered: bool  # somebody pressed or wrote, beyond a handset's receipt


class Goes(NamedTuple):
    """Who goes to what is left: a team, else a contact's role, else nobody yet."""

    team: str
    role: str
    state: str


@dataclass(frozen=True)
class Numbers:
    """Homes of a village, a tambon or all."""

    homes: int
    registered: int
    unregistered: int  # by the population table, above the registered ones
    reached: int
    by_head: int  # of the reached: by the head's word and count alone
    waiting: int
    accepted: int  # of the waiting: a provider took it. Not reached.
    unreached: int
    vulnerable_left: int  # registered homes with people who cannot leave alone, not reached
    need_help: int  # calls for help still open

    @property
    def silent(self) -> int:
        """Homes nobody has confirmed: what is left to do."""
        return self.waiting + self.unreached


@dataclass(frozen=True)
class VillageReport:
    code: str
    numbers: Numbers
    heard: tuple[Heard, ...]
    best: str  # answer | head | handset | none
    last_word: str | None
    last_word_at: datetime | None
    goes: Goes | None


@dataclass(frozen=True)
class TambonReport:
    code: str
    numbers: Numbers
    villages: tuple[VillageReport, ...]


@dataclass(frozen=True)
class Report:
    alert: Alert
    counted_at: datetime | None
    numbers: Numbers
    tambons: tuple[TambonReport, ...]
    heard: tuple[Heard, ...]
    curve: Sequence[CoverageHistory]


def report(session: Session, alert: Alert) -> Report:
    """The newest count of one alert with all that explains it. An alert not counted yet has no villages and homes 0."""
    rows = session.exec(
        select(Coverage).where(Coverage.alert_id == alert.id).order_by(col(Coverage.village_code))
    ).all()
    heard = _heard(session, alert)
    calls, going = _missions(session, alert.id)
    villages = [_village(row, heard.get(row.village_code, []), calls, going) for row in rows]
    tambons = tuple(
        TambonReport(code, added(v.numbers for v in mine), mine)
        for code, group in groupby(villages, key=lambda v: v.code[:6])
        if (mine := tuple(group))
    )
    return Report(
        alert, max((row.counted_at for row in rows), default=None), added(t.numbers for t in tambons), tambons,
        together(h for v in villages for h in v.heard), history(session, alert.id),
    )  # fmt: skip


def added(parts: Iterable[Numbers]) -> Numbers:
    """The sum, field by field."""
    names = Numbers.__dataclass_fields__
    found = list(parts)
    return Numbers(**{name: sum(getattr(part, name) for part in found) for name in names})


def together(heard: Iterable[Heard]) -> tuple[Heard, ...]:
    """One line a channel, the one that reached most first."""
    found: dict[str, Heard] = {}
    for h in heard:
        o = found.get(h.channel)
        if o is None:
            found[h.channel] = h
        else:
            times = [t for t in (o.first_at, h.first_at) if t], [t for t in (o.last_at, h.last_at) if t]
            found[h.channel] = Heard(
                h.channel, o.homes + h.homes, min(times[0], default=None), max(times[1], default=None),
                o.answered or h.answered,
            )  # fmt: skip
    return tuple(sorted(found.values(), key=lambda h: (-h.homes, h.channel)))


def numbers_of(row: Coverage, need_help: int) -> Numbers:
    return Numbers(
        homes=row.homes, registered=row.registered, unregistered=row.homes - row.registered, reached=row.reached,
        by_head=row.reached_by_announcement, waiting=row.waiting, accepted=row.sent_unconfirmed, unreached=row.unreached,
        vulnerable_left=row.vulnerable_unreached, need_help=need_help,
    )  # fmt: skip


def _heard(session: Session, alert: Alert) -> dict[str, list[Heard]]:
    villages = set(villages_of(alert))
    found: dict[str, list[Heard]] = {}
    for row in session.execute(_HEARD, {"told": [alert.id, *told_by(alert)]}):
        line = row.village_code if row.village_code in villages else line_of(row.tambon_code, villages)
        found.setdefault(line, []).append(
            Heard(row.channel, row.homes, row.first_at, row.last_at, row.answered)
        )
    return found


def _missions(session: Session, alert_id: UUID) -> tuple[dict[str, int], dict[str, Goes]]:
    calls: dict[str, int] = {}
    going: dict[str, Goes] = {}
    teams = {team.id: team.name for team in session.exec(select(Team))}
    found = select(Mission).where(Mission.alert_id == alert_id, col(Mission.state).not_in(OVER))
    for mission in session.exec(found.order_by(col(Mission.priority).desc())):
        if mission.kind is MissionKind.RESCUE:
            calls[mission.village_code] = calls.get(mission.village_code, 0) + 1
        elif mission.kind in _GOES_FIRST and (
            mission.village_code not in going or mission.kind is MissionKind.SILENT_HOMES
        ):
            team = teams.get(mission.team_id, "") if mission.team_id else ""
            going[mission.village_code] = Goes(team, mission.assigned_role, mission.state.value)
    return calls, going


def _village(
    row: Coverage, heard: list[Heard], calls: dict[str, int], going: dict[str, Goes]
) -> VillageReport:
    by_head = [Heard(BY_HEAD, row.reached_by_announcement, row.last_word_at, row.last_word_at, True)]
    ways = together([*heard, *(by_head if row.reached_by_announcement else [])])
    best = (
        "answer"
        if any(h.answered for h in heard)
        else "head"
        if row.announced
        else "handset"
        if heard
        else "none"
    )
    return VillageReport(
        row.village_code, numbers_of(row, calls.get(row.village_code, 0)), ways, best, row.last_word, row.last_word_at,
        going.get(row.village_code),
    )  # fmt: skip


def as_json(found: Report) -> dict[str, Any]:
    """The report as data; times ISO 8601 with zone. Counts only: nobody's name or number is in it."""
    return {
        "alert": str(found.alert.id), "number": found.alert.number, "mode": found.alert.mode.value,
        "counted_at": _iso(found.counted_at), "households": _numbers(found.numbers), "by_channel": _ways(found.heard),
        "tambons": [
            {"code": t.code, "households": _numbers(t.numbers), "villages": [
                {"code": v.code, "households": _numbers(v.numbers), "by_channel": _ways(v.heard), "best_proof": v.best,
                 "last_word": v.last_word, "last_word_at": _iso(v.last_word_at),
                 "goes": v.goes._asdict() if v.goes else None}
                for v in t.villages]}
            for t in found.tambons
        ],
        "curve": [
            {"at": _iso(p.at), "homes": p.homes, "reached": p.reached, "waiting": p.waiting, "accepted": p.accepted,
             "unreached": p.unreached}
            for p in found.curve
        ],
    }  # fmt: skip


def _numbers(n: Numbers) -> dict[str, Any]:
    whole = {name: getattr(n, name) for name in Numbers.__dataclass_fields__}
    return whole | {"silent": n.silent, "share_reached": None if n.homes == 0 else n.reached / n.homes}


def _ways(heard: Iterable[Heard]) -> list[dict[str, Any]]:
    return [
        {"channel": h.channel, "homes": h.homes, "first_at": _iso(h.first_at), "last_at": _iso(h.last_at)} for h in heard
    ]  # fmt: skip


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
