"""Diagonals put together from windows: the longest is left where it stands, the others are added around it."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

import hesse as hs
from hesse.structured.banded import Banded
from hesse.structured.diagonal import Diagonal
from tests.harness.structures import buffers_of

CHAINS = [
    "sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)",
    "sum((x[2:] - 2*x[1:-1]**2 + x[:-2])**2) - 3*sum(x[1:-1]**2) + 7*sum(x[:-2]**2)",
    "sum(x[2:]**3*x[:-2]) + sum(exp(x[1:])) + 5/2*sum(x[:-1]**2) + c*x @ x",
    "sum(sin(x[3:])) - sum(cos(x[:-3])) + sum(x**2) - 9*sum(x[2:]**2)",
    "sum(where(x[1:] > x[:-1], x[1:]**2, x[:-1]**3))",
    "sum(abs(x[1:-1])**3) + sum(x[1:]*x[:-1])",
    "c*sum((x[1:] - x[:-1])**4) - 2*sum(x[2:]**4) + sum(log(1 + exp(x)))",
    "sum(exp(c*x)) + 4*sum(x[1:]**2)",
    "sum((x[1:] - x[:-1])**2)",
]


def random_chain(seed: int) -> str:
    """A sum of functions of windows of a vector."""
    random = Random(seed)
    terms = []
    for _ in range(random.randint(1, 4)):
        width = random.choice([0, 1, 1, 2, 3])
        u, v = (f"x[{start or ''}:{start - width or ''}]" for start in (random.randint(0, width) for _ in range(2)))
        forms = [f"({u} - {v}**2)**2", f"{u}*{v}", f"exp({u}*{v})", f"sin({u})", f"{u}**3*{v}", f"(1 - {u})**2"]
        terms.append(random.choice(["", "2*", "-3*", "c*"]) + f"sum({random.choice(forms)})")
    return " + ".join(terms + random.choice([[], ["7*x @ x"], ["c*x @ x"]]))


def checked(text: str, backend: str) -> int:
    """How many sizes were compared with the dense Hessian."""
    H = hs.hessian(hs.parse(text, "x:n c:"), "x")
    kept = H.compile(backend, structure="keep")
    count = 0
    for n in (1, 2, 3, 4, 5, 9):
        rng = np.random.default_rng(n)
        points = [{"x": rng.normal(size=n), "c": float(rng.normal())} for _ in range(3)]
        try:
            expected = [H.evaluate(**point) for point in points]
        except hs.ShapeError as error:
            with pytest.raises(hs.ShapeError) as own:
                kept(**points[0])
            assert str(own.value) == str(error)
            continue
        found = [kept(**point) for point in points]
        for matrix, array in zip(found, expected, strict=True):
            np.testing.assert_allclose(matrix.todense(), array, rtol=1e-13, atol=1e-12, err_msg=f"{text}, n = {n}")
            own_arrays = matrix.bands.values() if isinstance(matrix, Banded) else [matrix.diagonal()]
            assert isinstance(matrix, Diagonal) or not any(band.flags.writeable for band in own_arrays)
        if kept.recipe.fills:
            buffers = buffers_of(found[0])
            fills = [(kept.into(buffers), {}), (kept.fix(c=2.0).into(buffers), {"c": 2.0})]
            for point in points:
                for fill, fixed in fills:  # in turn: neither may rely on what it wrote
                    matrix = fill(**{name: value for name, value in point.items() if name not in fixed})
                    np.testing.assert_allclose(matrix.todense(), H.evaluate(**{**point, **fixed}), 1e-13, 1e-12)
        np.testing.assert_allclose(found[0].todense(), expected[0], rtol=1e-13, atol=1e-12)
        count += 1
    return count


@pytest.mark.parametrize("text", CHAINS)
def test_chains_are_their_dense_hessians(text: str) -> None:
    assert checked(text, "numpy") >= 3


@pytest.mark.parametrize("text", CHAINS[:3])
def test_chains_by_loops(text: str) -> None:
    pytest.importorskip("numba")
    assert checked(text, "numba") >= 3


def test_random_chains() -> None:
    assert sum(checked(random_chain(seed), "numpy") for seed in range(40)) > 150


@pytest.mark.parametrize(
    ("text", "declarations"),
    [("tanh(A[:, 1:] - a*A[:, :-1])", "A:m,n a:"), ("A[1:]**2*b + 3*A[:-1]", "A:m,n b:m-1,n"), ("A**3 + 2*A", "A:m,n")],
)
def test_windows_of_matrices(text: str, declarations: str) -> None:
    J = hs.jacobian(hs.parse(text, declarations), "A")
    kept = J.compile(structure="keep")
    for m, n in ((2, 2), (3, 2), (2, 5), (4, 3)):
        rng = np.random.default_rng(m * n)
        values = {"A": rng.normal(size=(m, n)), "a": 2.0, "b": rng.normal(size=(m - 1, n))}
        values = {name: values[name] for name in J.variables}
        for _ in range(2):
            np.testing.assert_allclose(kept(**values).todense(), J.evaluate(**values), rtol=1e-13, atol=1e-13)


def test_the_array_of_an_undefined_function_stays_as_it_is() -> None:
    f = hs.parse("sum(phi(x)) + sum((x[1:] - x[:-1])**2)", "x:n phi:->")
    own = np.array([1.0, 2.0, 4.0])
    hessian = hs.hessian(f, "x").compile(structure="keep")
    for _ in range(2):
        found = hessian(x=[1.0, 2.0, 3.0], phi=(np.sin, np.cos, lambda x: own))
        assert np.array_equal(found.diagonal(), [3.0, 6.0, 6.0])
    assert np.array_equal(own, [1.0, 2.0, 4.0]) and own.flags.writeable


def test_one_value_in_two_places() -> None:
    """The same products stand on two diagonals, one of which gets more added: each has an array of its own."""
    J = hs.jacobian(hs.parse("concat(x[1:]**2 + 3*x[:-1], y)", "x:n y:k"), "x")
    K = hs.jacobian(hs.parse("x[1:]**2 + x[:-1]*x[1:]", "x:n"), "x")
    H = hs.hessian(hs.parse("sum(exp(x[1:] + x[:-1])) + sum(x[1:]**2)", "x:n"), "x")
    for result, values in (
        (J, {"x": [1.0, 2, 4], "y": [1.0]}),
        (K, {"x": [1.0, 2, 4]}),
        (H, {"x": [0.1, 0.2, 0.4, 1]}),
    ):
        found = result.compile(structure="keep")(**values).todense()
        np.testing.assert_allclose(found, result.evaluate(**values), rtol=1e-14)


def test_values_are_written_where_they_stand() -> None:
    """No array but the diagonals is made anew that is as long as they are, beside one for a product in between."""
    import tracemalloc

    n = 200_000
    hessian = hs.hessian(hs.parse(CHAINS[0], "x:n"), "x").compile(structure="keep")
    x = np.linspace(0, 1, n)
    hessian(x=x)
    tracemalloc.start()
    kept = hessian(x=x)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(kept, Banded) and peak < 3.2 * 8 * n
