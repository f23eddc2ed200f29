"""what the rules ask for is found by station, however long observations are kept"""

from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('observation_series', 'observation', ['station', 'quantity', 'observed_at'], unique=False)


def downgrade() -> None:
    op.drop_index('observation_series', table_name='observation')
