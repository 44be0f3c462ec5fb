"""How large a dense value is, in bytes, and the limit beyond which it is computed only on request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hesse.codegen.binding import Binding
from hesse.core.declarations import Declarations
from hesse.core.nodes import Shape
from hesse.core.sizes import product
from hesse.errors import ArgumentError, HesseError, LimitError

BYTES = 8
MAX_BYTES = 2**30
"""What `evaluate` computes unasked: one gibibyte."""
_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB")


def dense_bytes(shape: Shape, sizes: Mapping[str, int]) -> int:
    """The bytes of a dense array of the shape. Raises ArgumentError when a size is missing or is none."""
    missing = sorted(name for name in product(shape).names if name not in sizes)
    if missing:
        raise ArgumentError(f"the number of bytes needs the size of {', '.join(missing)}")
    for name, size in sizes.items():
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise ArgumentError(f"the size {name} must be a positive integer, not {size!r}")
    return BYTES * product(shape).evaluate(sizes)


def refuse_huge(shape: Shape, declarations: Declarations, values: Mapping[str, Any]) -> None:
    """Raise LimitError when the dense value at these values would be beyond the limit."""
    shapes = {name: tuple(getattr(value, "shape", ())) for name, value in values.items()}
    try:
        sizes = Binding(declarations).sizes(shapes)
    except (HesseError, KeyError, TypeError):
        # Lists are small, and what does not fit is refused where it is computed.
        return
    if product(shape).names <= sizes.keys():
        count = dense_bytes(shape, dict(sizes))
        if count > MAX_BYTES:
            extent = " × ".join(str(size.evaluate(sizes)) for size in shape)
            raise LimitError(
                f"the value would be {extent}, {in_units(count)} as a dense array; the limit is {in_units(MAX_BYTES)}",
                hint="jvp, vjp and hvp give products without the array; `compile()` computes it whatever its size",
            )


def in_units(count: int) -> str:
    """A number of bytes as people say it."""
    power = min(max(count.bit_length() - 1, 0) // 10, len(_UNITS) - 1)
    return f"{count / 1024**power:.3g} {_UNITS[power]}"
