"""The answer of `status`: whether Clust can be read, how old the data is, what waits, what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.core.account_notes import note_in_words
from bot.core.applications.model import StatusClass
from bot.core.filters.unknown_values import Gap
from bot.core.health import Health, Reading, reading_of, verdict, waiting_for_somebody
from bot.core.language import N_, _, ngettext
from bot.core.notifications.states import Hold
from bot.core.staleness import is_overdue
from bot.slack.views.admin.accounts import AccountLine, account_lines
from bot.slack.views.building import application_facts as facts
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block, Message, actions, button, context, message, section
from bot.slack.views.building.channel_problems import reason

MAX_LISTED = 5
"""Items listed for each kind of problem."""

MAX_HELD = 6
"""Kinds of holds listed in one line."""

_HELD: Mapping[str, str] = {
    Hold.LIMIT: N_("{count:,} over their subscription's limit"),
    Hold.SCHEDULE: N_("{count:,} scheduled for later"),
    Hold.MUTE: N_("{count:,} muted"),
    Hold.REPLAY: N_("{count:,} waiting for the next check"),
    Hold.FLOOD: N_("{count:,} waiting for an answer"),
    Hold.CHANNEL: N_("{count:,} for channels that don't accept messages"),
}
"""Why notifications are held, by the stored word. An unknown one is shown as it is."""

ACCOUNT_REMEDY = N_("`/clust status connection:{name}` shows what to do.")


OVERDUE = N_("Clust should have been checked again by now. The process that does so may have stopped.")
OVERDUE_REMEDY = N_(
    "Wait a few minutes. Nothing is lost. If it stays like this, ask the person who runs the bot to restart the "
    "`worker` (or `run`)."
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A problem in a sentence, and what to do about it."""

    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class StatusReport:
    """How the bot is doing. None in `clust_reachable`: Clust was not asked yet.

    `has_account`: there is one to tell of; `stalled`: nobody reads it. `classes` counts applications (None: no known
    class), `unknown_codes` status codes that no rule knows, `waiting` notifications not yet posted, `held` those held,
    by what holds them, `held_channels` why each channel is held, `unsettled` since when it is unclear whether something
    was posted in a channel; `hidden` counts the channels of both that the reader may not know of. `paused_until` is
    when Clust is next asked where that is later than usual. `account` is the connection that is told of, and `accounts`
    are all of the workspace, where there are several.
    """

    now: datetime
    clust_reachable: bool | None
    poll_interval: float
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

    @property
    def reading(self) -> Reading:
        """The state of reading the account."""
        return reading_of(
            has_account=self.has_account,
            stalled=self.stalled,
            failing=self.clust_reachable is False,
            was_read=self.clust_reachable is True,
            is_overdue=is_overdue(self.last_read_at, timedelta(seconds=self.poll_interval), self.now),
        )


CHECK_TITLE = N_("Check Clust")


def checked(seconds: float) -> str:
    """Return the result of *Check now* if Clust answered, with the seconds it took."""
    return _("✅ Clust responded in {seconds:.1f} s.", seconds=seconds)


def not_checked(sentence: str) -> str:
    """Return the result of *Check now* if Clust refused or couldn't be reached."""
    return _("❌ I just tried, and it didn't work. {why}", why=md.sentence(sentence, 600))


def not_answered(seconds: float) -> str:
    """Return the result of *Check now* if Clust didn't answer within so many seconds."""
    return _("❌ I just tried, and it didn't work. Clust didn't respond within {seconds:.0f} seconds.", seconds=seconds)


def check_button(report: StatusReport) -> Block | None:
    """Return *Check now*, None without an account to check."""
    return button(_("Check now"), ids.CHECK_NOW, "") if report.account else None


def status_report(report: StatusReport, check_result: str = "") -> Message:
    """Return the answer: up to three lines, and a list of problems if there are any.

    `check_result` is the result of *Check now*, as mrkdwn.
    """
    return message(
        section(check_result) if check_result else None,
        section("\n".join(status_lines(report))),
        section(account_lines(report.accounts, report.account, report.now)) if report.accounts else None,
        *(
            section(_("⚠️ {what}\n*What to do:* {remedy}", what=trouble.what, remedy=trouble.remedy))
            for trouble in status_troubles(report)
        ),
        actions(check_button(report)),
        context(_pace(report)),
    )


def status_lines(report: StatusReport) -> list[str]:
    """Return the state in up to three lines of mrkdwn."""
    judged = verdict(report.reading, len(status_troubles(report)))
    return [line for line in (_clust(report, judged), _applications(report), _deliveries(report)) if line]


def status_troubles(report: StatusReport) -> list[Trouble]:
    """Return the problems, most serious first."""
    return list(_troubles(report))


def _clust(report: StatusReport, judged: Health) -> str:
    age = _("Updated {age}.", age=md.ago(report.last_read_at, report.now)) if report.last_read_at else ""
    light = "🟢" if judged is Health.WELL else "🟡"
    match report.reading:
        case Reading.NO_ACCOUNT:
            return _("🔴 *No Clust account is connected.*")
        case Reading.STALLED:
            return _in_one(_("🔴 *Nothing is reading Clust right now.*"), age)
        case Reading.FAILING:
            calm = "" if report.trouble else _("Nothing is lost. I'll keep trying and catch up.")
            return _in_one(_("🔴 *Clust is unreachable.*"), age, calm)
        case Reading.OVERDUE:
            return _in_one(_("🟡 *The next check of Clust is overdue.*"), age)
        case Reading.FIRST:
            return _in_one(_("⏳ *Reading Clust for the first time.*"), age)
        case Reading.FINE:
            well = _("*All is well.*") if judged is Health.WELL else _("*Clust is responding.*")
            first = _("*Clust is responding.* Reading it for the first time.")
            return _in_one(light, well if report.last_read_at else first, age)


