r"""Products of numbers, rows, columns and matrices: which one is meant follows from what the factors are.

Side by side, a row times a column is the dot product, a column times a row the outer product, and a number scales.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hesse.core.syntax import Call, Name, Transpose
from hesse.errors import AmbiguousError, HesseError, ParseError, ShapeError
from hesse.frontends.latex.operands import shows_bare
from hesse.frontends.latex.steps import Step
from hesse.frontends.latex.tree import Group, Infix, Latex, Number, Power, Product, Symbol, Transposed
from hesse.frontends.latex.values import Scope, Value, binary, broadcast, called
from hesse.frontends.text.vocabulary import canonical


def lower_product(scope: Scope, node: Product) -> Step[Value]:
    """Factors side by side."""
    factors: list[Value] = []
    parts: list[Latex] = []
    stack: list[Latex] = list(reversed(node.factors))
    while stack:
        factor = stack.pop()
        if isinstance(factor, Product):
            stack.extend(reversed(factor.factors))
            continue
        if shows_bare(factor):
            raise ParseError(
                "braces do not show: it looks as if only one term were multiplied",
                span=factor.span,
                hint=f"write `({scope.source(factor.span)[1:-1]})`",
            )
        value: Value = yield factor
        if scope.assumed and value.rank == 0 and factors and factors[-1].rank and isinstance(factor, Symbol):
            # A number stands in front: what is written behind an array is no number.
            raise ShapeError(f"{factors[-1].kind} times a number", span=node.span)
        factors.append(value)
        parts.append(factor)
    if node.behind and _may_end_earlier(scope, node.behind, parts, factors):
        raise _unclear_end(scope, node, parts)
    return multiplied(scope, factors).at(node.span)


def _may_end_earlier(scope: Scope, function: str, parts: Sequence[Latex], values: Sequence[Value]) -> bool:
    r"""Whether the last factor of an argument without brackets may just as well stand behind the function.

    `\sin 2\pi x` is read whole, as it is meant. In `\cos x x` and `\sin x (1 - x)` the last factor may be outside; so
    it may behind a determinant, which nobody writes of a product of square matrices without brackets.
    """
    if all(value.rank == 0 for value in values):
        last = _base(parts[-1])
        names = [scope.source(_base(part).span) for part in parts[:-1] if not isinstance(part, Number)]
        return bool(names) and (isinstance(last, Group) or scope.source(last.span) in names)
    return "det" in function and all(value.rank == 2 for value in values) and _may_be_square(scope, values[0])


def _base(factor: Latex) -> Latex:
    """What is raised to a power or transposed, without braces that do not show."""
    while isinstance(factor, (Power, Transposed)) or (isinstance(factor, Group) and factor.mark == "{"):
        factor = factor.body if isinstance(factor, Group) else factor.base
    return factor


def _may_be_square(scope: Scope, value: Value) -> bool:
    """Whether a factor can be a square matrix: a name whose sizes are known to differ is none."""
    tree = value.tree
    while isinstance(tree, Transpose):
        tree = tree.operand
    shape = scope.shapes.get(tree.name) if isinstance(tree, Name) else None
    return shape is None or shape[0] == shape[1]


def _unclear_end(scope: Scope, node: Product, parts: Sequence[Latex]) -> AmbiguousError:
    inside, outside = scope.source(node.span), scope.source(parts[-1].span)
    start = scope.source(parts[0].span.join(parts[-2].span))
    return AmbiguousError(
        f"does the argument of `{node.behind}` end before `{outside}`?",
        (rf"{node.behind}({inside})", rf"{node.behind}({start}) \cdot {outside}"),
        span=node.span,
    )


def multiplied(scope: Scope, factors: Sequence[Value]) -> Value:
    """The product of factors that stand side by side."""
    arrays = [factor for factor in factors if factor.rank]
    for array in arrays:
        if array.rank > 2 and len(arrays) > 1:
            raise ShapeError(f"a product with {array.kind}", span=array.span)
    parts = [factor for factor in factors if not factor.rank]
    whole: Value | None = None
    for segment in _segments(arrays):
        product = _chain(segment)
        if product.rank == 0:
            parts.append(product)
        elif whole is None:
            whole = product
        else:
            raise _unclear(scope, arrays)
    if whole is None:
        return _scaled(parts)
    return binary("*", _scaled(parts), whole, whole.rank, whole.row) if parts else whole


def _segments(arrays: Sequence[Value]) -> list[list[Value]]:
    """The arrays cut where a side of size 1 would meet one of size n: only numbers may stand on both sides there."""
    segments: list[list[Value]] = []
    for array in arrays:
        if segments and _right(segments[-1][-1]) == _left(array):
            segments[-1].append(array)
        else:
            segments.append([array])
    return segments


def _left(value: Value) -> bool:
    """Whether it has many rows."""
    return value.rank == 2 or not value.row


def _right(value: Value) -> bool:
    """Whether it has many columns."""
    return value.rank == 2 or value.row


def _chain(values: Sequence[Value]) -> Value:
    product = values[0]
    for value in values[1:]:
        product = _pair(product, value)
    return product


def _pair(left: Value, right: Value) -> Value:
    """The product of two that fit; a number scales."""
    if left.rank == 0:
        return binary("*", left, right, right.rank, right.row)
    if left.rank == right.rank == 1:
        if left.row:
            return binary("@", left, right, 0)
        return called("outer", left, right, rank=2)
    return binary("@", left, right, left.rank + right.rank - 2, left.row)


def _scaled(numbers: Sequence[Value]) -> Value:
    product = numbers[0]
    for number in numbers[1:]:
        product = binary("*", product, number, 0)
    return product


def _unclear(scope: Scope, arrays: Sequence[Value]) -> HesseError:
    """The error for neighbours that do not fit together."""
    for left, right in pairwise(arrays):
        if _right(left) == _left(right):
            continue
        one, two = scope.text(left), scope.text(right)
        span = left.span.join(right.span)
        if left.rank == right.rank == 1:
            if left.row:
                return ShapeError(f"a row times a row: `{one}` and `{two}`", span=span, hint="transpose one of them")
            readings = (rf"{one}^\top {two}", rf"{one} \odot {two}", rf"{one} {two}^\top")
            return AmbiguousError(
                "a column times a column: the dot product, the product of entries, or the outer product?",
                readings,
                span=span,
            )
        if right.rank == 2:
            hint = rf"write `{one}^\top {two}`, or `{two} {one}`"
            return ShapeError(f"{left.kind} times a matrix: `{one}` and `{two}`", span=span, hint=hint)
        hint = f"write `{one}` times the column" + (f" `{two[:-5]}`" if two.endswith("^\\top") else "")
        return ShapeError(f"a matrix times a row: `{one}` and `{two}`", span=span, hint=hint)
    return ShapeError("the factors do not fit together", span=arrays[0].span.join(arrays[-1].span))


def lower_infix(scope: Scope, node: Infix) -> Step[Value]:
    """A product or a quotient with a sign."""
    chain: list[Infix] = [node]
    while isinstance(chain[-1].left, Infix) and chain[-1].left.operator not in ("frac",):
        chain.append(chain[-1].left)
    value: Value = yield chain[-1].left
    for each in reversed(chain):
        right: Value = yield each.right
        if each.operator not in ("frac",):
            for side in (each.left, each.right):
                if shows_bare(side):
                    inside = scope.source(side.span)[1:-1]
                    raise ParseError("braces do not show", span=side.span, hint=f"write `({inside})`")
        value = _joined(scope, each, value, right).at(each.span)
    return value


def _joined(scope: Scope, node: Infix, left: Value, right: Value) -> Value:
    match node.operator:
        case "/" | "frac" | "⊘":
            return _quotient(scope, node, left, right)
        case "·":
            return _dot(scope, left, right)
        case "⊙" | "∘":
            if node.operator == "∘":
                scope.note(r"`\circ` read as the product of entries")
            return by_entries(scope, left, right, r"\odot")
        case "⊗":
            return _kronecker(scope, left, right)
        case _:
            return _times(scope, node.operator, left, right)


def _quotient(scope: Scope, node: Infix, left: Value, right: Value) -> Value:
    if right.rank == 0:
        return binary("/", left, right, left.rank, left.row)
    shown = scope.source(node.span)
    if right.rank == 2 and node.operator != "⊘":
        one, two = scope.text(left), scope.text(right)
        raise AmbiguousError(
            "division by a matrix: by each entry, or the product with the inverse?",
            (rf"{one} \oslash {two}", rf"{one} ({two})^{{-1}}"),
            span=node.span,
        )
    common = broadcast(left, right)
    if common is None:
        raise ShapeError(f"`{shown}` divides {left.kind} by {right.kind}", span=node.span)
    if node.operator != "⊘":
        scope.note(f"`{shown}` read as the quotient of entries")
    return binary("/", left, right, *common)


def _dot(scope: Scope, left: Value, right: Value) -> Value:
    if left.rank == right.rank == 1 and left.row == right.row:
        return binary("@", left, right, 0)
    return multiplied(scope, (left, right))


def by_entries(scope: Scope, left: Value, right: Value, sign: str) -> Value:
    """The product of entries."""
    common = broadcast(left, right)
    if common is None:
        raise ShapeError(
            f"`{sign}` between {left.kind} and {right.kind}: `{scope.text(left)}` and `{scope.text(right)}`",
            span=left.span.join(right.span),
            hint=r"rows are scaled by `\mathrm{diag}(x) A`, columns by `A \mathrm{diag}(x)`",
        )
    return binary("*", left, right, *common)


def _kronecker(scope: Scope, left: Value, right: Value) -> Value:
    span = left.span.join(right.span)
    if left.rank == 0 or right.rank == 0:
        return multiplied(scope, (left, right))
    if left.rank == right.rank == 2:
        if canonical("kron") is None:
            raise ParseError("the Kronecker product is not in the vocabulary", span=span)
        return called("kron", left, right, rank=2)
    one, two = scope.text(left), scope.text(right)
    raise AmbiguousError(
        r"`\otimes` of vectors: the outer product, or the long vector of products?",
        (rf"{one} {two}^\top", rf"\operatorname{{vec}}({two} {one}^\top)"),
        span=span,
    )


def _times(scope: Scope, operator: str, left: Value, right: Value) -> Value:
    if left.rank == 0 or right.rank == 0:
        return multiplied(scope, (left, right))
    one, two = scope.text(left), scope.text(right)
    sign = r"\times" if operator == "×" else operator
    readings = (
        (rf"{one} {two}", rf"{one} \odot {two}")
        if left.rank == 2
        else (rf"{one}^\top {two}", rf"{one} \odot {two}", rf"{one} {two}^\top")
    )
    raise AmbiguousError(f"`{sign}` between {left.kind} and {right.kind}", readings, span=left.span.join(right.span))


def inner(scope: Scope, left: Value, right: Value) -> Value:
    """The inner product in angle brackets."""
    if left.rank == right.rank == 1:
        return binary("@", left, right, 0)
    if left.rank == right.rank == 2:
        scope.note(r"`\langle \cdot, \cdot \rangle` of matrices read as the sum of the products of entries")
        product = binary("*", left, right, 2)
        return Value(Call("sum", (product.tree,), None, product.span), 0, False, product.span)
    raise ShapeError(f"the inner product of {left.kind} and {right.kind}", span=left.span.join(right.span))
