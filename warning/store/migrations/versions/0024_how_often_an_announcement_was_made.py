"""how often an announcement was made"""

import sqlalchemy as sa
from alembic import op

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('reply', sa.Column('times', sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column('reply', 'times')
