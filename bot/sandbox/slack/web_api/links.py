"""`chat.unfurl` and `entity.presentDetails`: cards below pasted links, and the pane beside one.

Each raises WebApiRefusal where Slack answers `ok: false`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import unescape
from typing import Any

from bot.sandbox.slack.block_kit.elements import with_ids
from bot.sandbox.slack.block_kit.validation import validate_message
from bot.sandbox.slack.messages import PostedMessage
from bot.sandbox.slack.state import SlackState
from bot.sandbox.slack.web_api_call import Answer, Arguments, WebApiRefusal, refuse_faults
from bot.sandbox.slack.work_objects.entities import Checked, entities_of, on_card
from bot.sandbox.slack.work_objects.panes import ERRORS, Composer
from bot.sandbox.slack.workspace import BOT_USER_ID


def unfurl(state: SlackState, arguments: Arguments) -> Answer:
    """`chat.unfurl`: the card of each link, in a message of a person or in one that isn't sent yet."""
    place = _composer(state, arguments) if "unfurl_id" in arguments else _message(state, arguments)
    metadata, unfurls = arguments.json("metadata", "invalid_metadata_format"), arguments.json("unfurls")
    if metadata is None and not isinstance(unfurls, Mapping):
        raise WebApiRefusal("missing_unfurls")
    warnings: list[str] = []
    if metadata is not None:
        if state.refused_entities:
            raise WebApiRefusal(state.refused_entities)
        entities, warnings = entities_of(metadata)
        cards = [{"app_unfurl_url": each["app_unfurl_url"], "entity": on_card(each)} for each in entities]
    else:
        cards = [_blocks(url, sent) for url, sent in unfurls.items()]
    if any(card["app_unfurl_url"] not in unescape(place.text) for card in cards):
        raise WebApiRefusal("cannot_unfurl_url")
    _show(state, place, merged(place.attachments, cards))
    return _answer(warnings)


def present_details(state: SlackState, arguments: Arguments) -> Answer:
    """`entity.presentDetails`: what one person sees in a pane. It redraws the card too."""
    trigger_id = arguments.needed("trigger_id", "invalid_trigger_id")
    state.views.use_trigger(trigger_id)
    pane = state.panes.get(trigger_id)
    if pane is None:
        raise WebApiRefusal("invalid_trigger_id")
    error, metadata = arguments.json("error"), arguments.json("metadata", "invalid_metadata")
    if error is not None:
        if not isinstance(error, Mapping) or error.get("status") not in ERRORS:
            raise WebApiRefusal("invalid_arguments")
        pane.error, pane.trouble = error, str(error.get("custom_message", ""))
        state.changes.publish("pane", pane)
        return _answer([])
    checked = Checked()
    entity = checked.entity(metadata, in_pane=True)
    is_same = entity["url"] == pane.entity_url and pane.external_ref in (None, entity["external_ref"])
    if not is_same:
        raise WebApiRefusal("entity_metadata_does_not_match_trigger")
    pane.entity, pane.error, pane.errors, pane.trouble = entity, None, {}, ""
    message = state.messages.get(pane.channel, pane.message_ts)
    if message and any(card["app_unfurl_url"] == pane.app_unfurl_url for card in message.attachments):
        card = {"app_unfurl_url": pane.app_unfurl_url, "entity": on_card(entity)}
        _show(state, message, merged(message.attachments, [card]))
    state.changes.publish("pane", pane)
    return _answer(checked.warnings)


def merged(present: Iterable[Mapping[str, Any]], cards: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the cards of a message with the new ones in place of those of the same links."""
    by_url = {card["app_unfurl_url"]: card for card in (*present, *cards)}
    return [{**card, "id": number, "is_app_unfurl": True} for number, card in enumerate(by_url.values(), 1)]


def _blocks(url: str, sent: Any) -> dict[str, Any]:
    blocks = sent.get("blocks") if isinstance(sent, Mapping) else None
    if not isinstance(blocks, list) or any(block.get("type") == "rich_text" for block in blocks):
        raise WebApiRefusal("cannot_parse_attachment")
    refuse_faults(validate_message({"text": url, "blocks": blocks}))
    return {"app_unfurl_url": url, "blocks": with_ids(blocks)}


def _show(state: SlackState, place: PostedMessage | Composer, attachments: Sequence[Mapping[str, Any]]) -> None:
    if isinstance(place, Composer):
        place.attachments = attachments
        state.changes.publish("composer", place)
    else:
        state.messages.change(place, attachments=attachments)


def _composer(state: SlackState, arguments: Arguments) -> Composer:
    composer = state.composers.get(arguments.text("unfurl_id"))
    if "channel" in arguments or arguments.text("source") != "composer":
        raise WebApiRefusal("invalid_arguments")
    if composer is None:
        raise WebApiRefusal("invalid_unfurl_id")
    return composer


def _message(state: SlackState, arguments: Arguments) -> PostedMessage:
    channel = arguments.needed("channel", "missing_channel")
    if channel not in state.workspace.channels:
        raise WebApiRefusal("cannot_find_channel")
    message = state.messages.get(channel, arguments.needed("ts", "missing_ts"))
    if message is None or message.user == BOT_USER_ID:
        raise WebApiRefusal("cannot_find_message")
    return message


def _answer(warnings: Sequence[str]) -> Answer:
    return {"response_metadata": {"messages": list(warnings)}} if warnings else {}
