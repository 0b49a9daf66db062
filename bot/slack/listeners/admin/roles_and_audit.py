"""`roles`, who may do what and how admins change it, and `audit`, who did what (rule W1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.core.errors import DeliveryError, NotAllowed, UsageError
from bot.core.forms.admin_forms import RoleForm
from bot.core.forms.fields import Choice
from bot.core.forms.validation import Mistakes, read
from bot.core.language import _
from bot.core.permissions import REQUIREMENTS, WORKFLOWS, Role, check_own_role, is_group
from bot.core.suggestions import did_you_mean, suggest
from bot.core.typed_text import Word, WordError, fold, sentences
from bot.slack.listeners.admin import rights
from bot.slack.listeners.modals import open_window
from bot.slack.request.command_line import CommandLine
from bot.slack.request.command_options import (
    ACTION,
    APPLICATION,
    BEFORE,
    BY,
    CONNECTION,
    LIMIT,
    OPTIONS,
    list_words,
    read_user,
)
from bot.slack.request.payload_parts import OpenView
from bot.slack.request.services import Request
from bot.slack.views.admin.roles_and_audit import (
    AuditRowView,
    audit_page,
    no_role_to_remove,
    role_form,
    role_list,
    role_removed,
    role_set,
)
from bot.slack.views.applications.form_outcomes import outcome_view
from bot.slack.views.applications.lists import DEFAULT_ROWS, rows_of_a_page
from bot.slack.views.building.blocks import Block, Message
from bot.slack.views.building.form_elements import MAX_OPTIONS, fits, options
from bot.slack.views.building.forms import errors_of, values_of
from bot.slack.web_api.responses import Groups, ask
from bot.store.people.audit import AuditOutcome, AuditQuery

GIVEN = {role.word: role for role in (Role.VIEWER, Role.EDITOR, Role.ADMIN)}


async def roles(request: Request, line: CommandLine) -> Message:
    """Answer `roles`, `roles set @someone ROLE`, `roles remove @someone` and `roles allow @someone export`.

    Raises UsageError for anything else.
    """
    await request.needs(REQUIREMENTS["roles"])
    line.check_options()
    match [word.text for word in line.words]:
        case []:
            given = await request.services.store.roles.all(request.services.workspace.team_id)
            access = request.services.access
            members = await access.members_of(filter(is_group, given))
            unread = [group for group, people in members.items() if people is None]
            return role_list(
                given, access.admin_users, unread, await request.services.store.rights.all(request.team_id)
            )
        case [verb, who, role] if fold(verb) == "set":
            return await _set(request, _subject(who), _role(role))
        case [verb, who] if fold(verb) == "remove":
            return await _remove(request, _subject(who))
        case [verb, who, right] if fold(verb) in rights.VERBS:
            return await rights.change(request, fold(verb), read_user(who), right)
        case _:
            raise UsageError(
                _(
                    "Use `roles` to list roles, `roles set @someone viewer` to give one (viewer, editor or admin), "
                    "`roles remove @someone` to remove it, or `roles allow @someone export` and `roles disallow "
                    "@someone export` for email addresses and phone numbers in exports."
                )
            )


async def ask_role(request: Request, _value: str) -> None:
    """Open the form that gives a role."""
    await open_window(request, role_form())


async def submit_role(request: Request, view: OpenView) -> Mapping[str, Any]:
    """Give or remove the role that was chosen. Errors are shown under their fields."""
    entered = view.entered
    try:
        form = read(RoleForm, values_of(RoleForm, entered))
        subject_id = _one_of(form)
        if form.role == "none":
            answer = await _remove(request, subject_id)
        else:
            answer = await _set(request, subject_id, GIVEN[form.role])
    except Mistakes as mistakes:
        return {"response_action": "errors", "errors": errors_of(RoleForm, entered, mistakes.fields)}
    except (UsageError, NotAllowed) as error:
        return {"response_action": "errors", "errors": errors_of(RoleForm, entered, {"role": error.sentence})}
    return {"response_action": "update", "view": outcome_view(_("Give a role"), answer)}


def _one_of(form: RoleForm) -> str:
    if (form.person is None) is (form.group is None):
        raise Mistakes({"group": _("Choose either a person or a user group.")})
    return read_user(form.person or form.group or "")


async def groups(request: Request, typed: str) -> Sequence[Block]:
    """Search the user groups of the workspace by name and handle. Empty if Slack doesn't list them."""
    try:
        groups = (await ask(request.services.client.usergroups_list(team_id=request.team_id), Groups)).usergroups
    except DeliveryError:
        return ()
    choices = [Choice(each.id, each.name, f"@{each.handle}") for each in groups]
    matching = [each for each in choices if fits(typed, f"{each.label} {each.description}")]
    return options(matching[:MAX_OPTIONS])


