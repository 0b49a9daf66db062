"""The command line: `clust-bot run|web|worker|migrate|rotate-keys|forget|actions|doctor|manifest|demo`.

Or `python -m bot …`.
Demo and bot don't need each other and take time to import, so each command imports its own modules.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import re
import sys
import threading
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.core.applications.model import clust_id
from bot.core.errors import ClustError, UsageError
from bot.core.language import _, ngettext, speaking
from bot.core.typed_text import fold
from bot.settings import ManifestSettings, Settings
from bot.wiring.process import USAGE_EXIT, read_settings, run_bot, until_stopped

if TYPE_CHECKING:
    from bot.core.profiles.profile import Profile

MAX_PORT = 65_535


def main(arguments: Sequence[str] | None = None, program: str = "clust-bot") -> int:
    """Run one command from `arguments`, by default those of the process. `program` is its name in help.

    Returns the exit code: 0, or 2 for an invalid setting or argument.
    """
    parser = argparse.ArgumentParser(prog=program, description=_("Clust for Slack"))
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    running = commands.add_parser("run", help=_("run web and worker in one process"))
    taking = commands.add_parser("web", help=_("receive requests from Slack"))
    for listens in (running, taking):
        listens.add_argument(
            "--fd", type=int, help=_("an open, listening socket to use instead of LISTEN_HOST and PORT")
        )
    commands.add_parser("worker", help=_("poll Clust and post notifications"))
    commands.add_parser("migrate", help=_("upgrade the database"))
    commands.add_parser("rotate-keys", help=_("re-encrypt stored secrets with the first key in SECRET_KEY"))
    examining = commands.add_parser(
        "doctor",
        help=_(
            "report problems and how to fix them, without changing anything. The exit code is 0 if there are none, 1 "
            "with warnings and 2 with faults"
        ),
    )
    examining.add_argument("--workspace", metavar="T…", help=_("check only this workspace"))
    examining.add_argument(
        "--live",
        metavar="CHANNEL",
        help=_("post sample messages, one of each kind, to a small private channel, then remove them"),
    )
    examining.add_argument(
        "--record", metavar="FILE", help=_("record the format of Clust's responses in a file, without personal data")
    )
    examining.add_argument("--account", metavar="NAME", help=_("the Clust account for --record, if there are several"))
    examining.add_argument(
        "--openapi",
        metavar="URL or FILE",
        nargs="?",
        const="",
        help=_(
            "compare Clust's OpenAPI description with what the bot expects. Without a URL or file, uses the one that "
            "Clust publishes"
        ),
    )
    examining.add_argument(
        "--write", action="store_true", help=_("with --openapi: write the suggested settings and actions to files")
    )
    printing = commands.add_parser("manifest", help=_("print the Slack app's manifest for your setup"))
    printing.add_argument("--url", help=_("the https address where Slack reaches the bot"))
    printing.add_argument("--socket", action="store_true", help=_("use Socket Mode"))
    printing.add_argument(
        "--language",
        type=_language,
        default="en-US",
        help=_("the language of what Slack itself shows (command hints, shortcuts and workflow steps), such as fr"),
    )
    printing.add_argument(
        "--write", action="store_true", help=_("write manifest.yml to this folder, for HTTP and Socket Mode")
    )
    printing.add_argument(
        "--with",
        dest="added",
        metavar="NAME",
        action="append",
        default=[],
        help=_("add an optional feature, as SLACK_FEATURES_ON does"),
    )
    printing.add_argument(
        "--without",
        metavar="NAME",
        action="append",
        default=[],
        help=_(
            "leave an optional feature out. Add it to SLACK_FEATURES_OFF too, "
            "so that the install link doesn't ask for it"
        ),
    )
    printing.add_argument("--diff", action="store_true", help=_("print what to add to the installed app by hand"))
    erasing = commands.add_parser("forget", help=_("erase the stored data of an application"))
    erasing.add_argument("application", metavar="ID", help=_("its number in Clust"))
    carrying = commands.add_parser("actions", help=_("export and import saved actions"))
    carrying.add_argument(
        "what", choices=("export", "import"), help=_("print them as JSON, or read JSON from standard input")
    )
    carrying.add_argument("--workspace", metavar="T…", required=True, help=_("the workspace"))
    carrying.add_argument("--account", metavar="NAME", required=True, help=_("the Clust account"))
    carrying.add_argument("--yes", action="store_true", help=_("import the actions. Without it, they're only shown"))
    demonstration = commands.add_parser("demo", help=_("run the bot with a stand-in Clust and a stand-in Slack"))
    _add_demo_options(demonstration)
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "demo":
            from bot.demo.run import Options, demo  # noqa: PLC0415  see above

            profile = _profile(Path(chosen.profile)) if chosen.profile is not None else None
            how = (chosen.seconds, chosen.open, chosen.socket, chosen.host, chosen.port)
            options = Options(*how, profile, chosen.language)
            return asyncio.run(until_stopped(lambda stop: demo(stop, options)))
        if chosen.command == "manifest":
            from bot.wiring.translation_catalogues import read_languages  # noqa: PLC0415  see above

            with speaking(read_languages().of(chosen.language)):
                return _manifest(chosen)
        settings = read_settings()
        once: dict[str, Callable[[Settings], Coroutine[None, None, int]]] = {
            **_ONCE,
            "forget": partial(_forget, application_id=vars(chosen).get("application", "")),
            "actions": partial(_actions, chosen=chosen),
            "doctor": partial(_doctor, chosen=chosen),
        }
        if chosen.command in once:
            return asyncio.run(once[chosen.command](settings))
        web, worker = chosen.command in {"run", "web"}, chosen.command in {"run", "worker"}
        return asyncio.run(run_bot(settings, web=web, worker=worker, fd=vars(chosen).get("fd")))
    except UsageError as error:
        print(error.sentence, file=sys.stderr)
        return USAGE_EXIT


def _add_demo_options(demonstration: argparse.ArgumentParser) -> None:
    demonstration.add_argument("--open", action="store_true", help=_("open the page in a browser"))
    demonstration.add_argument("--socket", action="store_true", help=_("connect to the bot through Socket Mode"))
    demonstration.add_argument("--seconds", type=_seconds, help=_("stop after this many seconds"))
    demonstration.add_argument("--port", type=_port, default=0, help=_("the port to serve the page on"))
    demonstration.add_argument(
        "--host", help=_("the address to serve the page on. Without it, only this machine can open the page")
    )
    demonstration.add_argument(
        "--language",
        type=_language,
        default="en-US",
        help=_("the language of Mei's Slack, such as fr. Everyone else in the demo uses English"),
    )
    demonstration.add_argument(
        "--profile",
        metavar="FILE",
        help=_("make the stand-in Clust answer as recorded by `doctor --record`"),
    )


def _seconds(typed: str) -> float:
    """Parse how long the demo runs. Raises ArgumentTypeError, which argparse prints."""
    try:
        seconds = float(typed)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise argparse.ArgumentTypeError(
            _("`{text}` isn't a number of seconds. Use a number such as 60.", text=typed[:60])
        )
    return seconds


def _port(typed: str) -> int:
    """Parse a port; 0 takes a free one. Raises ArgumentTypeError, which argparse prints."""
    if not re.fullmatch("[0-9]{1,5}", typed) or int(typed) > MAX_PORT:
        raise argparse.ArgumentTypeError(_("`{text}` isn't a port. Use a number from 0 to 65535.", text=typed[:60]))
    return int(typed)


def _language(typed: str) -> str:
    """Parse a locale, as Slack writes them. Raises ArgumentTypeError, which argparse prints."""
    if not re.fullmatch("[A-Za-z]{2,3}([-_][A-Za-z]{2})?", typed):
        raise argparse.ArgumentTypeError(_("`{text}` isn't a language. Use one such as fr or pt-BR.", text=typed[:60]))
    return typed.replace("_", "-")


def _profile(path: Path) -> Profile:
    """Read a profile from a file. Raises UsageError that names the file and the first mistake."""
    from bot.core.profiles.profile import MAX_PROFILE_CHARACTERS, read_profile  # noqa: PLC0415  see above

    try:
        with path.open(encoding="utf-8") as file:
            return read_profile(file.read(MAX_PROFILE_CHARACTERS + 1))
    except OSError as error:
        raise UsageError(_("I can't read {path}: {why}.", path=path, why=error.strerror)) from error
    except UnicodeDecodeError as error:
        raise UsageError(_("{path} isn't a UTF-8 text file.", path=path)) from error


def _manifest(chosen: argparse.Namespace) -> int:
    from bot import manifest  # noqa: PLC0415  see above
    from bot.slack.web_api.features import features_with, with_domains  # noqa: PLC0415  see above
    from bot.wiring.diagnosing import manifest_diff  # noqa: PLC0415  see above

    if chosen.write:
        features = features_with(chosen.added, chosen.without)
    else:
        settings = ManifestSettings.read()
        features = with_domains(
            features_with(chosen.added, chosen.without, settings.features), settings.clust_link_domains
        )
    if chosen.diff:
        for line in asyncio.run(manifest_diff(read_settings(), features)):
            print(line)
    elif chosen.write:
        Path(manifest.FILE_NAME).write_text(manifest.source(features), encoding="utf-8")
        print(_("Wrote {file}.", file=manifest.FILE_NAME))
    else:
        print(manifest.manifest(chosen.url, by_socket=chosen.socket, features=features), end="")
    return 0


async def _migrate(settings: Settings) -> int:
    from bot.wiring.composition import migrate_only  # noqa: PLC0415  see above

    done = await migrate_only(settings)
    print(_("Upgraded the database.") if done else _("The database is up to date."))
    return 0


async def _doctor(settings: Settings, chosen: argparse.Namespace) -> int:
    from bot.doctor import as_lines, exit_code, summary  # noqa: PLC0415  see above
    from bot.wiring.diagnosing import diagnose  # noqa: PLC0415  see above

    if chosen.live is not None:
        return await _live(settings, chosen)
    if chosen.record is not None:
        return await _record(settings, chosen)
    if chosen.openapi is not None:
        return await _openapi(settings, chosen)
    if chosen.write:
        raise UsageError(_("--write needs --openapi."))
    findings = []
    async for finding in diagnose(settings, chosen.workspace):
        findings.append(finding)
        print("\n".join(as_lines(finding)), flush=True)
    print(summary(findings))
    return exit_code(findings)


async def _live(settings: Settings, chosen: argparse.Namespace) -> int:
    """Post a message of each kind, wait for Enter or a signal, and remove them."""
    from bot.wiring.diagnosing import show_samples  # noqa: PLC0415  see above

    wrong = 0

    async def work(stop: asyncio.Event) -> None:
        nonlocal wrong
        wrong = await show_samples(settings, chosen.workspace, chosen.live, partial(_looked, stop), stop)

    await until_stopped(work)
    return 1 if wrong else 0


async def _looked(stop: asyncio.Event) -> None:
    """Wait until Enter is pressed, or `stop` is set."""
    loop = asyncio.get_running_loop()

    def read() -> None:
        sys.stdin.readline()
        with suppress(RuntimeError):  # the process is ending
            loop.call_soon_threadsafe(stop.set)

    print(_("Press Enter to remove these messages."), flush=True)
    threading.Thread(target=read, daemon=True).start()
    await stop.wait()


async def _record(settings: Settings, chosen: argparse.Namespace) -> int:
    """Read an account, show its profile, and write it to a new file once that was confirmed."""
    from bot.wiring.diagnosing import record  # noqa: PLC0415  see above

    await asyncio.to_thread(_must_be_new, path := Path(chosen.record))
    try:
        profile = (await record(settings, chosen.workspace, chosen.account)).as_text()
    except ClustError as error:
        raise UsageError(error.sentence) from error
    print(profile)
    print(
        _("This is everything that would be written. It shouldn't contain personal data. Check it before you share it.")
    )
    print(_("Write it to {path}? Type yes:", path=path), flush=True)
    if fold(sys.stdin.readline()).strip() not in {"y", fold(_("yes"))}:
        print(_("Nothing was written."))
        return 0
    await asyncio.to_thread(_write_new, path, profile)
    print(_("Wrote {file}.", file=path))
    return 0


async def _openapi(settings: Settings, chosen: argparse.Namespace) -> int:
    """Print what differs from Clust's description, and write what follows to new files if that was asked for."""
    from bot.doctor import as_lines, exit_code, summary  # noqa: PLC0415  see above
    from bot.doctor.openapi.loading import PUBLISHED_AT  # noqa: PLC0415  see above
    from bot.doctor.openapi.report import ACTIONS_FILE, FRAGMENT_FILE  # noqa: PLC0415  see above
    from bot.wiring.diagnosing import compare_description  # noqa: PLC0415  see above

    for name in (FRAGMENT_FILE, ACTIONS_FILE) if chosen.write else ():
        await asyncio.to_thread(_must_be_new, Path(name))
    report = await compare_description(settings, chosen.openapi or PUBLISHED_AT)
    for finding in report.findings:
        print("\n".join(as_lines(finding)))
    print(summary(report.findings))
    for name, text in report.files.items() if chosen.write else ():
        await asyncio.to_thread(_write_new, Path(name), text)
        print(_("Wrote {file}.", file=name))
    return exit_code(report.findings)


