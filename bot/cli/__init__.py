"""The command line: `clust-bot run|web|worker|migrate|rotate-keys|forget|actions|doctor|manifest|demo`.

Or `python -m bot …`. `arguments` has the arguments of each command; the other modules are the commands.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from bot.cli.arguments import parser_for
from bot.core.errors import UsageError
from bot.wiring.process import USAGE_EXIT, read_settings, run_bot


def main(arguments: Sequence[str] | None = None, program: str = "clust-bot") -> int:
    """Run one command from `arguments`, by default those of the process. `program` is its name in help.

    Returns the exit code: 0, or 2 for an invalid setting or argument.
    """
    chosen = parser_for(program).parse_args(arguments)
    try:
        return _run(chosen)
    except UsageError as error:
        print(error.sentence, file=sys.stderr)
        return USAGE_EXIT


def _run(chosen: argparse.Namespace) -> int:
    """Run a command. It imports what it needs itself, since demo and bot don't need each other and take a while."""
    match chosen.command:
        case "demo":
            from bot.cli.demo import run_demo  # noqa: PLC0415  see above

            return run_demo(chosen)
        case "manifest":
            from bot.cli.manifest import print_manifest  # noqa: PLC0415  see above

            return print_manifest(chosen)
        case "doctor":
            from bot.cli.doctor import doctor  # noqa: PLC0415  see above

            return asyncio.run(doctor(read_settings(), chosen))
        case "actions":
            from bot.cli.saved_actions import transfer_actions  # noqa: PLC0415  see above

            return asyncio.run(transfer_actions(read_settings(), chosen))
        case "migrate" | "forget" | "rotate-keys":
            from bot.cli.database import change_database  # noqa: PLC0415  see above

            return asyncio.run(change_database(read_settings(), chosen))
        case _:
            web, worker = chosen.command in {"run", "web"}, chosen.command in {"run", "worker"}
            return asyncio.run(run_bot(read_settings(), web=web, worker=worker, fd=vars(chosen).get("fd")))
