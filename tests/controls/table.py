"""`CONTROLS`: what is taken out, one row for each: the threat, what stands in its place, the test that must notice.

A function is found in the package by its name (with its class's, where it is a method) and its parameters, wherever it
stands. What takes its place runs with the names of its module: those that are imported here mean the same there.
"""

# ruff: noqa: ARG001  what takes a function's place has its parameters

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from bot.core.applications.export import COLUMNS
from bot.delivery.prechecks import PrecheckResult
from bot.slack.entry.request_verification import RequestRefused
from bot.slack.listeners.links.channel_rules import LinkStyle
from bot.slack.request.visibility_cache import Visibility
from bot.store.engine.tables import drafts, floods, oauth_states


@dataclass(frozen=True, slots=True)
class Control:
    """The threat that it meets, its name in the package, what takes its place, and the test that notices."""

    threat: str
    name: str
    instead: Callable[..., Any]
    test: str


def _verify(secret: Any, headers: Any, body: Any, now: Any) -> None:
    """Take every request for Slack's."""


def _verify_of_any_age(secret: Any, headers: Any, body: Any, now: Any) -> None:
    """Check who signed a request, and not when."""
    signed = b"v0:" + headers.get("x-slack-request-timestamp", "").encode() + b":" + body
    right = "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    if right != headers.get("x-slack-signature", ""):
        raise RequestRefused(401, "the signature is wrong")


def _accept(self: Any, signature: Any, body: Any, now: Any) -> None:
    """Take a request as often as it comes."""


def _keep(self: Any, reading: Any, chunk: Any) -> None:
    """Keep all that comes of every body."""
    reading.content.extend(chunk)


async def _read_for_ever(self: Any, receive: Any) -> Any:
    """Wait for a body as long as it takes."""
    return await receive()


async def _claim(self: Any, team_id: Any, key: Any, now: Any, lasting: Any) -> bool:
    """Do a thing as often as it is asked for."""
    return True


def _enter(self: Any, connection: Any) -> None:
    """Let everyone in, and cut no one."""
    self._connections.add(connection)


def _vouch(self: Any, connection: Any) -> None:
    """Treat Slack's requests like any other."""


def _within(self: Any, seconds: Any) -> None:
    """Let a connection say nothing forever."""


def _all_parameters(query: Any, parameters: Any) -> dict[str, str]:
    """Take what the address of a page says."""
    return dict(pair.split("=", 1) for pair in query.split("&") if "=" in pair)


async def _issue_state(self: Any, state: Any, now: Any, expires_at: Any) -> None:
    """Keep every state for good."""
    async with self._db.write() as tx:
        await tx.execute(oauth_states.insert().values(state=state, expires_at=expires_at))


def _any_payload(shape: Any, value: Any) -> Any:
    """Take every payload as it is."""
    return shape.model_construct(**value)


async def _needs(self: Any, role: Any) -> None:
    """Let everyone do everything."""


async def _authorization_now(self: Any) -> Any:
    """Go by what was known of a person within the last minute."""
    return await self.authorization()


async def _may_be_foreign(self: Any, team_id: Any, enterprise_id: Any) -> bool:
    """Take the workspace of a stranger for one of the organization."""
    return False


async def _check_organization(self: Any, actor: Any) -> None:
    """Take whatever organization a workspace names for the one that has the app."""


async def _is_in(self: Any, team_id: Any, user_id: Any, seconds: Any) -> bool:
    """Take a stranger for someone of the organization."""
    return True


def _limit(self: Any, case: Any) -> Any:
    """Take what isn't known for the best."""
    return self.no if self.ask(case) is False else type(self.no).NONE


def _act(self: Any, sender: Any) -> None:
    """Let one person ask for any number of things."""


def _person_queue(self: Any, person: Any) -> Any:
    """Let one person have any number of requests under way."""
    return asyncio.Semaphore(10**6)


async def _give_way(self: Any) -> None:
    """Look through all rows in one go."""


