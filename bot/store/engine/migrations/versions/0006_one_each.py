"""Mutes of one account's applications, and what only one process does in a workspace."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Mutes that there are go on to hold for every account."""
    # SQLite changes no constraint of a table: there it is copied.
    with op.batch_alter_table("mutes") as mutes:
        mutes.add_column(
            sa.Column("connection_id", sa.Integer(), server_default="0", nullable=False, comment="0: of every account")
        )
        mutes.drop_constraint("uq_mutes_team_id_channel_id_application_id_trigger", type_="unique")
        mutes.create_unique_constraint(
            "uq_mutes_one_each", ["team_id", "channel_id", "connection_id", "application_id", "trigger"]
        )
    op.create_table(
        "leases",
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False, comment="what is done"),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "name", name=op.f("pk_leases")),
        comment="What one process alone does in a workspace, and which.",
    )
