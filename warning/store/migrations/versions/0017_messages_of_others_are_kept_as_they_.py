"""Messages of others are kept as they came, and their words stand beside ours."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('received_message',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('via', sa.String(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('verdict', sa.String(), nullable=False),
    sa.Column('signature', sa.String(), nullable=False),
    sa.Column('reasons', sa.JSON(), nullable=False),
    sa.Column('became', sa.String(), nullable=False),
    sa.Column('named', sa.String(), nullable=True),
    sa.Column('status', sa.String(), nullable=True),
    sa.Column('msg_type', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_received_message_digest'), 'received_message', ['digest'], unique=False)
    op.create_index(op.f('ix_received_message_received_at'), 'received_message', ['received_at'], unique=False)
    op.create_index(op.f('ix_received_message_source'), 'received_message', ['source'], unique=False)
    op.create_table('voice',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('mode', postgresql.ENUM('ACTUAL', 'EXERCISE', name='mode', create_type=False), nullable=False),
    sa.Column('who', sa.String(), nullable=False),
    sa.Column('level', sa.String(), nullable=False),
    sa.Column('places', sa.JSON(), nullable=False),
    sa.Column('words', sa.String(), nullable=False),
    sa.Column('said_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('typed_by', sa.String(), nullable=False),
    sa.Column('typed_by_name', sa.String(), nullable=False),
    sa.Column('ended_by', sa.String(), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_voice_until'), 'voice', ['until'], unique=False)
    op.create_table('voice_answer',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('alert_id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('who', sa.String(), nullable=False),
    sa.Column('level', sa.String(), nullable=False),
    sa.Column('ours', sa.String(), nullable=False),
    sa.Column('said_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answer', sa.String(), nullable=False),
    sa.Column('answered_by', sa.String(), nullable=False),
    sa.Column('answered_by_name', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['alert_id'], ['alert.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_voice_answer_alert_id'), 'voice_answer', ['alert_id'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_voice_answer_alert_id'), table_name='voice_answer')
    op.drop_table('voice_answer')
    op.drop_index(op.f('ix_voice_until'), table_name='voice')
    op.drop_table('voice')
    op.drop_index(op.f('ix_received_message_source'), table_name='received_message')
    op.drop_index(op.f('ix_received_message_received_at'), table_name='received_message')
    op.drop_index(op.f('ix_received_message_digest'), table_name='received_message')
    op.drop_table('received_message')
