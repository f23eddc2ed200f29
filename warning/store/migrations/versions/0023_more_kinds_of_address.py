"""Telephones that are no mobiles, LINE groups, e-mail, browsers and other systems have addresses too."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for kind in ("VOICE", "LINE_GROUP", "EMAIL", "WEB_PUSH", "WEBHOOK"):
        op.execute(f"ALTER TYPE addresskind ADD VALUE IF NOT EXISTS '{kind}'")


def downgrade() -> None:
    raise NotImplementedError("a value cannot be taken out of a type of PostgreSQL: restore the backup of before")