def _share(self: Any, max_connections: Any) -> Any:
    """Let everyone have every connection to the database."""
    return self


def _check_bound(self: Any, present: Any, more: Any) -> None:
    """Let people make any number of things."""


async def _get_any_draft(self: Any, draft_id: Any, team_id: Any, user_id: Any, now: Any) -> Any:
    """Return whatever draft a window or button names."""
    rows = await self._all(now, drafts.c.id == draft_id)
    return rows[0] if rows else None


def _asked_anywhere(team_id: Any, channel_id: Any) -> Any:
    """Let a number of a button name the question of any channel."""
    return floods.c.team_id == team_id


async def _visibility_of(request: Any, channel_id: Any) -> Any:
    """Let everyone do something in every channel."""
    return Visibility.YES


def _visibility(channel_id: Any, facts: Any, user_id: Any, joined: Any) -> Any:
    """Let everyone see every channel in lists."""
    return Visibility.YES


def _for_channel(self: Any, *, is_shared: Any) -> Any:
    """Name items wherever a card is posted."""
    return replace(self, item_names=True)


async def _into(self: Any, channel_id: Any) -> Any:
    """Post without a look at the channel."""
    return PrecheckResult()


def _escape(text: Any, limit: Any) -> Any:
    """Show a text as it came."""
    return text


def _isolated(text: Any) -> Any:
    """Leave the writing direction to the text."""
    return text


def is_readable(body: Any) -> bool:
    """Read an answer of any number of parts."""
    return body is not None


def _redirected(url: Any, location: Any) -> Any:
    """Follow a redirect to anywhere."""
    return location


def _bounded(content: Any) -> Any:
    """Take a description of any size."""
    return content


def _is_clusts(address: Any, base_url: Any) -> bool:
    """Take every address for Clust's."""
    return True


def _settable(difference: Any) -> Any:
    """Take every name for one that fits into a setting."""
    return difference


async def _unpacked(response: Any, most: Any) -> bytearray:
    """Read and unpack all of an answer."""
    return bytearray(await response.aread())


def _any_path(text: Any) -> Any:
    """Send the console's path as it was typed."""
    return text


def _path_value(placeholder: Any, use: Any) -> str:
    """Fill a path in with whatever a placeholder stands for."""
    return str(use.text)


def _header_part(name: Any, value: Any) -> Any:
    """Save every header."""
    return name, (value,)


def _below(base: Any, url: Any) -> bool:
    """Send a call wherever it leads."""
    return True


def _headers(text: Any) -> tuple[Any, ...]:
    """Send every header that was typed."""
    return tuple(
        (name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in text.splitlines())
    )


def _same_origin(one: Any, other: Any) -> bool:
    """Send a stored key to every address."""
    return True


def _is_for(connection: Any, token: Any) -> bool:
    """Send a token to whatever address stands beside it."""
    return True


def _base_url(typed: Any) -> Any:
    """Take every address."""
    return typed.rstrip("/")


def _is_within_clust(url: Any) -> bool:
    """Go anywhere for everyone."""
    return True


def _why(request: Any, error: Any) -> Any:
    """Tell what listens where."""
    return error.sentence


def _forms(secret: Any) -> set[str]:
    """Mask nothing."""
    return set()


def _seal(self: Any, text: Any) -> Any:
    """Keep everything in the clear."""
    return text


def _e_mail(application: Any, limit: Any) -> Any:
    """Show the recipient's email beside the title."""
    return application.recipient.email if application.recipient else ""


async def _link_style(request: Any, channel_id: Any) -> Any:
    """Show links in every channel."""
    return LinkStyle()


def _whole(text: str) -> str:
    """Show a text as it is."""
    return text


def _nobody(inputs: Any) -> None:
    """Take every workflow for one that no one started."""


def _always(self: Any, now: Any) -> bool:
    """Look every secret up."""
    return True


