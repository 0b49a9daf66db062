"""Saved actions: calls of Clust's API that admins keep under a name."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Nothing that is stored changes."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "saved_actions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=24), nullable=False),
        sa.Column("folded_name", sa.String(length=100), nullable=False, comment="unique in an account"),
        sa.Column("method", sa.String(length=8), nullable=False),
        sa.Column("path", sa.Text(), nullable=False, comment="with placeholders"),
        sa.Column("sealed", sa.Text(), nullable=True, comment="query, headers and body, encrypted; null: none"),
        sa.Column("classes", sa.JSON(), nullable=False, comment="words of status classes; empty: all"),
        sa.Column("role", sa.String(length=8), nullable=False, comment="the lowest that can use it"),
        sa.Column("asks_first", sa.Boolean(), nullable=False),
        sa.Column("done", sa.Text(), nullable=False, comment="the sentence when it has worked; empty: Clust's"),
        sa.Column("is_pinned", sa.Boolean(), nullable=False, comment="a button on cards"),
        sa.Column("base_url", sa.Text(), nullable=False, comment="the address it was confirmed for"),
        sa.Column("is_tried", sa.Boolean(), nullable=False, comment="false: imported, and not used yet"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="raised by each change"),
        sa.Column("saved_by", sa.String(length=32), nullable=False),
        sa.Column("saved_at", moment, nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name=op.f("fk_saved_actions_connection_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_actions")),
        sa.UniqueConstraint("connection_id", "folded_name", name=op.f("uq_saved_actions_connection_id_folded_name")),
        comment="A call of Clust's API that admins keep under a name.",
    )
