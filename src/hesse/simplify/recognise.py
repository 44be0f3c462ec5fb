"""Composite functions recognised where they are written out: sigmoid, softplus, logsumexp, softmax, norms, |x|.

Each rule gives the shorter node or None. They hold wherever the left side is defined.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from hesse.core.algebra import contract, is_one, is_zero, number, power, scale, zero
from hesse.core.build import apply, operate, total
from hesse.core.canonical import Factor
from hesse.core.indices import axis_labels
from hesse.core.nodes import Apply, Axis, Contract, Elementwise, Let, Node, Operation, Power, Sum
from hesse.functions.elementwise import (
    ABS,
    COS,
    COSH,
    EXP,
    LOG,
    LOG1P,
    MAXIMUM,
    RELU,
    SIGMOID,
    SIGN,
    SIN,
    SINH,
    SOFTPLUS,
    STEP,
    TAN,
    TANH,
)
from hesse.functions.operators import LOGSUMEXP, NORM, SOFTMAX
from hesse.functions.reductions import LOG_SOFTMAX, PROD, PROD_OTHERS
from hesse.simplify.rewrites import rewrite

ONE, TWO, HALF = Fraction(1), Fraction(2), Fraction(1, 2)


def argument_of(node: Node, row: Elementwise) -> Node | None:
    """u when the node is row(u)."""
    return node.arguments[0] if isinstance(node, Apply) and node.row is row else None


def _one_plus_exp(node: Node) -> Node | None:
    """u when the node is 1 + exp(u)."""
    match node:
        case Sum(terms=((first, a), (second, b))) if first == second == 1:
            if is_one(b):
                return argument_of(a, EXP)
            if is_one(a):
                return argument_of(b, EXP)
    return None


def _one_minus_sigmoid(node: Node) -> Node | None:
    """u when the node is 1 - sigmoid(u)."""
    match node:
        case Sum(terms=((first, a), (second, b))) if {first, second} == {ONE, -ONE}:
            one, other = (a, b) if first == 1 else (b, a)
            return argument_of(other, SIGMOID) if is_one(one) else None
    return None


@rewrite("recognising the sigmoid")
def sigmoid(node: Node) -> Node | None:
    """(1 + exp(u))**-k = sigmoid(-u)**k."""
    match node:
        case Power(base=base, exponent=exponent) if exponent < 0:
            u = _one_plus_exp(base)
            return None if u is None else power(apply(SIGMOID, scale(-1, u)), -exponent)
    return None


@rewrite("recognising the sigmoid")
def sigmoid_times_exp(node: Node) -> Node | None:
    """exp(u) * sigmoid(-u) = sigmoid(u)."""
    if not isinstance(node, Contract):
        return None
    for k, (factor, axes) in enumerate(node.factors):
        base, exponent = _base(factor)
        u = argument_of(base, EXP)
        if u is None or exponent < 1:
            continue
        partner = apply(SIGMOID, scale(-1, u))
        for j, (other, other_axes) in enumerate(node.factors):
            if other_axes == axes and _base(other)[0] is partner and _base(other)[1] >= 1:
                swapped = {k: power(base, exponent - 1), j: power(partner, _base(other)[1] - 1)}
                factors = [(swapped.get(i, f), a) for i, (f, a) in enumerate(node.factors)]
                return _product(node, [*factors, (apply(SIGMOID, u), axes)])
    return None


@rewrite("recognising softplus")
def softplus(node: Node) -> Node | None:
    """log(1 + exp(u)) = softplus(u), log(sigmoid(u)) = -softplus(-u), log(1 - sigmoid(u)) = -softplus(u)."""
    inner = argument_of(node, LOG)
    u = None if inner is None else _one_plus_exp(inner)
    if u is None:
        outer = argument_of(node, LOG1P)
        u = None if outer is None else argument_of(outer, EXP)
    if u is not None:
        return apply(SOFTPLUS, u)
    w = None if inner is None else _one_minus_sigmoid(inner)
    if w is not None:
        return scale(-1, apply(SOFTPLUS, w))
    v = None if inner is None else argument_of(inner, SIGMOID)
    return None if v is None else scale(-1, apply(SOFTPLUS, scale(-1, v)))


@rewrite("log and exp cancel")
def log_of_exp(node: Node) -> Node | None:
    """log(exp(u)) = u and exp(log(u)) = u."""
    for outer, inner in ((LOG, EXP), (EXP, LOG)):
        middle = argument_of(node, outer)
        u = None if middle is None else argument_of(middle, inner)
        if u is not None:
            return u
    return None


@rewrite("recognising logsumexp")
def logsumexp(node: Node) -> Node | None:
    """log(sum(exp(u))) = logsumexp(u), also along an axis."""
    inner = argument_of(node, LOG)
    found = None if inner is None else _sum_of(inner)
    if found is None:
        return None
    u = argument_of(found[0], EXP)
    return None if u is None else operate(LOGSUMEXP, (u,), found[1])


@rewrite("log and softmax combine")
def log_of_softmax(node: Node) -> Node | None:
    """log(softmax(u)) = log_softmax(u) and exp(log_softmax(u)) = softmax(u)."""
    for outer, inner, result in ((LOG, SOFTMAX, LOG_SOFTMAX), (EXP, LOG_SOFTMAX, SOFTMAX)):
        middle = argument_of(node, outer)
        if isinstance(middle, Operation) and middle.row is inner:
            return operate(result, middle.arguments, middle.axis)
    return None


@rewrite("cancelling an entry of a product")
def product_over_entry(node: Node) -> Node | None:
    """prod(u) / u = prod_others(u), also along an axis: where an entry of u is 0, it is the limit."""
    if not isinstance(node, Contract):
        return None
    for k, (factor, axes) in enumerate(node.factors):
        if not isinstance(factor, Operation) or factor.row is not PROD:
            continue
        (u,) = factor.arguments
        for j, (other, places) in enumerate(node.factors):
            base, exponent = _base(other)
            kept = () if factor.axis is None else places[: factor.axis] + places[factor.axis + 1 :]
            if base is u and exponent <= -1 and axes == kept:
                others = (operate(PROD_OTHERS, (u,), factor.axis), places)
                rest = [pair for i, pair in enumerate(node.factors) if i not in (k, j)]
                return _product(node, [*rest, others, (power(base, exponent + 1), places)])
    return None


@rewrite("recognising softmax")
def softmax(node: Node) -> Node | None:
    """exp(u) / sum(exp(u)) = softmax(u), also along an axis."""
    if not isinstance(node, Contract):
        return None
    for k, (factor, axes) in enumerate(node.factors):
        base, exponent = _base(factor)
        u = argument_of(base, EXP)
        if u is None or exponent < 1:
            continue
        for j, (other, kept) in enumerate(node.factors):
            total, power_of_total = _base(other)
            found = _sum_of(total)
            if found is None or found[0] is not base or power_of_total > -1:
                continue
            axis = found[1]
            if kept == (() if axis is None else axes[:axis] + axes[axis + 1 :]):
                swapped = {k: power(base, exponent - 1), j: power(total, power_of_total + 1)}
                factors = [(swapped.get(i, f), a) for i, (f, a) in enumerate(node.factors)]
                return _product(node, [*factors, (operate(SOFTMAX, (u,), axis), axes)])
    return None


@rewrite("recognising the norm")
def norm(node: Node) -> Node | None:
    """sum(u**2)**(k/2) = norm(u)**k for odd k; norm(u)**k = sum(u**2)**(k/2) for even k."""
    if not isinstance(node, Power):
        return None
    base, exponent = node.base, node.exponent
    if isinstance(base, Operation) and base.row is NORM and exponent % 2 == 0:
        return power(_sum_of_squares(base), exponent / 2)
    if exponent.denominator == 2:
        found = _sum_of(base)
        if found is not None and isinstance(found[0], Power) and found[0].exponent == 2:
            return power(operate(NORM, (found[0].base,), found[1]), exponent * 2)
    return None


@rewrite("recognising the absolute value")
def absolute_value(node: Node) -> Node | None:
    """(u**2)**(k/2) = |u|**k; |u|**k = u**k for even k; products of u, |u| and sign(u)."""
    match node:
        case Power(base=Power(base=u, exponent=inner), exponent=exponent) if inner == 2 and exponent.denominator == 2:
            return power(apply(ABS, u), exponent * 2)
        case Power(base=base, exponent=exponent) if exponent % 2 == 0:
            u_or_none = argument_of(base, ABS)
            return None if u_or_none is None else power(u_or_none, exponent)
        case Contract(factors=factors):
            return _signed(node, factors)
    return None


def _signed(node: Contract, factors: tuple[Factor, ...]) -> Node | None:
    """sign(u) * |u|**k = u**k and sign(u) * u**k = |u|**k for odd k; u / |u| = sign(u)."""
    for k, (factor, axes) in enumerate(factors):
        base, exponent = _base(factor)
        u = argument_of(base, SIGN) if exponent == 1 else None
        v = argument_of(base, ABS) if exponent == -1 else None
        for j, (other, other_axes) in enumerate(factors):
            partner, power_of_partner = _base(other)
            if other_axes != axes or power_of_partner % 2 != 1:
                continue
            merged: Node | None = None
            if u is not None and partner is u:
                merged = power(apply(ABS, u), power_of_partner)
            elif u is not None and argument_of(partner, ABS) is u:
                merged = power(u, power_of_partner)
            elif v is not None and partner is v and power_of_partner == 1:
                merged = apply(SIGN, v)
            if merged is not None:
                rest = [pair for i, pair in enumerate(factors) if i not in (k, j)]
                return _product(node, [*rest, (merged, axes)])
    return None


@rewrite("recognising a quotient of functions")
def ratio(node: Node) -> Node | None:
    """sinh(u) / cosh(u) = tanh(u) and sin(u) / cos(u) = tan(u)."""
    if not isinstance(node, Contract):
        return None
    for upper, lower, result in ((SINH, COSH, TANH), (SIN, COS, TAN)):
        for k, (factor, axes) in enumerate(node.factors):
            base, exponent = _base(factor)
            u = argument_of(base, upper)
            partner = None if u is None else apply(lower, u)
            for j, (other, other_axes) in enumerate(node.factors):
                below, power_below = _base(other)
                if u is not None and below is partner and other_axes == axes and exponent >= 1 and power_below <= -1:
                    swapped = {k: power(base, exponent - 1), j: power(below, power_below + 1)}
                    factors = [(swapped.get(i, f), a) for i, (f, a) in enumerate(node.factors)]
                    return _product(node, [*factors, (apply(result, u), axes)])
    return None


@rewrite("recognising relu")
def rectifier(node: Node) -> Node | None:
    """maximum(u, 0) = maximum(0, u) = relu(u)."""
    match node:
        case Apply(row=row, arguments=(a, b)) if row is MAXIMUM:
            return apply(RELU, a) if is_zero(b) else apply(RELU, b) if is_zero(a) else None
    return None


@rewrite("step and relu combine")
def steps(node: Node) -> Node | None:
    """step(u)**k = step(u), step(u) * relu(u)**k = relu(u)**k and step(u) * u**k = relu(u)**k for whole positive k."""
    if isinstance(node, Power):
        is_step = argument_of(node.base, STEP) is not None and node.exponent > 0 and node.exponent.denominator == 1
        return node.base if is_step else None
    for k, (factor, axes) in enumerate(node.factors if isinstance(node, Contract) else ()):
        u = argument_of(factor, STEP)
        for j, (other, other_axes) in enumerate(node.factors if u is not None else ()):  # type: ignore[union-attr]
            base, exponent = _base(other)
            whole = exponent > 0 and exponent.denominator == 1 and other_axes == axes
            if u is not None and whole and (base is u or argument_of(base, RELU) is u):
                merged = (power(apply(RELU, u), exponent), axes)
                return _without(node, (k, j), merged)
    return None


@rewrite("a sum that is zero")
def sum_of_definition(node: Node) -> Node | None:
    """A sum over an axis of a named value is zero when that of the value is: r = x - mean(x) gives sum(r) = 0."""
    if not isinstance(node, Contract):
        return None
    every = (*node.out, *(axis for _, axes in node.factors for axis in axes))
    uses = Counter(label for axis in every for label in axis_labels(axis))
    for factor, axes in node.factors:
        for place, axis in enumerate(axes if isinstance(factor, Let) else ()):
            if isinstance(axis, int) and axis not in node.out and uses[axis] == 1:
                value = factor.node if isinstance(factor, Let) else factor
                if is_zero(total(value, place)):
                    return zero(node.shape)
    return None


@rewrite("the entries of a softmax sum to one")
def sum_of_softmax(node: Node) -> Node | None:
    """The sum of a softmax along its axis is 1."""
    if not isinstance(node, Contract):
        return None
    every = (*node.out, *(axis for _, axes in node.factors for axis in axes))
    uses = Counter(label for axis in every for label in axis_labels(axis))
    for k, (factor, axes) in enumerate(node.factors):
        if isinstance(factor, Operation) and factor.row is SOFTMAX:
            along = axes if factor.axis is None else axes[factor.axis : factor.axis + 1]
            if all(isinstance(axis, int) and uses[axis] == 1 and axis not in node.out for axis in along):
                rest = node.factors[:k] + node.factors[k + 1 :]
                kept = tuple(axis for axis in axes if axis not in along)
                sizes = tuple(size for size, axis in zip(factor.shape, axes, strict=True) if axis not in along)
                extents = {label: size for label, size in enumerate(node.extents) if label not in along}
                return contract([*rest, (number(1, sizes), kept)], node.out, extents, node.shape)
    return None


def _without(node: Node, places: tuple[int, ...], factor: Factor) -> Node:
    """The product with one factor in the place of some."""
    assert isinstance(node, Contract)
    return _product(node, [*(pair for i, pair in enumerate(node.factors) if i not in places), factor])


def _base(node: Node) -> tuple[Node, Fraction]:
    return (node.base, node.exponent) if isinstance(node, Power) else (node, ONE)


def _sum_of(node: Node) -> tuple[Node, int | None] | None:
    """(u, axis) when the node is sum(u, axis)."""
    match node:
        case Contract(factors=((inner, axes),), out=out) if len(set(axes)) == len(axes):
            labels: list[Axis] = [axis for axis in axes if isinstance(axis, int)]
            if len(labels) < len(axes) or len(axes) == len(out):
                return None
            if not out:
                return inner, None
            dropped = [place for place, axis in enumerate(axes) if axis not in out]
            if len(dropped) == 1 and tuple(axis for axis in axes if axis in out) == out:
                return inner, dropped[0]
    return None


def _sum_of_squares(node: Operation) -> Node:
    (u,) = node.arguments
    labels = tuple(range(u.rank))
    out = () if node.axis is None else tuple(label for label in labels if label != node.axis)
    return contract([(power(u, TWO), labels)], out, dict(enumerate(u.shape)), node.shape)


def _product(node: Contract, factors: list[Factor]) -> Node:
    return contract(factors, node.out, dict(enumerate(node.extents)), node.shape)


RULES = (
    sigmoid,
    sigmoid_times_exp,
    softplus,
    log_of_exp,
    logsumexp,
    log_of_softmax,
    product_over_entry,
    softmax,
    norm,
    absolute_value,
    ratio,
    rectifier,
    steps,
    sum_of_definition,
    sum_of_softmax,
)
