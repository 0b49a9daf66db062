"""Every error of ours, as a tree.

    BotError
    ├── UsageError               what was typed can't be understood: says what would be right
    ├── NotAllowed               the person isn't allowed to do this: has the people to ask
    ├── NoAccount                no Clust account is connected, or its token is gone
    ├── DatabaseAway             the database is locked, full, restarting or away
    ├── CutShort                 the process ended in the middle of this
    ├── ClustError
    │   ├── ClustRejected        422, or `errors` in a 200 answer: has the fields
    │   ├── ClustUnauthorized    401
    │   ├── ClustForbidden       403
    │   ├── ClustNotFound        404
    │   ├── ClustBusy            429: has retry_after
    │   ├── ClustBroken          5xx, HTML, half a JSON, pages that make no sense
    │   ├── ClustUnreachable     no connection, or no answer in time
    │   └── ClustOutcomeUnknown  a write that may have been carried out: look before trying again
    └── DeliveryError
        ├── SlackRefused         Slack refused, with a code of its own (`slack_exceptions` says which error a code is)
        │   ├── ChannelRefused   the channel, or the workspace, takes no posts until someone fixes it
        │   │   └── TokenRefused the token doesn't work
        │   ├── MessageRefused   Slack will never take this message
        │   ├── MessageLost      Slack lets no one change this message any more
        │   ├── ThreadRefused    no reply can stand in this thread
        │   ├── ViewGone         the view is closed, or shows something else by now
        │   ├── PersonRefused    the person who was named can't be asked about, or sent anything
        │   └── CallRefused      this call alone
        ├── Throttled            429: has retry_after
        ├── NotSent              surely not taken: try again
        ├── SlackBroken          an error of Slack's, or an answer without what it documents: try again
        └── OutcomeUnclear       perhaps taken: look before trying again

`summary` is the text that a person reads. `detail`, in their language already, is what happened this time. `retry` says
whether the same call may work a little later by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import ClassVar

from bot.core.language import N_, _


class BotError(Exception):
    """Report what went wrong in the bot. This is the root of the tree."""

    summary: ClassVar[str] = N_("Something went wrong.")
    retry: ClassVar[bool] = False

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail

    @property
    def sentence(self) -> str:
        """What a person reads, in the current language: the class's text, then what happened this time."""
        return f"{_(self.summary)} {self.detail}".strip()

    def __str__(self) -> str:
        return self.sentence


USAGE_EXIT = 2
"""The exit code of a process that ends with a UsageError."""


class UsageError(BotError):
    """What was typed can't be understood. `detail` says what would be right."""

    summary: ClassVar[str] = N_("I don't understand that.")

    @property
    def sentence(self) -> str:
        """Return the detail alone: it already says what was wrong and what would be right."""
        return self.detail


class NotAllowed(BotError):
    """The person isn't allowed to do this. `ask` are the people to ask."""

    summary: ClassVar[str] = N_("Sorry, you can't do this.")

    def __init__(self, detail: str = "", ask: Sequence[str] = ()) -> None:
        super().__init__(detail)
        self.ask = tuple(ask)


class NoAccount(BotError):
    """No Clust account is connected, or its token is gone."""

    summary: ClassVar[str] = N_("No Clust account is connected. An admin can connect one with `/clust connect`.")

    @property
    def sentence(self) -> str:
        """Return the detail alone where there is one: it says which account, and what to do."""
        return self.detail or super().sentence


class DatabaseAway(BotError):
    """The database is locked, full, restarting or away."""

    summary: ClassVar[str] = N_("My database isn't responding.")
    retry: ClassVar[bool] = True


class CutShort(BotError):
    """The process ended in the middle of this."""

    summary: ClassVar[str] = N_(
        "I'm restarting and may not have finished this. Check whether it was done before you try again."
    )


class Way(StrEnum):
    """How Clust failed, where that decides the remedy (rule R4). Stored by its value."""

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
        """Whether another call that succeeds shows that it is over. The others are about the list alone."""
        return self in {Way.DOWN, Way.BUSY, Way.UNAUTHORIZED, Way.CERTIFICATE}


class ClustError(BotError):
    """Clust failed. `way` says how."""

    summary: ClassVar[str] = N_("Clust couldn't do this.")
    usual: ClassVar[Way] = Way.REFUSED

    def __init__(self, detail: str = "", *, way: Way | None = None) -> None:
        """`way` is given where it is another than the usual one of the class."""
        super().__init__(detail)
        self.way = way or self.usual


