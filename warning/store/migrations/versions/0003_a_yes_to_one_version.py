"""A yes counts for the version of the draft its giver read."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # An earlier yes was to no version in particular: of a draft that still waits it is asked for again.
    op.add_column('approval', sa.Column('seen', sa.String(), server_default='', nullable=False))
    op.alter_column('approval', 'seen', server_default=None)
    op.drop_constraint('approval_pkey', 'approval')
    op.create_primary_key('approval_pkey', 'approval', ['alert_id', 'user_id', 'seen'])


def downgrade() -> None:
    op.execute("DELETE FROM approval a USING approval b WHERE a.alert_id = b.alert_id AND a.user_id = b.user_id AND a.seen < b.seen")
    op.drop_constraint('approval_pkey', 'approval')
    op.drop_column('approval', 'seen')
    op.create_primary_key('approval_pkey', 'approval', ['alert_id', 'user_id'])
