"""What no expression can say is refused, with the user's file, line and source, and the spelling that is read."""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.special as sp

import hesse as hs

LINES = {line.strip() for line in Path(__file__).read_text(encoding="utf-8").splitlines()}


def branch(x: Any) -> Any:
    if x[0] > 0:
        return x[0]
    return x[1]


def write(x: Any) -> Any:
    x[0] = 1.0
    return x


def fill(x: Any) -> Any:
    out = np.zeros(2)
    out[0] = x[0]
    return out


def added_to_constant(x: Any) -> Any:
    out = np.zeros(2)
    out += x
    return out


def write_to_view(x: Any) -> Any:
    y = x[1:]
    y += 1
    return x


def write_beside_view(x: Any) -> Any:
    y = 2 * x
    row = y[:2]
    y += 1
    return row


def looped(x: Any) -> Any:
    return sum(x[i] for i in range(x.shape[0]))


def iterated(x: Any) -> Any:
    return sum(entry**2 for entry in x)


def swallowed(x: Any) -> Any:
    try:
        if x[0] > 0:
            return x[0]
    except ValueError:
        pass
    return x[1]


REFUSED: list[tuple[Callable[..., Any], str, str, str]] = [
    (branch, "x:2", r"a branch on a value .*line \d+, in `branch`", "np.where"),
    (lambda x: x[0] if x[0] > 0 else x[1], "x:2", "a branch", "np.where"),
    (lambda x: x[0] > 0 and x[1] > 0, "x:2", "a branch", "&"),
    (lambda x: max(x[0], x[1]), "x:2", "a branch", "np.maximum"),
    (lambda x: sorted(x)[0], "x:2", "a branch", "Python's max"),
    (lambda x: x[0] * (1 if x.all() else 2), "x:2", "chosen by values", ""),
    (swallowed, "x:2", "a branch", "np.where"),
    (write, "x:2", r"a write into an array", "np.stack"),
    (fill, "x:2", "a value becomes a Python float", "np.stack"),
    (added_to_constant, "x:2", "a write into an array that exists", "out="),
    (write_to_view, "x:3", "share its entries", r"a = a \+ b"),
    (write_beside_view, "x:3", "share its entries", r"a = a \+ b"),
    (lambda x: np.exp(x, out=np.empty(2)), "x:2", "a write into an array", "out="),
    (lambda x: np.sum(x, out=np.empty(())), "x:2", "a write into an array", "out="),
    (lambda x: np.sum(x, where=[True, False]), "x:2", "where=", "np.where"),
    (lambda x: np.sum(x, initial=3.0), "x:2", "initial=", ""),
    (lambda x: np.sum(x, dtype=np.float32), "x:2", "not float64", ""),
    (lambda x: x.astype(int), "x:2", "not float64", "dtype"),
    (looped, "x:n", "the symbolic size n is needed as an integer", "declare an integer"),
    (iterated, "x:n", "a loop over an axis of symbolic size n", "np.sum"),
    (lambda x: len(x) * x[0], "x:n", "length of a symbolic axis", "x.shape"),
    (lambda A: np.linalg.inv(A + np.eye(A.shape[0])), "A:n,n", "needed as an integer", "like=x"),
    (lambda x, y: x if x.shape == y.shape else y, "x:n y:m", "a branch on the symbolic size", "declare"),
    (lambda x: x[0] if x.shape[0] > 3 else x[1], "x:n", "a branch on the symbolic size n", "declare"),
    (lambda x: math.exp(x[0]), "x:2", "becomes a Python float", r"`np.exp\(...\)`"),
    (lambda x: math.fabs(x[0]), "x:2", "becomes a Python float", r"`np.abs\(...\)`"),
    (lambda x: float(x[0]), "x:2", "becomes a Python float", "np.stack"),
    (lambda x: int(x[0]), "x:2", "becomes a Python integer", ""),
    (lambda x: complex(x[0]), "x:2", "becomes a complex number", ""),
    (lambda x: x[0].item(), "x:2", "becomes a Python number", ""),
    (lambda x: round(x[0]), "x:2", "round", ""),
    (lambda x: f"{x[0]:.3f}", "x:2", "number of digits", ""),
    (lambda x: [1, 2, 3][x[0]], "x:2", "becomes a position", "index array"),
    (lambda x, y: x[y[0]], "x:2 y:2", "index that depends on values", "idx:p:index"),
    (lambda x: x[x > 0], "x:n", "a mask", "np.where"),
    (lambda x: np.where(x > 0), "x:n", "positions that depend on values", "condition, a, b"),
    (lambda x: np.asarray(x), "x:2", "array of numbers", "leave out np.asarray"),
    (lambda x, y: np.array([x, y]), "x:n y:n", "array of numbers", "np.stack"),
    (lambda x: np.array([x[0], 1.0], dtype=float), "x:2", "Python float", "np.stack"),
    (lambda x: np.linalg.det(np.array([[x[0], 1], [0, x[1]]])), "x:2", "needs numbers", "np.stack"),
    (lambda x: sp.logsumexp(x), "x:n", "`logsumexp` of SciPy", "np.logaddexp.reduce"),
    (lambda x: sp.logsumexp(x), "x:3", "`logsumexp` of SciPy", "np.logaddexp.reduce"),
    (lambda x: sp.softmax(x), "x:n", "`softmax` of SciPy", "np.logaddexp.reduce"),
    (lambda x: sp.log_softmax(x), "x:4", "`log_softmax` of SciPy", "np.logaddexp.reduce"),
    (lambda x: sp.polygamma(1, x), "x:n", "`polygamma` of SciPy", "text notation"),
    (lambda x: sp.jv(0, x), "x:n", "`jv` is not in the vocabulary", ""),
    (lambda x: np.fft.fft(x), "x:n", "`fft.fft` is not in the vocabulary", ""),
    (lambda x: np.floor(x), "x:n", "`floor` is not in the vocabulary", "derivative is 0"),
    (lambda x: np.sort(x), "x:n", "chosen by values", ""),
    (lambda x: x.argmax(), "x:n", "chosen by values", ""),
    (lambda x: x.round(2), "x:n", "the method `round`", ""),
    (lambda x: x.fill(0.0), "x:n", "the method `fill`", ""),
    (lambda x: x // 2, "x:n", "`//`", "derivative is 0"),
    (lambda x: 2 // x, "x:n", "`//`", "derivative is 0"),
    (lambda x: x % 2, "x:n", "`%`", "remainders"),
    (lambda x: divmod(x, 2), "x:n", "divmod", "remainders"),
    (lambda x: x ^ 2, "x:n", r"`\^`", "truth values"),
    (lambda x: x & 1, "x:n", "bits", "x > 0"),
    (lambda x: x << 1, "x:n", "<<", "power of two"),
    (lambda x: ~x, "x:n", "bits", "~"),
    (lambda x: -(x > 0), "x:n", "negative of truth values", "~condition"),
    (lambda x: (x > 0) - (x < 0), "x:n", "truth values", "1.0"),
    (lambda x: (x > 0) @ (x < 1), "x:n", "truth values", "1.0"),
    (lambda x: x @ np.arange(100.0), "x:100", "100 entries; the limit for literals is 64", "a parameter"),
    (lambda x: x * np.inf, "x:n", "finite", ""),
    (lambda x: np.where(x > 0, x, np.nan), "x:n", "finite", ""),
    (lambda x: x * 1j, "x:n", "no real number", ""),
    (lambda x: x * np.array(["a", "b"]), "x:2", "not one of real numbers", ""),
    (lambda x: np.stack([x, None]), "x:2", "NoneType", ""),
    (lambda x: x + np.array([1, None]), "x:2", "NoneType", ""),
    (lambda x: np.linalg.norm(x, 0), "x:n", "order 0", ""),
    (lambda A: np.linalg.norm(A, 2), "A:m,n", "order 2", ""),
    (lambda A: np.trace(A, offset=1), "A:n,n", "main diagonal", ""),
    (lambda x: np.sum(x, axis=1), "x:n", "axis 1 does not exist", ""),
    (lambda x: x[[]], "x:3", "cannot be an index", ""),
    (lambda x: x["a"], "x:3", "cannot be an index", "an index is"),
    (lambda x: x[1.0], "x:3", "cannot be an index", "an index is"),
    (lambda x: x[True], "x:3", "cannot be an index", ""),
    (lambda x: x[0, 0], "x:3", "2 indices for an array with 1 axes", ""),
    (lambda x: np.sum(x, axis=0, foo=1), "x:3", "foo", ""),
    (lambda x: x.shape[0] // x.shape[0] * x[0], "x:n", "`//`", "derivative is 0"),
    (lambda x: hash(x), "x:n", "no hash", ""),
]


@pytest.mark.parametrize(("function", "declarations", "message", "hint"), REFUSED)
def test_refusals_name_the_line_and_what_to_write(
    function: Callable[..., Any], declarations: str, message: str, hint: str
) -> None:
    with pytest.raises((hs.TraceError, TypeError), match=message) as caught:
        hs.from_function(function, declarations)
    error = caught.value
    if isinstance(error, hs.TraceError):
        assert "test_refusals.py, line" in error.message
        assert error.source is not None and error.span is not None
        assert error.source in LINES
        assert 0 <= error.span.start < error.span.end <= len(error.source)
        assert re.search(hint, error.hint)


def test_the_place_is_the_part_of_the_line() -> None:
    with pytest.raises(hs.TraceError) as caught:
        hs.from_function(lambda x: x[0] + math.log(x[1]) + x[0], "x:2")
    error = caught.value
    assert error.source is not None and error.span is not None
    assert error.source[error.span.start : error.span.end] == "math.log(x[1])"


def test_shape_errors_have_the_line() -> None:
    with pytest.raises(hs.ShapeError, match=r"test_refusals.py, line \d+") as caught:
        hs.from_function(lambda A, x: A.T @ x + 1, "A:m,n x:n")
    error = caught.value
    assert error.source is not None and error.span is not None
    assert error.source[error.span.start : error.span.end] == "A.T @ x"


@pytest.mark.parametrize("error", [KeyError, ZeroDivisionError, RuntimeError, RecursionError])
def test_the_users_own_exceptions_pass(error: type[Exception]) -> None:
    def function(x: Any) -> Any:
        raise error("mine")

    with pytest.raises(error, match="mine") as caught:
        hs.from_function(function, "x:n")
    assert caught.traceback[-1].name == "function"


def test_the_users_own_traceback_stays() -> None:
    with pytest.raises(NameError):
        hs.from_function(lambda x: x + undefined, "x:n")  # type: ignore[name-defined]  # noqa: F821


def none(x: Any) -> Any:
    x + 1


def generator(x: Any) -> Iterator[Any]:
    yield x[0]


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (none, "returns None"),
        (generator, "of type generator"),
        (lambda x: "text", "of type str"),
        (lambda x: {"a": x}, "of type dict"),
        (lambda x: (x, 2 * x), "several arrays"),
        (lambda x: [x[0], x], "several arrays"),
        (lambda x: [], "without entries"),
        (lambda x: x[:0], "selects nothing"),
        (lambda x: [[x[0], x[1]], x[0]], "entries"),
        (lambda x: print, "builtin_function"),
    ],
)
def test_what_is_returned_must_be_one_array(function: Callable[..., Any], message: str) -> None:
    with pytest.raises(hs.HesseError, match=message):
        hs.from_function(function, "x:2")


def test_printing_shows_what_is_known() -> None:
    seen = []
    hs.from_function(lambda A: seen.append(f"{A} {A[0]!r}") or A, "A:m,n")
    assert seen == ["<traced array, m x n> <traced array, n>"]


def test_copies_and_other_runs() -> None:
    f = hs.from_function(lambda x: copy.copy(x) + copy.deepcopy(x), "x:n")
    assert f == hs.parse("2*x", "x:n")
    kept = []
    hs.from_function(lambda x: kept.append(x) or x, "x:n")
    with pytest.raises(hs.TraceError, match="another function's run"):
        hs.from_function(lambda x: x + kept[0], "x:n")


def test_operations_are_limited() -> None:
    def endless(x: Any) -> Any:
        while True:
            x = x + 1

    with pytest.raises(hs.LimitError, match="50000 operations"):
        hs.from_function(endless, "x:n")


def test_what_is_not_a_function_is_refused() -> None:
    with pytest.raises(hs.ArgumentError, match="a function is needed"):
        hs.from_function("x**2", "x:n")  # type: ignore[arg-type]
    with pytest.raises(hs.ArgumentError, match="declarations are text"):
        hs.from_function(lambda x: x, {"x": "n"})  # type: ignore[arg-type]
    with pytest.raises(hs.DeclarationError):
        hs.from_function(lambda x: x, "x:n:wrong")
