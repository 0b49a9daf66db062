"""`report`: figures for the person alone, charts where Slack has them, and *Share here* for everyone."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bot.core.errors import UsageError
from bot.slack.listeners.applications.reporting import ReportWanted
from bot.store.engine.tables import audit
from tests.slack.conftest import Account, RunningBot, Start, buttons


def kinds(message: object) -> list[str]:
    """Return the types of a message's blocks."""
    return [block["type"] for block in getattr(message, "blocks", ())]


async def test_a_report_counts_what_the_bot_saw(bot: RunningBot) -> None:
    """Statuses now, and what happened since the baseline, by week. Only the person sees it."""
    new = bot.account.add(title="Dorado")["id"]
    await bot.account.read()
    bot.account.submit(new)
    bot.account.make_late(1)
    await bot.account.read()
    answer = await bot.say("report")
    assert answer.text.startswith("📊 *Report for the last 8 weeks*\n4 applications · ⏰ 1 late")
    assert kinds(answer)[:4] == ["section", "data_visualization", "data_visualization", "data_table"]
    assert "From created to submitted: 0.0 days (median of 1 application)." in answer.text
    assert "From submitted to approved: not known yet." in answer.text
    assert "*Longest overdue*\n• <https://" in answer.text
    rows = next(block for block in answer.blocks if block["type"] == "data_table")["rows"]
    assert [cell.get("value") for cell in rows[-1]][1:] == [1, 1, 0]


async def test_a_report_of_a_filter(bot: RunningBot) -> None:
    """Only the events of what the filter matches now are counted."""
    bot.account.add(title="Dorado")
    bot.account.make_late(1)
    await bot.account.read()
    text = (await bot.say("report title:dorado weeks:1")).text
    assert text.startswith("📊 *Report for this week*\nFilter: ")
    assert "\n1 application\n" in text
    assert "Longest overdue" not in text
    assert "⏰ 1 late" in (await bot.say("report late:yes")).text
    assert "No applications match." in (await bot.say("report title:nobody")).text


async def test_an_overdue_one_from_before_the_baseline_comes_first(start: Start, account: Account) -> None:
    """An application that was late when the bot came is late for longest."""
    account.make_late(2)
    bot = await start()
    await bot.baseline()
    bot.account.make_late(1)
    await bot.account.read()
    for typed in ("report", "report late:yes"):
        _, _, overdue = (await bot.say(typed)).text.partition("*Longest overdue*\n")
        first, second, *_ = overdue.splitlines()
        assert "Birch" in first
        assert "late since before I was connected" in first
        assert "Acme" in second


async def test_where_there_are_no_charts_it_is_text(idle_bot: RunningBot) -> None:
    """Slack answers `invalid_blocks`: the same figures come as words, also when they are shared."""
    idle_bot.slack.faults.no_charts = True
    exchange = await idle_bot.ask("report")
    answer = await exchange.answer()
    assert not {"data_visualization", "data_table"} & {*kinds(answer)}
    assert "• Open: 3" in answer.text
    assert exchange.refused == ["invalid_blocks"]
    exchange.refused.clear()
    click = await idle_bot.press(answer, "Share here")
    shared = await click.answer()
    click.refused.clear()
    assert (shared.visible_to, "Shared by" in shared.text) == (None, True)


async def test_sharing_a_report_is_in_the_audit_log(idle_bot: RunningBot) -> None:
    """Everyone in the channel sees it, without a button."""
    shared = await idle_bot.click(await idle_bot.say("report"), "Share here")
    assert shared.visible_to is None
    assert buttons(shared) == []
    (entry,) = await idle_bot.rows(sa.select(audit))
    assert (entry["action"], entry["detail"]) == ("share", "report")


async def test_in_a_shared_channel_an_admin_allows_it(idle_bot: RunningBot) -> None:
    """W2: another organization reads along, so a member is refused, and an admin is asked."""
    answer = await idle_bot.say("report", channel="with-partner", user="mei")
    assert (await idle_bot.click(answer, "Share here", user="mei")).text.startswith("Sorry, only admins can do this.")
    question = await idle_bot.click(
        await idle_bot.say("report", channel="with-partner", user="adrien"), "Share here", user="adrien"
    )
    assert "will see this report" in question.text
    shared = await idle_bot.click(question, "Allow it here", user="adrien")
    assert (shared.visible_to, "Shared by" in shared.text) == (None, True)


async def test_a_wrong_number_of_weeks_is_explained(idle_bot: RunningBot) -> None:
    """At its place, with what is allowed."""
    for typed in ("weeks:0", "weeks:21", "weeks:two"):
        assert "weeks must be between 1 and 20." in (await idle_bot.say(f"report {typed}")).text, typed


async def test_before_the_baseline_there_is_no_data(start: Start, account: Account) -> None:
    """It says so, and invents nothing."""
    account.faults.down = True
    bot = await start(poll_interval=3600)
    text = (await bot.say("report")).text
    assert "No applications yet." in text
    assert "There's no data about events yet." in text


@pytest.mark.parametrize("value", ["", "{}", '{"filter": "", "weeks": null}', "[1]", '{"filter": "", "weeks": 1e999}'])
def test_a_forged_report_button_is_refused(value: str) -> None:
    """Anything else than a report is an error of use."""
    with pytest.raises(UsageError, match="from another version of the bot"):
        ReportWanted.from_button(value)


def test_weeks_of_a_button_are_bounded() -> None:
    """Whatever it says."""
    assert ReportWanted.from_button('{"filter": "late:yes", "weeks": 999}') == ReportWanted("late:yes", 20)
