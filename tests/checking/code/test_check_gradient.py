"""`hs.check_gradient`: what is said of right and wrong derivatives, their shapes and types, and of unusable input."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hesse as hs

RIGHT = ("equal (proved)", "no difference found")
X = np.array([[1.0, 2.0], [3.0, -1.0], [0.5, 4.0]])
Y = np.array([1.0, -2.0, 0.5])


def opaque(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, which cannot be read as an expression."""
    return lambda *values: function(*(np.array(value, dtype=float) for value in values))


def least_squares(w: Any, X: Any, y: Any) -> Any:
    r = X @ w - y
    return r @ r / len(y)


def least_squares_gradient(w: Any, X: Any, y: Any) -> Any:
    return 2 * X.T @ (X @ w - y) / len(y)


@pytest.mark.parametrize("at", [{"w": [1, 2], "X": X, "y": Y}, {"y": Y, "w": [1, 2], "X": X}])
def test_arguments_by_name(at: dict[str, Any]) -> None:
    assert hs.check_gradient(least_squares, least_squares_gradient, at, wrt="w").verdict in RIGHT


def test_arguments_by_position_and_constants() -> None:
    assert hs.check_gradient(least_squares, least_squares_gradient, ([1, 2], X, Y), wrt=0).right
    assert hs.check_gradient(least_squares, least_squares_gradient, [1, 2], args=(X, Y)).right


def test_several_derivatives() -> None:
    def both(w: Any, X: Any, y: Any) -> Any:
        r = 2 * (X @ w - y) / len(y)
        return X.T @ r, np.outer(r, w)

    at = {"w": [1.0, 2.0], "X": X, "y": Y}
    found = hs.check_gradient(least_squares, both, at, wrt=["w", "X"])
    assert found.right and found.expected["X"].shape == (3, 2)
    as_dict = hs.check_gradient(least_squares, lambda **v: dict(zip("wX", both(**v), strict=True)), at, wrt=["w", "X"])
    assert as_dict.right
    wrong = hs.check_gradient(
        least_squares, lambda w, X, y: (both(w, X, y)[0], 3 * both(w, X, y)[1]), at, wrt=["w", "X"]
    )
    assert wrong.verdict == "different" and {entry.argument for entry in wrong.wrong} == {"X"}
    assert wrong.diagnosis == "by X: all 6 entries are 3 times too large" or "3 times" in wrong.diagnosis


def test_proved() -> None:
    found = hs.check_gradient(least_squares, least_squares_gradient, {"w": [1, 2], "X": X, "y": Y}, wrt="w")
    assert found.verdict == "equal (proved)" and "exact" in found.method


def test_values_and_derivative_in_one_function() -> None:
    assert hs.check_gradient(lambda x: (x @ x, 2 * x), True, [1.0, 2.0]).right
    assert hs.check_gradient(lambda x: (x @ x, 3 * x), True, [1.0, 2.0]).verdict == "different"
    with pytest.raises(hs.ArgumentError, match="must return a pair"):
        hs.check_gradient(lambda x: x @ x, True, [1.0, 2.0])


def test_an_array_as_the_derivative() -> None:
    assert hs.check_gradient(lambda x: x @ x, [2.0, 4.0], [1.0, 2.0]).right
    assert hs.check_gradient(lambda x: x @ x, [2.0, 5.0], [1.0, 2.0]).counterexample.index == (1,)


