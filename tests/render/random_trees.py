"""Random trees of every shape, with their values: what renderers are tortured with."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random

import numpy as np
from numpy.typing import NDArray

from hesse.core.syntax import (
    Binary,
    Call,
    Definitions,
    Index,
    Name,
    Negative,
    Num,
    Operator,
    Stack,
    Syntax,
    Transpose,
    call,
    fold,
    number,
)
from hesse.frontends.text import parse_declarations

Array = NDArray[np.float64]
DECLARATIONS = parse_declarations("c: d: x:n v:n S:n,n T:n,n")
_RANDOM = np.random.default_rng(1)
POINT: dict[str, Array] = {
    "c": np.array(1.3),
    "d": np.array(0.7),
    "x": _RANDOM.uniform(0.5, 2, 3),
    "v": _RANDOM.uniform(0.5, 2, 3),
    "S": _RANDOM.uniform(0.5, 2, (3, 3)),
    "T": _RANDOM.uniform(0.5, 2, (3, 3)),
}
_BINARY: dict[str, Callable[[Array, Array], Array]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "**": np.power,
    "@": np.matmul,
    ">": lambda left, right: np.greater(left, right).astype(float),
}
_CALLS: dict[str, Callable[..., Array]] = {
    "sin": np.sin,
    "abs": np.abs,
    "diag": np.diag,
    "trace": np.trace,
    "inv": np.linalg.inv,
    "outer": np.outer,
    "dot": np.dot,
    "norm": lambda array: np.sqrt((array * array).sum()),
}
_VECTOR, _MATRIX = 1, 2


def value(tree: Syntax) -> Array:
    """The value of a tree at the point, by NumPy."""
    point = dict(POINT)
    bindings = tree.bindings if isinstance(tree, Definitions) else ()
    body = tree.body if isinstance(tree, Definitions) else tree
    with np.errstate(all="ignore"):
        for name, bound in bindings:
            point[name] = np.asarray(fold(bound, partial(_value, point)))
        return np.asarray(fold(body, partial(_value, point)))


def _value(point: dict[str, Array], tree: Syntax, parts: tuple[Array, ...]) -> Array:
    match tree:
        case Num(value=exact):
            return np.array(float(exact))
        case Name(name=name):
            return point[name]
        case Negative():
            return -parts[0]
        case Transpose():
            return parts[0].T
        case Binary(operator=operator):
            return _BINARY[operator](*parts)
        case Index():
            return np.asarray(parts[0][0])
        case Stack():
            return np.stack(parts)
        case Call(function=function):
            return np.asarray(_CALLS[function](*parts))
    raise AssertionError(tree)


def unary(tree: Syntax, rank: int) -> list[Syntax]:
    """Every operation on one tree of this rank."""
    results: list[Syntax] = [Negative(tree), call("sin", tree), call("abs", tree), call("norm", tree)]
    if rank == _VECTOR:
        results += [call("diag", tree), Index(tree, (number(0),)), Transpose(tree)]
    if rank == _MATRIX:
        results += [Transpose(tree), call("trace", tree), call("inv", tree), Index(tree, (number(0),))]
    return results


def binary(left: Syntax, right: Syntax, ranks: tuple[int, int]) -> list[Syntax]:
    """Every operation on two trees of these ranks."""
    operators: list[Operator] = ["+", "-", "*", "/", "**", ">"]
    if min(ranks) > 0:
        operators.append("@")
    results: list[Syntax] = [Binary(operator, left, right) for operator in operators]
    if ranks == (_VECTOR, _VECTOR):
        results += [call("outer", left, right), call("dot", left, right)]
    if ranks[0] == ranks[1] < _MATRIX:
        results.append(Stack((left, right)))
    return results


def leaves() -> list[Syntax]:
    """Names of every rank, and numbers that are written in different ways."""
    return [*map(Name, POINT), number(2), number(-3), Num(number(1).value / 3), Num(number(1).value / 10**6)]


def finite(tree: Syntax) -> Array | None:
    """The value of a tree, if it has one: shapes fit and no entry is infinite."""
    try:
        found = value(tree)
    except (ValueError, np.linalg.LinAlgError):
        return None
    return found if np.isfinite(found).all() and np.abs(found).max() < 1e6 else None


def grown(random: Random, count: int) -> list[tuple[Syntax, Array]]:
    """All small trees and `count` random larger ones, each made of two that are there already."""
    trees = [(leaf, value(leaf)) for leaf in leaves()]
    pairs = [(left, right) for left in trees for right in trees]
    small = [tree for leaf, known in trees for tree in unary(leaf, known.ndim)]
    small += [tree for (a, p), (b, q) in pairs for tree in binary(a, b, (p.ndim, q.ndim))]
    trees += [(tree, known) for tree in small if (known := finite(tree)) is not None]
    while len(trees) < count:
        (a, p), (b, q) = random.choice(trees), random.choice(trees)
        tree = random.choice([*unary(a, p.ndim), *binary(a, b, (p.ndim, q.ndim)), *binary(b, a, (q.ndim, p.ndim))])
        known = finite(tree)
        if known is not None:
            trees.append((tree, known))
    return trees


def same(left: Array, right: Array) -> bool:
    """Whether the values agree, shapes included."""
    return left.shape == right.shape and np.allclose(left, right, rtol=1e-8, atol=1e-10)
