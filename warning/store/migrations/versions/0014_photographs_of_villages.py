"""photographs of villages"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "village_photo",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("village_code", sa.String(length=8, collation="C"), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_by", sa.String(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_village_photo_reported_at"), "village_photo", ["reported_at"], unique=False)
    op.create_index(op.f("ix_village_photo_village_code"), "village_photo", ["village_code"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_village_photo_village_code"), table_name="village_photo")
    op.drop_index(op.f("ix_village_photo_reported_at"), table_name="village_photo")
    op.drop_table("village_photo")
