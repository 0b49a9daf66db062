"""What admins see of a new account: what was understood, what can't be seen, and what waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.core.applications.model import Application
from bot.core.applications.status_rules import StatusRules
from bot.core.applications.understanding import MAX_STATUSES, Understanding, understanding_of
from bot.core.notifications.admin_notifications import FirstContact
from bot.slack.views.admin.admin_notifications import notification_message
from bot.slack.views.admin.first_contact import (
    FirstContactView,
    HeldExamples,
    first_contact_message,
    first_contact_on_home,
    first_contact_window,
    started,
)

Read = Callable[[Any], list[str]]

COMPLETE = {"status": "1_ongoing", "status_string": "Ongoing", "is_late": False, "updated_at": "2026-03-02T12:00:00Z"}


def understood(*rows: dict[str, Any]) -> Understanding:
    """Return what is understood of applications."""
    made = (Application.model_validate({"id": number, **row}) for number, row in enumerate(rows, 1))
    return understanding_of(made, StatusRules())


def view(*rows: dict[str, Any], is_held: bool = False, held: HeldExamples | None = None) -> FirstContactView:
    """Return what is shown of an account with these applications."""
    return FirstContactView(7, "emea", len(rows), understood(*rows), is_held, held or HeldExamples())


def test_a_fully_understood_account_is_summarized(read: Read) -> None:
    """How many applications, what each status is taken for, and what they tell."""
    notification = FirstContact(7, "emea", understood(COMPLETE, {**COMPLETE, "progress_percentage": 5}), is_held=False)
    assert read(notification_message(notification)) == [
        "👋 *I've read the account emea.* It has 2 applications. This is what I understood:",
        "• `1_ongoing` · Ongoing · 2 applications → *Open*",
        "✅ Late flag",
        "☑️ Progress: 1 of 2 applications",
        "✅ Dates",
        "▫️ Items aren't in the list. I read applications individually to get them.",
        "[Statuses… connection.contact 7~7]",
        "[Looks right connection.contact_seen 7~7]",
    ]


def test_what_was_not_understood_says_which_event_suffers(read: Read) -> None:
    """And nothing is posted: what would have been stands there."""
    held = HeldExamples(3, 2, [("created", Application(id="1", title="<!channel> Acme"))])
    assert read(first_contact_message(view({"status": "6_<hold>"}, is_held=True, held=held))) == [
        "👋 *I've read the account emea.* It has 1 application. This is what I understood:",
        "⚠️ The list doesn't say whether an application is late. I can't detect *Late*.",
        (
            "▫️ Progress isn't in the list. I detect *Pending submission* by the status, or by reading applications "
            "individually."
        ),
        (
            "⚠️ I can't read any dates. Lists can't be sorted by last change, and an application that I missed at first "
            "is posted as *Created*."
        ),
        "▫️ Items aren't in the list. I read applications individually to get them.",
        (
            "⚠️ I don't know what 1 status means (`6_&lt;hold&gt;`). I can't detect *Pending submission*, *Submitted* "
            "or *Approved* for it. Choose a meaning. This doesn't post anything."
        ),
        "`6_&lt;hold&gt;` · 1 application",
        "[… status.classify]",
        (
            "⏸️ *I'm not posting anything from this account yet*, because I didn't understand everything. 3 "
            "notifications for 2 channels are on hold:"
        ),
        "🆕 Created · &lt;!channel&gt; Acme",
        "… and 2 more",
        "[Statuses… connection.contact 7]",
        "[Start posting connection.contact_start 7]",
        "[Start without these? connection.contact_drop 7]",
    ]


def test_applications_without_a_status_are_counted(read: Read) -> None:
    """There is nothing to choose for them."""
    lines = read(
        first_contact_message(view({**COMPLETE, "status": None, "status_string": None}, {**COMPLETE, "id": 2}))
    )
    (sentence,) = (line for line in lines if "status" in line and line.startswith("⚠️"))
    assert sentence == (
        "⚠️ 1 application has no status. I can't detect *Pending submission*, *Submitted* or *Approved* for it."
    )


def test_an_account_without_applications(read: Read) -> None:
    """Nothing is claimed of it."""
    assert read(first_contact_message(view())) == [
        (
            "👋 *I've read the account emea.* It has no applications yet. I'll find out what they contain once there "
            "are some."
        ),
        "[Looks right connection.contact_seen 7]",
    ]


def test_forty_unknown_codes_fit(read: Read) -> None:
    """Into the message some of them, into the window all, and hostile accounts with more."""
    codes = view(*({"status": f"{number}_step"} for number in range(40)), is_held=True)
    lines = read(first_contact_message(codes))
    assert lines.count("[… status.classify]") == 5
    assert "  … and 35 more" in lines
    assert read(first_contact_window(codes)).count("[… status.classify]") == 40
    many = view(*({"status": f"{'&' * 90}{number}"} for number in range(MAX_STATUSES + 9)), is_held=True)
    assert "  … and 20 more" in read(first_contact_window(many))
    assert read(first_contact_message(many))


def test_known_statuses_can_be_changed_in_the_window(read: Read) -> None:
    """Each has its present meaning chosen."""
    window = first_contact_window(view(COMPLETE, {"status": "x" * 101}))
    selects = [block["accessory"] for block in window["blocks"] if "accessory" in block]
    assert [one["initial_option"]["value"] for one in selects] == ["open 1_ongoing"]
    assert "[Statuses" not in "".join(read(window))


def test_a_message_lists_few_known_statuses(read: Read) -> None:
    """The message stays short."""
    codes = view(*({**COMPLETE, "status": f"{number}_approved"} for number in range(20)))
    assert "… and 8 more statuses" in read(first_contact_message(codes))


def test_home_shows_the_same_without_selects(read: Read) -> None:
    """Without the selects: they are in the window."""
    blocks = [block for block in first_contact_on_home(view({"status": "x"}, is_held=True)) if block]
    lines = read({"type": "home", "blocks": blocks})
    assert "[… status.classify]" not in lines
    assert lines[-2:] == ["[Statuses… connection.contact 7]", "[Start posting connection.contact_start 7]"]
    assert any("So far there would have been nothing to post." in line for line in lines)


@pytest.mark.parametrize(
    ("count", "posts", "words"),
    [
        (0, True, "has started."),
        (1, True, "1 notification follows shortly."),
        (2, False, "2 notifications were dropped."),
    ],
)
def test_starting_says_what_becomes_of_what_waited(read: Read, count: int, posts: bool, words: str) -> None:
    """Posted, dropped, or nothing waited."""
    (line,) = read(started("e*mea", count, posts=posts))
    assert line.endswith(words)
