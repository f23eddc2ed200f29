"""What a person needs beside a draft's words to decide on it: which version they have read, what changed, who said yes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from warning.alert import Alert, Approval, ApprovalPolicy, approvals_needed
from warning.approval import approvals_of, replaced_by
from warning.seen import LENGTH, Change, changed_since, last_change, seen_of

MOST_READ = 50  # drafts whose version a page remembers


@dataclass(frozen=True)
class ToDecide:
    """`seen`: the version this reader has read. `changed`: what happened to it since; such a draft cannot be decided on."""

    seen: str
    now: str  # the version as it stands
    changed: Change | None
    grown: Change | None  # the newest change since it was drafted, whoever reads
    missing: int  # how many more people must say yes
    said_yes: Sequence[Approval]  # to this version
    void: Sequence[Approval]  # to an earlier version, by people who have not said yes to this one
    needs_two: bool
    overtaken_by: str | None  # what it follows has been replaced by this alert: it cannot go out
    over: bool  # its own end has passed

    @property
    def open(self) -> bool:
        return not (self.changed or self.overtaken_by or self.over)


def to_decide(
    session: Session, drafts: Sequence[Alert], read: Mapping[UUID, str], now: datetime
) -> dict[UUID, ToDecide]:
    """read: the version of each draft that stood on the page when its reader opened it; none: they read it now."""
    return {alert.id: _of(session, alert, read.get(alert.id), now) for alert in drafts}


def _of(session: Session, alert: Alert, read: str | None, now: datetime) -> ToDecide:
    current = seen_of(alert)
    approvals = approvals_of(session, alert.id)
    said_yes = [yes for yes in approvals if yes.seen == current]
    again = {yes.user_id for yes in said_yes}
    void = {yes.user_id: yes for yes in approvals if yes.user_id not in again}
    return ToDecide(
        seen=read or current, now=current, changed=changed_since(alert, read) if read else None, grown=last_change(alert),
        missing=approvals_needed(alert) - len(said_yes), said_yes=said_yes, void=list(void.values()),
        needs_two=alert.approval is ApprovalPolicy.TWO_PERSON, overtaken_by=replaced_by(session, alert),
        over=alert.expires_at <= now,
    )  # fmt: skip


def read_of(given: str) -> dict[UUID, str]:
    """`id:version,id:version` as a page carries it. What cannot be read is left out: that draft is then read anew."""
    found: dict[UUID, str] = {}
    for pair in given.split(",")[:MOST_READ]:
        code, _, version = pair.partition(":")
        try:
            alert_id = UUID(code)
        except ValueError:
            continue
        if len(version) == LENGTH:
            found[alert_id] = version
    return found


def carried(deciding: Mapping[UUID, ToDecide]) -> str:
    """What a page gives to its next look, so that a draft changed under its reader's eyes is not taken for one they read."""
    return ",".join(f"{alert_id}:{d.seen}" for alert_id, d in deciding.items())
