"""Every place where a person's id is kept says what becomes of it when that person leaves: A11."""

from __future__ import annotations

from bot.store.engine.tables import metadata
from bot.store.notifications.departed_people import PLACES

OF_PEOPLE = {
    "user_id",
    "actor",
    "taken_by",
    "had_by",
    "shared_ok",
    "subject_id",
    "own",
    "reached",
    "failures",
    "filter",
}
"""Names of columns that hold ids of people, or a text that may, and all that end with `_by`."""

NOT_OF_PEOPLE = {"look_ups.failures"}


def test_each_place_of_a_person_is_decided() -> None:
    """A11: a new column with the id of a person asks what happens when they leave."""
    columns = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if column.name in OF_PEOPLE or column.name.endswith("_by")
    }
    assert columns - NOT_OF_PEOPLE == set(PLACES)
