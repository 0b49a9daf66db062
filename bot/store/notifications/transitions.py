"""The only place that changes the state of a delivery."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.core.notifications.states import State, states_before
from bot.store.engine.tables import deliveries
from bot.store.engine.wakeups import adding_work


def transition(to: State, *which: sa.ColumnElement[bool], **values: Any) -> sa.Update:
    """Return an UPDATE that moves deliveries to the state `to` and sets the columns `values`.

    Of the rows that meet `which`, it changes only those in a state with a transition to `to` in `TRANSITIONS`. Its row
    count and RETURNING show which.
    """
    may_move = deliveries.c.state.in_(states_before(to))
    moved = deliveries.update().where(*which, may_move).values(**values, state=to)
    return adding_work(moved) if to is State.PENDING else moved
