"""${message}."""

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Only expand, so that processes of the release before go on working (rule D3)."""
    ${upgrades if upgrades else "pass"}
