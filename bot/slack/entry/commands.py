"""`COMMANDS`: one row for each word after /clust. Dispatch, help, docs/commands.md and `manifest.yml` follow it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.core.errors import UsageError
from bot.core.filters.language import KEYS, FilterError
from bot.core.language import N_, _
from bot.core.permissions import REQUIREMENTS, Role
from bot.core.suggestions import suggest
from bot.core.typed_text import WordError, fold, straighten
from bot.slack.entry.concept_help import topics_by_word
from bot.slack.entry.short_forms import SHORT_FORMS
from bot.slack.listeners.actions.managing import actions
from bot.slack.listeners.admin.accounts import connect, disconnect
from bot.slack.listeners.admin.roles_and_audit import audit, roles
from bot.slack.listeners.admin.status import status
from bot.slack.listeners.admin.webhooks import webhook
from bot.slack.listeners.applications.assigning import assign_application, unassign_application
from bot.slack.listeners.applications.exporting import export
from bot.slack.listeners.applications.forms import create
from bot.slack.listeners.applications.lookup import list_applications, search
from bot.slack.listeners.applications.reporting import report
from bot.slack.listeners.applications.why import why
from bot.slack.listeners.channels.muting import mute, unmute
from bot.slack.listeners.channels.subscribing import subscribe, subscriptions, unsubscribe
from bot.slack.listeners.channels.subscription_form import open_form
from bot.slack.listeners.console import call
from bot.slack.listeners.links.switch import links
from bot.slack.listeners.picker import delete_application, do, show_application, update_application
from bot.slack.request.command_decoding import decode
from bot.slack.request.command_line import CommandLine
from bot.slack.request.command_options import CONNECTION
from bot.slack.request.services import Request
from bot.slack.views.answers import unknown_word, usage_error
from bot.slack.views.building.blocks import Message
from bot.slack.views.help import HelpRow, help_overview, help_word

CommandHandler = Callable[[Request, CommandLine], Awaitable[Message | None]]
"""Returns the answer, or None if it opened a window. `Request` says who asks, where, and about which account."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its usage, help and examples, the role that it needs, and its handler.

    `registered` is the slash command for this word alone, which Slack completes as the person types.
    """

    word: str
    usage: str
    help: str
    examples: tuple[str, ...]
    role: Role
    handler: CommandHandler
    also: tuple[str, ...] = ()
    registered: str | None = None

    def row(self, role: Role) -> HelpRow:
        """Return the row that help shows to a person with this role."""
        only_for = "" if role >= self.role else _(_ONLY_FOR[self.role])
        return HelpRow(self.word, self.usage, self.description, self.examples, only_for)

    @property
    def takes_application(self) -> bool:
        """Whether an application's ID can stand behind its word."""
        return self.usage.split()[1:2] in (["ID"], ["[ID]"])

    @property
    def description(self) -> str:
        """What it does, in sentences. `{filters}` in `help` stands for the keys of filters."""
        return _(self.help, filters=", ".join(key.name for key in KEYS))


_ONLY_FOR = {
    Role.VIEWER: N_("only for members"),
    Role.EDITOR: N_("only for editors and admins"),
    Role.ADMIN: N_("only for admins"),
}


async def help_(request: Request, line: CommandLine) -> Message:
    """Answer `help [word]`. Commands that the person can't use are marked."""
    word = line.argument()
    if not word:
        return help_overview([command.row(request.role) for command in COMMANDS])
    if command := _by_word().get(fold(word)):
        return help_word(command.row(request.role))
    if topic := topics_by_word().get(fold(word)):
        return topic.explain()
    near = suggest(word, [*_usable(request), *topics_by_word()])
    return unknown_word(word, near, f"help {near}" if near else None)


async def subscribe_(request: Request, line: CommandLine) -> Message | None:
    """Answer `subscribe [events] [filter] [limit:N]`. Without arguments, open the form."""
    if not line.is_bare:
        return await subscribe(request, line)
    await open_form(request)
    return None


