"""Definiteness: matrices, and maps of arrays, whose quadratic form has one sign, proved from signs and squares.

A product is positive semidefinite where it is a sandwich: nonnegative weights on shared labels, positive semidefinite
matrices in the middle, the same factors on both sides. Sums of such terms are; so are, though not term by term,
covariances diag(p) - p pᵀ of probability vectors, r @ r * I - r rᵀ, and sums over windows (`hesse.facts.windows`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from weakref import WeakKeyDictionary

from hesse.core.algebra import add, is_zero, scale
from hesse.core.indices import labels_of, nonnegative
from hesse.core.nodes import Contract, Let, Node, Operation, Power, Sum, Variable
from hesse.core.ranges import Range
from hesse.core.sizes import equal
from hesse.core.traverse import postorder
from hesse.facts.covers import covariances, is_nonnegative, scaled, square_covers, without_scalars
from hesse.facts.mirror import Mirror, mirrors
from hesse.facts.terms import ONE, Term, as_term, spread, terms_of
from hesse.facts.values import product, values
from hesse.facts.windows import grouped
from hesse.functions.linear_algebra import MATPOW
from hesse.functions.operators import INV


@dataclass(frozen=True, slots=True)
class Definite:
    """A proof that the quadratic form is nonnegative, or positive except at zero where it is `strict`."""

    strict: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Definiteness:
    """The proofs for the node and for its negative."""

    above: Definite | None = None
    below: Definite | None = None

    @property
    def opposite(self) -> Definiteness:
        """That of the negative."""
        return Definiteness(self.below, self.above)


UNKNOWN = Definiteness()
_KNOWN: WeakKeyDictionary[Node, Definiteness] = WeakKeyDictionary()


def definiteness(root: Node) -> Definiteness:
    """What is proved of the quadratic form of a square matrix, or of a map between arrays of one shape."""
    if not _is_square(root):
        return UNKNOWN
    if root not in _KNOWN:
        for node in postorder(root):
            if node not in _KNOWN and _is_square(node) and (node.rank == 2 or node is root):
                _KNOWN[node] = _definiteness(node)
    return _KNOWN[root]


def _is_square(node: Node) -> bool:
    half = node.rank // 2
    sides = zip(node.shape[:half], node.shape[half:], strict=False)
    return node.rank > 0 and node.rank % 2 == 0 and all(equal(*sizes) for sizes in sides)


def _definiteness(node: Node) -> Definiteness:
    match node:
        case Variable(attributes=attributes):
            declared = Definite(True, f"{node.name} is declared positive definite")
            return Definiteness(declared) if "spd" in attributes else UNKNOWN
        case Let(node=inner):
            return _KNOWN.get(inner, UNKNOWN)
        case Operation(row=row, arguments=(argument, *_)) if row is INV:
            known = _KNOWN.get(argument, UNKNOWN)
            return Definiteness(_inverted(known.above), _inverted(known.below))
        case Operation(row=row, arguments=(argument, _)) if row is MATPOW:
            base = _KNOWN.get(argument, UNKNOWN).above
            return Definiteness(None if base is None else Definite(base.strict, f"a power of what is {_of(base)}"))
        case Power(base=base, exponent=exponent) if exponent > 0 and exponent.denominator == 1 and node.rank == 2:
            # The elementwise product of semidefinite matrices is semidefinite (Schur).
            return Definiteness(_KNOWN.get(base, UNKNOWN).above)
        case Sum() | Contract():
            return Definiteness(_summed(node, 1), _summed(node, -1))
        case _:
            return UNKNOWN


def _of(proof: Definite) -> str:
    return "positive definite" if proof.strict else "positive semidefinite"


def _inverted(argument: Definite | None) -> Definite | None:
    return None if argument is None else Definite(True, "the inverse of a definite matrix")


def _summed(node: Node, sign: int) -> Definite | None:
    if is_zero(node):
        return Definite(False, "zero")
    return _Balance(terms_of(node), sign).proof() or _Balance(spread(node), sign).proof()


class _Balance:
    """The terms of a sum, times a sign, on the way to a proof: nonnegative ones, of which others are paid."""

    def __init__(self, terms: tuple[Term, ...], sign: int) -> None:
        self.sign = sign
        self.strict = False
        self.reasons: dict[str, None] = {}
        self.credit: dict[Node, Fraction] = {}
        self.found: dict[Node, _Sandwich] = {}
        self.terms = list(terms)

    def proof(self) -> Definite | None:
        """The proof that the sum is nonnegative, or None."""
        self._take_windows()
        debts = []
        for term in self.terms:
            found = next(_sandwiches(term), None)
            if found is None:
                return None
            if term.coefficient * self.sign * found.sign > 0:
                self.credit[term.node] = abs(term.coefficient)
                self.found[term.node] = found
                self.reasons.setdefault(found.reason)
            else:
                debts.append(term)
        if not all(self._paid(term) for term in debts):
            return None
        self.strict = self.strict or any(self.found[node].strict and credit > 0 for node, credit in self.credit.items())
        return Definite(self.strict, " and ".join(self.reasons))

    def _take_windows(self) -> None:
        for group in grouped(self.terms):
            weight = product(group.weights, [values(node) for node, _ in group.weights])
            if len(group.terms) > 1 and group.sign(weight) == self.sign:
                self.strict = self.strict or group.strict
                self.reasons.setdefault("the coefficients of its windows are semidefinite")
                self.terms = [term for term in self.terms if term not in group.terms]

    def _paid(self, debt: Term) -> bool:
        """Whether a nonpositive term is outweighed by what is left of a nonnegative one."""
        for sandwiched in _sandwiches(debt):
            for cover in covariances(debt, sandwiched.mirror):
                coefficient, node = scaled(cover)
                due = abs(debt.coefficient) * coefficient
                if self.credit.get(node, Fraction(0)) >= due > 0:
                    self.credit[node] -= due
                    self.reasons.setdefault("the covariance of a probability vector")
                    return True
        return any(self._paid_by_squares(debt, each.mirror) for each in _sandwiches(debt))

    def _paid_by_squares(self, debt: Term, mirror: Mirror) -> bool:
        """(sum of r_u**2) (sum of a_u a_uᵀ) - (sum of r_u a_u)(sum of r_u a_u)ᵀ, by Cauchy and Schwarz."""
        for core, square in square_covers(debt, mirror):
            weight, plain = scaled(core)
            for node, credit in self.credit.items():
                scalar, rest = without_scalars(as_term(ONE, node))
                # Signs are those of the terms: the scalar itself may be negative.
                owed = scale(debt.coefficient * self.sign * weight, square)
                if rest is plain and is_nonnegative(add([(credit * self.found[node].sign, scalar), (1, owed)], ())):
                    self.credit[node] = Fraction(0)
                    self.reasons.setdefault("the inequality of Cauchy and Schwarz")
                    return True
        return False


@dataclass(frozen=True, slots=True)
class _Sandwich:
    """A term of one sign, with its mirror image."""

    sign: int
    strict: bool
    reason: str
    mirror: Mirror


def _sandwiches(term: Term) -> Iterator[_Sandwich]:
    """The proofs that the term's node is of one sign."""
    for mirror in mirrors(term):
        weight = product(mirror.weights, [values(node) for node, _ in mirror.weights])
        sign = _sign(weight)
        strict = weight.positive or weight.negative
        for node, _ in mirror.bridges:
            found = definiteness(node)
            bridge = found.above or found.below
            if bridge is None:
                sign = 0
                break
            sign = sign if found.above else -sign
            strict = strict and bridge.strict
        if sign:
            yield _Sandwich(sign, strict and _is_regular(term, mirror), _reason(mirror), mirror)


