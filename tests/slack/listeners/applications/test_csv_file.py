"""A CSV file that is written row by row, without a name that anyone could open."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest

from bot.core.language import Language, speaking
from bot.slack.listeners.applications import csv_file as module
from bot.slack.listeners.applications.csv_file import NoRoomForFile, csv_file


def test_it_is_read_back_as_it_was_written() -> None:
    """UTF-8 with a byte order mark, and the size is that of the whole file."""
    with csv_file() as file:
        file.add(["Title", 'Größe, mit "Zeichen"\nund Zeile'])
        file.add(["\ud800", 4])
        content, size = file.finished()
        written = content.read()
    assert len(written) == size
    assert written.startswith(b"\xef\xbb\xbf")
    rows = [*csv.reader(io.StringIO(written.decode("utf-8-sig"), newline=""))]
    assert rows == [["Title", 'Größe, mit "Zeichen"\nund Zeile'], ["?", "4"]]


def test_french_spreadsheets_want_semicolons() -> None:
    """A cell with a semicolon is quoted, and one with a comma isn't."""
    with speaking(Language("fr", formats="fr")), csv_file() as file:
        file.add(["Titre", "a;b", "1,5"])
        content, _size = file.finished()
        assert content.read().decode("utf-8-sig") == 'Titre;"a;b";1,5\r\n'


def test_a_missing_temporary_folder_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where there is no folder for temporary files, or the disk is full, the person reads a sentence."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "not there"))
    with pytest.raises(NoRoomForFile), csv_file():
        pass


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("rows", [1, 10_000])
def test_a_full_disk_is_reported(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    """/dev/full takes nothing, as a full disk does: while rows are written, or at the end."""
    full = Path("/dev/full").open("wb")  # noqa: SIM115  csv_file closes it
    monkeypatch.setattr(module, "TemporaryFile", lambda: full)

    def write() -> None:
        with csv_file() as file:
            for _number in range(rows):
                file.add(["x" * 100])
            file.finished()

    with pytest.raises(NoRoomForFile, match="no space"):
        write()
