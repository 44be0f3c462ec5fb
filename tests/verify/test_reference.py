"""The plain evaluator against NumPy: every operation, shapes, scopes, IEEE edge cases, depth and speed."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest

from hesse.core.syntax import Binary, Index, Name, Running, number
from hesse.core.tensor import Tensor
from hesse.errors import ArgumentError, LimitError, ShapeError, UnknownNameError
from hesse.verify.reference import Environment, evaluate

from .trees import Tree, array, einsum, filled, fn, lift, names, stacked, tensor

SIZES = {"m": 3, "n": 2, "p": 4}
_RANDOM = np.random.default_rng(7)
VALUES: dict[str, Any] = {
    "A": _RANDOM.normal(size=(3, 2)),
    "B": _RANDOM.normal(size=(2, 4)),
    "S": _RANDOM.normal(size=(3, 3)),
    "K": _RANDOM.normal(size=(2, 3, 4)),
    "x": _RANDOM.normal(size=2),
    "b": _RANDOM.normal(size=3),
    "w": _RANDOM.uniform(0.2, 2, size=4),
    "c": np.float64(-1.7),
    "t": np.float64(0.6),
    "i": np.array([2, 0, -1, 2]),
    "j": np.array([1, 1, 0, -2]),
    "o": _RANDOM.normal(size=1),
}
POINT = Environment(SIZES, {name: tensor(value) for name, value in VALUES.items()})
A, B, S, K, x, b, w, c, t, i, j, o, m, n, p = names("A B S K x b w c t i j o m n p")
N = {name: np.asarray(value) for name, value in VALUES.items()}


def _softmax(z: Any, axis: int | None = None) -> Any:
    e = np.exp(z - z.max())
    return e / e.sum(axis=axis, keepdims=axis is not None)


CASES: dict[str, tuple[Tree, Any]] = {
    "sum": (A + A * 2, N["A"] + N["A"] * 2),
    "difference": (1 - b, 1 - N["b"]),
    "quotient": (b / w[0], N["b"] / N["w"][0]),
    "power": (w**1.5 - w ** (-b[0]), N["w"] ** 1.5 - N["w"] ** -N["b"][0]),
    "number to a power": (2**b, 2 ** N["b"]),
    "negative": (-(A @ x), -(N["A"] @ N["x"])),
    "rows": (A + x, N["A"] + N["x"]),
    "columns": (A.T * b, N["A"].T * N["b"]),
    "stretch one": (o + b, N["o"] + N["b"]),
    "stretch one in a matrix": (S * o, N["S"] * N["o"]),
    "three axes": (K * B[:, 1:2].T[0][0] + w, N["K"] * N["B"][:, 1:2].T[0][0] + N["w"]),
    "stretch both ways": (A[:, :1] + A.T[0], N["A"][:, :1] + N["A"].T[0]),
    "less": (A < 0.1, (N["A"] < 0.1) * 1.0),
    "less or equal": (A[0] >= A, (N["A"] <= N["A"][0]) * 1.0),
    "greater": (x < A, (N["A"] > N["x"]) * 1.0),
    "greater or equal": (b >= b[1], (N["b"] >= N["b"][1]) * 1.0),
    "equal": (i.equals(2), (N["i"] == 2) * 1.0),
    "different": (i.differs(2), (N["i"] != 2) * 1.0),
    "matrix by matrix": (A @ B, N["A"] @ N["B"]),
    "matrix by vector": (A @ x, N["A"] @ N["x"]),
    "vector by matrix": (b @ A, N["b"] @ N["A"]),
    "vector by vector": (x @ x, N["x"] @ N["x"]),
    "chain": (b @ A @ B @ w, N["b"] @ N["A"] @ N["B"] @ N["w"]),
    "transpose a vector": (x.T, N["x"]),
    "transpose a scalar": (c.T, N["c"]),
    "transpose a matrix": (A.T, N["A"].T),
    "transpose three axes": (K.T, N["K"].T),
    "entry": (A[1, 0], N["A"][1, 0]),
    "negative entry": (A[-1, -2], N["A"][-1, -2]),
    "row": (A[1], N["A"][1]),
    "column": (A[:, 1], N["A"][:, 1]),
    "size as position": (w[p - 1] + b[m - 3], N["w"][3] + N["b"][0]),
    "slices": (w[1:] - w[:-1], N["w"][1:] - N["w"][:-1]),
    "symbolic slice": (w[1 : p - 1], N["w"][1:3]),
    "steps": (w[::2] + w[1::2], N["w"][::2] + N["w"][1::2]),
    "backwards": (w[::-1] + w[-1:0:-1][0], N["w"][::-1] + N["w"][-1]),
    "slice beyond the end": (w[2:9], N["w"][2:9]),
    "empty slice": (fn("sum", w[3:1]), 0.0),
    "block": (S[1:, :2] @ A[:2], N["S"][1:, :2] @ N["A"][:2]),
    "slices of three axes": (K[1, ::2, 1:], N["K"][1, ::2, 1:]),
    "gather": (b[i], N["b"][N["i"]]),
    "gather rows": (A[i], N["A"][N["i"]]),
    "gather columns": (S[:, i], N["S"][:, N["i"]]),
    "gather pairs": (S[i, i], N["S"][N["i"], N["i"]]),
    "gather from a fixed row": (S[1, i], N["S"][1, N["i"]]),
    "gather from a fixed column": (S[i, 1], N["S"][N["i"], 1]),
    "gather with a slice between": (K[j, :, i], N["K"][N["j"], :, N["i"]]),
    "gather in neighbouring axes": (K[:, i, j], N["K"][:, N["i"], N["j"]]),
    "gather behind a fixed axis": (K[0, :, i], N["K"][0, :, N["i"]]),
    "gather and slice": (K[1:, i, ::2], N["K"][1:, N["i"], ::2]),
    "stack numbers": (stacked(1, c, x[0]), np.stack([1, N["c"], N["x"][0]])),
    "stack rows": (stacked(x, 2 * x), np.stack([N["x"], 2 * N["x"]])),
    "stack matrices": (stacked(A, -A), np.stack([N["A"], -N["A"]])),
    "sum of all": (fn("sum", A), N["A"].sum()),
    "sum of rows": (fn("sum", A, axis=0), N["A"].sum(0)),
    "sum of columns": (fn("sum", A, axis=1), N["A"].sum(1)),
    "sum of the last axis": (fn("sum", K, axis=-1), N["K"].sum(-1)),
    "sum of the middle axis": (fn("sum", K, axis=1), N["K"].sum(1)),
    "mean": (fn("mean", A) + fn("mean", K, axis=1)[0, 0], N["A"].mean() + N["K"].mean(1)[0, 0]),
    "norm": (fn("norm", A), np.linalg.norm(N["A"])),
    "norm by row": (fn("norm", A, axis=1), np.linalg.norm(N["A"], axis=1)),
    "norm1": (fn("norm1", K, axis=1), np.abs(N["K"]).sum(1)),
    "logsumexp": (fn("logsumexp", K, axis=0), np.log(np.exp(N["K"]).sum(0))),
    "softmax": (fn("softmax", w), _softmax(N["w"])),
    "softmax of all": (fn("softmax", A), _softmax(N["A"])),
    "softmax of columns": (fn("softmax", K, axis=1), _softmax(N["K"], 1)),
    "softmax of rows": (fn("softmax", A, axis=-1), _softmax(N["A"], 1)),
    "inverse": (fn("inv", S), np.linalg.inv(N["S"])),
    "diag": (fn("diag", x), np.diag(N["x"])),
    "diagpart": (fn("diagpart", S), np.diag(N["S"])),
    "outer": (fn("outer", x, b), np.outer(N["x"], N["b"])),
    "trace": (fn("trace", S) + fn("tr", S), 2 * np.trace(N["S"])),
    "eye": (fn("eye", m) - S, np.eye(3) - N["S"]),
    "ones": (fn("ones", n) + fn("ones", m, n) + filled("ones", m, n), np.full((3, 2), 3.0)),
    "zeros": (filled("zeros", p - 1, 2), np.zeros((3, 2))),
    "einsum": (einsum("ij,jk->ik", A, B), N["A"] @ N["B"]),
    "einsum with a trace": (einsum("ii,kj->jk", S, A), np.einsum("ii,kj->jk", N["S"], N["A"])),
    "einsum of three": (einsum("i, ij ,jkl->lk", b, A, K), np.einsum("i,ij,jkl->lk", N["b"], N["A"], N["K"])),
    "where": (fn("where", b > 0, b, fn("exp", b)), np.where(N["b"] > 0, N["b"], np.exp(N["b"]))),
    "where drops nan": (fn("where", b > 0, fn("log", b), 0), np.where(N["b"] > 0, np.log(np.maximum(N["b"], 1e-9)), 0)),
    "maximum": (fn("maximum", A, x), np.maximum(N["A"], N["x"])),
    "sizes and constants": (fn("sum", x) / n + names("pi")[0] ** names("e")[0], N["x"].sum() / 2 + np.pi**np.e),
    "decimals": (lift(0.1) * c, 0.1 * N["c"]),
    "logistic loss": (
        fn("sum", fn("log", 1 + fn("exp", -b * (A @ x)))),
        np.log(1 + np.exp(-N["b"] * (N["A"] @ N["x"]))).sum(),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_value_is_numpys(case: str) -> None:
    tree, expected = CASES[case]
    result = array(evaluate(tree.syntax, POINT))
    assert result.shape == np.shape(expected)
    np.testing.assert_allclose(result, expected, rtol=1e-13, atol=1e-14)


ELEMENTWISE: dict[str, Callable[[Any], Any]] = {
    name: getattr(np, name)
    for name in "exp expm1 log log1p sqrt sin cos tan arcsin arccos arctan sinh cosh tanh abs sign".split()
} | {
    "relu": lambda z: np.maximum(z, 0),
    "step": lambda z: np.heaviside(z, 0),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "softplus": lambda z: np.log1p(np.exp(z)),
    "silu": lambda z: z / (1 + np.exp(-z)),
}


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise_value_is_numpys(name: str) -> None:
    points = np.array([0.31, 0.8, 0.05])
    result = evaluate(fn(name, x).syntax, Environment({}, {"x": tensor(points)}))
    np.testing.assert_allclose(array(result), ELEMENTWISE[name](points), rtol=1e-13)


def _random_tree(random: Random, depth: int, shape: tuple[str, ...]) -> tuple[Tree, Any]:
    """A random tree of that shape, and its value by NumPy."""
    leaves = {(): "c t", ("n",): "x", ("m",): "b", ("m", "n"): "A", ("n", "p"): "B", ("n", "m"): "", ("p",): "w"}
    if depth == 0:
        names_here = leaves.get(shape, "").split()
        if names_here:
            name = random.choice(names_here)
            return names(name)[0], N[name]
        size = [SIZES[name] for name in shape]
        return filled("ones", *names(" ".join(shape))), np.ones(size)
    kind = random.randrange(7)
    if kind < 3:
        left, left_value = _random_tree(random, depth - 1, shape)
        right, right_value = _random_tree(random, depth - 1, shape[random.randrange(len(shape) + 1) :])
        return [
            (left + right, left_value + right_value),
            (left * right, left_value * right_value),
            (left / (2 + fn("sin", right)), left_value / (2 + np.sin(right_value))),
        ][kind]
    if kind == 3 and shape:
        inner = random.choice(["m", "n", "p"])
        left, left_value = _random_tree(random, depth - 1, (shape[0], inner))
        right, right_value = _random_tree(random, depth - 1, (inner, *shape[1:]))
        return left @ right, left_value @ right_value
    if kind == 4 and len(shape) < 2:
        axis = random.randrange(len(shape) + 1)
        inner = random.choice(["m", "n", "p"])
        below, value = _random_tree(random, depth - 1, (*shape[:axis], inner, *shape[axis:]))
        return fn("mean", below, axis=axis), value.mean(axis)
    if kind == 5 and len(shape) == 2:
        below, value = _random_tree(random, depth - 1, shape[::-1])
        return below.T, value.T
    below, value = _random_tree(random, depth - 1, shape)
    return fn("tanh", below), np.tanh(value)


@pytest.mark.parametrize("seed", range(100))
def test_random_trees_have_numpys_value(seed: int) -> None:
    random = Random(seed)
    shape = random.choice([(), ("n",), ("m",), ("m", "n"), ("n", "m")])
    tree, expected = _random_tree(random, 5, shape)
    result = array(evaluate(tree.syntax, POINT))
    assert result.shape == np.shape(expected)
    np.testing.assert_allclose(result, expected, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("symbol", ["+", "-", "*", "/", "**", "<", "<=", ">", ">=", "==", "!="])
def test_operators_are_ieee(symbol: str) -> None:
    special = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, 3.0, -3.0, 1e300, -1e300, 1e-300, math.inf, -math.inf, math.nan]
    left, right = (grid.ravel() for grid in np.meshgrid(special, special))
    operations: dict[str, Callable[[Any, Any], Any]] = {
        "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "**": np.power,
        "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
        "==": np.equal, "!=": np.not_equal,
    }  # fmt: skip
    with np.errstate(all="ignore"):
        expected = operations[symbol](left, right) * 1.0
    point = Environment({}, {"x": tensor(left), "y": tensor(right)})
    u, v = names("x y")
    result = array(evaluate(u._binary(symbol, v).syntax, point))  # type: ignore[arg-type]
    np.testing.assert_allclose(result, expected, rtol=1e-15)
    valid = ~np.isnan(expected)
    np.testing.assert_array_equal(np.signbit(result)[valid], np.signbit(expected)[valid])


def test_functions_never_raise() -> None:
    edge = [0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 800.0, -800.0, 1e308, -1e308, math.inf, -math.inf, math.nan]
    point = Environment({}, {"x": tensor(edge)})
    for name in ELEMENTWISE:
        result = evaluate(fn(name, x).syntax, point)
        assert math.isnan(result.entries[-1]), name
        if name not in ("log", "log1p"):  # at their poles nan stands for -inf
            with np.errstate(all="ignore"):
                expected = ELEMENTWISE[name](np.array(edge))
            finite = np.isfinite(expected)
            np.testing.assert_allclose(array(result)[finite], expected[finite], rtol=1e-12, err_msg=name)
    assert evaluate(fn("exp", x).syntax, point).entries[6:10] == [math.inf, 0.0, math.inf, 0.0]
    assert evaluate(fn("sinh", x).syntax, point).entries[6:8] == [math.inf, -math.inf]
    assert evaluate((1 / (1 + fn("exp", x))).syntax, point).entries[6:8] == [0.0, 1.0]
    for name in ("norm", "norm1", "logsumexp", "softmax", "sum", "mean"):
        assert all(map(math.isnan, evaluate(fn(name, x).syntax, point).entries)), name


def test_no_value_is_nan_of_the_right_shape() -> None:
    point = Environment({}, {"A": tensor(np.ones((2, 2))), "x": tensor(np.array([1.0]))})
    inverse = evaluate(fn("inv", A).syntax, point)
    assert inverse.shape == (2, 2)
    assert all(map(math.isnan, inverse.entries))
    assert math.isnan(evaluate(fn("mean", x[1:]).syntax, point).item)
    assert math.isnan(evaluate(fn("logsumexp", x[1:]).syntax, point).item)
    assert evaluate(fn("mean", A[:, 2:], axis=1).syntax, point).shape == (2,)
    assert evaluate((lift(10) ** 400).syntax, point).item == math.inf
    assert evaluate(lift(10**400).syntax, point).item == math.inf


WRONG_SHAPES: dict[str, Tree] = {
    "broadcast": A + b,
    "product": A @ b,
    "product with a scalar": A @ c,
    "product of rank three": K @ w,
    "stack": stacked(x, b),
    "too many indices": x[0, 1],
    "outside": x[2],
    "outside below": x[-3],
    "fraction": x[lift(0.5)],
    "fractional slice": w[: n / 4],
    "outside by a table": x[i],
    "tables that do not fit": S[i, stacked(0, 1, 2)],
    "axis": fn("sum", x, axis=1),
    "axis of a norm": fn("norm", A, axis=2),
    "zero step": w[::0],
    "inverse": fn("inv", A),
    "einsum sizes": einsum("ij,ij->i", A, S),
    "einsum ranks": einsum("i->i", A),
    "wrong count": fn("exp", x, x),
}


@pytest.mark.parametrize("case", WRONG_SHAPES)
def test_wrong_shapes_are_shape_errors(case: str) -> None:
    with pytest.raises(ShapeError):
        evaluate(WRONG_SHAPES[case].syntax, POINT)


def test_other_errors_say_what_is_missing() -> None:
    with pytest.raises(UnknownNameError, match="q has no value"):
        evaluate(names("q")[0].syntax, POINT)
    with pytest.raises(UnknownNameError, match="function nonsense"):
        evaluate(fn("nonsense", x).syntax, POINT)
    with pytest.raises(LimitError, match="too large"):
        evaluate(fn("ones", 3000, 3000).syntax, POINT)
    with pytest.raises(ArgumentError, match="is not a value"):
        evaluate((1 + Tree(filled("ones", n).syntax.arguments[0])).syntax, POINT)  # type: ignore[union-attr]


def test_declared_names_win_over_constants() -> None:
    e, pi = names("e pi")
    assert evaluate((e + pi).syntax, Environment({"pi": 3}, {"e": Tensor.scalar(0.5)})).item == 3.5


def test_a_sum_over_a_given_empty_range_is_zero() -> None:
    tree = Running("sum", "k", Index(Name("x"), (Name("k"),)), number(0), Binary("-", Name("n"), number(1)))
    point = Environment({"n": 1}, {"x": Tensor((1,), [5.0])})
    assert evaluate(tree, point).item == 0.0
    assert evaluate(tree, Environment({"n": 3}, {"x": Tensor((3,), [5.0, 2.0, 1.0])})).item == 7.0
    with pytest.raises(ShapeError, match="takes no value"):
        evaluate(Running("max", "k", Name("k"), number(0), number(0)), point)
