"""Processes that the benchmarks measure from outside."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from tests.processes import Held


@asynccontextmanager
async def running(
    *arguments: str, settings: Mapping[str, str], folder: Path, listening: Held | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `python ARGUMENTS`, handing it a socket where one is given, and kill it at the end."""
    with (folder / "bench.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", *arguments, *(listening.words if listening else ())),
            pass_fds=listening.fds if listening else (),
            env=settings,
            cwd=folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def healthy(port: int, patience: float = 30.0) -> None:
    """Wait until something answers `/healthz`."""
    async with asyncio.timeout(patience):
        while not await _answers(port):
            await asyncio.sleep(0.005)


async def _answers(port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return answer.startswith(b"HTTP/1.1 200")


def resident(pid: int) -> int:
    """Return the memory of a process that is in use now, in bytes (Linux)."""
    match = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert match
    return int(match[1]) * 1024
