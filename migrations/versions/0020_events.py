"""Events with their registrations, waiting lists, doors and meetings.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_OLD_PURPOSES = (
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
    "staff_invitation",
    "staff_sign_in",
)
_PURPOSES = (
    "verify_registration",
    "manage_registration",
    "registration_feed",
    "event_door",
    "adviser_page",
)
_OLD_KINDS = ("host", "delegation", *(f"group_{number}" for number in range(2, 7)))
_KINDS = ("person", "table", "adviser")
_TABLES = (
    "event",
    "adviser",
    "event_part",
    "event_site",
    "match_run",
    "matchmaking",
    "meeting_slot",
    "meeting_table",
    "question",
    "ticket_kind",
    "registration",
    "seat_pool",
    "speaker",
    "attendance",
    "check_in",
    "meeting",
    "participant",
    "registration_agreement",
    "registration_consent",
    "registration_entry",
    "registration_note",
    "registration_part",
    "seat",
    "survey_answer",
    "waiting_list_entry",
    "meeting_person",
    "meeting_rating",
    "meeting_request",
    "offer",
    "participant_absence",
    "participant_interest",
    "wish",
)
# Seats count themselves: the rule on `taken` then refuses the one too many, whoever asks and however often.
_COUNTED = {"taken": ("INSERT", "NEW", "+"), "freed": ("DELETE", "OLD", "-")}
_OVERLAP = """
    SELECT RAISE(ABORT, 'hold_overlap') WHERE EXISTS (
        SELECT 1 FROM hold
        WHERE resource_id = NEW.resource_id AND strength = 'hard' AND id IS NOT NEW.id
          AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at
    );