COMMANDS: tuple[Command, ...] = (
    Command(
        "list",
        "list [filter] [limit:N]",
        N_(
            "Lists applications, newest changes first. N is the total number to show, from 1 to 1,000. Filters: "
            "{filters}. Short forms: `/clust late`, `/clust pending`, `/clust mine`, and `/clust Ana` for applications "
            "with that name."
        ),
        ("list", "list late:yes", 'list status:submitted template:"KYC company"', "list created:<7d limit:20"),
        Role.VIEWER,
        list_applications,
        also=("ls",),
        registered="/clust-list",
    ),
    Command(
        "show",
        "show [ID]",
        N_("Shows one application: status, progress, recipient, links and history."),
        ("show", "show 123"),
        Role.VIEWER,
        show_application,
        also=("get",),
    ),
    Command(
        "create",
        "create [title]",
        N_("Opens a form to create an application. What you type after the command becomes the title."),
        ("create", "create Acme Ltd"),
        Role.EDITOR,
        create,
        also=("new",),
        registered="/clust-create",
    ),
    Command(
        "update",
        "update [ID]",
        N_("Opens a form with an application's current data. Only what you change is sent."),
        ("update", "update 123"),
        Role.EDITOR,
        update_application,
        also=("edit",),
    ),
    Command(
        "delete",
        "delete [ID]",
        N_("Deletes an application after you confirm."),
        ("delete", "delete 123"),
        Role.ADMIN,
        delete_application,
    ),
    Command(
        "assign",
        "assign ID [me or @person]",
        N_("Assigns an application to you, or to someone else, who gets a message. Nothing changes in Clust."),
        ("assign 123", "assign 123 @ana"),
        Role.EDITOR,
        assign_application,
        also=("take",),
    ),
    Command(
        "unassign",
        "unassign ID",
        N_("Unassigns an application."),
        ("unassign 123",),
        Role.EDITOR,
        unassign_application,
    ),
    Command(
        "do",
        "do [ID] [ACTION]",
        N_("Uses a saved action such as Close, or a built-in one such as Mute. Without one, shows what you can do."),
        ("do", "do 123", "do 123 close", "do 123 mute"),
        Role.VIEWER,
        do,
    ),
    Command(
        "actions",
        "actions",
        N_("Shows the saved actions of the Clust account. Admins save, change and remove them here."),
        ("actions",),
        Role.VIEWER,
        actions,
    ),
    Command(
        "subscribe",
        "subscribe [events] [filter] [limit:N]",
        N_(
            "Posts events in this channel as they happen: created, late, submitted, pending, approved, or all. "
            "Without arguments, opens a form that previews what it would have posted in the last 14 days."
        ),
        ("subscribe all", "subscribe late,approved", 'subscribe submitted template:"KYC company"'),
        Role.EDITOR,
        subscribe_,
        also=("sub",),
        registered="/clust-subscribe",
    ),
    Command(
        "unsubscribe",
        "unsubscribe [events]",
        N_("Ends this channel's subscriptions. Without arguments, asks which one."),
        ("unsubscribe", "unsubscribe late", "unsubscribe all"),
        Role.EDITOR,
        unsubscribe,
        also=("unsub",),
    ),
    Command(
        "subscriptions",
        "subscriptions [all]",
        N_("Shows the subscriptions of this channel, or of every channel."),
        ("subscriptions", "subscriptions all"),
        Role.VIEWER,
        subscriptions,
        also=("subs",),
    ),
    Command(
        "mute",
        "mute [events] [ID] [2h or until monday]",
        N_(
            "Mutes this channel for a while: everything, some events, or one application. You'll get one "
            "digest when it ends."
        ),
        ("mute 2h", "mute until monday", "mute late tomorrow 9:00", "mute #123 3d"),
        REQUIREMENTS["subscribe"],
        mute,
    ),
    Command(
        "unmute",
        "unmute [events] [ID]",
        N_("Unmutes this channel. Without arguments: everything."),
        ("unmute", "unmute late"),
        REQUIREMENTS["subscribe"],
        unmute,
    ),
    Command(
        "api",
        "api [METHOD] [PATH]",
        N_(
            "Makes any call to the Clust API. GET with a path runs right away. Anything else opens a form. Only "
            "admins can make changes, after confirming them."
        ),
        ("api GET /dossiers", "api", "api PATCH /dossiers/123"),
        REQUIREMENTS["call"],
        call,
        also=("call",),
        registered="/clust-api",
    ),
    Command(
        "why",
        "why ID",
        N_(
            "Shows the history of each event of an application: when it was seen, which channels it was for and "
            "why, and whether it was posted or is on hold."
        ),
        ("why 123",),
        Role.VIEWER,
        why,
    ),
    Command(
        "status",
        "status",
        N_("Shows whether Clust is reachable, how recent the data is, what's waiting, what's wrong and what to do."),
        ("status",),
        Role.VIEWER,
        status,
    ),
    Command(
        "report",
        "report [filter] [weeks:N]",
        N_(
            "Shows a report: applications by status, created and approved by week, how long each step "
            "takes, and the longest overdue. N is the number of weeks, from 1 to 20."
        ),
        ("report", 'report template:"KYC company" weeks:12'),
        Role.VIEWER,
        report,
    ),
    Command(
        "export",
        "export [filter]",
        N_(
            "Sends you a CSV file with the applications that match, in a direct message. Email addresses and phone "
            "numbers are only included for admins and people they allow."
        ),
        ("export", "export late:yes"),
        REQUIREMENTS["export"],
        export,
    ),
    Command(
        "connect",
        "connect [NAME]",
        N_("Opens a form to connect a Clust account. Use an existing name to change that account."),
        ("connect", "connect emea"),
        REQUIREMENTS["connect"],
        connect,
    ),
    Command(
        "disconnect",
        "disconnect NAME",
        N_("Disconnects a Clust account after showing what stops."),
        ("disconnect emea",),
        REQUIREMENTS["connect"],
        disconnect,
    ),
    Command(
        "webhook",
        "webhook [rotate]",
        N_(
            "Shows whether Clust sends me changes right away, by webhook. `rotate` replaces the secret in the "
            "webhook's address. The old one works for 7 more days."
        ),
        ("webhook", "webhook rotate"),
        Role.ADMIN,
        webhook,
    ),
    Command(
        "roles",
        "roles [set @someone ROLE]",
        N_(
            "Shows and changes roles (viewer, editor or admin) of people and groups. `remove` removes a role. `allow "
            "@someone export` and `disallow` are for email addresses and phone numbers in exports."
        ),
        ("roles", "roles set @ana viewer", "roles remove @ana", "roles allow @ana export"),
        Role.ADMIN,
        roles,
    ),
    Command(
        "links",
        "links [on or off]",
        N_("Shows whether pasted links to applications get a card. Admins turn this on or off for the workspace."),
        ("links", "links off"),
        Role.VIEWER,
        links,
    ),
    Command(
        "audit",
        "audit [by:@someone] [application:ID] [action:WORD] [limit:N]",
        N_("Shows who did what, newest first."),
        ("audit", "audit by:@ana", "audit application:123 action:delete"),
        Role.ADMIN,
        audit,
    ),
    Command(
        "help",
        "help [word]",
        N_("Shows all commands. `help filters` and `help events` explain filters and events."),
        ("help", "help list", "help filters", "help events"),
        Role.VIEWER,
        help_,
    ),
)


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """A command as it is registered with Slack (Slack: App manifest reference, slash_commands)."""

    name: str
    description: str
    usage_hint: str


