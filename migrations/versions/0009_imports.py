"""Files that wait to be imported, remembered columns, the printed catalogue."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("file_name", sa.String(length=254), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.Column("directory_version", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("uploaded_by", sa.String(length=254), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('organisations', 'offers')", name=op.f("ck_import_file_kind")),
        sa.CheckConstraint(
            "state IN ('uploaded', 'checking', 'checked', 'refused', 'importing', 'done')",
            name=op.f("ck_import_file_state"),
        ),
        sa.CheckConstraint("done >= 0 AND done <= total", name=op.f("ck_import_file_progress")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_file")),
    )
    op.create_index("ix_import_file_expires_at", "import_file", ["expires_at"])
    op.create_table(
        "import_mapping",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("header_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "header_hash", name=op.f("pk_import_mapping")),
    )
    op.create_table(
        "catalogue",
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("directory_version", sa.String(length=40), nullable=False),
        sa.Column("edition", sa.String(length=40), nullable=False),
        sa.Column("rendered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_tagged", sa.Boolean(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("language", name=op.f("pk_catalogue")),
    )


def downgrade() -> None:
    for table in ("catalogue", "import_mapping", "import_file"):
        op.drop_table(table)
