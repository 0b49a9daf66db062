"""Conditions that ask for another row, in a form that PostgreSQL answers by an index whatever it expects."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa


def exists_by_index(rows: sa.Select[Any]) -> sa.ColumnElement[bool]:
    """Return whether there is a matching row, looked up for each row of the statement around it.

    PostgreSQL would otherwise join the two. While its statistics don't know yet that much waits, as after a flood, it
    expects one row on each side, and compares each with each: with 10,000 that took more than a minute. `OFFSET 0`
    keeps it from that.
    """
    return rows.offset(0).exists()
