"""A row of the ledger only moves forward: the one place where states are ranked.

A failure is worth more than a carrier's `accepted` (we know better now) and less than any proof: a phone that confirmed has
it, whatever a late report says.
"""

from sqlalchemy import text

_RANK = {
    "planned": 0, "try_later": 0, "handed_over": 10, "unknown": 15, "accepted": 20, "suppressed": 25, "refused": 25,
    "expired": 25, "failed": 25, "delivered": 30, "confirmed": 40,
}  # fmt: skip


def rank(state: object) -> int:
    """How much a state's word is worth; what nobody knows is worth nothing."""
    return _RANK.get(str(state), 0)


def _rank(of: str) -> str:
    whens = " ".join(f"WHEN '{state}' THEN {rank}" for state, rank in _RANK.items())
    return f"(CASE {of} {whens} ELSE 0 END)"


_SET = (
    "UPDATE delivery d SET state = :state, why = NULLIF(:why, ''), changed_at = :at "
    "FROM segment s WHERE d.id = :id AND s.id = d.segment_id AND "
)
_OWN = "COALESCE(d.state, 'planned')"
_NEW = _rank("CAST(:state AS text)")
# Parameters: id, state, why, at. Nothing happens when the row already says as much or more.
FORWARD = text(f"{_SET} {_NEW} > {_rank('COALESCE(d.state, s.outcome)')}")
# The same for many rows. Parameters: ids, states, whys, ats, each a list; no id twice.
FORWARD_MANY = text(
    "UPDATE delivery d SET state = v.state, why = NULLIF(v.why, ''), changed_at = v.at "  # noqa: S608
    "FROM unnest(CAST(:ids AS uuid[]), "
    "CAST(:states AS text[]), CAST(:whys AS text[]), CAST(:ats AS timestamptz[])) AS v (id, state, why, at), segment s "
    f"WHERE d.id = v.id AND s.id = d.segment_id AND {_rank('v.state')} > {_rank('COALESCE(d.state, s.outcome)')}"
)
# The carrier's first word on a row, whatever the usual outcome of its segment is.
FIRST_WORD = text(f"{_SET} {_NEW} > {_rank(_OWN)}")
# The provider's own number is kept even where the state has already moved on.
NUMBERED = text("UPDATE delivery SET provider_id = :provider_id WHERE id = :id AND provider_id IS NULL")
