"""What a person agrees to: a fingerprint of everything that stands in a draft, and what changed in it since it was read.

The form carries the fingerprint, so that a yes is a yes to the words on the page and to no others.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from warning.alert import Alert
from warning.audit import canonical

_READ = (
    "mode", "number", "msg_type", "kind", "event", "severity", "urgency", "certainty", "response_type", "tambons", "villages",
    "words", "untested", "references", "water_by", "expires_at",
)  # fmt: skip
LENGTH = 16  # hex digits: 64 bits, far more than one draft has versions
_CHANGES = "changes"  # the key of `alert.facts` where a draft keeps what happened to it


class Change(NamedTuple):
    """What is new in a draft. `tambons`: codes that were added; empty when only words changed."""

    at: datetime  # aware UTC
    tambons: tuple[str, ...]


def seen_of(alert: Alert) -> str:
    """The first `LENGTH` hex digits of the SHA-256 over what a person approves: words, places, level, times, references."""
    read = {name: getattr(alert, name) for name in _READ}
    return hashlib.sha256(canonical(read).encode()).hexdigest()[:LENGTH]


def remember_change(
    alert: Alert, before: str, tambons: Sequence[str], now: datetime, *, assessment: UUID | None = None
) -> None:
    """Note in the draft what it was (`before`, a fingerprint) and what it gained. Its words have been written anew by now.

    assessment: by which it grew, so that it is not drafted again should the same draft be rejected.
    """
    change = {"at": now.isoformat(), "before": before, "tambons": list(tambons)}
    if assessment is not None:
        change["assessment"] = str(assessment)
    alert.facts = alert.facts | {_CHANGES: [*alert.facts.get(_CHANGES, []), change]}


def grew_by(assessment: str) -> str:
    """SQL: did the draft `a` grow by this assessment? assessment: SQL for its id."""
    return (
        "CAST(a.facts AS jsonb) @> jsonb_build_object('changes', "
        f"jsonb_build_array(jsonb_build_object('assessment', CAST({assessment} AS text))))"
    )


def without_changes(facts: dict[str, object]) -> dict[str, object]:
    """What is known of the hazard alone: the history of one draft is not that of the next."""
    return {name: fact for name, fact in facts.items() if name != _CHANGES}


def last_change(alert: Alert) -> Change | None:
    """The newest change of a draft since it was made; None when it stands as it was drafted."""
    changes = alert.facts.get(_CHANGES, [])
    return (
        Change(datetime.fromisoformat(changes[-1]["at"]), tuple(changes[-1]["tambons"])) if changes else None
    )


def changed_since(alert: Alert, read: str) -> Change | None:
    """What changed since the version `read` stood on somebody's page; None when it still is that version."""
    if read == seen_of(alert):
        return None
    changes = alert.facts.get(_CHANGES, [])
    first = next((n for n, change in enumerate(changes) if change["before"] == read), len(changes))
    added = tuple(code for change in changes[first:] for code in change["tambons"])
    return Change(datetime.fromisoformat(changes[-1]["at"]) if added else alert.changed_at, added)