@pytest.mark.parametrize(
    ("jac", "said", "mistakes"),
    [
        (lambda x: 4 * x, "all 3 entries are 2 times too large", ["missing-factor"]),
        (lambda x: x, "all 3 entries are 2 times too small", ["missing-factor"]),
        (lambda x: -2 * x, "all 3 entries have the wrong sign", ["sign"]),
        (lambda x: 6 * x, "3 is the length of an axis", ["mean-or-sum"]),
        (lambda x: 2 * x * [1, 1, -1], "jac[2] has the wrong sign", ["sign"]),
        (lambda x: 2 * x * [1, 5, 1], "jac[1] is 5 times too large", ["missing-factor"]),
        (lambda x: 2 * x * [1, 1.0009, 1], "jac[1] is 0.09 % too large", ["missing-factor"]),
        (lambda x: 2 * x * [0, 1, 1], "jac[0] is zero where the derivative is not", []),
        (lambda x: 2 * x[::-1], "in reverse order", []),
        (lambda x: 2 * x + 0.3, "a term is too much: in every entry, 0.3 (a constant)", []),
        (lambda x: 2 * x * [math.nan, 1, 1], "1 of 3 entries is NaN", []),
        (lambda x: 2 * x * [math.inf, math.inf, 1], "2 of 3 entries are infinite", []),
    ],
)
@pytest.mark.parametrize("read", [True, False])
def test_what_is_wrong(jac: Callable[[Any], Any], said: str, mistakes: list[str], read: bool) -> None:
    def square(x: Any) -> Any:
        return np.sum(x**2)

    found = hs.check_gradient(square if read else opaque(square), jac, [1.0, 2.0, -1.5])
    assert found.verdict == "different" and said in found.diagnosis and found.mistakes == mistakes
    assert found.status == 1 and said in str(found)


def test_a_forgotten_regulariser_is_named() -> None:
    found = hs.check_gradient(lambda w: np.exp(w).sum() + 0.05 * w @ w, lambda w: np.exp(w), [1.0, 2.0, -0.5])
    assert found.diagnosis == "a term is missing: in every entry, 0.1 times the argument (as of a squared norm)"


def vector(x: Any) -> Any:
    return np.stack([x[0] ** 2 + x[0] * x[1], x[1] * x[2]])


def vector_jacobian(x: Any) -> Any:
    return np.array([[2 * x[0] + x[1], x[0], 0.0], [0.0, x[2], x[1]]])


def test_shapes_come_first() -> None:
    at = [1.0, 2.0, -3.0]
    assert hs.check_gradient(vector, vector_jacobian, at).right
    turned = hs.check_gradient(vector, lambda x: vector_jacobian(x).T, at)
    assert turned.verdict == "different" and turned.mistakes == ["shape", "layout"]
    assert "it is transposed; its entries are right" in turned.diagnosis
    worse = hs.check_gradient(vector, lambda x: 2 * vector_jacobian(x).T, at)
    assert "would be wrong, too" in worse.diagnosis
    short = hs.check_gradient(vector, lambda x: vector_jacobian(x)[:, :2], at)
    assert short.mistakes == ["shape"] and "(2, 3)" in short.diagnosis


def test_square_transposes_are_named() -> None:
    A = np.array([[1.0, 2.0, 0.5], [3.0, 4.0, -1.0], [0.0, 7.0, 1.0]])
    assert hs.check_gradient(lambda x: A @ x, lambda x: A, [1.0, 2.0, 3.0]).right
    assert hs.check_gradient(lambda x: A @ x, lambda x: A.T, [1.0, 2.0, 3.0]).mistakes == ["layout"]
    found = hs.check_gradient(lambda W: np.trace(A @ W), lambda W: A, A + 1)
    assert found.mistakes == ["layout"] and found.diagnosis == "jac is the transpose of the gradient"


@pytest.mark.parametrize("shape", [(1, 3), (3, 1), (3, 3), (2,), ()])
def test_wrong_shapes_of_a_gradient(shape: tuple[int, ...]) -> None:
    found = hs.check_gradient(lambda x: x @ x, lambda x: np.ones(shape), [1.0, 2.0, 3.0])
    assert found.verdict == "different" and "shape" in found.mistakes and "(3,)" in found.diagnosis


def test_the_derivative_of_each_entry_is_no_jacobian() -> None:
    found = hs.check_gradient(np.tanh, lambda x: 1 - np.tanh(x) ** 2, [0.5, -1.0, 2.0])
    assert found.mistakes == ["shape"] and "the entries of its diagonal; its entries are right" in found.diagnosis
    assert hs.check_gradient(np.tanh, lambda x: np.diag(1 - np.tanh(x) ** 2), [0.5, -1.0, 2.0]).right
    found = hs.check_gradient(np.tanh, lambda x: 1 - np.tanh(x), [0.5, -1.0, 2.0])
    assert "would be wrong, too" in found.diagnosis


