"""The elementwise functions, one row each: derivative, plain reference, domain, spelling and lowering."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction

from hesse.core.algebra import number, number_value, power, scale, zero
from hesse.core.build import apply, broadcast, common_shape, minus, negative, plus, times
from hesse.core.nodes import Constant, Elementwise, Node
from hesse.core.ranges import (
    ANY,
    JUST_ONE,
    JUST_ZERO,
    NONNEGATIVE,
    POSITIVE,
    UNIT,
    Range,
    between,
    crossing,
    largest,
    smallest,
)
from hesse.core.syntax import Binary, Negative
from hesse.core.syntax import call as call_syntax
from hesse.core.syntax import number as number_syntax

ONE, TWO, HALF = Fraction(1), Fraction(2), Fraction(1, 2)


def _fixed(points: dict[int, int]) -> dict[Fraction, Fraction]:
    return {Fraction(x): Fraction(y) for x, y in points.items()}


def _step(x: float) -> float:
    return 1.0 if x > 0 else x if math.isnan(x) else 0.0


def _sign(x: float) -> float:
    return x if math.isnan(x) else float((x > 0) - (x < 0))


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def _softplus(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


EXP: Elementwise = Elementwise(
    name="exp",
    meaning="the exponential function",
    partials=lambda y, x: (y,),
    reference=math.exp,
    exact=_fixed({0: 1}).get,
    latex=r"\exp({0}) // \exp_{{\odot}}({0})",
    unicode="exp({0}) // exp⊙({0})",
    bounds=crossing(0, None, 1),
)
EXPM1: Elementwise = Elementwise(
    name="expm1",
    meaning="exp(x) - 1, accurate near 0",
    partials=lambda y, x: (apply(EXP, x),),
    reference=math.expm1,
    exact=_fixed({0: 0}).get,
    bounds=crossing(-1, None),
)
LOG: Elementwise = Elementwise(
    name="log",
    meaning="the natural logarithm",
    partials=lambda y, x: (power(x, -ONE),),
    reference=math.log,
    samples=((0.3, 3.0),),
    domain=("> 0",),
    smooth=("> 0",),
    exact=_fixed({1: 0}).get,
    latex=r"\log({0}) // \log_{{\odot}}({0})",
    unicode="log({0}) // log⊙({0})",
)
LOG1P: Elementwise = Elementwise(
    name="log1p",
    meaning="log(1 + x), accurate near 0",
    partials=lambda y, x: (power(plus(1, x), -ONE),),
    reference=math.log1p,
    samples=((-0.6, 3.0),),
    domain=("> -1",),
    smooth=("> -1",),
    exact=_fixed({0: 0}).get,
    bounds=crossing(None, None),
)
SQRT: Elementwise = Elementwise(
    name="sqrt",
    meaning="the square root",
    partials=lambda y, x: (scale(HALF, power(x, -HALF)),),
    reference=math.sqrt,
    build=lambda x: power(x, HALF),
    samples=((0.3, 3.0),),
    domain=(">= 0",),
    smooth=("> 0",),
    latex=r"\sqrt{{{0}}} // \operatorname{{sqrt}}_{{\odot}}({0})",
    unicode="√({0}) // sqrt⊙({0})",
)
SIN: Elementwise = Elementwise(
    name="sin",
    meaning="the sine of an angle in radians",
    partials=lambda y, x: (apply(COS, x),),
    reference=math.sin,
    exact=_fixed({0: 0}).get,
    latex=r"\sin({0}) // \sin_{{\odot}}({0})",
    unicode="sin({0}) // sin⊙({0})",
    bounds=between(-1, 1),
)
COS: Elementwise = Elementwise(
    name="cos",
    meaning="the cosine of an angle in radians",
    partials=lambda y, x: (negative(apply(SIN, x)),),
    reference=math.cos,
    exact=_fixed({0: 1}).get,
    latex=r"\cos({0}) // \cos_{{\odot}}({0})",
    unicode="cos({0}) // cos⊙({0})",
    bounds=between(-1, 1),
)
TAN: Elementwise = Elementwise(
    name="tan",
    meaning="the tangent of an angle in radians",
    partials=lambda y, x: (plus(1, power(y, TWO)),),
    reference=math.tan,
    samples=((-1.2, 1.2),),
    domain=("cos != 0",),
    exact=_fixed({0: 0}).get,
    latex=r"\tan({0})",
)
ARCSIN: Elementwise = Elementwise(
    name="arcsin",
    meaning="the angle in [-pi/2, pi/2] with this sine",
    partials=lambda y, x: (power(minus(1, power(x, TWO)), -HALF),),
    reference=math.asin,
    samples=((-0.8, 0.8),),
    domain=("in [-1, 1]",),
    smooth=("in (-1, 1)",),
    exact=_fixed({0: 0}).get,
    latex=r"\arcsin({0})",
    bounds=crossing(None, None),
)
ARCCOS: Elementwise = Elementwise(
    name="arccos",
    meaning="the angle in [0, pi] with this cosine",
    partials=lambda y, x: (negative(power(minus(1, power(x, TWO)), -HALF)),),
    reference=math.acos,
    samples=((-0.8, 0.8),),
    domain=("in [-1, 1]",),
    smooth=("in (-1, 1)",),
    exact=_fixed({1: 0}).get,
    latex=r"\arccos({0})",
    bounds=between(0, None),
)
ARCTAN: Elementwise = Elementwise(
    name="arctan",
    meaning="the angle in (-pi/2, pi/2) with this tangent",
    partials=lambda y, x: (power(plus(1, power(x, TWO)), -ONE),),
    reference=math.atan,
    exact=_fixed({0: 0}).get,
    latex=r"\arctan({0})",
    bounds=crossing(None, None),
)
SINH: Elementwise = Elementwise(
    name="sinh",
    meaning="the hyperbolic sine",
    partials=lambda y, x: (apply(COSH, x),),
    reference=math.sinh,
    exact=_fixed({0: 0}).get,
    latex=r"\sinh({0})",
    bounds=crossing(None, None),
)
COSH: Elementwise = Elementwise(
    name="cosh",
    meaning="the hyperbolic cosine",
    partials=lambda y, x: (apply(SINH, x),),
    reference=math.cosh,
    exact=_fixed({0: 1}).get,
    latex=r"\cosh({0})",
    bounds=between(1, None),
)
TANH: Elementwise = Elementwise(
    name="tanh",
    meaning="the hyperbolic tangent",
    partials=lambda y, x: (minus(1, power(y, TWO)),),
    reference=math.tanh,
    exact=_fixed({0: 0}).get,
    latex=r"\tanh({0})",
    bounds=crossing(-1, 1),
)
ABS: Elementwise = Elementwise(
    name="abs",
    title="the absolute value",
    meaning="the absolute value; its derivative is taken as 0 at 0",
    partials=lambda y, x: (apply(SIGN, x),),
    reference=abs,
    samples=((0.2, 2.0),),
    smooth=("!= 0",),
    exact=abs,
    latex=r"\lvert {0} \rvert // \operatorname{{abs}}({0})",
    unicode="|{0}| // abs({0})",
    bounds=Range.magnitude,
)
SIGN: Elementwise = Elementwise(
    name="sign",
    title="the sign",
    meaning="-1, 0 or 1; its derivative is taken as 0 at 0",
    partials=lambda y, x: (zero(x.shape),),
    reference=_sign,
    samples=((0.2, 2.0),),
    smooth=("!= 0",),
    exact=lambda x: Fraction((x > 0) - (x < 0)),
    latex=r"\operatorname{{sign}}({0})",
    bounds=lambda x: JUST_ONE if x.positive else UNIT if x.nonnegative else Range(-ONE, ONE),
)
RELU: Elementwise = Elementwise(
    name="relu",
    meaning="max(x, 0); its derivative is taken as 0 at 0",
    partials=lambda y, x: (apply(STEP, x),),
    reference=lambda x: x if x > 0 or math.isnan(x) else 0.0,
    samples=((0.2, 2.0),),
    smooth=("!= 0",),
    exact=lambda x: max(x, Fraction(0)),
    lowering=lambda x: call_syntax("maximum", x, number_syntax(0)),
    latex=r"\operatorname{{relu}}({0})",
    bounds=lambda x: largest(x, JUST_ZERO),
)
STEP: Elementwise = Elementwise(
    name="step",
    meaning="1 where x > 0, else 0; its derivative is taken as 0 at 0",
    partials=lambda y, x: (zero(x.shape),),
    reference=_step,
    samples=((0.2, 2.0),),
    smooth=("!= 0",),
    exact=lambda x: Fraction(x > 0),
    lowering=lambda x: call_syntax("where", Binary(">", x, number_syntax(0)), number_syntax(1), number_syntax(0)),
    latex=r"\operatorname{{step}}({0})",
    bounds=lambda x: JUST_ONE if x.positive else UNIT,
)
SIGMOID: Elementwise = Elementwise(
    name="sigmoid",
    title="the sigmoid",
    meaning="the logistic function 1/(1 + exp(-x))",
    partials=lambda y, x: (times(y, minus(1, y)),),
    reference=_sigmoid,
    exact=lambda x: HALF if x == 0 else None,
    # exp(-log(1 + exp(-x))) neither overflows nor warns at either end.
    lowering=lambda x: call_syntax("exp", Negative(call_syntax("logaddexp", number_syntax(0), Negative(x)))),
    latex=r"\sigma({0})",
    unicode="σ({0})",
    bounds=crossing(0, 1, HALF),
)
SOFTPLUS: Elementwise = Elementwise(
    name="softplus",
    meaning="log(1 + exp(x)), without overflow",
    partials=lambda y, x: (apply(SIGMOID, x),),
    reference=_softplus,
    lowering=lambda x: call_syntax("logaddexp", number_syntax(0), x),
    latex=r"\operatorname{{softplus}}({0})",
    bounds=between(0, None, open_ends=True),
)
SILU: Elementwise = Elementwise(
    name="silu",
    meaning="x * sigmoid(x)",
    partials=lambda y, x: (times(apply(SIGMOID, x), plus(1, times(x, minus(1, apply(SIGMOID, x))))),),
    reference=lambda x: x * _sigmoid(x),
    exact=_fixed({0: 0}).get,
    lowering=lambda x: Binary("*", x, call_syntax("sigmoid", x)),
    latex=r"\operatorname{{silu}}({0})",
    bounds=crossing(-1, None),
)
MAXIMUM: Elementwise = Elementwise(
    name="maximum",
    title="the larger of two",
    meaning="the larger of two; where they meet the derivative is the second argument's",
    arity=2,
    partials=lambda y, a, b: (
        apply(WHERE, apply(GREATER, a, b), 1, 0),
        apply(WHERE, apply(GREATER, a, b), 0, 1),
    ),
    reference=lambda a, b: math.nan if math.isnan(a) or math.isnan(b) else max(a, b),
    samples=((1.2, 2.0), (-1.0, 1.0)),
    distinct=True,
    exact=max,
    latex=r"\max({0}, {1})",
    unicode="max({0}, {1})",
    bounds=largest,
)
MINIMUM: Elementwise = Elementwise(
    name="minimum",
    title="the smaller of two",
    meaning="the smaller of two; where they meet the derivative is the second argument's",
    arity=2,
    partials=lambda y, a, b: (
        apply(WHERE, apply(LESS, a, b), 1, 0),
        apply(WHERE, apply(LESS, a, b), 0, 1),
    ),
    reference=lambda a, b: math.nan if math.isnan(a) or math.isnan(b) else min(a, b),
    samples=((1.2, 2.0), (-1.0, 1.0)),
    distinct=True,
    exact=min,
    latex=r"\min({0}, {1})",
    unicode="min({0}, {1})",
    bounds=smallest,
)


def _where_partials(y: Node, condition: Node, a: Node, b: Node) -> tuple[Node, ...]:
    return (zero(y.shape), apply(WHERE, condition, 1, 0), apply(WHERE, condition, 0, 1))


def _build_where(condition: Node, a: Node, b: Node) -> Node | None:
    value = number_value(condition)
    if value is None:
        return None
    shape = common_shape(condition.shape, a.shape, b.shape)
    return broadcast(a if value else b, shape)


WHERE: Elementwise = Elementwise(
    name="where",
    title="a choice by cases",
    meaning="a where the condition holds, else b",
    arity=3,
    partials=_where_partials,
    reference=lambda condition, a, b: a if condition else b,
    samples=((1.0, 1.0), (-2.0, 2.0), (-2.0, 2.0)),
    latex=r"\operatorname{{where}}({0}, {1}, {2})",
    build=_build_where,
    bounds=lambda condition, a, b: a.hull(b),
)


def _build_power(base: Node, exponent: Node) -> Node | None:
    value = number_value(exponent)
    if value is not None:
        return power(times(base, number(1, exponent.shape)), value)
    if isinstance(base, Constant) and base.name == "e":
        return apply(EXP, exponent)
    return None


POWER: Elementwise = Elementwise(
    name="power",
    title="a power with a variable exponent",
    meaning="x to the power p",
    arity=2,
    partials=lambda y, x, p: (times(p, apply(POWER, x, minus(p, 1))), times(y, apply(LOG, x))),
    reference=math.pow,
    samples=((0.3, 3.0), (-2.0, 2.0)),
    domain=("> 0", None),
    build=_build_power,
    # A size may be the exponent of a negative number.
    bounds=lambda x, p: POSITIVE if x.positive else NONNEGATIVE if x.nonnegative else ANY,
)


def _comparison(symbol: str, reference: Callable[[float, float], bool]) -> Elementwise:
    return Elementwise(
        name=symbol,
        meaning=f"1 where a {symbol} b, else 0; its derivative is 0",
        arity=2,
        partials=lambda y, a, b: (zero(y.shape), zero(y.shape)),
        reference=lambda a, b: float(reference(a, b)),
        samples=((1.2, 2.0), (-1.0, 1.0)),
        distinct=True,
        exact=lambda a, b: Fraction(reference(a, b)),
        bounds=between(0, 1),
        truth=True,
    )


LESS: Elementwise = _comparison("<", operator.lt)
LESS_EQUAL = _comparison("<=", operator.le)
GREATER: Elementwise = _comparison(">", operator.gt)
GREATER_EQUAL = _comparison(">=", operator.ge)
EQUAL = _comparison("==", operator.eq)
NOT_EQUAL = _comparison("!=", operator.ne)

ROWS: tuple[Elementwise, ...] = (
    EXP, EXPM1, LOG, LOG1P, SQRT, SIN, COS, TAN, ARCSIN, ARCCOS, ARCTAN, SINH, COSH, TANH, ABS, SIGN, RELU, STEP,
    SIGMOID, SOFTPLUS, SILU, MAXIMUM, MINIMUM, WHERE, POWER,
    LESS, LESS_EQUAL, GREATER, GREATER_EQUAL, EQUAL, NOT_EQUAL,
)  # fmt: skip
