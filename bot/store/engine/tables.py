"""All tables, each with a comment. Columns have one unless the name says it all."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from bot.core.applications.lateness import FINISHED
from bot.core.notifications.states import SubscriptionState


class UtcMoment(TypeDecorator[datetime]):
    """A moment, stored and read in UTC. A naive one is rejected (rule D2)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC. Raises ValueError if it has no zone."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment with its zone, which SQLite doesn't store."""
        del dialect
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _partial(name: str, condition: str, *columns: str) -> sa.Index:
    """Return an index of only those rows that meet a condition, such as the few that wait."""
    where = sa.text(condition)
    return sa.Index(name, *columns, postgresql_where=where, sqlite_where=where)


connections = sa.Table(
    "connections",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("team_id", sa.String(32), nullable=False),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("base_url", sa.Text, nullable=False),
    sa.Column("credential", sa.String(64), nullable=False, comment="a hash: tells that URL or token changed"),
    sa.Column("status_rules", sa.Text, nullable=False, server_default=""),
    sa.Column("chosen_status", sa.JSON, comment="classes of status codes, as admins chose them"),
    sa.Column("baseline_at", UtcMoment, comment="when the baseline began; null until it is complete"),
    sa.Column("suspended", sa.Text, comment="why detection is suspended (rule B4), or null"),
    sa.Column("asked_at", UtcMoment, comment="when admins were asked about the suspension"),
    sa.Column("answer", sa.String(16), comment="what an admin chose: `baseline` or `go_on`, until a poll obeys"),
    sa.Column("read_at", UtcMoment, comment="when the last complete sweep ended"),
    sa.Column("failing_since", UtcMoment),
    sa.Column("failing_way", sa.String(16), comment="how the last poll failed (rule R4); null: it did not"),
    sa.Column("failing_alike_since", UtcMoment, comment="since when polls have failed in this way alone"),
    sa.Column("error", sa.Text, comment="what is wrong, for people; null when all is well"),
    sa.Column("paused_until", UtcMoment, comment="after a 401 (rule R3)"),
    sa.Column("outage_told_at", UtcMoment, comment="when admins were told that Clust can't be read; null: all is well"),
    sa.Column("stalled_told_at", UtcMoment, comment="when admins were told that nobody polls; null: someone does"),
    sa.Column("pace_note", sa.Text, comment="how Clust's rate limit slows the poll, for people"),
    sa.Column("poll_at", UtcMoment, comment="when it is looked at next; null: at once"),
    sa.Column("hints_due_at", UtcMoment, comment="when webhook hints are read next; null: none wait"),
    sa.Column("webhook_at", UtcMoment, comment="when Clust last called the bot's webhook"),
    sa.Column("totals_until", sa.Date, comment="the last day in UTC that has totals"),
    sa.Column("lease_owner", sa.String(64)),
    sa.Column("lease_until", UtcMoment),
    sa.Column("fence", sa.Integer, nullable=False, server_default="0", comment="raised by each taker (rule T3)"),
    sa.Column("sealed", sa.Text, comment="the API token, encrypted; null: CLUST_API_TOKEN holds it, or none is kept"),
    sa.Column("hint", sa.String(4), comment="the last characters of the API token, all that anyone is shown"),
    sa.Column("made_by", sa.String(32), comment="who connected it; null: the settings did"),
    sa.Column("made_at", UtcMoment),
    sa.Column("ended_at", UtcMoment, comment="when it was disconnected; what is stored goes 30 days later"),
    sa.Column("first_contact", sa.String(16), comment="`form`, `settings`, `look` or `held`; null: it is over"),
    sa.UniqueConstraint("team_id", "name"),
    _partial("ix_connections_asking", "suspended IS NOT NULL AND asked_at IS NULL AND answer IS NULL", "team_id"),
    sa.Index(None, "lease_owner", "poll_at"),
    comment="A named Clust account of a workspace, and how reading it goes.",
)

processes = sa.Table(
    "processes",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("alive_until", UtcMoment, nullable=False, comment="renewed while it lives"),
    comment="A worker process; the accounts are shared out among those that live.",
)

