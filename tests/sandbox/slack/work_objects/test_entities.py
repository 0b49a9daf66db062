"""The stand-in takes the entities that Slack documents, and no others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

import pytest

from bot.sandbox.slack.web_api_call import WebApiRefusal
from bot.sandbox.slack.work_objects.entities import SCHEMA, Checked, entities_of, on_card

PAYLOAD: Mapping[str, Any] = {
    "attributes": {"title": {"text": "Acme", "edit": {"enabled": True}}, "display_id": "#1"},
    "fields": {"status": {"value": "Open", "tag_color": "blue"}},
    "custom_fields": [
        {"key": "progress", "label": "Progress", "type": "string", "value": "3 of 4"},
        {"key": "late", "label": "Late since", "type": "slack#/types/timestamp", "value": 1},
        {"key": "who", "label": "Who", "type": "slack#/types/user", "user": {"user_id": "U1"}},
        {"key": "many", "label": "Many", "type": "array", "item_type": "string", "value": [{"value": "A"}]},
    ],
    "display_order": ["status", "progress"],
    "actions": {"primary_actions": [{"text": "Details", "action_id": "a", "value": "1"}]},
}
ENTITY: Mapping[str, Any] = {
    "app_unfurl_url": "https://clust.invalid/1?x",
    "url": "https://clust.invalid/1",
    "external_ref": {"id": "1:1"},
    "entity_type": "slack#/entities/task",
    "entity_payload": PAYLOAD,
}
OPTION = {"text": {"type": "plain_text", "text": "KYC"}, "value": "1"}


def changed(change: Callable[[Any], object]) -> Any:
    """Return a copy of the entity, changed."""
    entity = deepcopy(dict(ENTITY))
    change(entity)
    return entity


def test_a_documented_entity_is_accepted() -> None:
    """As it was sent, without a warning. A card shows nothing to edit."""
    (entity,), warnings = entities_of({"entities": [ENTITY]})
    assert warnings == []
    assert entity["entity_payload"]["custom_fields"] == PAYLOAD["custom_fields"]
    assert on_card(entity)["entity_payload"]["attributes"]["title"] == {"text": "Acme"}
    pane = changed(lambda one: one.pop("app_unfurl_url"))
    assert Checked().entity(pane, in_pane=True)["url"] == ENTITY["url"]


@pytest.mark.parametrize(
    "change",
    [
        lambda one: one.pop("app_unfurl_url"),
        lambda one: one.pop("url"),
        lambda one: one.update(external_ref={"id": "1 1"}),
        lambda one: one.update(external_ref="1"),
        lambda one: one.update(entity_type="slack#/entities/application"),
        lambda one: one["entity_payload"].pop("fields"),
        lambda one: one["entity_payload"].update(custom_fields={}),
        lambda one: one["entity_payload"]["attributes"].update(title={"text": ""}),
        lambda one: one["entity_payload"]["attributes"]["title"].update(edit={"enabled": 1}),
        lambda one: one["entity_payload"]["attributes"]["title"].update(edit={"enabled": True, "hint": "plain"}),
        lambda one: one["entity_payload"]["attributes"]["title"].update(
            edit={"enabled": True, "select": {"static_options": [{**OPTION, "value": ""}]}}
        ),
        lambda one: one["entity_payload"]["fields"]["status"].update(tag_color="pink"),
        lambda one: one["entity_payload"]["fields"]["status"].update(value=1),
        lambda one: one["entity_payload"]["custom_fields"][0].pop("label"),
        lambda one: one["entity_payload"]["custom_fields"][0].update(type="text"),
        lambda one: one["entity_payload"]["custom_fields"][1].update(value="yesterday"),
        lambda one: one["entity_payload"]["custom_fields"][2].update(user={"user_id": "U1", "text": "Ana"}),
        lambda one: one["entity_payload"]["actions"].update(primary_actions=[{"text": "A", "action_id": "a"}] * 3),
        lambda one: one["entity_payload"]["actions"].update(overflow_actions=[{"text": "A", "action_id": "a"}] * 6),
        lambda one: one["entity_payload"]["actions"].update(primary_actions=[{"text": "A" * 76, "action_id": "a"}]),
        lambda one: one["entity_payload"]["actions"].update(primary_actions=[{"action_id": "a"}]),
    ],
)
def test_a_wrong_shape_is_refused(change: Callable[[Any], object]) -> None:
    """The refusal names where it is wrong."""
    with pytest.raises(WebApiRefusal) as refused:
        entities_of({"entities": [changed(change)]})
    assert refused.value.code == SCHEMA
    assert refused.value.faults


@pytest.mark.parametrize(
    "change",
    [
        lambda one: one.update(color="red"),
        lambda one: one["entity_payload"].update(blocks=[]),
        lambda one: one["entity_payload"]["fields"].update(creator={"value": "Ana"}),
        lambda one: one["entity_payload"]["custom_fields"][0].update(hint="x"),
        lambda one: one["entity_payload"].update(display_order=["status", "priority"]),
    ],
)
def test_what_slack_does_not_know_is_left_out_with_a_warning(change: Callable[[Any], object]) -> None:
    """So a bot that looks at the warnings learns that no one reads it."""
    (entity,), warnings = entities_of({"entities": [changed(change)]})
    assert len(warnings) == 1
    assert entity["entity_payload"]["fields"] == PAYLOAD["fields"]


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ("text", "invalid_metadata_format"),
        ({"entities": []}, "invalid_metadata_format"),
        ({"entities": [ENTITY] * 9}, "metadata_too_large"),
    ],
)
def test_metadata_of_another_kind_is_refused(metadata: Any, code: str) -> None:
    """Slack has a code for each."""
    with pytest.raises(WebApiRefusal) as refused:
        entities_of(metadata)
    assert refused.value.code == code
