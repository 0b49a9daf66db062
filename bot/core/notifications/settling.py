"""How posts whose outcome is unclear are looked up in their channel, page by page (rules T0, T2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

MARGIN = timedelta(minutes=1)
"""Added on both sides of an attempt, since Slack's clock is not ours."""

MAX_GAP = timedelta(minutes=10)
"""Between attempts that are looked up together; what people wrote in a longer gap would only cost pages."""

OVERDUE_TRIES = 3
"""After so many calls without a result, `status` names the channel."""

OVERDUE_AFTER = timedelta(minutes=10)
"""The same after so long: a look-up may wait for its turn without a single call."""


@dataclass(frozen=True, slots=True)
class Period:
    """From `oldest` to `latest`: which messages of a channel are read."""

    oldest: datetime
    latest: datetime

    @classmethod
    def around(cls, attempted_at: datetime, time_limit: timedelta) -> Period:
        """Return when a post can have arrived that was attempted then, and given up after `time_limit`."""
        return cls(attempted_at - MARGIN, attempted_at + time_limit + MARGIN)

    def is_near(self, other: Period) -> bool:
        """Tell whether reading both in one go costs little more than reading each by itself."""
        return max(self.oldest, other.oldest) - min(self.latest, other.latest) <= MAX_GAP

    def covering(self, other: Period) -> Period:
        """Return the shortest period that holds both."""
        return Period(min(self.oldest, other.oldest), max(self.latest, other.latest))


@dataclass(frozen=True, slots=True)
class PostsPage:
    """One page of a channel's messages: `posts` are the timestamps of our own, by token.

    `cursor` asks for the next page (Slack: Pagination); it is empty on the last one.
    """

    posts: Mapping[str, str]
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class LookUp:
    """A look-up of the posts with `tokens` in a channel, or in the thread `thread_ts`, and how far it has come.

    `cursor` asks for the next page, and is empty before the first. `tries` counts the calls so far, `failures` those in
    a row without a page. `fence` tells the process that has it from one that had it before (rule T3).
    """

    id: str
    team_id: str
    channel_id: str
    thread_ts: str | None
    period: Period
    tokens: frozenset[str]
    cursor: str
    posts: Mapping[str, str]
    is_complete: bool
    tries: int
    failures: int
    fence: int

    def after(self, page: PostsPage) -> LookUp:
        """Return the look-up once `page` was read: complete with the last page, or with the last of its posts."""
        posts = {**self.posts, **{token: ts for token, ts in page.posts.items() if token in self.tokens}}
        is_complete = not page.cursor or self.tokens <= posts.keys()
        return replace(self, cursor=page.cursor, posts=posts, is_complete=is_complete, tries=self.tries + 1, failures=0)

    def failed(self) -> LookUp:
        """Return the look-up after a call that brought nothing: it stays where it is."""
        return replace(self, tries=self.tries + 1, failures=self.failures + 1)

    def in_channel(self) -> LookUp:
        """Return the look-up of the same posts in the channel itself, where Slack puts replies whose thread is gone."""
        return replace(self, thread_ts=None, cursor="", tries=self.tries + 1, failures=0)

    def again(self) -> LookUp:
        """Return the look-up from the first page on, where Slack does not know the cursor any more."""
        return replace(self, cursor="", tries=self.tries + 1, failures=self.failures + 1)

    def given_up(self) -> LookUp:
        """Return the look-up as complete, where Slack will never show what stands there (rule T1)."""
        return replace(self, is_complete=True, tries=self.tries + 1)


def is_overdue(tries: int, began_at: datetime, now: datetime) -> bool:
    """Tell whether people should know of a look-up that is still under way."""
    return tries >= OVERDUE_TRIES or now - began_at >= OVERDUE_AFTER
