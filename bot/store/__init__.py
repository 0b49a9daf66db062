"""The database, by subject: `Store` holds one object for each, all over one `Database`."""

from __future__ import annotations

from dataclasses import dataclass

from bot.store.applications import Applications
from bot.store.connections import Connections
from bot.store.cycles import Cycles
from bot.store.database import Database
from bot.store.deliveries import Deliveries
from bot.store.people import People
from bot.store.subscriptions import Subscriptions


@dataclass(frozen=True, slots=True)
class Store:
    """Everything that is kept."""

    database: Database
    connections: Connections
    applications: Applications
    cycles: Cycles
    subscriptions: Subscriptions
    deliveries: Deliveries
    people: People


def open_store(url: str, *, posts_per_minute: float) -> Store:
    """Open the store at `url` (a `DATABASE_URL`); nothing is connected yet. Raises UsageError for a wrong URL."""
    database = Database(url)
    return Store(
        database=database,
        connections=Connections(database),
        applications=Applications(database),
        cycles=Cycles(database),
        subscriptions=Subscriptions(database),
        deliveries=Deliveries(database, posts_per_minute),
        people=People(database),
    )
