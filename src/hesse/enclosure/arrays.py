"""A node over a region of many variables: interval arrays, with linear forms of what moves bounded by their rows."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, assert_never

import numpy as np
from flint import arb

from hesse.core.indices import axis_labels
from hesse.core.nodes import (
    Affine,
    Apply,
    Axis,
    Call,
    Constant,
    Contract,
    Cyclic,
    Derivative,
    Fixed,
    Flat,
    Let,
    Node,
    Operation,
    Operator,
    Power,
    SizeValue,
    Sum,
    Table,
    Variable,
)
from hesse.core.traverse import postorder
from hesse.enclosure.arithmetic import Unsupported
from hesse.enclosure.balls import above, below
from hesse.enclosure.intervals import UNIT, Intervals
from hesse.enclosure.rows import ENCLOSURES
from hesse.functions.masks import MASK

Array = Any


@dataclass(frozen=True, slots=True)
class Moving:
    """An array known to lie within a radius of its center, in the maximum norm or the Euclidean norm of all entries."""

    center: Intervals
    radius: float
    euclidean: bool

    def box(self) -> Intervals:
        """The entries one by one."""
        return Intervals(
            np.nextafter(self.center.low - self.radius, -np.inf), np.nextafter(self.center.high + self.radius, np.inf)
        )


@dataclass(frozen=True, slots=True)
class Region:
    """What the variables may be: constants, and arrays that move."""

    constants: Mapping[str, Intervals]
    moving: Mapping[str, Moving]
    sizes: Mapping[str, int]
    tables: Mapping[str, Sequence[int]]


class Evaluator:
    """Enclosures of nodes over one region; every node is computed once."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self.values: dict[Node, Intervals] = {}

    def enclose(self, root: Node) -> Intervals:
        """The intervals of the node's entries. Raises Unsupported for what cannot be enclosed."""
        for node in postorder(root):
            if node not in self.values:
                self.values[node] = self._value(node)
        return self.values[root]

    def _value(self, node: Node) -> Intervals:
        match node:
            case Variable(name=name):
                moving = self.region.moving.get(name)
                return self.region.constants[name] if moving is None else moving.box()
            case Constant(name=name):
                ball = arb.pi() if name == "pi" else arb.const_e()
                return Intervals(np.array(below(ball)), np.array(above(ball)))
            case SizeValue(size=size):
                return Intervals.of(float(size.evaluate(self.region.sizes)))
            case Let(node=inner):
                return self.values[inner]
            case Sum(terms=terms):
                return self._sum(node, [(c, self.values[term]) for c, term in terms])
            case Contract():
                return self._contract(node)
            case Power(base=base, exponent=exponent):
                return self.values[base].power(exponent)
            case Apply():
                return self._apply(node)
            case Operation():
                return self._operate(node)
            case Call(function=function):
                raise Unsupported(f"`{function}` is not defined: there is nothing to enclose")
            case Derivative():
                raise Unsupported("an unevaluated derivative cannot be enclosed")
            case _:
                assert_never(node)

    def shape(self, node: Node) -> tuple[int, ...]:
        """The shape in numbers."""
        return tuple(size.evaluate(self.region.sizes) for size in node.shape)

    def _sum(self, node: Node, terms: Sequence[tuple[Fraction, Intervals]]) -> Intervals:
        total = Intervals.of(np.zeros(self.shape(node)))
        for coefficient, value in terms:
            total = total + value.scaled(coefficient)
        return total

    def _contract(self, node: Contract) -> Intervals:
        extents = [size.evaluate(self.region.sizes) for size in node.extents]
        linear = self._linear(node)
        if linear is not None:
            return linear
        operands = [self._plain(self.values[factor], axes, extents) for factor, axes in node.factors]
        return self._placed(node, extents, _product(operands, sorted(set(range(len(extents)))), extents, node.out))

    def _placed(self, node: Contract, extents: Sequence[int], core: tuple[Intervals, list[int]]) -> Intervals:
        """The product over the labels of the result, put where the axes of the result say."""
        value, labels = core
        if node.out == tuple(labels):
            return value
        shape = self.shape(node)
        grids = np.indices([extents[label] for label in labels]) if labels else np.zeros((0,))
        index = tuple(self._positions(axis, labels, grids, extents) for axis in node.out)
        low, high = np.zeros(shape), np.zeros(shape)
        # Only a table may send two labels to one place; then the shares are added.
        tables = any(isinstance(axis, Table) for axis in node.out)
        if tables:
            np.add.at(low, index, value.low)
            np.add.at(high, index, value.high)
            slack = 2 * UNIT * len(np.ravel(value.low))
            return Intervals(low - slack * np.abs(low) - 1e-300, high + slack * np.abs(high) + 1e-300)
        low[index], high[index] = value.low, value.high
        return Intervals(low, high)

    def _positions(self, axis: Axis, labels: list[int], grids: Array, extents: Sequence[int]) -> Array:
        match axis:
            case int():
                return grids[labels.index(axis)]
            case Fixed(position=position):
                return position.evaluate(self.region.sizes)
            case Affine(label=label, stride=stride, offset=offset):
                return stride * grids[labels.index(label)] + offset.evaluate(self.region.sizes)
            case Table(label=label, entries=entries):
                return self._entries(entries)[grids[labels.index(label)]]
            case Cyclic(label=label, shift=shift):
                return (grids[labels.index(label)] + shift.evaluate(self.region.sizes)) % extents[label]
            case Flat(labels=digits):
                place = 0
                for digit in digits:
                    place = place * extents[digit] + grids[labels.index(digit)]
                return place

    def _entries(self, entries: Node) -> Array:
        if not isinstance(entries, Variable):
            raise Unsupported("an index array that is itself computed cannot be enclosed")
        return np.array(self.region.tables[entries.name])

    def _plain(self, value: Intervals, axes: tuple[Axis, ...], extents: Sequence[int]) -> tuple[Intervals, list[int]]:
        """The factor with one plain label for each axis that is left, repeated labels taken once."""
        labels: list[int] = []
        labels += dict.fromkeys(label for axis in axes for label in axis_labels(axis))
        if axes == tuple(labels):
            return value, labels
        grids = np.indices([extents[label] for label in labels])
        index = tuple(self._positions(axis, labels, grids, extents) for axis in axes)
        return Intervals(np.asarray(value.low[index]), np.asarray(value.high[index])), labels

    def _linear(self, node: Contract) -> Intervals | None:
        """A linear form of one array that moves, by the norms of its rows: sharper than entry by entry in a ball."""
        moving = [k for k, (factor, _) in enumerate(node.factors) if self._moves(factor)]
        if len(moving) != 1 or not all(isinstance(axis, int) for axis in node.out):
            return None
        factor, axes = node.factors[moving[0]]
        if not isinstance(factor, Variable) or not all(isinstance(axis, int) for axis in axes):
            return None
        kept = set(node.out)
        if kept & set(axes) or len(set(axes)) < len(axes) or set(range(len(node.extents))) - kept - set(axes):
            return None
        region = self.region.moving[factor.name]
        extents = [size.evaluate(self.region.sizes) for size in node.extents]
        others = [self._plain(self.values[f], a, extents) for k, (f, a) in enumerate(node.factors) if k != moving[0]]
        if not others:
            return None
        out = [axis for axis in node.out if isinstance(axis, int)]
        matrix, labels = _product(others, [*out, *(a for a in axes if isinstance(a, int))], extents, None)
        lead = len(out)
        plain = [axis for axis in axes if isinstance(axis, int)]
        middle = _product([(matrix, labels), (region.center, plain)], out, extents, None)[0]
        sizes = matrix.magnitude.reshape((*matrix.shape[:lead], -1))
        count = sizes.shape[-1]
        rows = np.sqrt((sizes**2).sum(-1)) if region.euclidean else sizes.sum(-1)
        spread = region.radius * rows * (1 + (count + 8) * UNIT) + 1e-300
        return middle + Intervals(-np.nextafter(spread, np.inf), np.nextafter(spread, np.inf))

    def _moves(self, node: Node) -> bool:
        return any(isinstance(part, Variable) and part.name in self.region.moving for part in postorder(node))

    def _apply(self, node: Apply) -> Intervals:
        row, values = node.row, [self.values[argument] for argument in node.arguments]
        if row.name in ENCLOSURES:
            return values[0].mapped(ENCLOSURES[row.name].bounds)
        if row.name in _PAIRS:
            found: Intervals = _PAIRS[row.name](*values)
            return found
        raise Unsupported(f"`{row.name}` cannot be enclosed for many variables")

    def _operate(self, node: Operation) -> Intervals:
        row, (argument, *others) = node.row, [self.values[a] for a in node.arguments]
        if row is MASK:
            rows, columns = argument.shape
            return Intervals.of(np.tri(rows, columns, int(others[0].low) if others else 0))
        if row.name == "logsumexp":
            return _by_lanes(_logsumexp, argument, node.axis, kept=False)
        if row.name == "softmax":
            return _by_lanes(_softmax, argument, node.axis, kept=True)
        if row.name in ("norm", "norm1"):
            return self._norm(node, argument, row)
        raise Unsupported(f"`{row.name}` cannot be enclosed for many variables")

    def _norm(self, node: Operation, argument: Intervals, row: Operator) -> Intervals:
        sizes = argument.mapped(ENCLOSURES["abs"].bounds)
        powers = sizes.power(Fraction(2)) if row.name == "norm" else sizes
        total = _summed(powers, node.axis)
        return total.power(Fraction(1, 2)) if row.name == "norm" else total


