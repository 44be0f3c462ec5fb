"""The certified remainder for many variables, through structure.

With f(w) = F(z) for linear parts z = A w + b, the error of the model of order k is, for some s in [0, 1],
D^(k+1) F(z + s A e)[A e, ..., A e] / (k+1)!. That derivative is a sum of terms. A term sum_a d_a t_a^2 in a step
t = A e is a quadratic form whose matrix A.T diag(d) A needs only d enclosed; a cubic one is that times the largest
|t_a|. Any other term is enclosed by intervals.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from hesse.calculus.differentiate import dependents, forward
from hesse.core.algebra import contract
from hesse.core.interpret import interpret
from hesse.core.nodes import Axis, Contract, Node, Power, Sum, Variable
from hesse.core.rebuild import unfold
from hesse.core.traverse import postorder
from hesse.enclosure.arithmetic import Balls, Entries, Unsupported
from hesse.enclosure.arrays import Evaluator, Moving, Region, is_proved
from hesse.enclosure.balls import above, below, exact, working
from hesse.enclosure.eigenvalues import largest_eigenvalue, sandwich
from hesse.enclosure.intervals import Intervals
from hesse.enclosure.smoothness import has_roots, is_continuous, kink
from hesse.errors import LimitError
from hesse.models.linear_parts import LinearPart, is_entrywise, linear_parts
from hesse.models.remainder import Norm, Remainder
from hesse.models.requirements import requirements
from hesse.service.derivatives import gradient, hessian
from hesse.service.variables import resolve
from hesse.simplify.engine import simplify

SAMPLES = 8
PIECES = 32
Array = Any


@dataclass(frozen=True, slots=True)
class Form:
    """A term of the derivative: coefficient * the sum of weights * step ** power, over all entries of a step."""

    coefficient: Fraction
    weights: Node | None
    part: LinearPart
    power: int


class ManyRemainder:
    """The remainder of a model of order 0, 1 or 2 of a scalar function of one array."""

    def __init__(self, model: Any) -> None:
        f = model.f
        if f.shape:
            raise LimitError("the remainder of a vector function of many variables is not available",
                             hint="ask for one entry, f[i], or for fewer variables with wrt")  # fmt: skip
        if model.place.stacked:
            raise LimitError("the remainder for many stacked scalars is not available", hint="use one vector variable")
        self.model = model
        (self.moving,) = resolve(model._wrt, f._declarations).variables
        inner, self.parts = linear_parts(unfold(f.node), self.moving)
        self.steps = {part.step: part for part in self.parts}
        node = inner
        tangents: dict[Variable, Node] = {part.value: part.step for part in self.parts}
        # Kinks do no harm where the derivatives up to the model's order are continuous all the same.
        self.tame = is_continuous(inner)
        for k in range(model.order + 1):
            node = forward(node, tangents)
            if self.tame and k < model.order:
                shown = simplify(node)
                self.tame = is_continuous(shown) and not has_roots(inner)
        self.node = simplify(node)

    def bound(self, radius: Fraction, norm: Norm) -> Remainder:
        """The remainder for all steps up to the radius."""
        with working():
            near = float(radius)
            return self._bound(near if near >= radius else math.nextafter(near, math.inf), norm)

    def _bound(self, radius: float, norm: Norm) -> Remainder:
        order = self.model.order
        outer = Evaluator(self._region(radius, norm == "2"))
        rows = {part.step: self._rows(outer, part) for part in self.parts}
        inner = Evaluator(self._inner(outer.region, outer, rows, radius, norm))
        sampled, at = self._sampled(radius, norm)
        missing = self._undefined(outer) or self._kink(outer)
        low = high = 0.0
        terms = self.node.terms if isinstance(self.node, Sum) else ((Fraction(1), self.node),)
        forms, rest = self._forms(terms)
        if forms:
            under, over = self._quadratic(inner, forms, rows, radius, norm)
            low, high = low + under, high + over
        for coefficient, term in rest:
            value = inner.enclose(term).scaled(coefficient)
            low, high = low + float(value.low), high + float(value.high)
        upper = max(abs(low), abs(high)) / math.factorial(order + 1)
        upper = upper * (1 + 1e-14) + self._rounding(radius)
        if missing or not math.isfinite(upper):
            upper, missing = math.inf, missing or "the derivatives of the next order are not bounded here"
        return Remainder(upper, sampled, at, radius, norm, order, missing)

    def _region(self, radius: float, euclidean: bool) -> Region:
        place, name = self.model.place, self.moving.name
        declared = place.f._declarations.variables
        constants = {
            other: Intervals.exactly(value)
            for other, value in place.values.items()
            if other != name and declared[other].index is None
        }
        moving = {name: Moving(Intervals.exactly(place.values[name]), radius, euclidean)}
        return Region(constants, moving, place.sizes, place.tables)

    def _rows(self, outer: Evaluator, part: LinearPart) -> Intervals:
        """A, with one row for each entry of z and one column for each entry of w."""
        matrix = outer.enclose(part.matrix)
        count = math.prod(self.model.place.shape)
        return Intervals(matrix.low.reshape(-1, count), matrix.high.reshape(-1, count))

    def _inner(
        self, region: Region, outer: Evaluator, rows: Mapping[Variable, Intervals], radius: float, norm: Norm
    ) -> Region:
        """The region of F: the ranges of z and of the steps A e in place of w."""
        constants = dict(region.constants)
        for part in self.parts:
            constants[part.value.name] = outer.enclose(part.node)
            reach = _reach(rows[part.step], radius, norm).reshape(outer.shape(part.node))
            constants[part.step.name] = Intervals(-reach, reach)
        return Region(constants, {}, region.sizes, region.tables)

    def _undefined(self, evaluator: Evaluator) -> str:
        """What is not proved to be defined in the region."""
        for node, relation, text in requirements(self.model.f).needed:
            value = evaluator.enclose(node)
            if not is_proved(value, relation):
                return f"`{text}` is not proved: it may lie in [{value.low.min():.6g}, {value.high.max():.6g}]"
        return ""

    def _kink(self, evaluator: Evaluator) -> str:
        """What the formula of the remainder is not valid over: a kink or a jump of the function or its derivatives."""
        if self.tame:
            return ""
        node = unfold(self.model.f.node)
        found = kink(evaluator, node, dependents(postorder(node), frozenset({self.moving})))
        return f"a kink or a jump of {found} is not excluded" if found else ""

    def _forms(self, terms: Sequence[tuple[Fraction, Node]]) -> tuple[list[Form], list[tuple[Fraction, Node]]]:
        """The terms that are squares or cubes of the entries of a step, and the others."""
        forms: list[Form] = []
        rest: list[tuple[Fraction, Node]] = []
        queue: list[tuple[Fraction, Node, tuple[Node, ...]]] = [(coefficient, term, ()) for coefficient, term in terms]
        while queue:
            coefficient, term, scalars = queue.pop()
            opened = self._opened(term)
            if opened is not None:
                queue += [(coefficient * c, inner, (*scalars, *opened[0])) for c, inner in opened[1]]
                continue
            form = self._form(coefficient, term, scalars)
            if form is None or form.power > 3:
                rest.append((coefficient, contract([(f, ()) for f in (*scalars, term)], (), {}, ())))
            else:
                forms.append(form)
        return forms, rest

    def _opened(self, term: Node) -> tuple[list[Node], Sequence[tuple[Fraction, Node]]] | None:
        """A product of scalars, one of which contains a step: the others, and its terms; None for anything else."""
        if isinstance(term, Sum):
            return [], term.terms
        if not isinstance(term, Contract) or term.extents:
            return None
        inner = [factor for factor, _ in term.factors if self._contains_step(factor)]
        if len(inner) != 1 or isinstance(inner[0], Power) or inner[0] in self.steps:
            return None
        scalars = [factor for factor, _ in term.factors if factor is not inner[0]]
        return scalars, inner[0].terms if isinstance(inner[0], Sum) else ((Fraction(1), inner[0]),)

    def _form(self, coefficient: Fraction, term: Node, scalars: Sequence[Node]) -> Form | None:
        """The term as a form. A sum over all entries, in which the step stands under the summed labels only."""
        factors = term.factors if isinstance(term, Contract) else ((term, ()),)
        extents = term.extents if isinstance(term, Contract) else ()
        found: list[tuple[LinearPart, tuple[Axis, ...]]] = []
        weights: list[tuple[Node, tuple[Axis, ...]]] = [(scalar, ()) for scalar in scalars]
        for factor, axes in factors:
            base, exponent = (factor.base, factor.exponent) if isinstance(factor, Power) else (factor, Fraction(1))
            part = self.steps.get(base) if isinstance(base, Variable) else None
            if part is not None and exponent.denominator == 1 and exponent > 0:
                found += [(part, axes)] * int(exponent)
            elif self._contains_step(factor):
                return None
            else:
                weights.append((factor, axes))
        if len(found) < 2 or len({(part.step, axes) for part, axes in found}) > 1:
            return None
        part, axes = found[0]
        labels = [axis for axis in axes if isinstance(axis, int)]
        if len(labels) < len(axes) or sorted(labels) != list(range(len(extents))):
            return None
        weight = contract(weights, axes, dict(enumerate(extents)), part.step.shape) if weights else None
        return Form(coefficient, weight, part, len(found))

    def _contains_step(self, node: Node) -> bool:
        return any(isinstance(part, Variable) and part in self.steps for part in postorder(node))

    def _quadratic(
        self, inner: Evaluator, forms: Sequence[Form], rows: Mapping[Variable, Intervals], radius: float, norm: Norm
    ) -> tuple[float, float]:
        """Bounds of the sum of the forms: one quadratic form with the rows of all."""
        matrices, weights = [], []
        for form in forms:
            a = rows[form.part.step]
            shape = inner.shape(form.part.step)
            d = Intervals.of(np.ones(shape)) if form.weights is None else self._weights(inner, form)
            d = d.scaled(form.coefficient)
            if form.power == 3:
                # |d t^3| <= (|d| |t|) t^2
                reach = Intervals.of(_reach(a, radius, norm).reshape(shape))
                top = Intervals.of(d.magnitude).times(reach).high
                d = Intervals(-top, top)
            matrices.append(a)
            weights.append(Intervals(d.low.reshape(-1), d.high.reshape(-1)))
        a = Intervals(np.concatenate([m.low for m in matrices]), np.concatenate([m.high for m in matrices]))
        d = Intervals(np.concatenate([w.low for w in weights]), np.concatenate([w.high for w in weights]))
        return -self._form_bound(a, -d, radius, norm), self._form_bound(a, d, radius, norm)

    def _weights(self, inner: Evaluator, form: Form) -> Intervals:
        """The weights over the range of z. Where entry i depends on z_i alone, all ranges are cut at once."""
        weights, value = form.weights, form.part.value
        assert weights is not None
        whole = inner.enclose(weights)
        others = {part.value for part in self.parts if part.value is not value}
        if others & set(postorder(weights)) or not is_entrywise(weights, value):
            return whole
        ends = inner.region.constants[value.name]
        low, high = np.full(whole.shape, np.inf), np.full(whole.shape, -np.inf)
        cuts = [ends.low + (ends.high - ends.low) * (k / PIECES) for k in range(PIECES)] + [ends.high]
        for start, end in itertools.pairwise(cuts):
            piece = Intervals(np.nextafter(start, -np.inf), np.nextafter(end, np.inf))
            region = replace(inner.region, constants={**inner.region.constants, value.name: piece})
            found = Evaluator(region).enclose(weights)
            low, high = np.minimum(low, found.low), np.maximum(high, found.high)
        return Intervals(np.maximum(low, whole.low), np.minimum(high, whole.high))

    def _form_bound(self, rows: Intervals, weights: Intervals, radius: float, norm: Norm) -> float:
        """No value of sum_a d_a (A e)_a^2 within the radius exceeds this: d is replaced by its upper bound."""
        if not np.isfinite(weights.high).all():
            return math.inf
        matrix = sandwich(rows, Intervals.of(weights.high))
        count = matrix.shape[0]
        top = max(largest_eigenvalue(matrix), 0.0)
        square = radius * radius * (1 + 4e-16)
        if norm == "2":
            return math.nextafter(top * square, math.inf)
        entries = float(matrix.magnitude.sum()) * (1 + count * count * 2.0**-52)
        reach = rows.magnitude.sum(1) * (1 + count * 2.0**-52)
        each = float((np.maximum(weights.high, 0.0) * reach**2).sum()) * (1 + 1e-12)
        return math.nextafter(min(top * count, entries, each) * square, math.inf)

    def _rounding(self, radius: float) -> float:
        """How far the model's float coefficients are at most from the exact ones, over the region."""
        model = self.model
        total = self._error(model.f.node, model.value)
        if model.order >= 1:
            total += radius * self._error(gradient(model.f, model._wrt).node, model.jacobian)
        if model.order >= 2:
            total += radius**2 / 2 * self._error(hessian(model.f, model._wrt).node, model.hessian)
        return total * (1 + 1e-12)

    def _error(self, node: Node, found: Array) -> float:
        """The sum over the entries of how far floats are at most from the exact values at the point."""
        exactly = self._exactly(node)
        error = np.maximum(exactly.high - found, found - exactly.low)
        return float(np.sum(np.nextafter(error, np.inf)))

    def _exactly(self, node: Node) -> Intervals:
        """The entries at the point; by balls where a function has no enclosure of arrays."""
        try:
            return self._at_point.enclose(node)
        except Unsupported:
            place = self.model.place
            values = {name: value.map(exact) for name, value in place.values.items()}
            found = interpret(unfold(node), Entries(Balls(), values), place.sizes, place.tables)
            ends = [np.reshape([side(ball) for ball in found.entries], found.shape) for side in (below, above)]
            return Intervals(ends[0], ends[1])

    @cached_property
    def _at_point(self) -> Evaluator:
        values = {name: Intervals.exactly(value) for name, value in self.model.place.values.items()}
        return Evaluator(Region(values, {}, self.model.place.sizes, self.model.place.tables))

    def _sampled(self, radius: float, norm: Norm) -> tuple[float, tuple[float, ...]]:
        """The largest difference seen at random steps and along the gradient and its opposite, less the rounding."""
        place = self.model.place
        name = self.moving.name
        start = np.array(place.values[name].map(float).entries)
        shape = place.values[name].shape
        random = np.random.default_rng(0)
        best, at = 0.0, np.zeros(len(start))
        slope = np.ravel(self.model.jacobian)
        directions = [slope, -slope, *(random.standard_normal(len(start)) for _ in range(SAMPLES))]
        for direction in directions:
            if not np.any(direction):
                continue
            step = direction / np.linalg.norm(direction) * radius if norm == "2" else np.sign(direction) * radius
            floats = {**place.floats, name: (start + step).reshape(shape)}
            value = abs(float(self.model.f.evaluate(**floats)) - float(self.model(step)))
            if value > best:
                best, at = value, step
        return self._certainly(start, at, shape) if best else 0.0, tuple(at.tolist())

    def _certainly(self, start: Array, step: Array, shape: tuple[int, ...]) -> float:
        """The difference at a step from below: without what may be rounding of the sums in it."""
        model, size = self.model, np.abs(step)
        point = {**self._at_point.region.constants, self.moving.name: Intervals.of((start + step).reshape(shape))}
        try:
            value = Evaluator(replace(self._at_point.region, constants=point)).enclose(model.f.node)
        except Unsupported:
            return 0.0
        found, slopes = float(model(step)), np.abs(np.ravel(model.jacobian))
        scale = abs(float(model.value)) + slopes @ (np.abs(start) + 2 * size)
        if model.order >= 2:
            scale += size @ np.abs(np.reshape(model.hessian, (len(size), len(size)))) @ size
        slack = (2 * len(size) + 16) * 2.0**-52 * float(scale)
        return max(0.0, float(value.low) - found - slack, found - float(value.high) - slack)


def _reach(rows: Intervals, radius: float, norm: Norm) -> Array:
    """The largest |A e| of each row within the radius."""
    sizes = rows.magnitude
    norms = np.sqrt((sizes**2).sum(1)) if norm == "2" else sizes.sum(1)
    return np.nextafter(norms * radius * (1 + (sizes.shape[1] + 8) * 2.0**-52), np.inf)
