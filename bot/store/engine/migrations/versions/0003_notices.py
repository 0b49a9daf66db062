"""Living cards, digests, flood cards, mutes, schedules, who took an application, and who wrote to it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the tables and columns. A message can now be about several events, or about none."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "channels",
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("channel_id", sa.String(length=32), nullable=False),
        sa.Column("style", sa.Text(), nullable=False, comment="how notices look there, as JSON"),
        sa.Column("schedule", sa.Text(), nullable=False, comment="when they come, as JSON"),
        sa.Column("set_by", sa.String(length=32), nullable=False),
        sa.Column("set_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("team_id", "channel_id", name=op.f("pk_channels")),
        comment="How and when a channel wants its notices; without a row, as usual.",
    )
    op.create_table(
        "mutes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("channel_id", sa.String(length=32), nullable=False),
        sa.Column(
            "application_id",
            sa.String(length=100),
            server_default="",
            nullable=False,
            comment="empty: every application",
        ),
        sa.Column("trigger", sa.String(length=16), server_default="", nullable=False, comment="empty: every event"),
        sa.Column("until", moment, nullable=True, comment="null: until someone ends it"),
        sa.Column("set_by", sa.String(length=32), nullable=False),
        sa.Column("set_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mutes")),
        sa.UniqueConstraint(
            "team_id",
            "channel_id",
            "application_id",
            "trigger",
            name=op.f("uq_mutes_team_id_channel_id_application_id_trigger"),
        ),
        comment="What a channel does not want to hear of for a while.",
    )
    op.create_table(
        "cards",
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("channel_id", sa.String(length=32), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.String(length=100), nullable=False),
        sa.Column("message_ts", sa.String(length=32), nullable=False),
        sa.Column(
            "token",
            sa.String(length=32),
            nullable=False,
            comment="of the delivery that posted it; each update carries it",
        ),
        sa.Column(
            "trigger", sa.String(length=16), nullable=False, comment="the event that it names: the last one told"
        ),
        sa.Column("posted_at", moment, nullable=False),
        sa.Column("shown", sa.String(length=16), nullable=False, comment="what it shows, as a hash"),
        sa.Column(
            "dirty_at", moment, nullable=True, comment="when it is to be updated; null: it shows the present state"
        ),
        sa.Column(
            "version",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="raised by each change to be shown",
        ),
        sa.Column(
            "lost",
            sa.String(length=64),
            nullable=True,
            comment="why it can't be updated any more: the next event gets a new card",
        ),
        sa.Column("follows_ts", sa.String(length=32), nullable=True, comment="the older card that this one follows"),
        sa.Column("reminded_at", moment, nullable=True, comment="when the channel was last reminded of it"),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name=op.f("fk_cards_connection_id")),
        sa.PrimaryKeyConstraint("team_id", "channel_id", "connection_id", "application_id", name=op.f("pk_cards")),
        comment="The living message of one application in one channel.",
    )
    op.create_index(
        op.f("ix_cards_connection_id_application_id"), "cards", ["connection_id", "application_id"], unique=False
    )
    op.create_index(op.f("ix_cards_team_id_dirty_at"), "cards", ["team_id", "dirty_at"], unique=False)

    op.create_table(
        "floods",
        sa.Column("delivery_id", sa.Integer(), nullable=False, comment="the flood card"),
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("channel_id", sa.String(length=32), nullable=False),
        sa.Column("opened_at", moment, nullable=False),
        sa.Column(
            "answer",
            sa.String(length=8),
            nullable=True,
            comment="post, digest or seen; null until someone, or the hour, answers",
        ),
        sa.Column(
            "counts", sa.JSON(), nullable=True, comment="how many of each trigger there were when it was answered"
        ),
        sa.Column("answered_by", sa.String(length=32), nullable=True, comment="null: nobody did within the hour"),
        sa.Column("answered_at", moment, nullable=True),
        sa.Column(
            "dirty_at",
            moment,
            nullable=True,
            comment="when the card is to be updated; null: it shows the present state",
        ),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_floods_delivery_id")),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_floods")),
        comment="A question about more notices than a channel wants at once (rule S4).",
    )
    op.create_index(op.f("ix_floods_team_id_channel_id"), "floods", ["team_id", "channel_id"], unique=False)

    op.add_column(
        "applications", sa.Column("changed_at", moment, nullable=True, comment="when the bot last saw it change")
    )
    op.add_column(
        "applications",
        sa.Column(
            "taken_by", sa.String(length=32), nullable=True, comment="who handles it: a Slack user, by *Take it*"
        ),
    )
    op.add_column("applications", sa.Column("taken_at", moment, nullable=True))

    op.add_column(
        "connections",
        sa.Column(
            "outage_told_at",
            moment,
            nullable=True,
            comment="when admins were told that Clust can't be read; null: all is well",
        ),
    )
    op.add_column(
        "connections",
        sa.Column(
            "stalled_told_at",
            moment,
            nullable=True,
            comment="when admins were told that nobody polls; null: someone does",
        ),
    )

    with op.batch_alter_table("deliveries") as batch:
        batch.add_column(
            sa.Column(
                "kind",
                sa.String(length=8),
                server_default="event",
                nullable=False,
                comment="event, digest, flood or reminder",
            )
        )
        batch.add_column(
            sa.Column(
                "held_until", moment, nullable=True, comment="when the hold ends by itself; null: when someone ends it"
            )
        )
        batch.add_column(
            sa.Column("summary_id", sa.Integer(), nullable=True, comment="the digest or flood card that tells of it")
        )
        batch.add_column(
            sa.Column(
                "part",
                sa.Integer(),
                server_default="0",
                nullable=False,
                comment="of a digest: the later ones go into its thread",
            )
        )
        batch.add_column(
            sa.Column(
                "about",
                sa.JSON(),
                nullable=True,
                comment="ids of the applications that a digest lists without events of theirs",
            )
        )
        batch.add_column(
            sa.Column("thread_ts", sa.String(length=32), nullable=True, comment="the message that it replies to")
        )
        batch.alter_column(
            "event_id", existing_type=sa.Integer(), nullable=True, comment="null where it tells of several, or of none"
        )
        batch.alter_column("slot_id", existing_type=sa.Integer(), nullable=True)
        batch.alter_column(
            "application_id", existing_type=sa.String(length=100), comment="empty where it tells of several"
        )
        batch.alter_column(
            "trigger", existing_type=sa.String(length=16), comment="of a digest: what kept its events back"
        )
        batch.alter_column(
            "hold",
            existing_type=sa.String(length=16),
            comment="with state held: what keeps it back",
            existing_comment="with state held: limit or channel",
        )
        batch.create_index(batch.f("ix_deliveries_summary_id"), ["summary_id"], unique=False)
        batch.create_foreign_key(batch.f("fk_deliveries_summary_id"), "deliveries", ["summary_id"], ["id"])

    op.add_column(
        "events",
        sa.Column(
            "verdicts", sa.JSON(), nullable=True, comment="which subscriptions matched, and why the others did not"
        ),
    )
    op.add_column(
        "events",
        sa.Column(
            "actor",
            sa.String(length=32),
            nullable=True,
            comment="who wrote to the application through the bot since the poll before",
        ),
    )

    op.add_column(
        "people",
        sa.Column("mentions", sa.Boolean(), server_default=sa.true(), nullable=False, comment="wants to be mentioned"),
    )
