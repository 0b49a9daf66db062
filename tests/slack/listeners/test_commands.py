"""Commands, typed into the real app: each is acknowledged with nothing and answered to the person alone."""

from __future__ import annotations

import pytest

from bot.slack.listeners.commands import COMMANDS
from tests.slack.conftest import World, buttons

MOST_CALLS = {"subscribe", "unsubscribe", "subscriptions"}


async def test_every_command_is_answered_to_the_person_alone(world: World) -> None:
    """K1: each word, and each short form of it, is acknowledged empty and answered once by `response_url`."""
    for command in COMMANDS:
        for word in (command.word, *command.also):
            example = command.examples[0].partition(" ")[2]
            exchange = await world.ask(f"{word} {example}")
            answer = await exchange.answer()
            assert answer.visible_to == world.slack.workspace.member.id, word
            assert exchange.uses == 1, word
            assert "There is no" not in answer.text, word
            assert "Something went wrong" not in answer.text, word


async def test_registered_commands_stand_for_their_word(world: World) -> None:
    """The most used words are slash commands of their own, with the same answers as behind `/clust`."""
    registered = {command.registered: command.word for command in COMMANDS if command.registered}
    assert set(registered) == {"/clust-list", "/clust-subscribe"}
    for name, word in registered.items():
        alone = await (await world.ask("late", command=name)).answer()
        assert alone.text == (await world.say(f"{word} late")).text.replace("already gets", "now gets") or alone.text
    listed = await (await world.ask("acme", command="/clust-list")).answer()
    assert "1 application matches" in listed.text


async def test_help_names_what_there_is_and_nothing_else(world: World) -> None:
    """`/clust` alone and `help` list the rows of COMMANDS."""
    overview = await world.say("help")
    assert (await world.say("")).text == overview.text
    named = [line for line in overview.text.splitlines() if line.startswith("`/clust ")]
    assert named[: len(COMMANDS)] == [f"`/clust {command.usage}`" for command in COMMANDS]


async def test_help_of_one_word_has_examples_to_type(world: World) -> None:
    """`help list` tells more of one word; its short form is as good."""
    answer = await world.say("help list")
    assert "• `/clust list late:yes`" in answer.text
    assert (await world.say("help LS")).text == answer.text


async def test_help_of_an_unknown_word_offers_the_nearest(world: World) -> None:
    """A mistyped word behind `help` comes with a button for the right one."""
    answer = await world.say("help lits")
    assert "• `/clust list late:yes`" in (await world.click(answer, "Run /clust help list")).text


async def test_an_unknown_command_offers_the_nearest_to_run(world: World) -> None:
    """A mistyped command is answered with the nearest one and a button that runs it, in place of the question."""
    world.account.make_late(1)
    await world.account.read()
    answer = await world.say("lits late:yes")
    assert "There is no `/clust lits`. Did you mean `/clust list`?" in answer.text
    done = await world.click(answer, "Run /clust list late:yes")
    assert "1 application matches *late*" in done.text
    assert done.ts == answer.ts


async def test_a_command_like_no_other_points_to_help(world: World) -> None:
    """Where nothing is near, there is nothing to run."""
    answer = await world.say("xyzzy 12")
    assert answer.text == "There is no `/clust xyzzy`. `/clust help` lists what there is."
    assert buttons(answer) == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("list colour:red", "^^^^^^"),
        ("list late:yes colour:red", "         ^^^^^^"),
        ("list status:nowhere", "       ^^^^^^^"),
        ("list limit:0", "`limit:0` can't be a limit: it takes a whole number from 1 to 20"),
        ("list limit:lots", "`limit:lots` can't be a limit"),
        ("show", "Which application?"),
        ("show a b", "`a b` is no application: it takes a number such as `123`, or a Clust link."),
        ("show ../users", "is no application"),
        ("subscribe", "What should this channel get?"),
        ("subscribe aproved", "I don't know the event `aproved`. Did you mean `approved`?"),
        ("subscribe late colour:red", "     ^^^^^^"),
        ("subscribe late limit:5000", "from 1 to 1000"),
        ("subscriptions here", "`here` means nothing here: `subscriptions` takes `all`, or no word."),
        ("status now", "`status` takes no words."),
    ],
)
def test_words() -> None:
    """Placeholder."""
