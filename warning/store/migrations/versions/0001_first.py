"""The first schema: procrastinate's, then ours."""

from alembic import op
from procrastinate.schema import SchemaManager

from warning.delivery import DELIVERY_STATUS_VIEW
from warning.store.tables import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    connection.connection.driver_connection.execute(SchemaManager.get_schema())
    metadata().create_all(connection)
    op.execute(DELIVERY_STATUS_VIEW)


def downgrade() -> None:
    raise NotImplementedError("the first schema is not undone: drop the database instead")