class ClustRejected(ClustError):
    """Clust answered 422, or 200 with `errors`. `fields` has its message for each field."""

    summary: ClassVar[str] = N_("Clust rejected this.")

    def __init__(self, detail: str = "", fields: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.fields = dict(fields or {})


class ClustUnauthorized(ClustError):
    """Clust answered 401."""

    summary: ClassVar[str] = N_(
        "Clust rejected the API token. Check it in Clust under Team settings > Developers > API."
    )
    usual: ClassVar[Way] = Way.UNAUTHORIZED


class ClustForbidden(ClustError):
    """Clust answered 403."""

    summary: ClassVar[str] = N_(
        "The API token isn't allowed to do this. Check its abilities in Clust under Team settings > Developers > API."
    )
    usual: ClassVar[Way] = Way.ABILITY


class ClustNotFound(ClustError):
    """Clust answered 404."""

    summary: ClassVar[str] = N_("Clust can't find this. It may have been deleted.")
    usual: ClassVar[Way] = Way.ADDRESS


class ClustBusy(ClustError):
    """Clust answered 429."""

    summary: ClassVar[str] = N_("Clust is receiving too many requests right now.")
    usual: ClassVar[Way] = Way.BUSY
    retry: ClassVar[bool] = True

    def __init__(self, detail: str = "", retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class ClustBroken(ClustError):
    """Clust answered 5xx, HTML, half a JSON, or pages that make no sense."""

    summary: ClassVar[str] = N_("Clust returned an error.")
    usual: ClassVar[Way] = Way.ANSWER
    retry: ClassVar[bool] = True


class ClustUnreachable(ClustError):
    """There was no connection to Clust, or no answer in time."""

    summary: ClassVar[str] = N_("Clust couldn't be reached.")
    usual: ClassVar[Way] = Way.DOWN
    retry: ClassVar[bool] = True


class ClustOutcomeUnknown(ClustError):
    """A write may have been carried out: look before trying again."""

    summary: ClassVar[str] = N_("I couldn't confirm whether Clust did this.")


class DeliveryError(BotError):
    """Slack failed."""

    summary: ClassVar[str] = N_("Slack didn't accept the message.")


class SlackRefused(DeliveryError):
    """Slack refused, with a `code` of its own."""

    summary: ClassVar[str] = N_("Slack refused this.")

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail)
        self.code = code

    @property
    def sentence(self) -> str:
        """Return the detail alone where there is one, because it says what is wrong.

        Otherwise Slack's code is all there is.
        """
        return self.detail or f"{super().sentence} ({self.code})"


class ChannelRefused(SlackRefused):
    """The channel, or the workspace, takes no posts until someone fixes it."""

    summary: ClassVar[str] = N_("Slack doesn't let me post in this channel.")


class TokenRefused(ChannelRefused):
    """The token doesn't work."""

    summary: ClassVar[str] = N_("Slack doesn't accept my token.")


class MessageRefused(SlackRefused):
    """Slack will never take this message."""

    summary: ClassVar[str] = N_("Slack refused this message.")


class MessageLost(SlackRefused):
    """Slack lets no one change this message any more."""

    summary: ClassVar[str] = N_("This message can't be changed anymore.")


class ThreadRefused(SlackRefused):
    """No reply can stand in this thread."""

    summary: ClassVar[str] = N_("This thread doesn't accept replies.")


class ViewGone(SlackRefused):
    """The view is closed, or shows something else by now."""

    summary: ClassVar[str] = N_("This window was closed or replaced.")


class PersonRefused(SlackRefused):
    """The person who was named can't be asked about, or sent anything."""

    summary: ClassVar[str] = N_("Slack doesn't let me reach this person.")


class CallRefused(SlackRefused):
    """Slack refused this call alone."""

    summary: ClassVar[str] = N_("Slack refused my request.")


class Throttled(DeliveryError):
    """Slack answered 429."""

    summary: ClassVar[str] = N_("Slack is receiving too many requests right now.")
    retry: ClassVar[bool] = True

    def __init__(self, retry_after: float, detail: str = "") -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class NotSent(DeliveryError):
    """The message was surely not taken: try again."""

    summary: ClassVar[str] = N_("Slack couldn't be reached.")
    retry: ClassVar[bool] = True


class SlackBroken(DeliveryError):
    """An error of Slack's, or an answer without what it documents: try again."""

    summary: ClassVar[str] = N_("Slack isn't working properly right now.")
    retry: ClassVar[bool] = True


class OutcomeUnclear(DeliveryError):
    """The message was perhaps taken: look before trying again."""

    summary: ClassVar[str] = N_("I couldn't confirm whether Slack accepted the message.")
    retry: ClassVar[bool] = True
