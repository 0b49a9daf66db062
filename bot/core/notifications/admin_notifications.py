"""What the bot tells single people about its own work, as values; a view gives each its words (rule W4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ChannelHeld:
    """What a channel wants is held. `reason` is Slack's code, or a word of ours; `made_by` are who subscribed it."""

    channel_id: str
    reason: str
    made_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChannelWorks:
    """A channel takes posts again. `was` is why it did not."""

    channel_id: str
    was: str


@dataclass(frozen=True, slots=True)
class DetectionSuspended:
    """The account looks like another one: an admin must say whether to go on (rule B4).

    `may_answer`: the reader is one, as far as Slack says.
    """

    connection_id: int
    connection: str
    reason: str
    may_answer: bool = True


@dataclass(frozen=True, slots=True)
class ClustAway:
    """Clust can't be read for so long that admins are told; `why` is a sentence."""

    since: datetime
    why: str


@dataclass(frozen=True, slots=True)
class ClustBack:
    """Clust can be read again; `caught_up` counts the events that were seen since, by trigger."""

    since: datetime
    until: datetime
    caught_up: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class PollerStalled:
    """Nobody reads Clust any more; `since` is the end of the last poll, None where there was none."""

    since: datetime | None


@dataclass(frozen=True, slots=True)
class PollerMoves:
    """Somebody reads Clust again."""

    told_at: datetime


@dataclass(frozen=True, slots=True)
class AssigneeLeft:
    """A subscription of a channel only wants what someone has taken who has left the workspace."""

    channel_id: str
    user_id: str


AdminNotification = (
    AssigneeLeft | ChannelHeld | ChannelWorks | DetectionSuspended | ClustAway | ClustBack | PollerStalled | PollerMoves
)
