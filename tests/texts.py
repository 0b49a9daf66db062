"""Every text that people read, with the places where it is shown: `make texts`, to be read from top to bottom.

They are taken from the source and the demo's page by Babel, as for the template of a catalogue. ARGS="--template"
prints that template.
ARGS="--update fr" adds to `bot/locales/fr.po` the texts that it lacks, and takes out those that are gone.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from bot.demo.page.words import METHODS, SCRIPT_OPTIONS

BOT = Path(__file__).parents[1] / "bot"
LOCALES = BOT / "locales"
FUNCTIONS = {"_": None, "N_": None, "ngettext": (1, 2)}
"""The functions that mark a text, and which of their arguments are its forms."""


@cache
def template() -> Catalog:
    """Return the catalogue of all texts, without translations, to be read only."""
    catalogue = Catalog(charset="utf-8")
    methods = [("**.py", "python"), *((f"**.{ending}", method) for ending, method in METHODS.items())]
    options = dict.fromkeys((pattern for pattern, _method in methods), SCRIPT_OPTIONS)
    extracted = extract_from_dir(BOT, methods, options, keywords=FUNCTIONS)
    for file, line, message, _comments, _context in extracted:
        catalogue.add(message, locations=[(f"bot/{file}", line)])
    return catalogue


def update(path: Path) -> None:
    """Write a catalogue with all texts: new ones without a translation, the others with theirs.

    A text that was changed is a new one: its old translation isn't guessed to fit. Lines aren't numbered, so that a
    catalogue changes only where texts do.
    """
    code = path.stem
    if path.exists():
        catalogue = read_po(BytesIO(path.read_bytes()), locale=code, abort_invalid=True)
    else:
        catalogue = Catalog(locale=code, charset="utf-8", project="Clust for Slack", header_comment="", fuzzy=False)
    catalogue.update(template(), no_fuzzy_matching=True, update_creation_date=False)
    po = BytesIO()
    write_po(po, catalogue, width=120, sort_by_file=True, ignore_obsolete=True, include_lineno=False)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(po.getvalue())


def printed(catalogue: Catalog) -> list[str]:
    """Return each text on its lines, below the places where it is shown, and at the end how many there are."""
    lines = []
    messages = [message for message in catalogue if message.id]
    for message in messages:
        lines.append(", ".join(f"{file}:{line}" for file, line in message.locations))
        forms = message.id if isinstance(message.id, list | tuple) else [message.id]
        lines += [f"    {line}" for form in forms for line in form.splitlines()]
    return [*lines, f"{len(messages):,} texts"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the texts, or the template."""
    parser = argparse.ArgumentParser(prog="make texts")
    parser.add_argument("--template", action="store_true", help="print the template of a catalogue (gettext)")
    parser.add_argument("--update", metavar="CODE", help="begin or complete the catalogue of a language, such as fr")
    chosen = parser.parse_args(arguments)
    if chosen.update:
        update(LOCALES / f"{chosen.update}.po")
        return
    if not chosen.template:
        print("\n".join(printed(template())))
        return
    po = BytesIO()
    write_po(po, template(), width=120, omit_header=False)
    sys.stdout.write(po.getvalue().decode())


if __name__ == "__main__":
    main()
