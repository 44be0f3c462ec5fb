"""NumPy's functions of whole arrays by name; the modules beside this one enter theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Handler = Callable[..., Any]
HANDLERS: dict[str, Handler] = {}
VIEWS = frozenset({
    "transpose", "reshape", "ravel", "diagonal", "squeeze", "expand_dims", "swapaxes", "moveaxis", "broadcast_to",
    "atleast_1d", "atleast_2d", "flip", "fliplr", "flipud", "diag", "real",
})  # fmt: skip
"""Their results share memory with the argument, which matters for writes in place."""


def handles(*names: str) -> Callable[[Handler], Handler]:
    """A decorator that enters a function under NumPy's names for it."""

    def enter(handler: Handler) -> Handler:
        HANDLERS.update(dict.fromkeys(names, handler))
        return handler

    return enter
