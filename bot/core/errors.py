"""Every error of ours, as a tree.

    BotError
    ├── UsageError               what was typed can't be understood; says what would be right
    ├── NotAllowed               the person may not do this; has whom to ask
    ├── NoAccount                no Clust account is connected, or its token is gone
    ├── DatabaseAway             the database is locked, full, restarting or away
    ├── CutShort                 the process ended in the middle of this
    ├── ClustError
    │   ├── ClustRejected        422, or `errors` in a 200 answer; has the fields
    │   ├── ClustUnauthorized    401
    │   ├── ClustForbidden       403
    │   ├── ClustNotFound        404
    │   ├── ClustBusy            429; has retry_after
    │   ├── ClustBroken          5xx, HTML, half a JSON, pages that make no sense
    │   ├── ClustUnreachable     no connection, or no answer in time
    │   └── ClustOutcomeUnknown  a write that may have been carried out: look before trying again
    └── DeliveryError
        ├── SlackRefused         Slack refused, with a code of its own (`refusals` says which error a code is)
        │   ├── ChannelRefused   the channel, or the workspace, takes no posts until someone mends it
        │   │   └── TokenRefused the token is no good
        │   ├── MessageRefused   Slack will never take this message
        │   ├── MessageLost      Slack lets nobody change this message any more
        │   ├── ThreadRefused    no reply can stand in this thread
        │   ├── ViewGone         the view is closed, or shows something else by now
        │   ├── PersonRefused    the person who was named can't be asked about, or sent anything
        │   └── CallRefused      this call alone
        ├── Throttled            429; has retry_after
        ├── NotSent              surely not taken: try again
        ├── SlackBroken          an error of Slack's, or an answer without what it documents: try again
        └── OutcomeUnclear       perhaps taken: look before trying again

A class's docstring is what a person reads; `detail` is what happened this time. `retry` says whether the same
call may work a little later by itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import ClassVar


class BotError(Exception):
    """Something went wrong in the bot."""

    retry: ClassVar[bool] = False

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail

    @property
    def sentence(self) -> str:
        """What a person reads: the class's docstring, then what happened this time."""
        what = inspect.cleandoc(type(self).__doc__ or "")
        return f"{what} {self.detail}".strip()

    def __str__(self) -> str:
        return self.sentence


class UsageError(BotError):
    """That can't be understood."""

    @property
    def sentence(self) -> str:
        """Return the detail alone: it already says what was wrong and what would be right."""
        return self.detail


class NotAllowed(BotError):
    """You may not do this."""

    def __init__(self, detail: str = "", ask: Sequence[str] = ()) -> None:
        super().__init__(detail)
        self.ask = tuple(ask)


class NoAccount(BotError):
    """No Clust account is connected here: an admin connects one with `/clust connect`."""

    @property
    def sentence(self) -> str:
        """Return the detail alone where there is one: it says which account, and what to do."""
        return self.detail or super().sentence


class DatabaseAway(BotError):
    """The bot's database does not answer at the moment."""

    retry: ClassVar[bool] = True


class CutShort(BotError):
    """The bot is being restarted, and could not finish this: look whether it was done before you try again."""


class Way(StrEnum):
    """How Clust failed, as far as that tells what would mend it (rule R4); kept by its value."""

    DOWN = "down"
    BUSY = "busy"
    UNAUTHORIZED = "unauthorized"
    ABILITY = "ability"
    ADDRESS = "address"
    CERTIFICATE = "certificate"
    REFUSED = "refused"
    ANSWER = "answer"
    SIZE = "size"
    COUNT = "count"
    LOOP = "loop"

    @property
    def ends_with_a_success(self) -> bool:
        """Whether another call that succeeds shows that it is over; the others are about the list alone."""
        return self in {Way.DOWN, Way.BUSY, Way.UNAUTHORIZED, Way.CERTIFICATE}


class ClustError(BotError):
    """Clust could not do this."""

    usual: ClassVar[Way] = Way.REFUSED

    def __init__(self, detail: str = "", *, way: Way | None = None) -> None:
        """`way` is given where it is another than the usual one of the class."""
        super().__init__(detail)
        self.way = way or self.usual


class ClustRejected(ClustError):
    """Clust refused what was sent."""

    def __init__(self, detail: str = "", fields: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.fields = dict(fields or {})


class ClustUnauthorized(ClustError):
    """Clust refused the API token: check it (in Clust: Team settings > Developers > API)."""

    usual: ClassVar[Way] = Way.UNAUTHORIZED


class ClustForbidden(ClustError):
    """The API token lacks the ability for this (in Clust: Team settings > Developers > API)."""

    usual: ClassVar[Way] = Way.ABILITY


class ClustNotFound(ClustError):
    """Clust does not know this (any more)."""

    usual: ClassVar[Way] = Way.ADDRESS


class ClustBusy(ClustError):
    """Clust asks to wait: too many requests."""

    usual: ClassVar[Way] = Way.BUSY
    retry: ClassVar[bool] = True

    def __init__(self, detail: str = "", retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class ClustBroken(ClustError):
    """Clust answered with something that can't be used."""

    usual: ClassVar[Way] = Way.ANSWER
    retry: ClassVar[bool] = True


class ClustUnreachable(ClustError):
    """Clust could not be reached."""

    usual: ClassVar[Way] = Way.DOWN
    retry: ClassVar[bool] = True


class ClustOutcomeUnknown(ClustError):
    """Clust may or may not have done this."""


class DeliveryError(BotError):
    """Slack did not take the message."""


class SlackRefused(DeliveryError):
    """Slack refused this."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail)
        self.code = code

    @property
    def sentence(self) -> str:
        """Return the detail alone where there is one: it says what is wrong; else Slack's code is all there is."""
        return self.detail or f"{super().sentence} ({self.code})"


class ChannelRefused(SlackRefused):
    """Slack takes no messages from Clust in this channel, for a reason that the bot doesn't know."""


class TokenRefused(ChannelRefused):
    """Slack doesn't accept the bot's token."""


class MessageRefused(SlackRefused):
    """Slack refused this message."""


class MessageLost(SlackRefused):
    """This message can't be changed any more."""


class ThreadRefused(SlackRefused):
    """This thread takes no replies."""


class ViewGone(SlackRefused):
    """This window was closed, or shows something else by now."""


class PersonRefused(SlackRefused):
    """Slack doesn't let the bot reach this person."""


class CallRefused(SlackRefused):
    """Slack refused what the bot asked for."""


class Throttled(DeliveryError):
    """Slack asks to wait."""

    retry: ClassVar[bool] = True

    def __init__(self, retry_after: float, detail: str = "") -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class NotSent(DeliveryError):
    """Slack could not be reached."""

    retry: ClassVar[bool] = True


class SlackBroken(DeliveryError):
    """Slack isn't working properly at the moment."""

    retry: ClassVar[bool] = True


class OutcomeUnclear(DeliveryError):
    """Slack may or may not have taken the message."""

    retry: ClassVar[bool] = True
