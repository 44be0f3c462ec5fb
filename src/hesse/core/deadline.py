"""A moment by which a piece of work has to end: long steps look at it, so that no input makes anyone wait for ever."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice
from typing import TypeVar

from hesse.errors import LimitError

T = TypeVar("T")
PACE = 1000
_due: ContextVar[float] = ContextVar("due", default=math.inf)


class OutOfTimeError(LimitError):
    """The work did not end by the moment at which it was due."""


@contextmanager
def due(moment: float) -> Iterator[None]:
    """Work that ends by that moment of `time.monotonic`, or by an earlier one that is set already."""
    token = _due.set(min(moment, _due.get()))
    try:
        yield
    finally:
        _due.reset(token)


def check() -> None:
    """Raises OutOfTimeError once the work is due."""
    if time.monotonic() > _due.get():
        raise OutOfTimeError("the time is up")


def paced(items: Iterable[T]) -> Iterable[T]:
    """The items, with a look at the time every so often."""
    if isinstance(items, list) and len(items) <= PACE:
        check()
        return items
    return _paced(iter(items))


def _paced(rest: Iterator[T]) -> Iterator[T]:
    while chunk := list(islice(rest, PACE)):
        check()
        yield from chunk