def _in_one(*sentences: str) -> str:
    """Return the sentences that are not empty on one line."""
    return " ".join(filter(None, sentences))


def _applications(report: StatusReport) -> str:
    total = sum(report.classes.values())
    named = [
        f"{report.classes[status_class]:,} {status_class.title.lower()}"
        for status_class in StatusClass
        if report.classes.get(status_class)
    ]
    unknown = report.classes.get(None)
    named += [_("{count:,} with an unknown status", count=unknown)] if unknown else []
    late = _("{count:,} late", count=report.late) if report.late else ""
    total_text = ngettext("{count} application", "{count:,} applications", total)
    counts = facts.joined(f"{total_text}: {', '.join(named)}" if named else total_text, late)
    return f"{counts}. {facts.gap(report.late_unjudged)}" if report.late_unjudged.count else counts


def _deliveries(report: StatusReport) -> str:
    waiting = (
        ngettext("{count} notification waiting", "{count:,} notifications waiting", report.waiting)
        if report.waiting
        else ""
    )
    held = [(hold, count) for hold, count in report.held.items() if count]
    named = [
        _(_HELD[hold], count=count) if hold in _HELD else f"{count:,} {md.escape(hold, 60)}"
        for hold, count in held[:MAX_HELD]
    ]
    rest = sum(count for _hold, count in held[MAX_HELD:])
    named += [_("{count:,} for other reasons", count=rest)] if rest else []
    return facts.joined(
        ngettext("{count} subscription", "{count:,} subscriptions", report.subscriptions),
        waiting,
        _("on hold: {counts}", counts=", ".join(named)) if named else "",
        _("nothing waiting") if not (waiting or named) else "",
    )


def _troubles(report: StatusReport) -> Iterator[Trouble]:
    """Yield the problems, most serious first."""
    if report.suspended:
        remedy = _("An admin needs to answer the question I sent by direct message: continue, or take a new baseline.")
        reason_in_words = md.sentence(note_in_words(report.suspended), 600)
        yield Trouble(_("Posting is suspended. {reason}", reason=reason_in_words), remedy)
    if report.reading is Reading.OVERDUE:
        yield Trouble(_(OVERDUE), _(OVERDUE_REMEDY))
    for trouble in report.trouble[:MAX_LISTED]:
        yield Trouble(md.sentence(trouble.what, 600), md.sentence(trouble.remedy, 400))
    for channel_id, code in list(report.held_channels.items())[:MAX_LISTED]:
        why = reason(code)
        yield Trouble(_("{channel} is on hold. {why}", channel=md.channel(channel_id), why=_(why.what)), _(why.remedy))
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
            _("I've told the people who subscribed those channels what to do."),
        )
    yield from _waiting_for_somebody(report)
    yield from _other_accounts(report)
    if report.unknown_codes:
        codes = list(report.unknown_codes.items())
        named = [f"{md.code(code, 60)} ({count:,})" for code, count in codes[: 2 * MAX_LISTED]]
        if len(codes) > 2 * MAX_LISTED:
            named.append(ngettext("{count} more", "{count:,} more", len(codes) - 2 * MAX_LISTED))
        yield Trouble(
            _("Unknown statuses: {codes}. I can't detect their events.", codes=", ".join(named)),
            _(
                "An admin can set what they mean on Clust's Home tab, or the person who runs the bot in "
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
                    "Answer the question in the channel: *Post all*, *Post one digest* or *Mark as seen*. After an "
                    "hour, I'll post one digest."
                ),
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
                    "Use `/clust subscriptions all` to see the channels and `/clust why` to see what each is "
                    "waiting for."
                ),
            )


def _other_accounts(report: StatusReport) -> Iterator[Trouble]:
    """Yield the problems of the other accounts."""
    wrong = [one for one in report.accounts if one.wrong and one.name != report.account]
    for one in wrong[:MAX_LISTED]:
        name = md.escape(one.name, 80)
        yield Trouble(f"{name}: {md.sentence(one.wrong or '', 300)}", _(ACCOUNT_REMEDY, name=name))
    if (more := len(wrong) - MAX_LISTED) > 0:
        yield Trouble(
            ngettext("{count} more account has problems.", "{count:,} more accounts have problems.", more),
            _("Use `/clust status` with `connection:` to see each one."),
        )


def _unsettled(report: StatusReport) -> Iterator[Trouble]:
    remedy = _("Nothing to do. I'm checking the channel's messages and will post it again if it isn't there.")
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


def _pace(report: StatusReport) -> str:
    pace_note = md.sentence(note_in_words(report.pace_note or ""), 300)
    if report.reading in {Reading.NO_ACCOUNT, Reading.STALLED}:
        return facts.joined(_("Nothing is reading Clust right now"), pace_note)
    if report.clust_reachable is False:
        paused = report.paused_until if report.paused_until and report.paused_until > report.now else None
        following = (
            _("Trying again {time}", time=md.date(paused, report.now))
            if paused
            else _("Trying again at least once a minute")
        )
        return facts.joined(following, pace_note)
    seconds = (report.next_poll_at - report.now).total_seconds() if report.next_poll_at else 0
    following = _("next check in {duration}", duration=md.duration(seconds)) if seconds >= 1 else ""
    every = md.interval(report.poll_interval)
    return facts.joined(_("Checks Clust {interval}", interval=every), following, pace_note)
