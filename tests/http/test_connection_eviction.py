"""Who is cut when too many are connected (issue 14, B1)."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from bot.http.connection_eviction import OpenConnections

ACTS = st.lists(st.tuples(st.sampled_from(["enter", "renew", "vouch", "leave"]), st.integers(0, 9)), max_size=60)
MOST = 4


class OpenConnection:
    """Leaves when it is cut."""

    def __init__(self, open_connections: OpenConnections, cut: list[OpenConnection]) -> None:
        self._open_connections, self._cut = open_connections, cut

    def cut(self) -> None:
        """Leave."""
        self._cut.append(self)
        self._open_connections.leave(self)


@given(ACTS)
@example([("enter", number) for number in range(MOST + 1)])
def test_only_the_oldest_that_nobody_vouched_for_is_cut(acts: list[tuple[str, int]]) -> None:
    """B1: whatever happened before: never more than the limit, never one that was vouched for, else the oldest."""
    cut: list[OpenConnection] = []
    open_connections = OpenConnections(MOST)
    connections = [OpenConnection(open_connections, cut) for _ in range(10)]
    age: list[OpenConnection] = []
    vouched: set[OpenConnection] = set()
    for act, number in acts:
        connection = connections[number]
        if (act == "enter") == (connection in age):
            continue
        cut.clear()
        getattr(open_connections, act)(connection)
        if act in {"renew", "leave"}:
            age.remove(connection)
            vouched.discard(connection)
        if act in {"renew", "enter"}:
            age.append(connection)
        if act == "vouch":
            vouched.add(connection)
        may_go = [one for one in age if one not in vouched]
        assert cut == (may_go[:1] if act == "enter" and len(age) > MOST else [])
        age = [one for one in age if one not in cut]
        assert len(open_connections) == len(age) <= MOST


def test_what_has_left_is_not_taken_back() -> None:
    """B1: a connection that was cut while its request ran can't come back by being answered or vouched for."""
    open_connections = OpenConnections(MOST)
    connection = OpenConnection(open_connections, [])
    open_connections.enter(connection)
    connection.cut()
    open_connections.renew(connection)
    open_connections.vouch(connection)
    open_connections.leave(connection)
    assert len(open_connections) == 0
