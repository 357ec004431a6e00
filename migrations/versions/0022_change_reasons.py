"""Planned changes say why: the host reads it with the mail.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("planned_change", sa.Column("reason", sa.String(4000), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("planned_change", "reason")