def _reason(mirror: Mirror) -> str:
    if mirror.pairs:
        return "a product of a factor and its transpose around weights of one sign"
    return "a definite factor" if mirror.bridges else "a diagonal of one sign"


def _sign(weight: Range) -> int:
    return 1 if weight.nonnegative else -1 if weight.nonpositive else 0


def _is_regular(term: Term, mirror: Mirror) -> bool:
    """Whether the form is definite when its weights and bridges are: nothing is projected, placed or empty."""
    half = term.out[: len(term.out) // 2]
    labels = [axis for axis in half if isinstance(axis, int)]
    if mirror.pairs or len(labels) < len(half) or len(set(labels)) < len(labels):
        return False
    bridged = [axis for _, axes in mirror.bridges for axis in axes]
    apart = {label for label in labels_of(term.out) if mirror.image[label] != label}
    summed = [size for label, size in enumerate(term.extents) if label not in term.out]
    return len(bridged) == len(set(bridged)) and set(bridged) == apart and all(nonnegative(s - 1) for s in summed)


def names(found: Definiteness) -> Iterable[tuple[str, str]]:
    """The facts proved, with their reasons; of two the stronger implies the weaker, and both are there."""
    for proof, word in ((found.above, "positive"), (found.below, "negative")):
        if proof is not None:
            yield f"{word}-semidefinite", proof.reason
            if proof.strict:
                yield f"{word}-definite", proof.reason
