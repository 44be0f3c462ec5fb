"""How long a strict inequality along a line lasts: cells with Taylor enclosures, then a bracket where it ends.

Each cell is certified as a whole: the series at its middle, the next coefficient over all of it, the range of that
polynomial by Bernstein coefficients. Cells grow while they succeed and are halved when they do not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, fmpq_poly, fmpz_poly

from hesse.enclosure.arithmetic import Undefined
from hesse.enclosure.balls import above, exact, hull, magnitude, working
from hesse.enclosure.elimination import Singular
from hesse.enclosure.polynomials import polynomial_range, space
from hesse.enclosure.rows import NotSmooth
from hesse.enclosure.taylor_models import TaylorModel

Series = Callable[[arb, int], list[arb]]
"""The coefficients of a function at a ball, up to a length."""
LENGTH = 10
NARROW = 2.0**-43
MAX_CELLS = 4000


@dataclass(frozen=True, slots=True)
class Lasting:
    """The inequality holds for all 0 < t < low, certified; at or before `high` it fails or the domain ends.

    `ends` says what is certain at `high`: "fails", "domain", or "" when nothing was found.
    """

    low: float
    high: float
    ends: str = ""
    note: str = ""


class Inequality:
    """sign * g(t) > 0, for a function g that vanishes to some order at t = 0, where its sign is known."""

    def __init__(
        self,
        series: Series,
        defined: Callable[[arb], bool],
        order: int,
        sign: int,
        undefined: Callable[[arb], bool],
        forever: Callable[[Fraction], bool] = lambda t: False,
    ) -> None:
        """`forever(t)` says whether the inequality is proved for all that is beyond t, where it holds up to t."""
        self.series = series
        self.defined = defined
        self.undefined = undefined
        self.forever = forever
        self.order = order
        self.sign = sign

    def lasting(self, limit: float) -> Lasting:
        """How long it holds, up to the limit."""
        reached, width, end = Fraction(0), Fraction(min(limit, 1.0)), Fraction(limit)
        found: tuple[Fraction, str] | None = None
        ask = min(Fraction(1), end)
        for _ in range(MAX_CELLS):
            stop = min(reached + width, end)
            if self._holds(reached, stop):
                reached, width = stop, width * 3 / 2
                if found is None and reached >= ask:
                    if self.forever(reached):
                        return Lasting(math.inf, math.inf)
                    ask = min(reached * 4, end)
                if reached >= end:
                    high, ends = (_up(found[0]), found[1]) if found else (math.inf, "")
                    return Lasting(_down(reached), high, ends)
                continue
            outcome = self._outcome(stop)
            if outcome in ("fails", "domain"):
                # Points cost little: find where it ends, and certify up to there.
                end, beyond, ends = self._bracket(reached, stop, outcome)
                found = (beyond, ends)
                if end <= reached:
                    return Lasting(_down(reached), _up(beyond), ends)
                width = end - reached
                if width < width_limit(reached):
                    return Lasting(_down(reached), _up(beyond), ends)
                continue
            width = Fraction(float(min(width, stop - reached)) / 2)
            if width < width_limit(reached):
                break
        return self._ended(reached, width, Fraction(limit))

    def _bracket(self, holding: Fraction, failing: Fraction, ends: str) -> tuple[Fraction, Fraction, str]:
        """Points close together, the inequality holding (or undecided) at the first and certainly not at the second.

        By false position with the Illinois halving; by bisection where a value is missing, and now and then for safety.
        """
        left, right = self._look(holding)[1], self._look(failing)[1]
        moved = ""
        for turn in range(100):
            gap = failing - holding
            if gap <= Fraction(NARROW) * failing:
                break
            usable = left is not None and right is not None and left > 0 > right and turn % 6 != 5
            shares = [left / (left - right)] if usable else []  # type: ignore[operator]
            for share in (*shares, 0.5, 0.375, 0.625):
                middle = Fraction(float(holding + gap * Fraction(min(max(share, 1e-4), 0.9999))))
                outcome, size = self._look(middle) if holding < middle < failing else ("", None)
                if outcome:
                    break
            else:
                break
            if outcome == "holds":
                holding, left = middle, size
                right = right / 2 if right is not None and moved == "holds" else right
            else:
                failing, right, ends = middle, size, outcome
                left = left / 2 if left is not None and moved == "fails" else left
            moved = "holds" if outcome == "holds" else "fails"
        return holding, failing, ends

    def _holds(self, start: Fraction, stop: Fraction) -> bool:
        """Whether it is certified for all t with start < t <= stop (all t > 0 when start is 0)."""
        cell = hull(exact(start), exact(stop))
        try:
            if not self.defined(cell):
                return False
            return self._from_zero(stop, cell) if start == 0 else self._beyond(start, stop, cell)
        except NotSmooth:
            return start > 0 and self._by_value(cell)
        except (Undefined, Singular):
            return False

    def _from_zero(self, stop: Fraction, cell: arb) -> bool:
        """g(t) / t^order over (0, stop]: the zero at t = 0 is divided out."""
        length = LENGTH + self.order
        heads = self.series(arb(0), length)[self.order :]
        last = self.series(cell, length + 1)[length]
        half = exact(stop / 2)
        t = TaylorModel.variable(space(1, LENGTH), 0, half, half)
        total: Any = last
        for head in reversed(heads):
            total = t * total + head
        return self._positive(total.coefficients, total.rest)

    def _beyond(self, start: Fraction, stop: Fraction, cell: arb) -> bool:
        middle, half = exact((start + stop) / 2), exact((stop - start) / 2)
        heads = self.series(middle, LENGTH + 1)[: LENGTH + 1]
        last = self.series(cell, LENGTH + 2)[LENGTH + 1]
        power, coefficients = arb(1), []
        for head in heads:
            coefficients.append(head * power)
            power = power * half
        return self._positive(coefficients, arb(0, magnitude(last * power)))

    def _positive(self, coefficients: Sequence[arb], rest: arb) -> bool:
        if not rest.is_finite() or not all(c.is_finite() for c in coefficients):
            return False
        # Only the sign matters: values beyond the range of floats are brought back into it.
        sizes = [size for size in map(magnitude, coefficients) if size > 0]
        if not sizes:
            return False
        scale = max(sizes, key=lambda size: float(size.log()))
        low, high = polynomial_range(space(1, LENGTH), [c / scale for c in coefficients])
        slack = above(magnitude(rest / scale))
        return low - slack * (1 + 1e-15) > 0 if self.sign > 0 else high + slack * (1 + 1e-15) < 0

    def _by_value(self, cell: arb) -> bool:
        try:
            return self._certain(self.series(cell, 1)[0]) == self.sign
        except (Undefined, Singular, NotSmooth):
            return False

    @staticmethod
    def _certain(value: arb) -> int | None:
        if value > 0:
            return 1
        if value < 0:
            return -1
        return 0 if value == 0 else None

    def _look(self, t: Fraction) -> tuple[str, float | None]:
        """What is certain at a point ("holds", "fails", "domain" or nothing), and sign * g(t) where it is known."""
        ball = exact(t)
        if self.undefined(ball):
            return "domain", None
        if t == 0:
            return "", None
        try:
            value = self.series(ball, 1)[0]
        except (Undefined, Singular, NotSmooth):
            return "", None
        size = self.sign * float(value.mid()) if value.is_finite() else None
        found = self._certain(value)
        return "" if found is None else "holds" if found == self.sign else "fails", size

    def _outcome(self, t: Fraction) -> str:
        return self._look(t)[0]

    def _ended(self, reached: Fraction, width: Fraction, end: Fraction) -> Lasting:
        """The bracket of the end where cells got stuck: the nearest point found behind it where it certainly fails."""
        step = max(width, width_limit(reached))
        holding = reached
        while holding < end:
            probe = min(reached + step, end)
            outcome = self._outcome(probe)
            if outcome in ("fails", "domain"):
                _, high, ends = self._bracket(holding, probe, outcome)
                return Lasting(_down(reached), _up(high), ends)
            holding, step = probe, step * 2
        return Lasting(_down(reached), math.inf, "", "what happens from there on could not be decided")


def width_limit(reached: Fraction) -> Fraction:
    """The width below which cells are not divided any more."""
    return Fraction(NARROW) * max(reached, Fraction(1, 2**20))


def _down(value: Fraction) -> float:
    near = float(value)
    return near if Fraction(near) <= value else math.nextafter(near, -math.inf)


def _up(value: Fraction) -> float:
    near = float(value)
    return near if Fraction(near) >= value else math.nextafter(near, math.inf)


def first_positive_root(polynomial: fmpq_poly) -> arb | None:
    """The least positive real root, isolated; None when there is none."""
    if polynomial.degree() <= 0:
        return None
    whole: fmpz_poly = polynomial.numer()
    with working(200):
        found: Any = whole.complex_roots()
        roots = [root.real for root, _ in found if root.imag == 0 and root.real > 0]
    return min(roots, key=lambda root: float(root.mid()), default=None)