def test_one_number_has_many_shapes() -> None:
    for jac in (lambda x: 2 * x, lambda x: np.array([2 * x]), lambda x: [[2 * x]], lambda x: float(2 * x)):
        assert hs.check_gradient(lambda x: x * x, jac, 3.0).right
    assert hs.check_gradient(lambda x: np.array([x @ x]), lambda x: 2 * x, [1.0, 2.0]).right
    assert hs.check_gradient(lambda x: np.array([x @ x]), lambda x: 2 * x[None, :], [1.0, 2.0]).right


def test_flattened_jacobians() -> None:
    B = np.arange(6.0).reshape(3, 2) + 1
    W = np.array([[1.0, 2.0, 5.0], [3.0, 4.0, 6.0]])
    by_rows = hs.check_gradient(lambda W: W @ B, lambda W: np.kron(np.eye(2), B.T), W)
    by_columns = hs.check_gradient(lambda W: W @ B, lambda W: np.kron(B.T, np.eye(2)), W)
    assert by_rows.right and "C order" in by_rows.readings[-1]
    assert by_columns.right and "Fortran order" in by_columns.readings[-1]
    four = hs.check_gradient(lambda W: W @ B, lambda W: np.einsum("ik,lj->ijkl", np.eye(2), B), W)
    assert four.right and not four.readings
    assert hs.check_gradient(lambda W: W @ B, lambda W: np.kron(np.eye(2), B), W).verdict == "different"


def test_only_the_diagonal() -> None:
    def softmax(z: Any) -> Any:
        return np.exp(z) / np.sum(np.exp(z))

    found = hs.check_gradient(softmax, lambda z: np.diag(softmax(z) * (1 - softmax(z))), [1.0, 2.0, 0.5])
    assert found.mistakes == ["off-diagonal"]


@pytest.mark.parametrize("value", [0.0, 1.0, 0.5])
def test_subgradients_are_accepted(value: float) -> None:
    found = hs.check_gradient(
        lambda x: np.sum(np.maximum(x, 0)), lambda x: np.where(x == 0, value, x > 0), [0.0, 1.0, -2.0]
    )
    assert found.verdict == "no difference found" and found.kinks == ("jac[0]",)
    assert "the slopes of its two sides are 0 and 1" in str(found) and "subgradient" in str(found)


@pytest.mark.parametrize("value", [-0.01, 1.01, 2.0, math.nan])
def test_what_is_no_subgradient(value: float) -> None:
    found = hs.check_gradient(
        lambda x: np.sum(np.maximum(x, 0)), lambda x: np.where(x == 0, value, x > 0), [0.0, 1.0, -2.0]
    )
    assert found.verdict == "different" and [entry.index for entry in found.wrong] == [(0,)]


@pytest.mark.parametrize(
    ("fun", "at", "said"),
    [
        (lambda x: np.log(x).sum(), [-1.0, 2.0], "fun is NaN"),
        (lambda x: np.exp(x), [1000.0, 2.0], "fun is infinite in 1 of 2 outputs"),
        (lambda x: np.floor(x).sum(), [1.0, 2.5], "grow without bound"),
        (lambda x: np.sqrt(x).sum(), [0.0, 2.0], "grow without bound"),
    ],
)
def test_nothing_to_compare_with(fun: Callable[[Any], Any], at: list[float], said: str) -> None:
    def jac(x: Any) -> Any:
        return np.array([9.0, 0.5**1.5]) if np.ndim(fun(x)) == 0 and x[1] == 2 else 0 * x

    found = hs.check_gradient(fun, jac, at)
    assert found.verdict == "undecided" and said in found.diagnosis and found.status == 3


def test_what_is_no_function() -> None:
    random = np.random.default_rng(0)
    assert "two calls" in hs.check_gradient(lambda x: x @ x + random.random(), lambda x: 2 * x, [1.0, 2.0]).diagnosis
    found = hs.check_gradient(lambda x: x @ x, lambda x: 2 * x + random.random(), [1.0, 2.0])
    assert found.verdict == "undecided" and found.diagnosis.startswith("jac is not a function")


def test_partial_derivatives_without_a_derivative() -> None:
    """sqrt(|xy|) at 0 has both partial derivatives, 0, and no derivative."""
    found = hs.check_gradient(lambda x: np.sqrt(np.abs(x[0] * x[1])), lambda x: 0 * x, [0.0, 0.0])
    assert found.verdict == "undecided" and "not differentiable" in found.diagnosis


