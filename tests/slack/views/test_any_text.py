"""Whatever Clust or a person wrote, every view is valid, and its text is text (issue 2 and rule V2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.applications.model import Application, Recipient, StatusClass, Template
from bot.core.applications.triggers import TRIGGERS, SeenEvent, Snapshot
from bot.core.errors import BotError, UsageError
from bot.core.notifications.admin_notifications import ChannelHeld, DetectionSuspended
from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.messages import Card
from bot.sandbox.slack.block_kit.validation import validate_message, validate_view
from bot.slack.views import answers
from bot.slack.views.admin import admin_notifications
from bot.slack.views.admin.status import status_report
from bot.slack.views.admin.status_troubles import StatusReport, Trouble
from bot.slack.views.applications import cards, details
from bot.slack.views.applications.details import ApplicationView
from bot.slack.views.applications.lists import ListPage, application_list
from bot.slack.views.building.blocks import Message
from bot.slack.views.channels import subscriptions as subs
from bot.slack.views.help import HelpRow, help_overview, help_word
from bot.slack.views.refusals import not_allowed

NOW = datetime(2026, 3, 5, 14, 30, tzinfo=UTC)
OURS = re.compile(
    r"<(?:https?://[!-;=?-{}~]+\|[^<>]+|!date\^-?\d+\^\{date_short_pretty\} at \{time\}\|[^<>]+|[#@][A-Z0-9]+)>"
)
NASTY = (
    "<!channel>", "<!here|x>", "<@U123>", "<https://x|y>", "&lt;!channel&gt;",
    "*bold*", "_x_", "~y~", "`z`", "```", ":smile:",
    "> quote", "@here", "\u202egnihsif", "\u2067", "שלום עולם", "مرحبا 123", "👩‍👩‍👧‍👦" * 60, "a\u0301" * 300,
    "x" * 10_000, "&" * 3000,
    "<" * 300, "\ud800", "\x00", "\u200b", " ", "line\nbreak", "|", "^", "🇵🇹" * 200, "`" * 500, "*a* " * 200,
)  # fmt: skip
URLS = (
    "https://clust.example/1?a=<b>|c&d",
    "https://x.example/" + "y" * 3000,
    "javascript:x",
    "HTTP://é.example/*b*",
    "https://",
)

words = st.one_of(
    st.sampled_from(NASTY), st.text(max_size=300), st.lists(st.sampled_from(NASTY), max_size=3).map("".join)
)
maybe = st.none() | words
urls = st.none() | st.sampled_from(URLS) | words
moments = st.none() | st.datetimes(timezones=st.just(UTC))
recipients = st.builds(Recipient, firstname=maybe, lastname=maybe, full_name=maybe, email=maybe, phone=maybe)
applications = st.builds(
    Application,
    id=st.text(min_size=1, max_size=100).map(str.strip).filter(bool),
    title=maybe,
    status=maybe,
    status_string=maybe,
    is_late=st.none() | st.booleans(),
    progress=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    missing=st.none() | st.integers(),
    eligible=st.none() | st.integers(),
    recipient=st.none() | recipients,
    template=st.none() | st.builds(Template, title=maybe),
    template_id=st.none() | st.just("<!here>"),
    external_id=st.none() | st.just("*9*"),
    public_url=urls,
    secured_list_url=urls,
    created_at=moments,
    updated_at=moments,
)
classes = st.none() | st.sampled_from(StatusClass)


def _mrkdwn(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            assert value["verbatim"] is True
            yield value["text"]
        for inner in value.values():
            yield from _mrkdwn(inner)
    elif isinstance(value, list):
        for item in value:
            yield from _mrkdwn(item)


def _is_text(text: str) -> None:
    """Assert that no token but ours, no bare sign and no open direction control is left."""
    rest = OURS.sub("", text)
    assert not re.search(r"[<>]|&(?!(?:amp|lt|gt);)", rest), rest
    assert not re.search(r"[\u202a-\u202e\u2066\u2067\x00\ud800-\udfff]", text)
    assert text.count("\u2068") == text.count("\u2069")


def check(surface: Message | dict[str, Any]) -> None:
    """Assert that Slack takes it and that all its text is ours or escaped."""
    if isinstance(surface, Message):
        assert validate_message(surface.payload()) == []
        _is_text(surface.text)
    else:
        assert validate_view(surface) == []
    for text in _mrkdwn(list(surface.blocks) if isinstance(surface, Message) else surface):
        _is_text(text)


@given(applications, classes, st.sampled_from(sorted(TRIGGERS)))
@settings(deadline=None)
def test_any_application_makes_a_good_card(
    application: Application, status_class: StatusClass | None, trigger: str
) -> None:
    """A card is valid and escaped, and formats nothing but its event's word."""
    card = cards.event_card(Card(trigger, application, status_class, MessageStyle(full=True), "U1", gone=True), str)
    check(card)
    plain = OURS.sub("", card.text).replace(f"*{TRIGGERS[trigger].title}*", "")
    plain = re.sub(r"^\*(External ID|Application|Created|Updated):\*", "", plain, flags=re.MULTILINE)
    assert not re.search(r"(?<![A-Za-z0-9 ])\*|`", plain)


