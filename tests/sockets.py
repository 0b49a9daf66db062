"""Connections to a server of ours, held by hand."""

from __future__ import annotations

import asyncio

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]

HEAD = b"GET /healthz HTTP/1.1\r\nHost: bot.invalid\r\n"


async def opened(port: int, sent: bytes = b"") -> Connection:
    """Open a connection and say something."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    await writer.drain()
    return reader, writer


async def rest(reader: asyncio.StreamReader) -> bytes:
    """Return all that comes until the server ends the connection."""
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""


async def answered(connection: Connection) -> bytes:
    """Ask whether the server lives, and return the first line of its answer."""
    reader, writer = connection
    writer.write(HEAD + b"\r\n")
    line = await reader.readline()
    await reader.readuntil(b"ok")
    return line.strip()