defaults = sa.Table(
    "defaults",
    metadata,
    sa.Column("team_id", sa.String(32), primary_key=True),
    sa.Column("channel_id", sa.String(32), primary_key=True, comment="empty: the whole workspace"),
    sa.Column("connection_id", sa.ForeignKey("connections.id"), nullable=False),
    comment="The connection that is meant in a workspace, or in one channel of it, where none is named.",
)

installations = sa.Table(
    "installations",
    metadata,
    sa.Column(
        "id", sa.String(32), primary_key=True, comment="of the workspace, or of the organisation (Slack: T…, E…)"
    ),
    sa.Column("is_org", sa.Boolean, nullable=False, comment="an organisation's: one token for all its workspaces"),
    sa.Column("enterprise_id", sa.String(32)),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("url", sa.Text, nullable=False, comment="begins the addresses of messages"),
    sa.Column("bot_user_id", sa.String(32), nullable=False),
    sa.Column("bot_id", sa.String(32), nullable=False),
    sa.Column("scopes", sa.Text, nullable=False),
    sa.Column("sealed", sa.Text, nullable=False, comment="the bot token and its refresh token, encrypted"),
    sa.Column("expires_at", UtcMoment, comment="when the bot token does; null: never"),
    sa.Column("version", sa.Integer, nullable=False, comment="raised by each new token"),
    sa.Column("renewing_until", UtcMoment, comment="a process asks Slack for a new token; null: nobody does"),
    sa.Column("installed_by", sa.String(32), nullable=False),
    sa.Column("installed_at", UtcMoment, nullable=False),
    sa.Column("ended_at", UtcMoment, comment="when Slack said that it is over; what is stored goes 30 days later"),
    comment="Where the app was installed by OAuth.",
)

workspaces = sa.Table(
    "workspaces",
    metadata,
    sa.Column("team_id", sa.String(32), primary_key=True),
    sa.Column("installation_id", sa.ForeignKey("installations.id"), nullable=False),
    comment="A workspace that uses the bot, and the installation whose token serves it.",
)

oauth_states = sa.Table(
    "oauth_states",
    metadata,
    sa.Column("state", sa.String(64), primary_key=True),
    sa.Column("expires_at", UtcMoment, nullable=False),
    comment="An installation that someone has begun; each is used once.",
)

applications = sa.Table(
    "applications",
    metadata,
    sa.Column("connection_id", sa.ForeignKey("connections.id"), primary_key=True),
    sa.Column("id", sa.String(100), primary_key=True),
    sa.Column("fingerprint", sa.BigInteger, nullable=False, comment="of the last list row"),
    sa.Column("snapshot", sa.Text, nullable=False, comment="all that is known of it, as JSON"),
    sa.Column("status_class", sa.Integer, comment="null: unknown"),
    sa.Column("unknown_status", sa.Text, comment="the status code, where no rule knows it"),
    sa.Column("late", sa.Boolean, nullable=False),
    sa.Column("occurrences", sa.JSON, nullable=False, comment="how often each trigger happened (rule E1)"),
    sa.Column("updated_at", UtcMoment, comment="in Clust; lists are sorted by it"),
    sa.Column("absent", sa.Integer, nullable=False, comment="complete sweeps in a row without it (rule B5)"),
    sa.Column("gone", sa.Boolean, nullable=False),
    sa.Column("gone_at", UtcMoment, comment="when it was found gone; null again once what is stored was erased"),
    sa.Column("discovered", sa.Boolean, nullable=False, comment="older than the baseline that missed it (rule B2)"),
    sa.Column("unread", sa.String(8), comment="`news` or `quiet`: waits for a single read (rule R2)"),
    sa.Column("changed_at", UtcMoment, comment="when the bot last saw it change"),
    sa.Column("taken_by", sa.String(32), comment="who handles it: a Slack user, by *Take it*"),
    sa.Column("taken_at", UtcMoment),
    sa.Column("had_by", sa.String(32), comment="who handled it when they left the workspace; null once it is taken"),
    sa.Column("list_link", sa.BigInteger, comment="the key of its `secured_list_url`, by which pasted links are found"),
    sa.Column("client_link", sa.BigInteger, comment="the same of its `public_url`"),
    sa.Index(None, "connection_id", "updated_at"),
    sa.Index(None, "list_link"),
    sa.Index(None, "client_link"),
    _partial("ix_applications_unsettled", "unread IS NOT NULL OR absent > 0", "connection_id"),
    _partial("ix_applications_taken_by", "taken_by IS NOT NULL", "connection_id", "taken_by"),
    _partial("ix_applications_had_by", "had_by IS NOT NULL", "connection_id", "had_by"),
    _partial("ix_applications_gone_at", "gone_at IS NOT NULL", "gone_at"),
    comment="The last seen state of one application of one connection.",
)

