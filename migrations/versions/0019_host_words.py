"""Contacts whose mailbox several people read, and visits whose hosts are told of each other.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# Without batches: on SQLite these would build the tables anew and lose the triggers of feeds.
_COLUMNS = (("host_contact", "is_shared"), ("visit_request", "names_hosts"))


def upgrade() -> None:
    for table, name in _COLUMNS:
        op.add_column(table, sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    for table, name in reversed(_COLUMNS):
        op.drop_column(table, name)
