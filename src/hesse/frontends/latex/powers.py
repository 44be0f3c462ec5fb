"""Sums, signs, powers and transposes."""

from __future__ import annotations

from hesse.core.syntax import Binary, Call, Name, Negative, Syntax, Transpose, number, number_value
from hesse.errors import AmbiguousError, ParseError, ShapeError, Span
from hesse.frontends.latex.steps import Step
from hesse.frontends.latex.tree import Power, Relation, Sum, Transposed
from hesse.frontends.latex.values import Scope, Value, binary, broadcast, called, literal


def lower_sum(scope: Scope, node: Sum) -> Step[Value]:
    """Terms with their signs; a number beside an array is added to every entry."""
    total: Value | None = None
    for minus, term in node.terms:
        value: Value = yield term
        if total is None:
            total = _negative(value, node.span) if minus else value
        else:
            rank, row = _common(scope, total, value)
            total = binary("-" if minus else "+", total, value, rank, row)
    assert total is not None
    return total.at(node.span)


def _negative(value: Value, span: Span) -> Value:
    whole = Span(span.start, max(value.span.end, span.start))
    return Value(Negative(value.tree, whole), value.rank, value.row, whole)


def _common(scope: Scope, left: Value, right: Value) -> tuple[int, bool]:
    """Rank and direction of a sum. Raises when the terms do not fit."""
    common = broadcast(left, right)
    if common is None:
        one, two = scope.text(left), scope.text(right)
        hint = r"a vector is added to every column by `A + b \mathbf{1}^\top`, to every row by `A + \mathbf{1} b^\top`"
        raise ShapeError(
            f"{left.kind} plus {right.kind}: `{one}` and `{two}`",
            span=left.span.join(right.span),
            hint=hint if {left.rank, right.rank} == {1, 2} else "transpose one of them",
        )
    if (left.rank and right.rank) or left.rank == right.rank:
        return common
    array, number_ = (left, right) if left.rank else (right, left)
    if not literal(number_.tree):
        if scope.assumed:
            raise ShapeError(f"{left.kind} plus {right.kind}", span=left.span.join(right.span))
        scope.note(f"`{scope.text(number_)}` is a number beside {array.kind}, and counts for every entry")
    elif array.rank == 2:
        scope.note(f"`{scope.text(number_)}` beside a matrix counts for every entry")
    return common


def lower_relation(scope: Scope, node: Relation) -> Step[Value]:
    """A comparison: 1 where it holds, else 0."""
    left: Value = yield node.left
    right: Value = yield node.right
    common = broadcast(left, right)
    if common is None:
        raise ShapeError(f"{left.kind} is compared with {right.kind}", span=node.span)
    tree = Binary(node.operator, left.tree, right.tree, node.span)  # type: ignore[arg-type]
    return Value(tree, *common, node.span)


def lower_transposed(scope: Scope, node: Transposed) -> Step[Value]:
    """The transpose: a column becomes a row."""
    base: Value = yield node.base
    if node.inverse:
        base = inverse(scope, base, node.span)
    return transposed(scope, base, node.span)


def transposed(scope: Scope, base: Value, span: Span) -> Value:
    """The transpose of a value."""
    if base.rank == 1:
        return Value(base.tree, 1, not base.row, span)
    if base.rank > 1:
        if base.rank > 2:
            scope.note(f"`{scope.source(span)}` read as the array with all axes reversed")
        return Value(Transpose(base.tree, span), base.rank, False, span)
    if scope.assumed:
        raise ShapeError("the transpose of a number", span=span)
    return base.at(span)


def inverse(scope: Scope, base: Value, span: Span) -> Value:
    """The inverse of a matrix; of a number one over it."""
    if base.rank == 0:
        return Value(Binary("**", base.tree, Negative(number(1)), span), 0, False, span)
    if base.rank != 2:
        name = scope.text(base)
        raise AmbiguousError(f"the power -1 of {base.kind}: of each entry?", (rf"{name}^{{\odot -1}}",), span=span)
    return called("inv", base, rank=2, span=span)


def lower_power(scope: Scope, node: Power) -> Step[Value]:
    """A power: of a number, of each entry where that is marked, of a square matrix by an integer."""
    base: Value = yield node.base
    exponent: Value = yield node.exponent
    span = node.span
    if node.entries or (base.rank == 0 and (exponent.rank == 0 or _is_e(base.tree))):
        return _by_entries(scope, base, exponent, node)
    if exponent.rank:
        raise AmbiguousError(
            f"{exponent.kind} as the exponent: entry by entry?",
            (rf"{scope.text(base)}^{{\odot {scope.text(exponent)}}}",),
            span=span,
        )
    if base.rank == 1:
        name, power = scope.text(base), scope.text(exponent)
        readings = [rf"{name}^{{\odot {power}}}"]
        if number_value(exponent.tree) == 2:
            readings.append(rf"\lVert {name} \rVert^2")
        raise AmbiguousError("a power of a vector: of each entry, or of its norm?", tuple(readings), span=span)
    return _matrix_power(scope, base, exponent, span)


def _is_e(tree: Syntax) -> bool:
    return isinstance(tree, Name) and tree.name == "e"


def _by_entries(scope: Scope, base: Value, exponent: Value, node: Power) -> Value:
    common = broadcast(base, exponent)
    if common is None:
        raise ShapeError(f"{base.kind} to the power of {exponent.kind}", span=node.span)
    if exponent.rank == 2 and not node.entries:
        power = scope.text(exponent)
        raise AmbiguousError(
            "the exponential of a matrix: of each entry? The matrix exponential is not in the vocabulary",
            (rf"\exp_{{\odot}}({power})",),
            span=node.span,
        )
    if exponent.rank == 1 and not node.entries:
        scope.note(f"`{scope.source(node.span)}` read entry by entry")
    tree = Binary("**", base.tree, exponent.tree, node.span)
    return Value(tree, *common, node.span)


def _matrix_power(scope: Scope, base: Value, exponent: Value, span: Span) -> Value:
    if base.rank > 2:
        raise ShapeError(f"a power of {base.kind}", span=span)
    value = number_value(exponent.tree)
    name, power = scope.text(base), scope.text(exponent)
    if value is None or value.denominator != 1:
        raise ParseError(
            f"the power `{power}` of a matrix is not in the vocabulary",
            span=span,
            hint=rf"powers of entries are written `{name}^{{\odot {power}}}`",
        )
    if value == -1:
        return inverse(scope, base, span)
    scope.note(f"`{scope.source(span)}` read as the matrix power")
    return Value(Call("matpow", (base.tree, exponent.tree), None, span), 2, False, span)
