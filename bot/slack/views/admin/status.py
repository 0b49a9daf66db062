"""The answer of `status`: is Clust reachable, how old is the data, what waits, what is wrong, what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.core.applications.model import StatusClass
from bot.core.filters.unjudged import Gap
from bot.core.health import Health, Reading, reading_of, verdict, waiting_for_somebody
from bot.core.notifications.states import Hold
from bot.slack.views.admin.accounts import AccountLine, account_lines
from bot.slack.views.building import facts, ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block, Message, actions, button, context, message, section
from bot.slack.views.building.problems import reason

MAX_LISTED = 5
"""Of each kind of trouble; the rest is counted."""

MAX_HELD = 6
"""Kinds of holds in one line; the rest is counted."""

_HELD: Mapping[str, str] = {
    Hold.LIMIT: "by the limit of their subscription",
    Hold.SCHEDULE: "until their channel's time",
    Hold.MUTE: "while muted",
    Hold.REPLAY: "until the next check",
    Hold.FLOOD: "until someone answers",
    Hold.CHANNEL: "for channels that take no messages",
}
"""Why notifications are held, by the word that is stored; another one is shown as it is."""

ACCOUNT_REMEDY = "`/clust status connection:{}` says what to do."


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong, in a sentence, and what to do about it."""

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
        """How it goes with reading the account."""
        return reading_of(
            has_account=self.has_account,
            stalled=self.stalled,
            failing=self.clust_reachable is False,
            was_read=self.clust_reachable is True,
        )


CHECK_TITLE = "Check Clust"


def checked(seconds: float) -> str:
    """Return what came of *Check now* where Clust answered, and how long that took."""
    return f"✅ Clust answered just now, in {seconds:.1f} s."


def not_checked(sentence: str) -> str:
    """Return what came of *Check now* where Clust refused or can't be reached."""
    return f"❌ I just tried: {md.sentence(sentence, 600)}"


def not_answered(seconds: float) -> str:
    """Return what came of *Check now* where Clust said nothing for so many seconds."""
    return f"❌ I just tried: Clust didn't answer within {seconds:.0f} seconds."


def check_button(report: StatusReport) -> Block | None:
    """Return *Check now*, None where there is no account to check."""
    return button("Check now", ids.CHECK_NOW, "") if report.account else None


def status_report(report: StatusReport, check_result: str = "") -> Message:
    """Return the answer: three lines when all is well, and a list of what is wrong when not.

    `said` is what came of *Check now*, as mrkdwn.
    """
    return message(
        section(check_result) if check_result else None,
        section("\n".join(status_lines(report))),
        section(account_lines(report.accounts, report.account, report.now)) if report.accounts else None,
        *(section(f"⚠️ {trouble.what}\n*What to do:* {trouble.remedy}") for trouble in status_troubles(report)),
        actions(check_button(report)),
        context(_pace(report)),
    )


def status_lines(report: StatusReport) -> list[str]:
    """Return how things stand, in up to three lines of mrkdwn."""
    judged = verdict(report.reading, len(status_troubles(report)))
    return [line for line in (_clust(report, judged), _applications(report), _deliveries(report)) if line]


def status_troubles(report: StatusReport) -> list[Trouble]:
    """Return what is wrong as mrkdwn, the gravest first."""
    return list(_troubles(report))


def _clust(report: StatusReport, judged: Health) -> str:
    age = f"The data is from {md.ago(report.last_read_at, report.now)}." if report.last_read_at else ""
    light = "🟢" if judged is Health.WELL else "🟡"
    match report.reading:
        case Reading.NO_ACCOUNT:
            return "🔴 *There is no Clust account to read.*"
        case Reading.STALLED:
            return f"🔴 *Clust isn't being read.* {age}".strip()
        case Reading.FAILING:
            calm = "" if report.trouble else "Nothing is lost: the bot keeps trying, and catches up."
            return " ".join(filter(None, ("🔴 *Clust can't be read.*", age, calm)))
        case Reading.FIRST:
            return f"⏳ *Clust is being read for the first time.* {age}".strip()
        case Reading.FINE:
            if not report.last_read_at:
                return f"{light} *Clust answers*, and is being read for the first time."
            return f"{light} *{'All is well.' if judged is Health.WELL else 'Clust answers.'}* {age}"


def _applications(report: StatusReport) -> str:
    total = sum(report.classes.values())
    named = [
        f"{report.classes[status_class]:,} {status_class.word}"
        for status_class in StatusClass
        if report.classes.get(status_class)
    ]
    unknown = report.classes.get(None)
    named += [f"{unknown:,} with an unknown status"] if unknown else []
    late = f"{report.late:,} late" if report.late else ""
    counts = facts.joined(f"{md.count(total, 'application')}{': ' if named else ''}{', '.join(named)}", late)
    return f"{counts}. {facts.gap(report.late_unjudged)}" if report.late_unjudged.count else counts


