"""Map Slack's error codes to exceptions. A code means something different for a post than for a query.

An unlisted code is new. For a post it is treated as a problem of the channel, for an update as one of the posted
message, and for any other call as one of that call alone (rule P3).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto

from bot.core.errors import (
    CallRefused,
    ChannelRefused,
    DeliveryError,
    MessageLost,
    MessageRefused,
    OutcomeUnclear,
    PersonRefused,
    SlackBroken,
    SlackRefused,
    ThreadRefused,
    TokenRefused,
    ViewGone,
)
from bot.core.notifications.slack_error_codes import CODES, About


class Doing(Enum):
    """What a call does."""

    ASKING = auto()
    POSTING = auto()
    CHANGING = auto()


_ERRORS: Mapping[About, type[SlackRefused]] = {
    About.MESSAGE: MessageRefused,
    About.REPLY: ThreadRefused,
    About.CARD: MessageLost,
    About.VIEW: ViewGone,
    About.CHANNEL: ChannelRefused,
    About.TOKEN: TokenRefused,
    About.WORKSPACE: CallRefused,
    About.PERSON: PersonRefused,
    About.CALL: CallRefused,
}

_OF_DOING: Mapping[Doing, Mapping[About, type[SlackRefused]]] = {
    Doing.ASKING: {About.MESSAGE: CallRefused},
    Doing.POSTING: {
        About.CARD: ThreadRefused,
        **dict.fromkeys((About.WORKSPACE, About.VIEW, About.PERSON, About.CALL), ChannelRefused),
    },
    Doing.CHANGING: {
        About.WORKSPACE: ChannelRefused,
        **dict.fromkeys((About.REPLY, About.VIEW, About.PERSON, About.CALL), MessageLost),
    },
}
"""What depends on the call: a post waits until the problem is fixed, but a query has no message."""

_UNLISTED: Mapping[Doing, type[SlackRefused]] = {
    Doing.ASKING: CallRefused,
    Doing.POSTING: ChannelRefused,
    Doing.CHANGING: MessageLost,
}


def refusal(code: str, doing: Doing) -> DeliveryError:
    """Return the exception for a refused call. After a temporary failure, only a post may have been carried out."""
    row = CODES.get(code)
    if row is None:
        return _UNLISTED[doing](code)
    if row.about is About.PASSING:
        return OutcomeUnclear(f"({code})") if doing is Doing.POSTING else SlackBroken(f"({code})")
    return _OF_DOING[doing].get(row.about, _ERRORS[row.about])(code, row.sentence)