def _summed(value: Intervals, axis: int | None) -> Intervals:
    count = value.low.size if axis is None else value.low.shape[axis]
    slack = (count + 2) * UNIT
    low, high = value.low.sum(axis), value.high.sum(axis)
    return Intervals(np.maximum(low * (1 - slack), 0.0), high * (1 + slack))


def _by_lanes(function: Callable[..., Any], value: Intervals, axis: int | None, *, kept: bool) -> Intervals:
    """The function of lists of ends, along an axis or of all entries."""
    if axis is None:
        low, high = function(np.ravel(value.low).tolist(), np.ravel(value.high).tolist())
        shape = value.shape if kept else ()
        return Intervals(np.reshape(low, shape), np.reshape(high, shape))
    lows, highs = (np.moveaxis(ends, axis, -1) for ends in (value.low, value.high))
    lanes = lows.shape[:-1]
    pairs = [function(lows[at].tolist(), highs[at].tolist()) for at in np.ndindex(lanes)]
    found = [np.array([pair[side] for pair in pairs]).reshape((*lanes, -1)) for side in (0, 1)]
    if kept:
        return Intervals(np.moveaxis(found[0], -1, axis), np.moveaxis(found[1], -1, axis))
    return Intervals(found[0][..., 0], found[1][..., 0])


