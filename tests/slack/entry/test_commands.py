"""Commands typed into the real app: acknowledged empty and answered to the person alone."""

from __future__ import annotations

import re
from pathlib import Path

from bot.core.filters.language import KEYS
from bot.core.permissions import Role
from bot.sandbox.slack.messages import PostedMessage
from bot.sandbox.slack.views import View
from bot.slack.entry.commands import COMMANDS
from tests.slack.conftest import RunningBot, buttons

MISTAKES = (
    ("list flavor:red", "Unknown filter `flavor`. Available filters: `id`, `status`, `late`,"),
    ("list flavor:red", "\nflavor:red\n^^^^^^\n"),
    ("list late:yes flavor:red", "\nlate:yes flavor:red\n         ^^^^^^\n"),
    ("list progress:<abc", "\nprogress:&lt;abc\n"),
    ("list limit:0", "limit must be between 1 and 1,000."),
    ("list limit:lots", "limit must be between 1 and 1,000"),
    ("list limit:0", "Usage: `/clust list [filter] [limit:N]`"),
    ("show a b", "`a b` isn't an application. Enter a number such as `123`, or a Clust link."),
    ("show ../users", "`../users` isn't an application"),
    ("show 99", "Clust has no application `99`."),
    ("subscribe aproved", "Unknown event `aproved`. Did you mean `approved`?"),
    ("subscribe late flavor:red", "\nlate flavor:red\n     ^^^^^^\n"),
    ("subscribe late limit:5000", "between 1 and 1,000"),
    ("unsubscribe lat", "This channel has no subscriptions."),
    ("subscriptions here", "I don't understand `here`. `subscriptions` takes `all` or no arguments."),
    ("status now", "`status` takes no arguments."),
)
"""A wrong command, and its answer."""


OPENING_WINDOWS = {"show", "create", "update"}
"""Commands that open a window if they have no arguments."""


async def outcome(bot: RunningBot, text: str, command: str = "/clust") -> PostedMessage | View:
    """Type a command and return its answer, or the window that it opens."""
    opened = len(bot.slack.called("views.open"))
    exchange = await bot.ask(text, command=command)
    await bot.slack.wait_for(lambda: exchange.answers or len(bot.slack.called("views.open")) > opened)
    window = bot.slack.views.of(bot.slack.workspace.member.id)
    if exchange.answers or window is None:
        assert exchange.uses == 1, text
        return exchange.answers[0]
    return window


async def test_every_command_is_answered_to_the_person_alone(idle_bot: RunningBot) -> None:
    """K1: each command and each short form is acknowledged empty and answered once, or opens a window."""
    opening_windows = set()
    for command in COMMANDS:
        for word in (command.word, *command.also):
            answer = await outcome(idle_bot, f"{word} {command.examples[0].partition(' ')[2]}")
            if isinstance(answer, View):
                opening_windows.add(command.word)
                continue
            assert answer.visible_to == idle_bot.slack.workspace.member.id, word
            assert "There is no" not in answer.text, word
            assert "Something went wrong" not in answer.text, word
    assert opening_windows >= OPENING_WINDOWS


async def test_registered_commands_stand_for_their_word(idle_bot: RunningBot) -> None:
    """Registered slash commands do the same as their word after `/clust`."""
    registered = {command.registered: command.word for command in COMMANDS if command.registered}
    assert registered.keys() >= {"/clust-list", "/clust-subscribe", "/clust-create", "/clust-api"}
    for name, word in registered.items():
        assert name == f"/clust-{word}"
        alone, behind = await outcome(idle_bot, "flavor:red", name), await outcome(idle_bot, f"{word} flavor:red")
        if isinstance(alone, View):
            assert isinstance(behind, View)
            assert alone.sent["title"] == behind.sent["title"]
        else:
            assert isinstance(behind, PostedMessage)
            assert alone.text == behind.text


async def test_help_lists_every_command(idle_bot: RunningBot) -> None:
    """`/clust` alone and `help` list the rows of COMMANDS."""
    overview = await idle_bot.say("help")
    assert (await idle_bot.say("")).text == overview.text
    named = [line for line in overview.text.splitlines() if line.startswith("`/clust ")]
    assert named[: len(COMMANDS)] == [f"`/clust {command.usage}`" for command in COMMANDS]


async def test_help_of_one_word_has_examples_to_type(idle_bot: RunningBot) -> None:
    """`help list` has more about one command, and so has help of its short form."""
    answer = await idle_bot.say("help list")
    assert "• `/clust list late:yes`" in answer.text
    assert (await idle_bot.say("help LS")).text == answer.text


async def test_help_of_an_unknown_word_offers_the_nearest(idle_bot: RunningBot) -> None:
    """A misspelled word after `help` is answered with a button for the nearest one."""
    answer = await idle_bot.say("help lits")
    assert "• `/clust list late:yes`" in (await idle_bot.click(answer, "Run /clust help list")).text


SHORTER = [
    ("acme", "1 application matches"),
    ("Acme limit:5", "1 application matches"),
    ("LATE", "No applications match.\nFilter: *late*"),
    ("late title:acme", "No applications match.\nFilter: *late and title contains “acme”*"),
    ("mine", "No applications match.\nFilter: *assigned to me*"),
    ("pending", "No applications match"),
    ("helo", "Unknown command `/clust helo`. Did you mean `/clust help`?"),
    ("foo:bar", "Unknown command `/clust foo:bar`"),
]
"""What is typed, and how the answer begins."""


