"""What to do when Clust can't be read: at first, and once it has lasted for an hour (rule R4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.errors import Way

LASTING_AFTER = timedelta(hours=1)
"""After the same failure for this long, it probably won't go away by itself."""

TRIES_AGAIN = "I'll keep trying and catch up. Nothing is lost."
_STAYS = "It has failed the same way for over an hour and won't fix itself."
_RIGHT_TOKEN = "Give me a token that works, with `/clust connect`, or as CLUST_API_TOKEN and a restart."  # noqa: S105  a sentence


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do about one kind of failure: at first, and once it lasts."""

    lasting: str
    soon: str = TRIES_AGAIN


REMEDIES: Mapping[Way, Remedy] = {
    Way.DOWN: Remedy(
        "Clust has been failing for over an hour. I keep trying at least once a minute and will catch up. If Clust "
        "works in your browser, ask Clust's support about its API."
    ),
    Way.BUSY: Remedy(
        "Clust has been limiting my requests for over an hour. It won't fix itself if reading every application takes "
        "more requests than Clust allows: raise POLL_INTERVAL, or ask Clust's support for a higher limit.",
        "I wait as Clust asks, but at most 15 minutes between tries, and go on as soon as any call to Clust succeeds. "
        "Nothing is lost.",
    ),
    Way.UNAUTHORIZED: Remedy(
        f"{_STAYS} {_RIGHT_TOKEN}",
        f"{_RIGHT_TOKEN} I try again every 15 minutes, and as soon as any call to Clust succeeds. Nothing is lost.",
    ),
    Way.ABILITY: Remedy(
        f"{_STAYS} Give the API token the ability to read applications (in Clust: Team settings > Developers > API)."
    ),
    Way.ADDRESS: Remedy(
        f"{_STAYS} The address of Clust's API must be wrong: correct CLUST_API_URL, or connect the account again with "
        "`/clust connect`."
    ),
    Way.CERTIFICATE: Remedy(
        f"{_STAYS} The server at this address has no certificate that the bot's machine trusts: check CLUST_API_URL, "
        "and any proxy in between."
    ),
    Way.REFUSED: Remedy(
        f"{_STAYS} Clust refuses the request for its list: check CLUST_API_URL, or ask Clust's support why."
    ),
    Way.ANSWER: Remedy(
        f"{_STAYS} I can't read how Clust lists applications: check CLUST_API_URL, then report what "
        "`python -m bot doctor` says."
    ),
    Way.SIZE: Remedy(
        f"{_STAYS} Clust sends more at once than I can read: ask Clust's support for a list that comes in pages."
    ),
    Way.COUNT: Remedy(
        f"{_STAYS} Clust counts applications that it doesn't list for this API token: connect the account with a token "
        "that can see them all (`/clust connect`), or ask Clust's support why the two differ."
    ),
    Way.LOOP: Remedy(
        f"{_STAYS} Clust's pages lead in a circle: try the other address of its API (one ends in `/api`, one in "
        "`/api/v2`), or ask Clust's support."
    ),
}
"""The remedy for each kind of failure."""


def remedy(way: Way | None, since: datetime | None, now: datetime) -> str:
    """Return what to do about a failure that has lasted since `since`."""
    if way is None:
        return TRIES_AGAIN
    lasts = since is not None and now - since >= LASTING_AFTER
    return REMEDIES[way].lasting if lasts else REMEDIES[way].soon
