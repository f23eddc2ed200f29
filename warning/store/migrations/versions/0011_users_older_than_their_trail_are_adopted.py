"""Users older than their trail are adopted, once: each gets an entry that says so, and from here on the trail knows them.

Users were not followed before 0006, so `raksa audit verify` called them unknown. Adopted is what the trail cannot know: who was
made before it first noted the making of a user, and of those only the columns no later entry speaks of, so that neither a row
slipped in past the trail nor a role changed past it is made right here. After this the database refuses an adopting entry: no
start, and no second run of this migration, adopts what somebody took out of the trail.
"""

import hashlib
import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

ONE_WRITER = 0x617564697472616C  # the lock of whoever writes the chain
NO_MORE = (
    "CREATE FUNCTION audit_entry_adopts_no_more() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'rows are adopted by a migration, once'; END $$",
    "CREATE TRIGGER audit_entry_adopts_no_more BEFORE INSERT ON audit_entry FOR EACH ROW "
    "WHEN (NEW.action ~ '[.]adopted$') EXECUTE FUNCTION audit_entry_adopts_no_more()",
)


def upgrade() -> None:
    _adopt(op.get_bind())
    for statement in NO_MORE:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TRIGGER audit_entry_adopts_no_more ON audit_entry")
    op.execute("DROP FUNCTION audit_entry_adopts_no_more()")


def _adopt(connection: sa.Connection) -> None:
    connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_WRITER})
    said, followed_since = _said_of_users(connection)
    now = connection.execute(sa.text("SELECT now()")).scalar_one().astimezone(UTC).isoformat()
    last = connection.execute(sa.text("SELECT seq, hash FROM audit_entry ORDER BY seq DESC LIMIT 1")).first()
    seq, before = (last.seq, last.hash) if last else (0, "0" * 64)
    for user in connection.execute(sa.text("SELECT * FROM office_user ORDER BY made_at, id")):
        known = said.get(str(user.id), set())
        if known is None or (followed_since is not None and user.made_at >= followed_since):
            continue
        values = {
            "roles": user.roles, "active": user.active, "team_id": str(user.team_id) if user.team_id else None,
            "name_sha256": _sha256(_canonical(user.name)),
        }  # fmt: skip
        unknown = {name: value for name, value in values.items() if name not in known}
        if not unknown:
            continue
        seq += 1
        entry = {
            "seq": seq, "at": now, "actor": "system", "action": "user.adopted", "subject": "user",
            "subject_id": str(user.id), "data": _canonical(unknown),
        }  # fmt: skip
        chained = {"prev_hash": before, "hash": _sha256(_canonical(entry) + before)}
        connection.execute(
            sa.text(
                "INSERT INTO audit_entry (seq, at, actor, action, subject, subject_id, data, prev_hash, hash) "
                "VALUES (:seq, :at, :actor, :action, :subject, :subject_id, :data, :prev_hash, :hash)"
            ),
            entry | chained,
        )
        before = chained["hash"]


def _said_of_users(connection: sa.Connection) -> tuple[dict[str, set[str] | None], datetime | None]:
    """Of each user the columns later entries speak of, None where the trail has the whole; and when it first noted one made."""
    said: dict[str, set[str] | None] = {}
    since = None
    entries = connection.execute(
        sa.text(
            "SELECT at, action, subject_id, data FROM audit_entry WHERE subject = 'user' "
            "AND action IN ('user.added', 'user.adopted', 'user.changed', 'user.removed') ORDER BY seq"
        )
    )
    for entry in entries:
        if entry.action == 'user.added':
            since = entry.at if since is None else min(since, entry.at)
        known = said.setdefault(entry.subject_id, set())
        if entry.action != 'user.changed':
            said[entry.subject_id] = None
        elif known is not None:
            known.update(json.loads(entry.data))
    return said, since


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _sha256(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()
