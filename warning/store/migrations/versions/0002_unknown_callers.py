"""Whoever calls and is known to nobody is somebody's work: one open row a number, and the answers that belong to it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ENUM

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
MODE = ENUM('ACTUAL', 'EXERCISE', name='mode', create_type=False)
CALLERSTATE = ENUM('OPEN', 'BOUND', 'CLOSED', name='callerstate', create_type=False)


def upgrade() -> None:
    CALLERSTATE.create(op.get_bind())
    op.create_table('unknown_caller',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('mode', MODE, nullable=False),
        sa.Column('hash', sa.String(length=64), nullable=False),
        sa.Column('address_sealed', sa.LargeBinary(), nullable=True),
        sa.Column('tail', sa.String(), nullable=False),
        sa.Column('via', sa.String(), nullable=False),
        sa.Column('answer', sa.String(), nullable=False),
        sa.Column('priority', sa.Integer(), nullable=False),
        sa.Column('calls', sa.Integer(), nullable=False),
        sa.Column('state', CALLERSTATE, nullable=False),
        sa.Column('first_at', MOMENT, nullable=False),
        sa.Column('last_at', MOMENT, nullable=False),
        sa.Column('due_at', MOMENT, nullable=False),
        sa.Column('changed_at', MOMENT, nullable=False),
        sa.Column('held_by', sa.Uuid(), nullable=True),
        sa.Column('held_name', sa.String(), nullable=False),
        sa.Column('held_at', MOMENT, nullable=True),
        sa.Column('tries', sa.Integer(), nullable=False),
        sa.Column('village_code', sa.String(length=8, collation='C'), nullable=True),
        sa.Column('contact_id', sa.Uuid(), nullable=True),
        sa.Column('outcome', sa.String(), nullable=True),
        sa.Column('note_sealed', sa.LargeBinary(), nullable=True),
        sa.Column('ended_by', sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('unknown_caller_hash', 'unknown_caller', ['mode', 'hash'])
    op.create_index('unknown_caller_open', 'unknown_caller', ['mode', 'priority'], postgresql_where=sa.text("state = 'OPEN'"))
    op.add_column('reply', sa.Column('caller_id', sa.Uuid(), nullable=True))
    op.create_index('reply_caller', 'reply', ['caller_id'], postgresql_where=sa.text('caller_id IS NOT NULL'))


def downgrade() -> None:
    op.drop_index('reply_caller', table_name='reply')
    op.drop_column('reply', 'caller_id')
    op.drop_table('unknown_caller')
    CALLERSTATE.drop(op.get_bind())
