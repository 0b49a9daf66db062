"""What stands below pasted links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.sandbox.slack.messages import PostedMessage
from tests.slack.conftest import RunningBot

ACME, BIRCH = "https://clust.invalid/app/dossiers/1", "https://clust.invalid/app/dossiers/2"


async def with_titles(bot: RunningBot, message: PostedMessage, *chosen: str) -> list[dict[str, Any]]:
    """Wait until a message has cards with these titles, in order, and return them."""

    def there() -> list[dict[str, Any]] | None:
        cards = [dict(card) for card in now(bot, message).attachments]
        return cards if titles(cards) == list(chosen) else None

    return await bot.slack.wait_for(there) or []


async def with_cards(bot: RunningBot, message: PostedMessage) -> Sequence[Mapping[str, Any]]:
    """Wait until a message has cards, whatever they are, and return them."""
    return await bot.slack.wait_for(lambda: now(bot, message).attachments)


async def handled(bot: RunningBot) -> None:
    """Wait until the bot has answered a link that was pasted after all others."""
    await with_titles(bot, await bot.slack.post(BIRCH, channel="general"), "Birch")
    await bot.say("help")


def now(bot: RunningBot, message: PostedMessage) -> PostedMessage:
    """Return the present version of a message."""
    current = bot.slack.state.messages.get(message.channel, message.ts)
    assert current is not None
    return current


def titles(cards: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the titles of cards."""
    return [card["entity"]["entity_payload"]["attributes"]["title"]["text"] for card in cards if "entity" in card]