polls = sa.Table(
    "polls",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("connection_id", sa.ForeignKey("connections.id"), nullable=False),
    sa.Column("started_at", UtcMoment, nullable=False, index=True),
    sa.Column("ended_at", UtcMoment, nullable=False),
    sa.Column("pages", sa.Integer, nullable=False),
    sa.Column("seen", sa.Integer, nullable=False),
    sa.Column("changed", sa.Integer, nullable=False),
    sa.Column("error", sa.Text),
    sa.Index(None, "connection_id", "ended_at"),
    comment="One cycle of the poller.",
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("connection_id", sa.ForeignKey("connections.id"), nullable=False),
    sa.Column("application_id", sa.String(100), nullable=False),
    sa.Column("trigger", sa.String(16), nullable=False),
    sa.Column("occurrence", sa.Integer, nullable=False),
    sa.Column("seen_at", UtcMoment, nullable=False, index=True),
    sa.Column("poll_id", sa.ForeignKey("polls.id"), nullable=False),
    sa.Column("snapshot", sa.Text, nullable=False, comment="the application as it was seen then"),
    sa.Column("status_class", sa.Integer),
    sa.Column("verdicts", sa.JSON, comment="which subscriptions matched, and why the others did not"),
    sa.Column("actor", sa.String(32), comment="who wrote to the application through the bot since the poll before"),
    sa.UniqueConstraint("connection_id", "application_id", "trigger", "occurrence"),
    comment="One trigger of one application, once.",
)

subscriptions = sa.Table(
    "subscriptions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("team_id", sa.String(32), nullable=False),
    sa.Column("channel_id", sa.String(32), nullable=False),
    sa.Column("connection_id", sa.ForeignKey("connections.id"), nullable=False),
    sa.Column("filter", sa.String(1000), nullable=False, comment="normalised (rule S1)"),
    sa.Column("events", sa.JSON, nullable=False, comment="trigger names"),
    sa.Column("limit", sa.Integer, comment="null: POLL_LIMIT"),
    sa.Column("state", sa.String(16), nullable=False, comment="active, held, waiting (for /invite) or ended"),
    sa.Column("reason", sa.String(64), comment="why it is held: Slack's code, or a word of ours"),
    sa.Column("told_at", UtcMoment, comment="when its maker was told of its present state"),
    sa.Column("shared_ok", sa.String(32), comment="the admin who allowed a channel shared with others (rule W2)"),
    sa.Column("created_by", sa.String(32), nullable=False),
    sa.Column("zone", sa.String(64), nullable=False, comment="its maker's time zone (rule F2)"),
    sa.Column("created_at", UtcMoment, nullable=False),
    sa.UniqueConstraint("team_id", "channel_id", "connection_id", "filter"),
    _partial("ix_subscriptions_untold", f"state = '{SubscriptionState.HELD}' AND told_at IS NULL", "team_id"),
    comment="What a channel wants.",
)

