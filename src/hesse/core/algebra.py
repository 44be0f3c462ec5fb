"""The smart constructors of sums, products (contractions) and exact powers: mutually recursive, always in normal form.

What the normal form does: collects equal terms and equal bases; substitutes deltas, slices and gathers into each
other; counts a summed index that occurs in no factor as a size; gives a closed sub-product a node of its own. What
it never does: expand a product of sums (but for sums of deltas and placements, which vanish in doing so), use a
fact about a variable, or dissolve a value the user named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import chain
from math import prod

from hesse.core.canonical import Factor, canonical
from hesse.core.content import INDIVISIBLE, common_scalars, content
from hesse.core.exact import exact_power
from hesse.core.indices import Binding, Empty, Stuck, axis_labels, labels_of, renamed
from hesse.core.intern import intern
from hesse.core.nodes import Axis, Contract, Node, Power, Shape, SizeValue, Sum
from hesse.core.order import term_key
from hesse.core.relabel import (
    components,
    factor_order,
    flat_axes,
    fused,
    is_elementwise,
    is_structured,
    plain_axis,
    radices,
    rotated_terms,
    straightened,
    structured_sums,
)
from hesse.core.sizes import Size

MAX_FACTORS = 8
MAX_DISTRIBUTED = 16
MAX_FLATTENED = 16
_PLAIN = Fraction(1)


def zero(shape: Shape) -> Node:
    """The zero of a shape."""
    return intern(Sum, shape, ())


def is_zero(node: Node) -> bool:
    """Whether the node is the zero."""
    return isinstance(node, Sum) and not node.terms


def add(terms: Iterable[tuple[Fraction | int, Node]], shape: Shape) -> Node:
    """The weighted sum of nodes of one shape."""
    given = list(terms)
    # A long sum stays whole beside other terms: taking shared sums apart again and again would cost their square.
    limit = MAX_FLATTENED if len(given) > 1 else len(given[0][1].terms) if given and isinstance(given[0][1], Sum) else 0
    collected: dict[Node, Fraction] = {}
    for coefficient, node in given:
        inner = node.terms if isinstance(node, Sum) and len(node.terms) <= limit else ((_PLAIN, node),)
        for weight, term in inner:
            share = weight if coefficient == 1 else coefficient * weight
            collected[term] = collected[term] + share if term in collected else share
    kept = sorted(((c, t) for t, c in collected.items() if c), key=lambda item: term_key(item[1]))
    if len(kept) == 1 and kept[0][0] == 1:
        return kept[0][1]
    if len(kept) > 1 and shape:
        common = frozenset.intersection(*(term.constant_axes for _, term in kept))
        # A sum of diagonals and placements is multiplied out in products, so it stays on the outside of a repetition.
        if common and not any(is_structured(term) for _, term in kept):
            inner_shape = tuple(size for axis, size in enumerate(shape) if axis not in common)
            return stretch(add([(c, squeeze(t, common)) for c, t in kept], inner_shape), common, shape)
        arrayed = unflattened([term for _, term in kept])
        if arrayed is not None and not any(map(is_structured, arrayed[0])):
            arrays, out = arrayed
            total = add([(c, array) for (c, _), array in zip(kept, arrays, strict=True)], arrays[0].shape)
            return flattened(total, out, shape)
    return intern(Sum, shape, tuple(kept))


def unflattened(nodes: Sequence[Node]) -> tuple[list[Node], tuple[Axis, ...]] | None:
    """The arrays of which all the nodes are the same reshape, and the axes that flatten them; repeated numbers fit too.

    Functions of entries and sums are written on the arrays before they are flattened: vec(X) + vec(Y) = vec(X + Y).
    """
    patterns = [radices(node.out, node.extents) if isinstance(node, Contract) else None for node in nodes]
    found = [pattern for pattern in patterns if pattern is not None]
    repeated = [len(node.constant_axes) == node.rank for node in nodes]
    if len(set(found)) != 1 or any(p is None and not r for p, r in zip(patterns, repeated, strict=True)):
        return None
    # vec(X) is made of X, not of X.T: the axes of the array come in the order in which the factors have them.
    orders = {factor_order(node.factors, node.out) for node in nodes if isinstance(node, Contract) and node.factors}
    counted = tuple(size for each in found[0] for size in each)
    order = orders.pop() if len(orders) == 1 else tuple(range(len(counted)))
    sizes = tuple(counted[k] for k in order)
    arrays: list[Node] = []
    for node, pattern in zip(nodes, patterns, strict=True):
        if pattern is not None and isinstance(node, Contract):
            labels = [label for axis in node.out for label in axis_labels(axis)]
            out = tuple(labels[k] for k in order)
            arrays.append(contract(node.factors, out, dict(enumerate(node.extents)), sizes))
        else:
            arrays.append(stretch(squeeze(node, node.constant_axes), frozenset(range(len(sizes))), sizes))
    return arrays, tuple(renamed(axis, order.index) for axis in flat_axes(found[0]))


def flattened(node: Node, out: tuple[Axis, ...], shape: Shape) -> Node:
    """The node reshaped: its axes are the labels 0, 1, ..."""
    return contract([(node, tuple(range(node.rank)))], out, dict(enumerate(node.shape)), shape)


def scale(coefficient: Fraction | int, node: Node) -> Node:
    """The node times an exact number."""
    return node if coefficient == 1 else add([(coefficient, node)], node.shape)


def squeeze(node: Node, axes: frozenset[int]) -> Node:
    """The node without some of its broadcast axes."""
    if not axes:
        return node
    shape = tuple(size for k, size in enumerate(node.shape) if k not in axes)
    match node:
        case Contract(factors=factors, out=out, extents=extents):
            kept = tuple(axis for k, axis in enumerate(out) if k not in axes)
            # A label left in the extents would be summed and count as a factor of its size.
            gone = {out[k] for k in axes}
            ranges = {label: size for label, size in enumerate(extents) if label not in gone}
            return contract(factors, kept, ranges, shape)
        case Sum(terms=terms):
            return add([(c, squeeze(term, axes)) for c, term in terms], shape)
        case _:
            raise AssertionError("only contractions and sums have broadcast axes")


def stretch(node: Node, axes: frozenset[int], shape: Shape) -> Node:
    """The node repeated along new axes at these places of the result's shape."""
    kept = tuple(k for k in range(len(shape)) if k not in axes)
    return contract([(node, kept)], tuple(range(len(shape))), dict(enumerate(shape)), shape)


