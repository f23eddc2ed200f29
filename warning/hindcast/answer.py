"""What `raksa hindcast` answers of a study."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from warning.hindcast.channel import HOUR
from warning.hindcast.score import figures, intervals, plain
from warning.hindcast.study import as_written
from warning.hindcast.trial import Trial, seen_h
from warning.hindcast.truth import gaps_of, nodata_h
from warning.hindcast.ways import Said, references


def answer(trial: Trial, way: Said) -> dict[str, Any]:
    """All that `raksa hindcast --json` prints. Times are ISO 8601 UTC."""
    matched = trial.match(way.alerts)
    whys = [*way.reasons, *[None] * (len(way.alerts) - len(way.reasons))]
    separate_h = trial.separate_s / HOUR
    told = figures(matched, seen_h(trial), separate_h)
    compared = references(trial)
    told |= {
        "nodata_h": round(nodata_h(trial.truth), 2), "nodata_spans": len(gaps_of(trial.truth)),
        "references": compared, "intervals_90": intervals(matched), "study": as_written(trial.study),
        "settings": dict(way.settings), "learned_from_events": len(trial.past.events) if trial.past else 0,
        "adds": _adds(told, compared["threshold"]),
        "event_list": [
            {"start": iso(e.start), "end": iso(e.end), "peak": e.peak, "hit": lead is not None,
             "lead_h": None if lead is None else round(lead / HOUR, 4),
             "seen_before_h": round((e.start - e.seen_before) / HOUR, 4)}
            for e, lead in zip(matched.events, matched.leads, strict=True)
        ],
        "alert_list": [
            {"start": iso(a.start), "end": iso(a.end), "kind": kind, "why": why}
            for a, kind, why in zip(matched.alerts, matched.kinds, whys, strict=True)
        ],
    }  # fmt: skip
    false_h = sum(
        (a.end - a.start) / HOUR for a, k in zip(matched.alerts, matched.kinds, strict=True) if k == "false"
    )
    people = trial.study.people
    told |= {
        "false_alarm_h": round(false_h, 2),
        "false_people_h": None if people is None else round(false_h * people),
    }
    found_plain: dict[str, Any] = plain(told)
    return found_plain


def _adds(ours_all: Mapping[str, Any], line: Mapping[str, Any]) -> dict[str, float | None]:
    """What the method adds over the plain threshold."""

    def more(key: str) -> float | None:
        ours, theirs = ours_all[key], line[key]
        return None if ours is None or theirs is None else round(ours - theirs, 4)

    return {key: more(key) for key in ("csi", "lead_h_median", "csi_lead_1h", "csi_lead_3h")}


def iso(second: float) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat().replace("+00:00", "Z")