"""


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("umbrella_id", sa.Integer(), nullable=True),
        sa.Column("series_key", sa.String(length=40), nullable=True),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("description", sa.JSON(), nullable=False),
        sa.Column("presence", sa.String(length=40), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("venue", sa.String(length=254), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("online_url", sa.String(length=254), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("minimum", sa.Integer(), nullable=True),
        sa.Column("decides_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("needs_approval", sa.Boolean(), nullable=False),
        sa.Column("most_per_organisation", sa.Integer(), nullable=True),
        sa.Column("largest_group", sa.Integer(), nullable=False),
        sa.Column("has_waiting_list", sa.Boolean(), nullable=False),
        sa.Column("lets_smaller_pass", sa.Boolean(), nullable=False),
        sa.Column("asks_costs", sa.Boolean(), nullable=False),
        sa.Column("notes_photos", sa.Boolean(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_reason", sa.String(length=4000), nullable=False),
        sa.CheckConstraint(
            "kind IN ('fair', 'seminar', 'webinar', 'open_visit_day', 'matchmaking_day', 'advisory_day')",
            name=op.f("ck_event_kind"),
        ),
        sa.CheckConstraint("presence IN ('on_site', 'online', 'both')", name=op.f("ck_event_presence")),
        sa.CheckConstraint("state IN ('draft', 'published', 'cancelled')", name=op.f("ck_event_state")),
        sa.CheckConstraint("capacity IS NULL OR capacity >= 0", name=op.f("ck_event_capacity")),
        sa.CheckConstraint("minimum IS NULL OR decides_at IS NOT NULL", name=op.f("ck_event_minimum")),
        sa.CheckConstraint(
            "opens_at IS NULL OR closes_at IS NULL OR opens_at < closes_at", name=op.f("ck_event_opening")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_event_order")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["staff_user.id"], name=op.f("fk_event_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["place_id"], ["place.id"], name=op.f("fk_event_place_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_event_site_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["umbrella_id"], ["event.id"], name=op.f("fk_event_umbrella_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("slug", name=op.f("uq_event_slug")),
    )
    op.create_index(op.f("ix_event_owner_id"), "event", ["owner_id"], unique=False)
    op.create_index(op.f("ix_event_place_id"), "event", ["place_id"], unique=False)
    op.create_index(op.f("ix_event_series_key"), "event", ["series_key"], unique=False)
    op.create_index(op.f("ix_event_site_id"), "event", ["site_id"], unique=False)
    op.create_index("ix_event_state_starts_at", "event", ["state", "starts_at"], unique=False)
    op.create_index(op.f("ix_event_umbrella_id"), "event", ["umbrella_id"], unique=False)
    op.create_table(
        "adviser",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=254), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("organisation_name", sa.String(length=254), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pause_starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pause_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("buffer_minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint("buffer_minutes BETWEEN 0 AND 120", name=op.f("ck_adviser_buffer_minutes")),
        sa.CheckConstraint("slot_minutes BETWEEN 5 AND 240", name=op.f("ck_adviser_slot_minutes")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_adviser_order")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_adviser_event_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adviser")),
        sa.UniqueConstraint("event_id", "email", name=op.f("uq_adviser_event_id_email")),
    )
    op.create_table(
        "event_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("description", sa.JSON(), nullable=False),
        sa.Column("presence", sa.String(length=40), nullable=False),
        sa.Column("room", sa.String(length=254), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_chosen", sa.Boolean(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.CheckConstraint("presence IN ('on_site', 'online', 'both')", name=op.f("ck_event_part_presence")),
        sa.CheckConstraint("capacity IS NULL OR capacity >= 0", name=op.f("ck_event_part_capacity")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_event_part_order")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_event_part_event_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_event_part_site_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_part")),
    )
    op.create_index("ix_event_part_event_id_starts_at", "event_part", ["event_id", "starts_at"], unique=False)
    op.create_index(op.f("ix_event_part_site_id"), "event_part", ["site_id"], unique=False)
    op.create_table(
        "event_site",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_event_site_event_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_event_site_site_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", "site_id", name=op.f("pk_event_site")),
    )
    op.create_index(op.f("ix_event_site_site_id"), "event_site", ["site_id"], unique=False)
    op.create_table(
        "match_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(length=254), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_stopping", sa.Boolean(), nullable=False),
        sa.Column("gaps", sa.Integer(), nullable=True),
        sa.Column("bound", sa.Integer(), nullable=True),
        sa.Column("is_proved", sa.Boolean(), nullable=False),
        sa.Column("progress", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed')", name=op.f("ck_match_run_state")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_match_run_event_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_run")),
    )
    op.create_index(op.f("ix_match_run_event_id"), "match_run", ["event_id"], unique=False)
    op.create_index(op.f("ix_match_run_state"), "match_run", ["state"], unique=False)
    op.create_table(
        "matchmaking",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=40), nullable=False),
        sa.Column("phase", sa.String(length=40), nullable=False),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("gap_minutes", sa.Integer(), nullable=False),
        sa.Column("most_meetings", sa.Integer(), nullable=True),
        sa.Column("wishes_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("feedback_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("mode IN ('ask', 'solver')", name=op.f("ck_matchmaking_mode")),
        sa.CheckConstraint("phase IN ('open', 'provisional', 'final')", name=op.f("ck_matchmaking_phase")),
        sa.CheckConstraint("gap_minutes BETWEEN 0 AND 60", name=op.f("ck_matchmaking_gap_minutes")),
        sa.CheckConstraint("slot_minutes BETWEEN 5 AND 120", name=op.f("ck_matchmaking_slot_minutes")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_matchmaking_event_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_matchmaking")),
    )
    op.create_table(
        "meeting_slot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("half", sa.String(length=40), nullable=False),
        sa.CheckConstraint("half IN ('morning', 'afternoon')", name=op.f("ck_meeting_slot_half")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_meeting_slot_order")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_meeting_slot_event_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_slot")),
        sa.UniqueConstraint("event_id", "starts_at", name=op.f("uq_meeting_slot_event_id_starts_at")),
    )
    op.create_table(
        "meeting_table",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("online_url", sa.String(length=254), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_meeting_table_event_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_table")),
        sa.UniqueConstraint("event_id", "number", name=op.f("uq_meeting_table_event_id_number")),
    )
    op.create_table(
        "question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("label", sa.JSON(), nullable=False),
        sa.Column("hint", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("shown_if_key", sa.String(length=40), nullable=True),
        sa.Column("shown_if_values", sa.JSON(), nullable=False),
        sa.Column("is_sensitive", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('text', 'long_text', 'choice', 'several', 'date', 'country', 'consent')",
            name=op.f("ck_question_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_question_event_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("event_id", "key", name=op.f("uq_question_event_id_key")),
    )
    op.create_table(
        "ticket_kind",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("presence", sa.String(length=40), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("is_partner", sa.Boolean(), nullable=False),
        sa.Column("access_code", sa.String(length=40), nullable=False),
        sa.Column("valid_on", sa.Date(), nullable=True),
        sa.CheckConstraint("presence IN ('on_site', 'online')", name=op.f("ck_ticket_kind_presence")),
        sa.CheckConstraint("NOT is_partner OR capacity IS NOT NULL", name=op.f("ck_ticket_kind_partner")),
        sa.CheckConstraint("capacity IS NULL OR capacity >= 0", name=op.f("ck_ticket_kind_capacity")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_ticket_kind_event_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_kind")),
        sa.UniqueConstraint("event_id", "position", name=op.f("uq_ticket_kind_event_id_position")),
    )
    op.create_table(
        "registration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("leader_id", sa.Integer(), nullable=True),
        sa.Column("form_key", sa.String(length=40), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("came_by", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=254), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=254), nullable=False),
        sa.Column("organisation_name", sa.String(length=254), nullable=False),
        sa.Column("organisation_key", sa.String(length=254), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("organisation_number", sa.String(length=40), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("search_key", sa.String(length=4000), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("badge_code", sa.String(length=40), nullable=False),
        sa.Column("respond_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=40), nullable=True),
        sa.Column("closed_reason", sa.String(length=4000), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("thanked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("followed_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("anonymised_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "came_by IN ('form', 'staff', 'import', 'walk_in')", name=op.f("ck_registration_came_by")
        ),
        sa.CheckConstraint(
            "state IN ('unverified', 'pending', 'waiting', 'offered', 'registered', 'cancelled', 'refused', 'expired')",
            name=op.f("ck_registration_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('unverified', 'offered') OR respond_by IS NOT NULL",
            name=op.f("ck_registration_respond_by"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_registration_event_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["leader_id"], ["registration.id"], name=op.f("fk_registration_leader_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_registration_organisation_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket_kind.id"], name=op.f("fk_registration_ticket_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint("badge_code", name=op.f("uq_registration_badge_code")),
        sa.UniqueConstraint("form_key", name=op.f("uq_registration_form_key")),
        sa.UniqueConstraint("reference", name=op.f("uq_registration_reference")),
    )
    op.create_index(op.f("ix_registration_email"), "registration", ["email"], unique=False)
    op.create_index(
        "ix_registration_event_id_organisation_key",
        "registration",
        ["event_id", "organisation_key"],
        unique=False,
    )
    op.create_index(
        "ix_registration_event_id_state_id", "registration", ["event_id", "state", "id"], unique=False
    )
    op.create_index(op.f("ix_registration_leader_id"), "registration", ["leader_id"], unique=False)
    op.create_index(
        op.f("ix_registration_organisation_id"), "registration", ["organisation_id"], unique=False
    )
    op.create_index("ix_registration_state_respond_by", "registration", ["state", "respond_by"], unique=False)
    op.create_index(op.f("ix_registration_ticket_id"), "registration", ["ticket_id"], unique=False)
    op.create_table(
        "seat_pool",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("part_id", sa.Integer(), nullable=True),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("taken", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("part_id IS NULL OR ticket_id IS NULL", name=op.f("ck_seat_pool_subject")),
        sa.CheckConstraint(
            "taken >= 0 AND (capacity IS NULL OR taken <= capacity)", name=op.f("ck_seat_pool_capacity")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_seat_pool_event_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["part_id"], ["event_part.id"], name=op.f("fk_seat_pool_part_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket_kind.id"], name=op.f("fk_seat_pool_ticket_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_pool")),
        sa.UniqueConstraint("part_id", name=op.f("uq_seat_pool_part_id")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_seat_pool_ticket_id")),
    )
    op.create_index("ix_seat_pool_event_id", "seat_pool", ["event_id"], unique=False)
    op.create_index(
        "ix_seat_pool_whole_event",
        "seat_pool",
        ["event_id"],
        unique=True,
        sqlite_where=sa.text("part_id IS NULL AND ticket_id IS NULL"),
        postgresql_where=sa.text("part_id IS NULL AND ticket_id IS NULL"),
    )
    op.create_table(
        "speaker",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("part_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=254), nullable=False),
        sa.Column("role", sa.String(length=254), nullable=False),
        sa.Column("organisation_name", sa.String(length=254), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_speaker_event_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_speaker_organisation_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["part_id"], ["event_part.id"], name=op.f("fk_speaker_part_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_speaker")),
    )
    op.create_index(op.f("ix_speaker_event_id"), "speaker", ["event_id"], unique=False)
    op.create_index(op.f("ix_speaker_organisation_id"), "speaker", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_speaker_part_id"), "speaker", ["part_id"], unique=False)
    op.create_table(
        "attendance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("part_id", sa.Integer(), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("door", sa.String(length=100), nullable=False),
        sa.Column("signature", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["part_id"], ["event_part.id"], name=op.f("fk_attendance_part_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_attendance_registration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sa.UniqueConstraint("registration_id", "part_id", name=op.f("uq_attendance_registration_id_part_id")),
    )
    op.create_index(
        "ix_attendance_event",
        "attendance",
        ["registration_id"],
        unique=True,
        sqlite_where=sa.text("part_id IS NULL"),
        postgresql_where=sa.text("part_id IS NULL"),
    )
    op.create_index(op.f("ix_attendance_part_id"), "attendance", ["part_id"], unique=False)
    op.create_table(
        "check_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_key", sa.String(length=40), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("part_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("door", sa.String(length=100), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=254), nullable=False),
        sa.CheckConstraint("kind IN ('in', 'undo')", name=op.f("ck_check_in_kind")),
        sa.ForeignKeyConstraint(
            ["part_id"], ["event_part.id"], name=op.f("fk_check_in_part_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_check_in_registration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_in")),
        sa.UniqueConstraint("client_key", name=op.f("uq_check_in_client_key")),
    )
    op.create_index(op.f("ix_check_in_part_id"), "check_in", ["part_id"], unique=False)
    op.create_index(
        "ix_check_in_registration_id_part_id_id",
        "check_in",
        ["registration_id", "part_id", "id"],
        unique=False,
    )
    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=True),
        sa.Column("adviser_id", sa.Integer(), nullable=True),
        sa.Column("organisation_pair", sa.String(length=254), nullable=False),
        sa.Column("table_id", sa.Integer(), nullable=True),
        sa.Column("slot_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_pinned", sa.Boolean(), nullable=False),
        sa.Column("subject", sa.String(length=4000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "state IN ('provisional', 'agreed', 'held', 'missed', 'cancelled')", name=op.f("ck_meeting_state")
        ),
        sa.CheckConstraint("(second_id IS NULL) <> (adviser_id IS NULL)", name=op.f("ck_meeting_other")),
        sa.CheckConstraint("second_id IS NULL OR first_id < second_id", name=op.f("ck_meeting_pair")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_meeting_order")),
        sa.ForeignKeyConstraint(
            ["adviser_id"], ["adviser.id"], name=op.f("fk_meeting_adviser_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_meeting_event_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["first_id"], ["registration.id"], name=op.f("fk_meeting_first_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["registration.id"], name=op.f("fk_meeting_second_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["meeting_slot.id"], name=op.f("fk_meeting_slot_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["table_id"], ["meeting_table.id"], name=op.f("fk_meeting_table_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
    )
    op.create_index(op.f("ix_meeting_adviser_id"), "meeting", ["adviser_id"], unique=False)
    op.create_index("ix_meeting_event_id_starts_at", "meeting", ["event_id", "starts_at"], unique=False)
    op.create_index(
        "ix_meeting_one_of_a_pair",
        "meeting",
        ["first_id", "second_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('provisional', 'agreed', 'held', 'missed')"),
        postgresql_where=sa.text("state IN ('provisional', 'agreed', 'held', 'missed')"),
    )
    op.create_index(
        "ix_meeting_one_of_two_organisations",
        "meeting",
        ["event_id", "organisation_pair"],
        unique=True,
        sqlite_where=sa.text(
            "state IN ('provisional', 'agreed', 'held', 'missed') AND organisation_pair <> ''"
        ),
        postgresql_where=sa.text(
            "state IN ('provisional', 'agreed', 'held', 'missed') AND organisation_pair <> ''"
        ),
    )
    op.create_index(op.f("ix_meeting_second_id"), "meeting", ["second_id"], unique=False)
    op.create_index(op.f("ix_meeting_slot_id"), "meeting", ["slot_id"], unique=False)
    op.create_index(op.f("ix_meeting_table_id"), "meeting", ["table_id"], unique=False)
    op.create_table(
        "participant",
        sa.Column("registration_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("offers", sa.String(length=4000), nullable=False),
        sa.Column("needs", sa.String(length=4000), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("half_day", sa.String(length=40), nullable=False),
        sa.Column("takes_fill_ins", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "half_day IN ('any', 'morning', 'afternoon')", name=op.f("ck_participant_half_day")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_participant_event_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_participant_registration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_participant")),
    )
    op.create_index(op.f("ix_participant_event_id"), "participant", ["event_id"], unique=False)
    op.create_table(
        "registration_agreement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("text", sa.String(length=4000), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("network_address", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_registration_agreement_registration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_agreement")),
        sa.UniqueConstraint("registration_id", name=op.f("uq_registration_agreement_registration_id")),
    )
    op.create_table(
        "registration_consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("question_key", sa.String(length=40), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("text", sa.String(length=4000), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("network_address", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_registration_consent_registration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_consent")),
        sa.UniqueConstraint(
            "registration_id",
            "question_key",
            "agreed_at",
            name=op.f("uq_registration_consent_registration_id_question_key_agreed_at"),
        ),
    )
    op.create_table(
        "registration_entry",
        sa.Column("calendar_entry_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar_entry_id"],
            ["calendar_entry.id"],
            name=op.f("fk_registration_entry_calendar_entry_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_registration_entry_registration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("calendar_entry_id", name=op.f("pk_registration_entry")),
        sa.UniqueConstraint("registration_id", "day", name=op.f("uq_registration_entry_registration_id_day")),
    )
    op.create_table(
        "registration_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("author_kind", sa.String(length=40), nullable=False),
        sa.Column("author_name", sa.String(length=254), nullable=False),
        sa.Column("text", sa.String(length=4000), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "author_kind IN ('visitor', 'host', 'staff', 'system')",
            name=op.f("ck_registration_note_author_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_registration_note_registration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_note")),
    )
    op.create_index(
        op.f("ix_registration_note_registration_id"), "registration_note", ["registration_id"], unique=False
    )
    op.create_table(
        "registration_part",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("part_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["part_id"], ["event_part.id"], name=op.f("fk_registration_part_part_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_registration_part_registration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", "part_id", name=op.f("pk_registration_part")),
    )
    op.create_index(op.f("ix_registration_part_part_id"), "registration_part", ["part_id"], unique=False)
    op.create_table(
        "seat",
        sa.Column("pool_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pool_id"], ["seat_pool.id"], name=op.f("fk_seat_pool_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_seat_registration_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("pool_id", "registration_id", name=op.f("pk_seat")),
    )
    op.create_index(op.f("ix_seat_registration_id"), "seat", ["registration_id"], unique=False)
    op.create_table(
        "survey_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("outcomes", sa.JSON(), nullable=False),
        sa.Column("comment", sa.String(length=4000), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("stage IN ('day_1', 'day_180')", name=op.f("ck_survey_answer_stage")),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name=op.f("ck_survey_answer_score")),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_survey_answer_registration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_answer")),
        sa.UniqueConstraint("registration_id", "stage", name=op.f("uq_survey_answer_registration_id_stage")),
    )
    op.create_table(
        "waiting_list_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("passed_over", sa.Integer(), nullable=False),
        sa.Column("blocked_pool_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("people >= 1", name=op.f("ck_waiting_list_entry_people")),
        sa.ForeignKeyConstraint(
            ["blocked_pool_id"],
            ["seat_pool.id"],
            name=op.f("fk_waiting_list_entry_blocked_pool_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_waiting_list_entry_event_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_waiting_list_entry_registration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_list_entry")),
    )
    op.create_index(
        op.f("ix_waiting_list_entry_blocked_pool_id"), "waiting_list_entry", ["blocked_pool_id"], unique=False
    )
    op.create_index(
        "ix_waiting_list_entry_queue",
        "waiting_list_entry",
        ["event_id", "id"],
        unique=False,
        sqlite_where=sa.text("left_at IS NULL"),
        postgresql_where=sa.text("left_at IS NULL"),
    )
    op.create_index(
        op.f("ix_waiting_list_entry_registration_id"), "waiting_list_entry", ["registration_id"], unique=False
    )
    op.create_table(
        "meeting_person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=True),
        sa.Column("adviser_id", sa.Integer(), nullable=True),
        sa.Column("calendar_entry_id", sa.Integer(), nullable=True),
        sa.Column("feedback", sa.String(length=40), nullable=False),
        sa.CheckConstraint("feedback IN ('', 'keep', 'change')", name=op.f("ck_meeting_person_feedback")),
        sa.CheckConstraint(
            "(registration_id IS NULL) <> (adviser_id IS NULL)", name=op.f("ck_meeting_person_who")
        ),
        sa.ForeignKeyConstraint(
            ["adviser_id"], ["adviser.id"], name=op.f("fk_meeting_person_adviser_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["calendar_entry_id"],
            ["calendar_entry.id"],
            name=op.f("fk_meeting_person_calendar_entry_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_person_meeting_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_meeting_person_registration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_person")),
        sa.UniqueConstraint("calendar_entry_id", name=op.f("uq_meeting_person_calendar_entry_id")),
        sa.UniqueConstraint(
            "meeting_id", "registration_id", name=op.f("uq_meeting_person_meeting_id_registration_id")
        ),
    )
    op.create_index(op.f("ix_meeting_person_adviser_id"), "meeting_person", ["adviser_id"], unique=False)
    op.create_index(
        op.f("ix_meeting_person_registration_id"), "meeting_person", ["registration_id"], unique=False
    )
    op.create_table(
        "meeting_rating",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("outcomes", sa.JSON(), nullable=False),
        sa.Column("comment", sa.String(length=4000), nullable=False),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("stage IN ('day_1', 'day_180')", name=op.f("ck_meeting_rating_stage")),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name=op.f("ck_meeting_rating_score")),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_rating_meeting_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_meeting_rating_registration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_rating")),
        sa.UniqueConstraint(
            "meeting_id",
            "registration_id",
            "stage",
            name=op.f("uq_meeting_rating_meeting_id_registration_id_stage"),
        ),
    )
    op.create_index(
        op.f("ix_meeting_rating_registration_id"), "meeting_rating", ["registration_id"], unique=False
    )
    op.create_table(
        "meeting_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("asker_id", sa.Integer(), nullable=False),
        sa.Column("asked_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=True),
        sa.Column("message", sa.String(length=4000), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("is_walk_in", sa.Boolean(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'declined', 'withdrawn', 'expired')",
            name=op.f("ck_meeting_request_state"),
        ),
        sa.CheckConstraint("asker_id <> asked_id", name=op.f("ck_meeting_request_others")),
        sa.ForeignKeyConstraint(
            ["asked_id"],
            ["participant.registration_id"],
            name=op.f("fk_meeting_request_asked_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["asker_id"],
            ["participant.registration_id"],
            name=op.f("fk_meeting_request_asker_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_meeting_request_event_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["meeting_slot.id"], name=op.f("fk_meeting_request_slot_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_request")),
    )
    op.create_index(op.f("ix_meeting_request_asked_id"), "meeting_request", ["asked_id"], unique=False)
    op.create_index(op.f("ix_meeting_request_event_id"), "meeting_request", ["event_id"], unique=False)
    op.create_index(
        "ix_meeting_request_one_open",
        "meeting_request",
        ["asker_id", "asked_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(op.f("ix_meeting_request_slot_id"), "meeting_request", ["slot_id"], unique=False)
    op.create_index(
        "ix_meeting_request_state_expires_at", "meeting_request", ["state", "expires_at"], unique=False
    )
    op.create_table(
        "offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("waiting_list_entry_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'taken', 'declined', 'lapsed')", name=op.f("ck_offer_state")),
        sa.ForeignKeyConstraint(
            ["waiting_list_entry_id"],
            ["waiting_list_entry.id"],
            name=op.f("fk_offer_waiting_list_entry_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
    )
    op.create_index(
        "ix_offer_one_open",
        "offer",
        ["waiting_list_entry_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_offer_state_expires_at", "offer", ["state", "expires_at"], unique=False)
    op.create_index(op.f("ix_offer_waiting_list_entry_id"), "offer", ["waiting_list_entry_id"], unique=False)
    op.create_table(
        "participant_absence",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["participant.registration_id"],
            name=op.f("fk_participant_absence_registration_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["meeting_slot.id"], name=op.f("fk_participant_absence_slot_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("registration_id", "slot_id", name=op.f("pk_participant_absence")),
    )
    op.create_index(op.f("ix_participant_absence_slot_id"), "participant_absence", ["slot_id"], unique=False)
    op.create_table(
        "participant_interest",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("interest_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["interest_id"],
            ["interest.id"],
            name=op.f("fk_participant_interest_interest_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["participant.registration_id"],
            name=op.f("fk_participant_interest_registration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", "interest_id", name=op.f("pk_participant_interest")),
    )
    op.create_index(
        op.f("ix_participant_interest_interest_id"), "participant_interest", ["interest_id"], unique=False
    )
    op.create_table(
        "wish",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wisher_id", sa.Integer(), nullable=False),
        sa.Column("wished_id", sa.Integer(), nullable=False),
        sa.Column("strength", sa.String(length=40), nullable=False),
        sa.CheckConstraint("strength IN ('must', 'like', 'never')", name=op.f("ck_wish_strength")),
        sa.CheckConstraint("wisher_id <> wished_id", name=op.f("ck_wish_others")),
        sa.ForeignKeyConstraint(
            ["wished_id"], ["participant.registration_id"], name=op.f("fk_wish_wished_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["wisher_id"], ["participant.registration_id"], name=op.f("fk_wish_wisher_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish")),
        sa.UniqueConstraint("wisher_id", "wished_id", name=op.f("uq_wish_wisher_id_wished_id")),
    )
    op.create_index(op.f("ix_wish_wished_id"), "wish", ["wished_id"], unique=False)

    for name, (verb, row, sign) in _COUNTED.items():
        _count_seats(name, verb, row, sign)
    _allow("action_link", "purpose", (*_OLD_PURPOSES, *_PURPOSES))
    _allow("resource", "kind", (*_OLD_KINDS, *_KINDS))
    _allow("import_file", "kind", ("organisations", "offers", "registrations"))
    with op.batch_alter_table("hold") as table:
        table.add_column(sa.Column("meeting_id", sa.Integer(), nullable=True))
        table.alter_column("slot_id", existing_type=sa.Integer(), nullable=True)
        table.create_foreign_key(
            op.f("fk_hold_meeting_id"), "meeting", ["meeting_id"], ["id"], ondelete="CASCADE"
        )
        table.create_check_constraint(op.f("ck_hold_what_for"), "(slot_id IS NULL) <> (meeting_id IS NULL)")
        table.create_index(op.f("ix_hold_meeting_id"), ["meeting_id"])
    _guard_holds()
    _add_parent("import_file", "event_id", "event", "CASCADE")
    _add_parent("outbox_message", "registration_id", "registration", "SET NULL")


def downgrade() -> None:
    """Events are gone with all that belongs to them; visits stay as they are."""
    for table, column in (("outbox_message", "registration_id"), ("import_file", "event_id")):
        with op.batch_alter_table(table) as batch:
            batch.drop_index(op.f(f"ix_{table}_{column}"))
            batch.drop_constraint(op.f(f"fk_{table}_{column}"), type_="foreignkey")
            batch.drop_column(column)
    op.execute("DELETE FROM hold WHERE slot_id IS NULL")
    with op.batch_alter_table("hold") as table:
        table.drop_index(op.f("ix_hold_meeting_id"))
        table.drop_constraint(op.f("ck_hold_what_for"), type_="check")
        table.drop_constraint(op.f("fk_hold_meeting_id"), type_="foreignkey")
        table.alter_column("slot_id", existing_type=sa.Integer(), nullable=False)
        table.drop_column("meeting_id")
    _guard_holds()
    _forget("import_file", "kind", ("registrations",))
    _forget("resource", "kind", _KINDS)
    _forget("action_link", "purpose", _PURPOSES)
    _allow("import_file", "kind", ("organisations", "offers"))
    _allow("resource", "kind", _OLD_KINDS)
    _allow("action_link", "purpose", _OLD_PURPOSES)
    entries = (
        "SELECT calendar_entry_id FROM registration_entry UNION SELECT calendar_entry_id FROM meeting_person"
    )
    op.execute(
        "CREATE TABLE gone_entry AS " + entries  # dropped again below
    )
    for name in reversed(_TABLES):
        op.drop_table(name)
    op.execute("DELETE FROM attendee WHERE entry_id IN (SELECT calendar_entry_id FROM gone_entry)")
    op.execute("DELETE FROM calendar_entry WHERE id IN (SELECT calendar_entry_id FROM gone_entry)")
    op.execute("DROP TABLE gone_entry")
    if op.get_bind().dialect.name != "sqlite":
        for name in _COUNTED:
            op.execute(f"DROP FUNCTION seat_{name}()")


def _count_seats(name: str, verb: str, row: str, sign: str) -> None:
    count = f"UPDATE seat_pool SET taken = taken {sign} 1 WHERE id = {row}.pool_id;"  # noqa: S608 (our own names)
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE TRIGGER seat_{name} AFTER {verb} ON seat BEGIN {count} END")
        return
    op.execute(
        f"CREATE FUNCTION seat_{name}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {count} RETURN NULL; END $$"
    )
    op.execute(f"CREATE TRIGGER seat_{name} AFTER {verb} ON seat FOR EACH ROW EXECUTE FUNCTION seat_{name}()")


def _guard_holds() -> None:
    """On SQLite the table was built anew, and its triggers (see 0002) were lost."""
    if op.get_bind().dialect.name != "sqlite":
        return
    for verb in ("INSERT", "UPDATE"):
        op.execute(f"DROP TRIGGER IF EXISTS hold_no_overlap_{verb.lower()}")
        op.execute(
            f"CREATE TRIGGER hold_no_overlap_{verb.lower()} BEFORE {verb} ON hold "
            f"WHEN NEW.strength = 'hard' BEGIN {_OVERLAP} END"
        )


def _add_parent(table: str, column: str, parent: str, ondelete: str) -> None:
    with op.batch_alter_table(table) as batch:
        batch.add_column(sa.Column(column, sa.Integer(), nullable=True))
        name = op.f(f"fk_{table}_{column}")
        batch.create_foreign_key(name, parent, [column], ["id"], ondelete=ondelete)
        batch.create_index(op.f(f"ix_{table}_{column}"), [column])


def _allow(table: str, column: str, codes: tuple[str, ...]) -> None:
    name, listed = op.f(f"ck_{table}_{column}"), ", ".join(f"'{code}'" for code in codes)
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(name, type_="check")
        batch.create_check_constraint(name, f"{column} IN ({listed})")


def _forget(table: str, column: str, codes: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{code}'" for code in codes)
    op.execute(f"DELETE FROM {table} WHERE {column} IN ({listed})")  # noqa: S608 (our own names)