# The outbox: one event for one channel, once, and the messages that are about several events, or remind of one.
deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, comment="in the order in which they are told (rule E2)"),
    sa.Column("token", sa.String(32), nullable=False, unique=True, comment="opaque; in the message's metadata"),
    sa.Column("kind", sa.String(8), nullable=False, server_default="event", comment="event, digest, flood or reminder"),
    sa.Column("event_id", sa.ForeignKey("events.id"), comment="null where it tells of several, or of none"),
    sa.Column("team_id", sa.String(32), nullable=False),
    sa.Column("channel_id", sa.String(32), nullable=False),
    sa.Column("connection_id", sa.Integer, nullable=False),
    sa.Column("application_id", sa.String(100), nullable=False, comment="empty where it tells of several"),
    sa.Column("trigger", sa.String(16), nullable=False, comment="of a digest: what kept its events back"),
    sa.Column("subscription_ids", sa.JSON, nullable=False, comment="those that matched and still stand"),
    sa.Column("slot_id", sa.ForeignKey("subscriptions.id"), comment="whose Limit it counts for"),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("hold", sa.String(16), comment="with state held: what keeps it back"),
    sa.Column("held_until", UtcMoment, comment="when the hold ends by itself; null: when someone ends it"),
    sa.Column("summary_id", sa.ForeignKey("deliveries.id"), comment="the digest or flood card that tells of it"),
    sa.Column(
        "part", sa.Integer, nullable=False, server_default="0", comment="of a digest: the later ones go into its thread"
    ),
    sa.Column("about", sa.JSON, comment="ids of the applications that a digest lists without events of theirs"),
    # A code that is worded where it is shown (`core.notifications.reasons`). Older versions stored a sentence.
    sa.Column("reason", sa.Text, comment="for people"),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("created_at", UtcMoment, nullable=False),
    sa.Column("due_at", UtcMoment, nullable=False),
    sa.Column("attempted_at", UtcMoment),
    sa.Column("lease_owner", sa.String(64)),
    sa.Column("lease_until", UtcMoment),
    sa.Column("fence", sa.Integer, nullable=False),
    sa.Column("message_ts", sa.String(32)),
    sa.Column("thread_ts", sa.String(32), comment="the message that it replies to"),
    sa.Column("sent_at", UtcMoment),
    sa.Column("look_up_id", sa.String(32), comment="with state unclear: the look-up that settles it"),
    sa.UniqueConstraint("event_id", "channel_id"),
    sa.Index(None, "summary_id"),
    sa.Index("ix_deliveries_state_due", "state", "due_at"),
    sa.Index("ix_deliveries_waiting", "state", "team_id", "due_at"),
    sa.Index("ix_deliveries_order", "team_id", "channel_id", "connection_id", "application_id", "id"),
    comment="One event for one channel, once.",
)

look_ups = sa.Table(
    "look_ups",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True, comment="opaque"),
    sa.Column("team_id", sa.String(32), nullable=False),
    sa.Column("channel_id", sa.String(32), nullable=False),
    sa.Column("thread_ts", sa.String(32), comment="the thread that is read; null: the channel itself"),
    sa.Column("oldest", UtcMoment, nullable=False),
    sa.Column("latest", UtcMoment, nullable=False),
    sa.Column("cursor", sa.Text, nullable=False, server_default="", comment="of the next page; empty: of the first"),
    sa.Column("posts", sa.JSON, nullable=False, comment="timestamps of messages, by the token of their delivery"),
    sa.Column("is_complete", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0", comment="calls so far"),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0", comment="calls in a row without a page"),
    sa.Column("began_at", UtcMoment, nullable=False),
    sa.Column("due_at", UtcMoment, nullable=False),
    sa.Column("turn_at", UtcMoment, nullable=False, comment="when it was last carried on"),
    sa.Column("lease_until", UtcMoment),
    sa.Column("fence", sa.Integer, nullable=False, server_default="0"),
    sa.Index(None, "team_id", "due_at"),
    comment="A search of a channel's messages for deliveries whose outcome is unclear (rules T0, T2).",
)

