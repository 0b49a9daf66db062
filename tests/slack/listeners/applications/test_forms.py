"""The forms of applications: they open while Clust is slow, keep their errors, and are sent once (rules M1, M2)."""

from __future__ import annotations

import asyncio

from tests.patience import late
from tests.slack.conftest import World
from tests.slack.listeners.windows import needed, opened, shown, text_of, written


async def test_the_form_opens_while_clust_is_slow(calm: World) -> None:
    """The window opens at once, and is filled in when Clust responds."""
    with late(calm.account):
        await calm.ask("create", command="/clust")
        await shown(calm, "Asking Clust")
    await shown(calm, "first_name")


async def test_retry_fills_a_form_that_could_not_be_filled(calm: World) -> None:
    """L1: the window says what could not be read, and Retry fills it in."""
    calm.account.faults.refuse_token = True
    await calm.ask("update 1")
    view = await shown(calm, "Retry")
    calm.account.faults.refuse_token = False
    await calm.press(view, "Retry")
    assert "Acme" in text_of(await shown(calm, "first_name"))


async def test_mistakes_stand_under_their_fields(calm: World) -> None:
    """Invalid values are shown under their fields before anything is sent; corrected, the same form is sent."""
    view = await opened(calm)
    exchange = await calm.slack.submit(view, needed(calm, email="ana@", webhook_url="http://example.com"))
    assert set(exchange.errors) == {"email", "webhook_url"}
    assert written(calm) == []
    await calm.slack.submit(view, needed(calm, webhook_url=None))
    assert len(written(calm)) == 1


async def test_two_submissions_create_once(calm: World) -> None:
    """M2: two submissions of one view are one draft, which is sent once."""
    view = await opened(calm)
    calm.account.faults.delay = 0.3
    await asyncio.gather(*(calm.slack.submit(view, needed(calm)) for _ in range(2)))
    assert len(written(calm)) == 1


async def test_more_templates_than_a_select_holds(calm: World) -> None:
    """More than 100 templates are searched, and the form takes what was chosen."""
    for number in range(150):
        calm.account.add_template(f"Template {number:03}")
    view = await opened(calm)
    (select,) = [block["element"] for block in view.blocks if block.get("block_id") == "template_id"]
    assert select["type"] == "external_select"
    offered = await calm.slack.options(view, "template_id", "template 149")
    option = next(each for each in offered if each["text"]["text"] == "Template 149")
    assert offered[-1]["value"] == "new"
    assert len(await calm.slack.options(view, "template_id", "")) == 100
    exchange = await calm.slack.submit(view, needed(calm, template_id=option))
    assert exchange.view
    assert "Created" in text_of(exchange.view)
    assert str(written(calm)[0][2]["template_id"]) == option["value"]