def test_the_taylor_test() -> None:
    right = hs.check_gradient(lambda x: np.sum(np.exp(x)), lambda x: np.exp(x), [0.3, -0.2])
    assert [round(slope) for slope in right.slopes if slope is not None] == [2, 2, 2]
    wrong = hs.check_gradient(lambda x: np.sum(np.exp(x)), lambda x: 2 * np.exp(x), [0.3, -0.2])
    assert [round(slope) for slope in wrong.slopes if slope is not None] == [1, 1, 1]
    linear = hs.check_gradient(lambda x: x.sum(), lambda x: np.ones(2), [0.5, 0.25])
    assert linear.slopes == (None, None, None)


def test_a_small_relative_difference_counts_or_not() -> None:
    def jac(x: Any) -> Any:
        return 2 * x * (1 + 1e-5)

    assert hs.check_gradient(lambda x: x @ x, jac, [1.0, 2.0]).verdict == "different"
    assert hs.check_gradient(lambda x: x @ x, jac, [1.0, 2.0], tolerance=1e-4).right


@pytest.mark.parametrize("scale", [1e-30, 1e-12, 1e-6, 1.0, 1e6, 1e12, 1e30])
@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
def test_scales(scale: float, size: float) -> None:
    at = size * np.array([0.3, -1.1, 2.3])

    def fun(x: Any) -> Any:
        return scale * float(np.sum(np.sin(np.asarray(x) / size)))

    def jac(x: Any) -> Any:
        return scale / size * np.cos(x / size)

    assert hs.check_gradient(fun, jac, at).right
    found = hs.check_gradient(fun, lambda x: jac(x) * [1, 1, 1.001], at)
    assert [entry.index for entry in found.wrong] == [(2,)]


def test_symmetric_points_are_mentioned() -> None:
    """At equal entries the derivative of a normalised vector is right without its second term in the sum."""
    found = hs.check_gradient(lambda x: x.sum() ** 2, lambda x: 2 * len(x) * x, [1.0, 1.0, 1.0])
    assert found.right and "all entries of x are equal" in str(found)
    beside = hs.check_gradient(lambda x: x.sum() ** 2, lambda x: 2 * len(x) * x, [1.0, 1.0, 1.0], nearby=2)
    assert beside.verdict == "different" and "at the point itself nothing differs" in str(beside)
    assert hs.check_gradient(opaque(lambda x: np.exp(x).sum()), lambda x: np.exp(x), [1.0, 1.0], nearby=2).right


def test_many_entries_are_sampled_and_directions_tell_the_rest() -> None:
    count = 3000
    at = np.linspace(-1, 1, count)
    found = hs.check_gradient(opaque(lambda x: np.sum(np.sin(x))), np.cos, at)
    assert found.right and "of 1000 of 3000 inputs" in found.diagnosis

    def most(x: Any) -> Any:
        return np.cos(x) * np.where(np.arange(count) % 100 == 17, 1.5, 1)

    assert hs.check_gradient(opaque(lambda x: np.sum(np.sin(x))), most, at).verdict == "different"


def test_changed_arguments_are_noticed() -> None:
    def careless(x: Any) -> Any:
        x *= 2
        return 2 * x / 2

    found = hs.check_gradient(lambda x: float(x @ x), careless, [1.0, 2.0])
    assert found.right and "changes its argument in place" in str(found)


def raising(x: Any) -> Any:
    return x[len(x) + 2]


@pytest.mark.parametrize(
    ("fun", "jac", "error", "said"),
    [
        (lambda x: x @ x, raising, "IndexError", "test_check_gradient.py, line"),
        (raising, lambda x: x, "IndexError", "in `raising`"),
        (lambda x: x @ x, lambda x, y: x, "TypeError", "cannot be called with these arguments"),
        (lambda x: x @ x, lambda x: None, "", "jac returns None"),
        (lambda x: None, lambda x: x, "", "fun returns None"),
        (lambda x: "text", lambda x: x, "", "not of numbers"),
        (lambda x: x @ x, lambda x: x * 1j, "", "complex"),
        (lambda x: x @ x, lambda x: {"a": x}, "", "without `x`"),
        (lambda x: x @ x, None, "", "`jac` is missing"),
        (3, lambda x: x, "", "must be a function"),
    ],
)
def test_errors_of_the_code(fun: Any, jac: Any, error: str, said: str) -> None:
    with pytest.raises(hs.HesseError) as caught:
        hs.check_gradient(fun, jac, [1.0, 2.0])
    assert error in str(caught.value) and said in str(caught.value)


