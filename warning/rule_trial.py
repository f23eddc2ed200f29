"""A rule's own tests, run on the code that judges the night: which alerts begin, when, and for whom."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from geo.errors import ConfigError
from geo.gazetteer import Gazetteer
from warning.lookout import Downstream, Finding, Lookout, in_season
from warning.rounds import rounds_of
from warning.rule import Rule
from warning.rule_board import microseconds
from warning.rule_test import Expected, RuleTest, expand


class Told(NamedTuple):
    """What a test tells or gets: a level begins or ends, this long after the first value."""

    at: timedelta
    level: str
    tambons: tuple[str, ...]  # in order of code; none: whichever
    ends: bool

    def __str__(self) -> str:
        hours, minutes = divmod(int(self.at.total_seconds() // 60), 60)
        return f"{hours}:{minutes:02d} {self.level} {'ends' if self.ends else 'begins'} {' '.join(self.tambons)}".rstrip()


class Verdict(NamedTuple):
    missing: tuple[Told, ...]  # told by the test, and did not come
    unexpected: tuple[Told, ...]  # came, and the test does not tell of it
    got: tuple[Told, ...]

    @property
    def ok(self) -> bool:
        return not self.missing and not self.unexpected


def try_rule(rule: Rule, test: RuleTest, places: Gazetteer, downstream: Downstream) -> Verdict:
    """Play the series of a test against its rule, a look at each step.

    Raises ConfigError for a series the rule does not watch and a level it has not.
    """
    expected = [_told(rule, e) for e in test.expect]
    got = _played(rule, test, places, downstream)
    if not any(e.ends for e in expected):
        got = [g for g in got if not g.ends]
    left = list(got)
    missing = []
    for wanted in expected:
        found = next((g for g in left if _same(wanted, g)), None)
        if found is None:
            missing.append(wanted)
        else:
            left.remove(found)
    return Verdict(tuple(missing), tuple(left), tuple(got))


def _told(rule: Rule, expected: Expected) -> Told:
    names = [str(level.name) for level in rule.levels]
    level = expected.level or (names[0] if len(names) == 1 else "")
    if level not in names:
        raise ConfigError(f"{rule.name}: a test expects level `{level}`; the rule has {', '.join(names)}")
    return Told(expected.at, level, tuple(sorted(expected.tambons)), expected.ends)


def _same(wanted: Told, got: Told) -> bool:
    return wanted._replace(tambons=()) == got._replace(tambons=()) and wanted.tambons in ((), got.tambons)


def _played(rule: Rule, test: RuleTest, places: Gazetteer, downstream: Downstream) -> list[Told]:
    series = {tuple(name.split()): expand(written) for name, written in test.series.items()}
    told: list[Told] = []
    lookout = Lookout([rule], places, downstream)
    _check_watched(rule, lookout, [(station, what) for station, what in series])
    for nth in range(max(map(len, series.values()))):
        now = test.start + test.every * nth
        if not in_season(rule, now):
            lookout = Lookout([rule], places, downstream)
            continue
        findings = lookout.look(
            rounds_of(lookout.plan, lookout.board, _heard(lookout, series, nth, now)), now
        )
        told += [
            _of(finding, test.every * nth) for finding in findings if finding.fires or finding.transition.ends
        ]
    return told


def _heard(
    lookout: Lookout, series: Mapping[tuple[str, ...], Sequence[float | None]], nth: int, now: datetime
) -> dict[int, list[tuple[float, float]]]:
    heard = {}
    for place, (station, subject) in enumerate(lookout.board.series):
        values = series.get((station, subject.name), ())
        value = values[nth] if nth < len(values) else None
        if value is not None:
            heard[place] = [(microseconds(now), value)]
    return heard


def _of(finding: Finding, at: timedelta) -> Told:
    return Told(at, finding.level, tuple(sorted(finding.tambons)), ends=not finding.fires)


def _check_watched(rule: Rule, lookout: Lookout, names: Sequence[tuple[str, str]]) -> None:
    watched = {(station, subject.name) for station, subject in lookout.board.series}
    for station, what in names:
        if (station, what) not in watched:
            near = ", ".join(f'"{s} {w}"' for s, w in sorted(watched)[:4])
            raise ConfigError(
                f'{rule.name}: a test has a series "{station} {what}" the rule does not watch; it watches {near}'
            )
