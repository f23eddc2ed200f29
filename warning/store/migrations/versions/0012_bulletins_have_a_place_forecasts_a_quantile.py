"""Bulletins have a centre or a shape, forecasts their quantile"""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

KEY = ('source', 'place', 'quantity', 'valid_at', 'issued_at')


def _key(*columns: str) -> None:
    op.drop_constraint('forecast_pkey', 'forecast', type_='primary')
    op.create_primary_key('forecast_pkey', 'forecast', list(columns))


def upgrade() -> None:
    op.add_column('bulletin', sa.Column('hazard', sa.String(), nullable=True))
    op.add_column('bulletin', sa.Column('lat', sa.Float(), nullable=True))
    op.add_column('bulletin', sa.Column('lon', sa.Float(), nullable=True))
    op.add_column('bulletin', sa.Column('radius_km', sa.Float(), nullable=True))
    op.add_column('bulletin', sa.Column('magnitude', sa.Float(), nullable=True))
    op.add_column('bulletin', sa.Column('polygons', sa.JSON(), server_default='[]', nullable=False))
    op.add_column('forecast', sa.Column('quantile', sa.Float(), nullable=False, server_default='-1'))
    op.alter_column('forecast', 'quantile', server_default=None)
    _key(*KEY, 'quantile')


def downgrade() -> None:
    op.execute('DELETE FROM forecast WHERE quantile <> -1')
    _key(*KEY)
    op.drop_column('forecast', 'quantile')
    op.drop_column('bulletin', 'polygons')
    op.drop_column('bulletin', 'magnitude')
    op.drop_column('bulletin', 'radius_km')
    op.drop_column('bulletin', 'lon')
    op.drop_column('bulletin', 'lat')
    op.drop_column('bulletin', 'hazard')
