"""What `status` reports: how the bot is doing, and its problems, each with what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.core.account_notes import note_in_words
from bot.core.applications.model import StatusClass
from bot.core.filters.unknown_values import Gap
from bot.core.health import Reading, reading_of, waiting_for_somebody
from bot.core.language import N_, _, in_digits, labeled, ngettext
from bot.core.notifications.states import Hold
from bot.core.staleness import is_overdue
from bot.slack.views.admin.accounts import AccountLine
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.channel_problems import reason

MAX_LISTED = 5
"""Items listed for each kind of problem."""

ACCOUNT_REMEDY = N_("`/clust status connection:{name}` shows what to do.")

OVERDUE = N_("I should have checked Clust again by now. The worker process may have stopped or be stuck.")
OVERDUE_REMEDY = N_(
    "Wait a few minutes. Nothing is lost. If it stays like this, ask the person who runs the bot to restart the "
    "`worker` (or `run`)."
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A problem in a sentence, and what to do about it."""

    problem: str
    remedy: str


@dataclass(frozen=True, slots=True)
class StatusReport:
    """How the bot is doing. None in `clust_reachable`: Clust was not asked yet.

    `has_account`: there is one. `stalled`: no one reads it. `classes` counts applications (None: no known class),
    `unknown_codes` status codes that no rule knows, `waiting` notifications not yet posted, `held` those held, by what
    holds them, `held_channels` why each channel is held, `unsettled` since when it is unclear whether something was
    posted in a channel. `hidden` counts the channels of both that the reader isn't allowed to know of. `paused_until`
    is when Clust is next asked where that is later than usual. `account` is its connection, and `accounts` are all of
    the workspace, where there are several. `off` says in sentences what the app lacks the permissions for.
    `has_webhook`: Clust can call the bot, which it last did at `webhook_at`.
    """

    now: datetime
    clust_reachable: bool | None
    poll_interval: timedelta
    last_read_at: datetime | None = None
    next_poll_at: datetime | None = None
    classes: Mapping[StatusClass | None, int] = field(default_factory=dict)
    late: int = 0
    late_unjudged: Gap = field(default_factory=Gap)
    unknown_codes: Mapping[str, int] = field(default_factory=dict)
    waiting: int = 0
    held: Mapping[str, int] = field(default_factory=dict)
    subscriptions: int = 0
    held_channels: Mapping[str, str] = field(default_factory=dict)
    unsettled: Mapping[str, datetime] = field(default_factory=dict)
    hidden: int = 0
    trouble: Sequence[Trouble] = ()
    pace_note: str | None = None
    suspended: str | None = None
    paused_until: datetime | None = None
    account: str = ""
    accounts: Sequence[AccountLine] = ()
    has_account: bool = True
    stalled: bool = False
    off: Sequence[str] = ()
    has_webhook: bool = False
    webhook_at: datetime | None = None

    @property
    def reading(self) -> Reading:
        """The state of reading the account."""
        return reading_of(
            has_account=self.has_account,
            stalled=self.stalled,
            failing=self.clust_reachable is False,
            was_read=self.clust_reachable is True,
            is_overdue=is_overdue(self.last_read_at, self.poll_interval, self.now),
        )


def status_troubles(report: StatusReport) -> list[Trouble]:
    """Return the problems, most serious first."""
    return list(_troubles(report))


