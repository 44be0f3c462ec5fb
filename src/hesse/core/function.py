"""The record of a function that is only a way of writing a contraction, and the type of all rows.

The rows themselves are in `hesse.functions`. Interpreters never ask which function they see; they read the row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from hesse.core.nodes import Elementwise, Node, Operator
from hesse.core.tensor import Tensor


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Construction:
    """A function that is only a way of writing a contraction: sum, mean, trace, diag, outer, eye.

    `build(arguments, axis)` gives the node, or raises ShapeError. `reference(arguments, axis)` is the plain
    function of tensors. `sizes` marks functions whose arguments are sizes (eye, ones, zeros); `build` then gets a
    tuple of Size. `rank(ranks, axis)` is the rank of the result. `domain` is what the first argument must satisfy.
    """

    name: str
    meaning: str
    signature: str
    build: Callable[[Sequence[Any], int | None], Node]
    reference: Callable[[Sequence[Tensor[float]], int | None], Tensor[float]]
    rank: Callable[[Sequence[int], int | None], int]
    takes_axis: bool = False
    sizes: bool = False
    domain: str = ""
    latex: str = ""
    unicode: str = ""


Row: TypeAlias = Elementwise | Operator | Construction


def reduces(row: Row) -> bool:
    """Whether the function takes an axis away: sum, mean, norm, logsumexp."""
    if isinstance(row, Construction):
        return row.takes_axis and row.rank([1], 0) == 0
    return isinstance(row, Operator) and row.kind == "reduction"
