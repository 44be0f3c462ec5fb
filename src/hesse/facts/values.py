"""The ranges of entries: what the declared attributes and the rows of functions prove about the values of a node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from weakref import WeakKeyDictionary

from hesse.core.indices import labels_of, nonnegative
from hesse.core.nodes import (
    Apply,
    Axis,
    Constant,
    Contract,
    Let,
    Node,
    Operation,
    Power,
    SizeValue,
    Sum,
    Table,
    Variable,
)
from hesse.core.ranges import ANY, JUST_ZERO, NONNEGATIVE, POSITIVE, UNIT, Range, total
from hesse.core.sizes import Size
from hesse.core.traverse import children, postorder

_ONE = Fraction(1)
_ATTRIBUTES: Mapping[str, Range] = {"pos": POSITIVE, "simplex": UNIT, "pm1": Range(-_ONE, _ONE)}
_KNOWN: WeakKeyDictionary[Node, Range] = WeakKeyDictionary()
_CONSTANTS: Mapping[str, Range] = {"pi": Range(Fraction(3), Fraction(4)), "e": Range(Fraction(2), Fraction(3))}


def values(root: Node) -> Range:
    """The range of all entries, wherever the node has a value."""
    if root not in _KNOWN:
        for node in postorder(root):
            if node not in _KNOWN:
                _KNOWN[node] = _values(node, tuple(_KNOWN[child] for child in children(node)))
    return _KNOWN[root]


def _values(node: Node, parts: tuple[Range, ...]) -> Range:
    match node:
        case Variable(attributes=attributes):
            known = [_ATTRIBUTES[each] for each in sorted(attributes) if each in _ATTRIBUTES]
            return known[0] if known else ANY
        case Constant(name=name):
            return _CONSTANTS[name]
        case SizeValue(size=size):
            return Range(_ONE) if nonnegative(size - 1) else NONNEGATIVE
        case Let():
            return parts[0]
        case Sum(terms=terms):
            return total(_scaled(part, c) for (c, _), part in zip(terms, parts, strict=True))
        case Contract(factors=factors):
            return _contracted(node, product(node.factors, parts[: len(factors)]))
        case Power(exponent=exponent):
            return parts[0].power(exponent)
        case Apply(row=row) | Operation(row=row):
            return ANY if row.bounds is None else row.bounds(*parts)
        case _:
            return ANY


def _scaled(values: Range, by: Fraction) -> Range:
    return values * Range(by, by)


def product(factors: Sequence[tuple[Node, tuple[Axis, ...]]], parts: Sequence[Range]) -> Range:
    """The range of the product of the factors' entries at one assignment of labels."""
    result = Range(_ONE, _ONE)
    for (factor, axes), part in zip(factors, parts, strict=True):
        result = result * (_diagonal(factor, part) if len(axes) == 2 and axes[0] == axes[1] else part)
    return result


def _diagonal(matrix: Node, entries: Range) -> Range:
    """The range of the diagonal: that of a positive definite matrix is positive."""
    return POSITIVE if isinstance(matrix, Variable) and "spd" in matrix.attributes else entries


def _contracted(node: Contract, entry: Range) -> Range:
    """The range of the sums of products, and of the zeros beside a diagonal or a placement."""
    kept = labels_of(node.out)
    result = entry
    for label, extent in enumerate(node.extents):
        if label not in kept:
            result = _repeated(result, extent)
    if any(isinstance(axis, Table) for axis in node.out):
        # A scatter adds up any number of entries.
        result = _repeated(result.hull(JUST_ZERO), None)
    plain = [axis for axis in node.out if isinstance(axis, int)]
    dense = len(plain) == len(node.out) == len(set(plain))
    return result if dense else result.hull(JUST_ZERO)


def _repeated(entry: Range, extent: Size | None) -> Range:
    """The range of a sum of so many entries."""
    count = None if extent is None else extent.as_int()
    if count is not None:
        return entry * Range(Fraction(count), Fraction(count))
    sums = entry * Range(_ONE)
    return sums if extent is not None and nonnegative(extent - 1) else sums.hull(JUST_ZERO)
