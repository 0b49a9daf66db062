"""What to do when Clust can't be read: at first, and once it has lasted for an hour (rule R4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.errors import Way
from bot.core.language import N_, _

LASTING_AFTER = timedelta(hours=1)
"""After the same failure for this long, it probably won't go away by itself."""

TRIES_AGAIN = N_("I'll keep trying and catch up. Nothing is lost.")


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do about one kind of failure: at first, and once it lasts."""

    lasting: str
    soon: str = TRIES_AGAIN


REMEDIES: Mapping[Way, Remedy] = {
    Way.DOWN: Remedy(
        N_(
            "Clust has been failing for over an hour. I'll keep trying at least once a minute and catch up. If "
            "Clust works in your browser, ask Clust support about its API."
        )
    ),
    Way.BUSY: Remedy(
        N_(
            "Clust has been limiting my requests for over an hour. This won't fix itself if reading every "
            "application takes more requests than Clust allows. Raise POLL_INTERVAL, or ask Clust support for a "
            "higher limit."
        ),
        N_(
            "I'll wait as long as Clust asks, but no more than 15 minutes between tries. I'll resume as soon as any "
            "call to Clust succeeds. Nothing is lost."
        ),
    ),
    Way.UNAUTHORIZED: Remedy(
        N_(
            "This has failed for over an hour and won't fix itself. Provide a working token with `/clust connect`, or "
            "set CLUST_API_TOKEN and restart."
        ),
        N_(
            "Provide a working token with `/clust connect`, or set CLUST_API_TOKEN and restart. I'll try again "
            "every 15 minutes, and as soon as any call to Clust succeeds. Nothing is lost."
        ),
    ),
    Way.ABILITY: Remedy(
        N_(
            "This has failed for over an hour and won't fix itself. Give the API token the ability to read "
            "applications. In Clust, go to Team settings > Developers > API."
        )
    ),
    Way.ADDRESS: Remedy(
        N_(
            "This has failed for over an hour and won't fix itself. The address of Clust's API is probably "
            "wrong. Correct CLUST_API_URL, or reconnect the account with `/clust connect`."
        )
    ),
    Way.CERTIFICATE: Remedy(
        N_(
            "This has failed for over an hour and won't fix itself. My server doesn't trust Clust's certificate. "
            "Check CLUST_API_URL and any proxy in between."
        )
    ),
    Way.REFUSED: Remedy(
        N_(
            "This has failed for over an hour and won't fix itself. Clust refuses the request for its list. "
            "Check CLUST_API_URL, or ask Clust support why."
        )
    ),
    Way.ANSWER: Remedy(
        N_(
            "This has failed for over an hour and won't fix itself. I can't read Clust's list of applications. "
            "Check CLUST_API_URL, then report the output of `python -m bot doctor`."
        )
    ),
    Way.SIZE: Remedy(
        N_(
            "This has failed for over an hour and won't fix itself. Clust sends more at once than I can read. "
            "Ask Clust support for a paginated list."
        )
    ),
    Way.COUNT: Remedy(
        N_(
            "This has failed for over an hour and won't fix itself. Clust counts applications that it doesn't "
            "list for this API token. Connect the account with a token that can see them all (`/clust connect`), "
            "or ask Clust support why its count and its list differ."
        )
    ),
    Way.LOOP: Remedy(
        N_(
            "This has failed for over an hour and won't fix itself. Clust's pages repeat endlessly. Try the "
            "other address of its API (one ends in `/api`, one in `/api/v2`), or ask Clust support."
        )
    ),
}
"""The remedy for each kind of failure."""


def remedy(way: Way | None, since: datetime | None, now: datetime) -> str:
    """Return what to do about a failure that has lasted since `since`."""
    if way is None:
        return _(TRIES_AGAIN)
    lasts = since is not None and now - since >= LASTING_AFTER
    return _(REMEDIES[way].lasting if lasts else REMEDIES[way].soon)
