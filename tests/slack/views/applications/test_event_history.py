"""The answer of `why`: every state of a delivery in words, and what no subscription wanted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.core.applications.model import Application, StatusClass
from bot.core.notifications.event_history import ApplicationStory, DeliveryHistory, EventStory
from bot.core.notifications.routing import Verdict
from bot.slack.views.applications.event_history import why_answer

Read = Callable[[Any], list[str]]
AT = "<!date^1772721000^{date_short_pretty} at {time}|Mar 5, 2:30 PM UTC>"


def story(acme: Application, now: datetime, *chapters: EventStory, **values: Any) -> ApplicationStory:
    """Return a story that was read a minute ago."""
    arguments = {
        "gone": False,
        "discovered": False,
        "changed_at": now - timedelta(hours=3),
        "suspended": False,
        **values,
    }
    read_at = now - timedelta(minutes=1)
    return ApplicationStory(acme, StatusClass.OPEN, read_at=read_at, baseline_at=now, chapters=chapters, **arguments)


def permalink(channel_id: str, ts: str) -> str:
    """Return an address."""
    return f"https://team.slack.example/{channel_id}/{ts}"


def lines(read: Read, history: ApplicationStory, now: datetime, *hidden: str) -> list[str]:
    """Return what stands between the headline and the last look."""
    return read(why_answer(history, hidden, now, permalink))[1:-1]


def test_the_life_of_an_event(read: Read, acme: Application, now: datetime) -> None:
    """Seen when and by which poll, posted where and why, and who did not want it, by which part of the filter."""
    verdicts = [
        Verdict(1, "C1", matched=True, words="late and title contains “acme”"),
        Verdict(2, "C2", matched=False, words="events:created,approved"),
        Verdict(3, "C3", matched=False, words="The filter requires: <progress> is above 50"),
        Verdict(4, "C9", matched=False, words="requires:title:secret"),
    ]
    posted = DeliveryHistory("C1", "sent", reason="muted", sent_at=now, message_ts="17.5")
    chapter = EventStory("late", now, 77, now, verdicts, [posted])
    answer = read(why_answer(story(acme, now, chapter), ["C9"], now, permalink))
    assert answer == [
        "*Why?* <https://clust.example/dossiers/123?a=1&amp;b=2|Acme &amp; Sons> · application `123`",
        f"⏰ *Late* · seen {AT} (check no. 77)",
        (
            f"• <#C1>: Posted {AT}. Before that: Muted in that channel. "
            "<https://team.slack.example/C1/17.5|View message> It matched the filter *late and title contains “acme”*."
        ),
        "• <#C2>: Not posted. The subscription only covers created and approved events.",
        "• <#C3>: Not posted. The filter requires: &lt;progress&gt; is above 50.",
        "• 1 channel you aren't in",
        (
            "  Clust was last read 1 minute ago · application last changed 3 hours ago · ⏰ late · KYC company · "
            "Ongoing · 4 of 7 items done"
        ),
    ]


@pytest.mark.parametrize(
    ("delivery", "words"),
    [
        (
            DeliveryHistory("C1", "sent", thread_ts="1.0", message_ts="2.0"),
            "Posted in the card's thread. <https://team.slack.example/C1/2.0|View message>",
        ),
        (
            DeliveryHistory("C1", "sent", in_digest=True, message_ts="2.0"),
            "Posted in a digest. <https://team.slack.example/C1/2.0|View message>",
        ),
        (DeliveryHistory("C1", "sent", reason="is_archived"), "Posted. Before that: The channel is archived."),
        (DeliveryHistory("C1", "held", "channel", reason="is_archived"), "On hold. The channel is archived."),
        (
            DeliveryHistory("C1", "held", "limit"),
            "Waiting for the next check. If its subscription's limit is reached then, it waits for a later one.",
        ),
        (
            DeliveryHistory("C1", "held", "flood"),
            "Waiting for an answer to the question in the channel, for at most an hour.",
        ),
        (
            DeliveryHistory("C1", "held", "replay"),
            "Will be posted in a digest of the notifications on hold, after the next check.",
        ),
        (DeliveryHistory("C1", "gathered"), "Being posted in a digest."),
        (
            DeliveryHistory("C1", "failed", reason="Slack answered `msg_too_long`.", attempts=2),
            "Failed after 2 attempts. Slack answered `msg_too_long`.",
        ),
        (DeliveryHistory("C1", "skipped", reason="<@U1> unsubscribed."), "Not posted. <@U1> unsubscribed."),
        (DeliveryHistory("C1", "skipped", reason="unsubscribed:U1"), "Not posted. <@U1> unsubscribed."),
        (DeliveryHistory("C1", "pending", reason="Slack was unreachable."), "Being posted. Slack was unreachable."),
        (DeliveryHistory("C1", "pending", reason="not_sent"), "Being posted. Slack couldn't be reached."),
    ],
)
def test_every_state_has_its_words(
    read: Read, acme: Application, now: datetime, delivery: DeliveryHistory, words: str
) -> None:
    """What became of it, and what kept it back."""
    chapter = EventStory("late", now, 1, now, None, [delivery])
    assert lines(read, story(acme, now, chapter), now)[1:] == [f"• <#C1>: {words}"]


def test_a_hold_that_ends_says_when(read: Read, acme: Application, now: datetime) -> None:
    """A mute or a schedule."""
    delivery = DeliveryHistory("C1", "held", "schedule", now, 'scheduled:{"rhythm":"daily"}')
    chapter = EventStory("late", now, 1, now, None, [delivery])
    assert lines(read, story(acme, now, chapter), now)[1:] == [
        f"• <#C1>: On hold until {AT}. Notifications are posted daily at 9:00 AM. Time zone: UTC."
    ]


def test_an_event_that_nobody_wanted(read: Read, acme: Application, now: datetime) -> None:
    """No subscription then, or seen before verdicts were kept."""
    nobody = EventStory("late", now, 1, now, [], [])
    assert lines(read, story(acme, now, nobody), now)[1:] == ["• No channel had a subscription at the time."]
    assert lines(read, story(acme, now, replace(nobody, verdicts=None)), now)[1:] == [
        "• The subscriptions at that time are no longer stored."
    ]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, f"It already existed when I first read Clust ({AT}), so it wasn't posted as new. No events since"),
        ({"discovered": True}, "It already existed when I first read Clust, but I missed it then"),
        ({"suspended": True}, "Posting is suspended. An admin needs to say whether this is still the same account"),
    ],
)
def test_an_application_without_events(
    read: Read, acme: Application, now: datetime, values: dict[str, Any], words: str
) -> None:
    """It says what the bot last saw."""
    (line,) = lines(read, story(acme, now, **values), now)
    assert line.startswith(words)


def test_a_long_story_fits(read: Read, acme: Application, now: datetime) -> None:
    """The newest events and as many channels as fit. The rest is counted."""
    many = [DeliveryHistory(f"C{number}", "failed", reason="x" * 400) for number in range(60)]
    answer = read(why_answer(story(acme, now, *[EventStory("late", now, 1, now, None, many)] * 20), [], now, permalink))
    assert answer[1] == "  12 earlier events"
    assert "… and 5" in next(line for line in answer if line.startswith("…"))


def test_events_that_are_kept_no_longer_are_counted(read: Read, acme: Application, now: datetime) -> None:
    """After the time set for them they are gone, and no one says that there were none."""
    assert lines(read, story(acme, now, forgotten=1), now) == ["  1 older event is no longer stored."]
    answer = lines(read, story(acme, now, EventStory("late", now, 7, now, [], []), forgotten=3), now)
    assert answer[0].startswith("  3 older events are no longer stored")
