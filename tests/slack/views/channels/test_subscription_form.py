"""The form of a subscription: it begins with how the channel is, and says what the filter would have posted."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import Event
from bot.core.filters.language import parse
from bot.core.forms.fields import Choice
from bot.core.forms.subscription_forms import SubscribeForm
from bot.core.forms.validation import read as read_form
from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.schedule import Rhythm, Schedule
from bot.core.notifications.subscription_preview import Preview
from bot.slack.views.building.blocks import message, section
from bot.slack.views.channels import subscription_form as views
from tests.slack.views.conftest import Read

LISBON = ZoneInfo("Europe/Lisbon")


def test_the_form_begins_with_how_the_channel_is() -> None:
    """What it begins with is taken as it is where nothing was changed."""
    style = MessageStyle(full=True, thread=False, also_to_channel=("created",), gate=None, reminder_days=3)
    schedule = Schedule(rhythm=Rhythm.DAILY, at=time(9), weekends=False, zone="Europe/Lisbon")
    values = views.values_of_channel("C1", style, schedule, "en")
    draft = read_form(SubscribeForm, {**values, "daily_at": f"{values['daily_at']:%H:%M}"})
    assert (draft.channel, draft.daily_at, draft.gate, draft.reminder_days) == ("C1", time(9), 0, 3)
    assert set(draft.style) == {"full", "update", "action_replies"}
    assert (draft.also_to_channel, draft.weekends, draft.zone) == (("created",), "quiet", "Europe/Lisbon")


def test_a_preview_shows_the_newest_examples(now: datetime) -> None:
    """Escaped, with the busiest day, and without any event it says so."""
    preview = Preview(("late",), parse("title:acme"), "default", LISBON)
    quiet = views.explained(preview)
    for number in range(5):
        application = Application(id=str(number), title=f"Acme <{number}>")
        preview.count(Event("late", 1, application, StatusClass.OPEN), now + timedelta(minutes=number))
    text = views.explained(preview)
    assert text != quiet
    assert "Acme &lt;4&gt;" in text
    assert "Acme &lt;0&gt;" not in text
    assert text.index("&lt;4&gt;") < text.index("&lt;3&gt;")


def test_what_a_filter_can_not_judge_is_said(now: datetime) -> None:
    """F3: Clust's list did not tell the progress, and a status that is nearly a class is hinted at."""
    preview = Preview(("late",), parse("progress:>50"), "default", LISBON)
    preview.count(Event("late", 1, Application(id="1"), StatusClass.OPEN), now)
    assert "⚠️" in views.explained(preview)
    assert "⚠️" in views.explained(Preview(("late",), parse("status:aproved"), "default", LISBON))


def test_the_form_is_one_that_slack_takes(read: Read) -> None:
    """With its preview, or with mistakes where the filter is wrong, and its answer has notes below."""
    preview = Preview(("late",), parse(""), "default", LISBON)
    values = views.values_of_channel("C1", MessageStyle(), Schedule(), "en")
    channel = Choice("C1", "#onboarding")
    whole = views.subscribe_form(channel, values, preview, draft_id="d1", accounts=[Choice("1", "emea")])
    assert whole["private_metadata"] == "d1"
    wrong = views.subscribe_form(channel, values, None, {"filter": "There is no key `titel`."})
    assert len(read(whole)) > 0
    assert len(wrong["blocks"]) <= len(whole["blocks"]) + 1
    answer = message(section("Done."))
    assert read(views.subscribed_by_form(answer, ["Once a day."]))[-1].strip() == "Once a day."
    assert read(views.subscribed_by_form(answer, [])) == ["Done."]
