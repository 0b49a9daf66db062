"""The command line: `clust-bot …` or `python -m bot …`. `arguments` has all commands with their arguments."""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
from collections.abc import Sequence

from bot.cli.arguments import parser_for
from bot.core.errors import USAGE_EXIT, UsageError


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
    """Run a command. It imports what it needs itself: demo and bot don't need each other, help needs neither."""
    match chosen.command:
        case "demo":
            from bot.cli.demo import run_demo  # noqa: PLC0415  see above

            return run_demo(chosen)
        case "manifest":
            from bot.cli.manifest import print_manifest  # noqa: PLC0415  see above

            return print_manifest(chosen)
        case "doctor":
            from bot.cli.doctor import doctor  # noqa: PLC0415  see above

            return asyncio.run(doctor(chosen))
        case "actions":
            from bot.cli.saved_actions import transfer_actions  # noqa: PLC0415  see above

            return asyncio.run(transfer_actions(chosen))
        case "migrate" | "forget" | "rotate-keys":
            from bot.cli.database import change_database  # noqa: PLC0415  see above

            return asyncio.run(change_database(chosen))
        case _:
            gc.disable()  # until `run_bot` has imported the rest, as there
            from bot.wiring.process import read_settings, run_bot  # noqa: PLC0415  see above

            web, worker = chosen.command in {"run", "web"}, chosen.command in {"run", "worker"}
            try:
                return asyncio.run(run_bot(read_settings(), web=web, worker=worker, fd=vars(chosen).get("fd")))
            finally:
                gc.enable()
