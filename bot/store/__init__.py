"""The database, by subject. `Store` has one object for each, all using one `Database`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.store.clust.account_shares import AccountShares
from bot.store.clust.action_replies import ActionReplies
from bot.store.clust.applications import Applications
from bot.store.clust.connections import Connections
from bot.store.clust.event_history import EventHistory
from bot.store.clust.first_contacts import FirstContacts
from bot.store.clust.hints import Hints
from bot.store.clust.pasted_links import PastedLinks
from bot.store.clust.polls import Polls
from bot.store.clust.regular_reports import RegularReportPlans
from bot.store.clust.reports import Reports
from bot.store.clust.retention import Retention
from bot.store.clust.saved_actions import SavedActions
from bot.store.clust.statistics import Statistics
from bot.store.clust.webhook_secrets import WebhookSecrets
from bot.store.engine.database import MAX_CONNECTIONS, Database
from bot.store.engine.due_work import DueWorks
from bot.store.engine.encryption import Encryption
from bot.store.engine.key_rotation import KeyRotation
from bot.store.engine.leases import Leases
from bot.store.engine.scanning import Scanning
from bot.store.notifications.admin_notifications import AdminNotifications
from bot.store.notifications.card_updates import CardUpdates
from bot.store.notifications.cards import Cards
from bot.store.notifications.channel_id_changes import ChannelIdChanges
from bot.store.notifications.channel_probes import ChannelProbes
from bot.store.notifications.channel_settings import ChannelSettings
from bot.store.notifications.check_schedule import CheckSchedules
from bot.store.notifications.departed_people import DepartedPeople
from bot.store.notifications.disconnect_and_uninstall import EndedData
from bot.store.notifications.floods import Floods
from bot.store.notifications.orphans import Orphans
from bot.store.notifications.outbox import ClaimResult, Outbox
from bot.store.notifications.posting.message_subjects import MessageSubjects
from bot.store.notifications.posting.posting_facts import PostingFactsOfChannels
from bot.store.notifications.rate_limits import MethodRateLimits
from bot.store.notifications.reminders import Reminders
from bot.store.notifications.subscriptions import Subscriptions
from bot.store.notifications.unclear_posts import UnclearPosts
from bot.store.people.audit import Audit
from bot.store.people.form_drafts import FormDrafts
from bot.store.people.idempotency_keys import IdempotencyKeys
from bot.store.people.installations import Installations
from bot.store.people.people import People
from bot.store.people.rights import Rights
from bot.store.people.roles import Roles


@dataclass(frozen=True, slots=True)
class Store:
    """All stored data.

    `share` returns the same store for callers that together use a limited number of the database's connections.
    """

    database: Database
    share: Callable[[int], Store]
    due_work: DueWorks
    connections: Connections
    account_shares: AccountShares
    applications: Applications
    polls: Polls
    subscriptions: Subscriptions
    outbox: Outbox
    unclear_posts: UnclearPosts
    cards: Cards
    message_subjects: MessageSubjects
    card_updates: CardUpdates
    floods: Floods
    channel_settings: ChannelSettings
    regular_reports: RegularReportPlans
    rate_limits: MethodRateLimits
    admin_notifications: AdminNotifications
    leases: Leases
    departed_people: DepartedPeople
    orphans: Orphans
    people: People
    form_drafts: FormDrafts
    audit: Audit
    roles: Roles
    rights: Rights
    event_history: EventHistory
    reports: Reports
    posting_facts: PostingFactsOfChannels
    channel_probes: ChannelProbes
    reminders: Reminders
    check_schedule: CheckSchedules
    channel_id_changes: ChannelIdChanges
    retention: Retention
    installations: Installations
    idempotency_keys: IdempotencyKeys
    disconnect_and_uninstall: EndedData
    key_rotation: KeyRotation
    statistics: Statistics
    saved_actions: SavedActions
    action_replies: ActionReplies
    hints: Hints
    webhook_secrets: WebhookSecrets
    pasted_links: PastedLinks
    first_contacts: FirstContacts


def open_store(
    url: str,
    *,
    posts_per_minute: float,
    secret_keys: Sequence[str] = (),
    marked: Callable[[ClaimResult], None] = lambda _: None,
    read_only: bool = False,
    first_contact: bool = False,
    max_connections: int = MAX_CONNECTIONS,
) -> Store:
    """Return the store at `url` (a `DATABASE_URL`), not connected yet. Raises UsageError if the URL is invalid.

    `secret_keys` (of `SECRET_KEY`, newest first) encrypt tokens and drafts. Without any, tokens can't be stored, and
    drafts are lost with the process. `marked` is called with the result of each claimed delivery (a `ClaimResult`).
    At most `max_connections` to the database are open at once. `first_contact`: what is understood of new accounts is
    shown.
    """
    secrets = Encryption(secret_keys)

    def over(database: Database) -> Store:
        cards, scanning = Cards(database), Scanning(database)
        applications = Applications(database, scanning)
        return Store(
            database=database,
            share=lambda max_connections: over(database.share(max_connections)),
            due_work=DueWorks(database),
            connections=Connections(database, secrets, first_contact=first_contact),
            account_shares=AccountShares(database),
            applications=applications,
            polls=Polls(database),
            subscriptions=Subscriptions(database),
            outbox=Outbox(database, posts_per_minute, cards, marked),
            unclear_posts=UnclearPosts(database),
            cards=cards,
            message_subjects=MessageSubjects(database),
            card_updates=CardUpdates(database),
            floods=Floods(database),
            channel_settings=ChannelSettings(database),
            regular_reports=RegularReportPlans(database),
            rate_limits=MethodRateLimits(database),
            admin_notifications=AdminNotifications(database),
            leases=Leases(database),
            departed_people=DepartedPeople(database),
            orphans=Orphans(database),
            people=People(database),
            form_drafts=FormDrafts(database, secrets),
            audit=Audit(database),
            roles=Roles(database),
            rights=Rights(database),
            event_history=EventHistory(database, scanning),
            reports=Reports(database, scanning, applications),
            posting_facts=PostingFactsOfChannels(database),
            channel_probes=ChannelProbes(database),
            reminders=Reminders(database),
            check_schedule=CheckSchedules(database),
            channel_id_changes=ChannelIdChanges(database, secrets),
            retention=Retention(database),
            installations=Installations(database, secrets),
            idempotency_keys=IdempotencyKeys(database),
            disconnect_and_uninstall=EndedData(database),
            key_rotation=KeyRotation(database, secrets),
            statistics=Statistics(database),
            saved_actions=SavedActions(database, secrets),
            action_replies=ActionReplies(database),
            hints=Hints(database),
            webhook_secrets=WebhookSecrets(database, secrets),
            pasted_links=PastedLinks(database),
            first_contacts=FirstContacts(database),
        )

    return over(Database(url, read_only=read_only, max_connections=max_connections))
