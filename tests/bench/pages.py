"""A server of ready pages in a process of its own, so that what is measured shares no interpreter with it.

Every other request hangs: that is a Clust that does not answer. `POST /flip` lets one application of each hundred
change, and change back. Run as `python -m tests.bench.pages APPLICATIONS DELAY`, it says its port.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.sandbox.clust.account import SUBMITTED
from bot.sandbox.clust.stand_in import SandboxClust

PER_PAGE = 100
CHANGING = 37
"""The place on each page of the row that changes."""

_PAGE = re.compile(rb"GET /api/dossiers\?page=(\d+)&")


@asynccontextmanager
async def serve_pages(applications: int, delay: float = 0.0) -> AsyncIterator[str]:
    """Start the server and yield the API's address."""
    arguments = ("-m", "tests.bench.pages", str(applications), str(delay))
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=Path(__file__).parents[2], stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout
        port = (await process.stdout.readline()).decode().strip()
        yield f"http://127.0.0.1:{port}/api"
    finally:
        process.kill()
        await process.wait()


async def flip(url: str) -> None:
    """Let one of each hundred change."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.split(":")[2].split("/", maxsplit=1)[0]))
    writer.write(b"POST /flip HTTP/1.1\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    writer.close()


def _answers(applications: int) -> tuple[list[bytes], list[bytes]]:
    """Return every page as it is and as it is when one row in it has changed, as whole HTTP answers."""
    account = SandboxClust(clock=lambda: datetime.now(UTC))
    account.populate(applications)
    # By creation, as it looks to the bot: a list that proves sorted by change would be read from its front.
    listed = sorted(account.dossiers.values(), key=lambda it: it.created_at)
    # With their counts, so that what changed need not be read singly, which hangs (rule R2).
    rows = [{**dossier.in_list(), **dossier.counts()} for dossier in listed]
    before, after = [], []
    for start in range(0, len(rows), PER_PAGE):
        page = rows[start : start + PER_PAGE]
        before.append(_answer(page, start // PER_PAGE + 1, applications))
        row = page[min(CHANGING, len(page) - 1)]
        row |= {"status": SUBMITTED, "is_late": not row["is_late"], "updated_at": datetime.now(UTC).isoformat()}
        after.append(_answer(page, start // PER_PAGE + 1, applications))
    return before, after


def _answer(rows: Sequence[object], page: int, total: int) -> bytes:
    body = json.dumps({"data": rows, "meta": {"current_page": page, "per_page": PER_PAGE, "total": total}}).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


class _Pages(asyncio.Protocol):
    """One connection. Requests come one after the other, without a body."""

    answers: tuple[list[bytes], list[bytes]]
    turned = 0
    delay = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._kept = transport, b""

    def data_received(self, data: bytes) -> None:
        self._kept += data
        if not self._kept.endswith(b"\r\n\r\n"):
            return
        request, self._kept = self._kept, b""
        if request.startswith(b"POST /flip"):
            _Pages.turned = 1 - _Pages.turned
            self._transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        elif match := _PAGE.match(request):
            answer = self.answers[self.turned][int(match[1]) - 1]
            asyncio.get_running_loop().call_later(self.delay, self._transport.write, answer)


async def _serve() -> None:
    _Pages.answers, _Pages.delay = _answers(int(sys.argv[1])), float(sys.argv[2])
    server = await asyncio.get_running_loop().create_server(_Pages, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