def _logsumexp(low: list[float], high: list[float]) -> tuple[list[float], list[float]]:
    """It grows with every argument."""
    ends = [sum((arb(x).exp() for x in side), arb(0)).log() for side in (low, high)]
    return [below(ends[0])], [above(ends[1])]


def _softmax(low: list[float], high: list[float]) -> tuple[list[float], list[float]]:
    """Each entry grows with its own argument and falls with the others."""
    small, large = [arb(x).exp() for x in low], [arb(x).exp() for x in high]
    all_small, all_large = sum(small, arb(0)), sum(large, arb(0))
    least = [max(0.0, below(a / (a + (all_large - b)))) for a, b in zip(small, large, strict=True)]
    most = [min(1.0, above(b / (b + (all_small - a)))) for a, b in zip(small, large, strict=True)]
    return least, most


def _product(
    operands: Sequence[tuple[Intervals, list[int]]], wanted: Sequence[int], extents: Sequence[int], out: Any
) -> tuple[Intervals, list[int]]:
    """The sum of products over the labels that are not kept, in midpoints and radii, with the rounding bounded."""
    if out is None:
        kept = list(wanted)
    else:
        kept = list(dict.fromkeys(label for axis in out for label in axis_labels(axis)))
    letters = {label: string.ascii_letters[k] for k, label in enumerate(range(len(extents)))}
    present = {label for _, labels in operands for label in labels}
    operands = [*operands, *((Intervals.of(np.ones(extents[k])), [k]) for k in range(len(extents))
                             if k not in present and (k in kept or out is not None))]  # fmt: skip
    if not operands:
        return Intervals.of(1.0), []
    if len(operands) == 1 and operands[0][1] == kept:
        return operands[0][0], kept
    if not all(np.isfinite(value.low).all() and np.isfinite(value.high).all() for value, _ in operands):
        return _unbounded_product(operands, kept, extents), kept
    text = ",".join("".join(letters[label] for label in labels) for _, labels in operands)
    text += "->" + "".join(letters[label] for label in kept)
    middles = [value.middle for value, _ in operands]
    sizes = [np.abs(middle) for middle in middles]
    tops = [np.nextafter(value.radius + size, np.inf) for (value, _), size in zip(operands, sizes, strict=True)]
    middle = np.einsum(text, *middles, optimize=True)
    reach = np.einsum(text, *tops, optimize=True)
    base = np.einsum(text, *sizes, optimize=True)
    summed = 1
    for label in {label for _, labels in operands for label in labels} - set(kept):
        summed *= extents[label]
    slack = (summed + 4 * len(operands) + 4) * UNIT * 2
    # |product of (m + r)| - |product of m| bounds the spread; all three sums are rounded, by at most `slack` of reach.
    exact_operands = all((value.low is value.high) or np.array_equal(value.low, value.high) for value, _ in operands)
    spread = (0.0 if exact_operands else np.maximum(reach - base, 0.0)) + 3 * slack * reach + 1e-300
    return Intervals(middle - spread, middle + spread), kept


