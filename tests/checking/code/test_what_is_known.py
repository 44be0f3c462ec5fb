"""What is said of entries follows from what is known of them: reused arrays, digits, entries lost in noise, close
kinks and ends of domains, and slopes that do not contradict the verdict."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hesse as hs

AT = np.array([0.3, 1.1, -2.0])


def opaque(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, which cannot be read as an expression."""
    return lambda x: function(np.array(x, dtype=float))


def summed(x: Any) -> Any:
    return np.sum(np.sin(x))


def test_results_in_a_reused_array() -> None:
    gradient, values, matrix = np.zeros(3), np.zeros(3), np.zeros((3, 3))

    def square(x: Any) -> Any:
        return np.multiply(x, 2, out=gradient)

    def sines(x: Any) -> Any:
        return np.sin(x, out=values)

    def diagonal(x: Any) -> Any:
        np.fill_diagonal(matrix, np.cos(x))
        return matrix

    assert hs.check_gradient(lambda x: np.sum(x**2), square, AT).right
    assert hs.check_gradient(np.sin, diagonal, AT).right
    assert hs.check_gradient(sines, diagonal, AT).right
    assert hs.check_gradient(lambda x: (np.sum(x**2), square(x)), True, AT).right
    assert hs.check_gradient(lambda x: np.sum(x**2), lambda x: 1.5 * square(x), AT).verdict == "different"


def test_results_in_an_array_of_an_object() -> None:
    class Model:
        def __init__(self) -> None:
            self.gradient = np.zeros(3)

        def jac(self, x: Any) -> Any:
            self.gradient[:] = 2 * x
            return self.gradient

    assert hs.check_gradient(lambda x: np.sum(x**2), Model().jac, AT).right


