"""Primitives of linear algebra, and calls of other jaxprs."""

from __future__ import annotations

from typing import Any

from hesse.core.sizes import ZERO, Size
from hesse.core.syntax import Call, Index, Syntax, call, number
from hesse.errors import TraceError
from hesse.frontends.jaxpr.reader import Reader, reads
from hesse.frontends.jaxpr.sizes import shape_of
from hesse.frontends.jaxpr.values import Integers, Known, Real, Unreadable, Value
from hesse.frontends.python.operations import einsum, matmul, named, stacked, transposed
from hesse.frontends.python.ufuncs import composed, elementwise
from hesse.functions import FUNCTIONS

LONGEST_LOOP = 1000


@reads("dot_general")
def _dot_general(reader: Reader, equation: Any, left: Value, right: Value) -> Value:
    (contracted, batch) = equation.params["dimension_numbers"]
    pairs = [(int(a), int(b)) for a, b in zip(*contracted, strict=True)]
    shared = [(int(a), int(b)) for a, b in zip(*batch, strict=True)]
    trees = reader.whole(left), reader.whole(right)
    shape = shape_of(equation.outvars[0].aval.shape)
    ranks = tuple(map(len, (left.shape, right.shape)))
    if len(pairs) == 1 and not shared and max(ranks) <= 2:
        (a, b) = pairs[0]
        first = trees[0] if a == ranks[0] - 1 else transposed(reader.trace, trees[0])
        second = trees[1] if b == 0 else transposed(reader.trace, trees[1])
        return Real(matmul(reader.trace, first, second), shape)
    if ranks == (1, 1) and not pairs and not shared:
        return Real(reader.trace.add(call("outer", *trees)), shape)
    one = [chr(ord("a") + k) for k in range(ranks[0])]
    two = [chr(ord("n") + k) for k in range(ranks[1])]
    for a, b in pairs + shared:
        two[b] = one[a]
    front = [one[a] for a, _ in shared]
    gone = {*front, *(one[a] for a, _ in pairs)}
    out = "".join([*front, *(c for c in one if c not in gone), *(c for c in two if c not in gone)])
    return Real(einsum(reader.trace, f"{''.join(one)},{''.join(two)}->{out}", *trees), shape)


@reads("custom_linear_solve")
def _custom_linear_solve(reader: Reader, equation: Any, *values: Value) -> Value:
    """A x = b with the matrix A, as jnp.linalg.solve writes it: for a vector, or for the rows of a matrix."""
    lengths, matvec = equation.params["const_lengths"], equation.params["jaxprs"].matvec.jaxpr
    *_, right = values
    steps = [(each.primitive.name, each.params.get("dimension_numbers")) for each in matvec.eqns]
    one_by_one = len(steps) == 2 and steps[1][0] == "transpose"
    expected = ((1,), (1,)) if one_by_one else ((1,), (0,))
    plain = steps and steps[0][0] == "dot_general" and _plain(steps[0][1]) == (expected, ((), ()))
    if lengths.matvec != 1 or not plain or len(steps) > 2 or matvec.eqns[0].invars[0] is not matvec.invars[0]:
        raise TraceError("a linear solve of this kind", hint="write `jnp.linalg.solve(A, b)`")
    matrix, tree = reader.whole(values[0]), reader.whole(right)
    if one_by_one:
        tree = transposed(reader.trace, tree)
    found = solved(reader, matrix, tree)
    return Real(transposed(reader.trace, found) if one_by_one else found, right.shape)


def _plain(numbers: Any) -> Any:
    return tuple(tuple(tuple(int(each) for each in side) for side in part) for part in numbers)


def solved(reader: Reader, matrix: Syntax, right: Syntax) -> Syntax:
    """The solution of matrix @ x = right; for the identity the inverse."""
    if isinstance(right, Call) and right.function == "eye":
        return named(reader.trace, "inv", matrix)
    if "solve" in FUNCTIONS:
        return named(reader.trace, "solve", matrix, right)
    return matmul(reader.trace, named(reader.trace, "inv", matrix), right)


@reads("jit", "pjit", "closed_call", "core_call", "remat", "remat2", "checkpoint", "custom_vjp_call", "custom_jvp_call",
       "custom_vjp_call_jaxpr")  # fmt: skip
