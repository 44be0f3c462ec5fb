"""Functions of whole arrays in SymPy's words: reductions are products with vectors of ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from hesse.core.declarations import Declarations
from hesse.core.syntax import Call, Syntax
from hesse.frontends.elaborate import Elaboration
from hesse.interop.sympy_arrays import Arrays, Value, cannot


class Writer(Protocol):
    """What writes a tree: the arithmetic of values, and what is known of the tree."""

    sp: Any
    arrays: Arrays
    declarations: Declarations
    state: Elaboration

    def product(self, left: Value, right: Value) -> Value:
        """left @ right."""
        ...

    def elementwise(self, name: str, tree: Syntax, operands: Sequence[Syntax]) -> Value:
        """A function of the entries of operands."""
        ...

    def sizes_of(self, tree: Call) -> list[Any]:
        """The sizes that are the arguments of a call."""
        ...


Whole: TypeAlias = Callable[[Writer, Call, Sequence[Value]], Value]
"""From the writer, a call and the values of its arguments to its value."""


def _total(writer: Writer, value: Value, axis: int | None) -> Value:
    """The sum of all entries, or along one axis; of a symbol's entries as a sum over its indices."""
    sp, arrays = writer.sp, writer.arrays
    if value.rank == 0:
        return value
    axis = axis if axis is None or value.rank == 1 else axis % value.rank
    if (value.rank == 1 or axis is None) and isinstance(value.base, sp.MatrixSymbol):
        return arrays.scalar(_over_entries(writer, value))
    matrix = arrays.matrix(value)
    rows, columns = matrix.shape
    if value.rank == 1:
        return arrays.single(sp.OneMatrix(1, rows) * matrix)
    if axis is None:
        return arrays.single(sp.OneMatrix(1, rows) * matrix * sp.OneMatrix(columns, 1))
    if axis == 0:
        return arrays.array(1, matrix.T * sp.OneMatrix(rows, 1))
    return arrays.array(1, matrix * sp.OneMatrix(columns, 1))


def _over_entries(writer: Writer, value: Value, operation: str = "Sum") -> Any:
    """The sum or product over the indices of a symbol."""
    sp = writer.sp
    taken = {entry.name for entry in writer.declarations} | set(writer.state.sizes)
    # Indices of sums inside are bound there; using them again would be right, and read badly.
    taken |= {str(symbol) for symbol in value.body.atoms(sp.Symbol)}
    free = (name for name in ("i", "j", "k", "l", *(f"i{k}" for k in range(1, 99))) if name not in taken)
    rows, columns = value.base.shape
    first, second = sp.Symbol(next(free)), sp.Symbol(next(free))
    position = (first, 0) if value.rank == 1 else (first, second)
    body = value.body.subs(writer.arrays.entry, value.base[position])
    limits = [(first, 0, rows - 1), (second, 0, columns - 1)][: value.rank]
    return getattr(sp, operation)(body, *reversed(limits))


def _count(value: Value, axis: int | None) -> Any:
    rows, columns = value.base.shape
    if value.rank == 1:
        return rows
    return rows * columns if axis is None else (rows, columns)[axis % 2]


def _sum(writer: Writer, tree: Call, values: Sequence[Value]) -> Value:
    return _total(writer, values[0], tree.axis)


def _mean(writer: Writer, tree: Call, values: Sequence[Value]) -> Value:
    (value,) = values
    if value.rank == 0:
        return value
    count = _count(value, tree.axis)
    return _map(writer, _total(writer, value, tree.axis), lambda x: x / count)


def _map(writer: Writer, value: Value, function: Callable[[Any], Any]) -> Value:
    return writer.arrays.apply("function", function, [value])


def _squares(writer: Writer, value: Value) -> Value:
    """The sum of the squares of all entries."""
    if value.rank == 0 or isinstance(value.base, writer.sp.MatrixSymbol):
        return _total(writer, _map(writer, value, lambda x: x**2), None)
    matrix = writer.arrays.matrix(value)
    product = matrix.T * matrix
    return writer.arrays.single(product) if value.rank == 1 else writer.arrays.scalar(writer.sp.Trace(product))


def _norm(writer: Writer, tree: Call, values: Sequence[Value]) -> Value:
    if tree.axis is None or values[0].rank == 1:
        return _map(writer, _squares(writer, values[0]), writer.sp.sqrt)
    squares = _map(writer, values[0], lambda x: x**2)
    return _map(writer, _total(writer, squares, tree.axis), writer.sp.sqrt)


def _norm1(writer: Writer, tree: Call, values: Sequence[Value]) -> Value:
    return _total(writer, _map(writer, values[0], writer.sp.Abs), tree.axis)


def _logsumexp(writer: Writer, tree: Call, values: Sequence[Value]) -> Value:
    return _map(writer, _total(writer, _map(writer, values[0], writer.sp.exp), tree.axis), writer.sp.log)


