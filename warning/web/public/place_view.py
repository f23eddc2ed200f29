"""What anybody may know of one tambon or village at this moment: values for the page, with the time each was seen.

Nothing is made up: where no instrument looks, where it has fallen silent, and where nobody has reported a road, that is said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session

from geo.gazetteer import gazetteer
from teams.response.village_water import WaterState
from warning.alert import Alert, Mode
from warning.alert_places import villages_elsewhere
from warning.arriving import arrivals_told
from warning.safe_ways import Said, ways_of
from warning.web.console.map_levels import map_levels
from warning.web.public.alert_view import AlertView, alerts_in_force, level_of
from warning.web.public.gauge_view import GaugeLine, gauges_near

REPORT_COUNTS_FOR = timedelta(hours=12)  # what somebody at the water said; older is told by its hour only
LOOK_AGAIN_EVERY = timedelta(hours=1)  # while a warning is in force the page is looked at again by the office


@dataclass(frozen=True)
class Reported:
    """Water as somebody at the place said it."""

    village: str
    state: WaterState
    at: datetime
    by: str  # a role, never a name


@dataclass(frozen=True)
class PlaceNow:
    """One place. level: 5..2 warned, 1 an instrument speaks, -1 its instruments are silent, 0 there is none."""

    code: str
    tambon: str
    level: int
    warned: tuple[AlertView, ...]  # gravest first
    water_at: datetime | None  # the earliest the water may be here, still to come or just past
    gauges: tuple[GaugeLine, ...]
    reported: tuple[Reported, ...]  # the newest of each village, newest first
    ways: tuple[Said, ...]  # shelters, then roads: the newest word on each of the last day
    next_word_at: datetime | None

    @property
    def alert(self) -> Alert | None:
        return self.warned[0].alert if self.warned else None

    @property
    def upstream_only(self) -> bool:
        """No gauge stands here; those shown stand where its water comes from."""
        return bool(self.gauges) and all(gauge.tambon != self.tambon for gauge in self.gauges)


_WATER = text(
    "SELECT DISTINCT ON (village_code) village_code, state, reported_at, reported_by FROM village_water "
    "WHERE mode = :mode AND village_code LIKE :place || '%' AND reported_at > :since "
    "ORDER BY village_code, reported_at DESC"
)


def place_now(session: Session, code: str, mode: Mode, now: datetime) -> PlaceNow:
    """code: a tambon (6 digits) or village (8) of the gazetteer. Raises UnknownPlace."""
    places = gazetteer()
    tambon = places.tambon(code[:6])
    if len(code) == 8 and not code.endswith("00"):
        places.village(code)
    warned = tuple(view for view in alerts_in_force(session, mode, now) if speaks_to(view.alert, code))
    level = (
        map_levels(session, [view.alert for view in warned], now)[tambon.code]
        if not warned
        else warned[0].level
    )
    reported = [
        Reported(village, WaterState[state], at, by)
        for village, state, at, by in session.execute(
            _WATER, {"mode": mode.value, "place": code.removesuffix("00"), "since": now - REPORT_COUNTS_FOR}
        )
    ]
    return PlaceNow(
        code=code, tambon=tambon.code, level=level, warned=warned, water_at=water_at(warned, tambon.code, now),
        gauges=gauges_near(session, tambon.code, now), reported=tuple(sorted(reported, key=lambda r: r.at, reverse=True)),
        ways=tuple(ways_of(session, tambon.code, mode, now)),
        next_word_at=next_word_at(warned[0].alert, now) if warned else None,
    )  # fmt: skip


def speaks_to(alert: Alert, code: str) -> bool:
    """Does this alert warn the place? Of a tambon also when it names only some of its villages."""
    if code[:6] not in alert.tambons:
        return False
    return len(code) == 6 or code not in villages_elsewhere(alert)


def water_at(warned: Sequence[AlertView], tambon: str, now: datetime) -> datetime | None:
    """When water may be in the tambon (aware, UTC) by the alerts in force: the earliest still to come, else the last that passed."""
    told = [at for view in warned if (at := arrivals_told(view.alert).get(tambon, view.alert.water_by))]
    to_come = [at for at in told if at > now]
    return min(to_come) if to_come else max(told, default=None)


def next_word_at(alert: Alert, now: datetime) -> datetime:
    """The next hour, counted from the issue, at which the office looks again and says so; never after the alert's own end."""
    since = alert.issued_at or now
    rounds = (now - since) // LOOK_AGAIN_EVERY + 1
    return min(since + rounds * LOOK_AGAIN_EVERY, alert.expires_at)


def levels_now(session: Session, mode: Mode, now: datetime) -> Mapping[str, int]:
    """Tambon -> level, as on the map."""
    views = alerts_in_force(session, mode, now)
    return map_levels(session, [view.alert for view in views], now) | {
        code: level_of(view.alert) for view in reversed(views) for code in view.alert.tambons
    }