floods = sa.Table(
    "floods",
    metadata,
    sa.Column("delivery_id", sa.ForeignKey("deliveries.id"), primary_key=True, comment="the flood card"),
    sa.Column("team_id", sa.String(32), nullable=False),
    sa.Column("channel_id", sa.String(32), nullable=False),
    sa.Column("opened_at", UtcMoment, nullable=False),
    sa.Column("answer", sa.String(8), comment="post, digest or seen; null until someone, or the hour, answers"),
    sa.Column("counts", sa.JSON, comment="how many of each trigger there were when it was answered"),
    sa.Column("answered_by", sa.String(32), comment="null: nobody did within the hour"),
    sa.Column("answered_at", UtcMoment),
    sa.Column("dirty_at", UtcMoment, comment="when the card is to be updated; null: it shows the present state"),
    sa.Index(None, "team_id", "channel_id"),
    _partial("ix_floods_stale", "dirty_at IS NOT NULL", "team_id", "dirty_at"),
    comment="A question about more notices than a channel wants at once (rule S4).",
)

cards = sa.Table(
    "cards",
    metadata,
    sa.Column("team_id", sa.String(32), primary_key=True),
    sa.Column("channel_id", sa.String(32), primary_key=True),
    sa.Column("connection_id", sa.ForeignKey("connections.id"), primary_key=True),
    sa.Column("application_id", sa.String(100), primary_key=True),
    sa.Column("message_ts", sa.String(32), nullable=False),
    sa.Column("token", sa.String(32), nullable=False, comment="of the delivery that posted it; each update carries it"),
    sa.Column("trigger", sa.String(16), nullable=False, comment="the event that it names: the last one told"),
    sa.Column("posted_at", UtcMoment, nullable=False),
    sa.Column("shown", sa.String(16), nullable=False, comment="what it shows, as a hash"),
    sa.Column("dirty_at", UtcMoment, comment="when it is to be updated; null: it shows the present state"),
    sa.Column("version", sa.Integer, nullable=False, server_default="0", comment="raised by each change to be shown"),
    sa.Column("lost", sa.String(64), comment="why it can't be updated any more: the next event gets a new card"),
    sa.Column("follows_ts", sa.String(32), comment="the older card that this one follows"),
    sa.Column("reminded_at", UtcMoment, comment="when the channel was last reminded of it"),
    sa.Index(None, "connection_id", "application_id"),
    sa.Index(None, "team_id", "dirty_at"),
    _partial("ix_cards_stale", "dirty_at IS NOT NULL", "team_id", "dirty_at"),
    comment="The living message of one application in one channel.",
)

channels = sa.Table(
    "channels",
    metadata,
    sa.Column("team_id", sa.String(32), primary_key=True),
    sa.Column("channel_id", sa.String(32), primary_key=True),
    sa.Column("style", sa.Text, nullable=False, comment="how notices look there, as JSON"),
    sa.Column("schedule", sa.Text, nullable=False, comment="when they come, as JSON"),
    sa.Column("set_by", sa.String(32), nullable=False),
    sa.Column("set_at", UtcMoment, nullable=False),
    comment="How and when a channel wants its notices; without a row, as usual.",
)

mutes = sa.Table(
    "mutes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("team_id", sa.String(32), nullable=False),
    sa.Column("channel_id", sa.String(32), nullable=False),
    sa.Column("connection_id", sa.Integer, nullable=False, server_default="0", comment="0: of every account"),
    sa.Column("application_id", sa.String(100), nullable=False, server_default="", comment="empty: every application"),
    sa.Column("trigger", sa.String(16), nullable=False, server_default="", comment="empty: every event"),
    sa.Column("until", UtcMoment, comment="null: until someone ends it"),
    sa.Column("set_by", sa.String(32), nullable=False),
    sa.Column("set_at", UtcMoment, nullable=False),
    sa.UniqueConstraint(
        *("team_id", "channel_id", "connection_id", "application_id", "trigger"), name="uq_mutes_one_each"
    ),
    comment="What a channel does not want to hear of for a while.",
)

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("team_id", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(32), primary_key=True, comment="what is done"),
    sa.Column("owner", sa.String(64), nullable=False),
    sa.Column("until", UtcMoment, nullable=False),
    comment="What one process alone does in a workspace, and which.",
)

