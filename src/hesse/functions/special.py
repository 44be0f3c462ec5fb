"""Special functions, entry by entry: the error function, the logarithm of the gamma function, and what they lead to."""

from __future__ import annotations

import math
from fractions import Fraction

from hesse.core.algebra import number, number_value, power, scale, zero
from hesse.core.build import apply, constant, divide, plus, times
from hesse.core.nodes import Elementwise, Node
from hesse.core.ranges import crossing
from hesse.core.syntax import call as call_syntax
from hesse.errors import ArgumentError, LimitError
from hesse.functions.elementwise import EXP, GREATER, LESS, MAXIMUM, MINIMUM, WHERE

TWO, HALF = Fraction(2), Fraction(1, 2)
MAX_ORDER = 100
_BERNOULLI = tuple(
    map(
        Fraction, ("1/6", "-1/30", "1/42", "-1/30", "5/66", "-691/2730", "7/6", "-3617/510", "43867/798", "-174611/330")
    )
)
"""The Bernoulli numbers of index 2, 4, ..., 20."""


def _gaussian(x: Node) -> Node:
    """exp(-x**2)."""
    return apply(EXP, scale(-1, power(x, TWO)))


def _digamma(x: float) -> float:
    """By the recurrence up to where the asymptotic series has all digits."""
    if not x > 0:
        return math.nan
    if math.isinf(x):
        return x
    shift = 0.0
    while x < 12:
        shift, x = shift + 1 / x, x + 1
    # Powers of 1/x vanish where those of x overflow.
    series = math.fsum(float(b) / (2 * k) * (1 / x) ** (2 * k) for k, b in enumerate(_BERNOULLI, start=1))
    return math.log(x) - 1 / (2 * x) - series - shift


def _zeta(s: int, x: float) -> float:
    """The Hurwitz zeta function, the sum of (x + j)**-s, by the Euler-Maclaurin formula."""
    count = max(0, math.ceil(s + 16 - x))
    direct = [(x + j) ** -s for j in range(count)]
    end = x + count
    tail = [end ** (1 - s) / (s - 1), end**-s / 2]
    factor = s * end ** -(s + 1)
    for k, b in enumerate(_BERNOULLI, start=1):
        tail.append(float(b) / math.factorial(2 * k) * factor)
        factor *= (s + 2 * k - 1) * (s + 2 * k) / end / end
    return math.fsum([*direct, *tail])


def _polygamma(order: float, x: float) -> float:
    k = round(order)
    if k == 0 or not x > 0:
        return _digamma(x)
    magnitude = math.factorial(k) * _zeta(k + 1, x)
    return magnitude if k % 2 else -magnitude


def _order(node: Node) -> int:
    value = number_value(node)
    if value is None or value.denominator != 1 or value < 0:
        raise ArgumentError("the order of polygamma is an integer from 0, such as polygamma(1, x)")
    if value > MAX_ORDER:
        raise LimitError(f"polygamma of order {value} is beyond the limit of {MAX_ORDER}")
    return int(value)


def _build_polygamma(order: Node, x: Node) -> Node | None:
    return apply(DIGAMMA, plus(x, zero(order.shape))) if _order(order) == 0 else None


def _gelu_slope(x: Node) -> Node:
    """The normal distribution function plus x times its density."""
    distribution = scale(HALF, plus(1, apply(ERF, divide(x, power(number(2), HALF)))))
    density = times(apply(EXP, scale(-HALF, power(x, TWO))), power(times(2, constant("pi")), -HALF))
    return plus(distribution, times(x, density))


def _clip_partials(y: Node, x: Node, low: Node, high: Node) -> tuple[Node, ...]:
    above, below = apply(GREATER, apply(MAXIMUM, x, low), high), apply(LESS, apply(MAXIMUM, x, low), high)
    inner = apply(GREATER, x, low)
    return (
        apply(WHERE, below, apply(WHERE, inner, 1, 0), 0),
        apply(WHERE, below, apply(WHERE, inner, 0, 1), 0),
        apply(WHERE, above, 1, apply(WHERE, below, 0, 1)),
    )


ERF: Elementwise = Elementwise(
    name="erf",
    title="the error function",
    meaning="the error function",
    partials=lambda y, x: (times(2, power(constant("pi"), -HALF), _gaussian(x)),),
    reference=math.erf,
    exact=lambda x: x if x == 0 else None,
    bounds=crossing(-1, 1),
    latex=r"\operatorname{{erf}}({0})",
)
GELU: Elementwise = Elementwise(
    name="gelu",
    meaning="x times the normal distribution function, x*(1 + erf(x/sqrt(2)))/2",
    partials=lambda y, x: (_gelu_slope(x),),
    reference=lambda x: x * math.erfc(-x / math.sqrt(2)) / 2,
    exact=lambda x: x if x == 0 else None,
    latex=r"\operatorname{{gelu}}({0})",
)
GAMMALN: Elementwise = Elementwise(
    name="gammaln",
    meaning="the logarithm of the gamma function: gammaln(n + 1) is log(n!)",
    partials=lambda y, x: (apply(DIGAMMA, x),),
    reference=lambda x: math.lgamma(x) if x > 0 else math.nan,
    samples=((0.3, 4.0),),
    domain=("> 0",),
    smooth=("> 0",),
    exact=lambda x: Fraction(0) if x in (1, 2) else None,
    latex=r"\log \Gamma({0})",
    unicode="log Γ({0})",
)
DIGAMMA: Elementwise = Elementwise(
    name="digamma",
    meaning="the derivative of gammaln",
    partials=lambda y, x: (apply(POLYGAMMA, 1, x),),
    reference=_digamma,
    samples=((0.3, 4.0),),
    domain=("> 0",),
    smooth=("> 0",),
    latex=r"\psi({0})",
    unicode="ψ({0})",
)
POLYGAMMA: Elementwise = Elementwise(
    name="polygamma",
    meaning="the derivative of order k of digamma, for an integer k",
    arity=2,
    orders=(2,),
    partials=lambda y, k, x: (zero(y.shape), apply(POLYGAMMA, plus(k, 1), x)),
    reference=_polygamma,
    samples=((2.0, 2.0), (0.5, 4.0)),
    domain=(None, "> 0"),
    smooth=(None, "> 0"),
    build=_build_polygamma,
    latex=r"\psi^{{({0})}}({1})",
    unicode="ψ^({0})({1})",
)
CLIP: Elementwise = Elementwise(
    name="clip",
    meaning="x between two bounds: minimum(maximum(x, low), high)",
    arity=3,
    partials=_clip_partials,
    reference=lambda x, low, high: min(max(x, low), high),
    samples=((-0.5, 0.5), (-2.0, -1.0), (1.0, 2.0)),
    build=lambda x, low, high: apply(MINIMUM, apply(MAXIMUM, x, low), high),
    lowering=lambda x, low, high: call_syntax("minimum", call_syntax("maximum", x, low), high),
    latex=r"\operatorname{{clip}}({0}, {1}, {2})",
)

ROWS: tuple[Elementwise, ...] = (ERF, GELU, GAMMALN, DIGAMMA, POLYGAMMA, CLIP)
