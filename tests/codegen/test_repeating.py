"""The short way of functions that fill buffers: the same entries, and every change from call to call is seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hesse as hs
from hesse.errors import ArgumentError, ShapeError

pytest.importorskip("numba")
RING = "c*(roll(u, 1) - 2*u + roll(u, -1)) + sin(u**2)"
CHAIN = "a*sum((x[1:] - x[:-1]**2)**2)"


def ring() -> Any:
    """The Jacobian of a ring."""
    return hs.jacobian(hs.parse(RING, "u:n c:"), "u").compile("numba", structure="keep")


def chain() -> Any:
    """The Hessian of a chain."""
    return hs.hessian(hs.parse(CHAIN, "x:n a:"), "x").compile("numba", structure="keep")


@pytest.mark.parametrize("fixed", [True, False])
def test_repeated_calls_give_new_entries(fixed: bool) -> None:
    jacobian, rng = ring(), np.random.default_rng(0)
    for n in (5, 7):
        out = np.empty(jacobian(u=np.ones(n), c=2.0).tosparse().nnz)
        fill = jacobian.fix(c=2.0).into(out) if fixed else jacobian.into(out)
        for k in range(4):
            u = rng.normal(size=n)
            result = fill(u=u) if fixed else fill(u=u, c=2.0 + k)
            wanted = jacobian(u=u, c=2.0 if fixed else 2.0 + k)
            np.testing.assert_allclose(out, wanted.tosparse().data, rtol=1e-12)
            np.testing.assert_allclose(result.solve(u), wanted.solve(u), rtol=1e-9)


def test_every_kind_of_argument_is_taken() -> None:
    hessian, main, below = chain(), np.empty(4), np.empty(3)
    fill = hessian.into({0: main, -1: below})
    x = np.array([1.0, -2.0, 3.0, 0.5])
    wide = np.zeros((4, 2))
    wide[:, 0] = x
    locked = x.copy()
    locked.setflags(write=False)
    for value in (x, x, x.tolist(), wide[:, 0], locked, x.astype(np.float32), np.array([1, -2, 3, 4]), x[::-1][::-1]):
        for a in (2.0, 2, np.float64(2), np.array(2.0)):
            main[:], below[:] = np.nan, np.nan
            fill(x=value, a=a)
            wanted = hessian(x=np.asarray(value, float), a=2.0)
            np.testing.assert_allclose(main, wanted.bands[0], rtol=1e-12)
            np.testing.assert_allclose(below, wanted.bands[-1], rtol=1e-12)


def test_sizes_and_shapes_may_change() -> None:
    jacobian = hs.jacobian(hs.parse("sin(u)*c", "u:n c:"), "u").compile("numba", structure="keep")
    fill = jacobian.fix(c=2.0).into(np.empty(3))
    np.testing.assert_allclose(fill(u=np.zeros(3)).diagonal(), 2.0)
    for wrong in (np.zeros(4), np.zeros((3, 1)), np.zeros(0)):
        with pytest.raises(ShapeError):
            fill(u=wrong)
    np.testing.assert_allclose(fill(u=np.full(3, np.pi)).diagonal(), -2.0)


def test_what_is_wrong_is_refused_also_the_second_time() -> None:
    jacobian = ring()
    out = np.empty(jacobian(u=np.ones(5), c=2.0).tosparse().nnz)
    fill = jacobian.fix(c=2.0).into(out)
    for _ in range(3):
        fill(u=np.ones(5))
        for values, message in [
            ({}, "u must be given"),
            ({"u": np.ones(5), "c": 3.0}, "c is fixed"),
            ({"u": np.ones(5), "w": 3.0}, "no variable w"),
            ({"u": out[:5]}, "shares memory"),
            ({"u": np.array(["a"] * 5)}, "must consist of numbers"),
        ]:
            with pytest.raises(ArgumentError, match=message):
                fill(**values)


def test_buffers_that_others_fill_are_filled_wholly() -> None:
    jacobian, u = ring(), np.linspace(0, 1, 6)
    out = np.empty(jacobian(u=u, c=2.0).tosparse().nnz)
    one, other = jacobian.fix(c=2.0).into(out), jacobian.fix(c=5.0).into(out)
    for _ in range(3):
        for fill, c in ((one, 2.0), (other, 5.0), (one, 2.0), (one, 2.0)):
            fill(u=u)
            np.testing.assert_allclose(out, jacobian(u=u, c=c).tosparse().data, rtol=1e-12)


def test_names_that_the_short_way_uses_itself() -> None:
    text = "run*sum((last[1:] - last[:-1]**2)**2) + token*sum(last) + buffer_0*ready"
    hessian = hs.hessian(hs.parse(text, "last:n run: token: buffer_0: ready:"), "last")
    values = {"last": np.array([1.0, 2.0, 3.0]), "run": 2.0, "token": 1.0, "buffer_0": 1.0, "ready": 0.0}
    main, below = np.empty(3), np.empty(2)
    fill = hessian.compile("numba", structure="keep").into({0: main, -1: below})
    for scale in (1.0, 2.0, 3.0):
        values["run"] = scale
        fill(**values)
        np.testing.assert_allclose(np.diag(hessian.evaluate(**values)), main)
