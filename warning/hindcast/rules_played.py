"""Real rules over past series: the code that judges the night (`warning.lookout`) on a clock that runs through the years."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np

from geo.errors import ConfigError
from geo.gazetteer import Gauge, Gazetteer, gazetteer
from sources.contract import UNITS, Quantity
from warning.config_lines import read
from warning.config_rules import rules_beside
from warning.hindcast.accepted import accept
from warning.hindcast.channel import HOUR, Channel, Floats
from warning.hindcast.match import Stretch, stretches
from warning.indicators import GaugeFacts, Indicator, Told, needs
from warning.lookout import Lookout, in_season
from warning.rounds import rounds_of
from warning.rule import Rule, rank
from warning.rule_readings import made_of

_GOOD, _BAD = 0, 2  # verdicts as the indicators count them
_TO_UNIT = {
    ("cm", "m"): 0.01,
    ("mm", "m"): 0.001,
    ("ft", "m"): 0.3048,
    ("l/s", "m3/s"): 0.001,
    ("m3/s", "l/s"): 1000.0,
}
_BETWEEN = timedelta(seconds=1)
_US = 1e6


class Played(NamedTuple):
    alerts: list[Stretch]
    rules: tuple[Rule, ...]


def read_rules(path: Path, channels: Sequence[Channel]) -> tuple[tuple[Rule, ...], Gazetteer]:
    """Rules of a file, which may name stations of the study that no gazetteer knows. Raises ConfigError."""
    known = gazetteer()
    anywhere = next(iter(known.tambons))
    own = {c.station: _gauge(c.station, anywhere) for c in channels if c.station not in known.gauges}
    places = replace(known, gauges={**known.gauges, **own})
    try:
        document = read(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); give its place in `rules:`") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path.name}: is not UTF-8 text; save it as UTF-8") from error
    found = rules_beside(document, path.parent, {}, places) if document.value else None
    said = [c.sentence(path.name) for c in sorted(set(document.complaints), key=lambda c: c.line)]
    said += found.complaints if found else []
    if said or found is None:
        raise ConfigError("\n".join(dict.fromkeys(said)) or f"{path.name}: holds no rule")
    return found.rules, places


def _gauge(code: str, tambon: str) -> Gauge:
    return Gauge(code, code, code, frozenset({"level", "rain", "gate", "reservoir"}), "", None, tambon, 0.0, 0.0,
                 place_rounded=True, bed_m=None, bank_m=None, river=None, river_assumed=True)  # fmt: skip


def play(
    path: Path, channels: Sequence[Channel], step: float, name: str | None = None, level: str | None = None,
    lines: Mapping[str, float] | None = None,
) -> Played:  # fmt: skip
    """What the rules of the file would have said: on while any of them is in danger, at `level` or above.

    name: the one rule to play; else all that watch a series of the study. lines: of a station, the height that matters, so
    that its dropouts are told from its floods.
    """
    rules, places = read_rules(path, channels)
    if name is not None:
        rules = tuple(rule for rule in rules if rule.name == name)
        if not rules:
            raise ConfigError(f"rule: no rule of {path.name} is named {name}")
    if level is not None and not any(level == str(one.name) for rule in rules for one in rule.levels):
        raise ConfigError(f"level: no rule played has a level {level}; write yellow, orange or red")
    alerts: list[Stretch] = []
    played = []
    for rule in rules:
        heard, series = _heard(rule, channels, places, lines or {})
        if not heard:
            continue
        played.append(rule)
        alerts += _one(rule, heard, series, places, step, level)
    if not played:
        there = ", ".join(f"{c.station} {c.quantity}" for c in channels)
        raise ConfigError(
            f"rules: no rule of {path.name} watches a series of the study; its series are {there}"
        )
    return Played(_together(alerts), tuple(played))


def _heard(
    rule: Rule, channels: Sequence[Channel], places: Gazetteer, lines: Mapping[str, float]
) -> tuple[dict[float, list[tuple[int, float]]], int]:
    """Second -> the series of the board heard then. Doubted readings are kept from the rule as quality control does."""
    lookout = Lookout([rule], places, _nowhere)
    moments: dict[float, list[tuple[int, float]]] = {}
    for nth, (station, subject) in enumerate(lookout.board.series):
        here = [c for c in channels if c.station == station]
        if subject.kind == "quantity":
            found = [(t, v) for c in here if c.quantity == subject.name for t, v in _believed(c, lines)]
        else:
            wanted = set(needs(Indicator(subject.name)))
            told = {Quantity(c.quantity): _told(c, lines) for c in here if c.quantity in wanted}
            gauge = places.gauges[station]
            facts = GaugeFacts(*(np.nan if m is None else m for m in (gauge.bed_m, gauge.bank_m)))
            found = [(at / _US, v) for at, v in made_of(subject, told, facts, -np.inf)] if told else []
        for at, value in found:
            moments.setdefault(at, []).append((nth, value))
    return moments, len(lookout.board.series)


def _believed(channel: Channel, lines: Mapping[str, float]) -> list[tuple[float, float]]:
    believed, value = _checked(channel, lines)
    return list(zip(channel.at[believed].tolist(), value[believed].tolist(), strict=True))


def _told(channel: Channel, lines: Mapping[str, float]) -> Told:
    believed, value = _checked(channel, lines)
    return Told(channel.at * _US, value, np.where(believed, _GOOD, _BAD).astype(np.int8))


def _checked(channel: Channel, lines: Mapping[str, float]) -> tuple[Floats, Floats]:
    """Which readings are believed, and their values in the unit of the platform. Raises ConfigError for another unit."""
    wanted = UNITS.get(Quantity(channel.quantity), channel.unit)
    if channel.unit not in ("", wanted) and (channel.unit, wanted) not in _TO_UNIT:
        raise ConfigError(
            f"{channel.station} {channel.quantity}: unit {channel.unit}; rules are written in {wanted}"
        )
    factor = 1.0 if channel.unit in ("", wanted) else _TO_UNIT[channel.unit, wanted]
    finite = np.isfinite(channel.value)
    if not channel.is_rain:
        finite &= ~accept(channel, lines.get(channel.station, float("nan"))).doubted
    return finite, channel.value * factor


def _one(
    rule: Rule, heard: Mapping[float, Sequence[tuple[int, float]]], series: int, places: Gazetteer, step: float,
    level: str | None,
) -> list[Stretch]:  # fmt: skip
    lookout = Lookout([rule], places, _nowhere)
    looks = _looks(sorted(heard), rule.stale_after.total_seconds())
    on = np.zeros(len(looks), bool)
    for nth, second in enumerate(looks):
        now = datetime.fromtimestamp(second, UTC)
        if not in_season(rule, now):
            lookout = Lookout([rule], places, _nowhere)
            continue
        readings = {place: [(second * _US, value)] for place, value in heard.get(second, ())}
        lookout.look(rounds_of(lookout.plan, lookout.board, readings), now)
        on[nth] = _in_danger(rule, lookout, level)
    return stretches(np.array(looks), on, min(step, HOUR))


def _in_danger(rule: Rule, lookout: Lookout, level: str | None) -> bool:
    stands = {lookout.standing(rule, unit.tambons) for unit in lookout.plan.units}
    return any(s is not None and (level is None or rank(s) >= rank(level)) for s in stands)


def _looks(seconds: Sequence[float], patience: float) -> list[float]:
    """At each reading, and once in a silence: when it has lasted longer than the rule's patience."""
    found: list[float] = []
    for nth, second in enumerate(seconds):
        found.append(second)
        silent = second + patience + _BETWEEN.total_seconds()
        if nth + 1 < len(seconds) and seconds[nth + 1] > silent:
            found.append(silent)
    return found


def _together(alerts: Sequence[Stretch]) -> list[Stretch]:
    """Alerts of several rules that overlap are one."""
    found: list[Stretch] = []
    for alert in sorted(alerts):
        if found and alert.start <= found[-1].end:
            found[-1] = found[-1]._replace(end=max(found[-1].end, alert.end))
        else:
            found.append(alert)
    return found


def _nowhere(_station: str) -> dict[str, timedelta]:
    """Where the water goes on to is another place's event."""
    return {}
