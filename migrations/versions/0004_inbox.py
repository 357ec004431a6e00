"""Mails that come in, and what attendees answered to."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "address_alias",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("alias", sa.String(length=254), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.String(length=254), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_alias")),
        sa.UniqueConstraint("email", "alias", name=op.f("uq_address_alias_email_alias")),
    )
    op.create_table(
        "mailbox_position",
        sa.Column("mailbox", sa.String(length=254), nullable=False),
        sa.Column("uid_validity", sa.BigInteger(), nullable=False),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mailbox", name=op.f("pk_mailbox_position")),
    )
    op.create_table(
        "inbox_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=254), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("door", sa.String(length=40), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sender", sa.String(length=254), nullable=False),
        sa.Column("sender_name", sa.String(length=254), nullable=False),
        sa.Column("is_authenticated", sa.Boolean(), nullable=False),
        sa.Column("subject", sa.String(length=254), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("verdict", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("text", sa.String(length=4000), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("attendee_id", sa.Integer(), nullable=True),
        sa.Column("slot_id", sa.Integer(), nullable=True),
        sa.Column("visit_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=254), nullable=False),
        sa.Column("resolution", sa.String(length=40), nullable=False),
        sa.CheckConstraint("state IN ('logged', 'open', 'decided')", name=op.f("ck_inbox_message_state")),
        sa.ForeignKeyConstraint(
            ["attendee_id"], ["attendee.id"], name=op.f("fk_inbox_message_attendee_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["slot.id"], name=op.f("fk_inbox_message_slot_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit_request.id"], name=op.f("fk_inbox_message_visit_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_message")),
        sa.UniqueConstraint(
            "message_id", "content_hash", name=op.f("uq_inbox_message_message_id_content_hash")
        ),
    )
    op.create_index("ix_inbox_message_state_id", "inbox_message", ["state", "id"])
    op.create_index("ix_inbox_message_received_at", "inbox_message", ["received_at"])
    for column in ("attendee_id", "slot_id", "visit_id"):
        op.create_index(f"ix_inbox_message_{column}", "inbox_message", [column])
    op.add_column(
        "attendee", sa.Column("asked_sequence", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
    op.add_column("attendee", sa.Column("undeliverable_at", sa.DateTime(timezone=True), nullable=True))
    # What stands there was asked as it stands.
    op.execute(
        "UPDATE attendee SET asked_sequence ="
        " (SELECT sequence FROM calendar_entry WHERE calendar_entry.id = attendee.entry_id)"
    )


def downgrade() -> None:
    op.drop_column("attendee", "undeliverable_at")
    op.drop_column("attendee", "asked_sequence")
    op.drop_table("inbox_message")
    op.drop_table("mailbox_position")
    op.drop_table("address_alias")
