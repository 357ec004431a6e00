"""Registrations know what their calendars were told of, and whether staff have to let them pass.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "registration",
        sa.Column("is_held_for_moderation", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("registration", sa.Column("told_version", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    for name in ("told_version", "is_held_for_moderation"):
        op.drop_column("registration", name)
