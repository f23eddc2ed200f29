"""One whole look at 10,000 stations: two ThaiWater answers read, judged for quality, indicators, rules.

Half are river gauges, half tell rain of 24 h and of 1 h: 15,000 readings. Behind them stand three days at 10 minutes, so every
window is full. The oracle is the plain reference and `judge` on some stations; the peer does all but the reading with them.
"""

import gc
import json
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from bench.cycle_rules import RULES, leaves, subjects_of
from bench.row import Row, Tell, row
from sources.contract import Observation, Payload, Quantity
from sources.limits import limits_of
from sources.quality import Held
from sources.quality import judge as judge_quality
from sources.quality_board import QualityBoard
from sources.quality_round import judge_round
from sources.thaiwater_level import ThaiwaterLevel
from sources.thaiwater_rain import ThaiwaterRain
from sources.verdict import VERDICTS
from warning.indicators import GaugeFacts, Indicator, IndicatorBoard, settings
from warning.indicators.evaluated import WHOLE, Floats
from warning.indicators.reference import Reading as Plain
from warning.indicators.reference import reference
from warning.rule_board import RuleBoard, microseconds
from warning.rule_plan import Leaf
from warning.rules import Reading, RuleState, judge

VERDICT_CODE = {verdict: code for code, verdict in enumerate(VERDICTS)}
STATIONS = 10_000
LEVELS = STATIONS // 2
DROPOUTS = 0.005  # of the readings of rivers
SAMPLE = 20  # river gauges and rain gauges each, of the oracle and of the peer
STEP = timedelta(minutes=10)
BEGIN = datetime.fromisoformat("2026-11-19T17:00:00+00:00")
BED_M, BANK_M = 0.0, 20.0
TOLD = (Quantity.WATER_LEVEL, Quantity.RAIN_24H, Quantity.RAIN_1H)
SERIES = [(f"L{n:04}", TOLD[0]) for n in range(LEVELS)] + [
    (f"R{n:04}", quantity) for quantity in TOLD[1:] for n in range(STATIONS - LEVELS)
]
PLACE = {series: nth for nth, series in enumerate(SERIES)}
FACTS = {f"L{n:04}": GaugeFacts(BED_M, BANK_M) for n in range(LEVELS)}
LEVEL_FEED = ThaiwaterLevel(kind="thaiwater_level", name="level", every=STEP)
RAIN_FEED = ThaiwaterRain(kind="thaiwater_rain", name="rain", every=STEP)


class Parts(NamedTuple):
    """Milliseconds of one cycle."""

    read: float
    quality: float
    indicators: float
    rules: float


def measure(quick: bool, tell: Tell) -> list[Row]:
    steps = (24 if quick else 72) * 6
    values = _night(steps)
    office = _Office()
    first = steps - (3 if quick else 8)
    for step in range(first):
        office.take(values[step], microseconds(_at(step)))
    office.look(_at(first - 1))
    parts = []
    with _as_a_worker():
        for step in range(first, steps):
            payloads = _payloads(values[step], _at(step))  # not part of the cycle's time
            parts.append(office.cycle(payloads, _at(step)))
    wrong, plain_ms = _judged(office, values, _at(steps - 1))
    middle = Parts(*(statistics.median(part) for part in zip(*parts, strict=True)))
    total = statistics.median(sum(part) for part in parts)
    return [
        row(
            "cycle", total, "ms", wrong=wrong, peer=middle.read + middle.quality + plain_ms,
            why=f"10,000 stations, {len(RULES)} rules: read {middle.read:.0f}, quality {middle.quality:.0f}, "
            f"indicators {middle.indicators:.0f}, rules {middle.rules:.0f}; slowest {max(map(sum, parts)):.0f}; target 400 ms; "
            f"peer: indicators and rules station by station in Python, of {2 * SAMPLE} stations for all",
        ),
    ]  # fmt: skip


@contextmanager
def _as_a_worker() -> Iterator[None]:
    """What stands for the whole night is not searched for rubbish at each reading: as `warning.running` sets a worker."""
    was = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*was)
        gc.unfreeze()


