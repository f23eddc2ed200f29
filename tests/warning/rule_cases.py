"""The rule the tests begin with, and short ways to write a night."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from geo.gazetteer import gazetteer
from warning.rule import Rule
from warning.rules import Reading

NIGHT = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)  # midnight in Phatthalung

_PLAIN: dict[str, Any] = {
    "name": "na-thom-rises",
    "because": "The lowest bank at X.170 is 25.20 m.",
    "when": {"quantity": "water_level", "station": "X.170", "above": 24.5, "lasting": "PT20M"},
    "until": {"below": 24.2, "lasting": "PT1H"},
    "stale_after": "PT45M",
    "tambons": ["930112"],
    "alert": {
        "event": "river_overflow",
        "severity": "Severe",
        "urgency": "Expected",
        "certainty": "Likely",
        "responseType": "Prepare",
    },
    "approval": "duty_officer",
}


def minutes(after: float) -> datetime:
    return NIGHT + timedelta(minutes=after)


def series(readings: Mapping[int, float]) -> list[Reading]:
    """minute of the night -> value"""
    return [Reading(minutes(minute), value) for minute, value in sorted(readings.items())]


def rule(**changes: Any) -> Rule:
    """The plain rule, with changes; `above` replaces `below` and the other way round."""
    raw = dict(_PLAIN)
    for key, change in changes.items():
        held = raw.get(key)
        if not (isinstance(held, dict) and isinstance(change, dict)):
            raw[key] = change
            continue
        other = {"above": "below", "below": "above"}
        dropped = {other[side] for side in change if side in other}
        raw[key] = {k: v for k, v in held.items() if k not in dropped} | change
    return Rule.model_validate(raw, context={"places": gazetteer()})


def level(name: str, **parts: Any) -> dict[str, Any]:
    """A level as config.yaml holds it."""
    alert = {k: v for k, v in _PLAIN["alert"].items() if k != "event"}
    return {"level": name, "alert": alert, "approval": "duty_officer"} | parts


def levels(name: str, *of: dict[str, Any], **changes: Any) -> Rule:
    """A rule of several levels."""
    raw = {
        "name": name,
        "because": "a threshold of the tests",
        "hazard": "river_overflow",
        "stale_after": "PT45M",
        "tambons": ["930112"],
        "levels": list(of),
    }
    return Rule.model_validate(raw | changes, context={"places": gazetteer()})
