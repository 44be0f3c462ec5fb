"""SymPy's matrix expressions as surface trees. Columns n x 1 are vectors; a matrix with one entry is a scalar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hesse.core.syntax import Binary, Index, Negative, Slice, Stack, Syntax, number
from hesse.interop.sympy_parts import Handler, Kind, Part, chained, function, kind_of, product, refusal, transposed


def _symbol(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    return Part(reader.matrix(expr), kind_of(expr.shape))


def _mat_add(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    return Part(chained("+", [part.tree for part in parts]), kind_of(expr.shape))


def _mat_mul(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    signs = [factor == -1 for factor in expr.args]
    (whole, *rest) = [part for part, sign in zip(parts, signs, strict=True) if not sign]
    for part in rest:
        whole = product(whole, part)
    return Part(Negative(whole.tree), whole.kind) if sum(signs) % 2 else whole


def _transpose(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    return transposed(parts[0])


def _inverse(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    return _to_power(parts[0], -1)


def _mat_pow(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    if not expr.exp.is_Integer:
        raise refusal(f"a matrix to the power {expr.exp}", "the exponent of a matrix is an integer")
    return _to_power(parts[0], int(expr.exp))


def _to_power(part: Part, exponent: int) -> Part:
    if part.kind == "scalar":
        return Part(Binary("**", part.tree, number(exponent)))
    if exponent == -1:
        return Part(function("inv", part.tree), "matrix")
    if exponent in (2, 3):
        # SymPy writes A*A as a power.
        return Part(chained("@", [part.tree] * exponent), "matrix")
    return Part(function("matpow", part.tree, number(exponent)), "matrix")


def _trace(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    (part,) = parts
    return part if part.kind == "scalar" else Part(function("trace", part.tree))


def _determinant(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    (part,) = parts
    return part if part.kind == "scalar" else Part(function("det", part.tree))


def _hadamard_product(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    return Part(chained("*", [part.tree for part in parts]), kind_of(expr.shape))


def _hadamard_power(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    base, exponent = parts
    if expr.exp == -1:
        return Part(Binary("/", number(1), base.tree), base.kind)
    return Part(Binary("**", base.tree, exponent.tree), base.kind)


def _filled(name: str) -> Handler:
    def build(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
        kind = kind_of(expr.shape)
        rows, columns = (reader.size(size) for size in expr.shape)
        if kind == "scalar":
            return Part(number(int(name != "zeros")))
        sizes: dict[Kind, tuple[Syntax, ...]] = {"column": (rows,), "row": (columns,), "matrix": (rows, columns)}
        return Part(function(name, *sizes[kind]), kind)

    return build


def _identity(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    if expr.shape == (1, 1):
        return Part(number(1))
    return Part(function("eye", reader.size(expr.shape[0])), "matrix")


def _diag_matrix(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    (part,) = parts
    return part if part.kind == "scalar" else Part(function("diag", part.tree), "matrix")


def _diagonal_of(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    (part,) = parts
    return part if part.kind == "scalar" else Part(function("diagpart", part.tree), "column")


def _diagonal_matrix(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    (part,) = parts
    return part if part.kind == "scalar" else Part(function("diag", function("diagpart", part.tree)), "matrix")


def _kronecker(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    """The Kronecker product of matrices; of columns and rows it is the product with one more axis, flattened."""
    if any(part.kind in ("column", "row") for part in parts):
        raise refusal("a Kronecker product with a vector", "take it of matrices")
    (whole, *rest) = parts
    for part in rest:
        both = "scalar" not in (whole.kind, part.kind)
        whole = Part(function("kron", whole.tree, part.tree), "matrix") if both else product(whole, part)
    return whole


def _element(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    whole = parts[0]
    row, column = (reader.position(part.tree) for part in parts[1:])
    items: dict[Kind, tuple[Syntax, ...]] = {
        "column": (row,), "row": (column,), "matrix": (row, column),
    }  # fmt: skip
    return whole if whole.kind == "scalar" else Part(Index(whole.tree, items[whole.kind]))


def _slice(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    """Rows and columns from start to stop; one row of a matrix is a row, one column a column."""
    whole, kind = parts[0], kind_of(expr.shape)
    if whole.kind == "scalar":
        return whole
    given = {"column": parts[1:4], "row": parts[4:7]}
    if whole.kind != "matrix":
        selected = _selection(reader, expr, whole.kind, given[whole.kind], kind == "scalar")
        return Part(Index(whole.tree, (selected,)), kind)
    rows = _selection(reader, expr, "column", given["column"], kind in ("row", "scalar"))
    columns = _selection(reader, expr, "row", given["row"], kind in ("column", "scalar"))
    return Part(Index(whole.tree, (rows, columns)), kind)


def _selection(reader: Any, expr: Any, axis: Kind, parts: Sequence[Part], single: bool) -> Syntax | Slice:
    start, stop, step = (reader.position(part.tree) for part in parts)
    place = 0 if axis == "column" else 1
    first, last, stride = expr.rowslice if place == 0 else expr.colslice
    if single:
        return start  # type: ignore[no-any-return]
    whole = last == expr.parent.shape[place]
    if stride != 1:
        # SymPy takes floor((stop - start)/step) entries, Python one more where this leaves a rest.
        whole, stop = False, reader.multiple(start, stop, step)
    return Slice(None if first == 0 else start, None if whole else stop, None if stride == 1 else step)


def _applied(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    """The function of every entry: its body, with the array in place of the variable."""
    (part,) = parts
    lambda_ = expr.function
    if not isinstance(lambda_, reader.sp.Lambda):
        lambda_ = reader.sp.Lambda(reader.sp.Dummy("d"), lambda_(reader.sp.Dummy("d")))
    if len(lambda_.variables) != 1:
        raise refusal("a function of several entries, applied to one matrix,")
    body = reader.inside(lambda_.expr, {lambda_.variables[0]: part.tree})
    if lambda_.variables[0] not in lambda_.expr.free_symbols:
        raise refusal("a constant function, applied to every entry,", "write a multiple of OneMatrix")
    return Part(body, part.kind)


def _explicit(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    rows, columns = expr.shape
    if 0 in expr.shape:
        raise refusal("a matrix without entries")
    trees = [part.tree for part in parts]
    if rows == 1 or columns == 1:
        return Part(trees[0] if len(trees) == 1 else Stack(tuple(trees)), kind_of(expr.shape))
    lines = [Stack(tuple(trees[k : k + columns])) for k in range(0, len(trees), columns)]
    return Part(Stack(tuple(lines)), "matrix")


def _indexed(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    return Part(Index(reader.array(expr.base), tuple(part.tree for part in parts)))


def _table(reader: Any, expr: Any, parts: Sequence[Part]) -> Part:
    """An array of any number of axes, which stands alone."""
    trees = [part.tree for part in parts]
    for size in reversed(expr.shape):
        trees = [Stack(tuple(trees[k : k + size])) for k in range(0, len(trees), size)]
    return Part(trees[0], "column" if len(expr.shape) == 1 else "matrix")


HANDLERS: Mapping[str, Handler] = {
    "MatrixSymbol": _symbol,
    "MatAdd": _mat_add,
    "MatMul": _mat_mul,
    "Transpose": _transpose,
    "Inverse": _inverse,
    "MatPow": _mat_pow,
    "Trace": _trace,
    "Determinant": _determinant,
    "HadamardProduct": _hadamard_product,
    "HadamardPower": _hadamard_power,
    "Identity": _identity,
    "ZeroMatrix": _filled("zeros"),
    "OneMatrix": _filled("ones"),
    "DiagMatrix": _diag_matrix,
    "DiagonalOf": _diagonal_of,
    "DiagonalMatrix": _diagonal_matrix,
    "KroneckerProduct": _kronecker,
    "MatrixElement": _element,
    "MatrixSlice": _slice,
    "ElementwiseApplyFunction": _applied,
    "MatrixBase": _explicit,
    "Indexed": _indexed,
    "NDimArray": _table,
}

OPERANDS: Mapping[str, Any] = {
    "MatrixSymbol": lambda expr: [],
    "Identity": lambda expr: [],
    "ZeroMatrix": lambda expr: [],
    "OneMatrix": lambda expr: [],
    "Inverse": lambda expr: [expr.arg],
    "MatPow": lambda expr: [expr.base],
    "MatrixElement": lambda expr: [expr.parent, expr.i, expr.j],
    "MatrixSlice": lambda expr: [expr.parent, *expr.rowslice, *expr.colslice],
    "ElementwiseApplyFunction": lambda expr: [expr.expr],
    "MatrixBase": lambda expr: list(expr.flat()),
    "Indexed": lambda expr: list(expr.indices),
    "NDimArray": lambda expr: list(expr._array),
}
