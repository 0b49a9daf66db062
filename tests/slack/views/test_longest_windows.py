"""Every window, and every smaller answer, with the longest values is within Slack's limits, in each language.

The last test finds the views by itself: one that is in none of the tables of longest values fails it.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from types import CodeType, FrameType
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.core.applications.model import StatusClass
from bot.core.applications.triggers import TRIGGERS
from bot.core.filters.language import parse
from bot.core.forms.action_forms import ASK_FORMS, AskDurationForm, AskFieldForm, AskPersonForm
from bot.core.forms.admin_forms import ConnectForm
from bot.core.forms.application_forms import CreateForm, UpdateForm
from bot.core.forms.console_forms import ConsoleForm
from bot.core.forms.fields import Choice
from bot.core.forms.message_contacts import MAX_CONTACTS, MessageContact
from bot.core.forms.subscription_forms import SubscribeForm
from bot.core.forms.update_diff import Conflict
from bot.core.forms.validation import Form, asked_of
from bot.core.language import speaking
from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.schedule import Schedule
from bot.core.notifications.subscription_preview import Preview
from bot.core.permissions import Role
from bot.core.saved_actions.saving_form import SaveActionForm
from bot.sandbox.slack.block_kit.validation import validate_message, validate_view
from bot.sandbox.slack.work_objects.panes import ERRORS
from bot.slack import views
from bot.slack.listeners.draft_offers import MAX_OFFERED
from bot.slack.views import answers, console, form_drafts, links
from bot.slack.views.admin import accounts, first_contact, roles_and_audit, saved_actions, webhooks
from bot.slack.views.applications import assignment, details, entities, export, form_outcomes, forms, from_message
from bot.slack.views.applications import saved_actions as using
from bot.slack.views.building import forms as form_building
from bot.slack.views.building import ids
from bot.slack.views.building.blocks import Block, Message, modal
from bot.slack.views.channels import orphans, subscription_form, subscriptions
from tests.slack.views.test_longest_answers import ANSWERS, CHANNELS, NAME, STORED
from tests.slack.views.test_longest_values import HELD, LANGUAGES, LINKED, LONG, NOW, PEOPLE, VIEWS, WORDS

ACCOUNT = "&" * 40
DRAFT = "d" * 32
ADDRESS = f"https://{'x' * 992}"
MANY = [Choice(str(number) * 30, WORDS, WORDS) for number in range(1, 200)]
FEW = MANY[:99]
PREVIEW = Preview(tuple(TRIGGERS), parse("title:" + "&" * 400), ACCOUNT, ZoneInfo("Europe/Paris"), warning=WORDS)
CONFLICTS = [Conflict(name, WORDS, WORDS, WORDS, touched=True) for name in asked_of(UpdateForm)]
CONTACTS = [MessageContact(*(("&" * 60,) * 2), f"{'a' * 64}@{'b' * 185}.fr", "0" * 32)] * MAX_CONTACTS


def typed(form: type[Form]) -> dict[str, Any]:
    """Return the longest of what can stand in a form, whatever its fields are."""
    return dict.fromkeys(asked_of(form), WORDS)


def wrong(form: type[Form]) -> dict[str, str]:
    """Return a mistake in each field."""
    return dict.fromkeys(asked_of(form), WORDS)


def drafts(form: str) -> list[form_drafts.DraftSummary]:
    """Return as many unfinished drafts of a form as are offered."""
    values = {
        "first_name": WORDS, "last_name": WORDS, "title": WORDS, "name": WORDS, "path": WORDS, "method": "DELETE",
        "applications": [str(number) for number in range(20)], "done": [str(number) * 20 for number in range(20)],
    }  # fmt: skip
    return [
        form_drafts.DraftSummary(f"{number:032}", form, values, None, "9" * 100, NOW - timedelta(days=1))
        for number in range(MAX_OFFERED)
    ]


def offers(form: str) -> list[Block]:
    """Return what stands above a form whose earlier drafts weren't sent."""
    return form_drafts.offer(drafts(form), NOW)


