"""What is offered for a held subscription: move it, own it, or end it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.slack.views.building import ids
from bot.slack.views.channels import orphans as views
from tests.slack.views.conftest import Read


def buttons_of(block: Any) -> list[str]:
    """Return what the buttons of a block do."""
    return [button["action_id"] for button in block["elements"]]


@pytest.mark.parametrize(
    ("may_adopt", "offered"), [(True, [ids.MOVE, ids.ADOPT, ids.END_HELD]), (False, [ids.MOVE, ids.END_HELD])]
)
def test_only_who_can_adopt_is_offered_it(*, may_adopt: bool, offered: list[str]) -> None:
    """Each button carries the channel, but ending it is asked about first."""
    block = views.held_actions("C1", may_adopt=may_adopt)
    assert block
    assert buttons_of(block) == offered
    assert {button["value"] for button in block["elements"]} == {"C1"}
    assert "confirm" in block["elements"][-1]


def test_the_form_knows_its_channel(read: Read) -> None:
    """It asks for another one."""
    view = views.move_form("C1")
    assert "<#C1>" in read(view)[0]
    assert (view["callback_id"], view["private_metadata"]) == (ids.MOVE, "C1")


def test_what_was_done_is_confirmed(read: Read) -> None:
    """Both channels of a move are named. What was adopted and is still held can be moved or ended."""
    text = " ".join(read(views.moved("C1", "C2")))
    assert "<#C1>" in text
    assert "<#C2>" in text
    held, resumed = (views.adopted("C1", still_held=still_held) for still_held in (True, False))
    assert [block["type"] for block in held.blocks].count("actions") == 1
    assert [block["type"] for block in resumed.blocks].count("actions") == 0
    assert "<#C1>" in read(views.held_ended("C1"))[0]
