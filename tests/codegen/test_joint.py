"""Several results from one function, and results that are left in arrays of the caller's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import hesse as hs
from hesse.codegen import TARGETS
from hesse.errors import ArgumentError, DeclarationError, MissingExtraError, ShapeError

from .support import as_array

LOGISTIC = hs.parse("sum(log(1 + exp(-y*(X @ w))))", "X:m,n y:m w:n")
ALL = {"value": LOGISTIC, "gradient": hs.gradient(LOGISTIC, "w"), "hessian": hs.hessian(LOGISTIC, "w")}
RNG = np.random.default_rng(7)
VALUES = {"X": RNG.normal(size=(7, 3)), "y": RNG.choice([-1.0, 1.0], 7), "w": RNG.normal(size=3)}


def compiled(expressions: Any, backend: str) -> Any:
    try:
        return hs.compile(expressions, backend)
    except MissingExtraError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("backend", [name for name in TARGETS if name != "math"])
def test_all_results_at_once(backend: str) -> None:
    results = compiled(ALL, backend)(**VALUES)
    assert list(results) == list(ALL)
    for name, expression in ALL.items():
        np.testing.assert_allclose(as_array(results[name]), expression.evaluate(**VALUES), rtol=1e-12)


def test_what_results_share_is_computed_once() -> None:
    source = hs.compile(ALL).source
    assert source.count("X @ w") == source.count("sigmoid(t1)") == 1
    assert "return {'value': value, 'gradient': gradient, 'hessian': hessian}" in source


def test_math_gives_numbers_and_lists() -> None:
    f = hs.parse("x1**2 + exp(x1*x2)", "x1: x2:")
    joint = hs.compile({"f": f, "g": hs.gradient(f), "H": hs.hessian(f)}, "math")
    results = joint(x1=0.0, x2=2.0)
    assert results == {"f": 1.0, "g": [2.0, 0.0], "H": [[6.0, 1.0], [1.0, 0.0]]}
    assert joint(x1=0, x2=2) == results
    with pytest.raises(ArgumentError, match="x2 must be given"):
        joint(x1=0.0)
    with pytest.raises(ArgumentError, match="has no buffers"):
        joint.into({"g": [0.0, 0.0]})


def test_no_result_shares_memory_with_another_or_with_an_argument() -> None:
    A = hs.parse("A", "A:n,n")
    results = hs.compile({"A": A, "T": A.T, "product": A @ A, "again": A @ A, "turned": (A @ A).T})(A=np.eye(3) + 1)
    arrays = [*results.values()]
    assert not any(np.shares_memory(one, other) for k, one in enumerate(arrays) for other in arrays[:k])


def test_declarations_of_all_are_parameters() -> None:
    joint = hs.compile({"a": hs.parse("sum(x)", "x:n"), "b": hs.parse("c*2", "c:")})
    assert joint(x=[1.0, 2.0], c=3.0) == {"a": 3.0, "b": 6.0}
    with pytest.raises(DeclarationError, match="`x` is declared"):
        hs.compile({"a": hs.parse("sum(x)", "x:n"), "b": hs.parse("x", "x:")})


@pytest.mark.parametrize("wrong", [{}, LOGISTIC, [LOGISTIC], {"f": "x"}, {1: LOGISTIC}, None])
def test_takes_expressions_by_name(wrong: Any) -> None:
    with pytest.raises(ArgumentError, match="takes expressions by name"):
        hs.compile(wrong)


@pytest.mark.parametrize("backend", ["numpy", "numba", "torch"])
def test_buffers_take_some_or_all_results(backend: str) -> None:
    joint = compiled(ALL, backend)
    buffers: dict[str, Any] = {"hessian": np.full((3, 3), np.nan), "gradient": np.full(3, np.nan)}
    if backend == "torch":
        import torch

        buffers = {name: torch.from_numpy(array) for name, array in buffers.items()}
    filling = joint.into(buffers)
    for _ in range(2):
        results = filling(**VALUES)
        assert list(results) == list(ALL)
        assert all(results[name] is buffer for name, buffer in buffers.items())
        for name, expression in ALL.items():
            np.testing.assert_allclose(as_array(results[name]), expression.evaluate(**VALUES), rtol=1e-12)


FILLED = [
    ("A + A.T", "A:n,n"), ("A", "A:n,n"), ("A.T", "A:n,n"), ("diag(x)*2", "x:n"), ("2*ones((n, n))", "x:n"),
    ("outer(x, x)", "x:n"), ("exp(A)", "A:n,n"), ("sum(A, axis=0)", "A:n,n"), ("norm(x)", "x:n"), ("-A", "A:n,n"),
    ("softmax(A, axis=1)", "A:n,n"), ("einsum('ij,jk->ik', A, A)", "A:n,n"), ("inv(A)", "A:n,n"), ("[x, x]", "x:n"),
    ("D = eye(n)[1:] - eye(n)[:-1]; D.T @ D", "x:n"), ("where(A > 0, A, 0)", "A:n,n"), ("A > 0", "A:n,n"),
    ("x[1:]", "x:n"), ("(3*A**2 - A.T)*A + A/2", "A:n,n"), ("-exp(A - x)*2 + A**3*A", "A:n,n x:n"),
    ("B = A + 1; B*(B - A) - 2*B**2", "A:n,n"), ("x + A @ x*2 - (A.T @ x)**2", "A:n,n x:n"), ("x*x*x - 1/x", "x:n"),
]  # fmt: skip


@pytest.mark.parametrize("layout", ["C", "F"])
@pytest.mark.parametrize(("text", "declarations"), FILLED)
def test_every_kind_of_result_goes_into_a_buffer(text: str, declarations: str, layout: Any) -> None:
    f = hs.parse(text, declarations)
    values = {name: RNG.normal(size=(4,) * len(shape)) for name, shape in f.variables.items()}
    expected = f.evaluate(**values)
    out = np.full(np.shape(expected), np.nan, order=layout)
    assert f.compile().into(out)(**values) is out
    np.testing.assert_allclose(out, expected, rtol=1e-12)


def test_operations_of_a_buffer_are_done_in_place() -> None:
    """What is needed once is computed where the result will stand; what is shared is not."""
    f = hs.parse("(3*x**2 - y)*exp(x) + y/2", "x:n y:n").compile()
    out = np.empty(3)
    filling = f.into(out)
    body = filling.source[filling.source.index('"""\n    np') + 4 :].split()
    assert " ".join(body).count("out=out") == 5 and "=" not in body
    shared = hs.parse("s = 3*x**2 - y; s*exp(s)", "x:n y:n").compile().into(np.empty(3))
    assert "s = 3 * x**2 - y" in shared.source
    x, y = np.array([0.5, -1.0, 2.0]), np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(filling(x=x, y=y), (3 * x**2 - y) * np.exp(x) + y / 2, rtol=1e-14)
    s = 3 * x**2 - y
    np.testing.assert_allclose(shared(x=x, y=y), s * np.exp(s), rtol=1e-14)


