"""Functions some of whose arguments stay the same: what is kept, that values agree, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hesse as hs
from hesse.errors import ArgumentError, MissingExtraError, ShapeError

BACKENDS = ("numpy", "numba", "jax", "torch")
CASES = [
    ("norm(A @ x - b)**2/2", "A:m,n x:n b:m", ("A", "b")),
    ("sum(log(1 + exp(-b*(A @ x))))", "A:m,n b:m x:n", ("A", "b")),
    ("G = A.T @ A; x @ G @ x + log(det(G + c*eye(n)))*sum(x)", "A:m,n x:n c:", ("A",)),
    ("G = A.T @ A; x @ G @ x + log(det(G + c*eye(n)))*sum(x)", "A:m,n x:n c:", ("A", "c")),
    ("x @ inv(S) @ x + trace(S)*sum(x**2)", "S:n,n:spd x:n", ("S",)),
    ("sum(exp(A) @ x) + x @ x", "A:m,n x:n", ("A",)),
    ("x @ A.T @ A @ x + b @ A @ x + b @ b", "A:m,n x:n b:m", ("A", "b")),
    ("(A @ x) @ (A @ x) * sum(x @ A.T)", "A:m,n x:n", ("A",)),
    ("sum(max(A, axis=1)[idx]*exp(x[:3])[idx2])", "A:m,n x:n idx:p:index(m) idx2:p:index(3)", ("A", "idx")),
    ("sum(exp(c*x))*sin(c)", "x:n c:", ("c",)),
    ("sum((A @ x)**2*b**2) + m*sum(x)", "A:m,n x:n b:m", ("b",)),
]


def values_of(f: hs.Expr) -> dict[str, Any]:
    """Values for sizes that differ."""
    rng = np.random.default_rng(4)
    sizes = {"m": 6, "n": 4, "p": 3}
    made: dict[str, Any] = {}
    for name, shape in f.variables.items():
        made[name] = rng.normal(size=[sizes[str(size)] for size in shape])
    if "S" in made:
        made["S"] = made["S"] @ made["S"].T + np.eye(4)
    if "idx" in made:
        made["idx"], made["idx2"] = np.array([5, 0, 5]), np.array([1, 0, 2])
    return made


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("text", "declarations", "fixed"), CASES)
def test_values_are_those_of_the_whole_function(
    text: str, declarations: str, fixed: tuple[str, ...], backend: str
) -> None:
    f = hs.parse(text, declarations)
    parts = {"value": f, "gradient": hs.gradient(f, "x"), "hessian": hs.hessian(f, "x")}
    try:
        joint = hs.compile(parts, backend)
    except MissingExtraError as error:
        pytest.skip(str(error))
    values = values_of(f)
    wanted = hs.compile(parts)(**values)
    given = {name: values.pop(name) for name in fixed}
    tolerance = 1e-5 if backend == "jax" else 1e-12
    for function in (joint.fix(**given), joint.fix(**dict([*given.items()][:1])).fix(**dict([*given.items()][1:]))):
        for name, value in function(**values).items():
            np.testing.assert_allclose(value, wanted[name], rtol=tolerance, atol=tolerance)


def test_what_depends_on_fixed_values_alone_is_kept() -> None:
    f = hs.parse("G = A.T @ A; x @ G @ x + sum(b**2*(A @ x))", "A:m,n x:n b:m")
    fixed = hs.hessian(f, "x").compile().fix(A=np.ones((3, 2)), b=np.ones(3))
    assert fixed.source.splitlines()[-1].strip() == "return fixed_1"
    value = f.compile().fix(A=np.ones((3, 2)), b=np.ones(3))
    assert "def f(A, x, b, G):" in value.source and "A.T" not in value.source
    # Arithmetic with entries is no work: squares stay, by which a symmetric product is recognised.
    assert "b**2" in value.source


def test_neighbours_among_factors_are_multiplied_once() -> None:
    gradient = hs.gradient(hs.parse("x @ A.T @ A @ x", "A:m,n x:n"), "x").compile()
    A = np.random.default_rng(0).normal(size=(50, 3))
    assert gradient.fix(A=A).source.splitlines()[-1].strip() == "return 2 * (fixed_1 @ x)"
    assert "A.T @ (A @ x)" in gradient.fix(A=A.T).source  # the matrix would be larger than A
    weighted = hs.parse("b @ A @ x + sum(x)", "A:m,n x:n b:m").compile().fix(A=A, b=np.ones(50))
    assert "fixed_1 @ x" in weighted.source


def test_what_is_much_larger_than_the_values_is_not_kept() -> None:
    f = hs.parse("x @ exp(outer(a, b)) @ y + sum(exp(a))*sum(x)", "a:m b:n x:m y:n")
    fixed = f.compile().fix(a=np.ones(40), b=np.ones(30))
    assert "outer" in fixed.source and fixed.plan.declarations.variables["fixed_1"].shape == ()


def test_the_values_are_copied() -> None:
    A, x = np.array([[1.0, 2.0], [0.0, 3.0], [4.0, 1.0]]), np.array([1.0, -1.0])
    gradient = hs.gradient(hs.parse("norm(A @ x)**2", "A:m,n x:n"), "x").compile()
    fixed, wanted = gradient.fix(A=A), gradient(A=A, x=x)
    A[:] = 0
    np.testing.assert_allclose(fixed(x=x), wanted)
    first = hs.hessian(hs.parse("norm(A @ x)**2", "A:m,n x:n"), "x").compile().fix(A=np.ones((3, 2)))
    first(x=x)[:] = 0
    np.testing.assert_allclose(first(x=x), 6.0)


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_into_buffers(backend: str) -> None:
    if backend == "numba":
        pytest.importorskip("numba")
    f = hs.parse("norm(A @ x - b)**2/2", "A:m,n x:n b:m")
    A, b, x = np.array([[1.0, 2.0], [0.0, 3.0], [4.0, 1.0]]), np.array([1.0, 2.0, 3.0]), np.array([0.5, -1.0])
    joint = hs.compile({"gradient": hs.gradient(f, "x"), "hessian": hs.hessian(f, "x")}, backend)
    gradient, hessian = np.empty(2), np.empty((2, 2))
    fill = joint.fix(A=A, b=b).into({"gradient": gradient, "hessian": hessian})
    for point in (x, 2 * x):
        assert fill(x=point)["hessian"] is hessian
        np.testing.assert_allclose(gradient, A.T @ (A @ point - b))
        np.testing.assert_allclose(hessian, A.T @ A)


def test_numbers_undefined_functions_batches_and_no_entries() -> None:
    g = hs.parse("exp(a)*x + a**2", "a: x:")
    for backend in ("math", "numpy"):
        assert g.compile(backend).fix(a=1.0)(x=2) == pytest.approx(2 * np.e + 1)
    u = hs.parse("u(A @ x) + sum(A)", "u:m-> A:m,n x:n").compile().fix(A=[[1, 2], [3, 4], [5, 6]])
    assert u(x=[1, 1], u=np.sum) == 42
    many = hs.compile({"f": hs.parse("sum(exp(c)*x)", "x:n c:n")}, batch="x").fix(c=[0.0, 1.0])
    np.testing.assert_allclose(many(x=[[1, 0], [0, 1], [1, 1]])["f"], [1, np.e, 1 + np.e])
    loss = hs.parse("sum(log(1 + exp(-y*(X @ w))))", "X:m,n y:m w:n")
    nothing = hs.gradient(loss, "w").compile().fix(X=np.zeros((0, 3)), y=[])
    np.testing.assert_array_equal(nothing(w=[1.0, 2.0, 3.0]), np.zeros(3))


def test_what_was_fixed_before_plays_no_part() -> None:
    joint = hs.parse("sum(exp(A) @ x)*sum(exp(b)) + b @ A @ x", "A:m,n x:n b:m").compile()
    values = {"A": np.ones((3, 2)), "x": np.array([1.0, 2.0]), "b": np.array([0.0, 1.0, 2.0])}
    wanted, sources = joint(**values), []
    for names in ("A", "b", "Ab", "A", "xA"):
        fixed = joint.fix(**{name: values[name] for name in names})
        sources.append(fixed.source)
        assert fixed(**{name: value for name, value in values.items() if name not in names}) == pytest.approx(wanted)
    assert sources[0] == sources[3]


def test_gradients_flow_back_through_fixed_tensors_each_time() -> None:
    torch = pytest.importorskip("torch")
    hessian = hs.hessian(hs.parse("norm(A @ x - b)**2/2", "A:m,n x:n b:m"), "x").compile("torch")
    A = torch.arange(12.0, dtype=torch.float64).reshape(4, 3).requires_grad_()
    fixed = hessian.fix(A=A, b=torch.ones(4, dtype=torch.float64))
    for _ in range(3):
        A.grad = None
        fixed(x=torch.zeros(3, dtype=torch.float64))[0, 1].backward()
        wanted = torch.zeros_like(A)
        wanted[:, 0], wanted[:, 1] = A.detach()[:, 1], A.detach()[:, 0]
        assert torch.equal(A.grad, wanted)


@pytest.mark.parametrize("structure", ["dense", "keep"])
def test_dense_and_kept_functions_refuse_alike(structure: str) -> None:
    f = hs.hessian(hs.parse("u(a)*sum((x[1:] - d*x[:-1])**4)", "u:-> a: d: x:n"), "x")
    function = f.compile(structure=structure)
    for values, error, message in [
        ({"u": np.sin}, ArgumentError, "undefined function"),
        ({"w": 1.0}, ArgumentError, "no variable w"),
        ({"x": np.ones((2, 2))}, ShapeError, "declared a vector"),
    ]:
        with pytest.raises(error, match=message):
            function.fix(**values)
    with pytest.raises(ArgumentError, match="d is fixed"):
        function.fix(d=1.0).fix(d=2.0)


def test_derivatives_of_undefined_functions_come_with_them() -> None:
    gradient = hs.gradient(hs.parse("u(A @ x)", "u:m-> A:m,n x:n"), "x").compile()
    with pytest.raises(ArgumentError, match="grad_u is no argument of its own"):
        gradient(A=np.ones((2, 3)), x=np.ones(3), u=np.sum, grad_u=np.ones_like)


def test_refusals() -> None:
    f = hs.parse("norm(A @ x - b)**2/2", "A:m,n x:n b:m").compile()
    fixed = f.fix(A=[[1, 2], [3, 4], [5, 6]])
    for call, error, message in [
        (lambda: f.fix(Z=1), ArgumentError, "no variable Z"),
        (lambda: f.fix(A=[[1, 2]], b=[1, 2]), ShapeError, "b has size 2, but A fixes m = 1"),
        (lambda: f.fix(A="text"), ArgumentError, "must consist of numbers"),
        (lambda: fixed(A=[[1, 2]], x=[1, 2], b=[1, 2, 3]), ArgumentError, "A is fixed"),
        (lambda: fixed.fix(A=[[1, 2]]), ArgumentError, "A is fixed"),
        (lambda: fixed(x=[1, 2]), ArgumentError, "b must be given"),
        (lambda: fixed(x=[1, 2], b=[1, 2, 3], y=1), ArgumentError, "no variable y"),
        (lambda: fixed(x=[1, 2, 3], b=[1, 2, 3]), ShapeError, "x has size 3, but A fixes n = 2"),
        (
            lambda: hs.parse("trace(inv(S))*sum(x)", "S:n,n x:n").compile().fix(S=np.zeros((2, 2))),
            ArgumentError,
            "singular",
        ),
    ]:
        with pytest.raises(error, match=message):
            call()
