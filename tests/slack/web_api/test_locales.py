"""In which language a workspace is written to while no one has chosen one."""

from __future__ import annotations

from bot.slack.web_api.locales import NoLocales


async def test_without_a_choice_there_is_no_locale() -> None:
    """Neither for people nor for channels: English follows from that."""
    assert await NoLocales().of_person("U1") is await NoLocales().of_channel("C1") is None