def number_value(node: Node) -> Fraction | None:
    """The exact number that every entry of the node is, or None."""
    match node:
        case Sum(terms=()):
            return Fraction(0)
        case Sum(terms=((coefficient, term),)):
            return coefficient if is_one(term) else None
        case _:
            return _PLAIN if is_one(node) else None


def is_one(node: Node) -> bool:
    """Whether every entry is one by construction."""
    return isinstance(node, Contract) and not node.factors and len(node.constant_axes) == node.rank


def number(value: Fraction | int, shape: Shape = ()) -> Node:
    """The exact number, in every entry of the shape."""
    ones: Node = intern(Contract, shape, (), tuple(range(len(shape))), shape)
    return scale(Fraction(value), ones)


def size_value(size: Size) -> Node:
    """The size as a scalar."""
    terms: list[tuple[int, Node]] = []
    for monomial, coefficient in size.terms:
        factors: list[Factor] = []
        for atom, exponent in monomial:
            atomic = Size.of(atom) if isinstance(atom, str) else Size(((((atom, 1),), 1),))
            factors.append((power(intern(SizeValue, (), atomic), Fraction(exponent)), ()))
        terms.append((coefficient, contract(factors, (), {}, ())))
    return add(terms, ())


def power(base: Node, exponent: Fraction) -> Node:
    """The elementwise power with an exact exponent."""
    if exponent == 0:
        return number(1, base.shape)
    if exponent == 1:
        return base
    value = number_value(base)
    if value is not None:
        folded = exact_power(value, exponent)
        if folded is not None:
            return number(folded, base.shape)
    whole = exponent.denominator == 1
    match base:
        case Sum(terms=((coefficient, term),)):
            folded = exact_power(coefficient, exponent) if whole or coefficient > 0 else None
            if folded is not None:
                return scale(folded, power(term, exponent))
        case Power(base=inner, exponent=first) if whole or first.denominator != 1:
            # (b**p)**q = b**(p*q) for an integer q, or where b**p needs b >= 0 anyway.
            return power(inner, first * exponent)
        case Contract(factors=factors, out=out, extents=extents) if whole and is_elementwise(base):
            raised = [(power(factor, exponent), axes) for factor, axes in factors]
            return contract(raised, out, dict(enumerate(extents)), base.shape)
        case _:
            pass
    flat = unflattened([base])
    if flat is not None:
        return flattened(power(flat[0][0], exponent), flat[1], base.shape)
    axes = base.constant_axes
    if axes:
        return stretch(power(squeeze(base, axes), exponent), axes, base.shape)
    return intern(Power, base.shape, base, exponent)