def _about_a_draft(say: Callable[[form_drafts.DraftSummary], Message], form: str) -> Message:
    return say(drafts(form)[0])


def asking(form: type[Form]) -> Block:
    """Return the window in which an action asks for something."""
    return using.ask_form(DRAFT, NAME, form, [LONG] * 20, typed(form), WORDS, forgetful=True)


def account_choices() -> list[Choice]:
    """Return several accounts."""
    return [Choice(str(number), ACCOUNT) for number in range(20)]


DRAFT_FORMS = (
    ids.CREATE, ids.UPDATE, ids.DELETE, ids.CONSOLE, ids.ACTION, ids.ACTION_SAVE, ids.CONNECT, ids.SUBSCRIBE,
)  # fmt: skip
ALL: Mapping[str, Callable[[], Message | Block]] = {
    "create": lambda: forms.create_form(
        DRAFT, MANY, typed(CreateForm), wrong(CreateForm), WORDS, accounts=account_choices(), forgetful=True,
        first=offers(ids.CREATE), has_webhook=True,
    ),
    "create-with-a-select": lambda: forms.create_form(DRAFT, FEW, {"template_id": FEW[0].value}),
    "update": lambda: forms.update_form(
        DRAFT, MANY, {}, typed(UpdateForm), wrong(UpdateForm), WORDS, forgetful=True, first=offers(ids.UPDATE)
    ),
    **{
        f"pick-to-{purpose}": partial(forms.pick_form, purpose, "x" * 2000, WORDS, {}, account_choices())
        for purpose in ("show", "update", "delete", "do")
    },
    "delete": lambda: forms.delete_form(DRAFT, LONG, details.REFRESHED),
    "from-message": lambda: from_message.from_message_form(
        CONTACTS, "x" * 2000, accounts=account_choices(), account_id="1"
    ),
    "from-message-of-one": lambda: from_message.from_message_form(
        CONTACTS[:1], "x" * 2000, accounts=(), account_id="1"
    ),
    "failed": lambda: form_building.failed_view("New application", WORDS * 9, f"{ids.CREATE} {'x' * 200}"),
    "conflict": lambda: form_outcomes.conflict_view(DRAFT, LONG, CONFLICTS, MANY),
    "loading": lambda: details.loading_view("Application"),
    "message-view": lambda: details.message_view("Application", WORDS * 9),
    "saving": lambda: form_outcomes.saving_view("Update application"),
    "deleting": lambda: form_outcomes.deleting_view("Delete application"),
    "deleted": lambda: form_outcomes.outcome_view("Delete application", form_outcomes.deleted(LONG)),
    "gone-already": lambda: form_outcomes.gone_already("9" * 100),
    "gone-and-never-stored": lambda: form_outcomes.gone_already("9" * 100, was_stored=False),
    "outcome-unknown": lambda: form_outcomes.unknown_view(DRAFT, "New application"),
    "outcome-unknown-in-a-message": lambda: form_outcomes.outcome_unknown(DRAFT),
    "nothing-found": lambda: form_outcomes.nothing_found(DRAFT),
    "shared": lambda: form_outcomes.shared_application(LONG, "U123456789A"),
    "assign": lambda: assignment.assign_form(LONG, "U123456789A"),
    "assigned": lambda: assignment.assigned("U123456789A", "U123456789B", wants_mentions=False),
    "assigned-to": lambda: assignment.assigned_to("U123456789A"),
    "released": lambda: assignment.unassigned("U123456789A"),
    "exporting": export.exporting,
    "action-to-choose": lambda: using.choose_form(DRAFT, LONG, FEW),
    **{f"action-asks-{'-'.join(asks)}": partial(asking, form) for asks, form in ASK_FORMS.items()},
    **{
        f"action-asks-{form.__name__}": partial(asking, form)
        for form in (AskPersonForm, AskDurationForm, AskFieldForm)
    },
    "applications-to-act-on": lambda: using.choose_many_form(DRAFT, MANY, FEW),
    "action-running": lambda: using.running_action(NAME),
    "actions-running": lambda: using.many_running(NAME, 1_000_000, 1_000_000, DRAFT),
    "actions-stopping": using.many_stopping,
    "action-to-save": lambda: saved_actions.save_form(
        DRAFT, typed(SaveActionForm), wrong(SaveActionForm), WORDS, forgetful=True
    ),
    "action-to-remove": lambda: saved_actions.remove_form(STORED),
    "action-removed": lambda: saved_actions.removed(NAME),
    "actions-to-import": lambda: saved_actions.import_form(DRAFT, WORDS),
    "actions-imported": lambda: saved_actions.import_done(1_000_000),
    **{f"actions-exported-{sent}": partial(saved_actions.export_done, is_sent=sent) for sent in (True, False)},
    "console": lambda: console.console_form(
        DRAFT, typed(ConsoleForm) | {"method": "DELETE"}, wrong(ConsoleForm), WORDS, "x" * 32, forgetful=True,
        first=offers(ids.CONSOLE),
    ),
    "console-of-a-viewer": lambda: console.console_form(DRAFT, may_write=False),
    "console-running": console.running_view,
    "connect": lambda: accounts.connect_form(
        typed(ConnectForm) | {"environment": "production", "meant": "named"}, wrong(ConnectForm), WORDS, DRAFT,
        offers(ids.CONNECT),
    ),
    **{
        f"connected-{again}": partial(accounts.connected, ACCOUNT, "••••1234", ADDRESS, "all", again=again)
        for again in (None, True, False)
    },
    "disconnect": lambda: accounts.disconnect_form(ACCOUNT, "••••1234", CHANNELS),
    "disconnected": lambda: accounts.disconnected(ACCOUNT, CHANNELS),
    "webhook": lambda: webhooks.webhook_state(ACCOUNT, ADDRESS, NOW, NOW + timedelta(days=400)),
    "webhook-without-an-address": lambda: webhooks.webhook_state(ACCOUNT, None, None, NOW),
    "webhook-rotated": lambda: webhooks.rotated(ACCOUNT),
    **{
        f"posting-started-{posts}": partial(first_contact.started, ACCOUNT, 1_000_000, posts=posts)
        for posts in (True, False)
    },
    "status-to-classify": lambda: modal(
        "Status", [first_contact.status_select("c" * 60, 1_000_000, StatusClass.SUBMITTED, WORDS)]
    ),
    "role": lambda: roles_and_audit.role_form(WORDS),
    "role-removed": lambda: roles_and_audit.role_removed("U123456789A", Role.EDITOR),
    "no-role": lambda: roles_and_audit.no_role_to_remove("U123456789A"),
    "right-given": lambda: roles_and_audit.right_given("U123456789A", "export"),
    "right-taken-away": lambda: roles_and_audit.right_taken_away("U123456789A", "export"),
    "right-not-given": lambda: roles_and_audit.right_not_given("U123456789A", "export"),
    "subscribe": lambda: subscription_form.subscribe_form(
        Choice(CHANNELS[0], WORDS), typed(SubscribeForm) | {"channel": CHANNELS[0]}, PREVIEW, wrong(SubscribeForm),
        account_choices(), [Choice("fr", "Français")] * 2, draft_id=DRAFT, first=offers(ids.SUBSCRIBE),
        present=[HELD] * 50,
    ),
    "subscribe-with-the-channels-settings": lambda: subscription_form.subscribe_form(
        Choice(CHANNELS[0], WORDS),
        subscription_form.values_of_channel(CHANNELS[0], MessageStyle(full=True), Schedule(), "fr"),
        PREVIEW,
    ),
    "subscribed-by-the-form": lambda: subscription_form.subscribed_by_form(subscriptions.subscribed(HELD), [WORDS] * 9),
    "invite-needed": lambda: subscriptions.invite_needed(HELD, WORDS),
    "direct-message-refused": subscriptions.direct_message_refused,
    "shared-needs-admin": lambda: subscriptions.shared_needs_admin(HELD),
    "share-a-list": lambda: subscriptions.confirm_shared_list("C123456789A", "x" * 2000),
    "share-a-response": lambda: subscriptions.confirm_shared_response("C123456789A", "x" * 2000),
    "share-a-report": lambda: subscriptions.confirm_shared_report("C123456789A", "x" * 2000),
    "nothing-to-unsubscribe": subscriptions.nothing_to_unsubscribe,
    "none-to-unsubscribe": lambda: subscriptions.none_to_unsubscribe(list(TRIGGERS)),
    "move": lambda: orphans.move_form("C123456789A"),
    "moved": lambda: orphans.moved("C123456789A", "C123456789B"),
    **{f"adopted-{held}": partial(orphans.adopted, "C123456789A", still_held=held) for held in (True, False)},
    "dropped": lambda: orphans.held_ended("C123456789A"),
    **{f"draft-left-{form}": partial(_about_a_draft, form_drafts.left, form) for form in DRAFT_FORMS},
    **{f"draft-uncertain-{form}": partial(_about_a_draft, form_drafts.uncertain, form) for form in DRAFT_FORMS},
    **{f"draft-finished-{form}": partial(_about_a_draft, form_drafts.finished, form) for form in DRAFT_FORMS},
    "draft-discarded": lambda: modal(
        "Clust", form_drafts.without_offer(offers(ids.CREATE), drafts(ids.CREATE)[0].draft_id)
    ),
    **{f"links-{on}": partial(links.links_switch, on=on) for on in (True, False)},
    "link-hidden": links.link_hidden,
    "client-page-pasted": lambda: links.client_page_pasted("C123456789A"),
    "unexpected": lambda: answers.unexpected_answer("f" * 32),
    **{f"hint-{card}": partial(answers.message_hint, in_thread_of_card=card) for card in (True, False)},
    "open-by-button": lambda: answers.open_by_button("update " + "x" * 1900),
}  # fmt: skip
PANES: Mapping[str, Callable[[], Block]] = {
    "restricted": lambda: links.restricted_pane(Role.VIEWER, Role.NOBODY, PEOPLE),
    "not-found": links.not_found_pane,
    "not-here": links.not_here_pane,
}


