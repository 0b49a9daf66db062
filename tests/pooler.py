"""PgBouncer in transaction mode before the tests' PostgreSQL, where it is installed (Debian's package `pgbouncer`)."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")

SESSIONS = 3
"""Of PostgreSQL, shared by all clients of the pooler: fewer than a process of the bot has connections."""

PORT = 6432
"""Part of the socket's name. Nothing listens on it."""


def _settings(folder: Path, host: str, database: str) -> Path:
    """Write PgBouncer's settings. The folder is open to the user that it runs as."""
    folder.chmod(0o777)
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        "[databases]\n"
        f"{database} = host={host} dbname={database} user=postgres\n"
        "[pgbouncer]\n"
        f"unix_socket_dir = {folder}\nlisten_port = {PORT}\nlisten_addr =\n"
        "auth_type = any\npool_mode = transaction\n"
        f"default_pool_size = {SESSIONS}\nmax_client_conn = 200\n"
    )
    return settings


@asynccontextmanager
async def pooler(url: str) -> AsyncIterator[str]:
    """Run PgBouncer before the database of `url`, and yield the `DATABASE_URL` through it."""
    assert PGBOUNCER
    database, host = urlsplit(url).path.strip("/"), urlsplit(url).query.removeprefix("host=")
    with tempfile.TemporaryDirectory(prefix="clust-pooler-") as name:
        settings = _settings(Path(name), host, database)
        # It refuses to run as root, and only PostgreSQL's own user reaches the server's socket.
        as_user = ("-u", Path(host).owner()) if os.geteuid() == 0 else ()  # noqa: ASYNC240  once, before it begins
        process = await asyncio.create_subprocess_exec(PGBOUNCER, "-q", *as_user, str(settings))
        try:
            async with asyncio.timeout(60):
                while not settings.with_name(f".s.PGSQL.{PORT}").exists():  # noqa: ASYNC110  see above
                    await asyncio.sleep(0.01)
            yield f"postgresql://postgres@/{database}?host={name}&port={PORT}"
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()