def without_scalars(terms: Sequence[tuple[Fraction, Node]], scalars: Mapping[Node, Fraction], shape: Shape) -> Node:
    """The sum divided by scalars that all its terms have as factors."""
    return add([(c, _without(term, scalars)) for c, term in terms], shape)


def _without(term: Node, scalars: Mapping[Node, Fraction]) -> Node:
    # The factors are taken out and not multiplied by an inverse, which need not cancel: else this might never end.
    assert isinstance(term, Contract)
    factors: list[Factor] = []
    for factor, axes in term.factors:
        base, exponent = (factor.base, factor.exponent) if isinstance(factor, Power) else (factor, _PLAIN)
        shared = scalars.get(base, Fraction(0)) if not axes else Fraction(0)
        factors.append((power(base, exponent - shared) if shared else factor, axes))
    return contract(factors, term.out, dict(enumerate(term.extents)), term.shape)


def contract(factors: Sequence[Factor], out: tuple[Axis, ...], extents: Mapping[int, Size], shape: Shape) -> Node:
    """The contraction in normal form; `extents` gives the range of every label, `shape` the result's shape."""
    return _Product(list(factors), out, dict(extents), shape).finish()


class _Product:
    """A contraction under construction."""

    def __init__(self, factors: list[Factor], out: tuple[Axis, ...], extents: dict[int, Size], shape: Shape) -> None:
        self.coefficient = _PLAIN
        self.factors = factors
        self.out = out
        self.extents = extents
        self.shape = shape

    def finish(self) -> Node:
        """The node in normal form."""
        try:
            while self._relabel() or self._hoist() or self._merge() or self._inline() or self._count() or self._split():
                pass
        except Empty:
            return zero(self.shape)
        distributed = self._distribute()
        return scale(self.coefficient, self._node() if distributed is None else distributed)

    def _relabel(self) -> bool:
        """Count flat axes with as few labels as will do; turn and rotate the factors rather than the result."""
        changed = False
        if all(type(axis) is int for axis in chain(self.out, *(axes for _, axes in self.factors))):
            return False
        for change in (fused, straightened):
            labelled = change(self.factors, self.out, self.extents, self.shape)
            if labelled is not None:
                self.factors, self.out, self.extents = labelled
                changed = True
        return changed

    def _hoist(self) -> bool:
        """Take exact factors out of sums. Raises Empty for a zero factor."""
        changed = False
        for k, (node, axes) in enumerate(self.factors):
            if isinstance(node, Sum) and node not in INDIVISIBLE:
                if not node.terms:
                    raise Empty
                common = content(node)
                if common != 1:
                    self.coefficient *= common
                    self.factors[k] = (scale(1 / common, node), axes)
                    changed = True
                elif node.shape and len(node.terms) > 1 and (scalars := common_scalars(node.terms)):
                    self.factors[k] = (without_scalars(node.terms, scalars, node.shape), axes)
                    self.factors += [(power(base, exponent), ()) for base, exponent in scalars.items()]
                    return True
                else:
                    INDIVISIBLE.add(node)
        return changed

    def _merge(self) -> bool:
        """Merge equal bases under the same indices into powers."""
        if len(self.factors) < 2:
            return False
        groups: dict[tuple[Node, tuple[Axis, ...]], list[Fraction]] = {}
        for node, axes in self.factors:
            base, exponent = (node.base, node.exponent) if isinstance(node, Power) else (node, _PLAIN)
            groups.setdefault((base, axes), []).append(exponent)
        if len(groups) == len(self.factors):
            return False
        merged: list[Factor] = []
        for (base, axes), exponents in groups.items():
            merged.append((power(base, sum(exponents, Fraction(0))), axes))
        self.factors = merged
        return True

    def _inline(self) -> bool:
        """Dissolve one nested product, as long as the number of factors stays small."""
        for k, (node, axes) in enumerate(self.factors):
            if isinstance(node, Contract) and self._fits(node):
                closed = not node.shape and node.extents
                if not closed and self._absorb(k, node, axes):
                    return True
        return False

    def _fits(self, node: Node) -> bool:
        """Whether the number of factors stays small when this product takes the place of one of them."""
        return not isinstance(node, Contract) or len(self.factors) - 1 + len(node.factors) <= MAX_FACTORS

    def _absorb(self, k: int, node: Contract, axes: tuple[Axis, ...]) -> bool:
        base = max(self.extents, default=-1) + 1
        extents = {**self.extents, **{base + label: size for label, size in enumerate(node.extents)}}
        binding = Binding(extents)

        def shifted(axis: Axis) -> Axis:
            return renamed(axis, lambda label: base + label)

        inner = [(factor, tuple(map(shifted, inside))) for factor, inside in node.factors]
        try:
            for outside, inside in zip(axes, node.out, strict=True):
                binding.unify(outside, shifted(inside))
            rest = self.factors[:k] + self.factors[k + 1 :] + inner
            factors = [(f, self._resolved(binding, places, f.shape)) for f, places in rest]
            out = self._resolved(binding, self.out, self.shape)
        except Stuck:
            return False
        self.factors, self.out = factors, out
        self.extents = {label: size for label, size in extents.items() if label not in binding.bound}
        return True

    def _resolved(self, binding: Binding, axes: tuple[Axis, ...], shape: Shape) -> tuple[Axis, ...]:
        pairs = zip(axes, shape, strict=True)
        return tuple(plain_axis(binding.resolve(axis), size, binding.extents) for axis, size in pairs)

    def _count(self) -> bool:
        """A label that stands nowhere counts: it is a factor of its extent."""
        used = labels_of(self.out) | labels_of(axis for _, axes in self.factors for axis in axes)
        idle = [label for label in self.extents if label not in used]
        for label in idle:
            self.factors.append((size_value(self.extents.pop(label)), ()))
        return bool(idle)

    def _split(self) -> bool:
        """Give a closed part, which shares no label with the rest, a scalar node of its own."""
        parts = components(self.factors)
        if len(parts) == 1 and not self.out:
            return False
        reached = labels_of(self.out)
        for part in parts:
            labels = labels_of(axis for _, axes in part for axis in axes)
            if labels and not labels & reached:
                extents = {label: self.extents.pop(label) for label in labels}
                self.factors = [factor for factor in self.factors if all(factor is not other for other in part)]
                self.factors.append((contract(part, (), extents, ()), ()))
                return True
        return False

    def _distribute(self) -> Node | None:
        """Multiply out a sum whose deltas, placements or constants then vanish; None when there is none."""
        if len(self.factors) == 1 and self._is_plain():
            return None
        rotated = rotated_terms(self.factors)
        if len(rotated) <= MAX_DISTRIBUTED and rotated:
            return add([(c, self._with(0, term)) for c, term in rotated], self.shape)
        structured = structured_sums(self.factors, self.out, self._fits)
        expand = bool(structured) and prod(len(node.terms) for node in structured) <= MAX_DISTRIBUTED
        for k, (node, axes) in enumerate(self.factors):
            if not isinstance(node, Sum):
                continue
            if expand and node is structured[0]:
                return add([(c, self._with(k, term)) for c, term in node.terms], self.shape)
            if len(node.terms) <= MAX_DISTRIBUTED and self._cancels(node, axes, k):
                result = add([(c, self._with(k, term)) for c, term in node.terms], self.shape)
                if not isinstance(result, Sum) or len(result.terms) < len(node.terms):
                    return result
        return None

    def _cancels(self, node: Sum, axes: tuple[Axis, ...], k: int) -> bool:
        """Whether a summed label runs in this sum only and some term is constant along it."""
        others = self.factors[:k] + self.factors[k + 1 :]
        elsewhere = labels_of(self.out) | labels_of(axis for _, places in others for axis in places)
        own = {place for place, axis in enumerate(axes) if isinstance(axis, int) and axis not in elsewhere}
        return any(own & term.constant_axes for _, term in node.terms)

    def _with(self, k: int, node: Node) -> Node:
        factors = [(node, axes) if j == k else (factor, axes) for j, (factor, axes) in enumerate(self.factors)]
        return contract(factors, self.out, self.extents, self.shape)

    def _is_plain(self) -> bool:
        """Whether the product is its only factor, axis for axis."""
        ((_, axes),) = self.factors
        return axes == self.out and len(set(axes)) == len(axes) and all(isinstance(axis, int) for axis in axes)

    def _node(self) -> Node:
        if len(self.factors) == 1 and self._is_plain():
            return self.factors[0][0]
        factors, out, extents = canonical(self.factors, self.out, self.extents)
        return intern(Contract, self.shape, factors, out, extents)
