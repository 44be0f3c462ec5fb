"""Hand-written derivatives with planted mistakes, and right ones: what `hs.check_gradient` says, and what others say.

`scipy.optimize.check_grad` returns a distance; 1e-5 is taken for its limit, and the last line says how many cases the
limit gets right that is best for this very table. `torch.autograd.gradcheck` gets the function with the hand-written
derivative as its backward, and its own tolerances.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from scipy.optimize import check_grad

import hesse as hs

Function = Callable[..., Any]
LIMIT = 1e-5
FINE = ("equal (proved)", "no difference found")


@dataclass(frozen=True)
class Case:
    """A function and its claimed derivative: both take the array and the library, `numpy` or `torch`."""

    name: str
    right: bool
    fun: Function
    jac: Function
    at: Any
    single: bool = False


def _entry(jac: Function, index: int, factor: float) -> Function:
    """The derivative with one entry multiplied by a factor."""

    def wrong(x: Any, xp: Any) -> Any:
        scale = np.ones(x.shape)
        scale[index] = factor
        return jac(x, xp) * xp.asarray(scale)

    return wrong


def _smooth(x: Any, xp: Any) -> Any:
    return xp.sum(xp.sin(x) * xp.exp(x / 2))


def _smooth_gradient(x: Any, xp: Any) -> Any:
    return (xp.cos(x) + xp.sin(x) / 2) * xp.exp(x / 2)


def _scaled(factor: float) -> tuple[Function, Function]:
    return lambda x, xp: factor * _smooth(x, xp), lambda x, xp: factor * _smooth_gradient(x, xp)


def _softmax(x: Any, xp: Any) -> Any:
    weights = xp.exp(x)
    return weights / xp.sum(weights)


def _softmax_jacobian(x: Any, xp: Any) -> Any:
    p = _softmax(x, xp)
    return xp.diag(p) - xp.outer(p, p)


def _matrix(xp: Any, columns: int) -> Any:
    return xp.asarray(np.arange(1.0, 3.0 * columns + 1).reshape(3, columns) ** 0.5)


def _layer(x: Any, xp: Any) -> Any:
    return xp.tanh(_matrix(xp, len(x)) @ x / 5)


def _layer_jacobian(x: Any, xp: Any) -> Any:
    return (1 - _layer(x, xp) ** 2)[:, None] * _matrix(xp, len(x)) / 5


def _single(x: Any, xp: Any) -> Any:
    """A function that calculates in single precision, whatever it is given."""
    narrow = xp.asarray(x, dtype=xp.float32)
    return xp.sum(narrow**3 + narrow)


def _single_gradient(x: Any, xp: Any) -> Any:
    return 3 * x**2 + 1


POINT = (0.7, 1.3, -0.4, 2.1)
MIXED = (1e6, 1.0, 1e-4)


def _mixed(x: Any, xp: Any) -> Any:
    return xp.sum(xp.asarray(np.array(MIXED)) * xp.sin(x))


def _mixed_gradient(x: Any, xp: Any) -> Any:
    return xp.asarray(np.array(MIXED)) * xp.cos(x)


def _absolute(x: Any, xp: Any) -> Any:
    return xp.sum(xp.abs(x))


def _with_kink(value: float) -> Function:
    """The signs, with this value at 0."""
    return lambda x, xp: xp.where(x == 0, value * xp.ones_like(x), xp.sign(x))


TINY, HUGE = _scaled(1e-8), _scaled(1e7)

CASES = (
    Case("one entry 2 times too large", False, _smooth, _entry(_smooth_gradient, 2, 2.0), POINT),
    Case("one entry 0.09 % too large", False, _smooth, _entry(_smooth_gradient, 1, 1.0009), POINT),
    Case("one entry 1e-7 too large", False, _smooth, _entry(_smooth_gradient, 1, 1 + 1e-7), POINT),
    Case("sign of one entry", False, _smooth, _entry(_smooth_gradient, 3, -1.0), POINT),
    Case("inner derivative missing", False, lambda x, xp: xp.sum(xp.sin(3 * x)), lambda x, xp: xp.cos(3 * x), POINT),
    Case("sum in the place of a mean", False, lambda x, xp: xp.mean(x**3), lambda x, xp: 3 * x**2, POINT),
    Case(
        "regulariser 1e-5 ‖x‖² forgotten",
        False,
        lambda x, xp: _smooth(x, xp) + 1e-5 * xp.sum(x**2),
        _smooth_gradient,
        POINT,
    ),
    Case("tiny gradient (1e-8), all zero", False, TINY[0], lambda x, xp: 0 * x, POINT),
    Case("tiny gradient, one entry doubled", False, TINY[0], _entry(TINY[1], 0, 2.0), POINT),
    Case("huge gradient (1e7), one entry 0.05 % off", False, HUGE[0], _entry(HUGE[1], 0, 1.0005), POINT),
    Case("scales 1e6 to 1e-4, the least doubled", False, _mixed, _entry(_mixed_gradient, 2, 2.0), POINT[:3]),
    Case("offset 1e4, one entry doubled", False, lambda x, xp: 1e4 + TINY[0](x, xp) * 1e5, _entry(
        lambda x, xp: TINY[1](x, xp) * 1e5, 1, 2.0), POINT),
    Case("kink: 3 where the slopes are -1 and 1", False, _absolute, _with_kink(3.0), (1.0, 0.0, -2.0)),
    Case("NaN in one entry", False, _smooth, _entry(_smooth_gradient, 2, float("nan")), POINT),
    Case("Jacobian transposed, square", False, _layer, lambda x, xp: _layer_jacobian(x, xp).T, POINT[:3]),
    Case("Jacobian transposed, 3 × 4", False, _layer, lambda x, xp: _layer_jacobian(x, xp).T, POINT),
    Case("softmax taken entry by entry", False, _softmax, lambda x, xp: xp.diag(
        _softmax(x, xp) * (1 - _softmax(x, xp))), POINT),
    Case("oscillation sin(1e5 x), sign", False, lambda x, xp: xp.sum(xp.sin(1e5 * x)), lambda x, xp: -1e5 * xp.cos(
        1e5 * x), POINT),
    Case("single precision, one entry 5 % off", False, _single, _entry(_single_gradient, 1, 1.05), POINT, single=True),
    Case("smooth", True, _smooth, _smooth_gradient, POINT),
    Case("tiny gradient (1e-8)", True, *TINY, POINT),
    Case("huge gradient (1e7)", True, *HUGE, POINT),
    Case("scales 1e6 to 1e-4", True, _mixed, _mixed_gradient, POINT[:3]),
    Case("offset 1e4", True, lambda x, xp: 1e4 + 1e-3 * _smooth(x, xp), lambda x, xp: 1e-3 * _smooth_gradient(
        x, xp), POINT),
    Case("kink: 0 for abs(x) at 0", True, _absolute, _with_kink(0.0), (1.0, 0.0, -2.0)),
    Case("kink: 1 for abs(x) at 0", True, _absolute, _with_kink(1.0), (1.0, 0.0, -2.0)),
    Case("kink at a distance of 1e-7", True, _absolute, _with_kink(0.0), (1.0, 1e-7, -2.0)),
    Case("Jacobian of a layer", True, _layer, _layer_jacobian, POINT),
    Case("softmax", True, _softmax, _softmax_jacobian, POINT),
    Case("oscillation sin(1e5 x)", True, lambda x, xp: xp.sum(xp.sin(1e5 * x)), lambda x, xp: 1e5 * xp.cos(
        1e5 * x), POINT),
    Case("steep: exp(40 x)", True, lambda x, xp: xp.sum(xp.exp(40 * x)), lambda x, xp: 40 * xp.exp(40 * x), POINT),
    Case("large arguments (1e6)", True, lambda x, xp: xp.sum(xp.sin(x)), lambda x, xp: xp.cos(x), (1e6, 2e6, 3.5e6)),
    Case("close to the end of the domain", True, lambda x, xp: xp.sum(xp.log(x)), lambda x, xp: 1 / x, (
        1e-9, 1.0, 1e-5)),
    Case("single precision", True, _single, _single_gradient, POINT, single=True),
)  # fmt: skip


def by_hesse(case: Case) -> str:
    """The verdict of hesse."""
    return hs.check_gradient(lambda x: case.fun(x, np), lambda x: case.jac(x, np), np.array(case.at)).verdict


def by_scipy(case: Case) -> float | None:
    """The distance that `check_grad` returns; None where it raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return float(check_grad(lambda x: case.fun(x, np), lambda x: case.jac(x, np), np.array(case.at)))
        except ValueError:
            return None


