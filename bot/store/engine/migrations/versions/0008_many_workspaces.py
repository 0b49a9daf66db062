"""What many workspaces need: who polls which account, and indexes that find what is due without reading the rest."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Nothing that is stored changes."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "processes",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("alive_until", moment, nullable=False, comment="renewed while it lives"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_processes")),
        comment="A worker process; the accounts are shared out among those that live.",
    )
    poll_at = sa.Column("poll_at", moment, nullable=True, comment="when it is looked at next; null: at once")
    op.add_column("connections", poll_at)
    op.create_index("ix_connections_lease_owner_poll_at", "connections", ["lease_owner", "poll_at"])
    _partial("ix_applications_unsettled", "applications", ["connection_id"], "unread IS NOT NULL OR absent > 0")
    comment = "null: the form connects an account"
    with op.batch_alter_table("drafts") as drafts:
        drafts.alter_column("connection_id", existing_type=sa.Integer(), nullable=True, comment=comment)
    op.create_index("ix_deliveries_waiting", "deliveries", ["state", "team_id", "due_at"])
    op.create_index("ix_polls_connection_id_ended_at", "polls", ["connection_id", "ended_at"])
    op.create_index("ix_rounds_kind_team_id_due_at", "rounds", ["kind", "team_id", "due_at"])
    op.create_index("ix_notices_team_id_due_at", "notices", ["team_id", "due_at"])
    _partial("ix_cards_stale", "cards", ["team_id", "dirty_at"], "dirty_at IS NOT NULL")
    _partial("ix_floods_stale", "floods", ["team_id", "dirty_at"], "dirty_at IS NOT NULL")
    _partial("ix_drafts_owed", "drafts", ["team_id", "owed_since"], "owed_since IS NOT NULL")
    _partial("ix_subscriptions_untold", "subscriptions", ["team_id"], "state = 'held' AND told_at IS NULL")
    _partial("ix_applications_taken_by", "applications", ["connection_id", "taken_by"], "taken_by IS NOT NULL")
    _partial("ix_applications_had_by", "applications", ["connection_id", "had_by"], "had_by IS NOT NULL")
    _partial("ix_applications_gone_at", "applications", ["gone_at"], "gone_at IS NOT NULL")
    asking = "suspended IS NOT NULL AND asked_at IS NULL AND answer IS NULL"
    _partial("ix_connections_asking", "connections", ["team_id"], asking)


def _partial(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, postgresql_where=where, sqlite_where=where)
