"""A limit on the time that a piece of work may take, so that what never ends is a finding."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TooLong(BaseException):
    """The work was not done in time. No `except Exception` on the way stops it."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise TooLong in the main thread after so many seconds of computing, and again every second in case it is
    swallowed. Waiting for a busy machine does not count."""

    def late(number: int, frame: FrameType | None) -> None:
        raise TooLong

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, seconds, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
