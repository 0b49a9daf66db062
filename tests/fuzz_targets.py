"""Coverage-guided fuzzing of what reads text of others, by atheris, where it is installed (`make fuzz`).

It looks for inputs that take new branches, of the parsers alone: of the whole bot it would see too little at a time.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["bot"]):
    from bot.clust import protocol
    from bot.core.applications.links import clust_id
    from bot.core.errors import ClustError, UsageError
    from bot.core.filters import language
    from bot.core.forms import console_request
    from bot.slack.entry import commands, payloads
    from bot.slack.request.command_decoding import decode
    from bot.slack.views.building import mrkdwn
    from tests.core.saved_actions import safety


def answers(data: bytes) -> None:
    """An answer of Clust's is read, or is a ClustError."""
    for decipher in (protocol.decipher, protocol.decipher_application, protocol.decipher_page):
        for status in (200, 422):
            try:
                decipher(status, {"content-type": "application/json"}, data)
            except ClustError:
                pass
    console_request.pretty(data, "application/json")


def words(data: bytes) -> None:
    """What a person types is read, or is a UsageError, and a filter means the same when it is read again."""
    text = decode(data.decode(errors="surrogateescape"))
    commands.parse(text)
    clust_id(text)
    try:
        parsed = language.parse(text)
        if language.parse(parsed.normalized()) != parsed:
            raise AssertionError(text)
    except UsageError:
        pass
    try:
        console_request.judge("POST", text, text, text, text)
    except UsageError:
        pass
    if "<" in mrkdwn.escape(text, 300):
        raise AssertionError(text)


def actions(data: bytes) -> None:
    """A saved action and what is filled in: a request below the API's base with allowed headers, or a UsageError."""
    texts = data.decode(errors="replace").split("\x1f")
    safety.check([*texts, *[""] * 8][:8])


def requests(data: bytes) -> None:
    """A body is a payload of Slack's, nothing for this bot, or malformed."""
    try:
        payloads.read(data.decode(errors="replace"))
    except payloads.Malformed:
        pass


TARGETS = {target.__name__: target for target in (answers, words, actions, requests)}


def main() -> None:
    """Fuzz the target that is named first. The rest is libFuzzer's."""
    name, *options = sys.argv[1:]
    atheris.Setup([name, *options], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
