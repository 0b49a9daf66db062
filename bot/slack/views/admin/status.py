"""The answer of `status`: whether Clust can be read, how old the data is, what waits, what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.account_notes import note_in_words
from bot.core.applications.model import StatusClass
from bot.core.applications.triggers import TRIGGERS
from bot.core.health import Health, Reading, verdict
from bot.core.language import N_, _, ngettext
from bot.core.notifications.states import Hold
from bot.slack.views.admin.accounts import account_lines
from bot.slack.views.admin.status_troubles import StatusReport, status_troubles
from bot.slack.views.building import application_facts as facts
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block, Message, actions, button, context, message, section

MAX_HELD = 6
"""Kinds of holds listed in one line."""

_HELD: Mapping[str, str] = {
    Hold.LIMIT: N_("{count:,} over a subscription's limit"),
    Hold.SCHEDULE: N_("{count:,} scheduled for later"),
    Hold.MUTE: N_("{count:,} muted"),
    Hold.REPLAY: N_("{count:,} waiting for the next check"),
    Hold.FLOOD: N_("{count:,} waiting for an answer"),
    Hold.REVIEW: N_("{count:,} from a new account"),
    Hold.CHANNEL: N_("{count:,} because a channel doesn't accept messages"),
}
"""Why notifications are held, by the stored word. Unknown ones are counted together."""

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
            section(_("⚠️ {what}\n*What to do:* {remedy}", what=trouble.problem, remedy=trouble.remedy))
            for trouble in status_troubles(report)
        ),
        actions(check_button(report)),
        context(_pace(report)),
        context(_off(report)) if report.off else None,
    )


def _off(report: StatusReport) -> str:
    sentences = " ".join(report.off)
    return _(
        "{sentences} The person who runs the bot can see what to add with `python -m bot manifest --diff`.",
        sentences=sentences,
    )


def status_lines(report: StatusReport) -> list[str]:
    """Return the state in up to three lines of mrkdwn."""
    judged = verdict(report.reading, len(status_troubles(report)))
    return [line for line in (_clust(report, judged), _applications(report), _deliveries(report)) if line]


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
            return _in_one(_("🔴 *I can't read Clust right now.*"), age, calm)
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
        status_class.count_text(report.classes[status_class])
        for status_class in StatusClass
        if report.classes.get(status_class)
    ]
    unknown = report.classes.get(None)
    named += [_("{count:,} with an unknown status", count=unknown)] if unknown else []
    late = TRIGGERS["late"].count_text(report.late) if report.late else ""
    total_text = ngettext("{count} application", "{count:,} applications", total)
    counts = facts.joined(
        _("{total}: {parts}", total=total_text, parts=", ".join(named)) if named else total_text, late
    )
    return f"{counts}. {facts.gap(report.late_unjudged)}" if report.late_unjudged.count else counts


def _deliveries(report: StatusReport) -> str:
    waiting = (
        ngettext("{count} notification waiting", "{count:,} notifications waiting", report.waiting)
        if report.waiting
        else ""
    )
    held = [(hold, count) for hold, count in report.held.items() if count and hold in _HELD][:MAX_HELD]
    named = [_(_HELD[hold], count=count) for hold, count in held]
    rest = sum(report.held.values()) - sum(count for _hold, count in held)
    named += [_("{count:,} for other reasons", count=rest)] if rest else []
    return facts.joined(
        ngettext("{count} subscription", "{count:,} subscriptions", report.subscriptions),
        waiting,
        _("on hold: {counts}", counts=", ".join(named)) if named else "",
        _("nothing waiting") if not (waiting or named) else "",
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
    every = md.interval(report.poll_interval.total_seconds())
    return facts.joined(_("Checks Clust {interval}", interval=every), following, _webhooks(report), pace_note)


def _webhooks(report: StatusReport) -> str:
    """Return whether webhooks come, and when the last one did."""
    if not report.has_webhook:
        return ""
    if report.webhook_at is None:
        return _("no webhook from Clust yet")
    return _("last webhook {age}", age=md.ago(report.webhook_at, report.now))
