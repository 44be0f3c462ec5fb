"""Every target gives the value of the plain evaluator, takes what NumPy takes, and refuses what NumPy refuses."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import hesse as hs
from hesse.codegen import TARGETS, emit, find_target
from hesse.errors import ArgumentError, LimitError, ShapeError

from .support import ONES, as_array, compile_on, point, read, reference
from .test_values import CASES, SLICED

OTHERS = [name for name in TARGETS if name != "numpy"]
SMALL = {"m": 3, "n": 4, "k": 2, "p": 5, "q": 3}
REFUSED = {"math": "idx"}
"""What a target cannot express: a part of the text that says so."""


FEWER = {"numba": 6, "jax": 4}
"""Each program is compiled for these targets, which takes its time: every so manyth case will do."""


@pytest.mark.parametrize("target", OTHERS)
@pytest.mark.parametrize(("number", "case"), [*enumerate(CASES + SLICED)], ids=str)
def test_the_value_is_that_of_the_plain_evaluator(number: int, case: str, target: str) -> None:
    if number % FEWER.get(target, 1):
        return
    text, _, declarations = map(str.strip, case.partition("|"))
    tree, declared = read(text, declarations)
    for sizes in (SMALL,) if target in FEWER or case in SLICED else (SMALL, ONES):
        values = point(declared, sizes)
        expected = reference(tree, values, sizes)
        try:
            function = compile_on(tree, declared, target, values)
        except ArgumentError:
            assert REFUSED[target] in text
            return
        actual = as_array(function(**values))
        assert actual.shape == expected.shape
        wanted = np.array(expected.nested())
        np.testing.assert_allclose(actual, wanted, rtol=1e-9, atol=1e-9, err_msg=function.source)


TRIANGLES = (
    "cumsum(A)",
    "cumsum(A, axis=0)",
    "cumsum(A, axis=-1)[::-1]",
    "tril(A)",
    "tril(A, -1) @ x",
    "triu(A, n - 2)",
)


@pytest.mark.parametrize("target", OTHERS)
@pytest.mark.parametrize("text", TRIANGLES)
def test_running_sums_and_triangles(text: str, target: str) -> None:
    tree, declared = read(text, "A:m,n x:n")
    for sizes in (SMALL, ONES):
        if "n - 2" in text and sizes is ONES:
            continue
        values = point(declared, sizes)
        function = compile_on(tree, declared, target, values)
        wanted = np.array(reference(tree, values, sizes).nested())
        np.testing.assert_allclose(as_array(function(**values)), wanted, rtol=1e-12, atol=1e-12)


IDENTITIES = [
    ("sum(log(1 + exp(-y*(X @ w))))", "X:m,n y:m w:n", "w"),
    ("logsumexp(A @ x + b)", "A:m,n x:n b:m", "x"),
    ("norm(A @ x - b)", "A:m,n x:n b:m", "x"),
    ("-sum(Y*log_softmax(X @ W, axis=1))", "X:m,n W:n,k Y:m,k", "W"),
    ("norm(T - U @ V.T)**2", "T:m,n U:m,k V:n,k", "U"),
    ("sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)", "x:n", "x"),
    ("sum(max(0, 1 - y*(X @ w))**2)", "X:m,n y:m w:n", "w"),
    ("x @ inv(A + A.T + 20*eye(n)) @ x + logdet(A @ A.T + eye(n))", "A:n,n x:n", "x"),
]


@pytest.mark.parametrize("target", OTHERS)
@pytest.mark.parametrize(("text", "declarations", "wrt"), IDENTITIES)
def test_derivatives_are_those_of_numpy(text: str, declarations: str, wrt: str, target: str) -> None:
    f = hs.parse(text, declarations)
    values = point(f._declarations, SMALL)
    for result in (hs.gradient(f, wrt), hs.hessian(f, wrt)):
        expected = result.evaluate(**values)
        function = compile_on(result.program_tree, result._declarations, target, values)
        np.testing.assert_allclose(as_array(function(**values)), expected, rtol=1e-11, atol=1e-11)


GOOD: dict[str, Any] = {"A": [[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]], "x": [1, 2], "b": [1, 2, 3]}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    ("values", "kind", "message"),
    [
        (GOOD | {"x": [1, 2, 3]}, ShapeError, "x has size 3"),
        (GOOD | {"x": 1.0}, ShapeError, "x is declared a vector"),
        ({"A": GOOD["A"], "x": [1, 2]}, ArgumentError, "b must be given"),
        (GOOD | {"zzz": 1}, ArgumentError, "there is no variable zzz"),
        (GOOD | {"b": "text"}, ArgumentError, "the value of b must consist of numbers"),
        (GOOD | {"b": [1, 2j, 3]}, ArgumentError, "the value of b must consist of numbers"),
        (GOOD | {"x": [[1], [2, 3]]}, ArgumentError, "the value of x is not an array of numbers"),
        (GOOD | {"x": []}, ShapeError, "x has size 0"),
    ],
)
def test_refuses(values: dict[str, Any], kind: type[Exception], message: str, target: str) -> None:
    tree, declared = read("A.T @ (A @ x - b)", "A:m,n x:n b:m")
    function = compile_on(tree, declared, target, GOOD)
    np.testing.assert_allclose(as_array(function(**GOOD)), [111.0, 156.0])
    with pytest.raises(kind, match=message):
        function(**values)


@pytest.mark.parametrize("target", TARGETS)
def test_takes_arrays_of_any_layout_and_leaves_them_alone(target: str) -> None:
    tree, declared = read("A.T @ (A @ x) + x", "A:m,n x:n")
    matrix, vector = np.arange(24.0).reshape(4, 6)[:, ::2].T, np.arange(4.0)[::-1]
    expected = matrix.T @ (matrix @ vector) + vector
    for array in (matrix, vector):
        array.flags.writeable = False
    function = compile_on(tree, declared, target, {"A": matrix, "x": vector})
    np.testing.assert_allclose(as_array(function(A=matrix, x=vector)), expected)
    np.testing.assert_allclose(as_array(function(A=matrix.astype(int), x=vector.astype(int))), expected)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    "names", [("self", "out", "np", "f"), ("lambda", "math", "torch", "jnp"), ("like", "type", "slice")]
)
def test_takes_any_name(names: tuple[str, ...], target: str) -> None:
    text = " + ".join(f"{k + 1}*sin({name} + 1)" for k, name in enumerate(names))
    tree, declared = read(text, " ".join(f"{name}:" for name in names))
    values = {name: 0.1 * (k + 1) for k, name in enumerate(names)}
    expected = sum((k + 1) * np.sin(values[name] + 1) for k, name in enumerate(names))
    assert float(compile_on(tree, declared, target, values)(**values)) == pytest.approx(expected)


@pytest.mark.parametrize("target", [name for name in TARGETS if name != "math"])
def test_a_singular_matrix_gives_no_wrong_number(target: str) -> None:
    tree, declared = read("inv(A) @ b", "A:n,n b:n")
    values = {"A": [[1.0, 2.0], [2.0, 4.0]], "b": [1.0, 1.0]}
    try:
        assert not np.all(np.isfinite(as_array(compile_on(tree, declared, target, values)(**values))))
    except ArgumentError as error:
        assert "singular" in str(error)


def test_there_is_no_other_target() -> None:
    with pytest.raises(ArgumentError, match="the backends are: numpy, numba, jax"):
        hs.parse("x", "x:").source("fortran")
    for wrong in (None, 3, ["numpy"]):
        with pytest.raises(ArgumentError, match="is not available"):
            hs.parse("x", "x:").compile(wrong)  # type: ignore[arg-type]
    assert find_target("torch") is TARGETS["torch"]


def test_single_precision_is_kept() -> None:
    x = np.array([0.5, 1.5, -2.0], np.float32)
    for target, text in [
        (t, s)
        for t in ("jax", "torch")
        for s in (
            "x*(x > 0) + 0.1",
            "eye(n) @ x[::-1] + 2*ones(n)",
            "softmax(x)*n",
            "D = eye(n)[1:] - eye(n)[:-1]; D.T @ (D @ x)",
        )
    ]:
        tree, declared = read(text, "x:n")
        function = compile_on(tree, declared, target, {"x": x})
        given = x
        if target == "torch":
            import torch

            given = torch.from_numpy(x)
        result = function(x=given)
        assert str(result.dtype).endswith("float32"), (target, text)


def test_programs_for_jax_go_through_its_transformations() -> None:
    import jax
    import jax.numpy as jnp

    f = hs.parse("logsumexp(A @ x)", "A:m,n x:n")
    slope = hs.gradient(f, "x").compile("jax")
    A, x = jnp.asarray(np.random.default_rng(0).normal(size=(3, 2))), jnp.asarray([0.3, -1.2])
    value = f.compile("jax")
    by_jax = jax.grad(lambda x: value(A=A, x=x))(x)
    np.testing.assert_allclose(slope(A=A, x=x), by_jax, rtol=1e-12)
    many = jax.vmap(lambda x: slope(A=A, x=x))(jnp.stack([x, 2 * x]))
    np.testing.assert_allclose(many[1], slope(A=A, x=2 * x), rtol=1e-12)
    np.testing.assert_allclose(jax.jit(lambda x: slope(A=A, x=x))(x), by_jax, rtol=1e-12)


def test_math_says_what_it_cannot_do() -> None:
    with pytest.raises(ArgumentError, match="the size n is not a number\nhint: declare sizes as numbers"):
        hs.parse("sum(x)", "x:n").source("math")
    with pytest.raises(LimitError, match="more than"):
        hs.parse("A @ A", "A:60,60").source("math")
    with pytest.raises(ArgumentError, match="cannot express digamma"):
        hs.parse("digamma(x)", "x:").source("math")
    with pytest.raises(ArgumentError, match="singular"):
        hs.parse("inv(A)", "A:2,2").compile("math")(A=[[1, 2], [2, 4]])


def test_math_runs_on_the_standard_library() -> None:
    tree, declared = read("x1**2 + exp(x1*x2) + 2*log(x2)", "x1: x2:")
    source = emit(tree, declared, TARGETS["math"])
    script = f"{source}\nimport sys\nprint(f(1.0, 2.0), f(0.0, 0.0), 'numpy' in sys.modules)"
    run = subprocess.run([sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["9.775350460050541", "-inf", "False"]
