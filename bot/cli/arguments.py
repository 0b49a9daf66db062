"""The arguments of each command, with their help."""

from __future__ import annotations

import argparse
import math
import re

from bot.core.language import _

MAX_PORT = 65_535


def parser_for(program: str) -> argparse.ArgumentParser:
    """Return the parser of the whole command line. `program` is its name in help."""
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
    return parser


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
    """Parse a port. 0 means a free one. Raises ArgumentTypeError, which argparse prints."""
    if not re.fullmatch("[0-9]{1,5}", typed) or int(typed) > MAX_PORT:
        raise argparse.ArgumentTypeError(_("`{text}` isn't a port. Use a number from 0 to 65535.", text=typed[:60]))
    return int(typed)


def _language(typed: str) -> str:
    """Parse a locale, as Slack writes them. Raises ArgumentTypeError, which argparse prints."""
    if not re.fullmatch("[A-Za-z]{2,3}([-_][A-Za-z]{2})?", typed):
        raise argparse.ArgumentTypeError(_("`{text}` isn't a language. Use one such as fr or pt-BR.", text=typed[:60]))
    return typed.replace("_", "-")
