"""Counts the statements that reach a database: what a test asserts about cost is counted, never timed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa


@contextmanager
def counted(statements: Counter[str], on_each: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Count what is sent to any database, by the statement's text. `on_each` is called after each is counted."""

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements[" ".join(statement.split())] += 1
        on_each()

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
