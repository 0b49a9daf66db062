"""`manifest`: print the Slack app's manifest, write it, or compare it with the installed app."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from bot import manifest
from bot.core.language import _, speaking
from bot.settings import ManifestSettings
from bot.slack.web_api.features import features_with, with_domains
from bot.wiring.process import read_settings
from bot.wiring.translation_catalogues import read_languages


def print_manifest(chosen: argparse.Namespace) -> int:
    """Print the manifest, or what another option asks for, in the language asked for. Returns the exit code."""
    with speaking(read_languages().of(chosen.language)):
        if chosen.write:
            features = features_with(chosen.added, chosen.without)
        else:
            settings = ManifestSettings.read()
            features = with_domains(
                features_with(chosen.added, chosen.without, settings.features), settings.clust_link_domains
            )
        if chosen.diff:
            from bot.wiring.diagnosing import manifest_diff  # noqa: PLC0415  it takes as long as all the rest

            for line in asyncio.run(manifest_diff(read_settings(), features)):
                print(line)
        elif chosen.write:
            Path(manifest.FILE_NAME).write_text(manifest.source(features), encoding="utf-8")
            print(_("Wrote {file}.", file=manifest.FILE_NAME))
        else:
            print(manifest.manifest(chosen.url, by_socket=chosen.socket, features=features), end="")
    return 0
