"""Convexity by composition: what the parts of an expression and the rules of disciplined convex programming prove.

The rules (Boyd and Vandenberghe, Convex Optimization, section 3.2; Grant, Boyd and Ye, Disciplined convex programming)
need no derivative, so they hold at kinks too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from hesse.core.nodes import Apply, Contract, Let, Node, Operation, Power, Sum, Variable
from hesse.core.ranges import Range
from hesse.core.traverse import children, postorder
from hesse.facts.definite import definiteness
from hesse.facts.values import product, values

Monotone = Literal["increasing", "decreasing", "increasing where nonnegative", ""]
ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Bend:
    """Whether every entry is proved convex, and concave, in the variables; both for affine ones. With the reasons."""

    convex: bool = False
    concave: bool = False
    reasons: tuple[str, ...] = ()

    @property
    def affine(self) -> bool:
        """Whether it is both."""
        return self.convex and self.concave

    def turned(self) -> Bend:
        """That of the negative."""
        return Bend(self.concave, self.convex, self.reasons)

    def because(self, reason: str) -> Bend:
        """The same with one more reason."""
        return Bend(self.convex, self.concave, tuple(dict.fromkeys((*self.reasons, reason))))


UNKNOWN = Bend()
AFFINE = Bend(True, True)
CURVES: Mapping[str, tuple[int, Monotone]] = {
    "exp": (1, "increasing"),
    "expm1": (1, "increasing"),
    "softplus": (1, "increasing"),
    "relu": (1, "increasing"),
    "abs": (1, "increasing where nonnegative"),
    "cosh": (1, "increasing where nonnegative"),
    "gammaln": (1, ""),
    "var": (1, ""),
    "log": (-1, "increasing"),
    "log1p": (-1, "increasing"),
    "sqrt": (-1, "increasing"),
    "maximum": (1, "increasing"),
    "minimum": (-1, "increasing"),
    "logsumexp": (1, "increasing"),
    "max": (1, "increasing"),
    "min": (-1, "increasing"),
    "norm": (1, "increasing where nonnegative"),
    "norm1": (1, "increasing where nonnegative"),
}
"""1 for convex and -1 for concave functions of all arguments, where these have a value, and in which way they go."""


def bend(root: Node, variables: frozenset[Variable]) -> Bend:
    """What the composition rules prove of the node as a function of the variables, on a convex domain."""
    found: dict[Node, Bend] = {}
    for node in postorder(root):
        parts = {child: found[child] for child in children(node)}
        found[node] = _bend(node, parts, variables)
    return found[root]


def _bend(node: Node, parts: Mapping[Node, Bend], variables: frozenset[Variable]) -> Bend:
    if all(part.affine and not part.reasons for part in parts.values()) and not _varies(node, variables):
        return AFFINE
    match node:
        case Variable():
            return Bend(True, True, ("affine",)) if node in variables else AFFINE
        case Let(node=inner):
            return parts[inner]
        case Sum(terms=terms):
            return _sum([parts[term] if c > 0 else parts[term].turned() for c, term in terms])
        case Contract():
            return _product(node, parts)
        case Power(base=base, exponent=exponent):
            return _power(base, exponent, parts[base])
        case Apply(row=row, arguments=arguments) | Operation(row=row, arguments=arguments):
            return _function(row.name, [(argument, parts[argument]) for argument in arguments])
        case _:
            return UNKNOWN


def _varies(node: Node, variables: frozenset[Variable]) -> bool:
    return any(part in variables for part in postorder(node))


def _sum(terms: Sequence[Bend]) -> Bend:
    reasons = tuple(dict.fromkeys(reason for term in terms for reason in term.reasons))
    return Bend(all(term.convex for term in terms), all(term.concave for term in terms), reasons)


def _product(node: Contract, parts: Mapping[Node, Bend]) -> Bend:
    """Constants of one sign times one part that varies; linear in it, whatever the axes do."""
    varying = [k for k, (factor, _) in enumerate(node.factors) if parts[factor].reasons or not parts[factor].affine]
    if len(varying) != 1:
        return UNKNOWN
    inner = parts[node.factors[varying[0]][0]]
    if inner.affine:
        return inner
    rest = [pair for k, pair in enumerate(node.factors) if k != varying[0]]
    weight = product(rest, [values(factor) for factor, _ in rest]) if rest else Range(ONE, ONE)
    return inner if weight.nonnegative else inner.turned() if weight.nonpositive else UNKNOWN


def _power(base: Node, exponent: Fraction, inner: Bend) -> Bend:
    known = values(base)
    even = exponent.denominator == 1 and exponent % 2 == 0
    if exponent > 0 and even and inner.affine:
        return Bend(True, False, inner.reasons).because("an even power is convex")
    if exponent >= 1 and inner.convex and (known.nonnegative or exponent.denominator != 1):
        # A broken exponent has a value where the base is nonnegative only, and increases there.
        return Bend(True, False, inner.reasons).because("a power of at least 1 is convex and increasing on x >= 0")
    if 0 < exponent < 1 and inner.concave:
        return Bend(False, True, inner.reasons).because("a root is concave and increasing")
    if exponent < 0 and inner.concave and (known.positive or exponent.denominator != 1):
        return Bend(True, False, inner.reasons).because("a negative power is convex and decreasing on x > 0")
    return UNKNOWN


def _function(name: str, arguments: Sequence[tuple[Node, Bend]]) -> Bend:
    if name == "logdet":
        (argument, inner) = arguments[0]
        proved = definiteness(argument).above
        return Bend(False, True, inner.reasons).because(_LOGDET) if inner.affine and proved else UNKNOWN
    if name not in CURVES:
        return UNKNOWN
    if name == "gammaln" and not values(arguments[0][0]).positive:
        # Between the poles on the negative side it is convex as well, but its domain falls apart there.
        return UNKNOWN
    sign, way = CURVES[name]
    reasons = tuple(dict.fromkeys(reason for _, inner in arguments for reason in inner.reasons))
    reason = f"{name} is {'convex' if sign > 0 else 'concave'}" + (f" and {way}" if way else "")
    fits = all(_fits(argument, inner if sign > 0 else inner.turned(), way) for argument, inner in arguments)
    return Bend(sign > 0, sign < 0, reasons).because(reason) if fits else UNKNOWN


def _fits(argument: Node, inner: Bend, way: Monotone) -> bool:
    """Whether a convex function that goes this way stays convex around the argument."""
    if inner.affine:
        return True
    if way == "increasing" or (way == "increasing where nonnegative" and values(argument).nonnegative):
        return inner.convex
    return way == "decreasing" and inner.concave


_LOGDET = "log det is concave on positive definite matrices"