@pytest.mark.parametrize("name", ALL)
def test_a_window_is_within_slacks_limits_in_every_language(name: str) -> None:
    """With as much as can stand in it."""
    for language in LANGUAGES:
        with speaking(language):
            made = ALL[name]()
            assert (validate_message(made.payload()) if isinstance(made, Message) else validate_view(made)) == []


@pytest.mark.parametrize("name", PANES)
def test_a_pane_without_an_application_says_why_in_every_language(name: str) -> None:
    """Slack takes the status, and shows the words."""
    for language in LANGUAGES:
        with speaking(language):
            pane = PANES[name]()
            assert pane["status"] in ERRORS
            assert pane["custom_title"]
            assert pane["custom_message"]


def _views() -> Iterator[tuple[str, CodeType]]:
    """Yield what people see, with its code: public functions of the views that return blocks or a message."""
    for module in pkgutil.walk_packages(views.__path__, f"{views.__name__}."):
        if ".building" not in module.name:
            for name, function in vars(importlib.import_module(module.name)).items():
                is_own = inspect.isfunction(function) and function.__module__ == module.name
                returned = str(getattr(function, "__annotations__", {}).get("return"))
                if is_own and not name.startswith("_") and re.search(r"\b(Message|Block)\b", returned):
                    yield f"{module.name.removeprefix(views.__name__)}.{name}", function.__code__


def test_every_view_has_an_example_with_the_longest_values() -> None:
    """Also those that are only part of another one."""
    examples: list[Callable[[], object]] = [
        *VIEWS.values(), *ANSWERS.values(), *ALL.values(), *PANES.values(),
        lambda: entities.fitting([entities.entity(LINKED, LINKED.url)]),
    ]  # fmt: skip
    called = set[CodeType]()

    def on_event(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            called.add(frame.f_code)

    before = sys.getprofile()
    sys.setprofile(on_event)
    try:
        for example in examples:
            example()
    finally:
        sys.setprofile(before)
    assert [name for name, code in _views() if code not in called] == []