async def test_shorthand_words_list_and_search(idle_bot: RunningBot) -> None:
    """Words for the most wanted lists, and any other word is looked for in titles and recipients first."""
    for typed, heading in SHORTER:
        assert heading in (await idle_bot.say(typed)).text, typed


async def test_an_unknown_command_offers_the_nearest_to_run(bot: RunningBot) -> None:
    """A misspelled command is answered with the nearest one and a button that runs it in place of the question."""
    bot.account.make_late(1)
    await bot.account.read()
    answer = await bot.say("lits late:yes")
    assert "Unknown command `/clust lits`. Did you mean `/clust list`?" in answer.text
    done = await bot.click(answer, "Run /clust list late:yes")
    assert "1 application matches\nFilter: *late*" in done.text
    assert done.ts == answer.ts


async def test_a_command_like_no_other_points_to_help(idle_bot: RunningBot) -> None:
    """Without a similar command there is no button."""
    answer = await idle_bot.say("xyzzy 12")
    assert answer.text == "Unknown command `/clust xyzzy`, and no application has that name. Try `/clust help`."
    assert buttons(answer) == []


async def test_mistakes_are_pointed_at(idle_bot: RunningBot) -> None:
    """Every error is one clear sentence: what was wrong, where, and what is allowed (F3)."""
    for typed, sentence in MISTAKES:
        assert sentence in (await idle_bot.say(typed)).text, typed
    assert (await idle_bot.say("subscriptions all")).text.startswith("No channels have subscriptions.")


async def test_input_is_forgiving(idle_bot: RunningBot) -> None:
    """X1: case, typographic quotes, invisible spaces, `#123` and Clust links are understood."""
    link = "https://clust.invalid/app/dossiers/1"
    for typed in ("SHOW 1", "get  #1", "show\u00a01", f"show {link}", "\u200bshow 1", "1", " #1 ", link):
        assert (await idle_bot.say(typed)).text.startswith(f"*<{link}|Acme>*")
    listed = await idle_bot.say("Ls title:\u201cACME\u201d progress:<50 -late:yes")
    assert listed.text.startswith("1 application matches")


async def test_markup_in_a_command_stays_text(idle_bot: RunningBot) -> None:
    """Typed markup is shown as text: no one is mentioned, nothing is formatted."""
    for typed in ("<!channel>", "list <!channel>", "show <!here>", "subscribe late title:<!everyone>"):
        assert "<!" not in (await idle_bot.say(typed)).text


async def test_help_marks_commands_that_the_person_can_not_use(idle_bot: RunningBot) -> None:
    """C8: commands that the person's role does not allow are marked, in the overview and alone."""
    await idle_bot.say(f"roles set @{idle_bot.slack.workspace.user('bruno').id} viewer", user="adrien")
    for user, role in (("adrien", Role.ADMIN), ("mei", Role.EDITOR), ("bruno", Role.VIEWER)):
        overview = (await idle_bot.say("help", user=user)).text
        for command in COMMANDS:
            _, _, rest = overview.partition(f"`/clust {command.usage}`\n")
            alone = (await idle_bot.say(f"help {command.word}", user=user)).text
            for text in (rest.partition("\n")[0], alone):
                assert ("(only for " in text) is (command.role > role), (user, command.word)


async def test_help_of_list_names_every_filter(idle_bot: RunningBot) -> None:
    """They come from the table of keys."""
    text = (await idle_bot.say("help list")).text
    assert f"Filters: {', '.join(key.name for key in KEYS)}. " in text


async def test_help_cuts_no_word(idle_bot: RunningBot) -> None:
    """C8: the overview has every command's text in full."""
    overview = (await idle_bot.say("help")).text
    assert "…" not in overview
    for command in COMMANDS:
        assert command.help.partition(".")[0] in overview


async def test_every_topic_that_is_mentioned_is_known(idle_bot: RunningBot) -> None:
    """C8: every topic that help, examples and docs/commands.md refer to exists."""
    page = Path(__file__).parents[3].joinpath("docs/commands.md").read_text("utf-8")
    texts = [page, (await idle_bot.say("help")).text, *(one for command in COMMANDS for one in command.examples)]
    mentioned = {word for text in texts for word in re.findall(r"\bhelp ([a-z]+)`?", f"{text}`")}
    named = {word for word in mentioned if (await idle_bot.say(f"help {word}")).text.startswith("There is no")}
    assert named <= {"and"}
    for word in ("events", "event", "created", "approved", "all"):
        assert "*Events*" in (await idle_bot.say(f"help {word}")).text, word
    for word in ("filters", "filter", "template", "progress"):
        assert "*Filters*" in (await idle_bot.say(f"help {word}")).text, word
    answer = await idle_bot.say("help evnets")
    assert "*Events*" in (await idle_bot.click(answer, "Run /clust help events")).text


async def test_only_commands_that_the_person_can_use_are_suggested(idle_bot: RunningBot) -> None:
    """C8: an admin's command is only suggested to admins."""
    assert buttons(await idle_bot.say("audti", user="adrien")) == ["Run /clust audit"]
    answer = await idle_bot.say("audti", user="mei")
    assert (buttons(answer), "audit" in answer.text) == ([], False)
