"""`migrate`, `forget` and `rotate-keys`: what is done to the database once."""

from __future__ import annotations

import argparse

from bot.core.applications.links import clust_id
from bot.core.errors import UsageError
from bot.core.language import _
from bot.settings import Settings
from bot.wiring import composition
from bot.wiring.process import read_settings


async def change_database(chosen: argparse.Namespace) -> int:
    """Do what the command says. Returns the exit code. Raises UsageError for an invalid ID or setting."""
    settings = read_settings()
    if chosen.command == "forget":
        return await _forget(settings, chosen.application)
    return await (_migrate if chosen.command == "migrate" else _rotate_keys)(settings)


async def _migrate(settings: Settings) -> int:
    done = await composition.migrate_only(settings)
    print(_("Upgraded the database.") if done else _("The database is up to date."))
    return 0


async def _forget(settings: Settings, application_id: str) -> int:
    number = clust_id(application_id)
    if number is None:
        raise UsageError(
            _("`{text}` isn't an application. Enter a number such as 123, or a Clust link.", text=application_id[:60])
        )
    done = await composition.forget(settings, number)
    print(
        _("Erased the data of application {number}.", number=number)
        if done
        else _("Nothing is stored about application {number}.", number=number)
    )
    return 0


async def _rotate_keys(settings: Settings) -> int:
    """Print how many secrets were re-encrypted. Returns 1 if no key decrypts some of them."""
    rotated = await composition.rotate_keys(settings)
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
