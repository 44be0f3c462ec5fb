"""The rules of differentiation as data: one table, read by both directions and by the derivations.

A rule turns a node into partials, the linear maps by which its differential depends on its parts. Mutations are the
wrong applications that people make; a derivation can be carried out with one of them in place of the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import TypeAlias, assert_never

from hesse.core.algebra import is_zero, power, scale
from hesse.core.build import call
from hesse.core.indices import labels_of
from hesse.core.nodes import (
    Apply,
    Call,
    Constant,
    Contract,
    Derivative,
    Let,
    Node,
    Operation,
    Partial,
    Power,
    SizeValue,
    Sum,
    Variable,
)
from hesse.errors import ArgumentError

Partials: TypeAlias = tuple[Partial, ...]
Mutation: TypeAlias = Callable[[Partials], Partials]
ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of differentiation: its name in the words of a lecture, its general statement, why, what it does."""

    id: str
    title: str
    statement: str
    why: str
    partials: Callable[[Node], Partials]
    mutations: Mapping[str, Mutation] = field(default_factory=dict)


def drop(position: int) -> Mutation:
    """The mutation that forgets one term."""
    return lambda partials: partials[:position] + partials[position + 1 :]


def flip_sign(partials: Partials) -> Partials:
    """The mutation that takes the wrong sign."""
    return tuple(_scaled(partial, -ONE) for partial in partials)


def _scaled(partial: Partial, by: Fraction) -> Partial:
    return Partial(partial.child, partial.coefficient * by, partial.factors, partial.hole, partial.out, partial.extents)


def _identity(child: Node, coefficient: Fraction = ONE) -> Partial:
    labels = tuple(range(child.rank))
    return Partial(child, coefficient, (), labels, labels, child.shape)


def _elementwise(child: Node, derivative: Node) -> Partials:
    """d f(u) = f'(u) * d u, entry by entry; nothing where f' is zero."""
    if is_zero(derivative):
        return ()
    labels = tuple(range(child.rank))
    return (Partial(child, ONE, ((derivative, labels),), labels, labels, child.shape),)


def _nothing(node: Node) -> Partials:
    return ()


def _definition(node: Node) -> Partials:
    assert isinstance(node, Let)
    return (_identity(node.node),)


def _linearity(node: Node) -> Partials:
    assert isinstance(node, Sum)
    return tuple(_identity(term, coefficient) for coefficient, term in node.terms)


def _product(node: Node) -> Partials:
    """One term for each factor, with that factor differentiated and the others left."""
    assert isinstance(node, Contract)
    return tuple(
        Partial(factor, ONE, node.factors[:k] + node.factors[k + 1 :], axes, node.out, node.extents)
        for k, (factor, axes) in enumerate(node.factors)
    )


def _power(node: Node) -> Partials:
    assert isinstance(node, Power)
    return _elementwise(node.base, scale(node.exponent, power(node.base, node.exponent - 1)))


def _function(node: Node) -> Partials:
    assert isinstance(node, Apply)
    derivatives = node.row.partials(node, *node.arguments)
    return tuple(
        partial
        for argument, derivative in zip(node.arguments, derivatives, strict=True)
        for partial in _elementwise(argument, derivative)
    )


def _operator(node: Node) -> Partials:
    assert isinstance(node, Operation)
    return node.row.partials(node)


def _undefined(node: Node) -> Partials:
    """d g(u) = J_g(u) d u."""
    assert isinstance(node, Call)
    derivative = call(node.function, node.domain, node.codomain, node.order + 1, node.argument)
    if not node.domain and not node.codomain:
        return _elementwise(node.argument, derivative)
    out = tuple(range(node.rank))
    hole = tuple(range(node.rank, derivative.rank))
    return (Partial(node.argument, ONE, ((derivative, out + hole),), hole, out, derivative.shape),)


def _refused(node: Node) -> Partials:
    raise ArgumentError("an unevaluated derivative cannot be differentiated again")


_SIGN = MappingProxyType({"sign": flip_sign})
_TERMS = MappingProxyType({"sign": flip_sign, "first term missing": drop(0), "second term missing": drop(1)})