def _must_be_new(path: Path) -> None:
    """Raise UsageError if a file can't be made there, before anything is read."""
    if path.exists() or not path.parent.is_dir():
        raise UsageError(_("{path} must be a new file in an existing folder. Choose another name.", path=path))


def _write_new(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(_("I can't write {path}: {why}.", path=path, why=error.strerror)) from error


async def _forget(settings: Settings, application_id: str) -> int:
    from bot.wiring.composition import forget  # noqa: PLC0415  see above

    number = clust_id(application_id)
    if number is None:
        raise UsageError(
            _("`{text}` isn't an application. Enter a number such as 123, or a Clust link.", text=application_id[:60])
        )
    done = await forget(settings, number)
    print(
        _("Erased the data of application {number}.", number=number)
        if done
        else _("Nothing is stored about application {number}.", number=number)
    )
    return 0


async def _actions(settings: Settings, chosen: argparse.Namespace) -> int:
    """Print an export, or show what an import would add, and add it if that was confirmed."""
    from bot.core.saved_actions.transfer import imported  # noqa: PLC0415  see above
    from bot.wiring.saved_actions import export_actions, import_actions  # noqa: PLC0415  see above

    if chosen.what == "export":
        print(await export_actions(settings, chosen.workspace, chosen.account), end="")
        return 0
    actions = imported(sys.stdin.read())
    for action in actions:
        print(f"{action.name}: {action.request.as_text()}")
    if not chosen.yes:
        print(_("Nothing was imported. Check each call, then run this again with --yes."))
        return 0
    await import_actions(settings, chosen.workspace, chosen.account, actions)
    print(
        ngettext(
            "Imported {count} action. An admin has to try it in Slack before others can use it.",
            "Imported {count:,} actions. An admin has to try each in Slack before others can use it.",
            len(actions),
        )
    )
    return 0


async def _rotate_keys(settings: Settings) -> int:
    """Print how many secrets were re-encrypted. Returns 1 if no key decrypts some of them."""
    from bot.wiring.composition import rotate_keys  # noqa: PLC0415  see above

    rotated = await rotate_keys(settings)
    for name, number in rotated.reencrypted.items():
        lost = rotated.lost[name]
        print(
            _(
                "{name}: {count:,} re-encrypted, {lost:,} can't be decrypted with any key",
                name=name,
                count=number,
                lost=lost,
            )
            if lost
            else _("{name}: {count:,} re-encrypted", name=name, count=number)
        )
    return 1 if any(rotated.lost.values()) else 0


_ONCE = {"migrate": _migrate, "rotate-keys": _rotate_keys}
"""Commands that run once and end."""