rounds = sa.Table(
    "rounds",
    metadata,
    sa.Column("team_id", sa.String(32), primary_key=True),
    sa.Column("kind", sa.String(16), primary_key=True, comment="channel, person or reminder"),
    sa.Column("subject_id", sa.String(32), primary_key=True),
    sa.Column("due_at", UtcMoment, nullable=False, comment="when it is looked at next (rule P4)"),
    sa.Column("strikes", sa.Integer, nullable=False, comment="looks in a row that did not find it well"),
    sa.Column("read_at", UtcMoment, comment="when Slack last answered about it"),
    sa.Column("facts", sa.JSON, comment="what Slack answered then; null: it never has"),
    sa.Index(None, "kind", "due_at"),
    sa.Index(None, "kind", "team_id", "due_at"),
    comment="What is looked at now and then: whose turn comes when, and what the last look saw.",
)

admin_notifications = sa.Table(
    "notices",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("team_id", sa.String(32), nullable=False),
    sa.Column("subject", sa.String(120), nullable=False, comment="what it is about: a later one replaces it"),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("content", sa.Text, nullable=False, comment="as JSON"),
    sa.Column("own", sa.JSON, nullable=False, comment="the people whom it is about, who are told in any case"),
    sa.Column("is_personal", sa.Boolean, nullable=False, comment="others are told only where none of these can be"),
    sa.Column("reached", sa.JSON, nullable=False, comment="who was told so far"),
    sa.Column("failures", sa.JSON, nullable=False, comment="how often each of the others could not be told"),
    sa.Column("created_at", UtcMoment, nullable=False),
    sa.Column("due_at", UtcMoment, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("lease_until", UtcMoment),
    sa.Column("fence", sa.Integer, nullable=False, server_default="0"),
    sa.UniqueConstraint("team_id", "subject"),
    sa.Index(None, "team_id", "due_at"),
    comment="What people must still be told about the bot's own work (rule W4).",
)

paces = sa.Table(
    "paces",
    metadata,
    sa.Column("team_id", sa.String(32), primary_key=True),
    # Or a method of Slack's, such as conversations.info.
    sa.Column("channel_id", sa.String(32), primary_key=True, comment="empty: the whole workspace"),
    sa.Column("next_at", UtcMoment, nullable=False, comment="no post before this"),
    sa.Column("per_minute", sa.Float, comment="the workspace's budget, as the last 429 left it"),
    sa.Column("throttled_at", UtcMoment, comment="when the last 429 came"),
    comment="When a channel, or a workspace, may be posted to again (rules P1, P2).",
)

people = sa.Table(
    "people",
    metadata,
    sa.Column("team_id", sa.String(32), primary_key=True),
    sa.Column("user_id", sa.String(32), primary_key=True),
    sa.Column("is_admin", sa.Boolean, nullable=False),
    sa.Column("zone", sa.String(64), nullable=False),
    sa.Column("seen_at", UtcMoment, nullable=False),
    sa.Column("mentions", sa.Boolean, nullable=False, server_default=sa.true(), comment="wants to be mentioned"),
    sa.Column("left_at", UtcMoment, comment="when they were found to have left the workspace; null: they are there"),
    sa.Column("locale", sa.String(16), comment="the locale that they use Slack in; null: unknown"),
    comment="Slack users who used the bot.",
)

drafts = sa.Table(
    "drafts",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True, comment="opaque; in the view's private_metadata"),
    sa.Column("team_id", sa.String(32), nullable=False),
    sa.Column("user_id", sa.String(32), nullable=False),
    sa.Column("form", sa.String(32), nullable=False, comment="its callback_id"),
    sa.Column("state", sa.String(8), nullable=False, comment="open, sending, stopping, done or unknown (rule M2)"),
    sa.Column("sealed", sa.Text, nullable=False, comment="the values, encrypted"),
    sa.Column("connection_id", sa.ForeignKey("connections.id"), comment="null: the form connects an account"),
    sa.Column("target", sa.String(100), comment="the application it is about"),
    sa.Column("result", sa.String(100), comment="the application it made"),
    sa.Column("template", sa.String(100), comment="the template made for it, so that a retry makes no second"),
    sa.Column("view_id", sa.String(32)),
    sa.Column("created_at", UtcMoment, nullable=False),
    sa.Column("expires_at", UtcMoment, nullable=False),
    sa.Column("kept_at", UtcMoment, comment="when it was last submitted"),
    sa.Column("sending_at", UtcMoment, comment="when sending last began"),
    sa.Column("owed_since", UtcMoment, comment="since when the person waits for the result; null once they have it"),
    sa.Index(None, "team_id", "user_id"),
    _partial("ix_drafts_owed", "owed_since IS NOT NULL", "team_id", "owed_since"),
    comment="A form that someone is filling in or has sent.",
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("team_id", sa.String(32), nullable=False),
    sa.Column("at", UtcMoment, nullable=False),
    sa.Column("user_id", sa.String(32), nullable=False),
    sa.Column("action", sa.String(16), nullable=False),
    sa.Column("target", sa.String(100), comment="an application's id, or whom a role is about"),
    sa.Column("outcome", sa.String(8), nullable=False, comment="ok, refused, failed or unknown"),
    sa.Column("detail", sa.Text, nullable=False, comment="names of fields, or a method and path: never values"),
    sa.Index(None, "team_id", "id"),
    comment="Who did what.",
)

