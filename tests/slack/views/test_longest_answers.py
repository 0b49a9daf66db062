"""Every answer to a command is within Slack's limits with the longest values, in each language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from bot.core.applications.model import StatusClass
from bot.core.applications.triggers import TRIGGERS
from bot.core.errors import ClustOutcomeUnknown, UsageError
from bot.core.filters.keys import KEYS
from bot.core.forms.console_request import ConsoleCall
from bot.core.language import speaking
from bot.core.notifications.event_history import ApplicationStory, Deletion, DeliveryHistory, EventStory
from bot.core.notifications.mutes import Mute
from bot.core.notifications.routing import Verdict
from bot.core.notifications.states import Hold, State
from bot.core.permissions import Role
from bot.core.quotas import SAVED_ACTIONS
from bot.core.saved_actions.request_template import RequestTemplate
from bot.core.saved_actions.saved_action import MAX_NAME_LENGTH, ActionState, SavedAction, StoredAction
from bot.sandbox.slack.block_kit.validation import validate_message, validate_view
from bot.slack.entry.commands import COMMANDS
from bot.slack.views import answers, console
from bot.slack.views import help as help_views
from bot.slack.views.admin import roles_and_audit, saved_actions
from bot.slack.views.applications import event_history, export
from bot.slack.views.applications import saved_actions as using
from bot.slack.views.building.blocks import Block, Message
from bot.slack.views.channels import introduction, muting, subscriptions
from bot.slack.views.refusals import not_allowed
from tests.slack.views.test_longest_values import GAP, HELD, LANGUAGES, LONG, NOW, PEOPLE, WORDS

CHANNELS = tuple(f"C{number:010}" for number in range(100))
NAME = "&" * MAX_NAME_LENGTH
DELIVERIES = tuple(
    DeliveryHistory(channel_id, state, hold, NOW, WORDS, 999_999, NOW, "1700000000.000100", in_digest=True)
    for channel_id, state, hold in zip(CHANNELS, [*State] * 20, [*Hold] * 20, strict=False)
)
VERDICTS = tuple(Verdict(number, channel_id, number % 2 == 0, WORDS) for number, channel_id in enumerate(CHANNELS))
STORY = ApplicationStory(
    LONG, StatusClass.SUBMITTED, gone=True, discovered=True, changed_at=NOW, read_at=NOW, baseline_at=NOW,
    suspended=True, chapters=[EventStory(name, NOW, 999_999, NOW, VERDICTS, DELIVERIES) for name in TRIGGERS] * 10,
    forgotten=1_000_000, deletion=Deletion("U123456789A", NOW),
)  # fmt: skip
QUIET = replace(STORY, chapters=(), forgotten=0, deletion=None)
AUDIT_ROWS = tuple(
    roles_and_audit.AuditRowView(
        number,
        NOW,
        "U123456789A",
        "saved_action" * 3,
        "unknown",
        "9" * 100,
        f"until 2026-11-30 23:59 UTC {WORDS}",
        f"https://clust.example/{'x' * 78}",
    )
    for number in range(roles_and_audit.MAX_AUDIT_ROWS)
)
MUTES = tuple(
    Mute("&" * 40, trigger, NOW, connection_id) for trigger in ("", *TRIGGERS) for connection_id in range(1, 5)
)
ACCOUNTS = dict.fromkeys(range(5), "&" * 40)
BODY = "&" * 500 + "\n" + "é<\n" * 3000
RESPONSE = console.CallAnswer("DELETE", "/" + "&" * 1999, 429, 99.99, BODY, 1_000_000, truncated=True)
CALL = ConsoleCall("DELETE", "/" + "x" * 1999, (("&" * 40, "&" * 900),), (("X-Header", "&" * 2900),), "&" * 3000)
STORED = StoredAction(
    999_999,
    999_999,
    SavedAction(
        NAME,
        RequestTemplate.parse("POST", "/dossiers/{id}/" + "x" * 1900, body=f'{{"reason": "{"&" * 2900}"}}'),
        frozenset(StatusClass),
        Role.ADMIN,
        is_pinned=True,
    ),
    ActionState.RESTING,
)
RESULTS = tuple(using.ActResult(LONG, WORDS, is_done=number % 2 == 0) for number in range(20))


def permalink(channel_id: str, ts: str) -> str:
    """Return the address of a message."""
    return f"https://{'workspace' * 5}.slack.example/archives/{channel_id}/p{ts}"


ANSWERS: Mapping[str, Callable[[], Message | Block]] = {
    "help": lambda: help_views.help_overview([command.row(Role.VIEWER) for command in COMMANDS]),
    **{f"help-{one.word}": partial(lambda one: help_views.help_word(one.row(Role.VIEWER)), one) for one in COMMANDS},
    "help-events": lambda: help_views.help_events(list(TRIGGERS.values())),
    "help-filters": lambda: help_views.help_filters([(key.name, key.help, key.example) for key in KEYS]),
    "introduction": introduction.introduction,
    "introduction-details": introduction.introduction_details,
    "unknown-word": lambda: answers.unknown_word(WORDS, "subscriptions", WORDS),
    "usage-error": lambda: answers.usage_error(UsageError(WORDS * 9), WORDS * 9, WORDS, WORDS),
    "error": lambda: answers.error_answer(ClustOutcomeUnknown(WORDS), "f" * 32),
    "not-allowed": lambda: not_allowed(WORDS * 9, PEOPLE),
    "plain-answer": lambda: answers.plain_answer(WORDS * 9),
    "why": lambda: event_history.why_answer(STORY, CHANNELS[:10], NOW, permalink),
    "why-nothing": lambda: event_history.why_answer(QUIET, (), NOW, permalink),
    "audit": lambda: roles_and_audit.audit_page(AUDIT_ROWS, NOW + timedelta(days=400), "audit " + "x" * 1900),
    "roles": lambda: roles_and_audit.role_list(
        {**dict.fromkeys(PEOPLE, Role.ADMIN), **{f"S{number:010}": Role.EDITOR for number in range(100)}},
        PEOPLE,
        [f"S{number:010}" for number in range(100)],
        {"export": PEOPLE},
    ),
    "role-set": lambda: roles_and_audit.role_set("U123456789A", Role.EDITOR, Role.ADMIN),
    "how-long-to-mute": lambda: muting.how_long(MUTES, ACCOUNTS, "mute " + "&" * 300),
    "muted": lambda: muting.muted(MUTES, ACCOUNTS, NOW),
    "mute-elsewhere": lambda: muting.mute_elsewhere("9" * 100),
    "unmuted": lambda: muting.unmuted(1_000_000),
    "subscriptions-with-mutes": lambda: subscriptions.subscription_list(
        [HELD] * 50, notes=muting.standing(MUTES, ACCOUNTS)
    ),
    "unsubscribed": lambda: subscriptions.unsubscribed(list(TRIGGERS), list(TRIGGERS)[:4], HELD),
    "shared-channel": lambda: subscriptions.confirm_shared_subscription("C123456789A", WORDS, WORDS, "x" * 2000),
    "called": lambda: console.answered(RESPONSE, "d" * 32, filed=True, can_keep=True),
    "called-and-shared": lambda: console.shared_answer(RESPONSE, "U123456789A"),
    "call-to-confirm": lambda: console.confirm_call("d" * 32, CALL),
    "action-done": lambda: using.action_done(NAME, LONG, StatusClass.SUBMITTED, WORDS * 9, BODY, Role.ADMIN),
    "action-failed": lambda: using.action_failed(NAME, LONG, WORDS * 9),
    "action-done-for-many": lambda: using.many_done(NAME, RESULTS),
    "action-to-confirm": lambda: using.confirm_action("d" * 32, NAME, [LONG] * 20, CALL, WORDS * 9),
    "actions": lambda: saved_actions.action_list([STORED] * SAVED_ACTIONS.most, "&" * 40, Role.ADMIN),
    "action-saved": lambda: saved_actions.saved(STORED, LONG),
    "action-preview": lambda: saved_actions.preview("d" * 32, STORED.action, LONG, CALL),
    "actions-to-import": lambda: saved_actions.import_preview("d" * 32, [STORED.action] * SAVED_ACTIONS.most),
    "exported": lambda: export.exported_file(1_000_000, has_contacts=False, filter_in_words=WORDS, left_out=GAP),
    "nothing-to-export": lambda: export.nothing_to_export(WORDS, WORDS, GAP),
    "not-exported": lambda: export.not_exported(WORDS * 9),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_within_slacks_limits_in_every_language(name: str) -> None:
    """Cut at its end where there is more."""
    for language in LANGUAGES:
        with speaking(language):
            made = ANSWERS[name]()
            mistakes = validate_message(made.payload()) if isinstance(made, Message) else validate_view(made)
            assert mistakes == []