def _unbounded_product(
    operands: Sequence[tuple[Intervals, list[int]]], kept: list[int], extents: Sequence[int]
) -> Intervals:
    """The product where an interval is unbounded: entry by entry where nothing is summed, else nothing is known."""
    if {label for _, labels in operands for label in labels} - set(kept):
        shape = tuple(extents[label] for label in kept)
        return Intervals(np.full(shape, -np.inf), np.full(shape, np.inf))
    total = Intervals.of(np.ones(tuple(extents[label] for label in kept)))
    for value, labels in operands:
        order = sorted(range(len(labels)), key=lambda k: kept.index(labels[k]))
        shape = tuple(extents[label] if label in labels else 1 for label in kept)
        low, high = (np.transpose(ends, order).reshape(shape) for ends in (value.low, value.high))
        total = total.times(Intervals(low, high))
    return total


def _truth(holds: Any, fails: Any) -> Intervals:
    return Intervals(np.where(holds, 1.0, 0.0), np.where(fails, 0.0, 1.0))


def _where(condition: Intervals, first: Intervals, second: Intervals) -> Intervals:
    surely, never = (condition.low > 0) | (condition.high < 0), (condition.low == 0) & (condition.high == 0)
    low = np.where(surely, first.low, np.where(never, second.low, np.minimum(first.low, second.low)))
    high = np.where(surely, first.high, np.where(never, second.high, np.maximum(first.high, second.high)))
    return Intervals(low, high)


def _power_of(base: Intervals, exponent: Intervals) -> Intervals:
    logarithm = base.mapped(ENCLOSURES["log"].bounds)
    return exponent.times(logarithm).mapped(ENCLOSURES["exp"].bounds)


_PAIRS: Mapping[str, Any] = {
    "maximum": lambda a, b: Intervals(np.maximum(a.low, b.low), np.maximum(a.high, b.high)),
    "minimum": lambda a, b: Intervals(np.minimum(a.low, b.low), np.minimum(a.high, b.high)),
    "where": _where,
    "power": _power_of,
    "clip": lambda x, a, b: Intervals(
        np.minimum(np.maximum(x.low, a.low), b.low), np.minimum(np.maximum(x.high, a.high), b.high)
    ),
    "<": lambda a, b: _truth(a.high < b.low, a.low >= b.high),
    "<=": lambda a, b: _truth(a.high <= b.low, a.low > b.high),
    ">": lambda a, b: _truth(a.low > b.high, a.high <= b.low),
    ">=": lambda a, b: _truth(a.low >= b.high, a.high < b.low),
    "==": lambda a, b: _truth(
        (a.low == a.high) & (b.low == b.high) & (a.low == b.low), (a.high < b.low) | (b.high < a.low)
    ),
    "!=": lambda a, b: _truth(
        (a.high < b.low) | (b.high < a.low), (a.low == a.high) & (b.low == b.high) & (a.low == b.low)
    ),
}


def is_proved(value: Intervals, relation: str) -> bool:
    """Whether all numbers within the intervals satisfy a relation of the tables of functions."""
    low, high = value.low, value.high
    match relation:
        case "> 0":
            return bool((low > 0).all())
        case ">= 0":
            return bool((low >= 0).all())
        case "!= 0":
            return bool(((low > 0) | (high < 0)).all())
        case "> -1":
            return bool((low > -1).all())
        case "in [-1, 1]":
            return bool(((low >= -1) & (high <= 1)).all())
        case "in (-1, 1)":
            return bool(((low > -1) & (high < 1)).all())
        case _:
            return False
