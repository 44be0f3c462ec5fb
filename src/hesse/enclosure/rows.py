"""How each elementwise function is enclosed: of a series, and of an interval. One entry for each row of the table.

`series` takes arb_series (or arb) and gives the series of the value; it raises `NotSmooth` where a kink lies in the
ball. `bounds` takes the ends of an interval, floats that may be infinite, and gives ends that are rounded outward.
A function that is known by its lowering to others needs no entry.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Any, TypeAlias

import flint
from flint import arb, arb_series

from hesse.enclosure.balls import above, below, rational

Bounds: TypeAlias = tuple[float, float]
Series: TypeAlias = Any
"""An arb, or an arb_series."""


class NotSmooth(Exception):
    """A series was asked for over a kink."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """The series and the interval extension of one function of one argument."""

    series: Callable[[Series], Series]
    bounds: Callable[[float, float], Bounds]


def constant_of(value: Series) -> arb:
    """The ball of the value itself, without its derivatives."""
    if isinstance(value, arb):
        return value
    constant: arb = value[0]
    return constant


def _is_constant(value: Series) -> bool:
    return isinstance(value, arb) or all(coefficient == 0 for coefficient in value.coeffs()[1:])


def _increasing(
    function: Callable[[arb], arb], low_limit: float, high_limit: float
) -> Callable[[float, float], Bounds]:
    """The bounds of an increasing function with these limits at both infinities (or ends of its domain)."""

    def bounds(low: float, high: float) -> Bounds:
        first = low_limit if low == -math.inf else max(low_limit, below(function(arb(low))))
        last = high_limit if high == math.inf else min(high_limit, above(function(arb(high))))
        return first, last

    return bounds


def _turned(bounds: Callable[[float, float], Bounds]) -> Callable[[float, float], Bounds]:
    """The bounds of minus an increasing function."""

    def negated(low: float, high: float) -> Bounds:
        first, last = bounds(low, high)
        return -last, -first

    return negated


def _sigmoid(value: Series) -> Series:
    return 1 / (1 + (-value).exp())


def _softplus(value: Series) -> Series:
    # log(1 + exp(x)) = x + log(1 + exp(-x)): the form whose exponential is small.
    if constant_of(value) > 0:
        return value + ((-value).exp() + 1).log()
    return (value.exp() + 1).log()


def _sinh(value: Series) -> Series:
    return value.sinh() if isinstance(value, arb) else (value.exp() - (-value).exp()) / 2


def _cosh(value: Series) -> Series:
    return value.cosh() if isinstance(value, arb) else (value.exp() + (-value).exp()) / 2


def _tanh(value: Series) -> Series:
    if isinstance(value, arb):
        return value.tanh()
    if constant_of(value) > 0:
        return 2 / (1 + (-2 * value).exp()) - 1
    return 1 - 2 / (1 + (2 * value).exp())


def _arccos(value: Series) -> Series:
    return arb.pi() / 2 - value.asin()


def _wave(function: Callable[[arb], arb], shift: Fraction) -> Callable[[float, float], Bounds]:
    """The bounds of a sine whose maxima lie at pi/2 + 2 pi k - shift * pi."""

    def bounds(low: float, high: float) -> Bounds:
        if not (math.isfinite(low) and math.isfinite(high)):
            return -1.0, 1.0
        first, last = function(arb(low)), function(arb(high))
        top = max(above(first), above(last))
        bottom = min(below(first), below(last))
        # An extremum is inside when the phase passes an integer; an undecided one counts as inside.
        if _passes(low, high, Fraction(1, 2) - shift):
            top = 1.0
        if _passes(low, high, Fraction(3, 2) - shift):
            bottom = -1.0
        return max(bottom, -1.0), min(top, 1.0)

    return bounds


def _passes(low: float, high: float, phase: Fraction) -> bool:
    """Whether (phase + 2 k) pi may lie in the interval for some integer k."""
    start = (arb(low) / arb.pi() - arb(rational(phase))) / 2
    end = (arb(high) / arb.pi() - arb(rational(phase))) / 2
    return not bool(start.floor() == end.floor()) or start.contains_integer() or end.contains_integer()


def _tan_bounds(low: float, high: float) -> Bounds:
    if not (math.isfinite(low) and math.isfinite(high)):
        return -math.inf, math.inf
    if _passes(low, high, Fraction(1, 2)) or _passes(low, high, Fraction(3, 2)):
        return -math.inf, math.inf
    return below(arb(low).tan()), above(arb(high).tan())


def _cosh_bounds(low: float, high: float) -> Bounds:
    near = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
    far = max(abs(low), abs(high))
    return below(arb(near).cosh()), math.inf if math.isinf(far) else above(arb(far).cosh())


def _abs_bounds(low: float, high: float) -> Bounds:
    return (0.0 if low <= 0 <= high else min(abs(low), abs(high))), max(abs(low), abs(high))


def _kinked(
    left: Callable[[Series], Series], right: Callable[[Series], Series], at_zero: int
) -> Callable[[Series], Series]:
    """The series of a function that is `left` below zero and `right` above."""

    def series(value: Series) -> Series:
        ball = constant_of(value)
        if ball > 0:
            return right(value)
        if ball < 0:
            return left(value)
        if ball == 0 and _is_constant(value):
            return arb(at_zero)
        raise NotSmooth

    return series


def _steps(value: arb | int) -> Callable[[Series], Series]:
    return lambda argument: arb(value)


def _silu_bounds(low: float, high: float) -> Bounds:
    # silu falls down to about -1.2785 and rises from there on; its minimum is above -0.2785.
    turn_low, turn_high, bottom = -1.278464542761074, -1.278464542761073, -0.2784645427610739
    return _valley(lambda x: x * _sigmoid(x), low, high, (turn_low, turn_high, bottom), (0.0, math.inf))


def _gelu(value: Series) -> Series:
    return value * (1 + (value / arb(2).sqrt()).erf()) / 2


def _gelu_bounds(low: float, high: float) -> Bounds:
    turn_low, turn_high, bottom = -0.7517915246935646, -0.7517915246935643, -0.1699712074799037
    return _valley(_gelu, low, high, (turn_low, turn_high, bottom), (0.0, math.inf))


def _valley(
    function: Callable[[arb], arb], low: float, high: float, turn: tuple[float, float, float], ends: Bounds
) -> Bounds:
    """The bounds of a function that falls to a minimum between turn[0] and turn[1], above turn[2], and then rises."""
    values = [
        function(arb(end)) if math.isfinite(end) else arb(limit) for end, limit in zip((low, high), ends, strict=True)
    ]
    top = max(above(value) for value in values)
    if high <= turn[0]:
        return below(values[1]), top
    if low >= turn[1]:
        return below(values[0]), top
    return turn[2], top


def _gammaln_bounds(low: float, high: float) -> Bounds:
    if low <= 0:
        return -0.12148629053584962, math.inf
    return _valley(lambda x: x.lgamma(), low, high, (1.4616321449683622, 1.4616321449683625, -0.12148629053584962),
                   (math.inf, math.inf))  # fmt: skip


def _digamma(value: Series) -> Series:
    if isinstance(value, arb):
        return value.digamma()
    # The derivative of log gamma, from a series that is one longer.
    return polygamma_series(0, value)


def polygamma_series(order: int, value: Series) -> Series:
    """The series of the polygamma function of an order; the argument must be positive."""
    ball = constant_of(value)
    if not ball > 0:
        return arb.nan()

    def derivative(k: int) -> arb:
        """psi^(k) at the ball."""
        if k == 0:
            return ball.digamma()
        sign = 1 if k % 2 else -1
        return sign * arb(k).gamma() * k * arb(k + 1).zeta(ball)

    if isinstance(value, arb):
        return derivative(order)
    count = flint.ctx.cap
    factorial = arb(1)
    coefficients = []
    for k in range(count):
        coefficients.append(derivative(order + k) / factorial)
        factorial = factorial * (k + 1)
    inner = arb_series([arb(0), *value.coeffs()[1:]])
    total = arb_series([coefficients[-1]])
    for coefficient in reversed(coefficients[:-1]):
        total = total * inner + coefficient
    return total


def _logarithm(low: float, high: float) -> Bounds:
    return (-math.inf if low <= 0 else below(arb(low).log())), (
        -math.inf if high <= 0 else math.inf if high == math.inf else above(arb(high).log())
    )


def _log1p_bounds(low: float, high: float) -> Bounds:
    first = -math.inf if low <= -1 else below(arb(low).log1p())
    last = -math.inf if high <= -1 else math.inf if high == math.inf else above(arb(high).log1p())
    return first, last


def _cut(function: Callable[[arb], arb]) -> Callable[[float, float], Bounds]:
    """The bounds of an increasing function on [-1, 1]."""

    def bounds(low: float, high: float) -> Bounds:
        return below(function(arb(max(-1.0, min(low, 1.0))))), above(function(arb(min(1.0, max(high, -1.0)))))

    return bounds


def _relu_bounds(low: float, high: float) -> Bounds:
    return max(low, 0.0), max(high, 0.0)


HALF_PI = 1.5707963267948968
ENCLOSURES: Mapping[str, Enclosure] = MappingProxyType(
    {
        "exp": Enclosure(lambda s: s.exp(), _increasing(arb.exp, 0.0, math.inf)),
        "expm1": Enclosure(
            lambda s: s.expm1() if isinstance(s, arb) else s.exp() - 1, _increasing(arb.expm1, -1.0, math.inf)
        ),
        "log": Enclosure(lambda s: s.log(), _logarithm),
        "log1p": Enclosure(lambda s: s.log1p() if isinstance(s, arb) else (1 + s).log(), _log1p_bounds),
        "sin": Enclosure(lambda s: s.sin(), _wave(arb.sin, Fraction(0))),
        "cos": Enclosure(lambda s: s.cos(), _wave(arb.cos, Fraction(1, 2))),
        "tan": Enclosure(lambda s: s.tan(), _tan_bounds),
        "arcsin": Enclosure(lambda s: s.asin(), _cut(arb.asin)),
        "arccos": Enclosure(_arccos, _turned(_cut(lambda x: -(arb.pi() / 2 - x.asin())))),
        "arctan": Enclosure(lambda s: s.atan(), _increasing(arb.atan, -HALF_PI, HALF_PI)),
        "sinh": Enclosure(_sinh, _increasing(arb.sinh, -math.inf, math.inf)),
        "cosh": Enclosure(_cosh, _cosh_bounds),
        "tanh": Enclosure(_tanh, _increasing(arb.tanh, -1.0, 1.0)),
        "sigmoid": Enclosure(_sigmoid, _increasing(_sigmoid, 0.0, 1.0)),
        "softplus": Enclosure(_softplus, _increasing(_softplus, 0.0, math.inf)),
        "silu": Enclosure(lambda s: s * _sigmoid(s), _silu_bounds),
        "abs": Enclosure(_kinked(lambda s: -s, lambda s: s, 0), _abs_bounds),
        "sign": Enclosure(
            _kinked(_steps(-1), _steps(1), 0),
            lambda low, high: (float((low > 0) - (low < 0)), float((high > 0) - (high < 0))),
        ),
        "relu": Enclosure(_kinked(_steps(0), lambda s: s, 0), _relu_bounds),
        "step": Enclosure(_kinked(_steps(0), _steps(1), 0), lambda low, high: (float(low > 0), float(high > 0))),
        "erf": Enclosure(lambda s: s.erf(), _increasing(arb.erf, -1.0, 1.0)),
        "gelu": Enclosure(_gelu, _gelu_bounds),
        "gammaln": Enclosure(lambda s: s.lgamma(), _gammaln_bounds),
        "digamma": Enclosure(_digamma, _increasing(arb.digamma, -math.inf, math.inf)),
    }
)
"""By the name of the row. The two-argument rows are compositions: see `arithmetic.py`."""
