"""Joint functions that keep structure, with results left in arrays of the caller's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hesse as hs
from hesse.structured.base import Structured
from hesse.structured.folded import Folded
from tests.structured.test_loops import dense

BACKENDS = ["numpy", "numba"]
CHAIN = hs.parse("sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2) + a*sum(y*x)", "x:n y:n a:")
PARTS: dict[str, hs.Expr] = {
    "value": CHAIN,
    "gradient": hs.gradient(CHAIN, "x"),
    "hessian": hs.hessian(CHAIN, "x"),
    "again": hs.gradient(CHAIN, "x"),
    "squares": hs.hessian(hs.parse("sum(y*exp(x)) + sum(x[1:]**2)", "x:n y:n"), "x"),
    "ring": hs.jacobian(hs.parse("a*roll(x, 1) - x**3", "x:n a:"), "x"),
    "spread": hs.hessian(hs.parse("logsumexp(x)", "x:n"), "x"),
    "softmax": hs.gradient(hs.parse("logsumexp(x)", "x:n"), "x"),
    "fixed": hs.parse("a*ones(n)", "x:n a:"),
}


def point(n: int, seed: int) -> dict[str, Any]:
    """Values of all variables."""
    rng = np.random.default_rng(seed)
    return {"x": rng.normal(size=n), "y": rng.normal(size=n), "a": float(rng.normal())}


def compiled(parts: dict[str, hs.Expr], backend: str) -> Any:
    """The joint function that keeps structure."""
    if backend == "numba":
        pytest.importorskip("numba")
    return hs.compile(parts, backend, structure="keep")


def buffers_for(n: int) -> dict[str, Any]:
    """Arrays for all results that can be left in some; nothing in them is right."""

    def array(*shape: int) -> Any:
        return np.full(shape, np.nan)

    return {
        "value": array(),
        "gradient": np.full(2 * n, np.nan)[::2],
        "hessian": {0: array(n), -1: array(n - 1)},
        "again": array(n),
        "squares": array(n),
        "ring": {"data": array(2 * n)},
        "softmax": array(n),
        "fixed": array(n),
    }


def right(found: dict[str, Any], values: dict[str, Any]) -> None:
    """Whether all results are those of the dense functions."""
    assert list(found) == list(PARTS)
    for name, expression in PARTS.items():
        own = {variable: values[variable] for variable in expression.variables}
        np.testing.assert_allclose(dense(found[name]), expression.evaluate(**own), 1e-12, 1e-12, err_msg=name)


@pytest.mark.parametrize("backend", BACKENDS)
def test_all_and_some_results_are_left_in_buffers(backend: str) -> None:
    joint = compiled(PARTS, backend)
    some = [[*buffers_for(4)], ["gradient", "ring"], ["hessian"], ["softmax"], ["again", "value"], ["squares", "fixed"]]
    for chosen in some[: 2 if backend == "numba" else None]:
        given = {name: buffers_for(4)[name] for name in chosen}
        fill, before = joint.into(given), None
        for seed in range(3):
            values = point(4, seed)
            found = fill(**values)
            right(found, values)
            for name, buffer in given.items():
                if isinstance(found[name], (Structured, Folded)):
                    assert before is None or found[name] is before[name]
                    arrays = [*buffer.values()] if isinstance(buffer, dict) else [buffer]
                    held = [each for each in vars(found[name]).values() if isinstance(each, np.ndarray)]
                    held += [*getattr(found[name], "bands", {}).values()]
                    assert all(any(np.shares_memory(array, each) for each in held) for array in arrays)
                else:
                    assert found[name] is buffer
            before = found


@pytest.mark.parametrize("backend", BACKENDS)
def test_results_that_are_in_no_buffer_are_new_ones(backend: str) -> None:
    """The softmax is the side of the low rank too, which must not change with the buffer."""
    joint = compiled({name: PARTS[name] for name in ("spread", "softmax", "gradient", "again")}, backend)
    out, slope = np.empty(3), np.empty(3)
    fill = joint.into({"softmax": out, "again": slope})
    first = fill(**point(3, 0))
    kept = first["spread"].todense(), first["gradient"].copy()
    second = fill(**point(3, 1))
    assert np.array_equal(first["spread"].todense(), kept[0]) and np.array_equal(first["gradient"], kept[1])
    assert not np.array_equal(second["spread"].todense(), kept[0])
    assert first["softmax"] is second["softmax"] is out and np.array_equal(second["gradient"], slope)


@pytest.mark.parametrize("backend", BACKENDS)
def test_fixed_values_and_buffers(backend: str) -> None:
    joint = compiled(PARTS, backend).fix(a=2.0)
    given = buffers_for(4)
    fill, other = joint.into(given), compiled(PARTS, backend).into(given)
    for seed in range(3):
        values = {**point(4, seed), "a": 2.0}
        right(fill(x=values["x"], y=values["y"]), values)
        given["fixed"][:] = 7  # a plain result is written again
        right(other(**{**values, "a": -1.0}), {**values, "a": -1.0})
    with pytest.raises(hs.ArgumentError, match="a is fixed"):
        fill(**values)
    quadratic = hs.parse("x @ x*a + y @ x", "x:n y:n a:")
    parts = {"hessian": hs.hessian(quadratic + hs.parse("sum(y*x**2)", "x:n y:n"), "x"), "size": hs.parse("a", "a:")}
    out, size = np.zeros(2), np.zeros(())
    constant = compiled(parts, backend).fix(y=[1.0, 2.0], a=3.0).into({"hessian": out, "size": size})
    for _ in range(2):
        assert np.array_equal(dense(constant(x=[0.0, 0.0])["hessian"]), np.diag([8.0, 10.0])) and size == 3.0


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_does_not_fit(backend: str) -> None:
    joint = compiled(PARTS, backend)
    for wrong in ({}, np.zeros(3), {"slope": np.zeros(3)}, None, {1: np.zeros(3)}):
        with pytest.raises(hs.ArgumentError, match=r"by the names of results, such as \{'value': array\}"):
            joint.into(wrong)
    for name in ("gradient", "hessian"):
        for array in ([1.0, 2.0], np.zeros(3, int)):
            with pytest.raises(hs.ArgumentError, match="float64"):
                joint.into({name: array})
    with pytest.raises(hs.ShapeError, match="the buffer for gradient has shape"):
        joint.into({"gradient": np.zeros((3, 1))})
    with pytest.raises(hs.ArgumentError, match="vectors"):
        joint.into({"squares": np.zeros((3, 3))})
    with pytest.raises(hs.ArgumentError, match="low rank plus diagonal has no buffers"):
        joint.into({"spread": np.zeros((3, 3))})
    both = np.zeros(5)
    for given in ({"gradient": both[:3], "squares": both[2:]}, {"hessian": {0: both[:3], -1: both[1:3]}}):
        with pytest.raises(hs.ArgumentError, match="shares memory with another"):
            joint.into(given)
    values = point(3, 0)
    with pytest.raises(
        hs.ShapeError, match=r"the buffer for gradient has shape \(4,\), and the result has shape \(3,\)"
    ):
        joint.into({"gradient": np.zeros(4)})(**values)
    with pytest.raises(hs.ShapeError, match="the buffer 0 of hessian has 4 entries, and the result has 3"):
        joint.into({"hessian": {0: np.zeros(4), -1: np.zeros(2)}})(**values)
    with pytest.raises(hs.ArgumentError, match="into takes arrays of hessian by the names -1, 0"):
        joint.into({"hessian": np.zeros(3)})(**values)
    for given in ({"gradient": values["x"]}, {"hessian": {0: values["x"], -1: np.zeros(2)}}):
        with pytest.raises(hs.ArgumentError, match="shares memory with an argument"):
            joint.into(given)(**values)


def test_buffers_may_be_parts_of_one_array() -> None:
    f = hs.parse("sum((x[1:] - x[:-1])**4)", "x:n")
    joint = compiled({"g": hs.gradient(f), "h": hs.hessian(f)}, "numpy")
    memory = np.arange(11.0)
    found = joint.into({"g": memory[3:6], "h": {0: memory[6:9], -1: memory[9:]}})(x=memory[:3])
    assert found["h"].nbytes == 40 and found["h"].symmetric
    assert memory.tolist() == [0, 1, 2, -4, 0, 4, 12, 24, 12, -12, -12]


@pytest.mark.parametrize("backend", BACKENDS)
def test_no_keyword_is_reserved(backend: str) -> None:
    f = hs.parse("sum(buffers*self**2) + sum(out_value_0*self)", "self:n buffers:n out_value_0:n")
    joint = compiled({"g": hs.gradient(f, "self"), "h": hs.hessian(f, "self")}, backend)
    slope, main = np.empty(2), np.empty(2)
    found = joint.into({"g": slope, "h": main})(self=[1.0, 2.0], buffers=[3.0, 4.0], out_value_0=[1.0, 1.0])
    assert np.array_equal(slope, [7.0, 17.0]) and np.array_equal(main, [6.0, 8.0])
    assert found["g"] is slope


@pytest.mark.parametrize("backend", BACKENDS)
def test_sizes_that_change_while_buffers_fit(backend: str) -> None:
    f = hs.parse("sum((A @ x)**2) + sum((x[1:] - x[:-1])**4)*m", "A:m,n x:n")
    joint = compiled({"g": hs.gradient(f, "x"), "h": hs.hessian(hs.parse("sum(A)*x @ x", "A:m,n x:n"), "x")}, backend)
    slope = np.empty(3)
    fill = joint.into({"g": slope})
    for m in (2, 5, 2):
        A, x = np.random.default_rng(m).normal(size=(m, 3)), np.array([1.0, 2.0, -1.0])
        found = fill(A=A, x=x)
        np.testing.assert_allclose(slope, hs.gradient(f, "x").evaluate(A=A, x=x))
        np.testing.assert_allclose(found["h"].diagonal(), 2 * A.sum())
