"""The answer of `why`: the history of each event of an application."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime

from bot.core.applications.triggers import TRIGGERS
from bot.core.language import N_, _, labeled, ngettext, one_of
from bot.core.notifications.event_history import ApplicationStory, DeliveryHistory, EventStory
from bot.core.notifications.routing import Verdict
from bot.core.notifications.states import Hold, State
from bot.core.typed_text import sentences
from bot.slack.views.building import application_facts as facts
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block, Message, context, message, section
from bot.slack.views.building.channel_problems import reason
from bot.slack.views.building.delivery_reasons import in_words

Permalink = Callable[[str, str], str]
"""Returns the URL of a message from its channel and timestamp."""

MAX_EVENTS = 8
"""Events listed in one answer."""

MAX_EVENT_LENGTH = 1200
"""Characters for one event, so that all fit into one message."""


def why_answer(story: ApplicationStory, hidden: Collection[str], now: datetime, permalink: Permalink) -> Message:
    """Return the history of an application. Channels in `hidden`, which the reader can't see, are only counted."""
    recent = story.chapters[-MAX_EVENTS:]
    earlier = len(story.chapters) - len(recent)
    return message(
        section(
            _(
                "*Why?* {title} · application {id}",
                title=facts.linked_title(story.application),
                id=md.code(story.application.id),
            )
        ),
        section(_never_announced(story, now)) if not (story.chapters or story.forgotten) else None,
        context(_forgotten(story.forgotten)) if story.forgotten else None,
        context(ngettext("{count} earlier event", "{count:,} earlier events", earlier)) if earlier else None,
        *(_chapter(chapter, hidden, now, permalink) for chapter in recent),
        context(_last_look(story, now)),
    )


def _chapter(chapter: EventStory, hidden: Collection[str], now: datetime, permalink: Permalink) -> Block:
    trigger = TRIGGERS.get(chapter.trigger)
    title = f"{trigger.emoji} *{_(trigger.title)}*" if trigger else f"*{md.escape(chapter.trigger, 20)}*"
    seen = _(
        "{event} · seen {time} (check no. {poll})",
        event=title,
        time=md.date(chapter.seen_at, now),
        poll=chapter.poll_id,
    )
    lines = list(_lines(chapter, hidden, now, permalink))
    kept = next(end for end in range(len(lines), -1, -1) if sum(map(len, lines[:end])) + end <= MAX_EVENT_LENGTH)
    more = [ngettext("… and {count} more", "… and {count:,} more", len(lines) - kept)] if len(lines) > kept else []
    return section("\n".join([seen, *lines[:kept], *more]))


def _lines(chapter: EventStory, hidden: Collection[str], now: datetime, permalink: Permalink) -> Iterator[str]:
    """Yield a line for each delivery, then one for each subscription that didn't match."""
    verdicts = chapter.verdicts or ()
    for delivery in chapter.deliveries:
        if delivery.channel_id not in hidden:
            matched = [one.explain() for one in verdicts if one.matched and one.channel_id == delivery.channel_id]
            filter_text = md.filter_in_words(one_of(list(dict.fromkeys(matched))), 300)
            because = [_("It matched the filter *{filter}*.", filter=filter_text)]
            outcome = sentences(_outcome(delivery, now, permalink), *(because if matched else []))
            yield f"• {labeled(md.channel(delivery.channel_id), outcome)}"
    for verdict in verdicts:
        if not verdict.matched and verdict.channel_id not in hidden:
            why = _("Not posted. {reason}", reason=md.filter_in_words(verdict.explain(), 200))
            yield f"• {labeled(md.channel(verdict.channel_id), why)}"
    if unseen := _hidden(chapter.deliveries, verdicts, hidden):
        yield ngettext("• {count} channel you aren't in", "• {count:,} channels you aren't in", unseen)
    if chapter.verdicts is None and not chapter.deliveries:
        yield _("• The subscriptions at that time are no longer stored.")
    elif not chapter.deliveries and not verdicts:
        yield _("• No channel had a subscription at the time.")


