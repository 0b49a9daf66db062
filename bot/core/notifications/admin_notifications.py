"""Direct messages about the bot's own operation, as values. A view turns each into text (rule W4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.core.applications.understanding import Understanding


@dataclass(frozen=True, slots=True)
class ChannelHeld:
    """A channel's notifications are held. `reason` is Slack's code or ours. `made_by` are the subscriptions' owners."""

    channel_id: str
    reason: str
    made_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChannelWorks:
    """A channel accepts posts again. `was` is the reason why it didn't."""

    channel_id: str
    was: str


@dataclass(frozen=True, slots=True)
class DetectionSuspended:
    """The account looks like a different one, so an admin must decide whether to continue (rule B4).

    `may_answer`: the reader is an admin, according to Slack.
    """

    connection_id: int
    connection: str
    reason: str
    may_answer: bool = True


@dataclass(frozen=True, slots=True)
class ClustAway:
    """Clust has been unreachable for too long. `why` is a sentence."""

    since: datetime
    why: str


@dataclass(frozen=True, slots=True)
class ClustBack:
    """Clust can be read again. `caught_up` counts the events found since, by trigger."""

    since: datetime
    until: datetime
    caught_up: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class PollerStalled:
    """No process polls Clust any more. `since` is the end of the last poll, None if there was none."""

    since: datetime | None


@dataclass(frozen=True, slots=True)
class PollerMoves:
    """A process polls Clust again."""

    told_at: datetime


@dataclass(frozen=True, slots=True)
class AssigneeLeft:
    """A subscription only covers applications assigned to people who have all left the workspace.

    `user_id` left last, and `others` before.
    """

    channel_id: str
    user_id: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportHeld:
    """A channel's regular report is on hold. `reason` is Slack's code or ours."""

    channel_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class FirstContact:
    """What was understood of an account that was read completely for the first time.

    `is_held`: nothing of it is posted until an admin starts it.
    """

    connection_id: int
    connection: str
    understanding: Understanding
    is_held: bool


AdminNotification = (
    AssigneeLeft
    | ReportHeld
    | ChannelHeld
    | ChannelWorks
    | DetectionSuspended
    | ClustAway
    | ClustBack
    | PollerStalled
    | PollerMoves
    | FirstContact
)
