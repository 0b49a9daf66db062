"""How a post with an unclear outcome is searched for in its channel, page by page (rules T0, T2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

MARGIN = timedelta(minutes=1)
"""Added before and after an attempt, because Slack's clock may differ from ours."""

MAX_GAP = timedelta(minutes=10)
"""Between attempts that are searched for together. A longer gap would cost pages of other people's messages."""

OVERDUE_TRIES = 3
"""After so many calls without a result, `status` names the channel."""

OVERDUE_AFTER = timedelta(minutes=10)
"""The same by time, because a search may wait long for its first call."""


@dataclass(frozen=True, slots=True)
class Period:
    """The range of messages to read, from `oldest` to `latest`."""

    oldest: datetime
    latest: datetime

    @classmethod
    def around(cls, attempted_at: datetime, time_limit: timedelta) -> Period:
        """Return when a post may have arrived that was attempted at a moment and given up after `time_limit`."""
        return cls(attempted_at - MARGIN, attempted_at + time_limit + MARGIN)

    def is_near(self, other: Period) -> bool:
        """Return whether reading two periods at once costs little more than reading each."""
        return max(self.oldest, other.oldest) - min(self.latest, other.latest) <= MAX_GAP

    def covering(self, other: Period) -> Period:
        """Return the shortest period that includes both."""
        return Period(min(self.oldest, other.oldest), max(self.latest, other.latest))


@dataclass(frozen=True, slots=True)
class PostsPage:
    """One page of a channel's messages. `posts` are the timestamps of our own, by token.

    `cursor` requests the next page (Slack: Pagination). It is empty on the last one.
    """

    posts: Mapping[str, str]
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class LookUp:
    """A search for the posts with `tokens` in a channel, or in the thread `thread_ts`, and its progress.

    `cursor` requests the next page and is empty before the first. `tries` counts all calls, `failures` the latest calls
    in a row without a page. `fence` increases with each process that claims it (rule T3).
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
        """Return the search after reading `page`: complete after the last page, or once all posts were found."""
        posts = {**self.posts, **{token: ts for token, ts in page.posts.items() if token in self.tokens}}
        is_complete = not page.cursor or self.tokens <= posts.keys()
        return replace(self, cursor=page.cursor, posts=posts, is_complete=is_complete, tries=self.tries + 1, failures=0)

    def failed(self) -> LookUp:
        """Return the search after a failed call: its position is unchanged."""
        return replace(self, tries=self.tries + 1, failures=self.failures + 1)

    def in_channel(self) -> LookUp:
        """Return the search in the channel itself, where Slack puts replies whose thread is gone."""
        return replace(self, thread_ts=None, cursor="", tries=self.tries + 1, failures=0)

    def again(self) -> LookUp:
        """Return the search from the first page on, because Slack rejected the cursor."""
        return replace(self, cursor="", tries=self.tries + 1, failures=self.failures + 1)

    def given_up(self) -> LookUp:
        """Return the search as complete, because Slack will never show the messages (rule T1)."""
        return replace(self, is_complete=True, tries=self.tries + 1)


def is_overdue(tries: int, began_at: datetime, now: datetime) -> bool:
    """Return whether a search that is still running should be reported to people."""
    return tries >= OVERDUE_TRIES or now - began_at >= OVERDUE_AFTER
