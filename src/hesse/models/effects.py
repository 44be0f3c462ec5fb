"""The Jacobian read aloud: what a small step in one input does to each output, to first order and certified."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

from flint import arb

from hesse.calculus.differentiate import forward
from hesse.core.build import variable
from hesse.core.nodes import Variable
from hesse.core.tensor import positions
from hesse.core.traverse import postorder
from hesse.enclosure.arithmetic import Undefined
from hesse.enclosure.balls import above, below, exact, magnitude, working
from hesse.enclosure.boxes import Box, Setting, as_model, models_over
from hesse.enclosure.elimination import Singular
from hesse.enclosure.polynomials import polynomial_range, space
from hesse.enclosure.rows import NotSmooth
from hesse.enclosure.smoothness import is_continuous
from hesse.enclosure.taylor_models import SmoothModel
from hesse.models.lines import directions
from hesse.models.place import Place, exact_number, place
from hesse.models.requirements import requirements
from hesse.models.taylor import taylor
from hesse.service.expression import Expr
from hesse.simplify.engine import simplify

DEGREE = 8
DIRECTION = "along "
MAX_EFFECTS = 400


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of a step in one input on one output.

    `first_order` is the derivative times the step. The derivative times the step lies between `low` and `high` all
    along the step, certified; so does the true change (and for a part of the step that part of it: mean value
    theorem). Both are infinite where nothing is proved, and `missing` says why.
    """

    output: tuple[int, ...]
    input: str
    derivative: float
    step: float
    first_order: float
    low: float
    high: float
    missing: str = ""


def effects(f: Expr, at: Any, step: Any = "0.01", wrt: str | Sequence[str] | None = None) -> tuple[Effect, ...]:
    """The effects of a step in each input on each output, the largest first (to first order).

    >>> import hesse as hs
    >>> largest, *rest = hs.effects(hs.parse("[x1*x2, x1 + x2]"), at=[1, 3], step="0.1")
    >>> largest.input, largest.output, round(largest.first_order, 9)
    ('x1', (0,), 0.3)
    """
    where, size = place(f, at, wrt), exact_number(step, "the step")
    slopes = taylor(f, at=where.values, order=1, wrt=list(where.moving) if where.stacked else where.moving[0]).jacobian
    shape = tuple(each.evaluate(where.sizes) for each in f._shape)
    outputs, count = list(positions(shape)), where.count
    flat = [float(slopes)] if not hasattr(slopes, "ravel") else slopes.ravel().tolist()
    found: list[Effect] = []
    for j, (name, position) in enumerate(where.entries):
        if len(found) >= MAX_EFFECTS:
            break
        ranges, missing = _ranges(f, where, j, size)
        for i, output in enumerate(outputs):
            slope = flat[i * count + j]
            low, high = ranges[i] if ranges else (float("-inf"), float("inf"))
            spelled = where.spelled(name, position)
            found.append(Effect(output, spelled, slope, float(size), slope * float(size), low, high, missing))
    return tuple(sorted(found, key=lambda each: -abs(each.first_order)))


def _ranges(f: Expr, where: Place, j: int, step: Fraction) -> tuple[list[tuple[float, float]], str]:
    """The range of each output's derivative by entry j, times the step, from 0 to `step`; or what is missing."""
    along = tuple(Fraction(int(k == j)) for k in range(where.count))
    values = {**where.values, **{f"{DIRECTION}{name}": value for name, value in directions(where, along).items()}}
    setting = Setting(values, where.sizes, where.tables, where.moving, along)
    moving = {part for part in postorder(f.node) if isinstance(part, Variable) and part.name in where.moving}
    slope = (
        forward(f.node, {part: variable(f"{DIRECTION}{part.name}", part.shape) for part in moving}) if moving else None
    )
    if slope is None:
        return [(0.0, 0.0)] * prod(size.evaluate(where.sizes) for size in f._shape), ""
    box, of = Box((step / 2,), (abs(step) / 2,)), space(1, DEGREE)
    try:
        with working(length=DEGREE + 2):
            requirements(f).check(setting, box, of)
            if not is_continuous(f.node):
                # A jump is not seen by the derivative.
                models_over([f.node], setting, box, of, SmoothModel)
            (found,) = models_over([simplify(slope)], setting, box, of)
            return [_range(as_model(value, of) * exact(step), of) for value in found.entries], ""
    except NotSmooth:
        return [], "a jump (or a kink) is not excluded along the step"
    except (Undefined, Singular) as error:
        return [], str(error) or "a matrix is not proved to be invertible"


def _range(change: Any, of: Any) -> tuple[float, float]:
    low, high = polynomial_range(of, change.coefficients)
    rest = above(magnitude(change.rest))
    return below(arb(low) - arb(rest)), above(arb(high) + arb(rest))
