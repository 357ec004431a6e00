"""What staff changed in a proposed programme goes along with the next run of the planner.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("planning_run", sa.Column("wishes", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("planning_run", "wishes")
