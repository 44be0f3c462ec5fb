"""Structure kept by Numba's programs: the same results as NumPy's, and entries left in arrays of the caller's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import hesse as hs
from hesse.structured.banded import Banded
from hesse.structured.base import Structured
from hesse.structured.folded import Folded

CHAIN = "sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)"
RING = "sum(log(1 + exp(roll(x, 1) - x)))"
GRID = "U = Y[0]; V = Y[1]; stack(U**2*V - a*roll(U, 1, axis=0), b*roll(V, -1, axis=1) + exp(U))"
CASES = [
    (hs.hessian(hs.parse(CHAIN, "x:n"), "x"), "tridiagonal"),
    (hs.hessian(hs.parse("sum((x[2:] - 3*x[1:-1]*x[:-2])**2) + a*sum(x**4)", "x:n a:"), "x"), "banded, of width 2"),
    (hs.jacobian(hs.parse("x[1:]**3 - x[:-1]*c", "x:n c:n-1"), "x"), "banded, of width 1"),
    (hs.hessian(hs.parse("sum(exp(x)*w) + sum(x)**0*sum(x[1:]**4)", "x:n w:n"), "x"), "diagonal"),
    (hs.hessian(hs.parse("sum(log(1 + exp(x[1:] - x[:-1])))/sum(w)", "x:n w:n"), "x"), "tridiagonal"),
    (hs.hessian(hs.parse("sum(abs(x[1:] - x[:-1])*x[1:]**2) + sum(relu(x)**3)", "x:n"), "x"), "tridiagonal"),
    (hs.hessian(hs.parse(RING, "x:n"), "x"), "sparse"),
    (hs.jacobian(hs.parse(GRID, "Y:2,p,q a: b:"), "Y"), "sparse"),
    (hs.hessian(hs.parse("sum((c[i] - c[j])**4)", "c:n i:p:index(n) j:p:index(n)"), "c"), "sparse"),
    (hs.hessian(hs.parse("logsumexp(z) - z @ y", "z:n y:n"), "z"), "low rank plus diagonal"),
    (hs.hessian(hs.parse("norm(T - U @ V.T)**2", "T:m,n U:m,k V:n,k"), "U"), "a Kronecker product"),
    (hs.hessian(hs.parse("sum(W*(T - U @ V.T)**2)", "T:m,n U:m,k V:n,k W:m,n"), "U"), "block-diagonal"),
]


def values_of(expression: hs.Expr, sizes: dict[str, int], seed: int = 0, scale: float = 1.0) -> dict[str, Any]:
    """Random values; index arrays within their bound."""
    rng = np.random.default_rng(seed)
    found: dict[str, Any] = {}
    for entry in expression._declarations.variables.values():
        shape = tuple(size.evaluate(sizes) for size in entry.shape)
        if entry.index is not None:
            found[entry.name] = rng.integers(0, entry.index.evaluate(sizes), shape)
        else:
            found[entry.name] = scale * rng.normal(size=shape) if shape else float(rng.normal())
    return found


def dense(result: Structured | Folded | Any) -> Any:
    return result.todense() if isinstance(result, (Structured, Folded)) else result


@pytest.mark.parametrize("sizes", [dict(n=7, m=5, k=3, p=4, q=6), dict(n=3, m=2, k=1, p=1, q=2)])
@pytest.mark.parametrize(("expression", "kind"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_the_values_are_those_of_numpy(expression: hs.Expr, kind: str, sizes: dict[str, int]) -> None:
    numpy, loops = (expression.compile(backend, structure="keep") for backend in ("numpy", "numba"))
    assert loops.kind == numpy.kind
    assert loops.kind.startswith(kind.split(", of")[0]) or kind.startswith("banded")
    values = values_of(expression, sizes)
    expected = dense(numpy(**values))
    assert np.allclose(expected, expression.evaluate(**values), rtol=1e-11, atol=1e-11)
    found = loops(**values)
    assert type(found) is type(numpy(**values))
    assert np.allclose(dense(found), expected, rtol=1e-12, atol=1e-12)
    name = next(iter(values))
    fixed = loops.fix(**{name: values[name]})
    rest = {other: value for other, value in values.items() if other != name}
    assert np.allclose(dense(fixed(**rest)), expected, rtol=1e-12, atol=1e-12)


def test_chains_and_rings_of_one_and_two() -> None:
    loops = CASES[0][0].compile("numba", structure="keep")
    with pytest.raises(hs.ShapeError, match="with n = 1 an index or a slice"):
        loops(x=[3.0])
    assert np.array_equal(loops(x=[3.0, 1.0]).todense(), CASES[0][0].evaluate(x=[3.0, 1.0]))
    ring = CASES[6][0]
    for n in (1, 2, 3):
        x = np.arange(1.0, n + 1)
        assert np.allclose(ring.compile("numba", structure="keep")(x=x).todense(), ring.evaluate(x=x))


def test_limits_and_kinks() -> None:
    soft = hs.hessian(hs.parse("sum(log(1 + exp(x[1:] - x[:-1])))", "x:n"), "x")
    kinks = CASES[5][0]
    for x in ([0.0, 800.0, 0.0, -800.0], [800.0, 0.0, 800.0, 800.0], [0.0, 0.0, 0.0, 0.0]):
        found = soft.compile("numba", structure="keep")(x=x).todense()
        assert np.isfinite(found).all()
        assert np.allclose(found, soft.evaluate(x=x), rtol=1e-13)
        assert np.array_equal(kinks.compile("numba", structure="keep")(x=x).todense(), kinks.evaluate(x=x))


def test_arguments_of_all_kinds() -> None:
    expression = CASES[1][0]
    loops = expression.compile("numba", structure="keep")
    x = np.arange(5.0)
    expected = expression.evaluate(x=x, a=2)
    frozen = x.copy()
    frozen.flags.writeable = False
    for given in (x, [0, 1, 2, 3, 4], x.astype(int), np.repeat(x, 2)[::2], x[::-1].copy()[::-1], frozen):
        assert np.allclose(loops(x=given, a=2).todense(), expected)
        assert np.allclose(loops(x=given, a=np.int64(2)).todense(), expected)
    grid = CASES[7][0]
    Y = np.random.default_rng(0).normal(size=(4, 3, 2)).T
    assert np.allclose(grid.compile("numba", structure="keep")(Y=Y, a=1, b=2).todense(), grid.evaluate(Y=Y, a=1, b=2))
    with pytest.raises(hs.ArgumentError, match="numbers"):
        loops(x=["a", "b", "c"], a=1)
    with pytest.raises(hs.ShapeError, match="a is declared a scalar"):
        loops(x=x, a=[1.0, 2.0])
    with pytest.raises(hs.ArgumentError, match="a must be given"):
        loops(x=x)


def test_many_threads_at_once() -> None:
    pairs = [(case, case.compile("numba", structure="keep")) for case in (CASES[0][0], CASES[6][0], CASES[8][0])]

    def work(seed: int) -> bool:
        sizes = {"n": 3 + seed % 5, "p": 1 + seed % 3}
        for expression, loops in pairs:
            values = values_of(expression, sizes, seed)
            if not np.allclose(loops(**values).todense(), expression.compile()(**values)):
                return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(60)))


def test_several_threads_for_long_vectors() -> None:
    expression = CASES[0][0]
    x = np.random.default_rng(0).normal(size=300_000)
    numpy, loops = (expression.compile(backend, structure="keep")(x=x) for backend in ("numpy", "numba"))
    for offset, band in numpy.bands.items():
        assert np.allclose(loops.bands[offset], band, rtol=1e-12, atol=1e-9)


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_diagonals_are_left_in_buffers(backend: str) -> None:
    expression = CASES[0][0]
    kept = expression.compile(backend, structure="keep")
    main, below = np.full(4, 9.0), np.full(3, 9.0)
    fill = kept.into({0: main, -1: below})
    for x in ([1.0, 2.0, 3.0, -1.0], [0.0, -1.0, 2.0, 5.0]):
        found = fill(x=x)
        expected = expression.evaluate(x=x)
        assert np.allclose(main, np.diag(expected))
        assert np.allclose(below, np.diag(expected, -1))
        assert np.allclose(found @ found.solve(np.ones(4)), 1)
    assert fill(x=[1.0, 2.0, 3.0, 4.0]) is found
    assert isinstance(found, Banded) and not found.bands[0].flags.writeable


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_entries_are_left_in_buffers(backend: str) -> None:
    expression = CASES[7][0]
    kept = expression.compile(backend, structure="keep")
    for sizes in ({"p": 4, "q": 3}, {"p": 1, "q": 2}):
        values = values_of(expression, sizes)
        matrix = kept(**values).tosparse()
        fill = kept.into(matrix.data)
        fixed = kept.fix(a=0.5, b=2.0).into(matrix.data)  # in turn with the other: neither may rely on what it wrote
        for seed in (1, 2):
            other = values_of(expression, sizes, seed)
            assert np.allclose(dense(fill(**other)), expression.evaluate(**other))
            assert np.allclose(
                matrix.todense().reshape(expression.evaluate(**other).shape), expression.evaluate(**other)
            )
            again = {"Y": other["Y"], "a": 0.5, "b": 2.0}
            assert np.allclose(dense(fixed(Y=other["Y"])), expression.evaluate(**again))
    gather = CASES[8][0].compile(backend, structure="keep")
    data = np.empty(4)
    fill = gather.into(data)
    c = np.array([1.0, 3, -2, 0.5])
    for i, j in (([0], [1]), ([2], [3]), ([1], [0])):
        assert np.allclose(dense(fill(c=c, i=i, j=j)), CASES[8][0].evaluate(c=c, i=i, j=j))
    with pytest.raises(hs.ShapeError, match="4"):
        fill(c=c, i=[0, 1], j=[1, 2])


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_buffers_that_do_not_fit(backend: str) -> None:
    chain = CASES[0][0].compile(backend, structure="keep")
    frozen = np.zeros(3)
    frozen.flags.writeable = False
    for wrong in (np.zeros(3, int), [1.0, 2.0], frozen):
        with pytest.raises(hs.ArgumentError, match="float64"):
            chain.into({0: wrong, -1: np.zeros(2)})
    with pytest.raises(hs.ArgumentError, match="vectors"):
        chain.into({0: np.zeros((3, 1)), -1: np.zeros(2)})
    with pytest.raises(hs.ArgumentError, match="by the names -1, 0"):
        chain.into({0: np.zeros(3)})(x=[1.0, 2.0, 3.0])
    with pytest.raises(hs.ShapeError, match="the buffer 0 has 4 entries, and the result has 3"):
        chain.into({0: np.zeros(4), -1: np.zeros(2)})(x=[1.0, 2.0, 3.0])
    x = np.ones(3)
    with pytest.raises(hs.ArgumentError, match="shares memory"):
        chain.into({0: x, -1: np.zeros(2)})(x=x)
    both = np.zeros(5)
    with pytest.raises(hs.ArgumentError, match="shares memory with another"):
        chain.into({0: both[:3], -1: both[2:4]})
    with pytest.raises(hs.ArgumentError, match="has no buffers"):
        CASES[10][0].compile(backend, structure="keep").into(np.zeros(3))(T=[[1.0]], U=[[1.0]], V=[[1.0]])


def test_what_loops_cannot_compute_is_refused_at_once() -> None:
    undefined = hs.hessian(hs.parse("sum(phi(x))", "x:n phi:->"), "x")
    with pytest.raises(hs.ArgumentError, match="loops cannot call the function phi"):
        undefined.compile("numba", structure="keep")
    assert undefined.compile(structure="keep").kind == "diagonal"
    with pytest.raises(hs.ArgumentError, match="numpy and numba, not for jax"):
        CASES[0][0].compile("jax", structure="keep")


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_joint_functions_keep_structure(backend: str) -> None:
    f = hs.parse(CHAIN, "x:n")
    g = hs.parse("sum(c*exp(x))", "x:n c:n")
    parts = {"value": f, "hessian": hs.hessian(f), "gradient": hs.gradient(f), "other": hs.hessian(g, "x")}
    joint = hs.compile(parts, backend, structure="keep")
    assert joint.kinds == {"hessian": "tridiagonal", "other": "diagonal"}
    values = {"x": [1.0, 2.0, -1.0], "c": [1, 2, 3]}
    found = joint(**values)
    assert list(found) == list(parts)
    for name, expression in parts.items():
        own = {variable: values[variable] for variable in expression.variables}
        assert np.allclose(dense(found[name]), expression.evaluate(**own))
    assert isinstance(found["hessian"], Banded)
    with pytest.raises(hs.ArgumentError, match="c must be given"):
        joint(x=[1.0, 2.0])
    with pytest.raises(hs.ArgumentError, match="not along a batch"):
        hs.compile(parts, backend, structure="keep", batch="x")
    with pytest.raises(hs.ArgumentError, match="'dense' or 'keep'"):
        hs.compile(parts, backend, structure="kept")


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_joint_functions_with_fixed_values(backend: str) -> None:
    f = hs.parse("sum(c*exp(x)) + sum((x[1:] - a*x[:-1])**2)", "x:n c:n a:")
    quadratic = hs.parse("x @ x*a/2 + x @ c", "x:n c:n a:")
    parts = {"value": f, "hessian": hs.hessian(f, "x"), "constant": hs.hessian(quadratic, "x"), "again": f}
    fixed = hs.compile(parts, backend, structure="keep").fix(a=3.0)
    assert dict(fixed.fixed) == {"a": 3.0}
    for x in (np.arange(4.0), np.arange(4.0) + 1, np.ones(3), np.ones(1 + 1)):
        c = np.arange(1.0, len(x) + 1)
        found = fixed(x=x, c=c)
        for name, expression in parts.items():
            own = {variable: {"x": x, "c": c, "a": 3.0}[variable] for variable in expression.variables}
            np.testing.assert_allclose(dense(found[name]), expression.evaluate(**own), err_msg=name)
    assert fixed(x=x, c=c)["constant"] is found["constant"]
    with pytest.raises(hs.ArgumentError, match="a is fixed"):
        fixed(x=x, c=c, a=2.0)
    with pytest.raises(hs.ShapeError):
        fixed(x=x, c=c[1:])
    both = fixed.fix(c=c)
    np.testing.assert_allclose(both(x=x)["value"], found["value"])
    with pytest.raises(hs.ShapeError):
        both(x=[1.0, 2.0, 3.0, 4.0, 5.0])


def test_results_of_a_joint_function_are_computed_together() -> None:
    """The softmax of the scores is in the gradient and in the Hessian, and stands in the program once."""
    f = hs.parse("logsumexp(x) + x @ x", "x:n")
    joint = hs.compile({"gradient": hs.gradient(f), "hessian": hs.hessian(f)}, structure="keep")
    joint(x=[1.0, 2.0])
    (program,) = [each for key, each in joint.kept["hessian"]._programs._together.items() if len(key) > 1]
    assert program.source.count("softmax(x)") == 1


def test_joint_functions_with_undefined_functions() -> None:
    f = hs.parse("sum(phi(x)) + sum((x[1:] - x[:-1])**4)", "x:n phi:->")
    parts = {"gradient": hs.gradient(f, "x"), "hessian": hs.hessian(f, "x")}
    phi = (np.sin, np.cos, lambda x: -np.sin(x))
    found = hs.compile(parts, structure="keep")(x=[1.0, 2.0, 4.0], phi=phi)
    for name, expression in parts.items():
        np.testing.assert_allclose(dense(found[name]), expression.evaluate(x=[1.0, 2.0, 4.0], phi=phi))
    step = hs.newton_step(f, "x")
    expected = np.linalg.solve(dense(found["hessian"]), found["gradient"])
    np.testing.assert_allclose(step(x=[1.0, 2.0, 4.0], phi=phi), -expected)
    with pytest.raises(hs.ArgumentError, match="phi"):
        step(x=[1.0, 2.0, 4.0])
