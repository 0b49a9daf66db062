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
