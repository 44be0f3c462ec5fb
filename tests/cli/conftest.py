"""The command line as a fixture."""

from __future__ import annotations

import pytest

from .support import Command, Outcome, in_process


@pytest.fixture
def hesse(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command in this process."""

    def command(*words: str) -> Outcome:
        return in_process(words, capsys)

    return command
