"""What level each tambon is drawn at. Silence and blindness are states of their own, never calm."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session

from geo.gazetteer import gazetteer
from warning.alert import Alert
from warning.web.console.gauges import SILENT_AFTER
from warning.words.sentences import danger_level


def level_of(alert: Alert) -> int:
    """The level the alert's own words name (2-5); of an ended or unknown one the lowest."""
    return danger_level(alert.severity, alert.urgency) or 2


def map_levels(session: Session, in_force: Sequence[Alert], now: datetime) -> dict[str, int]:
    """Tambon -> 5..2 by the alert in force; else 1 with a speaking instrument, -1 with silent ones only, 0 with none.

    in_force: the most severe first.
    """
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