def slash_commands() -> list[SlashCommand]:
    """Return the slash commands to register: `/clust`, and the words that have one of their own."""
    words = " | ".join(command.word for command in COMMANDS)
    return [
        SlashCommand("/clust", _("Look up client applications and subscribe channels"), words),
        *(
            SlashCommand(
                command.registered,
                command.description.partition(". ")[0].rstrip("."),
                command.usage.removeprefix(command.word).strip(),
            )
            for command in COMMANDS
            if command.registered
        ),
    ]


def _by_word() -> Mapping[str, Command]:
    return {word: command for command in COMMANDS for word in (command.word, *command.also)}


def _usable(request: Request) -> Mapping[str, Command]:
    """Return the commands that the person can use, by word. Only those are suggested."""
    return {word: command for word, command in _by_word().items() if request.role >= command.role}


_APPLICATION = re.compile(r"#?[0-9]+|https?://\S+", re.IGNORECASE)


def parse(text: str) -> CommandLine:
    """Parse what stands after `/clust`, decoded (rule X1). An application's ID or link alone shows it."""
    first, _space, rest = text.strip().partition(" ")
    if (long_form := SHORT_FORMS.get(fold(first))) and not rest.lstrip().startswith(":"):  # that is a filter
        text = f"{long_form} {rest}"
    elif not rest and _APPLICATION.fullmatch(straighten(first)):
        text = f"show {first}"
    return CommandLine.parse(text, {word: command.word for word, command in _by_word().items()})


def about_application(text: str, application_id: str) -> str:
    """Return a command with the application's ID behind its word, if it takes one and none is there."""
    first, _space, rest = text.partition(" ")
    command = _by_word().get(fold(first))
    if command is None or not command.takes_application:
        return text
    if _APPLICATION.fullmatch(straighten(rest.strip().partition(" ")[0])):
        return text
    return f"{first} {application_id} {rest}".strip()


def parse_slash_command(name: str, text: str) -> CommandLine:
    """Decode and parse the slash command `name` with `text`, as Slack sends them (rule X1)."""
    registered = {command.registered: command.word for command in COMMANDS if command.registered}
    return parse(f"{registered.get(name, '')} {decode(text)}")


async def addressed(request: Request, line: CommandLine) -> Request:
    """Return the request about the account that `connection:NAME` names. Raises UsageError if there is none.

    Without a role a person learns no names: `run` refuses them.
    """
    if request.role < Role.VIEWER:
        return request
    name = line.value(CONNECTION)
    return request if name is None else await request.about(name)


WORDS = frozenset(command.word for command in COMMANDS)


async def run(request: Request, line: CommandLine) -> Message | None:
    """Run a command. An invalid argument is answered with what is allowed."""
    command = _by_word().get(line.command)
    if command is None:
        await request.needs(Role.VIEWER)
        matching = await search(request, parse(f"list {line.typed_command} {line.text}"))
        if matching is not None:
            return matching
        near = suggest(line.typed_command, _usable(request))
        return unknown_word(line.typed_command, near, f"{near} {line.text}".strip() if near else None, is_searched=True)
    await request.needs(command.role)
    try:
        return await command.handler(request, line)
    except FilterError as error:
        return usage_error(error, error.pointed(line.text))
    except UsageError as error:
        pointed = error.pointed(line.text) if isinstance(error, WordError) else ""
        return usage_error(error, pointed, usage=command.usage, example=command.examples[-1])
