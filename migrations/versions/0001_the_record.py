"""The record: every table of the first version, with named constraints."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db import BigId, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "area",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "subdistrict",
                "block",
                "committee",
                "compound",
                name="area_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("parent_id", BigId, nullable=True),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.CheckConstraint(
            "(kind = 'subdistrict') = (parent_id IS NULL)", name=op.f("ck_area_only_the_root_has_no_parent")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["area.id"], name=op.f("fk_area_parent_id_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
        sa.UniqueConstraint("code", name=op.f("uq_area_code")),
    )
    op.create_index(op.f("ix_area_parent_id"), "area", ["parent_id"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("id", BigId, autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_there_is_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "audit_row",
        sa.Column("sequence", BigId, autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_row")),
    )
    op.create_index(op.f("ix_audit_row_subject"), "audit_row", ["subject"], unique=False)
    op.create_table(
        "calendar_day",
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "holiday",
                "swapped_workday",
                name="day_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("runs_as_weekday", sa.Integer(), nullable=True),
        sa.Column("name_zh", sa.String(length=40), nullable=False),
        sa.CheckConstraint("runs_as_weekday BETWEEN 0 AND 6", name=op.f("ck_calendar_day_weekday_exists")),
        sa.PrimaryKeyConstraint("on_date", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "calendar_year",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "published",
                "not_published",
                name="year_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_calendar_year")),
    )
    op.create_table(
        "import_mapping",
        sa.Column("id", BigId, nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("headers_hash", sa.String(length=64), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_mapping")),
        sa.UniqueConstraint("source", name=op.f("uq_import_mapping_source")),
    )
    op.create_index("ix_import_mapping_headers_hash", "import_mapping", ["headers_hash"], unique=False)
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "login_attempt",
        sa.Column("id", BigId, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("failed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_attempt")),
    )
    op.create_index("ix_login_attempt_key_at", "login_attempt", ["key", "failed_at"], unique=False)
    op.create_table(
        "need_group",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "siblings",
                "twins",
                "couple",
                name="group_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("same_site", sa.Boolean(), nullable=False),
        sa.Column("all_or_none", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_group")),
        sa.UniqueConstraint("code", name=op.f("uq_need_group_code")),
    )
    op.create_table(
        "plan_run",
        sa.Column("id", BigId, nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "running",
                "published",
                "drafted",
                "held_back",
                "no_plan",
                "failed",
                "abandoned",
                name="run_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("share_done", sa.Double(), nullable=False),
        sa.Column("heartbeat_at", UtcDateTime(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_run")),
    )
    op.create_index(op.f("ix_plan_run_effective_on"), "plan_run", ["effective_on"], unique=False)
    op.create_table(
        "policy",
        sa.Column("id", BigId, nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_policy_ends_after_start")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy")),
        sa.UniqueConstraint("key", "valid_from", name=op.f("uq_policy_key_valid_from")),
    )
    op.create_table(
        "provider",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider")),
        sa.UniqueConstraint("code", name=op.f("uq_provider_code")),
    )
    op.create_table(
        "round",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "day_care",
                "canteen",
                "home_visit",
                "nursery",
                "after_school",
                "holiday_class",
                "children_centre",
                "family_centre",
                name="service_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("publishes_on", sa.Date(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column(
            "mode",
            sa.Enum("welfare", "stable", name="mode", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("policy_version", sa.String(length=40), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("policy_hash", sa.String(length=64), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=True),
        sa.Column("public_number", sa.String(length=80), nullable=True),
        sa.CheckConstraint(
            "opens_on <= closes_on AND closes_on <= publishes_on AND publishes_on <= starts_on",
            name=op.f("ck_round_dates_in_order"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round")),
        sa.UniqueConstraint("code", name=op.f("uq_round_code")),
    )
    op.create_table(
        "school_term",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name_zh", sa.String(length=40), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "term", "holidays", name="school_period", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.CheckConstraint("starts_on < ends_on", name=op.f("ck_school_term_starts_before_end")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_term")),
        sa.UniqueConstraint("code", name=op.f("uq_school_term_code")),
    )
    op.create_table(
        "staff_user",
        sa.Column("id", BigId, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("display_name", sa.String(length=80), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "adviser",
                "coordinator",
                "site",
                "manager",
                "auditor",
                "admin",
                name="staff_role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("disabled_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_user")),
        sa.UniqueConstraint("name", name=op.f("uq_staff_user_name")),
    )
    op.create_table(
        "walking_graph",
        sa.Column("id", BigId, nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("imported_at", UtcDateTime(), nullable=False),
        sa.Column("nodes", sa.Integer(), nullable=False),
        sa.Column("edges", sa.Integer(), nullable=False),
        sa.Column("checksum", sa.String(length=64), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_walking_graph")),
        sa.UniqueConstraint("checksum", name=op.f("uq_walking_graph_checksum")),
    )
    op.create_table(
        "area_alias",
        sa.Column("id", BigId, nullable=False),
        sa.Column("area_id", BigId, nullable=False),
        sa.Column("alias", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_area_alias_area_id_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area_alias")),
        sa.UniqueConstraint("alias", name=op.f("uq_area_alias_alias")),
    )
    op.create_index(op.f("ix_area_alias_area_id"), "area_alias", ["area_id"], unique=False)
    op.create_table(
        "compound",
        sa.Column("area_id", BigId, nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column(
            "source_datum",
            sa.Enum(
                "wgs84", "gcj02", "bd09", name="datum", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("residents", sa.Integer(), nullable=False),
        sa.Column("residents_60_plus", sa.Integer(), nullable=False),
        sa.Column("residents_under_12", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180",
            name=op.f("ck_compound_point_on_earth"),
        ),
        sa.CheckConstraint("residents >= 0", name=op.f("ck_compound_residents_not_negative")),
        sa.CheckConstraint(
            "residents_60_plus + residents_under_12 <= residents", name=op.f("ck_compound_parts_within_whole")
        ),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_compound_area_id_area")),
        sa.PrimaryKeyConstraint("area_id", name=op.f("pk_compound")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["staff_user.id"],
            name=op.f("fk_idempotency_key_user_id_staff_user"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_key")),
        sa.UniqueConstraint("user_id", "key", name=op.f("uq_idempotency_key_user_id_key")),
    )
    op.create_index("ix_idempotency_key_at", "idempotency_key", ["at"], unique=False)
    op.create_table(
        "login",
        sa.Column("id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "browser", "token", name="login_kind", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("csrf_hash", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["staff_user.id"], name=op.f("fk_login_user_id_staff_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_login_token_hash")),
    )
    op.create_index(op.f("ix_login_user_id"), "login", ["user_id"], unique=False)
    op.create_table(
        "plan",
        sa.Column("id", BigId, nullable=False),
        sa.Column("run_id", BigId, nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "published",
                "superseded",
                "rejected",
                "rolled_back",
                name="plan_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("published_by_id", BigId, nullable=True),
        sa.Column("solver_version", sa.String(length=40), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("needs_decided", sa.Integer(), nullable=False),
        sa.Column("placed", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("unplaced", sa.Integer(), nullable=False),
        sa.Column("gap", sa.Double(), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("gates", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("prices", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "state <> 'published' OR published_at IS NOT NULL", name=op.f("ck_plan_published_has_an_instant")
        ),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["staff_user.id"], name=op.f("fk_plan_published_by_id_staff_user")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["plan_run.id"], name=op.f("fk_plan_run_id_plan_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("effective_on", "version", name=op.f("uq_plan_effective_on_version")),
    )
    op.create_index(op.f("ix_plan_run_id"), "plan", ["run_id"], unique=False)
    op.create_index(
        "uq_plan_published",
        "plan",
        ["state"],
        unique=True,
        sqlite_where=sa.text("state = 'published'"),
        postgresql_where=sa.text("state = 'published'"),
    )
    op.create_table(
        "site",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("provider_id", BigId, nullable=False),
        sa.Column("area_id", BigId, nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("taxonomy_code", sa.String(length=4), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column(
            "source_datum",
            sa.Enum(
                "wgs84", "gcj02", "bd09", name="datum", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("address", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("is_step_free", sa.Boolean(), nullable=False),
        sa.Column("is_school_gate", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180",
            name=op.f("ck_site_point_on_earth"),
        ),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_site_area_id_area")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_site_provider_id_provider")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("code", name=op.f("uq_site_code")),
    )
    op.create_index(op.f("ix_site_area_id"), "site", ["area_id"], unique=False)
    op.create_index(op.f("ix_site_provider_id"), "site", ["provider_id"], unique=False)
    op.create_table(
        "staff_area",
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("area_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_staff_area_area_id_area")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["staff_user.id"], name=op.f("fk_staff_area_user_id_staff_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "area_id", name=op.f("pk_staff_area")),
    )
    op.create_table(
        "building",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("compound_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("floors", sa.Integer(), nullable=False),
        sa.Column("has_lift", sa.Boolean(), nullable=False),
        sa.Column("lift_retrofitted", sa.Boolean(), nullable=False),
        sa.CheckConstraint("floors BETWEEN 1 AND 120", name=op.f("ck_building_floors_plausible")),
        sa.CheckConstraint(
            "has_lift OR NOT lift_retrofitted", name=op.f("ck_building_retrofitted_means_lift")
        ),
        sa.ForeignKeyConstraint(
            ["compound_id"], ["compound.area_id"], name=op.f("fk_building_compound_id_compound")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_building")),
        sa.UniqueConstraint("code", name=op.f("uq_building_code")),
        sa.UniqueConstraint("compound_id", "name", name=op.f("uq_building_compound_id_name")),
    )
    op.create_index(op.f("ix_building_compound_id"), "building", ["compound_id"], unique=False)
    op.create_table(
        "inherited_fault",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", BigId, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_inherited_fault_plan_id_plan"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inherited_fault")),
    )
    op.create_index(op.f("ix_inherited_fault_plan_id"), "inherited_fault", ["plan_id"], unique=False)
    op.create_table(
        "service",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("site_id", BigId, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "day_care",
                "canteen",
                "home_visit",
                "nursery",
                "after_school",
                "holiday_class",
                "children_centre",
                "family_centre",
                name="service_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column(
            "mode",
            sa.Enum("welfare", "stable", name="mode", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "calendar_class",
            sa.Enum(
                "every_day",
                "workdays",
                "school_days",
                "school_holidays",
                name="calendar_class",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("limit_metres", sa.Integer(), nullable=True),
        sa.Column(
            "end_rule",
            sa.Enum(
                "none",
                "at_36_months",
                "end_of_nursery_year",
                name="end_rule",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("sends_offers", sa.Boolean(), nullable=False),
        sa.Column("site_confirms", sa.Boolean(), nullable=False),
        sa.Column("held_back_places", sa.Integer(), nullable=False),
        sa.Column("cut_off", sa.String(length=20), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("held_back_places >= 0", name=op.f("ck_service_held_back_not_negative")),
        sa.CheckConstraint(
            "limit_metres IS NULL OR limit_metres > 0", name=op.f("ck_service_limit_positive")
        ),
        sa.CheckConstraint("notice_days >= 0", name=op.f("ck_service_notice_not_negative")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_service_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service")),
        sa.UniqueConstraint("code", name=op.f("uq_service_code")),
    )
    op.create_index(op.f("ix_service_kind"), "service", ["kind"], unique=False)
    op.create_index(op.f("ix_service_site_id"), "service", ["site_id"], unique=False)
    op.create_table(
        "staff_site",
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("site_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_staff_site_site_id_site")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["staff_user.id"], name=op.f("fk_staff_site_user_id_staff_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "site_id", name=op.f("pk_staff_site")),
    )
    op.create_table(
        "care_class",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("service_id", BigId, nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("age_from_months", sa.Integer(), nullable=True),
        sa.Column("age_to_months", sa.Integer(), nullable=True),
        sa.Column("unit_use", sa.Integer(), nullable=False),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "age_from_months IS NULL OR age_to_months IS NULL OR age_from_months < age_to_months",
            name=op.f("ck_care_class_ages_in_order"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_care_class_service_id_service")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_class")),
        sa.UniqueConstraint("code", name=op.f("uq_care_class_code")),
        sa.UniqueConstraint("service_id", "name_zh", name=op.f("uq_care_class_service_id_name_zh")),
    )
    op.create_index(op.f("ix_care_class_service_id"), "care_class", ["service_id"], unique=False)
    op.create_table(
        "closure",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("site_id", BigId, nullable=False),
        sa.Column("service_id", BigId, nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_closure_starts_before_end")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_closure_service_id_service")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_closure_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure")),
        sa.UniqueConstraint("code", name=op.f("uq_closure_code")),
    )
    op.create_index(op.f("ix_closure_site_id"), "closure", ["site_id"], unique=False)
    op.create_table(
        "household",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("compound_id", BigId, nullable=False),
        sa.Column("building_id", BigId, nullable=True),
        sa.Column("floor", sa.Integer(), nullable=False),
        sa.Column("address_box", sa.LargeBinary(), nullable=True),
        sa.Column("registered_compound_id", BigId, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_key", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["building_id"], ["building.id"], name=op.f("fk_household_building_id_building")
        ),
        sa.ForeignKeyConstraint(
            ["compound_id"], ["compound.area_id"], name=op.f("fk_household_compound_id_compound")
        ),
        sa.ForeignKeyConstraint(
            ["registered_compound_id"],
            ["compound.area_id"],
            name=op.f("fk_household_registered_compound_id_compound"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household")),
        sa.UniqueConstraint("code", name=op.f("uq_household_code")),
    )
    op.create_index(op.f("ix_household_building_id"), "household", ["building_id"], unique=False)
    op.create_index(op.f("ix_household_compound_id"), "household", ["compound_id"], unique=False)
    op.create_table(
        "price_rule",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("service_id", BigId, nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "day_care",
                "canteen",
                "home_visit",
                "nursery",
                "after_school",
                "holiday_class",
                "children_centre",
                "family_centre",
                name="service_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("percent_off", sa.Integer(), nullable=False),
        sa.Column("amount_off_fen", sa.Integer(), nullable=False),
        sa.Column("per_day_cap_fen", sa.Integer(), nullable=True),
        sa.Column("per_month_quota", sa.Integer(), nullable=True),
        sa.Column("stacking_order", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.CheckConstraint("amount_off_fen >= 0", name=op.f("ck_price_rule_amount_not_negative")),
        sa.CheckConstraint("percent_off BETWEEN 0 AND 100", name=op.f("ck_price_rule_percent_plausible")),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_price_rule_ends_after_start")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_price_rule_service_id_service")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_rule")),
        sa.UniqueConstraint("code", name=op.f("uq_price_rule_code")),
    )
    op.create_index(op.f("ix_price_rule_service_id"), "price_rule", ["service_id"], unique=False)
    op.create_table(
        "service_rule",
        sa.Column("id", BigId, nullable=False),
        sa.Column("service_id", BigId, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "min_age_years",
                "max_age_years",
                "min_age_months",
                "max_age_months",
                "min_care_grade",
                "max_care_grade",
                "needs_cognition",
                "excludes_cognition",
                "lives_in_area",
                "weekly_hours_quota",
                name="rule_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_service_rule_ends_after_start")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_service_rule_service_id_service")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_rule")),
    )
    op.create_index("ix_service_rule_service_kind", "service_rule", ["service_id", "kind"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("household_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("pinyin", sa.String(length=200), nullable=False),
        sa.Column("pinyin_initials", sa.String(length=40), nullable=False),
        sa.Column(
            "sex",
            sa.Enum("female", "male", name="sex", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("born_on", sa.Date(), nullable=False),
        sa.Column("id_number_box", sa.LargeBinary(), nullable=True),
        sa.Column("id_number_blind", sa.String(length=32), nullable=True),
        sa.Column("id_number_last4_blind", sa.String(length=32), nullable=True),
        sa.Column("phone_box", sa.LargeBinary(), nullable=True),
        sa.Column("phone_blind", sa.String(length=32), nullable=True),
        sa.Column("phone_last4_blind", sa.String(length=32), nullable=True),
        sa.Column("health_note_box", sa.LargeBinary(), nullable=True),
        sa.Column(
            "stairs",
            sa.Enum(
                "alone",
                "stick",
                "with_help",
                "no",
                name="stairs",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "mobility",
            sa.Enum(
                "walks",
                "walking_aid",
                "wheelchair",
                name="mobility",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("is_synthetic", sa.Boolean(), nullable=False),
        sa.Column("erased_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_key", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_person_household_id_household")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("code", name=op.f("uq_person_code")),
    )
    op.create_index(op.f("ix_person_household_id"), "person", ["household_id"], unique=False)
    op.create_index(
        op.f("ix_person_id_number_last4_blind"), "person", ["id_number_last4_blind"], unique=False
    )
    op.create_index("ix_person_name_born_on", "person", ["name", "born_on"], unique=False)
    op.create_index(op.f("ix_person_phone_blind"), "person", ["phone_blind"], unique=False)
    op.create_index(op.f("ix_person_phone_last4_blind"), "person", ["phone_last4_blind"], unique=False)
    op.create_index("ix_person_pinyin", "person", ["pinyin"], unique=False)
    op.create_index("ix_person_pinyin_initials", "person", ["pinyin_initials"], unique=False)
    op.create_index("uq_person_id_number_blind", "person", ["id_number_blind"], unique=True)
    op.create_table(
        "slot_template",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("class_id", BigId, nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column(
            "part",
            sa.Enum(
                "morning",
                "afternoon",
                "lunch",
                "dinner",
                "wave_1630",
                "wave_1700",
                "wave_1800",
                "sitting",
                name="part",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("starts_at_local", sa.Time(), nullable=False),
        sa.Column("ends_at_local", sa.Time(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "starts_at_local < ends_at_local", name=op.f("ck_slot_template_starts_before_end")
        ),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_slot_template_ends_after_start")
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_slot_template_weekday_exists")),
        sa.ForeignKeyConstraint(
            ["class_id"], ["care_class.id"], name=op.f("fk_slot_template_class_id_care_class")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot_template")),
        sa.UniqueConstraint(
            "class_id",
            "weekday",
            "part",
            "valid_from",
            name=op.f("uq_slot_template_class_id_weekday_part_valid_from"),
        ),
        sa.UniqueConstraint("code", name=op.f("uq_slot_template_code")),
    )
    op.create_table(
        "consent",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "matching",
                "health_data",
                "sharing_with_site",
                "photos",
                name="consent_purpose",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("given_by_id", BigId, nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column(
            "channel",
            sa.Enum(
                "desk",
                "phone",
                "visit",
                "online",
                "system",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["given_by_id"], ["person.id"], name=op.f("fk_consent_given_by_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_consent_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sa.UniqueConstraint("code", name=op.f("uq_consent_code")),
    )
    op.create_index("ix_consent_person_purpose", "consent", ["person_id", "purpose"], unique=False)
    op.create_table(
        "consultation",
        sa.Column("id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("adviser_id", BigId, nullable=False),
        sa.Column("held_at", UtcDateTime(), nullable=False),
        sa.Column("asked_box", sa.LargeBinary(), nullable=True),
        sa.Column("told_box", sa.LargeBinary(), nullable=True),
        sa.Column("agreed_box", sa.LargeBinary(), nullable=True),
        sa.Column("follow_up_on", sa.Date(), nullable=True),
        sa.Column("followed_up_at", UtcDateTime(), nullable=True),
        sa.Column("row_key", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["adviser_id"], ["staff_user.id"], name=op.f("fk_consultation_adviser_id_staff_user")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_consultation_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation")),
    )
    op.create_index(op.f("ix_consultation_adviser_id"), "consultation", ["adviser_id"], unique=False)
    op.create_index("ix_consultation_follow_up_on", "consultation", ["follow_up_on"], unique=False)
    op.create_index(op.f("ix_consultation_person_id"), "consultation", ["person_id"], unique=False)
    op.create_table(
        "evidence",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "care_grade",
                "cognition",
                "low_income",
                "minimum_living",
                "extreme_poverty",
                "lives_alone",
                "only_with_seniors",
                "lost_only_child",
                "special_care",
                "severe_disability",
                "single_parent",
                "both_parents_working",
                "three_or_more_children",
                "allergy",
                "diet",
                "custody",
                name="evidence_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("value_box", sa.LargeBinary(), nullable=True),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_key", sa.String(length=16), nullable=False),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_evidence_ends_after_start")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_evidence_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint("code", name=op.f("uq_evidence_code")),
    )
    op.create_index("ix_evidence_person_kind", "evidence", ["person_id", "kind"], unique=False)
    op.create_table(
        "guardianship",
        sa.Column("id", BigId, nullable=False),
        sa.Column("child_id", BigId, nullable=False),
        sa.Column("guardian_id", BigId, nullable=False),
        sa.Column("relation", sa.String(length=20), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("child_id <> guardian_id", name=op.f("ck_guardianship_nobody_guards_themselves")),
        sa.ForeignKeyConstraint(["child_id"], ["person.id"], name=op.f("fk_guardianship_child_id_person")),
        sa.ForeignKeyConstraint(
            ["guardian_id"], ["person.id"], name=op.f("fk_guardianship_guardian_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardianship")),
        sa.UniqueConstraint("child_id", "guardian_id", name=op.f("uq_guardianship_child_id_guardian_id")),
    )
    op.create_index(op.f("ix_guardianship_guardian_id"), "guardianship", ["guardian_id"], unique=False)
    op.create_table(
        "match_candidate",
        sa.Column("id", BigId, nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("row_code", sa.String(length=48), nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("row_box", sa.LargeBinary(), nullable=True),
        sa.Column("differs", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "same",
                "different",
                name="candidate_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("decided_by_id", BigId, nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("row_key", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["staff_user.id"], name=op.f("fk_match_candidate_decided_by_id_staff_user")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_match_candidate_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_candidate")),
        sa.UniqueConstraint(
            "source", "row_code", "person_id", name=op.f("uq_match_candidate_source_row_code_person_id")
        ),
    )
    op.create_index(op.f("ix_match_candidate_person_id"), "match_candidate", ["person_id"], unique=False)
    op.create_table(
        "need",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "day_care",
                "canteen",
                "home_visit",
                "nursery",
                "after_school",
                "holiday_class",
                "children_centre",
                "family_centre",
                name="service_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "rhythm",
            sa.Enum(
                "weekly", "dated", name="need_rhythm", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "placed",
                "withdrawn",
                "ended",
                name="need_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("entered_on", sa.Date(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("limit_metres", sa.Integer(), nullable=True),
        sa.Column("visit_minutes", sa.Integer(), nullable=True),
        sa.Column("needs_escort", sa.Boolean(), nullable=False),
        sa.Column("gate_site_id", BigId, nullable=True),
        sa.Column("group_id", BigId, nullable=True),
        sa.Column("round_id", BigId, nullable=True),
        sa.Column("wants_transfer", sa.Boolean(), nullable=False),
        sa.Column("draw_number", sa.Integer(), nullable=True),
        sa.Column("note_box", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_key", sa.String(length=16), nullable=False),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_need_ends_after_start")),
        sa.CheckConstraint("limit_metres IS NULL OR limit_metres > 0", name=op.f("ck_need_limit_positive")),
        sa.CheckConstraint(
            "visit_minutes IS NULL OR visit_minutes > 0", name=op.f("ck_need_visit_minutes_positive")
        ),
        sa.ForeignKeyConstraint(["gate_site_id"], ["site.id"], name=op.f("fk_need_gate_site_id_site")),
        sa.ForeignKeyConstraint(["group_id"], ["need_group.id"], name=op.f("fk_need_group_id_need_group")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_need_person_id_person")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_need_round_id_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need")),
        sa.UniqueConstraint("code", name=op.f("uq_need_code")),
    )
    op.create_index(op.f("ix_need_group_id"), "need", ["group_id"], unique=False)
    op.create_index(op.f("ix_need_person_id"), "need", ["person_id"], unique=False)
    op.create_index(op.f("ix_need_round_id"), "need", ["round_id"], unique=False)
    op.create_index("ix_need_state_kind", "need", ["state", "kind"], unique=False)
    op.create_table(
        "notice",
        sa.Column("id", BigId, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("person_id", BigId, nullable=True),
        sa.Column("template", sa.String(length=60), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "sent",
                "failed",
                name="notice_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("key", name=op.f("uq_notice_key")),
    )
    op.create_index(op.f("ix_notice_person_id"), "notice", ["person_id"], unique=False)
    op.create_index("ix_notice_state_due_at", "notice", ["state", "due_at"], unique=False)
    op.create_table(
        "person_role",
        sa.Column("person_id", BigId, nullable=False),
        sa.Column(
            "role",
            sa.Enum("elder", "child", name="role", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_role_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "role", name=op.f("pk_person_role")),
    )
    op.create_table(
        "pickup_authorisation",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("child_id", BigId, nullable=False),
        sa.Column("adult_id", BigId, nullable=True),
        sa.Column("adult_name", sa.String(length=80), nullable=False),
        sa.Column("relation", sa.String(length=20), nullable=False),
        sa.Column("phone_box", sa.LargeBinary(), nullable=True),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("row_key", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["adult_id"], ["person.id"], name=op.f("fk_pickup_authorisation_adult_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["child_id"], ["person.id"], name=op.f("fk_pickup_authorisation_child_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pickup_authorisation")),
        sa.UniqueConstraint("code", name=op.f("uq_pickup_authorisation_code")),
    )
    op.create_index(
        op.f("ix_pickup_authorisation_adult_id"), "pickup_authorisation", ["adult_id"], unique=False
    )
    op.create_index(
        op.f("ix_pickup_authorisation_child_id"), "pickup_authorisation", ["child_id"], unique=False
    )
    op.create_table(
        "read_log_row",
        sa.Column("id", BigId, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("fields", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_read_log_row_person_id_person")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["staff_user.id"], name=op.f("fk_read_log_row_user_id_staff_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_read_log_row")),
    )
    op.create_index("ix_read_log_row_person_at", "read_log_row", ["person_id", "at"], unique=False)
    op.create_index(op.f("ix_read_log_row_user_id"), "read_log_row", ["user_id"], unique=False)
    op.create_table(
        "residence",
        sa.Column("id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("compound_id", BigId, nullable=False),
        sa.Column("building_id", BigId, nullable=True),
        sa.Column("floor", sa.Integer(), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_residence_weekday_exists")),
        sa.ForeignKeyConstraint(
            ["building_id"], ["building.id"], name=op.f("fk_residence_building_id_building")
        ),
        sa.ForeignKeyConstraint(
            ["compound_id"], ["compound.area_id"], name=op.f("fk_residence_compound_id_compound")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_residence_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_residence")),
        sa.UniqueConstraint("person_id", "weekday", name=op.f("uq_residence_person_id_weekday")),
    )
    op.create_table(
        "slot",
        sa.Column("id", BigId, nullable=False),
        sa.Column("template_id", BigId, nullable=False),
        sa.Column("class_id", BigId, nullable=False),
        sa.Column("occurs_on", sa.Date(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open", "closed", name="slot_state", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_slot_starts_before_end")),
        sa.ForeignKeyConstraint(["class_id"], ["care_class.id"], name=op.f("fk_slot_class_id_care_class")),
        sa.ForeignKeyConstraint(
            ["template_id"], ["slot_template.id"], name=op.f("fk_slot_template_id_slot_template")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot")),
        sa.UniqueConstraint("template_id", "occurs_on", name=op.f("uq_slot_template_id_occurs_on")),
    )
    op.create_index("ix_slot_class_occurs_on", "slot", ["class_id", "occurs_on"], unique=False)
    op.create_index("ix_slot_occurs_on", "slot", ["occurs_on"], unique=False)
    op.create_table(
        "slot_template_capacity",
        sa.Column("template_id", BigId, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "places",
                "carer_minutes",
                "carer_units",
                "visit_minutes",
                "meals",
                "seats",
                "drops",
                "escorts",
                name="capacity_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_slot_template_capacity_capacity_not_negative")),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["slot_template.id"],
            name=op.f("fk_slot_template_capacity_template_id_slot_template"),
        ),
        sa.PrimaryKeyConstraint("template_id", "kind", name=op.f("pk_slot_template_capacity")),
    )
    op.create_table(
        "booking",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("need_id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("slot_id", BigId, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "booked",
                "attended",
                "no_show",
                "cancelled",
                name="booking_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "origin",
            sa.Enum(
                "plan",
                "desk",
                "imported",
                "standby",
                "urgent",
                name="origin",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("booked_at", UtcDateTime(), nullable=False),
        sa.Column("booked_by_id", BigId, nullable=True),
        sa.Column("cancelled_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("origin <> 'urgent' OR reason <> ''", name=op.f("ck_booking_urgent_has_a_reason")),
        sa.ForeignKeyConstraint(
            ["booked_by_id"], ["staff_user.id"], name=op.f("fk_booking_booked_by_id_staff_user")
        ),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_booking_need_id_need")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_booking_person_id_person")),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_booking_slot_id_slot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sa.UniqueConstraint("code", name=op.f("uq_booking_code")),
    )
    op.create_index("ix_booking_need_id", "booking", ["need_id"], unique=False)
    op.create_index("ix_booking_slot_id", "booking", ["slot_id"], unique=False)
    op.create_index(
        "uq_booking_live_person_slot",
        "booking",
        ["person_id", "slot_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('booked', 'attended', 'no_show')"),
        postgresql_where=sa.text("state IN ('booked', 'attended', 'no_show')"),
    )
    op.create_table(
        "escalation",
        sa.Column("id", BigId, nullable=False),
        sa.Column("need_id", BigId, nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "committee",
                "block",
                "subdistrict",
                name="escalation_level",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("owner_id", BigId, nullable=True),
        sa.Column("outcome", sa.String(length=200), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_escalation_need_id_need")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["staff_user.id"], name=op.f("fk_escalation_owner_id_staff_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
    )
    op.create_index("uq_escalation_need_level", "escalation", ["need_id", "level"], unique=True)
    op.create_table(
        "hold",
        sa.Column("id", BigId, nullable=False),
        sa.Column("need_id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("slot_id", BigId, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "live",
                "used",
                "released",
                "expired",
                name="hold_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("held_by_id", BigId, nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["held_by_id"], ["staff_user.id"], name=op.f("fk_hold_held_by_id_staff_user")
        ),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_hold_need_id_need")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_hold_person_id_person")),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_hold_slot_id_slot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    op.create_index(op.f("ix_hold_person_id"), "hold", ["person_id"], unique=False)
    op.create_index(op.f("ix_hold_slot_id"), "hold", ["slot_id"], unique=False)
    op.create_index("ix_hold_state_expires_at", "hold", ["state", "expires_at"], unique=False)
    op.create_index(
        "uq_hold_live_need_slot",
        "hold",
        ["need_id", "slot_id"],
        unique=True,
        sqlite_where=sa.text("state = 'live'"),
        postgresql_where=sa.text("state = 'live'"),
    )
    op.create_table(
        "need_pattern",
        sa.Column("id", BigId, nullable=False),
        sa.Column("need_id", BigId, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column(
            "part",
            sa.Enum(
                "full_day",
                "morning",
                "afternoon",
                "lunch",
                "dinner",
                "wave_1630",
                "wave_1700",
                "wave_1800",
                "sitting",
                name="wish_part",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("occurs_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(weekdays > 0) = (occurs_on IS NULL)", name=op.f("ck_need_pattern_weekly_or_dated")
        ),
        sa.CheckConstraint("rank >= 1", name=op.f("ck_need_pattern_rank_from_one")),
        sa.CheckConstraint(
            "weekdays BETWEEN 0 AND 127", name=op.f("ck_need_pattern_weekdays_are_seven_bits")
        ),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_need_pattern_need_id_need")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_pattern")),
        sa.UniqueConstraint("need_id", "rank", name=op.f("uq_need_pattern_need_id_rank")),
    )
    op.create_table(
        "need_preference",
        sa.Column("need_id", BigId, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("service_id", BigId, nullable=False),
        sa.CheckConstraint("rank >= 1", name=op.f("ck_need_preference_rank_from_one")),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_need_preference_need_id_need")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_need_preference_service_id_service")
        ),
        sa.PrimaryKeyConstraint("need_id", "rank", name=op.f("pk_need_preference")),
        sa.UniqueConstraint("need_id", "service_id", name=op.f("uq_need_preference_need_id_service_id")),
    )
    op.create_table(
        "placement",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("need_id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("class_id", BigId, nullable=False),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column(
            "part",
            sa.Enum(
                "full_day",
                "morning",
                "afternoon",
                "lunch",
                "dinner",
                "wave_1630",
                "wave_1700",
                "wave_1800",
                "sitting",
                name="wish_part",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "proposed",
                "offered",
                "confirmed",
                "active",
                "ended",
                "declined",
                "expired",
                "withdrawn",
                name="placement_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "origin",
            sa.Enum(
                "plan",
                "desk",
                "imported",
                "standby",
                "urgent",
                name="origin",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("plan_id", BigId, nullable=True),
        sa.Column("is_pinned", sa.Boolean(), nullable=False),
        sa.Column("pin_reason", sa.String(length=200), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("confirmed_by", sa.String(length=80), nullable=False),
        sa.Column(
            "confirmed_channel",
            sa.Enum(
                "desk",
                "phone",
                "visit",
                "online",
                "system",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("site_confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("ended_reason", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("NOT is_pinned OR pin_reason <> ''", name=op.f("ck_placement_a_pin_has_a_reason")),
        sa.CheckConstraint(
            "state NOT IN ('confirmed', 'active') OR confirmed_at IS NOT NULL",
            name=op.f("ck_placement_confirmed_has_an_instant"),
        ),
        sa.CheckConstraint(
            "ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_placement_ends_after_start")
        ),
        sa.CheckConstraint("weekdays BETWEEN 1 AND 127", name=op.f("ck_placement_weekdays_are_seven_bits")),
        sa.ForeignKeyConstraint(
            ["class_id"], ["care_class.id"], name=op.f("fk_placement_class_id_care_class")
        ),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_placement_need_id_need")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_placement_person_id_person")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_placement_plan_id_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement")),
        sa.UniqueConstraint("code", name=op.f("uq_placement_code")),
    )
    op.create_index("ix_placement_class_state", "placement", ["class_id", "state"], unique=False)
    op.create_index("ix_placement_person_id", "placement", ["person_id"], unique=False)
    op.create_index(op.f("ix_placement_plan_id"), "placement", ["plan_id"], unique=False)
    op.create_index(
        "uq_placement_live_need",
        "placement",
        ["need_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('proposed', 'offered', 'confirmed', 'active')"),
        postgresql_where=sa.text("state IN ('proposed', 'offered', 'confirmed', 'active')"),
    )
    op.create_table(
        "slot_capacity",
        sa.Column("slot_id", BigId, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "places",
                "carer_minutes",
                "carer_units",
                "visit_minutes",
                "meals",
                "seats",
                "drops",
                "escorts",
                name="capacity_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("overfull", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=120), nullable=False),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_slot_capacity_capacity_not_negative")),
        sa.CheckConstraint("overfull >= 0", name=op.f("ck_slot_capacity_overfull_not_negative")),
        sa.CheckConstraint(
            "taken <= capacity + overfull", name=op.f("ck_slot_capacity_taken_within_capacity")
        ),
        sa.CheckConstraint("taken >= 0", name=op.f("ck_slot_capacity_taken_not_negative")),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["slot.id"], name=op.f("fk_slot_capacity_slot_id_slot"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("slot_id", "kind", name=op.f("pk_slot_capacity")),
    )
    op.create_table(
        "standby_order",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", BigId, nullable=False),
        sa.Column("class_id", BigId, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("need_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(
            ["class_id"], ["care_class.id"], name=op.f("fk_standby_order_class_id_care_class")
        ),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_standby_order_need_id_need")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_standby_order_plan_id_plan"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standby_order")),
        sa.UniqueConstraint(
            "plan_id", "class_id", "rank", name=op.f("uq_standby_order_plan_id_class_id_rank")
        ),
    )
    op.create_index(op.f("ix_standby_order_need_id"), "standby_order", ["need_id"], unique=False)
    op.create_index(op.f("ix_standby_order_plan_id"), "standby_order", ["plan_id"], unique=False)
    op.create_table(
        "waitlist_entry",
        sa.Column("id", BigId, nullable=False),
        sa.Column("need_id", BigId, nullable=False),
        sa.Column("service_id", BigId, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "served",
                "left",
                name="waitlist_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_waitlist_entry_need_id_need")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_waitlist_entry_service_id_service")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waitlist_entry")),
    )
    op.create_index(
        "ix_waitlist_entry_service_state", "waitlist_entry", ["service_id", "state"], unique=False
    )
    op.create_index(
        "uq_waitlist_entry_waiting",
        "waitlist_entry",
        ["need_id", "service_id"],
        unique=True,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "booking_use",
        sa.Column("booking_id", BigId, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "places",
                "carer_minutes",
                "carer_units",
                "visit_minutes",
                "meals",
                "seats",
                "drops",
                "escorts",
                name="capacity_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_booking_use_amount_positive")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_booking_use_booking_id_booking"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("booking_id", "kind", name=op.f("pk_booking_use")),
    )
    op.create_table(
        "hold_use",
        sa.Column("hold_id", BigId, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "places",
                "carer_minutes",
                "carer_units",
                "visit_minutes",
                "meals",
                "seats",
                "drops",
                "escorts",
                name="capacity_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_hold_use_amount_positive")),
        sa.ForeignKeyConstraint(
            ["hold_id"], ["hold.id"], name=op.f("fk_hold_use_hold_id_hold"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("hold_id", "kind", name=op.f("pk_hold_use")),
    )
    op.create_table(
        "offer",
        sa.Column("id", BigId, nullable=False),
        sa.Column("placement_id", BigId, nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column(
            "answer",
            sa.Enum(
                "accepted",
                "declined",
                "expired",
                "withdrawn",
                name="offer_answer",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("answered_by", sa.String(length=80), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "desk",
                "phone",
                "visit",
                "online",
                "system",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_offer_an_answer_has_an_instant")
        ),
        sa.CheckConstraint("expires_at > sent_at", name=op.f("ck_offer_expires_after_sent")),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placement.id"], name=op.f("fk_offer_placement_id_placement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
    )
    op.create_index(op.f("ix_offer_expires_at"), "offer", ["expires_at"], unique=False)
    op.create_index(op.f("ix_offer_placement_id"), "offer", ["placement_id"], unique=False)
    op.create_index(
        "uq_offer_open_placement",
        "offer",
        ["placement_id"],
        unique=True,
        sqlite_where=sa.text("answer IS NULL"),
        postgresql_where=sa.text("answer IS NULL"),
    )
    op.create_table(
        "placement_exception",
        sa.Column("id", BigId, nullable=False),
        sa.Column("placement_id", BigId, nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "absent",
                "holiday_stay",
                "hospital",
                "skipped",
                name="exception_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("frees_place", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["placement_id"],
            ["placement.id"],
            name=op.f("fk_placement_exception_placement_id_placement"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement_exception")),
        sa.UniqueConstraint(
            "placement_id", "on_date", name=op.f("uq_placement_exception_placement_id_on_date")
        ),
    )
    op.create_index(op.f("ix_placement_exception_on_date"), "placement_exception", ["on_date"], unique=False)
    op.create_table(
        "placement_use",
        sa.Column("placement_id", BigId, nullable=False),
        sa.Column("template_id", BigId, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "places",
                "carer_minutes",
                "carer_units",
                "visit_minutes",
                "meals",
                "seats",
                "drops",
                "escorts",
                name="capacity_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_placement_use_amount_positive")),
        sa.ForeignKeyConstraint(
            ["placement_id"],
            ["placement.id"],
            name=op.f("fk_placement_use_placement_id_placement"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["template_id"], ["slot_template.id"], name=op.f("fk_placement_use_template_id_slot_template")
        ),
        sa.PrimaryKeyConstraint("placement_id", "template_id", "kind", name=op.f("pk_placement_use")),
    )
    op.create_index("ix_placement_use_template_id", "placement_use", ["template_id"], unique=False)
    op.create_table(
        "proposal",
        sa.Column("id", BigId, nullable=False),
        sa.Column("plan_id", BigId, nullable=False),
        sa.Column("need_id", BigId, nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "placed",
                "kept",
                "moved",
                "unplaced",
                "displaced",
                "held_back",
                name="proposal_outcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.Enum(
                "placed",
                "less_preferred",
                "full",
                "group",
                "outweighed",
                "too_far",
                "no_way_down",
                "too_young",
                "too_old",
                "care_grade_too_low",
                "care_grade_too_high",
                "care_grade_missing",
                "care_grade_expired",
                "needs_cognition_flag",
                "not_for_cognition",
                "outside_area",
                "consent_missing",
                "guardian_consent_missing",
                "not_on_these_days",
                "smaller_pattern",
                "closed",
                "calendar_not_published",
                "beyond_horizon",
                "quota_used_up",
                "not_wished",
                "no_option",
                "double_booked",
                "not_step_free",
                "carer_not_suited",
                "no_pickup_adult",
                "waits_for_round",
                "escort_missing",
                "inside_notice",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("placement_id", BigId, nullable=True),
        sa.Column("class_id", BigId, nullable=True),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column(
            "part",
            sa.Enum(
                "full_day",
                "morning",
                "afternoon",
                "lunch",
                "dinner",
                "wave_1630",
                "wave_1700",
                "wave_1800",
                "sitting",
                name="wish_part",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("metres", sa.Integer(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["class_id"], ["care_class.id"], name=op.f("fk_proposal_class_id_care_class")
        ),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_proposal_need_id_need")),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placement.id"], name=op.f("fk_proposal_placement_id_placement")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_proposal_plan_id_plan"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("plan_id", "need_id", name=op.f("uq_proposal_plan_id_need_id")),
    )
    op.create_index("ix_proposal_need_id", "proposal", ["need_id"], unique=False)
    op.create_index("ix_proposal_plan_outcome", "proposal", ["plan_id", "outcome"], unique=False)


def downgrade() -> None:
    """Drop every table."""
    op.drop_index("ix_proposal_plan_outcome", table_name="proposal")
    op.drop_index("ix_proposal_need_id", table_name="proposal")
    op.drop_table("proposal")
    op.drop_index("ix_placement_use_template_id", table_name="placement_use")
    op.drop_table("placement_use")
    op.drop_index(op.f("ix_placement_exception_on_date"), table_name="placement_exception")
    op.drop_table("placement_exception")
    op.drop_index(
        "uq_offer_open_placement",
        table_name="offer",
        sqlite_where=sa.text("answer IS NULL"),
        postgresql_where=sa.text("answer IS NULL"),
    )
    op.drop_index(op.f("ix_offer_placement_id"), table_name="offer")
    op.drop_index(op.f("ix_offer_expires_at"), table_name="offer")
    op.drop_table("offer")
    op.drop_table("hold_use")
    op.drop_table("booking_use")
    op.drop_index(
        "uq_waitlist_entry_waiting",
        table_name="waitlist_entry",
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.drop_index("ix_waitlist_entry_service_state", table_name="waitlist_entry")
    op.drop_table("waitlist_entry")
    op.drop_index(op.f("ix_standby_order_plan_id"), table_name="standby_order")
    op.drop_index(op.f("ix_standby_order_need_id"), table_name="standby_order")
    op.drop_table("standby_order")
    op.drop_table("slot_capacity")
    op.drop_index(
        "uq_placement_live_need",
        table_name="placement",
        sqlite_where=sa.text("state IN ('proposed', 'offered', 'confirmed', 'active')"),
        postgresql_where=sa.text("state IN ('proposed', 'offered', 'confirmed', 'active')"),
    )
    op.drop_index(op.f("ix_placement_plan_id"), table_name="placement")
    op.drop_index("ix_placement_person_id", table_name="placement")
    op.drop_index("ix_placement_class_state", table_name="placement")
    op.drop_table("placement")
    op.drop_table("need_preference")
    op.drop_table("need_pattern")
    op.drop_index(
        "uq_hold_live_need_slot",
        table_name="hold",
        sqlite_where=sa.text("state = 'live'"),
        postgresql_where=sa.text("state = 'live'"),
    )
    op.drop_index("ix_hold_state_expires_at", table_name="hold")
    op.drop_index(op.f("ix_hold_slot_id"), table_name="hold")
    op.drop_index(op.f("ix_hold_person_id"), table_name="hold")
    op.drop_table("hold")
    op.drop_index("uq_escalation_need_level", table_name="escalation")
    op.drop_table("escalation")
    op.drop_index(
        "uq_booking_live_person_slot",
        table_name="booking",
        sqlite_where=sa.text("state IN ('booked', 'attended', 'no_show')"),
        postgresql_where=sa.text("state IN ('booked', 'attended', 'no_show')"),
    )
    op.drop_index("ix_booking_slot_id", table_name="booking")
    op.drop_index("ix_booking_need_id", table_name="booking")
    op.drop_table("booking")
    op.drop_table("slot_template_capacity")
    op.drop_index("ix_slot_occurs_on", table_name="slot")
    op.drop_index("ix_slot_class_occurs_on", table_name="slot")
    op.drop_table("slot")
    op.drop_table("residence")
    op.drop_index(op.f("ix_read_log_row_user_id"), table_name="read_log_row")
    op.drop_index("ix_read_log_row_person_at", table_name="read_log_row")
    op.drop_table("read_log_row")
    op.drop_index(op.f("ix_pickup_authorisation_child_id"), table_name="pickup_authorisation")
    op.drop_index(op.f("ix_pickup_authorisation_adult_id"), table_name="pickup_authorisation")
    op.drop_table("pickup_authorisation")
    op.drop_table("person_role")
    op.drop_index("ix_notice_state_due_at", table_name="notice")
    op.drop_index(op.f("ix_notice_person_id"), table_name="notice")
    op.drop_table("notice")
    op.drop_index("ix_need_state_kind", table_name="need")
    op.drop_index(op.f("ix_need_round_id"), table_name="need")
    op.drop_index(op.f("ix_need_person_id"), table_name="need")
    op.drop_index(op.f("ix_need_group_id"), table_name="need")
    op.drop_table("need")
    op.drop_index(op.f("ix_match_candidate_person_id"), table_name="match_candidate")
    op.drop_table("match_candidate")
    op.drop_index(op.f("ix_guardianship_guardian_id"), table_name="guardianship")
    op.drop_table("guardianship")
    op.drop_index("ix_evidence_person_kind", table_name="evidence")
    op.drop_table("evidence")
    op.drop_index(op.f("ix_consultation_person_id"), table_name="consultation")
    op.drop_index("ix_consultation_follow_up_on", table_name="consultation")
    op.drop_index(op.f("ix_consultation_adviser_id"), table_name="consultation")
    op.drop_table("consultation")
    op.drop_index("ix_consent_person_purpose", table_name="consent")
    op.drop_table("consent")
    op.drop_table("slot_template")
    op.drop_index("uq_person_id_number_blind", table_name="person")
    op.drop_index("ix_person_pinyin_initials", table_name="person")
    op.drop_index("ix_person_pinyin", table_name="person")
    op.drop_index(op.f("ix_person_phone_last4_blind"), table_name="person")
    op.drop_index(op.f("ix_person_phone_blind"), table_name="person")
    op.drop_index("ix_person_name_born_on", table_name="person")
    op.drop_index(op.f("ix_person_id_number_last4_blind"), table_name="person")
    op.drop_index(op.f("ix_person_household_id"), table_name="person")
    op.drop_table("person")
    op.drop_index("ix_service_rule_service_kind", table_name="service_rule")
    op.drop_table("service_rule")
    op.drop_index(op.f("ix_price_rule_service_id"), table_name="price_rule")
    op.drop_table("price_rule")
    op.drop_index(op.f("ix_household_compound_id"), table_name="household")
    op.drop_index(op.f("ix_household_building_id"), table_name="household")
    op.drop_table("household")
    op.drop_index(op.f("ix_closure_site_id"), table_name="closure")
    op.drop_table("closure")
    op.drop_index(op.f("ix_care_class_service_id"), table_name="care_class")
    op.drop_table("care_class")
    op.drop_table("staff_site")
    op.drop_index(op.f("ix_service_site_id"), table_name="service")
    op.drop_index(op.f("ix_service_kind"), table_name="service")
    op.drop_table("service")
    op.drop_index(op.f("ix_inherited_fault_plan_id"), table_name="inherited_fault")
    op.drop_table("inherited_fault")
    op.drop_index(op.f("ix_building_compound_id"), table_name="building")
    op.drop_table("building")
    op.drop_table("staff_area")
    op.drop_index(op.f("ix_site_provider_id"), table_name="site")
    op.drop_index(op.f("ix_site_area_id"), table_name="site")
    op.drop_table("site")
    op.drop_index(
        "uq_plan_published",
        table_name="plan",
        sqlite_where=sa.text("state = 'published'"),
        postgresql_where=sa.text("state = 'published'"),
    )
    op.drop_index(op.f("ix_plan_run_id"), table_name="plan")
    op.drop_table("plan")
    op.drop_index(op.f("ix_login_user_id"), table_name="login")
    op.drop_table("login")
    op.drop_index("ix_idempotency_key_at", table_name="idempotency_key")
    op.drop_table("idempotency_key")
    op.drop_table("compound")
    op.drop_index(op.f("ix_area_alias_area_id"), table_name="area_alias")
    op.drop_table("area_alias")
    op.drop_table("walking_graph")
    op.drop_table("staff_user")
    op.drop_table("school_term")
    op.drop_table("round")
    op.drop_table("provider")
    op.drop_table("policy")
    op.drop_index(op.f("ix_plan_run_effective_on"), table_name="plan_run")
    op.drop_table("plan_run")
    op.drop_table("need_group")
    op.drop_index("ix_login_attempt_key_at", table_name="login_attempt")
    op.drop_table("login_attempt")
    op.drop_table("lease")
    op.drop_index("ix_import_mapping_headers_hash", table_name="import_mapping")
    op.drop_table("import_mapping")
    op.drop_table("calendar_year")
    op.drop_table("calendar_day")
    op.drop_index(op.f("ix_audit_row_subject"), table_name="audit_row")
    op.drop_table("audit_row")
    op.drop_table("audit_head")
    op.drop_index(op.f("ix_area_parent_id"), table_name="area")
    op.drop_table("area")
