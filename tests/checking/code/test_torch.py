"""Functions of PyTorch: backward passes written by hand, modules, tensors of both precisions."""

from __future__ import annotations

import doctest
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hesse as hs

torch = pytest.importorskip("torch", reason="needs the extra torch")


def function(factor: float) -> Any:
    """x³ with a backward pass that multiplies by factor x²."""

    class Cube(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx: Any, upstream: Any) -> Any:
            (x,) = ctx.saved_tensors
            return upstream * factor * x**2

    return Cube


@pytest.mark.parametrize("at", [[1.0, -2.0, 0.5], np.array([1.0, -2.0, 0.5]), torch.tensor([1.0, -2.0, 0.5])])
def test_backward_passes(at: Any) -> None:
    assert hs.check_gradient(function(3.0), at=at).right
    assert hs.check_gradient(function(3.0).apply, at=at).right
    found = hs.check_gradient(function(2.0), at=at)
    assert found.verdict == "different" and "1.5 times too small" in found.diagnosis
    assert hs.check_gradient(lambda x: function(2.0).apply(x).sum(), at=torch.tensor([1.0, 2.0])).verdict == "different"


def test_gradients_by_hand() -> None:
    def loss(w: Any, X: Any) -> Any:
        return torch.tanh(X @ w).sum()

    def both(w: Any, X: Any) -> Any:
        slope = 1 - torch.tanh(X @ w) ** 2
        return X.T @ slope, torch.outer(slope, w)

    w, X = torch.tensor([0.3, -0.2]), torch.tensor([[1.0, 2.0], [0.5, -1.0], [2.0, 0.3]])
    found = hs.check_gradient(loss, both, (w, X))
    assert found.right and found.method.endswith("double precision")
    swapped = hs.check_gradient(loss, lambda w, X: (both(w, X)[0], both(w, X)[1].T), (w, X))
    assert swapped.mistakes == ["shape", "layout"] and "by X" not in swapped.diagnosis
    assert hs.check_gradient(loss, lambda w, X: both(w, X)[0], (w, X), wrt="w").right


def test_modules() -> None:
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.GELU(), torch.nn.Linear(8, 2), torch.nn.Softmax(-1))
    found = hs.check_gradient(module, at=torch.randn(3))
    assert found.right and found.method.endswith("double precision")
    assert module[0].weight.dtype == torch.float32
    assert hs.check_gradient(lambda x: module(x), at=torch.randn(3)).right


def test_a_cut_graph_is_a_wrong_derivative() -> None:
    found = hs.check_gradient(lambda x: (x.detach() ** 2).sum(), at=torch.tensor([1.0, 2.0]))
    assert found.verdict == "different" and "zero" in found.diagnosis


def test_a_kink() -> None:
    found = hs.check_gradient(lambda x: torch.relu(x).sum(), at=torch.tensor([0.0, 1.0, -1.0]))
    assert found.right and found.kinks == ("jac[0]",)


def test_errors_name_the_line() -> None:
    with pytest.raises(hs.HesseError, match=r"test_torch.py, line \d+"):
        hs.check_gradient(lambda x: torch.linalg.inv(x), at=torch.tensor([1.0, 2.0]))


def test_the_example_of_the_documentation() -> None:
    page = (Path(__file__).parents[3] / "docs" / "checking-code.md").read_text(encoding="utf-8")
    (text,) = (part.partition("```")[0] for part in page.split("```text\n")[1:] if part.startswith(">>> import torch"))
    test = doctest.DocTestParser().get_doctest(text, {}, "checking-code.md", None, 0)
    assert not doctest.DocTestRunner().run(test).failed


def test_numpy_points_for_torch_functions() -> None:
    found = hs.check_gradient(lambda x: torch.sin(x).sum(), lambda x: torch.cos(x), [0.5, 1.0])
    assert found.right and any("PyTorch" in reading for reading in found.readings)
    assert hs.check_gradient(lambda x: x.pow(2).sum(), lambda x: 2 * x, [0.5, 1.0], library="torch").right


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
@pytest.mark.parametrize("function", [torch.nn.functional.gelu, torch.tanh, torch.sigmoid, torch.nn.functional.silu])
def test_saturated_functions(function: Any, kind: Any) -> None:
    x = torch.tensor([-40.0, -9.0, -0.3, 0.7, 12.0, 35.0], dtype=kind)
    found = hs.check_gradient(function, at=x)
    assert found.verdict == "no difference found"


def test_backward_passes_of_another_shape() -> None:
    def function(returned: Callable[[Any], Any]) -> type:
        class Cube(torch.autograd.Function):
            @staticmethod
            def forward(ctx: Any, x: Any) -> Any:
                ctx.save_for_backward(x)
                return (x**3).sum()

            @staticmethod
            def backward(ctx: Any, *given: Any) -> Any:
                return returned(given[0] * 3 * ctx.saved_tensors[0] ** 2)

        return Cube

    at = torch.arange(1.0, 7.0).reshape(2, 3)
    assert hs.check_gradient(function(lambda g: g), at=at).right
    transposed = hs.check_gradient(function(lambda g: g.T), at=at)
    assert transposed.verdict == "different"
    assert transposed.mistakes == ["shape", "transpose"]
    assert "(3, 2)" in transposed.diagnosis and "(2, 3)" in transposed.diagnosis
    within = hs.check_gradient(lambda x: torch.sin(function(lambda g: g.T).apply(2 * x)), at=at)
    assert within.mistakes == ["shape", "transpose"]
    flat = hs.check_gradient(function(lambda g: g.reshape(-1)), at=at)
    assert (flat.verdict, flat.mistakes) == ("different", ["shape"])
    with pytest.raises(hs.HesseError, match="RuntimeError"):  # what a backward pass raises itself is no shape
        hs.check_gradient(function(lambda g: g @ g), at=at)