def _one_line(_logger: Any, _name: str, event: Any) -> Any:
    """Write text unchanged."""
    return event


def _as_it_is(text: str) -> str:
    """Export a text as it is."""
    return text


def _every_column(*, may_see_contacts: bool) -> Any:
    """Export contact details for everyone."""
    return COLUMNS


REQUESTS = "forged, changed, old or repeated requests"
LARGE_BODIES = "bodies too large, too slow, too many, packed to explode"
CONNECTIONS = "connections that say nothing, say it slowly, or never finish"
WEBHOOKS = "strangers at the address of webhooks"
PAGES = "strangers at the pages for installing"
PEOPLE = "people who do more than they may"
STEPS = "workflows in other people's names"
EXCESS = "people who ask for too much"
OTHERS = "windows and buttons of others"
OUTSIDERS = "channels that another organization comes to read"
TEXTS = "texts that wake channels, fake links, turn words around, or break a view"
ANSWERS = "answers of Clust that explode or never end"
DESCRIPTION = "a description of Clust's API that lies, or is endless"
CONSOLE = "the console as a way to other hosts or paths"
ACTIONS = "a saved action that sends what nobody saved"
EXPORTS = "an exported file that runs a formula, or holds more than its reader may have"
KEYS = "a stored key sent to somebody else"
NETWORK = "the bot as a way into a network"

