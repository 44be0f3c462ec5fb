"""Blocks of rows on targets with their own loops: the values of the plain program, also under their transformations."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

import hesse as hs
from hesse.codegen import find_target
from hesse.codegen.bound import bound_plan
from tests.codegen.test_samples_last import CASES, SIZES, _values


@pytest.fixture(autouse=True)
def doubles() -> Iterator[None]:
    """JAX with float64, for a while."""
    if find_spec("jax") is None:
        yield
    else:
        with import_module("jax").enable_x64(True):
            yield


LOSS = "sum(log(1 + exp(-y*(X @ w)))) + norm(w)**2"
PARTS = {"value": None, "gradient": hs.gradient, "hessian": hs.hessian}


def joint(backend: str) -> Any:
    f = hs.parse(LOSS, "X:m,n y:m w:n")
    return hs.compile({name: f if make is None else make(f, "w") for name, make in PARTS.items()}, backend)


def arguments(m: int, n: int = 60) -> dict[str, Any]:
    rng = np.random.default_rng(m)
    return {"X": rng.normal(size=(m, n)), "y": rng.choice([-1.0, 1.0], size=m), "w": rng.normal(size=n) / 9}


def height(backend: str, m: int) -> int:
    """How many rows a block has."""
    found = bound_plan(joint(backend).plan, {"m": m, "n": 60}, find_target(backend).cached).rows
    assert found is not None
    return found[1]


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_all_rows_count_once(backend: str) -> None:
    """A number of rows that the height divides leaves an empty rest."""
    pytest.importorskip(backend)
    rows = height(backend, 100_000)
    function, plain = joint(backend), joint("numpy")
    for m in (5 * rows, 5 * rows + 1, 6 * rows - 1):
        given = arguments(m)
        assert "low" in function.source_for(m=m, n=60)
        wanted = plain.run(*given.values())
        for name, value in function(**given).items():
            np.testing.assert_allclose(np.asarray(value), wanted[name], rtol=1e-10, err_msg=f"{name} {m}")


CHOSEN = [("torch", case) for case in (0, 1, 3, 4, 6, 8, 9, 12)] + [("jax", case) for case in (0, 4, 9)]
"""Compiling takes JAX a second."""


@pytest.mark.parametrize(("backend", "case"), CHOSEN)
def test_samples_last(backend: str, case: int) -> None:
    pytest.importorskip(backend)
    text, declarations, wrt = CASES[case]
    f = hs.parse(text, declarations)
    parts = {"value": f, **{f"by_{name}": hs.gradient(f, name) for name in wrt}}
    function, plain = hs.compile(parts, backend), hs.compile(parts)
    for seed, sizes in enumerate(SIZES[:2]):
        given = _values(f, sizes, seed)
        wanted = plain.run(*given.values())
        for name, value in function(**given).items():
            scale = 1 + np.max(np.abs(wanted[name]))
            np.testing.assert_allclose(np.asarray(value), wanted[name], rtol=1e-9, atol=1e-9 * scale, err_msg=name)


def test_jax_transforms_a_program_with_a_loop() -> None:
    jax = pytest.importorskip("jax")
    m = 50_001
    given = {name: jax.numpy.asarray(value) for name, value in arguments(m).items()}
    value = hs.parse(LOSS, "X:m,n y:m w:n").compile("jax")
    assert "fori_loop" in value.source_for(m=m, n=60)
    function = joint("jax")
    wanted = function(**given)
    gradient = jax.grad(lambda w: value(X=given["X"], y=given["y"], w=w))
    np.testing.assert_allclose(gradient(given["w"]), wanted["gradient"], rtol=1e-10)
    both = jax.numpy.stack([given["w"], -given["w"]])
    many = jax.vmap(lambda w: function(X=given["X"], y=given["y"], w=w)["gradient"])(both)
    np.testing.assert_allclose(many[0], wanted["gradient"], rtol=1e-10)
    half = {name: array.astype("float32") for name, array in given.items()}
    small = function(**half)
    assert {array.dtype.name for array in small.values()} == {"float32"}
    np.testing.assert_allclose(small["gradient"], wanted["gradient"], rtol=1e-3, atol=1e-2)


def test_torch_transforms_a_program_with_a_loop() -> None:
    torch = pytest.importorskip("torch")
    m = 50_001
    given = {name: torch.as_tensor(value) for name, value in arguments(m).items()}
    value = hs.parse(LOSS, "X:m,n y:m w:n").compile("torch")
    assert "for low in" in value.source_for(m=m, n=60)
    function = joint("torch")
    wanted = function(**given)["gradient"]
    w = given["w"].clone().requires_grad_()
    value(**{**given, "w": w}).backward()
    np.testing.assert_allclose(w.grad, wanted, rtol=1e-10)
    both = torch.stack([given["w"], -given["w"]])
    many = torch.vmap(lambda w: function(X=given["X"], y=given["y"], w=w)["gradient"])(both)
    np.testing.assert_allclose(many[0], wanted, rtol=1e-10)
    half = function(**{name: array.float() for name, array in given.items()})
    assert {array.dtype for array in half.values()} == {torch.float32}


def test_no_blocks_where_there_are_no_caches() -> None:
    """On a device all samples are taken at once."""
    text, declarations, _ = CASES[0]
    plan = hs.parse(text, declarations).compile().plan
    sizes = {"N": 20_000, "d": 7, "K": 11}
    assert bound_plan(plan, sizes).rows is not None
    assert bound_plan(plan, sizes, 0).rows is None


def test_programs_with_loops_stand_alone() -> None:
    pytest.importorskip("jax")
    given, scope = arguments(100_003), dict[str, Any]()
    exec(joint("jax").source_for(m=100_003, n=60), scope)
    np.testing.assert_allclose(scope["f"](**given)["gradient"], joint("numpy").run(*given.values())["gradient"])