def _hidden(deliveries: Sequence[DeliveryHistory], verdicts: Sequence[Verdict], hidden: Collection[str]) -> int:
    return len(({one.channel_id for one in deliveries} | {one.channel_id for one in verdicts}) & set(hidden))


def _outcome(delivery: DeliveryHistory, now: datetime, permalink: Permalink) -> str:
    """Return the state of a delivery in sentences."""
    why = in_words(delivery.reason) if delivery.reason else ""
    if delivery.state == State.SENT:
        return _sent(delivery, now, permalink, why)
    if delivery.state == State.HELD and delivery.hold == Hold.CHANNEL:
        return _("On hold. {why}", why=_(reason(delivery.reason or "").problem))
    if delivery.state == State.HELD and delivery.hold in _HOLDS:
        return _(_HOLDS[delivery.hold])
    return sentences(_state(delivery, now), why)


def _sent(delivery: DeliveryHistory, now: datetime, permalink: Permalink, why: str) -> str:
    where = permalink(delivery.channel_id, delivery.message_ts) if delivery.message_ts else None
    date = md.date(delivery.sent_at, now) if delivery.sent_at else ""
    if delivery.in_digest:
        posted = _("Posted in a digest {date}.", date=date) if date else _("Posted in a digest.")
    elif delivery.thread_ts:
        posted = _("Posted in the card's thread {date}.", date=date) if date else _("Posted in the card's thread.")
    else:
        posted = _("Posted {date}.", date=date) if date else _("Posted.")
    view = md.link(where, _("View message")) if where else ""
    return sentences(posted, _("Before that: {why}", why=why) if why else "", view)


def _state(delivery: DeliveryHistory, now: datetime) -> str:
    match delivery.state:
        case State.HELD if delivery.held_until:
            return _("On hold until {time}.", time=md.date(delivery.held_until, now))
        case State.HELD:
            return _("On hold.")
        case State.GATHERED:
            return _("Being posted in a digest.")
        case State.FAILED:
            return ngettext("Failed after {count} attempt.", "Failed after {count:,} attempts.", delivery.attempts)
        case State.SKIPPED:
            return _("Not posted.")
        case _other:
            return _("Being posted.")


_HOLDS: dict[str, str] = {
    Hold.LIMIT: N_(
        "Waiting for the next check. If its subscription's limit is reached then, it waits for a later one."
    ),
    Hold.FLOOD: N_("Waiting for an answer to the question in the channel, for at most an hour."),
    Hold.REVIEW: N_(
        "On hold because I didn't understand everything about this account. An admin can start posting on Clust's Home "
        "tab."
    ),
    Hold.REPLAY: N_("Will be posted in a digest of the notifications on hold, after the next check."),
}
"""What keeps a delivery back beside its channel, a mute or a schedule."""


def _never_announced(story: ApplicationStory, now: datetime) -> str:
    """Return why an application has no events."""
    if story.suspended:
        return _(
            "Posting is suspended. An admin needs to say whether this is still the same account (`/clust status`)."
        )
    if story.discovered:
        return _("It already existed when I first read Clust, but I missed it then. It wasn't posted as new.")
    if story.baseline_at:
        return _(
            "It already existed when I first read Clust ({time}), so it wasn't posted as new. No events since then.",
            time=md.date(story.baseline_at, now),
        )
    return _("It already existed when I first read Clust, so it wasn't posted as new. No events since then.")


def _forgotten(number: int) -> str:
    return ngettext("{count} older event is no longer stored.", "{count:,} older events are no longer stored.", number)


def _last_look(story: ApplicationStory, now: datetime) -> str:
    state = facts.state(story.application, story.status_class)
    seen = (
        _("Clust was last read {age}", age=md.ago(story.read_at, now))
        if story.read_at
        else _("Clust hasn't been read completely yet")
    )
    changed = _("application last changed {age}", age=md.ago(story.changed_at, now)) if story.changed_at else ""
    if by := story.deletion:
        gone = _("deleted by {user} {age}", user=md.user(by.user_id), age=md.ago(by.at, now))
    else:
        gone = _("no longer in Clust") if story.gone else ""
    return facts.joined(seen, changed, gone, state)
