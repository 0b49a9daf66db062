"""What admins say status codes mean, by the Home tab."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column. No one has chosen a status yet."""
    op.add_column(
        "connections",
        sa.Column("chosen_status", sa.JSON(), nullable=True, comment="classes of status codes, as admins chose them"),
    )
