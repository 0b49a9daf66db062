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
