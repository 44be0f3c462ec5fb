"""Loops that write the values of a call into vectors, and what is left to do for the next one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(eq=False)
class Loop:
    """What writes values into vectors, given the values of a call, the vectors, and slots.

    `run` does it, once `made` is fitted to the arguments of the first call; `guarded` explains its errors.
    """

    made: Callable[..., Any]
    fit: Callable[[Callable[..., Any], list[Any]], Callable[..., Any]]
    guarded: Callable[[Callable[..., Any], list[Any]], Any]
    run: Callable[..., Any] | None = None

    def __call__(self, values: Sequence[Any], vectors: Sequence[Any], slots: Sequence[Any]) -> None:
        arguments = [*values[-1], *vectors, *slots]
        if self.run is None:
            self.run = self.fit(self.made, arguments)
        self.guarded(self.run, arguments)


@dataclass(frozen=True, eq=False)
class Refill:
    """What writes all that changes: a loop, and what it takes behind the arguments."""

    loop: Loop
    vectors: Sequence[Any]
    slots: Sequence[Any]
