"""Snapshots of every window in each of its states, kept in `__snapshots__`.

When a window should look different, `python -m pytest tests/slack/views/test_windows.py --snapshot-update` writes the
snapshots again. Look at what changed before you commit it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from bot.core.applications.model import StatusClass
from bot.core.applications.status_rules import StatusRules
from bot.core.applications.triggers import SeenEvent
from bot.core.applications.understanding import understanding_of
from bot.core.errors import ClustOutcomeUnknown, ClustUnreachable
from bot.core.filters.language import parse
from bot.core.forms.action_forms import ASK_FORMS, AskDurationForm, AskFieldForm, AskPersonForm
from bot.core.forms.console_request import ConsoleCall
from bot.core.forms.fields import Choice
from bot.core.forms.message_contacts import MessageContact
from bot.core.forms.update_diff import Conflict
from bot.core.language import speaking
from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.schedule import Schedule
from bot.core.notifications.subscription_preview import Preview
from bot.core.permissions import Role, who_may
from bot.core.saved_actions.request_template import RequestTemplate
from bot.core.saved_actions.saved_action import ActionState, SavedAction, StoredAction
from bot.sandbox.slack.block_kit.validation import validate_view
from bot.slack.listeners.applications.updating import AGAIN
from bot.slack.views import console
from bot.slack.views.admin import accounts, roles_and_audit, saved_actions
from bot.slack.views.admin.first_contact import FirstContactView, first_contact_window
from bot.slack.views.answers import plain_answer
from bot.slack.views.applications import assignment, details, form_outcomes
from bot.slack.views.applications import saved_actions as using
from bot.slack.views.applications.details import ApplicationView
from bot.slack.views.applications.forms import create_form, delete_form, pick_form, update_form
from bot.slack.views.applications.from_message import from_message_form
from bot.slack.views.building import forms
from bot.slack.views.building.blocks import Block
from bot.slack.views.channels.orphans import move_form
from bot.slack.views.channels.subscription_form import subscribe_form, values_of_channel
from bot.slack.views.console import CallAnswer
from bot.slack.views.refusals import not_allowed
from bot.wiring.translation_catalogues import read_languages
from tests.slack.views.examples import ACME, NOW

TEMPLATES = [Choice("9", "KYC company"), Choice("10", "Lease")]
MANY = [Choice(str(number), f"Template {number}") for number in range(150)]
TYPED = {"template_id": "9", "first_name": "Ana", "last_name": "Silva", "email": "ana@acme", "auto_emails": "1"}
WRONG = {"email": "Enter an email address, such as ana@example.com.", "unknown": "Clust says no."}
START = {"template_id": "9", "first_name": "Ana", "title": "Acme & Sons"}
AWAY = ClustUnreachable("connection refused").sentence
BODY = '{\n  "id": 123\n}'
ANSWER = CallAnswer("GET", "/dossiers/123", 200, 0.25, BODY, len(BODY), truncated=False)
LONG = CallAnswer("GET", "/dossiers", 200, 0.25, BODY, 90_000, truncated=True)
REFUSED = CallAnswer("GET", "/dossiers", 401, 0.25, '{"message": "Unauthenticated."}', 31, truncated=False)
CONFLICTS = [
    Conflict("title", "Acme", "Acme & Sons", "Acme Holding", touched=True),
    Conflict("email", "ana@acme.example", None, "ana@acme.example", touched=False),
]
SEEN = ApplicationView(ACME, StatusClass.OPEN, NOW, [SeenEvent("late", NOW)], role=Role.ADMIN)
OLD = ApplicationView(ACME, StatusClass.OPEN, NOW, seen_at=NOW, note=AWAY)

CHANNEL = Choice("C1", "#onboarding")
PREVIEW = Preview(("late",), parse("title:acme"), "default", ZoneInfo("Europe/Lisbon"))
MISSPELLED = Preview(("late",), parse("status:aproved"), "default", ZoneInfo("Europe/Lisbon"))

CLOSING = ConsoleCall("POST", "/dossiers/123/close", (), (("Accept", "application/json"),))
RESULTS = [using.ActResult(ACME, "Done.", is_done=True), using.ActResult(ACME, AWAY, is_done=False)]
STORED = StoredAction(
    1,
    2,
    SavedAction("Close", RequestTemplate.parse("POST", "/dossiers/{id}/close"), done="Closed.", is_pinned=True),
    ActionState.RESTING,
)

CONTACTS = [MessageContact("Ana", "Silva", "ana@acme.example", "+351 555 0100")]

WINDOWS: dict[str, Callable[[], Block]] = {
    "loading": lambda: details.loading_view("Application"),
    "details": lambda: details.application_details(SEEN),
    "details-of-a-refreshed-card": lambda: details.application_details(
        ApplicationView(ACME, StatusClass.OPEN, NOW, refreshed=True)
    ),
    "details-while-clust-is-away": lambda: details.application_details(OLD),
    "details-of-what-is-gone": lambda: details.application_details(
        ApplicationView(ACME, StatusClass.OPEN, NOW, seen_at=NOW, gone=True)
    ),
    "details-that-failed": lambda: details.message_view("Application", "Clust has no application `7`."),
    "create": lambda: create_form("d1", TEMPLATES),
    "create-with-many-templates": lambda: create_form("d1", MANY),
    "create-with-a-new-template": lambda: create_form("d1", TEMPLATES, {**TYPED, "template_id": "new"}),
    "create-refused": lambda: create_form("d1", TEMPLATES, TYPED, WRONG, "Clust did not take this."),
    "create-without-memory": lambda: create_form("d1", TEMPLATES, forgetful=True),
    "create-without-clust": lambda: forms.failed_view("New application", AWAY, "application.create"),
    "saving": lambda: form_outcomes.saving_view("New application"),
    "created": lambda: form_outcomes.outcome_view("New application", form_outcomes.created(ACME, "d1")),
    "created-from-home": lambda: form_outcomes.outcome_view("New application", form_outcomes.created(ACME)),
    "shared": lambda: form_outcomes.outcome_view("Share here", plain_answer("Shared with everyone in the channel.")),
    "outcome-unknown": lambda: form_outcomes.unknown_view("d1", "New application"),
    "nothing-found": lambda: form_outcomes.outcome_view("New application", form_outcomes.nothing_found("d1")),
    "to-be-resumed": lambda: form_outcomes.outcome_view("New application", form_outcomes.resume("d1", AWAY)),
    "sent-already": lambda: form_outcomes.outcome_view("New application", plain_answer("This form was sent already.")),
    "update": lambda: update_form("d1", TEMPLATES, START),
    "update-without-clust": lambda: forms.failed_view("Update application", AWAY, "application.update 123"),
    "update-whose-outcome-nobody-knows": lambda: update_form(
        "d1", TEMPLATES, START, {**START, "title": "Acme Holding"}, note=f"{ClustOutcomeUnknown().sentence} {AGAIN}"
    ),
    "update-refused": lambda: update_form("d1", TEMPLATES, START, TYPED, WRONG, "Clust did not take this."),
    "update-of-a-refreshed-card": lambda: update_form("d1", TEMPLATES, START, note=details.REFRESHED),
    "updated": lambda: form_outcomes.outcome_view(
        "Update application",
        form_outcomes.updated(ACME, {"title": ("Acme", "Acme & Sons")}, {"email": ("a@b.example", None)}),
    ),
    "nothing-changed": lambda: form_outcomes.outcome_view("Update application", form_outcomes.updated(ACME, {})),
    "changed-meanwhile": lambda: form_outcomes.conflict_view("d1", ACME, CONFLICTS, TEMPLATES),
    "others-changed-other-fields": lambda: form_outcomes.conflict_view("d1", ACME, CONFLICTS[1:], TEMPLATES),
    "gone-already": lambda: form_outcomes.outcome_view("Update application", form_outcomes.gone_already("123")),
    "delete": lambda: delete_form("d1", ACME),
    "delete-from-a-refreshed-card": lambda: delete_form("d1", ACME, details.REFRESHED),
    "deleting": lambda: form_outcomes.deleting_view("Delete application"),
    "deleted": lambda: form_outcomes.outcome_view("Delete application", form_outcomes.deleted(ACME)),
    "pick": lambda: pick_form("show", "show"),
    "pick-to-delete": lambda: pick_form("delete", "delete"),
    "console": lambda: console.console_form("d1"),
    "console-with-a-preset": lambda: console.console_form("d1", {"path": "/templates", "method": "GET"}, fresh="x"),
    "console-refused": lambda: console.console_form("d1", {"path": "http://x"}, {"path": "Enter only the path."}),
    "console-question": lambda: console.confirm_call(
        "d1 x",
        ConsoleCall(
            "PUT",
            "/dossiers/123",
            (("a", "b"),),
            (("Accept", "application/json"),),
            '{"title": "<!channel>\u202e"}',
        ),
    ),
    "action-to-choose": lambda: using.choose_form("d1", ACME, [Choice("1.1", "Close"), Choice("mute", "Mute")]),
    "action-asks": lambda: using.ask_form(
        "d1", "Remind", ASK_FORMS["text", "date"], [ACME], {"text": "Hi"}, "It failed."
    ),
    "action-question": lambda: using.confirm_action("d1 x", "Close", [ACME], CLOSING),
    "action-question-for-several": lambda: using.confirm_action("d1 x", "Close", [ACME, ACME], CLOSING),
    "action-without-a-call": lambda: using.confirm_action("d1 x", "Delete", [ACME], None),
    "action-running": lambda: using.running_action("Close"),
    "actions-running": lambda: using.many_running("Close", 3, 20, "d1"),
    "actions-stopping": using.many_stopping,
    "action-done": lambda: form_outcomes.outcome_view(
        "Close", using.action_done("Close", ACME, StatusClass.CLOSED, "Closed in Clust.", "", Role.EDITOR)
    ),
    "actions-done": lambda: form_outcomes.outcome_view(
        "Close",
        using.many_done("Close", RESULTS),
    ),
    "applications-to-act-on": lambda: using.choose_many_form("d1", [Choice("123", "Acme")], [Choice("1.1", "Close")]),
    "actions": lambda: saved_actions.action_list([STORED], "default", Role.ADMIN),
    "actions-of-a-member": lambda: saved_actions.action_list([STORED], "default", Role.EDITOR),
    "action-to-save": lambda: saved_actions.save_form("d1", {"name": "Close", "path": "/dossiers/{id}/close"}),
    "action-preview": lambda: saved_actions.preview("d1", STORED.action, ACME, CLOSING),
    "action-saved": lambda: form_outcomes.outcome_view("Save an action", saved_actions.saved(STORED, ACME)),
    "action-to-remove": lambda: saved_actions.remove_form(STORED),
    "actions-to-import": lambda: saved_actions.import_form("d1", "It is wrong."),
    "actions-import-preview": lambda: saved_actions.import_preview("d1", [STORED.action]),
    "console-running": console.running_view,
    "console-answer": lambda: form_outcomes.outcome_view("Clust API", console.answered(ANSWER, "d2")),
    "console-answer-cut": lambda: form_outcomes.outcome_view("Clust API", console.answered(LONG, "d2", filed=True)),
    "console-answer-without-token": lambda: form_outcomes.outcome_view("Clust API", console.answered(REFUSED, "d2")),
    "not-allowed": lambda: form_outcomes.outcome_view("Clust", not_allowed(who_may(Role.ADMIN, Role.EDITOR), ["U1"])),
    "subscribe": lambda: subscribe_form(CHANNEL, values_of_channel("C1", MessageStyle(), Schedule(), "en"), PREVIEW),
    "subscribe-to-what-may-be-misspelled": lambda: subscribe_form(
        CHANNEL, {"channel": "C1", "filter": "status:aproved"}, MISSPELLED
    ),
    "subscribe-refused": lambda: subscribe_form(
        CHANNEL, {"channel": "C1", "filter": "titel:a"}, None, {"filter": "No such key."}
    ),
    "assign": lambda: assignment.assign_form(ACME, "U1"),
    "action-asks-for-a-person": lambda: using.ask_form("d1", "Assign", AskPersonForm, [ACME]),
    "action-asks-how-long": lambda: using.ask_form("d1", "Mute", AskDurationForm, [ACME]),
    "action-asks-for-a-field": lambda: using.ask_form("d1", "Update one field", AskFieldForm, [ACME]),
    "create-from-a-message": lambda: from_message_form(CONTACTS, "C1 17.5", accounts=(), account_id="1"),
    "move-subscriptions": lambda: move_form("C1"),
    "connect": lambda: accounts.connect_form(draft_id="d1"),
    "connect-again-refused": lambda: accounts.connect_form(
        {"name": "emea", "environment": "other", "url": "http://x"}, {"url": "Enter an https address."}, draft_id="d1"
    ),
    "disconnect": lambda: accounts.disconnect_form("emea", "••••1234", ["C1", "C2"]),
    "first-contact": lambda: first_contact_window(
        FirstContactView(7, "emea", 1, understanding_of([ACME], StatusRules()), is_held=True)
    ),
    "role": roles_and_audit.role_form,
    "role-given": lambda: form_outcomes.outcome_view("Give a role", roles_and_audit.role_set("U1", Role.VIEWER, None)),
}  # fmt: skip


@pytest.mark.parametrize("name", WINDOWS)
def test_a_window_is_as_its_snapshot(name: str, snapshot: SnapshotAssertion) -> None:
    """Slack takes it, and nothing in it changed unseen."""
    view = WINDOWS[name]()
    assert validate_view(view) == []
    assert view == snapshot(extension_class=JSONSnapshotExtension)


@pytest.mark.parametrize("name", WINDOWS)
def test_a_window_is_within_slacks_limits_in_every_language(name: str) -> None:
    """Titles, labels, options and buttons of a translation fit as the English ones do."""
    for language in read_languages().by_code.values():
        with speaking(language):
            assert validate_view(WINDOWS[name]()) == []


def test_no_snapshot_is_left_without_its_window() -> None:
    """A file without its window would mislead. Syrupy doesn't see such a file."""
    folder = Path(__file__).parent / "__snapshots__" / "test_windows"
    assert {path.stem for path in folder.iterdir()} == {f"test_a_window_is_as_its_snapshot[{name}]" for name in WINDOWS}
