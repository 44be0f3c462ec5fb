"""Taylor models as users meet them: numbers at a point, an expression in a step, and certified closeness."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from hesse.core.tensor import Tensor
from hesse.enclosure.arithmetic import Undefined
from hesse.enclosure.boxes import Setting
from hesse.enclosure.elimination import Singular
from hesse.enclosure.rows import NotSmooth
from hesse.errors import ArgumentError, HesseError, LimitError
from hesse.models.expansion import around, in_steps
from hesse.models.many import ManyRemainder
from hesse.models.model_plot import PlottedModel
from hesse.models.place import Place, exact_number, exact_tensor, place
from hesse.models.polynomial import Polynomial, derivative_tensor, taylor_coefficients
from hesse.models.remainder import Norm, Remainder, Search
from hesse.models.requirements import requirements
from hesse.service.derivatives import gradient, hessian, jacobian
from hesse.service.expression import Expr

MAX_ORDER = 20
FEW = 6
"""Up to so many entries that move, the model is a polynomial in all of them; beyond, it has matrix form."""
MAX_TERMS = 5000
PRECISION = 100


class Radius(float):
    """A certified radius: within it the error stays below the tolerance. Not claimed to be the largest."""

    tolerance: float
    fails_at: float
    """A radius at which an error above the tolerance was seen; inf when none was."""

    def __new__(cls, value: float, tolerance: float, fails_at: float) -> Radius:
        """The radius with what is known beside it."""
        radius = super().__new__(cls, value)
        radius.tolerance = tolerance
        radius.fails_at = fails_at
        return radius

    def __str__(self) -> str:
        above = "" if math.isinf(self.fails_at) else f"; the error is above it somewhere within {self.fails_at:.6g}"
        return f"certified to {float(self):.6g} for a tolerance of {self.tolerance:g}{above}"


class Model(PlottedModel):
    """The Taylor polynomial of a function, of some order. Made by `taylor`."""

    def __init__(self, f: Expr, order: int, wrt: Any, at: Place | None, along: tuple[Fraction, ...] | None) -> None:
        self.f = f
        self.order = order
        self._wrt = wrt
        self._at = at
        self._along = along

    @property
    def along(self) -> tuple[Fraction, ...] | None:
        """The direction of the step t, for a model along a line."""
        return self._along

    def __repr__(self) -> str:
        where = "" if self._at is None else " at a point"
        return f"<Taylor model of order {self.order} of {self.f}{where}>"

    def _repr_latex_(self) -> str | None:
        try:
            latex = self.expression.latex()
        except HesseError:
            return None
        name = "f" if "f" not in self.f.variables else "h"
        return rf"$\displaystyle {name}(x + \varepsilon) \approx {latex}$"

    @cached_property
    def expression(self) -> Expr:
        """The model with the point left symbolic: an expression in the variables and a step ε (`epsilon`)."""
        return in_steps(self.f, self.order, self._wrt)

    @cached_property
    def around(self) -> Expr:
        """The model in x - a: ε = x - a put into the model at a."""
        return around(self.expression, self.f, self._wrt)

    @property
    def place(self) -> Place:
        """The point. Raises ArgumentError for a model without one."""
        if self._at is None:
            raise ArgumentError("the model has no point", hint="give one: taylor(f, at=...)")
        return self._at

    @cached_property
    def _setting(self) -> Setting:
        at = self.place
        return Setting(at.values, at.sizes, at.tables, at.moving, self._along)

    @property
    def _few(self) -> bool:
        return self._setting.count <= FEW or self.order > 2

    @cached_property
    def _shape(self) -> tuple[int, ...]:
        return tuple(size.evaluate(self.place.sizes) for size in self.f._shape)

    @cached_property
    def polynomials(self) -> tuple[Polynomial, ...]:
        """The coefficients of each output, as floats: the exact ones rounded once.

        Raises ArgumentError where the function has no such derivative, LimitError for too many terms.
        """
        setting, order = self._setting, self.order
        terms = math.comb(setting.count + order, order)
        if terms > MAX_TERMS:
            raise LimitError(
                f"a model of order {order} in {setting.count} variables has {terms} terms, the limit is {MAX_TERMS}",
                hint="take a lower order, or a line: along=...",
            )
        try:
            series = taylor_coefficients(self.f.node, setting, order, PRECISION)
        except NotSmooth:
            raise ArgumentError(
                "there is no model here: the point is at a kink or a jump", hint=self._conditions()
            ) from None
        except (Undefined, Singular) as error:
            raise ArgumentError(f"there is no model here: {error}", hint=self._conditions()) from None
        requirements(self.f).at_point(setting)
        return tuple(
            Polynomial(
                setting.count,
                {
                    key: float(c.mid())
                    for key, c in zip(each.space.exponents, each.coefficients, strict=True)
                    if not _is_zero(c) and sum(key) <= order
                },
            )
            for each in series
        )

    def _conditions(self) -> str:
        return "the function needs " + ", ".join(self.f.conditions) if self.f.conditions else ""

    @cached_property
    def value(self) -> Any:
        """f at the point: a float, or an array."""
        if self._few:
            return _array(self._shape, [p.coefficients.get((0,) * p.count, 0.0) for p in self.polynomials])
        return self.f.evaluate(**self.place.floats)

    @cached_property
    def jacobian(self) -> Any:
        """The first derivatives at the point, with axes (output..., input...)."""
        if self._few:
            return self._derivatives(1)
        operator = jacobian if self.f.shape else gradient
        return operator(self.f, self._wrt).evaluate(**self.place.floats)

    @cached_property
    def gradient(self) -> Any:
        """The gradient at the point, in the variable's shape. Raises ArgumentError for vector functions."""
        if self.f.shape:
            raise ArgumentError("the gradient belongs to a scalar function", hint="use .jacobian")
        return self.jacobian

    @cached_property
    def hessian(self) -> Any:
        """The second derivatives at the point, with axes (output..., input..., input...)."""
        if self.order < 2:
            return type(self)(self.f, 2, self._wrt, self._at, self._along).hessian
        if self._few:
            return self._derivatives(2)
        return hessian(self.f, self._wrt).evaluate(**self.place.floats)

    def derivative(self, order: int) -> Any:
        """The derivatives of an order up to the model's, with axes (output..., input..., ...)."""
        if not 0 <= order <= self.order:
            raise ArgumentError(f"the order is an integer from 0 to {self.order}, not {order!r}")
        return self.value if order == 0 else self.jacobian if order == 1 else self._derivatives(order)

    def _derivatives(self, order: int) -> Any:
        source = self if order <= self.order else type(self)(self.f, order, self._wrt, self._at, self._along)
        inputs = () if self._along is not None else self.place.shape
        tables = [derivative_tensor(polynomial, order) for polynomial in source.polynomials]
        return _array((*self._shape, *inputs * order), [x for table in tables for x in table.entries])

    def __call__(self, step: Any) -> Any:
        """The model's value at a step: a flat vector in the order of wrt, or a number."""
        steps = [float(x) for x in np.ravel(np.asarray(step, dtype=float))]
        if len(steps) != self._setting.count:
            raise ArgumentError(f"the step has {len(steps)} entries, {self._setting.count} are needed")
        if self._few:
            return _array(self._shape, [polynomial(steps) for polynomial in self.polynomials])
        return self._in_matrix_form(np.array(steps))

    def _in_matrix_form(self, step: Any) -> Any:
        outputs = math.prod(self._shape)
        total = np.reshape(self.value, outputs).astype(float)
        if self.order >= 1:
            total = total + np.reshape(self.jacobian, (outputs, len(step))) @ step
        if self.order >= 2:
            total = total + 0.5 * (np.reshape(self.hessian, (outputs, len(step), len(step))) @ step) @ step
        return _array(self._shape, total.tolist())

    def remainder(self, radius: Any, norm: str = "inf") -> Remainder:
        """How far the model may be from the function within the radius: certified, and as sampled.

        The bound holds for all steps e with |e| <= radius in the norm ("inf" or "2"). `upper` is inf where nothing is
        proved; `missing` says what. Method: Taylor models (Makino and Berz), Bernstein bounds, subdivision.
        """
        exact_radius = _positive(radius, "radius")
        if norm not in ("inf", "2"):
            raise ArgumentError(f"the norm is 'inf' or '2', not {norm!r}")
        checked: Norm = "2" if norm == "2" else "inf"
        if self._few:
            return self._search.bound(exact_radius, checked)
        return self._many.bound(exact_radius, checked)

    @cached_property
    def _search(self) -> Search:
        return Search(self.f.node, self._setting, self.polynomials, requirements(self.f), self.order)

    @cached_property
    def _many(self) -> ManyRemainder:
        return ManyRemainder(self)

    def errors(self, radius: Any, norm: str = "inf") -> tuple[Remainder, ...]:
        """The remainders of the models of order 0, 1, ... up to this one's: better and better."""
        lower = (type(self)(self.f, k, self._wrt, self._at, self._along) for k in range(self.order))
        return (*(model.remainder(radius, norm) for model in lower), self.remainder(radius, norm))

    def radius(self, tolerance: Any, norm: str = "inf") -> Radius:
        """A certified radius within which the error stays below the tolerance; 0 where none is proved.

        Found by bisection over certified bounds, which grow with the radius.
        """
        bound = float(_positive(tolerance, "tolerance"))
        low, high, fails = 0.0, math.inf, math.inf
        guess = 1.0
        for _ in range(60):
            found = self.remainder(guess, norm)
            if found.upper <= bound:
                low = guess
            else:
                high = guess
                fails = min(fails, guess) if found.sampled > bound else fails
            if high == math.inf and low >= 1e6:
                break
            if high < math.inf and (high - low <= 1e-3 * high or high < 1e-12):
                break
            guess = low * 4 if math.isinf(high) else high / 4 if low == 0 else _between(low, high)
        return Radius(low, bound, fails)


