"""The file of results: a line for each row, on the disk as soon as it is judged, and taken up again after a stop."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping
from pathlib import Path

from hesse.checking.hand_ins.judging import COLUMNS, Judgement
from hesse.errors import ArgumentError

FORMULA = ("=", "+", "-", "@", "\t", "\r")


HEAD = ",".join(COLUMNS) + "\n"


class Results:
    """The results in a file: those that were there, by key, and new ones appended.

    A line that was cut off by a crash is dropped. A cell that a spreadsheet would take for a formula gets an
    apostrophe in front.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.done: dict[str, Judgement] = {}
        text = self._whole_lines()
        if text:
            self._read(text)
        try:
            self._file = path.open("a", encoding="utf-8", newline="")
        except OSError as error:
            raise ArgumentError(f"{path} cannot be written: {error.strerror or error}") from None
        if not text:
            self._write(COLUMNS)

    def add(self, judgement: Judgement) -> None:
        """Append a result, and wait until it is on the disk."""
        cells = judgement.cells()
        self._write([_escaped(cells[name]) for name in COLUMNS])
        self.done[judgement.key] = judgement

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _write(self, cells: object) -> None:
        line = io.StringIO(newline="")
        csv.writer(line, lineterminator="\n").writerow(cells)  # type: ignore[arg-type]
        self._file.write(line.getvalue())
        self._file.flush()
        os.fsync(self._file.fileno())

    def _whole_lines(self) -> str:
        """The text up to its last complete line; the file is cut to it, when it is one of results.

        Raises ArgumentError for any other file, which is left as it is.
        """
        try:
            if not self.path.exists():
                return ""
            data = self.path.read_bytes()
            # The head is written at once: a file that has a part of it only is somebody's own.
            if data and not data.startswith(HEAD.encode()):
                raise self._foreign()
            kept = data[: data.rfind(b"\n") + 1]
            text = kept.decode("utf-8")
            if len(kept) < len(data):
                with self.path.open("r+b") as file:
                    file.truncate(len(kept))
            return text
        except OSError as error:
            raise ArgumentError(f"{self.path} cannot be written: {error.strerror or error}") from None
        except UnicodeDecodeError:
            raise self._foreign() from None

    def _read(self, text: str) -> None:
        _, *rows = csv.reader(io.StringIO(text, newline=""))
        for row in rows:
            cells: Mapping[str, str] = {name: _plain(cell) for name, cell in zip(COLUMNS, row, strict=False)}
            if len(row) == len(COLUMNS):
                self.done[cells["key"]] = Judgement.of_cells(cells)

    def _foreign(self) -> ArgumentError:
        hint = "give another name with --output, or remove the file"
        return ArgumentError(f"{self.path} exists and holds no results of this command", hint=hint)


def _escaped(cell: str) -> str:
    return f"'{cell}" if cell.startswith((*FORMULA, "'")) else cell


def _plain(cell: str) -> str:
    return cell[1:] if cell.startswith("'") else cell