def test_results_in_a_reused_tensor() -> None:
    torch = pytest.importorskip("torch", reason="needs the extra torch")
    memory = torch.zeros(3, dtype=torch.float64)

    def square(x: Any) -> Any:
        return memory.copy_(2 * x)

    class Sines(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return torch.sin(x)

        @staticmethod
        def backward(ctx: Any, *given: Any) -> Any:
            return memory.copy_(given[0] * torch.cos(ctx.saved_tensors[0]))

    at = torch.tensor(AT)
    assert hs.check_gradient(lambda x: torch.sum(x**2), square, at).right
    assert hs.check_gradient(Sines, at=at).right


@pytest.mark.parametrize("slight", [1e-6, 1e-7, 1e-9, 1e-11])
def test_the_exact_derivative_sees_what_rounding_does_not_explain(slight: float) -> None:
    found = hs.check_gradient(summed, lambda x: np.cos(x) * (1 + slight), AT)
    assert found.verdict == "different" and "exact" in found.method
    one = found.wrong[0].text
    assert one.split(" is ")[1].split(",")[0] != one.split("should be ")[1].split(":")[0]
    assert hs.check_gradient(summed, lambda x: np.cos(x) * (1 + slight), AT, tolerance=1e-5).right


@pytest.mark.parametrize(("slight", "verdict"), [(1e-7, "different"), (3e-8, "different"), (1e-9, "undecided")])
def test_differences_see_what_their_errors_do_not_explain(slight: float, verdict: str) -> None:
    found = hs.check_gradient(opaque(summed), lambda x: np.cos(x) * (1 + slight), AT)
    assert found.verdict == verdict and found.method.startswith("extrapolated")
    assert verdict == "different" or "rounding of numbers that the code holds" in found.diagnosis
    assert hs.check_gradient(opaque(summed), np.cos, AT).right


def test_narrow_numbers_are_judged_by_their_own_rounding() -> None:
    at = AT.astype(np.float32)
    constant = np.float32(np.pi)
    rounded = hs.check_gradient(
        lambda x: np.sum(np.sin(np.pi * x)), lambda x: constant * np.cos(constant * x), np.float32([0.3, 1.2, -0.7])
    )
    assert rounded.verdict == "no difference found"
    assert hs.check_gradient(summed, lambda x: np.cos(x) * (1 + 1e-7), at).right
    assert hs.check_gradient(summed, lambda x: np.cos(x) * (1 + 1e-5), at).verdict == "different"
    narrow = hs.check_gradient(summed, lambda x: np.cos(np.asarray(x, np.float32)), AT)
    assert narrow.right
    half = AT.astype(np.float16)
    assert hs.check_gradient(summed, lambda x: np.cos(x) * 1.001, half).right
    assert hs.check_gradient(summed, lambda x: np.cos(x) * 1.02, half).verdict == "different"


@pytest.mark.parametrize("size", [3, 5, 7])
def test_inverses_of_nearly_singular_matrices(size: int) -> None:
    """The inverse that is computed is symmetric only up to its rounding, which is far above that of its entries."""
    random = np.random.default_rng(size)
    hilbert = 1 / (np.arange(size)[:, None] + np.arange(size) + 1.0)
    inverse, at = np.linalg.inv(hilbert), random.normal(size=size)
    assert hs.check_gradient(lambda x: x @ inverse @ x, lambda x: 2 * inverse @ x, at).right
    assert hs.check_gradient(lambda x: x @ inverse @ x, lambda x: 2 * np.linalg.solve(hilbert, x), at).right
    assert hs.check_gradient(lambda x, P: x @ P @ x, lambda x, P: 2 * P @ x, (at, inverse), wrt=0).right
    hidden = hs.check_gradient(opaque(lambda x: x @ inverse @ x), lambda x: 2 * inverse @ x, at)
    assert hidden.verdict != "different"
    powers = np.vander(np.arange(1.0, size + 1))
    solved = hs.check_gradient(
        lambda x: np.sum(np.linalg.solve(powers, x) ** 2),
        lambda x: 2 * np.linalg.inv(powers).T @ (np.linalg.inv(powers) @ x),
        at,
    )
    assert solved.right
    plain = np.array([[2.0, 0.3, 0.1], [0.3, 1.7, -0.2], [0.1, -0.2, 1.1]])
    found = hs.check_gradient(lambda x: x @ plain @ x, lambda x: 2 * plain @ x * (1 + 1e-9), AT)
    assert found.verdict == "different"


@pytest.mark.parametrize("samples", [8, 30])
def test_sums_whose_terms_cancel(samples: int) -> None:
    random = np.random.default_rng(samples)
    data = 1e3 * random.normal(size=(samples, 3)) + 1e5
    data -= data.mean(axis=0)
    y = random.normal(size=samples)
    best = np.linalg.lstsq(data, y, rcond=None)[0]
    for at in (AT, best, best + 1e-6):
        found = hs.check_gradient(
            lambda w: np.sum((data @ w - y) ** 2), lambda w: 2 * (data.T @ data @ w - data.T @ y), at
        )
        assert found.verdict != "different"
    assert hs.check_gradient(lambda w: np.sum(data @ w), lambda w: data.sum(axis=0), AT).verdict != "different"


def test_a_derivative_that_was_written_down_has_no_more_digits() -> None:
    assert hs.check_gradient(summed, np.round(np.cos(AT), 8), AT).right
    assert hs.check_gradient(summed, np.round(np.cos(AT), 5), AT).verdict == "different"


def test_entries_that_cannot_be_judged_do_not_count_as_agreeing() -> None:
    def squares(x: Any) -> float:
        return float(np.sum(x**2))

    at = np.array([1e-100, 2e-90, -3e-50])
    wrong = hs.check_gradient(squares, lambda x: 3 * x, at)
    assert wrong.verdict == "different" and [entry.index for entry in wrong.wrong] == [(2,)]
    right = hs.check_gradient(squares, lambda x: 2 * x, at)
    assert right.right and right.diagnosis.startswith("1 of 3 entries agrees to ")
    assert "2 entries are too small beside the noise of fun to be judged" in right.notes
    below = hs.check_gradient(lambda x: np.sum(x**2), lambda x: 3 * x, np.array([1e-200, 2e-200, -3e-200]))
    assert below.verdict == "different" and "exact" in below.method
    lost = hs.check_gradient(squares, lambda x: 3 * x, np.array([1e-200, 2e-200, -3e-200]))
    assert lost.verdict == "undecided" and "agree" not in lost.diagnosis


def test_a_derivative_that_is_zero_up_to_its_own_rounding() -> None:
    def shares(x: Any) -> Any:
        return np.exp(x) / np.sum(np.exp(x))

    def jac(x: Any) -> Any:
        return (np.diag(shares(x)) - np.outer(shares(x), shares(x))).sum(axis=0)

    at = np.array([1.0, 2.0, 3.0, 4.0, 0.2])
    assert hs.check_gradient(lambda x: np.sum(shares(x)), jac, at).verdict == "equal (proved)"
    found = hs.check_gradient(opaque(lambda x: np.sum(shares(x))), jac, at)
    assert found.verdict == "no difference found" and found.diagnosis == "5 entries agree"


@pytest.mark.parametrize("read", [True, False])
@pytest.mark.parametrize("count", [100, 3000])
def test_slopes_do_not_contradict_the_verdict(count: int, read: bool) -> None:
    def one_off(x: Any) -> Any:
        found = 2 * x
        found[17] += 0.5
        return found

    def square(x: Any) -> Any:
        return np.sum(x**2)

    found = hs.check_gradient(square if read else opaque(square), one_off, np.linspace(-10, 10, count))
    assert found.verdict == "different"
    steep = all(slope is None or slope > 1.5 for slope in found.slopes)
    assert ("2 where the derivative is right" in found.taylor) is not steep
    assert not found.wrong or not steep  # a wrong entry that is known is what the test looks at


def test_rounding_steps_beside_an_entry_that_moves_evenly() -> None:
    """The last terms move the values evenly, however coarse the steps are in which the first one moves them."""

    def fun(x: Any) -> float:
        return float((1e8 + x[0] ** 2) - 1e8 + x[1])

    for at in ([1.0, 1.0], [0.7, 0.3]):
        assert hs.check_gradient(fun, lambda x: np.array([2 * x[0], 1.0]), at).right
        found = hs.check_gradient(fun, lambda x: np.array([2.1 * x[0], 1.0]), at)
        assert found.diagnosis == "jac[0] is 1.05 times too large"
        assert found.wrong[0].expected == pytest.approx(2 * at[0], rel=1e-5)


def test_values_that_only_far_steps_move() -> None:
    """1 - cos(x) is 0 for all x around 1e-9, and its derivative is not."""
    at = np.array([3e-9, 1.2e-8, -7e-9])
    assert hs.check_gradient(lambda x: np.sum(1 - np.cos(x)), np.sin, at).verdict != "different"
    assert hs.check_gradient(opaque(lambda x: np.sum(1 - np.cos(x))), np.sin, at).verdict != "different"
    assert hs.check_gradient(opaque(lambda x: np.sum(1 - np.cos(x))), lambda x: -np.sin(x), at).verdict == "different"


@pytest.mark.parametrize("others", [[], [1.0], [-2.0, 3.0]])
@pytest.mark.parametrize("distance", [1e-6, 1e-8, 1e-10])
def test_kinks_close_to_one_of_the_entries(distance: float, others: list[float]) -> None:
    at = np.array([distance, *others])

    def rectified(x: Any) -> float:
        return float(np.sum(np.maximum(x, 0.0)))

    assert hs.check_gradient(rectified, lambda x: 1.0 * (x > 0), at).right
    assert hs.check_gradient(rectified, lambda x: 1.1 * (x > 0), at).verdict == "different"
    below = hs.check_gradient(rectified, lambda x: 1.0 * (x > 0), np.array([-distance, *others]))
    assert below.verdict != "different"


@pytest.mark.parametrize("distance", [1e-6, 1e-9, 1e-12])
def test_ends_of_domains_close_to_one_of_the_entries(distance: float) -> None:
    at = np.array([distance, 1.0])

    def roots(x: Any) -> float:
        return float(np.sum(np.sqrt(x)))

    found = hs.check_gradient(roots, lambda x: 0.5 / np.sqrt(x), at)
    assert found.right and "without bound" not in str(found)
    assert hs.check_gradient(roots, lambda x: 0.51 / np.sqrt(x), at).verdict == "different"


def test_kinks_among_many_entries_are_no_mistake() -> None:
    at = np.linspace(-1, 1, 3000)
    at[::7] = 0.0
    found = hs.check_gradient(opaque(lambda x: np.sum(np.maximum(x, 0))), lambda x: 1.0 * (x > 0), at)
    assert found.verdict != "different"
