"""Functions, bars and norms, derivatives of undefined functions, brackets, matrices, cases, constant arrays."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hesse.core.function import Construction
from hesse.core.nodes import Elementwise, Operator
from hesse.core.sizes import UNWRITTEN, Size
from hesse.core.syntax import Binary, Call, Name, Num, Syntax, Tuple, Undefined, number
from hesse.errors import AmbiguousError, ParseError, ShapeError, Span
from hesse.frontends.latex.positions import size_tree
from hesse.frontends.latex.products import inner
from hesse.frontends.latex.steps import Step
from hesse.frontends.latex.tree import (
    Applied,
    Bars,
    Derivative,
    Filled,
    Group,
    Infix,
    Inner,
    Latex,
    Listed,
    Relation,
    Sum,
    unbracketed,
)
from hesse.frontends.latex.values import Scope, Value, called
from hesse.frontends.text.vocabulary import canonical
from hesse.functions import FUNCTIONS
from hesse.notation.ranks import call_rank


def lower_applied(scope: Scope, node: Applied) -> Step[Value]:
    """A function of the vocabulary."""
    inside = node.arguments[0] if node.function == "log" and len(node.arguments) == 1 else None
    if isinstance(inside, Applied) and inside.function == "gamma":
        gamma: Value = yield replace(inside, span=node.span, function="gammaln")
        return gamma
    determinant = _log_determinant(node)
    if determinant is not None and canonical("logdet") is not None:
        matrix: Value = yield determinant
        if matrix.rank == 2:
            scope.note(f"`{scope.source(node.span)}` read as `logdet`: the determinant must be positive")
            return called("logdet", matrix, rank=0, span=node.span)
    values: list[Value] = []
    for argument in node.arguments:
        value: Value = yield from _shape(argument) if _is_shape(node, argument) else _value(argument)
        values.append(value)
    if canonical(node.function) is None:
        hint = r"its logarithm is: `\log\Gamma(x)`" if node.function == "gamma" else ""
        raise ParseError(f"`{node.function}` is not in the vocabulary", span=node.span, hint=hint)
    if node.function == "sqrt" and len(values) == 2:
        return _root(scope, values[0], values[1], node.span)
    _check_matrix(scope, node, values)
    call = Call(node.function, tuple(value.tree for value in values), node.axis, node.span)
    rank = call_rank(call, [value.rank for value in values])
    row = FUNCTIONS.get(node.function)
    keeps = isinstance(row, Elementwise) or (isinstance(row, Operator) and row.kind == "along")
    arrays = [value for value in values if value.rank]
    if keeps and rank < 3 and len({(value.rank, value.row) for value in arrays}) > 1:
        kinds = " and ".join(value.kind for value in arrays)
        raise ShapeError(f"`{node.function}` of {kinds}", span=node.span)
    return Value(call, rank, keeps and any(value.row for value in values), node.span)


def _value(argument: Latex) -> Step[Value]:
    value: Value = yield argument
    return value


def _is_shape(node: Applied, argument: Latex) -> bool:
    """Whether the argument is a shape (m, n) and no row of entries."""
    row = FUNCTIONS.get(node.function)
    takes = isinstance(row, Construction) and row.extra == "shape"
    return takes and isinstance(argument, Listed) and argument is not node.arguments[0]


def _shape(argument: Latex) -> Step[Value]:
    assert isinstance(argument, Listed)
    sizes: list[Syntax] = []
    for item in argument.items:
        size: Value = yield item
        sizes.append(size.tree)
    return Value(Tuple(tuple(sizes), argument.span), len(sizes), False, argument.span)


def _log_determinant(node: Applied) -> Latex | None:
    r"""The matrix in `\log\det A` and `\log|A|`; it may turn out to be something else."""
    if node.function != "log" or len(node.arguments) != 1:
        return None
    inside = node.arguments[0]
    if isinstance(inside, Applied) and inside.function == "det" and len(inside.arguments) == 1:
        return inside.arguments[0]
    return inside.body if isinstance(inside, Bars) and not inside.norm else None


def _root(scope: Scope, body: Value, index: Value, span: Span) -> Value:
    if not isinstance(index.tree, Num) or index.tree.value.denominator != 1 or index.tree.value < 2:
        raise ParseError("the index of a root is an integer of at least 2", span=index.span)
    if body.rank:
        raise AmbiguousError(
            f"the root of {body.kind}: of each entry?",
            (rf"{scope.text(body)}^{{\odot (1/{index.tree.value})}}",),
            span=span,
        )
    shown = scope.source(span)
    scope.note(f"`{shown}` read as the power 1/{index.tree.value}, which is there for positive numbers")
    return Value(Binary("**", body.tree, number(Fraction(1) / index.tree.value), span), 0, False, span)


def _check_matrix(scope: Scope, node: Applied, values: list[Value]) -> None:
    """Asks about a function such as exp of a matrix, which is another thing than that of each entry; about diag."""
    row = FUNCTIONS.get(node.function)
    if row is None or not values or values[0].rank != 2:
        return
    name, shown = node.function, scope.text(values[0])
    if isinstance(row, Elementwise) and r"\odot" in row.latex and not node.entries:
        command = rf"\operatorname{{{name}}}" if name == "sqrt" else rf"\{name}"
        raise AmbiguousError(
            f"`{name}` of a matrix: of each entry? The matrix function is not in the vocabulary",
            (rf"{command}_{{\odot}}({shown})",),
            span=node.span,
        )
    if name == "diag":
        raise AmbiguousError(
            "`diag` of a matrix: the vector of its diagonal, or the diagonal matrix with it?",
            (rf"\operatorname{{diagpart}}({shown})", rf"\operatorname{{diag}}(\operatorname{{diagpart}}({shown}))"),
            span=node.span,
        )


def lower_derivative(scope: Scope, node: Derivative) -> Step[Value]:
    """An undefined function or a derivative of it."""
    argument: Value = yield node.argument
    declaration = scope.cursor.names.declarations.functions[node.function]
    tree = Undefined(node.function, node.order, argument.tree, node.span)
    if declaration.elementwise:
        return Value(tree, argument.rank, argument.row, node.span)
    rank = len(declaration.codomain) + node.order * len(declaration.domain)
    return Value(tree, rank, False, node.span)


def lower_bars(scope: Scope, node: Bars) -> Step[Value]:
    """The absolute value, the determinant, or a norm."""
    body = node.body
    if node.norm and node.label == "1" and isinstance(body, Applied) and body.function == "vec":
        entries: Value = yield body.arguments[0]
        return called("norm1", entries, rank=0, span=node.span)
    value: Value = yield body
    if node.norm:
        return _norm(scope, node, value)
    if value.rank == 2:
        if canonical("det") is None:
            raise ParseError("determinants are not in the vocabulary", span=node.span)
        scope.note(f"`{scope.source(node.span)}` read as the determinant")
        return called("det", value, rank=0, span=node.span)
    if value.rank == 1:
        scope.note(f"`{scope.source(node.span)}` read as the absolute values of the entries")
    return called("abs", value, rank=value.rank, row=value.row, span=node.span)


def _norm(scope: Scope, node: Bars, value: Value) -> Value:
    shown, inside = scope.source(node.span), scope.text(value)
    matrix = value.rank == 2
    match node.label:
        case "" | "F" | "2" if not (matrix and node.label == "2"):
            if matrix and not node.label:
                scope.note(f"`{shown}` read as the Frobenius norm")
            return called("norm", value, rank=0, span=node.span)
        case "1" if not matrix:
            return called("norm1", value, rank=0, span=node.span)
        case "inf" if not matrix and canonical("max") is not None:
            largest = called("abs", value, rank=value.rank, span=node.span)
            return called("max", largest, rank=0, span=node.span)
        case _ if not matrix and (order := _order(scope, node.label)) is not None:
            powers = Binary("**", Call("abs", (value.tree,), None, node.span), order, node.span)
            total = Call("sum", (powers,), None, node.span)
            return Value(Binary("**", total, Binary("/", number(1), order), node.span), 0, False, node.span)
        case "2":
            hint = rf"the Frobenius norm is written `\lVert {inside} \rVert_F`"
        case "1":
            hint = rf"the sum of absolute values is written `\lVert \operatorname{{vec}}({inside}) \rVert_1`"
        case _:
            hint = r"the norms are `\lVert x \rVert`, `\lVert x \rVert_1` and `\lVert A \rVert_F`"
    raise ParseError(f"the norm `{shown}` is not in the vocabulary", span=node.span, hint=hint)


def _order(scope: Scope, label: str) -> Syntax | None:
    """The order of a norm: a number above 1, or a declared name."""
    if label.isdigit():
        return number(int(label)) if int(label) > 1 else None
    name = scope.cursor.names.find(label)
    return Name(name) if name is not None and not scope.shapes.get(name, ()) else None


def lower_inner(scope: Scope, node: Inner) -> Step[Value]:
    """The inner product."""
    left: Value = yield node.left
    right: Value = yield node.right
    if left.rank == right.rank == 0:
        one, two = scope.text(left), scope.text(right)
        factors = [
            f"({text})" if isinstance(part, Sum) else text for part, text in ((node.left, one), (node.right, two))
        ]
        raise AmbiguousError(
            "angle brackets around two numbers: a vector with these entries, or their product?",
            (rf"\begin{{bmatrix}} {one} \\ {two} \end{{bmatrix}}", rf"{factors[0]} \cdot {factors[1]}"),
            span=node.span,
        )
    return inner(scope, left, right).at(node.span)


def lower_group(scope: Scope, node: Group) -> Step[Value]:
    """What stands in brackets; a size that is rounded down."""
    if node.mark == "⌊":
        size: Size = yield ("size", node)
        return Value(size_tree(size), 0, False, node.span)
    value: Value = yield node.body
    return value.at(node.span)


def lower_filled(scope: Scope, node: Filled) -> Step[Value]:
    """The identity, ones or zeros; without sizes they follow from the use."""
    if len(node.sizes) == 1 and isinstance(unbracketed(node.sizes[0]), Relation):
        indicator: Value = yield node.sizes[0]
        return indicator.at(node.span)
    if not node.sizes:
        trees = [size_tree(size) for size in scope.shapes[hidden_name(node)]]
    else:
        trees = []
        for size in _sizes(node):
            found: Size = yield ("size", size)
            trees.append(size_tree(found))
    if node.kind == "I":
        if node.sizes and len(trees) != 1:
            raise ParseError("an identity has one size", span=node.span)
        return Value(Call("eye", (trees[0],), None, node.span), 2, False, node.span)
    function = "ones" if node.kind == "1" else "zeros"
    return Value(Call(function, tuple(trees), None, node.span), len(trees), False, node.span)


def hidden_name(node: Filled) -> str:
    """The name under which the sizes of an array without written sizes are looked for."""
    return f"{UNWRITTEN.removeprefix('?')}{node.kind}.{node.number}."


def _sizes(node: Filled) -> list[Latex]:
    r"""The sizes, of which `m \times n` are two."""
    found: list[Latex] = []
    stack = list(reversed(node.sizes))
    while stack:
        size = stack.pop()
        if isinstance(size, Infix) and size.operator == "×":
            stack += [size.right, size.left]
        else:
            found.append(size)
    return found