class _Office:
    """The boards, and how what is read comes to them."""

    def __init__(self) -> None:
        self.indicators = IndicatorBoard(SERIES, FACTS)
        self._quality = QualityBoard([limits_of(quantity) for _, quantity in SERIES])
        self.verdicts = np.zeros(len(SERIES), np.int8)  # of the newest readings
        self.held: dict[tuple[str, Quantity], Held] = {}
        stations = self.indicators.stations
        self.leaves = leaves()
        of_kind = {kind: [s for s in stations if s[0] == kind] for kind in "LR"}
        self.rules = RuleBoard(
            self.leaves, {leaf.name: of_kind[kind] for leaf, kind in subjects_of(self.leaves)}
        )
        place = {station: nth for nth, station in enumerate(stations)}
        self._watched: dict[Indicator, tuple[list[int], list[int], bool]] = {}
        below = {leaf.subject: leaf.when.below is not None for leaf in self.leaves}
        for nth, (station, subject) in enumerate(self.rules.series):
            watched = self._watched.setdefault(Indicator(subject.name), ([], [], below[subject]))
            watched[0].append(nth)
            watched[1].append(place[station])
        self._where = {
            name: (np.array(to), np.array(of), low) for name, (to, of, low) in self._watched.items()
        }

    def cycle(self, payloads: tuple[Payload, Payload], now: datetime) -> Parts:
        clock = [time.perf_counter()]
        told = [*LEVEL_FEED.read(payloads[0]), *RAIN_FEED.read(payloads[1])]
        clock.append(time.perf_counter())
        observations = [o for o in told if isinstance(o, Observation)]
        found = judge_round(observations, self.held, now)
        self.held.update(found.held)
        verdicts = np.fromiter(
            (VERDICT_CODE[said.verdict] for said in found.said), np.int8, len(observations)
        )
        clock.append(time.perf_counter())
        places = np.array([PLACE[o.station, o.quantity] for o in observations], np.intp)
        values = np.array([o.value for o in observations], np.float64)
        moments = {moment: microseconds(moment) for moment in {o.observed_at for o in observations}}
        observed = np.array([moments[o.observed_at] for o in observations], np.float64)
        self.verdicts[places] = verdicts
        self.indicators.take(places, values, observed, verdicts)
        heard = self.heard()
        clock.append(time.perf_counter())
        self.rules.evaluate(*heard, microseconds(now))
        clock.append(time.perf_counter())
        return Parts(*(1000 * (after - before) for before, after in pairwise(clock)))

    def take(self, values: Floats, at: float) -> None:
        """A step of the days before: judged by the board itself, which says what `judge_round` says."""
        observed = np.full(len(SERIES), at)
        verdicts = self._quality.turn(values, observed).verdicts
        self.indicators.take(np.arange(len(SERIES)), values, observed, verdicts)

    def look(self, now: datetime) -> None:
        self.held = dict(
            zip(SERIES, map(Held._make, np.stack(self._quality.held, axis=1).tolist()), strict=True)
        )
        self.rules.evaluate(*self.heard(), microseconds(now))

    def heard(self) -> tuple[Floats, Floats]:
        """What every series of the rules is now: a sum with gaps counts as at least, and never as below."""
        values, observed = (np.full(len(self.rules.series), np.nan) for _ in range(2))
        for name, (to, of, low) in self._where.items():
            found = self.indicators.evaluate(name)
            said = np.where(found.share >= WHOLE, found.value, np.nan) if low else found.least
            values[to], observed[to] = said[of], found.at[of]
        return values, observed


