"""What a command gives back: blocks to lay out, or a record to print as JSON, and the errors beside them."""

from __future__ import annotations

from dataclasses import dataclass

from hesse.cli.blocks import Document
from hesse.cli.records import Record
from hesse.errors import HesseError


@dataclass(frozen=True)
class Answer:
    """The outcome of a command; `notation` is the format of the formulas in the document, `status` the exit status."""

    document: Document = ()
    record: Record | None = None
    notation: str = "unicode"
    status: int = 0
    problems: tuple[tuple[str, HesseError], ...] = ()
