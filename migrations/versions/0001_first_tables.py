"""first tables"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "action_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('resume_draft', 'verify_request', 'not_me', 'manage_visit', 'answer_slot', 'calendar_feed', 'visit_feed', 'newsletter_confirm', 'newsletter_unsubscribe')",
            name=op.f("ck_action_link_purpose"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_action_link_token_hash")),
    )
    with op.batch_alter_table("action_link", schema=None) as batch_op:
        batch_op.create_index("ix_action_link_purpose_subject_id", ["purpose", "subject_id"], unique=False)

    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(length=40), nullable=False),
        sa.Column("actor_name", sa.String(length=254), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("noun", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "actor_kind IN ('visitor', 'host', 'staff', 'system')", name=op.f("ck_audit_entry_actor_kind")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_entry_happened_at"), ["happened_at"], unique=False)
        batch_op.create_index("ix_audit_entry_noun_subject_id", ["noun", "subject_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_entry_visit_id"), ["visit_id"], unique=False)

    op.create_table(
        "calendar_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=254), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("summary", sa.String(length=254), nullable=False),
        sa.Column("location", sa.String(length=254), nullable=False),
        sa.Column("description", sa.String(length=4000), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('TENTATIVE', 'CONFIRMED', 'CANCELLED')", name=op.f("ck_calendar_entry_status")
        ),
        sa.CheckConstraint("sequence >= 0", name=op.f("ck_calendar_entry_sequence")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_calendar_entry_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_entry")),
        sa.UniqueConstraint("uid", name=op.f("uq_calendar_entry_uid")),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("wording", sa.String(length=4000), nullable=False),
        sa.Column("wording_version", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("network_address", sa.String(length=100), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_subscription_id"), ["subscription_id"], unique=False)

    op.create_table(
        "interest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("label_en", sa.String(length=100), nullable=False),
        sa.Column("label_sv", sa.String(length=100), nullable=False),
        sa.Column("label_fi", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["interest.id"], name=op.f("fk_interest_parent_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interest")),
        sa.UniqueConstraint("slug", name=op.f("uq_interest_slug")),
    )
    with op.batch_alter_table("interest", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_interest_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "limited_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_limited_act")),
    )
    with op.batch_alter_table("limited_act", schema=None) as batch_op:
        batch_op.create_index(
            "ix_limited_act_kind_key_hash_happened_at", ["kind", "key_hash", "happened_at"], unique=False
        )

    op.create_table(
        "newsletter_subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_newsletter_subscription")),
        sa.UniqueConstraint("email", name=op.f("uq_newsletter_subscription_email")),
    )
    op.create_table(
        "place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=100), nullable=False),
        sa.Column("name_sv", sa.String(length=100), nullable=False),
        sa.Column("name_fi", sa.String(length=100), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("is_partner", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
        sa.UniqueConstraint("slug", name=op.f("uq_place_slug")),
    )
    op.create_table(
        "reference_counter",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_reference_counter")),
    )
    op.create_table(
        "resource",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('host', 'delegation')", name=op.f("ck_resource_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource")),
        sa.UniqueConstraint("kind", "subject_id", name=op.f("uq_resource_kind_subject_id")),
    )
    op.create_table(
        "role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("description", sa.String(length=254), nullable=True),
        sa.CheckConstraint("name IN ('reader', 'coordinator', 'admin')", name=op.f("ck_role_name")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role")),
        sa.UniqueConstraint("name", name=op.f("uq_role_name")),
    )
    op.create_table(
        "staff_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=254), nullable=False),
        sa.Column("password", sa.String(length=254), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("town", sa.String(length=40), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tf_primary_method", sa.String(length=64), nullable=True),
        sa.Column("tf_totp_secret", sa.String(length=254), nullable=True),
        sa.Column("tf_last_counter", sa.Integer(), nullable=True),
        sa.Column("mf_recovery_codes", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_user")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_user_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_staff_user_fs_uniquifier")),
    )
    op.create_table(
        "stop_list_entry",
        sa.Column("email_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("email_hash", name=op.f("pk_stop_list_entry")),
    )
    op.create_table(
        "worker_heartbeat",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker_heartbeat")),
    )
    op.create_table(
        "attendee",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("partstat", sa.String(length=40), nullable=False),
        sa.Column("organizer_token", sa.String(length=40), nullable=False),
        sa.Column("replied_sequence", sa.Integer(), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "partstat IN ('NEEDS-ACTION', 'ACCEPTED', 'DECLINED', 'TENTATIVE', 'DELEGATED')",
            name=op.f("ck_attendee_partstat"),
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["calendar_entry.id"], name=op.f("fk_attendee_entry_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendee")),
        sa.UniqueConstraint("entry_id", "email", name=op.f("uq_attendee_entry_id_email")),
        sa.UniqueConstraint("organizer_token", name=op.f("uq_attendee_organizer_token")),
    )
    version = op.create_table(
        "directory_version",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_version")),
    )
    op.bulk_insert(version, [{"id": 1, "number": 0}])
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=254), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("website", sa.String(length=254), nullable=False),
        sa.Column("summary_en", sa.String(length=4000), nullable=False),
        sa.Column("summary_sv", sa.String(length=4000), nullable=False),
        sa.Column("summary_fi", sa.String(length=4000), nullable=False),
        sa.Column("organisation_number", sa.String(length=40), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("hosts_visits", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("source_url", sa.String(length=4000), nullable=False),
        sa.CheckConstraint(
            "hosts_visits IN ('yes', 'no', 'unknown')", name=op.f("ck_organisation_hosts_visits")
        ),
        sa.CheckConstraint(
            "kind IN ('company', 'research', 'public', 'investor', 'cluster', 'test_facility')",
            name=op.f("ck_organisation_kind"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'in_review', 'published', 'hidden', 'ended')",
            name=op.f("ck_organisation_status"),
        ),
        sa.ForeignKeyConstraint(
            ["place_id"], ["place.id"], name=op.f("fk_organisation_place_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("slug", name=op.f("uq_organisation_slug")),
    )
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisation_place_id"), ["place_id"], unique=False)
        batch_op.create_index("ix_organisation_status_name", ["status", "name"], unique=False)

    op.create_table(
        "staff_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("staff_user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("network_address", sa.String(length=100), nullable=False),
        sa.Column("user_agent", sa.String(length=4000), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_user_id"],
            ["staff_user.id"],
            name=op.f("fk_staff_session_staff_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_staff_session_token_hash")),
    )
    with op.batch_alter_table("staff_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_session_staff_user_id"), ["staff_user_id"], unique=False)

    op.create_table(
        "staff_user_role",
        sa.Column("staff_user_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["role_id"], ["role.id"], name=op.f("fk_staff_user_role_role_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["staff_user_id"],
            ["staff_user.id"],
            name=op.f("fk_staff_user_role_staff_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("staff_user_id", "role_id", name=op.f("pk_staff_user_role")),
    )
    with op.batch_alter_table("staff_user_role", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_user_role_role_id"), ["role_id"], unique=False)

    op.create_table(
        "travel_leg",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("from_place_id", sa.Integer(), nullable=False),
        sa.Column("to_place_id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=40), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=4000), nullable=False),
        sa.CheckConstraint("mode IN ('road', 'ferry')", name=op.f("ck_travel_leg_mode")),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_travel_leg_minutes")),
        sa.ForeignKeyConstraint(
            ["from_place_id"], ["place.id"], name=op.f("fk_travel_leg_from_place_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["to_place_id"], ["place.id"], name=op.f("fk_travel_leg_to_place_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_travel_leg")),
        sa.UniqueConstraint(
            "from_place_id", "to_place_id", "mode", name=op.f("uq_travel_leg_from_place_id_to_place_id_mode")
        ),
    )
    op.create_table(
        "visit_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("form_key", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("visit_kind", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=4000), nullable=False),
        sa.Column("interest_other", sa.String(length=4000), nullable=False),
        sa.Column("places_suggested", sa.Boolean(), nullable=False),
        sa.Column("is_online", sa.Boolean(), nullable=False),
        sa.Column("visit_languages", sa.JSON(), nullable=False),
        sa.Column("brings_interpreter", sa.Boolean(), nullable=False),
        sa.Column("contact_name", sa.String(length=254), nullable=False),
        sa.Column("contact_role", sa.String(length=254), nullable=False),
        sa.Column("contact_email", sa.String(length=254), nullable=False),
        sa.Column("contact_phone", sa.String(length=40), nullable=False),
        sa.Column("contact_time_zone", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state_changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminders_sent", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=4000), nullable=False),
        sa.Column("answer", sa.String(length=4000), nullable=False),
        sa.Column("agreed_beforehand", sa.Boolean(), nullable=False),
        sa.Column("is_held_for_moderation", sa.Boolean(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=40), nullable=True),
        sa.Column("closed_reason", sa.String(length=4000), nullable=False),
        sa.Column("anonymised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('unverified', 'submitted', 'needs_info', 'planning', 'awaiting_hosts', 'proposed', 'confirmed', 'completed', 'declined', 'cancelled', 'expired')",
            name=op.f("ck_visit_request_state"),
        ),
        sa.CheckConstraint(
            "visit_kind IN ('study_visit', 'business_meetings', 'official_delegation', 'investment', 'research', 'press')",
            name=op.f("ck_visit_request_visit_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["staff_user.id"], name=op.f("fk_visit_request_owner_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_request")),
        sa.UniqueConstraint("form_key", name=op.f("uq_visit_request_form_key")),
        sa.UniqueConstraint("reference", name=op.f("uq_visit_request_reference")),
    )
    with op.batch_alter_table("visit_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_request_contact_email"), ["contact_email"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_request_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index("ix_visit_request_state_submitted_at", ["state", "submitted_at"], unique=False)

    op.create_table(
        "agreement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("text", sa.String(length=4000), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("network_address", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit_request.id"], name=op.f("fk_agreement_visit_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
        sa.UniqueConstraint("visit_id", name=op.f("uq_agreement_visit_id")),
    )
    op.create_table(
        "date_window",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("earliest_on", sa.Date(), nullable=False),
        sa.Column("latest_on", sa.Date(), nullable=False),
        sa.Column("half_days", sa.Integer(), nullable=False),
        sa.Column("is_flexible", sa.Boolean(), nullable=False),
        sa.CheckConstraint("earliest_on <= latest_on", name=op.f("ck_date_window_order")),
        sa.CheckConstraint("half_days BETWEEN 1 AND 28", name=op.f("ck_date_window_half_days")),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit_request.id"], name=op.f("fk_date_window_visit_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_date_window")),
        sa.UniqueConstraint("visit_id", "position", name=op.f("uq_date_window_visit_id_position")),
    )
    op.create_table(
        "delegation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("organisation_name", sa.String(length=254), nullable=False),
        sa.Column("organisation_key", sa.String(length=254), nullable=False),
        sa.Column("organisation_country", sa.String(length=2), nullable=False),
        sa.Column("organisation_kind", sa.String(length=40), nullable=False),
        sa.Column("website", sa.String(length=254), nullable=False),
        sa.Column("on_behalf_of", sa.String(length=254), nullable=False),
        sa.Column("group_size", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "organisation_kind IN ('public', 'company', 'university', 'ngo', 'press', 'embassy', 'other')",
            name=op.f("ck_delegation_organisation_kind"),
        ),
        sa.CheckConstraint("group_size BETWEEN 1 AND 200", name=op.f("ck_delegation_group_size")),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit_request.id"], name=op.f("fk_delegation_visit_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
        sa.UniqueConstraint("visit_id", name=op.f("uq_delegation_visit_id")),
    )
    with op.batch_alter_table("delegation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_delegation_organisation_key"), ["organisation_key"], unique=False
        )

    op.create_table(
        "host_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=254), nullable=False),
        sa.Column("role", sa.String(length=254), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("is_host", sa.Boolean(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("is_undeliverable", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_host_contact_organisation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_host_contact")),
        sa.UniqueConstraint("organisation_id", "email", name=op.f("uq_host_contact_organisation_id_email")),
    )
    op.create_table(
        "organisation_interest",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("interest_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["interest_id"],
            ["interest.id"],
            name=op.f("fk_organisation_interest_interest_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_organisation_interest_organisation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "interest_id", name=op.f("pk_organisation_interest")),
    )
    with op.batch_alter_table("organisation_interest", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_organisation_interest_interest_id"), ["interest_id"], unique=False
        )

    op.create_table(
        "site",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=254), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("group_min", sa.Integer(), nullable=True),
        sa.Column("group_max", sa.Integer(), nullable=True),
        sa.Column("opens_at", sa.String(), nullable=True),
        sa.Column("closes_at", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_site_organisation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["place_id"], ["place.id"], name=op.f("fk_site_place_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("organisation_id", "slug", name=op.f("uq_site_organisation_id_slug")),
    )
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_site_place_id"), ["place_id"], unique=False)

    op.create_table(
        "visit_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit_request.id"], name=op.f("fk_visit_draft_visit_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_draft")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_visit_draft_token_hash")),
        sa.UniqueConstraint("visit_id", name=op.f("uq_visit_draft_visit_id")),
    )
    with op.batch_alter_table("visit_draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_draft_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "visit_interest",
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("interest_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["interest_id"], ["interest.id"], name=op.f("fk_visit_interest_interest_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit_request.id"], name=op.f("fk_visit_interest_visit_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("visit_id", "interest_id", name=op.f("pk_visit_interest")),
    )
    with op.batch_alter_table("visit_interest", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_interest_interest_id"), ["interest_id"], unique=False)

    op.create_table(
        "visit_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("author_kind", sa.String(length=40), nullable=False),
        sa.Column("author_name", sa.String(length=254), nullable=False),
        sa.Column("text", sa.String(length=4000), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "author_kind IN ('visitor', 'host', 'staff', 'system')", name=op.f("ck_visit_note_author_kind")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit_request.id"], name=op.f("fk_visit_note_visit_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_note")),
    )
    with op.batch_alter_table("visit_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_note_visit_id"), ["visit_id"], unique=False)

    op.create_table(
        "visit_place",
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("place_slug", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit_request.id"], name=op.f("fk_visit_place_visit_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("visit_id", "place_slug", name=op.f("pk_visit_place")),
    )
    op.create_table(
        "wanted_host",
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_wanted_host_organisation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit_request.id"], name=op.f("fk_wanted_host_visit_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("visit_id", "organisation_id", name=op.f("pk_wanted_host")),
    )
    with op.batch_alter_table("wanted_host", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_wanted_host_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "slot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("host_contact_id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("calendar_entry_id", sa.Integer(), nullable=False),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(length=254), nullable=False),
        sa.Column("message", sa.String(length=4000), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("respond_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminders_sent", sa.Integer(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_comment", sa.String(length=4000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'pending', 'tentative', 'countered', 'accepted', 'declined', 'expired', 'withdrawn', 'cancelled', 'completed', 'no_show')",
            name=op.f("ck_slot_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('pending', 'tentative', 'countered') OR respond_by IS NOT NULL",
            name=op.f("ck_slot_respond_by"),
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_slot_order")),
        sa.ForeignKeyConstraint(
            ["calendar_entry_id"],
            ["calendar_entry.id"],
            name=op.f("fk_slot_calendar_entry_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["host_contact_id"],
            ["host_contact.id"],
            name=op.f("fk_slot_host_contact_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_slot_organisation_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["place_id"], ["place.id"], name=op.f("fk_slot_place_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["slot.id"], name=op.f("fk_slot_replaces_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_slot_site_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit_request.id"], name=op.f("fk_slot_visit_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot")),
        sa.UniqueConstraint("calendar_entry_id", name=op.f("uq_slot_calendar_entry_id")),
    )
    with op.batch_alter_table("slot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slot_host_contact_id"), ["host_contact_id"], unique=False)
        batch_op.create_index(
            "ix_slot_organisation_id_starts_at", ["organisation_id", "starts_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_slot_place_id"), ["place_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_slot_replaces_id"), ["replaces_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_slot_site_id"), ["site_id"], unique=False)
        batch_op.create_index("ix_slot_state_respond_by", ["state", "respond_by"], unique=False)
        batch_op.create_index("ix_slot_visit_id_starts_at", ["visit_id", "starts_at"], unique=False)

    op.create_table(
        "hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("strength", sa.String(length=40), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("strength IN ('hard', 'soft')", name=op.f("ck_hold_strength")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_hold_order")),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_hold_resource_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_hold_slot_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
        sa.UniqueConstraint(
            "resource_id",
            "slot_id",
            "strength",
            "starts_at",
            name=op.f("uq_hold_resource_id_slot_id_strength_starts_at"),
        ),
    )
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.create_index(
            "ix_hold_resource_id_starts_at_ends_at", ["resource_id", "starts_at", "ends_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_hold_slot_id"), ["slot_id"], unique=False)

    op.create_table(
        "outbox_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=254), nullable=False),
        sa.Column("cause", sa.String(length=254), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("sender", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("subject", sa.String(length=254), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("calendar_uid", sa.String(length=254), nullable=True),
        sa.Column("calendar_sequence", sa.Integer(), nullable=True),
        sa.Column("visit_id", sa.Integer(), nullable=True),
        sa.Column("slot_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_by", sa.String(length=40), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=4000), nullable=False),
        sa.Column("last_cause", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'failed', 'dropped', 'too_late')",
            name=op.f("ck_outbox_message_state"),
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["slot.id"], name=op.f("fk_outbox_message_slot_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit_request.id"], name=op.f("fk_outbox_message_visit_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint("cause", "recipient", name=op.f("uq_outbox_message_cause_recipient")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_message_id")),
    )
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_message_calendar_uid_id", ["calendar_uid", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbox_message_slot_id"), ["slot_id"], unique=False)
        batch_op.create_index(
            "ix_outbox_message_state_next_attempt_at", ["state", "next_attempt_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_outbox_message_visit_id"), ["visit_id"], unique=False)
        batch_op.create_index(
            "ix_outbox_message_unsettled",
            ["queued_at", "id"],
            unique=False,
            sqlite_where=sa.text("state IN ('waiting', 'sending')"),
            postgresql_where=sa.text("state IN ('waiting', 'sending')"),
        )

    op.create_table(
        "proposed_time",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_proposed_time_order")),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["slot.id"], name=op.f("fk_proposed_time_slot_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposed_time")),
    )
    with op.batch_alter_table("proposed_time", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proposed_time_slot_id"), ["slot_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("proposed_time", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proposed_time_slot_id"))

    op.drop_table("proposed_time")
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_message_unsettled")
        batch_op.drop_index(batch_op.f("ix_outbox_message_visit_id"))
        batch_op.drop_index("ix_outbox_message_state_next_attempt_at")
        batch_op.drop_index(batch_op.f("ix_outbox_message_slot_id"))
        batch_op.drop_index("ix_outbox_message_calendar_uid_id")

    op.drop_table("outbox_message")
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hold_slot_id"))
        batch_op.drop_index("ix_hold_resource_id_starts_at_ends_at")

    op.drop_table("hold")
    with op.batch_alter_table("slot", schema=None) as batch_op:
        batch_op.drop_index("ix_slot_visit_id_starts_at")
        batch_op.drop_index("ix_slot_state_respond_by")
        batch_op.drop_index(batch_op.f("ix_slot_site_id"))
        batch_op.drop_index(batch_op.f("ix_slot_replaces_id"))
        batch_op.drop_index(batch_op.f("ix_slot_place_id"))
        batch_op.drop_index("ix_slot_organisation_id_starts_at")
        batch_op.drop_index(batch_op.f("ix_slot_host_contact_id"))

    op.drop_table("slot")
    with op.batch_alter_table("wanted_host", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_wanted_host_organisation_id"))

    op.drop_table("wanted_host")
    op.drop_table("visit_place")
    with op.batch_alter_table("visit_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_note_visit_id"))

    op.drop_table("visit_note")
    with op.batch_alter_table("visit_interest", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_interest_interest_id"))

    op.drop_table("visit_interest")
    with op.batch_alter_table("visit_draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_draft_expires_at"))

    op.drop_table("visit_draft")
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_site_place_id"))

    op.drop_table("site")
    with op.batch_alter_table("organisation_interest", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organisation_interest_interest_id"))

    op.drop_table("organisation_interest")
    op.drop_table("host_contact")
    with op.batch_alter_table("delegation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delegation_organisation_key"))

    op.drop_table("delegation")
    op.drop_table("date_window")
    op.drop_table("agreement")
    with op.batch_alter_table("visit_request", schema=None) as batch_op:
        batch_op.drop_index("ix_visit_request_state_submitted_at")
        batch_op.drop_index(batch_op.f("ix_visit_request_owner_id"))
        batch_op.drop_index(batch_op.f("ix_visit_request_contact_email"))

    op.drop_table("visit_request")
    op.drop_table("travel_leg")
    with op.batch_alter_table("staff_user_role", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_user_role_role_id"))

    op.drop_table("staff_user_role")
    with op.batch_alter_table("staff_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_session_staff_user_id"))

    op.drop_table("staff_session")
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.drop_index("ix_organisation_status_name")
        batch_op.drop_index(batch_op.f("ix_organisation_place_id"))

    op.drop_table("directory_version")
    op.drop_table("organisation")
    op.drop_table("attendee")
    op.drop_table("worker_heartbeat")
    op.drop_table("stop_list_entry")
    op.drop_table("staff_user")
    op.drop_table("role")
    op.drop_table("resource")
    op.drop_table("reference_counter")
    op.drop_table("place")
    op.drop_table("newsletter_subscription")
    with op.batch_alter_table("limited_act", schema=None) as batch_op:
        batch_op.drop_index("ix_limited_act_kind_key_hash_happened_at")

    op.drop_table("limited_act")
    with op.batch_alter_table("interest", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_interest_parent_id"))

    op.drop_table("interest")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consent_subscription_id"))

    op.drop_table("consent")
    op.drop_table("calendar_entry")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_entry_visit_id"))
        batch_op.drop_index("ix_audit_entry_noun_subject_id")
        batch_op.drop_index(batch_op.f("ix_audit_entry_happened_at"))

    op.drop_table("audit_entry")
    with op.batch_alter_table("action_link", schema=None) as batch_op:
        batch_op.drop_index("ix_action_link_purpose_subject_id")

    op.drop_table("action_link")
