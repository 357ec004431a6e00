"""When and where a delegation comes and goes, and how many groups of it go separate ways.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_ENDS = ("arrives", "departs")
# A column with its own rule: SQLite takes both in place, where a rule of the table would need the table copied.
# The rule stands on a line of its own, because SQLite keeps the words and its rules are read by line.
_GROUPS = """
ALTER TABLE visit_request ADD COLUMN parallel_groups INTEGER
CONSTRAINT ck_visit_request_parallel_groups CHECK (parallel_groups BETWEEN 1 AND 6)
DEFAULT 1 NOT NULL
"""


def upgrade() -> None:
    for end in _ENDS:
        op.add_column("visit_request", sa.Column(f"{end}_place_slug", sa.String(length=80), nullable=True))
        op.add_column("visit_request", sa.Column(f"{end}_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(_GROUPS)


def downgrade() -> None:
    op.drop_column("visit_request", "parallel_groups")
    for end in _ENDS:
        op.drop_column("visit_request", f"{end}_at")
        op.drop_column("visit_request", f"{end}_place_slug")
