"""A fault knows the pieces of work that fail, so that one piece's success does not clear another's."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM fault WHERE key LIKE 'step %'")  # of no piece in particular; what still fails is noted again
    op.add_column('fault', sa.Column('works', sa.ARRAY(sa.String()), server_default='{}', nullable=False))
    op.alter_column('fault', 'works', server_default=None)


def downgrade() -> None:
    op.drop_column('fault', 'works')
