"""Whom the end of a warning is told to: exactly those who may have its words. An all-clear that reaches a home which never
heard of the danger frightens it; one that misses a home which did leaves it on the roof.

An Update goes to all its places (`told_already` says whom it need not wake). "May have" takes in what nobody knows: a call whose
answer was lost, and one on the wire this moment.
"""

from collections.abc import Iterable
from uuid import UUID

from sqlmodel import Session, col, select

from warning.alert import Alert
from warning.words.facts import ENDING

_ENDS = "ends"  # the key of `alert.facts`: ids of alerts whose recipients are told that it is over

# To be put after the address `a` of the roll of :tambon. By owner, not by telephone: whoever read it in LINE is told that it is
# over by SMS too. The old rows of one tambon are read once a segment.
MAY_HAVE_THE_OLD = """AND a.owner_id IN (
    SELECT d.owner_id FROM segment o JOIN delivery d ON d.segment_id = o.id
    WHERE o.alert_id = ANY(CAST(:ends AS uuid[])) AND o.tambon_code = :tambon AND d.owner_id IS NOT NULL
    AND (COALESCE(d.state, o.outcome) IN ('handed_over', 'unknown', 'accepted', 'delivered', 'confirmed')
         OR o.state = 'SENDING' AND d.state IS NULL))"""


def ends_for(alert: Alert) -> list[UUID]:
    """The alerts this one ends for their readers; empty: it goes to all its places. (A draft's facts are taken over by what
    follows it, so the kind is asked too.)"""
    return [UUID(ended) for ended in alert.facts.get(_ENDS, [])] if alert.kind in ENDING else []


def with_ended(alert: Alert, replaced: Iterable[UUID]) -> None:
    """Note in a draft that names nothing it replaces (`dropped`) whose words it takes back."""
    alert.facts = alert.facts | {_ENDS: [str(one) for one in replaced]}


def remember_ended(session: Session, alert: Alert) -> None:
    """Note in an alert about to be issued all that it ends: what it replaces, and what these have replaced before, whose
    readers an Update that was no worse did not wake again. An end without anything before it goes to everybody."""
    if alert.kind not in ENDING:
        return
    found: dict[str, None] = {}
    look = {*alert.references, *alert.facts.get(_ENDS, [])}
    while look:
        found.update(dict.fromkeys(sorted(look)))
        before = session.exec(
            select(Alert.references).where(col(Alert.id).in_([UUID(one) for one in look]))
        ).all()
        look = {one for references in before for one in references} - found.keys()
    if found:
        alert.facts = alert.facts | {_ENDS: list(found)}
