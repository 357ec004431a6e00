"""Staff are invited, look after towns, sign in with passkeys and by links in a mail.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_PURPOSES = (
    "resume_draft",
    "verify_request",
    "not_me",
    "manage_visit",
    "answer_slot",
    "host_page",
    "calendar_feed",
    "visit_feed",
    "newsletter_confirm",
    "newsletter_unsubscribe",
)
_NEW_PURPOSES = ("staff_invitation", "staff_sign_in")


def upgrade() -> None:
    # Nobody loses what they could do: no town named means all of them, as it was.
    op.add_column("staff_user", sa.Column("towns", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("staff_user", sa.Column("invited_until", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "staff_passkey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(length=1023), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_user_id"],
            ["staff_user.id"],
            name=op.f("fk_staff_passkey_staff_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_staff_passkey_credential_id")),
    )
    op.create_index(op.f("ix_staff_passkey_staff_user_id"), "staff_passkey", ["staff_user_id"])
    _allow_purposes((*_PURPOSES, *_NEW_PURPOSES))


def downgrade() -> None:
    op.execute("DELETE FROM action_link WHERE purpose IN ('staff_invitation', 'staff_sign_in')")
    _allow_purposes(_PURPOSES)
    op.drop_table("staff_passkey")
    # Who was invited and has not come has no password: such an account could never be opened.
    op.execute("DELETE FROM staff_user WHERE password IS NULL")
    op.drop_column("staff_user", "invited_until")
    op.drop_column("staff_user", "towns")


def _allow_purposes(purposes: tuple[str, ...]) -> None:
    codes = ", ".join(f"'{purpose}'" for purpose in purposes)
    name = op.f("ck_action_link_purpose")
    with op.batch_alter_table("action_link") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, f"purpose IN ({codes})")
