"""Functions that call one another without recursion: each is a generator that yields what it needs.

`value = yield request` waits for the value that the handler of the request returns. An explicit stack holds the
functions that wait, so that nesting costs memory and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, TypeAlias, TypeVar

from hesse.errors import LimitError

T = TypeVar("T")
Step: TypeAlias = Generator[Any, Any, T]

WAITING = 20_000


def run(first: Step[T], handle: Callable[[Any], Any]) -> T:
    """What the first step returns; `handle` answers a request, or begins the step that will."""
    stack: list[Step[Any]] = [first]
    answer: Any = None
    while True:
        try:
            request = stack[-1].send(answer)
        except StopIteration as finished:
            stack.pop()
            answer = finished.value
            if not stack:
                return answer  # type: ignore[no-any-return]
            continue
        if len(stack) >= WAITING:
            raise LimitError(f"the formula is nested more than {WAITING} steps deep, which is the limit")
        answer = handle(request)
        if isinstance(answer, Generator):
            stack.append(answer)
            answer = None