async def audit(request: Request, line: CommandLine) -> Message:
    """Answer `audit [by:@someone] [application:ID] [action:WORD] [limit:N]`, newest first.

    As in a list, `limit:N` bounds all pages together. Raises WordError for any other word.
    """
    await request.needs(REQUIREMENTS["audit"])
    if line.words:
        raise _unknown_option(line.words[0])
    limit, before = line.value(LIMIT), line.value(BEFORE)
    size = rows_of_a_page(limit) if before is None else min(DEFAULT_ROWS, limit or DEFAULT_ROWS)
    query = AuditQuery(user_id=line.value(BY), target=line.value(APPLICATION), action=line.value(ACTION))
    services = request.services
    rows = await services.store.audit.page(services.workspace.team_id, query, size + 1, before)
    page, older = rows[:size], None
    if len(rows) > size and limit != size:
        rest = {"limit": str(limit - size)} if limit else {}
        options = {given.name: given.value for given in line.options if given.name != CONNECTION.name}
        following = {**options, **rest, "before": str(page[-1].id)}
        older = " ".join(("audit", *(f"{key}:{value}" for key, value in following.items())))
    urls = await _urls(request, [row.target for row in page if row.target])
    views = [
        AuditRowView(
            row.id, row.at, row.user_id, row.action, row.outcome, row.target, row.detail, urls.get(row.target or "")
        )
        for row in page
    ]
    return audit_page(views, request.now, older)


async def _urls(request: Request, targets: Sequence[str]) -> Mapping[str, str | None]:
    """Return where the applications among the targets are in Clust. With several accounts, an id alone isn't enough."""
    store = request.services.store
    connections = await store.connections.of_team(request.team_id)
    if len(connections) != 1:
        return {}
    snapshots = await store.applications.snapshots(connections[0].id, targets)
    return {key: snapshot.application.secured_list_url for key, snapshot in snapshots.items()}


async def _set(request: Request, subject_id: str, role: Role) -> Message:
    given = await request.services.store.roles.all(request.services.workspace.team_id)
    before, after = given.get(subject_id), {**given, subject_id: role}
    await _check_subject(request, subject_id, role)
    await _check_still_admin(request, subject_id, after, role.word)
    services = request.services
    await services.store.roles.set(services.workspace.team_id, subject_id, role, request.user_id, request.now)
    services.access.forget()
    await request.write_down("role", AuditOutcome.OK, subject_id, role.word)
    return role_set(subject_id, role, before)


async def _remove(request: Request, subject_id: str) -> Message:
    services = request.services
    given = await services.store.roles.all(services.workspace.team_id)
    after = {each: role for each, role in given.items() if each != subject_id}
    await _check_still_admin(request, subject_id, after, "removed")
    if not await services.store.roles.remove(services.workspace.team_id, subject_id):
        return no_role_to_remove(subject_id)
    services.access.forget()
    await request.write_down("role", AuditOutcome.OK, subject_id, "removed")
    return role_removed(subject_id, given.get(subject_id, Role.NOBODY))


def _subject(typed: str) -> str:
    """Return who gets a role: a person, a group, or workflows that no one starts in person. Raises UsageError."""
    return WORKFLOWS if fold(typed) == WORKFLOWS else read_user(typed)


async def _check_subject(request: Request, subject_id: str, role: Role) -> None:
    """Raise UsageError for a role that would have no effect."""
    access = request.services.access
    if subject_id == WORKFLOWS:
        if role is Role.ADMIN:
            raise UsageError(_("Workflows can be viewers or editors. No workflow step needs an admin."))
        return
    if is_group(subject_id):
        if await access.members(subject_id) is None:
            raise UsageError(
                _(
                    "Slack can't tell me who is in that group, so a role for it would have no effect. Try again "
                    "in a moment."
                )
            )
        return
    try:
        default, user, _at_most = await access.role_if(subject_id, {})
    except NotAllowed as error:
        raise UsageError(_("Slack can't tell me who that is. Try again in a moment.")) from error
    if user.is_bot or not user.is_active:
        raise UsageError(_("Bots and deactivated users can't do anything, whatever their role."))
    if default is Role.ADMIN and role is not Role.ADMIN:
        raise UsageError(
            _("That person is always an admin because of `ADMIN_USERS`. A role can't change that.")
            if access.admin_users
            else _(
                "That person is always an admin because they're an admin of this Slack workspace. "
                "A role can't change that."
            )
        )


async def _check_still_admin(request: Request, subject_id: str, after: dict[str, Role], detail: str) -> None:
    """Raise NotAllowed, and note it in the audit log, if the person would no longer be an admin."""
    role = (await request.services.access.role_if(request.user_id, after)).role
    try:
        check_own_role(role)
    except NotAllowed:
        await request.write_down("role", AuditOutcome.REFUSED, subject_id, detail)
        raise


def _role(word: str) -> Role:
    role = GIVEN.get(fold(word))
    if role is None:
        near = suggest(word, GIVEN)
        raise UsageError(sentences(_("Unknown role `{word}`.", word=word), did_you_mean(near), list_words(GIVEN)))
    return role


def _unknown_option(word: Word) -> WordError:
    names = [option.name for option in OPTIONS if option.commands and option.applies_to("audit")]
    name = word.pair[0] if word.pair else word.text
    near = suggest(name, names)
    return WordError.at(
        word,
        sentences(
            _("I don't understand `{word}`.", word=word.raw),
            did_you_mean(near and f"{near}:"),
            list_words(f"{each}:" for each in names),
        ),
    )
