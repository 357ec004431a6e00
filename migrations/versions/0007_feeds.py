"""Feeds for staff and hosts, their rendered entries, and hosts' own calendars.

Triggers give a slot another `feed_stamp` whenever something changes that feeds show of it, whoever changes it:
a rendered entry counts only with the stamp it was made for. A later migration that rebuilds one of these tables
on SQLite has to make its triggers anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# 48 random bits: so many that a sum of them tells of every change, and so few that no sum is too large.
_STAMP = {"sqlite": "random() & 281474976710655", "postgresql": "floor(random() * 281474976710656)::bigint"}
_SLOT_COLUMNS = (
    "visit_id, organisation_id, site_id, host_contact_id, place_id, calendar_entry_id, state, title,"
    " starts_at, ends_at, time_zone"
)
# table: the columns that feeds show, and how to find the slots of a row
_SHOWN = {
    "calendar_entry": ("uid, sequence, status, created_at, changed_at", "calendar_entry_id = NEW.id"),
    "visit_request": ("reference", "visit_id = NEW.id"),
    "delegation": ("organisation_name, group_size", "visit_id = NEW.visit_id"),
    "organisation": ("name", "organisation_id = NEW.id"),
    "site": ("name, address", "site_id = NEW.id"),
    "place": ("name_en, name_sv, name_fi", "place_id = NEW.id"),
    "host_contact": ("name", "host_contact_id = NEW.id"),
}


def upgrade() -> None:
    _create_feeds()
    _create_calendars()
    op.add_column("slot", sa.Column("feed_stamp", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_index("ix_slot_feed", "slot", ["ends_at", "id", "state", "place_id", "feed_stamp"])
    op.execute(f"UPDATE slot SET feed_stamp = {_STAMP[op.get_bind().dialect.name]}")  # noqa: S608 (our own)
    if op.get_bind().dialect.name == "sqlite":
        _create_triggers_on_sqlite()
    else:
        _create_triggers_on_postgresql()
    op.execute(
        "INSERT INTO calendar_feed (token_hash, kind, staff_user_id, created_at)"
        " SELECT token_hash, 'staff', subject_id, created_at FROM action_link"
        " WHERE purpose = 'calendar_feed' AND revoked_at IS NULL AND subject_id IN (SELECT id FROM staff_user)"
    )
    op.execute("DELETE FROM action_link WHERE purpose = 'calendar_feed'")


def downgrade() -> None:
    op.execute(
        "INSERT INTO action_link (token_hash, purpose, subject_id, created_at)"
        " SELECT token_hash, 'calendar_feed', staff_user_id, created_at FROM calendar_feed"
        " WHERE kind = 'staff' AND place_id IS NULL"
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in ("slot", *_SHOWN):
        op.execute(f"DROP TRIGGER feed_stamp_{table}" + ("" if is_sqlite else f" ON {table}"))
        if not is_sqlite:
            op.execute(f"DROP FUNCTION feed_stamp_{table}()")
    if is_sqlite:
        op.execute("DROP TRIGGER feed_stamp_slot_new")
    op.execute("DROP TRIGGER feed_rendering_of_slot" + ("" if is_sqlite else " ON slot"))
    if not is_sqlite:
        op.execute("DROP FUNCTION feed_rendering_of_slot()")
    op.drop_index("ix_slot_feed", "slot")
    op.drop_column("slot", "feed_stamp")
    for table in ("feed_rendering", "calendar_feed", "host_busy_time", "host_calendar"):
        op.drop_table(table)


def _create_triggers_on_sqlite() -> None:
    stamp = _STAMP["sqlite"]
    own = f"UPDATE slot SET feed_stamp = {stamp} WHERE id = NEW.id;"  # noqa: S608 (our own)
    op.execute(f"CREATE TRIGGER feed_stamp_slot_new AFTER INSERT ON slot BEGIN {own} END")
    op.execute(f"CREATE TRIGGER feed_stamp_slot AFTER UPDATE OF {_SLOT_COLUMNS} ON slot BEGIN {own} END")
    for table, (columns, slots) in _SHOWN.items():
        again = f"UPDATE slot SET feed_stamp = {stamp} WHERE {slots};"  # noqa: S608 (our own names)
        op.execute(
            f"CREATE TRIGGER feed_stamp_{table} AFTER UPDATE OF {columns} ON {table} BEGIN {again} END"
        )
    op.execute(
        "CREATE TRIGGER feed_rendering_of_slot AFTER UPDATE OF feed_stamp ON slot"
        " BEGIN DELETE FROM feed_rendering WHERE slot_id = NEW.id; END"
    )


def _create_triggers_on_postgresql() -> None:
    stamp = _STAMP["postgresql"]
    _create_function("feed_stamp_slot", f"NEW.feed_stamp := {stamp}; RETURN NEW;")
    op.execute(
        f"CREATE TRIGGER feed_stamp_slot BEFORE INSERT OR UPDATE OF {_SLOT_COLUMNS} ON slot"
        " FOR EACH ROW EXECUTE FUNCTION feed_stamp_slot()"
    )
    for table, (columns, slots) in _SHOWN.items():
        again = f"UPDATE slot SET feed_stamp = {stamp} WHERE {slots}; RETURN NULL;"  # noqa: S608 (our own names)
        _create_function(f"feed_stamp_{table}", again)
        op.execute(
            f"CREATE TRIGGER feed_stamp_{table} AFTER UPDATE OF {columns} ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION feed_stamp_{table}()"
        )
    _create_function(
        "feed_rendering_of_slot", "DELETE FROM feed_rendering WHERE slot_id = NEW.id; RETURN NULL;"
    )
    op.execute(
        "CREATE TRIGGER feed_rendering_of_slot AFTER UPDATE ON slot"
        " FOR EACH ROW WHEN (OLD.feed_stamp IS DISTINCT FROM NEW.feed_stamp)"
        " EXECUTE FUNCTION feed_rendering_of_slot()"
    )


def _create_function(name: str, body: str) -> None:
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$")


def _create_feeds() -> None:
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("staff_user_id", sa.Integer(), nullable=True),
        sa.Column("host_contact_id", sa.Integer(), nullable=True),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('staff', 'host', 'busy')", name=op.f("ck_calendar_feed_kind")),
        sa.CheckConstraint(
            "(kind = 'staff') = (staff_user_id IS NOT NULL)", name=op.f("ck_calendar_feed_staff")
        ),
        sa.CheckConstraint(
            "(kind = 'staff') = (host_contact_id IS NULL)", name=op.f("ck_calendar_feed_host")
        ),
        sa.ForeignKeyConstraint(
            ["staff_user_id"],
            ["staff_user.id"],
            name=op.f("fk_calendar_feed_staff_user_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["host_contact_id"],
            ["host_contact.id"],
            name=op.f("fk_calendar_feed_host_contact_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["place_id"], ["place.id"], name=op.f("fk_calendar_feed_place_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feed_token_hash")),
    )
    for column in ("staff_user_id", "host_contact_id", "place_id"):
        op.create_index(f"ix_calendar_feed_{column}", "calendar_feed", [column])
    op.create_table(
        "feed_rendering",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("edition", sa.String(length=40), nullable=False),
        sa.Column("vevent", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["slot.id"], name=op.f("fk_feed_rendering_slot_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("kind", "language", "slot_id", name=op.f("pk_feed_rendering")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_feed_rendering_slot_id", "feed_rendering", ["slot_id"])


def _create_calendars() -> None:
    op.create_table(
        "host_calendar",
        sa.Column("host_contact_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("address", sa.String(length=4000), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("fault", sa.String(length=40), nullable=False),
        sa.Column("etag", sa.String(length=254), nullable=False),
        sa.Column("last_modified", sa.String(length=254), nullable=False),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_host_calendar_failures")),
        sa.ForeignKeyConstraint(
            ["host_contact_id"],
            ["host_contact.id"],
            name=op.f("fk_host_calendar_host_contact_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("host_contact_id", name=op.f("pk_host_calendar")),
    )
    op.create_index("ix_host_calendar_next_read_at", "host_calendar", ["next_read_at"])
    op.create_table(
        "host_busy_time",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("host_contact_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_host_busy_time_order")),
        sa.ForeignKeyConstraint(
            ["host_contact_id"],
            ["host_calendar.host_contact_id"],
            name=op.f("fk_host_busy_time_host_contact_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_host_busy_time")),
    )
    op.create_index(
        "ix_host_busy_time_host_contact_id_ends_at", "host_busy_time", ["host_contact_id", "ends_at"]
    )