def test_chains_in_several_buffers_do_not_meet() -> None:
    parts = {"a": "(x*y - 2)*x", "b": "((x*y - 2)*x + 1)*y", "c": "x*y - 2", "d": "(x*y - 2)*x", "e": "-(x - y)*y"}
    expressions = {name: hs.parse(text, "x:n y:n") for name, text in parts.items()}
    joint = hs.compile(expressions)
    x, y = np.array([0.5, -1.0, 2.0]), np.array([1.0, 2.0, 3.0])
    for chosen in ("abcde", "ab", "ce", "bd", "d", "ae"):
        found = joint.into({name: np.full(3, np.nan) for name in chosen})(x=x, y=y)
        for name, expression in expressions.items():
            np.testing.assert_allclose(found[name], expression.evaluate(x=x, y=y), rtol=1e-14, err_msg=name + chosen)


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("structure", ["dense", "keep"])
def test_a_number_may_be_an_entry_of_a_buffer(backend: str, structure: str) -> None:
    """It is read before anything is written."""
    f = hs.parse("(x**2 + 1)*a", "x:n a:").compile(backend)
    H = hs.hessian(hs.parse("sum(a*exp(x)) + a*sum(x[1:]**2)", "x:n a:"), "x").compile(backend, structure=structure)
    memory = np.array([5.0, 1.0, 2.0])
    assert f.into(memory)(x=np.array([1.0, 2.0, 3.0]), a=memory[:1].reshape(())).tolist() == [10, 25, 50]
    out = np.full((3, 3), 5.0) if structure == "dense" else np.full(3, 5.0)
    found = H.into(out)(x=np.zeros(3), a=out.reshape(-1)[:1].reshape(()))
    assert np.diagonal(found).tolist() == [5, 15, 15] if structure == "dense" else out.tolist() == [5, 15, 15]


def test_buffers_that_do_not_fit() -> None:
    hessian = ALL["hessian"].compile()
    joint = hs.compile(ALL)
    for wrong in (np.empty(3), np.empty((3, 3, 3))):
        with pytest.raises(ShapeError, match=r"the buffer has shape .* and the result has shape \(n, n\)"):
            hessian.into(wrong)
    with pytest.raises(ShapeError, match=r"has shape \(2, 2\), and the result has shape \(3, 3\)"):
        hessian.into(np.empty((2, 2)))(**VALUES)
    frozen = np.empty((3, 3))
    frozen.flags.writeable = False
    for wrong in (frozen, np.empty((3, 3), np.float32), [[0.0] * 3] * 3, None, 1.0):
        with pytest.raises(ArgumentError, match="must be a NumPy array of float64 that can be written to"):
            hessian.into(wrong)
    for wrong in ({}, {"jacobian": np.empty(3)}, np.empty(3)):
        with pytest.raises(ArgumentError, match="arrays by the names of results"):
            joint.into(wrong)
    whole = np.empty((4, 3))
    with pytest.raises(ArgumentError, match="share memory"):
        joint.into({"gradient": whole[0], "hessian": whole[:3]})
    with pytest.raises(ArgumentError, match="shares memory with an argument"):
        joint.into({"gradient": VALUES["w"]})(**VALUES)
    with pytest.raises(ArgumentError, match="its arrays do not change"):
        compiled(ALL, "jax").into({"gradient": np.empty(3)})


def test_a_variable_may_have_the_name_of_a_buffer() -> None:
    f = hs.parse("out*out_ + self", "out:n out_: self:n")
    buffer = np.empty(2)
    assert f.compile().into(buffer)(out=[1.0, 2.0], out_=3.0, self=[1.0, 1.0]) is buffer
    assert buffer.tolist() == [4.0, 7.0]


def test_functions_run_in_several_threads() -> None:
    joint = hs.compile(ALL)
    sizes = [(5 + k % 7, 2 + k % 3) for k in range(60)]
    points = [{"X": RNG.normal(size=(m, n)), "y": RNG.normal(size=m), "w": RNG.normal(size=n)} for m, n in sizes]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda point: joint(**point), points))
    for point, result in zip(points, results, strict=True):
        np.testing.assert_allclose(result["hessian"], ALL["hessian"].evaluate(**point), rtol=1e-12)
