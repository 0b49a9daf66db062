"""`actions`: export and import saved actions."""

from __future__ import annotations

import argparse
import sys

from bot.core.language import _, ngettext
from bot.core.saved_actions.transfer import imported
from bot.wiring.process import read_settings
from bot.wiring.saved_actions import export_actions, import_actions


async def transfer_actions(chosen: argparse.Namespace) -> int:
    """Print an export, or show what an import would add, and add it if that was confirmed."""
    settings = read_settings()
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