def _night(steps: int) -> Floats:
    """[steps, series]: rivers that rise and fall and now and then drop out, rain that comes in showers; sums of the same showers."""
    random = np.random.default_rng(2569)
    minutes = np.arange(steps)[:, None] * 10.0
    crest = random.uniform(12.0, 24.0, LEVELS)
    peak = random.uniform(0, steps * 10.0, LEVELS)
    level = np.round(12 + (crest - 12) * np.exp(-(((minutes - peak) / 600) ** 2)), 2)
    level[random.random(level.shape) < DROPOUTS] = 0.0
    level[-1, :: LEVELS // SAMPLE // 2] = 0.0
    shower = np.where(random.random((steps, STATIONS - LEVELS)) < 0.1, random.gamma(1.0, 3.0, (1, 1)), 0.0)
    falls = np.round(shower * random.random((steps, STATIONS - LEVELS)), 1)
    gathered = np.vstack([np.zeros((1, falls.shape[1])), np.cumsum(falls, axis=0)])

    def rolling(window: int) -> Floats:
        ends = np.arange(1, steps + 1)
        return np.asarray(np.round(gathered[ends] - gathered[np.maximum(ends - window, 0)], 1))

    return np.hstack([level, rolling(144), rolling(6)])


def _payloads(values: Floats, now: datetime) -> tuple[Payload, Payload]:
    """The two answers as ThaiWater words them."""
    local = (now + timedelta(hours=7)).strftime("%Y-%m-%d %H:%M")
    rain = STATIONS - LEVELS
    levels = [
        {"id": n, "waterlevel_datetime": local, "waterlevel_m": None, "waterlevel_msl": f"{values[n]:.2f}",
         "flow_rate": None, "discharge": None, "storage_percent": f"{(values[n] - BED_M) * 100 / (BANK_M - BED_M):.2f}",
         "station": _station(f"L{n:04}", n), "geocode": _GEOCODE, "agency": _AGENCY}
        for n in range(LEVELS)
    ]  # fmt: skip
    rains = [
        {"id": n, "rainfall_datetime": local, "rain_24h": float(values[LEVELS + n]),
         "rain_1h": float(values[LEVELS + rain + n]), "station": _station(f"R{n:04}", n), "geocode": _NAMES,
         "agency": _AGENCY}
        for n in range(rain)
    ]  # fmt: skip
    bodies: tuple[Mapping[str, Any], ...] = (
        {"waterlevel_data": {"result": "OK", "data": levels}},
        {"result": "OK", "data": rains},
    )
    level, fell = (Payload(json.dumps(body, ensure_ascii=False).encode(), now) for body in bodies)
    return level, fell


_GEOCODE = {"area_code": "6", "province_code": "93", "amphoe_code": "01", "tumbon_code": "12"}
_NAMES = {"province_name": {"th": "พัทลุง", "en": "Phatthalung"}, "warning_zone": "07"}
_AGENCY = {"agency_name": {"th": "สถาบันสารสนเทศทรัพยากรน้ำ ", "en": "Hydro-Informatics Institute"}, "id": 9}


def _station(code: str, number: int) -> dict[str, Any]:
    return {
        "id": number, "tele_station_oldcode": code, "tele_station_name": {"th": f"สถานี {number}", "en": "Station"},
        "tele_station_lat": 7.6, "tele_station_long": 100.0, "ground_level": BED_M, "min_bank": BANK_M,
        "left_bank": 20.1, "right_bank": BANK_M,
    }  # fmt: skip


def _at(step: int) -> datetime:
    return BEGIN + step * STEP


def _judged(office: _Office, values: Floats, now: datetime) -> tuple[str, float]:
    """What the references say otherwise, or nothing; and the milliseconds they would take for all stations."""
    wrong = ""
    stations = [f"{kind}{n:04}" for kind in "LR" for n in range(0, LEVELS, LEVELS // SAMPLE)][: 2 * SAMPLE]
    told = {
        station: _told(station, values) for station in stations
    }  # the night's judging is not of one cycle
    for station, series in told.items():
        for quantity, readings in series.items():
            ours, expected = int(office.verdicts[PLACE[station, quantity]]), readings[-1].verdict
            if ours != expected:
                wrong = (
                    f"the verdict on {quantity} of {station} is {expected} by `judge`, {ours} in the round"
                )
    start = time.perf_counter()
    said = {station: _plainly(station, told[station], office.leaves) for station in stations}
    spent = time.perf_counter() - start
    board = office.indicators
    for station, found in said.items():
        nth = board.stations.index(station)
        for indicator, expected in found.items():
            ours = [float(part[nth]) for part in board.evaluate(indicator)]
            if not np.allclose(ours, expected, equal_nan=True, rtol=1e-9, atol=1e-9):
                wrong = f"{indicator} of {station} is {expected} by the reference, {ours} on the board"
    for cell, (leaf, station) in enumerate(office.rules.cells):
        if station in said:
            one = said[station][Indicator(leaf.subject.name)]
            before = RuleState()
            start = time.perf_counter()
            judge(leaf, before, Reading(now, one.value), now)
            spent += time.perf_counter() - start
            danger = leaf.when.met(one.least if leaf.when.above is not None else one.value)
            if danger and not office.rules.state(cell).since:
                wrong = f"{leaf.name} at {station} has not seen {one}"
    return wrong, 1000 * spent * STATIONS / len(said)


def _told(station: str, values: Floats) -> dict[Quantity, list[Plain]]:
    return {
        quantity: _judged_plainly(quantity, values[:, PLACE[station, quantity]])
        for quantity in TOLD
        if (station, quantity) in PLACE
    }


def _plainly(
    station: str, told: Mapping[Quantity, list[Plain]], watched: Sequence[Leaf]
) -> dict[Indicator, Any]:
    mine = {Indicator(leaf.subject.name) for leaf, kind in subjects_of(watched) if kind == station[0]}
    return {i: reference(i, told, FACTS.get(station, GaugeFacts()), settings()) for i in mine}


def _judged_plainly(quantity: Quantity, values: Floats) -> list[Plain]:
    held, limits, found = Held(), limits_of(quantity), []
    for step, value in enumerate(values.tolist()):
        one = judge_quality(held, microseconds(_at(step)), value, limits)
        held = one.held
        found.append(Plain(microseconds(_at(step)), value, one.verdict))
    return found
