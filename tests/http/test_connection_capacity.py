"""Who is cut when too many are connected (issue 14, B1)."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from bot.http.connection_capacity import Room

ACTS = st.lists(st.tuples(st.sampled_from(["enter", "renew", "vouch", "leave"]), st.integers(0, 9)), max_size=60)
MOST = 4


class Guest:
    """Leaves the room when it is cut."""

    def __init__(self, room: Room, cut: list[Guest]) -> None:
        self._room, self._cut = room, cut

    def cut(self) -> None:
        """Leave."""
        self._cut.append(self)
        self._room.leave(self)


@given(ACTS)
@example([("enter", number) for number in range(MOST + 1)])
def test_only_the_oldest_that_nobody_vouched_for_is_cut(acts: list[tuple[str, int]]) -> None:
    """B1: whatever happened before: never more than the limit, never one that was vouched for, else the oldest."""
    cut: list[Guest] = []
    room = Room(MOST)
    guests = [Guest(room, cut) for _ in range(10)]
    age: list[Guest] = []
    vouched: set[Guest] = set()
    for act, number in acts:
        guest = guests[number]
        if (act == "enter") == (guest in age):
            continue
        cut.clear()
        getattr(room, act)(guest)
        if act in {"renew", "leave"}:
            age.remove(guest)
            vouched.discard(guest)
        if act in {"renew", "enter"}:
            age.append(guest)
        if act == "vouch":
            vouched.add(guest)
        may_go = [one for one in age if one not in vouched]
        assert cut == (may_go[:1] if act == "enter" and len(age) > MOST else [])
        age = [one for one in age if one not in cut]
        assert len(room) == len(age) <= MOST


def test_what_has_left_is_not_taken_back() -> None:
    """B1: a connection that was cut while its request ran can't come back by being answered or vouched for."""
    room = Room(MOST)
    guest = Guest(room, [])
    room.enter(guest)
    guest.cut()
    room.renew(guest)
    room.vouch(guest)
    room.leave(guest)
    assert len(room) == 0
