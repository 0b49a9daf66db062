"""A CSV file on disk that is written row by row, so that no number of rows needs more memory."""

from __future__ import annotations

import csv
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from tempfile import TemporaryFile
from typing import BinaryIO, ClassVar

from bot.core.applications.export import cell_separator
from bot.core.errors import BotError
from bot.core.language import N_


class NoRoomForFile(BotError):
    """A temporary file couldn't be made or written."""

    summary: ClassVar[str] = N_(
        "I couldn't write the file, because my server has no space for temporary files. Report this "
        "to the person who runs the bot."
    )


class CsvFile:
    """Rows of cells as CSV (RFC 4180) in UTF-8, with the byte order mark that spreadsheets look for.

    Cells are separated as spreadsheets in the current language expect it.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        file.write(BOM_UTF8)
        self._text = TextIOWrapper(file, encoding="utf-8", errors="replace", newline="")
        self._writer = csv.writer(self._text, delimiter=cell_separator())
        self.rows = 0

    def add(self, cells: Iterable[object]) -> None:
        """Write a row. Raises NoRoomForFile."""
        try:
            self._writer.writerow(cells)
        except OSError as error:
            raise NoRoomForFile from error
        self.rows += 1

    def finished(self) -> tuple[BinaryIO, int]:
        """Return the file, to be read from its beginning, and its size in bytes. Raises NoRoomForFile."""
        try:
            self._text.flush()
            size = self._file.tell()
            self._file.seek(0)
        except OSError as error:
            raise NoRoomForFile from error
        return self._file, size


@contextmanager
def csv_file() -> Iterator[CsvFile]:
    """Yield a file that has no name, and that no one can read once it is closed. Raises NoRoomForFile."""
    try:
        file = TemporaryFile()  # noqa: SIM115  closed below: what fails inside isn't about the file
    except OSError as error:
        raise NoRoomForFile from error
    try:
        yield CsvFile(file)
    finally:
        with suppress(OSError):  # on a full disk: it is closed all the same
            file.close()
