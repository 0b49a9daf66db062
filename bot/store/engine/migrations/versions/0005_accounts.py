"""Several Clust accounts in a workspace, and several workspaces by OAuth."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add columns and tables. The existing connection keeps its token in the settings."""
    moment = sa.DateTime(timezone=True)
    for column in (
        sa.Column(
            "sealed",
            sa.Text(),
            nullable=True,
            comment="the API token, encrypted; null: CLUST_API_TOKEN holds it, or none is kept",
        ),
        sa.Column(
            "hint",
            sa.String(length=4),
            nullable=True,
            comment="the last characters of the API token, all that anyone is shown",
        ),
        sa.Column("made_by", sa.String(length=32), nullable=True, comment="who connected it; null: the settings did"),
        sa.Column("made_at", moment, nullable=True),
        sa.Column(
            "ended_at", moment, nullable=True, comment="when it was disconnected; what is stored goes 30 days later"
        ),
    ):
        op.add_column("connections", column)
    op.create_table(
        "defaults",
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("channel_id", sa.String(length=32), nullable=False, comment="empty: the whole workspace"),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name=op.f("fk_defaults_connection_id")),
        sa.PrimaryKeyConstraint("team_id", "channel_id", name=op.f("pk_defaults")),
        comment="The connection that is meant in a workspace, or in one channel of it, where none is named.",
    )
    op.create_table(
        "installations",
        sa.Column(
            "id",
            sa.String(length=32),
            nullable=False,
            comment="of the workspace, or of the organisation (Slack: T…, E…)",
        ),
        sa.Column(
            "is_org", sa.Boolean(), nullable=False, comment="an organisation's: one token for all its workspaces"
        ),
        sa.Column("enterprise_id", sa.String(length=32), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("url", sa.Text(), nullable=False, comment="begins the addresses of messages"),
        sa.Column("bot_user_id", sa.String(length=32), nullable=False),
        sa.Column("bot_id", sa.String(length=32), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False, comment="the bot token and its refresh token, encrypted"),
        sa.Column("expires_at", moment, nullable=True, comment="when the bot token does; null: never"),
        sa.Column("version", sa.Integer(), nullable=False, comment="raised by each new token"),
        sa.Column(
            "renewing_until", moment, nullable=True, comment="a process asks Slack for a new token; null: nobody does"
        ),
        sa.Column("installed_by", sa.String(length=32), nullable=False),
        sa.Column("installed_at", moment, nullable=False),
        sa.Column(
            "ended_at",
            moment,
            nullable=True,
            comment="when Slack said that it is over; what is stored goes 30 days later",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installations")),
        comment="Where the app was installed by OAuth.",
    )
    op.create_table(
        "workspaces",
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("installation_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["installation_id"], ["installations.id"], name=op.f("fk_workspaces_installation_id")),
        sa.PrimaryKeyConstraint("team_id", name=op.f("pk_workspaces")),
        comment="A workspace that uses the bot, and the installation whose token serves it.",
    )
    op.create_table(
        "oauth_states",
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("state", name=op.f("pk_oauth_states")),
        comment="An installation that someone has begun; each is used once.",
    )