@given(applications, classes, words, st.booleans(), moments)
@settings(deadline=None)
def test_any_application_makes_good_details(
    application: Application, status_class: StatusClass | None, note: str, gone: bool, seen_at: datetime | None
) -> None:
    """The modal and the answer of show are valid and escaped, fresh, stored or gone."""
    history = [SeenEvent("late", NOW)] * 30
    view = ApplicationView(application, status_class, NOW, history, seen_at, note, gone)
    check(details.application_details(view))
    check(details.application_answer(view))


@given(st.lists(applications, max_size=4), classes, words, words, st.none() | words)
@settings(deadline=None)
def test_any_applications_make_a_good_list(
    applications: list[Application],
    status_class: StatusClass | None,
    filter_text: str,
    explained: str,
    shared_by: str | None,
) -> None:
    """Twenty rows of them are a message that Slack takes, shared or not."""
    rows = tuple(Snapshot(application, status_class) for application in applications) * 5
    check(application_list(ListPage(rows, 1000, NOW, 3, 20, filter_text, explained, NOW, shared_by=shared_by)))


@given(applications)
@settings(deadline=None)
def test_nothing_personal_but_the_name_is_shown_in_a_channel(application: Application) -> None:
    """Cards and shared lists hold no email, no phone, no link to the client's page (rule V2)."""
    contact = Recipient(full_name="Ana", email="mail@private.example", phone="+1 private 1")
    private = application.model_copy(update={"recipient": contact, "public_url": "https://private.example/p"})
    card = cards.event_card(Card("late", private, None, MessageStyle(full=True)), str)
    shared = application_list(ListPage((Snapshot(private),), 1, NOW, shared_by="U1"))
    assert "private" not in f"{card.payload()}{shared.payload()}"


@given(words, words, words)
@settings(deadline=None)
def test_any_words_make_good_answers(one: str, two: str, three: str) -> None:
    """What people typed and what Clust said is shown as text, everywhere."""
    view = subs.SubscriptionView(1, one, [two, "late"], three, 5, two, three)
    for surface in (
        help_overview([HelpRow(one, two, three)] * 20),
        help_word(HelpRow(one, two, three, [one, two])),
        answers.unknown_word(one, two, three),
        answers.usage_error(UsageError(one), two, three, one),
        answers.error_answer(BotError(one), two),
        answers.unexpected_answer(one),
        not_allowed(one),
        answers.plain_answer(one),
        details.message_view(one or "x", two),
        subs.subscribed(view),
        subs.invite_needed(view, three),
        subs.shared_needs_admin(view),
        subs.confirm_shared_subscription(one, two, three, "value"),
        subs.confirm_shared_list(one, "value"),
        subs.confirm_shared_response(one, "value"),
        subs.subscription_list([view], everywhere=True),
        subs.ask_unsubscribe([view, view]),
        admin_notifications.notification_message(ChannelHeld("C1", two)),
        admin_notifications.notification_message(DetectionSuspended(1, one, two)),
        status_report(
            StatusReport(
                now=NOW,
                clust_reachable=True,
                poll_interval=timedelta(seconds=60),
                unknown_codes={one: 1},
                held={two: 1},
                held_channels={one: two},
                trouble=[Trouble(two, three)],
                pace_note=one,
                suspended=two,
            )
        ),
    ):
        check(surface)