roles = sa.Table(
    "roles",
    metadata,
    sa.Column("team_id", sa.String(32), primary_key=True),
    sa.Column("subject_id", sa.String(32), primary_key=True, comment="a person (U…) or a user group (S…)"),
    sa.Column("kind", sa.String(8), nullable=False, comment="user or group"),
    sa.Column("role", sa.String(8), nullable=False, comment="viewer, editor or admin"),
    sa.Column("given_by", sa.String(32), nullable=False),
    sa.Column("given_at", UtcMoment, nullable=False),
    comment="A role that an admin gave.",
)


idempotency_keys = sa.Table(
    "idempotency_keys",
    metadata,
    sa.Column("team_id", sa.String(32), primary_key=True),
    sa.Column("key", sa.String(100), primary_key=True, comment="what is done once"),
    sa.Column("expires_at", UtcMoment, nullable=False),
    comment="What was done and isn't to be done again until a moment.",
)

hidden_links = sa.Table(
    "hidden_links",
    metadata,
    sa.Column("team_id", sa.String(32), primary_key=True),
    sa.Column("channel_id", sa.String(32), primary_key=True, comment="empty: the whole workspace"),
    sa.Column("message_ts", sa.String(32), primary_key=True, comment="empty: all messages"),
    sa.Column("subject", sa.String(120), primary_key=True, comment="an application of an account; empty: every link"),
    sa.Column("user_id", sa.String(32), nullable=False, comment="who hid it"),
    sa.Column("hidden_at", UtcMoment, nullable=False),
    comment="Pasted links that aren't shown any more.",
)

saved_actions = sa.Table(
    "saved_actions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("connection_id", sa.ForeignKey("connections.id"), nullable=False),
    sa.Column("name", sa.String(24), nullable=False),
    sa.Column("folded_name", sa.String(100), nullable=False, comment="unique in an account"),
    sa.Column("method", sa.String(8), nullable=False),
    sa.Column("path", sa.Text, nullable=False, comment="with placeholders"),
    sa.Column("sealed", sa.Text, comment="query, headers and body, encrypted; null: none"),
    sa.Column("classes", sa.JSON, nullable=False, comment="words of status classes; empty: all"),
    sa.Column("role", sa.String(8), nullable=False, comment="the lowest that can use it"),
    sa.Column("asks_first", sa.Boolean, nullable=False),
    sa.Column("done", sa.Text, nullable=False, comment="the sentence when it has worked; empty: Clust's"),
    sa.Column("is_pinned", sa.Boolean, nullable=False, comment="a button on cards"),
    sa.Column("base_url", sa.Text, nullable=False, comment="the address it was confirmed for"),
    sa.Column("is_tried", sa.Boolean, nullable=False, comment="false: imported, and not used yet"),
    sa.Column("revision", sa.Integer, nullable=False, comment="raised by each change"),
    sa.Column("saved_by", sa.String(32), nullable=False),
    sa.Column("saved_at", UtcMoment, nullable=False),
    sa.UniqueConstraint("connection_id", "folded_name"),
    comment="A call of Clust's API that admins keep under a name.",
)