CONTROLS: tuple[Control, ...] = (
    Control(
        REQUESTS, "verify", _verify, "slack/entry/test_http_entry.py::test_a_wrong_or_missing_signature_is_refused"
    ),
    Control(
        REQUESTS, "verify", _verify_of_any_age, "slack/entry/test_http_entry.py::test_an_invalid_timestamp_is_refused"
    ),
    Control(
        REQUESTS, "ReplayGuard.accept", _accept, "slack/entry/test_http_entry.py::test_a_replayed_request_is_refused"
    ),
    Control(
        LARGE_BODIES,
        "BodyLimits._keep",
        _keep,
        "slack/entry/test_http_entry.py::test_a_body_that_is_too_large_is_refused",
    ),
    Control(
        LARGE_BODIES,
        "BodyLimits._keep",
        _keep,
        "slack/entry/test_http_entry.py::test_unverified_bodies_are_bounded_in_memory",
    ),
    Control(
        LARGE_BODIES, "BodyLimits.read", _read_for_ever, "slack/entry/test_http_entry.py::test_a_slow_body_is_refused"
    ),
    Control(
        WEBHOOKS,
        "masked",
        _whole,
        "slack/listeners/admin/test_webhooks.py::test_nobody_sees_the_secret",
    ),
    Control(
        WEBHOOKS,
        "SecretCheck._may_look_up",
        _always,
        "http/test_webhook_route.py::test_guesses_cost_a_bounded_number_of_questions",
    ),
    Control(
        CONNECTIONS,
        "OpenConnections.enter",
        _enter,
        "http/test_connection_eviction.py::test_only_the_oldest_that_nobody_vouched_for_is_cut",
    ),
    Control(
        CONNECTIONS,
        "OpenConnections.vouch",
        _vouch,
        "slack/entry/test_overload.py::test_verified_requests_are_never_cut_off",
    ),
    Control(
        CONNECTIONS,
        "LimitedConnection._within",
        _within,
        "http/test_connection_limits.py::test_silence_ends_a_connection",
    ),
    Control(
        PAGES,
        "checked",
        _all_parameters,
        "slack/entry/test_install_pages.py::test_callback_parameters_that_slack_does_not_send_are_refused",
    ),
    Control(
        PAGES,
        "Installations.issue_state",
        _issue_state,
        "slack/entry/test_install_pages.py::test_pending_oauth_states_are_limited",
    ),
    Control(
        "signed requests with anything in them",
        "_validated",
        _any_payload,
        "slack/entry/test_payloads.py::test_another_shape_is_malformed",
    ),
    Control(
        STEPS,
        "person_in",
        _nobody,
        "slack/entry/test_steps.py::test_an_unreadable_person_has_no_role",
    ),
    Control(PEOPLE, "Request.needs", _needs, "slack/entry/test_forms.py::test_outsiders_are_refused_in_forms"),
    Control(
        PEOPLE,
        "Asker.authorization_now",
        _authorization_now,
        "slack/listeners/test_demoted.py::test_admin_buttons_and_menus_check_the_role_in_slack",
    ),
    Control(
        PEOPLE,
        "Question.limit",
        _limit,
        "core/test_permissions_unknown.py::test_not_knowing_leaves_what_its_row_says",
    ),
    Control(
        PEOPLE,
        "Installations.may_be_foreign",
        _may_be_foreign,
        "wiring/test_workspaces.py::test_a_click_by_another_organization_is_refused_with_one_installation_for_all",
    ),
    Control(
        PEOPLE,
        "Access.is_in",
        _is_in,
        "wiring/test_workspaces.py::test_a_click_by_another_organization_is_refused_with_one_installation_for_all",
    ),
    Control(
        PEOPLE,
        "InstalledWorkspaces._check_organization",
        _check_organization,
        "wiring/test_workspaces.py::test_a_stranger_whose_organization_only_the_team_names_is_refused",
    ),
    Control(
        EXCESS,
        "Allowances.act",
        _act,
        "slack/entry/test_surfaces.py::test_a_command_over_the_limit_is_refused_by_its_acknowledgement",
    ),
    Control(
        EXCESS,
        "PersonQueues.of",
        _person_queue,
        "slack/request/test_person_queues.py::test_a_person_has_a_few_at_once_in_the_order_of_asking",
    ),
    Control(
        EXCESS,
        "Scanning._give_way",
        _give_way,
        "store/engine/test_scanning.py::test_others_run_after_each_slice",
    ),
    Control(
        EXCESS, "Database.share", _share, "store/engine/test_database.py::test_a_share_leaves_connections_for_others"
    ),
    Control(EXCESS, "Bound.check", _check_bound, "store/test_bounds.py::test_subscriptions_of_a_channel"),
    Control(OTHERS, "FormDrafts.get", _get_any_draft, "store/people/test_form_drafts.py::test_nobody_else_has_a_draft"),
    Control(
        OTHERS,
        "_asked_in",
        _asked_anywhere,
        "slack/listeners/test_foreign_ids.py::test_no_button_reaches_another_channel",
    ),
    Control(
        OTHERS,
        "visibility_of",
        _visibility_of,
        "slack/listeners/test_foreign_ids.py::test_no_channel_is_chosen_that_one_may_not_know_of",
    ),
    Control(
        OTHERS,
        "_visibility",
        _visibility,
        "slack/request/test_visibility_cache.py::test_what_everybody_and_some_may_know_of",
    ),
    Control(
        OUTSIDERS,
        "Prechecks._into",
        _into,
        "delivery/test_prechecks.py::test_a_channel_that_changed_silently_is_held_before_the_next_post",
    ),
    Control(
        OUTSIDERS,
        "Card.for_channel",
        _for_channel,
        "delivery/test_item_reads.py::test_a_shared_channel_reads_item_names_only_with_consent",
    ),
    Control(TEXTS, "escape", _escape, "slack/views/test_any_text.py::test_any_application_makes_a_good_card"),
    Control(TEXTS, "_isolated", _isolated, "slack/views/building/test_mrkdwn.py::test_right_to_left_text_is_isolated"),
    Control(ANSWERS, "unpacked", _unpacked, "clust/test_session.py::test_an_endless_answer_is_cut_off"),
    Control(ANSWERS, "is_readable", is_readable, "clust/test_protocol.py::test_no_answer_takes_all_there_is"),
    Control(
        CONSOLE, "_path", _any_path, "core/forms/test_console_request.py::test_a_path_that_leaves_the_base_is_refused"
    ),
    Control(CONSOLE, "_path", _any_path, "core/forms/test_console_request.py::test_no_encoding_hides_anything"),
    Control(CONSOLE, "_below", _below, "clust/test_console_call.py::test_a_redirect_to_another_host_is_the_answer"),
    Control(
        CONSOLE, "_headers", _headers, "core/forms/test_console_request.py::test_headers_that_are_ours_are_stripped"
    ),
    Control(
        ACTIONS,
        "_path_value",
        _path_value,
        "core/saved_actions/test_request_template.py::test_a_value_in_a_path_is_one_segment",
    ),
    Control(
        ACTIONS,
        "_header_part",
        _header_part,
        "core/saved_actions/test_request_template.py::test_credentials_and_our_headers_are_refused",
    ),
    Control(
        EXPORTS,
        "neutralized",
        _as_it_is,
        "core/applications/test_export.py::test_each_sign_that_begins_a_formula_is_neutralized",
    ),
    Control(
        EXPORTS,
        "columns_for",
        _every_column,
        "slack/listeners/applications/test_exporting.py::test_contacts_are_for_admins",
    ),
    Control(
        KEYS,
        "same_origin",
        _same_origin,
        "slack/listeners/admin/test_accounts.py::test_no_environment_gets_a_key_that_was_given_for_another",
    ),
    Control(
        KEYS, "is_for", _is_for, "slack/listeners/admin/test_accounts.py::test_a_key_is_only_sent_to_its_own_address"
    ),
    Control(NETWORK, "base_url", _base_url, "core/test_api_urls.py::test_what_could_lead_elsewhere_is_refused"),
    Control(
        NETWORK,
        "is_within_clust",
        _is_within_clust,
        "wiring/test_isolation.py::test_addresses_elsewhere_are_refused_where_many_are_served",
    ),
    Control(NETWORK, "_why", _why, "wiring/test_isolation.py::test_failed_connections_all_look_the_same"),
    Control(
        "secrets in logs, errors, messages, the audit log",
        "_forms",
        _forms,
        "observability/test_logs.py::test_a_secret_is_masked_wherever_it_stands",
    ),
    Control(
        "a copied database",
        "Encryption.seal",
        _seal,
        "store/people/test_form_drafts.py::test_values_cannot_be_read_without_the_key",
    ),
    Control(
        "commands in messages of bots, in edited messages, or in events that come again",
        "IdempotencyKeys.claim",
        _claim,
        "slack/entry/test_message_commands.py::test_an_event_that_comes_again_is_answered_once",
    ),
    Control(
        "personal data where everybody reads",
        "recipient_beside_title",
        _e_mail,
        "slack/views/test_any_text.py::test_nothing_personal_but_the_name_is_shown_in_a_channel",
    ),
    Control(
        DESCRIPTION,
        "_redirected",
        _redirected,
        "doctor/openapi/test_loading.py::test_an_address_that_gives_nothing",
    ),
    Control(DESCRIPTION, "_bounded", _bounded, "doctor/openapi/test_loading.py::test_a_file"),
    Control(
        DESCRIPTION,
        "_is_clusts",
        _is_clusts,
        "doctor/openapi/test_comparison.py::test_only_clusts_own_addresses_follow",
    ),
    Control(
        DESCRIPTION,
        "_settable",
        _settable,
        "doctor/openapi/test_comparison.py::test_a_name_that_no_setting_takes_has_none",
    ),
    Control(
        "a pasted link, or its pane, that shows more than its channel may read",
        "link_style",
        _link_style,
        "slack/listeners/links/test_pane.py::test_a_channel_that_is_shared_since_has_no_panes",
    ),
    Control("forged lines in the log", "_one_line", _one_line, "observability/test_logs.py::test_nobody_forges_a_line"),
)

NOT_FUNCTIONS = {
    "dependencies that change or forbid": "the lists of requirements are files",
}
"""Threats that are met by no function of the package, and why there is nothing to take out."""
