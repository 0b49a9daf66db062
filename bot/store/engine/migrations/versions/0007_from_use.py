"""What attacks, bug reports and use brought to light: what is remembered so that nothing is lost or repeated."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Of what was sent before nothing is owed."""
    moment = sa.DateTime(timezone=True)
    op.add_column(
        "drafts",
        sa.Column(
            "owed_since",
            moment,
            nullable=True,
            comment="since when the person waits for the result; null once they have it",
        ),
    )
    op.create_table(
        "rounds",
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="channel, person or reminder"),
        sa.Column("subject_id", sa.String(length=32), nullable=False),
        sa.Column("due_at", moment, nullable=False, comment="when it is looked at next (rule P4)"),
        sa.Column("strikes", sa.Integer(), nullable=False, comment="looks in a row that did not find it well"),
        sa.Column("read_at", moment, nullable=True, comment="when Slack last answered about it"),
        sa.Column("facts", sa.JSON(), nullable=True, comment="what Slack answered then; null: it never has"),
        sa.PrimaryKeyConstraint("team_id", "kind", "subject_id", name=op.f("pk_rounds")),
        comment="What is looked at now and then: whose turn comes when, and what the last look saw.",
    )
    op.create_index(op.f("ix_rounds_kind_due_at"), "rounds", ["kind", "due_at"])
    _look_ups()
    _notices()
    _leavers()
    _failures()


def _look_ups() -> None:
    """Add the look-ups of unclear deliveries. Earlier ones start by themselves."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "look_ups",
        sa.Column("id", sa.String(length=32), nullable=False, comment="opaque"),
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("channel_id", sa.String(length=32), nullable=False),
        sa.Column(
            "thread_ts",
            sa.String(length=32),
            nullable=True,
            comment="the thread that is read; null: the channel itself",
        ),
        sa.Column("oldest", moment, nullable=False),
        sa.Column("latest", moment, nullable=False),
        sa.Column(
            "cursor", sa.Text(), server_default="", nullable=False, comment="of the next page; empty: of the first"
        ),
        sa.Column("posts", sa.JSON(), nullable=False, comment="timestamps of messages, by the token of their delivery"),
        sa.Column("is_complete", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False, comment="calls so far"),
        sa.Column(
            "failures", sa.Integer(), server_default="0", nullable=False, comment="calls in a row without a page"
        ),
        sa.Column("began_at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("turn_at", moment, nullable=False, comment="when it was last carried on"),
        sa.Column("lease_until", moment, nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look_ups")),
        comment="A search of a channel's messages for deliveries whose outcome is unclear (rules T0, T2).",
    )
    op.create_index(op.f("ix_look_ups_team_id_due_at"), "look_ups", ["team_id", "due_at"])
    op.add_column(
        "deliveries",
        sa.Column(
            "look_up_id",
            sa.String(length=32),
            nullable=True,
            comment="with state unclear: the look-up that settles it",
        ),
    )


def _notices() -> None:
    """Add what people still have to be notified of. They were notified of what began before."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column(
            "subject", sa.String(length=120), nullable=False, comment="what it is about: a later one replaces it"
        ),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("content", sa.Text(), nullable=False, comment="as JSON"),
        sa.Column("own", sa.JSON(), nullable=False, comment="the people whom it is about, who are told in any case"),
        sa.Column(
            "is_personal", sa.Boolean(), nullable=False, comment="others are told only where none of these can be"
        ),
        sa.Column("reached", sa.JSON(), nullable=False, comment="who was told so far"),
        sa.Column("failures", sa.JSON(), nullable=False, comment="how often each of the others could not be told"),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_until", moment, nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("team_id", "subject", name=op.f("uq_notices_team_id_subject")),
        comment="What people must still be told about the bot's own work (rule W4).",
    )


def _leavers() -> None:
    """Add who had what when they left. It is filled at the next check of each."""
    op.add_column(
        "applications",
        sa.Column(
            "had_by",
            sa.String(length=32),
            nullable=True,
            comment="who handled it when they left the workspace; null once it is taken",
        ),
    )
    op.add_column(
        "people",
        sa.Column(
            "left_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when they were found to have left the workspace; null: they are there",
        ),
    )


def _failures() -> None:
    """Add how an account can't be read. An account that can't be read now gets it at the next poll."""
    op.add_column(
        "connections",
        sa.Column(
            "failing_way",
            sa.String(length=16),
            nullable=True,
            comment="how the last poll failed (rule R4); null: it did not",
        ),
    )
    op.add_column(
        "connections",
        sa.Column(
            "failing_alike_since",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="since when polls have failed in this way alone",
        ),
    )
