"""What happens to a function from a point in a direction: the slope, what the model says, and what is certain of f."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

from flint import arb, fmpq_poly

from hesse.calculus.differentiate import forward
from hesse.core.algebra import number
from hesse.core.nodes import Node
from hesse.enclosure.arithmetic import Undefined, Unsupported
from hesse.enclosure.arrays import Evaluator, Region, is_proved
from hesse.enclosure.balls import above, below, working
from hesse.enclosure.elimination import Singular
from hesse.enclosure.intervals import Intervals
from hesse.enclosure.rows import NotSmooth
from hesse.enclosure.smoothness import is_continuous
from hesse.errors import ArgumentError
from hesse.models.coefficients import Coefficient, nearest, stated
from hesse.models.crossing import LENGTH, Inequality, Lasting, first_positive_root
from hesse.models.direction_plot import PlottedDirections
from hesse.models.lines import Line, T, is_smooth
from hesse.models.place import Place, place
from hesse.models.requirements import PointRequirements, requirements
from hesse.models.taylor import direction_entries
from hesse.service.expression import Expr
from hesse.simplify.engine import simplify

Trend = Literal["increases", "decreases", "constant", "undecided"]
PRECISIONS = (80, 400, 2000)
MAX_ZEROS = 12
REACH = 100
_TRENDS: Mapping[int, Trend] = {1: "increases", -1: "decreases", 0: "constant"}


class Direction(PlottedDirections):
    """f along one direction. Made by `direction`."""

    def __init__(self, f: Expr, at: Place, along: Sequence[Fraction], name: str = "d") -> None:
        self.f = f
        self.at = at
        self.along = tuple(along)
        self.name = name
        self._line = Line(f.node, at, along)
        self._requirements = requirements(f)
        self._needed = [(Line(node, at, along), relation) for node, relation, _ in self._requirements.needed]
        with working(length=2):
            self._check_point()
        # What holds all along the line need not be looked at again.
        self._needed = [pair for pair in self._needed if not (pair[0].is_still or self._holds_forever(*pair))]

    def _check_point(self) -> None:
        for (line, relation), (_, _, text) in zip(self._needed, self._requirements.needed, strict=True):
            if not PointRequirements.holds(line.at(arb(0), 1), relation):
                raise ArgumentError(f"the function is not proved to be defined at the point: `{text}`")

    @cached_property
    def coefficients(self) -> list[Coefficient]:
        """The coefficients at t = 0 up to the first whose sign is not zero, at least two; undecided ends the list."""
        found: list[Coefficient] = []
        for order in range(1, MAX_ZEROS + 1):
            coefficient = self._coefficient(order)
            found.append(coefficient)
            if coefficient.sign != 0 and order >= 2:
                break
        return found

    def _coefficient(self, order: int) -> Coefficient:
        ball = arb(0)
        for precision in PRECISIONS:
            with working(precision, order + 1):
                try:
                    ball = self._line.coefficients(arb(0), order + 1)[order]
                except (NotSmooth, Undefined, Singular):
                    raise ArgumentError(
                        f"there is no derivative along `{self.name}`: the point is at a kink or a jump, "
                        "or one is not excluded",
                        hint="take a point beside it",
                    ) from None
            if ball > 0 or ball < 0:
                return Coefficient(ball, 1 if ball > 0 else -1)
            if ball == 0:
                return Coefficient(ball, 0)
            if precision == PRECISIONS[0] and self._line.derivative_is_zero(order):
                return Coefficient(arb(0), 0)
        return Coefficient(ball, None)

    @property
    def slope(self) -> float:
        """∇fᵀd: exactly 0 only if that is proved."""
        return nearest(self.coefficients[0])

    @property
    def slope_bounds(self) -> tuple[float, float]:
        """Floats between which the exact slope lies."""
        ball = self.coefficients[0].ball
        return below(ball), above(ball)

    @property
    def curvature(self) -> float:
        """dᵀ∇²f d; exactly 0 only if that is proved."""
        return 2 * nearest(self.coefficients[1])

    @property
    def curvature_bounds(self) -> tuple[float, float]:
        """Floats between which the exact curvature lies."""
        ball = 2 * self.coefficients[1].ball
        return below(ball), above(ball)

    @property
    def model_trend(self) -> Trend:
        """What the linear model does along d: it goes by the sign of the slope alone."""
        sign = self.coefficients[0].sign
        return "undecided" if sign is None else _TRENDS[sign]

    @cached_property
    def order(self) -> int:
        """The order of the first derivative along d that does not vanish, which decides; 0 when none does."""
        for order, coefficient in enumerate(self.coefficients, start=1):
            if coefficient.sign is None:
                return 0
            if coefficient.sign:
                return order
        return 0

    @cached_property
    def is_constant(self) -> bool:
        """Whether f is proved not to change along the line, as far as it does not jump."""
        return self.order == 0 and self._line.is_flat

    @property
    def trend(self) -> Trend:
        """What f itself does for small steps t > 0."""
        if self.order:
            sign = self.coefficients[self.order - 1].sign
            return _TRENDS[sign or 0]
        return "constant" if self.is_constant else "undecided"

    @cached_property
    def lasting(self) -> Lasting:
        """How long f(x + t d) stays above (below, equal to) f(x)."""
        if self.is_constant:
            return self._while_defined()
        if not self.order:
            return Lasting(0.0, math.inf, "", "the sign of the first derivative that does not vanish is not proved")
        sign = self.coefficients[self.order - 1].sign or 0
        exactly = self._by_polynomial(sign, derivative=False)
        if exactly is not None:
            return exactly
        with working(length=LENGTH + self.order + 2):
            start = self._line.coefficients(arb(0), 1)[0]

            def difference(t: arb, length: int) -> list[arb]:
                found = self._line.coefficients(t, length)
                return [found[0] - start, *found[1:]]

            return self._search(difference, self.order, sign, derivative=False)

    @property
    def until(self) -> tuple[float, float]:
        """(low, high): the comparison holds for all 0 < t < low, certified; by high it fails or the domain ends.

        Searched at least until |t d|_inf = 100; inf only if proved (for high also where nothing was found).
        """
        return self.lasting.low, self.lasting.high

    @cached_property
    def monotone(self) -> Lasting:
        """How long f strictly increases (decreases) all along: the slope at x + t d keeps its sign."""
        if self.is_constant or not self.order:
            return Lasting(0.0, math.inf, "", "f is constant" if self.is_constant else "undecided")
        sign = self.coefficients[self.order - 1].sign or 0
        exactly = self._by_polynomial(sign, derivative=True)
        if exactly is not None:
            return exactly
        with working(length=LENGTH + self.order + 3):

            def slope(t: arb, length: int) -> list[arb]:
                found = self._line.coefficients(t, length + 1)
                return [found[k] * k for k in range(1, length + 1)]

            return self._search(slope, self.order - 1, sign, derivative=True)

    def _search(self, series: Any, order: int, sign: int, *, derivative: bool) -> Lasting:
        if not derivative and self._convex(sign):
            return Lasting(math.inf, math.inf)

        def forever(t: Fraction) -> bool:
            return self._sign_forever(t, sign)

        return Inequality(series, self._defined, order, sign, self._undefined, forever).lasting(_limit(self.along))

    def _by_polynomial(self, sign: int, *, derivative: bool) -> Lasting | None:
        """The exact answer where f is a polynomial in t with rational coefficients and defined everywhere."""
        if self._needed:
            return None
        with working():
            polynomial = self._line.polynomial
        if polynomial is None:
            return None
        if derivative:
            polynomial = polynomial.derivative()
        else:
            polynomial = polynomial - fmpq_poly([polynomial[0]])
        while polynomial.degree() > 0 and polynomial[0] == 0:
            polynomial = fmpq_poly(polynomial.coeffs()[1:])
        first = first_positive_root(polynomial)
        return Lasting(math.inf, math.inf) if first is None else Lasting(below(first), above(first), "fails")

    def _defined(self, t: arb) -> bool:
        """Whether the function is proved to be defined for all t in the ball."""
        return all(PointRequirements.holds(line.at(t, 1), relation) for line, relation in self._needed)

    def _undefined(self, t: arb) -> bool:
        """Whether a requirement is proved to fail at t."""
        try:
            return any(PointRequirements.fails(line.at(t, 1), relation) for line, relation in self._needed)
        except (Undefined, Singular, NotSmooth):
            return False

    def _while_defined(self) -> Lasting:
        """A function whose derivative is zero stays equal as long as it is defined and does not jump."""
        if not self._needed and self._line.symbolic is not None and is_continuous(self._line.symbolic):
            return Lasting(math.inf, math.inf)
        with working(length=2):
            start = self._line.coefficients(arb(0), 1)[0]

            def equal(t: arb, length: int) -> list[arb]:
                # The series, of two terms, raises NotSmooth where a jump is not excluded.
                change = self._line.coefficients(t, 2)[0] - start
                return [arb(-1 if change > 0 or change < 0 else 1)] * length

            return Inequality(equal, self._defined, 0, 1, self._undefined).lasting(_limit(self.along))

    def _holds_forever(self, line: Line, relation: str) -> bool:
        """Whether a requirement is proved for all t >= 0 by intervals."""
        region = Region({"t": Intervals(*_ends(0.0))}, {}, self.at.sizes, self.at.tables)
        try:
            with working():
                found = [Evaluator(region).enclose(entry) for entry in line.entries]
                return bool(found) and all(is_proved(value, relation) for value in found)
        except Unsupported:
            return False

    def _sign_forever(self, start: Fraction, sign: int) -> bool:
        """Whether the derivative along the line keeps its sign for all t from there on, by intervals to infinity."""
        node = self._line.symbolic
        if node is None or self._needed or not is_continuous(node):
            return False
        slope: Node = simplify(forward(node, {T: number(1)}))
        region = Region({"t": Intervals(*_ends(float(start)))}, {}, self.at.sizes, self.at.tables)
        try:
            with working():
                value = Evaluator(region).enclose(slope)
        except Unsupported:
            return False
        return float(value.low) >= 0 if sign > 0 else float(value.high) <= 0

    def _convex(self, sign: int) -> bool:
        """Whether f is proved convex (for an increase) along the whole line: then it never comes back."""
        node = self._line.symbolic
        if node is None or self._needed or self.order != 1 or not is_smooth(node):
            return False
        second = simplify(forward(simplify(forward(node, {T: number(1)})), {T: number(1)}))
        region = Region({"t": Intervals(*_ends(0.0))}, {}, self.at.sizes, self.at.tables)
        try:
            with working():
                value = Evaluator(region).enclose(second)
        except Unsupported:
            return False
        return float(value.low) >= 0 if sign > 0 else float(value.high) <= 0

    @property
    def vanishing(self) -> tuple[int, ...]:
        """The orders of the derivatives along d that are proved to vanish at the point."""
        return tuple(k for k, c in enumerate(self.coefficients, start=1) if c.sign == 0)

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """What is known, in sentences."""
        entries = ", ".join(f"{float(entry):g}" for entry in self.along[:8]) + (", ..." if len(self.along) > 8 else "")
        yield f"{self.name} = ({entries})"
        yield f"  slope = {stated(self.slope, self.slope_bounds, self.coefficients[0].sign)}"
        yield f"  curvature = {stated(self.curvature, self.curvature_bounds, self.coefficients[1].sign)}"
        yield f"  the linear model {_SAYS[self.model_trend]}; f itself {_SAYS[self.trend]}{self._why()}"
        yield f"  {self.comparison}"

    def _why(self) -> str:
        if self.order > 1:
            return f" (decided by the derivative of order {self.order}: the lower ones are zero)"
        return ""

    @property
    def comparison(self) -> str:
        """The certified statement about f, as a sentence."""
        if self.trend == "undecided":
            return f"nothing is certain about f along {self.name}: {self.lasting.note}"
        sign = {"increases": ">", "decreases": "<", "constant": "="}[self.trend]
        statement = f"f(x + t {self.name}) {sign} f(x)"
        low, high = self.until
        if low == math.inf:
            return f"{statement} for all t > 0 (proved)"
        if low == 0:
            ends = {"domain": "; the domain ends", "fails": "; no longer"}.get(self.lasting.ends)
            return f"{statement} for small t > 0; how long is not proved" + (
                f"{ends} at t = {high:.10g}" if ends else ""
            )
        held = f"{statement} for all 0 < t < {low:.10g} (certified)"
        if self.lasting.ends == "domain":
            return f"{held}; the domain ends by t = {high:.10g}"
        if self.lasting.ends == "fails":
            return f"{held}; no longer at t = {high:.10g}"
        return f"{held}; {self.lasting.note or 'nothing is claimed beyond'}"

    @property
    def summary(self) -> str:
        """One line: the model, and f."""
        low, _ = self.until
        reach = "" if self.trend == "undecided" else " for all t > 0" if low == math.inf else f" for 0 < t < {low:.6g}"
        return f"the model {_SAYS[self.model_trend]}, f {_SAYS[self.trend]}{reach}"

    def monotone_lines(self) -> Iterator[str]:
        """How long f goes up (down) all along, where that is less than the comparison with the start."""
        if self.is_constant or not self.order or self.monotone.low == self.until[0]:
            return
        word = "rises" if self.trend == "increases" else "falls"
        yield f"f {word} all along for 0 < t < {self.monotone.low:.10g} (certified)"


class Directions(Mapping[str, Direction], PlottedDirections):
    """Several directions at one point, by name."""

    def __init__(self, found: Mapping[str, Direction]) -> None:
        self._found = dict(found)

    def __getitem__(self, name: str) -> Direction:
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def __str__(self) -> str:
        return "\n".join(map(str, self._found.values()))


_SAYS = {
    "increases": "goes up",
    "decreases": "goes down",
    "constant": "stays level",
    "undecided": "is undecided",
}


def _limit(along: Sequence[Fraction]) -> float:
    """The t up to which |t d| is searched."""
    return float(REACH / Fraction(max(abs(entry) for entry in along)))


def _ends(start: float) -> tuple[Any, Any]:
    return Intervals.of(start).low, Intervals.of(math.inf).high


def direction(f: Expr, at: Any, along: Any, wrt: str | Sequence[str] | None = None) -> Any:
    """What f does from a point in a direction, certified: a `Direction`, or `Directions` for several by name.

    `along` is a vector in the order of `wrt`, not normalised, or a mapping from names to vectors.

    >>> import hesse as hs
    >>> d = hs.direction(hs.parse("x1^2 + exp(x1*x2) + 2*log(x2)"), at={"x1": 1, "x2": 2}, along=[1, -1])
    >>> d.trend, round(d.until[0], 6)
    ('increases', 1.268759)
    """
    if not isinstance(f, Expr):
        raise ArgumentError(f"an expression is needed, not {type(f).__name__}", hint="make one with hesse.parse")
    if f.shape:
        raise ArgumentError("a direction is followed by a scalar function", hint="take an entry, f[i]")
    where = place(f, at, wrt)
    if isinstance(along, Mapping):
        if not along:
            raise ArgumentError("`along` names no direction")
        named = {str(name): direction_entries(each, where, str(name)) for name, each in along.items()}
        return Directions({name: Direction(f, where, entries, name) for name, entries in named.items()})
    return Direction(f, where, direction_entries(along, where, "along"))
