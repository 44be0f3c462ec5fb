"""Running commands, in this process and as a process of their own."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fcntl import ioctl
from pathlib import Path
from typing import Any

import pytest

from hesse.cli.main import run

SOURCE = str(Path(__file__).parents[2] / "src")
# A job in the background ignores interruptions, and so would its children.
INTERRUPTIBLE = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
PROGRAM = [sys.executable, "-c", f"{INTERRUPTIBLE}; import sys; from hesse.cli.main import main; sys.exit(main())"]
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Outcome:
    """What a command did."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """The lines of standard output."""
        return self.out.splitlines()

    @property
    def record(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


Command = Callable[..., Outcome]


def in_process(words: Sequence[str], capsys: pytest.CaptureFixture[str]) -> Outcome:
    """The outcome of the command line in this process."""
    capsys.readouterr()
    status = run(words)
    captured = capsys.readouterr()
    return Outcome(status, captured.out, captured.err)


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """An environment in which nothing but `more` decides on encodings and colours."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "SYSTEMROOT")}
    return {**kept, "PYTHONPATH": SOURCE, "LC_ALL": "C.UTF-8", **more}


def process(*words: str | bytes, **more: str) -> Outcome:
    """The outcome of the command line as a process; keywords are environment variables."""
    done = subprocess.run([*PROGRAM, *words], capture_output=True, env=environment(more), timeout=60, check=False)
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


def on_terminal(*words: str, columns: int = 80, interrupt_at: str = "", **more: str) -> str:
    """What the command writes to a terminal of that width, escapes included; interrupted once it has written that."""
    leader, follower = pty.openpty()
    ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    with subprocess.Popen(
        [*PROGRAM, *words],
        stdout=follower,
        stderr=follower,
        env=environment({"TERM": "xterm-256color", **more}),
    ) as child:
        os.close(follower)
        written = b""
        try:
            while chunk := os.read(leader, 65536):
                written += chunk
                if interrupt_at and interrupt_at.encode() in written:
                    child.send_signal(signal.SIGINT)
                    interrupt_at = ""
        except OSError:  # the other end is closed
            pass
        os.close(leader)
        child.wait(timeout=60)
    return written.decode().replace("\r\n", "\n")


def without_escapes(text: str) -> str:
    """The text without colours."""
    return ESCAPE.sub("", text)
