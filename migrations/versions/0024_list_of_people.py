"""Staff's list of an event's people comes in its order out of an index, whatever the page.

Revision ID: 0024
Revises: 0023
"""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None
_INDEX = "ix_registration_event_id_id_state"


def upgrade() -> None:
    op.create_index(_INDEX, "registration", ["event_id", "id", "state"])


def downgrade() -> None:
    op.drop_index(_INDEX, "registration")
