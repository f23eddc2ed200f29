"""Rules have levels, and a release of each version"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


ASSESSMENT = ("hazard", "level", "standing", "ends", "sure", "quality")


def _key(*columns: str) -> None:
    op.drop_constraint("rule_state_pkey", "rule_state", type_="primary")
    op.create_primary_key("rule_state_pkey", "rule_state", list(columns))


def upgrade() -> None:
    op.create_table(
        "rule_release",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("card", sa.JSON(), nullable=False),
        sa.Column("card_sha256", sa.String(), nullable=False),
        sa.Column("released_by", sa.String(), nullable=False),
        sa.Column("seconded_by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_rule_release_rule"), "rule_release", ["rule"], unique=False)
    op.add_column("hazard_assessment", sa.Column("hazard", sa.String(), nullable=True))
    op.add_column("hazard_assessment", sa.Column("level", sa.String(), nullable=True))
    op.add_column("hazard_assessment", sa.Column("standing", sa.String(), nullable=True))
    op.add_column(
        "hazard_assessment", sa.Column("ends", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column(
        "hazard_assessment", sa.Column("sure", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    op.alter_column("hazard_assessment", "ends", server_default=None)
    op.alter_column("hazard_assessment", "sure", server_default=None)
    op.add_column("hazard_assessment", sa.Column("quality", sa.JSON(), nullable=True))
    # What a rule of one condition remembers of its stations is found again under an empty part (warning.lookout).
    op.add_column("rule_state", sa.Column("part", sa.String(), nullable=False, server_default=""))
    op.alter_column("rule_state", "part", server_default=None)
    _key("rule", "station", "part")


def downgrade() -> None:
    op.execute("DELETE FROM rule_state WHERE part <> ''")
    _key("rule", "station")
    op.drop_column("rule_state", "part")
    for column in reversed(ASSESSMENT):
        op.drop_column("hazard_assessment", column)
    op.drop_index(op.f("ix_rule_release_rule"), table_name="rule_release")
    op.drop_table("rule_release")
