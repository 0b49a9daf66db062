"""Webhooks and the applications that they name, what is done once, reports with their totals, and single rights.

And locales, pasted links, the state of the first contact with an account, and the comment of a column.
"""

import json

import sqlalchemy as sa
from alembic import op

from bot.core.applications.links import link_key

revision = "0010"
down_revision = "0009"

ROWS_AT_ONCE = 1000


def upgrade() -> None:
    """Nothing that is stored changes. Applications are found by their links too."""
    moment = sa.DateTime(timezone=True)
    op.add_column(
        "connections", sa.Column("hints_due_at", moment, comment="when webhook hints are read next; null: none wait")
    )
    op.add_column("connections", sa.Column("webhook_at", moment, comment="when Clust last called the bot's webhook"))
    op.add_column(
        "connections",
        sa.Column(
            "first_contact",
            sa.String(length=16),
            comment="`form`, `settings`, `look` or `held`; null: it is over",
        ),
    )
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False, comment="the secret's hash"),
        sa.Column("sealed", sa.Text(), nullable=False, comment="the secret, encrypted"),
        sa.Column("made_by", sa.String(length=32), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=True, comment="of a secret that was replaced; null: the present one"),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name=op.f("fk_webhooks_connection_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
        sa.UniqueConstraint("digest", name=op.f("uq_webhooks_digest")),
        comment="The secret in the address at which Clust calls the bot about an account.",
    )
    op.create_index("ix_webhooks_connection_id", "webhooks", ["connection_id"])
    op.create_table(
        "hints",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.String(length=100), nullable=False),
        sa.Column("is_known", sa.Boolean(), nullable=False, comment="known applications are read first"),
        sa.Column("hinted_at", moment, nullable=False, comment="when the last webhook named it"),
        sa.Column(
            "missing_until", moment, nullable=True, comment="after a 404: not read again before; null: waits to be read"
        ),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name=op.f("fk_hints_connection_id")),
        sa.PrimaryKeyConstraint("connection_id", "application_id", name=op.f("pk_hints")),
        comment="An application that a webhook named, until it is read.",
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False, comment="what is done once"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "key", name=op.f("pk_idempotency_keys")),
        comment="What was done and isn't to be done again until a moment.",
    )
    op.add_column("connections", sa.Column("totals_until", sa.Date(), comment="the last day in UTC that has totals"))
    op.create_table(
        "day_totals",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False, comment="in UTC"),
        sa.Column("trigger", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="how often it happened"),
        sa.Column("hours", sa.JSON(), nullable=False, comment="how many steps that it ended took so many whole hours"),
        sa.Column("unknown", sa.Integer(), nullable=False, comment="steps that it ended without a known beginning"),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name=op.f("fk_day_totals_connection_id")),
        sa.PrimaryKeyConstraint("connection_id", "day", "trigger", name=op.f("pk_day_totals")),
        comment="What happened on one day, in numbers, for reports about longer ago than events are kept.",
    )
    op.create_table(
        "reports",
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("channel_id", sa.String(length=32), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("rhythm", sa.String(length=8), nullable=False, comment="weekly or monthly"),
        sa.Column("due_at", moment, nullable=False, comment="when the next one is made"),
        sa.Column("owed_since", moment, nullable=True, comment="since when one is late or on hold; null: none is"),
        sa.Column("told_at", moment, nullable=True, comment="when who set it was told that it is on hold"),
        sa.Column("set_by", sa.String(length=32), nullable=False),
        sa.Column("set_at", moment, nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name=op.f("fk_reports_connection_id")),
        sa.PrimaryKeyConstraint("team_id", "channel_id", name=op.f("pk_reports")),
        comment="A report that a channel gets regularly.",
    )
    op.create_index("ix_reports_team_id_due_at", "reports", ["team_id", "due_at"])
    op.create_table(
        "rights",
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.String(length=32), nullable=False, comment="a person (U…) or a user group (S…)"),
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("given_by", sa.String(length=32), nullable=False),
        sa.Column("given_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("team_id", "subject_id", "name", name=op.f("pk_rights")),
        comment="A single right that an admin gave beside a role.",
    )
    op.add_column(
        "people",
        sa.Column(
            "locale", sa.String(length=16), nullable=True, comment="the locale that they use Slack in; null: unknown"
        ),
    )
    if op.get_context().dialect.name == "postgresql":  # SQLite stores no comments
        op.alter_column(
            "drafts",
            "state",
            existing_type=sa.String(length=8),
            existing_nullable=False,
            existing_comment="open, sending, done or unknown (rule M2)",
            comment="open, sending, stopping, done or unknown (rule M2)",
        )
    _links()


def _links() -> None:
    """Applications that were seen before are found by their links too."""
    op.add_column(
        "applications",
        sa.Column(
            "list_link",
            sa.BigInteger(),
            nullable=True,
            comment="the key of its `secured_list_url`, by which pasted links are found",
        ),
    )
    op.add_column(
        "applications",
        sa.Column("client_link", sa.BigInteger(), nullable=True, comment="the same of its `public_url`"),
    )
    _fill_in()
    op.create_index(op.f("ix_applications_list_link"), "applications", ["list_link"])
    op.create_index(op.f("ix_applications_client_link"), "applications", ["client_link"])
    op.create_table(
        "hidden_links",
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("channel_id", sa.String(length=32), nullable=False, comment="empty: the whole workspace"),
        sa.Column("message_ts", sa.String(length=32), nullable=False, comment="empty: all messages"),
        sa.Column(
            "subject",
            sa.String(length=120),
            nullable=False,
            comment="an application of an account; empty: every link",
        ),
        sa.Column("user_id", sa.String(length=32), nullable=False, comment="who hid it"),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "channel_id", "message_ts", "subject", name=op.f("pk_hidden_links")),
        comment="Pasted links that aren't shown any more.",
    )


def _fill_in() -> None:
    """Give each stored application the keys of its links, in parts."""
    table = sa.table(
        "applications",
        *(sa.column(name) for name in ("connection_id", "id", "snapshot", "list_link", "client_link")),
    )
    connection, position = op.get_bind(), (-1, "")
    change = (
        table.update()
        .where(table.c.connection_id == sa.bindparam("own_connection"), table.c.id == sa.bindparam("own_id"))
        .values(list_link=sa.bindparam("list_key"), client_link=sa.bindparam("client_key"))
    )
    key = sa.tuple_(table.c.connection_id, table.c.id)
    while True:
        rows = connection.execute(
            sa.select(table.c.connection_id, table.c.id, table.c.snapshot)
            .where(key > sa.tuple_(*map(sa.literal, position)))
            .order_by(table.c.connection_id, table.c.id)
            .limit(ROWS_AT_ONCE)
        ).all()
        if not rows:
            return
        position = (rows[-1].connection_id, rows[-1].id)
        parsed = [(row, json.loads(row.snapshot)) for row in rows]
        changes = [
            {
                "own_connection": row.connection_id,
                "own_id": row.id,
                "list_key": link_key(snapshot.get("secured_list_url")),
                "client_key": link_key(snapshot.get("public_url")),
            }
            for row, snapshot in parsed
            if snapshot.get("secured_list_url") or snapshot.get("public_url")
        ]
        if changes:
            connection.execute(change, changes)
