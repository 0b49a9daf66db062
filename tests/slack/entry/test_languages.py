"""Each person, each channel and each reader of a direct message has a language of their own, in one process at once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest

from bot.core.language import Languages
from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.schedule import Schedule
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.store import open_store
from bot.wiring import composition, open_workspace
from tests.pseudo_language import pseudo
from tests.slack.conftest import RunningBot, Start, buttons

LANGUAGES = Languages({"xa": pseudo("xa", "«", "»"), "xb": pseudo("xb", "⟪", "⟫"), "xc": pseudo("xc", "⟨", "⟩")})


class Chosen:
    """The locales that were chosen: one for each channel, and for people by their names."""

    def __init__(self, people: Mapping[str, str], channels: str) -> None:
        self._people, self._channels = people, channels

    async def of_person(self, user_id: str) -> str | None:
        """Return the locale of the reader of a direct message."""
        return self._people.get(user_id)

    async def of_channel(self, _channel_id: str) -> str | None:
        """Return the locale that posts in a channel are written in."""
        return self._channels


@pytest.fixture
async def mixed(slack: SandboxSlack, start: Start, monkeypatch: pytest.MonkeyPatch) -> RunningBot:
    """A bot in whose workspace Mei reads one language, Bruno another one, and channels a third."""
    mei, bruno = slack.workspace.user("mei"), slack.workspace.user("bruno")
    mei.locale, bruno.locale = "xa-FR", "xb"
    chosen: Callable[..., Chosen] = lambda *_arguments: Chosen({mei.id: "xa", bruno.id: "xb"}, "xc")  # noqa: E731  a class's stand-in
    monkeypatch.setattr(composition, "read_languages", lambda: LANGUAGES)
    monkeypatch.setattr(open_workspace, "StoredLocales", chosen)
    bot = await start()
    await bot.baseline()
    return bot


async def test_two_people_and_a_channel_are_answered_at_once(mixed: RunningBot) -> None:
    """A command speaks the person's language, a post the channel's, a direct message its reader's."""
    await mixed.say("subscribe late", user="mei", channel="general")
    mixed.account.make_late(1)
    for _time in range(3):
        answers = await asyncio.gather(
            mixed.say("status", user="mei"), mixed.say("status", user="bruno"), mixed.say("status", user="adrien")
        )
        assert ["«" in one.text for one in answers] == [True, False, False]
        assert ["⟪" in one.text for one in answers] == [False, True, False]
        assert "⟨" not in "".join(one.text for one in answers)
        assert "All is well." in answers[2].text
    (card,) = await mixed.posted("general", "Acme")
    assert buttons(card)
    assert all(words.startswith("⟨") and words.endswith("⟩") for words in buttons(card))
    await mixed.slack.archive("general")
    (message,) = await mixed.direct_messages("mei", "«")
    assert "⟪" not in (content := json.dumps(message.blocks, ensure_ascii=False))
    assert "⟨" not in content


async def test_stored_reasons_are_shown_in_each_readers_language(mixed: RunningBot) -> None:
    """The reason of a held notification is a code until someone asks `why`."""
    await mixed.say("subscribe late", user="mei", channel="general")
    await mixed.say("mute late 2h", user="mei", channel="general")
    mixed.account.make_late(1)
    await mixed.until("why 1", "Muted in that channel.")
    for user, reason in (
        ("mei", "«Muted in that channel.»"),
        ("bruno", "⟪Muted in that channel.⟫"),
        ("adrien", " Muted in that channel."),
    ):
        assert reason in (await mixed.say("why 1", user=user, channel="general")).text


async def test_a_channel_speaks_its_first_subscribers_language_until_another_is_set(
    slack: SandboxSlack, start: Start
) -> None:
    """Mei, who reads English, sees what Bruno's French channel gets, and her own answers in English.

    A notification that waits while the language changes is posted in the new one. A locale without a catalogue is
    English.
    """
    slack.workspace.user("bruno").locale, slack.workspace.user("adrien").locale = "fr-FR", "tlh-KX"
    bot = await start()
    await bot.baseline()
    assert "Ce canal est maintenant abonné" in (await bot.say("subscribe late", user="bruno", channel="general")).text
    assert "This channel" in (await bot.say("subscribe approved", user="mei", channel="general")).text
    assert "All is well." in (await bot.say("status", user="adrien")).text
    bot.account.make_late(1)
    (card,) = await bot.posted("general", "Acme")
    assert "Me l\N{RIGHT SINGLE QUOTATION MARK}attribuer" in buttons(card)
    await bot.say("mute 2h", user="bruno", channel="general")
    bot.account.make_late(2)
    await bot.until("why 2", "Muted in that channel.")
    store = open_store(bot.settings.database_url, posts_per_minute=300)
    team, channel, now = slack.workspace.bot.team_id, slack.workspace.channel("general").id, datetime.now(UTC)
    await store.channel_settings.save(team, channel, MessageStyle(language="en"), Schedule(), "U1", now)
    await store.database.close()
    assert "Sourdine levée" in (await bot.say("unmute", user="bruno", channel="general")).text
    await bot.posted("general", "Acme", "⏰ *Late*")


async def test_a_direct_message_is_in_its_readers_language(slack: SandboxSlack, start: Start) -> None:
    """Bruno never used the bot, and Slack says that he reads French."""
    mei, bruno = slack.workspace.user("mei"), slack.workspace.user("bruno")
    bruno.locale = "fr-FR"
    bot = await start(poll_interval=3600)
    await bot.baseline()
    assert "Assigned to" in (await bot.say("assign 1 @bruno", user="mei")).text
    assert await bot.direct_messages("bruno", f"<@{mei.id}> vous a attribué ce dossier")


async def test_two_people_in_one_thread_are_each_answered_in_their_language(mixed: RunningBot) -> None:
    """What each asks with a mention is answered in the thread for them alone, as they read it."""
    slack = mixed.slack
    question = await slack.say("How are we doing?")
    readers = {slack.workspace.user("mei").id: "«", slack.workspace.user("bruno").id: "⟪"}
    await asyncio.gather(*(slack.say("@clust status", user=one, thread_ts=question.ts) for one in readers))

    def answers() -> dict[str | None, str]:
        return {one.visible_to: one.text for one in slack.ephemeral("onboarding") if one.thread_ts == question.ts}

    await slack.wait_for(lambda: answers().keys() == readers.keys())
    for user_id, text in answers().items():
        assert [sign for sign in "«⟪⟨" if sign in text] == [readers[user_id or ""]]
