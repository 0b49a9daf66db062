"""Drafts, the audit log and roles, and when an application was found gone."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the tables. What is gone already counts as found gone now."""
    moment = sa.DateTime(timezone=True)
    gone_at = sa.Column(
        "gone_at", moment, nullable=True, comment="when it was found gone; null again once what is stored was erased"
    )
    op.add_column("applications", gone_at)
    applications = sa.table("applications", sa.column("gone", sa.Boolean), sa.column("gone_at", moment))
    op.execute(applications.update().where(applications.c.gone).values(gone_at=datetime.now(UTC)))
    op.create_table(
        "drafts",
        sa.Column("id", sa.String(length=32), nullable=False, comment="opaque; in the view's private_metadata"),
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("form", sa.String(length=32), nullable=False, comment="its callback_id"),
        sa.Column("state", sa.String(length=8), nullable=False, comment="open, sending, done or unknown (rule M2)"),
        sa.Column("sealed", sa.Text(), nullable=False, comment="the values, encrypted"),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("target", sa.String(length=100), nullable=True, comment="the application it is about"),
        sa.Column("result", sa.String(length=100), nullable=True, comment="the application it made"),
        sa.Column(
            "template",
            sa.String(length=100),
            nullable=True,
            comment="the template made for it, so that a retry makes no second",
        ),
        sa.Column("view_id", sa.String(length=32), nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("kept_at", moment, nullable=True, comment="when it was last submitted"),
        sa.Column("sending_at", moment, nullable=True, comment="when sending last began"),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name=op.f("fk_drafts_connection_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        comment="A form that someone is filling in or has sent.",
    )
    op.create_index(op.f("ix_drafts_team_id_user_id"), "drafts", ["team_id", "user_id"], unique=False)
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column(
            "target", sa.String(length=100), nullable=True, comment="an application's id, or whom a role is about"
        ),
        sa.Column("outcome", sa.String(length=8), nullable=False, comment="ok, refused, failed or unknown"),
        sa.Column("detail", sa.Text(), nullable=False, comment="names of fields, or a method and path: never values"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        comment="Who did what.",
    )
    op.create_index(op.f("ix_audit_team_id_id"), "audit", ["team_id", "id"], unique=False)
    op.create_table(
        "roles",
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.String(length=32), nullable=False, comment="a person (U…) or a user group (S…)"),
        sa.Column("kind", sa.String(length=8), nullable=False, comment="user or group"),
        sa.Column("role", sa.String(length=8), nullable=False, comment="viewer, editor or admin"),
        sa.Column("given_by", sa.String(length=32), nullable=False),
        sa.Column("given_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("team_id", "subject_id", name=op.f("pk_roles")),
        comment="A role that an admin gave.",
    )
