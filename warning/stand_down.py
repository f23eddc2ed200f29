"""When the readings say that a danger is over, or less, what follows is drafted: an all-clear, or an Update to the lower level.

It waits for a person, always: that people may go home is a person's word. Should the danger rise again first, the draft is put
away, so that nobody approves it by habit.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from warning.alert import BY_RULE, Alert, AlertState
from warning.approval import put_away
from warning.follow_up import follow_up
from warning.office import Office
from warning.rule import Level, LevelName, Rule, rank
from warning.step import Next
from warning.words.facts import Kind
from warning.writing import write

_STANDS_DOWN = "stands_down"  # the key of `alert.facts`: drafted here, so taken back here
_RANK = f"array_position(ARRAY{[str(name) for name in LevelName]}, CAST({{}} AS text))"
# The last word of a rule on each of its places and levels: is it danger still?
_LAST = """
SELECT DISTINCT ON (h.station, h.level, h.tambons::text) h.level, h.tambons, h.state IN ('active', 'ending') AS stands, h.at, h.ends
FROM hazard_assessment h WHERE h.rule = {rule} ORDER BY h.station, h.level, h.tambons::text, h.at DESC
"""
_OVERLAP = "EXISTS (SELECT 1 FROM json_array_elements_text(last.tambons) p (code) WHERE to_jsonb(p.code) <@ CAST(a.tambons AS jsonb))"
# Alerts by rule in force of which no place stands at their level any more, by readings, and nothing was drafted since.
OVERDUE = f"""
SELECT a.id::text, 20 FROM alert a CROSS JOIN LATERAL (
    SELECT max(last.at) FILTER (WHERE last.ends) AS ended_at,
           bool_or(last.stands AND COALESCE({_RANK.format("last.level")} >= {_RANK.format("a.facts ->> 'level'")}, true)) AS stands
    FROM ({_LAST.format(rule="a.rule")}) last WHERE {_OVERLAP}) word
WHERE a.state = 'ISSUED' AND a.kind IN ('alert', 'update') AND a.rule IS NOT NULL AND a.expires_at > :now
AND word.ended_at > a.drafted_at - interval '6 hours' AND NOT word.stands
AND NOT EXISTS (SELECT 1 FROM alert f WHERE f.drafted_by = '{BY_RULE}' AND f.drafted_at >= word.ended_at
    AND CAST(f."references" AS jsonb) @> to_jsonb(a.id::text))
"""  # noqa: S608 - our own words only
_DUE = text(f"SELECT 1 FROM ({OVERDUE}) due (alert, priority) WHERE due.alert = :me")  # noqa: S608
_OF_RULE = _LAST.format(rule=":rule")
_STANDING = text(f"SELECT last.level, last.tambons FROM ({_OF_RULE}) last WHERE last.stands")  # noqa: S608


def stand_down(session: Session, work: str, now: datetime, office: Office) -> list[Next]:
    """Draft what follows an alert whose danger is over or less by readings. work: the alert's id. Twice is once."""
    alert = session.get_one(Alert, UUID(work), with_for_update=True)
    rule = next((r for r in office.config.rules if r.name == alert.rule), None)
    if rule is None or session.execute(_DUE, {"me": work, "now": now}).first() is None:
        return []
    standing = _standing(session, rule, alert)
    mine = rank(alert.facts["level"]) if alert.facts.get("level") else rank(rule.highest.name)
    if any(rank(level.name) >= mine for level in standing.values()):
        return []
    kind = Kind.UPDATE if standing else Kind.ALL_CLEAR
    draft = follow_up(session, alert.id, kind, BY_RULE, now, office)
    draft.facts = draft.facts | {_STANDS_DOWN: True}
    if standing:
        _lower(draft, max(standing.values(), key=lambda level: rank(level.name)), list(standing))
    write(session, draft, office)
    return []


def _standing(session: Session, rule: Rule, alert: Alert) -> dict[str, Level]:
    """Of an alert's tambon those still in danger, each with its highest level, in the alert's order."""
    found: dict[str, Level] = {}
    for name, tambons in session.execute(_STANDING, {"rule": rule.name}):
        level = next(
            (each for each in rule.levels if each.name == name), rule.highest if name is None else None
        )
        for code in tambons if level else ():
            if level and (code not in found or rank(level.name) > rank(found[code].name)):
                found[code] = level
    return {code: found[code] for code in alert.tambons if code in found}


def _lower(draft: Alert, level: Level, tambons: list[str]) -> None:
    words = level.alert
    draft.severity, draft.urgency, draft.certainty = words.severity, words.urgency, words.certainty
    draft.response_type, draft.tambons = words.response_type, tambons
    draft.villages = [code for code in draft.villages if code[:6] in tambons]
    draft.facts = draft.facts | {"level": str(level.name)}


def rose_again(session: Session, rule: str, level: Level, tambons: Sequence[str], now: datetime) -> None:
    """Put away what was drafted here and nobody has approved: its places are in danger again, beyond what it says."""
    drafts = session.exec(
        select(Alert).where(Alert.rule == rule, Alert.state == AlertState.DRAFT, Alert.drafted_by == BY_RULE)
        .order_by(col(Alert.number)).with_for_update()
    ).all()  # fmt: skip
    for draft in drafts:
        beyond = draft.kind == Kind.ALL_CLEAR or rank(level.name) > rank(draft.facts.get("level", level.name))
        if draft.facts.get(_STANDS_DOWN) and beyond and set(draft.tambons) & set(tambons):
            put_away(draft, "อันตรายกลับมาอีก (the danger rose again)", now)