webhooks = sa.Table(
    "webhooks",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("connection_id", sa.ForeignKey("connections.id"), nullable=False, index=True),
    sa.Column("digest", sa.String(64), nullable=False, unique=True, comment="the secret's hash"),
    sa.Column("sealed", sa.Text, nullable=False, comment="the secret, encrypted"),
    sa.Column("made_by", sa.String(32), nullable=False),
    sa.Column("made_at", UtcMoment, nullable=False),
    sa.Column("expires_at", UtcMoment, comment="of a secret that was replaced; null: the present one"),
    comment="The secret in the address at which Clust calls the bot about an account.",
)

hints = sa.Table(
    "hints",
    metadata,
    sa.Column("connection_id", sa.ForeignKey("connections.id"), primary_key=True),
    sa.Column("application_id", sa.String(100), primary_key=True),
    sa.Column("is_known", sa.Boolean, nullable=False, comment="known applications are read first"),
    sa.Column("hinted_at", UtcMoment, nullable=False, comment="when the last webhook named it"),
    sa.Column("missing_until", UtcMoment, comment="after a 404: not read again before; null: waits to be read"),
    comment="An application that a webhook named, until it is read.",
)

day_totals = sa.Table(
    "day_totals",
    metadata,
    sa.Column("connection_id", sa.ForeignKey("connections.id"), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True, comment="in UTC"),
    sa.Column("trigger", sa.String(16), primary_key=True),
    sa.Column("number", sa.Integer, nullable=False, comment="how often it happened"),
    sa.Column("hours", sa.JSON, nullable=False, comment="how many steps that it ended took so many whole hours"),
    sa.Column("unknown", sa.Integer, nullable=False, comment="steps that it ended without a known beginning"),
    comment="What happened on one day, in numbers, for reports about longer ago than events are kept.",
)

reports = sa.Table(
    "reports",
    metadata,
    sa.Column("team_id", sa.String(32), primary_key=True),
    sa.Column("channel_id", sa.String(32), primary_key=True),
    sa.Column("connection_id", sa.ForeignKey("connections.id"), nullable=False),
    sa.Column("rhythm", sa.String(8), nullable=False, comment="weekly or monthly"),
    sa.Column("due_at", UtcMoment, nullable=False, comment="when the next one is made"),
    sa.Column("owed_since", UtcMoment, comment="since when one is late or on hold; null: none is"),
    sa.Column("told_at", UtcMoment, comment="when who set it was told that it is on hold"),
    sa.Column("set_by", sa.String(32), nullable=False),
    sa.Column("set_at", UtcMoment, nullable=False),
    sa.Index(None, "team_id", "due_at"),
    comment="A report that a channel gets regularly.",
)

rights = sa.Table(
    "rights",
    metadata,
    sa.Column("team_id", sa.String(32), primary_key=True),
    sa.Column("subject_id", sa.String(32), primary_key=True, comment="a person (U…) or a user group (S…)"),
    sa.Column("name", sa.String(16), primary_key=True),
    sa.Column("given_by", sa.String(32), nullable=False),
    sa.Column("given_at", UtcMoment, nullable=False),
    comment="A single right that an admin gave beside a role.",
)


def is_late() -> sa.ColumnElement[bool]:
    """Return the SQL condition for late applications, as `core.applications.lateness` defines it."""
    finished = applications.c.status_class.in_(sorted(FINISHED))
    return sa.and_(applications.c.late, sa.or_(applications.c.status_class.is_(None), ~finished))
