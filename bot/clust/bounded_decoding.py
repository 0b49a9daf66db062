"""Read and decompress a response's body, up to a limit, whatever size it would decompress to.

httpx decompresses each chunk completely, and nested compression too: 64 kB can become 64 MB, or 64 GB. Here only gzip
is accepted, and decompressed step by step.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

import httpx

from bot.core.language import _

ASKED_FOR = "gzip"
"""What `Accept-Encoding` says."""

_GZIP = zlib.MAX_WBITS | 16


async def unpacked(response: httpx.Response, most: int) -> bytearray:
    """Return the first `most` bytes of a body, and one more if there are more. Raises httpx.DecodingError."""
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding not in {ASKED_FOR, "identity", ""}:
        raise httpx.DecodingError(_("The response has an unexpected encoding."), request=response.request)
    step = zlib.decompressobj(_GZIP).decompress if coding == ASKED_FOR else _plain
    try:
        return await _first(response, most + 1, step)
    except zlib.error as error:
        raise httpx.DecodingError(_("The response isn't encoded as declared."), request=response.request) from error


async def _first(response: httpx.Response, most: int, step: Callable[[bytes, int], bytes]) -> bytearray:
    body = bytearray()
    async for piece in response.aiter_raw():
        body += step(piece, most - len(body))
        if len(body) >= most:
            break
    return body


def _plain(piece: bytes, most: int) -> bytes:
    return piece[:most]
