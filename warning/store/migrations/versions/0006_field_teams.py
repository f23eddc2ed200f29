"""Field teams: which areas they serve, which missions are theirs, who took each step, and which users go out with them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ENUM

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
MISSIONSTATE = ENUM('REQUESTED', 'ACCEPTED', 'EN_ROUTE', 'ON_SCENE', 'DONE', 'CANCELLED', name='missionstate', create_type=False)


def upgrade() -> None:
    op.create_table('team',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('name', sa.String(), nullable=False),
        sa.Column('areas', sa.JSON(), nullable=False),
        sa.Column('active', sa.Boolean(), nullable=False),
        sa.Column('made_at', MOMENT, nullable=False),
        sa.Column('changed_at', MOMENT, nullable=False),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_table('mission_step',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('mission_id', sa.Uuid(), nullable=False),
        sa.Column('nth', sa.Integer(), nullable=False),
        sa.Column('state', MISSIONSTATE, nullable=False),
        sa.Column('team_id', sa.Uuid(), nullable=True),
        sa.Column('by', sa.String(), nullable=False),
        sa.Column('at', MOMENT, nullable=False),
        sa.ForeignKeyConstraint(['mission_id'], ['mission.id'],),
        sa.ForeignKeyConstraint(['team_id'], ['team.id'],),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('mission_id', 'nth'),
    )
    op.add_column('mission', sa.Column('team_id', sa.Uuid(), nullable=True))
    op.create_index('ix_mission_team_id', 'mission', ['team_id'])
    op.create_foreign_key('mission_team_id_fkey', 'mission', 'team', ['team_id'], ['id'])
    op.add_column('office_user', sa.Column('team_id', sa.Uuid(), nullable=True))
    op.create_foreign_key('office_user_team_id_fkey', 'office_user', 'team', ['team_id'], ['id'])
    op.add_column('office_user', sa.Column('changed_at', MOMENT, nullable=True))
    op.execute('UPDATE office_user SET changed_at = made_at')
    op.alter_column('office_user', 'changed_at', nullable=False)


def downgrade() -> None:
    op.drop_column('office_user', 'changed_at')
    op.drop_column('office_user', 'team_id')
    op.drop_column('mission', 'team_id')
    op.drop_table('mission_step')
    op.drop_table('team')