def _softmax(writer: Writer, tree: Call, values: Sequence[Value]) -> Value:
    """exp(x) over its sum, which is repeated along the axis."""
    sp, arrays = writer.sp, writer.arrays
    weights = _map(writer, values[0], sp.exp)
    total = _total(writer, weights, tree.axis)
    if total.rank == 0:
        return arrays.apply("/", lambda a, b: a / b, [weights, total])
    inverse = arrays.matrix(_map(writer, total, lambda x: 1 / x))
    rows, columns = weights.base.shape
    lanes = inverse * sp.OneMatrix(1, columns) if tree.axis in (1, -1) else sp.OneMatrix(rows, 1) * inverse.T
    return arrays.apply("*", lambda a, b: a * b, [weights, arrays.array(2, lanes)])


def _log_softmax(writer: Writer, tree: Call, values: Sequence[Value]) -> Value:
    return _map(writer, _softmax(writer, tree, values), writer.sp.log)


def _prod(writer: Writer, tree: Call, values: Sequence[Value]) -> Value:
    (value,) = values
    if value.rank == 0:
        return value
    if (value.rank == 2 and tree.axis is not None) or not isinstance(value.base, writer.sp.MatrixSymbol):
        raise cannot("the product of entries that are no symbol's")
    return writer.arrays.scalar(_over_entries(writer, value, "Product"))


def _var(writer: Writer, tree: Call, values: Sequence[Value]) -> Value:
    (value,) = values
    if value.rank != 1 and tree.axis is not None:
        raise cannot("`var` along an axis")
    count = _count(value, None)
    middle = _map(writer, _total(writer, value, None), lambda x: x / count)
    squares = writer.arrays.apply("-", lambda a, b: (a - b) ** 2, [value, middle])
    return _map(writer, _total(writer, squares, None), lambda x: x / count)


def _of_matrix(build: Callable[[Any, Any], Any], rank: int) -> Whole:
    """A function of one matrix, with a result of this rank."""

    def whole(writer: Writer, tree: Call, values: Sequence[Value]) -> Value:
        result = build(writer.sp, writer.arrays.matrix(values[0]))
        return writer.arrays.array(rank, result) if rank else writer.arrays.scalar(result)

    return whole


def _outer(writer: Writer, tree: Call, values: Sequence[Value]) -> Value:
    left, right = (writer.arrays.matrix(value) for value in values)
    return writer.arrays.array(2, left * right.T)


def _dot(writer: Writer, tree: Call, values: Sequence[Value]) -> Value:
    if all(value.rank for value in values):
        return writer.product(*values)
    return writer.elementwise("*", tree, tree.arguments)


def _transpose(writer: Writer, tree: Call, values: Sequence[Value]) -> Value:
    (value,) = values
    return value if value.rank < 2 else Value(2, value.body, value.base.T)


def _matpow(writer: Writer, tree: Call, values: Sequence[Value]) -> Value:
    matrix = writer.arrays.matrix(values[0])
    return writer.arrays.array(2, writer.sp.MatPow(matrix, values[1].body))


def _solve(writer: Writer, tree: Call, values: Sequence[Value]) -> Value:
    matrix, right = (writer.arrays.matrix(value) for value in values)
    return writer.arrays.array(values[1].rank, writer.sp.Inverse(matrix) * right)


def _kron(writer: Writer, tree: Call, values: Sequence[Value]) -> Value:
    if any(value.rank != 2 for value in values):
        raise cannot("a Kronecker product with a vector")
    return writer.arrays.array(2, writer.sp.KroneckerProduct(*map(writer.arrays.matrix, values)))


def _filled(name: str) -> Whole:
    def whole(writer: Writer, tree: Call, values: Sequence[Value]) -> Value:
        sizes = writer.sizes_of(tree)
        if len(sizes) == 0:
            return writer.arrays.scalar(int(name == "OneMatrix"))
        shape = (*sizes, writer.sp.Integer(1))[:2]
        return writer.arrays.array(len(sizes), getattr(writer.sp, name)(*shape))

    return whole


def _eye(writer: Writer, tree: Call, values: Sequence[Value]) -> Value:
    return writer.arrays.array(2, writer.sp.Identity(writer.sizes_of(tree)[0]))


WHOLE: Mapping[str, Whole] = {
    "sum": _sum,
    "mean": _mean,
    "norm": _norm,
    "norm1": _norm1,
    "logsumexp": _logsumexp,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "prod": _prod,
    "var": _var,
    "trace": _of_matrix(lambda sp, a: sp.Trace(a), 0),
    "det": _of_matrix(lambda sp, a: sp.Determinant(a), 0),
    "logdet": _of_matrix(lambda sp, a: sp.log(sp.Determinant(a)), 0),
    "inv": _of_matrix(lambda sp, a: sp.Inverse(a), 2),
    "diag": _of_matrix(lambda sp, a: sp.diagonalize_vector(a), 2),
    "diagpart": _of_matrix(lambda sp, a: sp.DiagonalOf(a), 1),
    "outer": _outer,
    "dot": _dot,
    "transpose": _transpose,
    "matpow": _matpow,
    "solve": _solve,
    "kron": _kron,
    "eye": _eye,
    "ones": _filled("OneMatrix"),
    "zeros": _filled("ZeroMatrix"),
}
