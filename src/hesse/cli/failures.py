"""Errors on standard error: what is wrong, the place with carets, what to do. Never a traceback."""

from __future__ import annotations

import os
import re
import sys
import unicodedata

from hesse.errors import HesseError

LONGEST = 1000
TRACEBACK = "HESSE_TRACEBACK"
"""The environment variable that lets a defect of hesse show where it happened."""
_RED, _CYAN, _BOLD, _OFF = "\x1b[31m", "\x1b[36m", "\x1b[1m", "\x1b[0m"


def complain(message: str) -> None:
    """Write a message to standard error; a standard error that cannot be written to is not worth failing for."""
    if sys.stderr is None:  # the caller closed it
        return
    try:
        text = "\n".join(map(_cut, visible(f"error: {message}").split("\n")))
        sys.stderr.write((_coloured(text) if _colours() else text) + "\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        return


def error_text(error: HesseError, part: str = "") -> str:
    """The error as it is shown, with the part of the answer that it concerns."""
    return f"{part}: {error}" if part else str(error)


def defect_text(error: BaseException) -> str:
    """What to say when hesse itself failed."""
    detail = str(error).partition("\n")[0][:200]
    return (
        f"this is a defect of hesse: {type(error).__name__}{': ' * bool(detail)}{detail}\n"
        f"hint: please report the command and this message on the issue tracker; {TRACEBACK}=1 shows where it happened"
    )


def visible(text: str) -> str:
    """The text with what cannot be shown, or would steer the terminal, replaced."""
    encoding = sys.stderr.encoding or "ascii"
    shown = "".join("\ufffd" if _unprintable(char) else char for char in text)
    return shown.encode(encoding, "replace").decode(encoding)


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST else f"{line[: LONGEST // 2]} … {line[-LONGEST // 4 :]}"


def _unprintable(char: str) -> bool:
    return char != "\n" and unicodedata.category(char) in ("Cc", "Cs", "Cf")


def _colours() -> bool:
    return sys.stderr.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _coloured(text: str) -> str:
    """The text with its carets, its hints and its first word set off."""
    text = re.sub(r"^error:", f"{_BOLD}{_RED}error:{_OFF}", text)
    text = re.sub(r"^( +)(\^+)$", rf"\1{_RED}\2{_OFF}", text, flags=re.MULTILINE)
    return re.sub(r"^hint:", f"{_CYAN}hint:{_OFF}", text, flags=re.MULTILINE)
