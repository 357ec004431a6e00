"""What visitors were told of their programme, and which of the staff want mails."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "visit_request", sa.Column("told_programmes", sa.JSON(), server_default="[]", nullable=False)
    )
    op.add_column(
        "staff_user", sa.Column("wants_mails", sa.Boolean(), server_default=sa.true(), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("staff_user", "wants_mails")
    op.drop_column("visit_request", "told_programmes")