def _call(reader: Reader, equation: Any, *values: Value) -> Any:
    """A function that is called: what it computes is read in its place."""
    parameters = equation.params
    inner = next(parameters[name] for name in ("jaxpr", "call_jaxpr", "fun_jaxpr") if name in parameters)
    if determinant := _determinant(reader, function_name(inner), inner, values):
        return determinant
    constants = getattr(inner, "consts", ())
    return reader.read(getattr(inner, "jaxpr", inner), constants, values)


def function_name(closed: Any) -> str:
    """The name of the function that a jaxpr was made of."""
    return str(getattr(getattr(closed, "jaxpr", closed).debug_info, "func_name", ""))


def _determinant(reader: Reader, name: str, inner: Any, values: tuple[Value, ...]) -> list[Value] | None:
    """The determinant, or its sign and the logarithm of its size, which JAX computes from a factorisation."""
    outputs = len(inner.jaxpr.outvars) if hasattr(inner, "jaxpr") else 0
    if (name, outputs) not in (("_det", 1), ("_slogdet_lu", 2)) or "det" not in FUNCTIONS:
        return None
    found = named(reader.trace, "det", reader.whole(values[0]))
    if outputs == 1:
        return [Real(found, ())]
    logarithm = composed(reader.trace, "log(abs(a))", found)
    return [Real(elementwise(reader.trace, "sign", found), ()), Real(logarithm, ())]


@reads("cond")
def _cond(reader: Reader, equation: Any, index: Value, *values: Value) -> list[Value]:
    """One of several branches: where a size decides, or where they are the same function for other machines."""
    branches = equation.params["branches"]
    if isinstance(index, Integers) and (known := index.offset.as_int()) is not None:
        branches = [branches[known]]
    elif isinstance(index, Known):
        branches = [branches[int(index.truth)]]
    elif equation.params.get("branches_platforms") is None:
        raise TraceError("the JAX primitive `cond` is not in the vocabulary", hint="write `jnp.where(condition, a, b)`")
    for branch in branches:
        results = reader.read(branch.jaxpr, branch.consts, values)
        if not any(isinstance(result, Unreadable) for result in results):
            break
    return results


@reads("scan")
def _scan(reader: Reader, equation: Any, *values: Value) -> list[Value]:
    """A loop with a fixed count, unrolled."""
    parameters = equation.params
    length = parameters["length"]
    if not isinstance(length, int) or length > LONGEST_LOOP:
        hint = "use whole arrays, or declare an integer"
        raise TraceError(f"a loop of symbolic length, or of more than {LONGEST_LOOP} rounds", hint=hint)
    consts, carried = parameters["num_consts"], parameters["num_carry"]
    fixed, carry, rows = values[:consts], list(values[consts : consts + carried]), values[consts + carried :]
    inner, collected = parameters["jaxpr"], []
    order = range(length - 1, -1, -1) if parameters["reverse"] else range(length)
    for k in order:
        results = reader.read(inner.jaxpr, inner.consts, [*fixed, *carry, *(_row(reader, each, k) for each in rows)])
        carry = results[:carried]
        collected.append(results[carried:])
    if parameters["reverse"]:
        collected.reverse()
    stacks = zip(*collected, strict=True)
    return [*carry, *(_stacked(reader, list(each)) for each in stacks)]


def _row(reader: Reader, value: Value, k: int) -> Value:
    if isinstance(value, Unreadable):
        return value
    if isinstance(value, Integers):
        offset = value.offset + value.strides[0] * k
        return Integers(value.shape[1:], offset, value.strides[1:])
    return Real(reader.trace.add(Index(reader.whole(value), (number(k),))), value.shape[1:])


def _stacked(reader: Reader, values: list[Value]) -> Value:
    shape = (Size.of(len(values)), *values[0].shape)
    if all(isinstance(value, Integers) for value in values) and len(values) == 1:
        return Integers(shape, values[0].offset, (ZERO, *values[0].strides))  # type: ignore[union-attr]
    return Real(stacked(reader.trace, [reader.whole(value) for value in values]), shape)
