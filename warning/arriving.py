"""When water may be at each place of an alert by rule. A draft grows by several assessments, so the alert keeps it itself."""

from collections.abc import Mapping
from datetime import datetime

from warning.alert import Alert

_WATER_BY = "water_by"  # the key of `alert.facts`: tambon -> UTC, ISO 8601


def expect_water(alert: Alert, told: Mapping[str, str], now: datetime) -> None:
    """Take in what an assessment says of the alert's places; `alert.water_by` becomes the earliest that is still to come.

    told: tambon -> UTC, ISO 8601; places the alert does not warn are left out. None when no arrival is known or all are past.
    """
    known = arrivals_told(alert)
    for code in alert.tambons:
        if code in told:
            at = datetime.fromisoformat(told[code])
            known[code] = _next(known.get(code, at), at, now)
    if known:
        alert.facts = alert.facts | {_WATER_BY: {code: at.isoformat() for code, at in known.items()}}
    expected = (alert.water_by, *known.values())
    alert.water_by = min((at for at in expected if at is not None and at > now), default=None)


def arrivals_told(alert: Alert) -> dict[str, datetime]:
    """Tambon -> when water may be there (aware, UTC). Empty unless a rule drafted it: of a follow-up a person says when."""
    told = alert.facts.get(_WATER_BY, {}) if alert.assessment_id else {}
    return {code: datetime.fromisoformat(at) for code, at in told.items()}


def _next(one: datetime, other: datetime, now: datetime) -> datetime:
    """Of two gauges that speak of one place: the earlier that is still to come, else the later."""
    return min((at for at in (one, other) if at > now), default=max(one, other))
