"""Recipients are read from the index"""

from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

ROLL = ('audience', 'kind', 'tambon_code', 'nth')
TAKEN_ALONG = ('active', 'id', 'owner_id', 'household_id', 'village_code', 'sealed')


def upgrade() -> None:
    op.drop_index('address_roll', table_name='address')
    op.create_index('address_roll', 'address', ROLL, unique=True, postgresql_include=TAKEN_ALONG)


def downgrade() -> None:
    op.drop_index('address_roll', table_name='address')
    op.create_index('address_roll', 'address', ROLL, unique=True)