CONSTANT = Rule(
    "constant",
    "derivative of a constant",
    "d c = 0",
    "what does not depend on the variable does not change with it",
    _nothing,
)
VARIABLE = Rule(
    "variable",
    "derivative of the variable itself",
    "∂x/∂x = I",
    "the i-th entry changes by as much as the i-th entry does, and not with the others",
    _nothing,
)
DEFINITION = Rule(
    "definition",
    "a name stands for its value",
    "r = e gives dr = de",
    "both are the same function",
    _definition,
)
LINEARITY = Rule(
    "linearity",
    "linearity",
    "d(a u + b v) = a du + b dv",
    "the limit of a sum is the sum of the limits, and constant factors come out of both",
    _linearity,
    _TERMS,
)
PRODUCT = Rule(
    "product",
    "product rule",
    "d(u v) = du v + u dv",
    "(u + du)(v + dv) = u v + du v + u dv + du dv, and the last term is small of second order; "
    "the same for any product that is linear in each of its factors",
    _product,
    _TERMS,
)
POWER = Rule(
    "power",
    "power rule",
    "d(uᵖ) = p uᵖ⁻¹ du",
    "the product rule p times for a whole number p; for others uᵖ = exp(p log u)",
    _power,
    _SIGN,
)
FUNCTION = Rule(
    "chain",
    "chain rule for an elementwise function",
    "d φ(u) = φ′(u) ⊙ du",
    "entry i of the value depends on entry i of the argument only, with the slope φ′(uᵢ)",
    _function,
    _TERMS,
)
OPERATOR = Rule(
    "operator",
    "derivative of a function of arrays",
    "d F(u) = F′(u)[du]",
    "the chain rule: the linear map that approximates F, applied to the change of its argument",
    _operator,
    _TERMS,
)
UNDEFINED = Rule(
    "undefined",
    "chain rule",
    "d g(u) = J_g(u) du",
    "the best linear approximation of a composition is the composition of the best linear approximations",
    _undefined,
    _SIGN,
)
UNEVALUATED = Rule("unevaluated", "derivative not carried out", "", "", _refused)

# What a product with a single factor that depends on the variable is called: all are linearity.
SUM = Rule("sum", "sum over components", "d ∑ᵢ uᵢ = ∑ᵢ duᵢ", "a finite sum: linearity", _product)
FACTOR = Rule("factor", "a constant factor comes out", "d(c u) = c du", "linearity", _product)
MATRIX = Rule("matrix", "a constant matrix comes out", "d(A u) = A du", "each entry is a sum: linearity", _product)
DOT = Rule("dot", "an inner product with a constant", "d(aᵀ u) = aᵀ du", "a sum of entries: linearity", _product)
TRACE = Rule("trace", "the trace is linear", "d tr(U) = tr(dU)", "a sum of entries: linearity", _product)
ENTRIES = Rule(
    "entries",
    "entry by entry",
    "d(Uᵀ) = (dU)ᵀ, d(u[i]) = (du)[i]",
    "transposing, reshaping and taking entries moves the entries and does nothing else",
    _product,
)

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        rule.id: rule
        for rule in (
            CONSTANT,
            VARIABLE,
            DEFINITION,
            LINEARITY,
            PRODUCT,
            POWER,
            FUNCTION,
            OPERATOR,
            UNDEFINED,
            UNEVALUATED,
            SUM,
            FACTOR,
            MATRIX,
            DOT,
            TRACE,
            ENTRIES,
        )
    }
)


def rule_for(node: Node) -> Rule:
    """The rule that differentiates the node."""
    match node:
        case Variable():
            return VARIABLE
        case Constant() | SizeValue():
            return CONSTANT
        case Let():
            return DEFINITION
        case Sum():
            return LINEARITY
        case Contract():
            return PRODUCT
        case Power():
            return POWER
        case Apply():
            return FUNCTION
        case Operation():
            return OPERATOR
        case Call():
            return UNDEFINED
        case Derivative():
            return UNEVALUATED
        case _:
            assert_never(node)


LINEAR = frozenset(rule.id for rule in (CONSTANT, VARIABLE, LINEARITY, SUM, FACTOR, MATRIX, DOT, TRACE, ENTRIES))
"""The rules that only take a derivative into a linear expression."""


def taught_rule(node: Node, partials: Partials) -> Rule:
    """The rule under the name that it has in a lecture: a product with one factor that varies is linear."""
    if not isinstance(node, Contract) or len(partials) != 1:
        return rule_for(node)
    (partial,) = partials
    summed = labels_of(partial.hole) - labels_of(node.out)
    if not partial.factors:
        if not summed:
            return ENTRIES
        return TRACE if len(set(partial.hole)) < len(partial.hole) else SUM
    if not summed:
        return FACTOR
    if not node.out and len(partial.factors) == 1 and partial.factors[0][1] == partial.hole[::-1] != partial.hole:
        return TRACE
    return MATRIX if node.out else DOT
