"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table of the first release."""
    op.create_table(
        "connections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("base_url", sa.Text(), nullable=False),
        sa.Column(
            "credential", sa.String(length=64), nullable=False, comment="a hash: tells that URL or token changed"
        ),
        sa.Column("status_rules", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "baseline_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when the baseline began; null until it is complete",
        ),
        sa.Column("suspended", sa.Text(), nullable=True, comment="why detection is suspended (rule B4), or null"),
        sa.Column(
            "asked_at", sa.DateTime(timezone=True), nullable=True, comment="when admins were asked about the suspension"
        ),
        sa.Column(
            "answer",
            sa.String(length=16),
            nullable=True,
            comment="what an admin chose: `baseline` or `go_on`, until a poll obeys",
        ),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True, comment="when the last complete sweep ended"),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True, comment="what is wrong, for people; null when all is well"),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True, comment="after a 401 (rule R3)"),
        sa.Column("pace_note", sa.Text(), nullable=True, comment="how Clust's rate limit slows the poll, for people"),
        sa.Column("lease_owner", sa.String(length=64), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False, comment="raised by each taker (rule T3)"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connections")),
        sa.UniqueConstraint("team_id", "name", name=op.f("uq_connections_team_id_name")),
        comment="A named Clust account of a workspace, and how reading it goes.",
    )
    op.create_table(
        "paces",
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("channel_id", sa.String(length=32), nullable=False, comment="empty: the whole workspace"),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False, comment="no post before this"),
        sa.Column("per_minute", sa.Float(), nullable=True, comment="the workspace's budget, as the last 429 left it"),
        sa.Column("throttled_at", sa.DateTime(timezone=True), nullable=True, comment="when the last 429 came"),
        sa.PrimaryKeyConstraint("team_id", "channel_id", name=op.f("pk_paces")),
        comment="When a channel, or a workspace, may be posted to again (rules P1, P2).",
    )
    op.create_table(
        "people",
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "user_id", name=op.f("pk_people")),
        comment="Slack users who used the bot.",
    )
    op.create_table(
        "applications",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("fingerprint", sa.BigInteger(), nullable=False, comment="of the last list row"),
        sa.Column("snapshot", sa.Text(), nullable=False, comment="all that is known of it, as JSON"),
        sa.Column("status_class", sa.Integer(), nullable=True, comment="null: unknown"),
        sa.Column("unknown_status", sa.Text(), nullable=True, comment="the status code, where no rule knows it"),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("occurrences", sa.JSON(), nullable=False, comment="how often each trigger happened (rule E1)"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True, comment="in Clust; lists are sorted by it"),
        sa.Column("absent", sa.Integer(), nullable=False, comment="complete sweeps in a row without it (rule B5)"),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column(
            "discovered", sa.Boolean(), nullable=False, comment="older than the baseline that missed it (rule B2)"
        ),
        sa.Column(
            "unread", sa.String(length=8), nullable=True, comment="`news` or `quiet`: waits for a single read (rule R2)"
        ),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name=op.f("fk_applications_connection_id")),
        sa.PrimaryKeyConstraint("connection_id", "id", name=op.f("pk_applications")),
        comment="The last seen state of one application of one connection.",
    )
    op.create_index(
        op.f("ix_applications_connection_id_updated_at"), "applications", ["connection_id", "updated_at"], unique=False
    )
    op.create_table(
        "polls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name=op.f("fk_polls_connection_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_polls")),
        comment="One cycle of the poller.",
    )
    op.create_index(op.f("ix_polls_started_at"), "polls", ["started_at"], unique=False)
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("channel_id", sa.String(length=32), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("filter", sa.String(length=1000), nullable=False, comment="normalised (rule S1)"),
        sa.Column("events", sa.JSON(), nullable=False, comment="trigger names"),
        sa.Column("limit", sa.Integer(), nullable=True, comment="null: POLL_LIMIT"),
        sa.Column(
            "state", sa.String(length=16), nullable=False, comment="active, held, waiting (for /invite) or ended"
        ),
        sa.Column(
            "reason", sa.String(length=64), nullable=True, comment="why it is held: Slack's code, or a word of ours"
        ),
        sa.Column(
            "told_at", sa.DateTime(timezone=True), nullable=True, comment="when its maker was told of its present state"
        ),
        sa.Column(
            "shared_ok",
            sa.String(length=32),
            nullable=True,
            comment="the admin who allowed a channel shared with others (rule W2)",
        ),
        sa.Column("created_by", sa.String(length=32), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False, comment="its maker's time zone (rule F2)"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name=op.f("fk_subscriptions_connection_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint(
            "team_id",
            "channel_id",
            "connection_id",
            "filter",
            name=op.f("uq_subscriptions_team_id_channel_id_connection_id_filter"),
        ),
        comment="What a channel wants.",
    )
    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.String(length=100), nullable=False),
        sa.Column("trigger", sa.String(length=16), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("poll_id", sa.Integer(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False, comment="the application as it was seen then"),
        sa.Column("status_class", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name=op.f("fk_events_connection_id")),
        sa.ForeignKeyConstraint(["poll_id"], ["polls.id"], name=op.f("fk_events_poll_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint(
            "connection_id",
            "application_id",
            "trigger",
            "occurrence",
            name=op.f("uq_events_connection_id_application_id_trigger_occurrence"),
        ),
        comment="One trigger of one application, once.",
    )
    op.create_index(op.f("ix_events_seen_at"), "events", ["seen_at"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False, comment="in the order in which they are told (rule E2)"),
        sa.Column("token", sa.String(length=32), nullable=False, comment="opaque; in the message's metadata"),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("channel_id", sa.String(length=32), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.String(length=100), nullable=False),
        sa.Column("trigger", sa.String(length=16), nullable=False),
        sa.Column("subscription_ids", sa.JSON(), nullable=False, comment="those that matched and still stand"),
        sa.Column("slot_id", sa.Integer(), nullable=False, comment="whose Limit it counts for"),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("hold", sa.String(length=16), nullable=True, comment="with state held: limit or channel"),
        sa.Column("reason", sa.Text(), nullable=True, comment="for people"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(length=64), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("message_ts", sa.String(length=32), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_deliveries_event_id")),
        sa.ForeignKeyConstraint(["slot_id"], ["subscriptions.id"], name=op.f("fk_deliveries_slot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("event_id", "channel_id", name=op.f("uq_deliveries_event_id_channel_id")),
        sa.UniqueConstraint("token", name=op.f("uq_deliveries_token")),
        comment="One event for one channel, once.",
    )
    op.create_index(
        "ix_deliveries_order",
        "deliveries",
        ["team_id", "channel_id", "connection_id", "application_id", "id"],
        unique=False,
    )
    op.create_index("ix_deliveries_state_due", "deliveries", ["state", "due_at"], unique=False)
