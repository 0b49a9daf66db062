"""What the doctor reports of a description as a whole."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from bot.doctor import Level
from bot.doctor.openapi.comparison import Believed
from bot.doctor.openapi.report import ACTIONS_FILE, FRAGMENT_FILE, examine_description, report
from tests.doctor.openapi.examples import AS_BELIEVED, api, operation

BELIEVED = Believed("https://app.clustdoc.com/api")


def test_all_is_well() -> None:
    """Where nothing differs and nothing is offered, there is no file."""
    whole = report(api(*AS_BELIEVED), BELIEVED, {})
    assert [(each.level, each.text) for each in whole.findings] == [
        (Level.OK, "Read “Clust”, with 7 operations."),
        (Level.OK, "It agrees with what the bot does."),
    ]
    assert whole.files == {}


def test_what_was_not_read_is_named() -> None:
    """Other files are named and never fetched. Circles are named, and that something is too large."""
    description = replace(api(*AS_BELIEVED), external=("a.yaml", "http://x/y"), circular=("#/x/A",), is_partial=True)
    texts = [each.text for each in report(description, BELIEVED, {}).findings if each.level is Level.WARNING]
    assert texts == [
        "It refers to other files, which I don't read: a.yaml and http://x/y.",
        "It's so large that I didn't read all of it.",
        "Circular references: #/x/A.",
    ]


def test_files_that_follow() -> None:
    """Differences make a fragment, and calls make a file of actions."""
    whole = report(api(*AS_BELIEVED[:4], operation("POST /dossiers/{id}/close")), BELIEVED, {})
    assert set(whole.files) == {FRAGMENT_FILE, ACTIONS_FILE}
    assert whole.findings[-1].text == "It offers calls that you can import as actions: Close."


async def test_from_a_file(tmp_path: Path) -> None:
    """A description is loaded, parsed and compared."""
    path = tmp_path / "clust.json"
    path.write_text(json.dumps({"openapi": "3.0.0", "paths": {"/dossiers": {"get": {"summary": "x"}}}}))
    whole = await examine_description(str(path), BELIEVED, {})
    assert whole.findings[0].text == "Read “Untitled”, with 1 operation."
    assert FRAGMENT_FILE in whole.files