def _troubles(report: StatusReport) -> Iterator[Trouble]:
    """Yield the problems, most serious first."""
    if report.suspended:
        remedy = _("An admin needs to answer the question I sent by direct message: continue, or take a new baseline.")
        reason_in_words = md.sentence(note_in_words(report.suspended), 600)
        yield Trouble(_("Posting is suspended. {reason}", reason=reason_in_words), remedy)
    if report.reading is Reading.OVERDUE:
        yield Trouble(_(OVERDUE), _(OVERDUE_REMEDY))
    for trouble in report.trouble[:MAX_LISTED]:
        yield Trouble(md.sentence(trouble.problem, 600), md.sentence(trouble.remedy, 400))
    for channel_id, code in list(report.held_channels.items())[:MAX_LISTED]:
        why = reason(code)
        yield Trouble(
            _("{channel} is on hold. {why}", channel=md.channel(channel_id), why=_(why.problem)), _(why.remedy)
        )
    if (more := len(report.held_channels) - MAX_LISTED) > 0:
        yield Trouble(
            ngettext("{count} more channel is on hold.", "{count:,} more channels are on hold.", more),
            _("Use `/clust subscriptions all` to see them."),
        )
    yield from _unsettled(report)
    if report.hidden:
        yield Trouble(
            ngettext(
                "I can't post to {count} channel that you may not be able to see.",
                "I can't post to {count:,} channels that you may not be able to see.",
                report.hidden,
            ),
            _("I've told the people who subscribed what to do."),
        )
    yield from _waiting_for_somebody(report)
    yield from _other_accounts(report)
    if report.unknown_codes:
        codes = list(report.unknown_codes.items())
        named = [f"{md.code(code, 60)} ({in_digits(count)})" for code, count in codes[: 2 * MAX_LISTED]]
        if len(codes) > 2 * MAX_LISTED:
            named.append(ngettext("{count} more", "{count:,} more", len(codes) - 2 * MAX_LISTED))
        yield Trouble(
            ngettext(
                "Unknown status: {codes}. I can't detect its events.",
                "Unknown statuses: {codes}. I can't detect their events.",
                len(codes),
                codes=", ".join(named),
            ),
            _(
                "An admin can choose the meaning on Clust's Home tab. The person who runs the bot can also set it in "
                "`CLUST_STATUS_RULES`."
            ),
        )


def _waiting_for_somebody(report: StatusReport) -> Iterator[Trouble]:
    """Yield holds that only a person can end, without those of a named channel."""
    for hold, count in list(waiting_for_somebody(report.held).items())[:MAX_LISTED]:
        if hold == Hold.FLOOD:
            yield Trouble(
                ngettext(
                    "A channel had more notifications at once than its limit. {count} is on hold until someone "
                    "answers.",
                    "A channel had more notifications at once than its limit. {count:,} are on hold until someone "
                    "answers.",
                    count,
                ),
                _(
                    "Answer the question in the channel: *Post all*, *Post one digest* or *Mark as seen*. If nobody "
                    "answers within an hour, I'll post one digest."
                ),
            )
        elif hold == Hold.REVIEW:
            yield Trouble(
                ngettext(
                    "{count} notification is on hold because I didn't understand everything about a new Clust account.",
                    "{count:,} notifications are on hold because I didn't understand everything about a new Clust "
                    "account.",
                    count,
                ),
                _("An admin can look at it on Clust's Home tab and click *Start posting*."),
            )
        elif hold != Hold.CHANNEL:
            yield Trouble(
                ngettext(
                    "{count} notification is on hold ({reason}).",
                    "{count:,} notifications are on hold ({reason}).",
                    count,
                    reason=md.escape(hold, 60),
                ),
                _("Use `/clust why` with an application's number for details."),
            )
        elif not report.held_channels:
            yield Trouble(
                ngettext(
                    "{count} notification is on hold because its channel doesn't accept messages.",
                    "{count:,} notifications are on hold because their channels don't accept messages.",
                    count,
                ),
                _(
                    "Use `/clust subscriptions all` to see the channels, and `/clust why` to see what a notification "
                    "is waiting for."
                ),
            )


def _other_accounts(report: StatusReport) -> Iterator[Trouble]:
    """Yield the problems of the other accounts."""
    wrong = [one for one in report.accounts if one.wrong and one.name != report.account]
    for one in wrong[:MAX_LISTED]:
        name = md.escape(one.name, 80)
        yield Trouble(labeled(name, md.sentence(one.wrong or "", 300)), _(ACCOUNT_REMEDY, name=name))
    if (more := len(wrong) - MAX_LISTED) > 0:
        yield Trouble(
            ngettext("{count} more account has problems.", "{count:,} more accounts have problems.", more),
            _("Use `/clust status` with `connection:` to see each one."),
        )


def _unsettled(report: StatusReport) -> Iterator[Trouble]:
    remedy = _("Nothing. I'm checking whether it arrived, and I'll post it again if it didn't.")
    for channel_id, since in list(report.unsettled.items())[:MAX_LISTED]:
        yield Trouble(
            _(
                "I can't confirm yet whether a notification reached {channel}. I sent it {age}.",
                channel=md.channel(channel_id),
                age=md.ago(since, report.now),
            ),
            remedy,
        )
    if (more := len(report.unsettled) - MAX_LISTED) > 0:
        yield Trouble(
            ngettext("The same goes for {count} more channel.", "The same goes for {count:,} more channels.", more),
            remedy,
        )
