"""The database, by subject: `Store` holds one object for each, all over one `Database`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.store.applications import Applications
from bot.store.audit import Audit
from bot.store.cards import Cards
from bot.store.channels import Channels
from bot.store.connections import Connections
from bot.store.cycles import Cycles
from bot.store.database import Database
from bot.store.deliveries import Deliveries
from bot.store.drafts import Drafts
from bot.store.floods import Floods
from bot.store.methods import Methods
from bot.store.orphans import Orphans
from bot.store.people import People
from bot.store.redraws import Redraws
from bot.store.reminders import Reminders
from bot.store.retention import Retention
from bot.store.roles import Roles
from bot.store.secrets import Secrets
from bot.store.stories import Stories
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
    cards: Cards
    redraws: Redraws
    floods: Floods
    channels: Channels
    methods: Methods
    orphans: Orphans
    people: People
    drafts: Drafts
    audit: Audit
    roles: Roles
    stories: Stories
    reminders: Reminders
    retention: Retention


def open_store(url: str, *, posts_per_minute: float, secret_keys: Sequence[str] = ()) -> Store:
    """Open the store at `url` (a `DATABASE_URL`); nothing is connected yet. Raises UsageError for a wrong URL.

    `secret_keys` (of `SECRET_KEY`, newest first) seal drafts; without any, drafts last as long as this process.
    """
    database = Database(url)
    cards = Cards(database)
    return Store(
        database=database,
        connections=Connections(database),
        applications=Applications(database),
        cycles=Cycles(database),
        subscriptions=Subscriptions(database),
        deliveries=Deliveries(database, posts_per_minute, cards),
        cards=cards,
        redraws=Redraws(database),
        floods=Floods(database),
        channels=Channels(database),
        methods=Methods(database),
        orphans=Orphans(database),
        people=People(database),
        drafts=Drafts(database, Secrets(secret_keys)),
        audit=Audit(database),
        roles=Roles(database),
        stories=Stories(database),
        reminders=Reminders(database),
        retention=Retention(database),
    )
