"""A report: its charts and table, and the same as text where Slack refuses those."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_skeleton

from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import TRIGGERS
from bot.core.filters.personal_data import may_name_somebody
from bot.core.language import N_, _, current, in_digits, labeled, ngettext
from bot.core.reports.figures import COUNTED, UNKNOWN, Figures, StepDuration
from bot.slack.views.building import application_facts as facts
from bot.slack.views.building import charts, ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block, Message, actions, context, message, paragraphs, section
from bot.slack.views.sharing import MAX_NAMED, share_button

MAX_VALUE = 2000
"""Characters of a button's value."""

_MEDIANS = {
    "submitted": N_("From created to submitted: {days} days (median of {applications})."),
    "approved": N_("From submitted to approved: {days} days (median of {applications})."),
}
_NO_MEDIAN = {
    "submitted": N_("From created to submitted: not known yet."),
    "approved": N_("From submitted to approved: not known yet."),
}


@dataclass(frozen=True, slots=True)
class Report:
    """A report as it is shown. `overdue` has the applications of `figures.overdue` that are stored.

    `weeks` is how many were asked for, `zone` the name of the time zone that they are those of. `filter_text` is the
    filter as typed, `explained` in words. `account` is the account's name if there are several. `missed_at` is when a
    late one was due. `shared_by` is who shared it, and None for the person alone and for a channel's schedule.
    `can_share`: it has *Share here*.
    """

    figures: Figures
    now: datetime
    weeks: int
    zone: str
    overdue: Sequence[tuple[Application, datetime | None]] = ()
    filter_text: str = ""
    explained: str = ""
    account: str = ""
    read_at: datetime | None = None
    missed_at: datetime | None = None
    shared_by: str | None = None
    can_share: bool = False

    @property
    def value(self) -> str | None:
        """The value of *Share here*. None if the filter is too long."""
        value = json.dumps({"filter": self.filter_text, "weeks": self.weeks}, ensure_ascii=False)
        return value if len(value) <= MAX_VALUE else None


def report_message(report: Report) -> Message:
    """Return the report with charts and a table. Its text, and its fallback, have the same as words."""
    head, rest = section("\n".join(_head(report))), [*_rest(report)]
    fallback = message(head, *paragraphs(_classes_in_words(report)), section(charts.text_table(*_table(report))), *rest)
    native = (head, _classes(report), _weeks(report), charts.table(_("By week"), *_table(report)), *rest)
    return Message(fallback.text, tuple(block for block in native if block), fallback)


def _head(report: Report) -> Iterator[str]:
    title = ngettext("Report for this week", "Report for the last {count} weeks", report.weeks)
    yield f"📊 *{title}*" + (f" · {md.escape(report.account, 80)}" if report.account else "")
    if report.filter_text:
        yield _("Filter: *{filter}*", filter=md.filter_in_words(report.explained, 300))
    total = report.figures.total
    counted = ngettext("{count} application", "{count:,} applications", total) if total else _("No applications yet.")
    if report.filter_text and not total:
        counted = _("No applications match.")
    late = ngettext("⏰ {count} late", "⏰ {count:,} late", report.figures.late) if report.figures.late else ""
    yield facts.joined(counted, late)


def _classes_named(figures: Figures) -> Iterator[tuple[str, int]]:
    """Yield the name of each class and its number of applications, as they advance. Unknown classes come last."""
    for status_class in StatusClass:
        yield status_class.title, figures.classes.get(status_class.word, 0)
    yield _("Unknown"), figures.classes.get(UNKNOWN, 0)


def _classes(report: Report) -> Block | None:
    return charts.pie(_("Applications by status"), dict(_classes_named(report.figures)))


def _classes_in_words(report: Report) -> Iterator[str]:
    for name, number in _classes_named(report.figures):
        if number:
            yield f"• {labeled(name, md.number(number))}"


def _weeks(report: Report) -> Block | None:
    weeks = report.figures.weeks
    series = {_(TRIGGERS[name].title): [week.counts.get(name, 0) for week in weeks] for name in ("created", "approved")}
    return charts.bars(_("Created and approved by week"), [_day(week.start) for week in weeks], series, _("Week of"))


def _table(report: Report) -> tuple[list[str], list[list[charts.Cell]]]:
    heading = [_("Week of"), *(_(TRIGGERS[name].title) for name in COUNTED)]
    rows: list[list[charts.Cell]] = [
        [_day(week.start), *(week.counts.get(name, 0) for name in COUNTED)] for week in report.figures.weeks
    ]
    return heading, rows


def _day(day: date) -> str:
    return str(format_skeleton("MMMd", day, locale=current().formats))


def _rest(report: Report) -> Iterator[Block]:
    """Yield what is the same with and without charts."""
    yield section("\n".join(("*" + _("How long each step takes") + "*", *map(_step, report.figures.steps))))
    overdue = [_overdue(application, since, report.now) for application, since in report.overdue]
    yield from paragraphs(["*" + _("Longest overdue") + "*", *overdue] if overdue else [])
    yield context(*_small_print(report))
    if buttons := _buttons(report):
        yield buttons


def _step(step: StepDuration) -> str:
    unknown = ngettext(
        "{count} application isn't counted, because I didn't see this step begin.",
        "{count:,} applications aren't counted, because I didn't see this step begin.",
        step.unknown,
    )
    if step.median_days is None:
        median = _(_NO_MEDIAN[step.trigger])
    else:
        days = in_digits(step.median_days, ",.1f")
        applications = ngettext("{count} application", "{count:,} applications", step.measured)
        median = _(_MEDIANS[step.trigger], days=days, applications=applications)
    return f"{median} {unknown}" if step.unknown else median


def _overdue(application: Application, since: datetime | None, now: datetime) -> str:
    when = _("late since {date}", date=md.date(since, now)) if since else _("late since before I was connected")
    name = facts.joined(facts.linked_title(application, 120, 200), facts.recipient_beside_title(application, 60))
    return f"• {facts.joined(name, when)}"


def _small_print(report: Report) -> Iterator[str]:
    since = report.figures.since
    if since is None:
        yield _("There's no data about events yet. I'm still reading everything for the first time.")
    else:
        yield _("Events since {date}, dated by when I saw them.", date=md.date(since, report.now))
    yield _("Weeks begin on Monday. Time zone: {zone}.", zone=md.escape(report.zone, 64))
    if report.figures.left_out:
        yield ngettext(
            "The filter can't be checked for {count} application, because Clust's list lacks data about it.",
            "The filter can't be checked for {count:,} applications, because Clust's list lacks data about them.",
            report.figures.left_out,
        )
    if report.read_at:
        yield _("Updated {age}", age=md.ago(report.read_at, report.now))
    if report.missed_at:
        yield _("This report was due {date}.", date=md.date(report.missed_at, report.now))
    if report.shared_by:
        yield _("Shared by {user}", user=md.user(report.shared_by))


def _buttons(report: Report) -> Block | None:
    value = report.value
    if not report.can_share or value is None:
        return None
    warning = _(
        "Everyone in the channel where you asked will see this report and its filter, {filter}. It may contain email "
        "addresses, phone numbers and other personal data.",
        filter=md.bare(report.filter_text, MAX_NAMED),
    )
    return actions(share_button(ids.SHARE_REPORT, value, warning if may_name_somebody(report.filter_text) else ""))