def by_torch(case: Case) -> bool:
    """Whether `gradcheck` passes."""
    import torch

    class Function(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return case.fun(x, torch)

        @staticmethod
        def backward(ctx: Any, upstream: Any) -> Any:
            (x,) = ctx.saved_tensors
            derivative = case.jac(x, torch)
            return upstream * derivative if upstream.ndim == 0 else upstream @ derivative

    kind = torch.float32 if case.single else torch.float64
    x = torch.tensor(case.at, dtype=kind, requires_grad=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return bool(torch.autograd.gradcheck(Function.apply, (x,), raise_exception=False))
        except RuntimeError:
            return False


def main() -> None:
    """Print the table."""
    torch = find_spec("torch") is not None
    distances: list[tuple[bool, float | None]] = []
    good = {"hesse": 0, "check_grad": 0, "gradcheck": 0}
    print("\n| case | right | hesse | check_grad | gradcheck |\n|---|---|---|---|---|")
    for case in CASES:
        verdict, distance = by_hesse(case), by_scipy(case)
        passed = by_torch(case) if torch else None
        distances.append((case.right, distance))
        accepted = {
            "hesse": verdict in FINE,
            "check_grad": distance is not None and distance < LIMIT,
            "gradcheck": passed,
        }
        good = {name: count + (accepted[name] is case.right) for name, count in good.items()}
        cells = [
            f"{verdict}{_mark(accepted['hesse'], case.right)}",
            f"{'raises' if distance is None else f'{distance:.1e}'}{_mark(accepted['check_grad'], case.right)}",
            "-" if passed is None else f"{'passes' if passed else 'fails'}{_mark(passed, case.right)}",
        ]
        print(f"| {case.name} | {'yes' if case.right else 'no'} | {' | '.join(cells)} |")
    total = len(CASES)
    print(f"| **judged rightly** | | {good['hesse']} of {total} | {good['check_grad']} of {total} | "
          f"{good['gradcheck'] if torch else '-'} of {total} |")  # fmt: skip
    print(f"\nWith the best limit for this table, check_grad gets {best(distances)} of {total} right.")


def _mark(accepted: bool, right: bool) -> str:
    return "" if accepted is right else " ✗"


def best(distances: list[tuple[bool, float | None]]) -> int:
    """How many cases the best single limit on the distance judges rightly."""
    limits = sorted({distance for _, distance in distances if distance is not None and np.isfinite(distance)})
    return max(
        sum((distance is not None and distance <= limit) is right for right, distance in distances) for limit in limits
    )


if __name__ == "__main__":
    main()