def _is_zero(ball: Any) -> bool:
    # For balls == means certainly equal, and != certainly different.
    return bool(ball == 0)


def _between(low: float, high: float) -> float:
    return math.sqrt(low * high) if high > 2 * low else (low + high) / 2


def _positive(value: Any, what: str) -> Fraction:
    number = exact_number(value, f"the {what}")
    if number <= 0:
        raise ArgumentError(f"the {what} must be positive, not {value!r}")
    return number


def _array(shape: tuple[int, ...], entries: Sequence[float]) -> Any:
    return entries[0] if not shape else np.array(entries, float).reshape(shape)


def taylor(f: Expr, at: Any = None, order: int = 2, wrt: str | Sequence[str] | None = None, along: Any = None) -> Model:
    """The Taylor model of an order: `m(step)`, `m.value`, `m.gradient`, `m.hessian`, `m.remainder(radius)`.

    `at` gives exact values of every variable: a mapping, or an array when there is a single one; floats are exact
    binary numbers, text is an exact decimal. Without a point, `m.expression` is the model as an expression in x and ε.
    `wrt` says which variables vary; `along`, a direction in their entries, makes it a model in one step t.

    >>> import hesse as hs
    >>> m = hs.taylor(hs.parse("x1^2 + exp(x1*x2) + 2*log(x2)"), at={"x1": 1, "x2": 2}, order=2)
    >>> m.remainder(radius=0.1).upper < 0.0624
    True
    """
    if not isinstance(f, Expr):
        raise ArgumentError(f"an expression is needed, not {type(f).__name__}", hint="make one with hesse.parse")
    if not isinstance(order, int) or isinstance(order, bool) or not 0 <= order <= MAX_ORDER:
        raise ArgumentError(f"the order is an integer from 0 to {MAX_ORDER}, not {order!r}")
    if at is None:
        if along is not None:
            raise ArgumentError("a direction needs a point", hint="give one: taylor(f, at=..., along=...)")
        return Model(f, order, wrt, None, None)
    where = place(f, at, wrt)
    return Model(f, order, wrt, where, None if along is None else direction_entries(along, where, "along"))


def direction_entries(along: Any, where: Place, what: str) -> tuple[Fraction, ...]:
    """The exact entries of a direction. Raises ArgumentError when there are not as many as move, or all are zero."""
    tensor: Tensor[Fraction] = exact_tensor(along, f"`{what}`")
    if len(tensor.entries) != where.count:
        raise ArgumentError(f"`{what}` has {len(tensor.entries)} entries, {where.count} vary")
    if not any(tensor.entries):
        raise ArgumentError(f"`{what}` is zero: it is no direction")
    return tuple(tensor.entries)


def at_place(model: Model, values: dict[str, Tensor[Fraction]]) -> Model:
    """The same model at another point."""
    return Model(model.f, model.order, model._wrt, replace(model.place, values=values), model._along)
