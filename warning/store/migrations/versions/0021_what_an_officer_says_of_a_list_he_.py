"""An officer says of a list where it is from and why it may be kept; a need may be older than its day."""

import sqlalchemy as sa
from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column('need', 'noted_on',
               existing_type=sa.DATE(),
               nullable=True)
    op.execute('DELETE FROM people_upload')  # a list waits for a day at most: it is uploaded again
    op.add_column('people_upload', sa.Column('about', sa.JSON(), nullable=False))


def downgrade() -> None:
    op.drop_column('people_upload', 'about')
    op.alter_column('need', 'noted_on',
               existing_type=sa.DATE(),
               nullable=False)
