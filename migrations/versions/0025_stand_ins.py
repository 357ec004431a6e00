"""Colleagues may stand in at a meeting.

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("meeting_person", sa.Column("stand_in", sa.String(254), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("meeting_person", "stand_in")
