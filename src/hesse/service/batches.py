"""One point or many: an expression at all points of a batch at once, as an expression in arrays with one more axis.

The values along the new first axis are those of a running index, so that a batch of products is a contraction like
any other, and every target computes it in its own way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from hesse.calculus.components import components
from hesse.core.batch import Batch
from hesse.core.build import index, variable
from hesse.core.declarations import Declarations, VariableDeclaration
from hesse.core.nodes import Node, Variable
from hesse.core.rebuild import substitute, unfold
from hesse.core.running import Range, running
from hesse.core.sizes import ZERO, Size, product
from hesse.core.syntax import Syntax, call
from hesse.core.tensor import Tensor
from hesse.core.traverse import postorder
from hesse.errors import ArgumentError, HesseError, ParseError, VerificationError
from hesse.functions.masks import counting
from hesse.notation.back import to_syntax
from hesse.render.sharing import share
from hesse.service.scopes import taken_names
from hesse.simplify.engine import apply_facts, simplify
from hesse.verify.reference import evaluate
from hesse.verify.sampling import ATTEMPTS, distinct_settings, sample

INDEX = "batch index"
"""The running index; no text can have this name."""
_KEPT = frozenset({"pos", "pm1", "simplex"})
"""What is declared of the entries holds in a batch too; what is declared of a matrix does not fit its array."""
_TOLERANCE = 1e-9
MAX_ENTRIES = 64
"""Arrays of so few entries are written entry by entry."""


def batch_size(declarations: Declarations) -> Size:
    """A name for the number of points that is not in use."""
    taken, name = taken_names(declarations), "N"
    while name in taken:
        name += "_"
    return Size.of(name)


def batch_names(batch: str | Sequence[str]) -> list[str]:
    """The names of the variables that get a new axis. Raises ArgumentError for what are no names."""
    names = [batch] if isinstance(batch, str) else [*batch] if isinstance(batch, (list, tuple)) else []
    if not names or not all(isinstance(name, str) for name in names):
        raise ArgumentError("batch takes the name of a variable, or names")
    return names


def batched(
    node: Node, exact: Syntax, declarations: Declarations, names: Sequence[str], size: Size
) -> tuple[Syntax, Declarations]:
    """The tree and the declarations with a new first axis on the variables named and on the result.

    `exact` is the tree of the node that the batch is compared with, point by point. Raises ArgumentError for a name
    that is not declared, and where a part has no form for many points at once.
    """
    unknown = [name for name in names if name not in declarations.variables]
    if unknown:
        hint = f"the variables are {', '.join(declarations.variables)}"
        raise ArgumentError(f"there is no variable {unknown[0]} to make a batch of", hint=hint)
    entries = tuple(
        _longer(e, size) if e.name in names and isinstance(e, VariableDeclaration) else e for e in declarations
    )
    new = Declarations(entries, declarations.required)
    plain = unfold(apply_facts(node))
    batch = _PointByPoint(names, size, new)
    if 0 < _entries(node, declarations) <= MAX_ENTRIES:
        tree = _stacked(components(plain, {}).map(batch.tree))
    else:
        tree = batch.tree(plain)
    tree = share(tree, new)
    _check(exact, tree, names, new, size)
    return tree, new


def _entries(node: Node, declarations: Declarations) -> int:
    """The number of entries of an array all of whose sizes are numbers, as are those of the variables; else 0."""
    if not node.shape or declarations.size_names:
        return 0
    return product(node.shape).as_int() or 0


def _stacked(entries: Tensor[Syntax]) -> Syntax:
    """The entries of an array of few entries, each with values for all points, put together behind the first axis."""
    if not entries.shape:
        return entries.item
    step = math.prod(entries.shape[1:])
    rows = [Tensor(entries.shape[1:], entries.entries[k * step : (k + 1) * step]) for k in range(entries.shape[0])]
    return call("stack", *map(_stacked, rows), axis=1)


class _PointByPoint:
    """Writes nodes for all points of a batch."""

    def __init__(self, names: Sequence[str], size: Size, declarations: Declarations) -> None:
        self._names = names
        self._size = size
        self._declarations = declarations

    def tree(self, node: Node) -> Syntax:
        """The values at all points."""
        variables = [part for part in postorder(node) if isinstance(part, Variable) and part.name in self._names]
        values: dict[Node, Node] = {part: _at_index(part, self._size) for part in variables}
        try:
            whole = Batch(INDEX, Range(ZERO, self._size), counting).whole(substitute(node, values))
        except ParseError as error:
            message = error.message.replace(f"the running index `{INDEX}`", "the point")
            raise ArgumentError(f"{message}; so there is no batch of it") from None
        return to_syntax(simplify(whole), None, simplify, taken_names(self._declarations))


def _longer(entry: VariableDeclaration, size: Size) -> VariableDeclaration:
    return replace(entry, shape=(size, *entry.shape), attributes=entry.attributes & _KEPT)


def _at_index(old: Variable, size: Size) -> Node:
    """The variable at one point of its batch."""
    return index(variable(old.name, (size, *old.shape), old.attributes & _KEPT, old.integer), (running(INDEX),))


def _check(single: Syntax, many: Syntax, names: Sequence[str], new: Declarations, size: Size) -> None:
    """The batch at random points against the expression at each of them, by the plain evaluator.

    Raises VerificationError where they differ.
    """
    for sizes in distinct_settings(new):
        for attempt in range(ATTEMPTS):
            environment = sample(new, sizes, 0, attempt)
            try:
                found = evaluate(many, environment)
                for k in range(sizes[str(size)]):
                    rows = {name: _row(environment.values[name], k) for name in names}
                    expected = evaluate(single, environment.with_values(rows))
                    if not _close(_row(found, k), expected):
                        raise VerificationError("a batch differs from its points: this is a defect of hesse")
            except VerificationError:
                raise
            except HesseError:
                continue
            if all(map(math.isfinite, found.entries)):
                return


def _row(values: Tensor[float], k: int) -> Tensor[float]:
    step = math.prod(values.shape[1:])
    return Tensor(values.shape[1:], values.entries[k * step : (k + 1) * step])


def _close(one: Tensor[float], other: Tensor[float]) -> bool:
    pairs = list(zip(one.entries, other.entries, strict=True)) if one.shape == other.shape else [(0.0, math.inf)]
    scale = 1 + max((abs(b) for _, b in pairs if math.isfinite(b)), default=0.0)
    return all(abs(a - b) <= _TOLERANCE * scale or not (math.isfinite(a) and math.isfinite(b)) for a, b in pairs)
