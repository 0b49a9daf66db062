"""What tests over real sockets need."""

from __future__ import annotations

import contextlib
import resource
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.slack.entry.sockets import Connection


@pytest.fixture
async def connections() -> AsyncIterator[list[Connection]]:
    """What a test opened, closed in the end."""
    opened: list[Connection] = []
    yield opened
    for _, writer in opened:
        writer.close()
    for _, writer in opened:
        with contextlib.suppress(OSError):
            await writer.wait_closed()


@pytest.fixture
def _many_files() -> Iterator[None]:
    """Let this process open as many files as it takes to be a thousand clients and their server."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(before[1], 4096) if before[1] > 0 else 4096, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)
