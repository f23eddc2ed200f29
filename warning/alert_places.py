"""The villages an alert speaks to, and those of its tambon that it leaves out."""

from geo.gazetteer import gazetteer
from warning.alert import Alert


def villages_elsewhere(alert: Alert) -> list[str]:
    """The villages of its tambon that an alert naming villages leaves out; of one for whole tambon, none. Whoever of the
    tambon is in none of these is told: a home whose village nobody knows may stand in one that is named."""
    if not alert.villages:
        return []
    places = gazetteer()
    return [v.code for t in alert.tambons for v in places.villages_of(t) if v.code not in alert.villages]


def villages_of(alert: Alert) -> list[str]:
    """The 8-digit codes an alert speaks to; a tambon without numbered villages stands for itself as `TTTTTT00`."""
    if alert.villages:
        return list(alert.villages)
    places = gazetteer()
    found: list[str] = []
    for code in alert.tambons:
        villages = [v.code for v in places.villages_of(code)]
        found.extend(villages or [f"{code}00"])
    return found
