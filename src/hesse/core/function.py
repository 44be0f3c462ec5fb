"""The record of a function that is only a way of writing a contraction, and the type of all rows.

The rows themselves are in `hesse.functions`. Interpreters never ask which function they see; they read the row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from hesse.core.nodes import Elementwise, Node, Operator
from hesse.core.syntax import Syntax, Tuple
from hesse.core.tensor import Tensor


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Construction:
    """A function that is only a way of writing a contraction: sum, mean, trace, diag, outer, eye.

    `build(arguments, axis)` gives the node, or raises ShapeError. `reference(arguments, axis)` is the plain
    function of tensors. `sizes` marks functions whose arguments are sizes (eye, ones, zeros); `build` then gets a
    tuple of Size. `rank(ranks, axis)` is the rank of the result. `domain` is what the first argument must satisfy.

    `arity` is the number of arrays, None for two or more. Behind them may stand sizes, which `build` gets as such: a
    new "shape" (sizes, or a tuple of them), an integer "shift", or an integer "offset" that may be left out.
    """

    name: str
    meaning: str
    signature: str
    build: Callable[[Sequence[Any], int | None], Node]
    reference: Callable[[Sequence[Tensor[float]], int | None], Tensor[float]]
    rank: Callable[[Sequence[int], int | None], int]
    arity: int | None = 1
    extra: Literal["", "shape", "shift", "offset"] = ""
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


def split_arguments(row: Construction, arguments: Sequence[Syntax]) -> tuple[list[Syntax], list[Syntax]]:
    """The arrays of a call, and the sizes that stand behind them; a tuple there counts as its items."""
    count = len(arguments) if row.arity is None or not row.extra else row.arity
    extra = [item for each in arguments[count:] for item in (each.items if isinstance(each, Tuple) else (each,))]
    return list(arguments[:count]), extra
