"""The entry point: words in, text and an exit status out."""

from __future__ import annotations

import difflib
import json
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import typer
from typer.main import get_command

import hesse
from hesse.cli import certified as _certified  # these register their commands
from hesse.cli import checking as _checking
from hesse.cli import code as _code
from hesse.cli import explain as _explain
from hesse.cli import pictures as _pictures
from hesse.cli.align import latex_lines
from hesse.cli.answers import Answer
from hesse.cli.app import app, default_format
from hesse.cli.arguments import ordered
from hesse.cli.blocks import Lines
from hesse.cli.failures import TRACEBACK, complain, defect_text, error_text
from hesse.cli.guide import command_guide, options_of, overview, repeatable_of
from hesse.cli.plain import plain_lines
from hesse.cli.records import Record, envelope, error_record
from hesse.cli.terminal import print_document
from hesse.errors import ArgumentError, HesseError, Span, VerificationError

__all__ = ["main", "run"]
_MODULES = (_explain, _certified, _checking, _pictures, _code)
DONE, UNUSABLE, DEFECT, UNWRITABLE, INTERRUPTED, BROKEN_PIPE = 0, 2, 70, 74, 130, 141
# The base of the errors of usage, which not every version of Typer names.
USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[2]


def main() -> int:
    """Run the command line. The exit status."""
    return run(sys.argv[1:])


def run(words: Sequence[str]) -> int:
    """The exit status of the command that the words make; its output is written."""
    try:
        return _status(words)
    except KeyboardInterrupt:
        complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        _discard_output()
        return BROKEN_PIPE
    except OSError as error:
        _discard_output()
        complain(f"the output cannot be written: {error.strerror or error}")
        return UNWRITABLE
    except Exception as error:
        if os.environ.get(TRACEBACK):
            raise
        complain(defect_text(error))
        return DEFECT


def _status(words: Sequence[str]) -> int:
    _prepare_output()
    heading = envelope(words[0] if words else "", hesse.__version__)
    try:
        answer = _answer(words)
    except HesseError as error:
        if "--json" in words:
            _write_json({**heading, "error": error_record(error)})
        complain(error_text(error))
        return _failure(error)
    if answer.record is not None:
        _write_json({**heading, **answer.record})
    else:
        _write(answer)
    for part, problem in answer.problems:
        complain(error_text(problem, part))
    return max((_failure(problem) for _, problem in answer.problems), default=answer.status)


def _failure(error: HesseError) -> int:
    """The status of an error: a result that had to be withheld is hesse's fault, anything else the input's."""
    return DEFECT if isinstance(error, VerificationError) else UNUSABLE


def _answer(words: Sequence[str]) -> Answer:
    """What the command gives back. Raises HesseError when it cannot be used."""
    _check_text(words)
    group: Any = get_command(app)
    commands: dict[str, Any] = group.commands
    first, rest = (words[0], words[1:]) if words else ("help", [])
    if first in ("--help", "-h", "help"):
        return Answer(command_guide(rest[0], commands[rest[0]]) if rest and rest[0] in commands else overview(commands))
    if first == "--version":
        return Answer((Lines((f"hesse {hesse.__version__}",)),))
    if first not in commands:
        raise _no_command(first, commands)
    if "--help" in rest or list(rest) == ["-h"]:
        return Answer(command_guide(first, commands[first]))
    arguments = [first, *ordered(rest, options_of(commands[first]), repeatable_of(commands[first]))]
    try:
        answer = group.main(args=arguments, prog_name="hesse", standalone_mode=False)
    except typer.Abort:
        raise KeyboardInterrupt from None
    except USAGE_ERROR as error:
        sentence = getattr(error, "format_message", error.__str__)()
        raise ArgumentError(sentence, hint=f"`hesse {first} --help` shows how to write it") from None
    if not isinstance(answer, Answer):
        # Typer turns an interruption into an exit status.
        raise KeyboardInterrupt
    return answer


def _check_text(words: Sequence[str]) -> None:
    """Raises ArgumentError for what was no UTF-8, which Python hands over as lone surrogates."""
    for word in words:
        place = next((k for k, char in enumerate(word) if "\ud800" <= char <= "\udfff"), None)
        if place is not None:
            raise ArgumentError("an argument is not UTF-8 text", source=word, span=Span(place, place + 1))


def _no_command(word: str, commands: Mapping[str, Any]) -> ArgumentError:
    if word.startswith("--"):
        return ArgumentError(f"there is no option {word}", hint="`hesse --help` shows the commands and options")
    near = difflib.get_close_matches(word, commands, 1)
    hint = f"did you mean `hesse {near[0]}`?" if near else f"the commands are {', '.join(commands)}"
    if not near and not word.isalpha():
        hint = f"write the command first: hesse derive {shlex.quote(word)}"
    return ArgumentError(f"there is no command `{word}`", hint=hint)


def _prepare_output() -> None:
    """What standard output cannot encode is written in a visible form. Raises OSError when there is no output."""
    if sys.stdout is None:
        raise OSError("standard output is closed")
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def _write(answer: Answer) -> None:
    if answer.notation == "unicode" and sys.stdout.isatty():
        print_document(answer.document)
    else:
        lines = latex_lines(answer.document) if answer.notation == "latex" else plain_lines(answer.document)
        sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def _write_json(record: Record) -> None:
    ascii_only = default_format() != "unicode"
    sys.stdout.write(json.dumps(record, indent=2, ensure_ascii=ascii_only, allow_nan=False) + "\n")
    sys.stdout.flush()


def _discard_output() -> None:
    """Let nothing more be written, so that Python does not fail once more when it ends."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):
        return
