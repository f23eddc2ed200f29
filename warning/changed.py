"""What an Update changes for the people it speaks to. Without a change nobody is woken again: repeats teach people not to listen.

A public Update needs another level, another place, another instruction, or an arrival moved by an hour; or the warning it
replaces is about to run out.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from warning.alert import Alert
from warning.words.sentences import danger_level

MOVED = timedelta(hours=1)  # an arrival that shifts by less is the same arrival
RUNS_OUT = timedelta(hours=3)  # a warning with less than this left may be renewed
_DO = ("instruction", "shelter_th", "shelter_open")  # facts that say what to do and where to go


def changes(new: Alert, old: Alert, now: datetime) -> frozenset[str]:
    """In what an Update differs from one alert it replaces: level, places, instruction, arrival, validity. now: aware UTC."""
    found = {
        "level": _level(new) != _level(old),
        "places": set(new.tambons) != set(old.tambons) or set(new.villages) != set(old.villages),
        "instruction": _instruction(new) != _instruction(old),
        "arrival": _moved(new.water_by, old.water_by),
        "validity": new.expires_at > old.expires_at and old.expires_at - now < RUNS_OUT,
    }
    return frozenset(name for name, differs in found.items() if differs)


def changes_nothing(new: Alert, replaced: Sequence[Alert], now: datetime) -> bool:
    """Would an Update tell people only what they have been told? One that joins several alerts into one changes their places."""
    return bool(replaced) and not any(changes(new, old, now) for old in replaced)


def _level(alert: Alert) -> object:
    return danger_level(alert.severity, alert.urgency) or (alert.severity, alert.urgency)


def _instruction(alert: Alert) -> tuple[object, ...]:
    return (alert.response_type, alert.event, *(alert.facts.get(name) for name in _DO))


def _moved(new: datetime | None, old: datetime | None) -> bool:
    if new is None or old is None:
        return new is not old
    return abs(new - old) >= MOVED
