"""The table of partial derivatives of a result, within limits that keep it readable."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from hesse.core.indices import labels_of
from hesse.core.nodes import Contract, Node, Operation, SizeValue
from hesse.core.tensor import positions
from hesse.core.traverse import children, postorder
from hesse.errors import ArgumentError, LimitError
from hesse.service.evaluation import Sizes
from hesse.service.expression import Expr
from hesse.service.table import needed_sizes

UNASKED_WORK = 1_500
"""Tables of partial derivatives with about so many terms are listed without being asked for."""
MAX_WORK = 20_000


@dataclass(frozen=True)
class Partials:
    """The partial derivatives one by one, for given sizes: positions (output axes, then input axes) and expressions."""

    sizes: Sizes
    shape: tuple[int, ...]
    entries: Mapping[tuple[int, ...], Expr]


def partial_derivatives(expression: Expr, sizes: Sizes | None) -> Partials | None:
    """The table of partial derivatives, if it is asked for, or small and free of symbolic sizes."""
    names = expression._declarations.size_names
    if sizes is None:
        if _needed(expression) or not expression.shape or _work(expression, {}) > UNASKED_WORK:
            return None
    else:
        _check_sizes(expression, sizes)
    given = {name: size for name, size in (sizes or {}).items() if name in names}
    table = expression.components(**given).entries
    return Partials(given, table.shape, {place: table[place] for place in positions(table.shape)})


def _check_sizes(expression: Expr, sizes: Sizes) -> None:
    """Raises HesseError when the sizes do not suffice for the table, or make it too large."""
    names = expression._declarations.size_names
    unknown = [name for name in sizes if name not in names]
    if unknown:
        hint = f"the sizes are {', '.join(names)}" if names else "all sizes are fixed"
        raise ArgumentError(f"`{unknown[0]}` is not a size here", hint=hint)
    missing = sorted(_needed(expression) - sizes.keys())
    if missing:
        example = ",".join(f"{name}={3 + k}" for k, name in enumerate(sorted(_needed(expression))))
        raise ArgumentError(f"the components need the size {' and '.join(missing)}", hint=f"for example {example}")
    if any(size < 1 for size in sizes.values()):
        raise ArgumentError("a size is at least 1")
    if _work(expression, sizes) > MAX_WORK:
        raise LimitError("the table of partial derivatives would be too large", hint="choose smaller sizes")


def _needed(expression: Expr) -> frozenset[str]:
    """The size names on which the table depends, also those that stand for numbers."""
    counted = (node.size.names for node in postorder(expression.node) if isinstance(node, SizeValue))
    return needed_sizes(expression.node).union(*counted)


def _work(expression: Expr, sizes: Sizes) -> int:
    """About how many terms the table consists of."""
    terms: dict[Node, int] = {}
    for node in postorder(expression.node):
        own = 1 + sum(terms[child] for child in children(node))
        terms[node] = own * _repeated(node, sizes)
    return terms[expression.node] * math.prod(size.evaluate(sizes) for size in expression._shape)


def _repeated(node: Node, sizes: Sizes) -> int:
    """How often the parts of a node occur in one of its entries: as often as its sum runs."""
    if isinstance(node, Operation):
        return math.prod(size.evaluate(sizes) for size in node.arguments[0].shape)
    if not isinstance(node, Contract):
        return 1
    kept = labels_of(node.out)
    return math.prod(extent.evaluate(sizes) for label, extent in enumerate(node.extents) if label not in kept)
