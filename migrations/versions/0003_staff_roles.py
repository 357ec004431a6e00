"""The three roles of staff."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ROLES = ("reader", "coordinator", "admin")
_role = sa.table("role", sa.column("name", sa.String), sa.column("description", sa.String))


def upgrade() -> None:
    op.bulk_insert(_role, [{"name": name, "description": None} for name in _ROLES])


def downgrade() -> None:
    op.execute(_role.delete().where(_role.c.name.in_(_ROLES)))
