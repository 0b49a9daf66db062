"""DATABASE_URL, as platforms provide it, in the form that SQLAlchemy takes. Pure."""

from __future__ import annotations

from sqlalchemy.engine.url import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.core.errors import UsageError
from bot.core.language import _

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}


def database_url(text: str) -> URL:
    """Return SQLAlchemy's form of a `DATABASE_URL` as platforms provide it.

    `postgres://` gets the asyncpg driver, and libpq's `sslmode` becomes asyncpg's `ssl`. Raises UsageError.
    """
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise UsageError(_("This isn't a database URL. Use one like {examples}.", examples=_EXAMPLES)) from error
    driver = _DRIVERS.get(url.drivername)
    if driver is None:
        raise UsageError(
            _(
                "I don't support the database `{name}`. Use a URL like {examples}.",
                name=url.drivername,
                examples=_EXAMPLES,
            )
        )
    query = dict(url.query)
    if "sslmode" in query:
        query["ssl"] = query.pop("sslmode")
    query.pop("channel_binding", None)
    return url.set(drivername=driver, query=query)


_EXAMPLES = "`sqlite+aiosqlite:///clust-bot.db` or `postgresql://user:password@host/name`"