def _deliveries(report: StatusReport) -> str:
    waiting = f"{md.count(report.waiting, 'notification')} waiting" if report.waiting else ""
    held = [(hold, count) for hold, count in report.held.items() if count]
    named = [f"{count:,} {_HELD.get(hold) or md.escape(hold, 60)}" for hold, count in held[:MAX_HELD]]
    rest = sum(count for _, count in held[MAX_HELD:])
    named += [f"{rest:,} for other reasons"] if rest else []
    return facts.joined(
        md.count(report.subscriptions, "subscription"),
        waiting,
        f"held: {', '.join(named)}" if named else "",
        "nothing waits" if not (waiting or named) else "",
    )


def _troubles(report: StatusReport) -> Iterator[Trouble]:
    """Yield what is wrong as mrkdwn, the gravest first."""
    if report.suspended:
        remedy = "An admin answers the question that Clust asked by direct message: go on, or a new baseline."
        yield Trouble(f"Announcing is suspended: {md.sentence(report.suspended, 600)}", remedy)
    for trouble in report.trouble[:MAX_LISTED]:
        yield Trouble(md.sentence(trouble.what, 600), md.sentence(trouble.remedy, 400))
    for channel_id, code in list(report.held_channels.items())[:MAX_LISTED]:
        why = reason(code)
        yield Trouble(f"{md.channel(channel_id)} is held: {why.what}.", why.remedy)
    if (more := len(report.held_channels) - MAX_LISTED) > 0:
        yield Trouble(f"{md.count(more, 'more channel')} held.", "`/clust subscriptions all` shows them.")
    yield from _unsettled(report)
    if report.hidden:
        yield Trouble(
            f"{md.count(report.hidden, 'channel')} that I can't show you here can't be posted to just now.",
            "Who subscribed them was told what to do.",
        )
    yield from _waiting_for_somebody(report)
    yield from _other_accounts(report)
    if report.unknown_codes:
        codes = list(report.unknown_codes.items())
        named = ", ".join(f"{md.code(code, 60)} ({count:,})" for code, count in codes[: 2 * MAX_LISTED])
        rest = f" and {len(codes) - 2 * MAX_LISTED} more" if len(codes) > 2 * MAX_LISTED else ""
        yield Trouble(
            f"Statuses that the bot does not know: {named}{rest}. Their events can't be seen.",
            "An admin says what they mean on the Home tab of Clust, or whoever runs the bot in `CLUST_STATUS_RULES`.",
        )


def _waiting_for_somebody(report: StatusReport) -> Iterator[Trouble]:
    """Yield what is held and won't go on by itself, as far as no channel was named for it."""
    for hold, count in list(waiting_for_somebody(report.held).items())[:MAX_LISTED]:
        many = md.count(count, "notification")
        if hold == Hold.FLOOD:
            yield Trouble(
                f"More came at once than a channel wants: {many} held until someone answers.",
                "Answer the question in the channel: *Post all*, *One digest* or *Mark as seen*. After an hour they "
                "come as one digest.",
            )
        elif hold != Hold.CHANNEL:
            yield Trouble(
                f"{many} held ({md.escape(hold, 60)}).", "`/clust why` with an application's number says more."
            )
        elif not report.held_channels:
            yield Trouble(
                f"{many} held for channels that take no messages.",
                "`/clust subscriptions all` names the channels, `/clust why` what each waits for.",
            )


def _other_accounts(report: StatusReport) -> Iterator[Trouble]:
    """Yield what is wrong with the accounts that are not told of in full."""
    wrong = [one for one in report.accounts if one.wrong and one.name != report.account]
    for one in wrong[:MAX_LISTED]:
        name = md.escape(one.name, 80)
        yield Trouble(f"{name}: {md.sentence(one.wrong or '', 300)}", ACCOUNT_REMEDY.format(name))
    if (more := len(wrong) - MAX_LISTED) > 0:
        yield Trouble(f"{md.count(more, 'more account')} in trouble.", "`/clust status` with `connection:` names each.")


def _unsettled(report: StatusReport) -> Iterator[Trouble]:
    remedy = "Nothing to do: I'm checking the channel's messages, and post it again if it isn't there."
    for channel_id, since in list(report.unsettled.items())[:MAX_LISTED]:
        yield Trouble(
            f"I don't know yet whether a notification reached {md.channel(channel_id)}. "
            f"Slack didn't confirm it {md.ago(since, report.now)}.",
            remedy,
        )
    if (more := len(report.unsettled) - MAX_LISTED) > 0:
        yield Trouble(f"The same goes for {md.count(more, 'more channel')}.", remedy)


def _pace(report: StatusReport) -> str:
    pace_note = md.sentence(report.pace_note or "", 300)
    if report.reading in {Reading.NO_ACCOUNT, Reading.STALLED}:
        return facts.joined("Nobody reads Clust at the moment", pace_note)
    if report.clust_reachable is False:
        paused = report.paused_until if report.paused_until and report.paused_until > report.now else None
        following = f"I'll try again {md.date(paused, report.now)}" if paused else "I try again at least once a minute"
        return facts.joined(following, pace_note)
    seconds = (report.next_poll_at - report.now).total_seconds() if report.next_poll_at else 0
    following = f"next in {md.duration(seconds)}" if seconds >= 1 else ""
    every = md.duration(report.poll_interval).removeprefix("1 ")
    return facts.joined(f"Clust is read every {every}", following, pace_note)
