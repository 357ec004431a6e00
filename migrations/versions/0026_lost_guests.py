"""Mails that come back from somebody who registered are told beside the registration.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None
_INDEX = "ix_registration_undeliverable_at"
_IS_LOST = sa.text("undeliverable_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("registration", sa.Column("undeliverable_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        _INDEX, "registration", ["undeliverable_at"], sqlite_where=_IS_LOST, postgresql_where=_IS_LOST
    )


def downgrade() -> None:
    op.drop_index(_INDEX, "registration")
    op.drop_column("registration", "undeliverable_at")