def test_the_part_of_the_line_is_shown() -> None:
    with pytest.raises(hs.HesseError) as caught:
        hs.check_gradient(raising, lambda x: x, [1.0, 2.0])
    line, carets = str(caught.value).splitlines()[1:3]
    assert line[carets.index("^") : carets.rindex("^") + 1] == "x[len(x) + 2]"


@pytest.mark.parametrize(
    ("at", "options", "said"),
    [
        (None, {}, "`at` is missing"),
        ([], {}, "without entries"),
        ((), {}, "is empty"),
        ({}, {}, "no value for the parameter `x`"),
        ({"y": [1.0]}, {}, "no parameter `y`"),
        ([[1.0], [1.0, 2.0]], {}, "differ in length"),
        (["a"], {}, "real numbers"),
        ("text", {}, "not numbers or an array"),
        ([1.0], {"wrt": "y"}, "no argument 'y'"),
        ([1.0], {"wrt": 3}, "no argument 3"),
        ([1.0], {"wrt": []}, "each once"),
        ([1.0], {"library": "cupy"}, "no library 'cupy'"),
        ({"x": [1.0]}, {"args": (1,)}, "by position"),
    ],
)
def test_errors_of_the_point(at: Any, options: dict[str, Any], said: str) -> None:
    with pytest.raises(hs.HesseError, match=said.replace("(", r"\(")):
        hs.check_gradient(lambda x: x @ x, lambda x: 2 * x, at, **options)


def test_integers_are_constants_where_they_are_arrays() -> None:
    def loss(w: Any, labels: Any) -> Any:
        return np.sum(np.log(np.sum(np.exp(w))) - w[labels])

    def gradient(w: Any, labels: Any) -> Any:
        counts = np.bincount(labels, minlength=len(w))
        return len(labels) * np.exp(w) / np.sum(np.exp(w)) - counts

    at = {"w": [1.0, 2.0, 0.5], "labels": np.array([0, 2, 2, 1])}
    assert hs.check_gradient(loss, gradient, at).right
    assert hs.check_gradient(loss, lambda w, labels: gradient(w, labels) + 0.1, at).verdict == "different"


def test_numbers_as_several_arguments() -> None:
    found = hs.check_gradient(lambda a, b: a * b**2, lambda a, b: (b**2, 2 * a * b), (2.0, 3.0))
    assert found.right
    assert hs.check_gradient(lambda x: x[0] * x[1], lambda x: x[::-1], (2.0, 3.0)).right
    with pytest.raises(hs.ArgumentError, match="wrt='a'"):
        hs.check_gradient(lambda a, b: a * b**2, lambda a, b: b**2, (2.0, 3.0))


def test_results_as_json() -> None:
    found = hs.check_gradient(lambda x: x @ x, lambda x: x * [2, math.nan], [1.0, 2.0]).to_dict()
    assert found["verdict"] == "different" and found["wrong"][0]["claimed"] == "nan"
    assert found["claimed"] == [2.0, "nan"] and found["expected"] == [2.0, 4.0]


def test_the_same_input_gives_the_same_text() -> None:
    def once() -> str:
        return str(hs.check_gradient(opaque(lambda x: np.sin(x).sum()), lambda x: 2 * np.cos(x), [0.1, 0.2, 0.3]))

    assert once() == once()


def test_the_truth_is_not_the_function_that_was_read() -> None:
    """A function that looks at the types of its arguments is another one when it is read: its values decide."""

    def treacherous(x: Any) -> Any:
        return np.sum(x**3) if isinstance(x, np.ndarray) else np.sum(x**2)

    assert hs.check_gradient(treacherous, lambda x: 3 * x**2, [1.0, 2.0]).verdict == "no difference found"
    assert hs.check_gradient(treacherous, lambda x: 2 * x, [1.0, 2.0]).verdict == "different"
