"""Each observation carries its verdict and why"""

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('quality_held',
        sa.Column('source', sa.String(), nullable=False),
        sa.Column('station', sa.String(), nullable=False),
        sa.Column('quantity', sa.String(), nullable=False),
        sa.Column('last', sa.Float(), nullable=False),
        sa.Column('last_at', sa.Float(), nullable=False),
        sa.Column('sure', sa.Float(), nullable=False),
        sa.Column('sure_at', sa.Float(), nullable=False),
        sa.Column('doubt_since', sa.Float(), nullable=False),
        sa.Column('flat_since', sa.Float(), nullable=False),
        sa.Column('pace', sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint('source', 'station', 'quantity')
    )
    op.create_table('second_verdict',
        sa.Column('source', sa.String(), nullable=False),
        sa.Column('station', sa.String(), nullable=False),
        sa.Column('quantity', sa.String(), nullable=False),
        sa.Column('observed_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('verdict', sa.String(), nullable=False),
        sa.Column('reason', sa.String(), nullable=False),
        sa.Column('judged_at', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('source', 'station', 'quantity', 'observed_at')
    )
    op.add_column('latest', sa.Column('verdict', sa.String(), nullable=True))
    op.add_column('latest', sa.Column('reason', sa.String(), nullable=True))
    op.add_column('observation', sa.Column('verdict', sa.String(), nullable=True))
    op.add_column('observation', sa.Column('reason', sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column('observation', 'reason')
    op.drop_column('observation', 'verdict')
    op.drop_column('latest', 'reason')
    op.drop_column('latest', 'verdict')
    op.drop_table('second_verdict')
    op.drop_table('quality_held')
