"""The answer of `why`: the life of each event of an application, in words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime

from bot.core.applications.triggers import TRIGGERS
from bot.core.notifications.event_history import ApplicationStory, DeliveryHistory, EventStory
from bot.core.notifications.routing import Verdict
from bot.core.notifications.states import Hold, State
from bot.slack.views.building import facts
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block, Message, context, message, section
from bot.slack.views.building.problems import in_words, reason

Permalink = Callable[[str, str], str]
"""Makes the address of a message from its channel and timestamp."""

MAX_EVENTS = 8
"""Events in one answer; the rest is counted."""

MAX_EVENT_LENGTH = 1200
"""Characters of one event's lines: all of them fit into one message."""


def why_answer(story: ApplicationStory, hidden: Collection[str], now: datetime, permalink: Permalink) -> Message:
    """Return the story of an application; channels in `hidden`, which the reader may not know of, are only counted."""
    recent = story.chapters[-MAX_EVENTS:]
    earlier = len(story.chapters) - len(recent)
    return message(
        section(f"*Why?* {facts.linked_title(story.application)} · application {md.code(story.application.id)}"),
        section(_never_announced(story, now)) if not (story.chapters or story.forgotten) else None,
        context(_forgotten(story.forgotten)) if story.forgotten else None,
        context(f"{md.count(earlier, 'event')} earlier") if earlier else None,
        *(_chapter(chapter, hidden, now, permalink) for chapter in recent),
        context(_last_look(story, now)),
    )


def _chapter(chapter: EventStory, hidden: Collection[str], now: datetime, permalink: Permalink) -> Block:
    trigger = TRIGGERS.get(chapter.trigger)
    title = f"{trigger.emoji} *{trigger.title}*" if trigger else f"*{md.escape(chapter.trigger, 20)}*"
    seen = f"{title} · seen {md.date(chapter.seen_at, now)} by poll {chapter.poll_id}"
    lines = list(_lines(chapter, hidden, now, permalink))
    kept = next(end for end in range(len(lines), -1, -1) if sum(map(len, lines[:end])) + end <= MAX_EVENT_LENGTH)
    more = [f"… and {len(lines) - kept} more"] if len(lines) > kept else []
    return section("\n".join([seen, *lines[:kept], *more]))


def _lines(chapter: EventStory, hidden: Collection[str], now: datetime, permalink: Permalink) -> Iterator[str]:
    """Yield a line for each delivery, then one for each subscription that did not match."""
    verdicts = chapter.verdicts or ()
    for delivery in chapter.deliveries:
        if delivery.channel_id not in hidden:
            matched = [one.words for one in verdicts if one.matched and one.channel_id == delivery.channel_id]
            because = f" It matched: {md.escape(', or: '.join(dict.fromkeys(matched)), 300)}." if matched else ""
            yield f"• {md.channel(delivery.channel_id)}: {_outcome(delivery, now, permalink)}{because}"
    for verdict in verdicts:
        if not verdict.matched and verdict.channel_id not in hidden:
            yield f"• {md.channel(verdict.channel_id)}: not wanted there: {md.escape(verdict.words, 200)}."
    if unseen := _hidden(chapter.deliveries, verdicts, hidden):
        yield f"• {md.count(unseen, 'channel')} that you are not in"
    if chapter.verdicts is None and not chapter.deliveries:
        yield "• It is not known any more what the subscriptions of that day said."
    elif not chapter.deliveries and not verdicts:
        yield "• No channel had a subscription then."


def _hidden(deliveries: Sequence[DeliveryHistory], verdicts: Sequence[Verdict], hidden: Collection[str]) -> int:
    return len(({one.channel_id for one in deliveries} | {one.channel_id for one in verdicts}) & set(hidden))


def _outcome(delivery: DeliveryHistory, now: datetime, permalink: Permalink) -> str:
    """Return the state of a delivery as a sentence."""
    why = f" {in_words(delivery.reason)}" if delivery.reason else ""
    if delivery.state == State.SENT:
        where = permalink(delivery.channel_id, delivery.message_ts) if delivery.message_ts else None
        what = "told in a summary" if delivery.in_digest else "posted in its thread" if delivery.thread_ts else "posted"
        when = f" {md.date(delivery.sent_at, now)}" if delivery.sent_at else ""
        return f"{md.link(where, what)}{when}.{f' Before that:{why}' if why else ''}"
    if delivery.state == State.HELD and delivery.hold == Hold.CHANNEL:
        return f"held: {reason(delivery.reason or '').what}."
    if delivery.state == State.HELD and delivery.hold in _HOLDS:
        return _HOLDS[delivery.hold]
    until = f" until {md.date(delivery.held_until, now)}" if delivery.held_until else ""
    what = _STATES.get(delivery.state, "being posted").format(
        until=until, attempts=md.count(delivery.attempts, "attempt")
    )
    return f"{what}.{why}"


_HOLDS: dict[str, str] = {
    Hold.LIMIT: "waits for its turn: the next look at Clust, or the Limit of its subscription.",
    Hold.FLOOD: "waits for an answer to the question in the channel, for an hour at most.",
    Hold.REPLAY: "comes with the summary of what was held, after the next look at Clust.",
}
"""What keeps a delivery back beside its channel, a mute or a schedule."""

_STATES: Mapping[str, str] = {
    State.HELD: "held{until}",
    State.GATHERED: "comes with a summary that is being posted",
    State.FAILED: "failed after {attempts}",
    State.SKIPPED: "not posted",
}


def _never_announced(story: ApplicationStory, now: datetime) -> str:
    """Return why an application has no events at all."""
    if story.suspended:
        return "Announcing is suspended: an admin must say whether this is still the same account (`/clust status`)."
    if story.discovered:
        return "It is older than the bot's first look at Clust, which missed it; so its creation was no news."
    since = f" on {md.date(story.baseline_at, now)}" if story.baseline_at else ""
    return (
        f"It was there when the bot first read Clust{since}, which announces nothing, and none of the five events "
        "has happened to it since."
    )


def _forgotten(number: int) -> str:
    return (
        f"{md.count(number, 'older event')} {'is' if number == 1 else 'are'} kept no longer: the time for that is over."
    )


def _last_look(story: ApplicationStory, now: datetime) -> str:
    state = facts.state(story.application, story.status_class)
    seen = f"Clust was last read {md.ago(story.read_at, now)}" if story.read_at else "Clust was never read to its end"
    changed = f"it last changed {md.ago(story.changed_at, now)}" if story.changed_at else ""
    if by := story.deletion:
        gone = f"{md.user(by.user_id)} deleted it {md.ago(by.at, now)}"
    else:
        gone = "gone in Clust" if story.gone else ""
    return facts.joined(seen, changed, gone, state)
