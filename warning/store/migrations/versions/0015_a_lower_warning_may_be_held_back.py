"""A lower warning may be held back for a while"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('held_back',
        sa.Column('assessment_id', sa.Uuid(), nullable=False),
        sa.Column('why', sa.String(), nullable=False),
        sa.Column('until', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('assessment_id')
    )
    op.create_table('silence',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('mode', postgresql.ENUM('ACTUAL', 'EXERCISE', name='mode', create_type=False), nullable=False),
        sa.Column('tambons', sa.JSON(), nullable=False),
        sa.Column('event', sa.String(), nullable=True),
        sa.Column('ceiling', sa.String(), nullable=False),
        sa.Column('reason', sa.String(), nullable=False),
        sa.Column('made_by', sa.String(), nullable=False),
        sa.Column('made_by_name', sa.String(), nullable=False),
        sa.Column('begins_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('ended_by', sa.String(), nullable=True),
        sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_silence_ends_at', 'silence', ['ends_at'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_silence_ends_at', table_name='silence')
    op.drop_table('silence')
    op.drop_table('held_back')
